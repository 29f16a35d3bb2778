/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a message that a stranger wrote: GMime parses, under limits that are checked before it
 * sees the bytes; what comes out is plain text of bounded length, of HTML nothing but its text
 * (incident_mail_text.c), and files of bounded number and size. */
#include "incident/incident_mail.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <strings.h>

#include "incident/incident_internal.h"
#include "mail/mail.h"

#define HEAD_MAX       ((size_t)256 * 1024) /* bytes of the message's own header */
#define HEADERS_MAX    500
#define BOUNDARIES_MAX 50    /* multiparts of multiparts are a bomb, not a report */
#define DASHES_MAX     10000 /* lines that may begin a part */

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
        count(bytes, size, "message/rfc822") > BOUNDARIES_MAX ||
        count(bytes, size, "\n--") > DASHES_MAX) {
        return ak_fail(err, AK_MAIL_UNREADABLE, "it has too many parts");
    }
    return 0;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

struct parts {
    struct ak_arena *arena;
    GMimePart *plain, *html; /* the first of each that is no attachment and not empty */
    bool html_beside;        /* it says the same as 'plain' */
    GMimeObject *files[INCIDENT_MAIL_FILES_MAX];
    size_t n_files, n;
    struct ak_buf lost; /* names of what is not kept, one a line */
    struct incident_mail_file *out;
    size_t n_out;
};

static void *bytes_of(GMimeObject *object, size_t *ret_size)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    GByteArray *bytes = NULL;
    void *copy = NULL;

    if (GMIME_IS_PART(object)) {
        GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));

        if (content) {
            (void)g_mime_data_wrapper_write_to_stream(content, stream);
        }
    } else if (GMIME_IS_MESSAGE_PART(object) &&
               g_mime_message_part_get_message(GMIME_MESSAGE_PART(object))) {
        (void)g_mime_object_write_to_stream(
            GMIME_OBJECT(g_mime_message_part_get_message(GMIME_MESSAGE_PART(object))), NULL,
            stream);
    }
    bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    *ret_size = bytes->len;
    copy = ak_xcalloc(1, bytes->len + 1U);
    if (bytes->len > 0) {
        memcpy(copy, bytes->data, bytes->len);
    }
    g_object_unref(stream);
    return copy;
}

static const char *name_of(struct ak_arena *arena, GMimeObject *part)
{
    const char *name = GMIME_IS_PART(part) ? g_mime_part_get_filename(GMIME_PART(part)) : NULL;

    if (!name) {
        name = GMIME_IS_MESSAGE_PART(part) ? "message.eml"
               : GMIME_IS_TEXT_PART(part)  ? "text.txt"
                                           : "file";
    }
    return ak_file_name(arena, incident_text_clean(arena, name, 255, true));
}

static void not_kept(struct parts *parts, GMimeObject *part)
{
    ak_buf_printf(&parts->lost, "%s\n", name_of(parts->arena, part));
}

static bool is_in(GMimeObject *parent, const char *subtype)
{
    return parent && g_mime_content_type_is_type(g_mime_object_get_content_type(parent),
                                                 "multipart", subtype);
}

/* Takes a part as the text of the mail, unless it is a file or there is one already. */
static bool is_text(struct parts *parts, GMimeObject *parent, GMimeObject *part)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    bool html = g_mime_content_type_is_type(type, "text", "html");
    GMimePart **place = html ? &parts->html : &parts->plain;

    if (*place || !GMIME_IS_TEXT_PART(part) || g_mime_part_is_attachment(GMIME_PART(part)) ||
        g_mime_part_get_filename(GMIME_PART(part))) {
        return false;
    }
    *place = GMIME_PART(part);
    parts->html_beside =
        html ? is_in(parent, "alternative") || is_in(parent, "related") : parts->html_beside;
    return true;
}

static void look_at_part(GMimeObject *parent, GMimeObject *part, gpointer data)
{
    struct parts *parts = data;

    if (GMIME_IS_MULTIPART(part) || is_text(parts, parent, part)) {
        return;
    }
    if (parts->n_files < INCIDENT_MAIL_FILES_MAX) {
        parts->files[parts->n_files++] = part;
    } else if (parts->n++ < INCIDENT_MAIL_FILES_MAX) {
        not_kept(parts, part); /* of thousands, the first names do */
    }
}

static const char *text_of_part(struct ak_arena *arena, GMimePart *part, bool html)
{
    size_t size = 0;
    AK_AUTO_STR raw = part ? bytes_of(GMIME_OBJECT(part), &size) : NULL;
    const char *text = NULL;

    if (!part) {
        return "";
    }
    size = size < INCIDENT_MAIL_TEXT_MAX ? size : INCIDENT_MAIL_TEXT_MAX;
    text =
        incident_text_utf8(arena, raw, size, g_mime_text_part_get_charset(GMIME_TEXT_PART(part)));
    return incident_text_clean(arena, html ? incident_text_of_html(arena, text) : text,
                               INCIDENT_TEXT_MAX, false);
}

/* Keeps the files; what is too large or empty is named among the lost. */
static void keep_files(struct parts *parts)
{
    parts->out = ak_arena_array(parts->arena, struct incident_mail_file, parts->n_files + 1);
    for (size_t i = 0; i < parts->n_files; i++) {
        size_t size = 0;
        AK_AUTO_STR raw = bytes_of(parts->files[i], &size);

        if (size == 0 || size > (size_t)INCIDENT_FILE_MAX) {
            not_kept(parts, parts->files[i]);
            continue;
        }
        parts->out[parts->n_out] = (struct incident_mail_file){
            .name = name_of(parts->arena, parts->files[i]),
            .bytes = memcpy(ak_arena_alloc(parts->arena, size), raw, size),
            .size = size,
        };
        parts->n_out++;
    }
}

/* The text, plain before HTML, and the files; an HTML that stands beside a plain text for the same
 * is not kept. */
static void read_parts(struct ak_arena *arena, GMimeMessage *message, struct incident_mail *mail)
{
    struct parts parts = {.arena = arena};
    const char *plain = NULL;

    ak_buf_init(&parts.lost, 8000);
    g_mime_message_foreach(message, look_at_part, &parts);
    plain = text_of_part(arena, parts.plain, false);
    mail->text = *plain ? plain : text_of_part(arena, parts.html, true);
    mail->text = *mail->text ? mail->text : "(no text)";
    if (*plain && parts.html && !parts.html_beside && parts.n_files < INCIDENT_MAIL_FILES_MAX) {
        parts.files[parts.n_files++] = GMIME_OBJECT(parts.html);
    }
    keep_files(&parts);
    mail->files = parts.out;
    mail->n_files = parts.n_out;
    mail->lost = parts.lost.len ? ak_arena_strdup(arena, parts.lost.data) : NULL;
    ak_buf_done(&parts.lost);
}

/* ---- Header ---------------------------------------------------------------------------------- */

/* Of what a header says; also of one that is in a Japanese charset without saying so. */
static const char *one_line(struct ak_arena *arena, const char *text)
{
    return incident_text_clean(
        arena, text ? incident_text_utf8(arena, text, strlen(text), NULL) : NULL, 255, true);
}

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

/* What a machine sent back because of a mail of ours. Were it taken as a report, the operators'
 * mail about it could come back in its turn, and so for ever. */
static bool is_of_machines(GMimeMessage *message, const char *from)
{
    const char *submitted = header(message, "Auto-Submitted");
    const char *path = header(message, "Return-Path");
    GMimeObject *part = g_mime_message_get_mime_part(message);

    return header(message, "X-Akashi-Mail") || (path && strncmp(path, "<>", 2) == 0) ||
           (submitted && strncasecmp(submitted, "auto-replied", 12) == 0) ||
           ak_starts_with(from, "mailer-daemon@") || (part && is_in(part, "report"));
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
    mail->from_name = one_line(arena, internet_address_get_name(first));
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
    static const char *charsets[] = {"utf-8", "cp932", "euc-jp",
                                     NULL}; /* of headers that say none */
    struct incident_mail mail = {0};
    GMimeStream *stream = NULL;
    GMimeParser *parser = NULL;
    GMimeParserOptions *options = NULL;
    GMimeMessage *message = NULL;
    int rc = check_limits(bytes, size, err);

    if (rc < 0) {
        return rc;
    }
    (void)pthread_once(&started, start_gmime);
    options = g_mime_parser_options_new();
    g_mime_parser_options_set_fallback_charsets(options, (const char **)charsets);
    stream = g_mime_stream_mem_new_with_buffer(bytes, size);
    parser = g_mime_parser_new_with_stream(stream);
    message = g_mime_parser_construct_message(parser, options);
    rc = message ? sender_of(arena, message, &mail, err)
                 : ak_fail(err, AK_MAIL_UNREADABLE, "it has no header");
    if (rc == 0) {
        mail.message_id = message_id_of(arena, message, bytes, size);
        mail.subject = one_line(arena, g_mime_message_get_subject(message));
        mail.subject = *mail.subject ? mail.subject : "(no subject)";
        read_parts(arena, message, &mail);
        mail.machines = is_of_machines(message, mail.from);
        mail.automatic = mail.machines || is_automatic(message, mail.from);
        *ret_mail = mail;
    }
    if (message) {
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    g_mime_parser_options_free(options);
    return rc;
}
