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

/* Second factors */

int identity_factors_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                struct identity_factors *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_factors_of_user, AK_ARGS(ak_v_text(user_id)),
                       &identity_factors_fields, arena, ret, err);
}

int identity_totp_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                             struct identity_totp_row *ret, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_totp_by_user, AK_ARGS(ak_v_text(user_id)), &identity_totp_fields,
                         arena, ret, err);

    if (rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    return 0;
}

int identity_totp_store_start(struct ak_tx *tx, const char *user_id, const char *pending,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_totp_start,
                       AK_ARGS(ak_v_text(user_id), ak_v_text(pending), ak_v_int(ak_now_us())), NULL,
                       err);
}

int identity_totp_store_confirm(struct ak_tx *tx, const char *user_id, const char *pending,
                                int64_t step, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(
        tx, &sql_totp_confirm,
        AK_ARGS(ak_v_text(user_id), ak_v_text(pending), ak_v_int(ak_now_us()), ak_v_int(step)), &n,
        err);

    rc = rc == 0 && n == 0 ? ak_fail(err, AK_NO_ENROLMENT) : rc;
    return identity_version_store_bump(tx, rc, err);
}

int identity_totp_store_use(struct ak_tx *tx, const char *user_id, int64_t step, bool *ret_used,
                            struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_totp_use, AK_ARGS(ak_v_text(user_id), ak_v_int(step)), &n, err);

    *ret_used = n > 0;
    return rc;
}

int identity_totp_store_delete(struct ak_tx *tx, const char *user_id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_totp_delete, AK_ARGS(ak_v_text(user_id)), NULL, err), err);
}

int identity_recovery_store_insert(struct ak_tx *tx, const char *user_id, const char *hash,
                                   struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_recovery_insert, AK_ARGS(ak_v_text(user_id), ak_v_text(hash)), NULL,
                       err);
}

int identity_recovery_store_find(struct ak_tx *tx, const char *user_id, const char *hash,
                                 bool *ret_found, struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_int(tx, &sql_recovery_find, AK_ARGS(ak_v_text(user_id), ak_v_text(hash)), &n, err);

    *ret_found = n > 0;
    return rc;
}

int identity_recovery_store_use(struct ak_tx *tx, const char *user_id, const char *hash,
                                bool *ret_used, struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_exec(tx, &sql_recovery_use, AK_ARGS(ak_v_text(user_id), ak_v_text(hash)), &n, err);

    *ret_used = n > 0;
    return rc;
}

int identity_recovery_store_clear(struct ak_tx *tx, const char *user_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_recovery_delete_all, AK_ARGS(ak_v_text(user_id)), NULL, err);
}

/* Receipts */

int identity_receipt_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_receipt_row *row, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_receipt_insert,
                       AK_ARGS(ak_v_text(row->hash), ak_v_text(row->user_id),
                               ak_v_text(identity_strings_text(arena, &row->methods)),
                               ak_v_int(row->issued_us), ak_v_int(row->expires_us)),
                       NULL, err);
}

int identity_receipt_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                                struct identity_receipt_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_receipt_by_hash, AK_ARGS(ak_v_text(hash)), &identity_receipt_fields,
                       arena, ret, err);
}

int identity_receipt_store_delete(struct ak_tx *tx, const char *hash, bool *ret_used,
                                  struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_receipt_delete, AK_ARGS(ak_v_text(hash)), &n, err);

    *ret_used = n > 0;
    return rc;
}

int identity_secret_store_purge(struct ak_tx *tx, int64_t now_us, struct ak_error *err)
{
    int rc = ak_sql_exec(tx, &sql_receipt_purge, AK_ARGS(ak_v_int(now_us)), NULL, err);

    return rc < 0 ? rc
                  : ak_sql_exec(tx, &sql_challenge_purge, AK_ARGS(ak_v_int(now_us)), NULL, err);
}

/* Users of a customer */

int identity_customer_user_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                      const char *project_id, const struct ak_query *query,
                                      struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_customer_user_list, AK_ARGS(ak_v_text(project_id)), query,
                       &identity_customer_user_fields, arena, ret, err);
}

int identity_customer_user_store_count(struct ak_tx *tx, const char *domain_id, int64_t *ret,
                                       struct ak_error *err)
{
    return ak_sql_int(tx, &sql_customer_user_count, AK_ARGS(ak_v_text(domain_id)), ret, err);
}

int identity_customer_user_store_load(struct ak_tx *tx, struct ak_arena *arena,
                                      const char *project_id, const char *id,
                                      struct identity_customer_user_row *ret, struct ak_error *err)
{
    const struct ak_value value = ak_v_text(id);
    struct ak_query query = {.limit = 1};
    struct ak_list list = {0};
    int rc = ak_query_filter(&query, arena, "id", AK_EQ, &value, 1, err);

    if (rc == 0) {
        rc = identity_customer_user_store_list(tx, arena, project_id, &query, &list, err);
    }
    if (rc == 0 && list.n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "User", id);
    }
    if (rc == 0) {
        *ret = *(const struct identity_customer_user_row *)list.items;
    }
    return rc;
}

int identity_customer_user_store_take_roles(struct ak_tx *tx, const char *project_id,
                                            const char *id, struct ak_error *err)
{
    return identity_version_store_bump(tx,
                                       ak_sql_exec(tx, &sql_customer_user_roles_delete,
                                                   AK_ARGS(ak_v_text(id), ak_v_text(project_id)),
                                                   NULL, err),
                                       err);
}

/* Passkeys */

int identity_passkey_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err)
{
    return ak_sql_list(tx, &sql_passkey_list, AK_ARGS(ak_v_text(user_id)), query,
                       &identity_passkey_fields, arena, ret, err);
}

int identity_passkey_store_find(struct ak_tx *tx, struct ak_arena *arena, const char *credential_id,
                                struct identity_passkey_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_passkey_by_credential, AK_ARGS(ak_v_text(credential_id)),
                       &identity_passkey_fields, arena, ret, err);
}

int identity_passkey_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  struct identity_passkey_row *row, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    ak_uuid_new(id);
    row->id = ak_arena_strdup(arena, id);
    row->created_us = ak_now_us();
    rc = ak_sql_exec(tx, &sql_passkey_insert,
                     AK_ARGS(ak_v_text(row->id), ak_v_text(row->user_id),
                             ak_v_text(row->credential_id), ak_v_text(row->public_key),
                             ak_v_int(row->algorithm), ak_v_text(row->rp_id), ak_v_text(row->name),
                             ak_v_int(row->sign_count), ak_v_int(row->created_us)),
                     NULL, err);
    if (rc == -AK_STORE_DUPLICATE) {
        return ak_fail(err, AK_ALREADY_EXISTS, "Passkey", row->name);
    }
    return identity_version_store_bump(tx, rc, err);
}

int identity_passkey_store_use(struct ak_tx *tx, const char *id, int64_t count, bool *ret_used,
                               struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_passkey_use,
                         AK_ARGS(ak_v_text(id), ak_v_int(count), ak_v_int(ak_now_us())), &n, err);

    *ret_used = n > 0;
    return rc;
}

int identity_passkey_store_rename(struct ak_tx *tx, struct ak_arena *arena,
                                  struct identity_passkey_row *row, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_passkey_rename,
                         AK_ARGS(ak_v_text(row->user_id), ak_v_text(row->id), ak_v_text(row->name)),
                         &n, err);

    if (rc == -AK_STORE_DUPLICATE) {
        return ak_fail(err, AK_ALREADY_EXISTS, "Passkey", row->name);
    }
    if (rc == 0 && n == 0) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Passkey", row->id);
    }
    return rc < 0 ? rc
                  : ak_sql_load(tx, &sql_passkey_by_id,
                                AK_ARGS(ak_v_text(row->user_id), ak_v_text(row->id)),
                                &identity_passkey_fields, arena, row, err);
}

int identity_passkey_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                  struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_exec(tx, &sql_passkey_delete, AK_ARGS(ak_v_text(user_id), ak_v_text(id)), &n, err);

    rc = rc == 0 && n == 0 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Passkey", id) : rc;
    return identity_version_store_bump(tx, rc, err);
}

int identity_passkey_store_delete_all(struct ak_tx *tx, const char *user_id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_passkey_delete_all, AK_ARGS(ak_v_text(user_id)), NULL, err), err);
}

int identity_challenge_store_use(struct ak_tx *tx, const struct identity_webauthn *done,
                                 struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(
        tx, &sql_challenge_use,
        AK_ARGS(ak_v_text(done->challenge_hash), ak_v_int(done->challenge_expires_us)), &n, err);

    return rc == 0 && n == 0 ? ak_fail(err, AK_PASSKEY_REFUSED, "the challenge was used before")
                             : rc;
}
