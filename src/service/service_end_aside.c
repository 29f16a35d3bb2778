/* SPDX-License-Identifier: Apache-2.0 */
/* What has no server any more and is the customer's all the same, at the end of its contract: disks
 * that the reconciler set aside (quarantine), domains that it suspended, and files that it has not
 * met yet. Whose they are, the service codes tell, which name every server that ever was. They go
 * like everything else: written down first, then removed, then seen to be gone. */
#include "service/service_contract_internal.h"

#include "engine/engine.h"

int service_aside_list(const struct ak_job_run *run, struct service_aside *ret,
                       struct ak_error *err)
{
    const struct ak_engines *engines = run->engines;
    struct ak_pool_aside *files = NULL;
    struct ak_vm_info *vms = NULL;
    int rc = engines->pool->ops->aside_list(engines->pool, run->arena, &files, &ret->n_files, err);

    rc = rc < 0 ? rc
                : engines->hypervisor->ops->list(engines->hypervisor, run->arena, &vms, &ret->n_vms,
                                                 err);
    ret->files = files;
    ret->vms = vms;
    return rc;
}

/* The customer's servers: all that ever were, and those that live. */
struct servers {
    struct ak_list codes;
    struct compute_tenant_server *living;
    size_t n_living;
};

static int load_servers(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct servers *ret, struct ak_error *err)
{
    struct ak_query query = {0};
    int rc = service_code_store_list(tx, arena, project_id, &query, &ret->codes, err);

    return rc < 0 ? rc
                  : compute_project_servers(tx, arena, project_id, false, &ret->living,
                                            &ret->n_living, err);
}

/* The code of the server that 'name' begins with, unless that lives. */
static const struct service_code_row *left_of(const struct servers *servers, const char *name)
{
    const struct service_code_row *codes = servers->codes.items;

    for (size_t i = 0; i < servers->n_living; i++) {
        if (ak_starts_with(name, servers->living[i].id)) {
            return NULL;
        }
    }
    for (size_t i = 0; i < servers->codes.n; i++) {
        if (codes[i].server_id && codes[i].server_id[0] &&
            ak_starts_with(name, codes[i].server_id)) {
            return &codes[i];
        }
    }
    return NULL;
}

static const char *aside_words(struct ak_arena *arena, const struct ak_pool_aside *file)
{
    char since[AK_TIME_TEXT];

    return file->since_us == 0
               ? ak_arena_printf(arena, "%s, set aside in the pool", file->name)
               : ak_arena_printf(arena, "%s, set aside in the pool on %s", file->name,
                                 ak_time_text(since, file->since_us, AK_TIME_Z));
}

int service_aside_add(struct ak_tx *tx, const struct ak_job_run *run,
                      const struct service_contract_row *contract,
                      const struct service_aside *aside, const struct service_held *held,
                      size_t *ret_n, struct ak_error *err)
{
    struct ak_pool *pool = ((const struct ak_engines *)run->engines)->pool;
    struct servers servers = {0};
    struct service_removal_row row = {.stage = "disks", .method = pool->ops->erasure(pool)};
    int rc = load_servers(tx, run->arena, contract->project_id, &servers, err);

    *ret_n = 0;
    for (size_t i = 0; i < aside->n_files && rc == 0; i++) {
        if (left_of(&servers, aside->files[i].name)) {
            row.object_type = SERVICE_ASIDE_DISK;
            row.object_id = aside->files[i].id;
            row.name = aside_words(run->arena, &aside->files[i]);
            row.size = aside->files[i].size;
            rc = service_removal_store_add(tx, contract->id, &row, err);
            ++*ret_n;
        }
    }
    for (size_t i = 0; i < held->n_files && rc == 0; i++) {
        if (left_of(&servers, held->files[i].name)) {
            row.object_type = "disk";
            row.object_id = row.name = held->files[i].name;
            row.size = held->files[i].size;
            rc = service_removal_store_add(tx, contract->id, &row, err);
            ++*ret_n;
        }
    }
    row.object_type = SERVICE_ASIDE_SERVER;
    row.method = "undefined in the hypervisor";
    row.size = 0;
    for (size_t i = 0; i < aside->n_vms && rc == 0; i++) {
        const struct service_code_row *code =
            aside->vms[i].ours ? left_of(&servers, aside->vms[i].uuid) : NULL;

        if (code) {
            row.object_id = aside->vms[i].uuid;
            row.name = code->server_name;
            rc = service_removal_store_add(tx, contract->id, &row, err);
            ++*ret_n;
        }
    }
    return rc;
}

bool service_aside_holds(const struct service_aside *aside, const char *type, const char *id)
{
    for (size_t i = 0; ak_streq(type, SERVICE_ASIDE_DISK) && i < aside->n_files; i++) {
        if (ak_streq(aside->files[i].id, id)) {
            return true;
        }
    }
    for (size_t i = 0; ak_streq(type, SERVICE_ASIDE_SERVER) && i < aside->n_vms; i++) {
        if (ak_streq(aside->vms[i].uuid, id)) {
            return true;
        }
    }
    return false;
}

static int remove_one(const struct ak_engines *engines, const struct servers *servers,
                      const struct service_aside *aside, const struct service_held *held,
                      const struct service_removal_row *row, struct ak_error *err)
{
    if (ak_streq(row->object_type, "disk")) { /* else its job is on the way */
        return service_pool_holds(held, row->object_id) && left_of(servers, row->object_id)
                   ? engines->pool->ops->file_remove(engines->pool, row->object_id, err)
                   : 0;
    }
    if (!service_aside_holds(aside, row->object_type, row->object_id)) {
        return 0;
    }
    return ak_streq(row->object_type, SERVICE_ASIDE_DISK)
               ? engines->pool->ops->aside_remove(engines->pool, row->object_id, err)
               : engines->hypervisor->ops->undefine(engines->hypervisor, row->object_id, err);
}

int service_aside_remove(const struct ak_job_run *run, const struct service_aside *aside,
                         const struct service_held *held, struct ak_error *err)
{
    struct service_contract_row contract = {0};
    struct servers servers = {0};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_load(tx, run->arena, run->object_id, &contract, err);
    if (rc < 0 || contract.legal_hold || ak_now_us() < contract.delete_at_us) {
        return rc; /* the step will wait */
    }
    rc = load_servers(tx, run->arena, contract.project_id, &servers, err);
    rc = rc < 0 ? rc : service_removal_store_list(tx, run->arena, contract.id, &list, err);
    ak_tx_free(AK_TAKE(tx)); /* none is held while an engine works */
    /* Domains first: nothing writes to a disk that is being overwritten. */
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < list.n && rc == 0; i++) {
            const struct service_removal_row *row =
                (const struct service_removal_row *)list.items + i;

            if (ak_streq(row->object_type, SERVICE_ASIDE_SERVER) == (round == 0)) {
                rc = remove_one(run->engines, &servers, aside, held, row, err);
            }
        }
    }
    return rc;
}
