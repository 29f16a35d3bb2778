/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's part: the job that does what was approved, the schedules that watch what was begun,
 * look at the clocks, and sweep what belongs to nobody.
 *
 * The job's one step begins the work and records in the same transaction that this attempt has
 * begun, so that a worker killed at any moment neither forgets nor repeats it. */
#include "request/request_run.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_US (7 * AK_DAY) /* a one-time password is dead by then (identity) */
#define STALE_S   3600         /* a file without a row for so long is nobody's */

/* {"slug":…,"text_ja":…,"text_en":…} of an error, in the arena. */
static const char *error_json(struct ak_arena *arena, const struct ak_error *failure)
{
    char text[1024];
    AK_AUTO_BUF out = {0};
    ak_buf_init(&out, 8192);
    struct ak_json w = ak_json_on(&out);
    ak_json_object(&w);
    ak_json_kstr(&w, "slug", ak_error_info(failure->code)->slug);
    ak_error_text(failure, AK_LANG_JA, text, sizeof(text));
    ak_json_kstr(&w, "text_ja", text);
    ak_error_text(failure, AK_LANG_EN, text, sizeof(text));
    ak_json_kstr(&w, "text_en", text);
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, out.data);
}

static int ended(struct request_work *work, const struct ak_error *failure, struct ak_error *err)
{
    struct request_actor who = request_actor_system(work->job_id);
    if (failure) {
        work->request->error = error_json(work->arena, failure);
    }
    return request_move(work->tx, work->arena, work->request,
                        failure ? REQUEST_FAIL : REQUEST_SUCCEED, &who, err);
}

/* Which ends are seen outside of a job, they are recorded here. */
static int audit(struct request_work *work, const struct ak_error *failure, struct ak_error *err)
{
    const struct request_row *request = work->request;
    struct ak_audit_event event = {
        .action = "request.request.end",
        .outcome = ak_streq(request->state, "refused") ? "refused"
                   : failure                           ? "failed"
                                                       : "success",
        .reason = failure ? ak_error_info(failure->code)->slug : NULL,
        .request_id = work->job_id,
        .actor_id = "system",
        .project_id = request->project_id,
        .object_type = "request",
        .object_id = request->id,
        .listener = "worker",
        .detail_json = ak_arena_printf(work->arena, "{\"number\":\"%s\",\"state\":\"%s\"}",
                                       request->number, request->state),
    };
    return ak_audit_add(work->tx, &event, NULL, err);
}

/* ---- The job --------------------------------------------------------------------------------- */

/* What may not be done any more: the request is refused, and all who wait for it are told why. */
static int stop(struct request_work *work, const struct ak_error *why, struct ak_error *err)
{
    struct request_actor who = request_actor_system(work->job_id);
    struct request_row *request = work->request;
    request->error = error_json(work->arena, why);
    request->result = NULL;
    request->begun = request->attempt;
    int rc = request_move(work->tx, work->arena, request, REQUEST_STOP, &who, err);
    rc = rc < 0
             ? rc
             : request_mail_operators(work->tx, work->arena, request, "request-stopped", NULL, err);
    return rc < 0 ? rc : audit(work, why, err);
}

static int begin(struct request_work *work, const struct request_kind *kind, struct ak_error *err)
{
    struct request_row *request = work->request;
    AK_AUTO_JSON fields = json_loads(request->fields, 0, NULL);
    struct ak_error why = {0};
    work->fields = fields;
    int rc = request_guard(work->tx, work->arena, kind, request, fields, &why);
    if (request_guard_refuses(rc)) {
        return stop(work, &why, err);
    }
    if (rc < 0) {
        *err = why;
        return rc;
    }
    rc = kind->run(work, err);
    request->begun = request->attempt;
    rc = rc < 0 ? rc : work->done ? ended(work, NULL, err) : request_save(work->tx, request, err);
    work->fields = NULL;
    return rc;
}

/* What takes long and changes nothing; only while it is still to be done. */
static int prepare(struct request_work *work, const struct request_kind *kind, struct ak_tx *tx,
                   struct ak_error *err)
{
    const struct request_row *request = work->request;
    if (!kind || !kind->prepare || request_state_parse(request->state) != REQUEST_RUNNING ||
        request->begun >= request->attempt) {
        return 0;
    }
    AK_AUTO_JSON fields = json_loads(request->fields, 0, NULL);
    work->fields = fields;
    work->tx = tx;
    int rc = kind->prepare(work, err);
    work->fields = NULL;
    return rc;
}

static int run_step(struct ak_job_run *run, struct ak_error *err)
{
    struct identity_initial initial = {0};
    struct request_row request = {0};
    struct request_work work = {
        .arena = run->arena, .config = run->config, .job_id = run->id, .request = &request};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : request_load(tx, run->arena, NULL, run->object_id, &request, err);
    const struct request_kind *kind = rc < 0 ? NULL : request_kind_find(request.kind);
    rc = rc < 0 ? rc : prepare(&work, kind, tx, err);
    ak_tx_free(AK_TAKE(tx));
    const char *result = request.result;
    if (rc == 0 && kind && kind->initial) { /* slow, so before the transaction */
        rc = identity_initial_make(&initial, err);
        work.initial = &initial;
    }
    rc = rc < 0 ? rc : ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : request_load(tx, run->arena, NULL, run->object_id, &request, err);
    if (rc == 0 && request_state_parse(request.state) == REQUEST_RUNNING &&
        request.begun < request.attempt && kind && kind->run) {
        work.tx = tx;
        request.result = work.file ? result : request.result;
        rc = begin(&work, kind, err);
        rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    }
    ak_wipe(&initial, sizeof(initial));
    return rc;
}

/* A step that failed for good has begun nothing: the request fails, and may be run again. */
static int finish(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                  struct ak_error *err)
{
    struct request_row request = {0};
    struct request_work work = {.tx = tx,
                                .arena = run->arena,
                                .config = run->config,
                                .job_id = run->id,
                                .request = &request};
    int rc = failure ? request_load(tx, run->arena, NULL, run->object_id, &request, err) : 0;
    bool open = failure && rc == 0 && request_state_parse(request.state) == REQUEST_RUNNING &&
                request.begun < request.attempt;
    return open ? ended(&work, failure, err) : rc;
}

static const struct ak_job_step run_steps[] = {
    {.name = "run", .run = run_step, .timeout_ms = 60000},
};
const struct ak_job_kind request_run_kind = {
    .name = "request-run",
    .object = "request",
    .steps = run_steps,
    .n_steps = AK_N(run_steps),
    .finish = finish,
};
const struct ak_job_kind *const request_jobs[] = {&request_run_kind, NULL};

/* ---- What was begun -------------------------------------------------------------------------- */

static int look(struct request_work *work, struct ak_error *err)
{
    const struct request_kind *kind = request_kind_find(work->request->kind);
    if (!kind || !kind->watch || work->request->begun < work->request->attempt) {
        return 0;
    }
    AK_AUTO_JSON fields = json_loads(work->request->fields, 0, NULL);
    work->fields = fields;
    int rc = kind->watch(work, err);
    work->fields = NULL;
    return rc;
}

int request_progress(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                     struct request_row *request, struct ak_error *err)
{
    struct request_row copy = *request;
    struct ak_error seen = {0};
    struct request_work work = {.tx = tx, .arena = arena, .config = config, .request = &copy};
    (void)err;
    int rc = look(&work, &seen); /* how it ends is the schedule's business */
    request->progress = rc < 0 ? NULL : work.progress;
    return rc == -AK_STORE || rc == -AK_STORE_BUSY ? rc : 0;
}

/* One running request, in a transaction of its own: somebody may have moved it meanwhile. */
static int watch_one(struct ak_job_run *run, const char *id, struct ak_error *err)
{
    struct request_row request = {0};
    struct ak_error failure = {0};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    struct request_work work = {
        .tx = tx, .arena = arena, .config = run->config, .job_id = id, .request = &request};
    rc = rc < 0 ? rc : request_load(tx, arena, NULL, id, &request, err);
    if (rc < 0 || request_state_parse(request.state) != REQUEST_RUNNING) {
        return rc;
    }
    rc = look(&work, &failure);
    if (rc < 0 && ak_error_info(failure.code)->status >= 500) {
        *err = failure;
        return rc;
    }
    if (rc == 0 && !work.done) {
        return 0;
    }
    const struct ak_error *why = rc < 0 ? &failure : NULL;
    rc = ended(&work, why, err);
    rc = rc < 0 ? rc : audit(&work, why, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

/* Those of a list, each by itself: what one meets does not hold up the others. */
static int each(struct ak_job_run *run, const struct ak_list *list,
                int (*act)(struct ak_job_run *run, const char *id, struct ak_error *err))
{
    const struct request_row *rows = list->items;
    for (size_t i = 0; i < list->n; i++) {
        struct ak_error problem = {0};
        if (act(run, rows[i].id, &problem) < 0) {
            ak_log_error(&problem, "request %s is looked at again", rows[i].number);
        }
    }
    return 0;
}

static int watch(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : request_running_load(tx, run->arena, &list, err);
    ak_tx_free(AK_TAKE(tx));
    return rc < 0 ? rc : each(run, &list, watch_one);
}

/* ---- Clocks ---------------------------------------------------------------------------------- */

static int alert_one(struct ak_job_run *run, const char *id, struct ak_error *err)
{
    struct request_actor who = request_actor_system(id);
    struct request_row request = {0};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : request_load(tx, arena, NULL, id, &request, err);
    if (rc < 0 || request.overdue || request.due_us > ak_now_us() ||
        !request_state_counts(request_state_parse(request.state))) {
        return rc;
    }
    request.overdue = true;
    rc = request_save(tx, &request, err);
    rc = rc < 0 ? rc : request_step_add(tx, &request, "overdue", &who, NULL, err);
    rc = rc < 0 ? rc : request_mail_operators(tx, arena, &request, "request-overdue", NULL, err);
    rc = rc < 0 ? rc : ak_tx_commit(tx, err);
    if (rc == 0) {
        ak_log(AK_WARNING, "request %s is overdue", request.number);
    }
    return rc;
}

static int clocks(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : request_overdue_load(tx, run->arena, ak_now_us(), &list, err);
    ak_tx_free(AK_TAKE(tx));
    return rc < 0 ? rc : each(run, &list, alert_one);
}

/* ---- Sweep ----------------------------------------------------------------------------------- */

/* Messages and attachments go with the customer: when its project is gone, so are they. */
static int forget_one(struct ak_job_run *run, const char *project_id, struct ak_error *err)
{
    struct identity_project project = {0};
    struct ak_list files = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : identity_project_load(tx, run->arena, project_id, &project, err);
    if (rc != -AK_OBJECT_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    rc = request_files_load(tx, run->arena, project_id, &files, err);
    const struct request_attachment *rows = files.items;
    for (size_t i = 0; rc == 0 && i < files.n; i++) { /* the files first: rows find them again */
        const char *path = request_attachment_path(run->config, run->arena, rows[i].id);
        if (unlink(path) != 0 && errno != ENOENT) {
            rc = ak_fail_errno(err, errno, "unlink %s", path);
        }
    }
    rc = rc < 0 ? rc : request_forget(tx, project_id, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int forget(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_list lists[2] = {{0}, {0}};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : request_projects_load(tx, run->arena, lists, err);
    ak_tx_free(AK_TAKE(tx));
    for (size_t l = 0; l < AK_N(lists); l++) {
        const struct request_project *rows = lists[l].items;
        for (size_t i = 0; rc == 0 && i < lists[l].n; i++) {
            rc = forget_one(run, rows[i].project_id, err);
        }
    }
    return rc;
}

/* Files whose row is gone, or never came. Young ones may still get theirs. */
static int sweep_file(struct ak_job_run *run, const char *name, struct ak_error *err)
{
    const char *path = request_attachment_path(run->config, run->arena, name);
    struct stat st;
    bool known = false;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return 0;
    }
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : request_attachment_is_known(tx, name, &known, err);
    if (rc < 0 || known || ak_file_age_us(&st) < STALE_S * AK_SEC) {
        return rc;
    }
    ak_log(AK_INFO, "attachment %s belongs to no request and is removed", name);
    return unlink(path) == 0 || errno == ENOENT ? 0 : ak_fail_errno(err, errno, "unlink %s", path);
}

static int forget_secrets(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : request_secrets_forget(tx, ak_now_us() - SECRET_US, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int sweep(struct ak_job_run *run, struct ak_error *err)
{
    const char *dir = ak_config_str(run->config, "request_dir");
    int rc = forget(run, err);
    rc = rc < 0 ? rc : forget_secrets(run, err);
    DIR *d = rc < 0 ? NULL : opendir(dir);
    struct dirent *entry;
    if (!d) {
        return rc < 0 || errno == ENOENT ? rc : ak_fail_errno(err, errno, "open %s", dir);
    }
    while (rc == 0 && (entry = readdir(d))) {
        rc = sweep_file(run, entry->d_name, err);
    }
    (void)closedir(d);
    return rc;
}

static const struct ak_schedule watch_schedule = {
    .name = "request-watch", .every_ms = 3000, .at_start = true, .run = watch};
static const struct ak_schedule clock_schedule = {
    .name = "request-clocks", .every_ms = 60000, .at_start = true, .run = clocks};
static const struct ak_schedule sweep_schedule = {
    .name = "request-sweep", .every_ms = 3600000, .at_start = true, .run = sweep};
const struct ak_schedule *const request_schedules[] = {&watch_schedule, &clock_schedule,
                                                       &sweep_schedule, NULL};
