/* SPDX-License-Identifier: Apache-2.0 */
/* The work behind the operations: a table of steps each. Every step re-reads its server, so that a
 * create gives way to a delete that came meanwhile (the delete's job runs right after it); none
 * holds a transaction while an engine works. The end of each job moves the server's state by
 * compare-and-set. Building and removing the engine objects is in compute_build.c. */
#include "compute_internal.h"

#include "compute_build.h"

static const char *action_of(const struct ak_job_run *run)
{
    return json_string_value(json_object_get(run->args, "action"));
}

/* Whether another operation has taken the server over (a delete, a hard reboot): its state is that
 * one's business then. */
static bool overtaken(const struct compute_operation *op, const struct compute_server *server)
{
    if (server->deleted_us != 0) {
        return true;
    }
    if (op == compute_operation(COMPUTE_OP_CREATE)) {
        return server->vm != COMPUTE_BUILDING || server->task == COMPUTE_DELETING;
    }
    return server->task != op->task;
}

/* ---- Steps ---------------------------------------------------------------------------------- */

int compute_step_enter(struct ak_job_run *run, enum compute_task_state task, const char *event,
                       struct compute_server *ret_server, bool *ret_gone, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    struct compute_server server = {0};
    if (rc == 0) {
        rc = compute_server_load_whole(tx, run->arena, run->object_id, &server, err);
    }
    if (rc != 0) {
        return rc;
    }
    *ret_gone = overtaken(compute_operation_of_job(run->kind->name), &server);
    if (*ret_gone) {
        *ret_server = server;
        return 0;
    }
    rc = compute_event_next(tx, action_of(run), event, "Success", NULL, err);
    if (rc == 0 && server.task != task) {
        rc = compute_server_move(tx, &server, server.vm, task, server.power_state, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc == 0) {
        *ret_server = server;
    }
    return rc;
}

/* Keeps why each host was refused, where the operator looks: database and log. */
static int record_refusals(struct ak_tx *tx, const struct compute_server *server,
                           const struct ak_list *hosts, const char *const *reasons,
                           struct ak_error *err)
{
    const struct compute_host *rows = hosts->items;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < hosts->n; i++) {
        if (reasons[i]) {
            ak_log(AK_INFO, "server %s: host %s refused: %s", server->id, rows[i].name, reasons[i]);
            rc = compute_refusal_add(tx, server->id, rows[i].name, reasons[i], err);
        }
    }
    return rc;
}

/* Nothing to choose from yet: this worker has only just begun to look at its hypervisor, or the
 * hypervisor is away. That passes, unlike hosts that are full. */
static bool none_is_up(const struct ak_list *hosts, int64_t now_us)
{
    const struct compute_host *rows = hosts->items;
    for (size_t i = 0; i < hosts->n; i++) {
        if (compute_host_is_up(&rows[i], now_us)) {
            return false;
        }
    }
    return true;
}

/* One attempt under the lock of the host it chooses. '*ret_host' NULL = none fits. Fails with
 * AK_ENGINE_UNAVAILABLE while no host at all is up: the job waits. */
static int place_once(struct ak_job_run *run, struct ak_tx *tx, const struct compute_server *server,
                      const char **ret_host, struct ak_error *err)
{
    struct compute_ratios ratios = compute_ratios_of(run->config);
    struct compute_placement wanted = {
        .zone = server->zone,
        .demand = {.cores = server->vcpus,
                   .ram_mib = server->ram_mib,
                   .disk_gib = server->disk_gib},
        .now_us = ak_now_us(),
    };
    const char *locked = NULL;
    for (int round = 0; round < 3; round++) {
        struct ak_list hosts;
        int rc = compute_placement_rule_load(tx, run->arena, server->project_id, &wanted.rule, err);
        if (rc == 0) {
            rc = compute_host_list(tx, run->arena, &hosts, err);
        }
        if (rc != 0) {
            return rc;
        }
        if (none_is_up(&hosts, wanted.now_us)) {
            return ak_fail(err, AK_ENGINE_UNAVAILABLE, "hypervisor");
        }
        const struct compute_host *rows = hosts.items;
        const char **reasons = ak_arena_array(run->arena, const char *, hosts.n + 1);
        int best = compute_place(run->arena, rows, hosts.n, &ratios, &wanted, reasons);
        if (best < 0 || ak_streq(locked, rows[best].name)) {
            *ret_host = best < 0 ? NULL : rows[best].name;
            return record_refusals(tx, server, &hosts, reasons, err);
        }
        locked = rows[best].name; /* looked at before the lock: look again under it */
        rc = compute_host_lock(tx, locked, err);
        if (rc != 0) {
            return rc;
        }
    }
    return ak_fail(err, AK_CHANGED_MEANWHILE);
}

static int schedule_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_SCHEDULING, "schedule", &server, &gone, err);
    if (rc != 0 || gone || server.host) {
        return rc;
    }
    AK_AUTO(ak_tx) tx = NULL;
    const char *host = NULL;
    rc = ak_tx_write(run->store, &tx, err);
    if (rc == 0) {
        rc = place_once(run, tx, &server, &host, err);
    }
    if (rc == 0 && host) {
        rc = compute_server_set_host(tx, server.id, host, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err); /* refusals are kept also when none fits */
    }
    return rc == 0 && !host ? ak_fail(err, AK_NO_VALID_HOST) : rc;
}

static int prepare_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_NETWORKING, "prepare", &server, &gone, err);
    return rc != 0 || gone ? rc : compute_build_prepare(run, &server, err);
}

static int prepare_undo(struct ak_job_run *run, struct ak_error *err)
{
    int rc = compute_build_remove_files(run, run->object_id, err);
    return rc == 0 ? network_server_ports_remove(run, run->object_id, err) : rc;
}

static int spawn_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_SPAWNING, "spawn", &server, &gone, err);
    if (rc == 0 && !gone) {
        rc = compute_vm_define(run, &server, err);
    }
    return rc == 0 && !gone ? compute_build_start(run, server.id, err) : rc;
}

static int spawn_undo(struct ak_job_run *run, struct ak_error *err)
{
    return compute_build_undefine(run, run->object_id, err);
}

static int network_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_SPAWNING, "network", &server, &gone, err);
    int64_t wait_ms = ak_config_int(run->config, "compute_port_wait") * 1000;
    return rc != 0 || gone ? rc : network_server_ports_wait_up(run, server.id, wait_ms, err);
}

static int stop_hard_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_DELETING, "stop", &server, &gone, err);
    return rc != 0 || gone ? rc : compute_build_undefine(run, server.id, err);
}

static int release_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_DELETING, "release", &server, &gone, err);
    if (rc == 0 && !gone) {
        rc = compute_build_remove_files(run, server.id, err);
    }
    return rc == 0 && !gone ? network_server_ports_remove(run, server.id, err) : rc;
}

static int rebuild_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_REBUILDING, "rebuild", &server, &gone, err);
    if (rc != 0 || gone) {
        return rc;
    }
    rc = compute_build_undefine(run, server.id, err);
    if (rc == 0) {
        rc = compute_build_remove_files(run, server.id, err);
    }
    return rc == 0 ? compute_build_prepare(run, &server, err) : rc;
}

static int rebuild_start_step(struct ak_job_run *run, struct ak_error *err)
{
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, COMPUTE_REBUILDING, "spawn", &server, &gone, err);
    if (rc == 0 && !gone) {
        rc = compute_vm_define(run, &server, err);
    }
    bool off = json_is_true(json_object_get(run->args, "off"));
    return rc == 0 && !gone && !off ? compute_build_start(run, server.id, err) : rc;
}

/* The operations that are one call of the hypervisor. */
static int power_step(struct ak_job_run *run, struct ak_error *err)
{
    const struct compute_operation *op = compute_operation_of_job(run->kind->name);
    struct compute_server server;
    bool gone;
    int rc = compute_step_enter(run, op->task, op->name, &server, &gone, err);
    return rc != 0 || gone ? rc : compute_build_power(run, &server, op, err);
}

/* ---- The end -------------------------------------------------------------------------------- */

static int fail_server(struct ak_tx *tx, const struct ak_job_run *run,
                       struct compute_server *server, const struct compute_operation *op,
                       const struct ak_error *failure, struct ak_error *err)
{
    char text[512];
    ak_error_text(failure, AK_LANG_EN, text, sizeof(text));
    int rc = compute_event_next(tx, action_of(run), NULL, "Error", failure->detail, err);
    if (rc == 0) {
        enum compute_vm_state to = op->error_on_failure ? COMPUTE_ERROR : server->vm;
        int64_t power = op->error_on_failure ? COMPUTE_POWER_NONE : server->power_state;
        rc = compute_server_move(tx, server, to, COMPUTE_IDLE, power, err);
    }
    if (rc == 0) {
        rc = compute_server_set_fault(tx, server->id, ak_error_info(failure->code)->status, text,
                                      failure->detail[0] ? failure->detail : NULL, err);
    }
    if (rc == 0 && op == compute_operation(COMPUTE_OP_CREATE)) {
        rc = compute_server_set_host(tx, server->id, NULL, err); /* its room is free again */
    }
    return rc == 0 ? compute_server_forget_password(tx, server->id, err) : rc;
}

static int complete_delete(struct ak_tx *tx, struct compute_server *server, struct ak_error *err)
{
    struct compute_demand held = {
        .cores = server->vcpus, .ram_mib = server->ram_mib, .disk_gib = server->disk_gib};
    int rc = compute_usage_add(tx, server->project_id, &held, -1, err);
    return rc == 0 ? compute_server_set_deleted(tx, server->id, err) : rc;
}

static int complete(struct ak_tx *tx, const struct ak_job_run *run, struct compute_server *server,
                    const struct compute_operation *op, struct ak_error *err)
{
    bool rebuilt = op == compute_operation(COMPUTE_OP_REBUILD),
         resized = op == compute_operation(COMPUTE_OP_RESIZE);
    bool off = (rebuilt || resized) && json_is_true(json_object_get(run->args, "off"));
    int rc = compute_event_next(tx, action_of(run), NULL, "Success", NULL, err);
    if (rc == 0) {
        rc = compute_server_move(tx, server, off ? COMPUTE_STOPPED : op->to, COMPUTE_IDLE,
                                 off ? COMPUTE_POWER_SHUTDOWN : op->power, err);
    }
    if (rc == 0 && server->fault_code != 0) {
        rc = compute_server_set_fault(tx, server->id, 0, NULL, NULL, err);
    }
    if (rc == 0 && (op == compute_operation(COMPUTE_OP_CREATE) ||
                    op == compute_operation(COMPUTE_OP_REBUILD))) {
        rc = compute_server_set_launched(tx, server->id, err);
        rc = rc == 0 ? compute_server_forget_password(tx, server->id, err) : rc;
    }
    if (rc == 0 && op == compute_operation(COMPUTE_OP_DELETE)) {
        rc = complete_delete(tx, server, err);
    }
    return rc;
}

static int finish(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                  struct ak_error *err)
{
    const struct compute_operation *op = compute_operation_of_job(run->kind->name);
    struct compute_server server;
    int rc = compute_server_load_whole(tx, run->arena, run->object_id, &server, err);
    if (rc != 0) {
        return rc;
    }
    if (overtaken(op, &server)) {
        return compute_event_next(tx, action_of(run), NULL, failure ? "Error" : "Success", NULL,
                                  err);
    }
    return failure ? fail_server(tx, run, &server, op, failure, err)
                   : complete(tx, run, &server, op, err);
}

/* ---- Tables --------------------------------------------------------------------------------- */

#define MINUTES(n) ((int64_t)(n)*60 * 1000)

static const struct ak_job_step create_steps[] = {
    {"schedule", schedule_step, NULL, MINUTES(1), 0},
    {"prepare", prepare_step, prepare_undo, MINUTES(15), 2},
    {"spawn", spawn_step, spawn_undo, MINUTES(5), 2},
    {"network", network_step, NULL, MINUTES(2), 0},
};
static const struct ak_job_step delete_steps[] = {
    {"stop", stop_hard_step, NULL, MINUTES(5), 5},
    {"release", release_step, NULL, MINUTES(5), 5},
};
static const struct ak_job_step rebuild_steps[] = {
    {"rebuild", rebuild_step, NULL, MINUTES(15), 2},
    {"spawn", rebuild_start_step, NULL, MINUTES(5), 2},
};
static const struct ak_job_step start_steps[] = {{"start", power_step, NULL, MINUTES(5), 2}};
static const struct ak_job_step stop_steps[] = {{"stop", power_step, NULL, MINUTES(70), 2}};
static const struct ak_job_step reboot_steps[] = {{"reboot", power_step, NULL, MINUTES(70), 2}};
static const struct ak_job_step pause_steps[] = {{"pause", power_step, NULL, MINUTES(2), 2}};
static const struct ak_job_step resume_steps[] = {{"resume", power_step, NULL, MINUTES(2), 2}};

#define KIND(job, table)                                                                           \
    {                                                                                              \
        .name = job, .object = "server", .steps = table, .n_steps = AK_N(table), .finish = finish  \
    }
static const struct ak_job_kind kinds[COMPUTE_OPS] = {
    [COMPUTE_OP_RESIZE] = {.name = "server-resize",
                           .object = "server",
                           .steps = compute_resize_steps,
                           .n_steps = COMPUTE_RESIZE_STEPS,
                           .deadline_ms = MINUTES(120),
                           .finish = finish},
    [COMPUTE_OP_CREATE] = KIND("server-create", create_steps),
    [COMPUTE_OP_DELETE] = KIND("server-delete", delete_steps),
    [COMPUTE_OP_START] = KIND("server-start", start_steps),
    [COMPUTE_OP_STOP] = KIND("server-stop", stop_steps),
    [COMPUTE_OP_REBOOT_SOFT] = KIND("server-reboot-soft", reboot_steps),
    [COMPUTE_OP_REBOOT_HARD] = KIND("server-reboot-hard", reboot_steps),
    [COMPUTE_OP_PAUSE] = KIND("server-pause", pause_steps),
    [COMPUTE_OP_UNPAUSE] = KIND("server-unpause", resume_steps),
    [COMPUTE_OP_SUSPEND] = KIND("server-suspend", pause_steps),
    [COMPUTE_OP_RESUME] = KIND("server-resume", resume_steps),
    [COMPUTE_OP_REBUILD] = KIND("server-rebuild", rebuild_steps),
};

const struct ak_job_kind *compute_job_kind(enum compute_operation_id op)
{
    return &kinds[op];
}

const struct ak_job_kind *const compute_jobs[] = {
    &kinds[COMPUTE_OP_CREATE],
    &kinds[COMPUTE_OP_DELETE],
    &kinds[COMPUTE_OP_START],
    &kinds[COMPUTE_OP_STOP],
    &kinds[COMPUTE_OP_REBOOT_SOFT],
    &kinds[COMPUTE_OP_REBOOT_HARD],
    &kinds[COMPUTE_OP_PAUSE],
    &kinds[COMPUTE_OP_UNPAUSE],
    &kinds[COMPUTE_OP_SUSPEND],
    &kinds[COMPUTE_OP_RESUME],
    &kinds[COMPUTE_OP_REBUILD],
    &kinds[COMPUTE_OP_RESIZE],
    &compute_job_sync,
    NULL,
};
