/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_STATE_H
#define COMPUTE_STATE_H
/* The states of a server: Nova's vm_state, task_state and power_state as tables. Pure: no database,
 * no engine. README.md draws the moves. */
#include "base/base.h"

enum compute_vm_state {
    COMPUTE_BUILDING,
    COMPUTE_ACTIVE,
    COMPUTE_STOPPED,
    COMPUTE_PAUSED,
    COMPUTE_SUSPENDED,
    COMPUTE_ERROR,
    COMPUTE_DELETED,
    COMPUTE_VM_STATES
};

enum compute_task_state {
    COMPUTE_IDLE, /* null in the API */
    COMPUTE_SCHEDULING,
    COMPUTE_NETWORKING,
    COMPUTE_SPAWNING,
    COMPUTE_POWERING_ON,
    COMPUTE_POWERING_OFF,
    COMPUTE_REBOOTING,
    COMPUTE_REBOOTING_HARD,
    COMPUTE_PAUSING,
    COMPUTE_UNPAUSING,
    COMPUTE_SUSPENDING,
    COMPUTE_RESUMING,
    COMPUTE_REBUILDING,
    COMPUTE_RESIZING,
    COMPUTE_DELETING,
    COMPUTE_TASK_STATES
};

/* Nova's numbers. */
enum compute_power_state {
    COMPUTE_POWER_NONE = 0,
    COMPUTE_POWER_RUNNING = 1,
    COMPUTE_POWER_PAUSED = 3,
    COMPUTE_POWER_SHUTDOWN = 4,
    COMPUTE_POWER_CRASHED = 6,
    COMPUTE_POWER_SUSPENDED = 7
};

/* What a client (or the reconciler) may do to a server. */
enum compute_operation_id {
    COMPUTE_OP_CREATE,
    COMPUTE_OP_DELETE,
    COMPUTE_OP_START,
    COMPUTE_OP_STOP,
    COMPUTE_OP_REBOOT_SOFT,
    COMPUTE_OP_REBOOT_HARD,
    COMPUTE_OP_PAUSE,
    COMPUTE_OP_UNPAUSE,
    COMPUTE_OP_SUSPEND,
    COMPUTE_OP_RESUME,
    COMPUTE_OP_REBUILD,
    COMPUTE_OP_RESIZE,
    COMPUTE_OPS
};

struct compute_operation {
    const char *name; /* in errors and as the instance action: "stop" */
    const char *job;  /* kind of its job: "server-stop" */
    unsigned from;    /* set of vm_states it may start in: 1 << COMPUTE_ACTIVE … */
    unsigned during;  /* set of task_states it may start in; always COMPUTE_IDLE or more */
    enum compute_task_state task; /* while it runs */
    enum compute_vm_state to;     /* after it */
    enum compute_power_state power;
    bool error_on_failure; /* vm_state becomes error; else it stays what it was */
    bool when_locked;      /* a locked server takes it from its owner all the same */
};

const char *compute_vm_state_name(enum compute_vm_state state);
/* NULL for COMPUTE_IDLE. */
const char *compute_task_state_name(enum compute_task_state state);
/* False when 'name' is none. NULL is COMPUTE_IDLE. */
bool compute_vm_state_parse(const char *name, enum compute_vm_state *ret_state);
bool compute_task_state_parse(const char *name, enum compute_task_state *ret_state);

/* Whether vm_state may move from 'from' to 'to' by the table (staying is always allowed). */
bool compute_vm_state_may_move(enum compute_vm_state from, enum compute_vm_state to);

/* The "status" of the API, by Nova's table: "ACTIVE", "SHUTOFF", "REBOOT" … */
const char *compute_status(enum compute_vm_state vm, enum compute_task_state task);
/* The pairs that show as 'status' (any case): one bit per task_state in ret_tasks[vm_state].
 * False when no pair does. */
bool compute_status_parse(const char *status, unsigned ret_tasks[COMPUTE_VM_STATES]);
/* Whether the API shows "progress" in this status. */
bool compute_status_has_progress(const char *status);

const struct compute_operation *compute_operation(enum compute_operation_id id);
/* By the name of its job; NULL when there is none. */
const struct compute_operation *compute_operation_of_job(const char *job);

/* Why an operation may not start now; COMPUTE_MAY_START when it may. */
enum compute_may { COMPUTE_MAY_START, COMPUTE_MAY_NOT_VM, COMPUTE_MAY_NOT_TASK };
enum compute_may compute_may_start(const struct compute_operation *op, enum compute_vm_state vm,
                                   enum compute_task_state task);

#endif
