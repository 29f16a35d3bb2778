/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a list, in the spelling of each API: page, order, filters. Column names come from
 * the field table, values are bound; what is no row of the table is refused or ignored as the peer
 * does. */
#include "http/http_internal.h"

struct listing {
    struct ak_request *req;
    const struct ak_fields *fields;
    enum ak_list_style style;
    int64_t max_limit;
    struct ak_query *query;
    struct ak_error *err;
};

/* Operators of a Keystone filter, name__operator. */
static const struct {
    const char *suffix;
    enum ak_op op;
} keystone_ops[] = {
    {"__contains", AK_CONTAINS},
    {"__icontains", AK_CONTAINS},
    {"__startswith", AK_STARTS},
    {"__istartswith", AK_STARTS},
    {"__gt", AK_GT},
    {"__gte", AK_GE},
    {"__lt", AK_LT},
    {"__lte", AK_LE},
    {"__not", AK_NE},
};

/* Operators of a Glance filter, name=operator:value. */
static const struct {
    const char *prefix;
    enum ak_op op;
} glance_ops[] = {
    {"gt:", AK_GT},  {"gte:", AK_GE}, {"lt:", AK_LT},
    {"lte:", AK_LE}, {"eq:", AK_EQ},  {"neq:", AK_NE},
};

/* What a caller is not shown he neither asks for nor sorts by: the answer would tell it. */
static bool is_hidden(const struct listing *l, const struct ak_field *row)
{
    return (row->flags & AK_ADMIN_ONLY) && !l->req->admin;
}

static const struct ak_field *row_of(const struct listing *l, const char *name, unsigned flag)
{
    const struct ak_field *row = ak_fields_find(l->fields, name);

    return row && (row->flags & flag) && !is_hidden(l, row) &&
                   !(row->column && row->column[0] == '\0')
               ? row
               : NULL;
}

static const char *column_of(const struct ak_field *row)
{
    return row->column ? row->column : row->name;
}

static int take_limit(const struct listing *l, const char *text)
{
    int64_t limit = 0;

    if (!ak_parse_int(text, 0, INT64_MAX, &limit)) {
        return ak_fail(l->err, AK_FIELD_VALUE, "limit", "it must be an integer of at least 0");
    }
    if (limit == 0 && l->style != AK_LIST_GLANCE) {
        limit = l->max_limit;
    }
    l->query->limit = limit < l->max_limit ? limit : l->max_limit;
    return 0;
}

static int bad_direction(const struct listing *l)
{
    return ak_fail(l->err, AK_FIELD_VALUE, "sort_dir", "it must be asc or desc");
}

static int add_sort(const struct listing *l, const char *key, bool descending)
{
    const struct ak_field *row = row_of(l, key, AK_SORT);

    if (!row) {
        return ak_fail(l->err, AK_FIELD_VALUE, "sort_key", "this list cannot be sorted by it");
    }
    if (l->query->n_sorts == AK_QUERY_SORTS) {
        return ak_fail(l->err, AK_BAD_REQUEST, "too many sort keys");
    }
    if (row->flags & AK_NEVER_NULL) {
        ak_query_sort_key(l->query, column_of(row), descending);
    } else {
        ak_query_sort(l->query, column_of(row), descending);
    }
    return 0;
}

/* sort=name:asc,size:desc; without a direction Glance sorts downwards. */
static int take_sort(const struct listing *l, const char *text)
{
    char *copy = ak_arena_strdup(l->req->arena, text), *save = NULL;

    for (char *part = strtok_r(copy, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
        char *direction = strchr(part, ':');
        int rc = 0;

        if (direction) {
            *direction++ = '\0';
            if (strcmp(direction, "asc") != 0 && strcmp(direction, "desc") != 0) {
                return bad_direction(l);
            }
        }
        rc = add_sort(l, part,
                      direction ? strcmp(direction, "desc") == 0 : l->style == AK_LIST_GLANCE);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

/* sort_key=a&sort_dir=asc&sort_key=b…: the i-th direction belongs to the i-th key; the last one
 * also to the keys beyond, as Nova and Glance have it. */
static int take_sort_keys(const struct listing *l)
{
    const struct ak_map *q = &l->req->query;
    const char *dirs[AK_QUERY_SORTS], *keys[AK_QUERY_SORTS];
    size_t n_dirs = 0, n_keys = 0;

    for (size_t i = 0; i < q->n; i++) {
        bool is_key = strcmp(q->pairs[i].key, "sort_key") == 0;

        if (!is_key && strcmp(q->pairs[i].key, "sort_dir") != 0) {
            continue;
        }
        if ((is_key ? n_keys : n_dirs) == AK_QUERY_SORTS) {
            return ak_fail(l->err, AK_BAD_REQUEST, "too many sort keys");
        }
        if (is_key) {
            keys[n_keys++] = q->pairs[i].value;
        } else if (strcmp(q->pairs[i].value, "asc") == 0 ||
                   strcmp(q->pairs[i].value, "desc") == 0) {
            dirs[n_dirs++] = q->pairs[i].value;
        } else {
            return bad_direction(l);
        }
    }
    if (l->style == AK_LIST_NEUTRON && n_keys != n_dirs) {
        return ak_fail(l->err, AK_BAD_REQUEST,
                       "the number of sort_keys and sort_dirs must be same");
    }
    for (size_t i = 0; i < n_keys; i++) {
        const char *dir = n_dirs == 0 ? (l->style == AK_LIST_GLANCE ? "desc" : "asc")
                                      : dirs[i < n_dirs ? i : n_dirs - 1];
        int rc = add_sort(l, keys[i], strcmp(dir, "desc") == 0);

        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int value_of(const struct listing *l, const struct ak_field *row, const char *text,
                    struct ak_value *ret)
{
    char uuid[AK_UUID_TEXT];
    int64_t n = 0;
    bool flag = false;

    switch (row->type) {
    case AK_INT:
        if (!ak_parse_int(text, INT64_MIN, INT64_MAX, &n)) {
            return ak_fail(l->err, AK_FIELD_TYPE, row->name, "integer");
        }
        *ret = ak_v_int(n);
        return 0;
    case AK_BOOL:
        if (!ak_parse_bool(text, &flag)) {
            return ak_fail(l->err, AK_FIELD_TYPE, row->name, "boolean");
        }
        *ret = ak_v_int(flag);
        return 0;
    case AK_TIME:
        if (!ak_time_parse(text, &n)) {
            return ak_fail(l->err, AK_FIELD_VALUE, row->name,
                           "it must be an ISO 8601 date and time");
        }
        *ret = ak_v_int(n);
        return 0;
    case AK_UUID:
        *ret =
            ak_v_text(ak_uuid_canonical(text, uuid) ? ak_arena_strdup(l->req->arena, uuid) : text);
        return 0;
    default:
        *ret = ak_v_text(text);
        return 0;
    }
}

static int add_filter(const struct listing *l, const struct ak_field *row, enum ak_op op,
                      const struct ak_value *values, size_t n)
{
    return ak_query_filter(l->query, l->req->arena, column_of(row), op, values, n, l->err);
}

static int filter_one(const struct listing *l, const struct ak_field *row, enum ak_op op,
                      const char *text)
{
    struct ak_value value = ak_v_null();
    int rc = value_of(l, row, text, &value);

    return rc < 0 ? rc : add_filter(l, row, op, &value, 1);
}

static int filter_in(const struct listing *l, const struct ak_field *row, const char *list)
{
    struct ak_value values[64];
    char *copy = ak_arena_strdup(l->req->arena, list), *save = NULL;
    size_t n = 0;

    for (char *part = strtok_r(copy, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
        int rc = n == AK_N(values) ? ak_fail(l->err, AK_BAD_REQUEST, "too many values in a filter")
                                   : value_of(l, row, part, &values[n++]);

        if (rc < 0) {
            return rc;
        }
    }
    return add_filter(l, row, AK_IN, values, n);
}

/* All values of one name at once: one is =, several are IN. */
static int filter_equal(const struct listing *l, const struct ak_field *row)
{
    const struct ak_map *q = &l->req->query;
    struct ak_value values[64];
    size_t n = 0;

    for (size_t i = 0; i < q->n; i++) {
        int rc = 0;

        if (strcmp(q->pairs[i].key, row->name) != 0) {
            continue;
        }
        rc = n == AK_N(values) ? ak_fail(l->err, AK_BAD_REQUEST, "too many values in a filter")
                               : value_of(l, row, q->pairs[i].value, &values[n++]);
        if (rc < 0) {
            return rc;
        }
    }
    return add_filter(l, row, n == 1 ? AK_EQ : AK_IN, values, n);
}

static int glance_filter(const struct listing *l, const struct ak_field *row, const char *text)
{
    if (ak_starts_with(text, "in:")) {
        return filter_in(l, row, text + 3);
    }
    for (size_t i = 0; i < AK_N(glance_ops); i++) {
        if (ak_starts_with(text, glance_ops[i].prefix)) {
            return filter_one(l, row, glance_ops[i].op, text + strlen(glance_ops[i].prefix));
        }
    }
    return filter_one(l, row, AK_EQ, text);
}

static int keystone_filter(const struct listing *l, const char *key, const char *value, bool *known)
{
    for (size_t i = 0; i < AK_N(keystone_ops); i++) {
        if (ak_ends_with(key, keystone_ops[i].suffix)) {
            const char *name =
                ak_arena_strndup(l->req->arena, key, strlen(key) - strlen(keystone_ops[i].suffix));
            const struct ak_field *row = row_of(l, name, AK_FILTER);

            *known = row != NULL;
            if (row && row->type != AK_STR && row->type != AK_UUID &&
                (keystone_ops[i].op == AK_CONTAINS || keystone_ops[i].op == AK_STARTS)) {
                return ak_fail(l->err, AK_FIELD_TYPE, name, "string");
            }
            return row ? filter_one(l, row, keystone_ops[i].op, value) : 0;
        }
    }
    return 0;
}

static bool first_of_key(const struct ak_map *q, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(q->pairs[k].key, q->pairs[i].key) == 0) {
            return false;
        }
    }
    return true;
}

static bool listed(const char *const *names, const char *name)
{
    for (size_t i = 0; names && names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static int take_filter(const struct listing *l, size_t i, const char *const *also_known)
{
    const struct ak_map *q = &l->req->query;
    const char *key = q->pairs[i].key;
    const struct ak_field *any = ak_fields_find(l->fields, key), *row = row_of(l, key, AK_FILTER);
    bool strict = l->style == AK_LIST_NEUTRON || l->style == AK_LIST_OWN;
    bool known = (any && (any->flags & AK_FILTER) && !is_hidden(l, any)) || listed(also_known, key);
    int rc = 0;

    if (row && !listed(also_known, key)) {
        if (l->style == AK_LIST_GLANCE) {
            return glance_filter(l, row, q->pairs[i].value);
        }
        return first_of_key(q, i) ? filter_equal(l, row) : 0;
    }
    if (!known && l->style == AK_LIST_KEYSTONE) {
        rc = keystone_filter(l, key, q->pairs[i].value, &known);
    }
    return rc == 0 && !known && strict ? ak_fail(l->err, AK_QUERY_UNKNOWN, key) : rc;
}

/* The parameters that are no filters. 1 = it was one. */
static int take_common(const struct listing *l, const char *key, const char *value)
{
    bool flag = false;
    int rc = 0;

    if (strcmp(key, "limit") == 0) {
        rc = take_limit(l, value);
    } else if (strcmp(key, "marker") == 0) {
        l->query->marker = value[0] ? value : NULL;
    } else if (strcmp(key, "sort") == 0 &&
               (l->style == AK_LIST_GLANCE || l->style == AK_LIST_OWN)) {
        rc = take_sort(l, value);
    } else if (strcmp(key, "page_reverse") == 0 && l->style == AK_LIST_NEUTRON) {
        l->query->reverse = ak_parse_bool(value, &flag) && flag;
    } else if (strcmp(key, "sort_key") != 0 && strcmp(key, "sort_dir") != 0 &&
               !(strcmp(key, "fields") == 0 && l->style == AK_LIST_NEUTRON)) {
        return 0;
    }
    return rc < 0 ? rc : 1;
}

int ak_request_list(struct ak_request *req, const struct ak_fields *fields,
                    enum ak_list_style style, int64_t max_limit, const char *const *also_known,
                    struct ak_query *ret_query, struct ak_error *err)
{
    const struct listing l = {req, fields, style, max_limit, ret_query, err};
    int rc = 0;

    ret_query->limit = max_limit;
    for (size_t i = 0; i < req->query.n && rc >= 0; i++) {
        rc = take_common(&l, req->query.pairs[i].key, req->query.pairs[i].value);
        if (rc == 0) {
            rc = take_filter(&l, i, also_known);
        }
    }
    rc = rc < 0 ? rc : take_sort_keys(&l);
    return rc < 0 ? rc : 0;
}
