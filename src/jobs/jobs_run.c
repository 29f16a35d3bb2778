/* SPDX-License-Identifier: Apache-2.0 */
/* Running one claimed job: step after step, each recorded before the next begins, so that a killed
 * worker costs at most the repetition of one idempotent step. Failure undoes the steps in reverse.
 */
#include "jobs/jobs_internal.h"

enum { RETRY_FIRST_MS = 250, RETRY_MAX_MS = 15000, UNDO_ATTEMPTS = 20 };

static const struct ak_job_kind *find_kind(const struct ak_worker *worker, const char *name)
{
    for (size_t i = 0; worker->options.kinds && worker->options.kinds[i]; i++) {
        if (ak_streq(worker->options.kinds[i]->name, name)) {
            return worker->options.kinds[i];
        }
    }
    return NULL;
}

static enum ak_job_state state_of(const char *name)
{
    for (int s = 0; s < AK_JOB_STATES; s++) {
        if (ak_streq(ak_job_state_name((enum ak_job_state)s), name)) {
            return (enum ak_job_state)s;
        }
    }
    return AK_JOB_FAILED;
}

/* Errors that say "not now" rather than "no". */
static bool is_passing(int rc)
{
    return rc == -AK_ENGINE_UNAVAILABLE || rc == -AK_ENGINE_TIMEOUT || rc == -AK_STORE_BUSY ||
           rc == -AK_CANCELLED || rc == -AK_CHANGED_MEANWHILE;
}

static char *error_to_json(struct ak_arena *arena, const struct ak_error *failure)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);
    char text[512];

    ak_buf_init(&buf, 6 * sizeof(*failure)); /* \u00xx at worst */
    ak_error_text(failure, AK_LANG_EN, text, sizeof(text));
    ak_json_object(&w);
    ak_json_kint(&w, "code", failure->code);
    ak_json_kstr(&w, "slug", ak_error_info(failure->code)->slug);
    ak_json_kstr(&w, "text", text);
    ak_json_kstr(&w, "detail", failure->detail);
    ak_json_key(&w, "params");
    ak_json_array(&w);
    for (int i = 0; i < AK_ERROR_PARAMS; i++) {
        ak_json_str(&w, failure->params[i]);
    }
    ak_json_array_end(&w);
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, buf.data);
}

/* The failure that an earlier run recorded. Found by slug: numbers of codes change between
 * versions. */
static void error_from_json(const char *text, struct ak_error *failure)
{
    AK_AUTO_JSON json = text ? json_loads(text, 0, NULL) : NULL;
    const char *slug = json_string_value(json_object_get(json, "slug"));
    size_t i = 0;
    json_t *param = NULL;

    memset(failure, 0, sizeof(*failure));
    failure->code = AK_INTERNAL;
    for (int c = 1; slug && c < AK_ERROR_CODES_END; c++) {
        if (ak_streq(ak_error_info((enum ak_error_code)c)->slug, slug)) {
            failure->code = (enum ak_error_code)c;
        }
    }
    json_array_foreach(json_object_get(json, "params"), i, param)
    {
        if (i < AK_ERROR_PARAMS) {
            ak_str_copy(failure->params[i], sizeof(failure->params[i]), json_string_value(param));
        }
    }
    ak_str_copy(failure->detail, sizeof(failure->detail),
                json_string_value(json_object_get(json, "detail")));
}

const char *ak_job_error_text(struct ak_arena *arena, const char *error_json, enum ak_lang lang,
                              const char **ret_detail)
{
    struct ak_error failure;
    char text[512];

    *ret_detail = NULL;
    if (!error_json) {
        return NULL;
    }
    error_from_json(error_json, &failure);
    ak_error_text(&failure, lang, text, sizeof(text));
    *ret_detail = failure.detail[0] ? ak_arena_strdup(arena, failure.detail) : NULL;
    return ak_arena_strdup(arena, text);
}

static int64_t pause_us(int64_t attempts)
{
    int64_t ms = RETRY_FIRST_MS;

    for (int64_t i = 0; i < attempts && ms < RETRY_MAX_MS; i++) {
        ms *= 2;
    }
    return (ms > RETRY_MAX_MS ? RETRY_MAX_MS : ms) * AK_MS;
}

static int move(struct job_run *run, const struct job_move *to, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = 0;

    if (!jobs_may_move(run->state, to->state)) {
        return ak_fail_detail(err, AK_INTERNAL, "job %s: %s to %s is not allowed", run->row.id,
                              ak_job_state_name(run->state), ak_job_state_name(to->state));
    }
    rc = ak_tx_write(run->pub.store, &tx, err);
    if (rc == 0) {
        rc = jobs_store_move(tx, run->worker->owner, &run->row, to, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc < 0) {
        run->lost = true; /* whatever it was, the row decides: leave it to the next claim */
        return rc;
    }
    run->state = to->state;
    run->row.step = to->step;
    run->row.attempts = to->attempts;
    return 0;
}

/* Records the end of a job with its object's final state and the audit event, in one transaction.
 */
static int end(struct job_run *run, enum ak_job_state state, const struct ak_error *failure,
               const char *error_json, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_job_kind *kind = run->pub.kind;
    struct job_move to = {.state = state, .step = run->row.step, .error = error_json};
    struct ak_audit_event event = {
        .action = kind ? ak_arena_printf(run->pub.arena, "job.%s", kind->name) : "job.unknown",
        .outcome = state == AK_JOB_DONE ? "success" : "failed",
        .reason = failure ? ak_error_info(failure->code)->slug : NULL,
        .request_id = run->row.request_id,
        .actor_id = run->row.actor_id ? run->row.actor_id : "system",
        .project_id = run->row.project_id,
        .object_type = kind ? kind->object : "unknown",
        .object_id = run->row.object_id,
        .listener = "worker",
    };
    int rc = ak_tx_write(run->pub.store, &tx, err);

    if (rc == 0) {
        rc = jobs_store_move(tx, run->worker->owner, &run->row, &to, err);
    }
    if (rc == 0 && kind && kind->finish) {
        rc = kind->finish(&run->pub, tx, failure, err);
    }
    if (rc == 0) {
        rc = ak_audit_add(tx, &event, NULL, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc < 0) {
        run->lost = true;
        return rc;
    }
    run->state = state;
    return 0;
}

static int run_step_fn(struct job_run *run, ak_job_step_fn *fn, struct ak_error *err)
{
    const struct ak_job_step *step = &run->pub.kind->steps[run->row.step];
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_arena *outer = run->pub.arena;
    int rc = 0;

    run->pub.arena = arena;
    run->pub.step = (int)run->row.step;
    run->pub.deadline_us =
        ak_monotonic_us() + (step->timeout_ms ? step->timeout_ms : 60000) * AK_MS;
    rc = fn(&run->pub, err);
    run->pub.arena = outer;
    return rc;
}

/* A step failed: pause and try again, or begin to undo. */
static int step_failed(struct job_run *run, int rc, const struct ak_error *failure,
                       struct ak_error *err)
{
    const struct ak_job_step *step = &run->pub.kind->steps[run->row.step];
    int64_t now = ak_now_us();
    bool again = is_passing(rc) ? now < run->row.deadline_us : run->row.attempts < step->retries;
    struct job_move to = {.step = run->row.step};

    ak_log_error(failure, "job %s %s of %s %s: step %s %s", run->row.kind, run->row.id,
                 run->pub.kind->object, run->row.object_id, step->name,
                 again ? "is tried again" : "failed");
    if (again) {
        to.state = AK_JOB_QUEUED;
        to.attempts = run->row.attempts + 1;
        to.run_at_us = now + pause_us(run->row.attempts);
        return move(run, &to, err);
    }
    to.state = AK_JOB_UNDOING;
    to.hold = true;
    to.error = error_to_json(run->pub.arena, failure);
    run->row.error = to.error;
    return move(run, &to, err);
}

static int go_forward(struct job_run *run, struct ak_error *err)
{
    const struct ak_job_kind *kind = run->pub.kind;

    while (run->state == AK_JOB_RUNNING && run->row.step < (int64_t)kind->n_steps) {
        const struct ak_job_step *step = &kind->steps[run->row.step];
        struct job_move next = {.state = AK_JOB_RUNNING, .step = run->row.step + 1, .hold = true};
        struct ak_error failure = {0};
        int rc = run_step_fn(run, step->run, &failure);

        if (rc < 0) {
            return step_failed(run, rc, &failure, err);
        }
        ak_job_point(&run->pub, step->name);
        if (run->row.step + 1 == (int64_t)kind->n_steps) {
            run->row.step++;
            break; /* the last step is recorded together with the end */
        }
        rc = move(run, &next, err);
        if (rc < 0) {
            return rc;
        }
        if (run->worker->stopping) {
            next.state = AK_JOB_QUEUED;
            next.hold = false;
            return move(run, &next, err);
        }
    }
    return end(run, AK_JOB_DONE, NULL, NULL, err);
}

static int go_backward(struct job_run *run, struct ak_error *err)
{
    const struct ak_job_kind *kind = run->pub.kind;
    struct ak_error failure = {0};

    while (run->row.step >= 0) {
        const struct ak_job_step *step = &kind->steps[run->row.step];
        struct job_move next = {.state = AK_JOB_UNDOING,
                                .step = run->row.step - 1,
                                .error = run->row.error,
                                .hold = true};
        struct ak_error problem = {0};
        int rc = step->undo ? run_step_fn(run, step->undo, &problem) : 0;

        if (rc < 0 && run->row.attempts < UNDO_ATTEMPTS) {
            ak_log_error(&problem, "job %s %s: undoing step %s is tried again", run->row.kind,
                         run->row.id, step->name);
            next.step = run->row.step;
            next.attempts = run->row.attempts + 1;
            next.run_at_us = ak_now_us() + pause_us(run->row.attempts);
            next.hold = false;
            return move(run, &next, err);
        }
        if (rc < 0) {
            ak_log_error(&problem,
                         "job %s %s: undoing step %s was given up; the reconciler reports "
                         "what is left",
                         run->row.kind, run->row.id, step->name);
        }
        rc = move(run, &next, err);
        if (rc < 0) {
            return rc;
        }
    }
    error_from_json(run->row.error, &failure);
    return end(run, AK_JOB_FAILED, &failure, run->row.error, err);
}

int jobs_run_one(struct ak_worker *worker, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_JSON args = NULL;
    struct job_run run = {.worker = worker,
                          .lease_good_until_us = ak_monotonic_us() + JOBS_LEASE_MS * AK_MS};
    int rc = jobs_store_claim(worker->options.store, worker->owner, arena, &run.row, err);

    if (rc <= 0) {
        return rc;
    }
    if (!jobs_enter(
            &run)) { /* its lease ran out under it: the clock jumped, or nothing was written */
        ak_log(AK_WARNING, "job %s %s runs still; it is claimed again when that has ended",
               run.row.kind, run.row.id);
        return 1;
    }
    args = json_loads(run.row.args, 0, NULL);
    run.state = state_of(run.row.state);
    run.pub = (struct ak_job_run){
        .kind = find_kind(worker, run.row.kind),
        .id = run.row.id,
        .object_id = run.row.object_id,
        .project_id = run.row.project_id,
        .request_id = run.row.request_id,
        .actor_id = run.row.actor_id,
        .args = args,
        .arena = arena,
        .store = worker->options.store,
        .engines = worker->options.engines,
        .config = worker->options.config,
    };
    ak_log_context(run.row.request_id ? run.row.request_id : run.row.id);
    if (!run.pub.kind) {
        struct job_move to = {.state = AK_JOB_UNDOING, .step = -1, .hold = true};
        struct ak_error unknown = {0};

        (void)ak_fail_detail(&unknown, AK_INTERNAL, "unknown kind of job '%s'", run.row.kind);
        ak_log_error(&unknown, "job %s", run.row.id);
        rc = run.state == AK_JOB_UNDOING ? 0 : move(&run, &to, err);
        rc = rc < 0 ? rc : end(&run, AK_JOB_FAILED, &unknown, error_to_json(arena, &unknown), err);
    } else {
        rc = run.state == AK_JOB_UNDOING ? go_backward(&run, err) : go_forward(&run, err);
        if (rc == 0 && run.state == AK_JOB_UNDOING) {
            rc = go_backward(&run, err);
        }
    }
    jobs_leave(&run);
    if (rc < 0) {
        ak_log_error(err, "job %s %s could not be recorded; it is claimed again", run.row.kind,
                     run.row.id);
    }
    ak_log_context(NULL);
    return 1;
}
