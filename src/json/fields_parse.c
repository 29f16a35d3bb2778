/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables, inwards: checks a parsed body against a table and fills the struct. Every complaint
 * names the member by its path. Rendering and schemas are in fields_render.c and fields_schema.c.
 */
#include "json/fields.h"

#include <assert.h>
#include <regex.h>

#include "json/fields_internal.h"

/* Where we are in the body: a list of frames on the stack, printed only for a complaint. */
struct path {
    const struct path *up;
    const char *name; /* NULL: the index counts */
    size_t index;
};

struct parse {
    const struct ak_fields_mode *mode;
    struct ak_arena *arena;
    struct ak_error *err;
};

static void path_text(const struct path *path, struct ak_buf *out)
{
    if (path->up) {
        path_text(path->up, out);
        ak_buf_char(out, '/');
    }
    if (path->name) {
        ak_buf_str(out, path->name);
    } else {
        ak_buf_printf(out, "%zu", path->index);
    }
}

static int complain(const struct parse *p, const struct path *path, enum ak_error_code code,
                    const char *a, const char *b)
{
    AK_AUTO_BUF text;

    ak_buf_init(&text, 4096);
    path_text(path, &text);
    return ak_fail(p->err, code, text.data, a ? a : "", b ? b : "");
}

static int wrong_type(const struct parse *p, const struct path *path, const char *wanted)
{
    return complain(p, path, AK_FIELD_TYPE, wanted, NULL);
}

/* True when the whole of 's' matches. Patterns are compiled once and kept: they come from tables.
 */
static bool matches(const char *pattern, const char *s)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        const char *pattern;
        regex_t regex;
    } cache[256];
    static size_t n;
    size_t at = 0;
    AK_LOCK(&mutex);

    while (at < n && cache[at].pattern != pattern) {
        at++;
    }
    if (at == n) {
        AK_AUTO_STR whole = ak_xasprintf("^(%s)$", pattern);

        if (n == AK_N(cache) || regcomp(&cache[n].regex, whole, REG_EXTENDED | REG_NOSUB) != 0) {
            ak_log(AK_ERR, "field pattern '%s' cannot be compiled", pattern);
            abort();
        }
        cache[n++].pattern = pattern;
    }
    return regexec(&cache[at].regex, s, 0, NULL, 0) == 0;
}

static bool blank(const char *s)
{
    return s[strspn(s, " \t\r\n\v\f")] == '\0';
}

static int check_choices(const struct parse *p, const struct ak_field *row, const struct path *path,
                         const char *s)
{
    AK_AUTO_BUF list = {0};

    for (size_t i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], s) == 0) {
            return 0;
        }
    }
    ak_buf_init(&list, 240);
    ak_buf_str(&list, "it must be one of ");
    for (size_t i = 0; row->choices[i]; i++) {
        ak_buf_printf(&list, "%s%s", i > 0 ? ", " : "", row->choices[i]);
    }
    return complain(p, path, AK_FIELD_VALUE, list.data, NULL);
}

static int check_string(const struct parse *p, const struct ak_field *row, const struct path *path,
                        const char *s)
{
    int64_t max = row->max > 0 ? row->max : 255, len = (int64_t)ak_utf8_len(s);

    if (len < row->min || len > max) {
        return complain(p, path, AK_FIELD_LENGTH, AK_NUM(row->min), AK_NUM(max));
    }
    if (row->min > 0 && !(row->flags & AK_ALLOW_BLANK) && blank(s)) {
        return complain(p, path, AK_FIELD_VALUE, "it must not be blank", NULL);
    }
    if (row->choices) {
        int rc = check_choices(p, row, path, s);

        if (rc < 0) {
            return rc;
        }
    }
    if (row->pattern && !matches(row->pattern, s)) {
        return complain(p, path, AK_FIELD_VALUE, "it does not have the form required here", NULL);
    }
    return 0;
}

/* The text of a value that may stand for a string: NULL when it may not. */
static const char *string_of(const struct parse *p, unsigned flags, const json_t *value)
{
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    if ((flags & AK_LENIENT) && json_is_integer(value)) {
        return ak_arena_printf(p->arena, "%lld", (long long)json_integer_value(value));
    }
    if ((flags & AK_LENIENT) && json_is_boolean(value)) {
        return json_is_true(value) ? "True" : "False"; /* as the peers' str() writes it */
    }
    return NULL;
}

static int take_string(const struct parse *p, const struct ak_field *row, const struct path *path,
                       const json_t *value, const char **ret)
{
    const char *s = string_of(p, row->flags, value);
    int rc = 0;

    if (!s) {
        return wrong_type(p, path, "string");
    }
    rc = check_string(p, row, path, s);
    if (rc < 0) {
        return rc;
    }
    *ret = ak_arena_strdup(p->arena, s);
    return 0;
}

static int take_uuid(const struct parse *p, const struct path *path, const json_t *value,
                     const char **ret)
{
    char text[AK_UUID_TEXT];

    if (!json_is_string(value)) {
        return wrong_type(p, path, "string");
    }
    if (!ak_uuid_canonical(json_string_value(value), text)) {
        return complain(p, path, AK_FIELD_VALUE, "it must be a UUID", NULL);
    }
    *ret = ak_arena_strdup(p->arena, text);
    return 0;
}

static int take_int(const struct parse *p, const struct ak_field *row, const struct path *path,
                    const json_t *value, int64_t *ret)
{
    bool limited = row->min != 0 || row->max != 0;
    int64_t n = 0;

    if (json_is_integer(value)) {
        n = json_integer_value(value);
    } else if (!(row->flags & AK_LENIENT) || !json_is_string(value) ||
               !ak_parse_int(json_string_value(value), INT64_MIN, INT64_MAX, &n)) {
        return wrong_type(p, path, "integer");
    }
    if (limited && (n < row->min || n > row->max)) {
        return complain(p, path, AK_FIELD_RANGE, AK_NUM(row->min), AK_NUM(row->max));
    }
    *ret = n;
    return 0;
}

static int take_bool(const struct parse *p, const struct ak_field *row, const struct path *path,
                     const json_t *value, bool *ret)
{
    bool lenient = row->flags & AK_LENIENT;

    if (json_is_boolean(value)) {
        *ret = json_is_true(value);
        return 0;
    }
    if (lenient && json_is_integer(value) &&
        (json_integer_value(value) == 0 || json_integer_value(value) == 1)) {
        *ret = json_integer_value(value) == 1;
        return 0;
    }
    if (lenient && json_is_string(value) && ak_parse_bool(json_string_value(value), ret)) {
        return 0;
    }
    return wrong_type(p, path, "boolean");
}

static int take_time(const struct parse *p, const struct path *path, const json_t *value,
                     int64_t *ret)
{
    if (!json_is_string(value)) {
        return wrong_type(p, path, "string");
    }
    if (!ak_time_parse(json_string_value(value), ret)) {
        return complain(p, path, AK_FIELD_VALUE, "it must be an ISO 8601 date and time", NULL);
    }
    return 0;
}

static int take_json(const struct parse *p, const struct ak_field *row, const struct path *path,
                     const json_t *value, const char **ret)
{
    int64_t max = row->max > 0 ? row->max : 65535;
    AK_AUTO_STR text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    if (!text || (int64_t)strlen(text) > max) {
        return complain(p, path, AK_FIELD_LENGTH, "0", AK_NUM(max));
    }
    *ret = ak_arena_strdup(p->arena, text);
    return 0;
}

static int check_count(const struct parse *p, const struct ak_field *row, const struct path *path,
                       size_t n)
{
    int64_t max = row->max > 0 ? row->max : 128;

    return (int64_t)n < row->min || (int64_t)n > max
               ? complain(p, path, AK_FIELD_LENGTH, AK_NUM(row->min), AK_NUM(max))
               : 0;
}

static int take_map(const struct parse *p, const struct ak_field *row, const struct path *path,
                    const json_t *value, struct ak_map *ret)
{
    static const struct ak_field key_row = {.type = AK_STR, .min = 1}, value_row = {.type = AK_STR};
    json_t *object = (json_t *)(uintptr_t)value; /* iterators take no const */
    struct ak_map map = {0};
    int rc = 0;

    if (!json_is_object(value)) {
        return wrong_type(p, path, "object");
    }
    rc = check_count(p, row, path, json_object_size(value));
    map.pairs = ak_arena_array(p->arena, struct ak_pair, json_object_size(value) + 1);
    for (void *at = json_object_iter(object); at && rc == 0;
         at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        struct path here = {path, key, 0};
        const char *s = string_of(p, row->flags, json_object_iter_value(at));

        rc = check_string(p, &key_row, &here, key);
        if (rc == 0) {
            rc = s ? check_string(p, &value_row, &here, s) : wrong_type(p, &here, "string");
        }
        if (rc == 0) {
            map.pairs[map.n++] =
                (struct ak_pair){ak_arena_strdup(p->arena, key), ak_arena_strdup(p->arena, s)};
        }
    }
    if (rc == 0) {
        *ret = map;
    }
    return rc;
}

static int parse_object(const struct parse *p, const struct ak_fields *fields,
                        const struct path *path, const json_t *body, void *obj);

static int take_list(const struct parse *p, const struct ak_field *row, const struct path *path,
                     const json_t *value, struct ak_list *ret)
{
    struct ak_field item_row = {.type = AK_STR,
                                .flags = row->flags & (AK_LENIENT | AK_ALLOW_BLANK),
                                .choices = row->choices,
                                .pattern = row->pattern};
    size_t size = row->sub ? row->sub->size : sizeof(char *), n = json_array_size(value);
    char *items = NULL;
    int rc = 0;

    if (!json_is_array(value)) {
        return wrong_type(p, path, "array");
    }
    rc = check_count(p, row, path, n);
    if (rc < 0) {
        return rc;
    }
    items = ak_arena_alloc(p->arena, size * (n + 1));
    for (size_t i = 0; i < n; i++) {
        struct path here = {path, NULL, i};
        const json_t *item = json_array_get(value, i);

        rc = row->sub ? parse_object(p, row->sub, &here, item, items + i * size)
                      : take_string(p, &item_row, &here, item, (const char **)(void *)items + i);
        if (rc < 0) {
            return rc;
        }
    }
    *ret = (struct ak_list){.n = n, .items = items};
    return 0;
}

static int take(const struct parse *p, const struct ak_field *row, const struct path *path,
                const json_t *value, void *at)
{
    void *object = NULL;
    int rc = 0;

    switch (row->type) {
    case AK_STR:
        return take_string(p, row, path, value, at);
    case AK_UUID:
        return take_uuid(p, path, value, at);
    case AK_INT:
        return take_int(p, row, path, value, at);
    case AK_BOOL:
        return take_bool(p, row, path, value, at);
    case AK_TIME:
        return take_time(p, path, value, at);
    case AK_JSON:
        return take_json(p, row, path, value, at);
    case AK_MAP:
        return take_map(p, row, path, value, at);
    case AK_LIST:
        return take_list(p, row, path, value, at);
    case AK_OBJECT:
        object = ak_arena_alloc(p->arena, row->sub->size);
        rc = parse_object(p, row->sub, path, value, object);
        if (rc == 0) {
            *(void **)at = object;
        }
        return rc;
    }
    return ak_fail_detail(p->err, AK_INTERNAL, "field '%s' has an unknown type", row->name);
}

static const struct ak_field *row_for(const struct ak_fields *fields, const char *name,
                                      const struct ak_fields_mode *mode)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct ak_field *row = &fields->rows[i];

        if ((row->flags & mode->accept) && ak_field_in_version(row, mode) &&
            strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static struct ak_given *given_of(const struct ak_fields *fields, const void *obj)
{
    return fields->given_offset > 0
               ? (struct ak_given *)(void *)((char *)(uintptr_t)obj + fields->given_offset - 1)
               : NULL;
}

static int parse_member(const struct parse *p, const struct ak_fields *fields,
                        const struct ak_field *row, const struct path *path, const json_t *value,
                        void *obj)
{
    struct ak_given *given = given_of(fields, obj);
    uint64_t bit = (uint64_t)1 << (row - fields->rows);
    int rc = 0;

    if ((row->flags & AK_ADMIN_ONLY) && !p->mode->admin) {
        AK_AUTO_BUF text;

        ak_buf_init(&text, 255);
        path_text(path, &text);
        return ak_fail(p->err, AK_FORBIDDEN, text.data);
    }
    if (!json_is_null(value)) {
        rc = take(p, row, path, value, (char *)obj + row->offset);
    } else if (row->type == AK_JSON) {
        *(const char **)(void *)((char *)obj + row->offset) = "null";
    } else if (!(row->flags & AK_NULLABLE)) {
        rc = wrong_type(p, path, ak_field_type_name(row->type));
    }
    if (rc == 0 && given) {
        given->set |= bit;
        given->null |= json_is_null(value) ? bit : 0;
    }
    return rc;
}

static int check_required(const struct parse *p, const struct ak_fields *fields,
                          const struct path *path, const json_t *body)
{
    for (size_t i = 0; p->mode->accept == AK_CREATE && i < fields->n; i++) {
        const struct ak_field *row = &fields->rows[i];
        struct path here = {path, row->name, 0};

        if ((row->flags & AK_REQUIRED) && (row->flags & AK_CREATE) &&
            ak_field_in_version(row, p->mode) && !json_object_get(body, row->name)) {
            return complain(p, &here, AK_FIELD_MISSING, NULL, NULL);
        }
    }
    return 0;
}

static int parse_object(const struct parse *p, const struct ak_fields *fields,
                        const struct path *path, const json_t *body, void *obj)
{
    json_t *object = (json_t *)(uintptr_t)body; /* iterators take no const */
    int rc = 0;

    assert(fields->n <= 64 || fields->given_offset == 0);
    if (!json_is_object(body)) {
        return path ? wrong_type(p, path, "object")
                    : ak_fail(p->err, AK_FIELD_TYPE, fields->name, "object");
    }
    rc = check_required(p, fields, path, body);
    for (void *at = json_object_iter(object); at && rc == 0;
         at = json_object_iter_next(object, at)) {
        struct path here = {path, json_object_iter_key(at), 0};
        const struct ak_field *row = row_for(fields, here.name, p->mode);

        if (row) {
            rc = parse_member(p, fields, row, &here, json_object_iter_value(at), obj);
        } else if (!fields->allow_unknown && !p->mode->lenient) {
            rc = complain(p, &here, AK_FIELD_UNKNOWN, NULL, NULL);
        }
    }
    return rc;
}

int ak_fields_parse(const struct ak_fields *fields, const json_t *body,
                    const struct ak_fields_mode *mode, struct ak_arena *arena, void *obj,
                    struct ak_error *err)
{
    struct parse p = {mode, arena, err};

    memset(obj, 0, fields->size);
    return parse_object(&p, fields, NULL, body, obj);
}

bool ak_field_given(const struct ak_fields *fields, const void *obj, const char *name)
{
    const struct ak_given *given = given_of(fields, obj);

    for (size_t i = 0; given && i < fields->n && i < 64; i++) {
        if ((given->set >> i & 1) && strcmp(fields->rows[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t size_in_memory(enum ak_field_type type)
{
    switch (type) {
    case AK_INT:
    case AK_TIME:
        return sizeof(int64_t);
    case AK_BOOL:
        return sizeof(bool);
    case AK_LIST:
        return sizeof(struct ak_list);
    case AK_MAP:
        return sizeof(struct ak_map);
    default:
        return sizeof(void *);
    }
}

void ak_fields_merge(const struct ak_fields *fields, void *obj, const void *change)
{
    const struct ak_given *given = given_of(fields, change);

    for (size_t i = 0; given && i < fields->n && i < 64; i++) {
        const struct ak_field *row = &fields->rows[i];

        if (given->set >> i & 1) {
            memcpy((char *)obj + row->offset, (const char *)change + row->offset,
                   size_in_memory(row->type));
        }
    }
}

const struct ak_field *ak_fields_find(const struct ak_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (strcmp(fields->rows[i].name, name) == 0) {
            return &fields->rows[i];
        }
    }
    return NULL;
}
