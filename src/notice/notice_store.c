/* SPDX-License-Identifier: Apache-2.0 */
/* One function a statement of notice.sql. */
#include "notice/notice_internal.h"

#include "notice/notice_sql.h"

#include <time.h>

const char *notice_array_text(struct ak_arena *arena, const struct ak_list *list)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);
    const char *const *item = list->items;

    ak_buf_init(&buf, 1 << 20);
    ak_json_array(&w);
    for (size_t i = 0; i < list->n; i++) {
        ak_json_str(&w, item[i]);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(arena, buf.data);
}

static int next_number(struct ak_tx *tx, struct ak_arena *arena, const char **ret,
                       struct ak_error *err)
{
    time_t now = (time_t)((ak_now_us() + 9 * AK_HOUR) / AK_SEC);
    struct tm tm;
    int64_t n = 0;
    const char *name = NULL;
    int rc = 0;

    (void)gmtime_r(&now, &tm);
    name = ak_arena_printf(arena, "notice-%d", tm.tm_year + 1900);
    rc = ak_sql_int(tx, &sql_notice_number, AK_ARGS(ak_v_text(name)), &n, err);
    if (rc == 0) {
        *ret = ak_arena_printf(arena, "N-%d-%04" PRId64, tm.tm_year + 1900, n);
    }
    return rc;
}

int notice_store_insert(struct ak_tx *tx, struct ak_arena *arena, struct notice_row *row,
                        struct ak_error *err)
{
    int rc = next_number(tx, arena, &row->number, err);

    if (rc < 0) {
        return rc;
    }
    return ak_sql_exec(
        tx, &sql_notice_insert,
        AK_ARGS(ak_v_text(row->id), ak_v_text(row->number), ak_v_text(row->kind),
                ak_v_int(row->emergency), ak_v_text(row->title_ja), ak_v_text(row->title_en),
                ak_v_text(row->body_ja), ak_v_text(row->body_en), ak_v_text(row->impact),
                ak_v_int(row->starts_us), ak_v_int(row->ends_us),
                ak_v_text(notice_array_text(arena, &row->hosts)),
                ak_v_text(notice_array_text(arena, &row->classes)),
                ak_v_text(notice_array_text(arena, &row->project_ids)), ak_v_int(row->everyone),
                ak_v_int(row->needs_ack), ak_v_text(row->follow_up_of), ak_v_text(row->created_by),
                ak_v_int(ak_now_us())),
        NULL, err);
}

/* A compare-and-set that changed nothing lost against somebody else. */
static int changed_one(int rc, int64_t changed, struct ak_error *err)
{
    return rc == 0 && changed == 0 ? ak_fail(err, AK_CHANGED_MEANWHILE) : rc;
}

int notice_store_update(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                        struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(
        tx, &sql_notice_update,
        AK_ARGS(ak_v_text(row->id), ak_v_int(row->version), ak_v_text(row->kind),
                ak_v_int(row->emergency), ak_v_text(row->title_ja), ak_v_text(row->title_en),
                ak_v_text(row->body_ja), ak_v_text(row->body_en), ak_v_text(row->impact),
                ak_v_int(row->starts_us), ak_v_int(row->ends_us),
                ak_v_text(notice_array_text(arena, &row->hosts)),
                ak_v_text(notice_array_text(arena, &row->classes)),
                ak_v_text(notice_array_text(arena, &row->project_ids)), ak_v_int(row->everyone),
                ak_v_int(row->needs_ack), ak_v_text(row->follow_up_of), ak_v_int(row->lead_ok),
                ak_v_int(ak_now_us())),
        &n, err);

    return changed_one(rc, n, err);
}

int notice_store_move(struct ak_tx *tx, const struct notice_row *row, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_notice_move,
                         AK_ARGS(ak_v_text(row->id), ak_v_int(row->version), ak_v_text(row->state),
                                 ak_v_int(row->lead_ok), ak_v_int(row->report_due_us),
                                 ak_v_text(row->published_by), ak_v_int(row->published_us),
                                 ak_v_int(row->finished_us), ak_v_text(row->reason),
                                 ak_v_int(ak_now_us())),
                         &n, err);

    return changed_one(rc, n, err);
}

int notice_store_reported(struct ak_tx *tx, const char *id, const char *by, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_notice_reported, AK_ARGS(ak_v_text(id), ak_v_text(by)), NULL, err);
}

int notice_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const char *id, struct notice_row *ret, struct ak_error *err)
{
    int rc = project_id ? ak_sql_load(tx, &sql_notice_of_project,
                                      AK_ARGS(ak_v_text(project_id), ak_v_text(id)), &notice_fields,
                                      arena, ret, err)
                        : ak_sql_load(tx, &sql_notice_by_id, AK_ARGS(ak_v_text(id)), &notice_fields,
                                      arena, ret, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Notice", id) : rc;
}

int notice_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const struct ak_query *query, struct ak_list *ret, struct ak_error *err)
{
    struct ak_query own = *query;

    if (own.n_sorts == 0) {
        ak_query_sort_key(&own, "created_us", true);
    }
    return project_id ? ak_sql_list(tx, &sql_notice_list_of_project, AK_ARGS(ak_v_text(project_id)),
                                    &own, &notice_fields, arena, ret, err)
                      : ak_sql_list(tx, &sql_notice_list, AK_NO_ARGS, &own, &notice_fields, arena,
                                    ret, err);
}

int notice_store_open(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                      struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_notice_open, AK_ARGS(ak_v_int(ak_now_us())), &notice_fields,
                           arena, 0, ret, err);
}

int notice_store_overdue(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                         struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_notice_overdue, AK_ARGS(ak_v_int(ak_now_us())), &notice_fields,
                           arena, 0, ret, err);
}

int notice_store_recipient_add(struct ak_tx *tx, const char *notice_id,
                               const struct notice_recipient_row *row, bool *ret_new,
                               struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_recipient_add,
                         AK_ARGS(ak_v_text(notice_id), ak_v_text(row->project_id),
                                 ak_v_text(row->contract_id), ak_v_text(row->customer_name),
                                 ak_v_text(row->class_name), ak_v_int(row->needs_ack),
                                 ak_v_int(ak_now_us())),
                         &n, err);

    *ret_new = rc == 0 && n > 0;
    return rc;
}

int notice_store_recipients(struct ak_tx *tx, struct ak_arena *arena, const char *notice_id,
                            struct ak_list *ret, struct ak_error *err)
{
    struct ak_list counts = {0};
    const struct ak_mail_count *count = NULL;
    struct notice_recipient_row *row = NULL;
    int rc = ak_sql_load_all(tx, &sql_recipient_list, AK_ARGS(ak_v_text(notice_id)),
                             &notice_recipient_fields, arena, NOTICE_CONCERNED_MAX, ret, err);

    rc = rc == 0 ? ak_mail_counts(tx, arena, notice_id, &counts, err) : rc;
    count = counts.items;
    row = ret->items;
    for (size_t i = 0; rc == 0 && i < ret->n; i++) {
        for (size_t k = 0; k < counts.n; k++) {
            if (ak_streq(count[k].project_id, row[i].project_id)) {
                row[i].mails = count[k].mails;
                row[i].mails_sent = count[k].sent;
                row[i].mails_failed = count[k].failed;
            }
        }
    }
    return rc;
}

int notice_store_acknowledge(struct ak_tx *tx, const char *notice_id, const char *project_id,
                             const struct ak_principal *who, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_recipient_acknowledge,
                       AK_ARGS(ak_v_text(notice_id), ak_v_text(project_id), ak_v_int(ak_now_us()),
                               ak_v_text(who->user_id), ak_v_text(who->user_name)),
                       NULL, err);
}

int notice_store_server_add(struct ak_tx *tx, const char *notice_id,
                            const struct notice_server_row *row, bool *ret_new,
                            struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_server_add,
                         AK_ARGS(ak_v_text(notice_id), ak_v_text(row->server_id),
                                 ak_v_text(row->project_id), ak_v_text(row->name),
                                 ak_v_text(row->host), ak_v_int(ak_now_us())),
                         &n, err);

    *ret_new = rc == 0 && n > 0;
    return rc;
}

int notice_store_servers(struct ak_tx *tx, struct ak_arena *arena, const char *notice_id,
                         const char *project_id, struct ak_list *ret, struct ak_error *err)
{
    return project_id
               ? ak_sql_load_all(tx, &sql_server_list_of_project,
                                 AK_ARGS(ak_v_text(notice_id), ak_v_text(project_id)),
                                 &notice_server_fields, arena, NOTICE_CONCERNED_MAX, ret, err)
               : ak_sql_load_all(tx, &sql_server_list, AK_ARGS(ak_v_text(notice_id)),
                                 &notice_server_fields, arena, NOTICE_CONCERNED_MAX, ret, err);
}

int notice_store_feed_set(struct ak_tx *tx, const struct notice_feed_row *row, const char *hash,
                          struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_feed_set,
                       AK_ARGS(ak_v_text(row->user_id), ak_v_text(row->project_id), ak_v_text(hash),
                               ak_v_int(row->created_us)),
                       NULL, err);
}

int notice_store_feed_get(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                          const char *project_id, struct notice_feed_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_feed_get, AK_ARGS(ak_v_text(user_id), ak_v_text(project_id)),
                       &notice_feed_fields, arena, ret, err);
}

int notice_store_feed_remove(struct ak_tx *tx, const char *user_id, const char *project_id,
                             struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_feed_remove, AK_ARGS(ak_v_text(user_id), ak_v_text(project_id)),
                       NULL, err);
}

int notice_store_feed_by_token(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                               struct notice_feed_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_feed_by_token, AK_ARGS(ak_v_text(hash)), &notice_feed_fields, arena,
                       ret, err);
}

int notice_store_feed_notices(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              int64_t since_us, struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_feed_notices,
                           AK_ARGS(ak_v_text(project_id), ak_v_int(since_us)), &notice_fields,
                           arena, 0, ret, err);
}

int notice_store_over(struct ak_tx *tx, struct ak_arena *arena, int64_t shown_us,
                      struct ak_list *ret, struct ak_error *err)
{
    int64_t now = ak_now_us();

    return ak_sql_load_all(tx, &sql_notice_over, AK_ARGS(ak_v_int(now), ak_v_int(now - shown_us)),
                           &notice_fields, arena, 0, ret, err);
}

int notice_store_soon(struct ak_tx *tx, struct ak_arena *arena, int64_t before_us,
                      struct ak_list *ret, struct ak_error *err)
{
    int64_t now = ak_now_us();

    return ak_sql_load_all(tx, &sql_notice_soon,
                           AK_ARGS(ak_v_int(now), ak_v_int(now + before_us), ak_v_int(before_us)),
                           &notice_fields, arena, 0, ret, err);
}

/* ---- The customer's overview ----------------------------------------------------------------- */

static int unread(struct ak_tx *tx, const char *project_id, int64_t *ret_n, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_notice_unread, AK_ARGS(ak_v_text(project_id)), ret_n, err);
}

static int needs(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                 struct ak_list *ret_needs, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_notice_needs, AK_ARGS(ak_v_text(project_id)),
                           &service_need_fields, arena, 0, ret_needs, err);
}

const struct service_overview_part notice_overview = {"unread_notices", unread, needs};
