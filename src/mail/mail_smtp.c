/* SPDX-License-Identifier: Apache-2.0 */
/* One SMTP connection through libcurl, kept from mail to mail, and what its failures mean: for this
 * mail only (its recipient, its content), or for all mails (the server does not answer or does not
 * want us). */
#include "mail/mail_internal.h"

#include <curl/curl.h>
#include <stdio.h>

enum { CONNECT_MS = 20000, ANSWER_S = 600, WHOLE_S = 900, PASSWORD_MAX = 1024 };

struct mail_smtp {
    CURL *curl;
    char *url, *from;
    char text[CURL_ERROR_SIZE];
    bool (*give_up)(void *data);
    void *give_up_data;
};

struct source {
    const struct ak_buf *message;
    size_t at;
};

static void curl_once(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t read_message(char *out, size_t size, size_t n, void *data)
{
    struct source *source = data;
    size_t left = source->message->len - source->at;
    size_t now = size * n < left ? size * n : left;

    memcpy(out, source->message->data + source->at, now);
    source->at += now;
    return now;
}

static int progress(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct mail_smtp *smtp = data;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return smtp->give_up && smtp->give_up(smtp->give_up_data);
}

/* libcurl keeps copies of strings; all options here are ones of our version, so they cannot fail.
 */
static void set_tls(CURL *curl, const struct ak_config *config)
{
    const char *ca = ak_config_str(config, "mail_ca_file");

    if (ak_streq(ak_config_str(config, "mail_tls"), "starttls")) {
        (void)curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    }
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (*ca) {
        (void)curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    }
}

static int set_login(CURL *curl, const struct ak_config *config, struct ak_error *err)
{
    const char *user = ak_config_str(config, "mail_user");
    char *password = NULL;
    size_t size = 0;
    int rc = 0;

    if (!*user) {
        return 0;
    }
    if (ak_streq(ak_config_str(config, "mail_tls"), "none")) {
        return ak_fail(err, AK_CONFIG, "mail_user needs mail_tls: a password is never sent openly");
    }
    rc = ak_file_read(ak_config_str(config, "mail_password_file"), PASSWORD_MAX, &password, &size,
                      err);
    if (rc < 0) {
        ak_error_prefix(err, "reading mail_password_file");
        return rc;
    }
    password[strcspn(password, "\r\n")] = '\0';
    (void)curl_easy_setopt(curl, CURLOPT_USERNAME, user);
    (void)curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    ak_wipe(password, size);
    free(password);
    return 0;
}

int mail_smtp_new(const struct ak_config *config, struct mail_smtp **ret_smtp, struct ak_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    AK_AUTO(mail_smtp) smtp = ak_new(struct mail_smtp);
    const char *server = ak_config_str(config, "mail_server");
    const char *from = ak_config_str(config, "mail_from");
    bool tls = ak_streq(ak_config_str(config, "mail_tls"), "tls");
    int rc = 0;

    if (!ak_mail_address_valid(from)) {
        return ak_fail(err, AK_CONFIG, "mail_from is not a mail address");
    }
    if (strpbrk(server, "/@ ?#")) {
        return ak_fail(err, AK_CONFIG, "mail_server is host:port");
    }
    (void)pthread_once(&once, curl_once);
    smtp->curl = curl_easy_init();
    if (!smtp->curl) {
        abort();
    }
    /* What stands behind the slash is said in EHLO. */
    smtp->url = ak_xasprintf("%s://%s/%s", tls ? "smtps" : "smtp", server, strchr(from, '@') + 1);
    smtp->from = ak_xasprintf("<%s>", from);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_URL, smtp->url);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(smtp->curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    /* A server that is slow to answer the end of a mail has most likely taken it (RFC 5321
     * 4.5.3.2.6): asking again too early is how mails arrive twice. */
    (void)curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_S);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, (long)WHOLE_S);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, smtp->from);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->text);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, read_message);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_XFERINFOFUNCTION, progress);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_XFERINFODATA, smtp);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_NOPROGRESS, 0L);
    set_tls(smtp->curl, config);
    rc = set_login(smtp->curl, config, err);
    if (rc == 0) {
        *ret_smtp = AK_TAKE(smtp);
    }
    return rc;
}

void mail_smtp_free(struct mail_smtp *smtp)
{
    if (smtp) {
        if (smtp->curl) {
            curl_easy_cleanup(smtp->curl);
        }
        free(smtp->url);
        free(smtp->from);
        free(smtp);
    }
}

/* The texts are libcurl's: "RCPT failed: 550". What is said to the recipient or to the content
 * concerns this mail; what is said to the greeting, the login or our sender concerns all. */
static enum mail_result meaning(CURLcode code, long answer, const char *text)
{
    bool recipient = ak_starts_with(text, "RCPT failed");
    bool content = ak_starts_with(text, "DATA failed") || code == CURLE_WEIRD_SERVER_REPLY;
    bool size = ak_starts_with(text, "MAIL failed") && answer == 552;

    if (code == CURLE_OK) {
        return MAIL_SENT;
    }
    if (ak_starts_with(text, "Got unexpected smtp-server response") ||
        !(recipient || content || size) || answer == 421) {
        return MAIL_SERVER_AWAY;
    }
    if (answer >= 500 && answer < 600) {
        return MAIL_REFUSED;
    }
    return answer >= 400 && answer < 500 ? MAIL_LATER : MAIL_SERVER_AWAY;
}

enum mail_result mail_smtp_send(struct mail_smtp *smtp, const char *to,
                                const struct ak_buf *message, bool (*give_up)(void *data),
                                void *data, char error[256])
{
    struct source source = {message, 0};
    AK_AUTO_STR recipient = ak_xasprintf("<%s>", to);
    struct curl_slist *list = curl_slist_append(NULL, recipient);
    long answer = 0;
    CURLcode code = CURLE_OK;
    enum mail_result result = MAIL_SENT;

    smtp->give_up = give_up;
    smtp->give_up_data = data;
    smtp->text[0] = '\0';
    (void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, list);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_READDATA, &source);
    code = curl_easy_perform(smtp->curl);
    (void)curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &answer);
    (void)curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(list);
    result = meaning(code, answer, smtp->text);
    if (result == MAIL_SERVER_AWAY && source.at > 0 && code != CURLE_ABORTED_BY_CALLBACK) {
        result = MAIL_HUNG_UP;
    }
    if (result != MAIL_SENT) {
        AK_AUTO_STR text =
            ak_xasprintf("%s%s%s", curl_easy_strerror(code), smtp->text[0] ? ": " : "", smtp->text);

        ak_str_copy(error, 256, text);
        if (answer > 0 && code == CURLE_WEIRD_SERVER_REPLY) {
            (void)snprintf(error, 256, "the content was refused: %ld", answer);
        }
    }
    return result;
}
