/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of identity_secret.sql: one function each, no rule. What tokens depend on counts the
 * version. */
#include "identity/identity_secret.h"

#include "identity/identity_secret_sql.h"

int identity_session_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const char *current, const struct ak_query *query,
                                struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(
        tx, &sql_session_list,
        AK_ARGS(ak_v_text(user_id), ak_v_int(ak_now_us()), ak_v_text(current ? current : "")),
        query, &identity_session_fields, arena, ret, err);
}

int identity_session_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                  struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_exec(tx, &sql_session_delete, AK_ARGS(ak_v_text(user_id), ak_v_text(id)), &n, err);

    rc = rc == 0 && n == 0 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Session", id) : rc;
    return identity_version_store_bump(tx, rc, err);
}

int identity_session_store_delete_others(struct ak_tx *tx, const char *user_id, const char *id,
                                         struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        ak_sql_exec(tx, &sql_session_delete_others,
                    AK_ARGS(ak_v_text(user_id), ak_v_text(id ? id : "")), NULL, err),
        err);
}
