/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVSDB_H
#define OVSDB_H
/* A client of one OVSDB server (RFC 7047): one connection with a reader thread, which keeps a
 * replica of the tables asked for and reconnects by itself; and transactions. */
#include "engine/ovn/ovsdb_value.h"

struct ovsdb_table {
    const char *name;
    const char *const *columns; /* NULL-terminated */
    bool named; /* rows are found by their column "name"; else by external_ids:akashi-id */
};

struct ovsdb;

/* Starts the client; succeeds also when the server is down. 'remote' is "unix:/path"; 'tables'
 * must outlive it. AK_CONFIG for another kind of remote. */
int ovsdb_open(const char *remote, const char *database, const struct ovsdb_table *tables,
               size_t n_tables, struct ovsdb **ret_db, struct ak_error *err);
void ovsdb_free(struct ovsdb *db);
AK_DEFINE_AUTO(ovsdb)

/* Locks the replica for reading, waiting up to 'timeout_ms' for a connection.
 * AK_ENGINE_UNAVAILABLE (nothing is locked then). Never held while calling ovsdb_transact(). */
int ovsdb_read_begin(struct ovsdb *db, int64_t timeout_ms, struct ak_error *err);
void ovsdb_read_end(struct ovsdb *db);
/* Under the lock; borrowed, valid until the lock is dropped. */
const json_t *ovsdb_rows(struct ovsdb *db, const char *table); /* object: uuid → row */
const json_t *ovsdb_row(struct ovsdb *db, const char *table, const char *uuid);
/* The UUID of the row with this key, NULL when there is none. */
const char *ovsdb_find(struct ovsdb *db, const char *table, const char *key);
/* Under the lock: drops it, waits for a change of the replica or until 'deadline_us' (monotonic),
 * takes it again. False once the time is up or the connection is lost. */
bool ovsdb_wait(struct ovsdb *db, int64_t deadline_us);

/* Runs the operations (an array, taken over) as one transaction; the replica has its effects when
 * this returns. '*ret_result' (may be NULL) gets a new reference to the results.
 * AK_ENGINE_UNAVAILABLE (also when a "wait" operation was not satisfied: try again),
 * AK_ENGINE_TIMEOUT (outcome unknown: apply again), AK_ENGINE (refused), AK_NO_SPACE. */
int ovsdb_transact(struct ovsdb *db, json_t *ops, int64_t timeout_ms, json_t **ret_result,
                   struct ak_error *err);
/* Transactions that wrote something since the start. */
int64_t ovsdb_writes(struct ovsdb *db);

#endif
