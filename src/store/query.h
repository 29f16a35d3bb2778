/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_QUERY_H
#define AK_QUERY_H
/* Lists: filters, order and page of a named statement, built from a field table. Column names come
 * from tables only, values are always bound.
 *
 * The statement holds {filter} after its WHERE conditions (" AND col = $n …" goes there) and
 * {page} at its end (ORDER BY, LIMIT). The order always ends with 'id', so that pages never repeat
 * or skip. */
#include "store/store.h"

/* AK_CONTAINS ignores (ASCII) case, AK_INCLUDES does not; AK_EQ with a null value means IS NULL. */
enum ak_op {
    AK_EQ,
    AK_NE,
    AK_LT,
    AK_LE,
    AK_GT,
    AK_GE,
    AK_IN,
    AK_CONTAINS,
    AK_STARTS,
    AK_INCLUDES,
    AK_IS_NULL,
    AK_NOT_NULL
};

struct ak_filter {
    const char *column; /* from a table, never from input; may be qualified "s.name" */
    enum ak_op op;
    const struct ak_value *values;
    size_t n;
};

#define AK_QUERY_FILTERS 32
#define AK_QUERY_SORTS   4

struct ak_query {
    struct ak_filter filters[AK_QUERY_FILTERS];
    size_t n_filters;
    struct {
        const char *column;
        bool descending;
        bool never_null; /* the order is an index's, on both engines */
    } sorts[AK_QUERY_SORTS];
    size_t n_sorts;
    const char *id_column; /* the unique last sort key, NULL = "id"; qualified when joined */
    const char *marker;    /* id of the last row of the previous page, or NULL; it must be in the
                              statement's scope, and the statement must select the sort columns */
    int64_t limit;         /* rows wanted; the caller asks one more to know of a next page */
    bool reverse;          /* the page before the marker (Neutron) */
};

/* Adds a filter; values are copied into the arena. Beyond the maximum: AK_BAD_REQUEST. */
int ak_query_filter(struct ak_query *query, struct ak_arena *arena, const char *column,
                    enum ak_op op, const struct ak_value *values, size_t n, struct ak_error *err);
void ak_query_sort(struct ak_query *query, const char *column, bool descending);
/* The same by a column that is declared NOT NULL: of large tables, whose pages come from an index.
 * (PostgreSQL takes none for an order that says where NULL goes.) */
void ak_query_sort_key(struct ak_query *query, const char *column, bool descending);

/* As ak_sql_load_all with the query applied. AK_MARKER_NOT_FOUND. */
int ak_sql_list(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                const struct ak_query *query, const struct ak_fields *fields,
                struct ak_arena *arena, struct ak_list *ret_list, struct ak_error *err);
/* Number of rows the statement yields under the filters (page ignored). */
int ak_sql_count(struct ak_tx *tx, const struct ak_sql *sql, struct ak_args args,
                 const struct ak_query *query, int64_t *ret_count, struct ak_error *err);

#endif
