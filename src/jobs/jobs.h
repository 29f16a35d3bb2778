/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_JOBS_H
#define AK_JOBS_H
/* Long work: persisted jobs of idempotent steps, claimed by workers under a lease, moved by
 * compare-and-set only. A job is inserted in the transaction of the change that asks for it.
 * Jobs of one object run one after another in order of insertion; different objects in parallel.
 *
 *        queued ──claim──▶ running ──last step──▶ done
 *          ▲                  │  ├─error, retries left─▶ queued (after a pause that doubles)
 *          └──lease expired───┘  └─error, none left────▶ undoing ──▶ failed
 */
#include "audit/audit.h"

enum ak_job_state {
    AK_JOB_QUEUED,
    AK_JOB_RUNNING,
    AK_JOB_UNDOING,
    AK_JOB_DONE,
    AK_JOB_FAILED,
    AK_JOB_STATES
};
const char *ak_job_state_name(enum ak_job_state state);

struct ak_job_run;

/* A step does its work again from any point without harm. It takes no transaction from outside and
 * must not hold one while an engine works. It re-reads its object. Returns 0 or an error; errors of
 * 5xx status AK_ENGINE_UNAVAILABLE, AK_ENGINE_TIMEOUT and AK_STORE_BUSY are retried without limit
 * until 'deadline', others 'retries' times. */
typedef int ak_job_step_fn(struct ak_job_run *run, struct ak_error *err);

struct ak_job_step {
    const char *name; /* shown to people as the progress of the work */
    ak_job_step_fn *run;
    ak_job_step_fn *undo; /* NULL = nothing to undo; undone in reverse order from the failed step on
                             (inclusive) */
    int64_t timeout_ms;
    int retries;
};

struct ak_job_kind {
    const char *name;   /* "server-create" */
    const char *object; /* "server" */
    const struct ak_job_step *steps;
    size_t n_steps;
    int64_t deadline_ms; /* from the insertion on; 0 = 1 h */
    /* After 'failed' is recorded or 'done': may set the object's final state in the same
     * transaction. */
    int (*finish)(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                  struct ak_error *err);
};

struct ak_job_run {
    const struct ak_job_kind *kind;
    const char *id, *object_id, *project_id, *request_id, *actor_id;
    const json_t *args;     /* as given at insertion */
    struct ak_arena *arena; /* of this step */
    struct ak_store *store;
    void *engines; /* struct ak_engines *, see engine/engine.h */
    const struct ak_config *config;
    int64_t deadline_us; /* of this step */
    int step;
};

/* Inserts a job. 'args_json' is a JSON object text or NULL. 'run_at_us' 0 = at once.
 * '*ret_id' (may be NULL) gets the job's UUID. Wakes a worker after the commit. */
int ak_job_add(struct ak_tx *tx, const struct ak_job_kind *kind, const char *object_id,
               const char *project_id, const char *request_id, const char *actor_id,
               const char *args_json, int64_t run_at_us, char ret_id[AK_UUID_TEXT],
               struct ak_error *err);
/* Number of unfinished jobs of an object. */
int ak_job_pending(struct ak_tx *tx, const char *object_id, int64_t *ret_n, struct ak_error *err);
/* Jobs for people, by a query over ak_job_fields (newest first unless it says otherwise). */
struct ak_job_row {
    const char *id, *kind, *object_id, *project_id, *request_id, *actor_id, *state, *error;
    int64_t number, step, attempts, run_at_us, created_us, updated_us;
};
extern const struct ak_fields ak_job_fields;
struct ak_query;
int ak_job_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                struct ak_list *ret_list, struct ak_error *err);
/* Why a job failed ('error' of its row), as a reader's sentence; NULL when it did not.
 * '*ret_detail' is for the provider's people only: it may tell how the platform is built. */
const char *ak_job_error_text(struct ak_arena *arena, const char *error_json, enum ak_lang lang,
                              const char **ret_detail);
/* Whether a job may go on: false once the service is stopping or its lease was lost; long steps
 * ask. */
bool ak_job_alive(const struct ak_job_run *run);

/* Periodic work of a domain, run by exactly one worker at a time (lease in the database). */
struct ak_schedule {
    const char *name;
    int64_t every_ms;          /* or 0 with 'daily_at_min' */
    const char *every_setting; /* name of a setting in seconds that stands for every_ms; NULL */
    int daily_at_min;          /* minutes after midnight, Asia/Tokyo */
    bool at_start;             /* also once when the first worker starts */
    int (*run)(struct ak_job_run *run, struct ak_error *err); /* run->kind and object_id are NULL */
};

/* The worker. */
struct ak_worker_options {
    struct ak_store *store;
    void *engines;
    const struct ak_config *config;
    const struct ak_job_kind *const *kinds; /* NULL-terminated */
    const struct ak_schedule *const *schedules;
    int threads;           /* jobs at once */
    const char *wake_path; /* unix datagram socket that ak_job_add() wakes by; NULL = none */
};
struct ak_worker;
int ak_worker_start(const struct ak_worker_options *options, struct ak_worker **ret_worker,
                    struct ak_error *err);
/* Runs until nothing is due, on the calling thread (tests). */
int ak_worker_drain(struct ak_worker *worker, struct ak_error *err);
/* Lets running steps end (at most 'timeout_ms'), then joins the threads. */
void ak_worker_stop(struct ak_worker *worker, int64_t timeout_ms);
void ak_worker_free(struct ak_worker *worker);
AK_DEFINE_AUTO(ak_worker)
/* Names of those who hold a lease in the database: "host:pid:start time of the process". */
void ak_jobs_owner_name(char out[128]);
/* True when 'owner' was a process of this host that is gone. */
bool ak_jobs_owner_is_dead(const char *owner);
/* Where ak_job_add() sends its wake-up in this process. */
void ak_jobs_set_wake_path(const char *path);
/* Tests: called after each completed step with its name, and at the points that long steps name;
 * may kill the process. */
extern void (*ak_jobs_after_step)(const struct ak_job_run *run, const char *step);
void ak_job_point(const struct ak_job_run *run, const char *point);

/* Of the jobs themselves: the finished ones go after 'job_keep_days'. NULL-terminated. */
extern const struct ak_schedule *const ak_jobs_schedules[];
extern const struct ak_setting ak_jobs_settings[];
extern const size_t ak_jobs_settings_n;

#endif
