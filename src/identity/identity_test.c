/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of identity, through the server as a client sees it: login, rights, lock-out,
 * revocation, and the objects. Each on a fresh database of either engine. */
#include "identity/identity_internal.h"

#include <stdio.h>

#include "base/test.h"
#include "http/http_testing.h"
#include "store/store_testing.h"

extern const struct ak_sql *const identity_sql_all[]; /* generated */

#define PASSWORD "correct horse"

static const struct ak_domain *const domains[] = {&identity_domain, NULL};

struct fixture {
    struct http_testing *t;
    struct ak_error err;
    char alpha[AK_UUID_TEXT], beta[AK_UUID_TEXT]; /* projects */
    char admin[64];                               /* token of the administrator */
    char user[64];                                /* token of user alpha in project alpha */
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_store *store = store_testing_open();

    *state = f;
    assert_ok(identity_bootstrap(store, PASSWORD, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "alpha", f->alpha, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "Default", "beta", f->beta, &f->err), &f->err);
    assert_ok(
        identity_user_ensure(store, "default", "alpha", PASSWORD, f->alpha, "member", &f->err),
        &f->err);
    assert_ok(identity_user_ensure(store, "default", "beta", PASSWORD, f->beta, "reader", &f->err),
              &f->err);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){identity_authenticate, identity_authorise}, store);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_testing_close(http_testing_stop(f->t));
    ak_time_shift(0);
    free(f);
    return 0;
}

static const struct http_answer *ask(struct fixture *f, const char *method, const char *path,
                                     const char *token, const char *body)
{
    return http_testing_ask(f->t, AK_MANAGEMENT, method, path, token, body);
}

static const struct http_answer *login_on(struct fixture *f, enum ak_listener listener,
                                          const char *name, const char *password, const char *scope)
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}}%s%s}}",
        name, password, scope ? ",\"scope\":" : "", scope ? scope : "");

    return http_testing_ask(f->t, listener, "POST", "/identity/v3/auth/tokens", NULL, body);
}

static const struct http_answer *login(struct fixture *f, const char *name, const char *password)
{
    return login_on(f, AK_MANAGEMENT, name, password, NULL);
}

static void token_of(const struct http_answer *a, char token[64])
{
    assert_int_equal(a->status, 201);
    assert_true(http_answer_header(a, "X-Subject-Token", token, 64));
    assert_int_equal(strlen(token), 43);
}

static void both_log_in(struct fixture *f)
{
    token_of(login(f, "admin", PASSWORD), f->admin);
    token_of(login(f, "alpha", PASSWORD), f->user);
}

static int status(struct fixture *f, const char *method, const char *path, const char *token,
                  const char *body)
{
    return ask(f, method, path, token, body)->status;
}

static void discovery_names_the_version_and_needs_no_token(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, "GET", "/identity/", NULL, NULL);

    assert_int_equal(a->status, 300);
    assert_string_equal(http_answer_text(a, "versions/values/0/links/0/href"),
                        "https://cloud.test/identity/v3/");
    assert_int_equal(status(f, "GET", "/identity", NULL, NULL), 300);
    a = ask(f, "GET", "/identity/v3", NULL, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "version/status"), "stable");
}

static void login_gives_a_token_of_the_default_project_with_implied_roles(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = login(f, "alpha", PASSWORD);

    token_of(a, f->user);
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
    const struct http_answer *a = login(f, "alpha", PASSWORD);
    json_t *told = json_incref(a->json);
    char header[128];

    token_of(a, f->user);
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

    both_log_in(f);
    (void)snprintf(header, sizeof(header), "X-Subject-Token: %s\r\n", f->user);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "DELETE", "/identity/v3/auth/tokens",
                                       f->user, header, NULL)
                         ->status,
                     204);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", f->user, NULL), 401);
    assert_int_equal(http_testing_send(f->t, AK_MANAGEMENT, "GET", "/identity/v3/auth/tokens",
                                       f->admin, header, NULL)
                         ->status,
                     404);
}

static void a_token_of_another_user_cannot_be_shown_or_ended(void **state)
{
    struct fixture *f = *state;
    char header[128], other[64];

    both_log_in(f);
    token_of(login(f, "beta", PASSWORD), other);
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

    both_log_in(f);
    ak_time_shift(4 * AK_HOUR + AK_SEC);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", f->user, NULL), 401);
}

static void a_token_from_a_token_ends_no_later_and_keeps_its_ancestor(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = login(f, "alpha", PASSWORD);
    AK_AUTO_STR expires = ak_xstrdup(http_answer_text(a, "token/expires_at"));
    AK_AUTO_STR audit_id = ak_xstrdup(http_answer_text(a, "token/audit_ids/0"));
    AK_AUTO_STR body = NULL;

    token_of(a, f->user);
    ak_time_shift(AK_HOUR);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"%s\"}"
                        "},\"scope\":\"unscoped\"}}",
                        f->user);
    a = ask(f, "POST", "/identity/v3/auth/tokens", NULL, body);
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

    assert_int_equal(status(f, "POST", "/identity/v3/auth/tokens", NULL,
                            "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":"
                            "\"nonsense\"}}}}"),
                     404);
}

static void wrong_password_unknown_user_and_unknown_domain_look_alike(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR wrong = NULL;
    const struct http_answer *a = login(f, "alpha", "wrong password");

    assert_int_equal(a->status, 401);
    wrong = ak_xstrdup(http_answer_text(a, "error/message"));
    a = login(f, "nobody", "wrong password");
    assert_int_equal(a->status, 401);
    assert_string_equal(http_answer_text(a, "error/message"), wrong);
    a = ask(f, "POST", "/identity/v3/auth/tokens", NULL,
            "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
            "\"alpha\",\"domain\":{\"name\":\"no such\"},\"password\":\"x\"}}}}}");
    assert_int_equal(a->status, 401);
    assert_string_equal(http_answer_text(a, "error/message"), wrong);
}

static void wrong_passwords_lock_the_user_for_a_while(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 6; i++) {
        assert_int_equal(login(f, "alpha", "wrong password")->status, 401);
    }
    assert_int_equal(login(f, "alpha", PASSWORD)->status, 401);
    assert_int_equal(login(f, "beta", PASSWORD)->status, 201);
    ak_time_shift(301 * AK_SEC);
    assert_int_equal(login(f, "alpha", "wrong password")->status, 401);
    assert_int_equal(login(f, "alpha", PASSWORD)->status, 201);
}

static void a_right_password_forgives_the_wrong_ones_before(void **state)
{
    struct fixture *f = *state;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++) {
            assert_int_equal(login(f, "alpha", "wrong password")->status, 401);
        }
        assert_int_equal(login(f, "alpha", PASSWORD)->status, 201);
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

    both_log_in(f);
    assert_int_equal(login_on(f, AK_CUSTOMER, "admin", PASSWORD, NULL)->status, 401);
    assert_int_equal(
        http_testing_ask(f->t, AK_CUSTOMER, "GET", "/identity/v3/users", f->admin, NULL)->status,
        401);
    assert_int_equal(
        http_testing_ask(f->t, AK_CUSTOMER, "POST", "/identity/v3/users", f->user, "{}")->status,
        405);
    assert_int_equal(login_on(f, AK_CUSTOMER, "alpha", PASSWORD, NULL)->status, 201);
    assert_ok(ak_config_set(f->t->config, "identity_admin_on_customer_listener", "yes", &f->err),
              &f->err);
    assert_int_equal(login_on(f, AK_CUSTOMER, "admin", PASSWORD, NULL)->status, 201);
}

static void customers_cannot_lock_the_administrator_out(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 10; i++) {
        assert_int_equal(login_on(f, AK_CUSTOMER, "admin", "wrong password", NULL)->status, 401);
    }
    assert_int_equal(login(f, "admin", PASSWORD)->status, 201);
}

static void a_project_without_a_role_cannot_be_entered(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR beta = ak_xasprintf("{\"project\":{\"id\":\"%s\"}}", f->beta);

    assert_int_equal(login_on(f, AK_CUSTOMER, "alpha", PASSWORD, beta)->status, 401);
    assert_int_equal(login_on(f, AK_CUSTOMER, "alpha", PASSWORD,
                              "{\"project\":{\"name\":\"nope\",\"domain\":{\"id\":\"default\"}}}")
                         ->status,
                     401);
    assert_int_equal(
        login_on(f, AK_CUSTOMER, "alpha", PASSWORD, "{\"system\":{\"all\":true}}")->status, 401);
    assert_int_equal(
        login_on(f, AK_CUSTOMER, "alpha", PASSWORD, "{\"domain\":{\"id\":\"default\"}}")->status,
        401);
    assert_int_equal(login_on(f, AK_CUSTOMER, "alpha", PASSWORD,
                              "{\"project\":{\"name\":\"alpha\",\"domain\":{\"name\":"
                              "\"Default\"}}}")
                         ->status,
                     201);
}

/* Creates an object and copies its id. */
static void create(struct fixture *f, const char *path, const char *body, const char *id_path,
                   char id[AK_UUID_TEXT])
{
    const struct http_answer *a = ask(f, "POST", path, f->admin, body);

    if (a->status != 201) {
        fail_msg("%s: %d %s", path, a->status, a->body);
    }
    ak_str_copy(id, AK_UUID_TEXT, http_answer_text(a, id_path));
}

static void role_id(struct fixture *f, const char *name, char id[AK_UUID_TEXT])
{
    AK_AUTO_STR path = ak_xasprintf("/identity/v3/roles?name=%s", name);
    const struct http_answer *a = ask(f, "GET", path, f->admin, NULL);

    assert_int_equal(a->status, 200);
    ak_str_copy(id, AK_UUID_TEXT, http_answer_text(a, "roles/0/id"));
    assert_null(http_answer_at(a, "roles/1"));
}

static void taking_the_role_away_ends_the_right_and_the_token(void **state)
{
    struct fixture *f = *state;
    char user[AK_UUID_TEXT], role[AK_UUID_TEXT], token[64];
    AK_AUTO_STR path = NULL;

    both_log_in(f);
    create(f, "/identity/v3/users",
           "{\"user\":{\"name\":\"gamma\",\"password\":\"" PASSWORD "\",\"email\":null}}",
           "user/id", user);
    role_id(f, "member", role);
    path = ak_xasprintf("/identity/v3/projects/%s/users/%s/roles/%s", f->alpha, user, role);
    assert_int_equal(status(f, "HEAD", path, f->admin, NULL), 404);
    assert_int_equal(status(f, "PUT", path, f->admin, NULL), 204);
    assert_int_equal(status(f, "PUT", path, f->admin, NULL), 204);
    assert_int_equal(status(f, "HEAD", path, f->admin, NULL), 204);
    {
        AK_AUTO_STR scope = ak_xasprintf("{\"project\":{\"id\":\"%s\"}}", f->alpha);

        token_of(login_on(f, AK_CUSTOMER, "gamma", PASSWORD, scope), token);
    }
    assert_int_equal(status(f, "GET", "/identity/v3/auth/catalog", token, NULL), 200);
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 204);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/catalog", token, NULL), 401);
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 404);
}

static void disabling_user_project_or_domain_ends_tokens_for_good(void **state)
{
    struct fixture *f = *state;
    char domain[AK_UUID_TEXT], user[AK_UUID_TEXT], token[64];
    AK_AUTO_STR project = ak_xasprintf("/identity/v3/projects/%s", f->alpha);
    AK_AUTO_STR body = NULL;
    AK_AUTO_STR path = NULL;

    both_log_in(f);
    assert_int_equal(status(f, "PATCH", project, f->admin, "{\"project\":{\"enabled\":false}}"),
                     200);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", f->user, NULL), 401);
    assert_int_equal(status(f, "PATCH", project, f->admin, "{\"project\":{\"enabled\":true}}"),
                     200);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", f->user, NULL), 401);

    create(f, "/identity/v3/domains", "{\"domain\":{\"name\":\"other\"}}", "domain/id", domain);
    body = ak_xasprintf(
        "{\"user\":{\"name\":\"u\",\"password\":\"" PASSWORD "\",\"domain_id\":\"%s\"}}", domain);
    create(f, "/identity/v3/users", body, "user/id", user);
    free(body);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{"
                        "\"user\":{\"id\":\"%s\",\"password\":\"" PASSWORD "\"}}}}}",
                        user);
    token_of(ask(f, "POST", "/identity/v3/auth/tokens", NULL, body), token);
    path = ak_xasprintf("/identity/v3/domains/%s", domain);
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 403);
    assert_int_equal(status(f, "PATCH", path, f->admin, "{\"domain\":{\"enabled\":false}}"), 200);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", token, NULL), 401);
    assert_int_equal(status(f, "POST", "/identity/v3/auth/tokens", NULL, body), 401);
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 409);
}

static void what_the_cloud_needs_cannot_be_removed(void **state)
{
    struct fixture *f = *state;
    char role[AK_UUID_TEXT];
    AK_AUTO_STR path = NULL;
    const struct http_answer *a = NULL;

    both_log_in(f);
    role_id(f, "admin", role);
    path = ak_xasprintf("/identity/v3/roles/%s", role);
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 403);
    assert_int_equal(status(f, "PATCH", "/identity/v3/domains/default", f->admin,
                            "{\"domain\":{\"enabled\":false}}"),
                     403);
    assert_int_equal(status(f, "DELETE", "/identity/v3/domains/default", f->admin, NULL), 403);
    a = ask(f, "GET", "/identity/v3/projects?name=admin", f->admin, NULL);
    free(path);
    path = ak_xasprintf("/identity/v3/projects/%s", http_answer_text(a, "projects/0/id"));
    assert_int_equal(status(f, "DELETE", path, f->admin, NULL), 403);
}

static void customers_see_themselves_and_nobody_else(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR other = NULL;
    AK_AUTO_STR own = NULL;
    const struct http_answer *a = NULL;

    both_log_in(f);
    a = ask(f, "GET", "/identity/v3/users?name=beta", f->admin, NULL);
    other = ak_xasprintf("/identity/v3/users/%s", http_answer_text(a, "users/0/id"));
    a = ask(f, "GET", "/identity/v3/users?name=alpha", f->admin, NULL);
    own = ak_xasprintf("/identity/v3/users/%s", http_answer_text(a, "users/0/id"));
    assert_int_equal(status(f, "GET", "/identity/v3/users", f->user, NULL), 403);
    assert_int_equal(status(f, "GET", other, f->user, NULL), 404);
    a = ask(f, "GET", own, f->user, NULL);
    assert_int_equal(a->status, 200);
    assert_null(http_answer_at(a, "user/password_hash"));
    assert_null(http_answer_at(a, "user/password"));
    free(other);
    other = ak_xasprintf("/identity/v3/projects/%s", f->beta);
    assert_int_equal(status(f, "GET", other, f->user, NULL), 404);
    a = ask(f, "GET", "/identity/v3/role_assignments?include_names", f->user, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "role_assignments/0/user/name"), "alpha");
    assert_null(http_answer_at(a, "role_assignments/1"));
    assert_int_equal(status(f, "GET", "/identity/v3/domains/default", f->user, NULL), 200);
    a = ask(f, "GET", "/identity/v3/auth/projects", f->user, NULL);
    assert_string_equal(http_answer_text(a, "projects/0/name"), "alpha");
    assert_null(http_answer_at(a, "projects/1"));
}

static void only_the_administrator_changes_identity(void **state)
{
    struct fixture *f = *state;

    both_log_in(f);
    assert_int_equal(
        status(f, "POST", "/identity/v3/projects", f->user, "{\"project\":{\"name\":\"x\"}}"), 403);
    assert_int_equal(
        status(f, "POST", "/identity/v3/projects", NULL, "{\"project\":{\"name\":\"x\"}}"), 401);
    assert_int_equal(
        status(f, "POST", "/identity/v3/projects", f->admin, "{\"project\":{\"name\":\"x\"}}"),
        201);
    assert_int_equal(
        status(f, "POST", "/identity/v3/projects", f->admin, "{\"project\":{\"name\":\"x\"}}"),
        409);
}

static void effective_assignments_list_what_roles_imply(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    both_log_in(f);
    a = ask(f, "GET", "/identity/v3/role_assignments?effective=True&include_names=True", f->admin,
            NULL);
    assert_int_equal(a->status, 200);
    /* admin: 4, alpha: member and reader, beta: reader */
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 7);
    a = ask(f, "GET", "/identity/v3/role_assignments?group.id=x", f->admin, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 0);
}

static void own_password_changes_end_sessions_and_are_not_reused(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = login(f, "alpha", PASSWORD);
    AK_AUTO_STR path =
        ak_xasprintf("/identity/v3/users/%s/password", http_answer_text(a, "token/user/id"));

    token_of(a, f->user);
    assert_int_equal(status(f, "POST", path, NULL,
                            "{\"user\":{\"password\":\"another one\",\"original_password\":"
                            "\"wrong\"}}"),
                     401);
    assert_int_equal(status(f, "POST", path, f->user,
                            "{\"user\":{\"password\":\"short\",\"original_password\":\"" PASSWORD
                            "\"}}"),
                     400);
    assert_int_equal(status(f, "POST", path, f->user,
                            "{\"user\":{\"password\":\"another one\",\"original_password\":"
                            "\"" PASSWORD "\"}}"),
                     204);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", f->user, NULL), 401);
    assert_int_equal(login(f, "alpha", PASSWORD)->status, 401);
    assert_int_equal(login(f, "alpha", "another one")->status, 201);
    assert_int_equal(status(f, "POST", path, NULL,
                            "{\"user\":{\"password\":\"another one\",\"original_password\":"
                            "\"another one\"}}"),
                     400);
    assert_int_equal(status(f, "POST", path, NULL,
                            "{\"user\":{\"password\":\"" PASSWORD
                            "\",\"original_password\":\"another one\"}}"),
                     400);
}

static void passwords_expire_where_the_setting_says_so(void **state)
{
    struct fixture *f = *state;
    char user[AK_UUID_TEXT];

    both_log_in(f);
    assert_ok(ak_config_set(f->t->config, "identity_password_days", "90", &f->err), &f->err);
    create(f, "/identity/v3/users", "{\"user\":{\"name\":\"aged\",\"password\":\"" PASSWORD "\"}}",
           "user/id", user);
    assert_int_equal(login(f, "aged", PASSWORD)->status, 201);
    ak_time_shift(91 * AK_DAY);
    assert_int_equal(login(f, "aged", PASSWORD)->status, 401);
    assert_int_equal(login(f, "alpha", PASSWORD)->status, 201);
}

static void application_credentials_carry_chosen_roles_of_their_project(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = login(f, "alpha", PASSWORD);
    AK_AUTO_STR path = ak_xasprintf("/identity/v3/users/%s/application_credentials",
                                    http_answer_text(a, "token/user/id"));
    AK_AUTO_STR body = NULL;
    char token[64];

    token_of(a, f->user);
    assert_int_equal(status(f, "POST", path, f->user,
                            "{\"application_credential\":{\"name\":\"x\",\"roles\":[{\"name\":"
                            "\"admin\"}]}}"),
                     400);
    a = ask(f, "POST", path, f->user,
            "{\"application_credential\":{\"name\":\"c\",\"roles\":[{\"name\":\"reader\"}]}}");
    assert_int_equal(a->status, 201);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                        "\"application_credential\":{\"id\":\"%s\",\"secret\":\"%s\"}}}}",
                        http_answer_text(a, "application_credential/id"),
                        http_answer_text(a, "application_credential/secret"));
    a = ask(f, "POST", "/identity/v3/auth/tokens", NULL, body);
    token_of(a, token);
    assert_string_equal(http_answer_text(a, "token/project/id"), f->alpha);
    assert_string_equal(http_answer_text(a, "token/roles/0/name"), "reader");
    assert_null(http_answer_at(a, "token/roles/1"));
    assert_int_equal(
        status(f, "POST", path, token, "{\"application_credential\":{\"name\":\"d\"}}"), 403);
    a = ask(f, "GET", path, f->user, NULL);
    assert_null(http_answer_at(a, "application_credentials/0/secret"));
    assert_string_equal(http_answer_text(a, "application_credentials/0/roles/0/name"), "reader");
    free(body);
    body = ak_xasprintf("%s/%s", path, http_answer_text(a, "application_credentials/0/id"));
    assert_int_equal(status(f, "DELETE", body, f->user, NULL), 204);
    assert_int_equal(status(f, "GET", "/identity/v3/auth/projects", token, NULL), 401);
}

static void lists_filter_page_and_link(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    AK_AUTO_STR next = NULL;
    size_t seen = 0;

    both_log_in(f);
    a = ask(f, "GET", "/identity/v3/projects?limit=2", f->admin, NULL);
    while (true) {
        assert_int_equal(a->status, 200);
        seen += json_array_size(http_answer_at(a, "projects"));
        if (!http_answer_text(a, "links/next")) {
            break;
        }
        free(next);
        next = ak_xstrdup(http_answer_text(a, "links/next"));
        a = ask(f, "GET", next + strlen("https://cloud.test"), f->admin, NULL);
    }
    assert_int_equal(seen, 3);
    a = ask(f, "GET", "/identity/v3/projects?name=alpha&domain_id=default&is_domain=false",
            f->admin, NULL);
    assert_string_equal(http_answer_text(a, "projects/0/id"), f->alpha);
    assert_null(http_answer_at(a, "projects/1"));
    a = ask(f, "GET", "/identity/v3/groups", f->user, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "groups")), 0);
}

static void the_catalog_lists_are_consistent(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    AK_AUTO_STR path = NULL;

    both_log_in(f);
    a = ask(f, "GET", "/identity/v3/services?type=identity", f->user, NULL);
    path = ak_xasprintf("/identity/v3/endpoints?service_id=%s&interface=public",
                        http_answer_text(a, "services/0/id"));
    a = ask(f, "GET", path, f->user, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "endpoints")), 1);
    assert_string_equal(http_answer_text(a, "endpoints/0/region"), "RegionOne");
    assert_int_equal(status(f, "GET", "/identity/v3/services/none", f->user, NULL), 404);
    assert_int_equal(status(f, "GET", "/identity/v3/regions/RegionOne", f->user, NULL), 200);
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
    token_of(login(f, "alpha", PASSWORD), f->user);
    assert_int_equal(status(f, "GET", "/identity/v3/users", f->user, NULL), 403);
}

static void bootstrap_again_keeps_the_password_and_adds_nothing(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    assert_ok(identity_bootstrap(f->t->store, "some other password", &f->err), &f->err);
    token_of(login(f, "admin", PASSWORD), f->admin);
    a = ask(f, "GET", "/identity/v3/role_assignments", f->admin, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 3);
    assert_ok(identity_user_set_password(f->t->store, "default", "admin", "new password", &f->err),
              &f->err);
    assert_int_equal(login(f, "admin", PASSWORD)->status, 401);
    assert_int_equal(login(f, "admin", "new password")->status, 201);
    assert_fails(identity_user_set_password(f->t->store, "default", "no one", PASSWORD, &f->err),
                 AK_OBJECT_NOT_FOUND);
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
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"alpha\",\"password\":\"x\"}}}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"]},\"scope\":{\"a\":1}}}",
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"]},\"scope\":{}}}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(bad); i++) {
        const struct http_answer *a = ask(f, "POST", "/identity/v3/auth/tokens", NULL, bad[i]);

        if (a->status != 400 || !http_answer_text(a, "error/message")) {
            fail_msg("%s: %d %s", bad[i], a->status, a->body);
        }
    }
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, identity_sql_all, &f->err), &f->err);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
        TEST(a_right_password_forgives_the_wrong_ones_before),
        cmocka_unit_test(many_failures_of_one_source_must_wait),
        TEST(the_administrator_is_unknown_on_the_customer_listener),
        TEST(customers_cannot_lock_the_administrator_out),
        TEST(a_project_without_a_role_cannot_be_entered),
        TEST(taking_the_role_away_ends_the_right_and_the_token),
        TEST(disabling_user_project_or_domain_ends_tokens_for_good),
        TEST(what_the_cloud_needs_cannot_be_removed),
        TEST(customers_see_themselves_and_nobody_else),
        TEST(only_the_administrator_changes_identity),
        TEST(effective_assignments_list_what_roles_imply),
        TEST(own_password_changes_end_sessions_and_are_not_reused),
        TEST(passwords_expire_where_the_setting_says_so),
        TEST(application_credentials_carry_chosen_roles_of_their_project),
        TEST(lists_filter_page_and_link),
        TEST(the_catalog_lists_are_consistent),
        cmocka_unit_test(every_policy_of_a_route_has_a_row_and_every_row_a_name_once),
        cmocka_unit_test(a_policy_that_is_not_listed_is_denied_even_to_the_administrator),
        TEST(the_admin_role_elsewhere_is_no_administrator),
        TEST(bootstrap_again_keeps_the_password_and_adds_nothing),
        TEST(bodies_are_checked),
        TEST(every_statement_prepares),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
