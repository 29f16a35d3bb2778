/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind compute_state.h. Everything that depends on a state asks here: the services
 * (may this start?), the jobs (what comes after?), the renderer (which status?) and the list filter
 * (which states does a status mean?). */
#include "compute_state.h"

#include <assert.h>
#include <strings.h>

#define ON(state) (1U << (state))

static const struct {
    const char *name;
    const char *status;  /* when no task says otherwise */
    unsigned next;       /* states it may move to */
    bool initial, final; /* where a server begins and ends */
} vm_states[] = {
    [COMPUTE_BUILDING] = {"building", "BUILD",
                          ON(COMPUTE_ACTIVE) | ON(COMPUTE_ERROR) | ON(COMPUTE_DELETED),
                          .initial = true},
    [COMPUTE_ACTIVE] = {"active", "ACTIVE",
                        ON(COMPUTE_STOPPED) | ON(COMPUTE_PAUSED) | ON(COMPUTE_SUSPENDED) |
                            ON(COMPUTE_ERROR) | ON(COMPUTE_DELETED)},
    [COMPUTE_STOPPED] = {"stopped", "SHUTOFF",
                         ON(COMPUTE_ACTIVE) | ON(COMPUTE_ERROR) | ON(COMPUTE_DELETED)},
    [COMPUTE_PAUSED] = {"paused", "PAUSED",
                        ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED) | ON(COMPUTE_ERROR) |
                            ON(COMPUTE_DELETED)},
    [COMPUTE_SUSPENDED] = {"suspended", "SUSPENDED",
                           ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED) | ON(COMPUTE_ERROR) |
                               ON(COMPUTE_DELETED)},
    [COMPUTE_ERROR] = {"error", "ERROR",
                       ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED) | ON(COMPUTE_DELETED)},
    [COMPUTE_DELETED] = {"deleted", "DELETED", 0, .final = true},
};
static_assert(AK_N(vm_states) == COMPUTE_VM_STATES, "one row per vm_state");

static const char *const task_states[] = {
    [COMPUTE_IDLE] = "",
    [COMPUTE_SCHEDULING] = "scheduling",
    [COMPUTE_NETWORKING] = "networking",
    [COMPUTE_SPAWNING] = "spawning",
    [COMPUTE_POWERING_ON] = "powering-on",
    [COMPUTE_POWERING_OFF] = "powering-off",
    [COMPUTE_REBOOTING] = "rebooting",
    [COMPUTE_REBOOTING_HARD] = "rebooting_hard",
    [COMPUTE_PAUSING] = "pausing",
    [COMPUTE_UNPAUSING] = "unpausing",
    [COMPUTE_SUSPENDING] = "suspending",
    [COMPUTE_RESUMING] = "resuming",
    [COMPUTE_REBUILDING] = "rebuilding",
    [COMPUTE_RESIZING] = "resize_migrating",
    [COMPUTE_DELETING] = "deleting",
};
static_assert(AK_N(task_states) == COMPUTE_TASK_STATES, "one row per task_state");

/* Where a task shows as a status of its own (Nova's api/openstack/common states). */
static const struct {
    enum compute_vm_state vm;
    enum compute_task_state task;
    const char *status;
} shown_tasks[] = {
    {COMPUTE_ACTIVE, COMPUTE_REBOOTING, "REBOOT"},
    {COMPUTE_ACTIVE, COMPUTE_REBOOTING_HARD, "HARD_REBOOT"},
    {COMPUTE_ACTIVE, COMPUTE_REBUILDING, "REBUILD"},
    {COMPUTE_STOPPED, COMPUTE_REBUILDING, "REBUILD"},
    {COMPUTE_ERROR, COMPUTE_REBUILDING, "REBUILD"},
    {COMPUTE_ACTIVE, COMPUTE_RESIZING, "RESIZE"},
    {COMPUTE_STOPPED, COMPUTE_RESIZING, "RESIZE"},
};

#define ANY_VM   (ON(COMPUTE_VM_STATES) - 1)
#define ANY_TASK (ON(COMPUTE_TASK_STATES) - 1)
#define IDLE     ON(COMPUTE_IDLE)

static const struct compute_operation operations[] = {
    [COMPUTE_OP_CREATE] = {"create", "server-create", 0, 0, COMPUTE_SCHEDULING, COMPUTE_ACTIVE,
                           COMPUTE_POWER_RUNNING, .error_on_failure = true},
    [COMPUTE_OP_DELETE] = {"delete", "server-delete", ANY_VM & ~ON(COMPUTE_DELETED),
                           ANY_TASK & ~ON(COMPUTE_DELETING), COMPUTE_DELETING, COMPUTE_DELETED,
                           COMPUTE_POWER_NONE, .error_on_failure = true},
    [COMPUTE_OP_START] = {"start", "server-start", ON(COMPUTE_STOPPED), IDLE, COMPUTE_POWERING_ON,
                          COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING},
    [COMPUTE_OP_STOP] = {"stop", "server-stop", ON(COMPUTE_ACTIVE) | ON(COMPUTE_ERROR), IDLE,
                         COMPUTE_POWERING_OFF, COMPUTE_STOPPED, COMPUTE_POWER_SHUTDOWN},
    [COMPUTE_OP_REBOOT_SOFT] = {"reboot", "server-reboot-soft", ON(COMPUTE_ACTIVE), IDLE,
                                COMPUTE_REBOOTING, COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING},
    /* A hard reboot may overtake a soft one that the guest does not answer. */
    [COMPUTE_OP_REBOOT_HARD] = {"reboot", "server-reboot-hard",
                                ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED) | ON(COMPUTE_PAUSED) |
                                    ON(COMPUTE_SUSPENDED) | ON(COMPUTE_ERROR),
                                IDLE | ON(COMPUTE_REBOOTING), COMPUTE_REBOOTING_HARD,
                                COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING, .error_on_failure = true},
    [COMPUTE_OP_PAUSE] = {"pause", "server-pause", ON(COMPUTE_ACTIVE), IDLE, COMPUTE_PAUSING,
                          COMPUTE_PAUSED, COMPUTE_POWER_PAUSED},
    [COMPUTE_OP_UNPAUSE] = {"unpause", "server-unpause", ON(COMPUTE_PAUSED), IDLE,
                            COMPUTE_UNPAUSING, COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING},
    [COMPUTE_OP_SUSPEND] = {"suspend", "server-suspend", ON(COMPUTE_ACTIVE), IDLE,
                            COMPUTE_SUSPENDING, COMPUTE_SUSPENDED, COMPUTE_POWER_PAUSED},
    [COMPUTE_OP_RESUME] = {"resume", "server-resume", ON(COMPUTE_SUSPENDED), IDLE, COMPUTE_RESUMING,
                           COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING},
    [COMPUTE_OP_REBUILD] = {"rebuild", "server-rebuild",
                            ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED) | ON(COMPUTE_ERROR), IDLE,
                            COMPUTE_REBUILDING, COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING,
                            .error_on_failure = true},
    [COMPUTE_OP_RESIZE] = {"resize", "server-resize", ON(COMPUTE_ACTIVE) | ON(COMPUTE_STOPPED),
                           IDLE, COMPUTE_RESIZING, COMPUTE_ACTIVE, COMPUTE_POWER_RUNNING},
};
static_assert(AK_N(operations) == COMPUTE_OPS, "one row per operation");

const char *compute_vm_state_name(enum compute_vm_state state)
{
    return vm_states[state].name;
}

const char *compute_task_state_name(enum compute_task_state state)
{
    return state == COMPUTE_IDLE ? NULL : task_states[state];
}

bool compute_vm_state_parse(const char *name, enum compute_vm_state *ret_state)
{
    for (size_t i = 0; i < AK_N(vm_states); i++) {
        if (ak_streq(name, vm_states[i].name)) {
            *ret_state = (enum compute_vm_state)i;
            return true;
        }
    }
    return false;
}

bool compute_task_state_parse(const char *name, enum compute_task_state *ret_state)
{
    const char *wanted = name ? name : "";
    for (size_t i = 0; i < AK_N(task_states); i++) {
        if (ak_streq(wanted, task_states[i])) {
            *ret_state = (enum compute_task_state)i;
            return true;
        }
    }
    return false;
}

bool compute_vm_state_may_move(enum compute_vm_state from, enum compute_vm_state to)
{
    return from == to || (vm_states[from].next & ON(to)) != 0;
}

const char *compute_status(enum compute_vm_state vm, enum compute_task_state task)
{
    for (size_t i = 0; i < AK_N(shown_tasks); i++) {
        if (shown_tasks[i].vm == vm && shown_tasks[i].task == task) {
            return shown_tasks[i].status;
        }
    }
    return vm_states[vm].status;
}

bool compute_status_parse(const char *status, unsigned ret_tasks[COMPUTE_VM_STATES])
{
    bool found = false;
    for (unsigned vm = 0; vm < COMPUTE_VM_STATES; vm++) {
        ret_tasks[vm] = 0;
        for (unsigned task = 0; task < COMPUTE_TASK_STATES; task++) {
            if (strcasecmp(compute_status((enum compute_vm_state)vm, (enum compute_task_state)task),
                           status) == 0) {
                ret_tasks[vm] |= ON(task);
                found = true;
            }
        }
    }
    return found;
}

bool compute_status_has_progress(const char *status)
{
    static const char *const with[] = {"ACTIVE", "BUILD", "REBUILD"};
    for (size_t i = 0; i < AK_N(with); i++) {
        if (ak_streq(status, with[i])) {
            return true;
        }
    }
    return false;
}

const struct compute_operation *compute_operation(enum compute_operation_id id)
{
    return &operations[id];
}

const struct compute_operation *compute_operation_of_job(const char *job)
{
    for (size_t i = 0; i < AK_N(operations); i++) {
        if (ak_streq(job, operations[i].job)) {
            return &operations[i];
        }
    }
    return NULL;
}

enum compute_may compute_may_start(const struct compute_operation *op, enum compute_vm_state vm,
                                   enum compute_task_state task)
{
    if ((op->from & ON(vm)) == 0) {
        return COMPUTE_MAY_NOT_VM;
    }
    return (op->during & ON(task)) != 0 ? COMPUTE_MAY_START : COMPUTE_MAY_NOT_TASK;
}
