/* SPDX-License-Identifier: Apache-2.0 */
/* Composes lists: conditions and order of struct ak_query into the holes of a named statement.
 * Pages are by key: the marker's row is read under the same scope, and the next page starts after
 * its sort values, so that rows which come or go meanwhile neither repeat nor skip others. NULL
 * sorts before every value on both engines. */
#include "store/query.h"

#include "store/store_internal.h"

#define FILTER_TEXT_MAX ((size_t)64 * 1024)

int ak_query_filter(struct ak_query *query, struct ak_arena *arena, const char *column,
                    enum ak_op op, const struct ak_value *values, size_t n, struct ak_error *err)
{
    struct ak_filter *f = &query->filters[query->n_filters];
    struct ak_value *copy = ak_arena_array(arena, struct ak_value, n + 1);

    if (query->n_filters == AK_QUERY_FILTERS) {
        return ak_fail(err, AK_BAD_REQUEST, "too many filters");
    }
    for (size_t i = 0; i < n; i++) {
        copy[i] = values[i];
        copy[i].s = ak_arena_strdup(arena, values[i].s);
    }
    *f = (struct ak_filter){.column = column, .op = op, .values = copy, .n = n};
    query->n_filters++;
    return 0;
}

void ak_query_sort(struct ak_query *query, const char *column, bool descending)
{
    for (size_t i = 0; i < query->n_sorts; i++) {
        if (strcmp(query->sorts[i].column, column) == 0) {
            return;
        }
    }
    if (query->n_sorts < AK_QUERY_SORTS) {
        query->sorts[query->n_sorts].column = column;
        query->sorts[query->n_sorts++].descending = descending;
    }
}

void ak_query_sort_key(struct ak_query *query, const char *column, bool descending)
{
    size_t before = query->n_sorts;

    ak_query_sort(query, column, descending);
    if (query->n_sorts > before) {
        query->sorts[before].never_null = true;
    }
}

const char *store_fill(struct ak_arena *arena, const char *text, const char *filter,
                       const char *page)
{
    AK_AUTO_BUF out = {0};
    const char *p = text;

    if (!strstr(text, "{filter}") && !strstr(text, "{page}")) {
        return text;
    }
    ak_buf_init(&out, strlen(text) + 4 * FILTER_TEXT_MAX);
    while (*p) {
        if (ak_starts_with(p, "{filter}")) {
            ak_buf_str(&out, filter ? filter : "");
            p += strlen("{filter}");
        } else if (ak_starts_with(p, "{page}")) {
            ak_buf_str(&out, page ? page : "");
            p += strlen("{page}");
        } else {
            ak_buf_char(&out, *p++);
        }
    }
    return ak_arena_strdup(arena, out.data);
}

/* A statement under composition: its conditions, and the values bound so far. */
struct composer {
    struct ak_arena *arena;
    struct ak_buf filter;
    struct ak_value values[STORE_MAX_PARAMS];
    size_t n;
    bool too_many;
};

static void composer_done(struct composer *c)
{
    if (c->filter.data) {
        ak_buf_done(&c->filter);
    }
}

static void bind(struct composer *c, struct ak_value value)
{
    if (c->n == STORE_MAX_PARAMS) {
        c->too_many = true;
        return;
    }
    c->values[c->n++] = value;
    ak_buf_printf(&c->filter, "$%zu", c->n);
}

/* %a%\%b% : the characters LIKE means something by are escaped. */
static struct ak_value like_value(struct composer *c, const char *s)
{
    AK_AUTO_BUF out;

    ak_buf_init(&out, 2 * strlen(s) + 2);
    ak_buf_char(&out, '%');
    for (; *s; s++) {
        if (*s == '%' || *s == '_' || *s == '\\') {
            ak_buf_char(&out, '\\');
        }
        ak_buf_char(&out, *s);
    }
    ak_buf_char(&out, '%');
    return ak_v_text(ak_arena_strdup(c->arena, out.data));
}

static void add_in(struct composer *c, const struct ak_filter *f)
{
    if (f->n == 0) {
        ak_buf_str(&c->filter, "1 = 0");
        return;
    }
    ak_buf_printf(&c->filter, "%s IN (", f->column);
    for (size_t i = 0; i < f->n; i++) {
        ak_buf_str(&c->filter, i ? ", " : "");
        bind(c, f->values[i]);
    }
    ak_buf_char(&c->filter, ')');
}

static void add_filter(struct composer *c, const struct ak_filter *f)
{
    static const char *const signs[] = {[AK_EQ] = "=",  [AK_NE] = "<>", [AK_LT] = "<",
                                        [AK_LE] = "<=", [AK_GT] = ">",  [AK_GE] = ">="};

    ak_buf_str(&c->filter, " AND ");
    switch (f->op) {
    case AK_IN:
        add_in(c, f);
        break;
    case AK_CONTAINS:
        ak_buf_printf(&c->filter, "LOWER(%s) LIKE LOWER(", f->column);
        bind(c, like_value(c, f->values[0].s ? f->values[0].s : ""));
        ak_buf_str(&c->filter, ") ESCAPE '\\'");
        break;
    case AK_INCLUDES: /* said so that both engines understand it */
        ak_buf_printf(&c->filter, "REPLACE(%s, ", f->column);
        bind(c, f->values[0]);
        ak_buf_printf(&c->filter, ", '') <> %s", f->column);
        break;
    case AK_STARTS:
        ak_buf_printf(&c->filter, "SUBSTR(%s, 1, %zu) = ", f->column,
                      f->values[0].s ? ak_utf8_len(f->values[0].s) : 0);
        bind(c, f->values[0]);
        break;
    case AK_IS_NULL:
        ak_buf_printf(&c->filter, "%s IS NULL", f->column);
        break;
    case AK_NOT_NULL:
        ak_buf_printf(&c->filter, "%s IS NOT NULL", f->column);
        break;
    default:
        if (f->values[0].type == AK_V_NULL) {
            ak_buf_printf(&c->filter, "%s IS %sNULL", f->column, f->op == AK_NE ? "NOT " : "");
        } else {
            ak_buf_printf(&c->filter, "%s %s ", f->column, signs[f->op]);
            bind(c, f->values[0]);
        }
    }
}

static void start(struct composer *c, struct ak_arena *arena, struct ak_args args,
                  const struct ak_query *query)
{
    c->arena = arena;
    ak_buf_init(&c->filter, FILTER_TEXT_MAX);
    for (size_t i = 0; i < args.n && i < STORE_MAX_PARAMS; i++) {
        c->values[c->n++] = args.v[i];
    }
    for (size_t i = 0; query && i < query->n_filters; i++) {
        add_filter(c, &query->filters[i]);
    }
}

static int run(struct ak_tx *tx, const struct ak_sql *sql, struct composer *c, const char *text,
               struct ak_rows **ret_rows, struct ak_error *err)
{
    if (c->too_many || !ak_buf_ok(&c->filter)) {
        return ak_fail(err, AK_BAD_REQUEST, "too many filters");
    }
    return store_query_text(tx, sql, text, (struct ak_args){.v = c->values, .n = c->n}, ret_rows,
                            err);
}

static const char *id_column(const struct ak_query *query)
{
    return query->id_column ? query->id_column : "id";
}

static const char *bare(const char *column)
{
    const char *dot = strrchr(column, '.');

    return dot ? dot + 1 : column;
}

/* Reads the sort values of the marker's row, under the statement's own scope. */
static int load_marker(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                       const struct ak_query *query, struct ak_arena *arena,
                       struct ak_value values[AK_QUERY_SORTS], struct ak_error *err)
{
    struct composer c __attribute__((cleanup(composer_done))) = {0};
    AK_AUTO(ak_rows) rows = NULL;
    int rc;

    start(&c, arena, args, NULL);
    ak_buf_printf(&c.filter, " AND %s = ", id_column(query));
    bind(&c, ak_v_text(query->marker));
    rc = run(tx, sql, &c, store_fill(arena, sql->text, c.filter.data, NULL), &rows, err);
    if (rc < 0 || (rc = ak_rows_next(rows, err)) < 0) {
        return rc;
    }
    if (rc == 0) {
        return ak_fail(err, AK_MARKER_NOT_FOUND, query->marker);
    }
    for (size_t i = 0; i < query->n_sorts; i++) {
        int column = ak_rows_column(rows, bare(query->sorts[i].column));

        if (column < 0) {
            return ak_fail_detail(err, AK_INTERNAL, "%s does not select its sort column %s",
                                  sql->name, query->sorts[i].column);
        }
        values[i] = store_rows_value(rows, column, arena);
    }
    return 0;
}

/* "comes after the marker by this column": NULL is before every value. */
static void add_after(struct composer *c, const char *column, bool descending, bool never_null,
                      struct ak_value value)
{
    if (value.type == AK_V_NULL) {
        ak_buf_printf(&c->filter, descending ? "1 = 0" : "%s IS NOT NULL", column);
        return;
    }
    ak_buf_printf(&c->filter, "(%s %c ", column, descending ? '<' : '>');
    bind(c, value);
    if (descending && !never_null) {
        ak_buf_printf(&c->filter, " OR %s IS NULL", column);
    }
    ak_buf_char(&c->filter, ')');
}

/* (a > 1) OR (a = 1 AND b > 2) OR (a = 1 AND b = 2 AND id > 'x') */
static void add_marker(struct composer *c, const struct ak_query *query,
                       const struct ak_value *values)
{
    ak_buf_str(&c->filter, " AND (");
    for (size_t i = 0; i <= query->n_sorts; i++) {
        ak_buf_str(&c->filter, i ? " OR (" : "(");
        for (size_t j = 0; j < i; j++) {
            struct ak_filter same = {
                .column = query->sorts[j].column, .op = AK_EQ, .values = &values[j], .n = 1};

            ak_buf_str(&c->filter, j ? "" : "1 = 1");
            add_filter(c, &same);
        }
        ak_buf_str(&c->filter, i ? " AND " : "");
        if (i < query->n_sorts) {
            add_after(c, query->sorts[i].column, query->sorts[i].descending != query->reverse,
                      query->sorts[i].never_null, values[i]);
        } else {
            add_after(c, id_column(query), query->reverse, true, ak_v_text(query->marker));
        }
        ak_buf_char(&c->filter, ')');
    }
    ak_buf_char(&c->filter, ')');
}

static const char *page_text(struct ak_arena *arena, const struct ak_query *query)
{
    AK_AUTO_BUF out;

    ak_buf_init(&out, 4096);
    ak_buf_str(&out, " ORDER BY ");
    for (size_t i = 0; i < query->n_sorts; i++) {
        bool descending = query->sorts[i].descending != query->reverse;

        ak_buf_printf(&out, "%s %s%s, ", query->sorts[i].column, descending ? "DESC" : "ASC",
                      query->sorts[i].never_null ? ""
                      : descending               ? " NULLS LAST"
                                                 : " NULLS FIRST");
    }
    ak_buf_printf(&out, "%s%s", id_column(query), query->reverse ? " DESC" : "");
    if (query->limit > 0) {
        ak_buf_printf(&out, " LIMIT %" PRId64, query->limit);
    }
    return ak_arena_strdup(arena, out.data);
}

static void turn_around(struct ak_list *list, size_t size, struct ak_arena *arena)
{
    char *items = list->items, *turned = ak_arena_alloc(arena, list->n * size + 1);

    for (size_t i = 0; i < list->n; i++) {
        memcpy(turned + i * size, items + (list->n - 1 - i) * size, size);
    }
    list->items = turned;
}

int ak_sql_list(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                const struct ak_query *query, const struct ak_fields *fields,
                struct ak_arena *arena, struct ak_list *ret_list, struct ak_error *err)
{
    struct composer c __attribute__((cleanup(composer_done))) = {0};
    struct ak_value values[AK_QUERY_SORTS] = {0};
    AK_AUTO(ak_rows) rows = NULL;
    const char *page = NULL;
    int rc;

    if (query->marker) {
        rc = load_marker(tx, sql, args, query, arena, values, err);
        if (rc < 0) {
            return rc;
        }
    }
    start(&c, arena, args, query);
    if (query->marker) {
        add_marker(&c, query, values);
    }
    page = page_text(arena, query);
    /* Without its values: by this a test asks the engines whether an index serves the order. */
    ak_log(AK_DEBUG, "list %s: %s |%s", sql->name, c.filter.data ? c.filter.data : "", page);
    rc = run(tx, sql, &c, store_fill(arena, sql->text, c.filter.data, page), &rows, err);
    if (rc == 0) {
        rc = store_collect(rows, fields, arena, 10000, ret_list, err);
    }
    if (rc == 0 && query->reverse) {
        turn_around(ret_list, fields->size, arena);
    }
    return rc;
}

int ak_sql_count(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                 const struct ak_query *query, int64_t *ret_count, struct ak_error *err)
{
    struct composer c __attribute__((cleanup(composer_done))) = {0};
    AK_AUTO(ak_rows) rows = NULL;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *text;
    int rc;

    start(&c, arena, args, query);
    text = ak_arena_printf(arena, "SELECT COUNT(*) FROM (%s) counted",
                           store_fill(arena, sql->text, c.filter.data, NULL));
    rc = run(tx, sql, &c, text, &rows, err);
    if (rc < 0 || (rc = ak_rows_next(rows, err)) < 0) {
        return rc;
    }
    *ret_count = ak_rows_int(rows, 0);
    return 0;
}
