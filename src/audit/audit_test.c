/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of src/audit; run once on SQLite and once on PostgreSQL. */
#include "audit/audit.h"
#include "audit/audit_sql.h"
#include "store/store_testing.h"
#include "base/test.h"

static const struct ak_sql envelope_sql = {
    "envelope", "SELECT envelope, time_us FROM audit_event WHERE seq = $1", 1, ""};

static int set_up(void **state)
{
    *state = store_testing_open();
    return 0;
}

static int tear_down(void **state)
{
    store_testing_close(*state);
    return 0;
}

static int64_t add(struct ak_store *store, const struct ak_audit_event *e, bool commit)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t seq = 0;

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_audit_add(tx, e, &seq, &err), &err);
    if (commit) {
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    return seq;
}

static const struct ak_audit_event example = {.action = "compute.server.create",
                                              .outcome = "success",
                                              .request_id = "req-1",
                                              .actor_id = "u",
                                              .actor_name = "証",
                                              .project_id = "p",
                                              .object_type = "server",
                                              .object_id = "o",
                                              .listener = "customer",
                                              .detail_json = "{\"z\": 1, \"a\": [true, null]}"};

static void numbers_have_no_gaps_after_a_rollback(void **state)
{
    assert_int_equal(add(*state, &example, true), 1);
    assert_int_equal(add(*state, &example, false), 2);
    assert_int_equal(add(*state, &example, true), 2);
    assert_int_equal(add(*state, &example, true), 3);
}

static void the_envelope_is_the_whole_event_in_canonical_json(void **state)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_rows) rows = NULL;
    char time[AK_TIME_TEXT], expected[1024];

    (void)add(*state, &example, true);
    assert_ok(ak_tx_read(*state, &tx, &err), &err);
    assert_ok(ak_sql_query(tx, &envelope_sql, AK_ARGS(ak_v_int(1)), &rows, &err), &err);
    assert_int_equal(ak_rows_next(rows, &err), 1);
    (void)snprintf(expected, sizeof(expected),
                   "{\"action\":\"compute.server.create\",\"actor_id\":\"u\",\"actor_name\":\"証\","
                   "\"detail\":{\"a\":[true,null],\"z\":1},\"listener\":\"customer\",\"object_id\":"
                   "\"o\",\"object_type\":\"server\",\"outcome\":\"success\",\"project_id\":\"p\","
                   "\"reason\":null,\"request_id\":\"req-1\",\"seq\":1,\"source\":null,"
                   "\"time\":\"%s\",\"version\":1}",
                   ak_time_text(time, ak_rows_int(rows, 1), AK_TIME_Z_US));
    assert_string_equal(ak_rows_text(rows, 0), expected);
}

static void detail_that_is_not_json_is_our_bug_not_a_silent_loss(void **state)
{
    struct ak_audit_event bad = example;
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    bad.detail_json = "{";
    assert_ok(ak_tx_write(*state, &tx, &err), &err);
    assert_fails(ak_audit_add(tx, &bad, NULL, &err), AK_INTERNAL);
}

static void every_statement_prepares(void **state)
{
    struct ak_error err = {0};

    assert_ok(ak_sql_prepare_all(*state, audit_sql_all, &err), &err);
}

static void events_are_read_newest_first_by_what_is_asked_for(void **state)
{
    struct ak_audit_event other = example;
    struct ak_arena *arena = ak_arena_new();
    struct ak_error err = {0};
    struct ak_list list = {0};
    const struct ak_audit_row *rows = NULL;

    other.project_id = "q";
    (void)add(*state, &example, true);
    (void)add(*state, &other, true);
    (void)add(*state, &example, true);
    {
        AK_AUTO(ak_tx) tx = NULL;
        struct ak_audit_query query = {.project_id = "p", .limit = 10};

        assert_ok(ak_tx_read(*state, &tx, &err), &err);
        assert_ok(ak_audit_list(tx, arena, &query, &list, &err), &err);
        rows = list.items;
        assert_int_equal(list.n, 2);
        assert_int_equal(rows[0].seq, 3);
        assert_int_equal(rows[1].seq, 1);
        query.before_seq = 3;
        query.text = "SERVER.create";
        query.action = "compute.";
        assert_ok(ak_audit_list(tx, arena, &query, &list, &err), &err);
        assert_int_equal(list.n, 1);
        query.from_us = ak_now_us() + AK_HOUR;
        assert_ok(ak_audit_list(tx, arena, &query, &list, &err), &err);
        assert_int_equal(list.n, 0);
    }
    ak_arena_free(arena);
}

/* What came by neither listener was no person at a client: the command, mails, the worker. */
static void who_came_by_no_listener_is_the_system(void **state)
{
    static const char *const cases[][2] = {
        {"customer", "customer"}, {"management", "operator"}, {"worker", "system"},
        {"mail", "system"},       {"cli", "system"},          {NULL, "system"},
    };

    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        assert_string_equal(ak_audit_side(cases[i][0]), cases[i][1]);
    }
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(numbers_have_no_gaps_after_a_rollback),
        T(the_envelope_is_the_whole_event_in_canonical_json),
        T(detail_that_is_not_json_is_our_bug_not_a_silent_loss),
        T(events_are_read_newest_first_by_what_is_asked_for),
        cmocka_unit_test(who_came_by_no_listener_is_the_system),
        T(every_statement_prepares),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
