/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_BUF_H
#define AK_BUF_H
/* A bounded, growing byte buffer: always NUL-terminated, mandatory maximum, sticky overflow, so
 * that appends need no checks and one ak_buf_ok() at the end does. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "mem.h"

struct ak_buf {
    char *data; /* NUL-terminated; never NULL after ak_buf_init() */
    size_t len;
    size_t cap;
    size_t max;    /* bytes, NUL not counted */
    bool overflow; /* sticky: something did not fit; 'data' holds what did */
};

void ak_buf_init(struct ak_buf *buf, size_t max);
void ak_buf_done(struct ak_buf *buf);
#define AK_AUTO_BUF __attribute__((cleanup(ak_buf_done))) struct ak_buf

void ak_buf_add(struct ak_buf *buf, const void *bytes, size_t len);
void ak_buf_str(struct ak_buf *buf, const char *s);
void ak_buf_char(struct ak_buf *buf, char c);
void ak_buf_printf(struct ak_buf *buf, const char *fmt, ...) AK_PRINTF(2, 3);
/* Percent-encoded as a part of a query (RFC 3986). */
void ak_buf_url(struct ak_buf *buf, const char *s);
/* A CSV field (RFC 4180), quoted; NULL is empty. What a spreadsheet would take for a formula, in
 * half or full width, gets an apostrophe. */
void ak_buf_csv(struct ak_buf *buf, const char *text);
void ak_buf_reset(struct ak_buf *buf); /* empties, keeps the memory, clears overflow */
void ak_buf_consume(struct ak_buf *buf, size_t len); /* drops the first 'len' bytes */
static inline bool ak_buf_ok(const struct ak_buf *buf)
{
    return !buf->overflow;
}
/* Hands the bytes to the caller (free()), leaves an empty buffer that must be re-initialised. */
char *ak_buf_steal(struct ak_buf *buf, size_t *ret_len);

#endif
