/* SPDX-License-Identifier: Apache-2.0 */
/* Password hashes of crypto.h, by libargon2. What a hash costs is ak_password_cost: password_cost.c
 * in all that is installed, password_cost_testing.c in unit tests, which hash by the hundred. */
#include "crypto.h"

#include <argon2.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "str.h"

enum { SALT_SIZE = 16, HASH_SIZE = 32, SLOTS = 4 /* hashes at a time: each takes memory */ };

static sem_t slots;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void slots_init(void)
{
    (void)sem_init(&slots, 0, SLOTS);
}

static void enter(void)
{
    (void)pthread_once(&once, slots_init);
    while (sem_wait(&slots) != 0 && errno == EINTR) {
    }
}

int ak_password_hash(const char *password, char out[AK_PASSWORD_HASH_MAX], struct ak_error *err)
{
    unsigned char salt[SALT_SIZE];
    int rc = 0;

    ak_random(salt, sizeof(salt));
    enter();
    rc = argon2id_hash_encoded(ak_password_cost.passes, ak_password_cost.kib,
                               ak_password_cost.lanes, password, strlen(password), salt,
                               sizeof(salt), HASH_SIZE, out, AK_PASSWORD_HASH_MAX);
    (void)sem_post(&slots);
    if (rc != ARGON2_OK) {
        return ak_fail_detail(err, AK_INTERNAL, "argon2: %s", argon2_error_message(rc));
    }
    return 0;
}

/* Nobody's hash, of the same cost as everybody's. */
static void dummy(char out[AK_PASSWORD_HASH_MAX])
{
    (void)snprintf(out, AK_PASSWORD_HASH_MAX,
                   "$argon2id$v=19$m=%u,t=%u,p=%u$YWthc2hpLWR1bW15LXNhbHQ"
                   "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                   ak_password_cost.kib, ak_password_cost.passes, ak_password_cost.lanes);
}

bool ak_password_verify(const char *hash, const char *password)
{
    char nobodys[AK_PASSWORD_HASH_MAX];
    int rc = 0;

    dummy(nobodys);
    enter();
    rc = argon2id_verify(hash ? hash : nobodys, password, strlen(password));
    (void)sem_post(&slots);
    return rc == ARGON2_OK && hash;
}
