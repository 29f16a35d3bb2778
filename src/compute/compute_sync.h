/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_SYNC_H
#define COMPUTE_SYNC_H
/* What to do when the hypervisor shows another state than the database: a table, as Nova's
 * power state synchronisation does it. Pure. */
#include "compute_state.h"
#include "engine/hypervisor.h"

enum compute_sync {
    COMPUTE_SYNC_NOTHING,
    COMPUTE_SYNC_MARK_STOPPED, /* the guest shut itself down, or was stopped from outside */
    COMPUTE_SYNC_MARK_ACTIVE,  /* found running: a half-seen resume */
    COMPUTE_SYNC_MARK_PAUSED,  /* found paused from outside */
    COMPUTE_SYNC_START,        /* ought to run: define and start again */
    COMPUTE_SYNC_STOP,         /* ought not to run */
    COMPUTE_SYNC_DEFINE        /* off, but its definition is lost */
};
/* 'rebooted': the host's kernel is another one than at the last look; 'resume': the operator wants
 * guests back then (setting resume_guests). */
enum compute_sync compute_sync_decide(enum compute_vm_state wanted, enum ak_vm_state seen,
                                      bool rebooted, bool resume);
const char *compute_sync_name(enum compute_sync what);

#endif
