/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes of a mail's text to clean UTF-8: the charsets of Japan as they really come, HTML
 * to what it says, no control characters. */
#include "incident/incident_mail.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>

/* ---- Charsets -------------------------------------------------------------------------------- */

/* ISO-2022-JP to EUC-JP, by its escapes only: iconv's decoder of it knows none of the characters
 * that mailers add to it (circled numbers and the like), its decoder of EUC-JP-MS knows them all.
 */
static void from_2022_jp(const char *bytes, size_t size, struct ak_buf *out)
{
    enum { ASCII, KANA, TWO, SUPPLEMENT } mode = ASCII;
    static const struct {
        const char *escape;
        int mode;
    } escapes[] = {{"\033$B", TWO},   {"\033$@", TWO},   {"\033$(D", SUPPLEMENT},
                   {"\033(B", ASCII}, {"\033(J", ASCII}, {"\033(I", KANA}};

    for (size_t i = 0; i < size;) {
        bool pair = mode == TWO || mode == SUPPLEMENT;
        size_t k = 0;

        while (k < AK_N(escapes) &&
               (size - i < strlen(escapes[k].escape) ||
                memcmp(bytes + i, escapes[k].escape, strlen(escapes[k].escape)) != 0)) {
            k++;
        }
        if (k < AK_N(escapes)) {
            mode = (unsigned)escapes[k].mode;
            i += strlen(escapes[k].escape);
        } else if (bytes[i] <= ' ' || mode == ASCII ||
                   (pair && (i + 1 == size || bytes[i + 1] <= ' '))) {
            ak_buf_char(out, bytes[i]);
            mode = bytes[i] == '\n' ? ASCII : mode; /* RFC 1468: a line ends in ASCII */
            i++;
        } else {
            ak_buf_str(out, mode == KANA ? "\x8e" : mode == SUPPLEMENT ? "\x8f" : "");
            ak_buf_char(out, (char)(bytes[i] | 0x80));
            i++;
            if (pair) {
                ak_buf_char(out, (char)(bytes[i] | 0x80));
                i++;
            }
        }
    }
}

/* Converts what can be; a '?' stands for each byte that cannot. False: there was such a byte, or no
 * such charset. */
static bool convert(const char *charset, const char *bytes, size_t size, struct ak_buf *out)
{
    iconv_t cd = iconv_open("UTF-8", charset);
    char *in = (char *)(uintptr_t)bytes;
    bool good = true;

    if (cd == (iconv_t)-1) {
        return false;
    }
    while (size > 0 && ak_buf_ok(out)) {
        char block[4096], *to = block;
        size_t room = sizeof(block);
        size_t rc = iconv(cd, &in, &size, &to, &room);

        ak_buf_add(out, block, (size_t)(to - block));
        if (rc == (size_t)-1 && errno != E2BIG) {
            good = false;
            ak_buf_char(out, '?');
            in++;
            size--;
        }
    }
    (void)iconv_close(cd);
    return good;
}

static const char *taken(struct ak_arena *arena, const struct ak_buf *buf)
{
    return ak_arena_strndup(arena, buf->data, ak_utf8_cut(buf->data, buf->len));
}

static bool is_any(const char *charset, const char *const *names)
{
    while (*names && strcasecmp(charset, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

static const char *guessed(struct ak_arena *arena, const char *bytes, size_t size)
{
    static const char *const guesses[] = {"CP932", "EUC-JP-MS", "ISO-8859-1"};

    if (ak_utf8_valid(bytes, size)) {
        return ak_arena_strndup(arena, bytes, size);
    }
    for (size_t i = 0; i < AK_N(guesses); i++) {
        AK_AUTO_BUF out;

        ak_buf_init(&out, 4 * size + 16);
        if (convert(guesses[i], bytes, size, &out)) {
            return taken(arena, &out);
        }
    }
    return ak_arena_strndup(arena, bytes, size); /* the cleaning puts '?' */
}

const char *incident_text_utf8(struct ak_arena *arena, const char *bytes, size_t size,
                               const char *charset)
{
    static const char *const none[] = {"us-ascii", "ascii", "unknown-8bit", "x-unknown", NULL};
    static const char *const sjis[] = {"shift_jis",   "shift-jis", "x-sjis", "sjis",
                                       "windows-31j", "ms_kanji",  NULL};
    static const char *const euc[] = {"euc-jp", "x-euc-jp", "eucjp", NULL};
    bool is_2022 = charset && strncasecmp(charset, "iso-2022-jp", 11) == 0;
    bool escaped = memmem(bytes, size, "\033$", 2) || memmem(bytes, size, "\033(I", 3);
    AK_AUTO_BUF plain, out;

    if (charset && is_any(charset, none)) {
        charset = NULL;
    }
    ak_buf_init(&out, 4 * size + 16);
    ak_buf_init(&plain, 2 * size + 16);
    if (is_2022 || (!charset && escaped)) {
        from_2022_jp(bytes, size, &plain);
        (void)convert("EUC-JP-MS", plain.data, plain.len, &out);
        return taken(arena, &out);
    }
    charset = !charset                ? NULL
              : is_any(charset, sjis) ? "CP932"
              : is_any(charset, euc)  ? "EUC-JP-MS"
                                      : charset;
    if (!charset || strchr(charset, '/') ||
        (!convert(charset, bytes, size, &out) && out.len == 0)) {
        return guessed(arena, bytes, size);
    }
    return taken(arena, &out);
}

/* ---- HTML ------------------------------------------------------------------------------------ */

/* One character by its reference; '*ret_end' behind it. 0: it is none, the text stays as it is. */
static uint32_t character(const char *at, const char **ret_end)
{
    static const struct {
        const char *name;
        uint32_t code;
    } named[] = {{"lt;", '<'},   {"gt;", '>'},    {"amp;", '&'},
                 {"quot;", '"'}, {"apos;", '\''}, {"nbsp;", ' '}};
    char *end = NULL;
    unsigned long code = 0;

    for (size_t i = 0; i < AK_N(named); i++) {
        if (strncasecmp(at, named[i].name, strlen(named[i].name)) == 0) {
            *ret_end = at + strlen(named[i].name);
            return named[i].code;
        }
    }
    if (at[0] != '#' || strspn(at + 1, "0123456789abcdefABCDEFxX") > 8) {
        return 0;
    }
    code = at[1] == 'x' || at[1] == 'X' ? strtoul(at + 2, &end, 16) : strtoul(at + 1, &end, 10);
    if (*end != ';' || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return 0;
    }
    *ret_end = end + 1;
    return (uint32_t)code;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static bool begins(const char *at, const char *const *tags)
{
    while (*tags && strncasecmp(at, *tags, strlen(*tags)) != 0) {
        tags++;
    }
    return *tags != NULL;
}

/* Behind the tag at 'at', the end of the text when it has no end. What is between the beginning and
 * the end of a script, a style, the head or a comment is skipped with it. */
static const char *behind(const char *at)
{
    static const struct {
        const char *begin, *end;
    } skipped[] = {{"<!--", "-->"},
                   {"<script", "</script"},
                   {"<style", "</style"},
                   {"<title", "</title"},
                   {"<template", "</template"}};
    const char *end = at;

    for (size_t i = 0; i < AK_N(skipped); i++) {
        if (strncasecmp(at, skipped[i].begin, strlen(skipped[i].begin)) == 0) {
            end = strcasestr(at, skipped[i].end);
            end = end ? end : at + strlen(at);
            break;
        }
    }
    end = strchr(end, '>');
    return end ? end + 1 : at + strlen(at);
}

const char *incident_text_of_html(struct ak_arena *arena, const char *html)
{
    static const char *const breaks[] = {"<br", "</p", "</div", "</tr", "</li", "</h", NULL};
    char *out = ak_arena_alloc(arena, strlen(html) + 1);
    size_t n = 0;

    while (*html) {
        const char *end = NULL;
        uint32_t code = *html == '&' ? character(html + 1, &end) : 0;

        if (*html == '<') {
            if (begins(html, breaks)) {
                out[n++] = '\n';
            }
            html = behind(html);
        } else if (code) {
            n += put_utf8(out + n, code); /* never longer than its reference */
            html = end;
        } else {
            out[n++] = *html++;
        }
    }
    out[n] = '\0';
    return out;
}

/* ---- Cleaning -------------------------------------------------------------------------------- */

const char *incident_text_clean(struct ak_arena *arena, const char *s, size_t max, bool one_line)
{
    size_t len = s ? strlen(s) : 0, n = 0, chars = 0;
    char *out = ak_arena_alloc(arena, len + 1);

    for (size_t i = 0; i < len && chars < max;) {
        unsigned char c = (unsigned char)s[i];
        size_t bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

        if (i + bytes > len || !ak_utf8_valid(s + i, bytes)) {
            c = '?';
            bytes = 1;
        }
        if (bytes == 1 && (c < 0x20 || c == 0x7f)) {
            c = c == '\r' ? '\0' : one_line || (c != '\n' && c != '\t') ? ' ' : c;
            if (c && !(n == 0 && c == '\n') && !(one_line && (n == 0 || out[n - 1] == ' '))) {
                out[n++] = (char)c;
                chars++;
            }
        } else if (bytes == 1) {
            out[n++] = (char)c;
            chars++;
        } else {
            memcpy(out + n, s + i, bytes);
            n += bytes;
            chars++;
        }
        i += bytes;
    }
    while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\n' || out[n - 1] == '\t')) {
        n--;
    }
    out[n] = '\0';
    return out;
}
