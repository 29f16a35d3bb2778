/* SPDX-License-Identifier: Apache-2.0 */
/* Durable small writes a second: one thread, then 16 that commit together. With --url URL another
 * database than a temporary SQLite file. Prints one line each. */
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

#define SECONDS 3
#define THREADS 16

static const struct ak_sql create = {
    "create", "CREATE TABLE bench (id TEXT PRIMARY KEY, body TEXT, n BIGINT)", 0, ""};
static const struct ak_sql drop = {"drop", "DROP TABLE bench", 0, ""};
static const struct ak_sql add = {"add", "INSERT INTO bench (id, body, n) VALUES ($1, $2, $3)", 3,
                                  ""};

struct writer {
    struct ak_store *store;
    pthread_t thread;
    int64_t until_us;
    int64_t done;
};

static void must(int rc, const struct ak_error *err)
{
    if (rc != 0) {
        (void)fprintf(stderr, "%s: %s\n", ak_error_info(err->code)->slug, err->detail);
        exit(1);
    }
}

static void run(struct ak_store *store, const struct ak_sql *sql, struct ak_args args)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    must(ak_tx_write(store, &tx, &err), &err);
    must(ak_sql_exec(tx, sql, args, NULL, &err), &err);
    must(ak_tx_commit(tx, &err), &err);
}

static void *write_many(void *data)
{
    struct writer *w = data;
    char id[AK_UUID_TEXT];

    while (ak_monotonic_us() < w->until_us) {
        ak_uuid_new(id);
        run(w->store, &add, AK_ARGS(ak_v_text(id), ak_v_text("a small row"), ak_v_int(w->done)));
        w->done++;
    }
    return NULL;
}

static double measure(struct ak_store *store, int threads)
{
    struct writer w[THREADS];
    int64_t done = 0, start = ak_monotonic_us();

    for (int i = 0; i < threads; i++) {
        w[i] = (struct writer){.store = store, .until_us = start + SECONDS * AK_SEC};
        if (pthread_create(&w[i].thread, NULL, write_many, &w[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < threads; i++) {
        (void)pthread_join(w[i].thread, NULL);
        done += w[i].done;
    }
    return (double)done * 1e6 / (double)(ak_monotonic_us() - start);
}

int main(int argc, char **argv)
{
    char folder[] = "/var/tmp/akashi-bench.XXXXXX", path[64];
    struct ak_store *store = NULL;
    struct ak_error err = {0};
    bool own = argc < 3;
    double one, many;

    (void)snprintf(path, sizeof(path), "sqlite:%s/db", own ? mkdtemp(folder) : "");
    must(ak_store_open(own ? path : argv[2], &store, &err), &err);
    run(store, &create, AK_NO_ARGS);
    one = measure(store, 1);
    many = measure(store, THREADS);
    run(store, &drop, AK_NO_ARGS);
    (void)printf("durable small writes/s: %.0f by one thread, %.0f by %d threads (%.1fx)\n", one,
                 many, THREADS, many / one);
    ak_store_close(store);
    if (own) {
        static const char *const names[] = {"db", "db-wal", "db-shm", "db-turn"};

        for (size_t i = 0; i < AK_N(names); i++) {
            (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
            (void)unlink(path);
        }
        (void)rmdir(folder);
    }
    return 0;
}
