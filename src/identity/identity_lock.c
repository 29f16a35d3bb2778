/* SPDX-License-Identifier: Apache-2.0 */
/* Lock-out: who gives a wrong secret several times is locked out of the account for a while, and
 * nobody else is. Failures are counted by user and address, so a stranger who knows a name shuts
 * himself out, not its owner. Against many addresses at once there is a count of the whole account,
 * far higher; when it is reached, those addresses still come in from which the user has logged in
 * before. The count of an address whatever the names is identity_throttle.c's. */
#include "identity/identity_secret.h"

#include "identity/identity_secret_sql.h"

enum { MANY = 20 }; /* times the attempts of one address: the whole account */

#define KNOWN_US (90 * AK_DAY) /* an address is the user's own for so long after a login */

static const struct ak_field source_rows[] = {
    {"failures", AK_INT, offsetof(struct identity_source_row, failures), 0},
    {"failed_us", AK_INT, offsetof(struct identity_source_row, failed_us), 0},
    {"succeeded_us", AK_INT, offsetof(struct identity_source_row, succeeded_us), 0},
};
static const struct ak_fields source_fields =
    AK_FIELDS("source", struct identity_source_row, source_rows);

static int64_t attempts_of(const struct ak_request *req)
{
    return ak_config_int(req->config, "identity_lockout_attempts");
}

static int64_t lock_us_of(const struct ak_request *req)
{
    return ak_config_int(req->config, "identity_lockout_s") * AK_SEC;
}

int identity_user_locked(struct ak_request *req, struct ak_tx *tx,
                         const struct identity_user_row *user, bool *ret_locked,
                         struct ak_error *err)
{
    int64_t attempts = attempts_of(req), since_us = ak_now_us() - lock_us_of(req);
    char source[IDENTITY_SOURCE];
    struct identity_source_row row = {0};
    AK_AUTO(ak_tx) own = NULL;
    int rc = tx ? 0 : ak_tx_read(req->store, &own, err);

    *ret_locked = false;
    identity_source_key(req->source, source);
    rc = rc < 0 ? rc
                : ak_sql_load(tx ? tx : own, &sql_source_load,
                              AK_ARGS(ak_v_text(user->id), ak_v_text(source)), &source_fields,
                              req->arena, &row, err);
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    if (rc == 0 && attempts > 0 &&
        !identity_user_options_of(user).ignore_lockout_failure_attempts) {
        *ret_locked = (row.failures >= attempts && row.failed_us > since_us) ||
                      (user->failures >= attempts * MANY && user->failed_us > since_us &&
                       row.succeeded_us < ak_now_us() - KNOWN_US);
    }
    return rc;
}

int identity_user_failed(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                         struct ak_error *err)
{
    int64_t now_us = ak_now_us(), since_us = now_us - lock_us_of(req);
    char source[IDENTITY_SOURCE];
    int rc = identity_user_store_count_failure(tx, user_id, now_us, since_us, err);

    identity_source_key(req->source, source);
    return rc < 0 ? rc
                  : ak_sql_exec(tx, &sql_source_failed,
                                AK_ARGS(ak_v_text(user_id), ak_v_text(source), ak_v_int(now_us),
                                        ak_v_int(since_us), ak_v_int(attempts_of(req))),
                                NULL, err);
}

int identity_user_succeeded(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                            struct ak_error *err)
{
    char source[IDENTITY_SOURCE];

    identity_source_key(req->source, source);
    return ak_sql_exec(tx, &sql_source_succeeded,
                       AK_ARGS(ak_v_text(user_id), ak_v_text(source), ak_v_int(ak_now_us())), NULL,
                       err);
}

int identity_source_store_forget(struct ak_tx *tx, const char *user_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_source_forget, AK_ARGS(ak_v_text(user_id)), NULL, err);
}

int identity_source_store_purge(struct ak_tx *tx, int64_t now_us, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_source_purge,
                       AK_ARGS(ak_v_int(now_us - AK_DAY), ak_v_int(now_us - KNOWN_US)), NULL, err);
}
