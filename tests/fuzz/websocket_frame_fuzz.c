/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: WebSocket frames, whole and in pieces of 1 to 7 bytes: both must read the same. */
#include "http/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(const uint8_t *data, size_t size, size_t step, struct ak_buf *out,
                struct ak_buf *answer)
{
    struct ak_frames frames = {0};

    for (size_t at = 0; at < size; at += step) {
        size_t n = size - at < step ? size - at : step;
        int rc = ak_frames_feed(&frames, data + at, n, out, answer);

        if (rc != 0) {
            return rc;
        }
        if (frames.closed) {
            return -1;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AK_AUTO_BUF out, answer, out2, answer2;
    size_t step = size > 0 ? 1 + data[0] % 7 : 1;
    int rc = 0, rc2 = 0;

    ak_buf_init(&out, 1 << 20);
    ak_buf_init(&answer, 1 << 20);
    ak_buf_init(&out2, 1 << 20);
    ak_buf_init(&answer2, 1 << 20);
    rc = feed(data, size, size + 1, &out, &answer);
    rc2 = feed(data, size, step, &out2, &answer2);
    if (rc != rc2 || out.len != out2.len || answer.len != answer2.len || out.len > size ||
        memcmp(out.data, out2.data, out.len) != 0 ||
        memcmp(answer.data, answer2.data, answer.len) != 0) {
        abort();
    }
    return 0;
}
