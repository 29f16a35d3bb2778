/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing one server and its domain together again: the decision (a table), and the job that looks
 * once more and does it. The job stands in the server's queue like every operation, so it never
 * works beside one. Found by compute_reconcile.c, or told by the hypervisor's events. */
#include "compute_sync.h"

#include <assert.h>

#include "compute_build.h"

static const char *const sync_names[] = {
    [COMPUTE_SYNC_NOTHING] = "nothing",
    [COMPUTE_SYNC_MARK_STOPPED] = "mark-stopped",
    [COMPUTE_SYNC_MARK_ACTIVE] = "mark-active",
    [COMPUTE_SYNC_MARK_PAUSED] = "mark-paused",
    [COMPUTE_SYNC_START] = "start",
    [COMPUTE_SYNC_STOP] = "stop",
    [COMPUTE_SYNC_DEFINE] = "define",
};

const char *compute_sync_name(enum compute_sync what)
{
    return sync_names[what];
}

/* Rows: what is wanted; columns: what is seen. */
static const enum compute_sync decisions[COMPUTE_VM_STATES][AK_VM_CRASHED + 1] = {
    [COMPUTE_ACTIVE] = {[AK_VM_ABSENT] = COMPUTE_SYNC_START,
                        [AK_VM_SHUTOFF] = COMPUTE_SYNC_MARK_STOPPED,
                        [AK_VM_PAUSED] = COMPUTE_SYNC_MARK_PAUSED,
                        [AK_VM_CRASHED] = COMPUTE_SYNC_MARK_STOPPED},
    [COMPUTE_STOPPED] = {[AK_VM_ABSENT] = COMPUTE_SYNC_DEFINE,
                         [AK_VM_RUNNING] = COMPUTE_SYNC_STOP,
                         [AK_VM_PAUSED] = COMPUTE_SYNC_STOP},
    [COMPUTE_PAUSED] = {[AK_VM_ABSENT] = COMPUTE_SYNC_MARK_STOPPED,
                        [AK_VM_SHUTOFF] = COMPUTE_SYNC_MARK_STOPPED,
                        [AK_VM_RUNNING] = COMPUTE_SYNC_MARK_ACTIVE,
                        [AK_VM_CRASHED] = COMPUTE_SYNC_MARK_STOPPED},
    [COMPUTE_SUSPENDED] = {[AK_VM_ABSENT] = COMPUTE_SYNC_MARK_STOPPED,
                           [AK_VM_SHUTOFF] = COMPUTE_SYNC_MARK_STOPPED,
                           [AK_VM_RUNNING] = COMPUTE_SYNC_MARK_ACTIVE,
                           [AK_VM_CRASHED] = COMPUTE_SYNC_MARK_STOPPED},
    /* building, error, deleted: an operation's business */
};

enum compute_sync compute_sync_decide(enum compute_vm_state wanted, enum ak_vm_state seen,
                                      bool rebooted, bool resume)
{
    enum compute_sync what = decisions[wanted][seen];
    if (wanted == COMPUTE_ACTIVE && rebooted && seen == AK_VM_SHUTOFF) {
        what = COMPUTE_SYNC_START; /* it did not shut itself down: its host did */
    }
    if (what == COMPUTE_SYNC_START && rebooted && !resume) {
        what = COMPUTE_SYNC_MARK_STOPPED;
    }
    return what;
}

/* Engine part. '*ret_vm' and '*ret_power' get the state that is true afterwards. */
static int act(struct ak_job_run *run, const struct compute_server *server, enum compute_sync what,
               enum compute_vm_state *ret_vm, int64_t *ret_power, struct ak_error *err)
{
    struct ak_engines *engines = run->engines;
    struct ak_hypervisor *hv = engines->hypervisor;
    int rc = 0;
    *ret_vm = COMPUTE_STOPPED;
    *ret_power = COMPUTE_POWER_SHUTDOWN;
    switch (what) {
    case COMPUTE_SYNC_START:
        rc = network_server_ports_apply(run, server->id, err);
        rc = rc == 0 ? compute_vm_define(run, server, err) : rc;
        rc = rc == 0 ? compute_build_start(run, server->id, err) : rc;
        *ret_vm = COMPUTE_ACTIVE;
        *ret_power = COMPUTE_POWER_RUNNING;
        return rc;
    case COMPUTE_SYNC_STOP:
        return hv->ops->stop(hv, server->id, 0, err);
    case COMPUTE_SYNC_DEFINE:
        return compute_vm_define(run, server, err);
    case COMPUTE_SYNC_MARK_ACTIVE:
        *ret_vm = COMPUTE_ACTIVE;
        *ret_power = COMPUTE_POWER_RUNNING;
        return 0;
    case COMPUTE_SYNC_MARK_PAUSED:
        *ret_vm = COMPUTE_PAUSED;
        *ret_power = COMPUTE_POWER_PAUSED;
        return 0;
    case COMPUTE_SYNC_MARK_STOPPED:
    case COMPUTE_SYNC_NOTHING:
        break;
    }
    return 0;
}

/* What the event log calls a change that the guest or its host made: the customer reads it. */
static const char *action_of(enum compute_sync what, enum ak_vm_state seen, const char *why)
{
    if (what == COMPUTE_SYNC_MARK_PAUSED) {
        return "compute.server.guest_pause";
    }
    if (what != COMPUTE_SYNC_MARK_STOPPED || seen == AK_VM_ABSENT) {
        return "compute.server.reconcile";
    }
    return seen == AK_VM_CRASHED || ak_streq(why, "crashed") ? "compute.server.guest_crash"
           : ak_streq(why, "shutdown")                       ? "compute.server.guest_stop"
                                                             : "compute.server.reconcile";
}

/* Moves the server if nobody else did meanwhile, and leaves a trace. */
static int record(struct ak_job_run *run, struct compute_server *server, enum compute_sync what,
                  enum ak_vm_state seen, const char *why, enum compute_vm_state vm, int64_t power,
                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const char *action = action_of(what, seen, why);
    bool bad = ak_streq(action, "compute.server.guest_crash") || ak_streq(why, "io-error");
    int rc = ak_tx_write(run->store, &tx, err);
    if (rc == 0) {
        rc = compute_server_move(tx, server, vm, COMPUTE_IDLE, power, err);
    }
    struct ak_audit_event event = {
        .action = action,
        .outcome = bad ? "failed" : "success",
        .reason = *why ? why : NULL,
        .request_id = run->id,
        .actor_id = "system",
        .project_id = server->project_id,
        .object_type = "server",
        .object_id = server->id,
        .listener = "worker",
        .detail_json = ak_arena_printf(run->arena, "{\"did\":\"%s\",\"vm_state\":\"%s\"}",
                                       compute_sync_name(what), compute_vm_state_name(vm)),
    };
    if (rc == 0) {
        rc = ak_audit_add(tx, &event, NULL, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int sync_step(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_engines *engines = run->engines;
    struct compute_server server;
    {
        AK_AUTO(ak_tx) tx = NULL;
        int rc = ak_tx_read(run->store, &tx, err);
        if (rc == 0) {
            rc = compute_server_load_whole(tx, run->arena, run->object_id, &server, err);
        }
        if (rc != 0) {
            return rc;
        }
    }
    if (server.deleted_us != 0 || server.task != COMPUTE_IDLE) {
        return 0; /* gone, or an operation will set things right */
    }
    enum ak_vm_state seen = AK_VM_ABSENT;
    int rc = engines->hypervisor->ops->state(engines->hypervisor, server.id, &seen, err);
    if (rc == -AK_ENGINE_NO_OBJECT) {
        rc = 0;
    }
    if (rc != 0) {
        return rc;
    }
    bool rebooted = json_is_true(json_object_get(run->args, "rebooted"));
    enum compute_sync what = compute_sync_decide(server.vm, seen, rebooted,
                                                 ak_config_bool(run->config, "resume_guests"));
    if (what == COMPUTE_SYNC_NOTHING) {
        return 0;
    }
    ak_log(AK_INFO, "server %s is %s but its domain is in state %d: %s", server.id, server.vm_state,
           (int)seen, compute_sync_name(what));
    enum compute_vm_state vm;
    int64_t power;
    const char *why = "";
    if (what == COMPUTE_SYNC_MARK_STOPPED || what == COMPUTE_SYNC_MARK_PAUSED) {
        rc = engines->hypervisor->ops->why(engines->hypervisor, server.id, &why, err);
        if (rc != 0) {
            return rc;
        }
    }
    rc = act(run, &server, what, &vm, &power, err);
    if (rc == 0) {
        rc = record(run, &server, what, seen, why, vm, power, err);
    }
    if (rc == -AK_CHANGED_MEANWHILE) {
        ak_error_clear(err); /* a client was faster: its operation comes next */
        rc = 0;
    }
    return rc;
}

/* What cannot be brought back is an error the customer sees. */
static int sync_finish(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                       struct ak_error *err)
{
    struct compute_server server;
    if (!failure) {
        return 0;
    }
    int rc = compute_server_load_whole(tx, run->arena, run->object_id, &server, err);
    if (rc != 0 || server.deleted_us != 0 || server.task != COMPUTE_IDLE) {
        return rc;
    }
    char text[512];
    ak_error_text(failure, AK_LANG_EN, text, sizeof(text));
    rc = compute_server_move(tx, &server, COMPUTE_ERROR, COMPUTE_IDLE, COMPUTE_POWER_NONE, err);
    return rc == 0 ? compute_server_set_fault(tx, server.id, ak_error_info(failure->code)->status,
                                              text, failure->detail, err)
                   : rc;
}

static const struct ak_job_step sync_steps[] = {
    {"synchronise", sync_step, NULL, (int64_t)5 * 60 * 1000, 3}};

const struct ak_job_kind compute_job_sync = {
    .name = "server-sync",
    .object = "server",
    .steps = sync_steps,
    .n_steps = AK_N(sync_steps),
    .finish = sync_finish,
};
