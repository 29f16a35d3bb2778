/* SPDX-License-Identifier: Apache-2.0 */
/* Notices, on both databases: whom they concern, lead times, states, mails, newcomers, the feed. */
#include "notice/notice_testing.h"

#include <stdio.h>

extern const struct ak_sql *const notice_sql_all[]; /* generated */

#define HOST_1 "\"hosts\":[\"host-1\"]"

/* Writes a maintenance that begins in 'hours' and lasts two; 'more' are members. Its path. */
static void draft(struct fixture *f, int hours, const char *more, char path[128])
{
    char starts[AK_TIME_TEXT], ends[AK_TIME_TEXT];
    AK_AUTO_STR body = ak_xasprintf(
        "{\"notice\":{\"kind\":\"maintenance\",\"title_ja\":\"定期保守\",\"title_en\":\"Regular "
        "work\",\"body_ja\":\"本文\",\"body_en\":\"Text, with; a\\\\nline\",\"impact\":\"stop\","
        "\"starts_at\":\"%s\",\"ends_at\":\"%s\",%s}}",
        ak_time_text(starts, ak_now_us() + hours * AK_HOUR, AK_TIME_Z),
        ak_time_text(ends, ak_now_us() + (hours + 2) * AK_HOUR, AK_TIME_Z), more);
    const struct http_answer *a = notice_test_ask(f, "POST", "/service/v1/notices", body);

    assert_int_equal(a->status, 201);
    assert_string_equal(http_answer_text(a, "notice/state"), "draft");
    (void)snprintf(path, 128, "/service/v1/notices/%s", http_answer_text(a, "notice/id"));
}

static const struct http_answer *act(struct fixture *f, const char *path, const char *verb,
                                     const char *body)
{
    char full[192];

    (void)snprintf(full, sizeof(full), "%s/%s", path, verb);
    return notice_test_ask(f, "POST", full, body);
}

static void run_schedules(struct fixture *f)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_job_run run = {
        .id = "test", .arena = arena, .store = f->t->store, .config = f->t->config};

    for (size_t i = 0; notice_schedules[i]; i++) {
        assert_ok(notice_schedules[i]->run(&run, &f->err), &f->err);
    }
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, notice_sql_all, &f->err), &f->err);
}

static void preview_names_the_customers_of_the_hosts_servers(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128], full[192];

    draft(f, 400, HOST_1, path);
    (void)snprintf(full, sizeof(full), "%s/preview", path);
    a = notice_test_ask(f, "GET", full, NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "preview/affected")), 2);
    assert_non_null(http_answer_text(a, "preview/affected/1/servers/0/name"));
    assert_true(json_is_true(http_answer_at(a, "preview/lead_ok")));
    assert_string_equal(http_answer_text(a, "preview/contract_number"), "K-2026-0001");
}

static void publishing_mails_each_contact_once_in_its_language(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128];

    draft(f, 400, HOST_1, path);
    a = act(f, path, "publish", NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "notice/state"), "published");
    assert_true(json_is_true(http_answer_at(a, "notice/lead_ok")));
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 3);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE recipient = 'a2@example.jp' AND "
                             "subject LIKE '%Regular work' AND body LIKE '%web-1%'"),
        1);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE recipient = 'b1@example.jp' AND "
                             "subject LIKE '【N-%】定期保守' AND body LIKE '%db-1%'"),
        1);
    run_schedules(f);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 3);
    assert_int_equal(act(f, path, "publish", NULL)->status, 409);
}

static void lead_time_of_each_contract_is_demanded(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128];

    draft(f, 200, HOST_1, path); /* enough for beta's 168, not for alpha's 240 */
    a = act(f, path, "publish", NULL);
    assert_int_equal(a->status, 409);
    assert_non_null(strstr(a->body, "notice-lead-time"));
    assert_non_null(strstr(a->body, "K-2026-0001"));
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 0);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM notice_recipient"), 0);
    draft(f, 200, "\"classes\":[\"zep-c1\"]", path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
}

static void emergency_owes_a_later_notice(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128], later[128];
    AK_AUTO_STR more = NULL;

    draft(f, 1, HOST_1 ",\"emergency\":true", path);
    a = act(f, path, "publish", NULL);
    assert_int_equal(a->status, 200);
    assert_true(json_is_false(http_answer_at(a, "notice/lead_ok")));
    assert_non_null(http_answer_text(a, "notice/report_due_at"));
    ak_time_shift(30 * AK_DAY);
    run_schedules(f);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE recipient = 'operators'"), 1);
    ak_time_shift(0);
    more = ak_xasprintf("\"follow_up_of\":\"%s\"", strrchr(path, '/') + 1);
    draft(f, 400, more, later);
    a = act(f, later, "publish", NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "notice/affected")), 2);
    a = notice_test_ask(f, "GET", path, NULL);
    assert_string_equal(http_answer_text(a, "notice/reported_by"), strrchr(later, '/') + 1);
}

static void customers_see_their_own_and_nothing_of_others(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128], full[192];

    draft(f, 400, HOST_1, path);
    assert_int_equal(notice_test_customer(f, f->user, "GET", path, NULL)->status, 404);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    a = notice_test_customer(f, f->user, "GET", path, NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "notice/servers")), 1);
    assert_string_equal(http_answer_text(a, "notice/servers/0/name"), "web-1");
    assert_null(strstr(a->body, "host-1"));
    assert_null(strstr(a->body, "db-1"));
    assert_null(http_answer_at(a, "notice/affected"));
    assert_true(json_is_true(http_answer_at(a, "notice/needs_ack"))); /* the class wants it */
    (void)snprintf(full, sizeof(full), "%s/acknowledge", path);
    a = notice_test_customer(f, f->user, "POST", full, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "notice/acknowledged_name"), "alpha");
    a = notice_test_customer(f, f->other, "GET", path, NULL);
    assert_true(json_is_null(http_answer_at(a, "notice/acknowledged_at")));
    draft(f, 400, "\"classes\":[\"zep-c1\"]", path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    assert_int_equal(notice_test_customer(f, f->user, "GET", path, NULL)->status, 404);
    (void)snprintf(full, sizeof(full), "%s/acknowledge", path);
    assert_int_equal(notice_test_customer(f, f->user, "POST", full, NULL)->status, 404);
    assert_int_equal(notice_test_customer(f, f->user, "POST", "/service/v1/notices", "{}")->status,
                     405);
    a = notice_test_customer(f, f->user, "GET", "/service/v1/notices", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "notices")), 1);
}

static void newcomers_are_told_once(void **state)
{
    struct fixture *f = *state;
    char path[128];

    draft(f, 400, "\"hosts\":[\"host-2\"]", path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 0); /* no contract */
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000009", f->beta, "db-9", "host-2");
    run_schedules(f);
    run_schedules(f);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 1);
    assert_int_equal(notice_test_customer(f, f->other, "GET", path, NULL)->status, 200);
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000010", f->beta, "db-10", "host-2");
    run_schedules(f);
    run_schedules(f);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail"), 2);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE template = 'notice_servers' AND body "
                             "LIKE '%db-10%' AND body NOT LIKE '%db-9%'"),
        1);
    ak_time_shift(500 * AK_HOUR); /* over: nobody is added any more */
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000011", f->alpha, "w-11", "host-2");
    run_schedules(f);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM notice_recipient"), 2);
}

static void states_move_as_the_table_says(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128];

    draft(f, 400, HOST_1, path);
    assert_int_equal(act(f, path, "start", NULL)->status, 409);
    assert_int_equal(act(f, path, "finish", NULL)->status, 409);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    a = notice_test_ask(f, "PATCH", path, "{\"notice\":{\"hosts\":[\"host-2\"]}}");
    assert_int_equal(a->status, 409);
    a = notice_test_ask(f, "PATCH", path, "{\"notice\":{\"title_en\":\"Moved\"}}");
    assert_int_equal(a->status, 200);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE template = 'notice_updated'"), 3);
    a = notice_test_ask(f, "PATCH", path, "{\"notice\":{\"starts_at\":\"2001-01-01T00:00:00Z\"}}");
    assert_int_equal(a->status, 409);
    assert_int_equal(act(f, path, "start", NULL)->status, 200);
    assert_int_equal(act(f, path, "finish", NULL)->status, 200);
    assert_int_equal(act(f, path, "cancel", "{\"reason\":\"x\"}")->status, 409);
    assert_int_equal(
        notice_test_count(f, "SELECT count(*) FROM mail WHERE template = 'notice_finished'"), 3);
    draft(f, 400, HOST_1, path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    a = act(f, path, "cancel", "{\"reason\":\"雨天\"}");
    assert_int_equal(a->status, 200);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM mail WHERE template = "
                                          "'notice_cancelled' AND body LIKE '%雨天%'"),
                     3);
}

static void wrong_times_are_refused(void **state)
{
    static const char *const bodies[] = {
        "\"starts_at\":\"2030-01-02T00:00:00Z\"",
        "\"starts_at\":\"2030-01-02T00:00:00Z\",\"ends_at\":\"2030-01-01T00:00:00Z\"",
        "\"ends_at\":\"2030-01-01T00:00:00Z\"",
        "\"starts_at\":\"2030-13-02T00:00:00Z\",\"ends_at\":\"2031-01-01T00:00:00Z\"",
        "\"starts_at\":\"2030-01-02T00:00:00Z\",\"ends_at\":\"2031-01-01T00:00:00Z\","
        "\"follow_up_of\":\"aaaaaaaa-0000-4000-8000-000000000001\"",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(bodies); i++) {
        AK_AUTO_STR body = ak_xasprintf(
            "{\"notice\":{\"kind\":\"maintenance\",\"title_ja\":\"x\",\"title_en\":\"x\",\"body_"
            "ja\":\"x\",\"body_en\":\"x\",%s}}",
            bodies[i]);
        int status = notice_test_ask(f, "POST", "/service/v1/notices", body)->status;

        assert_true(status == 400 || status == 404);
    }
}

static void feed_is_read_by_its_secret_only(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128];
    AK_AUTO_STR first = NULL;
    AK_AUTO_STR second = NULL;

    draft(f, 400, HOST_1, path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    ak_time_shift(AK_HOUR); /* a session that was stolen makes no address that outlives it */
    a = notice_test_customer(f, f->user, "POST", "/service/v1/notice-feed", NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(a->body, "proof-needed"));
    ak_time_shift(0);
    a = notice_test_customer(f, f->user, "POST", "/service/v1/notice-feed", NULL);
    assert_int_equal(a->status, 201);
    first = ak_xstrdup(strstr(http_answer_text(a, "feed/url"), "/service/"));
    a = notice_test_customer(f, NULL, "GET", first, NULL);
    assert_int_equal(a->status, 200);
    assert_non_null(strstr(a->head, "text/calendar"));
    assert_true(ak_starts_with(a->body, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    assert_non_null(strstr(a->body, "定期保守 / Regular work"));
    assert_non_null(strstr(a->body, "Text\\, with\\; a"));
    for (const char *line = a->body; *line; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\r") <= 75);
    }
    a = notice_test_customer(f, f->user, "POST", "/service/v1/notice-feed", NULL);
    second = ak_xstrdup(strstr(http_answer_text(a, "feed/url"), "/service/"));
    assert_int_equal(notice_test_customer(f, NULL, "GET", first, NULL)->status, 404);
    assert_int_equal(notice_test_customer(f, NULL, "GET", second, NULL)->status, 200);
    assert_int_equal(notice_test_customer(f, NULL, "GET", "/service/v1/notices.ics", NULL)->status,
                     404);
    notice_test_sql(f, "UPDATE identity_user SET enabled = 0 WHERE name = 'alpha'", AK_NO_ARGS);
    assert_int_equal(notice_test_customer(f, NULL, "GET", second, NULL)->status, 404);
}

static void staff_see_the_queue_and_send_again(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128];

    draft(f, 400, HOST_1, path);
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    a = notice_test_ask(f, "GET", "/service/v1/mails?state=queued&limit=2", NULL);
    assert_int_equal(a->status, 200);
    assert_int_equal(json_array_size(http_answer_at(a, "mails")), 2);
    assert_non_null(http_answer_text(a, "next"));
    assert_null(http_answer_at(a, "mails/0/body"));
    (void)snprintf(path, sizeof(path), "/service/v1/mails/%s", http_answer_text(a, "mails/0/id"));
    assert_non_null(http_answer_text(notice_test_ask(f, "GET", path, NULL), "mail/body"));
    assert_int_equal(act(f, path, "resend", NULL)->status, 409);
    notice_test_sql(f, "UPDATE mail SET state = 'failed', error = 'x'", AK_NO_ARGS);
    a = act(f, path, "resend", NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "mail/state"), "queued");
    assert_int_equal(notice_test_customer(f, f->user, "GET", "/service/v1/mails", NULL)->status,
                     404);
}

static void two_operators_publish_once(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    char path[128];

    draft(f, 400, HOST_1, path);
    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(notice_store_load(tx, arena, NULL, strrchr(path, '/') + 1, &row, &f->err), &f->err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(act(f, path, "publish", NULL)->status, 200);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_fails(notice_store_move(tx, &row, &f->err), AK_CHANGED_MEANWHILE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_statement_prepares),
        TEST(preview_names_the_customers_of_the_hosts_servers),
        TEST(publishing_mails_each_contact_once_in_its_language),
        TEST(lead_time_of_each_contract_is_demanded),
        TEST(emergency_owes_a_later_notice),
        TEST(customers_see_their_own_and_nothing_of_others),
        TEST(newcomers_are_told_once),
        TEST(states_move_as_the_table_says),
        TEST(wrong_times_are_refused),
        TEST(feed_is_read_by_its_secret_only),
        TEST(staff_see_the_queue_and_send_again),
        TEST(two_operators_publish_once),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
