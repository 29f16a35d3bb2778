/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of src/jobs on a SQLite database of their own. */
#include "jobs/jobs_internal.h"

#include <unistd.h>

#include "base/test.h"
#include "store/store_testing.h"

extern const struct ak_sql *const jobs_sql_all[]; /* generated */

struct fixture {
    struct ak_store *store;
    struct ak_worker *worker;
};

static char trace[512]; /* what the steps did */
static int fail_step_b, fail_code;

static void note(const char *what)
{
    ak_str_copy(trace + strlen(trace), sizeof(trace) - strlen(trace), what);
}

static int step_a(struct ak_job_run *run, struct ak_error *err)
{
    (void)run;
    (void)err;
    note("a");
    return 0;
}

static int step_b(struct ak_job_run *run, struct ak_error *err)
{
    (void)run;
    note("b");
    if (fail_step_b > 0) {
        fail_step_b--;
        return ak_fail(err, (enum ak_error_code)fail_code, "fake");
    }
    return 0;
}

static int undo_a(struct ak_job_run *run, struct ak_error *err)
{
    (void)run;
    (void)err;
    note("A");
    return 0;
}

static int undo_b(struct ak_job_run *run, struct ak_error *err)
{
    (void)run;
    (void)err;
    note("B");
    return 0;
}

static int finished(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                    struct ak_error *err)
{
    (void)run;
    (void)tx;
    (void)err;
    note(failure ? "!" : ".");
    return 0;
}

static const struct ak_job_step steps[] = {
    {"first", step_a, undo_a, 1000, 0},
    {"second", step_b, undo_b, 1000, 2},
    {"third", step_a, NULL, 1000, 0},
};
static const struct ak_job_kind kind = {"test", "thing", steps, AK_N(steps), 60000, finished};
static const struct ak_job_kind *const kinds[] = {&kind, NULL};

static int setup(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_error err = {0};
    struct ak_worker_options options = {.kinds = kinds};

    ak_log_init("test", AK_ERR + 1);
    f->store = store_testing_open();
    options.store = f->store;
    assert_ok(ak_worker_start(&options, &f->worker, &err), &err);
    trace[0] = '\0';
    fail_step_b = 0;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ak_worker_free(f->worker);
    store_testing_close(f->store);
    ak_time_shift(0);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *object)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};

    assert_ok(ak_tx_write(f->store, &tx, &err), &err);
    assert_ok(ak_job_add(tx, &kind, object, NULL, "req-1", NULL, "{\"n\":1}", 0, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
}

static int64_t pending(struct fixture *f, const char *object)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};
    int64_t n = -1;

    assert_ok(ak_tx_read(f->store, &tx, &err), &err);
    assert_ok(ak_job_pending(tx, object, &n, &err), &err);
    return n;
}

static void drain(struct fixture *f)
{
    struct ak_error err = {0};

    assert_ok(ak_worker_drain(f->worker, &err), &err);
}

static void steps_run_in_order_and_the_end_is_recorded_once(void **state)
{
    struct fixture *f = *state;

    add(f, "x");
    assert_int_equal(pending(f, "x"), 1);
    drain(f);
    assert_string_equal(trace, "aba.");
    assert_int_equal(pending(f, "x"), 0);
    drain(f);
    assert_string_equal(trace, "aba.");
}

static void a_failing_step_is_retried_after_a_pause_then_undone_in_reverse(void **state)
{
    struct fixture *f = *state;

    fail_step_b = 99;
    fail_code = AK_ENGINE;
    add(f, "x");
    drain(f);
    assert_string_equal(trace, "ab"); /* waits for its pause now */
    ak_time_shift(AK_MIN);
    drain(f);
    ak_time_shift(2 * AK_MIN);
    drain(f);
    assert_string_equal(trace, "abbbBA!");
    assert_int_equal(pending(f, "x"), 0);
}

static void an_unavailable_engine_is_waited_for_until_the_deadline(void **state)
{
    struct fixture *f = *state;

    fail_step_b = 6; /* more than the step's retries */
    fail_code = AK_ENGINE_UNAVAILABLE;
    add(f, "x");
    for (int i = 0; i <= 6; i++) {
        drain(f);
        ak_time_shift((i + 1) * 8 * AK_SEC);
    }
    assert_string_equal(trace, "abbbbbbba.");
}

static void jobs_of_one_object_run_in_order_of_insertion(void **state)
{
    struct fixture *f = *state;

    fail_step_b = 1;
    fail_code = AK_ENGINE;
    add(f, "x");
    add(f, "x");
    drain(f);
    assert_string_equal(trace, "ab"); /* the second waits for the first */
    ak_time_shift(AK_MIN);
    drain(f);
    assert_string_equal(trace, "abba.aba.");
}

static void leases_of_dead_processes_are_free_at_start(void **state)
{
    struct fixture *f = *state;
    char owner[128];

    (void)f;
    ak_jobs_owner_name(owner);
    assert_false(ak_jobs_owner_is_dead(owner));
    owner[strlen(owner) - 1] ^= 1; /* another start time: the pid was reused */
    assert_true(ak_jobs_owner_is_dead(owner));
    assert_false(ak_jobs_owner_is_dead("another-host:1:1"));
    assert_false(ak_jobs_owner_is_dead("nonsense"));
}

static void fail_the_record(const struct ak_job_run *run, const char *step)
{
    ak_jobs_after_step = NULL;
    ak_store_fail_after(run->store, strcmp(step, "first") == 0 ? 1 : 0);
}

static void a_job_whose_step_could_not_be_recorded_is_claimed_again_after_its_lease(void **state)
{
    struct fixture *f = *state;

    add(f, "x");
    ak_jobs_after_step = fail_the_record;
    drain(f);
    assert_string_equal(trace, "a");
    jobs_renew(f->worker); /* keeps nothing that does not run */
    drain(f);
    assert_string_equal(trace, "a");
    ak_time_shift((JOBS_LEASE_MS + 1000) * AK_MS);
    drain(f);
    assert_string_equal(trace, "aaba.");
    assert_int_equal(pending(f, "x"), 0);
}

static struct ak_worker *claims_again;

static void clock_jumps(const struct ak_job_run *run, const char *step)
{
    struct ak_error err = {0};

    (void)run;
    (void)step;
    ak_jobs_after_step = NULL;
    ak_time_shift((JOBS_LEASE_MS + 1000) * AK_MS);
    assert_int_equal(jobs_run_one(claims_again, &err), 1);
    ak_time_shift(0);
}

static void a_job_that_runs_is_not_run_twice_when_the_clock_jumps(void **state)
{
    struct fixture *f = *state;

    add(f, "x");
    claims_again = f->worker;
    ak_jobs_after_step = clock_jumps;
    drain(f);
    assert_string_equal(trace, "a"); /* its record was refused: the row is the second claim's */
    ak_time_shift(3 * JOBS_LEASE_MS * AK_MS);
    drain(f);
    assert_string_equal(trace, "aaba.");
}

static void finished_jobs_go_in_time_and_others_stay(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};
    int64_t before = 0, n = -1;

    add(f, "x");
    drain(f);
    add(f, "y");
    before = ak_now_us();
    assert_ok(jobs_store_purge(f->store, before - AK_DAY, &n, &err), &err);
    assert_int_equal(n, 0);
    assert_ok(jobs_store_purge(f->store, before + AK_DAY, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_int_equal(pending(f, "y"), 1);
}

static void daily_work_is_due_at_its_minute_in_japan(void **state)
{
    int64_t now = 0, want = 0;

    (void)state;
    assert_true(ak_time_parse("2026-11-22T14:30:00Z", &now)); /* 23:30 in Japan */
    assert_true(ak_time_parse("2026-11-22T14:00:00Z", &want));
    assert_int_equal(jobs_last_daily_us(now, 23 * 60), want);
    assert_int_equal(jobs_last_daily_us(want, 23 * 60), want);
    assert_int_equal(jobs_last_daily_us(want - 1, 23 * 60), want - AK_DAY);
}

/* What the schedules of a test saw. */
static struct {
    atomic_int long_runs, at_once, short_runs;
    atomic_bool overlapped, gave_up;
} seen;

static int run_long(struct ak_job_run *run, struct ak_error *err)
{
    (void)err;
    seen.overlapped = seen.overlapped || ++seen.at_once > 1;
    seen.long_runs++;
    ak_time_shift(2 * JOBS_LEASE_MS * AK_MS); /* its lease seems to have run out, and it is due */
    for (int i = 0; seen.short_runs < 3 && ak_job_alive(run); i++) {
        seen.gave_up = seen.gave_up || i == 6000;
        if (seen.gave_up) {
            break;
        }
        (void)usleep(10000);
    }
    seen.at_once--;
    return 0;
}

static int run_short(struct ak_job_run *run, struct ak_error *err)
{
    (void)run;
    (void)err;
    seen.short_runs++;
    return 0;
}

static void a_long_schedule_delays_no_other_and_runs_once_at_a_time(void **state)
{
    static const struct ak_schedule first = {.name = "long", .every_ms = 1, .run = run_long};
    static const struct ak_schedule second = {.name = "short", .every_ms = 1, .run = run_short};
    static const struct ak_schedule *const both[] = {&first, &second, NULL};
    struct fixture *f = *state;
    struct ak_worker_options options = {
        .store = f->store, .kinds = kinds, .schedules = both, .threads = 1};
    AK_AUTO(ak_worker) worker = NULL;
    struct ak_error err = {0};

    assert_ok(ak_worker_start(&options, &worker, &err), &err);
    while (seen.long_runs < 2 && !seen.gave_up) {
        (void)usleep(10000);
    }
    ak_worker_stop(worker, 60000);
    assert_false(seen.gave_up); /* the long one saw the short one run meanwhile */
    assert_false(seen.overlapped);
}

static void every_state_leads_only_where_the_table_says(void **state)
{
    (void)state;
    assert_true(jobs_may_move(AK_JOB_QUEUED, AK_JOB_RUNNING));
    assert_false(jobs_may_move(AK_JOB_QUEUED, AK_JOB_DONE));
    for (int s = 0; s < AK_JOB_STATES; s++) {
        assert_false(jobs_may_move(AK_JOB_DONE, (enum ak_job_state)s));
        assert_false(jobs_may_move(AK_JOB_FAILED, (enum ak_job_state)s));
    }
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};

    assert_ok(ak_sql_prepare_all(f->store, jobs_sql_all, &err), &err);
}

static void a_failure_is_told_in_the_readers_language_without_its_detail(void **state)
{
    static const char stored[] = "{\"code\":1,\"slug\":\"no-valid-host\",\"text\":\"old\","
                                 "\"detail\":\"/srv/disks is full\",\"params\":[\"\"]}";
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *detail = "x";
    (void)state;
    assert_null(ak_job_error_text(arena, NULL, AK_LANG_EN, &detail));
    assert_null(detail);
    assert_non_null(strstr(ak_job_error_text(arena, stored, AK_LANG_EN, &detail), "No valid host"));
    assert_string_equal(detail, "/srv/disks is full");
    const char *text = ak_job_error_text(arena, stored, AK_LANG_JA, &detail);
    assert_non_null(strstr(text, "ホスト"));
    assert_null(strstr(text, "/srv"));
}

int main(int argc, char **argv)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_told_in_the_readers_language_without_its_detail),
        T(steps_run_in_order_and_the_end_is_recorded_once),
        T(a_failing_step_is_retried_after_a_pause_then_undone_in_reverse),
        T(an_unavailable_engine_is_waited_for_until_the_deadline),
        T(jobs_of_one_object_run_in_order_of_insertion),
        T(leases_of_dead_processes_are_free_at_start),
        T(a_job_whose_step_could_not_be_recorded_is_claimed_again_after_its_lease),
        T(a_job_that_runs_is_not_run_twice_when_the_clock_jumps),
        T(finished_jobs_go_in_time_and_others_stay),
        T(daily_work_is_due_at_its_minute_in_japan),
        T(a_long_schedule_delays_no_other_and_runs_once_at_a_time),
        T(every_state_leads_only_where_the_table_says),
        T(every_statement_prepares),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
