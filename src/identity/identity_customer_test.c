/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the users whom a customer's master manages: he adds, changes and removes them in
 * his project, and nothing beyond it. */
#include "identity/identity_secret.h"
#include "identity/identity_testing.h"

static char master[64]; /* token of the master user of alpha */

static int set_up(void **state)
{
    struct fixture *f = NULL;

    if (identity_test_set_up(state) != 0) {
        return -1;
    }
    f = *state;
    assert_ok(identity_user_ensure(f->t->store, "default", "master", PASSWORD, f->alpha, "manager",
                                   &f->err),
              &f->err);
    identity_test_token_of(identity_test_login_on(f, AK_CUSTOMER, "master", PASSWORD, NULL),
                           master);
    return 0;
}
#define MASTER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, identity_test_tear_down)

static const struct http_answer *ask(struct fixture *f, const char *method, const char *path,
                                     const char *body)
{
    return http_testing_ask(f->t, AK_CUSTOMER, method, path, master, body);
}

static const char *add(struct fixture *f, const char *name, const char *role,
                       const char **ret_password)
{
    const struct http_answer *a =
        ask(f, "POST", "/service/v1/users",
            ak_arena_printf(f->arena,
                            "{\"user\":{\"name\":\"%s\",\"email\":\"a@b.jp\",\"role\":\"%s\"}}",
                            name, role));

    assert_int_equal(a->status, 201);
    assert_string_equal(http_answer_text(a, "user/role"), role);
    *ret_password = ak_arena_strdup(f->arena, http_answer_text(a, "user/initial_password"));
    assert_non_null(*ret_password);
    return ak_arena_printf(f->arena, "/service/v1/users/%s", http_answer_text(a, "user/id"));
}

static void the_master_adds_changes_disables_and_removes_users(void **state)
{
    struct fixture *f = *state;
    const char *password = NULL, *path = add(f, "hanako", "member", &password);
    const struct http_answer *a = NULL;
    char token[64];

    a = identity_test_login_on(f, AK_CUSTOMER, "hanako", password, NULL);
    identity_test_token_of(a, token);
    a = ask(f, "GET", "/service/v1/users?sort=name", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "users")), 3);
    assert_string_equal(http_answer_text(a, "users/1/name"), "hanako");
    assert_true(json_is_true(http_answer_at(a, "users/1/must_change_password")));
    assert_true(json_is_false(http_answer_at(a, "users/1/mfa/totp")));
    assert_non_null(http_answer_text(a, "users/1/last_login_at"));
    assert_null(http_answer_at(a, "users/1/initial_password"));
    a = ask(f, "PATCH", path, "{\"user\":{\"role\":\"reader\",\"email\":null}}");
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "user/role"), "reader");
    assert_int_equal(ask(f, "PATCH", path, "{\"user\":{\"role\":\"operator\"}}")->status, 400);
    assert_int_equal(ask(f, "PATCH", path, "{\"user\":{\"enabled\":false}}")->status, 200);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/factors", token, NULL), 401);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "hanako", password, NULL)->status, 401);
    assert_int_equal(ask(f, "DELETE", path, NULL)->status, 204);
    assert_int_equal(ask(f, "GET", path, NULL)->status, 404);
    assert_int_equal(
        ask(f, "POST", "/service/v1/users", "{\"user\":{\"name\":\"master\",\"role\":\"member\"}}")
            ->status,
        409);
}

/* The end of a contract leaves looking and fetching, whatever was granted for a time before. */
static void the_end_of_a_contract_ends_roles_given_for_a_time(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, "GET", "/service/v1/users?name=master", NULL);
    const char *id = ak_arena_strdup(f->arena, http_answer_text(a, "users/0/id"));
    static const char body[] = "{\"user\":{\"name\":\"late\",\"role\":\"reader\"}}";
    AK_AUTO(ak_tx) tx = NULL;

    assert_non_null(id);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(identity_timed_role_add(tx, f->arena, "t1", id, f->alpha, "manager", 0,
                                      ak_now_us() + AK_HOUR, &f->err),
              &f->err);
    assert_ok(identity_tenant_readers(tx, f->arena, "default", f->alpha, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    ak_tx_free(AK_TAKE(tx));
    identity_test_token_of(identity_test_login_on(f, AK_CUSTOMER, "master", PASSWORD, NULL),
                           master);
    assert_int_equal(ask(f, "GET", "/service/v1/users", NULL)->status, 200);
    assert_int_equal(ask(f, "POST", "/service/v1/users", body)->status, 403);
}

/* What was given for a time on top of a role ends with that role. */
static void a_demotion_or_a_removal_ends_roles_given_for_a_time(void **state)
{
    struct fixture *f = *state;
    const char *first = NULL, *path = add(f, "taro", "member", &first);
    const char *id = strrchr(path, '/') + 1;
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;

    for (int removal = 0; removal < 2; removal++) {
        assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
        assert_ok(identity_timed_role_add(tx, f->arena, removal ? "t2" : "t1", id, f->alpha,
                                          "manager", 0, ak_now_us() + AK_HOUR, &f->err),
                  &f->err);
        if (removal) { /* the account stays when it has a role elsewhere */
            const struct identity_grant grant = {.user_id = id, .project_id = f->beta};
            struct identity_role_row reader = {0};

            assert_ok(identity_role_store_load_by_name(tx, f->arena, "reader", &reader, &f->err),
                      &f->err);
            assert_ok(identity_grant_add(tx, f->arena,
                                         &(struct identity_grant){.user_id = grant.user_id,
                                                                  .project_id = grant.project_id,
                                                                  .role_id = reader.id},
                                         &f->err),
                      &f->err);
        }
        assert_ok(ak_tx_commit(tx, &f->err), &f->err);
        ak_tx_free(AK_TAKE(tx));
        assert_int_equal(removal
                             ? ask(f, "DELETE", path, NULL)->status
                             : ask(f, "PATCH", path, "{\"user\":{\"role\":\"reader\"}}")->status,
                         removal ? 204 : 200);
        assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
        assert_ok(identity_timed_role_purge(tx, INT64_MAX, &n, &f->err), &f->err);
        assert_int_equal(n, 0);
        ak_tx_free(AK_TAKE(tx));
    }
}

static void a_new_one_time_password_ends_sessions_and_a_reset_removes_factors(void **state)
{
    struct fixture *f = *state;
    const char *first = NULL, *path = add(f, "taro", "member", &first);
    const struct http_answer *a = NULL;
    char token[64];

    identity_test_token_of(identity_test_login_on(f, AK_CUSTOMER, "taro", first, NULL), token);
    a = ask(f, "POST", ak_arena_printf(f->arena, "%s/reset-password", path), NULL);
    assert_int_equal(a->status, 200);
    assert_string_not_equal(http_answer_text(a, "user/initial_password"), first);
    identity_test_token_of(identity_test_login_on(f, AK_CUSTOMER, "taro",
                                                  http_answer_text(a, "user/initial_password"),
                                                  NULL),
                           token);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "taro", first, NULL)->status, 401);
    assert_int_equal(
        ask(f, "POST", ak_arena_printf(f->arena, "%s/reset-factors", path), NULL)->status, 200);
    assert_int_equal(identity_test_status(f, "GET", "/service/v1/me/factors", token, NULL), 401);
}

static void nobody_locks_himself_out_or_reaches_beyond_the_project(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, "GET", "/service/v1/users?role=manager", NULL);
    const char *own = ak_arena_printf(f->arena, "/service/v1/users/%s",
                                      http_answer_text(a, "users/0/id")),
               *other = NULL;

    assert_int_equal(ask(f, "DELETE", own, NULL)->status, 409);
    assert_int_equal(ask(f, "PATCH", own, "{\"user\":{\"role\":\"reader\"}}")->status, 409);
    assert_int_equal(ask(f, "PATCH", own, "{\"user\":{\"enabled\":false}}")->status, 409);
    assert_int_equal(ask(f, "PATCH", own, "{\"user\":{\"email\":\"x@y.jp\"}}")->status, 200);
    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET", "/identity/v3/users?name=beta", f->admin, NULL);
    other = ak_arena_printf(f->arena, "/service/v1/users/%s", http_answer_text(a, "users/0/id"));
    assert_int_equal(ask(f, "GET", other, NULL)->status, 404);
    assert_int_equal(ask(f, "DELETE", other, NULL)->status, 404);
    assert_int_equal(
        ask(f, "POST", ak_arena_printf(f->arena, "%s/reset-password", other), NULL)->status, 404);
    /* with a role here too, the account still is not the master's */
    assert_ok(
        identity_user_ensure(f->t->store, "default", "beta", NULL, f->alpha, "member", &f->err),
        &f->err);
    assert_int_equal(
        ask(f, "POST", ak_arena_printf(f->arena, "%s/reset-password", other), NULL)->status, 409);
    assert_int_equal(ask(f, "PATCH", other, "{\"user\":{\"enabled\":false}}")->status, 409);
    assert_int_equal(ask(f, "DELETE", other, NULL)->status, 204); /* from the project only */
    assert_int_equal(identity_test_login(f, "beta", PASSWORD)->status, 201);
}

static void members_see_themselves_only_and_change_nobody(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET", "/service/v1/users", f->user, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "users")), 1);
    assert_string_equal(http_answer_text(a, "users/0/name"), "alpha");
    assert_int_equal(identity_test_status(f, "POST", "/service/v1/users", f->user,
                                          "{\"user\":{\"name\":\"x\",\"role\":\"member\"}}"),
                     403);
}

static void where_the_class_withholds_it_the_master_is_told_to_ask(void **state)
{
    struct fixture *f = *state;
    enum identity_mode modes[64] = {IDENTITY_SELF};
    AK_AUTO(ak_tx) tx = NULL;

    modes[identity_verb_find("user")] = IDENTITY_REQUEST;
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(identity_project_verbs_set(tx, f->alpha, "some-class", modes, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    assert_int_equal(
        ask(f, "POST", "/service/v1/users", "{\"user\":{\"name\":\"x\",\"role\":\"member\"}}")
            ->status,
        403);
    assert_int_equal(ask(f, "GET", "/service/v1/users", NULL)->status, 200);
}

static void the_provider_sees_users_of_any_project_and_helps_those_locked_out(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    const char *id = NULL;

    identity_test_both_log_in(f);
    a = identity_test_ask(
        f, "GET",
        ak_arena_printf(f->arena, "/service/v1/users?project_id=%s&name=master", f->alpha),
        f->admin, NULL);
    assert_int_equal(a->status, 200);
    id = ak_arena_strdup(f->arena, http_answer_text(a, "users/0/id"));
    a = identity_test_ask(f, "POST",
                          ak_arena_printf(f->arena, "/service/v1/accounts/%s/reset-password", id),
                          f->admin, NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "master",
                                            http_answer_text(a, "account/initial_password"), NULL)
                         ->status,
                     201);
    assert_int_equal(
        identity_test_status(f, "POST",
                             ak_arena_printf(f->arena, "/service/v1/accounts/%s/reset-factors", id),
                             f->admin, NULL),
        204);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        MASTER_TEST(the_master_adds_changes_disables_and_removes_users),
        MASTER_TEST(the_end_of_a_contract_ends_roles_given_for_a_time),
        MASTER_TEST(a_demotion_or_a_removal_ends_roles_given_for_a_time),
        MASTER_TEST(a_new_one_time_password_ends_sessions_and_a_reset_removes_factors),
        MASTER_TEST(nobody_locks_himself_out_or_reaches_beyond_the_project),
        MASTER_TEST(members_see_themselves_only_and_change_nobody),
        MASTER_TEST(where_the_class_withholds_it_the_master_is_told_to_ask),
        MASTER_TEST(the_provider_sees_users_of_any_project_and_helps_those_locked_out),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
