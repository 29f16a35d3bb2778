/* SPDX-License-Identifier: Apache-2.0 */
/* PATCH of an image: the subset of JSON Patch (RFC 6902) that Glance defines, and its older form
 * ({"replace": "/name", "value": …}, draft 4). Paths have one level. Members of the image are set
 * through the same field table as a POST, the rest are the client's own properties. */
#include "image/image_internal.h"

#define OPERATIONS_MAX 256

enum verb { ADD, REPLACE, REMOVE, VERBS };
static const char *const verbs[VERBS] = {"add", "replace", "remove"};

struct operation {
    enum verb verb;
    const char *name; /* decoded member name */
    const json_t *value;
};

struct patch {
    const struct image_who *who;
    struct ak_arena *arena;
    struct image_row *image;
    struct ak_error *err;
};

static int bad(struct ak_error *err, const char *why)
{
    return ak_fail(err, AK_IMAGE_PATCH, why);
}

/* "/os~1x" -> "os/x" (RFC 6901); one level only. */
static int decode_path(const char *path, struct ak_arena *arena, const char **ret_name,
                       struct ak_error *err)
{
    char *name, *out;

    if (!path || path[0] != '/' || path[1] == '\0') {
        return bad(err, "a path starts with '/' and names a member");
    }
    if (strchr(path + 1, '/')) {
        return bad(err, "only members of the image itself can be patched");
    }
    name = out = ak_arena_strdup(arena, path + 1);
    for (const char *p = path + 1; *p; p++) {
        if (*p == '~') {
            p++;
            if (*p != '0' && *p != '1') {
                return bad(err, "'~' in a path is followed by 0 or 1");
            }
            *out++ = *p == '0' ? '~' : '/';
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
    *ret_name = name;
    return 0;
}

static int read_operation(const json_t *json, bool draft4, struct ak_arena *arena,
                          struct operation *ret, struct ak_error *err)
{
    const char *word = json_string_value(json_object_get(json, "op")), *path = NULL;
    int verb = 0;

    if (!json_is_object(json)) {
        return bad(err, "each operation is an object");
    }
    if (draft4) {
        while (verb < VERBS && !json_object_get(json, verbs[verb])) {
            verb++;
        }
        path = verb < VERBS ? json_string_value(json_object_get(json, verbs[verb])) : NULL;
    } else {
        while (verb < VERBS && !ak_streq(word, verbs[verb])) {
            verb++;
        }
        path = json_string_value(json_object_get(json, "path"));
    }
    if (verb == VERBS) {
        return bad(err, "the operations are add, replace and remove");
    }
    *ret = (struct operation){.verb = (enum verb)verb, .value = json_object_get(json, "value")};
    if (verb != REMOVE && !ret->value) {
        return bad(err, "add and replace need a value");
    }
    return decode_path(path, arena, &ret->name, err);
}

/* A member of the image: checked and filled as if it stood in a body. */
static int set_member(const struct patch *p, const struct operation *op)
{
    static const struct ak_fields_mode mode = {.accept = AK_UPDATE};
    AK_AUTO_JSON body = json_object();
    struct image_body change;
    int rc;

    if (op->verb == REMOVE) {
        return ak_fail(p->err, AK_IMAGE_NOT_REMOVABLE, op->name);
    }
    (void)json_object_set(body, op->name, (json_t *)(uintptr_t)op->value);
    rc = ak_fields_parse(&image_body_fields, body, &mode, p->arena, &change, p->err);
    return rc == 0 ? image_apply(p->who, &change, p->image, p->err) : rc;
}

static int set_property(const struct patch *p, const struct operation *op)
{
    struct ak_map *map = &p->image->properties;
    int rc = image_name_check(op->name, p->err);

    if (rc < 0) {
        return rc;
    }
    if (op->verb != ADD && !image_property_get(map, op->name)) {
        return ak_fail(p->err, AK_IMAGE_NO_PROPERTY, op->name);
    }
    if (op->verb == REMOVE) {
        (void)image_property_remove(map, op->name);
        return 0;
    }
    if (!json_is_string(op->value)) {
        return ak_fail(p->err, AK_FIELD_TYPE, op->name, "string");
    }
    return image_property_set(map, p->arena, op->name, json_string_value(op->value), p->err);
}

int image_patch_apply(const json_t *patch, bool draft4, const struct image_who *who,
                      struct ak_arena *arena, struct image_row *image, struct ak_error *err)
{
    struct patch p = {.who = who, .arena = arena, .image = image, .err = err};

    if (!json_is_array(patch) || json_array_size(patch) > OPERATIONS_MAX) {
        return bad(err, "the body is a list of at most 256 operations");
    }
    for (size_t i = 0; i < json_array_size(patch); i++) {
        struct operation op = {0};
        int rc = read_operation(json_array_get(patch, i), draft4, arena, &op, err);

        if (rc == 0 && ak_streq(op.name, "id")) {
            rc = ak_fail(err, AK_IMAGE_READ_ONLY, op.name);
        }
        if (rc == 0) {
            rc = ak_fields_find(&image_body_fields, op.name) ? set_member(&p, &op)
                                                             : set_property(&p, &op);
        }
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}
