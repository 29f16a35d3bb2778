/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_FRAME_H
#define OVSDB_FRAME_H
/* Framing of OVSDB JSON-RPC: messages are JSON objects one after another without a delimiter, so
 * the end of one is found by counting braces outside of strings. */
#include "base/base.h"

#define OVSDB_DEPTH_MAX 256 /* deeper nesting is refused */

struct ovsdb_frame {
    struct ak_buf buf; /* bytes of the message being received */
    size_t scanned;    /* of them already looked at */
    int depth;         /* open braces and brackets */
    bool in_string, escaped;
};

/* 'max' bytes a message at most. */
void ovsdb_frame_init(struct ovsdb_frame *frame, size_t max);
void ovsdb_frame_done(struct ovsdb_frame *frame);
/* Adds received bytes; call ovsdb_frame_next() until it returns 0 afterwards. AK_TOO_LARGE. */
int ovsdb_frame_add(struct ovsdb_frame *frame, const void *bytes, size_t len, struct ak_error *err);
/* 1: the buffer starts with a whole message of '*ret_len' bytes, drop it by ovsdb_frame_drop();
 * 0: more bytes are needed; -AK_BAD_JSON: this can never become an object. */
int ovsdb_frame_next(struct ovsdb_frame *frame, size_t *ret_len, struct ak_error *err);
void ovsdb_frame_drop(struct ovsdb_frame *frame, size_t len);

#endif
