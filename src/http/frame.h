/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_FRAME_H
#define AK_HTTP_FRAME_H
/* Private to src/http: WebSocket frames (RFC 6455 section 5), the server's side. Pure: no sockets,
 * so that tests and the fuzzer feed it bytes. Payloads are passed on as they arrive; nothing but
 * control frames (at most 125 bytes) is held. */
#include "base/base.h"

#define AK_FRAME_MAX ((uint64_t)16 << 20) /* bytes of one frame; larger: close 1009 */

enum ak_opcode {
    AK_WS_CONTINUE = 0,
    AK_WS_TEXT = 1,
    AK_WS_BINARY = 2,
    AK_WS_CLOSE = 8,
    AK_WS_PING = 9,
    AK_WS_PONG = 10
};

struct ak_frames {
    unsigned char head[14];
    size_t head_len;
    uint64_t left; /* bytes of payload still to come */
    unsigned char control[125];
    size_t control_len;
    unsigned char mask[4];
    unsigned mask_at;
    unsigned char opcode; /* of the present frame */
    bool in_payload;
    bool in_message; /* a fragmented message is open */
    bool fin;
    bool closed; /* a close frame came: nothing more is read */
};

/* Reads 'size' bytes from the client: unmasked data goes to 'data', frames that must be answered
 * (pong, close) to 'answer'. Returns 0, or the status code (RFC 6455 7.4.1) to close the
 * connection with: 1002 protocol error, 1003 text, 1009 too big. Stops at a close frame. */
int ak_frames_feed(struct ak_frames *frames, const unsigned char *bytes, size_t size,
                   struct ak_buf *data, struct ak_buf *answer);
/* Appends one unmasked, final frame. */
void ak_frame_write(struct ak_buf *out, enum ak_opcode opcode, const void *payload, size_t size);
/* Appends a close frame with a status code. */
void ak_frame_close(struct ak_buf *out, int code);

#endif
