/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_STORE_TESTING_H
#define AK_STORE_TESTING_H
/* For tests of any folder: a fresh, migrated database on either engine.
 *
 * A test program is registered twice in meson.build, with the argument 'sqlite' and 'postgresql':
 *   int main(int argc, char **argv)
 *   {
 *       if (!store_testing_start(argc, argv)) {
 *           return 0;
 *       }
 */
#include "store/store.h"

/* Chooses the engine (default: SQLite). False when the engine is not there, after telling so in
 * TAP: PostgreSQL is found by AKASHI_TEST_PG_URL, which tools/with-postgres sets. */
bool store_testing_start(int argc, char **argv);
/* SQLite: a new file in a temporary folder; PostgreSQL: this process's own database, emptied.
 * Migrated. Aborts when it cannot. One at a time. */
struct ak_store *store_testing_open(void);
/* The URL of the last store opened, to open it a second time. */
const char *store_testing_url(void);
/* Closes the store and removes what was made. */
void store_testing_close(struct ak_store *store);

#endif
