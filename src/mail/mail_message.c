/* SPDX-License-Identifier: Apache-2.0 */
/* A mail as it travels: RFC 5322 headers, RFC 2047 words for what is not ASCII, one text part in
 * UTF-8. Nothing from outside can add a header: texts lose their controls or are encoded, addresses
 * are checked, and the body is behind the empty line. */
#include "mail/mail_internal.h"

#include <time.h>

/* Bytes of text in one encoded word: 52 characters of base64, so that any line stays below 76. */
enum { WORD_BYTES = 36, LINE_MAX_PLAIN = 76, BASE64_LINE = 76 };

static bool is_plain(const char *text)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e) {
            return false;
        }
    }
    return !strstr(text, "=?");
}

void mail_header_text(struct ak_buf *out, const char *text, size_t column)
{
    size_t left = strlen(text);

    if (is_plain(text) && column + left <= LINE_MAX_PLAIN) {
        ak_buf_str(out, text);
        return;
    }
    for (bool first = true; left > 0; first = false) {
        size_t n = ak_utf8_cut(text, left < WORD_BYTES ? left : WORD_BYTES);
        AK_AUTO_STR word = NULL;

        n = n > 0 ? n : left; /* not UTF-8: as it is, in one word */
        word = ak_base64(text, n, false);
        ak_buf_printf(out, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", word);
        text += n;
        left -= n;
    }
}

static void date(struct ak_buf *out, int64_t time_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)((time_us + 9 * AK_HOUR) / AK_SEC);
    struct tm tm;

    (void)gmtime_r(&at, &tm);
    ak_buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0900\r\n", days[tm.tm_wday], tm.tm_mday,
                  months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* An atom or a quoted string for ASCII, encoded words for the rest. */
static void mailbox(struct ak_buf *out, const char *header, const char *name, const char *address)
{
    ak_buf_printf(out, "%s: ", header);
    if (name && *name) {
        if (is_plain(name) && !strpbrk(name, "\"\\")) {
            ak_buf_printf(out, "\"%s\"", name);
        } else {
            mail_header_text(out, name, strlen(header) + 2);
        }
        ak_buf_printf(out, "\r\n <%s>\r\n", address);
    } else {
        ak_buf_printf(out, "%s\r\n", address);
    }
}

/* Lines ending in CRLF, whatever they ended in. */
static void with_crlf(struct ak_buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\n' || *p == '\r') {
            p += p[0] == '\r' && p[1] == '\n';
            ak_buf_str(out, "\r\n");
        } else {
            ak_buf_char(out, *p);
        }
    }
}

/* Whether the lines can go as they are: ASCII, none too long. */
static bool goes_as_it_is(const struct ak_buf *text)
{
    size_t line = 0;

    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];

        line = c == '\n' ? 0 : line + 1;
        if (line > LINE_MAX_PLAIN + 1 || c > 0x7e || (c < 0x20 && !strchr("\r\n\t", c))) {
            return false;
        }
    }
    return true;
}

static void body(struct ak_buf *out, const char *text)
{
    AK_AUTO_BUF lines;

    ak_buf_init(&lines, MAIL_BODY_MAX * 2);
    with_crlf(&lines, text);
    if (goes_as_it_is(&lines)) {
        ak_buf_str(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        ak_buf_add(out, lines.data, lines.len);
    } else {
        AK_AUTO_STR coded = ak_base64(lines.data, lines.len, false);
        size_t len = strlen(coded);

        ak_buf_str(out, "Content-Transfer-Encoding: base64\r\n\r\n");
        for (size_t at = 0; at < len; at += BASE64_LINE) {
            ak_buf_add(out, coded + at, len - at < BASE64_LINE ? len - at : BASE64_LINE);
            ak_buf_str(out, "\r\n");
        }
    }
}

void mail_message(const struct ak_mail_row *mail, const struct mail_from *from, struct ak_buf *out)
{
    const char *domain = strchr(from->address, '@');
    const char *to =
        ak_streq(mail->recipient, AK_MAIL_OPERATORS) ? from->operators : mail->recipient;
    char hash[AK_SHA256_TEXT];

    /* The mail's own row names it, so that a receiver can tell the second copy of a mail that was
     * sent twice because the process died between the server's answer and our commit. */
    ak_sha256_hex(mail->id, strlen(mail->id), hash);
    hash[32] = '\0';
    mailbox(out, "From", from->name, from->address);
    mailbox(out, "To", NULL, to);
    ak_buf_str(out, "Subject: ");
    mail_header_text(out, mail->subject, strlen("Subject: "));
    ak_buf_str(out, "\r\n");
    date(out, mail->created_us);
    ak_buf_printf(out, "Message-ID: <%s.%" PRId64 "@%s>\r\n", hash, mail->resends,
                  domain ? domain + 1 : "localhost");
    ak_buf_printf(out,
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=UTF-8\r\n"
                  "Content-Language: %s\r\n"
                  "Auto-Submitted: auto-generated\r\n"
                  "X-Akashi-Mail: %s\r\n",
                  mail->language, mail->id);
    body(out, mail->body);
}
