/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of tokens, grants, assignments and application credentials: one function each, no
 * rule. What changes what a token depends on counts the version. The rest is in identity_store.c.
 */
#include "identity/identity_internal.h"

#include "identity/identity_sql.h"

static int named(int rc, const char *what, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, what, id) : rc;
}

const char *identity_strings_text(struct ak_arena *arena, const struct ak_list *list)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, 4096);
    w = ak_json_on(&text);
    ak_json_array(&w);
    for (size_t i = 0; i < list->n; i++) {
        ak_json_str(&w, ((const char *const *)list->items)[i]);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(arena, text.data);
}

/* The version, which every change of what tokens depend on counts up. */

int identity_version_store_get(struct ak_tx *tx, int64_t *ret_version, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_version_get, AK_NO_ARGS, ret_version, err);
}

int identity_version_store_bump(struct ak_tx *tx, int rc, struct ak_error *err)
{
    return rc < 0 ? rc : ak_sql_exec(tx, &sql_version_bump, AK_NO_ARGS, NULL, err);
}

/* Tokens */

int identity_token_store_principal(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                                   int64_t now_us, struct identity_principal_row *ret,
                                   struct ak_error *err)
{
    return ak_sql_load(tx, &sql_token_principal, AK_ARGS(ak_v_text(hash), ak_v_int(now_us)),
                       &identity_principal_fields, arena, ret, err);
}

int identity_token_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                              struct identity_token_row *ret, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_token_by_hash, AK_ARGS(ak_v_text(hash)), &identity_token_fields,
                         arena, ret, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_TOKEN_NOT_FOUND) : rc;
}

int identity_token_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                const struct identity_token_row *row, struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_token_insert,
        AK_ARGS(ak_v_text(row->hash), ak_v_text(row->user_id), ak_v_text(row->project_id),
                ak_v_text(row->domain_id), ak_v_text(row->app_credential_id),
                ak_v_text(identity_strings_text(arena, &row->methods)),
                ak_v_text(identity_strings_text(arena, &row->audit_ids)), ak_v_int(row->issued_us),
                ak_v_int(row->expires_us), ak_v_text(row->session_id), ak_v_text(row->source),
                ak_v_text(row->listener), ak_v_text(row->user_agent), ak_v_int(row->proved_us)),
        NULL, err);
}

int identity_token_store_delete(struct ak_tx *tx, const char *hash, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_token_delete, AK_ARGS(ak_v_text(hash)), NULL, err), err);
}

int identity_token_store_revoke(struct ak_tx *tx, enum identity_revoke what, const char *id,
                                struct ak_error *err)
{
    static const struct ak_sql *const statements[] = {
        [IDENTITY_OF_USER] = &sql_token_delete_by_user,
        [IDENTITY_OF_PROJECT] = &sql_token_delete_by_project,
        [IDENTITY_OF_DOMAIN] = &sql_token_delete_by_domain,
    };

    return identity_version_store_bump(
        tx, ak_sql_exec(tx, statements[what], AK_ARGS(ak_v_text(id)), NULL, err), err);
}

int identity_token_store_revoke_grant(struct ak_tx *tx, const char *user_id, const char *scope_id,
                                      struct ak_error *err)
{
    return identity_version_store_bump(tx,
                                       ak_sql_exec(tx, &sql_token_delete_by_grant,
                                                   AK_ARGS(ak_v_text(user_id), ak_v_text(scope_id)),
                                                   NULL, err),
                                       err);
}

int identity_token_store_purge(struct ak_tx *tx, int64_t now_us, int64_t *ret_n,
                               struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_token_purge, AK_ARGS(ak_v_int(now_us)), ret_n, err);
}

/* Grants */

int identity_grant_store_list(struct ak_tx *tx, struct ak_arena *arena,
                              const struct identity_grant *grant, struct ak_list *ret,
                              struct ak_error *err)
{
    return ak_sql_load_all(
        tx, grant->project_id ? &sql_project_role_ids : &sql_domain_role_ids,
        AK_ARGS(ak_v_text(grant->user_id),
                ak_v_text(grant->project_id ? grant->project_id : grant->domain_id)),
        &identity_role_fields, arena, 0, ret, err);
}

int identity_grant_store_insert(struct ak_tx *tx, const struct identity_grant *grant,
                                struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        ak_sql_exec(tx, grant->project_id ? &sql_project_role_insert : &sql_domain_role_insert,
                    AK_ARGS(ak_v_text(grant->user_id),
                            ak_v_text(grant->project_id ? grant->project_id : grant->domain_id),
                            ak_v_text(grant->role_id)),
                    NULL, err),
        err);
}

int identity_grant_store_delete(struct ak_tx *tx, const struct identity_grant *grant,
                                int64_t *ret_n, struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        ak_sql_exec(tx, grant->project_id ? &sql_project_role_delete : &sql_domain_role_delete,
                    AK_ARGS(ak_v_text(grant->user_id),
                            ak_v_text(grant->project_id ? grant->project_id : grant->domain_id),
                            ak_v_text(grant->role_id)),
                    ret_n, err),
        err);
}

int identity_assignment_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct ak_query *query, struct ak_list *ret,
                                   struct ak_error *err)
{
    return ak_sql_list(tx, &sql_assignment_list, AK_NO_ARGS, query, &identity_assignment_fields,
                       arena, ret, err);
}

/* Application credentials */

int identity_app_credential_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                       struct identity_app_credential_row *ret,
                                       struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_app_credential_by_id, AK_ARGS(ak_v_text(id)),
                             &identity_app_credential_fields, arena, ret, err),
                 "Application credential", id, err);
}

int identity_app_credential_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                               const char *user_id, const char *name,
                                               struct identity_app_credential_row *ret,
                                               struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_app_credential_by_name,
                             AK_ARGS(ak_v_text(user_id), ak_v_text(name)),
                             &identity_app_credential_fields, arena, ret, err),
                 "Application credential", name, err);
}

int identity_app_credential_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                       const char *user_id, const struct ak_query *query,
                                       struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_app_credential_list, AK_ARGS(ak_v_text(user_id)), query,
                       &identity_app_credential_fields, arena, ret, err);
}

int identity_app_credential_store_roles(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                        struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_app_credential_roles, AK_ARGS(ak_v_text(id)),
                           &identity_role_fields, arena, 0, ret, err);
}

int identity_app_credential_store_insert(struct ak_tx *tx,
                                         const struct identity_app_credential_row *row,
                                         struct ak_error *err)
{
    const struct identity_role_row *roles = row->roles.items;
    int rc = ak_sql_exec(
        tx, &sql_app_credential_insert,
        AK_ARGS(ak_v_text(row->id), ak_v_text(row->user_id), ak_v_text(row->project_id),
                ak_v_text(row->name), ak_v_text(row->description), ak_v_text(row->secret_hash),
                ak_v_int(row->expires_us), ak_v_int(row->unrestricted), ak_v_int(ak_now_us())),
        NULL, err);

    for (size_t i = 0; i < row->roles.n && rc == 0; i++) {
        rc = ak_sql_exec(tx, &sql_app_credential_role_insert,
                         AK_ARGS(ak_v_text(row->id), ak_v_text(roles[i].id)), NULL, err);
    }
    return rc == -AK_STORE_DUPLICATE
               ? ak_fail(err, AK_ALREADY_EXISTS, "Application credential", row->name)
               : rc;
}

int identity_app_credential_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                         struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_app_credential_delete, AK_ARGS(ak_v_text(user_id), ak_v_text(id)),
                         &n, err);

    rc = rc == 0 && n == 0 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Application credential", id) : rc;
    return identity_version_store_bump(tx, rc, err);
}
