/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_BUILD_H
#define COMPUTE_BUILD_H
/* What the jobs do to the engines for one server. All are idempotent and block on engines. */
#include "compute_internal.h"

/* Begins a step: re-reads the server, sets its task_state, closes the event before and opens
 * 'event'. '*ret_gone' when the server is deleted, or being deleted by another job. */
int compute_step_enter(struct ak_job_run *run, enum compute_task_state task, const char *event,
                       struct compute_server *ret_server, bool *ret_gone, struct ak_error *err);

/* Disk on its base, config drive and, at the same time, the ports in the fabric. */
int compute_build_prepare(struct ak_job_run *run, const struct compute_server *server,
                          struct ak_error *err);
int compute_build_start(struct ak_job_run *run, const char *server_id, struct ak_error *err);
/* Stops hard and undefines; absent is fine. */
int compute_build_undefine(struct ak_job_run *run, const char *server_id, struct ak_error *err);
/* Removes disk and config drive; absent is fine. */
int compute_build_remove_files(struct ak_job_run *run, const char *server_id, struct ak_error *err);
/* Start, stop, reboot, pause and their opposites. */
int compute_build_power(struct ak_job_run *run, const struct compute_server *server,
                        const struct compute_operation *op, struct ak_error *err);

/* The steps of a resize (compute_resize.c). */
#define COMPUTE_RESIZE_STEPS 3
extern const struct ak_job_step compute_resize_steps[COMPUTE_RESIZE_STEPS];

#endif
