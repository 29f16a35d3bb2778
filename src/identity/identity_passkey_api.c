/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of passkeys: registering, naming by the way, removing, and logging in with one instead
 * of a password. What the authenticator sent is checked in identity_webauthn.c. The JSON is that of
 * WebAuthn level 3's toJSON() and parse…FromJSON(), so that a browser needs no code of ours. */
#include "identity/identity_secret.h"

enum { TIMEOUT_MS = 120000, PASSKEYS_MAX = 20 };

static void write_descriptors(struct ak_json *w, const char *key, const struct ak_list *list)
{
    const struct identity_passkey_row *rows = list->items;

    ak_json_key(w, key);
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "type", "public-key");
        ak_json_kstr(w, "id", rows[i].credential_id);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
}

/* PublicKeyCredentialCreationOptionsJSON */
static void write_options(struct ak_request *req, struct ak_json *w, const char *challenge,
                          const struct ak_list *present)
{
    static const int algorithms[] = {-7, -8, -257}; /* ES256, EdDSA, RS256 */
    const char *user_id = req->principal->user_id;
    AK_AUTO_STR handle = ak_base64(user_id, strlen(user_id), true);

    ak_json_object(w);
    ak_json_key(w, "rp");
    ak_json_object(w);
    ak_json_kstr(w, "id", identity_webauthn_rp(req));
    ak_json_kstr(w, "name", ak_config_str(req->config, "identity_totp_issuer"));
    ak_json_object_end(w);
    ak_json_key(w, "user");
    ak_json_object(w);
    ak_json_kstr(w, "id", handle);
    ak_json_kstr(w, "name", req->principal->user_name);
    ak_json_kstr(w, "displayName", req->principal->user_name);
    ak_json_object_end(w);
    ak_json_kstr(w, "challenge", challenge);
    ak_json_key(w, "pubKeyCredParams");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(algorithms); i++) {
        ak_json_object(w);
        ak_json_kstr(w, "type", "public-key");
        ak_json_kint(w, "alg", algorithms[i]);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_kint(w, "timeout", TIMEOUT_MS);
    write_descriptors(w, "excludeCredentials", present);
    ak_json_kraw(w, "authenticatorSelection",
                 "{\"residentKey\":\"required\",\"requireResidentKey\":true,"
                 "\"userVerification\":\"required\"}");
    ak_json_kstr(w, "attestation", "none");
    ak_json_object_end(w);
}

static int load_all(struct ak_request *req, struct ak_tx *tx, struct ak_list *ret,
                    struct ak_error *err)
{
    struct ak_query query = {.limit = PASSKEYS_MAX};

    return identity_passkey_store_list(tx, req->arena, req->principal->user_id, &query, ret, err);
}

int identity_passkey_options_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list present = {0};
    const char *challenge = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : identity_webauthn_challenge(req, req->principal->user_id, &challenge, err);
    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : load_all(req, tx, &present, err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "passkey");
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "public_key");
        write_options(req, &reply->json, challenge, &present);
        ak_json_object_end(&reply->json);
        ak_json_object_end(&reply->json);
    }
    return rc;
}

int identity_passkey_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &identity_passkey_fields, AK_LIST_OWN, IDENTITY_PAGE, NULL,
                             &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    if (rc == 0) {
        rc = identity_passkey_store_list(tx, req->arena, req->principal->user_id, &query, &list,
                                         err);
    }
    if (rc == 0) {
        (void)ak_page_reply(req, reply, "passkeys", &identity_passkey_fields, &query, &list);
    }
    return rc;
}

/* Writes what was registered; the recovery codes when they are new. */
static void reply_registered(struct ak_request *req, struct ak_reply *reply,
                             const struct identity_passkey_row *key,
                             const struct identity_recovery *codes)
{
    struct ak_fields_mode mode = ak_request_mode(req);

    reply->status = 201;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "passkey");
    ak_fields_render_object(&identity_passkey_fields, key, &mode, &reply->json);
    if (codes) {
        identity_recovery_write(&reply->json, codes);
    }
    ak_json_object_end(&reply->json);
}

int identity_passkey_create_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    const struct identity_passkey_body *body = req->body;
    const char *user_id = req->principal->user_id;
    struct identity_webauthn done = {0};
    struct identity_passkey_row key = {.name = body->name, .user_id = user_id};
    struct identity_factors before = {0};
    struct identity_recovery codes;
    struct ak_list present = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : identity_webauthn_register(req, body->credential, &done, &key, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_challenge_store_use(tx, &done, err);
    rc = rc < 0 ? rc : load_all(req, tx, &present, err);
    if (rc == 0 && present.n >= PASSKEYS_MAX) {
        rc = ak_fail(err, AK_PASSKEY_REFUSED, "there are twenty already; remove one first");
    }
    rc = rc < 0 ? rc : identity_factors_store_load(tx, req->arena, user_id, &before, err);
    rc = rc < 0 ? rc : identity_passkey_store_insert(tx, req->arena, &key, err);
    if (rc == 0 && before.recovery_codes == 0) {
        rc = identity_recovery_make(tx, req->arena, user_id, &codes, err);
    }
    rc = rc < 0 ? rc : identity_factor_added(req, tx, &before, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "passkey", key.id, req->principal->project_id, NULL, err);
    }
    if (rc == 0) {
        reply_registered(req, reply, &key, before.recovery_codes == 0 ? &codes : NULL);
    }
    return rc;
}

int identity_passkey_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    const char *user_id = req->principal->user_id;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_factor_may_lose(req, tx, err);
    rc = rc < 0 ? rc : identity_passkey_store_delete(tx, user_id, req->params[0], err);
    rc = rc < 0 ? rc : identity_factor_lost(tx, req->arena, user_id, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "passkey", req->params[0], req->principal->project_id, NULL,
                               err);
    }
    reply->status = 204;
    return rc;
}

/* Login */

int identity_passkey_update_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    const struct identity_passkey_body *body = req->body;
    struct identity_passkey_row key = {
        .id = req->params[0], .user_id = req->principal->user_id, .name = body->name};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = body->name ? identity_factor_may_change(req, err)
                        : ak_fail(err, AK_FIELD_MISSING, "passkey/name");

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_passkey_store_rename(tx, req->arena, &key, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "passkey", key.id, req->principal->project_id, NULL, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "passkey", &identity_passkey_fields, &key);
    }
    return rc;
}

int identity_passkey_login_options_handler(struct ak_request *req, struct ak_reply *reply,
                                           struct ak_error *err)
{
    static const struct ak_list none = {0};
    struct ak_json *w = &reply->json;
    const char *challenge = NULL;
    int rc = identity_webauthn_challenge(req, NULL, &challenge, err);

    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "passkey");
    ak_json_object(w);
    ak_json_key(w, "public_key");
    ak_json_object(w);
    ak_json_kstr(w, "challenge", challenge);
    ak_json_kint(w, "timeout", TIMEOUT_MS);
    ak_json_kstr(w, "rpId", identity_webauthn_rp(req));
    write_descriptors(w, "allowCredentials", &none);
    ak_json_kstr(w, "userVerification", "required");
    ak_json_object_end(w);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

/* The key and its owner; 'ret_known' false when there is none, or none on this listener. */
static int find_key(struct ak_request *req, const struct identity_credential *credential,
                    struct identity_passkey_row *ret_key, struct identity_user_row *ret_user,
                    bool *ret_known, struct ak_error *err)
{
    const char *handle = credential->response->user_handle;
    struct identity_auth_user who = {0};
    AK_AUTO_STR expected = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : identity_passkey_store_find(tx, req->arena, credential->id, ret_key, err);
    ak_tx_free(AK_TAKE(tx));
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc < 0) {
        return rc;
    }
    expected = ak_base64(ret_key->user_id, strlen(ret_key->user_id), true);
    who.id = ret_key->user_id;
    rc = identity_login_find(req, &who, ret_user, ret_known, err);
    *ret_known = *ret_known && (!handle || strcmp(handle, expected) == 0);
    return rc;
}

int identity_passkey_login_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    const struct identity_passkey_body *body = req->body;
    struct identity_login login = {.expires_us = identity_login_expiry(req)};
    struct identity_login_result result = {0};
    struct identity_passkey_row key = {0};
    struct identity_user_row user = {0};
    struct identity_scope scope = {0};
    struct ak_error why = {0};
    bool known = false;
    int rc = identity_throttle_check(req->source,
                                     ak_config_int(req->config, "identity_source_failures"), err);

    rc = rc < 0 ? rc : identity_scope_parse(req, body->scope, &scope, err);
    rc = rc < 0 ? rc : find_key(req, body->credential, &key, &user, &known, err);
    if (rc < 0) {
        return rc;
    }
    if (!known || identity_webauthn_login(req, body->credential, &key, &login.webauthn, &why) < 0) {
        identity_throttle_failed(req->source);
        rc = identity_login_failed(req, known ? &user : NULL, user.name, false, err);
        return rc < 0 ? rc : ak_fail(err, AK_UNAUTHORIZED);
    }
    login.passkey_id = key.id;
    identity_login_add_method(&login, "passkey");
    rc = identity_login_set_user(&login, &user, err);
    rc = rc < 0 ? rc : identity_login_finish(req, &login, &scope, &result, err);
    return rc < 0 ? rc : identity_reply_login(req, reply, &result, err);
}
