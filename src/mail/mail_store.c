/* SPDX-License-Identifier: Apache-2.0 */
/* The queue in the database: one function a statement of mail.sql, and the rows' field table. */
#include "mail/mail_internal.h"

#include "mail/mail_sql.h"

#define ROW(member) offsetof(struct ak_mail_row, member)
#define SEEK        (AK_FILTER | AK_SORT)

static const char *const states[] = {"queued", "sending", "sent", "failed", NULL};

static const struct ak_field mail_rows[] = {
    {"id", AK_UUID, ROW(id), SEEK, .doc = "id of the mail"},
    {"key", AK_STR, ROW(key), AK_FILTER, "mail_key", .doc = "what is mailed once for ever"},
    {"number", AK_INT, ROW(number), AK_SORT, .doc = "order of insertion"},
    {"to", AK_STR, ROW(recipient), SEEK, "recipient", .doc = "address, or operators"},
    {"language", AK_STR, ROW(language), AK_FILTER, .doc = "ja or en"},
    {"template", AK_STR, ROW(template), SEEK, .doc = "row of the table of texts"},
    {"subject", AK_STR, ROW(subject), 0, .max = 1000, .doc = "subject as sent"},
    {"body", AK_STR, ROW(body), AK_HIDDEN, .doc = "text as sent"},
    {"project_id", AK_STR, ROW(project_id), AK_FILTER, .doc = "project of the customer concerned"},
    {"object_type", AK_STR, ROW(object_type), AK_FILTER, .doc = "kind of what it is about"},
    {"object_id", AK_STR, ROW(object_id), AK_FILTER, .doc = "id of what it is about"},
    {"state", AK_STR, ROW(state), SEEK, .choices = states, .doc = "state of the sending"},
    {"attempts", AK_INT, ROW(attempts), 0, .doc = "tries since it was queued or sent again"},
    {"resends", AK_INT, ROW(resends), 0, .doc = "how often it was sent again by hand"},
    {"error", AK_STR, ROW(error), 0, .max = 1000, .doc = "why the last try failed"},
    {"next_try_at", AK_TIME, ROW(next_try_us), 0, "next_try_us", .doc = "not tried before"},
    {"give_up_us", AK_TIME, ROW(give_up_us), AK_HIDDEN},
    {"created_at", AK_TIME, ROW(created_us), SEEK, "created_us", .doc = "when it was queued"},
    {"sent_at", AK_TIME, ROW(sent_us), SEEK, "sent_us", .doc = "when the server took it"},
};
const struct ak_fields ak_mail_fields = AK_FIELDS("mail", struct ak_mail_row, mail_rows);

int mail_store_insert(struct ak_tx *tx, const struct ak_mail_row *row, struct ak_error *err)
{
    int64_t number = 0;
    int rc = ak_sql_int(tx, &sql_mail_number, AK_NO_ARGS, &number, err);

    if (rc == 0) {
        rc = ak_sql_exec(
            tx, &sql_mail_insert,
            AK_ARGS(ak_v_text(row->id), ak_v_text(row->key), ak_v_int(number),
                    ak_v_text(row->recipient), ak_v_text(row->language), ak_v_text(row->template),
                    ak_v_text(row->subject), ak_v_text(row->body), ak_v_text(row->project_id),
                    ak_v_text(row->object_type), ak_v_text(row->object_id), ak_v_text(row->state),
                    ak_v_int(ak_now_us()), ak_v_text(row->error)),
            NULL, err);
    }
    return rc;
}

int mail_store_known(struct ak_tx *tx, const char *key, bool *ret_known, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(tx, &sql_mail_known, AK_ARGS(ak_v_text(key)), &n, err);

    if (rc == 0) {
        *ret_known = n > 0;
    }
    return rc;
}

int ak_mail_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                 struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query own = *query;

    if (own.n_sorts == 0) {
        ak_query_sort_key(&own, "number", true);
    }
    return ak_sql_list(tx, &sql_mail_list, AK_NO_ARGS, &own, &ak_mail_fields, arena, ret_list, err);
}

int ak_mail_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                 struct ak_mail_row *ret_row, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_mail_by_id, AK_ARGS(ak_v_text(id)), &ak_mail_fields, arena,
                         ret_row, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Mail", id) : rc;
}

int ak_mail_resend(struct ak_tx *tx, struct ak_arena *arena, const char *id, struct ak_error *err)
{
    struct ak_mail_row row = {0};
    int64_t changed = 0;
    int rc = ak_mail_load(tx, arena, id, &row, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_mail_resend, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())),
                         &changed, err);
    }
    return rc == 0 && changed == 0 ? ak_fail(err, AK_MAIL_STATE, row.state) : rc;
}

int mail_store_due(struct ak_store *store, bool *ret_due, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;
    int rc = ak_tx_read(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_int(tx, &sql_mail_due, AK_ARGS(ak_v_int(ak_now_us())), &n, err);
    }
    if (rc == 0) {
        *ret_due = n > 0;
    }
    return rc;
}

int mail_store_claim(struct ak_store *store, struct ak_arena *arena, const char *owner,
                     int64_t until_us, struct ak_mail_row *ret_row, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_load(tx, &sql_mail_claim,
                         AK_ARGS(ak_v_text(owner), ak_v_int(until_us), ak_v_int(ak_now_us())),
                         &ak_mail_fields, arena, ret_row, err);
    }
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    return rc == 0 ? 1 : rc;
}

/* One statement in a transaction of its own. */
static int change(struct ak_store *store, const struct ak_sql *sql, struct ak_args args,
                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, sql, args, NULL, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

int mail_store_sent(struct ak_store *store, const char *id, const char *owner, struct ak_error *err)
{
    return change(store, &sql_mail_sent,
                  AK_ARGS(ak_v_text(id), ak_v_text(owner), ak_v_int(ak_now_us())), err);
}

int mail_store_not_sent(struct ak_store *store, const struct ak_mail_row *row, const char *owner,
                        struct ak_error *err)
{
    return change(store, &sql_mail_not_sent,
                  AK_ARGS(ak_v_text(row->id), ak_v_text(owner), ak_v_text(row->state),
                          ak_v_text(row->error), ak_v_int(row->next_try_us),
                          ak_v_int(row->give_up_us), ak_v_int(row->attempts)),
                  err);
}

/* The owners of mails that are being sent, one a line in 'out'. */
static int lease_owners(struct ak_store *store, struct ak_buf *out, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_tx_read(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_query(tx, &sql_mail_lease_owners, AK_NO_ARGS, &rows, err);
    }
    while (rc == 0) {
        rc = ak_rows_next(rows, err);
        if (rc <= 0) {
            return rc;
        }
        ak_buf_printf(out, "%s\n", ak_rows_text(rows, 0));
        rc = 0;
    }
    return rc;
}

int mail_store_release(struct ak_store *store, const char *self, struct ak_error *err)
{
    AK_AUTO_BUF owners;
    int rc = 0;

    ak_buf_init(&owners, 65536);
    rc = lease_owners(store, &owners, err);
    for (char *line = owners.data; rc == 0 && *line; line += strlen(line) + 1) {
        char *end = strchr(line, '\n');

        if (!end) {
            break;
        }
        *end = '\0';
        if (ak_jobs_owner_is_dead(line)) {
            rc = change(store, &sql_mail_release_owner, AK_ARGS(ak_v_text(line)), err);
        } else if (!ak_streq(line, self)) {
            rc = change(store, &sql_mail_release_expired,
                        AK_ARGS(ak_v_int(ak_now_us()), ak_v_text(line)), err);
        }
    }
    return rc;
}

static const struct ak_field count_rows[] = {
    {"project_id", AK_STR, offsetof(struct ak_mail_count, project_id)},
    {"mails", AK_INT, offsetof(struct ak_mail_count, mails)},
    {"sent", AK_INT, offsetof(struct ak_mail_count, sent)},
    {"failed", AK_INT, offsetof(struct ak_mail_count, failed)},
};
static const struct ak_fields count_fields =
    AK_FIELDS("mail count", struct ak_mail_count, count_rows);

int ak_mail_counts(struct ak_tx *tx, struct ak_arena *arena, const char *object_id,
                   struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_mail_counts, AK_ARGS(ak_v_text(object_id)), &count_fields,
                           arena, 0, ret_list, err);
}
