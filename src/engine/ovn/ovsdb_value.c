/* SPDX-License-Identifier: Apache-2.0 */
/* Values of OVSDB in JSON: builders for the plans (ovn_plan.c) and readers for the replica
 * (ovsdb.c), which must cope with every spelling the server may choose. */
#include "engine/ovn/ovsdb_value.h"

#include <stdarg.h>

json_t *ovsdb_map(const char *key, ...)
{
    json_t *map = json_pack("[s, []]", "map");
    va_list ap;
    va_start(ap, key);
    for (const char *k = key; k; k = va_arg(ap, const char *)) {
        ovsdb_map_add(map, k, va_arg(ap, const char *));
    }
    va_end(ap);
    return map;
}

void ovsdb_map_add(json_t *map, const char *key, const char *value)
{
    if (value) {
        (void)json_array_append_new(json_array_get(map, 1), json_pack("[s, s]", key, value));
    }
}

json_t *ovsdb_set(json_t *items)
{
    return json_pack("[s, o]", "set", items);
}

json_t *ovsdb_set_of(const char *const *strings)
{
    json_t *items = json_array();
    for (size_t i = 0; strings && strings[i]; i++) {
        (void)json_array_append_new(items, json_string(strings[i]));
    }
    return ovsdb_set(items);
}

json_t *ovsdb_empty_set(void)
{
    return ovsdb_set(json_array());
}

json_t *ovsdb_uuid(const char *uuid)
{
    return json_pack("[s, s]", "uuid", uuid);
}

/* The items when 'value' is ["tag", items], else NULL. */
static const json_t *tagged(const json_t *value, const char *tag)
{
    if (json_array_size(value) == 2 && ak_streq(json_string_value(json_array_get(value, 0)), tag)) {
        const json_t *items = json_array_get(value, 1);
        return json_is_array(items) ? items : NULL;
    }
    return NULL;
}

const char *ovsdb_map_get(const json_t *map, const char *key)
{
    const json_t *pairs = tagged(map, "map");
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        if (ak_streq(json_string_value(json_array_get(pair, 0)), key)) {
            return json_string_value(json_array_get(pair, 1));
        }
    }
    return NULL;
}

size_t ovsdb_set_size(const json_t *set)
{
    const json_t *items = tagged(set, "set");
    if (items) {
        return json_array_size(items);
    }
    return set ? 1 : 0;
}

const json_t *ovsdb_set_at(const json_t *set, size_t i)
{
    const json_t *items = tagged(set, "set");
    if (items) {
        return json_array_get(items, i);
    }
    return i == 0 ? set : NULL;
}

const char *ovsdb_uuid_text(const json_t *value)
{
    if (json_array_size(value) == 2 &&
        ak_streq(json_string_value(json_array_get(value, 0)), "uuid")) {
        return json_string_value(json_array_get(value, 1));
    }
    return NULL;
}

bool ovsdb_set_has_uuid(const json_t *set, const char *uuid)
{
    size_t n = ovsdb_set_size(set);
    for (size_t i = 0; i < n; i++) {
        const char *text = ovsdb_uuid_text(ovsdb_set_at(set, i));
        if (text && strcmp(text, uuid) == 0) {
            return true;
        }
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The items as sorted texts; '*ret_n' of them, each and the array freed by the caller. */
static char **canonical(const json_t *value, size_t *ret_n)
{
    const json_t *pairs = tagged(value, "map");
    size_t n = pairs ? json_array_size(pairs) : ovsdb_set_size(value);
    char **texts = ak_xcalloc(n + 1, sizeof(*texts));
    for (size_t i = 0; i < n; i++) {
        const json_t *item = pairs ? json_array_get(pairs, i) : ovsdb_set_at(value, i);
        char *text = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
        texts[i] = text ? text : ak_xstrdup("");
    }
    qsort(texts, n, sizeof(*texts), by_text);
    *ret_n = n;
    return texts;
}

bool ovsdb_value_equal(const json_t *a, const json_t *b)
{
    size_t n_a = 0, n_b = 0;
    char **texts_a = canonical(a, &n_a), **texts_b = canonical(b, &n_b);
    bool equal = n_a == n_b;
    for (size_t i = 0; i < n_a || i < n_b; i++) {
        if (equal && strcmp(texts_a[i], texts_b[i]) != 0) {
            equal = false;
        }
    }
    for (size_t i = 0; i < n_a; i++) {
        free(texts_a[i]);
    }
    for (size_t i = 0; i < n_b; i++) {
        free(texts_b[i]);
    }
    free(texts_a);
    free(texts_b);
    return equal;
}
