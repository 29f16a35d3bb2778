/* SPDX-License-Identifier: Apache-2.0 */
/* Periodic work: which schedules are due, and running them under a lease. A few threads look, so
 * that a long one (the sweep of large images, an engine that hangs) delays none of the others. */
#include "jobs/jobs_internal.h"

enum { JST_OFFSET_MIN = 9 * 60, SCHEDULE_TIMEOUT_MS = 600000 };

int64_t jobs_last_daily_us(int64_t now_us, int minute)
{
    int64_t shift = JST_OFFSET_MIN * AK_MIN;
    int64_t local = now_us + shift;
    int64_t midnight = local - local % AK_DAY;
    int64_t at = midnight + minute * AK_MIN;

    return (at <= local ? at : at - AK_DAY) - shift;
}

/* The newest start that still leaves the schedule due now; -1 = not due by the clock. */
static int64_t due_before(const struct ak_schedule *schedule, const struct ak_config *config,
                          bool first)
{
    int64_t now = ak_now_us();
    int64_t every_ms = schedule->every_setting
                           ? ak_config_int(config, schedule->every_setting) * 1000
                           : schedule->every_ms;

    if (first && schedule->at_start) {
        return now;
    }
    return every_ms ? now - every_ms * AK_MS : jobs_last_daily_us(now, schedule->daily_at_min) - 1;
}

/* Whether it runs in this process; '*ret_first' = it has not been looked at since the start. */
static bool is_running(struct ak_worker *worker, size_t i, bool *ret_first)
{
    AK_LOCK(&worker->lock);

    for (const struct job_run *r = worker->runs; r; r = r->next) {
        if (!r->row.id && ak_streq(r->pub.id, worker->options.schedules[i]->name)) {
            return true;
        }
    }
    *ret_first = !worker->begun[i];
    worker->begun[i] = true;
    return false;
}

/* 1 = it is ours to run, 0 = not due or somebody else has it, negative = error. */
static int claim(struct ak_worker *worker, size_t i, struct ak_error *err)
{
    const struct ak_schedule *schedule = worker->options.schedules[i];
    int64_t before = 0, last = 0;
    bool first = false;
    int rc = 0;

    if (is_running(worker, i, &first)) {
        return 0;
    }
    before = due_before(schedule, worker->options.config, first);
    rc = jobs_store_schedule_last(worker->options.store, schedule->name, &last, err);
    if (rc == -AK_NOT_FOUND) {
        rc = jobs_store_schedule_add(worker->options.store, schedule->name, err);
    }
    /* A start that is still to come: the clock was put back since. */
    if (rc < 0 || (last > before && last <= ak_now_us())) {
        return rc;
    }
    return jobs_store_schedule_claim(worker->options.store, schedule->name, worker->owner, before,
                                     err);
}

/* Claims it and puts it into the list of what runs. The threads do this one after another, so that
 * they neither get into each other's way in the database nor both take the same. */
static int claim_and_enter(struct ak_worker *worker, size_t i, struct job_run *run,
                           struct ak_error *err)
{
    int rc = 0;
    AK_LOCK(&worker->claiming);

    rc = claim(worker, i, err);
    if (rc > 0) {
        run->pub.id = worker->options.schedules[i]->name;
        run->pub.deadline_us = ak_monotonic_us() + SCHEDULE_TIMEOUT_MS * AK_MS;
        run->lease_good_until_us = ak_monotonic_us() + JOBS_LEASE_MS * AK_MS;
        (void)jobs_enter(run);
    }
    return rc;
}

/* 1 = it ran, 0 = not due or somebody else has it, negative = error. */
static int try_schedule(struct ak_worker *worker, size_t i, struct ak_error *err)
{
    const struct ak_schedule *schedule = worker->options.schedules[i];
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct job_run run = {.worker = worker,
                          .pub = {.arena = arena,
                                  .store = worker->options.store,
                                  .engines = worker->options.engines,
                                  .config = worker->options.config}};
    struct ak_error ignored = {0};
    int rc = claim_and_enter(worker, i, &run, err);

    if (rc <= 0) {
        return rc;
    }
    ak_log_context(schedule->name);
    rc = schedule->run(&run.pub, err);
    if (rc < 0) {
        ak_log_error(err, "schedule %s failed; it runs again in time", schedule->name);
    }
    ak_log_context(NULL);
    (void)jobs_store_schedule_release(worker->options.store, schedule->name, worker->owner,
                                      &ignored);
    jobs_leave(&run);
    return 1;
}

int jobs_run_schedules(struct ak_worker *worker)
{
    int ran = 0;

    for (size_t i = 0; worker->options.schedules && worker->options.schedules[i]; i++) {
        struct ak_error err = {0};
        int rc = 0;

        if (worker->stopping) {
            break;
        }
        rc = try_schedule(worker, i, &err);
        if (rc < 0) {
            ak_log_error(&err, "schedule %s", worker->options.schedules[i]->name);
        }
        ran += rc > 0;
    }
    return ran;
}

/* A thousand at a time, so that nobody waits for the purge of a year. */
static int purge(struct ak_job_run *run, struct ak_error *err)
{
    int64_t before_us = ak_now_us() - ak_config_int(run->config, "job_keep_days") * AK_DAY, n = 1;
    int rc = 0;

    while (rc == 0 && n > 0 && ak_job_alive(run)) {
        rc = jobs_store_purge(run->store, before_us, &n, err);
    }
    return rc;
}

static const struct ak_schedule purge_schedule = {
    .name = "job-purge", .daily_at_min = 3 * 60 + 20, .run = purge};

const struct ak_schedule *const ak_jobs_schedules[] = {&purge_schedule, NULL};
