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

void access_reply_page(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                       const struct ak_fields *fields, const struct ak_query *query,
                       struct ak_list *list)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    struct ak_json *w = &reply->json;
    const char *last = NULL;
    bool more = list->n > (size_t)query->limit;

    list->n = more ? (size_t)query->limit : list->n;
    ak_json_object(w);
    ak_json_key(w, envelope);
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        const char *row = (const char *)list->items + i * fields->size;

        ak_fields_render_object(fields, row, &mode, w);
        last = *(const char *const *)(const void *)row;
    }
    ak_json_array_end(w);
    if (more) {
        ak_json_kstr(w, "next", last);
    }
    ak_json_object_end(w);
}

const char *access_comment_of(const struct ak_request *req)
{
    const struct access_comment_row *body = req->body;

    return body && body->comment ? body->comment : "";
}
