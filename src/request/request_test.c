/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of requests: the tables, the calendar, names of files, and the rules on a database;
 * run once on SQLite and once on PostgreSQL. */
#include "request/request_internal.h"

#include <unistd.h>

#include "base/test.h"
#include "network/network.h"
#include "request/request_run.h"
#include "request/request_sql.h"
#include "service/service.h"
#include "store/store_testing.h"

struct fixture {
    struct ak_store *store;
    struct ak_config *config;
    struct ak_arena *arena;
    struct ak_error err;
    char alpha[AK_UUID_TEXT];
    char keys[32]; /* folder of the installation's key */
    struct request_actor member, op1, op2;
};

static struct request_actor actor(const char *id, unsigned roles, const char *project_id)
{
    static const struct ak_principal free_of_class;
    bool staff = !project_id;
    return (struct request_actor){.id = id,
                                  .name = id,
                                  .role = staff ? "operator" : "manager",
                                  .kind = staff ? "operator" : "customer",
                                  .staff = staff,
                                  .project_id = project_id,
                                  .project_name = project_id,
                                  .roles = roles,
                                  .request_id = "req-test",
                                  .principal = &free_of_class};
}

/* A user with a role; project NULL: one of the staff. Returns his id. */
static const char *person(struct fixture *f, const char *name, const char *project_id,
                          const char *role)
{
    struct ak_map users = {0};
    const char *id = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    if (!project_id) {
        char admin[AK_UUID_TEXT];
        assert_ok(identity_project_ensure(f->store, "default", "admin", admin, &f->err), &f->err);
        project_id = ak_arena_strdup(f->arena, admin);
    }
    assert_ok(identity_user_ensure(f->store, "default", name, "correct horse battery", project_id,
                                   role, &f->err),
              &f->err);
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(identity_tenant_users(tx, f->arena, "default", &users, &f->err), &f->err);
    for (size_t i = 0; i < users.n; i++) {
        id = ak_streq(users.pairs[i].value, name) ? users.pairs[i].key : id;
    }
    assert_non_null(id);
    return id;
}

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    f->store = store_testing_open();
    f->config = ak_config_new();
    f->arena = ak_arena_new();
    ak_str_copy(f->keys, sizeof(f->keys), "/tmp/akashi-request-XXXXXX");
    ak_config_add_settings(f->config, identity_domain.settings, identity_domain.n_settings);
    ak_config_add_settings(f->config, network_domain.settings, network_domain.n_settings);
    ak_config_add_settings(f->config, request_domain.settings, request_domain.n_settings);
    assert_non_null(mkdtemp(f->keys));
    assert_ok(ak_config_set(f->config, "identity_key_file",
                            ak_arena_printf(f->arena, "%s/key", f->keys), &f->err),
              &f->err);
    assert_ok(identity_key_ensure(f->config, &f->err), &f->err);
    assert_ok(identity_bootstrap(f->store, "correct horse", &f->err), &f->err);
    assert_ok(identity_project_ensure(f->store, "default", "alpha", f->alpha, &f->err), &f->err);
    f->member = actor(person(f, "member", f->alpha, "manager"),
                      AK_ROLE_READER | AK_ROLE_MEMBER | AK_ROLE_MANAGER, f->alpha);
    f->op1 = actor(person(f, "op1", NULL, "operator"), AK_ROLE_READER | AK_ROLE_OPERATOR, NULL);
    f->op2 = actor(person(f, "op2", NULL, "operator"), AK_ROLE_READER | AK_ROLE_OPERATOR, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ak_time_shift(0);
    (void)unlink(ak_config_str(f->config, "identity_key_file"));
    (void)rmdir(f->keys);
    store_testing_close(f->store);
    ak_config_free(f->config);
    ak_arena_free(f->arena);
    free(f);
    return 0;
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static void every_kind_is_told_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < request_kinds_n; i++) {
        const struct request_kind *kind = &request_kinds[i];
        assert_ptr_equal(request_kind_find(kind->kind), kind); /* no kind twice */
        assert_true(kind->title_ja && kind->title_en && kind->description_ja &&
                    kind->description_en);
        assert_true(kind->hours > 0 && kind->approvals >= 0 && kind->approvals <= 2);
        assert_true(!kind->run || kind->approvals > 0); /* nothing runs without a decision */
        assert_true(!kind->watch || kind->run);
        assert_true(!kind->prepare || kind->run);
        assert_true(!kind->run == (request_checklist_find(kind->kind) != NULL));
        assert_true(!kind->customers_only || kind->initial);
        for (size_t k = 0; k < AK_N(kind->subject) && kind->subject[k]; k++) {
            size_t at = 0;
            while (at < kind->n_fields && !ak_streq(kind->fields[at].name, kind->subject[k])) {
                at++;
            }
            assert_true(at < kind->n_fields);
        }
        assert_true(!kind->verb || identity_verb_find(kind->verb) >= 0);
        for (size_t k = 0; k < kind->n_fields; k++) {
            const struct request_field *field = &kind->fields[k];
            assert_true(field->title_ja && field->title_en);
            assert_true(!field->help_ja == !field->help_en);
            assert_true(field->type != REQUEST_CHOICE || field->choices || field->source);
            assert_true(field->type != REQUEST_INTEGER || field->max > field->min);
            for (size_t other = 0; other < k; other++) {
                assert_string_not_equal(kind->fields[other].name, field->name);
            }
        }
    }
}

static void classes_may_name_these_kinds_and_no_others(void **state)
{
    (void)state;
    assert_int_equal(service_request_kinds_n, request_kinds_n);
    for (size_t i = 0; i < request_kinds_n; i++) {
        assert_string_equal(service_request_kinds[i], request_kinds[i].kind);
    }
}

static void verbs_of_classes_name_kinds_that_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < identity_verbs_n; i++) {
        if (!request_kind_find(identity_verbs[i].request_kind)) {
            fail_msg("%s: no kind '%s'", identity_verbs[i].name, identity_verbs[i].request_kind);
        }
    }
}

static void nothing_leaves_a_final_state_and_all_others_are_left(void **state)
{
    (void)state;
    for (int from = 0; from < REQUEST_STATES; from++) {
        bool leaves = false;
        for (int verb = 0; verb < REQUEST_VERBS; verb++) {
            leaves = leaves || request_state_after((enum request_state)from,
                                                   (enum request_verb)verb) != REQUEST_STATES;
        }
        assert_int_equal(leaves, !request_state_is_final((enum request_state)from));
        assert_int_equal(request_state_parse(request_state_name((enum request_state)from)), from);
    }
    assert_int_equal(request_state_parse("flying"), REQUEST_STATES);
    assert_int_equal(request_state_after(REQUEST_STATES, REQUEST_TAKE), REQUEST_STATES);
    assert_int_equal(request_state_after(REQUEST_WAITING_CUSTOMER, REQUEST_APPROVE),
                     REQUEST_STATES);
}

/* ---- Calendar -------------------------------------------------------------------------------- */

static int64_t at(const char *tokyo)
{
    int64_t us = 0;
    assert_true(ak_time_parse(tokyo, &us));
    return us;
}

static void targets_count_business_hours_of_japan(void **state)
{
    static const struct {
        const char *from;
        int64_t hours;
        const char *due;
    } cases[] = {
        {"2026-11-18T10:00:00+09:00", 2, "2026-11-18T12:00:00+09:00"},
        {"2026-11-18T07:00:00+09:00", 9, "2026-11-18T18:00:00+09:00"},
        {"2026-11-18T17:00:00+09:00", 2, "2026-11-19T10:00:00+09:00"},
        {"2026-11-18T20:00:00+09:00", 1, "2026-11-19T10:00:00+09:00"},
        /* Friday evening, then a weekend and Labour Thanksgiving Day on Monday */
        {"2026-11-20T17:00:00+09:00", 2, "2026-11-24T10:00:00+09:00"},
        /* three days of the golden week, a substitute holiday, and a weekend */
        {"2026-05-01T18:00:00+09:00", 9, "2026-05-07T18:00:00+09:00"},
        {"2026-12-31T17:00:00+09:00", 2, "2027-01-04T10:00:00+09:00"},
    };
    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        int64_t from = at(cases[i].from), due = at(cases[i].due);
        assert_int_equal(request_calendar_add(from, cases[i].hours * AK_HOUR, true), due);
        assert_int_equal(request_calendar_between(from, due, true), cases[i].hours * AK_HOUR);
    }
    assert_int_equal(request_calendar_add(at(cases[0].from), AK_DAY, false),
                     at("2026-11-19T10:00:00+09:00"));
    assert_int_equal(request_calendar_between(at(cases[1].from), at(cases[0].from), true),
                     3600000000);
    assert_int_equal(request_calendar_between(at(cases[0].from), at(cases[1].from), true), 0);
}

static void dates_are_those_of_the_calendar(void **state)
{
    static const char *const bad[] = {"2026-02-29", "2026-04-31",  "2026-13-01",
                                      "2026-00-10", "2026-1-010",  "2026/01/01",
                                      "",           "2026-01-01 ", "２０２６"};
    int64_t day = 0;
    (void)state;
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_false(request_calendar_parse(bad[i], &day));
    }
    assert_true(request_calendar_parse("2028-02-29", &day));
    assert_true(request_calendar_parse("1970-01-01", &day));
    assert_int_equal(day, 0);
    assert_true(request_calendar_parse("2026-11-23", &day));
    assert_int_equal(day, request_calendar_day(at("2026-11-22T15:00:00Z")));
    assert_false(request_calendar_is_business_day(day));
    assert_true(request_calendar_is_business_day(day + 1));
}

/* ---- Names of files ---------------------------------------------------------------------------
 */

/* ---- Rules ----------------------------------------------------------------------------------- */

#define FIREWALL                                                                                   \
    "{\"action\":\"add\",\"group\":\"default\",\"direction\":\"ingress\",\"protocol\":\"tcp\","    \
    "\"port_min\":443,\"remote\":\"192.0.2.0/24\",\"reason\":\"web\"}"
#define REMOVE                                                                                     \
    "{\"action\":\"remove\",\"group\":\"default\",\"direction\":\"ingress\",\"protocol\":\"tcp\"," \
    "\"port_min\":443,\"remote\":\"192.0.2.0/24\",\"reason\":\"web\"}"
#define EVIDENCE                                                                                   \
    "{\"legal_basis\":\"court\",\"basis_reference\":\"1\",\"requester\":\"court\",\"scope\":"      \
    "\"logs\",\"from\":\"2026-01-01\",\"to\":\"2026-01-31\"}"

/* A call of the service in a transaction of its own. */
#define IN_TX(f, rc, call)                                                                         \
    do {                                                                                           \
        AK_AUTO(ak_tx) tx = NULL;                                                                  \
        ak_error_clear(&(f)->err);                                                                 \
        assert_ok(ak_tx_write((f)->store, &tx, &(f)->err), &(f)->err);                             \
        (rc) = (call);                                                                             \
        if ((rc) == 0) {                                                                           \
            assert_ok(ak_tx_commit(tx, &(f)->err), &(f)->err);                                     \
        }                                                                                          \
    } while (0)
#define MUST(f, call)                                                                              \
    do {                                                                                           \
        int rc__ = 0;                                                                              \
        IN_TX(f, rc__, call);                                                                      \
        assert_ok(rc__, &(f)->err);                                                                \
    } while (0)
#define MUST_FAIL(f, call, code)                                                                   \
    do {                                                                                           \
        int rc__ = 0;                                                                              \
        IN_TX(f, rc__, call);                                                                      \
        assert_int_equal(rc__, -(int)(code));                                                      \
    } while (0)

static struct request_row ask(struct fixture *f, const struct request_actor *who, const char *kind,
                              const char *fields)
{
    const struct request_body body = {
        .kind = kind, .fields = fields, .project_id = who->staff ? f->alpha : NULL};
    struct request_row row = {0};
    MUST(f, request_create(tx, f->arena, who, &body, &row, &f->err));
    return row;
}

static struct request_row seen(struct fixture *f, const char *id)
{
    struct request_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(request_load(tx, f->arena, f->alpha, id, &row, &f->err), &f->err);
    assert_ok(request_details_load(tx, f->arena, &row, &f->err), &f->err);
    return row;
}

static void four_eyes_are_two_people_and_never_the_applicant(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->op1, "evidence-disclosure", EVIDENCE);
    struct request_actor op3 = actor("op3", AK_ROLE_OPERATOR, NULL);
    MUST_FAIL(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err), AK_REQUEST_SELF);
    MUST(f, request_approve(tx, f->arena, &row, &f->op2, "yes", &f->err));
    assert_string_equal(row.state, "in_review");
    MUST_FAIL(f, request_approve(tx, f->arena, &row, &f->op2, NULL, &f->err), AK_REQUEST_DECIDED);
    MUST_FAIL(f, request_complete(tx, f->arena, &row, &f->op2, "done", &f->err),
              AK_REQUEST_UNAPPROVED);
    row = seen(f, row.id);
    MUST(f, request_approve(tx, f->arena, &row, &op3, NULL, &f->err));
    assert_string_equal(row.state, "approved");
    assert_int_equal(seen(f, row.id).approvals.n, 2);
}

static void a_corrected_form_needs_its_approvals_again(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "evidence-disclosure", EVIDENCE);
    const struct request_body other = {
        .fields = "{\"legal_basis\":\"warrant\",\"basis_reference\":\"2\",\"requester\":\"police\","
                  "\"scope\":\"all\",\"from\":\"2026-01-01\",\"to\":\"2026-01-31\"}"};
    struct request_message message;
    MUST(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err));
    MUST(f, request_say(tx, f->arena, &row, &f->op2, "Which warrant?", REQUEST_RETURN, &message,
                        &f->err));
    assert_string_equal(row.state, "waiting_customer");
    MUST_FAIL(f, request_correct(tx, f->arena, &row, &f->op2, &other, &f->err), AK_FORBIDDEN);
    MUST(f, request_correct(tx, f->arena, &row, &f->member, &other, &f->err));
    assert_string_equal(row.state, "submitted");
    assert_int_equal(row.revision, 2);
    assert_string_equal(row.title_en, "Disclosure of evidence: Warrant 2");
    MUST(f, request_approve(tx, f->arena, &row, &f->op2, NULL, &f->err));
    assert_string_equal(row.state, "in_review"); /* op1's was for another form */
    MUST(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err));
    assert_string_equal(row.state, "approved");
    MUST_FAIL(f, request_correct(tx, f->arena, &row, &f->member, &other, &f->err),
              AK_REQUEST_STATE);
    row = seen(f, row.id);
    const struct request_step *steps = row.history.items;
    assert_string_equal(steps[3].event, "correct");
    assert_non_null(strstr(steps[3].form, "court"));
    MUST(f, request_withdraw(tx, f->arena, &row, &f->member, &f->err)); /* not yet done by hand */
}

static void nobody_decides_on_what_is_about_himself(void **state)
{
    struct fixture *f = *state;
    const char *fields = ak_arena_printf(
        f->arena, "{\"user\":\"%s\",\"role\":\"manager\",\"until\":\"%s\",\"reason\":\"x\"}",
        f->op2.id, "2099-01-01");
    struct request_row row = ask(f, &f->member, "question", "{\"text\":\"?\"}");
    (void)person(f, "op2", f->alpha, "member"); /* one account on both sides */
    row.kind = "privilege-grant";
    row.fields = fields;
    row.approvals_needed = 1;
    MUST_FAIL(f, request_approve(tx, f->arena, &row, &f->op2, NULL, &f->err), AK_REQUEST_SELF);
    MUST_FAIL(f, request_refuse(tx, f->arena, &row, &f->op2, "no", &f->err), AK_REQUEST_SELF);
    row = ask(f, &f->op1, "question", "{\"text\":\"?\"}");
    row.approvals_needed = 1;
    MUST_FAIL(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err), AK_REQUEST_SELF);
}

static void titles_tell_what_it_is_about_in_both_languages(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "firewall-change", FIREWALL);
    assert_string_equal(row.title_en,
                        "Change the shared firewall: Add a permission TCP 443 192.0.2.0/24");
    assert_string_equal(row.title, "共用ファイアウォールの変更: 許可を追加 TCP 443 192.0.2.0/24");
    const char *fields =
        ak_arena_printf(f->arena, "{\"user\":\"%s\",\"reason\":\"left\"}", f->member.id);
    row = ask(f, &f->op1, "user-remove", fields);
    assert_string_equal(row.title_en, "Remove a user: member");
    assert_string_equal(row.names, "{\"user\":\"member\"}");
    const char *lines = request_words_form(f->arena, &row, true);
    assert_non_null(strstr(lines, ak_arena_printf(f->arena, "member (%s)\n", f->member.id)));
    row = ask(f, &f->member, "question",
              "{\"text\":"
              "\"あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりる"
              "れろ\\nわ\"}");
    assert_non_null(strstr(row.title, "まみむめもやゆよらり…"));
}

static void cells_of_csv_are_no_formulas(void **state)
{
    (void)state;
    AK_AUTO_BUF out = {0};
    ak_buf_init(&out, 4096);
    request_csv_cell(&out, "=HYPERLINK(\"x\")", false);
    request_csv_cell(&out, NULL, false);
    request_csv_cell(&out, "a,b\nc", true);
    assert_string_equal(out.data, "\"'=HYPERLINK(\"\"x\"\")\",\"\",\"a,b\nc\"\r\n");
    ak_buf_reset(&out);
    request_csv_cell(&out, "＝1+1", false); /* a Japanese spreadsheet takes these, too */
    request_csv_cell(&out, "＠SUM(1)", false);
    request_csv_cell(&out, "あ=1", true);
    assert_string_equal(out.data, "\"'＝1+1\",\"'＠SUM(1)\",\"あ=1\"\r\n");
}

static void those_of_the_staff_who_only_look_take_no_part(void **state)
{
    struct fixture *f = *state;
    struct request_actor auditor = actor("auditor", AK_ROLE_READER | AK_ROLE_AUDITOR, NULL);
    const struct request_body body = {.kind = "question", .project_id = f->alpha};
    struct request_row row = {0};
    MUST_FAIL(f, request_create(tx, f->arena, &auditor, &body, &row, &f->err), AK_FORBIDDEN);
}

static void of_two_decisions_on_the_same_version_one_wins(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "visit",
                                 "{\"visit_on\":\"2099-01-05\",\"visitors\":1,\"purpose\":\"a\","
                                 "\"names\":\"b\"}");
    struct request_row other = row;
    MUST(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err));
    MUST_FAIL(f, request_refuse(tx, f->arena, &other, &f->op2, "no", &f->err),
              AK_CHANGED_MEANWHILE);
    other = seen(f, row.id);
    assert_string_equal(other.state, "approved");
    assert_int_equal(other.approvals.n, 1); /* the loser's is rolled back */
    MUST_FAIL(f, request_refuse(tx, f->arena, &other, &f->op2, "no", &f->err), AK_REQUEST_STATE);
}

static void kinds_need_their_role_and_another_project_sees_nothing(void **state)
{
    struct fixture *f = *state;
    struct request_actor reader = actor("reader", AK_ROLE_READER, f->alpha);
    const struct request_body body = {.kind = "firewall-change", .fields = FIREWALL};
    const struct request_body wrong = {.kind = "question", .project_id = f->alpha};
    const struct request_body unknown = {.kind = "fly"};
    struct request_row row = {0};
    MUST_FAIL(f, request_create(tx, f->arena, &reader, &body, &row, &f->err), AK_REQUEST_ROLE);
    MUST_FAIL(f, request_create(tx, f->arena, &reader, &wrong, &row, &f->err), AK_FIELD_UNKNOWN);
    MUST_FAIL(f, request_create(tx, f->arena, &f->op1, &body, &row, &f->err), AK_FIELD_MISSING);
    MUST_FAIL(f, request_create(tx, f->arena, &reader, &unknown, &row, &f->err), AK_REQUEST_KIND);
    row = ask(f, &f->member, "firewall-change", FIREWALL);
    MUST_FAIL(f, request_load(tx, f->arena, "other", row.id, &row, &f->err), AK_OBJECT_NOT_FOUND);
}

static void run_step(struct fixture *f, const char *id, int expected)
{
    struct ak_job_run run = {.kind = &request_run_kind,
                             .id = "job",
                             .object_id = id,
                             .arena = f->arena,
                             .store = f->store,
                             .config = f->config};
    struct ak_error failure = {0};
    int rc = request_run_kind.steps[0].run(&run, &failure);
    assert_int_equal(rc, -expected);
    if (rc < 0) {
        MUST(f, request_run_kind.finish(&run, tx, &failure, &f->err));
    }
}

static size_t rules(struct fixture *f)
{
    const struct network_caller who = {.project_id = f->alpha};
    struct network_group_info *groups = NULL;
    size_t n = 0, sum = 0;
    AK_AUTO(ak_tx) tx = NULL;
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(network_groups_load(tx, f->arena, &who, NULL, &groups, &n, &f->err), &f->err);
    for (size_t i = 0; i < n; i++) {
        sum += groups[i].n_rules;
    }
    return sum;
}

static void the_work_is_done_once_however_often_the_step_runs(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "firewall-change", FIREWALL);
    MUST(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err));
    assert_string_equal(row.state, "running");
    run_step(f, row.id, 0);
    size_t after = rules(f);
    run_step(f, row.id, 0); /* as a worker that was killed before it could record the job */
    assert_int_equal(rules(f), after);
    row = seen(f, row.id);
    assert_string_equal(row.state, "done");
    assert_string_equal(row.object_type, "security-group-rule");
}

static void a_failure_is_told_and_runs_again_on_demand(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "firewall-change", REMOVE), add;
    MUST(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err));
    run_step(f, row.id, AK_OBJECT_NOT_FOUND);
    row = seen(f, row.id);
    assert_string_equal(row.state, "failed");
    assert_non_null(strstr(row.error, "object-not-found"));
    add = ask(f, &f->member, "firewall-change", FIREWALL);
    MUST(f, request_approve(tx, f->arena, &add, &f->op1, NULL, &f->err));
    run_step(f, add.id, 0);
    MUST(f, request_retry(tx, f->arena, &row, &f->op2, &f->err));
    run_step(f, row.id, 0);
    row = seen(f, row.id);
    assert_string_equal(row.state, "done");
    assert_null(row.error);
    assert_int_equal(row.attempt, 2);
}

/* Approved by op1; what happens between that and the work is the caller's. */
static struct request_row approved(struct fixture *f, const struct request_actor *who,
                                   const char *kind, const char *fields)
{
    struct request_row row = ask(f, who, kind, fields);
    MUST(f, request_approve(tx, f->arena, &row, who == &f->op1 ? &f->op2 : &f->op1, NULL, &f->err));
    assert_string_equal(row.state, "running");
    return row;
}

static void passwords_are_renewed_for_oneself_or_by_managers(void **state)
{
    struct fixture *f = *state;
    const char *other = person(f, "other", f->alpha, "member");
    struct request_actor plain = actor(other, AK_ROLE_READER | AK_ROLE_MEMBER, f->alpha);
    const struct request_body of_manager = {
        .kind = "console-password",
        .project_id = NULL,
        .fields = ak_arena_printf(f->arena, "{\"user\":\"%s\",\"reason\":\"x\"}", f->member.id)};
    const struct request_body by_staff = {
        .kind = "console-password", .project_id = f->alpha, .fields = of_manager.fields};
    struct request_row row = {0};
    MUST_FAIL(f, request_create(tx, f->arena, &plain, &of_manager, &row, &f->err), AK_REQUEST_ROLE);
    MUST_FAIL(f, request_create(tx, f->arena, &f->op1, &by_staff, &row, &f->err),
              AK_REQUEST_CUSTOMERS);
    row = approved(f, &plain, "console-password",
                   ak_arena_printf(f->arena, "{\"user\":\"%s\",\"reason\":\"x\"}", other));
    run_step(f, row.id, 0);
    row = seen(f, row.id);
    assert_string_equal(row.state, "done");
    assert_non_null(row.secret);
}

static void assert_stopped(struct fixture *f, const char *id, const char *slug)
{
    run_step(f, id, 0);
    struct request_row row = seen(f, id);
    assert_string_equal(row.state, "refused");
    assert_non_null(strstr(row.error, slug));
    assert_true(row.ended_us > 0);
    const struct request_step *steps = row.history.items;
    assert_string_equal(steps[row.history.n - 1].event, "stop");
    size_t before = rules(f);
    run_step(f, id, 0); /* again: nothing */
    assert_int_equal(rules(f), before);
}

/* Takes all roles of one of the staff. */
static void demote(struct fixture *f, const char *user_id)
{
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
    assert_ok(identity_role_holders(tx, f->arena, &list, &f->err), &f->err);
    const struct identity_holder *rows = list.items;
    for (size_t i = 0; i < list.n; i++) {
        if (ak_streq(rows[i].user_id, user_id)) {
            assert_ok(identity_role_take(tx, user_id, rows[i].project_id, rows[i].role_id, &f->err),
                      &f->err);
        }
    }
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
}

static void work_is_refused_when_the_applicant_has_left_or_was_demoted(void **state)
{
    struct fixture *f = *state;
    struct request_row left = approved(f, &f->member, "firewall-change", FIREWALL);
    struct request_row staff = approved(f, &f->op1, "firewall-change", FIREWALL);
    size_t before = rules(f);
    /* another manager, so that the member may go */
    (void)person(f, "other", f->alpha, "manager");
    MUST(f, identity_project_user_remove(tx, f->arena, f->alpha, f->member.id, &f->err));
    assert_stopped(f, left.id, "request-applicant-gone");
    demote(f, f->op1.id);
    assert_stopped(f, staff.id, "request-applicant-gone");
    assert_int_equal(rules(f), before);
}

/* Who asked as a manager and is none any more does not get another's password. */
static void passwords_of_others_need_a_manager_still(void **state)
{
    struct fixture *f = *state;
    const char *chief = person(f, "chief", f->alpha, "manager");
    struct request_actor was =
        actor(chief, AK_ROLE_READER | AK_ROLE_MEMBER | AK_ROLE_MANAGER, f->alpha);
    struct request_row row =
        approved(f, &was, "console-password",
                 ak_arena_printf(f->arena, "{\"user\":\"%s\",\"reason\":\"x\"}", f->member.id));
    demote(f, chief);
    (void)person(f, "chief", f->alpha, "member");
    assert_stopped(f, row.id, "request-applicant-gone");
    assert_null(seen(f, row.id).secret);
}

/* The password would open what the user has elsewhere. */
static void passwords_of_who_has_roles_elsewhere_are_not_renewed(void **state)
{
    struct fixture *f = *state;
    const char *shared = person(f, "shared", f->alpha, "member");
    char beta[AK_UUID_TEXT];
    struct identity_initial initial;
    assert_ok(identity_project_ensure(f->store, "default", "beta", beta, &f->err), &f->err);
    assert_ok(identity_initial_make(&initial, &f->err), &f->err);
    MUST(f,
         identity_project_user_renew(tx, f->arena, f->config, f->alpha, shared, &initial, &f->err));
    (void)person(f, "shared", beta, "manager");
    MUST_FAIL(
        f,
        identity_project_user_renew(tx, f->arena, f->config, f->alpha, shared, &initial, &f->err),
        AK_USER_ELSEWHERE);
}

/* Members who are readers only by now do not take what they had asked for. */
static void a_secret_goes_to_who_may_still_ask_for_it(void **state)
{
    struct fixture *f = *state;
    struct request_row row = {
        .kind = "user-add", .secret = "x", .project_id = f->alpha, .created_by_id = f->member.id};
    struct request_actor was = actor(f->member.id, AK_ROLE_READER | AK_ROLE_MEMBER, f->alpha);
    assert_true(request_may_take(&row, &f->member));
    assert_false(request_may_take(&row, &was));
}

static void work_is_refused_when_what_it_names_is_gone(void **state)
{
    struct fixture *f = *state;
    const char *leaver = person(f, "leaver", f->alpha, "member");
    const char *fields = ak_arena_printf(f->arena, "{\"user\":\"%s\",\"reason\":\"left\"}", leaver);
    struct request_row row = approved(f, &f->op1, "user-remove", fields);
    MUST(f, identity_project_user_remove(tx, f->arena, f->alpha, leaver, &f->err));
    assert_stopped(f, row.id, "request-object-gone");
}

static void work_is_refused_when_the_class_has_taken_the_kind_away(void **state)
{
    struct fixture *f = *state;
    const char *fields = "{\"name\":\"new\",\"email\":\"a@example.jp\",\"role\":\"member\"}";
    struct ak_principal by_request = {.class_name = "test"};
    enum identity_mode modes[32] = {0};
    int verb = identity_verb_find("user");
    modes[verb] = IDENTITY_REQUEST;
    by_request.class_bits = (int64_t)IDENTITY_REQUEST << (2 * verb);
    f->member.principal = &by_request;
    MUST(f, identity_project_verbs_set(tx, f->alpha, "test", modes, &f->err));
    struct request_row row = approved(f, &f->member, "user-add", fields);
    modes[verb] = IDENTITY_NONE;
    MUST(f, identity_project_verbs_set(tx, f->alpha, "test", modes, &f->err));
    assert_stopped(f, row.id, "request-not-offered");
}

static void run_schedule(struct fixture *f, const char *name)
{
    struct ak_job_run run = {
        .id = "schedule", .arena = f->arena, .store = f->store, .config = f->config};
    for (size_t i = 0; request_schedules[i]; i++) {
        if (ak_streq(request_schedules[i]->name, name)) {
            assert_ok(request_schedules[i]->run(&run, &f->err), &f->err);
        }
    }
}

static void the_clock_alerts_once_and_waits_for_the_customer(void **state)
{
    struct fixture *f = *state;
    struct request_row late = ask(f, &f->member, "check-sheet", "{\"sheet\":\"a\"}"),
                       asked = ask(f, &f->member, "check-sheet", "{\"sheet\":\"b\"}");
    struct request_message message;
    int64_t due = asked.due_us;
    MUST(f, request_say(tx, f->arena, &asked, &f->op1, "Which?", REQUEST_ASK, &message, &f->err));
    ak_time_shift(8 * AK_DAY);
    run_schedule(f, "request-clocks");
    run_schedule(f, "request-clocks");
    assert_true(seen(f, late.id).overdue);
    assert_int_equal(seen(f, late.id).history.n, 2);
    assert_false(seen(f, asked.id).overdue);
    MUST(f,
         request_say(tx, f->arena, &asked, &f->member, "This.", REQUEST_VERBS, &message, &f->err));
    assert_string_equal(asked.state, "in_review");
    assert_true(asked.due_us >= due + 8 * AK_DAY);
    run_schedule(f, "request-clocks");
    assert_false(seen(f, asked.id).overdue);
}

static void threads_are_limited_and_end_with_the_request(void **state)
{
    struct fixture *f = *state;
    struct request_row row = ask(f, &f->member, "question", "{\"text\":\"?\"}");
    struct request_message message;
    MUST(f, request_say(tx, f->arena, &row, &f->member, "more", REQUEST_VERBS, &message, &f->err));
    MUST_FAIL(f, request_approve(tx, f->arena, &row, &f->op1, NULL, &f->err),
              AK_REQUEST_NO_APPROVAL);
    MUST(f, request_complete(tx, f->arena, &row, &f->op1, "Answer.", &f->err));
    MUST_FAIL(f, request_say(tx, f->arena, &row, &f->member, "x", REQUEST_VERBS, &message, &f->err),
              AK_REQUEST_CLOSED);
    MUST_FAIL(f, request_attach_check(tx, f->config, &row, &f->err), AK_REQUEST_CLOSED);
    assert_true(seen(f, row.id).ended_us > 0);
}

static void what_a_customer_wrote_and_sent_goes_with_it(void **state)
{
    struct fixture *f = *state;
    char dir[] = "/tmp/akashi-request-XXXXXX";
    struct request_row row = ask(f, &f->member, "question", "{\"text\":\"?\"}");
    struct request_attachment file = {.id = row.id,
                                      .name = "a",
                                      .media_type = "text/plain",
                                      .sha256 = "0",
                                      .author_name = "member",
                                      .author_kind = "customer",
                                      .author_role = "member",
                                      .size = 1};
    struct request_message message;
    assert_non_null(mkdtemp(dir));
    assert_ok(ak_config_set(f->config, "request_dir", dir, &f->err), &f->err);
    const char *path = request_attachment_path(f->config, f->arena, file.id);
    assert_ok(ak_file_write(path, "x", 1, 0600, &f->err), &f->err);
    MUST(f, request_attachment_add(tx, &row, &file, &f->err));
    MUST(f, request_say(tx, f->arena, &row, &f->member, "more", REQUEST_VERBS, &message, &f->err));
    run_schedule(f, "request-sweep");
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(seen(f, row.id).messages.n, 1);
    MUST(f, identity_tenant_project_remove(tx, f->arena, f->alpha, &f->err));
    run_schedule(f, "request-sweep");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(seen(f, row.id).messages.n + seen(f, row.id).attachments.n, 0);
    assert_string_equal(seen(f, row.id).state, "submitted"); /* the record stays */
    assert_int_equal(rmdir(dir), 0);
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;
    assert_ok(ak_sql_prepare_all(f->store, request_sql_all, &f->err), &f->err);
}

#define DB(name)   cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define PURE(name) cmocka_unit_test(name)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        PURE(every_kind_is_told_in_both_languages),
        PURE(classes_may_name_these_kinds_and_no_others),
        PURE(verbs_of_classes_name_kinds_that_exist),
        PURE(nothing_leaves_a_final_state_and_all_others_are_left),
        PURE(targets_count_business_hours_of_japan),
        PURE(dates_are_those_of_the_calendar),
        DB(four_eyes_are_two_people_and_never_the_applicant),
        DB(a_corrected_form_needs_its_approvals_again),
        DB(nobody_decides_on_what_is_about_himself),
        DB(titles_tell_what_it_is_about_in_both_languages),
        DB(those_of_the_staff_who_only_look_take_no_part),
        PURE(cells_of_csv_are_no_formulas),
        DB(passwords_are_renewed_for_oneself_or_by_managers),
        DB(passwords_of_others_need_a_manager_still),
        DB(passwords_of_who_has_roles_elsewhere_are_not_renewed),
        DB(a_secret_goes_to_who_may_still_ask_for_it),
        DB(of_two_decisions_on_the_same_version_one_wins),
        DB(kinds_need_their_role_and_another_project_sees_nothing),
        DB(the_work_is_done_once_however_often_the_step_runs),
        DB(a_failure_is_told_and_runs_again_on_demand),
        DB(work_is_refused_when_the_applicant_has_left_or_was_demoted),
        DB(work_is_refused_when_what_it_names_is_gone),
        DB(work_is_refused_when_the_class_has_taken_the_kind_away),
        DB(the_clock_alerts_once_and_waits_for_the_customer),
        DB(what_a_customer_wrote_and_sent_goes_with_it),
        DB(every_statement_prepares),
        DB(threads_are_limited_and_end_with_the_request),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
