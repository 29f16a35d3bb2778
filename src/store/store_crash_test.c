/* SPDX-License-Identifier: Apache-2.0 */
/* Group commit under threads, several processes and kill -9: what was acknowledged is there. */
#include "store/store_internal.h"
#include "store/store_testing.h"
#include "base/test.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ak_sql create = {"create", "CREATE TABLE ack (n BIGINT PRIMARY KEY)", 0, ""};
static const struct ak_sql add = {"add", "INSERT INTO ack (n) VALUES ($1)", 1, ""};
static const struct ak_sql has = {"has", "SELECT COUNT(*) FROM ack WHERE n = $1", 1, ""};
static const struct ak_sql count = {"count", "SELECT COUNT(*) FROM ack", 0, ""};

#define THREADS 8

static int set_up(void **state)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_store *store = store_testing_open();

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &create, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    *state = store;
    return 0;
}

static int tear_down(void **state)
{
    store_testing_close(*state);
    return 0;
}

static int write_one(struct ak_store *store, int64_t n, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &add, AK_ARGS(ak_v_int(n)), NULL, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

struct writer {
    struct ak_store *store;
    pthread_t thread;
    int64_t from;
    int n;      /* how many, 0 = for ever */
    int ack_fd; /* acknowledged numbers go here, -1 = nowhere */
    int done, failed;
};

static void *write_many(void *data)
{
    struct writer *w = data;

    for (int64_t i = 0; w->n == 0 || i < w->n; i++) {
        struct ak_error err = {0};
        int64_t n = w->from + i;

        if (write_one(w->store, n, &err) != 0) {
            w->failed++;
            continue;
        }
        w->done++;
        if (w->ack_fd >= 0 && write(w->ack_fd, &n, sizeof(n)) != sizeof(n)) {
            break;
        }
    }
    return NULL;
}

static void start(struct writer *w, struct ak_store *store, int64_t base, int n, int ack_fd)
{
    for (int i = 0; i < THREADS; i++) {
        w[i] = (struct writer){
            .store = store, .from = base + (int64_t)i * 1000000, .n = n, .ack_fd = ack_fd};
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_many, &w[i]), 0);
    }
}

static void join(struct writer *w, int *ret_done, int *ret_failed)
{
    *ret_done = *ret_failed = 0;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        *ret_done += w[i].done;
        *ret_failed += w[i].failed;
    }
}

static int64_t int_of(struct ak_store *store, const struct ak_sql *sql, struct ak_args args)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = -1;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_int(tx, sql, args, &n, &err), &err);
    return n;
}

static void many_threads_commit_together_and_lose_nothing(void **state)
{
    struct writer w[THREADS];
    int done, failed;

    start(w, *state, 0, 50, -1);
    join(w, &done, &failed);
    assert_int_equal(failed, 0);
    assert_int_equal(int_of(*state, &count, AK_NO_ARGS), THREADS * 50);
}

static void a_rolled_back_member_leaves_the_others_alone(void **state)
{
    struct writer w[THREADS], dup[THREADS];
    int done, failed, dup_done, dup_failed;

    start(w, *state, 0, 50, -1);
    start(dup, *state, 0, 50, -1); /* the same keys: of each pair one is refused */
    join(w, &done, &failed);
    join(dup, &dup_done, &dup_failed);
    assert_int_equal(done + dup_done, THREADS * 50);
    assert_int_equal(failed + dup_failed, THREADS * 50);
    assert_int_equal(int_of(*state, &count, AK_NO_ARGS), THREADS * 50);
}

static void *write_one_thread(void *data)
{
    struct writer *w = data;
    struct ak_error err = {0};

    w->failed = write_one(w->store, w->from, &err) != 0;
    return NULL;
}

static void a_failed_shared_commit_fails_every_member(void **state)
{
    struct writer w[THREADS];
    struct ak_error err = {0};
    int failed = 0;

    {
        AK_AUTO(ak_tx) tx = NULL; /* holds the turn until all others queue up */

        assert_ok(ak_tx_write(*state, &tx, &err), &err);
        assert_ok(ak_sql_exec(tx, &add, AK_ARGS(ak_v_int(-1)), NULL, &err), &err);
        for (int i = 0; i < THREADS; i++) {
            w[i] = (struct writer){.store = *state, .from = i};
            assert_int_equal(pthread_create(&w[i].thread, NULL, write_one_thread, &w[i]), 0);
        }
        while (store_sqlite_waiting(*state) < THREADS) {
            (void)poll(NULL, 0, 1);
        }
        store_sqlite_fail_commit(*state);
        assert_fails(ak_tx_commit(tx, &err), AK_STORE);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        failed += w[i].failed;
    }
    assert_int_equal(failed, THREADS);
    assert_int_equal(int_of(*state, &count, AK_NO_ARGS), 0);
    assert_ok(write_one(*state, 99, &err), &err);
}

static void child(int ack_fd)
{
    struct writer w[THREADS];
    struct ak_error err = {0};
    struct ak_store *store = NULL;
    int done, failed;

    if (ak_store_open(store_testing_url(), &store, &err) != 0) {
        _exit(1);
    }
    start(w, store, 0, 0, ack_fd);
    join(w, &done, &failed);
    _exit(2);
}

static void every_acknowledged_commit_survives_kill_9(void **state)
{
    int fds[2];
    int64_t n, acks = 0;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        (void)close(fds[0]);
        child(fds[1]);
    }
    (void)close(fds[1]);
    while (read(fds[0], &n, sizeof(n)) == sizeof(n)) {
        if (++acks == 300) { /* in the middle of load; what is in the pipe still counts */
            assert_int_equal(kill(pid, SIGKILL), 0);
        }
        assert_int_equal(int_of(*state, &has, AK_ARGS(ak_v_int(n))), 1);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(fds[0]);
    assert_true(acks >= 300);
    assert_true(int_of(*state, &count, AK_NO_ARGS) >= acks);
    {
        struct ak_error err = {0};

        assert_ok(ak_store_check(*state, &err), &err);
        assert_ok(write_one(*state, -5, &err), &err); /* the dead process holds no lock */
    }
}

static void a_busy_process_does_not_starve_another_one(void **state)
{
    struct ak_error err = {0};
    int fds[2];
    int64_t n;
    pid_t pid;
    int64_t worst_us = 0;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        (void)close(fds[0]);
        child(fds[1]);
    }
    (void)close(fds[1]);
    assert_int_equal(read(fds[0], &n, sizeof(n)), sizeof(n));
    for (int i = 0; i < 20; i++) {
        int64_t before = ak_monotonic_us(), buf[64];

        assert_ok(write_one(*state, -10 - i, &err), &err);
        if (ak_monotonic_us() - before > worst_us) {
            worst_us = ak_monotonic_us() - before;
        }
        assert_true(read(fds[0], buf, sizeof(buf)) > 0); /* keeps the other from blocking */
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(fds[0]);
    assert_true(worst_us < 8 * AK_SEC); /* a slow disk under load; starved would be for ever */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(many_threads_commit_together_and_lose_nothing),
        T(a_rolled_back_member_leaves_the_others_alone),
        T(a_failed_shared_commit_fails_every_member),
        T(every_acknowledged_commit_survives_kill_9),
        T(a_busy_process_does_not_starve_another_one),
    };

    return cmocka_run_group_tests_name("store_crash", tests, NULL, NULL);
}
