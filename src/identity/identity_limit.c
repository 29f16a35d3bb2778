/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of a project that are not counted by compute or network: images, users, open requests. The
 * contract says them (src/service), the domain that owns the things counts them; here they lie
 * between, since identity stands below all of them. */
#include "identity/identity_internal.h"

#include "identity/identity_sql.h"

int identity_project_limit(struct ak_tx *tx, const char *project_id, const char *name,
                           int64_t fallback, int64_t *ret_limit, struct ak_error *err)
{
    int rc = ak_sql_int(tx, &sql_project_limit_get, AK_ARGS(ak_v_text(project_id), ak_v_text(name)),
                        ret_limit, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        *ret_limit = fallback;
        rc = 0;
    }
    return rc;
}

int identity_project_rate_check(struct ak_tx *tx, const char *project_id, const char *name,
                                int64_t fallback, const struct ak_sql *before,
                                enum ak_error_code refusal, struct ak_error *err)
{
    int64_t most = 0, at = 0, now = ak_now_us();
    int rc = identity_project_limit(tx, project_id, name, fallback, &most, err);

    if (rc < 0 || most < 0) {
        return rc;
    }
    if (most == 0) {
        return ak_fail(err, refusal, AK_NUM(AK_HOUR / AK_SEC), AK_NUM(most));
    }
    rc = ak_sql_int(
        tx, before,
        AK_ARGS(ak_v_text(project_id), ak_v_int(now - AK_HOUR), ak_v_int(now), ak_v_int(most - 1)),
        &at, err);
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    return rc < 0 ? rc
                  : ak_fail(err, refusal, AK_NUM((at + AK_HOUR - now) / AK_SEC + 1), AK_NUM(most));
}

int identity_project_limit_set(struct ak_tx *tx, const char *project_id, const char *name,
                               int64_t limit, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_project_limit_set,
                       AK_ARGS(ak_v_text(project_id), ak_v_text(name), ak_v_int(limit)), NULL, err);
}

int identity_project_limits_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_project_limit_clear, AK_ARGS(ak_v_text(project_id)), NULL, err);
}
