/* SPDX-License-Identifier: Apache-2.0 */
/* The SQL of jobs and schedules; see jobs.sql. Everything that moves a job compares its version. */
#include "jobs/jobs_internal.h"

#include "jobs/jobs_sql.h"

static const struct ak_field row_fields_rows[] = {
    {"id", AK_STR, offsetof(struct job_row, id)},
    {"kind", AK_STR, offsetof(struct job_row, kind)},
    {"object_id", AK_STR, offsetof(struct job_row, object_id)},
    {"project_id", AK_STR, offsetof(struct job_row, project_id)},
    {"request_id", AK_STR, offsetof(struct job_row, request_id)},
    {"actor_id", AK_STR, offsetof(struct job_row, actor_id)},
    {"args", AK_STR, offsetof(struct job_row, args)},
    {"state", AK_STR, offsetof(struct job_row, state)},
    {"error", AK_STR, offsetof(struct job_row, error)},
    {"step", AK_INT, offsetof(struct job_row, step)},
    {"attempts", AK_INT, offsetof(struct job_row, attempts)},
    {"deadline_us", AK_INT, offsetof(struct job_row, deadline_us)},
    {"version", AK_INT, offsetof(struct job_row, version)},
};
static const struct ak_fields row_fields = AK_FIELDS("job", struct job_row, row_fields_rows);

int jobs_store_insert(struct ak_tx *tx, const struct ak_job_kind *kind, const char *id,
                      const char *object_id, const char *project_id, const char *request_id,
                      const char *actor_id, const char *args_json, int64_t run_at_us,
                      struct ak_error *err)
{
    int64_t now = ak_now_us(), number = 0;
    int64_t start = run_at_us ? run_at_us : now;
    int rc = ak_sql_int(tx, &sql_job_number, AK_NO_ARGS, &number, err);

    if (rc < 0) {
        return rc;
    }
    return ak_sql_exec(
        tx, &sql_job_insert,
        AK_ARGS(ak_v_text(id), ak_v_int(number), ak_v_text(kind->name), ak_v_text(object_id),
                ak_v_text(project_id), ak_v_text(request_id), ak_v_text(actor_id),
                ak_v_text(args_json ? args_json : "{}"), ak_v_int(start),
                ak_v_int(start + (kind->deadline_ms ? kind->deadline_ms * AK_MS : AK_HOUR)),
                ak_v_int(now)),
        NULL, err);
}

int jobs_store_pending(struct ak_tx *tx, const char *object_id, int64_t *ret_n,
                       struct ak_error *err)
{
    return ak_sql_int(tx, &sql_job_pending, AK_ARGS(ak_v_text(object_id)), ret_n, err);
}

int jobs_store_due(struct ak_store *store, int64_t *ret_n, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(store, &tx, err);

    if (rc < 0) {
        return rc;
    }
    return ak_sql_int(tx, &sql_job_due, AK_ARGS(ak_v_int(ak_now_us())), ret_n, err);
}

int jobs_store_claim(struct ak_store *store, const char *owner, struct ak_arena *arena,
                     struct job_row *ret_row, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t now = ak_now_us();
    int rc = ak_tx_write(store, &tx, err);

    if (rc < 0) {
        return rc;
    }
    rc =
        ak_sql_load(tx, &sql_job_claim,
                    AK_ARGS(ak_v_text(owner), ak_v_int(now + JOBS_LEASE_MS * AK_MS), ak_v_int(now)),
                    &row_fields, arena, ret_row, err);
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    return rc < 0 ? rc : 1;
}

int jobs_store_move(struct ak_tx *tx, const char *owner, struct job_row *row,
                    const struct job_move *move, struct ak_error *err)
{
    int64_t now = ak_now_us(), changed = 0;
    int rc = ak_sql_exec(tx, &sql_job_move,
                         AK_ARGS(ak_v_text(row->id), ak_v_int(row->version),
                                 ak_v_text(ak_job_state_name(move->state)), ak_v_int(move->step),
                                 ak_v_int(move->attempts),
                                 ak_v_int(move->run_at_us ? move->run_at_us : now),
                                 ak_v_text(move->hold ? owner : NULL),
                                 ak_v_int(move->hold ? now + JOBS_LEASE_MS * AK_MS : 0),
                                 ak_v_text(move->error), ak_v_int(now)),
                         &changed, err);

    if (rc < 0) {
        return rc;
    }
    if (changed != 1) {
        return ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    row->version++;
    return 0;
}

int jobs_store_renew(struct ak_store *store, const char *owner, struct jobs_lease *leases, size_t n,
                     int64_t until_us, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        int64_t changed = 0;

        rc = ak_sql_exec(tx, leases[i].schedule ? &sql_schedule_renew : &sql_job_renew,
                         AK_ARGS(ak_v_text(leases[i].id), ak_v_text(owner), ak_v_int(until_us)),
                         &changed, err);
        leases[i].held = changed == 1;
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int jobs_store_release(struct ak_store *store, bool (*dead)(const char *owner),
                       struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct owner_row {
        const char *owner;
    } *owners = NULL;
    static const struct ak_field rows[] = {
        {"lease_owner", AK_STR, offsetof(struct owner_row, owner)}};
    static const struct ak_fields fields = AK_FIELDS("lease", struct owner_row, rows);
    struct ak_list list = {0};
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_load_all(tx, &sql_job_lease_owners, AK_NO_ARGS, &fields, arena, 0, &list, err);
    }
    owners = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (dead(owners[i].owner)) {
            rc = ak_sql_exec(tx, &sql_job_release_owner, AK_ARGS(ak_v_text(owners[i].owner)), NULL,
                             err);
        }
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int jobs_store_schedule_add(struct ak_store *store, const char *name, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_schedule_insert, AK_ARGS(ak_v_text(name)), NULL, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int jobs_store_schedule_last(struct ak_store *store, const char *name, int64_t *ret_us,
                             struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(store, &tx, err);

    if (rc < 0) {
        return rc;
    }
    return ak_sql_int(tx, &sql_schedule_last, AK_ARGS(ak_v_text(name)), ret_us, err);
}

int jobs_store_schedule_claim(struct ak_store *store, const char *name, const char *owner,
                              int64_t not_after_us, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t now = ak_now_us(), changed = 0;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_schedule_claim,
                         AK_ARGS(ak_v_text(name), ak_v_int(now), ak_v_text(owner),
                                 ak_v_int(now + JOBS_LEASE_MS * AK_MS), ak_v_int(not_after_us)),
                         &changed, err);
    }
    if (rc == 0 && changed == 1) {
        rc = ak_tx_commit(tx, err);
    }
    return rc < 0 ? rc : (int)changed;
}

int jobs_store_schedule_release(struct ak_store *store, const char *name, const char *owner,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_schedule_release, AK_ARGS(ak_v_text(name), ak_v_text(owner)),
                         NULL, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int jobs_store_purge(struct ak_store *store, int64_t before_us, int64_t *ret_n,
                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_job_purge, AK_ARGS(ak_v_int(before_us)), ret_n, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}
