/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: one connection per transaction from a pool, prepared statements by name, errors by
 * SQLSTATE. Writers take one advisory lock first, so that they run one after another as on SQLite:
 * code that reads and then writes (quotas, names, sequence numbers) is right on both engines
 * without row locks, which the common dialect lacks. See docs/decisions/0110-one-writer.md. */
#include <libpq-fe.h>

#include "store/store_internal.h"

#define WRITER_LOCK "4702394917" /* any number of our own */

struct pg_conn {
    PGconn *c;
    struct store_cache cache;
    unsigned made; /* statements so far: their names */
    struct pg_conn *next;
};
struct pg_stmt {
    struct store_stmt base;
    char name[16];
};
struct pg_store {
    struct ak_store base;
    char *conninfo;
    pthread_mutex_t m; /* guards the pool */
    pthread_cond_t freed;
    struct pg_conn *idle;
    int n_conns;
};
struct pg_tx {
    struct ak_tx base;
    struct pg_conn *conn;
};
struct pg_rows {
    struct ak_rows base;
    PGresult *res;
    int row; /* the present one */
};

static struct pg_store *pg_of(struct ak_store *store)
{
    return (struct pg_store *)store;
}
static struct pg_conn *conn_of(struct ak_tx *tx)
{
    return ((struct pg_tx *)tx)->conn;
}
static struct pg_rows *rows_of(struct ak_rows *rows)
{
    return (struct pg_rows *)rows;
}

static void clear_result(PGresult **res)
{
    PQclear(*res);
}
#define AUTO_RESULT __attribute__((cleanup(clear_result))) PGresult *

static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* Class 08 and 57P: the server or the way to it is gone; the whole may be tried again. */
static enum ak_error_code code_of(const char *state)
{
    static const struct {
        const char *state;
        enum ak_error_code code;
    } rows[] = {
        {"23505", AK_STORE_DUPLICATE},  {"23503", AK_STORE_REFERENCED},
        {"23001", AK_STORE_REFERENCED}, {"40001", AK_STORE_BUSY},
        {"40P01", AK_STORE_BUSY},       {"55P03", AK_STORE_BUSY},
        {"53300", AK_STORE_BUSY},       {"53100", AK_NO_SPACE},
        {"57014", AK_STORE_BUSY},       {"25P03", AK_STORE_BUSY},
    };

    for (size_t i = 0; i < AK_N(rows); i++) {
        if (strcmp(rows[i].state, state) == 0) {
            return rows[i].code;
        }
    }
    return ak_starts_with(state, "08") || ak_starts_with(state, "57P") ? AK_STORE_BUSY : AK_STORE;
}

static int pg_fail(struct pg_conn *conn, const PGresult *res, struct ak_error *err)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;

    if (!state) { /* no word from the server: the connection is gone */
        enum ak_error_code code = PQstatus(conn->c) == CONNECTION_BAD ? AK_STORE_BUSY : AK_STORE;

        return ak_fail_detail(err, code, "PostgreSQL: %s", PQerrorMessage(conn->c));
    }
    return ak_fail_detail(err, code_of(state), "PostgreSQL %s: %s", state, text ? text : "");
}

static int command(struct pg_conn *conn, const char *text, struct ak_error *err)
{
    AUTO_RESULT res = PQexec(conn->c, text);
    ExecStatusType status = PQresultStatus(res);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        return 0;
    }
    return pg_fail(conn, res, err);
}

static void free_stmt(void *data, struct store_stmt *stmt)
{
    struct pg_conn *conn = data;
    char text[40];

    if (conn->c && PQtransactionStatus(conn->c) != PQTRANS_INERROR) {
        struct ak_error ignored = {0};

        (void)snprintf(text, sizeof(text), "DEALLOCATE %s", ((struct pg_stmt *)stmt)->name);
        (void)command(conn, text, &ignored);
    }
    free(stmt);
}

static void conn_free(struct pg_conn *conn)
{
    PQfinish(conn->c);
    conn->c = NULL;
    store_cache_clear(&conn->cache);
    free(conn);
}

static int conn_open(struct pg_store *store, struct pg_conn **ret_conn, struct ak_error *err)
{
    const char *const keys[] = {"fallback_application_name", "connect_timeout", "client_encoding",
                                "dbname", NULL};
    const char *const values[] = {"akashi", "5", "UTF8", store->conninfo, NULL};
    struct pg_conn *conn = ak_new(struct pg_conn);
    char text[256];
    int rc;

    conn->cache.free_stmt = free_stmt;
    conn->cache.conn = conn;
    conn->c = PQconnectdbParams(keys, values, 1);
    if (PQstatus(conn->c) != CONNECTION_OK) {
        rc = ak_fail_detail(err, AK_STORE_BUSY, "PostgreSQL: %s", PQerrorMessage(conn->c));
        conn_free(conn);
        return rc;
    }
    (void)PQsetNoticeProcessor(conn->c, ignore_notice, NULL);
    (void)snprintf(text, sizeof(text),
                   "SET standard_conforming_strings = on; SET lock_timeout = %" PRId64
                   "; SET idle_in_transaction_session_timeout = 60000;"
                   "SET synchronous_commit = on; SET plan_cache_mode = auto",
                   store->base.busy_timeout_ms);
    rc = command(conn, text, err);
    if (rc != 0) {
        conn_free(conn);
        return rc;
    }
    *ret_conn = conn;
    return 0;
}

/* A connection of the pool, or a new one. '*ret_used' tells that it was open before, and may have
 * lost its server since. */
static int conn_take(struct pg_store *store, struct pg_conn **ret_conn, bool *ret_used,
                     struct ak_error *err)
{
    int64_t until = ak_monotonic_us() + store->base.busy_timeout_ms * AK_MS;
    bool late = false;
    int rc = 0;

    (void)pthread_mutex_lock(&store->m);
    while (!store->idle && store->n_conns >= store->base.pool_size && !late) {
        late = !ak_cond_wait_until(&store->freed, &store->m, until);
    }
    *ret_conn = store->idle;
    *ret_used = store->idle != NULL;
    if (store->idle) {
        store->idle = store->idle->next;
        (void)pthread_mutex_unlock(&store->m);
        return 0;
    }
    if (store->n_conns >= store->base.pool_size) {
        (void)pthread_mutex_unlock(&store->m);
        return ak_fail_detail(err, AK_STORE_BUSY, "no connection became free");
    }
    store->n_conns++;
    (void)pthread_mutex_unlock(&store->m);
    rc = conn_open(store, ret_conn, err);
    if (rc != 0) {
        AK_LOCK(&store->m);
        store->n_conns--;
        (void)pthread_cond_signal(&store->freed);
    }
    return rc;
}

static void conn_give(struct pg_store *store, struct pg_conn *conn)
{
    bool sound = PQstatus(conn->c) == CONNECTION_OK && PQtransactionStatus(conn->c) == PQTRANS_IDLE;

    if (!sound) {
        conn_free(conn);
    }
    AK_LOCK(&store->m);
    if (sound) {
        conn->next = store->idle;
        store->idle = conn;
    } else {
        store->n_conns--;
    }
    (void)pthread_cond_signal(&store->freed);
}

static int op_begin(struct ak_store *base, bool write, struct ak_tx **ret_tx, struct ak_error *err)
{
    const char *text = write ? "BEGIN; SELECT pg_advisory_xact_lock(" WRITER_LOCK ")"
                             : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    struct pg_store *store = pg_of(base);
    struct pg_conn *conn = NULL;
    struct pg_tx *tx;
    bool used = true;
    int rc = 0;

    while (
        used) { /* a used connection that turns out dead gives way to another, at last a new one */
        rc = conn_take(store, &conn, &used, err);
        if (rc != 0) {
            return rc;
        }
        rc = command(conn, text, err);
        if (rc == 0) {
            break;
        }
        if (PQstatus(conn->c) == CONNECTION_OK) {
            struct ak_error ignored = {0};

            (void)command(conn, "ROLLBACK", &ignored);
            used = false;
        }
        conn_give(store, conn);
    }
    if (rc != 0) {
        return rc;
    }
    ak_error_clear(err);
    tx = ak_new(struct pg_tx);
    tx->conn = conn;
    *ret_tx = &tx->base;
    return 0;
}

static int op_commit(struct ak_tx *tx, struct ak_error *err)
{
    struct pg_conn *conn = conn_of(tx);
    struct ak_error ignored = {0};
    int rc;

    if (tx->write && store_fault(tx->store)) {
        (void)command(conn, "ROLLBACK", &ignored);
        rc = ak_fail_detail(err, AK_STORE, "injected fault");
    } else {
        rc = command(conn, "COMMIT", err);
        if (rc != 0 && PQstatus(conn->c) == CONNECTION_BAD) {
            /* Nobody knows whether it was committed: not to be repeated blindly. */
            rc = ak_fail_detail(err, AK_STORE, "PostgreSQL: connection lost during COMMIT");
        }
    }
    conn_give(pg_of(tx->store), conn);
    return rc;
}

static void op_rollback(struct ak_tx *tx)
{
    struct ak_error ignored = {0};

    (void)command(conn_of(tx), "ROLLBACK", &ignored);
    conn_give(pg_of(tx->store), conn_of(tx));
}

static int prepare(struct pg_conn *conn, const char *text, struct pg_stmt **ret_stmt,
                   struct ak_error *err)
{
    struct pg_stmt *stmt = (struct pg_stmt *)store_cache_find(&conn->cache, text);

    if (!stmt) {
        char name[sizeof(stmt->name)];

        (void)snprintf(name, sizeof(name), "s%u", conn->made++);
        AUTO_RESULT res = PQprepare(conn->c, name, text, 0, NULL);

        if (PQresultStatus(res) != PGRES_COMMAND_OK) {
            return pg_fail(conn, res, err);
        }
        stmt = ak_new(struct pg_stmt);
        memcpy(stmt->name, name, sizeof(name));
        stmt->base.text = ak_xstrdup(text);
        store_cache_add(&conn->cache, &stmt->base);
    }
    *ret_stmt = stmt;
    return 0;
}

static int op_query(struct ak_tx *tx, const char *text, struct ak_args args,
                    struct ak_rows **ret_rows, struct ak_error *err)
{
    const char *values[STORE_MAX_PARAMS + 1] = {0};
    char numbers[STORE_MAX_PARAMS][24];
    struct pg_conn *conn = conn_of(tx);
    struct pg_stmt *stmt;
    struct pg_rows *rows;
    ExecStatusType status;
    int rc = prepare(conn, text, &stmt, err);

    if (rc != 0) {
        return rc;
    }
    for (size_t i = 0; i < args.n; i++) {
        if (args.v[i].type == AK_V_INT) {
            (void)snprintf(numbers[i], sizeof(numbers[i]), "%" PRId64, args.v[i].i);
            values[i] = numbers[i];
        } else {
            values[i] = args.v[i].type == AK_V_TEXT ? args.v[i].s : NULL;
        }
    }
    rows = ak_new(struct pg_rows);
    rows->res = PQexecPrepared(conn->c, stmt->name, (int)args.n, values, NULL, NULL, 0);
    status = PQresultStatus(rows->res);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        rc = pg_fail(conn, rows->res, err);
        PQclear(rows->res);
        free(rows);
        return rc;
    }
    stmt->base.busy = true;
    rows->base.stmt = &stmt->base;
    rows->base.first = PQntuples(rows->res) > 0;
    rows->base.end = !rows->base.first;
    *ret_rows = &rows->base;
    return 0;
}

static int op_prepare(struct ak_tx *tx, const char *text, int n_params, struct ak_error *err)
{
    struct pg_conn *conn = conn_of(tx);
    struct pg_stmt *stmt;
    int rc = prepare(conn, text, &stmt, err);

    if (rc == 0) {
        AUTO_RESULT res = PQdescribePrepared(conn->c, stmt->name);

        if (PQresultStatus(res) != PGRES_COMMAND_OK) {
            return pg_fail(conn, res, err);
        }
        if (PQnparams(res) != n_params) {
            return ak_fail_detail(err, AK_STORE, "%d parameters expected", n_params);
        }
    }
    return rc;
}

static int op_script(struct ak_tx *tx, const char *text, struct ak_error *err)
{
    return command(conn_of(tx), text, err);
}

static int op_next(struct ak_rows *base, struct ak_error *err)
{
    struct pg_rows *rows = rows_of(base);

    (void)err;
    return ++rows->row < PQntuples(rows->res) ? 1 : 0;
}

static int op_n_columns(struct ak_rows *rows)
{
    return PQnfields(rows_of(rows)->res);
}

static const char *op_column_name(struct ak_rows *rows, int column)
{
    return PQfname(rows_of(rows)->res, column);
}

static enum ak_value_type op_type(struct ak_rows *base, int column)
{
    struct pg_rows *rows = rows_of(base);

    if (PQgetisnull(rows->res, rows->row, column)) {
        return AK_V_NULL;
    }
    switch (PQftype(rows->res, column)) {
    case 16: /* bool */
    case 20: /* int8 */
    case 21: /* int2 */
    case 23: /* int4 */
        return AK_V_INT;
    default:
        return AK_V_TEXT;
    }
}

static int64_t op_as_int(struct ak_rows *base, int column)
{
    struct pg_rows *rows = rows_of(base);
    const char *text = PQgetvalue(rows->res, rows->row, column);

    if (PQftype(rows->res, column) == 16) {
        return text[0] == 't';
    }
    return strtoll(text, NULL, 10); /* also of SUM's numeric */
}

static const char *op_as_text(struct ak_rows *base, int column)
{
    struct pg_rows *rows = rows_of(base);

    if (PQgetisnull(rows->res, rows->row, column)) {
        return NULL;
    }
    return PQgetvalue(rows->res, rows->row, column);
}

static int64_t op_changed(struct ak_rows *rows)
{
    const char *n = PQcmdTuples(rows_of(rows)->res);

    return ak_starts_with(PQcmdStatus(rows_of(rows)->res), "SELECT") ? 0 : strtoll(n, NULL, 10);
}

static void op_free_rows(struct ak_rows *rows)
{
    rows->stmt->busy = false;
    PQclear(rows_of(rows)->res);
    free(rows_of(rows));
}

static int op_check(struct ak_store *base, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;

    return ak_tx_read(base, &tx, err); /* soundness is the server's own business */
}

static void op_close(struct ak_store *base)
{
    struct pg_store *store = pg_of(base);

    while (store->idle) {
        struct pg_conn *conn = store->idle;

        store->idle = conn->next;
        conn_free(conn);
    }
    (void)pthread_cond_destroy(&store->freed);
    (void)pthread_mutex_destroy(&store->m);
    free(store->conninfo);
    free(store);
}

static const struct store_ops postgres_ops = {
    .begin = op_begin,
    .commit = op_commit,
    .rollback = op_rollback,
    .query = op_query,
    .prepare = op_prepare,
    .script = op_script,
    .next = op_next,
    .n_columns = op_n_columns,
    .column_name = op_column_name,
    .type = op_type,
    .as_int = op_as_int,
    .as_text = op_as_text,
    .changed = op_changed,
    .free_rows = op_free_rows,
    .check = op_check,
    .close = op_close,
};

int store_postgres_open(const char *conninfo, struct ak_store **ret_store, struct ak_error *err)
{
    struct pg_store *store = ak_new(struct pg_store);
    struct pg_conn *conn = NULL;
    int rc;

    store->base.ops = &postgres_ops;
    store->base.postgresql = true;
    store->base.pool_size = 8;
    store->base.busy_timeout_ms = 10000;
    store->conninfo = ak_xstrdup(conninfo);
    (void)pthread_mutex_init(&store->m, NULL);
    ak_cond_init(&store->freed);
    rc = conn_open(store, &conn, err); /* tells at once when the settings are wrong */
    if (rc != 0) {
        op_close(&store->base);
        return rc;
    }
    conn_free(conn);
    *ret_store = &store->base;
    return 0;
}
