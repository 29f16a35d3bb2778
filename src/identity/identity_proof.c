/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of person: what would outlive a stolen token (a factor, an account, a mail address, an
 * application credential) asks who is there. A session proves it by its login for some minutes
 * (identity_fresh_s); later the owner gives the password, a passcode or a passkey once more and
 * gets a proof, which he sends along in the header X-Akashi-Proof. A proof is our signature over
 * the token's hash and the time it ends, so it is of no use with another token, and nothing is
 * stored. */
#include "identity/identity_secret.h"

enum { PROOF_S = 300 }; /* that a proof holds */

#define HEADER  "X-Akashi-Proof"
#define PURPOSE "proof of person"

static int sign(struct ak_request *req, int64_t until_us, unsigned char mac[IDENTITY_MAC],
                struct ak_error *err)
{
    const char *text = ak_arena_printf(req->arena, "%s %s %" PRId64, req->principal->user_id,
                                       req->principal->token_hash, until_us);

    return identity_key_sign(req->config, PURPOSE, text, strlen(text), mac, err);
}

/* Whether the header is a proof for this token that holds now. */
static int check_header(struct ak_request *req, bool *ret_holds, struct ak_error *err)
{
    const char *text = ak_request_header(req, HEADER), *dot = text ? strchr(text, '.') : NULL;
    unsigned char mac[IDENTITY_MAC], *given = NULL;
    int64_t until_us = 0;
    size_t size = 0;
    int rc = 0;

    *ret_holds = false;
    if (!dot || dot - text > 20) {
        return 0;
    }
    if (!ak_parse_int(ak_arena_strndup(req->arena, text, (size_t)(dot - text)), 0, INT64_MAX,
                      &until_us) ||
        until_us <= ak_now_us()) {
        return 0;
    }
    rc = sign(req, until_us, mac, err);
    given = ak_base64_decode(dot + 1, strlen(dot + 1), &size);
    *ret_holds =
        rc == 0 && given && size == sizeof(mac) && ak_equal_constant_time(mac, given, sizeof(mac));
    free(given);
    return rc;
}

int identity_proof_require(struct ak_request *req, struct ak_error *err)
{
    const struct identity_caller *caller = identity_caller_of(req->principal);
    int64_t fresh_us = ak_config_int(req->config, "identity_fresh_s") * AK_SEC;
    bool holds = false;
    int rc = identity_factor_may_change(req, err);

    if (rc < 0 || (caller->proved_us > 0 && ak_now_us() < caller->proved_us + fresh_us)) {
        return rc;
    }
    rc = check_header(req, &holds, err);
    return rc == 0 && !holds ? ak_fail(err, AK_PROOF_NEEDED) : rc;
}

/* What is to be used up in the transaction that records the proof. */
struct means {
    struct identity_login login; /* totp_step, recovery_hash */
    const char *passkey_id;
};

static int by_password(struct ak_request *req, const struct identity_user_row *user,
                       const struct identity_proof_body *body, bool *ret_right,
                       struct ak_error *err)
{
    (void)req;
    (void)err;
    *ret_right = ak_password_verify(user->password_hash, body->password);
    return 0;
}

static int by_passkey(struct ak_request *req, const struct identity_user_row *user,
                      const struct identity_credential *credential, struct means *means,
                      bool *ret_right, struct ak_error *err)
{
    struct identity_passkey_row key = {0};
    struct ak_error why = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : identity_passkey_store_find(tx, req->arena, credential->id, &key, err);
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    ak_tx_free(AK_TAKE(tx));
    if (rc == 0 && ak_streq(key.user_id, user->id)) {
        *ret_right =
            identity_webauthn_login(req, credential, &key, &means->login.webauthn, &why) == 0;
        means->passkey_id = key.id;
    }
    return rc;
}

static int verify(struct ak_request *req, const struct identity_user_row *user,
                  const struct identity_proof_body *body, struct means *means, bool *ret_right,
                  struct ak_error *err)
{
    if (body->password) {
        return by_password(req, user, body, ret_right, err);
    }
    return body->passcode ? identity_login_match_code(req, user->id, body->passcode, &means->login,
                                                      ret_right, err)
                          : by_passkey(req, user, body->credential, means, ret_right, err);
}

/* Uses up the code or the challenge; AK_PROOF_WRONG when somebody was faster with the same. */
static int use(struct ak_tx *tx, const struct identity_user_row *user, const struct means *means,
               struct ak_error *err)
{
    bool used = true;
    int rc = 0;

    if (means->login.totp_step > 0) {
        rc = identity_totp_store_use(tx, user->id, means->login.totp_step, &used, err);
    }
    if (rc == 0 && means->login.recovery_hash) {
        rc = identity_recovery_store_use(tx, user->id, means->login.recovery_hash, &used, err);
    }
    if (rc == 0 && means->passkey_id) {
        rc = identity_challenge_store_use(tx, &means->login.webauthn, err);
        rc = rc < 0 ? rc
                    : identity_passkey_store_use(tx, means->passkey_id,
                                                 means->login.webauthn.sign_count, &used, err);
    }
    return rc == -AK_PASSKEY_REFUSED || (rc == 0 && !used) ? ak_fail(err, AK_PROOF_WRONG) : rc;
}

/* The caller, when he may try at all. */
static int load(struct ak_request *req, struct identity_user_row *ret_user, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    bool locked = false;
    int rc = identity_throttle_check(req->source,
                                     ak_config_int(req->config, "identity_source_failures"), err);

    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc
                : identity_user_store_load(tx, req->arena, req->principal->user_id, ret_user, err);
    rc = rc < 0 ? rc : identity_user_locked(req, tx, ret_user, &locked, err);
    return rc == 0 && locked ? ak_fail(err, AK_PROOF_WRONG) : rc;
}

int identity_proof_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct identity_proof_body *body = req->body;
    int64_t until_us = ak_now_us() + PROOF_S * AK_SEC;
    unsigned char mac[IDENTITY_MAC];
    struct identity_user_row user = {0};
    struct means means = {0};
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR text = NULL;
    bool right = false;
    int rc = identity_factor_may_change(req, err);

    if (rc == 0 && !!body->password + !!body->passcode + !!body->credential != 1) {
        rc = ak_fail(err, AK_FIELD_VALUE, "proof",
                     "it must have exactly one of password, passcode and credential");
    }
    rc = rc < 0 ? rc : load(req, &user, err);
    rc = rc < 0 ? rc : verify(req, &user, body, &means, &right, err);
    if (rc == 0 && !right) {
        identity_throttle_failed(req->source);
        rc = identity_login_failed(req, &user, user.name, true, err);
        return rc < 0 ? rc : ak_fail(err, AK_PROOF_WRONG);
    }
    rc = rc < 0 ? rc : sign(req, until_us, mac, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : use(tx, &user, &means, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user.id, req->principal->project_id, NULL, err);
    }
    if (rc < 0) {
        return rc;
    }
    text = ak_base64(mac, sizeof(mac), true);
    reply->status = 201;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "proof");
    ak_json_object(&reply->json);
    ak_json_kstr(&reply->json, "token",
                 ak_arena_printf(req->arena, "%" PRId64 ".%s", until_us, text));
    ak_json_ktime(&reply->json, "expires_at", until_us, AK_TIME_Z);
    ak_json_object_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}
