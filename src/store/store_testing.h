/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_STORE_TESTING_H
#define AK_STORE_TESTING_H
/* For tests of any folder: a fresh database, migrated, on either engine. */
#include "store/store.h"

/* SQLite: a new file in a temporary folder. PostgreSQL: an emptied database of this process on the
 * server of AKASHI_TEST_PG_URL (tools/with-postgres); NULL, with a word why, when that is unset.
 * Aborts when it cannot. */
struct ak_store *store_testing_open(bool postgresql, bool migrate);
/* The URL of the last store opened, to open it a second time. */
const char *store_testing_url(void);
/* Closes the store and removes what was made. */
void store_testing_close(struct ak_store *store);

#endif
