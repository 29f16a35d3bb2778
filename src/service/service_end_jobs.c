/* SPDX-License-Identifier: Apache-2.0 */
/* The deletion of a contract as a job of idempotent steps; what starts it is in
 * service_end_schedules.c.
 *
 * Each step looks at the contract anew: before its day, or under a legal hold, nothing is touched
 * and the step waits. What is removed is listed before (service_removal), so that the record can
 * name it whenever a worker dies. */
#include "service/service_contract_internal.h"

#include <unistd.h>

#include "engine/engine.h"

static const struct ak_engines *engines_of(const struct ak_job_run *run)
{
    return run->engines;
}

/* Not now: the job is run again after a pause, without end. */
static int wait_for(struct ak_error *err)
{
    return ak_fail(err, AK_CHANGED_MEANWHILE);
}

/* What a part works on. Engines are asked before the transaction begins. */
struct work {
    struct ak_job_run *run;
    struct ak_tx *tx;
    struct service_contract_row contract;
    const struct ak_pool_file *files; /* of the pool */
    size_t n_files;
    const struct ak_vm_info *vms; /* of the hypervisor */
    size_t n_vms;
    const struct ak_fabric_object *objects; /* of the fabric */
    size_t n_objects;
    struct service_aside aside; /* what has no server any more */
    bool more;                  /* something is left: the step is run again */
};
typedef int part_fn(struct work *work, struct ak_error *err);

/* A step: the contract, if it may be touched; the start of the stage; the part; the end of the
 * stage, when nothing is left of it. All of it in one transaction. */
static int step(struct work *work, const char *stage, part_fn *part, struct ak_error *err)
{
    struct ak_job_run *run = work->run;
    AK_AUTO(ak_tx) tx = NULL;
    struct service_contract_row *contract = &work->contract;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_load(tx, run->arena, run->object_id, contract, err);
    if (rc < 0 || ak_streq(contract->state, "closed")) {
        return rc;
    }
    if (contract->legal_hold || ak_now_us() < contract->delete_at_us) {
        return wait_for(err);
    }
    work->tx = tx;
    rc = service_stage_store_begin(tx, contract->id, stage, err);
    rc = rc < 0 ? rc : part(work, err);
    if (rc == 0 && !work->more) {
        rc = service_removal_store_done(tx, contract->id, stage, err);
        rc = rc < 0 ? rc : service_stage_store_done(tx, contract->id, stage, err);
    }
    rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    return rc == 0 && work->more ? wait_for(err) : rc;
}

static int list_pool(struct work *work, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(work->run)->pool;
    struct ak_pool_file *files = NULL;
    int rc = pool->ops->list(pool, work->run->arena, &files, &work->n_files, err);

    work->files = files;
    return rc;
}

/* Parts */

static int close_part(struct work *work, struct ak_error *err)
{
    return identity_tenant_close(work->tx, work->run->arena, work->contract.domain_id, err);
}

/* After which stage which member of the inventory is gone, and how it goes. Where jobs of engines
 * are only begun by a stage, 'verify' sees the end of them. */
static const struct {
    const char *member, *type, *stage, *method;
} kinds[] = {
    {"servers", "server", "servers", "undefined in the hypervisor"},
    {"images", "image", "verify", "row deleted"},
    {"ports", "port", "verify", "removed from the fabric"},
    {"routers", "router", "verify", "removed from the fabric"},
    {"networks", "network", "verify", "removed from the fabric"},
    {"subnets", "subnet", "verify", "removed from the fabric"},
    {"security_groups", "security_group", "verify", "removed from the fabric"},
    {"security_group_rules", "security_group_rule", "verify", "removed from the fabric"},
    {"keypairs", "keypair", "keypairs", "row deleted"},
    {"users", "user", "users", "row deleted; sessions and application credentials with it"},
};

static int add_kind(struct work *work, const json_t *inventory, size_t k, struct ak_error *err)
{
    size_t i = 0;
    const json_t *item = NULL;
    int rc = 0;

    json_array_foreach(json_object_get(inventory, kinds[k].member), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const struct service_removal_row row = {
            .stage = kinds[k].stage,
            .object_type = kinds[k].type,
            .object_id = json_string_value(json_object_get(item, "id")),
            .name = name ? name : "",
            .method = kinds[k].method,
            .size = json_integer_value(json_object_get(item, "size"))};

        rc = rc < 0 || !row.object_id
                 ? rc
                 : service_removal_store_add(work->tx, work->contract.id, &row, err);
    }
    return rc;
}

static int64_t size_of(const struct work *work, const char *name)
{
    for (size_t f = 0; f < work->n_files; f++) {
        if (ak_streq(work->files[f].name, name)) {
            return work->files[f].size;
        }
    }
    return 0;
}

/* Files of the pool whose names begin with a server's id. */
static int add_files(struct work *work, const char *server_id, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(work->run)->pool;
    int rc = 0;

    for (size_t f = 0; f < work->n_files && rc == 0; f++) {
        const struct service_removal_row row = {.stage = "disks",
                                                .object_type = "disk",
                                                .object_id = work->files[f].name,
                                                .name = work->files[f].name,
                                                .method = pool->ops->erasure(pool),
                                                .size = work->files[f].size};

        rc = ak_starts_with(work->files[f].name, server_id)
                 ? service_removal_store_add(work->tx, work->contract.id, &row, err)
                 : 0;
    }
    return rc;
}

/* The uploaded file and the base of each image: also of those deleted before, whose base is still
 * under a disk. */
static int add_image_files(struct work *work, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(work->run)->pool;
    const struct service_held held = {work->files, work->n_files};
    const char *const *ids = NULL;
    size_t n = 0;
    int rc =
        image_tenant_left(work->tx, work->run->arena, work->contract.project_id, &ids, &n, err);

    for (size_t i = 0; i < n && rc == 0; i++) {
        const char *base = ak_arena_printf(work->run->arena, "%s.base", ids[i]);
        struct service_removal_row row = {.stage = "verify",
                                          .object_type = "image",
                                          .object_id = ids[i],
                                          .method = "row deleted"};

        rc = service_removal_store_add(work->tx, work->contract.id, &row, err);
        row.object_type = "image-file";
        row.method = "zeros written over every allocated block of the file and synced, then the "
                     "file removed";
        rc = rc < 0 ? rc : service_removal_store_add(work->tx, work->contract.id, &row, err);
        row.object_type = "image-base";
        row.object_id = base;
        row.method = pool->ops->erasure(pool);
        row.size = size_of(work, base);
        rc = rc < 0 || !service_pool_holds(&held, base)
                 ? rc
                 : service_removal_store_add(work->tx, work->contract.id, &row, err);
    }
    return rc;
}

static int add_account(struct work *work, struct ak_error *err)
{
    const struct service_contract_row *c = &work->contract;
    const struct service_removal_row rows[] = {
        {.stage = "project",
         .object_type = "project",
         .object_id = c->project_id,
         .name = c->number,
         .method = "row deleted"},
        {.stage = "domain",
         .object_type = "domain",
         .object_id = c->domain_id,
         .name = c->number,
         .method = "row deleted"},
    };
    int rc = service_removal_store_add(work->tx, c->id, &rows[0], err);

    return rc < 0 ? rc : service_removal_store_add(work->tx, c->id, &rows[1], err);
}

/* Writes down what there is; '*ret_n' = how many things. */
static int write_down(struct work *work, size_t *ret_n, struct ak_error *err)
{
    AK_AUTO_BUF buf;
    AK_AUTO_JSON inventory = NULL;
    size_t i = 0;
    const json_t *server = NULL;
    int rc = 0;

    ak_buf_init(&buf, (size_t)64 << 20);
    rc = service_inventory(work->tx, work->run->arena, &work->contract, &buf, err);
    if (rc < 0) {
        return rc;
    }
    inventory = json_loadb(buf.data, buf.len, 0, NULL);
    *ret_n = 0;
    for (size_t k = 0; k < AK_N(kinds) && rc == 0; k++) {
        *ret_n += json_array_size(json_object_get(inventory, kinds[k].member));
        rc = add_kind(work, inventory, k, err);
    }
    json_array_foreach(json_object_get(inventory, "servers"), i, server)
    {
        rc = rc < 0 ? rc : add_files(work, json_string_value(json_object_get(server, "id")), err);
    }
    return rc < 0 ? rc : add_image_files(work, err);
}

static int inventory_part(struct work *work, struct ak_error *err)
{
    size_t n = 0;
    int rc = write_down(work, &n, err);

    return rc < 0 ? rc : add_account(work, err);
}

static int servers_part(struct work *work, struct ak_error *err)
{
    int64_t left = 0;
    int rc = compute_tenant_servers_remove(work->tx, work->run->arena, work->contract.project_id,
                                           work->run->id, &left, err);

    work->more = left > 0;
    return rc;
}

/* Whether an engine still holds what a row names. */
static int still_held(const struct work *work, const struct service_removal_row *row, bool *ret,
                      struct ak_error *err)
{
    const struct service_held held = {work->files, work->n_files};

    *ret = false;
    if (ak_streq(row->object_type, "disk") || ak_streq(row->object_type, "image-base")) {
        *ret = service_pool_holds(&held, row->object_id);
    }
    *ret = *ret || service_aside_holds(&work->aside, row->object_type, row->object_id);
    if (ak_streq(row->object_type, "image-file")) {
        return image_files_held(work->run->config, row->object_id, ret, err);
    }
    for (size_t i = 0; i < work->n_vms; i++) {
        *ret = *ret || (ak_streq(row->object_type, "server") &&
                        ak_streq(work->vms[i].uuid, row->object_id));
    }
    for (size_t i = 0; i < work->n_objects; i++) {
        *ret = *ret || ak_streq(work->objects[i].id, row->object_id);
    }
    return 0;
}

/* Whatever is still held of what was listed is waited for: jobs are on their way. What is kept for
 * a reason is not. 'type' NULL = all. */
static int wait_part(struct work *work, const char *type, struct ak_error *err)
{
    struct ak_list list = {0};
    int64_t pending = 0;
    int rc = service_removal_store_list(work->tx, work->run->arena, work->contract.id, &list, err);
    const struct service_removal_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0 && !work->more; i++) {
        bool held = false;

        if (rows[i].kept || (type && !ak_streq(rows[i].object_type, type))) {
            continue;
        }
        rc = ak_job_pending(work->tx, rows[i].object_id, &pending, err);
        rc = rc < 0 ? rc : still_held(work, &rows[i], &held, err);
        work->more = pending > 0 || held;
    }
    return rc;
}

/* What has no server any more is written down, and gone at the next try. */
static int aside_part(struct work *work, struct ak_error *err)
{
    const struct service_held held = {work->files, work->n_files};
    size_t n = 0;
    int rc = service_aside_add(work->tx, work->run, &work->contract, &work->aside, &held, &n, err);

    work->more = work->more || n > 0;
    return rc;
}

static int disks_part(struct work *work, struct ak_error *err)
{
    int rc = aside_part(work, err);

    return rc < 0 ? rc : wait_part(work, "disk", err);
}

static int verify_part(struct work *work, struct ak_error *err)
{
    const struct service_held held = {work->files, work->n_files};
    int rc = aside_part(work, err);

    rc = rc < 0
             ? rc
             : service_images_settle(work->tx, work->run, &work->contract, &held, &work->more, err);
    return rc < 0 ? rc : wait_part(work, NULL, err);
}

static int images_part(struct work *work, struct ak_error *err)
{
    return image_tenant_remove(work->tx, work->run->arena, work->contract.project_id, work->run->id,
                               err);
}

static int network_part(struct work *work, enum network_tenant_stage stage, struct ak_error *err)
{
    return network_tenant_remove(work->tx, work->run->arena, work->contract.project_id, stage,
                                 work->run->id, err);
}

static int ports_part(struct work *work, struct ak_error *err)
{
    return network_part(work, NETWORK_TENANT_PORTS, err);
}

static int routers_part(struct work *work, struct ak_error *err)
{
    return network_part(work, NETWORK_TENANT_ROUTERS, err);
}

static int networks_part(struct work *work, struct ak_error *err)
{
    return network_part(work, NETWORK_TENANT_NETWORKS, err);
}

static int groups_part(struct work *work, struct ak_error *err)
{
    return network_part(work, NETWORK_TENANT_GROUPS, err);
}

static int keypairs_part(struct work *work, struct ak_error *err)
{
    struct ak_map users = {0};
    int rc =
        identity_tenant_users(work->tx, work->run->arena, work->contract.domain_id, &users, err);

    for (size_t i = 0; i < users.n && rc == 0; i++) {
        rc = compute_tenant_keypairs_remove(work->tx, work->run->arena, users.pairs[i].key, err);
    }
    return rc;
}

static int users_part(struct work *work, struct ak_error *err)
{
    return identity_tenant_users_remove(work->tx, work->run->arena, work->contract.domain_id, err);
}

/* What came after the inventory (a server of a request that was approved before the end, an image
 * that staff made): written down and removed by the same parts, until nothing is there any more. */
static int late_part(struct work *work, struct ak_error *err)
{
    static part_fn *const parts[] = {images_part, ports_part,    routers_part, networks_part,
                                     groups_part, keypairs_part, users_part};
    size_t n = 0;
    int rc = write_down(work, &n, err);

    if (rc < 0 || n == 0) {
        return rc;
    }
    rc = servers_part(work, err);
    for (size_t i = 0; i < AK_N(parts) && rc == 0 && !work->more; i++) {
        rc = parts[i](work, err);
    }
    work->more = true;
    return rc;
}

static int project_part(struct work *work, struct ak_error *err)
{
    const char *project = work->contract.project_id;
    int rc = late_part(work, err);

    if (rc < 0 || work->more) {
        return rc;
    }
    rc = compute_tenant_quota_clear(work->tx, project, err);
    rc = rc < 0 ? rc : network_tenant_quota_clear(work->tx, project, err);
    rc = rc < 0 ? rc : service_code_follow(work->tx, work->run->arena, project, err);
    rc = rc < 0 ? rc : identity_project_limits_clear(work->tx, project, err);
    rc = rc < 0 ? rc : service_labels_clear(work->tx, project, err);
    rc = rc < 0 ? rc : service_class_clear(work->tx, project, err);
    return rc < 0 ? rc : identity_tenant_project_remove(work->tx, work->run->arena, project, err);
}

static int domain_part(struct work *work, struct ak_error *err)
{
    return identity_tenant_domain_remove(work->tx, work->run->arena, work->contract.domain_id, err);
}

/* A kit that is still being built would come back after the record was signed: it is waited for. */
static int kits_part(struct work *work, struct ak_error *err)
{
    struct ak_list list = {0};
    int64_t pending = 0;
    int rc =
        service_export_store_of_contract(work->tx, work->run->arena, work->contract.id, &list, err);
    struct service_export_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = ak_job_pending(work->tx, rows[i].id, &pending, err);
        if (rc < 0 || pending > 0) {
            work->more = true;
            continue;
        }
        (void)unlink(service_export_path(work->run->config, work->run->arena, rows[i].id));
        rows[i].state = "expired";
        rc = service_export_store_state(work->tx, &rows[i], err);
    }
    return rc;
}

/* The last: the record names itself as the stage that is under way. */
static int record_part(struct work *work, struct ak_error *err)
{
    const char *id = NULL;
    int rc = service_record_make(work->tx, work->run->arena, work->run->config, &work->contract,
                                 &id, err);

    return rc < 0 ? rc
                  : service_contract_close(work->tx, work->run->arena, &work->contract, id, err);
}

/* Steps */

#define STEP(name)                                                                                 \
    static int name##_step(struct ak_job_run *run, struct ak_error *err)                           \
    {                                                                                              \
        struct work work = {.run = run};                                                           \
                                                                                                   \
        return step(&work, #name, name##_part, err);                                               \
    }
STEP(close)
STEP(servers)
STEP(images)
STEP(ports)
STEP(routers)
STEP(networks)
STEP(groups)
STEP(keypairs)
STEP(users)
STEP(domain)
STEP(kits)
STEP(record)

static int inventory_step(struct ak_job_run *run, struct ak_error *err)
{
    struct work work = {.run = run};
    int rc = list_pool(&work, err);

    return rc < 0 ? rc : step(&work, "inventory", inventory_part, err);
}

static int project_step(struct ak_job_run *run, struct ak_error *err)
{
    struct work work = {.run = run};
    int rc = list_pool(&work, err);

    return rc < 0 ? rc : step(&work, "project", project_part, err);
}

/* Removes what an earlier try wrote down of what has no server, and looks at what is left. */
static int clear_aside(struct work *work, struct ak_error *err)
{
    struct service_aside before = {0};
    int rc = list_pool(work, err);
    const struct service_held held = {work->files, work->n_files};

    rc = rc < 0 ? rc : service_aside_list(work->run, &before, err);
    rc = rc < 0 ? rc : service_aside_remove(work->run, &before, &held, err);
    rc = rc < 0 ? rc : service_aside_list(work->run, &work->aside, err);
    return rc < 0 ? rc : list_pool(work, err);
}

static int disks_step(struct ak_job_run *run, struct ak_error *err)
{
    struct work work = {.run = run};
    int rc = clear_aside(&work, err);

    return rc < 0 ? rc : step(&work, "disks", disks_part, err);
}

static int verify_step(struct ak_job_run *run, struct ak_error *err)
{
    const struct ak_engines *engines = engines_of(run);
    struct work work = {.run = run};
    struct ak_fabric_object *objects = NULL;
    int rc = clear_aside(&work, err);

    rc = rc < 0 ? rc
                : engines->fabric->ops->list(engines->fabric, run->arena, &objects, &work.n_objects,
                                             err);
    work.vms = work.aside.vms;
    work.n_vms = work.aside.n_vms;
    work.objects = objects;
    return rc < 0 ? rc : step(&work, "verify", verify_part, err);
}

enum { STEP_MS = 10 * 60 * 1000, TRIES = 1000 };
#define YEARS_MS ((int64_t)10 * 366 * 24 * 3600 * 1000) /* a legal hold may last */

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name##_step, NULL, STEP_MS, TRIES                                                   \
    }
static const struct ak_job_step delete_steps[] = {
    ROW(close),   ROW(inventory), ROW(servers), ROW(disks),    ROW(images), ROW(ports),
    ROW(routers), ROW(networks),  ROW(groups),  ROW(keypairs), ROW(users),  ROW(project),
    ROW(domain),  ROW(kits),      ROW(verify),  ROW(record),
};
const struct ak_job_kind service_delete_kind = {
    .name = "contract-delete",
    .object = "contract",
    .steps = delete_steps,
    .n_steps = AK_N(delete_steps),
    .deadline_ms = YEARS_MS,
};

/* Where servers do not run on after the end. The deletion, once begun, needs no stop. */
static int stop_step(struct ak_job_run *run, struct ak_error *err)
{
    struct service_contract_row contract = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t left = 0;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : service_contract_store_load(tx, run->arena, run->object_id, &contract, err);
    if (rc < 0 || contract.deleting_us != 0) {
        return rc;
    }
    rc = compute_tenant_servers_stop(tx, run->arena, contract.project_id, run->id, &left, err);
    rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    return rc == 0 && left > 0 ? wait_for(err) : rc;
}

static const struct ak_job_step stop_steps[] = {{"stop", stop_step, NULL, STEP_MS, TRIES}};
const struct ak_job_kind service_stop_kind = {
    .name = "contract-stop",
    .object = "contract",
    .steps = stop_steps,
    .n_steps = AK_N(stop_steps),
    .deadline_ms = (int64_t)24 * 3600 * 1000,
};
const struct ak_job_kind *const service_contract_jobs[] = {
    &service_delete_kind, &service_export_kind, &service_stop_kind, NULL};
