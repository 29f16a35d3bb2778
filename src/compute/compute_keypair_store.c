/* SPDX-License-Identifier: Apache-2.0 */
/* Keypairs in the database. A keypair belongs to a user, not to a project, as in Nova; only the
 * public half is ever stored. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

int compute_keypair_insert(struct ak_tx *tx, struct compute_keypair *key, struct ak_error *err)
{
    int rc = ak_sql_int(tx, &sql_keypair_number, AK_NO_ARGS, &key->number, err);
    if (rc != 0) {
        return rc;
    }
    rc =
        ak_sql_exec(tx, &sql_keypair_insert,
                    AK_ARGS(ak_v_text(key->id), ak_v_int(key->number), ak_v_text(key->user_id),
                            ak_v_text(key->name), ak_v_text(key->type), ak_v_text(key->fingerprint),
                            ak_v_text(key->public_key), ak_v_int(key->created_us)),
                    NULL, err);
    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_KEYPAIR_EXISTS, key->name) : rc;
}

int compute_keypair_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         const char *name, struct compute_keypair *ret_key, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_keypair_by_name, AK_ARGS(ak_v_text(user_id), ak_v_text(name)),
                         &compute_keypair_row, arena, ret_key, err);
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_KEYPAIR_NOT_FOUND, name, user_id) : rc;
}

int compute_keypair_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_keypair_list, AK_ARGS(ak_v_text(user_id)), &compute_keypair_row,
                           arena, 0, ret_list, err);
}

int compute_keypair_count(struct ak_tx *tx, const char *user_id, int64_t *ret_n,
                          struct ak_error *err)
{
    return ak_sql_int(tx, &sql_keypair_count, AK_ARGS(ak_v_text(user_id)), ret_n, err);
}

int compute_keypair_delete(struct ak_tx *tx, const char *user_id, const char *name,
                           struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_keypair_delete, AK_ARGS(ak_v_text(user_id), ak_v_text(name)),
                         &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_KEYPAIR_NOT_FOUND, name, user_id);
    }
    return rc;
}

int compute_keypair_exists(struct ak_tx *tx, const char *user_id, const char *name, bool *ret_there,
                           struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_int(tx, &sql_keypair_named, AK_ARGS(ak_v_text(name), ak_v_text(user_id)), &n, err);
    *ret_there = n > 0;
    return rc;
}
