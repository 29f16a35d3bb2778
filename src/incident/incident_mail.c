/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a message that a stranger wrote: GMime parses, under limits that are checked before it
 * sees the bytes; what comes out is plain text of bounded length. Nothing of an attachment is kept,
 * nothing of HTML but its text. */
#include "incident/incident_mail.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <strings.h>

#include "incident/incident_internal.h"
#include "mail/mail.h"

#define HEAD_MAX       ((size_t)256 * 1024) /* bytes of the message's own header */
#define HEADERS_MAX    500
#define BOUNDARIES_MAX 50 /* multiparts of multiparts are a bomb, not a report */

/* ---- Limits ---------------------------------------------------------------------------------- */

static size_t head_size(const char *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (bytes[i] == '\n' && (bytes[i + 1] == '\n' ||
                                 (bytes[i + 1] == '\r' && i + 2 < size && bytes[i + 2] == '\n'))) {
            return i;
        }
    }
    return size;
}

static size_t count(const char *bytes, size_t size, const char *word)
{
    size_t n = 0, len = strlen(word);

    for (size_t i = 0; i + len <= size; i++) {
        if (strncasecmp(bytes + i, word, len) == 0) {
            n++;
            i += len - 1;
        }
    }
    return n;
}

static int check_limits(const char *bytes, size_t size, struct ak_error *err)
{
    size_t head = head_size(bytes, size);

    if (size > INCIDENT_MAIL_MAX) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)INCIDENT_MAIL_MAX));
    }
    if (head > HEAD_MAX || count(bytes, head, "\n") > HEADERS_MAX) {
        return ak_fail(err, AK_MAIL_UNREADABLE, "its header is too long");
    }
    if (count(bytes, size, "boundary") > BOUNDARIES_MAX ||
        count(bytes, size, "message/rfc822") > BOUNDARIES_MAX) {
        return ak_fail(err, AK_MAIL_UNREADABLE, "it has too many parts");
    }
    return 0;
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* Clean text of at most 'max' characters: UTF-8, no control characters but line ends and tabs (in
 * one line: none). Never NULL. */
static const char *clean(struct ak_arena *arena, const char *s, size_t max, bool one_line)
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
            if (c && !(one_line && (n == 0 || out[n - 1] == ' '))) {
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

/* What remains of HTML without its tags, styles and scripts; entities stay as they are written. */
static const char *without_tags(struct ak_arena *arena, const char *html)
{
    char *out = ak_arena_alloc(arena, strlen(html) + 1);
    const char *skip = NULL; /* the end tag that is waited for */
    size_t n = 0;

    while (*html) {
        const char *close = NULL;

        if (*html != '<') {
            if (!skip) {
                out[n++] = *html;
            }
            html++;
            continue;
        }
        if (skip && strncasecmp(html, skip, strlen(skip)) == 0) {
            skip = NULL;
        } else if (!skip && strncasecmp(html, "<style", 6) == 0) {
            skip = "</style";
        } else if (!skip && strncasecmp(html, "<script", 7) == 0) {
            skip = "</script";
        } else if (!skip && (strncasecmp(html, "<br", 3) == 0 || strncasecmp(html, "</p", 3) == 0 ||
                             strncasecmp(html, "</div", 5) == 0)) {
            out[n++] = '\n';
        }
        close = strchr(html, '>');
        html = close ? close + 1 : html + strlen(html);
    }
    out[n] = '\0';
    return out;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

struct parts {
    GMimeTextPart *plain, *html; /* the first of each that is no attachment */
};

static void look_at_part(GMimeObject *parent, GMimeObject *part, gpointer data)
{
    struct parts *parts = data;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    GMimeTextPart **place = NULL;

    (void)parent;
    if (!GMIME_IS_TEXT_PART(part) || g_mime_part_is_attachment(GMIME_PART(part))) {
        return;
    }
    place = g_mime_content_type_is_type(type, "text", "html") ? &parts->html : &parts->plain;
    if (!*place) {
        *place = GMIME_TEXT_PART(part);
    }
}

static const char *text_of(struct ak_arena *arena, GMimeMessage *message)
{
    struct parts parts = {0};
    const char *text = NULL;
    char *raw = NULL;

    g_mime_message_foreach(message, look_at_part, &parts);
    if (parts.plain) {
        raw = g_mime_text_part_get_text(parts.plain);
        text = clean(arena, raw, INCIDENT_TEXT_MAX, false);
    } else if (parts.html) {
        raw = g_mime_text_part_get_text(parts.html);
        text = clean(arena, without_tags(arena, raw ? raw : ""), INCIDENT_TEXT_MAX, false);
    }
    g_free(raw);
    return text && *text ? text : "(no text)";
}

/* ---- Header ---------------------------------------------------------------------------------- */

static const char *header(GMimeMessage *message, const char *name)
{
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

static bool is_automatic(GMimeMessage *message, const char *from)
{
    static const char *const never[] = {"List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress",
                                        "X-Loop"};
    static const char *const robots[] = {"mailer-daemon@", "postmaster@", "noreply@", "no-reply@",
                                         "bounce"};
    const char *submitted = header(message, "Auto-Submitted");
    const char *precedence = header(message, "Precedence");
    const char *path = header(message, "Return-Path");
    bool is = (submitted && strncasecmp(submitted, "no", 2) != 0) ||
              (precedence && (strcasestr(precedence, "bulk") || strcasestr(precedence, "junk") ||
                              strcasestr(precedence, "list"))) ||
              (path && strncmp(path, "<>", 2) == 0);

    for (size_t i = 0; i < AK_N(never); i++) {
        is = is || header(message, never[i]);
    }
    for (size_t i = 0; i < AK_N(robots); i++) {
        is = is || ak_starts_with(from, robots[i]);
    }
    return is;
}

static const char *message_id_of(struct ak_arena *arena, GMimeMessage *message, const void *bytes,
                                 size_t size)
{
    const char *id = g_mime_message_get_message_id(message);
    char hash[AK_SHA256_TEXT];
    size_t len = id ? strlen(id) : 0;
    bool good = len > 0 && len <= 255;

    for (size_t i = 0; good && i < len; i++) {
        good = id[i] > 0x20 && id[i] < 0x7f;
    }
    if (good) {
        return ak_arena_strdup(arena, id);
    }
    ak_sha256_hex(bytes, size, hash);
    return ak_arena_printf(arena, "sha256:%s", hash);
}

static int sender_of(struct ak_arena *arena, GMimeMessage *message, struct incident_mail *mail,
                     struct ak_error *err)
{
    InternetAddressList *list = g_mime_message_get_from(message);
    InternetAddress *first = list && internet_address_list_length(list) > 0
                                 ? internet_address_list_get_address(list, 0)
                                 : NULL;
    const char *address = first && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    char *lower = ak_arena_strdup(arena, address);

    if (!lower || !ak_mail_address_valid(lower)) {
        return ak_fail(err, AK_MAIL_UNREADABLE, "it names no sender");
    }
    for (char *p = lower; *p; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    mail->from = lower;
    mail->from_name = clean(arena, internet_address_get_name(first), 255, true);
    mail->from_name = *mail->from_name ? mail->from_name : lower;
    return 0;
}

bool incident_mail_number(const char *subject, char out[32])
{
    for (const char *p = subject; (p = strstr(p, "I-")) != NULL; p++) {
        size_t year = strspn(p + 2, "0123456789");
        size_t n = year == 4 && p[6] == '-' ? strspn(p + 7, "0123456789") : 0;

        if (n >= 4 && n <= 9 && (p == subject || !isalnum((unsigned char)p[-1]))) {
            ak_str_copy(out, 8 + n, p);
            return true;
        }
    }
    return false;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void quiet(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data)
{
    (void)domain;
    (void)level;
    (void)text;
    (void)data;
}

static void start_gmime(void)
{
    g_mime_init();
    (void)g_log_set_handler("gmime", (GLogLevelFlags)(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL),
                            quiet, NULL); /* of a stranger's bytes nobody need complain */
}

int incident_mail_parse(struct ak_arena *arena, const void *bytes, size_t size,
                        struct incident_mail *ret_mail, struct ak_error *err)
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;
    struct incident_mail mail = {0};
    GMimeStream *stream = NULL;
    GMimeParser *parser = NULL;
    GMimeMessage *message = NULL;
    int rc = check_limits(bytes, size, err);

    if (rc < 0) {
        return rc;
    }
    (void)pthread_once(&started, start_gmime);
    stream = g_mime_stream_mem_new_with_buffer(bytes, size);
    parser = g_mime_parser_new_with_stream(stream);
    message = g_mime_parser_construct_message(parser, NULL);
    rc = message ? sender_of(arena, message, &mail, err)
                 : ak_fail(err, AK_MAIL_UNREADABLE, "it has no header");
    if (rc == 0) {
        mail.message_id = message_id_of(arena, message, bytes, size);
        mail.subject = clean(arena, g_mime_message_get_subject(message), 255, true);
        mail.subject = *mail.subject ? mail.subject : "(no subject)";
        mail.text = text_of(arena, message);
        mail.automatic = is_automatic(message, mail.from);
        *ret_mail = mail;
    }
    if (message) {
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return rc;
}
