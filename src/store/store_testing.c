/* SPDX-License-Identifier: Apache-2.0 */
/* Fresh databases for tests. See store_testing.h. */
#include "store/store_testing.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <unistd.h>

static bool postgresql;
static char url[1200];
static char folder[64];

static void must(int rc, const struct ak_error *err)
{
    if (rc != 0) {
        (void)fprintf(stderr, "# test database: %s: %s\n", ak_error_info(err->code)->slug,
                      err->detail);
        abort();
    }
}

static void remove_folder(void)
{
    static const char *const names[] = {"db", "db-wal", "db-shm", "db-turn"};
    char path[96];

    for (size_t i = 0; folder[0] && i < AK_N(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    if (folder[0]) {
        (void)rmdir(folder);
    }
    folder[0] = '\0';
}

static void pg_do(const char *conninfo, const char *text)
{
    PGconn *c = PQconnectdb(conninfo);
    PGresult *res = PQexec(c, text);

    if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK) {
        (void)fprintf(stderr, "# test database: %s", PQerrorMessage(c));
        abort();
    }
    PQclear(res);
    PQfinish(c);
}

static void prepare_postgres(void)
{
    static pid_t made_by;
    const char *base = getenv("AKASHI_TEST_PG_URL");
    char text[128];

    if (made_by != getpid()) {
        (void)snprintf(text, sizeof(text), "CREATE DATABASE t%d TEMPLATE template0", (int)getpid());
        pg_do(base + strlen("postgresql:"), text);
        made_by = getpid();
    }
    (void)snprintf(url, sizeof(url), "%s dbname=t%d", base, (int)getpid());
    pg_do(url + strlen("postgresql:"),
          "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

bool store_testing_start(int argc, char **argv)
{
    postgresql = argc > 1 && strcmp(argv[1], "postgresql") == 0;
    if (postgresql && !getenv("AKASHI_TEST_PG_URL")) {
        (void)printf("1..0 # SKIP AKASHI_TEST_PG_URL is unset; run under tools/with-postgres\n");
        return false;
    }
    return true;
}

struct ak_store *store_testing_open(void)
{
    struct ak_store *store = NULL;
    struct ak_error err = {0};

    if (postgresql) {
        prepare_postgres();
    } else {
        remove_folder();
        ak_str_copy(folder, sizeof(folder), "/tmp/akashi-store.XXXXXX");
        if (!mkdtemp(folder)) {
            abort();
        }
        (void)snprintf(url, sizeof(url), "sqlite:%s/db", folder);
    }
    must(ak_store_open(url, &store, &err), &err);
    must(ak_store_migrate(store, &err), &err);
    return store;
}

const char *store_testing_url(void)
{
    return url;
}

void store_testing_close(struct ak_store *store)
{
    ak_store_close(store);
    remove_folder();
}
