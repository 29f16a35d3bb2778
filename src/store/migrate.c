/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations: forward only, each in a transaction of its own, recorded with its checksum. The write
 * transaction is the lock against other processes on both engines. */
#include "store/store_internal.h"
#include "store/store_sql.h"

static int recorded(struct ak_tx *tx, int64_t *ret_number, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_migration_last, AK_NO_ARGS, ret_number, err);
}

/* Compares what the database recorded with what we have. */
static int compare(struct ak_tx *tx, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    size_t i = 0;
    int rc = ak_sql_query(tx, &sql_migration_list, AK_NO_ARGS, &rows, err);

    while (rc == 0 && (rc = ak_rows_next(rows, err)) > 0) {
        const struct ak_migration *m = i < ak_migrations_n ? &ak_migrations[i] : NULL;
        int64_t number = ak_rows_int(rows, 0);

        if (!m || number != m->number) {
            return ak_fail_detail(err, AK_STORE,
                                  "the database has migration %" PRId64
                                  ", which this version does not know: install a newer akashi",
                                  number);
        }
        if (!ak_streq(ak_rows_text(rows, 2), m->sha256)) {
            return ak_fail_detail(err, AK_STORE, "migration %d was applied with another content",
                                  m->number);
        }
        i++;
        rc = 0;
    }
    return rc;
}

static int apply(struct ak_tx *tx, const struct ak_migration *m, struct ak_error *err)
{
    int rc = tx->store->ops->script(tx, m->sql, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_migration_add,
                         AK_ARGS(ak_v_int(m->number), ak_v_text(m->name), ak_v_text(m->sha256),
                                 ak_v_int(ak_now_us())),
                         NULL, err);
    }
    if (rc != 0) {
        ak_error_prefix(err, "migration %04d_%s", m->number, m->name);
    }
    return rc;
}

/* Applies the next missing migration: 1 when it did, 0 when there is none. */
static int step(struct ak_store *store, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t last = 0;
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_migration_table, AK_NO_ARGS, NULL, err);
    }
    if (rc == 0) {
        rc = compare(tx, err);
    }
    if (rc == 0) {
        rc = recorded(tx, &last, err);
    }
    for (size_t i = 0; rc == 0 && i < ak_migrations_n; i++) {
        if (ak_migrations[i].number > last) {
            rc = apply(tx, &ak_migrations[i], err);
            if (rc == 0) {
                rc = ak_tx_commit(tx, err);
            }
            return rc == 0 ? 1 : rc;
        }
    }
    return rc;
}

int ak_store_migrate(struct ak_store *store, struct ak_error *err)
{
    int rc;

    do {
        rc = step(store, err);
    } while (rc > 0);
    return rc;
}

int ak_store_check_version(struct ak_store *store, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t last = 0;
    int rc = ak_tx_read(store, &tx, err);

    if (rc == 0) {
        rc = compare(tx, err);
    }
    if (rc == 0) {
        rc = recorded(tx, &last, err);
    }
    if (rc == 0 && last != ak_migrations[ak_migrations_n - 1].number) {
        rc = ak_fail_detail(err, AK_STORE, "the database is at migration %" PRId64 ", not %d%s",
                            last, ak_migrations[ak_migrations_n - 1].number,
                            last < ak_migrations[ak_migrations_n - 1].number
                                ? ": run 'akashi db migrate'"
                                : ": a newer akashi made it");
    }
    return rc;
}

int ak_store_check(struct ak_store *store, struct ak_error *err)
{
    int rc = ak_store_check_version(store, err);

    return rc == 0 ? store->ops->check(store, err) : rc;
}
