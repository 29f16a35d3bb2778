/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of login, tokens, lock-out and rights, through the server as a client sees it, each on
 * a fresh database of either engine. The objects are in identity_objects_test.c. */
#include "identity/identity_testing.h"

#include <stdio.h>

static void discovery_names_the_version_and_needs_no_token(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_ask(f, "GET", "/identity/", NULL, NULL);

    assert_int_equal(a->status, 300);
    assert_string_equal(http_answer_text(a, "versions/values/0/links/0/href"),
                        "https://cloud.test/identity/v3/");
    assert_int_equal(identity_test_status(f, "GET", "/identity", NULL, NULL), 300);
    a = identity_test_ask(f, "GET", "/identity/v3", NULL, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "version/status"), "stable");
}

static void login_gives_a_token_of_the_default_project_with_implied_roles(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_login(f, "alpha", PASSWORD);

    identity_test_token_of(a, f->user);
    assert_string_equal(http_answer_text(a, "token/project/id"), f->alpha);
    assert_string_equal(http_answer_text(a, "token/project/domain/name"), "Default");
    assert_string_equal(http_answer_text(a, "token/roles/0/name"), "member");
    assert_string_equal(http_answer_text(a, "token/roles/1/name"), "reader");
    assert_null(http_answer_at(a, "token/roles/2"));
    assert_string_equal(http_answer_text(a, "token/methods/0"), "password");
    assert_string_equal(http_answer_text(a, "token/catalog/0/endpoints/0/url"),
                        "https://cloud.test/identity");
    assert_true(json_is_null(http_answer_at(a, "token/user/password_expires_at")));
}

static void validation_tells_the_same_as_login(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_login(f, "alpha", PASSWORD);
    json_t *told = json_incref(a->json);
    char header[128];

    identity_test_token_of(a, f->user);
    (void)snprintf(header, sizeof(header), "X-Subject-Token: %s\r\n", f->user);
    a = http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens", f->user, header,
                          NULL);
    assert_int_equal(a->status, 200);
    assert_true(json_equal(told, a->json));
    json_decref(told);
    a = http_testing_send(f->t, AK_MANAGEMENT, "HEAD", "/identity/v3/auth/tokens", f->user, header,
                          NULL);
    assert_int_equal(a->status, 200);
}

static void logout_ends_the_token_at_once(void **state)
{
    struct fixture *f = *state;
    char header[128];

    identity_test_both_log_in(f);
    (void)snprintf(header, sizeof(header), "X-Subject-Token: %s\r\n", f->user);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "DELETE", "/identity/v3/auth/tokens",
                                       f->user, header, NULL)
                         ->status,
                     204);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens",
                                       f->admin, header, NULL)
                         ->status,
                     404);
}

static void a_token_of_another_user_cannot_be_shown_or_ended(void **state)
{
    struct fixture *f = *state;
    char header[128], other[64];

    identity_test_both_log_in(f);
    identity_test_token_of(identity_test_login(f, "beta", PASSWORD), other);
    (void)snprintf(header, sizeof(header), "X-Subject-Token: %s\r\n", f->user);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens",
                                       other, header, NULL)
                         ->status,
                     404);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "DELETE", "/identity/v3/auth/tokens",
                                       other, header, NULL)
                         ->status,
                     404);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens",
                                       f->admin, header, NULL)
                         ->status,
                     200);
}

static void tokens_expire(void **state)
{
    struct fixture *f = *state;

    identity_test_both_log_in(f);
    ak_time_shift(4 * AK_HOUR + AK_SEC);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);
}

static void a_token_from_a_token_ends_no_later_and_keeps_its_ancestor(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_login(f, "alpha", PASSWORD);
    AK_AUTO_STR expires = ak_xstrdup(http_answer_text(a, "token/expires_at"));
    AK_AUTO_STR audit_id = ak_xstrdup(http_answer_text(a, "token/audit_ids/0"));
    AK_AUTO_STR body = NULL;

    identity_test_token_of(a, f->user);
    ak_time_shift(AK_HOUR);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}"
                        "},\"scope\":\"unscoped\"}}",
                        f->user);
    a = identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, body);
    assert_int_equal(a->status, 201);
    assert_string_equal(http_answer_text(a, "token/expires_at"), expires);
    assert_string_equal(http_answer_text(a, "token/audit_ids/1"), audit_id);
    assert_string_equal(http_answer_text(a, "token/methods/0"), "password");
    assert_string_equal(http_answer_text(a, "token/methods/1"), "token");
    assert_null(http_answer_at(a, "token/project"));
    assert_null(http_answer_at(a, "token/catalog"));
}

static void an_unknown_token_as_a_method_is_404(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        identity_test_status(f, "POST", "/identity/v3/auth/tokens", NULL,
                             "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":"
                             "\"nonsense\"}}}}"),
        404);
}

static void wrong_password_unknown_user_and_unknown_domain_look_alike(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR wrong = NULL;
    const struct http_answer *a = identity_test_login(f, "alpha", "wrong password");

    assert_int_equal(a->status, 401);
    wrong = ak_xstrdup(http_answer_text(a, "error/message"));
    a = identity_test_login(f, "nobody", "wrong password");
    assert_int_equal(a->status, 401);
    assert_string_equal(http_answer_text(a, "error/message"), wrong);
    a = identity_test_ask(
        f, "POST", "/identity/v3/auth/tokens", NULL,
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"alpha\",\"domain\":{\"name\":\"no such\"},\"password\":\"x\"}}}}}");
    assert_int_equal(a->status, 401);
    assert_string_equal(http_answer_text(a, "error/message"), wrong);
}

static void wrong_passwords_lock_the_user_for_a_while(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 6; i++) {
        assert_int_equal(identity_test_login(f, "alpha", "wrong password")->status, 401);
    }
    assert_int_equal(identity_test_login(f, "alpha", PASSWORD)->status, 401);
    assert_int_equal(identity_test_login(f, "beta", PASSWORD)->status, 201);
    ak_time_shift(301 * AK_SEC);
    assert_int_equal(identity_test_login(f, "alpha", "wrong password")->status, 401);
    assert_int_equal(identity_test_login(f, "alpha", PASSWORD)->status, 201);
}

static const struct http_answer *login_from(struct fixture *f, const char *from,
                                            const char *password)
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"alpha\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}}}}",
        password);
    AK_AUTO_STR header = ak_xasprintf("X-Forwarded-For: %s\r\n", from);

    return http_testing_send(f->t, AK_CUSTOMER, "POST", "/identity/v3/auth/tokens", NULL, header,
                             body);
}

/* Who knows a name shuts himself out with it, and not its owner. */
static void a_stranger_locks_out_himself_only(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 7; i++) {
        assert_int_equal(login_from(f, "203.0.113.9", "wrong password")->status, 401);
    }
    assert_int_equal(login_from(f, "203.0.113.9", PASSWORD)->status, 401);
    assert_int_equal(login_from(f, "192.0.2.7", PASSWORD)->status, 201);
    for (int i = 0; i < 6; i++) { /* a host has all addresses of its 64 bits */
        AK_AUTO_STR from = ak_xasprintf("fd00:1::%d", i + 1);

        assert_int_equal(login_from(f, from, "wrong password")->status, 401);
    }
    assert_int_equal(login_from(f, "fd00:1::77", PASSWORD)->status, 401);
    assert_int_equal(login_from(f, "fd00:1:0:1::77", PASSWORD)->status, 201);
}

/* Who refused attempts were by, newest first, joined by spaces. */
static const char *refused_names(struct fixture *f)
{
    struct ak_audit_query query = {.action = "identity.token.refuse", .limit = 10};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    const char *names = "";

    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(ak_audit_list(tx, f->arena, &query, &list, &f->err), &f->err);
    for (size_t i = 0; i < list.n; i++) {
        const struct ak_audit_row *row = (const struct ak_audit_row *)list.items + i;
        json_t *event = json_loads(row->envelope, 0, NULL);
        const char *name = json_string_value(json_object_get(event, "actor_name"));

        assert_null(strstr(row->envelope, "horse"));
        names = ak_arena_printf(f->arena, "%s%s%s", names, *names ? " " : "", name ? name : "-");
        json_decref(event);
    }
    return names;
}

static void a_password_typed_as_a_name_is_in_no_event(void **state)
{
    struct fixture *f = *state;
    const char *names = NULL, *first = NULL;

    assert_int_equal(identity_test_login(f, PASSWORD, "x")->status, 401);
    assert_int_equal(identity_test_login(f, PASSWORD " 2", "x")->status, 401);
    assert_int_equal(identity_test_login(f, PASSWORD, "y")->status, 401);
    names = refused_names(f);
    assert_int_equal(strlen(names), 3 * strlen("unknown:0123456789ab") + 2);
    first = ak_arena_strndup(f->arena, names, strlen("unknown:0123456789ab"));
    assert_true(ak_starts_with(first, "unknown:"));
    assert_string_equal(names + 42, first);                  /* the same text, the same tag */
    assert_int_not_equal(strncmp(names + 21, first, 20), 0); /* another, another */
    assert_int_equal(identity_test_login(f, "alpha", "x")->status, 401);
    assert_true(ak_starts_with(refused_names(f), "alpha unknown:")); /* whom there is is named */
}

/* Guessing from very many addresses locks all but those the user has come from before. */
static void many_addresses_lock_the_account_but_not_its_own(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_config_set(f->t->config, "identity_lockout_attempts", "1", &f->err), &f->err);
    assert_int_equal(login_from(f, "192.0.2.7", PASSWORD)->status, 201);
    for (int i = 0; i < 20; i++) {
        AK_AUTO_STR from = ak_xasprintf("203.0.113.%d", i + 1);

        assert_int_equal(login_from(f, from, "wrong password")->status, 401);
    }
    assert_int_equal(login_from(f, "198.51.100.1", PASSWORD)->status, 401);
    assert_int_equal(login_from(f, "192.0.2.7", PASSWORD)->status, 201);
    ak_time_shift(301 * AK_SEC);
    assert_int_equal(login_from(f, "198.51.100.1", PASSWORD)->status, 201);
}

static void a_right_password_forgives_the_wrong_ones_before(void **state)
{
    struct fixture *f = *state;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            assert_int_equal(identity_test_login(f, "alpha", "wrong password")->status, 401);
        }
        assert_int_equal(identity_test_login(f, "alpha", PASSWORD)->status, 201);
    }
}

static void many_failures_of_one_source_must_wait(void **state)
{
    struct ak_error err = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_ok(identity_throttle_check("2001:db8::1", 3, &err), &err);
        identity_throttle_failed("2001:db8::1");
    }
    assert_fails(identity_throttle_check("2001:db8::1", 3, &err), AK_TOO_MANY_REQUESTS);
    assert_fails(identity_throttle_check("2001:db8::ffff", 3, &err), AK_TOO_MANY_REQUESTS);
    assert_ok(identity_throttle_check("2001:db8:0:1::1", 3, &err), &err);
    assert_ok(identity_throttle_check("192.0.2.1", 3, &err), &err);
}

static void the_administrator_is_unknown_on_the_customer_listener(void **state)
{
    struct fixture *f = *state;

    identity_test_both_log_in(f);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "admin", PASSWORD, NULL)->status, 401);
    assert_int_equal(
        http_testing_ask(f->t, AK_CUSTOMER, "GET", "/identity/v3/users", f->admin, NULL)->status,
        401);
    assert_int_equal(
        http_testing_ask(f->t, AK_CUSTOMER, "POST", "/identity/v3/users", f->user, "{}")->status,
        405);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD, NULL)->status, 201);
    assert_ok(ak_config_set(f->t->config, "identity_admin_on_customer_listener", "yes", &f->err),
              &f->err);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "admin", PASSWORD, NULL)->status, 201);
}

static void customers_cannot_lock_the_administrator_out(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 10; i++) {
        assert_int_equal(
            identity_test_login_on(f, AK_CUSTOMER, "admin", "wrong password", NULL)->status, 401);
    }
    assert_int_equal(identity_test_login(f, "admin", PASSWORD)->status, 201);
}

static void a_project_without_a_role_cannot_be_entered(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR beta = ak_xasprintf("{\"project\":{\"id\":\"%s\"}}", f->beta);

    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD, beta)->status, 401);
    assert_int_equal(
        identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD,
                               "{\"project\":{\"name\":\"nope\",\"domain\":{\"id\":\"default\"}}}")
            ->status,
        401);
    assert_int_equal(
        identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD, "{\"system\":{\"all\":true}}")
            ->status,
        401);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD,
                                            "{\"domain\":{\"id\":\"default\"}}")
                         ->status,
                     401);
    assert_int_equal(identity_test_login_on(f, AK_CUSTOMER, "alpha", PASSWORD,
                                            "{\"project\":{\"name\":\"alpha\",\"domain\":{\"name\":"
                                            "\"Default\"}}}")
                         ->status,
                     201);
}

static void every_policy_of_a_route_has_a_row_and_every_row_a_name_once(void **state)
{
    (void)state;
    for (size_t r = 0; r < identity_domain.n_routes; r++) {
        size_t found = 0;

        for (size_t i = 0; i < identity_policies_n; i++) {
            found += ak_streq(identity_domain.routes[r].policy, identity_policies[i].name);
        }
        if (found != 1) {
            fail_msg("%s: %zu rows", identity_domain.routes[r].policy, found);
        }
    }
    for (size_t i = 0; i < identity_policies_n; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(identity_policies[i].name, identity_policies[k].name);
        }
    }
}

static void a_policy_that_is_not_listed_is_denied_even_to_the_administrator(void **state)
{
    struct ak_principal principal = {.project_id = "p", .roles = 15};
    struct ak_request req = {.principal = &principal};
    struct ak_error err = {0};
    bool admin = false;

    (void)state;
    assert_fails(identity_authorise(&req, "identity:no:such", &admin, &err), AK_FORBIDDEN);
    assert_ok(identity_authorise(&req, "identity:user:list", &admin, &err), &err);
    assert_true(admin);
    principal.roles = AK_ROLE_MANAGER | AK_ROLE_MEMBER | AK_ROLE_READER;
    assert_fails(identity_authorise(&req, "identity:user:list", &admin, &err), AK_FORBIDDEN);
    req.principal = NULL;
    assert_fails(identity_authorise(&req, "identity:user:list", &admin, &err), AK_UNAUTHORIZED);
}

static void the_admin_role_elsewhere_is_no_administrator(void **state)
{
    struct fixture *f = *state;
    struct ak_store *store = f->t->store;

    assert_ok(identity_user_ensure(store, "default", "alpha", NULL, f->alpha, "admin", &f->err),
              &f->err);
    identity_test_token_of(identity_test_login(f, "alpha", PASSWORD), f->user);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/users", f->user, NULL), 403);
}

static void bodies_are_checked(void **state)
{
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"auth\":{}}",
        "{\"auth\":{\"identity\":{\"methods\":[]}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"]}}}",
        "{\"auth\":{\"identity\":{\"methods\":\"password\"}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{}}}}}",
        ("{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
         "\"alpha\",\"password\":\"x\"}}}}}"),
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"]},\"scope\":{\"a\":1}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"]},\"scope\":{}}}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(bad); i++) {
        const struct http_answer *a =
            identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, bad[i]);

        if (a->status != 400 || !http_answer_text(a, "error/message")) {
            fail_msg("%s: %d %s", bad[i], a->status, a->body);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(discovery_names_the_version_and_needs_no_token),
        TEST(login_gives_a_token_of_the_default_project_with_implied_roles),
        TEST(validation_tells_the_same_as_login),
        TEST(logout_ends_the_token_at_once),
        TEST(a_token_of_another_user_cannot_be_shown_or_ended),
        TEST(tokens_expire),
        TEST(a_token_from_a_token_ends_no_later_and_keeps_its_ancestor),
        TEST(an_unknown_token_as_a_method_is_404),
        TEST(wrong_password_unknown_user_and_unknown_domain_look_alike),
        TEST(wrong_passwords_lock_the_user_for_a_while),
        TEST(a_stranger_locks_out_himself_only),
        TEST(many_addresses_lock_the_account_but_not_its_own),
        TEST(a_password_typed_as_a_name_is_in_no_event),
        TEST(a_right_password_forgives_the_wrong_ones_before),
        cmocka_unit_test(many_failures_of_one_source_must_wait),
        TEST(the_administrator_is_unknown_on_the_customer_listener),
        TEST(customers_cannot_lock_the_administrator_out),
        TEST(a_project_without_a_role_cannot_be_entered),
        cmocka_unit_test(every_policy_of_a_route_has_a_row_and_every_row_a_name_once),
        cmocka_unit_test(a_policy_that_is_not_listed_is_denied_even_to_the_administrator),
        TEST(the_admin_role_elsewhere_is_no_administrator),
        TEST(bodies_are_checked),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
