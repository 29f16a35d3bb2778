/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas and usage in the database. The usage row of a project is its counter and its lock: two
 * creates of one project read and change it one after the other on both databases. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

static int load_limits(struct ak_tx *tx, const char *project_id, struct compute_quotas *quotas,
                       struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_quota_list, AK_ARGS(ak_v_text(project_id)), &rows, err);
    while (rc == 0 && (rc = ak_rows_next(rows, err)) == 1) {
        const char *resource = ak_rows_text(rows, 0);
        for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
            if (ak_streq(resource, compute_quota_rules[i].name)) {
                quotas->limit[i] = ak_rows_int(rows, 1);
            }
        }
        rc = 0;
    }
    return rc;
}

static int load_usage(struct ak_tx *tx, const char *project_id, struct compute_quotas *quotas,
                      struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_usage_of, AK_ARGS(ak_v_text(project_id)), &rows, err);
    if (rc != 0) {
        return rc;
    }
    rc = ak_rows_next(rows, err);
    if (rc == 1) {
        quotas->used[COMPUTE_QUOTA_INSTANCES] = ak_rows_int(rows, 0);
        quotas->used[COMPUTE_QUOTA_CORES] = ak_rows_int(rows, 1);
        quotas->used[COMPUTE_QUOTA_RAM] = ak_rows_int(rows, 2);
        quotas->used[COMPUTE_QUOTA_DISK] = ak_rows_int(rows, 3);
    }
    return rc < 0 ? rc : 0;
}

int compute_quotas_load(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                        struct compute_quotas *ret_quotas, struct ak_error *err)
{
    struct compute_quotas quotas = {0};
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        quotas.limit[i] = compute_quota_default(config, (enum compute_quota_id)i);
    }
    int rc = load_limits(tx, project_id, &quotas, err);
    if (rc != 0) {
        return rc;
    }
    rc = load_usage(tx, project_id, &quotas, err);
    if (rc == 0) {
        *ret_quotas = quotas;
    }
    return rc;
}

int compute_quota_set(struct ak_tx *tx, const char *project_id, enum compute_quota_id id,
                      int64_t limit, struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_quota_set,
        AK_ARGS(ak_v_text(project_id), ak_v_text(compute_quota_rules[id].name), ak_v_int(limit)),
        NULL, err);
}

int compute_quota_reset(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_quota_reset, AK_ARGS(ak_v_text(project_id)), NULL, err);
}

int compute_usage_add(struct ak_tx *tx, const char *project_id, const struct compute_demand *one,
                      int64_t n, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_usage_add,
                       AK_ARGS(ak_v_text(project_id), ak_v_int(n), ak_v_int(n * one->cores),
                               ak_v_int(n * one->ram_mib), ak_v_int(n * one->disk_gib)),
                       NULL, err);
}

int compute_usage_change(struct ak_tx *tx, const char *project_id,
                         const struct compute_demand *more, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_usage_add,
                       AK_ARGS(ak_v_text(project_id), ak_v_int(0), ak_v_int(more->cores),
                               ak_v_int(more->ram_mib), ak_v_int(more->disk_gib)),
                       NULL, err);
}

int compute_usage_lock(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    static const struct compute_demand nothing = {0};
    return compute_usage_add(tx, project_id, &nothing, 0, err);
}

int compute_usage_repair(struct ak_tx *tx, int64_t *ret_wrong, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_usage_repair, AK_NO_ARGS, ret_wrong, err);
}
