/* SPDX-License-Identifier: Apache-2.0 */
/* A user's own second factors: enrolling an authenticator, recovery codes, and what may be lost.
 * Logging in with them is in identity_auth_factor.c, passkeys in identity_passkey_api.c. */
#include "identity/identity_secret.h"

enum { PENDING_US = 3600 }; /* seconds to confirm what was begun */

int identity_factor_may_change(const struct ak_request *req, struct ak_error *err)
{
    return identity_caller_of(req->principal)->app_credential_id
               ? ak_fail(err, AK_APP_CREDENTIAL_RESTRICTED)
               : 0;
}

int identity_factor_may_lose(struct ak_request *req, struct ak_tx *tx, struct ak_error *err)
{
    struct identity_factors factors = {0};
    int rc = identity_factor_may_change(req, err);

    if (rc == 0) {
        rc = identity_factors_store_load(tx, req->arena, req->principal->user_id, &factors, err);
    }
    return rc == 0 && identity_caller_of(req->principal)->mfa_needed &&
                   factors.totp + factors.passkeys <= 1
               ? ak_fail(err, AK_LAST_FACTOR)
               : rc;
}

int identity_factor_added(struct ak_request *req, struct ak_tx *tx,
                          const struct identity_factors *before, struct ak_error *err)
{
    return before->totp + before->passkeys > 0
               ? 0
               : identity_session_store_delete_others(
                     tx, req->principal->user_id, identity_caller_of(req->principal)->session_id,
                     err);
}

int identity_factor_lost(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         struct ak_error *err)
{
    struct identity_factors factors = {0};
    int rc = identity_factors_store_load(tx, arena, user_id, &factors, err);

    return rc == 0 && factors.totp + factors.passkeys == 0
               ? identity_recovery_store_clear(tx, user_id, err)
               : rc;
}

const char *identity_recovery_hash(struct ak_arena *arena, const char *code)
{
    char bare[IDENTITY_READABLE] = "", *hash = NULL;
    size_t n = 0;

    for (; *code; code++) {
        char c = *code >= 'A' && *code <= 'Z' ? (char)(*code - 'A' + 'a') : *code;

        if (c == '-' || c == ' ') {
            continue;
        }
        if (n == 16) {
            return NULL;
        }
        bare[n++] = c;
    }
    if (n != 16) {
        return NULL;
    }
    hash = ak_arena_alloc(arena, AK_SHA256_TEXT);
    ak_sha256_hex(bare, n, hash);
    return hash;
}

int identity_recovery_make(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           struct identity_recovery *ret_codes, struct ak_error *err)
{
    int rc = identity_recovery_store_clear(tx, user_id, err);

    for (size_t i = 0; i < IDENTITY_RECOVERY_CODES && rc == 0; i++) {
        identity_readable_make(ret_codes->code[i]);
        rc = identity_recovery_store_insert(tx, user_id,
                                            identity_recovery_hash(arena, ret_codes->code[i]), err);
    }
    return rc;
}

void identity_recovery_write(struct ak_json *w, const struct identity_recovery *codes)
{
    ak_json_key(w, "recovery_codes");
    ak_json_array(w);
    for (size_t i = 0; i < IDENTITY_RECOVERY_CODES; i++) {
        ak_json_str(w, codes->code[i]);
    }
    ak_json_array_end(w);
}

int identity_factors_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    struct identity_factors factors = {0};
    struct identity_totp_row totp = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_factors_store_load(tx, req->arena, req->principal->user_id, &factors, err);
    }
    if (rc == 0) {
        rc = identity_totp_store_load(tx, req->arena, req->principal->user_id, &totp, err);
    }
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "factors");
    ak_json_object(w);
    ak_json_kbool(w, "totp", factors.totp > 0);
    ak_json_ktime(w, "totp_confirmed_at", totp.confirmed_us, AK_TIME_Z);
    ak_json_kint(w, "passkeys", factors.passkeys);
    ak_json_kint(w, "recovery_codes", factors.recovery_codes);
    ak_json_kbool(w, "required", identity_caller_of(req->principal)->mfa_needed);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

int identity_totp_start_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    const char *user_id = req->principal->user_id, *sealed = NULL;
    struct identity_totp_shown shown = {0};
    unsigned char secret[IDENTITY_TOTP_SECRET];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    ak_random(secret, sizeof(secret));
    if (rc == 0) {
        rc = identity_key_seal(req->config, req->arena, user_id, secret, sizeof(secret), &sealed,
                               err);
    }
    if (rc == 0) {
        rc = identity_totp_show(req->arena, ak_config_str(req->config, "identity_totp_issuer"),
                                req->principal->user_name, secret, &shown, err);
    }
    ak_wipe(secret, sizeof(secret));
    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = identity_totp_store_start(tx, user_id, sealed, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user_id, req->principal->project_id, NULL, err);
    }
    if (rc < 0) {
        return rc;
    }
    reply->status = 201;
    ak_json_object(w);
    ak_json_key(w, "totp");
    ak_json_object(w);
    ak_json_kstr(w, "secret", shown.secret);
    ak_json_kstr(w, "uri", shown.uri);
    ak_json_kstr(w, "qr_svg", shown.qr_svg);
    ak_json_ktime(w, "expires_at", ak_now_us() + PENDING_US * AK_SEC, AK_TIME_Z);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

/* The step of the code for the secret being enrolled. */
static int match_pending(struct ak_request *req, const struct identity_totp_row *totp,
                         const char *passcode, int64_t *ret_step, struct ak_error *err)
{
    unsigned char secret[IDENTITY_TOTP_SECRET];
    int rc = identity_throttle_check(req->source,
                                     ak_config_int(req->config, "identity_source_failures"), err);

    if (rc == 0 && (!totp->pending || totp->pending_us + PENDING_US * AK_SEC <= ak_now_us())) {
        rc = ak_fail(err, AK_NO_ENROLMENT);
    }
    if (rc == 0) {
        rc = identity_key_open(req->config, req->principal->user_id, totp->pending, secret,
                               sizeof(secret), err);
    }
    if (rc < 0) {
        return rc;
    }
    *ret_step = identity_totp_match(secret, passcode, ak_now_us(), 0);
    ak_wipe(secret, sizeof(secret));
    if (*ret_step > 0) {
        return 0;
    }
    identity_throttle_failed(req->source);
    return ak_fail(err, AK_PASSCODE_WRONG);
}

int identity_totp_confirm_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    const struct identity_auth_user *body = req->body;
    const char *user_id = req->principal->user_id;
    struct identity_factors before = {0};
    struct identity_totp_row totp = {0};
    struct identity_recovery codes;
    AK_AUTO(ak_tx) tx = NULL;
    int64_t step = 0;
    int rc = identity_factor_may_change(req, err);

    rc = rc < 0 ? rc : identity_key_ensure(req->config, err); /* no file is read inside */
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_totp_store_load(tx, req->arena, user_id, &totp, err);
    rc = rc < 0 ? rc : match_pending(req, &totp, body->passcode, &step, err);
    rc = rc < 0 ? rc : identity_factors_store_load(tx, req->arena, user_id, &before, err);
    rc = rc < 0 ? rc : identity_totp_store_confirm(tx, user_id, totp.pending, step, err);
    rc = rc < 0 ? rc : identity_recovery_make(tx, req->arena, user_id, &codes, err);
    rc = rc < 0 ? rc : identity_factor_added(req, tx, &before, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user_id, req->principal->project_id, NULL, err);
    }
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "totp");
        ak_json_object(&reply->json);
        ak_json_kbool(&reply->json, "confirmed", true);
        identity_recovery_write(&reply->json, &codes);
        ak_json_object_end(&reply->json);
        ak_json_object_end(&reply->json);
    }
    return rc;
}

int identity_totp_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const char *user_id = req->principal->user_id;
    struct identity_totp_row totp = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_totp_store_load(tx, req->arena, user_id, &totp, err);
    if (rc == 0 && totp.confirmed_us > 0) {
        rc = identity_factor_may_lose(req, tx, err);
    } else if (rc == 0 && !totp.user_id) {
        rc = ak_fail(err, AK_NO_ENROLMENT);
    }
    rc = rc < 0 ? rc : identity_totp_store_delete(tx, user_id, err);
    rc = rc < 0 ? rc : identity_factor_lost(tx, req->arena, user_id, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user_id, req->principal->project_id, NULL, err);
    }
    reply->status = 204;
    return rc;
}

int identity_recovery_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *user_id = req->principal->user_id;
    struct identity_factors factors = {0};
    struct identity_recovery codes;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_factors_store_load(tx, req->arena, user_id, &factors, err);
    if (rc == 0 && factors.totp + factors.passkeys == 0) {
        rc = ak_fail(err, AK_NO_ENROLMENT);
    }
    rc = rc < 0 ? rc : identity_recovery_make(tx, req->arena, user_id, &codes, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user_id, req->principal->project_id, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        ak_json_object(&reply->json);
        identity_recovery_write(&reply->json, &codes);
        ak_json_object_end(&reply->json);
    }
    return rc;
}
