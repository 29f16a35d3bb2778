/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of passwords and sessions: what is a good password, one-time passwords, and where
 * somebody is logged in. Factors are in identity_factor_test.c. */
#include "identity/identity_secret.h"
#include "identity/identity_testing.h"

#include <stdio.h>

extern const struct ak_sql *const identity_secret_sql_all[]; /* generated */

static void bad_passwords_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *password;
        enum ak_error_code code; /* AK_OK: good */
    } cases[] = {
        {"short", AK_PASSWORD_SHORT},
        {"password", AK_PASSWORD_COMMON},
        {"P@ssw0rd!", AK_PASSWORD_COMMON},
        {"Summer2026!", AK_PASSWORD_COMMON},
        {"qwertyuiop", AK_PASSWORD_COMMON},
        {"!!akashi2026", AK_PASSWORD_COMMON},
        {"aaaaaaaaaaaa", AK_PASSWORD_COMMON},
        {"12345678", AK_PASSWORD_COMMON},
        {"987654321", AK_PASSWORD_COMMON},
        {"abcabcabcabc", AK_PASSWORD_COMMON},
        {"19991231", AK_PASSWORD_COMMON},
        {"Hanako.Yamada1", AK_PASSWORD_NAME},
        {"hanako.yamada", AK_PASSWORD_NAME},
        {"correct horse", 0},
        {"k7mt-vx2p-93qf", 0},
        {"ひみつのことばをえらぶ", 0},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        int rc = identity_password_check(f->t->config, "hanako.yamada", cases[i].password, &f->err);

        if (rc != -(int)cases[i].code) {
            fail_msg("%s: %d", cases[i].password, rc);
        }
    }
}

static void one_time_passwords_are_readable_and_never_the_same(void **state)
{
    char one[IDENTITY_READABLE], other[IDENTITY_READABLE];

    (void)state;
    identity_readable_make(one);
    identity_readable_make(other);
    assert_int_equal(strlen(one), 19);
    assert_int_equal(strspn(one, "abcdefghjkmnpqrstuvwxyz23456789-"), 19);
    assert_string_not_equal(one, other);
}

/* A user 'master' of alpha; his one-time password is in 'initial'. */
static const char *make_master(struct fixture *f, struct ak_arena *arena,
                               struct identity_initial *initial)
{
    const struct identity_new_user user = {.domain_id = "default",
                                           .name = "master",
                                           .email = "m@example.jp",
                                           .project_id = f->alpha,
                                           .role = "manager"};
    AK_AUTO(ak_tx) tx = NULL;
    const char *id = NULL;

    assert_ok(identity_initial_make(initial, &f->err), &f->err);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(identity_user_create_initial(tx, arena, f->t->config, &user, initial, &id, &f->err),
              &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    return id;
}

static void with_a_one_time_password_nothing_works_but_changing_it(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct identity_initial initial;
    const char *id = make_master(f, arena, &initial);
    const struct http_answer *a = identity_test_login(f, "master", initial.password);
    const char *body = NULL;

    identity_test_token_of(a, f->user);
    a = identity_test_ask(f, "GET", "/identity/v3/auth/projects", f->user, NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(a->body, "one-time"));
    a = identity_test_ask(f, "GET", "/service/v1/me/sessions", f->user, NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(http_answer_text(a, "type"), "password-change-needed"));
    body =
        ak_arena_printf(arena, "{\"password\":{\"original_password\":\"%s\",\"password\":\"%s\"}}",
                        initial.password, PASSWORD);
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/me/password", f->user, body),
                     204);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);
    assert_int_equal(identity_test_login(f, "master", initial.password)->status, 401);
    identity_test_token_of(identity_test_login(f, "master", PASSWORD), f->user);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     200);
    body = "{\"user\":{\"original_password\":\"" PASSWORD "\",\"password\":\"" PASSWORD "\"}}";
    assert_int_equal(
        identity_test_status(
            f, "POST", ak_arena_printf(arena, "/identity/v3/users/%s/password", id), NULL, body),
        400); /* used before */
}

static void a_one_time_password_is_changed_by_keystones_own_call_too(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct identity_initial initial;
    const char *path =
        ak_arena_printf(arena, "/identity/v3/users/%s/password", make_master(f, arena, &initial));
    const char *body =
        ak_arena_printf(arena, "{\"user\":{\"original_password\":\"%s\",\"password\":\"%s\"}}",
                        initial.password, PASSWORD);

    assert_int_equal(identity_test_status(f, "POST", path, NULL, body), 204);
    identity_test_token_of(identity_test_login(f, "master", PASSWORD), f->user);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     200);
}

static void a_one_time_password_not_used_in_time_is_good_for_nothing(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct identity_initial initial;
    const char *path =
        ak_arena_printf(arena, "/identity/v3/users/%s/password", make_master(f, arena, &initial));
    const char *body =
        ak_arena_printf(arena, "{\"user\":{\"original_password\":\"%s\",\"password\":\"%s\"}}",
                        initial.password, PASSWORD);

    ak_time_shift(14 * AK_DAY - AK_MIN);
    assert_int_equal(identity_test_login(f, "master", initial.password)->status, 201);
    ak_time_shift(14 * AK_DAY + AK_SEC);
    assert_int_equal(identity_test_login(f, "master", initial.password)->status, 401);
    assert_int_equal(identity_test_status(f, "POST", path, NULL, body), 401);
}

static void sessions_are_listed_and_ended_one_by_one_or_all_others(void **state)
{
    struct fixture *f = *state;
    char second[64], third[64], path[128];
    const struct http_answer *a = NULL;

    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), f->user);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), second);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), third);
    a = identity_test_ask(f, "GET", "/service/v1/me/sessions?sort=created_at", second, NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "sessions")), 3);
    assert_true(json_is_true(http_answer_at(a, "sessions/1/current")));
    assert_string_equal(http_answer_text(a, "sessions/0/listener"), "management");
    assert_string_equal(http_answer_text(a, "sessions/0/methods/0"), "password");
    (void)snprintf(path, sizeof(path), "/service/v1/me/sessions/%s",
                   http_answer_text(a, "sessions/0/id"));
    assert_int_equal(identity_test_status(f, "DELETE", path, second, NULL), 204);
    assert_int_equal(identity_test_status(f, "DELETE", path, second, NULL), 404);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/sessions", f->user, NULL), 401);
    assert_int_equal(identity_test_status(f, "DELETE", "/service/v1/me/sessions", second, NULL),
                     204);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/sessions", third, NULL), 401);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/sessions", second, NULL), 200);
}

static void every_statement_is_understood_by_the_database(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, identity_secret_sql_all, &f->err), &f->err);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(bad_passwords_are_refused_with_the_reason),
        cmocka_unit_test(one_time_passwords_are_readable_and_never_the_same),
        TEST(with_a_one_time_password_nothing_works_but_changing_it),
        TEST(a_one_time_password_is_changed_by_keystones_own_call_too),
        TEST(a_one_time_password_not_used_in_time_is_good_for_nothing),
        TEST(sessions_are_listed_and_ended_one_by_one_or_all_others),
        TEST(every_statement_is_understood_by_the_database),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
