/* SPDX-License-Identifier: Apache-2.0 */
/* Another flavor for a server that is off meanwhile (cold): quota and room on its host are taken in
 * the transaction of the order, and given back when the job fails. Disks only grow. The domain is
 * defined anew from the row, as by every other operation. */
#include "compute_build.h"

struct change {
    struct compute_server *server;
    struct compute_flavor flavor;
    struct compute_demand more; /* what the new flavor takes beyond the old one; may be negative */
};

static int check_flavor(const struct change *change, struct ak_error *err)
{
    const struct compute_server *server = change->server;
    const struct compute_flavor *flavor = &change->flavor;
    if (ak_streq(server->flavor_id, flavor->id)) {
        return ak_fail(err, AK_RESIZE_SAME, server->id, flavor->name);
    }
    return flavor->disk_gib < server->disk_gib
               ? ak_fail(err, AK_RESIZE_DISK, flavor->name, AK_NUM(flavor->disk_gib),
                         AK_NUM(server->disk_gib))
               : 0;
}

static int64_t at_least_0(int64_t n)
{
    return n > 0 ? n : 0;
}

static struct compute_demand growth_of(const struct change *change)
{
    return (struct compute_demand){.cores = at_least_0(change->more.cores),
                                   .ram_mib = at_least_0(change->more.ram_mib),
                                   .disk_gib = at_least_0(change->more.disk_gib)};
}

static int take_quota(struct ak_tx *tx, const struct ak_config *config, const struct change *change,
                      struct ak_error *err)
{
    const char *project_id = change->server->project_id;
    struct compute_demand growth = growth_of(change);
    enum compute_quota_id tightest = COMPUTE_QUOTA_CORES;
    struct compute_quotas quotas;
    int rc = compute_usage_lock(tx, project_id, err);
    rc = rc < 0 ? rc : compute_quotas_load(tx, config, project_id, &quotas, err);
    if (rc < 0) {
        return rc;
    }
    quotas.limit[COMPUTE_QUOTA_INSTANCES] = -1; /* it is not one server more */
    if (compute_quota_room(&quotas, &growth, 1, &tightest) < 1) {
        int64_t each = tightest == COMPUTE_QUOTA_CORES ? growth.cores
                       : tightest == COMPUTE_QUOTA_RAM ? growth.ram_mib
                                                       : growth.disk_gib;
        return compute_quota_refuse(&quotas, tightest, each, err);
    }
    return compute_usage_change(tx, project_id, &change->more, err);
}

/* The server stays where it is: its own host must have the room. */
static int check_host(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                      const struct change *change, struct ak_error *err)
{
    const struct compute_server *server = change->server;
    struct compute_ratios ratios = compute_ratios_of(config);
    struct compute_placement wanted = {
        .zone = server->zone, .demand = growth_of(change), .now_us = ak_now_us()};
    struct ak_list hosts = {0};
    const char *reason = NULL;
    if (!server->host) {
        return ak_fail(err, AK_NO_VALID_HOST);
    }
    int rc = compute_host_lock(tx, server->host, err);
    rc = rc < 0 ? rc : compute_host_list(tx, arena, &hosts, err);
    const struct compute_host *rows = hosts.items;
    for (size_t i = 0; rc == 0 && i < hosts.n; i++) {
        if (ak_streq(rows[i].name, server->host)) {
            if (change->flavor.vcpus <= rows[i].vcpus &&
                compute_place(arena, &rows[i], 1, &ratios, &wanted, &reason) == 0) {
                return 0;
            }
            ak_log(AK_INFO, "server %s: host %s refused its resize: %s", server->id, server->host,
                   reason ? reason : "too many vCPU");
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_NO_VALID_HOST);
}

/* What the undo needs, beside what every operation's job is told. */
static const char *old_values(struct ak_arena *arena, const struct compute_server *server)
{
    AK_AUTO_BUF text = {0};
    ak_buf_init(&text, 2048);
    struct ak_json w = ak_json_on(&text);
    ak_json_object(&w);
    ak_json_kstr(&w, "flavor", server->flavor_id);
    ak_json_kint(&w, "ram_mib", server->ram_mib);
    ak_json_kint(&w, "vcpus", server->vcpus);
    ak_json_kint(&w, "disk_gib", server->disk_gib);
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, text.data);
}

int compute_server_resize(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_caller *who, struct compute_server *server,
                          const char *flavor_id, struct ak_error *err)
{
    struct change change = {.server = server};
    const char *old = old_values(arena, server);
    int rc = compute_flavor_load(tx, arena, who, flavor_id, &change.flavor, err);
    rc = rc < 0 ? rc : check_flavor(&change, err);
    change.more = (struct compute_demand){.cores = change.flavor.vcpus - server->vcpus,
                                          .ram_mib = change.flavor.ram_mib - server->ram_mib,
                                          .disk_gib = change.flavor.disk_gib - server->disk_gib};
    rc = rc < 0 ? rc : take_quota(tx, config, &change, err);
    rc = rc < 0 ? rc : check_host(tx, arena, config, &change, err);
    rc = rc < 0 ? rc
                : compute_server_operate_with(tx, arena, who, server, COMPUTE_OP_RESIZE, old, err);
    return rc < 0
               ? rc
               : compute_server_set_flavor(tx, server->id, change.flavor.id, change.flavor.ram_mib,
                                           change.flavor.vcpus, change.flavor.disk_gib, err);
}

/* ---- The job --------------------------------------------------------------------------------- */

static bool was_off(const struct ak_job_run *run)
{
    return json_is_true(json_object_get(run->args, "off"));
}

static int stop_step(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_hypervisor *hv = ((struct ak_engines *)run->engines)->hypervisor;
    int64_t grace_ms = ak_config_int(run->config, "compute_shutdown_grace") * 1000;
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_RESIZING, "stop", &server, &gone, err);
    if (rc != 0 || gone) {
        return rc;
    }
    rc = hv->ops->stop(hv, server.id, grace_ms, err);
    return rc == -AK_ENGINE_NO_OBJECT ? 0 : rc; /* absent is off */
}

/* Gives back what the order took, once. */
static int restore(struct ak_job_run *run, struct compute_server *server, struct ak_error *err)
{
    const json_t *old = json_object_get(run->args, "more");
    const char *flavor = json_string_value(json_object_get(old, "flavor"));
    int64_t ram_mib = json_integer_value(json_object_get(old, "ram_mib")),
            vcpus = json_integer_value(json_object_get(old, "vcpus")),
            disk_gib = json_integer_value(json_object_get(old, "disk_gib"));
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : compute_server_load_whole(tx, run->arena, run->object_id, server, err);
    if (rc < 0 || server->task != COMPUTE_RESIZING || ak_streq(server->flavor_id, flavor)) {
        return rc;
    }
    const struct compute_demand less = {.cores = vcpus - server->vcpus,
                                        .ram_mib = ram_mib - server->ram_mib,
                                        .disk_gib = disk_gib - server->disk_gib};
    rc = compute_usage_change(tx, server->project_id, &less, err);
    rc = rc < 0 ? rc
                : compute_server_set_flavor(tx, server->id, flavor, ram_mib, vcpus, disk_gib, err);
    rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    if (rc == 0) {
        server->flavor_id = flavor;
        server->ram_mib = ram_mib;
        server->vcpus = vcpus;
        server->disk_gib = disk_gib;
    }
    return rc;
}

/* As it was: the old size, and running again if it was. */
static int undo(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server = {0};
    int rc = restore(run, &server, err);
    if (rc < 0 || server.task != COMPUTE_RESIZING) {
        return rc;
    }
    rc = compute_vm_define(run, &server, err);
    return rc < 0 || was_off(run) ? rc : compute_build_start(run, server.id, err);
}

static int grow_step(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_pool *pool = ((struct ak_engines *)run->engines)->pool;
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_RESIZING, "resize", &server, &gone, err);
    return rc != 0 || gone ? rc
                           : pool->ops->volume_grow(pool, server.id, server.disk_gib << 30, err);
}

static int define_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_RESIZING, "spawn", &server, &gone, err);
    if (rc == 0 && !gone) {
        rc = compute_vm_define(run, &server, err);
    }
    return rc == 0 && !gone && !was_off(run) ? compute_build_start(run, server.id, err) : rc;
}

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

const struct ak_job_step compute_resize_steps[COMPUTE_RESIZE_STEPS] = {
    {"stop", stop_step, undo, MINUTES(70), 2},
    {"resize", grow_step, NULL, MINUTES(10), 2},
    {"spawn", define_step, NULL, MINUTES(5), 2},
};
