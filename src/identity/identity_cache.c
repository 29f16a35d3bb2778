/* SPDX-License-Identifier: Apache-2.0 */
/* What this process remembers of tokens, so that most requests read one number instead of joining
 * eight tables. An entry is true for the version it was read at and no other: every transaction
 * that can take a right away, or change what a token shows, counts the version up
 * (identity_version, by the functions of the store files). The version is read in the request's own
 * snapshot, so a right that was taken away is gone for the next request of every process, as
 * without this file. Only read transactions fill it: what a writer sees may never be committed.
 * Bounded; the older of two entries in a set gives way. */
#include "identity/identity_internal.h"

enum { SETS = 512, WAYS = 2 };

struct entry {
    char hash[AK_SHA256_TEXT]; /* empty: free */
    int64_t version;
    int64_t used;
    struct identity_principal_row row; /* strings are owned */
    char *shown, *shown_base_url;      /* the answer to its validation, for links of this address */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[SETS][WAYS]; /* under 'mutex', as 'ticks' */
static int64_t ticks;

static char *copy(const char *s)
{
    return s ? ak_xstrdup(s) : NULL;
}

/* All strings of a row, for copying and freeing. */
static void each_string(struct identity_principal_row *row,
                        void (*call)(const char **s, void *data), void *data)
{
    call(&row->hash, data);
    call(&row->user_id, data);
    call(&row->user_name, data);
    call(&row->user_domain_id, data);
    call(&row->project_id, data);
    call(&row->project_name, data);
    call(&row->domain_id, data);
    call(&row->app_credential_id, data);
    call(&row->class_name, data);
    call(&row->sources, data);
    call(&row->session_id, data);
}

static void own(const char **s, void *data)
{
    (void)data;
    *s = copy(*s);
}

static void release(const char **s, void *data)
{
    (void)data;
    free((void *)(uintptr_t)*s);
    *s = NULL;
}

static void into_arena(const char **s, void *data)
{
    *s = ak_arena_strdup(data, *s);
}

static void forget(struct entry *entry)
{
    each_string(&entry->row, release, NULL);
    free(entry->shown);
    free(entry->shown_base_url);
    *entry = (struct entry){0};
}

/* The set of a hash, which is hexadecimal and random already. */
static struct entry *set_of(const char *hash)
{
    char head[9] = {0};

    memcpy(head, hash, 8);
    return entries[strtoul(head, NULL, 16) % SETS];
}

static struct entry *find(const char *hash, int64_t version)
{
    struct entry *set = set_of(hash);

    for (int i = 0; i < WAYS; i++) {
        if (set[i].version == version && memcmp(set[i].hash, hash, AK_SHA256_TEXT) == 0) {
            set[i].used = ++ticks;
            return &set[i];
        }
    }
    return NULL;
}

bool identity_cache_get(const char *hash, int64_t version, const char *base_url,
                        struct ak_arena *arena, struct identity_principal_row *ret_row,
                        const char **ret_shown)
{
    const struct entry *entry = NULL;
    AK_LOCK(&mutex);

    entry = find(hash, version);
    if (!entry) {
        return false;
    }
    *ret_row = entry->row;
    each_string(ret_row, into_arena, arena);
    *ret_shown = base_url && ak_streq(entry->shown_base_url, base_url)
                     ? ak_arena_strdup(arena, entry->shown)
                     : NULL;
    return true;
}

void identity_cache_put(const char *hash, int64_t version, const struct identity_principal_row *row)
{
    struct entry *set = set_of(hash), *entry = set;
    AK_LOCK(&mutex);

    for (int i = 0; i < WAYS; i++) {
        if (strcmp(set[i].hash, hash) == 0) {
            entry = &set[i];
            break;
        }
        entry = set[i].used < entry->used ? &set[i] : entry;
    }
    if (strcmp(entry->hash, hash) == 0 && entry->version > version) {
        return; /* another request has seen newer */
    }
    forget(entry);
    ak_str_copy(entry->hash, sizeof(entry->hash), hash);
    entry->version = version;
    entry->used = ++ticks;
    entry->row = *row;
    each_string(&entry->row, own, NULL);
}

void identity_cache_put_shown(const char *hash, int64_t version, const char *base_url,
                              const char *shown)
{
    struct entry *entry = NULL;
    AK_LOCK(&mutex);

    entry = find(hash, version);
    if (entry) {
        free(entry->shown);
        free(entry->shown_base_url);
        entry->shown = ak_xstrdup(shown);
        entry->shown_base_url = ak_xstrdup(base_url);
    }
}
