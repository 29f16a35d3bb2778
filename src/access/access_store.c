/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of access.sql: one function each, no rule. What is not there is AK_OBJECT_NOT_FOUND.
 */
#include "access/access_internal.h"

#include "access/access_sql.h"

static int named(int rc, const char *what, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, what, id) : rc;
}

static int exec(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                struct ak_error *err)
{
    return ak_sql_exec(tx, sql, args, NULL, err);
}

/* A change that must meet its row as it was seen. */
static int exec_seen(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                     struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, sql, args, &n, err);

    return rc == 0 && n == 0 ? ak_fail(err, AK_CHANGED_MEANWHILE) : rc;
}

/* Areas */

int access_area_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                           struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_area_list, AK_NO_ARGS, query, &access_area_fields, arena, ret, err);
}

int access_area_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct access_area_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_area_by_id, AK_ARGS(ak_v_text(id)), &access_area_fields,
                             arena, ret, err),
                 "Area", id, err);
}

int access_area_store_by_slug(struct ak_tx *tx, struct ak_arena *arena, const char *slug,
                              struct access_area_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_area_by_slug, AK_ARGS(ak_v_text(slug)), &access_area_fields,
                             arena, ret, err),
                 "Area", slug, err);
}

int access_area_store_insert(struct ak_tx *tx, const struct access_area_row *row,
                             struct ak_error *err)
{
    int rc = exec(tx, &sql_area_insert,
                  AK_ARGS(ak_v_text(row->id), ak_v_text(row->slug), ak_v_text(row->name_ja),
                          ak_v_text(row->name_en), ak_v_text(row->cidrs_text),
                          ak_v_int(row->created_us)),
                  err);

    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_ALREADY_EXISTS, "Area", row->slug) : rc;
}

int access_area_store_update(struct ak_tx *tx, const struct access_area_row *row,
                             struct ak_error *err)
{
    return exec_seen(tx, &sql_area_update,
                     AK_ARGS(ak_v_text(row->id), ak_v_text(row->name_ja), ak_v_text(row->name_en),
                             ak_v_text(row->cidrs_text), ak_v_int(ak_now_us())),
                     err);
}

int access_area_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return exec_seen(tx, &sql_area_delete, AK_ARGS(ak_v_text(id)), err);
}

static const struct ak_field tie_rows[] = {
    {"purpose", AK_STR, offsetof(struct access_tie, purpose), 0},
    {"slug", AK_STR, offsetof(struct access_tie, slug), 0},
    {"name_ja", AK_STR, offsetof(struct access_tie, name_ja), 0},
    {"name_en", AK_STR, offsetof(struct access_tie, name_en), 0},
    {"cidrs", AK_STR, offsetof(struct access_tie, cidrs), 0},
};
static const struct ak_fields tie_fields = AK_FIELDS("tie", struct access_tie, tie_rows);

int access_tie_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_tie_list, AK_ARGS(ak_v_text(project_id)), &tie_fields, arena, 0,
                           ret, err);
}

int access_tie_store_clear(struct ak_tx *tx, const char *project_id, const char *purpose,
                           struct ak_error *err)
{
    return exec(tx, &sql_tie_clear, AK_ARGS(ak_v_text(project_id), ak_v_text(purpose)), err);
}

int access_tie_store_insert(struct ak_tx *tx, const char *project_id, const char *purpose,
                            const char *area_id, struct ak_error *err)
{
    int rc = exec(tx, &sql_tie_insert,
                  AK_ARGS(ak_v_text(project_id), ak_v_text(purpose), ak_v_text(area_id)), err);

    return rc == -AK_STORE_REFERENCED ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Project", project_id)
                                      : rc;
}

/* Privileges */

int access_privilege_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err)
{
    return ak_sql_list(tx, &sql_privilege_list, AK_NO_ARGS, query, &access_privilege_fields, arena,
                       ret, err);
}

int access_privilege_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct access_privilege_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_privilege_by_id, AK_ARGS(ak_v_text(id)),
                             &access_privilege_fields, arena, ret, err),
                 "Privilege", id, err);
}

int access_privilege_store_insert(struct ak_tx *tx, const struct access_privilege_row *row,
                                  struct ak_error *err)
{
    return exec(tx, &sql_privilege_insert,
                AK_ARGS(ak_v_text(row->id), ak_v_text(row->user_id), ak_v_text(row->user_name),
                        ak_v_text(row->project_id), ak_v_text(row->role), ak_v_text(row->reason),
                        ak_v_text(row->ticket), ak_v_int(row->hours), ak_v_text(row->state),
                        ak_v_text(row->requested_by), ak_v_text(row->requested_by_name),
                        ak_v_int(row->requested_us)),
                err);
}

int access_privilege_store_move(struct ak_tx *tx, const struct access_privilege_row *row,
                                const char *from, struct ak_error *err)
{
    return exec_seen(tx, &sql_privilege_move,
                     AK_ARGS(ak_v_text(row->id), ak_v_text(from), ak_v_text(row->state),
                             ak_v_text(row->decided_by), ak_v_text(row->decided_by_name),
                             ak_v_int(row->decided_us), ak_v_text(row->comment),
                             ak_v_int(row->starts_us), ak_v_int(row->expires_us)),
                     err);
}

/* Break-glass */

int access_glass_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                            struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_glass_list, AK_NO_ARGS, query, &access_glass_fields, arena, ret,
                       err);
}

int access_glass_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct access_glass_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_glass_by_id, AK_ARGS(ak_v_text(id)), &access_glass_fields,
                             arena, ret, err),
                 "Break-glass access", id, err);
}

int access_glass_store_insert(struct ak_tx *tx, const struct access_glass_row *row,
                              struct ak_error *err)
{
    return exec(tx, &sql_glass_insert,
                AK_ARGS(ak_v_text(row->id), ak_v_text(row->project_id), ak_v_text(row->server_id),
                        ak_v_text(row->user_id), ak_v_text(row->user_name), ak_v_text(row->reason),
                        ak_v_text(row->ticket), ak_v_int(row->hours), ak_v_text(row->state),
                        ak_v_int(row->requested_us)),
                err);
}

int access_glass_store_move(struct ak_tx *tx, const struct access_glass_row *row, const char *from,
                            int64_t seen_approvals, struct ak_error *err)
{
    return exec_seen(tx, &sql_glass_move,
                     AK_ARGS(ak_v_text(row->id), ak_v_text(from), ak_v_int(seen_approvals),
                             ak_v_text(row->state), ak_v_int(row->approvals),
                             ak_v_int(row->by_consent), ak_v_int(row->starts_us),
                             ak_v_int(row->expires_us)),
                     err);
}

int access_glass_store_in_force(struct ak_tx *tx, const char *user_id, const char *project_id,
                                const char *server_id, int64_t now_us, int64_t *ret_n,
                                struct ak_error *err)
{
    return ak_sql_int(tx, &sql_glass_in_force,
                      AK_ARGS(ak_v_text(user_id), ak_v_text(project_id),
                              ak_v_text(server_id ? server_id : ""), ak_v_int(now_us)),
                      ret_n, err);
}

int access_glass_store_any(struct ak_tx *tx, const char *user_id, int64_t now_us, int64_t *ret_n,
                           struct ak_error *err)
{
    return ak_sql_int(tx, &sql_glass_any, AK_ARGS(ak_v_text(user_id), ak_v_int(now_us)), ret_n,
                      err);
}

int access_account_store_closed(struct ak_tx *tx, const struct ak_principal *who,
                                const char *user_id, int64_t now_us, int64_t *ret_n,
                                struct ak_error *err)
{
    return ak_sql_int(tx, &sql_account_closed,
                      AK_ARGS(ak_v_text(who->user_id), ak_v_text(user_id),
                              ak_v_text(who->project_id), ak_v_int(now_us)),
                      ret_n, err);
}

int access_decision_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *glass_id,
                               struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_decision_list, AK_ARGS(ak_v_text(glass_id)),
                           &access_decision_fields, arena, 0, ret, err);
}

int access_decision_store_insert(struct ak_tx *tx, const struct access_decision_row *row,
                                 struct ak_error *err)
{
    int rc =
        exec(tx, &sql_decision_insert,
             AK_ARGS(ak_v_text(row->id), ak_v_text(row->break_glass_id), ak_v_text(row->user_id),
                     ak_v_text(row->user_name), ak_v_text(row->party), ak_v_text(row->decision),
                     ak_v_text(row->comment), ak_v_int(row->decided_us)),
             err);

    return rc == -AK_STORE_DUPLICATE
               ? ak_fail(err, AK_ALREADY_EXISTS, "Decision of", row->user_name)
               : rc;
}

/* Reviews */

int access_review_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const struct ak_query *query, struct ak_list *ret,
                             struct ak_error *err)
{
    return project_id ? ak_sql_list(tx, &sql_review_list_of_project, AK_ARGS(ak_v_text(project_id)),
                                    query, &access_review_fields, arena, ret, err)
                      : ak_sql_list(tx, &sql_review_list, AK_NO_ARGS, query, &access_review_fields,
                                    arena, ret, err);
}

int access_review_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct access_review_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_review_by_id, AK_ARGS(ak_v_text(id)), &access_review_fields,
                             arena, ret, err),
                 "Review", id, err);
}

int access_review_store_insert(struct ak_tx *tx, const struct access_review_row *row,
                               struct ak_error *err)
{
    return exec(tx, &sql_review_insert,
                AK_ARGS(ak_v_text(row->id), ak_v_text(row->title), ak_v_int(row->due_us),
                        ak_v_int(row->created_us)),
                err);
}

int access_review_store_close(struct ak_tx *tx, const char *id, const char *by_name,
                              struct ak_error *err)
{
    return exec_seen(tx, &sql_review_close,
                     AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us()), ak_v_text(by_name)), err);
}

int access_review_store_newest(struct ak_tx *tx, int64_t *ret_created_us, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_review_newest, AK_NO_ARGS, ret_created_us, err);
}

int access_item_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *review_id,
                           const char *project_id, struct ak_list *ret, struct ak_error *err)
{
    return project_id ? ak_sql_load_all(tx, &sql_item_list_of_project,
                                        AK_ARGS(ak_v_text(review_id), ak_v_text(project_id)),
                                        &access_item_fields, arena, IDENTITY_HOLDERS_MAX, ret, err)
                      : ak_sql_load_all(tx, &sql_item_list, AK_ARGS(ak_v_text(review_id)),
                                        &access_item_fields, arena, IDENTITY_HOLDERS_MAX, ret, err);
}

int access_item_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *review_id,
                           const char *id, struct access_item_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_item_by_id, AK_ARGS(ak_v_text(review_id), ak_v_text(id)),
                             &access_item_fields, arena, ret, err),
                 "Entry", id, err);
}

int access_item_store_insert(struct ak_tx *tx, const struct access_item_row *row,
                             struct ak_error *err)
{
    return exec(tx, &sql_item_insert,
                AK_ARGS(ak_v_text(row->id), ak_v_text(row->review_id), ak_v_text(row->user_id),
                        ak_v_text(row->user_name), ak_v_text(row->project_id),
                        ak_v_text(row->project_name), ak_v_text(row->role_id),
                        ak_v_text(row->role)),
                err);
}

int access_item_store_decide(struct ak_tx *tx, const struct access_item_row *row,
                             struct ak_error *err)
{
    return exec_seen(tx, &sql_item_decide,
                     AK_ARGS(ak_v_text(row->id), ak_v_text(row->decision),
                             ak_v_text(row->decided_by), ak_v_text(row->decided_by_name),
                             ak_v_int(row->decided_us)),
                     err);
}

int access_item_store_applied(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return exec_seen(tx, &sql_item_applied, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())), err);
}
