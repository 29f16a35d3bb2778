/* SPDX-License-Identifier: Apache-2.0 */
/* WebAuthn level 2, the part between base64url and libfido2: challenges, what the browser signed
 * over (type, challenge, origin), the authenticator's data. No database.
 *
 * A challenge carries its own expiry and is signed for what it was made for, so that asking for one
 * costs no row; that it is used once is the caller's. Attestation is "none": nothing vouches for
 * the model of an authenticator, only the key counts, hence fido_cred_verify() is not called (it
 * fails for "none") and the hash of the relying party and the flags are checked here. */
#include "identity/identity_secret.h"

#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/sha.h>

enum {
    RANDOM = 16,
    STAMP = 8,
    SIGNED = 16,
    CHALLENGE = RANDOM + STAMP + SIGNED,
    CHALLENGE_S = 300,
    RP_HASH = 32,
    AUTH_DATA_MIN = 37,
    FLAGS_AT = 32, /* place of the flags */
    UP = 0x01,
    UV = 0x04,
    AT = 0x40, /* a credential follows */
    AAGUID = 16
};

const char *identity_webauthn_rp(const struct ak_request *req)
{
    const char *host = strstr(req->base_url, "://");
    size_t len = 0;

    host = host ? host + 3 : req->base_url;
    len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return ak_arena_strndup(req->arena, host, len);
}

static const char *purpose_of(struct ak_request *req, const char *user_id)
{
    return ak_arena_printf(req->arena, "passkey %s %s", user_id ? user_id : "login",
                           identity_webauthn_rp(req));
}

int identity_webauthn_challenge(struct ak_request *req, const char *user_id,
                                const char **ret_challenge, struct ak_error *err)
{
    unsigned char bytes[CHALLENGE], mac[IDENTITY_MAC];
    uint64_t expires_us = (uint64_t)(ak_now_us() + CHALLENGE_S * AK_SEC);
    AK_AUTO_STR text = NULL;
    int rc = 0;

    ak_random(bytes, RANDOM);
    for (int i = 0; i < STAMP; i++) {
        bytes[RANDOM + i] = (unsigned char)(expires_us >> (8 * (STAMP - 1 - i)));
    }
    rc = identity_key_sign(req->config, purpose_of(req, user_id), bytes, RANDOM + STAMP, mac, err);
    if (rc < 0) {
        return rc;
    }
    memcpy(bytes + RANDOM + STAMP, mac, SIGNED);
    text = ak_base64(bytes, CHALLENGE, true);
    *ret_challenge = ak_arena_strdup(req->arena, text);
    return 0;
}

/* Whether we made the challenge for this, and when it ends. */
static int check_challenge(struct ak_request *req, const char *user_id, const char *challenge,
                           struct identity_webauthn *ret, struct ak_error *err)
{
    unsigned char mac[IDENTITY_MAC], *bytes = NULL;
    char *hash = ak_arena_alloc(req->arena, AK_SHA256_TEXT);
    uint64_t expires_us = 0;
    size_t size = 0;
    bool good = false;
    int rc = 0;

    bytes = ak_base64_decode(challenge, strlen(challenge), &size);
    if (bytes && size == CHALLENGE) {
        rc = identity_key_sign(req->config, purpose_of(req, user_id), bytes, RANDOM + STAMP, mac,
                               err);
        good = rc == 0 && ak_equal_constant_time(mac, bytes + RANDOM + STAMP, SIGNED);
    }
    for (int i = 0; good && i < STAMP; i++) {
        expires_us = (expires_us << 8) | bytes[RANDOM + i];
    }
    if (good) {
        ak_sha256_hex(bytes, CHALLENGE, hash);
        ret->challenge_hash = hash;
        ret->challenge_expires_us = (int64_t)expires_us;
    }
    free(bytes);
    if (rc < 0) {
        return rc;
    }
    return good && (int64_t)expires_us > ak_now_us()
               ? 0
               : ak_fail(err, AK_PASSKEY_REFUSED, "the challenge is not ours, or its time is over");
}

/* The origin as browsers write it: without the port that https has anyway. */
static bool is_origin(const struct ak_request *req, const char *origin)
{
    size_t len = strlen(req->base_url);

    len -= ak_ends_with(req->base_url, ":443") && ak_starts_with(req->base_url, "https:") ? 4 : 0;
    return strlen(origin) == len && strncmp(origin, req->base_url, len) == 0;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));

    return s ? s : "";
}

/* What the browser says it did: for us, here, now, for this. */
int identity_webauthn_client_data(struct ak_request *req, const char *type, const char *user_id,
                                  const unsigned char *bytes, size_t size,
                                  struct identity_webauthn *ret, struct ak_error *err)
{
    AK_AUTO_JSON json = NULL;
    int rc = ak_json_parse((const char *)bytes, size, &json, err);

    if (rc < 0 || !json_is_object(json)) {
        return ak_fail(err, AK_PASSKEY_REFUSED, "clientDataJSON is no JSON object");
    }
    if (strcmp(text_of(json, "type"), type) != 0) {
        return ak_fail(err, AK_PASSKEY_REFUSED, "it was made for something else");
    }
    if (!is_origin(req, text_of(json, "origin")) ||
        json_is_true(json_object_get(json, "crossOrigin"))) {
        return ak_fail(err, AK_PASSKEY_REFUSED, "it was made on another site");
    }
    rc = check_challenge(req, user_id, text_of(json, "challenge"), ret, err);
    if (rc == 0 && !SHA256(bytes, size, ret->client_hash)) {
        rc = ak_fail_detail(err, AK_INTERNAL, "SHA-256 failed");
    }
    return rc;
}

/* Decodes a member of the body; 'ret' is freed by the caller. */
static int decode(const char *text, const char *what, unsigned char **ret, size_t *ret_size,
                  struct ak_error *err)
{
    *ret = text ? ak_base64_decode(text, strlen(text), ret_size) : NULL;
    return *ret && *ret_size > 0 ? 0 : ak_fail(err, AK_PASSKEY_REFUSED, what);
}

/* Whether nothing in the CBOR claims more than there are bytes for: libcbor takes memory for what
 * is claimed, so ten bytes could ask for gigabytes. What has no end written is not CTAP2's. */
static bool is_bounded(const unsigned char *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        unsigned type = bytes[at] >> 5, info = bytes[at] & 31;
        size_t more = info < 24 ? 0 : (size_t)1 << (info - 24);
        uint64_t value = info;

        if (info > 27 || more > size - at - 1) {
            return false;
        }
        for (size_t i = 0; i < more; i++) {
            value = ((i == 0 ? 0 : value) << 8) | bytes[at + 1 + i];
        }
        at += 1 + more;
        if (type >= 2 && type <= 5 && value > (size - at) / (type == 5 ? 2 : 1)) {
            return false;
        }
        at += type == 2 || type == 3 ? (size_t)value : 0;
    }
    return true;
}

/* What stands behind the fixed part: the id and key of a new credential, extensions. */
static bool tail_is_bounded(const unsigned char *data, size_t size)
{
    size_t at = AUTH_DATA_MIN;

    if (data[FLAGS_AT] & AT) {
        if (size < AUTH_DATA_MIN + AAGUID + 2) {
            return false;
        }
        at += AAGUID + 2 + ((size_t)data[at + AAGUID] << 8) + data[at + AAGUID + 1];
    }
    return at <= size && is_bounded(data + at, size - at);
}

/* rpIdHash and flags of the authenticator's data. */
static int check_auth_data(struct ak_request *req, const unsigned char *data, size_t size,
                           struct ak_error *err)
{
    const char *rp = identity_webauthn_rp(req);
    unsigned char hash[RP_HASH];

    if (size < AUTH_DATA_MIN || !SHA256((const unsigned char *)rp, strlen(rp), hash) ||
        memcmp(hash, data, RP_HASH) != 0) {
        return ak_fail(err, AK_PASSKEY_REFUSED, "it was made for another site");
    }
    if (!tail_is_bounded(data, size)) {
        return ak_fail(err, AK_PASSKEY_REFUSED, "the authenticator's data cannot be read");
    }
    return (data[FLAGS_AT] & (UP | UV)) == (UP | UV)
               ? 0
               : ak_fail(err, AK_PASSKEY_REFUSED, "the authenticator did not verify its user");
}

/* The authData of an attestation object; in the arena. */
static int split_attestation(struct ak_request *req, const unsigned char *bytes, size_t size,
                             const unsigned char **ret_data, size_t *ret_size, struct ak_error *err)
{
    struct cbor_load_result result;
    cbor_item_t *item = is_bounded(bytes, size) ? cbor_load(bytes, size, &result) : NULL;
    bool found = false;

    for (size_t i = 0; item && cbor_isa_map(item) && i < cbor_map_size(item); i++) {
        const struct cbor_pair *pair = &cbor_map_handle(item)[i];

        if (cbor_isa_string(pair->key) && cbor_string_is_definite(pair->key) &&
            cbor_string_length(pair->key) == 8 &&
            memcmp(cbor_string_handle(pair->key), "authData", 8) == 0 &&
            cbor_isa_bytestring(pair->value) && cbor_bytestring_is_definite(pair->value)) {
            unsigned char *data = NULL;

            *ret_size = cbor_bytestring_length(pair->value);
            data = ak_arena_alloc(req->arena, *ret_size + 1);
            memcpy(data, cbor_bytestring_handle(pair->value), *ret_size);
            *ret_data = data;
            found = true;
        }
    }
    if (item) {
        cbor_decref(&item);
    }
    return found ? 0 : ak_fail(err, AK_PASSKEY_REFUSED, "the attestation object cannot be read");
}

static const char *base64_in(struct ak_arena *arena, const void *bytes, size_t size)
{
    AK_AUTO_STR text = ak_base64(bytes, size, true);

    return ak_arena_strdup(arena, text);
}

static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};

/* The new key out of the authenticator's data, whichever algorithm it is for. */
static int take_key(struct ak_request *req, const unsigned char *data, size_t size,
                    struct identity_passkey_row *ret_key, struct ak_error *err)
{
    for (size_t i = 0; i < AK_N(algorithms) && !ret_key->public_key; i++) {
        fido_cred_t *cred = fido_cred_new();

        if (cred && fido_cred_set_type(cred, algorithms[i]) == FIDO_OK &&
            fido_cred_set_rp(cred, identity_webauthn_rp(req), NULL) == FIDO_OK &&
            fido_cred_set_authdata_raw(cred, data, size) == FIDO_OK &&
            fido_cred_pubkey_len(cred) > 0 && fido_cred_id_len(cred) > 0) {
            ret_key->public_key =
                base64_in(req->arena, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
            ret_key->credential_id =
                base64_in(req->arena, fido_cred_id_ptr(cred), fido_cred_id_len(cred));
            ret_key->algorithm = algorithms[i];
            ret_key->sign_count = fido_cred_sigcount(cred);
            ret_key->rp_id = identity_webauthn_rp(req);
        }
        fido_cred_free(&cred);
    }
    return ret_key->public_key ? 0
                               : ak_fail(err, AK_PASSKEY_REFUSED, "there is no key in it we know");
}

int identity_webauthn_attestation(struct ak_request *req, const unsigned char *object, size_t size,
                                  struct identity_passkey_row *ret_key, struct ak_error *err)
{
    const unsigned char *data = NULL;
    size_t data_size = 0;
    int rc = split_attestation(req, object, size, &data, &data_size, err);

    rc = rc < 0 ? rc : check_auth_data(req, data, data_size, err);
    return rc < 0 ? rc : take_key(req, data, data_size, ret_key, err);
}

int identity_webauthn_register(struct ak_request *req, const struct identity_credential *credential,
                               struct identity_webauthn *ret, struct identity_passkey_row *ret_key,
                               struct ak_error *err)
{
    const struct identity_credential_response *response = credential->response;
    unsigned char *client = NULL, *object = NULL;
    size_t client_size = 0, object_size = 0;
    int rc = decode(response->client_data, "clientDataJSON is missing", &client, &client_size, err);

    if (rc == 0) {
        rc = decode(response->attestation_object, "attestationObject is missing", &object,
                    &object_size, err);
    }
    if (rc == 0) {
        rc = identity_webauthn_client_data(req, "webauthn.create", req->principal->user_id, client,
                                           client_size, ret, err);
    }
    rc = rc < 0 ? rc : identity_webauthn_attestation(req, object, object_size, ret_key, err);
    free(client);
    free(object);
    return rc;
}

/* A public key as fido_assert_verify() takes it; freed by the caller with the matching call. */
static bool verify(fido_assert_t *assertion, int algorithm, const unsigned char *key, size_t size)
{
    bool good = false;

    if (algorithm == COSE_ES256) {
        es256_pk_t *pk = es256_pk_new();

        good = pk && es256_pk_from_ptr(pk, key, size) == FIDO_OK &&
               fido_assert_verify(assertion, 0, COSE_ES256, pk) == FIDO_OK;
        es256_pk_free(&pk);
    } else if (algorithm == COSE_EDDSA) {
        eddsa_pk_t *pk = eddsa_pk_new();

        good = pk && eddsa_pk_from_ptr(pk, key, size) == FIDO_OK &&
               fido_assert_verify(assertion, 0, COSE_EDDSA, pk) == FIDO_OK;
        eddsa_pk_free(&pk);
    } else if (algorithm == COSE_RS256) {
        rs256_pk_t *pk = rs256_pk_new();

        good = pk && rs256_pk_from_ptr(pk, key, size) == FIDO_OK &&
               fido_assert_verify(assertion, 0, COSE_RS256, pk) == FIDO_OK;
        rs256_pk_free(&pk);
    }
    return good;
}

static bool check_signature(const struct identity_passkey_row *key, const unsigned char *hash,
                            const unsigned char *data, size_t data_size,
                            const unsigned char *signature, size_t signature_size,
                            int64_t *ret_count)
{
    fido_assert_t *assertion = fido_assert_new();
    size_t size = 0;
    unsigned char *public_key = ak_base64_decode(key->public_key, strlen(key->public_key), &size);
    bool good = assertion && public_key &&
                fido_assert_set_clientdata_hash(assertion, hash, SHA256_DIGEST_LENGTH) == FIDO_OK &&
                fido_assert_set_rp(assertion, key->rp_id) == FIDO_OK &&
                fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_count(assertion, 1) == FIDO_OK &&
                fido_assert_set_authdata_raw(assertion, 0, data, data_size) == FIDO_OK &&
                fido_assert_set_sig(assertion, 0, signature, signature_size) == FIDO_OK &&
                verify(assertion, (int)key->algorithm, public_key, size);

    if (good) {
        *ret_count = fido_assert_sigcount(assertion, 0);
    }
    fido_assert_free(&assertion);
    free(public_key);
    return good;
}

int identity_webauthn_login(struct ak_request *req, const struct identity_credential *credential,
                            const struct identity_passkey_row *key, struct identity_webauthn *ret,
                            struct ak_error *err)
{
    const struct identity_credential_response *response = credential->response;
    unsigned char *client = NULL, *data = NULL, *signature = NULL;
    size_t client_size = 0, data_size = 0, signature_size = 0;
    int rc = decode(response->client_data, "clientDataJSON is missing", &client, &client_size, err);

    if (rc == 0) {
        rc = decode(response->authenticator_data, "authenticatorData is missing", &data, &data_size,
                    err);
    }
    if (rc == 0) {
        rc = decode(response->signature, "signature is missing", &signature, &signature_size, err);
    }
    if (rc == 0) {
        rc =
            identity_webauthn_client_data(req, "webauthn.get", NULL, client, client_size, ret, err);
    }
    rc = rc < 0 ? rc : check_auth_data(req, data, data_size, err);
    if (rc == 0 && (!ak_streq(key->rp_id, identity_webauthn_rp(req)) ||
                    !check_signature(key, ret->client_hash, data, data_size, signature,
                                     signature_size, &ret->sign_count))) {
        rc = ak_fail(err, AK_PASSKEY_REFUSED, "the signature is not right");
    }
    free(client);
    free(data);
    free(signature);
    return rc;
}
