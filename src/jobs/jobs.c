/* SPDX-License-Identifier: Apache-2.0 */
/* Insertion of jobs, their state table, and the wake-up from api to worker: a datagram of one byte
 * to the worker's unix socket, sent after the commit. A lost wake-up costs a second, since workers
 * poll too. */
#include "jobs/jobs_internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

const struct ak_setting ak_jobs_settings[] = {
    {"job_threads", AK_SETTING_INT, NULL, 1, 256, "8", NULL,
     "Jobs that one worker process runs at once."},
    {"job_keep_days", AK_SETTING_INT, "days", 1, 3650, "90", NULL,
     "How long finished jobs stay in the list of jobs. What they did stays in the audit events."},
};
const size_t ak_jobs_settings_n = AK_N(ak_jobs_settings);

void (*ak_jobs_after_step)(const struct ak_job_run *run, const char *step);

void ak_job_point(const struct ak_job_run *run, const char *point)
{
    if (ak_jobs_after_step) {
        ak_jobs_after_step(run, point);
    }
}

#define M(state) (1u << (state))

static const struct {
    const char *name;
    unsigned next; /* set of states that may follow */
} states[] = {
    [AK_JOB_QUEUED] = {"queued", M(AK_JOB_RUNNING)},
    [AK_JOB_RUNNING] = {"running",
                        M(AK_JOB_RUNNING) | M(AK_JOB_QUEUED) | M(AK_JOB_UNDOING) | M(AK_JOB_DONE)},
    [AK_JOB_UNDOING] = {"undoing", M(AK_JOB_UNDOING) | M(AK_JOB_FAILED)},
    [AK_JOB_DONE] = {"done", 0},
    [AK_JOB_FAILED] = {"failed", 0},
};
static_assert(AK_N(states) == AK_JOB_STATES, "one row per state");

const char *ak_job_state_name(enum ak_job_state state)
{
    return states[state].name;
}

bool jobs_may_move(enum ak_job_state from, enum ak_job_state to)
{
    return (states[from].next & M(to)) != 0;
}

static char wake_path[108];

void ak_jobs_set_wake_path(const char *path)
{
    ak_str_copy(wake_path, sizeof(wake_path), path);
}

static void wake(void *data)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    AK_AUTO_FD fd = -1;

    (void)data;
    if (!wake_path[0]) {
        return;
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ak_str_copy(to.sun_path, sizeof(to.sun_path), wake_path);
    if (fd >= 0) {
        /* No worker, or one with a full queue that is awake anyway: either way it will look. */
        (void)sendto(fd, "w", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to));
    }
}

int ak_job_add(struct ak_tx *tx, const struct ak_job_kind *kind, const char *object_id,
               const char *project_id, const char *request_id, const char *actor_id,
               const char *args_json, int64_t run_at_us, char ret_id[AK_UUID_TEXT],
               struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    ak_uuid_new(id);
    rc = jobs_store_insert(tx, kind, id, object_id, project_id, request_id, actor_id, args_json,
                           run_at_us, err);
    if (rc < 0) {
        return rc;
    }
    if (ret_id) {
        ak_str_copy(ret_id, AK_UUID_TEXT, id);
    }
    ak_tx_on_commit(tx, wake, NULL);
    return 0;
}

int ak_job_pending(struct ak_tx *tx, const char *object_id, int64_t *ret_n, struct ak_error *err)
{
    return jobs_store_pending(tx, object_id, ret_n, err);
}

bool ak_job_alive(const struct ak_job_run *run)
{
    const struct job_run *own = (const struct job_run *)run;

    return !own->lost && !own->worker->stopping && own->lease_good_until_us > ak_monotonic_us() &&
           ak_monotonic_us() < run->deadline_us;
}
