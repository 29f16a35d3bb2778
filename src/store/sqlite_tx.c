/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions on SQLite: readers from a pool, and writers by group commit.
 *
 * SQLite has one writer, and the price of a durable commit is its fsync. So the write transactions
 * of this process take turns on one connection, in order of asking, each as a savepoint inside a
 * shared BEGIN IMMEDIATE. Who ends a turn while others wait hands the open transaction on and waits
 * for the outcome; who ends a turn with nobody waiting (or with a group large or old enough)
 * commits for all. While that fsync runs, the next group queues up. A failed COMMIT fails every
 * member; a failed statement rolls back its own savepoint only.
 *
 * Several processes share the file. SQLite's busy handler polls, and would starve the one that
 * asks rarely, so processes take turns by two locks: whoever wants to write holds the turnstile
 * while it waits for the writer's lock, and so is the next. The kernel drops both with the process.
 */
#include "store/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>

#define GROUP_MEMBERS 256
#define GROUP_AGE_US  (20 * AK_MS)

static int64_t deadline(const struct sqlite_store *store)
{
    return ak_monotonic_us() + store->base.busy_timeout_ms * AK_MS;
}

/* Locks (F_WRLCK) or unlocks (F_UNLCK) a byte of the lock file against other processes. */
static int file_lock(struct sqlite_store *store, short type, off_t byte)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int rc;

    do {
        rc = fcntl(store->lock_fd, F_OFD_SETLKW, &l);
    } while (rc < 0 && errno == EINTR);
    return rc;
}

/* Takes the place in the queue out again; the mutex is held. */
static void leave_queue(struct sqlite_store *store, struct sqlite_waiter *w)
{
    struct sqlite_waiter **p = &store->first, *before = NULL;

    while (*p != w) {
        before = *p;
        p = &(*p)->next;
    }
    *p = w->next;
    if (store->last == w) {
        store->last = before;
    }
}

static int turn_wait(struct sqlite_store *store, struct ak_error *err)
{
    struct sqlite_waiter w = {0};
    int64_t until = deadline(store);
    bool late = false;

    ak_cond_init(&w.turn);
    if (store->last) {
        store->last->next = &w;
    } else {
        store->first = &w;
    }
    store->last = &w;
    while (!w.granted && !late) {
        late = !ak_cond_wait_until(&w.turn, &store->m, until);
    }
    if (!w.granted) {
        leave_queue(store, &w);
    }
    (void)pthread_cond_destroy(&w.turn);
    return w.granted ? 0 : ak_fail_detail(err, AK_STORE_BUSY, "the writer's turn did not come");
}

static int turn_take(struct sqlite_store *store, struct ak_error *err)
{
    AK_LOCK(&store->m);
    if (!store->taken) {
        store->taken = true;
        return 0;
    }
    return turn_wait(store, err);
}

static void group_break(struct sqlite_group *g, const struct ak_error *err)
{
    g->broken = true;
    if (err) {
        g->err = *err;
    } else {
        (void)ak_fail(&g->err, AK_STORE);
    }
}

/* Ends the shared transaction and tells its members. */
static void group_finish(struct sqlite_store *store)
{
    struct sqlite_group *g = store->group;
    struct ak_error err = g->err;
    int rc = 0;

    if (g->broken) {
        rc = -(int)err.code;
    } else if (g->members > 0) {
        if (store->fail_next_commit || store_fault(&store->base)) {
            store->fail_next_commit = false;
            rc = ak_fail_detail(&err, AK_STORE, "injected fault");
        } else {
            rc = sqlite_conn_run(store->writer, "COMMIT", &err);
        }
    }
    if (!sqlite3_get_autocommit(store->writer->db)) {
        struct ak_error ignored = {0};

        (void)sqlite_conn_run(store->writer, "ROLLBACK", &ignored);
    }
    (void)file_lock(store, F_UNLCK, 1);
    store->group = NULL;
    (void)pthread_mutex_lock(&store->m);
    g->done = true;
    g->rc = rc;
    g->err = err;
    (void)pthread_cond_broadcast(&g->outcome);
    if (g->members == 0) {
        (void)pthread_cond_destroy(&g->outcome);
        free(g);
    }
    (void)pthread_mutex_unlock(&store->m);
}

/* Whether the shared transaction should end with this turn; the mutex is held. */
static bool group_is_due(const struct sqlite_store *store)
{
    const struct sqlite_group *g = store->group;

    return g && (!store->first || g->broken || g->members >= GROUP_MEMBERS ||
                 ak_monotonic_us() - g->started_us > GROUP_AGE_US);
}

static void turn_end(struct sqlite_store *store)
{
    struct sqlite_waiter *w;
    bool due;

    (void)pthread_mutex_lock(&store->m);
    due = group_is_due(store);
    if (due) {
        (void)pthread_mutex_unlock(&store->m);
        group_finish(store);
        (void)pthread_mutex_lock(&store->m);
    }
    w = store->first;
    store->taken = w != NULL;
    if (w) {
        leave_queue(store, w);
        w->granted = true;
        (void)pthread_cond_signal(&w->turn);
    }
    (void)pthread_mutex_unlock(&store->m);
}

/* Opens the shared transaction; the turn is held. */
static int group_start(struct sqlite_store *store, struct ak_error *err)
{
    int rc;

    if (file_lock(store, F_WRLCK, 0) < 0) {
        return ak_fail_detail(err, AK_STORE, "lock: %m");
    }
    rc = file_lock(store, F_WRLCK, 1) < 0 ? ak_fail_detail(err, AK_STORE, "lock: %m") : 0;
    (void)file_lock(store, F_UNLCK, 0);
    if (rc == 0) {
        rc = sqlite_conn_run(store->writer, "BEGIN IMMEDIATE", err);
    }
    if (rc != 0) {
        (void)file_lock(store, F_UNLCK, 1);
        return rc;
    }
    store->group = ak_new(struct sqlite_group);
    store->group->started_us = ak_monotonic_us();
    (void)pthread_cond_init(&store->group->outcome, NULL);
    return 0;
}

static int begin_write(struct sqlite_store *store, struct sqlite_conn **ret_conn,
                       struct ak_error *err)
{
    int rc = turn_take(store, err);

    if (rc != 0) {
        return rc;
    }
    rc = store->group ? 0 : group_start(store, err);
    if (rc == 0) {
        rc = sqlite_conn_run(store->writer, "SAVEPOINT tx", err);
    }
    if (rc != 0) {
        turn_end(store);
        return rc;
    }
    *ret_conn = store->writer;
    return 0;
}

static int reader_take(struct sqlite_store *store, struct sqlite_conn **ret_conn,
                       struct ak_error *err)
{
    int64_t until = deadline(store);
    bool late = false;
    int rc = 0;

    (void)pthread_mutex_lock(&store->m);
    while (!store->idle && store->n_readers >= store->base.pool_size && !late) {
        late = !ak_cond_wait_until(&store->reader_freed, &store->m, until);
    }
    *ret_conn = store->idle;
    if (store->idle) {
        store->idle = store->idle->next;
        (void)pthread_mutex_unlock(&store->m);
        return 0;
    }
    if (store->n_readers >= store->base.pool_size) {
        (void)pthread_mutex_unlock(&store->m);
        return ak_fail_detail(err, AK_STORE_BUSY, "no connection for reading became free");
    }
    store->n_readers++;
    (void)pthread_mutex_unlock(&store->m);
    rc = sqlite_conn_open(store, false, ret_conn, err);
    if (rc != 0) {
        AK_LOCK(&store->m);
        store->n_readers--;
        (void)pthread_cond_signal(&store->reader_freed);
    }
    return rc;
}

static void reader_give(struct sqlite_store *store, struct sqlite_conn *conn)
{
    AK_LOCK(&store->m);
    conn->next = store->idle;
    store->idle = conn;
    (void)pthread_cond_signal(&store->reader_freed);
}

int sqlite_begin(struct ak_store *base, bool write, struct ak_tx **ret_tx, struct ak_error *err)
{
    struct sqlite_store *store = sqlite_store_of(base);
    struct sqlite_conn *conn = NULL;
    struct sqlite_tx *tx;
    int rc = write ? begin_write(store, &conn, err) : reader_take(store, &conn, err);

    if (rc == 0 && !write) {
        rc = sqlite_conn_run(conn, "BEGIN", err);
        if (rc != 0) {
            reader_give(store, conn);
        }
    }
    if (rc != 0) {
        return rc;
    }
    tx = ak_new(struct sqlite_tx);
    tx->conn = conn;
    *ret_tx = &tx->base;
    return 0;
}

void sqlite_note_broken(struct ak_tx *tx, const struct ak_error *err)
{
    struct sqlite_store *store = sqlite_store_of(tx->store);

    if (tx->write && sqlite3_get_autocommit(store->writer->db) && !store->group->broken) {
        group_break(store->group, err);
    }
}

static void end_read(struct ak_tx *tx)
{
    struct ak_error ignored = {0};

    (void)sqlite_conn_run(sqlite_tx_of(tx)->conn, "COMMIT", &ignored);
    reader_give(sqlite_store_of(tx->store), sqlite_tx_of(tx)->conn);
}

/* Waits until somebody has committed the group that we joined. */
static int group_wait(struct sqlite_store *store, struct sqlite_group *g, struct ak_error *err)
{
    int rc;

    (void)pthread_mutex_lock(&store->m);
    while (!g->done) {
        (void)pthread_cond_wait(&g->outcome, &store->m);
    }
    rc = g->rc;
    if (rc != 0 && err) {
        *err = g->err;
    }
    if (--g->members == 0) {
        (void)pthread_cond_destroy(&g->outcome);
        free(g);
    }
    (void)pthread_mutex_unlock(&store->m);
    return rc;
}

int sqlite_commit(struct ak_tx *tx, struct ak_error *err)
{
    struct sqlite_store *store = sqlite_store_of(tx->store);
    struct sqlite_group *g = store->group;
    int rc;

    if (!tx->write) {
        end_read(tx);
        return 0;
    }
    rc = sqlite_conn_run(store->writer, "RELEASE tx", err);
    if (rc != 0) {
        group_break(g, err); /* what the savepoint held can be neither kept nor dropped alone */
        turn_end(store);
        return rc;
    }
    g->members++; /* group_finish() and turns are ours until turn_end() */
    turn_end(store);
    return group_wait(store, g, err);
}

void sqlite_rollback(struct ak_tx *tx)
{
    struct sqlite_store *store = sqlite_store_of(tx->store);
    struct ak_error err = {0};

    if (!tx->write) {
        end_read(tx);
        return;
    }
    if (!store->group->broken && (sqlite_conn_run(store->writer, "ROLLBACK TO tx", &err) != 0 ||
                                  sqlite_conn_run(store->writer, "RELEASE tx", &err) != 0)) {
        group_break(store->group, &err);
    }
    turn_end(store);
}

void store_sqlite_fail_commit(struct ak_store *base)
{
    struct sqlite_store *store = sqlite_store_of(base);

    store->fail_next_commit = true;
    store->group->started_us = INT64_MAX / 2; /* it ends when nobody waits, however slow the test */
}

int store_sqlite_waiting(struct ak_store *base)
{
    struct sqlite_store *store = sqlite_store_of(base);
    int n = 0;

    AK_LOCK(&store->m);
    for (const struct sqlite_waiter *w = store->first; w; w = w->next) {
        n++;
    }
    return n;
}
