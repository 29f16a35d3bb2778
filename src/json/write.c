/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: appends to a bounded buffer. It knows only whether a comma is due; that braces
 * match is the caller's business and is tested by parsing what was written. */
#include "json/json.h"

#include "json/escape.h"

/* Length of the UTF-8 character at 's', 0 when it is none. */
static size_t utf8_char(const unsigned char *s)
{
    size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

    if (s[0] < 0xc2 || s[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0; /* also stops at the NUL */
        }
    }
    return ak_utf8_valid((const char *)s, len) ? len : 0;
}

static void escape_control(struct ak_buf *out, unsigned char c)
{
    static const char shorts[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
    const char *at = memchr(shorts, c, sizeof(shorts) - 1);

    if (at) {
        ak_buf_char(out, '\\');
        ak_buf_char(out, names[at - shorts]);
    } else {
        ak_buf_printf(out, "\\u%04x", c);
    }
}

void ak_json_escape(struct ak_buf *out, const char *s)
{
    const unsigned char *p = (const unsigned char *)s, *from = p;

    ak_buf_char(out, '"');
    while (true) {
        size_t len = 0;

        while (*p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
            p++;
        }
        if (*p == '\0') {
            break;
        }
        if (*p >= 0x80 && (len = utf8_char(p)) > 0) {
            p += len;
            continue;
        }
        ak_buf_add(out, from, (size_t)(p - from));
        if (*p >= 0x80) {
            ak_buf_str(out, "\xef\xbf\xbd");
        } else {
            escape_control(out, *p);
        }
        from = ++p;
    }
    ak_buf_add(out, from, (size_t)(p - from));
    ak_buf_char(out, '"');
}

static void value_begins(struct ak_json *w)
{
    if (w->need_comma) {
        ak_buf_char(w->buf, ',');
    }
    w->need_comma = true;
}

static void opens(struct ak_json *w, char bracket)
{
    value_begins(w);
    ak_buf_char(w->buf, bracket);
    w->need_comma = false;
}

static void closes(struct ak_json *w, char bracket)
{
    ak_buf_char(w->buf, bracket);
    w->need_comma = true;
}

void ak_json_object(struct ak_json *w)
{
    opens(w, '{');
}

void ak_json_object_end(struct ak_json *w)
{
    closes(w, '}');
}

void ak_json_array(struct ak_json *w)
{
    opens(w, '[');
}

void ak_json_array_end(struct ak_json *w)
{
    closes(w, ']');
}

void ak_json_key(struct ak_json *w, const char *key)
{
    value_begins(w);
    ak_json_escape(w->buf, key);
    ak_buf_char(w->buf, ':');
    w->need_comma = false;
}

void ak_json_str(struct ak_json *w, const char *s)
{
    value_begins(w);
    if (s) {
        ak_json_escape(w->buf, s);
    } else {
        ak_buf_str(w->buf, "null");
    }
}

void ak_json_int(struct ak_json *w, int64_t n)
{
    char text[24];

    value_begins(w);
    ak_buf_str(w->buf, ak_num_(text, n));
}

void ak_json_bool(struct ak_json *w, bool b)
{
    value_begins(w);
    ak_buf_str(w->buf, b ? "true" : "false");
}

void ak_json_null(struct ak_json *w)
{
    value_begins(w);
    ak_buf_str(w->buf, "null");
}

void ak_json_raw(struct ak_json *w, const char *text)
{
    value_begins(w);
    ak_buf_str(w->buf, text ? text : "null");
}

void ak_json_kstr(struct ak_json *w, const char *key, const char *s)
{
    ak_json_key(w, key);
    ak_json_str(w, s);
}

void ak_json_kint(struct ak_json *w, const char *key, int64_t n)
{
    ak_json_key(w, key);
    ak_json_int(w, n);
}

void ak_json_kbool(struct ak_json *w, const char *key, bool b)
{
    ak_json_key(w, key);
    ak_json_bool(w, b);
}

void ak_json_knull(struct ak_json *w, const char *key)
{
    ak_json_key(w, key);
    ak_json_null(w);
}

void ak_json_kraw(struct ak_json *w, const char *key, const char *text)
{
    ak_json_key(w, key);
    ak_json_raw(w, text);
}

void ak_json_ktime(struct ak_json *w, const char *key, int64_t time_us, enum ak_time_format format)
{
    char text[AK_TIME_TEXT];

    ak_json_key(w, key);
    ak_json_str(w, time_us ? ak_time_text(text, time_us, format) : NULL);
}
