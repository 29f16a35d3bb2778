/* SPDX-License-Identifier: Apache-2.0 */
/* Rows into structs by field tables. Which column fills which member is found once per prepared
 * statement and table, and kept with the statement. */
#include "store/store_internal.h"

#define LOAD_MAX 10000

/* The map of the statement for this table; made when missing. A statement used with more tables
 * than it has places for takes the last place anew. */
static const int *columns_for(struct ak_rows *rows, const struct ak_fields *fields)
{
    struct store_stmt *stmt = rows->stmt;
    struct store_map *map;

    for (size_t i = 0; i < stmt->n_maps; i++) {
        if (stmt->maps[i].rows == fields->rows && stmt->maps[i].n == fields->n) {
            return stmt->maps[i].column;
        }
    }
    if (stmt->n_maps < STORE_MAPS) {
        stmt->n_maps++;
    }
    map = &stmt->maps[stmt->n_maps - 1];
    free(map->column);
    map->rows = fields->rows;
    map->n = fields->n;
    map->column = ak_xcalloc(fields->n + 1, sizeof(int));
    for (size_t i = 0; i < fields->n; i++) {
        const struct ak_field *f = &fields->rows[i];
        const char *name = f->column ? f->column : f->name;
        const char *dot = strrchr(name, '.');

        if (f->type == AK_OBJECT || (f->type == AK_LIST && f->sub)) {
            name = "";
        }
        map->column[i] = name[0] ? ak_rows_column(rows, dot ? dot + 1 : name) : -1;
    }
    return map->column;
}

static void load_list(const char *text, struct ak_arena *arena, struct ak_list *list)
{
    AK_AUTO_JSON json = text && strcmp(text, "[]") != 0 ? json_loads(text, 0, NULL) : NULL;
    size_t n = json_is_array(json) ? json_array_size(json) : 0;
    const char **items = ak_arena_array(arena, const char *, n + 1);

    for (size_t i = 0; i < n; i++) {
        items[i] = ak_arena_strdup(arena, json_string_value(json_array_get(json, i)));
    }
    list->n = n;
    list->items = items;
}

static void load_map(const char *text, struct ak_arena *arena, struct ak_map *map)
{
    AK_AUTO_JSON json = text && strcmp(text, "{}") != 0 ? json_loads(text, 0, NULL) : NULL;
    size_t n = json_is_object(json) ? json_object_size(json) : 0;
    const char *key;
    json_t *value;

    map->pairs = ak_arena_array(arena, struct ak_pair, n + 1);
    map->n = 0;
    json_object_foreach(json, key, value)
    {
        map->pairs[map->n].key = ak_arena_strdup(arena, key);
        map->pairs[map->n++].value = ak_arena_strdup(arena, json_string_value(value));
    }
}

static void load_field(struct ak_rows *rows, int column, const struct ak_field *f,
                       struct ak_arena *arena, void *member)
{
    switch (f->type) {
    case AK_STR:
    case AK_UUID:
    case AK_JSON:
        *(const char **)member = ak_arena_strdup(arena, ak_rows_text(rows, column));
        break;
    case AK_INT:
    case AK_TIME:
        *(int64_t *)member = ak_rows_is_null(rows, column) ? 0 : ak_rows_int(rows, column);
        break;
    case AK_BOOL:
        *(bool *)member = !ak_rows_is_null(rows, column) && ak_rows_int(rows, column) != 0;
        break;
    case AK_LIST:
        load_list(ak_rows_text(rows, column), arena, member);
        break;
    case AK_MAP:
        load_map(ak_rows_text(rows, column), arena, member);
        break;
    case AK_OBJECT:
        break;
    }
}

void ak_rows_load(struct ak_rows *rows, const struct ak_fields *fields, struct ak_arena *arena,
                  void *obj)
{
    const int *column = columns_for(rows, fields);

    memset(obj, 0, fields->size);
    for (size_t i = 0; i < fields->n; i++) {
        if (column[i] >= 0) {
            load_field(rows, column[i], &fields->rows[i], arena,
                       (char *)obj + fields->rows[i].offset);
        }
    }
}

int ak_sql_load(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                const struct ak_fields *fields, struct ak_arena *arena, void *obj,
                struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, sql, args, &rows, err);

    if (rc < 0 || (rc = ak_rows_next(rows, err)) < 0) {
        return rc;
    }
    if (rc == 0) {
        return ak_fail(err, AK_NOT_FOUND);
    }
    ak_rows_load(rows, fields, arena, obj);
    return 0;
}

int store_collect(struct ak_rows *rows, const struct ak_fields *fields, struct ak_arena *arena,
                  size_t max, struct ak_list *ret_list, struct ak_error *err)
{
    AK_AUTO_STR items = NULL;
    size_t n = 0, cap = 0;
    int rc;

    while ((rc = ak_rows_next(rows, err)) > 0) {
        if (n == max) {
            return ak_fail_detail(err, AK_INTERNAL, "more than %zu rows of %s", max, fields->name);
        }
        if (n == cap) {
            cap = cap ? 2 * cap : 16;
            items = ak_xrealloc(items, cap * fields->size);
        }
        ak_rows_load(rows, fields, arena, items + n++ * fields->size);
    }
    if (rc < 0) {
        return rc;
    }
    ret_list->n = n;
    ret_list->items = ak_arena_alloc(arena, n * fields->size + 1);
    if (n > 0) {
        memcpy(ret_list->items, items, n * fields->size);
    }
    return 0;
}

int ak_sql_load_all(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                    const struct ak_fields *fields, struct ak_arena *arena, size_t max,
                    struct ak_list *ret_list, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, sql, args, &rows, err);

    return rc < 0 ? rc : store_collect(rows, fields, arena, max ? max : LOAD_MAX, ret_list, err);
}
