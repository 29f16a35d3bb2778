/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of domains, projects, users and roles: one function each, no rule. Tokens, grants and
 * application credentials are in identity_token_store.c. What is not there is AK_OBJECT_NOT_FOUND
 * naming it. */
#include "identity/identity_internal.h"

#include "identity/identity_sql.h"

/* Turns the store's "no row" into "<what> <id> could not be found". */
static int named(int rc, const char *what, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, what, id) : rc;
}

/* As ak_sql_exec for a statement that must change the row 'id'. */
static int exec_one(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                    const char *what, const char *id, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, sql, args, &n, err);

    return rc == 0 && n == 0 ? ak_fail(err, AK_OBJECT_NOT_FOUND, what, id) : rc;
}

/* A unique key that is taken, told with the name. */
static int taken(int rc, const char *what, const char *name, struct ak_error *err)
{
    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_ALREADY_EXISTS, what, name) : rc;
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

/* A list of strings as JSON text, for its column. */
static const char *strings_text(struct ak_arena *arena, const struct ak_list *list)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, 65536);
    w = ak_json_on(&text);
    ak_json_array(&w);
    for (size_t i = 0; i < list->n; i++) {
        ak_json_str(&w, ((const char *const *)list->items)[i]);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(arena, text.data);
}

/* Domains */

int identity_domain_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct identity_domain_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_domain_by_id, AK_ARGS(ak_v_text(id)), &identity_domain_fields,
                             arena, ret, err),
                 "Domain", id, err);
}

int identity_domain_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                                       struct identity_domain_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_domain_by_name, AK_ARGS(ak_v_text(name)),
                             &identity_domain_fields, arena, ret, err),
                 "Domain", name, err);
}

int identity_domain_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                               const struct ak_query *query, struct ak_list *ret,
                               struct ak_error *err)
{
    return user_id ? ak_sql_list(tx, &sql_domain_list_of_user, AK_ARGS(ak_v_text(user_id)), query,
                                 &identity_domain_fields, arena, ret, err)
                   : ak_sql_list(tx, &sql_domain_list, AK_NO_ARGS, query, &identity_domain_fields,
                                 arena, ret, err);
}

int identity_domain_store_insert(struct ak_tx *tx, const struct identity_domain_row *row,
                                 struct ak_error *err)
{
    return taken(ak_sql_exec(tx, &sql_domain_insert,
                             AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                                     ak_v_text(or_empty(row->description)), ak_v_int(row->enabled),
                                     ak_v_int(ak_now_us())),
                             NULL, err),
                 "Domain", row->name, err);
}

int identity_domain_store_update(struct ak_tx *tx, const struct identity_domain_row *row,
                                 struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        taken(exec_one(tx, &sql_domain_update,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                               ak_v_text(or_empty(row->description)), ak_v_int(row->enabled)),
                       "Domain", row->id, err),
              "Domain", row->name, err),
        err);
}

int identity_domain_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, exec_one(tx, &sql_domain_delete, AK_ARGS(ak_v_text(id)), "Domain", id, err), err);
}

int identity_domain_store_members(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                  struct ak_error *err)
{
    return ak_sql_int(tx, &sql_domain_members, AK_ARGS(ak_v_text(id)), ret_n, err);
}

int identity_user_store_language(struct ak_tx *tx, const char *id, const char *language,
                                 struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_user_set_language, AK_ARGS(ak_v_text(id), ak_v_text(language)),
                       NULL, err);
}

int identity_domain_store_set_customer(struct ak_tx *tx, const char *id, const char *language,
                                       struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_domain_set_customer, AK_ARGS(ak_v_text(id), ak_v_text(language)),
                       NULL, err);
}

/* Projects */

int identity_project_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct identity_project_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_project_by_id, AK_ARGS(ak_v_text(id)),
                             &identity_project_fields, arena, ret, err),
                 "Project", id, err);
}

int identity_project_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                        const char *domain_id, const char *name,
                                        struct identity_project_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_project_by_name,
                             AK_ARGS(ak_v_text(domain_id), ak_v_text(name)),
                             &identity_project_fields, arena, ret, err),
                 "Project", name, err);
}

int identity_project_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err)
{
    return user_id ? ak_sql_list(tx, &sql_project_list_of_user, AK_ARGS(ak_v_text(user_id)), query,
                                 &identity_project_fields, arena, ret, err)
                   : ak_sql_list(tx, &sql_project_list, AK_NO_ARGS, query, &identity_project_fields,
                                 arena, ret, err);
}

int identity_project_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_project_row *row, struct ak_error *err)
{
    return taken(
        ak_sql_exec(tx, &sql_project_insert,
                    AK_ARGS(ak_v_text(row->id), ak_v_text(row->domain_id), ak_v_text(row->name),
                            ak_v_text(or_empty(row->description)), ak_v_int(row->enabled),
                            ak_v_text(strings_text(arena, &row->tags)), ak_v_int(row->cloud_admin),
                            ak_v_int(ak_now_us())),
                    NULL, err),
        "Project", row->name, err);
}

int identity_project_store_update(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_project_row *row, struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        taken(exec_one(tx, &sql_project_update,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                               ak_v_text(or_empty(row->description)), ak_v_int(row->enabled),
                               ak_v_text(strings_text(arena, &row->tags))),
                       "Project", row->id, err),
              "Project", row->name, err),
        err);
}

int identity_project_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, exec_one(tx, &sql_project_delete, AK_ARGS(ak_v_text(id)), "Project", id, err), err);
}

/* Users */

int identity_user_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct identity_user_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_user_by_id, AK_ARGS(ak_v_text(id)), &identity_user_fields,
                             arena, ret, err),
                 "User", id, err);
}

int identity_user_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *domain_id, const char *name,
                                     struct identity_user_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_user_by_name, AK_ARGS(ak_v_text(domain_id), ak_v_text(name)),
                             &identity_user_fields, arena, ret, err),
                 "User", name, err);
}

int identity_user_store_load_by_domain_name(struct ak_tx *tx, struct ak_arena *arena,
                                            const char *domain_name, const char *name,
                                            struct identity_user_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_user_by_domain_name,
                             AK_ARGS(ak_v_text(domain_name), ak_v_text(name)),
                             &identity_user_fields, arena, ret, err),
                 "User", name, err);
}

int identity_user_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_user_list, AK_NO_ARGS, query, &identity_user_fields, arena, ret,
                       err);
}

int identity_user_store_insert(struct ak_tx *tx, const struct identity_user_row *row,
                               struct ak_error *err)
{
    return taken(
        ak_sql_exec(tx, &sql_user_insert,
                    AK_ARGS(ak_v_text(row->id), ak_v_text(row->domain_id), ak_v_text(row->name),
                            ak_v_text(or_empty(row->description)), ak_v_text(row->email),
                            ak_v_int(row->enabled), ak_v_text(row->default_project_id),
                            ak_v_text(row->options), ak_v_text(row->password_hash),
                            ak_v_int(row->password_changed_us), ak_v_int(row->password_expires_us)),
                    NULL, err),
        "User", row->name, err);
}

int identity_user_store_update(struct ak_tx *tx, const struct identity_user_row *row,
                               struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        taken(exec_one(tx, &sql_user_update,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                               ak_v_text(or_empty(row->description)), ak_v_text(row->email),
                               ak_v_int(row->enabled), ak_v_text(row->default_project_id),
                               ak_v_text(row->options)),
                       "User", row->id, err),
              "User", row->name, err),
        err);
}

int identity_user_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, exec_one(tx, &sql_user_delete, AK_ARGS(ak_v_text(id)), "User", id, err), err);
}

int identity_user_store_set_password(struct ak_tx *tx, const char *id, const char *hash,
                                     int64_t changed_us, int64_t expires_us, bool must_change,
                                     struct ak_error *err)
{
    int rc = identity_source_store_forget(tx, id, err);

    return rc < 0 ? rc
                  : identity_version_store_bump(
                        tx,
                        exec_one(tx, &sql_user_set_password,
                                 AK_ARGS(ak_v_text(id), ak_v_text(hash), ak_v_int(changed_us),
                                         ak_v_int(expires_us), ak_v_int(must_change)),
                                 "User", id, err),
                        err);
}

int identity_user_store_logged_in(struct ak_tx *tx, const char *id, int64_t now_us,
                                  struct ak_error *err)
{
    return exec_one(tx, &sql_user_logged_in, AK_ARGS(ak_v_text(id), ak_v_int(now_us)), "User", id,
                    err);
}

int identity_user_store_exempt(struct ak_tx *tx, const char *id, bool exempt, struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        exec_one(tx, &sql_user_exempt, AK_ARGS(ak_v_text(id), ak_v_int(exempt)), "User", id, err),
        err);
}

int identity_user_store_count_failure(struct ak_tx *tx, const char *id, int64_t now_us,
                                      int64_t since_us, struct ak_error *err)
{
    return exec_one(tx, &sql_user_count_failure,
                    AK_ARGS(ak_v_text(id), ak_v_int(now_us), ak_v_int(since_us)), "User", id, err);
}

int identity_user_store_is_cloud_admin(struct ak_tx *tx, const char *id, bool *ret_is,
                                       struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(tx, &sql_user_is_cloud_admin, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())),
                        &n, err);

    if (rc == 0) {
        *ret_is = n > 0;
    }
    return rc;
}

int identity_password_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                 int64_t n, struct ak_list *ret, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    const char **hashes = ak_arena_array(arena, const char *, (size_t)n + 1);
    size_t found = 0;
    int rc =
        ak_sql_query(tx, &sql_password_list, AK_ARGS(ak_v_text(user_id), ak_v_int(n)), &rows, err);

    if (rc < 0) {
        return rc;
    }
    while ((rc = ak_rows_next(rows, err)) == 1 && found < (size_t)n) {
        hashes[found++] = ak_arena_strdup(arena, ak_rows_text(rows, 0));
    }
    if (rc < 0) {
        return rc;
    }
    *ret = (struct ak_list){.n = found, .items = hashes};
    return 0;
}

int identity_password_store_add(struct ak_tx *tx, const char *user_id, const char *hash,
                                int64_t keep, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    ak_uuid_new(id);
    rc = ak_sql_exec(
        tx, &sql_password_insert,
        AK_ARGS(ak_v_text(id), ak_v_text(user_id), ak_v_text(hash), ak_v_int(ak_now_us())), NULL,
        err);
    if (rc < 0) {
        return rc;
    }
    return ak_sql_exec(tx, &sql_password_trim, AK_ARGS(ak_v_text(user_id), ak_v_int(keep)), NULL,
                       err);
}

/* Roles */

int identity_role_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct identity_role_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_role_by_id, AK_ARGS(ak_v_text(id)), &identity_role_fields,
                             arena, ret, err),
                 "Role", id, err);
}

int identity_role_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                                     struct identity_role_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_role_by_name, AK_ARGS(ak_v_text(name)), &identity_role_fields,
                             arena, ret, err),
                 "Role", name, err);
}

int identity_role_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_role_list, AK_NO_ARGS, query, &identity_role_fields, arena, ret,
                       err);
}

int identity_role_store_all(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                            struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_role_all, AK_NO_ARGS, &identity_role_fields, arena, 0, ret,
                           err);
}

int identity_role_store_insert(struct ak_tx *tx, const struct identity_role_row *row,
                               struct ak_error *err)
{
    return taken(ak_sql_exec(tx, &sql_role_insert,
                             AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                                     ak_v_text(or_empty(row->description)), ak_v_int(row->bit),
                                     ak_v_int(ak_now_us())),
                             NULL, err),
                 "Role", row->name, err);
}

int identity_role_store_update(struct ak_tx *tx, const struct identity_role_row *row,
                               struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        taken(exec_one(tx, &sql_role_update,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->name),
                               ak_v_text(or_empty(row->description))),
                       "Role", row->id, err),
              "Role", row->name, err),
        err);
}

int identity_role_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, exec_one(tx, &sql_role_delete, AK_ARGS(ak_v_text(id)), "Role", id, err), err);
}
