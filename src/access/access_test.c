/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of access through a real server, on SQLite and PostgreSQL. The people: admin, and the
 * operators mori and sato, who belong to the provider; alpha and beta, customers. */
#include "access/access_internal.h"

#include "base/test.h"
#include "http/http_testing.h"
#include "mail/mail.h"
#include "store/store_testing.h"

extern const struct ak_sql *const access_sql_all[];

#define PASSWORD "correct horse"
#define HERE     "X-Forwarded-For: 192.0.2.7\r\n"
#define THERE    "X-Forwarded-For: 203.0.113.9\r\n"

/* A route that shows content, as compute and image do. */
static int content_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    (void)reply;
    return rc < 0 ? rc : access_content_check(req, tx, req->params[0], req->params[1], err);
}

static const struct ak_route content_routes[] = {
    {"GET", "/{project_id}/{server_id}", content_handler, .policy = "compute:console:output",
     .spec = "test", .summary = "content of a server"},
};
static const struct ak_domain content_domain = {.name = "content",
                                                .root = "/content",
                                                .dialect = AK_DIALECT_OWN,
                                                .routes = content_routes,
                                                .n_routes = AK_N(content_routes)};
static const struct ak_domain *const domains[] = {&identity_domain, &identity_service_domain,
                                                  &access_domain, &content_domain, NULL};

struct fixture {
    struct http_testing *t;
    struct ak_error err;
    char alpha[AK_UUID_TEXT], beta[AK_UUID_TEXT], provider[AK_UUID_TEXT];
    char admin_token[64], mori[64], sato[64], alpha_token[64], beta_token[64];
};

static const struct http_answer *log_in(struct fixture *f, enum ak_listener listener,
                                        const char *name, const char *project, const char *from)
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"" PASSWORD
        "\"}}},\"scope\":{\"project\":{\"name\":\"%s\",\"domain\":{\"id\":\"default\"}}}}}",
        name, project);

    return http_testing_send(f->t, listener, "POST", "/identity/v3/auth/tokens", NULL, from, body);
}

static void token_of(const struct http_answer *a, char token[64])
{
    if (a->status != 201) {
        fail_msg("login: %d %s", a->status, a->body);
    }
    assert_true(http_answer_header(a, "X-Subject-Token", token, 64));
}

static void make(struct fixture *f, struct ak_store *store, const char *project, const char *user,
                 const char *role, char id[AK_UUID_TEXT])
{
    assert_ok(identity_project_ensure(store, "default", project, id, &f->err), &f->err);
    assert_ok(identity_user_ensure(store, "default", user, PASSWORD, id, role, &f->err), &f->err);
}

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_store *store = store_testing_open();

    *state = f;
    assert_ok(identity_bootstrap(store, PASSWORD, &f->err), &f->err);
    make(f, store, "alpha", "alpha", "manager", f->alpha);
    make(f, store, "beta", "beta", "manager", f->beta);
    make(f, store, "admin", "mori", "operator", f->provider);
    make(f, store, "admin", "sato", "privileged", f->provider);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){identity_authenticate, access_authorise, access_enter},
        store);
    (void)ak_config_set(f->t->config, "identity_staff_mfa_required", "no", &f->err);
    (void)ak_config_set(f->t->config, "access_approver_days", "0", &f->err);
    token_of(log_in(f, AK_MANAGEMENT, "admin", "admin", NULL), f->admin_token);
    token_of(log_in(f, AK_MANAGEMENT, "mori", "admin", NULL), f->mori);
    token_of(log_in(f, AK_MANAGEMENT, "sato", "admin", NULL), f->sato);
    token_of(log_in(f, AK_CUSTOMER, "alpha", "alpha", NULL), f->alpha_token);
    token_of(log_in(f, AK_CUSTOMER, "beta", "beta", NULL), f->beta_token);
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

/* A request whose status must be as told; the answer. */
static const struct http_answer *expect(struct fixture *f, int status, enum ak_listener listener,
                                        const char *method, const char *path, const char *token,
                                        const char *from, const char *body)
{
    const struct http_answer *a =
        http_testing_send(f->t, listener, method, path, token, from, body);

    if (a->status != status) {
        fail_msg("%s %s: %d, not %d: %s", method, path, a->status, status, a->body);
    }
    return a;
}

static void the_allow_list_holds_at_login_and_for_tokens_there_are(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR path = ak_xasprintf("/service/v1/allow-list/%s", f->alpha);
    const struct http_answer *a =
        expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/allow-list", f->alpha_token, THERE, NULL);

    assert_true(json_is_true(http_answer_at(a, "allow_list/anywhere")));
    (void)expect(f, 404, AK_CUSTOMER, "PUT", path, f->alpha_token, NULL,
                 "{\"allow_list\":{\"anywhere\":true}}");
    (void)expect(f, 400, AK_MANAGEMENT, "PUT", path, f->mori, NULL,
                 "{\"allow_list\":{\"cidrs\":[\"192.0.2.0/33\"]}}");
    (void)expect(f, 400, AK_MANAGEMENT, "PUT", path, f->mori, NULL, "{\"allow_list\":{}}");
    a = expect(f, 200, AK_MANAGEMENT, "PUT", path, f->mori, NULL,
               "{\"allow_list\":{\"cidrs\":[\"192.0.2.7/24\",\"2001:db8::/32\"]}}");
    assert_string_equal(http_answer_text(a, "allow_list/cidrs/0"), "192.0.2.0/24");
    (void)expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/allow-list", f->alpha_token, HERE, NULL);
    a = expect(f, 403, AK_CUSTOMER, "GET", "/service/v1/allow-list", f->alpha_token, THERE, NULL);
    assert_non_null(strstr(a->body, "source-refused"));
    assert_int_equal(log_in(f, AK_CUSTOMER, "alpha", "alpha", THERE)->status, 403);
    assert_int_equal(log_in(f, AK_CUSTOMER, "alpha", "alpha", HERE)->status, 201);
    assert_int_equal(log_in(f, AK_CUSTOMER, "beta", "beta", THERE)->status, 201);
    (void)expect(f, 200, AK_MANAGEMENT, "PUT", path, f->mori, NULL,
                 "{\"allow_list\":{\"anywhere\":true}}");
    (void)expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/allow-list", f->alpha_token, THERE, NULL);
}

static void a_tied_project_sees_consoles_from_the_area_only(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR ties = ak_xasprintf("/service/v1/project-areas/%s", f->alpha);
    AK_AUTO_STR content = ak_xasprintf("/content/%s/s", f->alpha);
    const struct http_answer *a = NULL;
    AK_AUTO_STR area = NULL;

    (void)expect(f, 200, AK_CUSTOMER, "GET", content, f->alpha_token, THERE, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL,
                 "{\"area\":{\"slug\":\"work-room\",\"name_ja\":\"作業室\",\"name_en\":\"Work "
                 "room\"}}");
    a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/areas", f->sato, NULL,
               "{\"area\":{\"slug\":\"work-room\",\"name_ja\":\"作業室\",\"name_en\":\"Work "
               "room\",\"cidrs\":[\"192.0.2.0/24\"]}}");
    area = ak_xasprintf("/service/v1/areas/%s", http_answer_text(a, "area/id"));
    (void)expect(f, 404, AK_MANAGEMENT, "PUT", ties, f->sato, NULL,
                 "{\"project_areas\":{\"console\":[\"nowhere\"]}}");
    (void)expect(f, 200, AK_MANAGEMENT, "PUT", ties, f->sato, NULL,
                 "{\"project_areas\":{\"console\":[\"work-room\"],\"guides\":[\"work-room\"]}}");
    (void)expect(f, 200, AK_CUSTOMER, "GET", content, f->alpha_token, HERE, NULL);
    a = expect(f, 403, AK_CUSTOMER, "GET", content, f->alpha_token, THERE, NULL);
    assert_non_null(strstr(a->body, "Work room"));
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/areas", f->alpha_token, THERE, NULL);
    assert_string_equal(http_answer_text(a, "areas/0/used_for/1"), "guides");
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/areas", f->beta_token, THERE, NULL);
    assert_null(http_answer_at(a, "areas/0"));
    (void)expect(f, 409, AK_MANAGEMENT, "DELETE", area, f->sato, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "PATCH", area, f->sato, NULL,
                 "{\"area\":{\"cidrs\":[\"203.0.113.0/24\"]}}");
    (void)expect(f, 200, AK_CUSTOMER, "GET", content, f->alpha_token, THERE, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "PUT", ties, f->sato, NULL,
                 "{\"project_areas\":{\"console\":[],\"guides\":[]}}");
    (void)expect(f, 200, AK_CUSTOMER, "GET", content, f->alpha_token, HERE, NULL);
    (void)expect(f, 204, AK_MANAGEMENT, "DELETE", area, f->sato, NULL, NULL);
}

static void a_class_may_name_an_area_that_is_not_there_yet_and_closes_it(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR content = ak_xasprintf("/content/%s/s", f->alpha);
    static const char *const slugs[] = {"closed-network", NULL};
    struct ak_arena *arena = ak_arena_new();

    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
        assert_ok(access_project_areas_set(tx, arena, f->alpha, "console", slugs, &f->err),
                  &f->err);
        assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    }
    ak_arena_free(arena);
    (void)expect(f, 403, AK_CUSTOMER, "GET", content, f->alpha_token, HERE, NULL);
}

/* Asks for the role privileged for mori; the path of the new privilege. */
static char *ask_privilege(struct fixture *f)
{
    const struct http_answer *a = expect(
        f, 201, AK_MANAGEMENT, "POST", "/service/v1/privileges", f->mori, NULL,
        "{\"privilege\":{\"role\":\"privileged\",\"reason\":\"host 3 の交換\",\"hours\":2}}");

    return ak_xasprintf("/service/v1/privileges/%s", http_answer_text(a, "privilege/id"));
}

static void a_privilege_needs_another_person_and_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR path = ask_privilege(f);
    AK_AUTO_STR approve = ak_xasprintf("%s/approve", path);
    const char *area = "{\"area\":{\"slug\":\"a\",\"name_ja\":\"a\",\"name_en\":\"a\"}}";
    const struct http_answer *a = NULL;

    (void)expect(f, 403, AK_MANAGEMENT, "POST", approve, f->mori, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL, area);
    a = expect(f, 200, AK_MANAGEMENT, "POST", approve, f->sato, NULL,
               "{\"decision\":{\"comment\":\"可\"}}");
    assert_string_equal(http_answer_text(a, "privilege/state"), "active");
    assert_string_equal(http_answer_text(a, "privilege/approved_by"), "sato");
    (void)expect(f, 409, AK_MANAGEMENT, "POST", approve, f->sato, NULL, NULL);
    (void)expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL, area);
    ak_time_shift(2 * AK_HOUR - AK_MIN);
    a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL,
               "{\"area\":{\"slug\":\"b\",\"name_ja\":\"b\",\"name_en\":\"b\"}}");
    ak_time_shift(2 * AK_HOUR + AK_SEC);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL, area);
    a = expect(f, 200, AK_MANAGEMENT, "GET", "/service/v1/privileges", f->mori, NULL, NULL);
    assert_string_equal(http_answer_text(a, "privileges/0/state"), "expired");
}

static void a_revoked_privilege_is_gone_at_once(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR path = ask_privilege(f);
    AK_AUTO_STR approve = ak_xasprintf("%s/approve", path);
    AK_AUTO_STR revoke = ak_xasprintf("%s/revoke", path);
    AK_AUTO_STR refuse = ak_xasprintf("%s/refuse", path);

    (void)expect(f, 409, AK_MANAGEMENT, "POST", revoke, f->sato, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, f->sato, NULL, NULL);
    (void)expect(f, 409, AK_MANAGEMENT, "POST", refuse, f->sato, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "POST", revoke, f->sato, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/service/v1/areas", f->mori, NULL,
                 "{\"area\":{\"slug\":\"a\",\"name_ja\":\"a\",\"name_en\":\"a\"}}");
    (void)expect(f, 404, AK_CUSTOMER, "GET", "/service/v1/privileges", f->alpha_token, NULL, NULL);
}

static char *ask_glass(struct fixture *f, const char *server)
{
    AK_AUTO_STR body =
        ak_xasprintf("{\"break_glass\":{\"project_id\":\"%s\",\"server_id\":%s,"
                     "\"reason\":\"障害調査\",\"ticket\":\"I-2026-0001\",\"hours\":1}}",
                     f->alpha, server);
    const struct http_answer *a =
        expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/break-glass", f->mori, NULL, body);

    return ak_xasprintf("/service/v1/break-glass/%s", http_answer_text(a, "break_glass/id"));
}

/* A search does not tell, letter by letter, what its results leave out: where operators sit. */
static void a_search_of_events_finds_what_is_shown_only(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR body = ak_xasprintf(
        "{\"break_glass\":{\"project_id\":\"%s\",\"reason\":\"test\",\"hours\":1}}", f->alpha);
    AK_AUTO_STR more = NULL;
    const struct http_answer *a = NULL;

    for (int i = 0; i < 3; i++) {
        (void)expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/break-glass", f->mori,
                     "X-Forwarded-For: 198.51.100.7\r\n", body);
    }
    a = expect(f, 200, AK_MANAGEMENT, "GET", "/service/v1/events?q=198.51.100.7", f->mori, NULL,
               NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "events")), 3);
    for (int limit = 1; limit < 4; limit++) {
        AK_AUTO_STR path = ak_xasprintf("/service/v1/events?q=198.51&limit=%d", limit);

        a = expect(f, 200, AK_CUSTOMER, "GET", path, f->alpha_token, NULL, NULL);
        assert_int_equal(json_array_size(http_answer_at(a, "events")), 0);
        assert_null(http_answer_at(a, "next"));
    }
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/events?q=MORI&limit=2", f->alpha_token,
               NULL, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "events")), 2);
    more = ak_xasprintf("/service/v1/events?q=mori&limit=2&marker=%s", http_answer_text(a, "next"));
    a = expect(f, 200, AK_CUSTOMER, "GET", more, f->alpha_token, NULL, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "events")), 1);
    assert_null(http_answer_at(a, "next"));
}

static void operators_are_blind_until_the_customer_consents(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR seen = ak_xasprintf("/content/%s/s1", f->alpha);
    AK_AUTO_STR other = ak_xasprintf("/content/%s/s2", f->alpha);
    AK_AUTO_STR path = NULL;
    AK_AUTO_STR consent = NULL;
    AK_AUTO_STR revoke = NULL;
    const struct http_answer *a = NULL;

    (void)expect(f, 200, AK_CUSTOMER, "GET", seen, f->alpha_token, NULL, NULL);
    (void)expect(f, 403, AK_CUSTOMER, "GET", seen, f->beta_token, NULL, NULL);
    a = expect(f, 403, AK_MANAGEMENT, "GET", seen, f->admin_token, NULL, NULL);
    assert_non_null(strstr(a->body, "operator-blind"));
    path = ask_glass(f, "\"s1\"");
    consent = ak_xasprintf("%s/consent", path);
    revoke = ak_xasprintf("%s/revoke", path);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
    (void)expect(f, 404, AK_CUSTOMER, "GET", path, f->beta_token, NULL, NULL);
    (void)expect(f, 404, AK_CUSTOMER, "POST", consent, f->beta_token, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", consent, f->sato, NULL, NULL);
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/break-glass", f->alpha_token, NULL, NULL);
    assert_string_equal(http_answer_text(a, "break_glass/0/reason"), "障害調査");
    ak_time_shift(AK_HOUR); /* a session that was stolen since does not let anybody in */
    a = expect(f, 403, AK_CUSTOMER, "POST", consent, f->alpha_token, NULL, NULL);
    assert_non_null(strstr(a->body, "proof-needed"));
    ak_time_shift(0);
    a = expect(f, 200, AK_CUSTOMER, "POST", consent, f->alpha_token, NULL, NULL);
    assert_string_equal(http_answer_text(a, "break_glass/state"), "active");
    (void)expect(f, 200, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", other, f->mori, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", seen, f->sato, NULL, NULL);
    (void)expect(f, 200, AK_CUSTOMER, "POST", revoke, f->alpha_token, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/events?q=break_glass", f->alpha_token, NULL,
               NULL);
    assert_string_equal(http_answer_text(a, "events/0/action"), "access.break_glass.revoke");
    assert_string_equal(http_answer_text(a, "events/3/actor_kind"), "operator");
}

static void two_approvers_open_it_too_and_it_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR seen = ak_xasprintf("/content/%s/s1", f->alpha);
    AK_AUTO_STR path = ask_glass(f, "null");
    AK_AUTO_STR approve = ak_xasprintf("%s/approve", path);
    const struct http_answer *a = NULL;

    (void)expect(f, 403, AK_MANAGEMENT, "POST", approve, f->mori, NULL, NULL);
    a = expect(f, 200, AK_MANAGEMENT, "POST", approve, f->sato, NULL, NULL);
    assert_string_equal(http_answer_text(a, "break_glass/state"), "requested");
    (void)expect(f, 409, AK_MANAGEMENT, "POST", approve, f->sato, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, f->admin_token, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
    ak_time_shift(AK_HOUR);
    (void)expect(f, 403, AK_MANAGEMENT, "GET", seen, f->mori, NULL, NULL);
}

/* Somebody of the staff whom 'maker' makes and gives a role; his token. */
static void employ(struct fixture *f, const char *name, const char *maker, char token[64])
{
    AK_AUTO_STR body = ak_xasprintf("{\"user\":{\"name\":\"%s\",\"password\":\"" PASSWORD
                                    "\",\"domain_id\":\"default\"}}",
                                    name);
    const struct http_answer *a =
        expect(f, 201, AK_MANAGEMENT, "POST", "/identity/v3/users", maker, NULL, body);
    AK_AUTO_STR id = ak_xstrdup(http_answer_text(a, "user/id"));
    AK_AUTO_STR path = NULL;

    a = expect(f, 200, AK_MANAGEMENT, "GET", "/identity/v3/roles?name=operator", maker, NULL, NULL);
    path = ak_xasprintf("/identity/v3/projects/%s/users/%s/roles/%s", f->provider, id,
                        http_answer_text(a, "roles/0/id"));
    (void)expect(f, 204, AK_MANAGEMENT, "PUT", path, maker, NULL, NULL);
    token_of(log_in(f, AK_MANAGEMENT, name, "admin", NULL), token);
}

static void nobody_approves_for_whoever_made_his_account_nor_while_it_is_new(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR body = ak_xasprintf(
        "{\"break_glass\":{\"project_id\":\"%s\",\"reason\":\"test\",\"hours\":1}}", f->alpha);
    AK_AUTO_STR admins = NULL;
    AK_AUTO_STR creatures = NULL;
    AK_AUTO_STR moris = NULL;
    AK_AUTO_STR approve = NULL;
    char kato[64];
    const struct http_answer *a = NULL;

    a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/break-glass", f->admin_token, NULL,
               body);
    admins =
        ak_xasprintf("/service/v1/break-glass/%s/approve", http_answer_text(a, "break_glass/id"));
    employ(f, "kato", f->admin_token, kato);
    a = expect(f, 403, AK_MANAGEMENT, "POST", admins, kato, NULL, NULL);
    assert_non_null(strstr(a->body, "approver-dependent"));
    (void)expect(f, 200, AK_MANAGEMENT, "POST", admins, f->sato, NULL, NULL);
    /* nor does the maker for what he has made */
    a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/break-glass", kato, NULL, body);
    creatures =
        ak_xasprintf("/service/v1/break-glass/%s/approve", http_answer_text(a, "break_glass/id"));
    (void)expect(f, 403, AK_MANAGEMENT, "POST", creatures, f->admin_token, NULL, NULL);
    /* for another: once others had the time to see that there is such an account */
    (void)ak_config_set(f->t->config, "access_approver_days", "3", &f->err);
    moris = ask_glass(f, "null");
    approve = ak_xasprintf("%s/approve", moris);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", approve, kato, NULL, NULL);
    ak_time_shift(3 * AK_DAY + AK_MIN);
    token_of(log_in(f, AK_MANAGEMENT, "kato", "admin", NULL), kato);
    token_of(log_in(f, AK_MANAGEMENT, "admin", "admin", NULL), f->admin_token);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", admins, kato, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, kato, NULL, NULL);
    (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, f->admin_token, NULL, NULL);
}

static void a_review_takes_away_what_shall_not_stay(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR path = NULL;
    AK_AUTO_STR close = NULL;
    AK_AUTO_JSON items = NULL;
    const struct http_answer *a = NULL;

    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/service/v1/access-reviews", f->mori, NULL,
                 "{\"access_review\":{\"title\":\"上期\"}}");
    a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/access-reviews", f->admin_token, NULL,
               "{\"access_review\":{\"title\":\"上期\"}}");
    path = ak_xasprintf("/service/v1/access-reviews/%s", http_answer_text(a, "access_review/id"));
    close = ak_xasprintf("%s/close", path);
    items = json_deep_copy(http_answer_at(a, "access_review/items"));
    assert_int_equal(json_array_size(items), 5); /* admin mori sato, alpha beta */
    a = expect(f, 200, AK_CUSTOMER, "GET", path, f->alpha_token, NULL, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "access_review/items")), 1);
    assert_string_equal(http_answer_text(a, "access_review/items/0/user_name"), "alpha");
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/access-reviews", f->alpha_token, NULL,
               NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "access_reviews/0/undecided")), 1);
    (void)expect(f, 404, AK_CUSTOMER, "POST", close, f->alpha_token, NULL, NULL);
    (void)expect(f, 409, AK_MANAGEMENT, "POST", close, f->admin_token, NULL, NULL);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *user = json_string_value(json_object_get(item, "user_name"));
        bool own = strcmp(user, "admin") == 0;
        AK_AUTO_STR at =
            ak_xasprintf("%s/items/%s", path, json_string_value(json_object_get(item, "id")));

        (void)expect(f, own ? 403 : 200, AK_MANAGEMENT, "PUT", at, f->admin_token, NULL,
                     strcmp(user, "mori") == 0 ? "{\"item\":{\"decision\":\"remove\"}}"
                                               : "{\"item\":{\"decision\":\"keep\"}}");
    }
    a = expect(f, 409, AK_MANAGEMENT, "POST", close, f->admin_token, NULL, NULL);
    assert_non_null(strstr(a->body, "access-undecided"));
    assert_int_equal(log_in(f, AK_MANAGEMENT, "mori", "admin", NULL)->status, 201);
    assert_ok(identity_user_ensure(f->t->store, "default", "kato", PASSWORD, f->provider, "officer",
                                   &f->err),
              &f->err);
    {
        char kato[64];

        token_of(log_in(f, AK_MANAGEMENT, "kato", "admin", NULL), kato);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *item = json_array_get(items, i);
            AK_AUTO_STR at =
                ak_xasprintf("%s/items/%s", path, json_string_value(json_object_get(item, "id")));

            if (strcmp(json_string_value(json_object_get(item, "user_name")), "admin") == 0) {
                (void)expect(f, 200, AK_MANAGEMENT, "PUT", at, kato, NULL,
                             "{\"item\":{\"decision\":\"keep\"}}");
            }
        }
        a = expect(f, 200, AK_MANAGEMENT, "POST", close, kato, NULL, NULL);
    }
    assert_string_equal(http_answer_text(a, "access_review/closed_by"), "kato");
    (void)expect(f, 401, AK_MANAGEMENT, "GET", path, f->mori, NULL, NULL);
    (void)expect(f, 409, AK_MANAGEMENT, "POST", close, f->admin_token, NULL, NULL);
}

static void customers_see_their_own_events_and_jobs_only(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR list = ak_xasprintf("/service/v1/allow-list/%s", f->alpha);
    AK_AUTO_STR by_project = ak_xasprintf("/service/v1/events?project_id=%s", f->alpha);
    const struct http_answer *a = NULL;
    AK_AUTO_STR next = NULL;

    (void)expect(f, 200, AK_MANAGEMENT, "PUT", list, f->mori, NULL,
                 "{\"allow_list\":{\"cidrs\":[\"0.0.0.0/0\",\"::/0\"]}}");
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/events?action=access.", f->alpha_token,
               HERE, NULL);
    assert_string_equal(http_answer_text(a, "events/0/action"), "access.sources.update");
    assert_string_equal(http_answer_text(a, "events/0/actor_name"), "mori");
    assert_true(json_is_null(http_answer_at(a, "events/0/source"))); /* where operators sit */
    a = expect(f, 200, AK_MANAGEMENT, "GET", "/service/v1/events?action=access.sources", f->mori,
               NULL, NULL);
    assert_true(json_is_string(http_answer_at(a, "events/0/source")));
    a = expect(f, 200, AK_CUSTOMER, "GET", by_project, f->beta_token, NULL, NULL);
    for (size_t i = 0; i < json_array_size(http_answer_at(a, "events")); i++) {
        assert_string_not_equal(json_string_value(json_object_get(
                                    json_array_get(http_answer_at(a, "events"), i), "project_id")),
                                f->alpha);
    }
    a = expect(f, 200, AK_MANAGEMENT, "GET", "/service/v1/events?limit=2", f->mori, NULL, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "events")), 2);
    next = ak_xasprintf("/service/v1/events?limit=2&marker=%s", http_answer_text(a, "next"));
    a = expect(f, 200, AK_MANAGEMENT, "GET", next, f->mori, NULL, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "events")), 2);
    (void)expect(f, 400, AK_MANAGEMENT, "GET", "/service/v1/events?limit=0", f->mori, NULL, NULL);
    (void)expect(f, 400, AK_MANAGEMENT, "GET", "/service/v1/events?from=never", f->mori, NULL,
                 NULL);
    (void)expect(f, 400, AK_MANAGEMENT, "GET", "/service/v1/events?x=1", f->mori, NULL, NULL);
    a = expect(f, 200, AK_CUSTOMER, "GET", "/service/v1/jobs", f->alpha_token, HERE, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "jobs")), 0);
}

/* A contract's customer with its master tanaka. */
static struct identity_tenant_ids make_customer(struct fixture *f, struct ak_arena *arena)
{
    const struct identity_tenant tenant = {.name = "K-2026-0001",
                                           .description = "customer",
                                           .user_name = "tanaka",
                                           .email = "tanaka@example.jp",
                                           .role = "manager",
                                           .language = "ja"};
    struct identity_tenant_ids ids = {0};
    struct identity_initial initial;
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(identity_initial_make(&initial, &f->err), &f->err);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(identity_tenant_create(tx, arena, f->t->config, &tenant, &initial, &ids, &f->err),
              &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    return ids;
}

static int64_t count_mails(struct fixture *f, struct ak_arena *arena, const char *template)
{
    struct ak_query query = {.limit = 100};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;

    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(ak_mail_list(tx, arena, &query, &list, &f->err), &f->err);
    for (size_t i = 0; i < list.n; i++) {
        n += ak_streq(((const struct ak_mail_row *)list.items)[i].template, template);
    }
    return n;
}

/* Neither a password nor a role nor another's mail address: not even the installation's admin. */
static void nobody_of_the_provider_takes_a_customers_place_without_break_glass(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const struct identity_tenant_ids ids = make_customer(f, arena);
    AK_AUTO_STR user = ak_xasprintf("/identity/v3/users/%s", ids.user_id);
    AK_AUTO_STR reset = ak_xasprintf("/service/v1/accounts/%s/reset-password", ids.user_id);
    AK_AUTO_STR factors = ak_xasprintf("/service/v1/accounts/%s/reset-factors", ids.user_id);
    AK_AUTO_STR new_user =
        ak_xasprintf("{\"user\":{\"name\":\"ghost\",\"domain_id\":\"%s\"}}", ids.domain_id);
    const struct http_answer *a = expect(
        f, 200, AK_MANAGEMENT, "GET", "/identity/v3/roles?name=member", f->admin_token, NULL, NULL);
    AK_AUTO_STR role = ak_xstrdup(http_answer_text(a, "roles/0/id"));
    AK_AUTO_STR admin = NULL;
    AK_AUTO_STR on_project = NULL;
    AK_AUTO_STR on_domain = NULL;
    const char *const refused[] = {
        "{\"user\":{\"password\":\"plum rabbit ink\"}}", "{\"user\":{\"email\":\"x@example.jp\"}}",
        "{\"user\":{\"name\":\"x\"}}",
        "{\"user\":{\"options\":{\"ignore_lockout_failure_attempts\":true}}}"};

    a = expect(f, 200, AK_MANAGEMENT, "GET", "/identity/v3/users?name=admin", f->admin_token, NULL,
               NULL);
    admin = ak_xstrdup(http_answer_text(a, "users/0/id"));
    on_project =
        ak_xasprintf("/identity/v3/projects/%s/users/%s/roles/%s", ids.project_id, admin, role);
    on_domain =
        ak_xasprintf("/identity/v3/domains/%s/users/%s/roles/%s", ids.domain_id, admin, role);
    for (size_t i = 0; i < AK_N(refused); i++) {
        a = expect(f, 403, AK_MANAGEMENT, "PATCH", user, f->admin_token, NULL, refused[i]);
        assert_non_null(strstr(a->body, "reak-glass"));
    }
    (void)expect(f, 403, AK_MANAGEMENT, "POST", "/identity/v3/users", f->admin_token, NULL,
                 new_user);
    (void)expect(f, 403, AK_MANAGEMENT, "PUT", on_project, f->admin_token, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "PUT", on_domain, f->admin_token, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", reset, f->admin_token, NULL, NULL);
    (void)expect(f, 403, AK_MANAGEMENT, "POST", factors, f->admin_token, NULL, NULL);
    /* Shutting an account is no way in. */
    (void)expect(f, 200, AK_MANAGEMENT, "PATCH", user, f->admin_token, NULL,
                 "{\"user\":{\"enabled\":false}}");
    (void)expect(f, 200, AK_MANAGEMENT, "PATCH", user, f->admin_token, NULL,
                 "{\"user\":{\"enabled\":true}}");
    /* People of no contract are as OpenStack's. */
    a = expect(f, 200, AK_MANAGEMENT, "GET", "/identity/v3/users?name=beta", f->admin_token, NULL,
               NULL);
    {
        AK_AUTO_STR beta = ak_xasprintf("/identity/v3/users/%s", http_answer_text(a, "users/0/id"));

        (void)expect(f, 200, AK_MANAGEMENT, "PATCH", beta, f->admin_token, NULL, refused[0]);
    }
    assert_int_equal(count_mails(f, arena, "account-password"), 0);
}

static void under_break_glass_the_customer_is_told_of_what_happens_to_its_accounts(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const struct identity_tenant_ids ids = make_customer(f, arena);
    AK_AUTO_STR user = ak_xasprintf("/identity/v3/users/%s", ids.user_id);
    AK_AUTO_STR reset = ak_xasprintf("/service/v1/accounts/%s/reset-password", ids.user_id);
    AK_AUTO_STR factors = ak_xasprintf("/service/v1/accounts/%s/reset-factors", ids.user_id);
    AK_AUTO_STR events = ak_xasprintf("/service/v1/events?project_id=%s", ids.project_id);
    AK_AUTO_STR body = ak_xasprintf("{\"break_glass\":{\"project_id\":\"%s\",\"server_id\":null,"
                                    "\"reason\":\"鍵の紛失\",\"hours\":1}}",
                                    ids.project_id);
    static const char password[] = "{\"user\":{\"password\":\"plum rabbit ink\"}}";
    const struct http_answer *a = expect(f, 201, AK_MANAGEMENT, "POST", "/service/v1/break-glass",
                                         f->admin_token, NULL, body);
    AK_AUTO_STR approve =
        ak_xasprintf("/service/v1/break-glass/%s/approve", http_answer_text(a, "break_glass/id"));

    assert_ok(identity_user_ensure(f->t->store, "default", "kato", PASSWORD, f->provider, "officer",
                                   &f->err),
              &f->err);
    {
        char kato[64];

        token_of(log_in(f, AK_MANAGEMENT, "kato", "admin", NULL), kato);
        (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, f->sato, NULL, NULL);
        (void)expect(f, 403, AK_MANAGEMENT, "POST", reset, f->admin_token, NULL, NULL);
        (void)expect(f, 200, AK_MANAGEMENT, "POST", approve, kato, NULL, NULL);
    }
    a = expect(f, 200, AK_MANAGEMENT, "POST", reset, f->admin_token, NULL, NULL);
    assert_non_null(http_answer_text(a, "account/initial_password"));
    assert_int_equal(count_mails(f, arena, "account-password"), 1);
    a = expect(f, 200, AK_MANAGEMENT, "GET", events, f->admin_token, NULL, NULL);
    assert_string_equal(http_answer_text(a, "events/0/action"), "identity.account.password");
    (void)expect(f, 204, AK_MANAGEMENT, "POST", factors, f->admin_token, NULL, NULL);
    assert_int_equal(count_mails(f, arena, "account-factors"), 1);
    (void)expect(f, 200, AK_MANAGEMENT, "PATCH", user, f->admin_token, NULL, password);
    assert_int_equal(count_mails(f, arena, "account-password"), 2);
    a = expect(f, 200, AK_MANAGEMENT, "GET", events, f->admin_token, NULL, NULL);
    assert_string_equal(http_answer_text(a, "events/0/action"), "identity.user.update");
    /* It is the leave of one person, and it ends. */
    (void)expect(f, 403, AK_MANAGEMENT, "POST", reset, f->sato, NULL, NULL);
    ak_time_shift(AK_HOUR + AK_SEC);
    (void)expect(f, 403, AK_MANAGEMENT, "PATCH", user, f->admin_token, NULL, password);
}

/* Root on the host may do it, and not unseen. */
static void a_password_set_on_the_host_is_told_to_the_customer(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const struct identity_tenant_ids ids = make_customer(f, arena);
    AK_AUTO_STR events = ak_xasprintf("/service/v1/events?project_id=%s", ids.project_id);
    const struct http_answer *a = NULL;

    assert_ok(identity_user_set_password(f->t->store, ids.domain_id, "tanaka", "plum rabbit ink",
                                         &f->err),
              &f->err);
    assert_int_equal(count_mails(f, arena, "account-password"), 1);
    a = expect(f, 200, AK_MANAGEMENT, "GET", events, f->admin_token, NULL, NULL);
    assert_string_equal(http_answer_text(a, "events/0/action"), "identity.user.password");
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, access_sql_all, &f->err), &f->err);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_allow_list_holds_at_login_and_for_tokens_there_are),
        T(a_tied_project_sees_consoles_from_the_area_only),
        T(a_class_may_name_an_area_that_is_not_there_yet_and_closes_it),
        T(a_privilege_needs_another_person_and_ends_by_itself),
        T(a_revoked_privilege_is_gone_at_once),
        T(a_search_of_events_finds_what_is_shown_only),
        T(operators_are_blind_until_the_customer_consents),
        T(two_approvers_open_it_too_and_it_ends_by_itself),
        T(nobody_approves_for_whoever_made_his_account_nor_while_it_is_new),
        T(a_review_takes_away_what_shall_not_stay),
        T(customers_see_their_own_events_and_jobs_only),
        T(nobody_of_the_provider_takes_a_customers_place_without_break_glass),
        T(under_break_glass_the_customer_is_told_of_what_happens_to_its_accounts),
        T(a_password_set_on_the_host_is_told_to_the_customer),
        T(every_statement_prepares),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
