/* SPDX-License-Identifier: Apache-2.0 */
/* The second factor at login: the method totp (a code of the authenticator, or a recovery code),
 * what is still missing, and Keystone's auth receipts for those who give one factor after the
 * other.
 *
 * What is used up (a code's step, a recovery code, a receipt) is used up in the transaction that
 * makes the token, so that of two at once one is refused. */
#include "identity/identity_secret.h"

enum { RECEIPT_BYTES = 32, RECEIPT_S = 300 };

int identity_login_match_code(struct ak_request *req, const char *user_id, const char *code,
                              struct identity_login *login, bool *ret_right, struct ak_error *err)
{
    struct identity_totp_row totp = {0};
    unsigned char secret[IDENTITY_TOTP_SECRET];
    const char *hash = identity_recovery_hash(req->arena, code);
    AK_AUTO(ak_tx) tx = NULL;
    bool found = false;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_totp_store_load(tx, req->arena, user_id, &totp, err);
    }
    if (rc == 0 && totp.confirmed_us > 0) {
        rc = identity_key_open(req->config, user_id, totp.secret, secret, sizeof(secret), err);
        if (rc == 0) {
            login->totp_step = identity_totp_match(secret, code, ak_now_us(), totp.last_step);
            ak_wipe(secret, sizeof(secret));
        }
    }
    if (rc == 0 && login->totp_step == 0 && hash) {
        rc = identity_recovery_store_find(tx, user_id, hash, &found, err);
        login->recovery_hash = found ? hash : NULL;
    }
    *ret_right = login->totp_step > 0 || login->recovery_hash;
    return rc;
}

static bool has_method(const struct identity_login *login, const char *name)
{
    for (size_t i = 0; i < login->n_methods; i++) {
        if (strcmp(login->methods[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The receipt that the request brings, when it is this user's and holds. */
static int load_receipt(struct ak_request *req, const struct identity_user_row *user,
                        const char **ret_hash, struct identity_receipt_row *ret_receipt,
                        struct ak_error *err)
{
    const char *text = ak_request_header(req, "Openstack-Auth-Receipt");
    char *hash = ak_arena_alloc(req->arena, AK_SHA256_TEXT);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = 0;

    *ret_hash = NULL;
    if (!text || !text[0]) {
        return 0;
    }
    ak_sha256_hex(text, strlen(text), hash);
    rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        rc = identity_receipt_store_load(tx, req->arena, hash, ret_receipt, err);
    }
    if (rc == -AK_NOT_FOUND || (rc == 0 && (ret_receipt->expires_us <= ak_now_us() ||
                                            !ak_streq(ret_receipt->user_id, user->id) ||
                                            ret_receipt->issued_us < user->password_changed_us))) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    *ret_hash = rc == 0 ? hash : NULL;
    return rc;
}

/* Whether the right password was given, now or for the receipt: who knows a name and nothing else
 * has no say about its codes, and learns nothing. */
static int password_given(struct ak_request *req, const struct identity_login *login,
                          const struct identity_user_row *user, bool *ret_given,
                          struct ak_error *err)
{
    struct identity_receipt_row receipt = {0};
    const char *hash = NULL;
    int rc = 0;

    *ret_given =
        login->known && ak_streq(login->user.id, user->id) && has_method(login, "password");
    if (*ret_given) {
        return 0;
    }
    rc = load_receipt(req, user, &hash, &receipt, err);
    for (size_t i = 0; i < receipt.methods.n && hash; i++) {
        *ret_given =
            *ret_given || ak_streq(((const char *const *)receipt.methods.items)[i], "password");
    }
    if (rc == -AK_UNAUTHORIZED) {
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

int identity_login_by_totp(struct ak_request *req, const struct identity_auth_identity *identity,
                           struct identity_login *login, struct ak_error *err)
{
    const struct identity_auth_user *who = identity->totp ? identity->totp->user : NULL;
    struct identity_user_row user = {0};
    bool known = false, right = false, given = false, locked = false;
    int rc = who && who->passcode ? identity_login_find(req, who, &user, &known, err)
                                  : ak_fail(err, AK_FIELD_MISSING, "identity/totp/user/passcode");

    if (rc == 0) {
        rc = identity_throttle_check(req->source,
                                     ak_config_int(req->config, "identity_source_failures"), err);
    }
    if (rc == 0 && known) {
        rc = password_given(req, login, &user, &given, err);
    }
    if (rc == 0 && given) {
        rc = identity_user_locked(req, NULL, &user, &locked, err);
        rc = rc < 0 ? rc
                    : identity_login_match_code(req, user.id, who->passcode, login, &right, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (!right || !user.enabled || !user.domain_enabled || locked) {
        identity_throttle_failed(req->source);
        rc = identity_login_failed(req, known ? &user : NULL, who->name ? who->name : who->id,
                                   given && !right && !locked, err);
        return rc < 0 ? rc : ak_fail(err, AK_UNAUTHORIZED);
    }
    return identity_login_set_user(login, &user, err);
}

/* Adds the methods of the receipt that the request brings. */
int identity_login_take_receipt(struct ak_request *req, struct identity_login *login,
                                struct ak_error *err)
{
    struct identity_receipt_row receipt = {0};
    int rc = load_receipt(req, &login->user, &login->receipt_hash, &receipt, err);

    for (size_t i = 0; i < receipt.methods.n && rc == 0; i++) {
        identity_login_add_method(login, ((const char *const *)receipt.methods.items)[i]);
    }
    return rc;
}

/* A token or a credential was made by somebody who had given all; a passkey verifies its user. A
 * code alone is never enough, a password when the user has no second factor. */
static bool is_enough(const struct identity_login *login, const struct identity_factors *factors)
{
    if (has_method(login, "passkey") || login->parent.hash || login->app.id) {
        return true;
    }
    return has_method(login, "password") &&
           (has_method(login, "totp") || (factors->totp == 0 && factors->passkeys == 0));
}

int identity_login_use_factors(struct ak_tx *tx, struct ak_arena *arena,
                               struct identity_login *login, bool *ret_enough, struct ak_error *err)
{
    bool used = true;
    int rc = identity_factors_store_load(tx, arena, login->user.id, &login->factors, err);

    if (rc == 0 && login->totp_step > 0) {
        rc = identity_totp_store_use(tx, login->user.id, login->totp_step, &used, err);
    }
    if (rc == 0 && used && login->recovery_hash) {
        rc = identity_recovery_store_use(tx, login->user.id, login->recovery_hash, &used, err);
    }
    if (rc == 0 && used && login->receipt_hash) {
        rc = identity_receipt_store_delete(tx, login->receipt_hash, &used, err);
    }
    if (rc == 0 && used && login->passkey_id) {
        rc = identity_challenge_store_use(tx, &login->webauthn, err);
        rc = rc < 0 ? rc
                    : identity_passkey_store_use(tx, login->passkey_id, login->webauthn.sign_count,
                                                 &used, err);
        rc = rc == -AK_PASSKEY_REFUSED ? ak_fail(err, AK_UNAUTHORIZED) : rc;
    }
    if (rc == 0 && !used) {
        rc = ak_fail(err, AK_UNAUTHORIZED); /* somebody was faster with the same */
    }
    *ret_enough = is_enough(login, &login->factors);
    return rc;
}

int identity_login_give_receipt(struct ak_request *req, struct ak_tx *tx,
                                const struct identity_login *login,
                                struct identity_login_result *ret_result, struct ak_error *err)
{
    struct identity_receipt_row *row = &ret_result->receipt;
    unsigned char random[RECEIPT_BYTES];
    char *hash = ak_arena_alloc(req->arena, AK_SHA256_TEXT);
    const char **methods = ak_arena_array(req->arena, const char *, login->n_methods);
    AK_AUTO_STR text = NULL;
    int rc = 0;

    ak_random(random, sizeof(random));
    text = ak_base64(random, sizeof(random), true);
    ak_sha256_hex(text, strlen(text), hash);
    memcpy(methods, login->methods, login->n_methods * sizeof(*methods));
    *row = (struct identity_receipt_row){.hash = hash,
                                         .user_id = login->user.id,
                                         .methods = {.n = login->n_methods, .items = methods},
                                         .issued_us = ak_now_us(),
                                         .expires_us = ak_now_us() + RECEIPT_S * AK_SEC};
    rc = identity_receipt_store_insert(tx, req->arena, row, err);
    if (rc == 0) {
        rc = ak_request_commit_as(req, tx, "identity.receipt.create", "user", login->user.id,
                                  login->user.default_project_id, NULL, err);
    }
    if (rc == 0) {
        ret_result->receipt_text = ak_arena_strdup(req->arena, text);
        ret_result->factors = login->factors;
        ret_result->user = login->user;
    }
    return rc;
}

static void write_words(struct ak_json *w, const char *first, const char *second)
{
    ak_json_array(w);
    ak_json_str(w, first);
    if (second) {
        ak_json_str(w, second);
    }
    ak_json_array_end(w);
}

/* Keystone's answer to a login with something missing: 401, the receipt, and what would do. */
int identity_reply_receipt(struct ak_request *req, struct ak_reply *reply,
                           const struct identity_login_result *result, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    struct identity_domain_row domain = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_domain_store_load(tx, req->arena, result->user.domain_id, &domain, err);
    }
    if (rc < 0) {
        return rc;
    }
    reply->status = 401;
    ak_reply_header(reply, req, "Openstack-Auth-Receipt", result->receipt_text);
    ak_json_object(w);
    ak_json_key(w, "receipt");
    ak_json_object(w);
    identity_write_strings(w, "methods", &result->receipt.methods);
    ak_json_key(w, "user");
    ak_json_object(w);
    identity_write_ref(w, "domain", domain.id, domain.name);
    ak_json_kstr(w, "id", result->user.id);
    ak_json_kstr(w, "name", result->user.name);
    ak_json_object_end(w);
    ak_json_ktime(w, "expires_at", result->receipt.expires_us, AK_TIME_Z_US);
    ak_json_ktime(w, "issued_at", result->receipt.issued_us, AK_TIME_Z_US);
    ak_json_object_end(w);
    ak_json_key(w, "required_auth_methods");
    ak_json_array(w);
    if (result->factors.totp > 0 || result->factors.recovery_codes > 0) {
        write_words(w, "password", "totp");
    }
    if (result->factors.passkeys > 0) {
        write_words(w, "passkey", NULL);
    }
    if (result->factors.totp == 0 && result->factors.passkeys == 0) {
        write_words(w, "password", NULL);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}
