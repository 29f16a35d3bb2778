/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_JSON_H
#define AK_JSON_H
/* JSON: jansson reads, a small append writer writes. */
#include <jansson.h>

#include "base/base.h"

static inline void json_auto_(json_t **p)
{
    json_decref(*p);
}
#define AK_AUTO_JSON __attribute__((cleanup(json_auto_))) json_t *

/* Parses a body: duplicate keys, nesting deeper than 32, NUL and bad UTF-8 are refused, NaN and
 * trailing bytes too. '*ret_json' is the caller's reference. AK_BAD_JSON with the position. */
int ak_json_parse(const char *text, size_t len, json_t **ret_json, struct ak_error *err);

/* The writer appends to a bounded buffer; commas and escapes are its business. Members need
 * ak_json_key() first; values inside arrays do not. Overflow is sticky in the buffer. */
struct ak_json {
    struct ak_buf *buf;
    bool need_comma;
};
static inline struct ak_json ak_json_on(struct ak_buf *buf)
{
    return (struct ak_json){.buf = buf};
}
void ak_json_object(struct ak_json *w);
void ak_json_object_end(struct ak_json *w);
void ak_json_array(struct ak_json *w);
void ak_json_array_end(struct ak_json *w);
void ak_json_key(struct ak_json *w, const char *key);
void ak_json_str(struct ak_json *w,
                 const char *s); /* NULL writes null; bytes that are not UTF-8 become U+FFFD */
void ak_json_int(struct ak_json *w, int64_t n);
void ak_json_bool(struct ak_json *w, bool b);
void ak_json_null(struct ak_json *w);
void ak_json_raw(struct ak_json *w,
                 const char *text); /* 'text' is JSON already; NULL writes null */
/* Key and value at once. */
void ak_json_kstr(struct ak_json *w, const char *key, const char *s);
void ak_json_kint(struct ak_json *w, const char *key, int64_t n);
void ak_json_kbool(struct ak_json *w, const char *key, bool b);
void ak_json_knull(struct ak_json *w, const char *key);
void ak_json_kraw(struct ak_json *w, const char *key, const char *text);
void ak_json_ktime(struct ak_json *w, const char *key, int64_t time_us,
                   enum ak_time_format format); /* 0 = null */

/* Canonical form (RFC 8785 for the values we write: sorted keys, no blanks, integers only). Used
 * for audit envelopes, which are hashed. AK_INTERNAL for a real number. */
int ak_json_canonical(const json_t *value, struct ak_buf *out, struct ak_error *err);

#endif
