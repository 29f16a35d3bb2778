/* SPDX-License-Identifier: Apache-2.0 */
/* What comes by the clock: the end of contracts, the day of the deletion, service codes, old export
 * kits. */
#include "service/service_contract_internal.h"

#include <unistd.h>

typedef int due_fn(struct ak_tx *tx, struct ak_arena *arena, struct service_contract_row *contract,
                   struct ak_error *err);

static int end_or_delete(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract_row *contract, struct ak_error *err)
{
    return contract->ended_us == 0 ? service_contract_end(tx, arena, contract, err)
                                   : service_contract_delete_begin(tx, arena, contract, err);
}

/* Each contract in a transaction of its own, loaded anew: one that fails holds up no other. */
static int move_due(struct ak_job_run *run, bool expired, due_fn *fn, struct ak_error *err)
{
    AK_AUTO(ak_tx) read = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &read, err);

    rc = rc < 0 ? rc
                : service_contract_store_due(read, run->arena, expired, ak_now_us(), &list, err);
    ak_tx_free(AK_TAKE(read));
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        AK_AUTO(ak_tx) tx = NULL;
        struct ak_error failure = {0};
        struct service_contract_row contract = {0};
        const char *id = ((const struct service_contract_row *)list.items)[i].id;
        int one = ak_tx_write(run->store, &tx, &failure);

        one = one < 0 ? one : service_contract_store_load(tx, run->arena, id, &contract, &failure);
        one = one < 0 ? one : fn(tx, run->arena, &contract, &failure);
        one = one < 0 ? one : ak_tx_commit(tx, &failure);
        if (one < 0) {
            ak_log_error(&failure, "contract %s", id);
        }
    }
    return rc;
}

/* Twice: a contract that ends and has no days of grace is deleted in the same run. */
static int contracts_due(struct ak_job_run *run, struct ak_error *err)
{
    int rc = move_due(run, true, service_contract_expire, err);

    rc = rc < 0 ? rc : move_due(run, false, end_or_delete, err);
    return rc < 0 ? rc : move_due(run, false, end_or_delete, err);
}

static int follow_one(struct ak_job_run *run, const char *project_id, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : service_code_follow(tx, run->arena, project_id, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

/* One customer's that fail hold up no other's. */
static int codes_due(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) read = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &read, err);

    rc = rc < 0 ? rc : service_code_store_projects(read, run->arena, &list, err);
    ak_tx_free(AK_TAKE(read));
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        const char *project_id = ((const struct service_stage_row *)list.items)[i].id;
        struct ak_error failure = {0};

        if (follow_one(run, project_id, &failure) < 0) {
            ak_log_error(&failure, "service codes of project %s", project_id);
        }
    }
    return rc;
}

static int kits_due(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_write(run->store, &tx, err);
    struct service_export_row *rows;

    rc = rc < 0 ? rc : service_export_store_expired(tx, run->arena, ak_now_us(), &list, err);
    rows = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        (void)unlink(service_export_path(run->config, run->arena, rows[i].id));
        rows[i].state = "expired";
        rc = service_export_store_state(tx, &rows[i], err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static const struct ak_schedule due_schedule = {
    .name = "contract-due", .every_ms = 30 * 1000, .at_start = true, .run = contracts_due};
static const struct ak_schedule codes_schedule = {
    .name = "contract-codes", .every_ms = 60 * 1000, .at_start = true, .run = codes_due};
static const struct ak_schedule kits_schedule = {
    .name = "contract-kits", .every_ms = 3600 * 1000, .run = kits_due};
static const struct ak_schedule supplements_schedule = {
    .name = "contract-supplements", .every_ms = 60 * 1000, .run = service_supplements_due};
const struct ak_schedule *const service_contract_schedules[] = {
    &due_schedule, &codes_schedule, &kits_schedule, &supplements_schedule, NULL};
