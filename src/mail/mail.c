/* SPDX-License-Identifier: Apache-2.0 */
/* The queue's entrance: addresses, texts from templates.def, insertion, sending again; and the
 * settings. */
#include "mail/mail_internal.h"

const struct ak_setting ak_mail_settings[] = {
    {"mail_server", AK_SETTING_STR, "host:port", 0, 255, "", NULL,
     "SMTP server that takes akashi's mails (mail.example.jp:587). Empty: mails wait in the "
     "queue."},
    {"mail_tls", AK_SETTING_CHOICE, NULL, 0, 0, "starttls", "none|starttls|tls",
     "How the connection to the mail server is protected; the server's certificate is always "
     "checked."},
    {"mail_ca_file", AK_SETTING_STR, "path", 0, 255, "", NULL,
     "Certificates that may have signed the mail server's. Empty: those of the system."},
    {"mail_user", AK_SETTING_STR, NULL, 0, 255, "", NULL,
     "Name to log in to the mail server with. Empty: no login. Needs mail_tls."},
    {"mail_password_file", AK_SETTING_STR, "path", 0, 255, "", NULL,
     "File whose first line is the password for mail_user."},
    {"mail_from", AK_SETTING_STR, "address", 0, 254, "akashi@localhost", NULL,
     "Address that mails come from; its domain names this host to the mail server."},
    {"mail_from_name", AK_SETTING_STR, NULL, 0, 100, "akashi", NULL,
     "Name shown beside the address that mails come from."},
    {"mail_operators", AK_SETTING_STR, "address", 0, 254, "", NULL,
     "Address of the provider's operators, for what concerns them. Empty: mail_from."},
    {"mail_retry_max", AK_SETTING_INT, "s", 1, 86400, "14400", NULL,
     "Longest pause between two tries to send a mail; the first is a minute and each doubles."},
    {"mail_give_up_hours", AK_SETTING_INT, "h", 1, 720, "96", NULL,
     "Hours after its first refusal at which a mail that is refused each time has failed. While "
     "the "
     "server cannot be reached nothing fails."},
};
const size_t ak_mail_settings_n = AK_N(ak_mail_settings);

struct template_row {
    const char *name, *subject[2], *body[2]; /* by enum ak_lang */
};

static const struct template_row templates[] = {
#define MAIL(name, subject_en, body_en, subject_ja, body_ja)                                       \
    {name, {subject_en, subject_ja}, {body_en, body_ja}},
#include "mail/templates.def"
#undef MAIL
};

static const char *param(const char *const *params, size_t wanted)
{
    for (size_t i = 0; params && params[i]; i++) {
        if (i == wanted) {
            return params[i];
        }
    }
    return "";
}

static void fill(struct ak_buf *out, const char *text, const char *const *params)
{
    while (*text) {
        size_t digits = text[0] == '{' ? strspn(text + 1, "0123456789") : 0;

        if (digits > 0 && digits < 3 && text[1 + digits] == '}') {
            ak_buf_str(out, param(params, (size_t)strtoul(text + 1, NULL, 10)));
            text += digits + 2;
        } else {
            ak_buf_char(out, *text++);
        }
    }
}

/* A header's text: one line, no controls, cut on a character. */
static char *one_line(struct ak_arena *arena, const char *text)
{
    char line[MAIL_SUBJECT_MAX * 4 + 1];

    ak_str_copy(line, sizeof(line), text);
    for (char *p = line; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = ' ';
        }
    }
    return ak_arena_strdup(arena, line);
}

int mail_render(struct ak_arena *arena, const struct ak_mail *mail, const char **ret_subject,
                const char **ret_body, struct ak_error *err)
{
    enum ak_lang lang = ak_streq(mail->language, "en") ? AK_LANG_EN : AK_LANG_JA;

    for (size_t i = 0; i < AK_N(templates); i++) {
        AK_AUTO_BUF subject, body;

        if (!ak_streq(templates[i].name, mail->template)) {
            continue;
        }
        ak_buf_init(&subject, MAIL_BODY_MAX);
        ak_buf_init(&body, MAIL_BODY_MAX);
        fill(&subject, templates[i].subject[lang], mail->params);
        fill(&body, templates[i].body[lang], mail->params);
        *ret_subject = one_line(arena, subject.data);
        *ret_body = ak_arena_strndup(arena, body.data, ak_utf8_cut(body.data, body.len));
        return 0;
    }
    return ak_fail_detail(err, AK_INTERNAL, "there is no mail template '%s'", mail->template);
}

static bool local_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

bool ak_mail_address_valid(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;

    if (!at || at == text || at - text > 64 || !at[1] || strlen(text) > MAIL_ADDRESS_MAX ||
        text[0] == '.' || at[-1] == '.' || at[1] == '.' || at[1] == '-' || strstr(text, "..")) {
        return false;
    }
    for (const char *p = text; p < at; p++) {
        if (!local_char(*p)) {
            return false;
        }
    }
    for (const char *p = at + 1; *p; p++) {
        if (!domain_char(*p)) {
            return false;
        }
    }
    return true;
}

int ak_mail_add(struct ak_tx *tx, const struct ak_mail *mail, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    char id[AK_UUID_TEXT];
    bool known = false;
    struct ak_mail_row row = {
        .id = id,
        .key = mail->key,
        .recipient = mail->to ? mail->to : "",
        .language = ak_streq(mail->language, "en") ? "en" : "ja",
        .template = mail->template,
        .project_id = mail->project_id,
        .object_type = mail->object_type,
        .object_id = mail->object_id,
        .state = "queued",
    };
    int rc = mail_render(arena, mail, &row.subject, &row.body, err);

    if (rc == 0) {
        rc = mail_store_known(tx, row.key, &known, err);
    }
    if (rc < 0 || known) {
        return rc;
    }
    if (!ak_streq(row.recipient, AK_MAIL_OPERATORS) && !ak_mail_address_valid(row.recipient)) {
        row.state = "failed";
        row.error = "this is not a mail address";
    }
    ak_uuid_new(id);
    return mail_store_insert(tx, &row, err);
}
