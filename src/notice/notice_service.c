/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of notices: what a draft must hold, the table of states, lead times, emergencies and
 * their later notices, acknowledgement. Everything happens in the caller's transaction, the mails
 * included.
 *
 *   draft ──publish──▶ published ──start──▶ running ──finish──▶ done
 *     │                    ├──finish───────────────────────────▶ done
 *     └──cancel──┐         └──cancel──┐        └──cancel──┐
 *                ▼                    ▼                   ▼
 *            cancelled            cancelled           cancelled
 */
#include "notice/notice_internal.h"

#include "compute/compute.h"

enum { DRAFT = 1, PUBLISHED = 2, RUNNING = 4 };

static const struct {
    unsigned from; /* set of states */
    const char *to;
    const char *verb;
} moves[] = {
    [NOTICE_PUBLISH] = {DRAFT, "published", "publish"},
    [NOTICE_START] = {PUBLISHED, "running", "start"},
    [NOTICE_FINISH] = {PUBLISHED | RUNNING, "done", "finish"},
    [NOTICE_CANCEL] = {DRAFT | PUBLISHED | RUNNING, "cancelled", "cancel"},
    [NOTICE_UPDATE] = {DRAFT | PUBLISHED, NULL, "update"},
};

static unsigned state_bit(const char *state)
{
    return ak_streq(state, "draft")       ? DRAFT
           : ak_streq(state, "published") ? PUBLISHED
           : ak_streq(state, "running")   ? RUNNING
                                          : 0;
}

static int may(const struct notice_row *row, enum notice_event event, struct ak_error *err)
{
    if (moves[event].from & state_bit(row->state)) {
        return 0;
    }
    return ak_fail(err, AK_NOTICE_STATE, row->number, row->state, moves[event].verb);
}

static bool is_work(const struct notice_row *row)
{
    return ak_streq(row->kind, "maintenance") || ak_streq(row->kind, "change");
}

/* What must hold of a notice however it came to be so. */
static int check(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                 struct ak_error *err)
{
    const char *const *hosts = row->hosts.items;
    struct notice_row original = {0};
    int rc = 0;

    for (size_t i = 0; i < row->hosts.n; i++) {
        bool known = false;

        rc = compute_host_known(tx, hosts[i], &known, err);
        if (rc < 0 || !known) {
            return rc < 0 ? rc : ak_fail(err, AK_HOST_UNKNOWN, hosts[i]);
        }
    }
    if (!ak_streq(row->kind, "information") && row->starts_us == 0) {
        return ak_fail(err, AK_FIELD_MISSING, "starts_at");
    }
    if (ak_streq(row->kind, "maintenance") && row->ends_us == 0) {
        return ak_fail(err, AK_FIELD_MISSING, "ends_at");
    }
    if (row->ends_us && row->ends_us <= row->starts_us) {
        return ak_fail(err, AK_FIELD_VALUE, "ends_at", "it must be after starts_at");
    }
    if (row->emergency && !is_work(row)) {
        return ak_fail(err, AK_FIELD_VALUE, "emergency", "only a maintenance or change can be one");
    }
    if (row->follow_up_of) {
        rc = notice_store_load(tx, arena, NULL, row->follow_up_of, &original, err);
        if (rc == 0 && (!original.emergency || original.published_us == 0)) {
            rc = ak_fail(err, AK_FIELD_VALUE, "follow_up_of",
                         "it must be an emergency that was published");
        }
    }
    return rc;
}

/* A later notice goes to whom the emergency went to, unless it says otherwise. */
static int inherit(struct ak_tx *tx, struct ak_arena *arena, struct notice_row *row,
                   struct ak_error *err)
{
    struct ak_list list = {0};
    const struct notice_recipient_row *to = NULL;
    const char **ids = NULL;
    int rc = 0;

    if (!row->follow_up_of || row->hosts.n || row->classes.n || row->project_ids.n ||
        row->everyone) {
        return 0;
    }
    rc = notice_store_recipients(tx, arena, row->follow_up_of, &list, err);
    to = list.items;
    ids = ak_arena_array(arena, const char *, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        ids[i] = to[i].project_id;
    }
    row->project_ids = (struct ak_list){list.n, ids};
    return rc;
}

int notice_create(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                  struct notice_row *row, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    row->impact = row->impact ? row->impact : "none";
    row->created_by = user_id;
    rc = check(tx, arena, row, err);
    rc = rc == 0 ? inherit(tx, arena, row, err) : rc;
    if (rc == 0) {
        ak_uuid_new(id);
        row->id = ak_arena_strdup(arena, id);
        rc = notice_store_insert(tx, arena, row, err);
    }
    return rc == 0 ? notice_store_load(tx, arena, NULL, row->id, row, err) : rc;
}

/* Refuses a start, or an emergency, that a contract does not allow; '*ret_ok' = it is early enough
 * for all. */
static int check_lead(const struct notice_row *row, const struct notice_demand *demand,
                      bool *ret_ok, struct ak_error *err)
{
    char text[AK_TIME_TEXT];

    *ret_ok = !demand->contract || row->starts_us >= demand->earliest_us;
    if (*ret_ok) {
        return 0;
    }
    if (!row->emergency) {
        return ak_fail(err, AK_NOTICE_LEAD, demand->contract, demand->customer,
                       ak_time_text(text, demand->earliest_us, AK_TIME_Z));
    }
    return demand->no_emergency ? ak_fail(err, AK_NOTICE_EMERGENCY, demand->no_emergency) : 0;
}

/* A draft may change in all; what is published may change in what it says and when, not in whom it
 * concerns. */
static int check_change(const struct notice_row *change, struct ak_error *err)
{
    static const char *const fixed[] = {"kind",        "emergency", "hosts",    "classes",
                                        "project_ids", "everyone",  "needs_ack"};

    for (size_t i = 0; i < AK_N(fixed); i++) {
        if (ak_field_given(&notice_fields, change, fixed[i])) {
            return ak_fail(err, AK_NOTICE_FIXED, fixed[i]);
        }
    }
    return 0;
}

static int mail_all(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                    enum notice_event event, struct ak_error *err)
{
    struct ak_list list = {0};
    const struct notice_recipient_row *to = NULL;
    int rc = notice_store_recipients(tx, arena, row->id, &list, err);

    to = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = notice_mail_event(tx, arena, row, &to[i], event, err);
    }
    return rc;
}

/* Nothing that a template left open is shown to customers. */
static int check_words(const struct notice_row *row, struct ak_error *err)
{
    const char *const texts[] = {row->title_ja, row->title_en, row->body_ja, row->body_en};
    int rc = 0;

    for (size_t i = 0; i < AK_N(texts) && rc == 0; i++) {
        rc = service_template_check(texts[i], err);
    }
    return rc;
}

int notice_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                  const struct notice_row *change, struct notice_row *ret, struct ak_error *err)
{
    struct notice_row row = {0};
    struct notice_affected affected = {0};
    struct notice_demand demand = {0};
    bool published = false;
    int rc = notice_store_load(tx, arena, NULL, id, &row, err);

    rc = rc == 0 ? may(&row, NOTICE_UPDATE, err) : rc;
    published = rc == 0 && ak_streq(row.state, "published");
    rc = rc == 0 && published ? check_change(change, err) : rc;
    if (rc == 0) {
        ak_fields_merge(&notice_fields, &row, change);
        rc = check(tx, arena, &row, err);
    }
    rc = rc == 0 && published ? check_words(&row, err) : rc;
    if (rc == 0 && published && ak_field_given(&notice_fields, change, "starts_at")) {
        rc = notice_affected_compute(tx, arena, &row, &affected, err);
        rc = rc == 0 ? notice_affected_demand(tx, arena, &row, &affected, &demand, err) : rc;
        rc = rc == 0 ? check_lead(&row, &demand, &row.lead_ok, err) : rc;
    }
    rc = rc == 0 ? notice_store_update(tx, arena, &row, err) : rc;
    rc = rc == 0 ? notice_store_load(tx, arena, NULL, id, ret, err) : rc;
    return rc == 0 && published ? mail_all(tx, arena, ret, NOTICE_UPDATE, err) : rc;
}

int notice_complete(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                    int64_t *ret_n, struct ak_error *err)
{
    struct notice_affected affected = {0};
    struct notice_demand demand = {0};
    int rc = notice_affected_compute(tx, arena, row, &affected, err);

    rc = rc == 0 ? notice_affected_demand(tx, arena, row, &affected, &demand, err) : rc;
    *ret_n = 0;
    for (size_t i = 0; rc == 0 && i < affected.n_recipients; i++) {
        const struct notice_recipient_row *to = &affected.recipients[i];
        AK_AUTO_BUF names;
        const char *first = NULL;
        bool new_customer = false;

        ak_buf_init(&names, 4000);
        rc = notice_store_recipient_add(tx, row->id, to, &new_customer, err);
        for (size_t s = 0; rc == 0 && s < affected.n_servers; s++) {
            bool new_server = false;

            if (!ak_streq(affected.servers[s].project_id, to->project_id)) {
                continue;
            }
            rc = notice_store_server_add(tx, row->id, &affected.servers[s], &new_server, err);
            if (new_server) {
                first = first ? first : affected.servers[s].server_id;
                ak_buf_printf(&names, "%s%s", names.len ? ", " : "", affected.servers[s].name);
            }
        }
        if (rc == 0 && new_customer) {
            rc = notice_mail_event(tx, arena, row, to, NOTICE_PUBLISH, err);
        } else if (rc == 0 && first) {
            rc = notice_mail_servers(tx, arena, row, to, names.data, first, err);
        }
        *ret_n += new_customer || first;
    }
    return rc;
}

/* The state's own business at the publication: lead time, the later notice of an emergency. */
static int publish(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                   struct notice_row *row, const char *user_name, struct ak_error *err)
{
    struct notice_affected affected = {0};
    struct notice_demand demand = {0};
    int64_t now = ak_now_us();
    int rc = notice_affected_compute(tx, arena, row, &affected, err);

    rc = rc == 0 ? check_words(row, err) : rc;
    rc = rc == 0 ? notice_affected_demand(tx, arena, row, &affected, &demand, err) : rc;
    rc = rc == 0 ? check_lead(row, &demand, &row->lead_ok, err) : rc;
    if (rc < 0) {
        return rc;
    }
    if (row->emergency) {
        int64_t hours = demand.report_hours ? demand.report_hours
                                            : ak_config_int(config, "notice_report_hours");

        row->report_due_us = row->starts_us + hours * AK_HOUR;
    }
    row->published_by = user_name;
    row->published_us = now;
    return row->follow_up_of ? notice_store_reported(tx, row->follow_up_of, row->id, err) : 0;
}

int notice_move(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                const char *id, enum notice_event event, const char *user_name, const char *reason,
                struct notice_row *ret, struct ak_error *err)
{
    struct notice_row row = {0};
    bool was_draft = false;
    int64_t n = 0;
    int rc = notice_store_load(tx, arena, NULL, id, &row, err);

    rc = rc == 0 ? may(&row, event, err) : rc;
    was_draft = rc == 0 && ak_streq(row.state, "draft");
    if (rc == 0 && event == NOTICE_PUBLISH) {
        rc = publish(tx, arena, config, &row, user_name, err);
    }
    if (rc < 0) {
        return rc;
    }
    row.state = moves[event].to;
    row.reason = event == NOTICE_CANCEL ? reason : row.reason;
    row.finished_us =
        event == NOTICE_FINISH || event == NOTICE_CANCEL ? ak_now_us() : row.finished_us;
    rc = notice_store_move(tx, &row, err);
    rc = rc == 0 ? notice_store_load(tx, arena, NULL, id, ret, err) : rc;
    if (rc == 0 && event == NOTICE_PUBLISH) {
        rc = notice_complete(tx, arena, ret, &n, err);
    } else if (rc == 0 && !was_draft) {
        rc = mail_all(tx, arena, ret, event, err);
    }
    return rc;
}

int notice_end(struct ak_tx *tx, struct ak_arena *arena, const char *id, struct ak_error *err)
{
    struct notice_row row = {0};
    int rc = notice_store_load(tx, arena, NULL, id, &row, err);

    rc = rc == 0 ? may(&row, NOTICE_FINISH, err) : rc;
    row.state = moves[NOTICE_FINISH].to;
    row.finished_us = ak_now_us();
    return rc == 0 ? notice_store_move(tx, &row, err) : rc;
}

int notice_remind(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                  struct ak_error *err)
{
    return mail_all(tx, arena, row, NOTICE_REMIND, err);
}

int notice_acknowledge(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                       const struct ak_principal *who, struct notice_row *ret, struct ak_error *err)
{
    int rc = notice_store_load(tx, arena, who->project_id, id, ret, err);

    if (rc == 0 && ret->acknowledged_us == 0) {
        rc = notice_store_acknowledge(tx, id, who->project_id, who, err);
    }
    return rc == 0 ? notice_store_load(tx, arena, who->project_id, id, ret, err) : rc;
}
