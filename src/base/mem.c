/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: see mem.h. Arenas are chains of blocks that grow geometrically to 64 KiB; an allocation
 * larger than a quarter block gets a block of its own. */
#include "mem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void) __attribute__((noreturn));
static void out_of_memory(void)
{
    static const char text[] = "akashi: out of memory\n";
    (void)!write(2, text, sizeof(text) - 1);
    abort();
}

void ak_auto_fd_(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

void *ak_xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p) {
        out_of_memory();
    }
    return p;
}

void *ak_xrealloc(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);

    if (!q) {
        out_of_memory();
    }
    return q;
}

char *ak_xstrdup(const char *s)
{
    return ak_xstrndup(s, strlen(s));
}

char *ak_xstrndup(const char *s, size_t len)
{
    char *copy = ak_xcalloc(1, len + 1);

    memcpy(copy, s, len);
    return copy;
}

char *ak_xasprintf(const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) {
        out_of_memory();
    }
    va_end(ap);
    return text;
}

struct block {
    struct block *next;
    size_t used, size;
    max_align_t data[];
};

struct ak_arena {
    struct block *head; /* the block being filled; full ones follow it */
    size_t next_size;
};

#define FIRST_BLOCK ((size_t)2048)
#define MAX_BLOCK   ((size_t)65536)

struct ak_arena *ak_arena_new(void)
{
    struct ak_arena *arena = ak_new(struct ak_arena);

    arena->next_size = FIRST_BLOCK;
    return arena;
}

void ak_arena_free(struct ak_arena *arena)
{
    if (!arena) {
        return;
    }
    for (struct block *b = arena->head; b;) {
        struct block *next = b->next;

        free(b);
        b = next;
    }
    free(arena);
}

static struct block *block_new(size_t size)
{
    struct block *b = ak_xcalloc(1, sizeof(*b) + size);

    b->size = size;
    return b;
}

void *ak_arena_alloc(struct ak_arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    struct block *b = arena->head;
    void *p = NULL;

    if (size > SIZE_MAX / 2) {
        out_of_memory();
    }
    size = (size + align - 1) / align * align;
    if (size > MAX_BLOCK / 4) {
        struct block *own = block_new(size);

        own->used = size;
        if (b) {
            own->next = b->next;
            b->next = own;
        } else {
            arena->head = own;
        }
        return own->data;
    }
    if (!b || b->size - b->used < size) {
        size_t want = arena->next_size > size ? arena->next_size : size;

        b = block_new(want);
        b->next = arena->head;
        arena->head = b;
        if (arena->next_size < MAX_BLOCK) {
            arena->next_size *= 2;
        }
    }
    p = (char *)b->data + b->used;
    b->used += size;
    return p;
}

char *ak_arena_strdup(struct ak_arena *arena, const char *s)
{
    return s ? ak_arena_strndup(arena, s, strlen(s)) : NULL;
}

char *ak_arena_strndup(struct ak_arena *arena, const char *s, size_t len)
{
    char *copy = ak_arena_alloc(arena, len + 1);

    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *ak_arena_vprintf(struct ak_arena *arena, const char *fmt, va_list ap)
{
    char small[256]; /* most texts fit, and are formatted once */
    va_list again;
    char *text = NULL;
    int len = 0;

    va_copy(again, ap);
    len = vsnprintf(small, sizeof(small), fmt, again);
    va_end(again);
    if (len < 0) {
        out_of_memory();
    }
    if ((size_t)len < sizeof(small)) {
        return ak_arena_strndup(arena, small, (size_t)len);
    }
    text = ak_arena_alloc(arena, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, fmt, ap);
    return text;
}

char *ak_arena_printf(struct ak_arena *arena, const char *fmt, ...)
{
    va_list ap;
    char *text = NULL;

    va_start(ap, fmt);
    text = ak_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return text;
}

void ak_wipe(void *p, size_t size)
{
    if (p) {
        explicit_bzero(p, size);
    }
}

struct ak_secret *ak_secret_new(const char *bytes, size_t len)
{
    struct ak_secret *secret = ak_new(struct ak_secret);

    secret->bytes = ak_xstrndup(bytes, len);
    secret->len = len;
    return secret;
}

void ak_secret_free(struct ak_secret *secret)
{
    if (!secret) {
        return;
    }
    ak_wipe(secret->bytes, secret->len);
    free(secret->bytes);
    free(secret);
}
