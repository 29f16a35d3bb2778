/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: jansson does the parsing, this file adds the limits that jansson lacks (nesting)
 * and turns its complaints into ours. Also the canonical form that audit envelopes are hashed in.
 * Writing is in write.c, field tables in fields_parse.c and fields_render.c. */
#include "json/json.h"

#include "json/escape.h"

#define DEPTH_MAX 32

/* Nesting of brackets outside strings, cut short past the limit. */
static int depth_of(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > DEPTH_MAX) {
                return depth;
            }
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return 0;
}

int ak_json_parse(const char *text, size_t len, json_t **ret_json, struct ak_error *err)
{
    json_error_t problem;
    json_t *json = NULL;
    char where[256];

    if (depth_of(text, len) > DEPTH_MAX) {
        return ak_fail(err, AK_BAD_JSON, "it is nested deeper than 32 levels");
    }
    json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!json) {
        (void)snprintf(where, sizeof(where), "%.160s (line %d, column %d)", problem.text,
                       problem.line, problem.column);
        return ak_fail(err, AK_BAD_JSON, where);
    }
    *ret_json = json;
    return 0;
}

/* Order of UTF-16 code units (RFC 8785 section 3.2.3) for valid UTF-8. It is byte order, but for
 * characters beyond the basic plane, whose surrogates sort before U+E000 and above. */
static int key_order(const char *a, const char *b)
{
    const unsigned char *p = (const unsigned char *)a, *q = (const unsigned char *)b;

    while (*p && *p == *q) {
        p++;
        q++;
    }
    if (*p >= 0xf0 && (*q == 0xee || *q == 0xef)) {
        return -1;
    }
    if (*q >= 0xf0 && (*p == 0xee || *p == 0xef)) {
        return 1;
    }
    return (int)*p - (int)*q;
}

static int by_key(const void *a, const void *b)
{
    return key_order(*(const char *const *)a, *(const char *const *)b);
}

static int canonical(const json_t *value, int depth, struct ak_buf *out, struct ak_error *err);

static int canonical_object(const json_t *value, int depth, struct ak_buf *out,
                            struct ak_error *err)
{
    size_t n = 0, size = json_object_size(value);
    json_t *object = (json_t *)(uintptr_t)value; /* iterators take no const */
    __attribute__((cleanup(ak_json_free_keys_))) const char **keys = NULL;
    int rc = 0;

    keys = ak_xcalloc(size + 1, sizeof(*keys));
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        keys[n++] = json_object_iter_key(at);
    }
    qsort(keys, n, sizeof(*keys), by_key);
    ak_buf_char(out, '{');
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (i > 0) {
            ak_buf_char(out, ',');
        }
        ak_json_escape(out, keys[i]);
        ak_buf_char(out, ':');
        rc = canonical(json_object_get(value, keys[i]), depth + 1, out, err);
    }
    ak_buf_char(out, '}');
    return rc;
}

static int canonical_array(const json_t *value, int depth, struct ak_buf *out, struct ak_error *err)
{
    ak_buf_char(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        int rc = 0;

        if (i > 0) {
            ak_buf_char(out, ',');
        }
        rc = canonical(json_array_get(value, i), depth + 1, out, err);
        if (rc < 0) {
            return rc;
        }
    }
    ak_buf_char(out, ']');
    return 0;
}

static int canonical(const json_t *value, int depth, struct ak_buf *out, struct ak_error *err)
{
    if (depth > DEPTH_MAX) {
        return ak_fail_detail(err, AK_INTERNAL, "canonical JSON: too deep");
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return canonical_object(value, depth, out, err);
    case JSON_ARRAY:
        return canonical_array(value, depth, out, err);
    case JSON_STRING:
        ak_json_escape(out, json_string_value(value));
        return 0;
    case JSON_INTEGER:
        ak_buf_printf(out, "%lld", (long long)json_integer_value(value));
        return 0;
    case JSON_TRUE:
        ak_buf_str(out, "true");
        return 0;
    case JSON_FALSE:
        ak_buf_str(out, "false");
        return 0;
    case JSON_NULL:
        ak_buf_str(out, "null");
        return 0;
    case JSON_REAL:
        break;
    }
    return ak_fail_detail(err, AK_INTERNAL, "canonical JSON: a real number");
}

int ak_json_canonical(const json_t *value, struct ak_buf *out, struct ak_error *err)
{
    int rc = 0;

    if (!value) {
        return ak_fail_detail(err, AK_INTERNAL, "canonical JSON: no value");
    }
    rc = canonical(value, 0, out, err);
    if (rc == 0 && !ak_buf_ok(out)) {
        return ak_fail_detail(err, AK_INTERNAL, "canonical JSON: longer than %zu bytes", out->max);
    }
    return rc;
}
