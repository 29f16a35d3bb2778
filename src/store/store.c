/* SPDX-License-Identifier: Apache-2.0 */
/* The store's common half: settings, opening by URL, the life of a transaction, running statements
 * and the injected faults. The engines are behind struct store_ops (sqlite.c, postgres.c). */
#include "store/store.h"

#include "store/store_internal.h"

const struct ak_setting ak_store_settings[] = {
    {"store_url", AK_SETTING_STR, NULL, 1, 1024, "sqlite:/var/lib/akashi/akashi.db", NULL,
     "The database: sqlite:PATH, or a postgresql: URI or connection string."},
    {"store_pool_size", AK_SETTING_INT, NULL, 1, 256, "8", NULL,
     "Connections for reading (SQLite) or for all work (PostgreSQL), at most."},
    {"store_busy_timeout", AK_SETTING_INT, "ms", 10, 600000, "10000", NULL,
     "How long a transaction waits for its turn before it is refused as busy."},
};
const size_t ak_store_settings_n = AK_N(ak_store_settings);

int ak_store_open(const char *url, struct ak_store **ret_store, struct ak_error *err)
{
    if (ak_starts_with(url, "sqlite:")) {
        return store_sqlite_open(url + strlen("sqlite:"), ret_store, err);
    }
    if (ak_starts_with(url, "postgresql://") || ak_starts_with(url, "postgres://")) {
        return store_postgres_open(url, ret_store, err);
    }
    if (ak_starts_with(url, "postgresql:")) {
        return store_postgres_open(url + strlen("postgresql:"), ret_store, err);
    }
    return ak_fail(err, AK_CONFIG, "store_url starts with neither sqlite: nor postgresql:");
}

int ak_store_open_config(const struct ak_config *config, struct ak_store **ret_store,
                         struct ak_error *err)
{
    int rc = ak_store_open(ak_config_str(config, "store_url"), ret_store, err);

    if (rc == 0) {
        (*ret_store)->pool_size = (int)ak_config_int(config, "store_pool_size");
        (*ret_store)->busy_timeout_ms = ak_config_int(config, "store_busy_timeout");
    }
    return rc;
}

void ak_store_close(struct ak_store *store)
{
    if (store) {
        store->ops->close(store);
    }
}

bool ak_store_is_postgresql(const struct ak_store *store)
{
    return store->postgresql;
}

void ak_store_fail_after(struct ak_store *store, int n)
{
    atomic_store(&store->fail_after, n);
}

bool store_fault(struct ak_store *store)
{
    if (atomic_load_explicit(&store->fail_after, memory_order_relaxed) <= 0) {
        return false;
    }
    return atomic_fetch_sub(&store->fail_after, 1) == 1;
}

/* The store in which this thread holds the writer's turn: a second one would wait for itself. */
static _Thread_local const struct ak_store *writing;

static int begin(struct ak_store *store, bool write, struct ak_tx **ret_tx, struct ak_error *err)
{
    struct ak_tx *tx = NULL;
    int rc;

    if (write && writing == store) {
        return ak_fail_detail(err, AK_INTERNAL, "a write transaction inside another one");
    }
    rc = store->ops->begin(store, write, &tx, err);
    if (rc == 0) {
        tx->store = store;
        tx->write = write;
        writing = write ? store : writing;
        *ret_tx = tx;
    }
    return rc;
}

static void ended(struct ak_tx *tx)
{
    tx->ended = true;
    writing = tx->write ? NULL : writing;
}

int ak_tx_read(struct ak_store *store, struct ak_tx **ret_tx, struct ak_error *err)
{
    return begin(store, false, ret_tx, err);
}

int ak_tx_write(struct ak_store *store, struct ak_tx **ret_tx, struct ak_error *err)
{
    return begin(store, true, ret_tx, err);
}

int ak_tx_commit(struct ak_tx *tx, struct ak_error *err)
{
    int rc;

    if (tx->ended || tx->open_rows > 0) {
        return ak_fail_detail(err, AK_INTERNAL, "commit of a transaction %s",
                              tx->ended ? "that has ended" : "with open rows");
    }
    if (tx->failed) {
        return ak_fail_detail(err, AK_STORE, "commit after a failed statement");
    }
    ended(tx);
    rc = tx->store->ops->commit(tx, err);
    for (size_t i = 0; rc == 0 && i < tx->n_callbacks; i++) {
        tx->callbacks[i].call(tx->callbacks[i].data);
    }
    return rc;
}

void ak_tx_free(struct ak_tx *tx)
{
    if (!tx) {
        return;
    }
    if (tx->open_rows > 0) {
        abort(); /* rows outlive their transaction: a bug */
    }
    if (!tx->ended) {
        ended(tx);
        tx->store->ops->rollback(tx);
    }
    free(tx);
}

void ak_tx_on_commit(struct ak_tx *tx, void (*call)(void *data), void *data)
{
    for (size_t i = 0; i < tx->n_callbacks; i++) {
        if (tx->callbacks[i].call == call && tx->callbacks[i].data == data) {
            return;
        }
    }
    if (tx->n_callbacks == STORE_CALLBACKS) {
        abort(); /* a bug */
    }
    tx->callbacks[tx->n_callbacks].call = call;
    tx->callbacks[tx->n_callbacks++].data = data;
}

int store_query_text(struct ak_tx *tx, const struct ak_sql *sql, const char *text,
                     struct ak_args args, struct ak_rows **ret_rows, struct ak_error *err)
{
    struct ak_rows *rows = NULL;
    int rc;

    if (tx->ended || tx->failed) {
        return ak_fail_detail(err, AK_STORE, "%s: after the transaction %s", sql->name,
                              tx->ended ? "ended" : "failed");
    }
    if (args.n > STORE_MAX_PARAMS) {
        return ak_fail_detail(err, AK_INTERNAL, "%s: too many parameters", sql->name);
    }
    if (store_fault(tx->store)) {
        rc = ak_fail_detail(err, AK_STORE, "injected fault");
    } else {
        rc = tx->store->ops->query(tx, text, args, &rows, err);
    }
    if (rc != 0) {
        tx->failed = true;
        ak_error_prefix(err, "%s", sql->name);
        return rc;
    }
    rows->tx = tx;
    tx->open_rows++;
    *ret_rows = rows;
    return 0;
}

int ak_sql_query(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                 struct ak_rows **ret_rows, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = NULL;
    const char *text = sql->text;

    if (args.n != (size_t)sql->n_params) {
        return ak_fail_detail(err, AK_INTERNAL, "%s: %zu arguments for %d parameters", sql->name,
                              args.n, sql->n_params);
    }
    if (strchr(text, '{')) {
        arena = ak_arena_new();
        text = store_fill(arena, text, NULL, NULL);
    }
    return store_query_text(tx, sql, text, args, ret_rows, err);
}

int ak_sql_exec(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                int64_t *ret_changed, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, sql, args, &rows, err);

    while (rc == 0 && (rc = ak_rows_next(rows, err)) > 0) {
        rc = 0;
    }
    if (rc == 0 && ret_changed) {
        *ret_changed = tx->store->ops->changed(rows);
    }
    return rc;
}

int ak_sql_int(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args, int64_t *ret_value,
               struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, sql, args, &rows, err);

    if (rc < 0 || (rc = ak_rows_next(rows, err)) < 0) {
        return rc;
    }
    if (rc == 0) {
        return ak_fail(err, AK_NOT_FOUND);
    }
    *ret_value = ak_rows_int(rows, 0);
    return 0;
}

int ak_rows_next(struct ak_rows *rows, struct ak_error *err)
{
    int rc;

    if (rows->first) {
        rows->first = false;
        return 1;
    }
    if (rows->end) {
        return 0;
    }
    rc = rows->tx->store->ops->next(rows, err);
    rows->end = rc <= 0;
    rows->tx->failed |= rc < 0;
    return rc;
}

int ak_rows_column(struct ak_rows *rows, const char *name)
{
    const struct store_ops *ops = rows->tx->store->ops;
    int n = ops->n_columns(rows);

    for (int i = 0; i < n; i++) {
        if (strcmp(ops->column_name(rows, i), name) == 0) {
            return i;
        }
    }
    return -1;
}

bool ak_rows_is_null(struct ak_rows *rows, int column)
{
    return rows->tx->store->ops->type(rows, column) == AK_V_NULL;
}

int64_t ak_rows_int(struct ak_rows *rows, int column)
{
    return rows->tx->store->ops->as_int(rows, column);
}

const char *ak_rows_text(struct ak_rows *rows, int column)
{
    return rows->tx->store->ops->as_text(rows, column);
}

struct ak_value store_rows_value(struct ak_rows *rows, int column, struct ak_arena *arena)
{
    switch (rows->tx->store->ops->type(rows, column)) {
    case AK_V_INT:
        return ak_v_int(ak_rows_int(rows, column));
    case AK_V_TEXT:
        return ak_v_text(ak_arena_strdup(arena, ak_rows_text(rows, column)));
    default:
        return ak_v_null();
    }
}

void ak_rows_free(struct ak_rows *rows)
{
    if (rows) {
        rows->tx->open_rows--;
        rows->tx->store->ops->free_rows(rows);
    }
}

int ak_sql_prepare_all(struct ak_store *store, const struct ak_sql *const *all,
                       struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    for (; rc == 0 && *all; all++) {
        rc = store->ops->prepare(tx, store_fill(arena, (*all)->text, NULL, NULL), (*all)->n_params,
                                 err);
        if (rc != 0) {
            ak_error_prefix(err, "%s", (*all)->name);
        }
    }
    return rc;
}
