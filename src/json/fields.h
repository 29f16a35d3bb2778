/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_FIELDS_H
#define AK_FIELDS_H
/* Field tables: one row per JSON member of a resource or body. The same table validates and fills a
 * struct, renders it, loads it from a database row, tells which members filter and sort, and
 * prints the JSON Schema.
 *
 * Types in memory, at 'offset' of the struct:
 *   STR UUID JSON   const char * in the arena (NULL = null/absent); JSON holds JSON text (max 0 =
 *                   64 KiB)
 *   INT             int64_t          BOOL  bool
 *   TIME            int64_t, microseconds, 0 = null
 *   OBJECT          pointer to a struct filled by 'sub' (NULL = null/absent)
 *   LIST            struct ak_list: structs of 'sub', or const char * when 'sub' is NULL
 *   MAP             struct ak_map of strings
 * In the database STR UUID JSON MAP LIST-of-strings are TEXT (the last two as JSON), the others
 * integers. */
#include "json/json.h"

enum ak_field_type {
    AK_STR,
    AK_UUID, /* canonicalised */
    AK_INT,
    AK_BOOL,
    AK_TIME,
    AK_OBJECT,
    AK_LIST,
    AK_MAP,
    AK_JSON
};

enum ak_field_flags {
    AK_CREATE = 1 << 0,    /* may stand in a creating body */
    AK_UPDATE = 1 << 1,    /* may stand in an updating body */
    AK_REQUIRED = 1 << 2,  /* must stand in a creating body */
    AK_NULLABLE = 1 << 3,  /* null is accepted in a body */
    AK_FILTER = 1 << 4,    /* may stand in the query of a list: name=value */
    AK_SORT = 1 << 5,      /* may be a sort key */
    AK_HIDDEN = 1 << 6,    /* never rendered: secrets, internals */
    AK_SECRET = 1 << 7,    /* never logged nor audited; implies AK_HIDDEN */
    AK_LENIENT = 1 << 8,   /* also accepts "12" for 12 and "true" for true, as the peer API does */
    AK_OMIT_NULL = 1 << 9, /* left out of the rendering when NULL/0/empty, instead of null */
    AK_ALLOW_BLANK = 1 << 10, /* a string may be only blanks (default: for max_len > 0 it may be
                                 empty only if min 0) */
    AK_ADMIN_ONLY =
        1 << 11, /* rendered and accepted only for callers whom the route's policy calls admin */
    AK_NEVER_NULL = 1 << 12, /* its column is NOT NULL: a sort by it says nothing of NULL, and so an
                                index can serve it on PostgreSQL, too */
};

struct ak_fields;

struct ak_field {
    const char *name; /* JSON name */
    enum ak_field_type type;
    size_t offset;
    unsigned flags;
    const char *column; /* database column; NULL = same as the name; "" = not in the database */
    int64_t min, max;   /* INT: value (both 0 = no limit); STR: length in characters (max 0 = 255);
                           LIST, MAP: number of items (max 0 = 128) */
    const char *const *choices;  /* STR: NULL-terminated list of allowed values */
    const char *pattern;         /* STR: POSIX extended regular expression; must match the whole */
    const struct ak_fields *sub; /* OBJECT, LIST */
    int since, until;            /* minor microversions; 0 = always */
    enum ak_time_format time_format;
    const char *doc; /* one phrase, for the API manual */
};

struct ak_fields {
    const char *name; /* "server", for schemas and messages */
    size_t size;      /* sizeof of the struct */
    const struct ak_field *rows;
    size_t n;
    size_t given_offset; /* offset of a 'struct ak_given' member + 1; 0 = the struct has none */
    bool allow_unknown; /* unknown members are ignored (Keystone, Glance properties), not refused */
};
#define AK_FIELDS(table_name, type, table)                                                         \
    {                                                                                              \
        .name = (table_name), .size = sizeof(type), .rows = (table), .n = AK_N(table)              \
    }
#define AK_FIELDS_GIVEN(table_name, type, table)                                                   \
    {                                                                                              \
        .name = (table_name), .size = sizeof(type), .rows = (table), .n = AK_N(table),             \
        .given_offset = offsetof(type, given) + 1                                                  \
    }

/* Which rows a body held: bit i = row i. 'null' = held and was null. At most 64 rows then. */
struct ak_given {
    uint64_t set, null;
};
/* True when the member 'name' stood in the body 'obj' was filled from. */
bool ak_field_given(const struct ak_fields *fields, const void *obj, const char *name);

struct ak_list {
    size_t n;
    void *items;
};
struct ak_pair {
    const char *key, *value;
};
struct ak_map {
    size_t n;
    struct ak_pair *pairs;
};

struct ak_fields_mode {
    unsigned accept;  /* AK_CREATE or AK_UPDATE */
    int microversion; /* minor; 0 = no microversions */
    bool admin;
    bool lenient; /* parsing: unknown members are ignored in every table */
    bool partial; /* rendering: leave out NULLs that the caller did not ask for (unused by most) */
    const char *const *only; /* rendering: NULL-terminated list of members wanted, NULL = all */
};

/* Validates 'body' against the table and fills 'obj' (zeroed first) from the arena.
 * AK_FIELD_MISSING, _UNKNOWN, _TYPE, _VALUE, _LENGTH, _RANGE, naming the member as a path (a/b/0).
 */
int ak_fields_parse(const struct ak_fields *fields, const json_t *body,
                    const struct ak_fields_mode *mode, struct ak_arena *arena, void *obj,
                    struct ak_error *err);
/* Writes the members (without the braces). */
void ak_fields_render(const struct ak_fields *fields, const void *obj,
                      const struct ak_fields_mode *mode, struct ak_json *w);
/* As an object with braces. */
void ak_fields_render_object(const struct ak_fields *fields, const void *obj,
                             const struct ak_fields_mode *mode, struct ak_json *w);
/* An update: copies the members that stood in the body 'change' was filled from (its 'given') into
 * 'obj'. Both structs are of this table; strings are shared, not copied. */
void ak_fields_merge(const struct ak_fields *fields, void *obj, const void *change);
/* The row named 'name', NULL when there is none. */
const struct ak_field *ak_fields_find(const struct ak_fields *fields, const char *name);
/* JSON Schema (2020-12) of the table as a body ('accept' non-zero) or as a reply (0). */
void ak_fields_schema(const struct ak_fields *fields, unsigned accept, struct ak_json *w);

#endif
