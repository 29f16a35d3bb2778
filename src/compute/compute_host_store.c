/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts in the database, with what their servers hold; and what the operator is to know later: why
 * a host was refused for a server, and which engine objects nobody owns. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

int compute_host_list(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                      struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_host_list, AK_NO_ARGS, &compute_host_row, arena, 0, ret_list,
                           err);
}

static const struct ak_field host_server_rows[] = {
    {"id", AK_STR, offsetof(struct compute_host_server, id), 0},
    {"project_id", AK_STR, offsetof(struct compute_host_server, project_id), 0},
    {"name", AK_STR, offsetof(struct compute_host_server, name), 0},
    {"host", AK_STR, offsetof(struct compute_host_server, host), 0},
};
static const struct ak_fields host_server_fields =
    AK_FIELDS("server", struct compute_host_server, host_server_rows);

int compute_host_servers(struct ak_tx *tx, struct ak_arena *arena, const char *host,
                         struct compute_host_server **ret_servers, size_t *ret_n,
                         struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = ak_sql_load_all(tx, &sql_host_servers, AK_ARGS(ak_v_text(host)), &host_server_fields,
                             arena, 100000, &list, err);

    if (rc == 0) {
        *ret_servers = list.items;
        *ret_n = list.n;
    }
    return rc;
}

int compute_host_known(struct ak_tx *tx, const char *name, bool *ret_known, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(tx, &sql_host_known, AK_ARGS(ak_v_text(name)), &n, err);

    *ret_known = rc == 0 && n > 0;
    return rc;
}

/* The boot id known until now, NULL for a new host. */
static int known_boot_id(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                         const char **ret_id, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_host_boot_id, AK_ARGS(ak_v_text(name)), &rows, err);
    if (rc != 0) {
        return rc;
    }
    rc = ak_rows_next(rows, err);
    if (rc >= 0) {
        *ret_id = rc == 1 ? ak_arena_strdup(arena, ak_rows_text(rows, 0)) : NULL;
        rc = 0;
    }
    return rc;
}

int compute_host_seen(struct ak_tx *tx, struct ak_arena *arena, const struct compute_host *host,
                      bool *ret_rebooted, struct ak_error *err)
{
    const char *before = NULL;
    int64_t number = 0;
    char id[AK_UUID_TEXT];
    ak_uuid_new(id);
    int rc = known_boot_id(tx, arena, host->name, &before, err);
    if (rc == 0) {
        rc = ak_sql_int(tx, &sql_host_number, AK_NO_ARGS, &number, err);
    }
    if (rc == 0) {
        rc = ak_sql_exec(
            tx, &sql_host_seen,
            AK_ARGS(ak_v_text(id), ak_v_int(number), ak_v_text(host->name), ak_v_text(host->type),
                    ak_v_text(host->virt), ak_v_text(host->arch), ak_v_text(host->cpu_model),
                    ak_v_int(host->hypervisor_version), ak_v_int(host->ram_mib),
                    ak_v_int(host->ram_free_mib), ak_v_int(host->vcpus), ak_v_int(host->disk_gib),
                    ak_v_int(host->disk_free_gib), ak_v_text(host->zone), ak_v_text(host->boot_id),
                    ak_v_int(host->seen_us)),
            NULL, err);
    }
    if (rc == 0) {
        *ret_rebooted = before && !ak_streq(before, host->boot_id);
    }
    return rc;
}

int compute_host_lock(struct ak_tx *tx, const char *name, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_host_lock, AK_ARGS(ak_v_text(name)), NULL, err);
}

int compute_host_enable(struct ak_tx *tx, const char *name, bool enabled, const char *reason,
                        struct ak_error *err)
{
    int64_t changed = 0;
    int rc =
        ak_sql_exec(tx, &sql_host_enable,
                    AK_ARGS(ak_v_text(name), ak_v_int(enabled), ak_v_text(reason)), &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_COMPUTE_HOST_NOT_FOUND, name);
    }
    return rc;
}

int compute_refusal_add(struct ak_tx *tx, const char *server_id, const char *host,
                        const char *reason, struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_refusal_add,
        AK_ARGS(ak_v_text(server_id), ak_v_text(host), ak_v_text(reason), ak_v_int(ak_now_us())),
        NULL, err);
}

int compute_orphan_add(struct ak_tx *tx, const char *kind, const char *name, const char *action,
                       bool *ret_new, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(
        tx, &sql_orphan_add,
        AK_ARGS(ak_v_text(kind), ak_v_text(name), ak_v_text(action), ak_v_int(ak_now_us())),
        &changed, err);
    if (rc == 0) {
        *ret_new = changed > 0;
    }
    return rc;
}
