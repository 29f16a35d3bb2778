/* SPDX-License-Identifier: Apache-2.0 */
/* The client's own members of an image ("additional properties"), and which names are not for
 * clients to write. */
#include "image/image_internal.h"

static const char *const read_only[] = {
    "created_at", "updated_at", "status",     "checksum", "size",         "virtual_size",  "self",
    "file",       "schema",     "direct_url", "stores",   "os_hash_algo", "os_hash_value", NULL};
static const char *const reserved[] = {"location", "locations", "deleted", "deleted_at", NULL};

static bool among(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

int image_name_check(const char *name, struct ak_error *err)
{
    if (among(read_only, name)) {
        return ak_fail(err, AK_IMAGE_READ_ONLY, name);
    }
    if (among(reserved, name) || ak_starts_with(name, "os_glance")) {
        return ak_fail(err, AK_IMAGE_RESERVED, name);
    }
    return 0;
}

static struct ak_pair *find(const struct ak_map *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (strcmp(map->pairs[i].key, key) == 0) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

const char *image_property_get(const struct ak_map *map, const char *key)
{
    const struct ak_pair *pair = find(map, key);

    return pair ? pair->value : NULL;
}

int image_property_set(struct ak_map *map, struct ak_arena *arena, const char *key,
                       const char *value, struct ak_error *err)
{
    struct ak_pair *pair = find(map, key), *pairs;

    if (key[0] == '\0' || strlen(key) > 255) {
        return ak_fail(err, AK_FIELD_LENGTH, key[0] ? key : "''", "1", "255");
    }
    if (strlen(value) > IMAGE_PROPERTY_VALUE) {
        return ak_fail(err, AK_FIELD_LENGTH, key, "0", AK_NUM(IMAGE_PROPERTY_VALUE));
    }
    if (pair) {
        pair->value = ak_arena_strdup(arena, value);
        return 0;
    }
    if (map->n >= IMAGE_PROPERTIES_MAX) {
        return ak_fail(err, AK_IMAGE_PROPERTIES, AK_NUM(IMAGE_PROPERTIES_MAX));
    }
    pairs = ak_arena_array(arena, struct ak_pair, map->n + 1);
    if (map->n > 0) {
        memcpy(pairs, map->pairs, map->n * sizeof(*pairs));
    }
    pairs[map->n].key = ak_arena_strdup(arena, key);
    pairs[map->n].value = ak_arena_strdup(arena, value);
    map->pairs = pairs;
    map->n++;
    return 0;
}

bool image_property_remove(struct ak_map *map, const char *key)
{
    struct ak_pair *pair = find(map, key);

    if (!pair) {
        return false;
    }
    memmove(pair, pair + 1, (size_t)(map->pairs + map->n - (pair + 1)) * sizeof(*pair));
    map->n--;
    return true;
}
