/* SPDX-License-Identifier: Apache-2.0 */
/* Flavors in the database: the flavor itself, its extra specs, and which projects may use one that
 * is not public. Who sees which flavor is decided here, by the statement chosen. */
#include "compute_internal.h"
#include "compute/compute_sql.h"

int compute_flavor_load(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const char *id, struct compute_flavor *ret_flavor, struct ak_error *err)
{
    int rc = who->admin ? ak_sql_load(tx, &sql_flavor_by_id_any, AK_ARGS(ak_v_text(id)),
                                      &compute_flavor_row, arena, ret_flavor, err)
                        : ak_sql_load(tx, &sql_flavor_by_id,
                                      AK_ARGS(ak_v_text(who->project_id), ak_v_text(id)),
                                      &compute_flavor_row, arena, ret_flavor, err);
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_FLAVOR_NOT_FOUND, id) : rc;
}

int compute_flavor_list(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const struct ak_query *query, struct ak_list *ret_list,
                        struct ak_error *err)
{
    if (who->admin) {
        return ak_sql_list(tx, &sql_flavor_list_any, AK_NO_ARGS, query, &compute_flavor_row, arena,
                           ret_list, err);
    }
    return ak_sql_list(tx, &sql_flavor_list, AK_ARGS(ak_v_text(who->project_id)), query,
                       &compute_flavor_row, arena, ret_list, err);
}

int compute_flavor_insert(struct ak_tx *tx, const struct compute_flavor *flavor,
                          struct ak_error *err)
{
    int rc = ak_sql_exec(tx, &sql_flavor_insert,
                         AK_ARGS(ak_v_text(flavor->id), ak_v_text(flavor->name),
                                 ak_v_int(flavor->ram_mib), ak_v_int(flavor->vcpus),
                                 ak_v_int(flavor->disk_gib), ak_v_int(flavor->ephemeral_gib),
                                 ak_v_int(flavor->swap_mib), ak_v_text(flavor->rxtx_factor),
                                 ak_v_int(flavor->is_public), ak_v_int(flavor->created_us)),
                         NULL, err);
    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_FLAVOR_EXISTS, flavor->name) : rc;
}

int compute_flavor_delete(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_flavor_delete, AK_ARGS(ak_v_text(id)), &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_FLAVOR_NOT_FOUND, id);
    }
    return rc;
}

int compute_flavor_specs(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_flavor_specs, AK_ARGS(ak_v_text(id)), &compute_spec_row, arena,
                           0, ret_list, err);
}

int compute_flavor_spec_set(struct ak_tx *tx, const char *id, const char *name, const char *value,
                            struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_flavor_spec_set,
                       AK_ARGS(ak_v_text(id), ak_v_text(name), ak_v_text(value)), NULL, err);
}

int compute_flavor_spec_delete(struct ak_tx *tx, const char *id, const char *name,
                               struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_flavor_spec_delete, AK_ARGS(ak_v_text(id), ak_v_text(name)),
                         &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_FLAVOR_SPEC_NOT_FOUND, id, name);
    }
    return rc;
}

int compute_flavor_access_list(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct ak_list *ret_list, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_flavor_access_list, AK_ARGS(ak_v_text(id)), &rows, err);
    if (rc != 0) {
        return rc;
    }
    size_t n = 0, room = 16;
    const char **items = ak_arena_array(arena, const char *, room);
    while ((rc = ak_rows_next(rows, err)) == 1) {
        if (n == room) {
            const char **more = ak_arena_array(arena, const char *, room * 2);
            memcpy(more, items, n * sizeof(*items));
            items = more;
            room *= 2;
        }
        items[n++] = ak_arena_strdup(arena, ak_rows_text(rows, 0));
    }
    if (rc == 0) {
        *ret_list = (struct ak_list){.n = n, .items = items};
    }
    return rc;
}

int compute_flavor_access_change(struct ak_tx *tx, const char *id, const char *project_id, bool add,
                                 struct ak_error *err)
{
    struct ak_args args = AK_ARGS(ak_v_text(id), ak_v_text(project_id));
    if (add) {
        int rc = ak_sql_exec(tx, &sql_flavor_access_add, args, NULL, err);
        return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_FLAVOR_ACCESS_EXISTS, id, project_id)
                                         : rc;
    }
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_flavor_access_remove, args, &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_FLAVOR_ACCESS_NOT_FOUND, id, project_id);
    }
    return rc;
}

/* The flavors of a new installation. Their ids are their names, so that scripts can rely on them.
 */
static const struct {
    const char *id;
    int64_t vcpus, ram_mib, disk_gib;
} default_flavors[] = {
    {"tiny", 1, 128, 1},
    {"small", 1, 512, 4},
    {"medium", 2, 2048, 20},
    {"large", 4, 4096, 40},
};

int compute_bootstrap(struct ak_store *store, const struct ak_config *config, struct ak_error *err)
{
    (void)config; /* this host's row comes from the worker, which may ask the hypervisor */
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);
    for (size_t i = 0; rc == 0 && i < AK_N(default_flavors); i++) {
        rc = ak_sql_exec(tx, &sql_flavor_insert_missing,
                         AK_ARGS(ak_v_text(default_flavors[i].id), ak_v_text(default_flavors[i].id),
                                 ak_v_int(default_flavors[i].ram_mib),
                                 ak_v_int(default_flavors[i].vcpus),
                                 ak_v_int(default_flavors[i].disk_gib), ak_v_int(ak_now_us())),
                         NULL, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}
