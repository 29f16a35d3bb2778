/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of domains, projects, users, roles, assignments, application credentials and the
 * catalog, through the server as a client sees it. */
#include "identity/identity_testing.h"

#include <stdio.h>

extern const struct ak_sql *const identity_sql_all[], *const identity_access_sql_all[];

/* Creates an object and copies its id. */
static void create(struct fixture *f, const char *path, const char *body, const char *id_path,
                   char id[AK_UUID_TEXT])
{
    const struct http_answer *a = identity_test_ask(f, "POST", path, f->admin, body);

    if (a->status != 201) {
        fail_msg("%s: %d %s", path, a->status, a->body);
    }
    ak_str_copy(id, AK_UUID_TEXT, http_answer_text(a, id_path));
}

static void role_id(struct fixture *f, const char *name, char id[AK_UUID_TEXT])
{
    AK_AUTO_STR path = ak_xasprintf("/identity/v3/roles?name=%s", name);
    const struct http_answer *a = identity_test_ask(f, "GET", path, f->admin, NULL);

    assert_int_equal(a->status, 200);
    ak_str_copy(id, AK_UUID_TEXT, http_answer_text(a, "roles/0/id"));
    assert_null(http_answer_at(a, "roles/1"));
}

static void taking_the_role_away_ends_the_right_and_the_token(void **state)
{
    struct fixture *f = *state;
    char user[AK_UUID_TEXT], role[AK_UUID_TEXT], token[64];
    AK_AUTO_STR path = NULL;

    identity_test_both_log_in(f);
    create(f, "/identity/v3/users",
           "{\"user\":{\"name\":\"gamma\",\"password\":\"" PASSWORD "\",\"email\":null}}",
           "user/id", user);
    role_id(f, "member", role);
    path = ak_xasprintf("/identity/v3/projects/%s/users/%s/roles/%s", f->alpha, user, role);
    assert_int_equal(identity_test_status(f, "HEAD", path, f->admin, NULL), 404);
    assert_int_equal(identity_test_status(f, "PUT", path, f->admin, NULL), 204);
    assert_int_equal(identity_test_status(f, "PUT", path, f->admin, NULL), 204);
    assert_int_equal(identity_test_status(f, "HEAD", path, f->admin, NULL), 204);
    {
        AK_AUTO_STR scope = ak_xasprintf("{\"project\":{\"id\":\"%s\"}}", f->alpha);

        identity_test_token_of(identity_test_login_on(f, AK_CUSTOMER, "gamma", PASSWORD, scope),
                               token);
    }
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/catalog", token, NULL), 200);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 204);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/catalog", token, NULL), 401);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 404);
}

static void disabling_user_project_or_domain_ends_tokens_for_good(void **state)
{
    struct fixture *f = *state;
    char domain[AK_UUID_TEXT], user[AK_UUID_TEXT], token[64];
    AK_AUTO_STR project = ak_xasprintf("/identity/v3/projects/%s", f->alpha);
    AK_AUTO_STR body = NULL;
    AK_AUTO_STR path = NULL;

    identity_test_both_log_in(f);
    assert_int_equal(
        identity_test_status(f, "PATCH", project, f->admin, "{\"project\":{\"enabled\":false}}"),
        200);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);
    assert_int_equal(
        identity_test_status(f, "PATCH", project, f->admin, "{\"project\":{\"enabled\":true}}"),
        200);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);

    create(f, "/identity/v3/domains", "{\"domain\":{\"name\":\"other\"}}", "domain/id", domain);
    body = ak_xasprintf(
        "{\"user\":{\"name\":\"u\",\"password\":\"" PASSWORD "\",\"domain_id\":\"%s\"}}", domain);
    create(f, "/identity/v3/users", body, "user/id", user);
    free(body);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{"
                        "\"user\":{\"id\":\"%s\",\"password\":\"" PASSWORD "\"}}}}}",
                        user);
    identity_test_token_of(identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, body),
                           token);
    path = ak_xasprintf("/identity/v3/domains/%s", domain);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 403);
    assert_int_equal(
        identity_test_status(f, "PATCH", path, f->admin, "{\"domain\":{\"enabled\":false}}"), 200);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", token, NULL),
                     401);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/auth/tokens", NULL, body), 401);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 409);
}

/* A user with a custom role in a project of a domain, all made for one case. */
struct made {
    char name[32], user[AK_UUID_TEXT], project[AK_UUID_TEXT], domain[AK_UUID_TEXT];
    char role[AK_UUID_TEXT], manager[AK_UUID_TEXT], token[64];
};

/* 'text' with {n} {u} {p} {d} {r} {m} filled in; the caller frees. */
static char *filled(const char *text, const struct made *m)
{
    AK_AUTO_BUF out;

    ak_buf_init(&out, 4096);
    for (; *text; text++) {
        if (text[0] == '{' && text[1] && text[2] == '}') {
            ak_buf_str(&out, text[1] == 'n'   ? m->name
                             : text[1] == 'u' ? m->user
                             : text[1] == 'p' ? m->project
                             : text[1] == 'd' ? m->domain
                             : text[1] == 'r' ? m->role
                                              : m->manager);
            text += 2;
        } else {
            ak_buf_char(&out, *text);
        }
    }
    return ak_xstrdup(out.data);
}

static void make(struct fixture *f, size_t number, struct made *m)
{
    const struct {
        const char *path, *body, *id_path;
        char *id;
    } objects[] = {
        {"/identity/v3/domains", "{\"domain\":{\"name\":\"{n}\"}}", "domain/id", m->domain},
        {"/identity/v3/projects", "{\"project\":{\"name\":\"{n}\",\"domain_id\":\"{d}\"}}",
         "project/id", m->project},
        {"/identity/v3/roles", "{\"role\":{\"name\":\"{n}\"}}", "role/id", m->role},
        {"/identity/v3/users",
         "{\"user\":{\"name\":\"{n}\",\"domain_id\":\"{d}\",\"password\":\"" PASSWORD
         "\",\"default_project_id\":\"{p}\"}}",
         "user/id", m->user},
    };
    AK_AUTO_STR grant = NULL;
    AK_AUTO_STR login = NULL;

    *m = (struct made){0};
    (void)snprintf(m->name, sizeof(m->name), "case-%zu", number);
    for (size_t i = 0; i < AK_N(objects); i++) {
        AK_AUTO_STR body = filled(objects[i].body, m);

        create(f, objects[i].path, body, objects[i].id_path, objects[i].id);
    }
    role_id(f, "manager", m->manager);
    grant = filled("/identity/v3/projects/{p}/users/{u}/roles/{r}", m);
    assert_int_equal(identity_test_status(f, "PUT", grant, f->admin, NULL), 204);
    login = filled("{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{"
                   "\"id\":\"{u}\",\"password\":\"" PASSWORD "\"}}}}}",
                   m);
    identity_test_token_of(identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, login),
                           m->token);
}

static const struct http_answer *show_own(struct fixture *f, const char *token)
{
    AK_AUTO_STR header = ak_xasprintf("X-Subject-Token: %s\r\n", token);

    return http_testing_send(f->t, AK_CUSTOMER, "GET", "/identity/v3/auth/tokens", token, header,
                             NULL);
}

static void nothing_that_is_remembered_of_a_token_outlives_its_change(void **state)
{
    /* What is done, and what the token is after it. */
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *shows; /* a text in the answer, or NULL */
    } changes[] = {
        {"PATCH", "/identity/v3/users/{u}", "{\"user\":{\"name\":\"renamed\"}}", 200, "renamed"},
        {"PATCH", "/identity/v3/projects/{p}", "{\"project\":{\"name\":\"moved\"}}", 200, "moved"},
        {"PATCH", "/identity/v3/domains/{d}", "{\"domain\":{\"name\":\"dom2\"}}", 200, "dom2"},
        {"PATCH", "/identity/v3/roles/{r}", "{\"role\":{\"name\":\"role2\"}}", 200, "role2"},
        {"PUT", "/identity/v3/projects/{p}/users/{u}/roles/{m}", NULL, 200, "\"manager\""},
        {"DELETE", "/identity/v3/projects/{p}/users/{u}/roles/{r}", NULL, 401, NULL},
        {"PATCH", "/identity/v3/users/{u}", "{\"user\":{\"enabled\":false}}", 401, NULL},
        {"PATCH", "/identity/v3/users/{u}", "{\"user\":{\"password\":\"quite another\"}}", 401,
         NULL},
        {"PATCH", "/identity/v3/projects/{p}", "{\"project\":{\"enabled\":false}}", 401, NULL},
        {"PATCH", "/identity/v3/domains/{d}", "{\"domain\":{\"enabled\":false}}", 401, NULL},
        {"DELETE", "/identity/v3/users/{u}", NULL, 401, NULL},
        {"DELETE", "/identity/v3/projects/{p}", NULL, 401, NULL},
        {"DELETE", "/identity/v3/roles/{r}", NULL, 401, NULL},
    };
    struct fixture *f = *state;

    identity_test_both_log_in(f);
    for (size_t i = 0; i < AK_N(changes); i++) {
        const struct http_answer *a = NULL;
        AK_AUTO_STR path = NULL;
        struct made m;

        make(f, i, &m);
        path = filled(changes[i].path, &m);
        for (int again = 0; again < 3; again++) {
            a = show_own(f, m.token);
            assert_int_equal(a->status, 200);
            assert_string_equal(http_answer_text(a, "token/project/name"), m.name);
        }
        a = identity_test_ask(f, changes[i].method, path, f->admin, changes[i].body);
        assert_in_range(a->status, 200, 204);
        a = show_own(f, m.token);
        if (a->status != changes[i].status ||
            (changes[i].shows && !strstr(a->body, changes[i].shows))) {
            fail_msg("after %s %s: %d %s", changes[i].method, path, a->status, a->body);
        }
    }
}

static void what_the_cloud_needs_cannot_be_removed(void **state)
{
    struct fixture *f = *state;
    char role[AK_UUID_TEXT];
    AK_AUTO_STR path = NULL;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    role_id(f, "admin", role);
    path = ak_xasprintf("/identity/v3/roles/%s", role);
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 403);
    assert_int_equal(identity_test_status(f, "PATCH", "/identity/v3/domains/default", f->admin,
                                          "{\"domain\":{\"enabled\":false}}"),
                     403);
    assert_int_equal(
        identity_test_status(f, "DELETE", "/identity/v3/domains/default", f->admin, NULL), 403);
    a = identity_test_ask(f, "GET", "/identity/v3/projects?name=admin", f->admin, NULL);
    free(path);
    path = ak_xasprintf("/identity/v3/projects/%s", http_answer_text(a, "projects/0/id"));
    assert_int_equal(identity_test_status(f, "DELETE", path, f->admin, NULL), 403);
}

static void customers_see_themselves_and_nobody_else(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR other = NULL;
    AK_AUTO_STR own = NULL;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET", "/identity/v3/users?name=beta", f->admin, NULL);
    other = ak_xasprintf("/identity/v3/users/%s", http_answer_text(a, "users/0/id"));
    a = identity_test_ask(f, "GET", "/identity/v3/users?name=alpha", f->admin, NULL);
    own = ak_xasprintf("/identity/v3/users/%s", http_answer_text(a, "users/0/id"));
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/users", f->user, NULL), 403);
    assert_int_equal(identity_test_status(f, "GET", other, f->user, NULL), 404);
    a = identity_test_ask(f, "GET", own, f->user, NULL);
    assert_int_equal(a->status, 200);
    assert_null(http_answer_at(a, "user/password_hash"));
    assert_null(http_answer_at(a, "user/password"));
    free(other);
    other = ak_xasprintf("/identity/v3/projects/%s", f->beta);
    assert_int_equal(identity_test_status(f, "GET", other, f->user, NULL), 404);
    a = identity_test_ask(f, "GET", "/identity/v3/role_assignments?include_names", f->user, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "role_assignments/0/user/name"), "alpha");
    assert_null(http_answer_at(a, "role_assignments/1"));
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/domains/default", f->user, NULL),
                     200);
    a = identity_test_ask(f, "GET", "/identity/v3/auth/projects", f->user, NULL);
    assert_string_equal(http_answer_text(a, "projects/0/name"), "alpha");
    assert_null(http_answer_at(a, "projects/1"));
}

static void only_the_administrator_changes_identity(void **state)
{
    struct fixture *f = *state;

    identity_test_both_log_in(f);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/projects", f->user,
                                          "{\"project\":{\"name\":\"x\"}}"),
                     403);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/projects", NULL,
                                          "{\"project\":{\"name\":\"x\"}}"),
                     401);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/projects", f->admin,
                                          "{\"project\":{\"name\":\"x\"}}"),
                     201);
    assert_int_equal(identity_test_status(f, "POST", "/identity/v3/projects", f->admin,
                                          "{\"project\":{\"name\":\"x\"}}"),
                     409);
}

static void effective_assignments_list_what_roles_imply(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET",
                          "/identity/v3/role_assignments?effective=True&include_names=True",
                          f->admin, NULL);
    assert_int_equal(a->status, 200);
    /* admin: 4, alpha: member and reader, beta: reader */
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 7);
    a = identity_test_ask(f, "GET", "/identity/v3/role_assignments?group.id=x", f->admin, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 0);
}

static void own_password_changes_end_sessions_and_are_not_reused(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_login(f, "alpha", PASSWORD);
    AK_AUTO_STR path =
        ak_xasprintf("/identity/v3/users/%s/password", http_answer_text(a, "token/user/id"));

    identity_test_token_of(a, f->user);
    assert_int_equal(
        identity_test_status(f, "POST", path, NULL,
                             "{\"user\":{\"password\":\"another one\",\"original_password\":"
                             "\"wrong\"}}"),
        401);
    assert_int_equal(
        identity_test_status(f, "POST", path, f->user,
                             "{\"user\":{\"password\":\"short\",\"original_password\":\"" PASSWORD
                             "\"}}"),
        400);
    assert_int_equal(
        identity_test_status(f, "POST", path, f->user,
                             "{\"user\":{\"password\":\"another one\",\"original_password\":"
                             "\"" PASSWORD "\"}}"),
        204);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", f->user, NULL),
                     401);
    assert_int_equal(identity_test_login(f, "alpha", PASSWORD)->status, 401);
    assert_int_equal(identity_test_login(f, "alpha", "another one")->status, 201);
    assert_int_equal(
        identity_test_status(f, "POST", path, NULL,
                             "{\"user\":{\"password\":\"another one\",\"original_password\":"
                             "\"another one\"}}"),
        400);
    assert_int_equal(identity_test_status(f, "POST", path, NULL,
                                          "{\"user\":{\"password\":\"" PASSWORD
                                          "\",\"original_password\":\"another one\"}}"),
                     400);
}

static void passwords_expire_where_the_setting_says_so(void **state)
{
    struct fixture *f = *state;
    char user[AK_UUID_TEXT];

    identity_test_both_log_in(f);
    assert_ok(ak_config_set(f->t->config, "identity_password_days", "90", &f->err), &f->err);
    create(f, "/identity/v3/users", "{\"user\":{\"name\":\"aged\",\"password\":\"" PASSWORD "\"}}",
           "user/id", user);
    assert_int_equal(identity_test_login(f, "aged", PASSWORD)->status, 201);
    ak_time_shift(91 * AK_DAY);
    assert_int_equal(identity_test_login(f, "aged", PASSWORD)->status, 401);
    assert_int_equal(identity_test_login(f, "alpha", PASSWORD)->status, 201);
}

static void application_credentials_carry_chosen_roles_of_their_project(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = identity_test_login(f, "alpha", PASSWORD);
    AK_AUTO_STR path = ak_xasprintf("/identity/v3/users/%s/application_credentials",
                                    http_answer_text(a, "token/user/id"));
    AK_AUTO_STR body = NULL;
    char token[64];

    identity_test_token_of(a, f->user);
    assert_int_equal(
        identity_test_status(f, "POST", path, f->user,
                             "{\"application_credential\":{\"name\":\"x\",\"roles\":[{\"name\":"
                             "\"admin\"}]}}"),
        400);
    a = identity_test_ask(
        f, "POST", path, f->user,
        "{\"application_credential\":{\"name\":\"c\",\"roles\":[{\"name\":\"reader\"}]}}");
    assert_int_equal(a->status, 201);
    body = ak_xasprintf("{\"auth\":{\"identity\":{\"methods\":[\"application_credential\"],"
                        "\"application_credential\":{\"id\":\"%s\",\"secret\":\"%s\"}}}}",
                        http_answer_text(a, "application_credential/id"),
                        http_answer_text(a, "application_credential/secret"));
    a = identity_test_ask(f, "POST", "/identity/v3/auth/tokens", NULL, body);
    identity_test_token_of(a, token);
    assert_string_equal(http_answer_text(a, "token/project/id"), f->alpha);
    assert_string_equal(http_answer_text(a, "token/roles/0/name"), "reader");
    assert_null(http_answer_at(a, "token/roles/1"));
    assert_int_equal(identity_test_status(f, "POST", path, token,
                                          "{\"application_credential\":{\"name\":\"d\"}}"),
                     403);
    a = identity_test_ask(f, "GET", path, f->user, NULL);
    assert_null(http_answer_at(a, "application_credentials/0/secret"));
    assert_string_equal(http_answer_text(a, "application_credentials/0/roles/0/name"), "reader");
    free(body);
    body = ak_xasprintf("%s/%s", path, http_answer_text(a, "application_credentials/0/id"));
    assert_int_equal(identity_test_status(f, "DELETE", body, f->user, NULL), 204);
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/auth/projects", token, NULL),
                     401);
}

static void lists_filter_page_and_link(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    AK_AUTO_STR next = NULL;
    size_t seen = 0;

    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET", "/identity/v3/projects?limit=2", f->admin, NULL);
    while (true) {
        assert_int_equal(a->status, 200);
        seen += json_array_size(http_answer_at(a, "projects"));
        if (!http_answer_text(a, "links/next")) {
            break;
        }
        free(next);
        next = ak_xstrdup(http_answer_text(a, "links/next"));
        a = identity_test_ask(f, "GET", next + strlen("https://cloud.test"), f->admin, NULL);
    }
    assert_int_equal(seen, 3);
    a = identity_test_ask(f, "GET",
                          "/identity/v3/projects?name=alpha&domain_id=default&is_domain=false",
                          f->admin, NULL);
    assert_string_equal(http_answer_text(a, "projects/0/id"), f->alpha);
    assert_null(http_answer_at(a, "projects/1"));
    a = identity_test_ask(f, "GET", "/identity/v3/groups", f->user, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "groups")), 0);
}

static void the_catalog_lists_are_consistent(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    AK_AUTO_STR path = NULL;

    identity_test_both_log_in(f);
    a = identity_test_ask(f, "GET", "/identity/v3/services?type=identity", f->user, NULL);
    path = ak_xasprintf("/identity/v3/endpoints?service_id=%s&interface=public",
                        http_answer_text(a, "services/0/id"));
    a = identity_test_ask(f, "GET", path, f->user, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "endpoints")), 1);
    assert_string_equal(http_answer_text(a, "endpoints/0/region"), "RegionOne");
    assert_int_equal(identity_test_status(f, "GET", "/identity/v3/services/none", f->user, NULL),
                     404);
    assert_int_equal(
        identity_test_status(f, "GET", "/identity/v3/regions/RegionOne", f->user, NULL), 200);
}

static void bootstrap_again_keeps_the_password_and_adds_nothing(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    assert_ok(identity_bootstrap(f->t->store, "some other password", &f->err), &f->err);
    identity_test_token_of(identity_test_login(f, "admin", PASSWORD), f->admin);
    a = identity_test_ask(f, "GET", "/identity/v3/role_assignments", f->admin, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "role_assignments")), 3);
    assert_ok(identity_user_set_password(f->t->store, "default", "admin", "new password", &f->err),
              &f->err);
    assert_int_equal(identity_test_login(f, "admin", PASSWORD)->status, 401);
    assert_int_equal(identity_test_login(f, "admin", "new password")->status, 201);
    assert_fails(identity_user_set_password(f->t->store, "default", "no one", PASSWORD, &f->err),
                 AK_OBJECT_NOT_FOUND);
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, identity_sql_all, &f->err), &f->err);
    assert_ok(ak_sql_prepare_all(f->t->store, identity_access_sql_all, &f->err), &f->err);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(taking_the_role_away_ends_the_right_and_the_token),
        TEST(disabling_user_project_or_domain_ends_tokens_for_good),
        TEST(nothing_that_is_remembered_of_a_token_outlives_its_change),
        TEST(what_the_cloud_needs_cannot_be_removed),
        TEST(customers_see_themselves_and_nobody_else),
        TEST(only_the_administrator_changes_identity),
        TEST(effective_assignments_list_what_roles_imply),
        TEST(own_password_changes_end_sessions_and_are_not_reused),
        TEST(passwords_expire_where_the_setting_says_so),
        TEST(application_credentials_carry_chosen_roles_of_their_project),
        TEST(lists_filter_page_and_link),
        TEST(the_catalog_lists_are_consistent),
        TEST(bootstrap_again_keeps_the_password_and_adds_nothing),
        TEST(every_statement_prepares),
    };

    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
