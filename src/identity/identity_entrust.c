/* SPDX-License-Identifier: Apache-2.0 */
/* In whose hands an account was last: who makes it, gives it a role of the provider's people, sets
 * its password or takes its factors away could act by it. Who decides about what another asks for
 * must not be his creature, nor a new one (decision 0310). */
#include "identity/identity_internal.h"

#include "identity/identity_access_sql.h"

int identity_user_entrust(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                          struct ak_error *err)
{
    const char *by = req->principal->user_id;

    return ak_streq(by, user_id)
               ? 0 /* his own */
               : ak_sql_exec(tx, &sql_user_entrust,
                             AK_ARGS(ak_v_text(user_id), ak_v_int(ak_now_us()), ak_v_text(by)),
                             NULL, err);
}

int identity_grant_entrust(struct ak_request *req, struct ak_tx *tx,
                           const struct identity_grant *grant, struct ak_error *err)
{
    struct identity_project_row project = {0};
    int rc = grant->project_id
                 ? identity_project_store_load(tx, req->arena, grant->project_id, &project, err)
                 : 0;

    return rc == 0 && project.cloud_admin ? identity_user_entrust(req, tx, grant->user_id, err)
                                          : rc;
}

int identity_user_independent(struct ak_tx *tx, const char *user_id, const char *other_id,
                              int64_t since_us, bool *ret_independent, struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_int(tx, &sql_user_independent,
                   AK_ARGS(ak_v_text(user_id), ak_v_text(other_id), ak_v_int(since_us)), &n, err);

    *ret_independent = n > 0;
    return rc;
}
