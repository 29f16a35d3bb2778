/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of second factors: codes by time, enrolment, login by Keystone's receipts, recovery
 * codes, what staff must have, and the key that seals it all. */
#include "identity/identity_secret.h"
#include "identity/identity_testing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void codes_are_those_of_the_standard(void **state)
{
    static const struct {
        int64_t time_s;
        const char *code; /* RFC 6238 appendix B, the last six of eight digits */
    } cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    const unsigned char *secret = (const unsigned char *)"12345678901234567890";
    char code[IDENTITY_TOTP_CODE];

    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        identity_totp_code(secret, cases[i].time_s / 30, code);
        assert_string_equal(code, cases[i].code);
    }
}

static void codes_of_neighbouring_steps_match_once_and_no_others(void **state)
{
    const unsigned char *secret = (const unsigned char *)"12345678901234567890";
    const int64_t now_us = 1234567890 * AK_SEC, now = 1234567890 / 30;
    char code[IDENTITY_TOTP_CODE];

    (void)state;
    for (int64_t d = -3; d <= 3; d++) {
        identity_totp_code(secret, now + d, code);
        assert_int_equal(identity_totp_match(secret, code, now_us, 0),
                         d >= -1 && d <= 1 ? now + d : 0);
    }
    identity_totp_code(secret, now, code);
    assert_int_equal(identity_totp_match(secret, code, now_us, now), 0); /* used */
    assert_int_equal(identity_totp_match(secret, code, now_us, now - 1), now);
    assert_int_equal(identity_totp_match(secret, "12345", now_us, 0), 0);
    assert_int_equal(identity_totp_match(secret, "", now_us, 0), 0);
}

static void what_is_sealed_opens_for_its_user_only_and_unchanged_only(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *sealed = NULL, *again = NULL;
    char out[6] = "", *changed = NULL;
    struct stat st;

    assert_ok(identity_key_seal(f->t->config, arena, "u1", "secret", 6, &sealed, &f->err), &f->err);
    assert_ok(identity_key_seal(f->t->config, arena, "u1", "secret", 6, &again, &f->err), &f->err);
    assert_string_not_equal(sealed, again);
    assert_ok(identity_key_open(f->t->config, "u1", sealed, out, 6, &f->err), &f->err);
    assert_memory_equal(out, "secret", 6);
    assert_fails(identity_key_open(f->t->config, "u2", sealed, out, 6, &f->err), AK_INTERNAL);
    changed = ak_arena_strdup(arena, sealed);
    changed[20] = changed[20] == 'A' ? 'B' : 'A';
    assert_fails(identity_key_open(f->t->config, "u1", changed, out, 6, &f->err), AK_INTERNAL);
    assert_int_equal(stat(ak_config_str(f->t->config, "identity_key_file"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_key_file_that_others_can_read_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *path = ak_config_str(f->t->config, "identity_key_file");

    assert_ok(identity_key_ensure(f->t->config, &f->err), &f->err);
    assert_int_equal(chmod(path, 0644), 0);
    assert_ok(ak_config_set(f->t->config, "identity_key_file",
                            ak_arena_printf(f->arena, "/tmp/../%s", path), &f->err),
              &f->err);
    assert_fails(identity_key_ensure(f->t->config, &f->err), AK_INTERNAL);
}

/* The code of a secret as shown, 'ahead' steps from now. */
static const char *code_of(struct fixture *f, const char *base32, int64_t ahead)
{
    unsigned char secret[IDENTITY_TOTP_SECRET] = {0};
    char *code = ak_arena_alloc(f->arena, IDENTITY_TOTP_CODE);
    uint64_t bits = 0;
    int n_bits = 0;
    size_t n = 0;

    assert_int_equal(strlen(base32), 32);
    for (; *base32; base32++) {
        const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", *at = strchr(letters, *base32);

        assert_non_null(at);
        bits = (bits << 5) | (uint64_t)(at - letters);
        n_bits += 5;
        if (n_bits >= 8) {
            secret[n++] = (unsigned char)(bits >> (n_bits - 8));
            n_bits -= 8;
        }
    }
    identity_totp_code(secret, ak_now_us() / AK_SEC / 30 + ahead, code);
    return code;
}

/* Enrols an authenticator for the token; returns the secret, and a recovery code. */
static const char *enrol(struct fixture *f, const char *token, const char **ret_recovery)
{
    const struct http_answer *a = identity_test_ask(f, "POST", "/service/v1/me/totp", token, NULL);
    const char *secret = NULL, *body = NULL;

    assert_int_equal(a->status, 201);
    secret = ak_arena_strdup(f->arena, http_answer_text(a, "totp/secret"));
    assert_non_null(strstr(http_answer_text(a, "totp/uri"), secret));
    assert_true(ak_starts_with(http_answer_text(a, "totp/qr_svg"), "<svg "));
    a = identity_test_ask(f, "POST", "/service/v1/me/totp/confirm", token,
                          "{\"totp\":{\"passcode\":\"000000x\"}}");
    assert_int_equal(a->status, 400);
    body = ak_arena_printf(f->arena, "{\"totp\":{\"passcode\":\"%s\"}}", code_of(f, secret, 0));
    a = identity_test_ask(f, "POST", "/service/v1/me/totp/confirm", token, body);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "totp/recovery_codes")), 10);
    *ret_recovery = ak_arena_strdup(f->arena, http_answer_text(a, "totp/recovery_codes/3"));
    return secret;
}

/* A login by methods of the body, maybe with a receipt. */
static const struct http_answer *log_in(struct fixture *f, const char *password, const char *code,
                                        const char *receipt)
{
    const char *methods = password && code ? "\"password\",\"totp\""
                          : password       ? "\"password\""
                                           : "\"totp\"";
    const char *user = "\"name\":\"alpha\",\"domain\":{\"id\":\"default\"}";
    const char *body = ak_arena_printf(
        f->arena,
        "{\"auth\":{\"identity\":{\"methods\":[%s],\"password\":{\"user\":{%s,\"password\":\"%s\"}"
        "},\"totp\":{\"user\":{%s,\"passcode\":\"%s\"}}}}}",
        methods, user, password ? password : "", user, code ? code : "");

    return http_testing_send(
        f->t, AK_MANAGEMENT, "POST", "/identity/v3/auth/tokens", NULL,
        receipt ? ak_arena_printf(f->arena, "Openstack-Auth-Receipt: %s\r\n", receipt) : NULL,
        body);
}

static void login_with_an_authenticator_follows_keystones_receipts(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL, *secret = NULL, *code = NULL;
    const struct http_answer *a = NULL;
    char receipt[64], token[64];

    identity_test_both_log_in(f);
    secret = enrol(f, f->user, &recovery);
    ak_time_shift(2 * AK_MIN); /* the code of the enrolment is used up */
    a = log_in(f, PASSWORD, NULL, NULL);
    assert_int_equal(a->status, 401);
    assert_true(http_answer_header(a, "Openstack-Auth-Receipt", receipt, sizeof(receipt)));
    assert_string_equal(http_answer_text(a, "receipt/methods/0"), "password");
    assert_string_equal(http_answer_text(a, "receipt/user/name"), "alpha");
    assert_string_equal(http_answer_text(a, "required_auth_methods/0/1"), "totp");
    code = code_of(f, secret, 0);
    a = log_in(f, NULL, code, receipt);
    identity_test_token_of(a, token);
    assert_string_equal(http_answer_text(a, "token/methods/0"), "totp");
    assert_string_equal(http_answer_text(a, "token/methods/1"), "password");
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", token, NULL),
                     200);
    assert_int_equal(log_in(f, NULL, code_of(f, secret, 1), receipt)->status, 401); /* used */
    assert_int_equal(log_in(f, PASSWORD, code, NULL)->status, 401);                 /* replayed */
    assert_int_equal(log_in(f, PASSWORD, code_of(f, secret, 1), NULL)->status, 201);
    a = log_in(f, NULL, code_of(f, secret, 0), NULL);
    assert_int_equal(a->status, 401);
    assert_int_equal(log_in(f, "wrong", code_of(f, secret, 1), NULL)->status, 401);
}

static void a_receipt_of_another_user_or_too_old_is_worth_nothing(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL, *secret = NULL;
    char receipt[64];

    identity_test_both_log_in(f);
    secret = enrol(f, f->user, &recovery);
    ak_time_shift(2 * AK_MIN);
    assert_true(http_answer_header(log_in(f, PASSWORD, NULL, NULL), "Openstack-Auth-Receipt",
                                   receipt, sizeof(receipt)));
    ak_time_shift(8 * AK_MIN);
    assert_int_equal(log_in(f, NULL, code_of(f, secret, 0), receipt)->status, 401);
    assert_int_equal(log_in(f, NULL, code_of(f, secret, 1), "nonsense")->status, 401);
}

static void a_recovery_code_works_once_however_it_is_written(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL;
    char *loud = NULL;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    (void)enrol(f, f->user, &recovery);
    loud = ak_arena_strdup(f->arena, recovery);
    for (char *p = loud; *p; p++) {
        *p = *p == '-' ? ' ' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    identity_test_token_of(log_in(f, PASSWORD, loud, NULL), f->user);
    assert_int_equal(log_in(f, PASSWORD, recovery, NULL)->status, 401);
    a = identity_test_ask(f, "GET", "/service/v1/me/factors", f->user, NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "factors/recovery_codes")), 9);
    a = identity_test_ask(f, "POST", "/service/v1/me/recovery-codes", f->user, NULL);
    assert_int_equal(a->status, 201);
    assert_int_equal(log_in(f, PASSWORD, http_answer_text(a, "recovery_codes/0"), NULL)->status,
                     201);
}

static void wrong_codes_lock_the_user_as_wrong_passwords_do(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL, *secret = NULL;

    identity_test_both_log_in(f);
    secret = enrol(f, f->user, &recovery);
    ak_time_shift(2 * AK_MIN);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(log_in(f, PASSWORD, "12345x", NULL)->status, 401);
    }
    assert_int_equal(log_in(f, PASSWORD, code_of(f, secret, 0), NULL)->status, 401);
    ak_time_shift(8 * AK_MIN);
    assert_int_equal(log_in(f, PASSWORD, code_of(f, secret, 0), NULL)->status, 201);
}

/* Who knows a name and no password can say any code he likes: nothing comes of it. */
static void codes_without_the_password_neither_count_nor_tell(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL, *secret = NULL;
    static const char body[] =
        "{\"auth\":{\"identity\":{\"methods\":[\"totp\"],\"totp\":{\"user\":{\"name\":\"alpha\","
        "\"domain\":{\"id\":\"default\"},\"passcode\":\"%s\"}}}}}";

    identity_test_both_log_in(f);
    secret = enrol(f, f->user, &recovery);
    ak_time_shift(2 * AK_MIN);
    for (int i = 0; i < 8; i++) {
        const char *code = i == 7 ? code_of(f, secret, 0) : "000000";
        AK_AUTO_STR text = ak_xasprintf(body, code);

        assert_int_equal(
            identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, text)->status, 401);
    }
    assert_int_equal(log_in(f, PASSWORD, code_of(f, secret, 0), NULL)->status, 201);
}

static const struct http_answer *ask_with(struct fixture *f, const char *path, const char *token,
                                          const char *proof, const char *body)
{
    AK_AUTO_STR header = proof ? ak_xasprintf("X-Akashi-Proof: %s\r\n", proof) : NULL;

    return http_testing_send(f->t, AK_MANAGEMENT, "POST", path, token, header, body);
}

static const char *prove(struct fixture *f, const char *token, const char *what, const char *secret)
{
    AK_AUTO_STR body = ak_xasprintf("{\"proof\":{\"%s\":\"%s\"}}", what, secret);
    const struct http_answer *a = ask_with(f, "/service/v1/me/proof", token, NULL, body);

    assert_int_equal(a->status, 201);
    return ak_arena_strdup(f->arena, http_answer_text(a, "proof/token"));
}

/* A stolen token makes itself no second way in. */
static void what_outlives_a_token_asks_who_is_there(void **state)
{
    struct fixture *f = *state;
    static const char *const guarded[] = {"/service/v1/me/totp", "/service/v1/me/recovery-codes",
                                          "/service/v1/me/passkeys/options"};
    static const char credential[] = "{\"application_credential\":{\"name\":\"own\"}}";
    const struct http_answer *a = NULL;
    const char *proof = NULL, *path = NULL;
    char other[64];

    identity_test_both_log_in(f);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), other);
    a = http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens", f->user,
                          ak_arena_printf(f->arena, "X-Subject-Token: %s\r\n", f->user), NULL);
    path = ak_arena_printf(f->arena, "/identity/v3/users/%s/application_credentials",
                           http_answer_text(a, "token/user/id"));
    ak_time_shift(901 * AK_SEC);
    for (size_t i = 0; i < AK_N(guarded); i++) {
        a = ask_with(f, guarded[i], f->user, NULL, NULL);
        assert_int_equal(a->status, 403);
        assert_non_null(strstr(a->body, "proof-needed"));
    }
    assert_int_equal(ask_with(f, path, f->user, NULL, credential)->status, 403);
    assert_int_equal(identity_test_status(f, "DELETE", "/service/v1/me/totp", f->user, NULL), 403);
    proof = prove(f, f->user, "password", PASSWORD);
    assert_int_equal(ask_with(f, guarded[0], f->user, proof, NULL)->status, 201);
    assert_int_equal(ask_with(f, guarded[2], f->user, proof, NULL)->status, 200);
    assert_int_equal(ask_with(f, path, f->user, proof, credential)->status, 201);
    /* Good with this token only, unchanged only, and for five minutes. */
    assert_int_equal(ask_with(f, guarded[0], other, proof, NULL)->status, 403);
    assert_int_equal(
        ask_with(f, guarded[0], f->user, ak_arena_printf(f->arena, "9%s", proof), NULL)->status,
        403);
    assert_int_equal(ask_with(f, guarded[0], f->user, "x", NULL)->status, 403);
    ak_time_shift((901 + 301) * AK_SEC);
    assert_int_equal(ask_with(f, guarded[0], f->user, proof, NULL)->status, 403);
}

static void a_token_of_a_token_is_no_fresher(void **state)
{
    struct fixture *f = *state;
    char token[64];
    AK_AUTO_STR body = NULL;

    identity_test_both_log_in(f);
    ak_time_shift(901 * AK_SEC);
    body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}}}}", f->user);
    identity_test_token_of(identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, body),
                           token);
    assert_int_equal(ask_with(f, "/service/v1/me/totp", token, NULL, NULL)->status, 403);
}

static void wrong_proofs_lock_as_wrong_logins_and_a_code_proves_once(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL, *secret = NULL, *code = NULL;
    AK_AUTO_STR body = NULL;

    identity_test_both_log_in(f);
    secret = enrol(f, f->user, &recovery);
    ak_time_shift(20 * AK_MIN);
    code = code_of(f, secret, 0);
    (void)prove(f, f->user, "passcode", code);
    body = ak_xasprintf("{\"proof\":{\"passcode\":\"%s\"}}", code);
    assert_int_equal(ask_with(f, "/service/v1/me/proof", f->user, NULL, body)->status, 400);
    assert_int_equal(ask_with(f, "/service/v1/me/proof", f->user, NULL,
                              "{\"proof\":{\"passcode\":\"1\",\"password\":\"2\"}}")
                         ->status,
                     400);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(ask_with(f, "/service/v1/me/proof", f->user, NULL,
                                  "{\"proof\":{\"password\":\"wrong password\"}}")
                             ->status,
                         400);
    }
    assert_int_equal(ask_with(f, "/service/v1/me/proof", f->user, NULL,
                              "{\"proof\":{\"password\":\"" PASSWORD "\"}}")
                         ->status,
                     400);
    ak_time_shift(26 * AK_MIN);
    (void)prove(f, f->user, "password", PASSWORD);
}

static void the_first_factor_ends_other_sessions_and_can_be_removed(void **state)
{
    struct fixture *f = *state;
    const char *recovery = NULL;
    char other[64];

    identity_test_both_log_in(f);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), other);
    (void)enrol(f, f->user, &recovery);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/factors", other, NULL), 401);
    assert_int_equal(identity_test_status(f, "DELETE", "/service/v1/me/totp", f->user, NULL), 204);
    assert_int_equal(identity_test_status(f, "DELETE", "/service/v1/me/totp", f->user, NULL), 409);
    assert_int_equal(log_in(f, PASSWORD, NULL, NULL)->status, 201);
    assert_int_equal(log_in(f, PASSWORD, recovery, NULL)->status, 401);
}

static void staff_can_only_enrol_until_they_have_a_factor_and_keep_the_last(void **state)
{
    struct fixture *f = *state;
    char project[AK_UUID_TEXT], token[64];
    const struct http_answer *a = NULL;
    const char *recovery = NULL;

    assert_ok(identity_project_ensure(f->t->store, "default", "admin", project, &f->err), &f->err);
    assert_ok(
        identity_user_ensure(f->t->store, "default", "op", PASSWORD, project, "operator", &f->err),
        &f->err);
    identity_test_token_of(identity_test_login(f, "op", PASSWORD), token);
    a = identity_test_ask(f, "GET", "/identity/v3/users", token, NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(a->body, "second factor"));
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/sessions", token, NULL), 403);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/factors", token, NULL), 200);
    (void)enrol(f, token, &recovery);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/users", token, NULL), 200);
    a = identity_test_ask(f, "DELETE", "/service/v1/me/totp", token, NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(http_answer_text(a, "type"), "last-factor"));
    identity_test_token_of(identity_test_login(f, "admin", PASSWORD), f->admin); /* exempt */
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/users", f->admin, NULL), 200);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_standard),
        cmocka_unit_test(codes_of_neighbouring_steps_match_once_and_no_others),
        TEST(what_is_sealed_opens_for_its_user_only_and_unchanged_only),
        TEST(a_key_file_that_others_can_read_is_refused),
        TEST(login_with_an_authenticator_follows_keystones_receipts),
        TEST(a_receipt_of_another_user_or_too_old_is_worth_nothing),
        TEST(a_recovery_code_works_once_however_it_is_written),
        TEST(wrong_codes_lock_the_user_as_wrong_passwords_do),
        TEST(codes_without_the_password_neither_count_nor_tell),
        TEST(what_outlives_a_token_asks_who_is_there),
        TEST(a_token_of_a_token_is_no_fresher),
        TEST(wrong_proofs_lock_as_wrong_logins_and_a_code_proves_once),
        TEST(the_first_factor_ends_other_sessions_and_can_be_removed),
        TEST(staff_can_only_enrol_until_they_have_a_factor_and_keep_the_last),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
