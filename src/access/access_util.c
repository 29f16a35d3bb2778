/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of access share: whose objects a caller sees, lists of addresses, pages. */
#include "access/access_internal.h"

#include "base/ip.h"

const char *access_scope(const struct ak_request *req)
{
    return req->admin ? NULL : req->principal->project_id;
}

int access_filter_scope(struct ak_request *req, struct ak_query *query, const char *column,
                        struct ak_error *err)
{
    const char *project = access_scope(req);
    struct ak_value value = ak_v_text(project);

    return project ? ak_query_filter(query, req->arena, column, AK_EQ, &value, 1, err) : 0;
}

int access_cidrs_text(struct ak_arena *arena, const struct ak_list *cidrs, const char **ret_text,
                      struct ak_error *err)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, 65536);
    w = ak_json_on(&text);
    ak_json_array(&w);
    for (size_t i = 0; i < cidrs->n; i++) {
        const char *item = ((const char *const *)cidrs->items)[i];
        char canonical[AK_CIDR_TEXT];
        struct ak_cidr cidr;

        if (!item || !ak_cidr_parse(item, &cidr)) {
            return ak_fail(err, AK_FIELD_VALUE, "cidrs",
                           "each must be an address or a prefix such as 192.0.2.0/24");
        }
        cidr = ak_cidr_network(&cidr);
        ak_json_str(&w, ak_cidr_text(canonical, &cidr));
    }
    ak_json_array_end(&w);
    *ret_text = ak_arena_strdup(arena, text.data);
    return 0;
}

int access_strings_parse(struct ak_arena *arena, const char *text, struct ak_list *ret,
                         struct ak_error *err)
{
    AK_AUTO_JSON json = NULL;
    int rc = text ? ak_json_parse(text, strlen(text), &json, err) : 0;
    const char **items = NULL;

    if (rc < 0) {
        return rc;
    }
    items = ak_arena_alloc(arena, (json_array_size(json) + 1) * sizeof(*items));
    for (size_t i = 0; i < json_array_size(json); i++) {
        items[i] = ak_arena_strdup(arena, json_string_value(json_array_get(json, i)));
    }
    *ret = (struct ak_list){.n = json_array_size(json), .items = items};
    return 0;
}

const char *access_comment_of(const struct ak_request *req)
{
    const struct access_comment_row *body = req->body;

    return body && body->comment ? body->comment : "";
}
