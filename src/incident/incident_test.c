/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of incidents beside the API's (tests/api/test_incidents.py): statements on both databases,
 * the table of states, numbers. */
#include "incident/incident_internal.h"

#include "base/test.h"
#include "store/store_testing.h"

static int set_up(void **state)
{
    *state = store_testing_open();
    return 0;
}

static int tear_down(void **state)
{
    store_testing_close(*state);
    ak_time_shift(0);
    return 0;
}

static void every_statement_prepares(void **state)
{
    struct ak_error err = {0};

    assert_ok(ak_sql_prepare_all(*state, incident_sql_all, &err), &err);
}

static void the_states_follow_the_table(void **state)
{
    static const char *const names[] = {"received",  "triage",   "confirmed",
                                        "mitigated", "resolved", "closed"};
    int ways_out = 0;

    (void)state;
    for (int i = 0; i < INCIDENT_STATES; i++) {
        assert_string_equal(incident_state_name((enum incident_state)i), names[i]);
        assert_int_equal(incident_state_parse(names[i]), i);
        assert_false(incident_state_allows(INCIDENT_CLOSED, (enum incident_state)i));
        assert_false(incident_state_allows((enum incident_state)i, INCIDENT_RECEIVED));
        ways_out += incident_state_allows((enum incident_state)i, INCIDENT_CLOSED);
    }
    assert_int_equal(ways_out, 3); /* no incident (twice), and resolved */
    assert_false(incident_state_allows(INCIDENT_CONFIRMED, INCIDENT_CLOSED));
    assert_int_equal(incident_state_parse("lost"), -1);
}

static void customers_do_not_write_to_what_is_closed_or_full(void **state)
{
    const struct incident_who customer = {.kind = "customer"}, staff = {.staff = true};
    struct incident incident = {.number = "I-1", .state = "triage", .entries = 999};
    struct ak_error err = {0};

    (void)state;
    assert_ok(incident_may_write(&incident, &customer, &err), &err);
    incident.entries = INCIDENT_ENTRIES_MAX;
    assert_int_equal(incident_may_write(&incident, &customer, &err), -AK_INCIDENT_STATE);
    assert_ok(incident_may_write(&incident, &staff, &err), &err);
    incident.state = "closed";
    assert_int_equal(incident_may_write(&incident, &staff, &err), -AK_INCIDENT_STATE);
}

static void open_one(struct ak_store *store, bool commit, char number[32])
{
    const struct incident_who who = {.user_name = "a", .kind = "customer"};
    struct incident incident = {.title = "t", .channel = "form", .reporter_name = "a"};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(incident_open(tx, arena, &incident, "text", &who, &err), &err);
    ak_str_copy(number, 32, incident.number);
    if (commit) {
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
}

static void numbers_begin_anew_each_year_and_have_no_gaps(void **state)
{
    int64_t silvester = 0; /* 23:59 in Tokyo */
    char number[32];

    assert_true(ak_time_parse("2026-12-31T14:59:00Z", &silvester));
    ak_time_shift(0);
    ak_time_shift(silvester - ak_now_us());
    open_one(*state, true, number);
    assert_string_equal(number, "I-2026-0001");
    open_one(*state, false, number); /* rolled back: the number comes again */
    open_one(*state, true, number);
    assert_string_equal(number, "I-2026-0002");
    ak_time_shift(0);
    ak_time_shift(silvester + 2 * AK_MIN - ak_now_us());
    open_one(*state, true, number);
    assert_string_equal(number, "I-2027-0001");
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(every_statement_prepares),
        T(the_states_follow_the_table),
        T(customers_do_not_write_to_what_is_closed_or_full),
        T(numbers_begin_anew_each_year_and_have_no_gaps),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("incident", tests, NULL, NULL);
}
