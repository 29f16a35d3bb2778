/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded buffer of buf.h. It grows by doubling up to its maximum. */
#include "buf.h"

#include <stdio.h>
#include <string.h>

void ak_buf_init(struct ak_buf *buf, size_t max)
{
    memset(buf, 0, sizeof(*buf));
    buf->max = max;
    buf->cap = max < 255 ? max + 1 : 256;
    buf->data = ak_xcalloc(1, buf->cap);
}

void ak_buf_done(struct ak_buf *buf)
{
    free(buf->data);
    memset(buf, 0, sizeof(*buf));
}

/* Makes room for 'len' more bytes and the NUL, or sets overflow. */
static bool reserve(struct ak_buf *buf, size_t len)
{
    size_t cap = buf->cap;

    if (buf->overflow || len > buf->max - buf->len) {
        buf->overflow = true;
        return false;
    }
    while (cap < buf->len + len + 1) {
        cap *= 2;
    }
    if (cap > buf->max + 1) {
        cap = buf->max + 1;
    }
    if (cap > buf->cap) {
        buf->data = ak_xrealloc(buf->data, cap);
        buf->cap = cap;
    }
    return true;
}

void ak_buf_add(struct ak_buf *buf, const void *bytes, size_t len)
{
    if (len == 0 || !reserve(buf, len)) {
        return;
    }
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void ak_buf_str(struct ak_buf *buf, const char *s)
{
    ak_buf_add(buf, s, strlen(s));
}

void ak_buf_url(struct ak_buf *buf, const char *s)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *s; s++) {
        if (strchr(plain, *s)) {
            ak_buf_char(buf, *s);
        } else {
            ak_buf_printf(buf, "%%%02X", (unsigned char)*s);
        }
    }
}

void ak_buf_char(struct ak_buf *buf, char c)
{
    if (buf->overflow || buf->len + 1 >= buf->cap) {
        ak_buf_add(buf, &c, 1);
        return;
    }
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

void ak_buf_printf(struct ak_buf *buf, const char *fmt, ...)
{
    va_list ap;
    size_t room = buf->overflow ? 0 : buf->cap - buf->len;
    int len = 0;

    va_start(ap, fmt); /* it nearly always fits where it is */
    len = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, fmt, ap);
    va_end(ap);
    if (len >= 0 && (size_t)len < room) {
        buf->len += (size_t)len;
        return;
    }
    if (room > 0) {
        buf->data[buf->len] = '\0';
    }
    if (len < 0 || !reserve(buf, (size_t)len)) {
        buf->overflow = true;
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
    va_end(ap);
    buf->len += (size_t)len;
}

void ak_buf_reset(struct ak_buf *buf)
{
    buf->len = 0;
    buf->overflow = false;
    buf->data[0] = '\0';
}

static bool is_formula(const char *text)
{
    static const char *const begins[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                         "\n", "＝", "＋", "－", "＠"};

    for (size_t i = 0; i < AK_N(begins); i++) {
        if (strncmp(text, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    return false;
}

void ak_buf_csv(struct ak_buf *buf, const char *text)
{
    text = text ? text : "";
    ak_buf_str(buf, is_formula(text) ? "\"'" : "\"");
    for (; *text; text++) {
        if (*text == '"') {
            ak_buf_char(buf, '"');
        }
        ak_buf_char(buf, *text);
    }
    ak_buf_char(buf, '"');
}

void ak_buf_consume(struct ak_buf *buf, size_t len)
{
    if (len > buf->len) {
        len = buf->len;
    }
    memmove(buf->data, buf->data + len, buf->len - len + 1);
    buf->len -= len;
}

char *ak_buf_steal(struct ak_buf *buf, size_t *ret_len)
{
    char *data = buf->data;

    if (ret_len) {
        *ret_len = buf->len;
    }
    memset(buf, 0, sizeof(*buf));
    return data;
}
