/* SPDX-License-Identifier: Apache-2.0 */
/* The file of metrics: SQLite beside the database of control, so that samples never queue behind
 * acknowledged changes, whatever that database is. The worker writes it, one transaction a
 * sampling; the api opens it read-only. A rollback journal, not a WAL, since a reader of a WAL must
 * write. Each delta goes into the buckets of all three resolutions at once, split at their borders
 * in proportion: rates stay right whatever the sampling's jitter, and there is no roll-up to miss.
 */
#include "protect/protect_internal.h"

#include <sqlite3.h>

struct protect_file {
    sqlite3 *db;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS server (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE IF NOT EXISTS last (server INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
    " cpu_ns INTEGER NOT NULL, disk_read INTEGER NOT NULL, disk_write INTEGER NOT NULL,"
    " net_in INTEGER NOT NULL, net_out INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS point (server INTEGER NOT NULL, step INTEGER NOT NULL,"
    " at INTEGER NOT NULL, span_us INTEGER NOT NULL, cpu_ns INTEGER NOT NULL,"
    " vcpu_us INTEGER NOT NULL, memory INTEGER NOT NULL, disk_read INTEGER NOT NULL,"
    " disk_write INTEGER NOT NULL, net_in INTEGER NOT NULL, net_out INTEGER NOT NULL,"
    " PRIMARY KEY (server, step, at)) STRICT, WITHOUT ROWID;";

/* ---- Statements ------------------------------------------------------------------------------ */

static void stmt_free(sqlite3_stmt **stmt)
{
    (void)sqlite3_finalize(*stmt);
}
#define AUTO_STMT __attribute__((cleanup(stmt_free))) sqlite3_stmt *

static int fail(struct protect_file *file, int code, const char *what, struct ak_error *err)
{
    const char *text = file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ak_fail_detail(err, AK_STORE_BUSY, "metrics, %s: %s", what, text);
    case SQLITE_FULL:
        return ak_fail_detail(err, AK_NO_SPACE, "metrics, %s: %s", what, text);
    default:
        return ak_fail_detail(err, AK_STORE, "metrics, %s: SQLite %d: %s", what, code, text);
    }
}

static int run(struct protect_file *file, const char *sql, struct ak_error *err)
{
    int code = sqlite3_exec(file->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : fail(file, code, sql, err);
}

static int prepare(struct protect_file *file, const char *sql, sqlite3_stmt **ret,
                   struct ak_error *err)
{
    int code = sqlite3_prepare_v2(file->db, sql, -1, ret, NULL);

    return code == SQLITE_OK ? 0 : fail(file, code, sql, err);
}

/* Binds integers from parameter 'first' on. */
static void bind(sqlite3_stmt *stmt, int first, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)sqlite3_bind_int64(stmt, first + (int)i, values[i]);
    }
}

/* 1 = a row, 0 = done. */
static int step(struct protect_file *file, sqlite3_stmt *stmt, struct ak_error *err)
{
    int code = sqlite3_step(stmt);

    return code == SQLITE_ROW    ? 1
           : code == SQLITE_DONE ? 0
                                 : fail(file, code, sqlite3_sql(stmt), err);
}

static int once(struct protect_file *file, sqlite3_stmt *stmt, struct ak_error *err)
{
    int rc = step(file, stmt, err);

    (void)sqlite3_reset(stmt);
    return rc < 0 ? rc : 0;
}

/* ---- Opening --------------------------------------------------------------------------------- */

int protect_file_open(const char *path, bool write, struct protect_file **ret_file,
                      struct ak_error *err)
{
    AK_AUTO(protect_file) file = ak_new(struct protect_file);
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = sqlite3_open_v2(path, &file->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    int rc = 0;

    if (code == SQLITE_CANTOPEN && !write) {
        return ak_fail(err, AK_NOT_FOUND);
    }
    if (code != SQLITE_OK) {
        return fail(file, code, path, err);
    }
    (void)sqlite3_busy_timeout(file->db, 5000);
    (void)sqlite3_db_config(file->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = run(file, "PRAGMA trusted_schema = OFF", err);
    if (rc == 0 && write) {
        rc = run(file, "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = NORMAL", err);
        rc = rc == 0 ? run(file, schema, err) : rc;
    }
    if (rc == 0) {
        *ret_file = AK_TAKE(file);
    }
    return rc;
}

void protect_file_free(struct protect_file *file)
{
    if (file) {
        (void)sqlite3_close(file->db);
        free(file);
    }
}

/* ---- Adding ---------------------------------------------------------------------------------- */

enum { COUNTERS = 5 };

static void counters_of(const struct ak_vm_stats *s, int64_t out[COUNTERS])
{
    out[0] = s->cpu_ns;
    out[1] = s->disk_read_bytes;
    out[2] = s->disk_write_bytes;
    out[3] = s->net_rx_bytes;
    out[4] = s->net_tx_bytes;
}

struct adding {
    struct protect_file *file;
    sqlite3_stmt *server_add, *server_get, *last_get, *last_put, *last_end, *point;
    int64_t now_us, gap_us;
};

static int prepare_adding(struct adding *a, struct ak_error *err)
{
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } all[] = {
        {&a->server_add, "INSERT INTO server (id) VALUES (?1) ON CONFLICT (id) DO NOTHING"},
        {&a->server_get, "SELECT n FROM server WHERE id = ?1"},
        {&a->last_get, "SELECT at_us, cpu_ns, disk_read, disk_write, net_in, net_out FROM last"
                       " WHERE server = ?1"},
        {&a->last_put, "INSERT OR REPLACE INTO last VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
        {&a->last_end, "DELETE FROM last WHERE at_us <> ?1"},
        {&a->point,
         "INSERT INTO point VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
         " ON CONFLICT (server, step, at) DO UPDATE SET span_us = span_us + excluded.span_us,"
         " cpu_ns = cpu_ns + excluded.cpu_ns, vcpu_us = vcpu_us + excluded.vcpu_us,"
         " memory = memory + excluded.memory, disk_read = disk_read + excluded.disk_read,"
         " disk_write = disk_write + excluded.disk_write, net_in = net_in + excluded.net_in,"
         " net_out = net_out + excluded.net_out"},
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < AK_N(all); i++) {
        rc = prepare(a->file, all[i].sql, all[i].stmt, err);
    }
    return rc;
}

static void adding_done(struct adding *a)
{
    sqlite3_stmt *const all[] = {a->server_add, a->server_get, a->last_get,
                                 a->last_put,   a->last_end,   a->point};

    for (size_t i = 0; i < AK_N(all); i++) {
        (void)sqlite3_finalize(all[i]);
    }
}

/* part / whole of n, without overflow for what counters can hold */
static int64_t share(int64_t n, int64_t part_us, int64_t whole_us)
{
    return (int64_t)((__int128)n * part_us / whole_us);
}

/* Adds the span (from_us, to_us] to the buckets of one resolution. */
static int add_span(struct adding *a, int64_t server, int64_t step_s, int64_t from_us,
                    int64_t to_us, int64_t vcpus, int64_t memory_kib, const int64_t delta[COUNTERS],
                    struct ak_error *err)
{
    int64_t whole = to_us - from_us, done[COUNTERS] = {0};
    int rc = 0;

    for (int64_t at = from_us; rc == 0 && at < to_us;) {
        int64_t bucket_s = at / AK_SEC / step_s * step_s;
        int64_t end = (bucket_s + step_s) * AK_SEC;
        int64_t part[COUNTERS];

        end = end < to_us ? end : to_us;
        for (int i = 0; i < COUNTERS; i++) { /* the parts add up to the whole */
            int64_t upto = share(delta[i], end - from_us, whole);

            part[i] = upto - done[i];
            done[i] = upto;
        }
        bind(a->point, 1,
             (const int64_t[]){server, step_s, bucket_s, end - at, part[0], (end - at) * vcpus,
                               share(memory_kib, end - at, AK_SEC), part[1], part[2], part[3],
                               part[4]},
             11);
        rc = once(a->file, a->point, err);
        at = end;
    }
    return rc;
}

static int server_number(struct adding *a, const char *id, int64_t *ret_n, struct ak_error *err)
{
    int rc = 0;

    (void)sqlite3_bind_text(a->server_add, 1, id, -1, SQLITE_TRANSIENT);
    rc = once(a->file, a->server_add, err);
    if (rc < 0) {
        return rc;
    }
    (void)sqlite3_bind_text(a->server_get, 1, id, -1, SQLITE_TRANSIENT);
    rc = step(a->file, a->server_get, err);
    *ret_n = rc == 1 ? sqlite3_column_int64(a->server_get, 0) : 0;
    (void)sqlite3_reset(a->server_get);
    return rc < 0 ? rc : 0;
}

static int add_sample(struct adding *a, const struct protect_sample *sample, struct ak_error *err)
{
    int64_t server = 0, now[COUNTERS], delta[COUNTERS], before_us = 0;
    int rc = server_number(a, sample->server_id, &server, err);

    counters_of(&sample->stats, now);
    if (rc == 0) {
        bind(a->last_get, 1, &server, 1);
        rc = step(a->file, a->last_get, err);
    }
    if (rc == 1) {
        bool restarted = false;

        before_us = sqlite3_column_int64(a->last_get, 0);
        for (int i = 0; i < COUNTERS; i++) {
            delta[i] = now[i] - sqlite3_column_int64(a->last_get, i + 1);
            restarted = restarted || delta[i] < 0;
        }
        for (int i = 0; restarted && i < COUNTERS; i++) {
            delta[i] = now[i] > 0 ? now[i] : 0;
        }
    }
    (void)sqlite3_reset(a->last_get);
    if (rc == 1 && before_us < a->now_us && a->now_us - before_us <= a->gap_us) {
        rc = 0;
        for (size_t i = 0; rc == 0 && i < AK_N(protect_resolutions); i++) {
            rc = add_span(a, server, protect_resolutions[i].step_s, before_us, a->now_us,
                          sample->vcpus, sample->stats.ram_used_kib, delta, err);
        }
    }
    if (rc < 0) {
        return rc;
    }
    bind(a->last_put, 1,
         (const int64_t[]){server, a->now_us, now[0], now[1], now[2], now[3], now[4]}, 7);
    return once(a->file, a->last_put, err);
}

int protect_file_add(struct protect_file *file, int64_t now_us, int64_t gap_us,
                     const struct protect_sample *samples, size_t n, struct ak_error *err)
{
    struct adding a = {.file = file, .now_us = now_us, .gap_us = gap_us};
    int rc = run(file, "BEGIN IMMEDIATE", err);

    if (rc < 0) {
        return rc;
    }
    rc = prepare_adding(&a, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = add_sample(&a, &samples[i], err);
    }
    if (rc == 0) { /* what was not sampled now has stopped: its next sample begins anew */
        bind(a.last_end, 1, &now_us, 1);
        rc = once(file, a.last_end, err);
    }
    adding_done(&a);
    if (rc == 0) {
        rc = run(file, "COMMIT", err);
    }
    if (rc < 0) {
        (void)sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}

/* ---- Removing -------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int purge_server(struct protect_file *file, int64_t server, bool lives, int64_t now_us,
                        struct ak_error *err)
{
    AUTO_STMT old = NULL;
    AUTO_STMT gone = NULL;
    int rc =
        prepare(file, "DELETE FROM point WHERE server = ?1 AND step = ?2 AND at < ?3", &old, err);

    for (size_t i = 0; rc == 0 && i < AK_N(protect_resolutions); i++) {
        const struct protect_resolution *r = &protect_resolutions[i];

        bind(old, 1,
             (const int64_t[]){server, r->step_s, lives ? now_us / AK_SEC - r->kept_s : INT64_MAX},
             3);
        rc = once(file, old, err);
    }
    if (rc == 0 && !lives) {
        rc = prepare(file, "DELETE FROM server WHERE n = ?1", &gone, err);
        if (rc == 0) {
            bind(gone, 1, &server, 1);
            rc = once(file, gone, err);
        }
    }
    return rc;
}

int protect_file_purge(struct protect_file *file, int64_t now_us, const char *const *living,
                       size_t n, struct ak_error *err)
{
    AUTO_STMT all = NULL;
    int rc = run(file, "BEGIN IMMEDIATE", err);

    if (rc < 0) {
        return rc;
    }
    rc = prepare(file, "SELECT n, id FROM server", &all, err);
    while (rc == 0 && (rc = step(file, all, err)) == 1) {
        const char *id = (const char *)sqlite3_column_text(all, 1);
        bool lives = n > 0 && bsearch(&id, living, n, sizeof(*living), by_text) != NULL;

        rc = purge_server(file, sqlite3_column_int64(all, 0), lives, now_us, err);
    }
    (void)sqlite3_reset(all);
    if (rc == 0) {
        rc = run(file, "COMMIT", err);
    }
    if (rc < 0) {
        (void)sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}

/* ---- Reading --------------------------------------------------------------------------------- */

int protect_file_read(struct protect_file *file, struct ak_arena *arena, const char *server_id,
                      int64_t resolution_s, int64_t step_s, int64_t from_s, int64_t to_s,
                      struct protect_point **ret_points, size_t *ret_n, struct ak_error *err)
{
    AUTO_STMT stmt = NULL;
    size_t room = (size_t)((to_s - from_s) / step_s) + 1, n = 0;
    struct protect_point *points = ak_arena_array(arena, struct protect_point, room);
    int rc = prepare(file,
                     "SELECT at / ?3 * ?3 AS bucket, SUM(span_us), SUM(cpu_ns), SUM(vcpu_us),"
                     " SUM(memory), SUM(disk_read), SUM(disk_write), SUM(net_in), SUM(net_out)"
                     " FROM point WHERE server = (SELECT n FROM server WHERE id = ?1)"
                     " AND step = ?2 AND at >= ?4 AND at < ?5 GROUP BY bucket ORDER BY bucket",
                     &stmt, err);

    if (rc == 0) {
        (void)sqlite3_bind_text(stmt, 1, server_id, -1, SQLITE_TRANSIENT);
        bind(stmt, 2, (const int64_t[]){resolution_s, step_s, from_s, to_s}, 4);
    }
    while (rc == 0 && n < room && (rc = step(file, stmt, err)) == 1) {
        points[n++] = (struct protect_point){
            .at_s = sqlite3_column_int64(stmt, 0),
            .span_us = sqlite3_column_int64(stmt, 1),
            .cpu_ns = sqlite3_column_int64(stmt, 2),
            .vcpu_us = sqlite3_column_int64(stmt, 3),
            .memory_kib_s = sqlite3_column_int64(stmt, 4),
            .disk_read = sqlite3_column_int64(stmt, 5),
            .disk_write = sqlite3_column_int64(stmt, 6),
            .net_in = sqlite3_column_int64(stmt, 7),
            .net_out = sqlite3_column_int64(stmt, 8),
        };
        rc = 0;
    }
    if (rc < 0) {
        return rc;
    }
    *ret_points = points;
    *ret_n = n;
    return 0;
}
