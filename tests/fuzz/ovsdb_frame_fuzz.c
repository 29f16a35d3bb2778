/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: framing of OVSDB messages, fed in two pieces, and the comparison of whatever JSON
 * comes out of it. */
#include "engine/ovn/ovsdb_frame.h"

#include "engine/ovn/ovsdb_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ovsdb_frame frame;
    size_t half = size / 2, len = 0;
    ovsdb_frame_init(&frame, 65536);
    for (int part = 0; part < 2; part++) {
        const uint8_t *bytes = part ? data + half : data;
        if (ovsdb_frame_add(&frame, bytes, part ? size - half : half, NULL) < 0) {
            break;
        }
        while (ovsdb_frame_next(&frame, &len, NULL) == 1) {
            if (len == 0 || len > frame.buf.len || frame.buf.data[0] != '{') {
                abort();
            }
            json_t *message = json_loadb(frame.buf.data, len, JSON_REJECT_DUPLICATES, NULL);
            if (message && !ovsdb_value_equal(message, message)) {
                abort();
            }
            json_decref(message);
            ovsdb_frame_drop(&frame, len);
        }
    }
    ovsdb_frame_done(&frame);
    return 0;
}
