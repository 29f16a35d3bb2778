/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket frames as RFC 6455 wants them read and written by a server. The relay in websocket.c
 * owns the sockets. */
#include "http/frame.h"

#define PROTOCOL_ERROR 1002
#define NOT_BINARY     1003
#define TOO_BIG        1009

static size_t head_size(const struct ak_frames *f)
{
    unsigned length = f->head[1] & 0x7f;

    if (f->head_len < 2) {
        return 2;
    }
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

static bool is_control(unsigned char opcode)
{
    return opcode >= AK_WS_CLOSE;
}

/* Checks a data frame's place in its message. */
static int check_sequence(struct ak_frames *f)
{
    if (f->opcode == AK_WS_TEXT) {
        return NOT_BINARY;
    }
    if ((f->opcode == AK_WS_CONTINUE) != f->in_message) {
        return PROTOCOL_ERROR;
    }
    f->in_message = !f->fin;
    return 0;
}

/* The head is complete: checks it and starts the payload. */
static int begin_payload(struct ak_frames *f)
{
    unsigned length = f->head[1] & 0x7f;
    size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;

    f->fin = f->head[0] & 0x80;
    f->opcode = f->head[0] & 0x0f;
    f->left = extra > 0 ? 0 : length;
    for (size_t i = 0; i < extra; i++) {
        f->left = f->left << 8 | f->head[2 + i];
    }
    if ((f->head[0] & 0x70) || (f->opcode > AK_WS_BINARY && f->opcode < AK_WS_CLOSE) ||
        f->opcode > AK_WS_PONG) {
        return PROTOCOL_ERROR; /* reserved bits, unknown opcode */
    }
    if (f->left > AK_FRAME_MAX) {
        return TOO_BIG;
    }
    if (is_control(f->opcode) && (f->left > sizeof(f->control) || !f->fin)) {
        return PROTOCOL_ERROR;
    }
    memcpy(f->mask, f->head + 2 + extra, 4);
    f->mask_at = 0;
    f->control_len = 0;
    f->head_len = 0;
    f->in_payload = true;
    return is_control(f->opcode) ? 0 : check_sequence(f);
}

static bool close_code_ok(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static int end_control(struct ak_frames *f, struct ak_buf *answer)
{
    if (f->opcode == AK_WS_PING) {
        ak_frame_write(answer, AK_WS_PONG, f->control, f->control_len);
    } else if (f->opcode == AK_WS_CLOSE) {
        unsigned code = f->control_len >= 2 ? (unsigned)f->control[0] << 8 | f->control[1] : 1000;

        if (f->control_len == 1 || !close_code_ok(code)) {
            return PROTOCOL_ERROR;
        }
        ak_frame_close(answer, (int)code);
        f->closed = true;
    }
    return 0;
}

static size_t take_payload(struct ak_frames *f, const unsigned char *bytes, size_t size,
                           struct ak_buf *data)
{
    unsigned char plain[4096];
    size_t n = size;

    n = n > f->left ? (size_t)f->left : n;
    n = n > sizeof(plain) ? sizeof(plain) : n;
    for (size_t i = 0; i < n; i++) {
        plain[i] = bytes[i] ^ f->mask[f->mask_at++ & 3];
    }
    f->left -= n;
    if (is_control(f->opcode)) {
        memcpy(f->control + f->control_len, plain, n);
        f->control_len += n;
    } else {
        ak_buf_add(data, plain, n);
    }
    return n;
}

int ak_frames_feed(struct ak_frames *frames, const unsigned char *bytes, size_t size,
                   struct ak_buf *data, struct ak_buf *answer)
{
    size_t at = 0;
    int rc = 0;

    while (!frames->closed) {
        if (frames->in_payload) {
            if (frames->left > 0 && at == size) {
                return 0;
            }
            at += take_payload(frames, bytes + at, size - at, data);
            if (frames->left == 0) {
                frames->in_payload = false;
                rc = is_control(frames->opcode) ? end_control(frames, answer) : 0;
            }
        } else {
            if (at == size) {
                return 0;
            }
            frames->head[frames->head_len++] = bytes[at++];
            rc = frames->head_len == 2 && !(frames->head[1] & 0x80)
                     ? PROTOCOL_ERROR /* not masked */
                 : frames->head_len == head_size(frames) ? begin_payload(frames)
                                                         : 0;
        }
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

void ak_frame_write(struct ak_buf *out, enum ak_opcode opcode, const void *payload, size_t size)
{
    ak_buf_char(out, (char)(0x80 | opcode));
    if (size < 126) {
        ak_buf_char(out, (char)size);
    } else if (size < 65536) {
        ak_buf_char(out, 126);
        ak_buf_char(out, (char)(size >> 8));
        ak_buf_char(out, (char)size);
    } else {
        ak_buf_char(out, 127);
        for (int shift = 56; shift >= 0; shift -= 8) {
            ak_buf_char(out, (char)((uint64_t)size >> shift));
        }
    }
    ak_buf_add(out, payload, size);
}

void ak_frame_close(struct ak_buf *out, int code)
{
    const unsigned char payload[2] = {(unsigned char)(code >> 8), (unsigned char)code};

    ak_frame_write(out, AK_WS_CLOSE, payload, sizeof(payload));
}
