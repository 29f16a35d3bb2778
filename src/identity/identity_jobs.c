/* SPDX-License-Identifier: Apache-2.0 */
/* Periodic work of identity, done by the worker. */
#include "identity/identity_secret.h"

static int purge_tokens(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0, roles = 0;
    int rc = ak_tx_write(run->store, &tx, err);

    if (rc == 0) {
        rc = identity_token_store_purge(tx, ak_now_us(), &n, err);
    }
    if (rc == 0) {
        rc = identity_secret_store_purge(tx, ak_now_us(), err);
    }
    if (rc == 0) {
        rc = identity_source_store_purge(tx, ak_now_us(), err);
    }
    if (rc == 0) {
        rc = identity_timed_role_purge(tx, ak_now_us(), &roles, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc == 0 && n > 0) {
        ak_log(AK_DEBUG, "removed %" PRId64 " expired tokens", n);
    }
    return rc;
}

static const struct ak_schedule purge_schedule = {.name = "identity-token-purge",
                                                  .every_ms = 10 * 60 * 1000,
                                                  .at_start = true,
                                                  .run = purge_tokens};

const struct ak_schedule *const identity_schedules[] = {&purge_schedule, NULL};
