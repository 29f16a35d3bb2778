/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_STR_H
#define AK_STR_H
/* Strings: bounded copy, checks, number parsing without surprises, UTF-8. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool ak_streq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}
bool ak_starts_with(const char *s, const char *prefix);
bool ak_ends_with(const char *s, const char *suffix);

/* Whether regcomp() may be given a pattern of a stranger: it writes out what "+" and "{n}" repeat,
 * so that nested ones take all memory, and regexec() tries for ever at back references. Modest is
 * at most 255 bytes with at most four "+", no "{" and no "\\1". */
bool ak_regex_modest(const char *pattern);

/* Copies 's' into 'out' of 'size' bytes, cut on a UTF-8 boundary, always NUL-terminated. */
void ak_str_copy(char *out, size_t size, const char *s);

/* Parses all of 's' as a decimal integer within [min, max]; false otherwise. No blanks, no '+'. */
bool ak_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret_value);
/* "true"/"false"/"1"/"0"/"yes"/"no"/"on"/"off"/"t"/"f"/"y"/"n" in any case (OpenStack's
 * bool_from_string). */
bool ak_parse_bool(const char *s, bool *ret_value);

/* Valid UTF-8 by RFC 3629: no overlong form, no surrogate; NUL bytes are refused. */
bool ak_utf8_valid(const char *s, size_t len);
/* The largest n <= len such that s[0..n) does not end inside a character. */
size_t ak_utf8_cut(const char *s, size_t len);
/* Puts '?' for each byte that is not UTF-8. */
void ak_utf8_mend(char *s);
/* Number of characters (code points) of a valid UTF-8 string. */
size_t ak_utf8_len(const char *s);

/* Lower-case hex of 'size' bytes; 'out' has room for 2*size+1. */
void ak_hex(char *out, const void *bytes, size_t size);
/* The reverse: false unless 's' begins with 2*size lower-case hex digits. */
bool ak_unhex(const char *s, void *ret_bytes, size_t size);
/* Base64 (RFC 4648). Encoded without line breaks; url = URL-safe alphabet without padding. */
char *ak_base64(const void *bytes, size_t size, bool url); /* caller frees */
/* Decodes either alphabet, padding optional; NULL when invalid. Caller frees. */
unsigned char *ak_base64_decode(const char *s, size_t len, size_t *ret_size);

/* Percent-decodes in place ('+' stays). False when a sequence is invalid or yields NUL. */
bool ak_url_decode(char *s);

#endif
