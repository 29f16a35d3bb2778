/* SPDX-License-Identifier: Apache-2.0 */
/* Failed logins per source address: a small table in memory, so that guessing costs an attacker
 * time whatever names it tries. A set of four slots serves addresses of the same hash; the oldest
 * gives way. The lock-out of a user, which several processes share, is in the database. */
#include "identity/identity_internal.h"

#include <arpa/inet.h>

enum { SETS = 1024, WAYS = 4 };

struct slot {
    unsigned char key[16];
    int64_t since_us; /* beginning of the minute counted; 0 = empty */
    int64_t failures;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[SETS][WAYS]; /* under 'mutex' */

/* The address as a key; of IPv6 the first 64 bits, since a host has all the others. */
static void key_of(const char *source, unsigned char key[16])
{
    struct in6_addr six;

    memset(key, 0, 16);
    if (inet_pton(AF_INET6, source, &six) == 1) {
        memcpy(key, &six, 8);
        key[15] = 6;
    } else if (inet_pton(AF_INET, source, key) == 1) {
        key[15] = 4;
    } else {
        ak_str_copy((char *)key, 15, source);
    }
}

void identity_source_key(const char *source, char ret_key[IDENTITY_SOURCE])
{
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];

    if (source && inet_pton(AF_INET6, source, &six) == 1) {
        memset(six.s6_addr + 8, 0, 8);
        (void)inet_ntop(AF_INET6, &six, text, sizeof(text));
        ak_str_copy(ret_key, IDENTITY_SOURCE, text);
    } else {
        ak_str_copy(ret_key, IDENTITY_SOURCE, source ? source : "");
    }
}

static struct slot *set_of(const unsigned char key[16])
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */

    for (int i = 0; i < 16; i++) {
        hash = (hash ^ key[i]) * 1099511628211u;
    }
    return slots[(hash >> 32) % SETS];
}

/* The slot of the key in its minute, or NULL. Call with the mutex held. */
static struct slot *find(const unsigned char key[16], int64_t now_us)
{
    struct slot *set = set_of(key);

    for (int i = 0; i < WAYS; i++) {
        if (set[i].since_us > 0 && now_us - set[i].since_us < AK_MIN &&
            memcmp(set[i].key, key, 16) == 0) {
            return &set[i];
        }
    }
    return NULL;
}

int identity_throttle_check(const char *source, int64_t per_minute, struct ak_error *err)
{
    int64_t now_us = ak_monotonic_us() + 1;
    unsigned char key[16];
    const struct slot *slot = NULL;

    if (!source || per_minute == 0) {
        return 0;
    }
    key_of(source, key);
    AK_LOCK(&mutex);
    slot = find(key, now_us);
    if (slot && slot->failures >= per_minute) {
        return ak_fail(err, AK_TOO_MANY_REQUESTS,
                       AK_NUM((slot->since_us + AK_MIN - now_us) / AK_SEC + 1));
    }
    return 0;
}

void identity_throttle_failed(const char *source)
{
    int64_t now_us = ak_monotonic_us() + 1;
    unsigned char key[16];
    struct slot *slot = NULL;

    if (!source) {
        return;
    }
    key_of(source, key);
    AK_LOCK(&mutex);
    slot = find(key, now_us);
    if (!slot) {
        slot = set_of(key);
        for (struct slot *other = slot + 1; other < set_of(key) + WAYS; other++) {
            slot = other->since_us < slot->since_us ? other : slot;
        }
        memcpy(slot->key, key, sizeof(slot->key));
        slot->since_us = now_us;
        slot->failures = 0;
    }
    slot->failures++;
}
