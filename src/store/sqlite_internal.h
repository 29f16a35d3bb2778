/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SQLITE_INTERNAL_H
#define SQLITE_INTERNAL_H
/* The SQLite backend: connections and statements (sqlite.c), transactions (sqlite_tx.c). */
#include <sqlite3.h>

#include "store/store_internal.h"

struct sqlite_conn {
    sqlite3 *db;
    struct store_cache cache;
    struct sqlite_conn *next; /* in the list of idle readers */
};

/* The transactions that will be committed together: one BEGIN … COMMIT of the writer. */
struct sqlite_group {
    int members; /* released their savepoint and wait for the outcome */
    bool broken; /* SQLite rolled the whole back (disk full, I/O error): 'err' says why */
    bool done;   /* committed or failed; 'rc' and 'err' are the outcome */
    int rc;
    struct ak_error err;
    int64_t started_us; /* monotonic */
    pthread_cond_t outcome;
};

struct sqlite_waiter {
    pthread_cond_t turn;
    bool granted;
    struct sqlite_waiter *next;
};

struct sqlite_store {
    struct ak_store base;
    char *path;
    int lock_fd;       /* <path>-turn: byte 0 is the turnstile, byte 1 the writing process */
    pthread_mutex_t m; /* guards all below but 'writer' and 'group' (the turn's holder's) */
    /* Writing: one turn, given in order of asking. */
    bool taken;
    struct sqlite_waiter *first, *last;
    struct sqlite_conn *writer;
    struct sqlite_group *group; /* the open shared transaction, or NULL */
    bool fail_next_commit;      /* tests */
    /* Reading: a pool. */
    struct sqlite_conn *idle;
    int n_readers;
    pthread_cond_t reader_freed;
};

struct sqlite_tx {
    struct ak_tx base;
    struct sqlite_conn *conn;
};

static inline struct sqlite_store *sqlite_store_of(struct ak_store *store)
{
    return (struct sqlite_store *)store;
}
static inline struct sqlite_tx *sqlite_tx_of(struct ak_tx *tx)
{
    return (struct sqlite_tx *)tx;
}

/* sqlite.c */
int sqlite_conn_open(struct sqlite_store *store, bool writer, struct sqlite_conn **ret_conn,
                     struct ak_error *err);
void sqlite_conn_free(struct sqlite_conn *conn);
/* Runs a statement without parameters and rows, cached. */
int sqlite_conn_run(struct sqlite_conn *conn, const char *text, struct ak_error *err);
/* Maps a result code of 'db' to our error. */
int sqlite_fail(sqlite3 *db, int rc, struct ak_error *err);

/* sqlite_tx.c: members of store_ops */
int sqlite_begin(struct ak_store *base, bool write, struct ak_tx **ret_tx, struct ak_error *err);
int sqlite_commit(struct ak_tx *tx, struct ak_error *err);
void sqlite_rollback(struct ak_tx *tx);
/* To be called when a statement of the writer failed: notes when the whole transaction is gone. */
void sqlite_note_broken(struct ak_tx *tx, const struct ak_error *err);

#endif
