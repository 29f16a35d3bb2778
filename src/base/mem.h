/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_MEM_H
#define AK_MEM_H
/* Memory: aborting allocation, the cleanup attribute, arenas, secrets.
 *
 * Running out of memory aborts: every size a customer controls is limited before it is allocated,
 * and all state is in the database, so a restart is safe (style.md 4). */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#define AK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define AK_N(array)          (sizeof(array) / sizeof((array)[0]))
#define AK_UNUSED            __attribute__((unused))

/* Declares a variable freed by 'name'_free() at the end of its scope: AK_AUTO(ak_tx) tx = NULL;
 * Needs AK_DEFINE_AUTO(name) once, beside the declaration of name_free(). */
#define AK_DEFINE_AUTO(name)                                                                       \
    static inline void name##_auto_(struct name **p)                                               \
    {                                                                                              \
        name##_free(*p);                                                                           \
    }
#define AK_AUTO(name) __attribute__((cleanup(name##_auto_))) struct name *

/* Hands the pointer over: yields it and leaves NULL behind. */
#define AK_TAKE(p)                                                                                 \
    __extension__({                                                                                \
        __typeof__(p) ak_take_ = (p);                                                              \
        (p) = NULL;                                                                                \
        ak_take_;                                                                                  \
    })

/* char * freed by free() at scope end; int fd closed at scope end (-1 = none); FILE * closed. */
#define AK_AUTO_STR __attribute__((cleanup(ak_auto_str_))) char *
#define AK_AUTO_FD  __attribute__((cleanup(ak_auto_fd_))) int

static inline void ak_auto_str_(char **p)
{
    free(*p);
}
void ak_auto_fd_(int *fd);

/* As calloc/realloc/strdup, but abort when memory is out. The caller frees with free(). */
void *ak_xcalloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc));
void *ak_xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *ak_xstrdup(const char *s) __attribute__((returns_nonnull, malloc));
char *ak_xstrndup(const char *s, size_t len) __attribute__((returns_nonnull, malloc));
char *ak_xasprintf(const char *fmt, ...) AK_PRINTF(1, 2) __attribute__((returns_nonnull));
#define ak_new(type) ((type *)ak_xcalloc(1, sizeof(type)))

/* An arena: many allocations, one free. Used per request and per job step; not thread-safe.
 * Memory is zeroed. What must outlive the arena is copied out of it. */
struct ak_arena;
struct ak_arena *ak_arena_new(void);
void ak_arena_free(struct ak_arena *arena);
AK_DEFINE_AUTO(ak_arena)
void *ak_arena_alloc(struct ak_arena *arena, size_t size) __attribute__((returns_nonnull));
char *ak_arena_strdup(struct ak_arena *arena, const char *s); /* NULL stays NULL */
char *ak_arena_strndup(struct ak_arena *arena, const char *s, size_t len);
char *ak_arena_printf(struct ak_arena *arena, const char *fmt, ...) AK_PRINTF(2, 3);
char *ak_arena_vprintf(struct ak_arena *arena, const char *fmt, va_list ap) AK_PRINTF(2, 0);
#define ak_arena_new0(arena, type)     ((type *)ak_arena_alloc((arena), sizeof(type)))
#define ak_arena_array(arena, type, n) ((type *)ak_arena_alloc((arena), sizeof(type) * (n)))

/* A secret string. It has no format function on purpose; wiped when freed. */
struct ak_secret {
    size_t len;
    char *bytes; /* NUL-terminated */
};
struct ak_secret *ak_secret_new(const char *bytes, size_t len);
void ak_secret_free(struct ak_secret *secret);
AK_DEFINE_AUTO(ak_secret)
void ak_wipe(void *p, size_t size); /* memset that is never optimised away */

#endif
