/* SPDX-License-Identifier: Apache-2.0 */
/* Framing of OVSDB JSON-RPC (RFC 7047, section 4): finds where one message ends and the next
 * begins, without parsing. What is found goes to jansson; what cannot be a JSON object or grows
 * beyond the limit ends the connection. Fuzzed by tests/fuzz/ovsdb_frame.c. */
#include "engine/ovn/ovsdb_frame.h"

void ovsdb_frame_init(struct ovsdb_frame *frame, size_t max)
{
    *frame = (struct ovsdb_frame){0};
    ak_buf_init(&frame->buf, max);
}

void ovsdb_frame_done(struct ovsdb_frame *frame)
{
    ak_buf_done(&frame->buf);
}

int ovsdb_frame_add(struct ovsdb_frame *frame, const void *bytes, size_t len, struct ak_error *err)
{
    ak_buf_add(&frame->buf, bytes, len);
    if (!ak_buf_ok(&frame->buf)) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)frame->buf.max));
    }
    return 0;
}

/* Looks at one byte; true when it ends the message. */
static bool scan(struct ovsdb_frame *frame, char c)
{
    if (frame->in_string) {
        if (frame->escaped) {
            frame->escaped = false;
        } else if (c == '\\') {
            frame->escaped = true;
        } else if (c == '"') {
            frame->in_string = false;
        }
        return false;
    }
    switch (c) {
    case '"':
        frame->in_string = true;
        return false;
    case '{':
    case '[':
        frame->depth++;
        return false;
    case '}':
    case ']':
        frame->depth--;
        return frame->depth == 0;
    default:
        return false;
    }
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int ovsdb_frame_next(struct ovsdb_frame *frame, size_t *ret_len, struct ak_error *err)
{
    if (frame->depth == 0 && frame->scanned == 0) {
        size_t skip = 0;
        while (skip < frame->buf.len && blank(frame->buf.data[skip])) {
            skip++;
        }
        ak_buf_consume(&frame->buf, skip);
        if (frame->buf.len > 0 && frame->buf.data[0] != '{') {
            return ak_fail(err, AK_BAD_JSON, "an OVSDB message must be an object");
        }
    }
    while (frame->scanned < frame->buf.len) {
        bool end = scan(frame, frame->buf.data[frame->scanned]);
        frame->scanned++;
        if (frame->depth > OVSDB_DEPTH_MAX) {
            return ak_fail(err, AK_BAD_JSON, "an OVSDB message is nested too deeply");
        }
        if (end) {
            *ret_len = frame->scanned;
            return 1;
        }
    }
    return 0;
}

void ovsdb_frame_drop(struct ovsdb_frame *frame, size_t len)
{
    ak_buf_consume(&frame->buf, len);
    frame->scanned = 0;
    frame->depth = 0;
    frame->in_string = false;
    frame->escaped = false;
}
