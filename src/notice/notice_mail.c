/* SPDX-License-Identifier: Apache-2.0 */
/* The mails of notices: one for each address among the contacts of a contract, in the contact's
 * language, keyed so that no event mails anybody twice. */
#include "notice/notice_internal.h"

#include <strings.h>

static const char *const event_names[] = {
    [NOTICE_PUBLISH] = "published", [NOTICE_START] = "started",  [NOTICE_FINISH] = "finished",
    [NOTICE_CANCEL] = "cancelled",  [NOTICE_UPDATE] = "updated", [NOTICE_REMIND] = "reminded",
};
static const char *const event_templates[] = {
    [NOTICE_PUBLISH] = "notice_published", [NOTICE_START] = "notice_started",
    [NOTICE_FINISH] = "notice_finished",   [NOTICE_CANCEL] = "notice_cancelled",
    [NOTICE_UPDATE] = "notice_updated",    [NOTICE_REMIND] = "notice_reminder",
};

static const char *jst(struct ak_arena *arena, int64_t time_us, bool ja)
{
    char text[AK_TIME_TEXT];

    if (time_us == 0) {
        return ja ? "未定" : "not set";
    }
    (void)ak_time_text(text, time_us + 9 * AK_HOUR, AK_TIME_Z); /* 2026-11-22T12:00:00Z */
    return ak_arena_printf(arena, "%.10s %.5s (JST)", text, text + 11);
}

/* The customer's servers as one line. */
static int server_line(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                       const char *project_id, bool ja, const char **ret, struct ak_error *err)
{
    AK_AUTO_BUF line;
    struct ak_list list = {0};
    const struct notice_server_row *server = NULL;
    int rc = notice_store_servers(tx, arena, row->id, project_id, &list, err);

    ak_buf_init(&line, 4000);
    server = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        ak_buf_printf(&line, "%s%s", i ? ", " : "", server[i].name);
    }
    *ret = line.len ? ak_arena_strndup(arena, line.data, ak_utf8_cut(line.data, line.len))
                    : (ja ? "ー" : "-");
    return rc;
}

static bool mailed_before(const struct service_contact *contact, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcasecmp(contact[k].email, contact[i].email) == 0) {
            return true;
        }
    }
    return false;
}

struct mailing {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const struct notice_row *row;
    const struct notice_recipient_row *to;
    const char *template;
    const char *key;     /* of the event */
    const char *servers; /* one line, NULL = all the customer has in the notice */
};

static int mail_contact(const struct mailing *m, const struct service_contact *contact,
                        struct ak_error *err)
{
    bool ja = !ak_streq(contact->language, "en");
    const struct notice_row *row = m->row;
    const char *servers = m->servers;
    int rc = servers ? 0 : server_line(m->tx, m->arena, row, m->to->project_id, ja, &servers, err);
    const char *params[] = {
        row->number,
        ja ? row->title_ja : row->title_en,
        ja ? row->body_ja : row->body_en,
        jst(m->arena, row->starts_us, ja),
        jst(m->arena, row->ends_us, ja),
        servers ? servers : "",
        m->to->customer_name,
        contact->name,
        row->reason ? row->reason : "",
        NULL,
    };
    struct ak_mail mail = {
        .key = ak_arena_printf(m->arena, "%s:%s:%s", m->key, m->to->project_id, contact->email),
        .to = contact->email,
        .language = ja ? "ja" : "en",
        .template = m->template,
        .params = params,
        .project_id = m->to->project_id,
        .object_type = "notice",
        .object_id = row->id,
    };

    return rc == 0 ? ak_mail_add(m->tx, &mail, err) : rc;
}

/* The contacts of a contract, none where its class does not have mail among its channels. */
static int contacts_of(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                       struct service_contract *contract, struct service_contact **ret,
                       size_t *ret_n, struct ak_error *err)
{
    bool by_mail = false;
    int rc = service_contract_load(tx, arena, contract_id, contract, err);

    *ret_n = 0;
    rc = rc == 0 ? service_class_lists(tx, contract->class_name, contract->class_version,
                                       "notices.channels", "mail", &by_mail, err)
                 : rc;
    return rc == 0 && by_mail
               ? service_contract_contacts(tx, arena, contract_id, NULL, ret, ret_n, err)
               : rc;
}

static int mail_contacts(const struct mailing *m, struct ak_error *err)
{
    struct service_contract contract = {0};
    struct service_contact *contact = NULL;
    size_t n = 0;
    int rc = m->to->contract_id
                 ? contacts_of(m->tx, m->arena, m->to->contract_id, &contract, &contact, &n, err)
                 : 0;

    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!mailed_before(contact, i)) {
            rc = mail_contact(m, &contact[i], err);
        }
    }
    return rc;
}

int notice_mail_contract(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                         const char *template, const char *key, const char *object_type,
                         const char *object_id, const char *const *ja, const char *const *en,
                         struct ak_error *err)
{
    struct service_contract contract = {0};
    struct service_contact *contact = NULL;
    size_t n = 0;
    int rc = contacts_of(tx, arena, contract_id, &contract, &contact, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        bool english = ak_streq(contact[i].language, "en");
        const char *params[11] = {contract.customer_name, contact[i].name};
        const struct ak_mail mail = {
            .key = ak_arena_printf(arena, "%s:%s:%s", key, contract.project_id, contact[i].email),
            .to = contact[i].email,
            .language = contact[i].language,
            .template = template,
            .params = params,
            .project_id = contract.project_id,
            .object_type = object_type,
            .object_id = object_id,
        };

        for (size_t p = 0; p < 8 && (english ? en : ja)[p]; p++) {
            params[2 + p] = (english ? en : ja)[p];
        }
        rc = mailed_before(contact, i) ? 0 : ak_mail_add(tx, &mail, err);
    }
    return rc;
}

int notice_mail_event(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                      const struct notice_recipient_row *to, enum notice_event event,
                      struct ak_error *err)
{
    /* A notice is updated more than once, and its time may move; everything else happens once. */
    int64_t version = event == NOTICE_UPDATE   ? row->version
                      : event == NOTICE_REMIND ? row->starts_us
                                               : 0;
    struct mailing m = {
        .tx = tx,
        .arena = arena,
        .row = row,
        .to = to,
        .template = event_templates[event],
        .key =
            ak_arena_printf(arena, "notice:%s:%s:%" PRId64, row->id, event_names[event], version),
    };

    return mail_contacts(&m, err);
}

int notice_mail_servers(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                        const struct notice_recipient_row *to, const char *servers,
                        const char *first_id, struct ak_error *err)
{
    struct mailing m = {
        .tx = tx,
        .arena = arena,
        .row = row,
        .to = to,
        .template = "notice_servers",
        .key = ak_arena_printf(arena, "notice:%s:server:%s", row->id, first_id),
        .servers = ak_arena_strndup(arena, servers, ak_utf8_cut(servers, strlen(servers))),
    };

    return mail_contacts(&m, err);
}
