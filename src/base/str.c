/* SPDX-License-Identifier: Apache-2.0 */
/* String helpers of str.h. */
#include "str.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "mem.h"

bool ak_starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool ak_ends_with(const char *s, const char *suffix)
{
    size_t len = strlen(s), n = strlen(suffix);

    return len >= n && memcmp(s + len - n, suffix, n) == 0;
}

bool ak_regex_modest(const char *pattern)
{
    int pluses = 0;

    for (const char *c = pattern; *c; c++) {
        if (*c == '{' || c - pattern >= 255) {
            return false;
        }
        pluses += *c == '+';
        if (*c == '\\' && c[1] >= '1' && c[1] <= '9') {
            return false;
        }
    }
    return pluses <= 4;
}

void ak_str_copy(char *out, size_t size, const char *s)
{
    size_t len = 0;

    if (size == 0) {
        return;
    }
    len = strnlen(s ? s : "", size);
    if (len == size) {
        len = ak_utf8_cut(s, size - 1);
    }
    memmove(out, s ? s : "", len);
    out[len] = '\0';
}

bool ak_parse_int(const char *s, int64_t min, int64_t max, int64_t *ret_value)
{
    const char *digits = s && *s == '-' ? s + 1 : s;
    char *end = NULL;
    long long value = 0;

    if (!digits || !isdigit((unsigned char)*digits)) {
        return false;
    }
    errno = 0;
    value = strtoll(s, &end, 10);
    if (errno || *end || value < min || value > max) {
        return false;
    }
    *ret_value = value;
    return true;
}

bool ak_parse_bool(const char *s, bool *ret_value)
{
    static const char *const yes[] = {"true", "1", "yes", "on", "t", "y"};
    static const char *const no[] = {"false", "0", "no", "off", "f", "n"};

    for (size_t i = 0; i < AK_N(yes); i++) {
        if (strcasecmp(s, yes[i]) == 0) {
            *ret_value = true;
            return true;
        }
        if (strcasecmp(s, no[i]) == 0) {
            *ret_value = false;
            return true;
        }
    }
    return false;
}

/* Length of the UTF-8 sequence at 's' (at most 'len' bytes), 0 when invalid. */
static size_t utf8_step(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (n == 0 || n > len || s[0] > 0xf4 || s[0] == 0) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return n;
}

bool ak_utf8_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = utf8_step((const unsigned char *)s + i, len - i);

        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

void ak_utf8_mend(char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len;) {
        size_t n = utf8_step((const unsigned char *)s + i, len - i);

        if (n == 0) {
            s[i] = '?';
        }
        i += n ? n : 1;
    }
}

size_t ak_utf8_cut(const char *s, size_t len)
{
    size_t start = len;

    while (start > 0 && len - start < 4 && ((unsigned char)s[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return len;
    }
    start--;
    return (unsigned char)s[start] < 0xc0 ||
                   utf8_step((const unsigned char *)s + start, len - start) == len - start
               ? len
               : start;
}

size_t ak_utf8_len(const char *s)
{
    size_t n = 0;

    for (; *s; s++) {
        n += ((unsigned char)*s & 0xc0) != 0x80;
    }
    return n;
}

void ak_hex(char *out, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    out[2 * size] = '\0';
}

static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *ak_base64(const void *bytes, size_t size, bool url)
{
    const unsigned char *b = bytes;
    const char *alphabet = url ? base64_url : base64_std;
    char *out = ak_xcalloc(1, (size + 2) / 3 * 4 + 1);
    char *p = out;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned v = (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0) |
                     (left > 2 ? b[i + 2] : 0);

        *p++ = alphabet[v >> 18];
        *p++ = alphabet[v >> 12 & 63];
        if (left > 1) {
            *p++ = alphabet[v >> 6 & 63];
        } else if (!url) {
            *p++ = '=';
        }
        if (left > 2) {
            *p++ = alphabet[v & 63];
        } else if (!url) {
            *p++ = '=';
        }
    }
    return out;
}

static int base64_value(char c)
{
    const char *p = NULL;

    if (c == '\0') {
        return -1;
    }
    p = strchr(base64_std, c);
    if (p) {
        return (int)(p - base64_std);
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

unsigned char *ak_base64_decode(const char *s, size_t len, size_t *ret_size)
{
    unsigned char *out = NULL;
    size_t n = 0;
    unsigned v = 0;

    while (len > 0 && s[len - 1] == '=') {
        len--;
    }
    out = ak_xcalloc(1, len / 4 * 3 + 4);
    for (size_t i = 0; i < len; i++) {
        int d = base64_value(s[i]);

        if (d < 0) {
            free(out);
            return NULL;
        }
        v = v << 6 | (unsigned)d;
        if (i % 4 == 3) {
            out[n++] = (unsigned char)(v >> 16);
            out[n++] = (unsigned char)(v >> 8);
            out[n++] = (unsigned char)v;
            v = 0;
        }
    }
    switch (len % 4) {
    case 1:
        free(out);
        return NULL;
    case 2:
        out[n++] = (unsigned char)(v >> 4);
        break;
    case 3:
        out[n++] = (unsigned char)(v >> 10);
        out[n++] = (unsigned char)(v >> 2);
        break;
    default:
        break;
    }
    *ret_size = n;
    return out;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool ak_url_decode(char *s)
{
    char *out = s;

    for (; *s; s++) {
        if (*s == '%') {
            int hi = hex_value(s[1]);
            int lo = hi < 0 ? -1 : hex_value(s[2]);

            if (lo < 0 || (hi == 0 && lo == 0)) {
                return false;
            }
            *out++ = (char)(hi << 4 | lo);
            s += 2;
        } else {
            *out++ = *s;
        }
    }
    *out = '\0';
    return true;
}

bool ak_unhex(const char *s, void *ret_bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char *out = ret_bytes;

    for (size_t i = 0; i < size; i++) {
        const char *high = s[2 * i] ? strchr(digits, s[2 * i]) : NULL;
        const char *low = high && s[2 * i + 1] ? strchr(digits, s[2 * i + 1]) : NULL;

        if (!low) {
            return false;
        }
        out[i] = (unsigned char)((high - digits) << 4 | (low - digits));
    }
    return true;
}
