/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H
/* What the files of src/store share: the backend's contract, the statement cache and the row. */
#include <pthread.h>
#include <stdatomic.h>

#include "store/store.h"

#define STORE_MAX_PARAMS 64
#define STORE_CACHE_SIZE 192 /* prepared statements per connection */
#define STORE_MAPS       3   /* field tables remembered per statement */

/* Where the columns of a statement go in the rows of a field table. */
struct store_map {
    const struct ak_field *rows; /* the table's rows: what tells tables apart */
    size_t n;
    int *column; /* by row; -1 = the statement lacks it */
};

/* A prepared statement of one connection. Backends embed it as their first member. */
struct store_stmt {
    char *text;
    uint64_t hash;
    uint64_t used; /* tick of the last use */
    bool busy;     /* rows of it are open */
    struct store_map maps[STORE_MAPS];
    size_t n_maps;
};
struct store_cache {
    struct store_stmt *slots[STORE_CACHE_SIZE];
    size_t n;
    uint64_t tick;
    void (*free_stmt)(void *conn, struct store_stmt *stmt); /* what the backend added, and itself */
    void *conn;
};
/* The idle statement of this text, or NULL. */
struct store_stmt *store_cache_find(struct store_cache *cache, const char *text);
/* Keeps 'stmt' (owned from now on), dropping the least recently used idle one when full. */
void store_cache_add(struct store_cache *cache, struct store_stmt *stmt);
/* Drops a statement that is in the cache or not. */
void store_cache_drop(struct store_cache *cache, struct store_stmt *stmt);
void store_cache_clear(struct store_cache *cache);

/* Backends. 'err' as in store.h. */
struct store_ops {
    /* Allocates and starts; the common part is filled by the caller. */
    int (*begin)(struct ak_store *store, bool write, struct ak_tx **ret_tx, struct ak_error *err);
    int (*commit)(struct ak_tx *tx, struct ak_error *err); /* ends it in any case */
    void (*rollback)(struct ak_tx *tx);                    /* ends it */
    /* Runs to the first row (or to the end when there is none). '*ret_rows' owns the statement. */
    int (*query)(struct ak_tx *tx, const char *text, struct ak_args args, struct ak_rows **ret_rows,
                 struct ak_error *err);
    int (*prepare)(struct ak_tx *tx, const char *text, int n_params, struct ak_error *err);
    int (*script)(struct ak_tx *tx, const char *text, struct ak_error *err);
    int (*next)(struct ak_rows *rows, struct ak_error *err);
    int (*n_columns)(struct ak_rows *rows);
    const char *(*column_name)(struct ak_rows *rows, int column);
    enum ak_value_type (*type)(struct ak_rows *rows, int column);
    int64_t (*as_int)(struct ak_rows *rows, int column);
    const char *(*as_text)(struct ak_rows *rows, int column);
    int64_t (*changed)(struct ak_rows *rows); /* after the end */
    void (*free_rows)(struct ak_rows *rows);
    int (*check)(struct ak_store *store, struct ak_error *err);
    void (*close)(struct ak_store *store);
};

struct ak_store {
    const struct store_ops *ops;
    bool postgresql;
    atomic_int fail_after;   /* statements and commits left until one fails; 0 = never */
    int pool_size;           /* readers, or connections */
    int64_t busy_timeout_ms; /* for the writer's turn, a connection, another process */
};

#define STORE_CALLBACKS 4
struct ak_tx {
    struct ak_store *store;
    bool write;
    bool failed; /* a statement failed: nothing but a rollback is possible, as on PostgreSQL */
    bool ended;
    int open_rows;
    struct {
        void (*call)(void *data);
        void *data;
    } callbacks[STORE_CALLBACKS];
    size_t n_callbacks;
};

struct ak_rows {
    struct ak_tx *tx;
    struct store_stmt *stmt;
    bool first; /* the first row was fetched by query() and not handed out yet */
    bool end;
};

/* True once when the injected fault is due. */
bool store_fault(struct ak_store *store);
/* As ak_rows_int/_text by the column's own type; text is copied into the arena. */
struct ak_value store_rows_value(struct ak_rows *rows, int column, struct ak_arena *arena);
/* Runs the text as composed (no holes), with the transaction's state and faults observed. */
int store_query_text(struct ak_tx *tx, const struct ak_sql *sql, const char *text,
                     struct ak_args args, struct ak_rows **ret_rows, struct ak_error *err);
/* All rows of 'rows' into the arena, at most 'max'. */
int store_collect(struct ak_rows *rows, const struct ak_fields *fields, struct ak_arena *arena,
                  size_t max, struct ak_list *ret_list, struct ak_error *err);
/* The text with its holes filled; NULL for an empty hole. Returned as is when it has none. */
const char *store_fill(struct ak_arena *arena, const char *text, const char *filter,
                       const char *page);

int store_sqlite_open(const char *path, struct ak_store **ret_store, struct ak_error *err);
int store_postgres_open(const char *conninfo, struct ak_store **ret_store, struct ak_error *err);

/* Tests: the next shared COMMIT of a SQLite store fails, after all members joined. The caller holds
 * a write transaction; the group it belongs to does not end by age. */
void store_sqlite_fail_commit(struct ak_store *store);
/* Tests: how many write transactions wait for their turn. */
int store_sqlite_waiting(struct ak_store *store);

#endif
