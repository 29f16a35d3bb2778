/* SPDX-License-Identifier: Apache-2.0 */
/* The people of a customer's project, for domains that act on approved requests (identity.h): who
 * is one of them, how to reach him, and taking him out. */
#include "identity/identity_internal.h"

#include "identity/identity_sql.h"

int identity_project_has_user(struct ak_tx *tx, const char *project_id, const char *user_id,
                              bool *ret_has, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(tx, &sql_project_role_count,
                        AK_ARGS(ak_v_text(project_id), ak_v_text(user_id)), &n, err);

    *ret_has = n > 0;
    return rc;
}

int identity_user_email(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                        const char **ret_email, struct ak_error *err)
{
    struct identity_user_row user = {0};
    int rc = identity_user_store_load(tx, arena, user_id, &user, err);

    if (rc == 0) {
        *ret_email = user.email;
    }
    return rc;
}

int identity_user_language(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           const char **ret_language, struct ak_error *err)
{
    struct identity_user_row user = {0};
    int rc = identity_user_store_load(tx, arena, user_id, &user, err);

    if (rc == 0) {
        *ret_language = user.language;
    }
    return rc;
}

/* Somebody must be left who can manage the project. */
static int check_last_manager(struct ak_tx *tx, const char *project_id, const char *user_id,
                              struct ak_error *err)
{
    int64_t own = 0, others = 0;
    int rc = ak_sql_int(tx, &sql_project_manager_count,
                        AK_ARGS(ak_v_text(project_id), ak_v_text(user_id), ak_v_int(1)), &own, err);

    rc = rc < 0 ? rc
                : ak_sql_int(tx, &sql_project_manager_count,
                             AK_ARGS(ak_v_text(project_id), ak_v_text(user_id), ak_v_int(0)),
                             &others, err);
    return rc == 0 && own > 0 && others == 0 ? ak_fail(err, AK_LAST_MANAGER) : rc;
}

int identity_project_user_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                 const char *user_id, struct ak_error *err)
{
    bool has = false;
    int64_t elsewhere = 0;
    int rc = identity_project_has_user(tx, project_id, user_id, &has, err);

    if (rc == 0 && !has) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "User", user_id);
    }
    rc = rc < 0 ? rc : check_last_manager(tx, project_id, user_id, err);
    rc = rc < 0 ? rc
                : ak_sql_int(tx, &sql_project_role_elsewhere,
                             AK_ARGS(ak_v_text(project_id), ak_v_text(user_id)), &elsewhere, err);
    if (rc == 0 && elsewhere == 0) {
        return identity_user_remove(tx, arena, user_id, err);
    }
    rc = rc < 0 ? rc : identity_timed_roles_clear_user(tx, project_id, user_id, err);
    rc = rc < 0 ? rc
                : ak_sql_exec(tx, &sql_project_role_forget,
                              AK_ARGS(ak_v_text(project_id), ak_v_text(user_id)), NULL, err);
    return rc < 0 ? rc : identity_token_store_revoke_grant(tx, user_id, project_id, err);
}
