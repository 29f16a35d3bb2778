/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of passkeys, with an authenticator written here (ES256): registering, logging in, and
 * every way in which what comes back may be wrong. */
#include "identity/identity_secret.h"
#include "identity/identity_testing.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

enum { ID = 16, DATA_MAX = 512 };

/* What a browser and its authenticator do; members may be changed by a test to do it wrongly. */
struct device {
    EVP_PKEY *key;
    unsigned char id[ID];
    uint32_t count;
    unsigned char flags; /* UP 1, UV 4 */
    const char *origin, *rp, *type;
};

static struct device device_new(void)
{
    struct device d = {
        .key = EVP_EC_gen("P-256"), .flags = 5, .origin = "https://cloud.test", .rp = "cloud.test"};

    ak_random(d.id, ID);
    return d;
}

static const char *b64(struct fixture *f, const void *bytes, size_t size)
{
    AK_AUTO_STR text = ak_base64(bytes, size, true);

    return ak_arena_strdup(f->arena, text);
}

static const char *client_data(struct fixture *f, const struct device *d, const char *type,
                               const char *challenge)
{
    return ak_arena_printf(f->arena,
                           "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\","
                           "\"crossOrigin\":false}",
                           d->type ? d->type : type, challenge, d->origin);
}

/* rpIdHash, flags, counter; returns the size. */
static size_t auth_data(const struct device *d, unsigned char flags, unsigned char out[DATA_MAX])
{
    (void)SHA256((const unsigned char *)d->rp, strlen(d->rp), out);
    out[32] = flags;
    for (int i = 0; i < 4; i++) {
        out[33 + i] = (unsigned char)(d->count >> (24 - 8 * i));
    }
    return 37;
}

/* The attestation object {fmt: none, attStmt: {}, authData: …}. */
static const char *attestation(struct fixture *f, const struct device *d)
{
    static const unsigned char cose[] = {0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32};
    static const unsigned char cose_y[] = {0x22, 0x58, 32};
    static const unsigned char head[] = "\xa3\x63"
                                        "fmt\x64none\x67"
                                        "attStmt\xa0\x68"
                                        "authData\x58";
    unsigned char data[DATA_MAX], object[DATA_MAX + 64], point[65];
    size_t n = auth_data(d, d->flags | 0x40, data), size = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(d->key, "pub", point, sizeof(point), &size),
                     1);
    memset(data + n, 0, 16); /* AAGUID */
    n += 16;
    data[n++] = 0;
    data[n++] = ID;
    memcpy(data + n, d->id, ID);
    n += ID;
    memcpy(data + n, cose, sizeof(cose));
    n += sizeof(cose);
    memcpy(data + n, point + 1, 32);
    n += 32;
    memcpy(data + n, cose_y, sizeof(cose_y));
    n += sizeof(cose_y);
    memcpy(data + n, point + 33, 32);
    n += 32;
    assert_true(n < 256);
    memcpy(object, head, sizeof(head) - 1);
    object[sizeof(head) - 1] = (unsigned char)n;
    memcpy(object + sizeof(head), data, n);
    return b64(f, object, sizeof(head) + n);
}

static const struct http_answer *begin(struct fixture *f, const char *path, const char *token,
                                       const char **ret_challenge)
{
    const struct http_answer *a = identity_test_ask(f, "POST", path, token, NULL);

    assert_int_equal(a->status, 200);
    *ret_challenge = ak_arena_strdup(f->arena, http_answer_text(a, "passkey/public_key/challenge"));
    return a;
}

static const char *register_body(struct fixture *f, const struct device *d, const char *challenge,
                                 const char *name)
{
    const char *client = client_data(f, d, "webauthn.create", challenge);

    return ak_arena_printf(
        f->arena,
        "{\"passkey\":{\"name\":\"%s\",\"credential\":{\"id\":\"%s\",\"rawId\":\"%s\",\"type\":"
        "\"public-key\",\"clientExtensionResults\":{},\"response\":{\"clientDataJSON\":\"%s\","
        "\"attestationObject\":\"%s\",\"transports\":[\"internal\"]}}}}",
        name, b64(f, d->id, ID), b64(f, d->id, ID), b64(f, client, strlen(client)),
        attestation(f, d));
}

static int enrol(struct fixture *f, const struct device *d, const char *token, const char *name)
{
    const char *challenge = NULL;

    (void)begin(f, "/service/v1/me/passkeys/options", token, &challenge);
    return identity_test_status(f, "POST", "/service/v1/me/passkeys", token,
                                register_body(f, d, challenge, name));
}

static const char *login_body(struct fixture *f, const struct device *d, const char *challenge,
                              const char *user_id)
{
    const char *client = client_data(f, d, "webauthn.get", challenge);
    unsigned char data[DATA_MAX], signature[128];
    size_t n = auth_data(d, d->flags, data), size = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    (void)SHA256((const unsigned char *)client, strlen(client), data + n);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, d->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &size, data, n + 32), 1);
    EVP_MD_CTX_free(ctx);
    return ak_arena_printf(
        f->arena,
        "{\"passkey\":{\"credential\":{\"id\":\"%s\",\"type\":\"public-key\",\"response\":{"
        "\"clientDataJSON\":\"%s\",\"authenticatorData\":\"%s\",\"signature\":\"%s\","
        "\"userHandle\":\"%s\"}}}}",
        b64(f, d->id, ID), b64(f, client, strlen(client)), b64(f, data, n), b64(f, signature, size),
        b64(f, user_id, strlen(user_id)));
}

static const struct http_answer *log_in(struct fixture *f, struct device *d, const char *user_id)
{
    const char *challenge = NULL;

    (void)begin(f, "/service/v1/passkey/options", NULL, &challenge);
    d->count++;
    return identity_test_ask(f, "POST", "/service/v1/passkey/login", NULL,
                             login_body(f, d, challenge, user_id));
}

static const char *id_of_alpha(struct fixture *f)
{
    const struct http_answer *a =
        identity_test_ask(f, "GET", "/identity/v3/users?name=alpha", f->admin, NULL);

    return ak_arena_strdup(f->arena, http_answer_text(a, "users/0/id"));
}

static void a_passkey_is_registered_and_logs_in_without_a_password(void **state)
{
    struct fixture *f = *state;
    struct device d = device_new();
    const char *challenge = NULL, *user_id = NULL;
    const struct http_answer *a = NULL;
    char token[64];

    identity_test_both_log_in(f);
    user_id = id_of_alpha(f);
    a = begin(f, "/service/v1/me/passkeys/options", f->user, &challenge);
    assert_string_equal(http_answer_text(a, "passkey/public_key/rp/id"), "cloud.test");
    assert_string_equal(http_answer_text(a, "passkey/public_key/user/id"),
                        b64(f, user_id, strlen(user_id)));
    a = identity_test_ask(f, "POST", "/service/v1/me/passkeys", f->user,
                          register_body(f, &d, challenge, "laptop"));
    assert_int_equal(a->status, 201);
    assert_int_equal(json_array_size(http_answer_at(a, "recovery_codes")), 10);
    a = log_in(f, &d, user_id);
    identity_test_token_of(a, token);
    assert_string_equal(http_answer_text(a, "token/methods/0"), "passkey");
    assert_string_equal(http_answer_text(a, "token/project/id"), f->alpha);
    a = identity_test_ask(f, "GET", "/service/v1/me/passkeys", token, NULL);
    assert_string_equal(http_answer_text(a, "passkeys/0/name"), "laptop");
    assert_non_null(http_answer_text(a, "passkeys/0/last_used_at"));
    a = identity_test_login(f, "alpha", PASSWORD); /* a password alone is no longer enough */
    assert_int_equal(a->status, 401);
    assert_string_equal(http_answer_text(a, "required_auth_methods/1/0"), "passkey");
    EVP_PKEY_free(d.key);
}

static void what_is_made_elsewhere_or_unverified_or_twice_is_refused(void **state)
{
    struct fixture *f = *state;
    struct device d = device_new();
    const char *challenge = NULL, *body = NULL;

    identity_test_both_log_in(f);
    d.origin = "https://evil.test";
    assert_int_equal(enrol(f, &d, f->user, "a"), 400);
    d.origin = "https://cloud.test";
    d.rp = "evil.test";
    assert_int_equal(enrol(f, &d, f->user, "a"), 400);
    d.rp = "cloud.test";
    d.flags = 1; /* present, not verified */
    assert_int_equal(enrol(f, &d, f->user, "a"), 400);
    d.flags = 5;
    d.type = "webauthn.get";
    assert_int_equal(enrol(f, &d, f->user, "a"), 400);
    d.type = NULL;
    (void)begin(f, "/service/v1/me/passkeys/options", f->admin, &challenge); /* another's */
    body = register_body(f, &d, challenge, "a");
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/passkeys", f->user, body),
                     400);
    (void)begin(f, "/service/v1/passkey/options", NULL, &challenge); /* for a login */
    body = register_body(f, &d, challenge, "a");
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/passkeys", f->user, body),
                     400);
    (void)begin(f, "/service/v1/me/passkeys/options", f->user, &challenge);
    body = register_body(f, &d, challenge, "a");
    ak_time_shift(6 * AK_MIN);
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/passkeys", f->user, body),
                     400);
    ak_time_shift(0);
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/passkeys", f->user, body),
                     201);
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/passkeys", f->user, body),
                     400);
    assert_int_equal(enrol(f, &d, f->user, "again"), 409); /* the same key */
    EVP_PKEY_free(d.key);
}

static void a_login_that_is_wrong_in_any_part_is_refused_alike(void **state)
{
    struct fixture *f = *state;
    struct device d = device_new(), other = device_new();
    const char *challenge = NULL, *body = NULL, *user_id = NULL;

    identity_test_both_log_in(f);
    user_id = id_of_alpha(f);
    assert_int_equal(log_in(f, &d, user_id)->status, 401); /* unknown */
    assert_int_equal(enrol(f, &d, f->user, "a"), 201);
    memcpy(other.id, d.id, ID);
    assert_int_equal(log_in(f, &other, user_id)->status, 401); /* another key */
    d.origin = "https://cloud.test:8443";
    assert_int_equal(log_in(f, &d, user_id)->status, 401);
    d.origin = "https://cloud.test";
    d.flags = 1;
    assert_int_equal(log_in(f, &d, user_id)->status, 401);
    d.flags = 5;
    assert_int_equal(log_in(f, &d, "somebody")->status, 401); /* another's handle */
    (void)begin(f, "/service/v1/passkey/options", NULL, &challenge);
    d.count++;
    body = login_body(f, &d, challenge, user_id);
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/passkey/login", NULL, body), 201);
    d.count++;
    body = login_body(f, &d, challenge, user_id); /* the challenge again */
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/passkey/login", NULL, body), 401);
    d.count = 1; /* a copy of the key counts for itself */
    assert_int_equal(log_in(f, &d, user_id)->status, 401);
    d.count = 100;
    assert_int_equal(log_in(f, &d, user_id)->status, 201);
    EVP_PKEY_free(d.key);
    EVP_PKEY_free(other.key);
}

static void a_passkey_proves_its_owner_and_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct device d = device_new();
    const char *challenge = NULL, *body = NULL, *user_id = NULL;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    assert_int_equal(enrol(f, &d, f->user, "a"), 201);
    user_id = id_of_alpha(f);
    identity_test_token_of(identity_test_login(f, "beta", PASSWORD), f->admin);
    ak_time_shift(16 * AK_MIN);
    assert_int_equal(
        identity_test_status(f, "POST", "/service/v1/me/passkeys/options", f->user, NULL), 403);
    for (int own = 0; own < 2; own++) {
        (void)begin(f, "/service/v1/passkey/options", NULL, &challenge);
        d.count++;
        body = login_body(f, &d, challenge, user_id);
        body = strstr(body, "{\"credential\"");
        body = ak_arena_printf(f->arena, "{\"proof\":%.*s}", (int)strlen(body) - 1, body);
        a = identity_test_ask(f, "POST", "/service/v1/me/proof", own ? f->user : f->admin, body);
        assert_int_equal(a->status, own ? 201 : 400);
    }
    assert_int_equal(/* once */
                     identity_test_status(f, "POST", "/service/v1/me/proof", f->user, body), 400);
    EVP_PKEY_free(d.key);
}

static void several_passkeys_have_names_and_are_removed_one_by_one(void **state)
{
    struct fixture *f = *state;
    struct device d = device_new(), other = device_new();
    const struct http_answer *a = NULL;
    const char *challenge = NULL, *path = NULL;

    identity_test_both_log_in(f);
    assert_int_equal(enrol(f, &d, f->user, "laptop"), 201);
    assert_int_equal(enrol(f, &other, f->user, "laptop"), 409);
    assert_int_equal(enrol(f, &other, f->user, "phone"), 201);
    a = begin(f, "/service/v1/me/passkeys/options", f->user, &challenge);
    assert_int_equal(json_array_size(http_answer_at(a, "passkey/public_key/excludeCredentials")),
                     2);
    a = identity_test_ask(f, "GET", "/service/v1/me/passkeys?name=phone", f->user, NULL);
    path = ak_arena_printf(f->arena, "/service/v1/me/passkeys/%s",
                           http_answer_text(a, "passkeys/0/id"));
    identity_test_token_of(identity_test_login(f, "beta", PASSWORD), f->admin);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 404);
    assert_int_equal(
        identity_test_status(f, "PATCH", path, f->admin, "{\"passkey\":{\"name\":\"x\"}}"), 404);
    assert_int_equal(
        identity_test_status(f, "PATCH", path, f->user, "{\"passkey\":{\"name\":\"laptop\"}}"),
        409);
    assert_int_equal(identity_test_status(f, "PATCH", path, f->user, "{\"passkey\":{}}"), 400);
    a = identity_test_ask(f, "PATCH", path, f->user, "{\"passkey\":{\"name\":\"old phone\"}}");
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "passkey/name"), "old phone");
    assert_int_equal(identity_test_status(f, "DELETE", path, f->user, NULL), 204);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->user, NULL), 404);
    EVP_PKEY_free(d.key);
    EVP_PKEY_free(other.key);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_passkey_is_registered_and_logs_in_without_a_password),
        TEST(what_is_made_elsewhere_or_unverified_or_twice_is_refused),
        TEST(a_login_that_is_wrong_in_any_part_is_refused_alike),
        TEST(a_passkey_proves_its_owner_and_nobody_else),
        TEST(several_passkeys_have_names_and_are_removed_one_by_one),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
