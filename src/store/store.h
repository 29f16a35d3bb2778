/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_STORE_H
#define AK_STORE_H
/* The database: SQLite or PostgreSQL behind one interface, one SQL dialect.
 *
 * Work happens in transactions. A read transaction sees one snapshot. Write transactions of a
 * process on SQLite run one after another as savepoints of a shared transaction, and are committed
 * together (group commit): ak_tx_commit() returns when the change is durable, and a failure of the
 * shared commit fails all of them. On PostgreSQL each has its own connection.
 * Never hold a transaction while waiting for an engine. */
#include "base/base.h"
#include "json/fields.h"

struct ak_store;
struct ak_tx;
struct ak_rows;

extern const struct ak_setting ak_store_settings[]; /* store_url, store_pool_size, … */
extern const size_t ak_store_settings_n;

/* url: "sqlite:/path/to/file", "postgresql://…" (a libpq URI) or "postgresql:KEY=VALUE …" (a libpq
 * connection string).
 * Does not migrate. AK_STORE, AK_CONFIG. */
int ak_store_open(const char *url, struct ak_store **ret_store, struct ak_error *err);
/* As ak_store_open() with store_url and the other settings above. */
int ak_store_open_config(const struct ak_config *config, struct ak_store **ret_store,
                         struct ak_error *err);
void ak_store_close(struct ak_store *store);
static inline void ak_store_free(struct ak_store *store)
{
    ak_store_close(store);
}
AK_DEFINE_AUTO(ak_store)
bool ak_store_is_postgresql(const struct ak_store *store);

/* One migration, embedded from src/store/migrations/NNNN_name.sql by tools/gen-sql.py. */
struct ak_migration {
    int number;
    const char *name;
    const char *sql; /* statements separated by ';' at line ends */
    const char *sha256;
};
extern const struct ak_migration ak_migrations[];
extern const size_t ak_migrations_n;
/* Applies what is missing, in order, each in its own transaction, under a lock against other
 * processes. AK_STORE with detail when a recorded checksum differs from ours, or the database is
 * newer than we are. */
int ak_store_migrate(struct ak_store *store, struct ak_error *err);
/* 0 when the database is at our version with our checksums; what every start asks. */
int ak_store_check_version(struct ak_store *store, struct ak_error *err);
/* As above, and sound (SQLite: quick_check and foreign keys, which read all of it). */
int ak_store_check(struct ak_store *store, struct ak_error *err);

/* Values. TEXT is UTF-8; NULL text is SQL NULL. */
enum ak_value_type { AK_V_NULL, AK_V_INT, AK_V_TEXT };
struct ak_value {
    enum ak_value_type type;
    int64_t i;
    const char *s;
};
static inline struct ak_value ak_v_int(int64_t i)
{
    return (struct ak_value){.type = AK_V_INT, .i = i};
}
static inline struct ak_value ak_v_text(const char *s)
{
    return (struct ak_value){.type = s ? AK_V_TEXT : AK_V_NULL, .s = s};
}
static inline struct ak_value ak_v_null(void)
{
    return (struct ak_value){.type = AK_V_NULL};
}
/* AK_ARGS(ak_v_text(id), ak_v_int(now)): $1, $2, … in order. */
struct ak_args {
    const struct ak_value *v;
    size_t n;
};
#define AK_ARGS(...)                                                                               \
    (struct ak_args)                                                                               \
    {                                                                                              \
        .v = (const struct ak_value[]){__VA_ARGS__},                                               \
        .n = sizeof((const struct ak_value[]){__VA_ARGS__}) / sizeof(struct ak_value)              \
    }
#define AK_NO_ARGS ((struct ak_args){0})

/* A named statement, generated from <domain>.sql by tools/gen-sql.py as static const sql_<name>. */
struct ak_sql {
    const char *name;
    const char *text; /* may hold {filter} and {page}, see query.h */
    int n_params;
    const char *scope; /* "project" or "cloud: reason" */
};

/* Transactions. A statement that failed dooms its transaction, on both engines: nothing but
 * ak_tx_free() is left (use ON CONFLICT or ask first). A write transaction inside another one of
 * the same thread is AK_INTERNAL. ak_tx_free() without commit rolls back; ak_tx_commit() frees
 * nothing: always pair with AK_AUTO(ak_tx). AK_STORE_BUSY (retry the whole), AK_STORE, AK_NO_SPACE.
 */
int ak_tx_read(struct ak_store *store, struct ak_tx **ret_tx, struct ak_error *err);
int ak_tx_write(struct ak_store *store, struct ak_tx **ret_tx, struct ak_error *err);
int ak_tx_commit(struct ak_tx *tx, struct ak_error *err);
void ak_tx_free(struct ak_tx *tx);
AK_DEFINE_AUTO(ak_tx)
/* Called after a successful commit of the transaction (e.g. to wake the worker). At most 4. */
void ak_tx_on_commit(struct ak_tx *tx, void (*call)(void *data), void *data);

/* Runs a statement. '*ret_changed' (may be NULL) gets the number of rows changed.
 * AK_STORE_DUPLICATE (unique key), AK_STORE_REFERENCED (foreign key), AK_STORE_BUSY, AK_STORE,
 * AK_NO_SPACE. */
int ak_sql_exec(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                int64_t *ret_changed, struct ak_error *err);
/* Starts a query; also for … RETURNING. Rows must be freed before the transaction. */
int ak_sql_query(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                 struct ak_rows **ret_rows, struct ak_error *err);
/* One row or AK_NOT_FOUND; the rest is ignored. Integers: the first column. */
int ak_sql_int(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args, int64_t *ret_value,
               struct ak_error *err);
/* Loads the first row into 'obj' by the field table (columns by name). AK_NOT_FOUND. */
int ak_sql_load(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                const struct ak_fields *fields, struct ak_arena *arena, void *obj,
                struct ak_error *err);
/* Loads all rows: 'ret_list' gets an array of structs in the arena. At most 'max' rows (0 = 10000),
 * beyond: AK_INTERNAL. */
int ak_sql_load_all(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                    const struct ak_fields *fields, struct ak_arena *arena, size_t max,
                    struct ak_list *ret_list, struct ak_error *err);

/* Rows: 1 = a row, 0 = the end, negative = error. Text is valid until the next call. */
int ak_rows_next(struct ak_rows *rows, struct ak_error *err);
int ak_rows_column(struct ak_rows *rows, const char *name); /* index, -1 when absent */
bool ak_rows_is_null(struct ak_rows *rows, int column);
int64_t ak_rows_int(struct ak_rows *rows, int column);
const char *ak_rows_text(struct ak_rows *rows, int column); /* NULL for SQL NULL */
/* Fills 'obj' from the present row; columns that the row lacks stay zero. */
void ak_rows_load(struct ak_rows *rows, const struct ak_fields *fields, struct ak_arena *arena,
                  void *obj);
void ak_rows_free(struct ak_rows *rows);
AK_DEFINE_AUTO(ak_rows)

/* Tests: prepares each statement of a domain's NULL-terminated table (<domain>_sql_all). */
int ak_sql_prepare_all(struct ak_store *store, const struct ak_sql *const *all,
                       struct ak_error *err);

/* Fault injection for tests: the n-th statement or commit from now fails with AK_STORE (0 = off).
 */
void ak_store_fail_after(struct ak_store *store, int n);

#endif
