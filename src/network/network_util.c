/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers that the services share: ids, JSON lists of strings, tags, whose project. */
#include "network/network_internal.h"

char *network_new_id(struct ak_arena *arena)
{
    char id[AK_UUID_TEXT];
    ak_uuid_new(id);
    return ak_arena_strdup(arena, id);
}

bool network_port_is_router(const struct network_port *port)
{
    return ak_streq(port->device_owner, NETWORK_OWNER_LEG) ||
           ak_streq(port->device_owner, NETWORK_OWNER_GATEWAY);
}

int network_project_of(const struct network_call *call, const char *named, const char **ret_project,
                       struct ak_error *err)
{
    if (named && named[0] && !call->admin && !ak_streq(named, call->project_id)) {
        return ak_fail(err, AK_FORBIDDEN, "making an object for another project");
    }
    *ret_project = named && named[0] ? named : call->project_id;
    return *ret_project ? 0 : ak_fail(err, AK_FORBIDDEN, "this without a project-scoped token");
}

const char *const *network_strings(struct ak_arena *arena, const char *json_list)
{
    AK_AUTO_JSON list = json_list ? json_loads(json_list, 0, NULL) : NULL;
    size_t n = json_array_size(list), kept = 0;
    const char **strings = ak_arena_array(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s) {
            strings[kept++] = ak_arena_strdup(arena, s);
        }
    }
    return strings;
}

const char *network_list_with(struct ak_arena *arena, const char *json_list, const char *s,
                              bool present)
{
    AK_AUTO_JSON list = json_list ? json_loads(json_list, 0, NULL) : NULL;
    AK_AUTO_JSON out = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!ak_streq(json_string_value(json_array_get(list, i)), s)) {
            (void)json_array_append(out, json_array_get(list, i));
        }
    }
    if (present) {
        (void)json_array_append_new(out, json_string(s));
    }
    AK_AUTO_STR text = json_dumps(out, JSON_COMPACT);
    return ak_arena_strdup(arena, text);
}

int network_tags_check(const char *tags, const char **ret_tags, struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(tags ? tags : "[]", JSON_DECODE_ANY, NULL);
    if (!json_is_array(list)) {
        return ak_fail(err, AK_FIELD_TYPE, "tags", "array");
    }
    if (json_array_size(list) > 50) {
        return ak_fail(err, AK_FIELD_LENGTH, "tags", "0", "50");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = json_string_value(json_array_get(list, i));
        if (tag == NULL) {
            return ak_fail(err, AK_FIELD_TYPE, "tags", "array of strings");
        }
        if (tag[0] == '\0' || ak_utf8_len(tag) > 60) {
            return ak_fail(err, AK_FIELD_LENGTH, "tags", "1", "60");
        }
        for (size_t k = 0; k < i; k++) {
            if (ak_streq(json_string_value(json_array_get(list, k)), tag)) {
                return ak_fail(err, AK_FIELD_VALUE, "tags", "a tag stands there twice");
            }
        }
    }
    *ret_tags = tags ? tags : "[]";
    return 0;
}
