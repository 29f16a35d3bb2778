/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_JOBS_INTERNAL_H
#define AK_JOBS_INTERNAL_H
/* Shared by the files of src/jobs: the state table, a claimed job, the worker. */
#include <pthread.h>
#include <stdatomic.h>

#include "jobs/jobs.h"

/* A claimed job as it lies in the database. */
struct job_row {
    const char *id, *kind, *object_id, *project_id, *request_id, *actor_id, *args, *state, *error;
    int64_t step, attempts, deadline_us, version;
};

enum { JOBS_SCHEDULERS = 4 }; /* threads that look which schedules are due, and run them */

struct ak_worker {
    struct ak_worker_options options;
    char owner[128];      /* host:pid:start time, names the leases */
    int wake_fd;          /* bound datagram socket, -1 = none */
    pthread_mutex_t lock; /* guards the six below */
    pthread_cond_t work, halt;
    int due;              /* jobs believed due; threads take from it */
    int busy;             /* threads running a job */
    struct job_run *runs; /* jobs and schedules that run now: whose leases are renewed */
    bool *begun;          /* for each schedule: this process has looked whether it is due */
    atomic_bool stopping;
    pthread_mutex_t claiming; /* held by the scheduler that looks whether a schedule is due */
    pthread_t *threads, dispatcher, schedulers[JOBS_SCHEDULERS];
    size_t n_threads;
    bool started;
};

/* The public run with what only the worker knows. */
struct job_run {
    struct ak_job_run pub;
    struct ak_worker *worker;
    struct job_row row;
    enum ak_job_state state;
    bool lost;                                /* another worker has the job now */
    atomic_int_least64_t lease_good_until_us; /* monotonic; by the last renewal that was recorded */
    struct job_run *next;                     /* in the worker's list */
};

/* Claims and runs one due job to its end or its next pause. 1 = did one, 0 = none due, negative =
 * error. */
int jobs_run_one(struct ak_worker *worker, struct ak_error *err);
/* Puts a run into the worker's list, so that its lease is renewed; false when the same job runs in
 * this process already. */
bool jobs_enter(struct job_run *run);
void jobs_leave(struct job_run *run);
/* Renews the leases of what runs, and of nothing else: the lease of a job whose end could not be
 * recorded runs out, and the job is claimed again. */
void jobs_renew(struct ak_worker *worker);
/* Whether a state may follow another, by the table of jobs.c. */
bool jobs_may_move(enum ak_job_state from, enum ak_job_state to);
/* Runs the schedules that are due and run nowhere, one after another; several threads may be in it.
 * Returns how many ran. */
int jobs_run_schedules(struct ak_worker *worker);
/* When a daily schedule at 'minute' (Asia/Tokyo) was last due, at or before now. */
int64_t jobs_last_daily_us(int64_t now_us, int minute);

/* Database (jobs_store.c). */
int jobs_store_insert(struct ak_tx *tx, const struct ak_job_kind *kind, const char *id,
                      const char *object_id, const char *project_id, const char *request_id,
                      const char *actor_id, const char *args_json, int64_t run_at_us,
                      struct ak_error *err);
int jobs_store_pending(struct ak_tx *tx, const char *object_id, int64_t *ret_n,
                       struct ak_error *err);
/* Jobs that could be claimed now, counted up to 64. */
int jobs_store_due(struct ak_store *store, int64_t *ret_n, struct ak_error *err);
/* 1 = '*ret_row' is ours under a lease, 0 = none due. */
int jobs_store_claim(struct ak_store *store, const char *owner, struct ak_arena *arena,
                     struct job_row *ret_row, struct ak_error *err);
/* Compare-and-set by version; AK_CHANGED_MEANWHILE when another worker moved it. Advances
 * row->version. 'hold' keeps the lease. */
struct job_move {
    enum ak_job_state state;
    int64_t step, attempts, run_at_us;
    const char *error;
    bool hold;
};
int jobs_store_move(struct ak_tx *tx, const char *owner, struct job_row *row,
                    const struct job_move *move, struct ak_error *err);
/* Renews leases of 'owner', all in one transaction; 'held' tells which were still its own. */
struct jobs_lease {
    const char *id; /* of a job, or the name of a schedule */
    bool schedule;
    bool held;
};
int jobs_store_renew(struct ak_store *store, const char *owner, struct jobs_lease *leases, size_t n,
                     int64_t until_us, struct ak_error *err);
/* Calls 'dead' for each owner of a lease and frees the leases of those it says true for. */
int jobs_store_release(struct ak_store *store, bool (*dead)(const char *owner),
                       struct ak_error *err);
int jobs_store_schedule_add(struct ak_store *store, const char *name, struct ak_error *err);
int jobs_store_schedule_last(struct ak_store *store, const char *name, int64_t *ret_us,
                             struct ak_error *err);
/* 1 = ours now. Claims only when it last started at or before 'not_after_us'. */
int jobs_store_schedule_claim(struct ak_store *store, const char *name, const char *owner,
                              int64_t not_after_us, struct ak_error *err);
int jobs_store_schedule_release(struct ak_store *store, const char *name, const char *owner,
                                struct ak_error *err);
/* Removes at most 1,000 jobs that ended before then. */
int jobs_store_purge(struct ak_store *store, int64_t before_us, int64_t *ret_n,
                     struct ak_error *err);

/* Leases. */
enum { JOBS_LEASE_MS = 15000, JOBS_RENEW_MS = 4000 };

#endif
