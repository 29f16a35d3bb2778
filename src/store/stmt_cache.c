/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared statements of one connection, found by their text. A connection belongs to one thread
 * at a time, so there is no lock. Composed statements (lists) are many, hence the bound: the least
 * recently used idle statement makes room. */
#include "store/store_internal.h"

/* FNV-1a over words of eight bytes: statements are long, and looked up each time they run. */
static uint64_t hash_text(const char *s)
{
    uint64_t h = 14695981039346656037ULL, word = 0;
    size_t len = strlen(s);

    for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, s, sizeof(word));
        h = (h ^ word) * 1099511628211ULL;
        h ^= h >> 32;
    }
    for (; len > 0; s++, len--) {
        h = (h ^ (unsigned char)*s) * 1099511628211ULL;
    }
    return h;
}

struct store_stmt *store_cache_find(struct store_cache *cache, const char *text)
{
    uint64_t hash = hash_text(text);

    for (size_t i = 0; i < cache->n; i++) {
        struct store_stmt *s = cache->slots[i];

        if (s->hash == hash && !s->busy && strcmp(s->text, text) == 0) {
            s->used = ++cache->tick;
            return s;
        }
    }
    return NULL;
}

static void free_common(struct store_cache *cache, struct store_stmt *stmt)
{
    for (size_t i = 0; i < stmt->n_maps; i++) {
        free(stmt->maps[i].column);
    }
    free(stmt->text);
    stmt->text = NULL;
    cache->free_stmt(cache->conn, stmt);
}

void store_cache_drop(struct store_cache *cache, struct store_stmt *stmt)
{
    for (size_t i = 0; i < cache->n; i++) {
        if (cache->slots[i] == stmt) {
            cache->slots[i] = cache->slots[--cache->n];
            break;
        }
    }
    free_common(cache, stmt);
}

static bool drop_oldest_idle(struct store_cache *cache)
{
    struct store_stmt *oldest = NULL;

    for (size_t i = 0; i < cache->n; i++) {
        struct store_stmt *s = cache->slots[i];

        if (!s->busy && (!oldest || s->used < oldest->used)) {
            oldest = s;
        }
    }
    if (oldest) {
        store_cache_drop(cache, oldest);
    }
    return oldest != NULL;
}

void store_cache_add(struct store_cache *cache, struct store_stmt *stmt)
{
    if (cache->n == STORE_CACHE_SIZE && !drop_oldest_idle(cache)) {
        abort(); /* as many open result sets as cache slots in one transaction: a bug */
    }
    stmt->hash = hash_text(stmt->text);
    stmt->used = ++cache->tick;
    cache->slots[cache->n++] = stmt;
}

void store_cache_clear(struct store_cache *cache)
{
    while (cache->n > 0) {
        free_common(cache, cache->slots[--cache->n]);
    }
}
