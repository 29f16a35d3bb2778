/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: connections with the safe settings, statements and rows. How transactions share the one
 * writer is in sqlite_tx.c. A connection is used by one thread at a time, hence NOMUTEX.
 *
 * "$1" is a name to SQLite, numbered by first appearance in the text: every parameter is bound
 * through sqlite3_bind_parameter_index(), once looked up and kept with the statement. */
#include "store/sqlite_internal.h"

#include <fcntl.h>
#include <unistd.h>

struct sqlite_stmt {
    struct store_stmt base;
    sqlite3_stmt *st;
    int index[STORE_MAX_PARAMS + 1]; /* of $1, $2 …; 0 = not in the text */
};

static struct sqlite_stmt *stmt_of(struct ak_rows *rows)
{
    return (struct sqlite_stmt *)rows->stmt;
}

int sqlite_fail(sqlite3 *db, int rc, struct ak_error *err)
{
    int extended = db ? sqlite3_extended_errcode(db) : rc;
    const char *text = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    enum ak_error_code code = AK_STORE;

    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        code = AK_STORE_DUPLICATE;
        break;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER: /* ON DELETE RESTRICT */
        code = AK_STORE_REFERENCED;
        break;
    default:
        if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) {
            code = AK_STORE_BUSY;
        } else if ((rc & 0xff) == SQLITE_FULL) {
            code = AK_NO_SPACE;
        }
    }
    return ak_fail_detail(err, code, "SQLite %d: %s", extended, text);
}

static void free_stmt(void *conn, struct store_stmt *stmt)
{
    (void)conn;
    (void)sqlite3_finalize(((struct sqlite_stmt *)stmt)->st);
    free(stmt);
}

static int prepare(struct sqlite_conn *conn, const char *text, struct sqlite_stmt **ret_stmt,
                   struct ak_error *err)
{
    struct sqlite_stmt *stmt = (struct sqlite_stmt *)store_cache_find(&conn->cache, text);
    int rc;

    if (!stmt) {
        stmt = ak_new(struct sqlite_stmt);
        rc = sqlite3_prepare_v3(conn->db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt->st, NULL);
        if (rc != SQLITE_OK) {
            free(stmt);
            return sqlite_fail(conn->db, rc, err);
        }
        for (int i = 1; i <= STORE_MAX_PARAMS && i <= sqlite3_bind_parameter_count(stmt->st); i++) {
            char name[16];

            (void)snprintf(name, sizeof(name), "$%d", i);
            stmt->index[i] = sqlite3_bind_parameter_index(stmt->st, name);
        }
        stmt->base.text = ak_xstrdup(text);
        store_cache_add(&conn->cache, &stmt->base);
    }
    *ret_stmt = stmt;
    return 0;
}

static int bind_all(struct sqlite_conn *conn, struct sqlite_stmt *stmt, struct ak_args args,
                    struct ak_error *err)
{
    int rc = SQLITE_OK;

    if (args.n != (size_t)sqlite3_bind_parameter_count(stmt->st)) {
        return ak_fail_detail(err, AK_INTERNAL, "%zu values for %d parameters", args.n,
                              sqlite3_bind_parameter_count(stmt->st));
    }
    for (size_t i = 0; i < args.n && rc == SQLITE_OK; i++) {
        int index = stmt->index[i + 1];

        switch (args.v[i].type) {
        case AK_V_INT:
            rc = sqlite3_bind_int64(stmt->st, index, args.v[i].i);
            break;
        case AK_V_TEXT:
            rc = sqlite3_bind_text(stmt->st, index, args.v[i].s, -1, SQLITE_TRANSIENT);
            break;
        case AK_V_NULL:
            rc = sqlite3_bind_null(stmt->st, index);
            break;
        }
    }
    return rc == SQLITE_OK ? 0 : sqlite_fail(conn->db, rc, err);
}

static void idle_again(struct sqlite_stmt *stmt)
{
    (void)sqlite3_reset(stmt->st);
    (void)sqlite3_clear_bindings(stmt->st);
    stmt->base.busy = false;
}

int sqlite_conn_run(struct sqlite_conn *conn, const char *text, struct ak_error *err)
{
    struct sqlite_stmt *stmt;
    int rc = prepare(conn, text, &stmt, err);

    if (rc == 0) {
        int step = sqlite3_step(stmt->st);

        rc = step == SQLITE_DONE || step == SQLITE_ROW ? 0 : sqlite_fail(conn->db, step, err);
        idle_again(stmt);
    }
    return rc;
}

static int op_query(struct ak_tx *tx, const char *text, struct ak_args args,
                    struct ak_rows **ret_rows, struct ak_error *err)
{
    struct sqlite_conn *conn = sqlite_tx_of(tx)->conn;
    struct sqlite_stmt *stmt;
    int rc = prepare(conn, text, &stmt, err), step = SQLITE_OK;

    if (rc != 0) {
        return rc;
    }
    stmt->base.busy = true;
    rc = bind_all(conn, stmt, args, err);
    if (rc == 0) {
        step = sqlite3_step(stmt->st);
        rc = step == SQLITE_DONE || step == SQLITE_ROW ? 0 : sqlite_fail(conn->db, step, err);
    }
    if (rc != 0) {
        idle_again(stmt);
        sqlite_note_broken(tx, err);
        return rc;
    }
    *ret_rows = ak_new(struct ak_rows);
    (*ret_rows)->stmt = &stmt->base;
    (*ret_rows)->first = step == SQLITE_ROW;
    (*ret_rows)->end = step == SQLITE_DONE;
    return 0;
}

static int op_prepare(struct ak_tx *tx, const char *text, int n_params, struct ak_error *err)
{
    struct sqlite_stmt *stmt;
    int rc = prepare(sqlite_tx_of(tx)->conn, text, &stmt, err);

    if (rc == 0 && sqlite3_bind_parameter_count(stmt->st) != n_params) {
        rc = ak_fail_detail(err, AK_STORE, "%d parameters expected", n_params);
    }
    return rc;
}

static int op_script(struct ak_tx *tx, const char *text, struct ak_error *err)
{
    sqlite3 *db = sqlite_tx_of(tx)->conn->db;
    int rc = sqlite3_exec(db, text, NULL, NULL, NULL);

    return rc == SQLITE_OK ? 0 : sqlite_fail(db, rc, err);
}

static int op_next(struct ak_rows *rows, struct ak_error *err)
{
    int rc = sqlite3_step(stmt_of(rows)->st);

    if (rc == SQLITE_ROW) {
        return 1;
    }
    if (rc == SQLITE_DONE) {
        return 0;
    }
    rc = sqlite_fail(sqlite_tx_of(rows->tx)->conn->db, rc, err);
    sqlite_note_broken(rows->tx, err);
    return rc;
}

static int op_n_columns(struct ak_rows *rows)
{
    return sqlite3_column_count(stmt_of(rows)->st);
}

static const char *op_column_name(struct ak_rows *rows, int column)
{
    const char *name = sqlite3_column_name(stmt_of(rows)->st, column);

    return name ? name : "";
}

static enum ak_value_type op_type(struct ak_rows *rows, int column)
{
    switch (sqlite3_column_type(stmt_of(rows)->st, column)) {
    case SQLITE_NULL:
        return AK_V_NULL;
    case SQLITE_INTEGER:
        return AK_V_INT;
    default:
        return AK_V_TEXT;
    }
}

static int64_t op_as_int(struct ak_rows *rows, int column)
{
    return sqlite3_column_int64(stmt_of(rows)->st, column);
}

static const char *op_as_text(struct ak_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(stmt_of(rows)->st, column);
}

static int64_t op_changed(struct ak_rows *rows)
{
    sqlite3_stmt *st = stmt_of(rows)->st;

    return sqlite3_stmt_readonly(st) ? 0 : sqlite3_changes64(sqlite3_db_handle(st));
}

static void op_free_rows(struct ak_rows *rows)
{
    idle_again(stmt_of(rows));
    free(rows);
}

static int op_check(struct ak_store *base, struct ak_error *err)
{
    static const struct ak_sql quick = {"quick_check", "PRAGMA quick_check(1)", 0, ""};
    static const struct ak_sql keys = {"foreign_key_check", "PRAGMA foreign_key_check", 0, ""};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(base, &tx, err);

    if (rc == 0) {
        AK_AUTO(ak_rows) rows = NULL;

        rc = ak_sql_query(tx, &quick, AK_NO_ARGS, &rows, err);
        if (rc == 0 && (rc = ak_rows_next(rows, err)) > 0) {
            const char *text = ak_rows_text(rows, 0);

            rc = ak_streq(text, "ok") ? 0 : ak_fail_detail(err, AK_STORE, "unsound: %s", text);
        }
    }
    if (rc == 0) {
        AK_AUTO(ak_rows) rows = NULL;

        rc = ak_sql_query(tx, &keys, AK_NO_ARGS, &rows, err);
        if (rc == 0 && (rc = ak_rows_next(rows, err)) > 0) {
            rc = ak_fail_detail(err, AK_STORE, "a row of %s refers to nothing",
                                ak_rows_text(rows, 0));
        }
    }
    return rc;
}

static void op_close(struct ak_store *base)
{
    struct sqlite_store *store = sqlite_store_of(base);

    while (store->idle) {
        struct sqlite_conn *conn = store->idle;

        store->idle = conn->next;
        sqlite_conn_free(conn);
    }
    sqlite_conn_free(store->writer);
    ak_auto_fd_(&store->lock_fd);
    (void)pthread_cond_destroy(&store->reader_freed);
    (void)pthread_mutex_destroy(&store->m);
    free(store->path);
    free(store);
}

static const struct store_ops sqlite_ops = {
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
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

void sqlite_conn_free(struct sqlite_conn *conn)
{
    if (conn) {
        store_cache_clear(&conn->cache);
        (void)sqlite3_close(conn->db);
        free(conn);
    }
}

int sqlite_conn_open(struct sqlite_store *store, bool writer, struct sqlite_conn **ret_conn,
                     struct ak_error *err)
{
    static const char settings[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                   "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                                   "PRAGMA journal_size_limit=67108864;";
    struct sqlite_conn *conn = ak_new(struct sqlite_conn);
    int rc =
        sqlite3_open_v2(store->path, &conn->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    conn->cache.free_stmt = free_stmt;
    if (rc == SQLITE_OK) {
        (void)sqlite3_extended_result_codes(conn->db, 1);
        (void)sqlite3_busy_timeout(conn->db, (int)store->base.busy_timeout_ms);
        (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        (void)sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
        rc = sqlite3_exec(conn->db, settings, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(conn->db, writer ? "PRAGMA cache_size=-4096" : "PRAGMA cache_size=-1024",
                          NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        rc = sqlite_fail(conn->db, rc, err);
        ak_error_prefix(err, "%s", store->path);
        sqlite_conn_free(conn);
        return rc;
    }
    *ret_conn = conn;
    return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void configure_once(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Creates the file with mode 0600 (SQLite gives its companions the same) and the lock file. */
static int open_files(struct sqlite_store *store, struct ak_error *err)
{
    AK_AUTO_FD fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    AK_AUTO_STR lock = ak_xasprintf("%s-turn", store->path);

    if (fd >= 0) {
        store->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    if (fd < 0 || store->lock_fd < 0) {
        return ak_fail_detail(err, AK_STORE, "cannot open %s: %m", fd < 0 ? store->path : lock);
    }
    return 0;
}

int store_sqlite_open(const char *path, struct ak_store **ret_store, struct ak_error *err)
{
    struct sqlite_store *store = ak_new(struct sqlite_store);
    int rc;

    (void)pthread_once(&once, configure_once);
    store->base.ops = &sqlite_ops;
    store->base.pool_size = 8;
    store->base.busy_timeout_ms = 10000;
    store->path = ak_xstrdup(path);
    store->lock_fd = -1;
    (void)pthread_mutex_init(&store->m, NULL);
    ak_cond_init(&store->reader_freed);
    rc = open_files(store, err);
    if (rc == 0) {
        rc = sqlite_conn_open(store, true, &store->writer, err);
    }
    if (rc != 0) {
        op_close(&store->base);
        return rc;
    }
    *ret_store = &store->base;
    return 0;
}
