/* SPDX-License-Identifier: Apache-2.0 */
/* How Keystone answers look: every object has a link to itself, every list links. The tables do the
 * rest. */
#include "identity/identity_internal.h"

enum { LIST_MAX = 1000 }; /* rows of one page; "links"/"next" leads on */

int identity_query(struct ak_request *req, const struct ak_fields *fields,
                   struct ak_query *ret_query, struct ak_error *err)
{
    int rc = ak_request_list(req, fields, AK_LIST_KEYSTONE, LIST_MAX, NULL, ret_query, err);

    if (rc < 0) {
        return rc;
    }
    ret_query->limit++; /* one more tells whether there is a next page */
    return 0;
}

static void set_self(struct ak_request *req, const char *collection, const struct ak_fields *fields,
                     void *row)
{
    const struct ak_field *id = ak_fields_find(fields, "id");
    const struct ak_field *links = ak_fields_find(fields, "links");
    struct identity_links *link = ak_arena_new0(req->arena, struct identity_links);

    link->self =
        ak_arena_printf(req->arena, "%s/identity/v3/%s/%s", req->base_url, collection,
                        *(const char *const *)(const void *)((const char *)row + id->offset));
    *(struct identity_links **)(void *)((char *)row + links->offset) = link;
}

void identity_reply_object(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                           const char *collection, const struct ak_fields *fields, void *row)
{
    set_self(req, collection, fields, row);
    ak_reply_object(reply, req, envelope, fields, row);
}

/* The address of this list, after 'marker' when there is one. */
static const char *list_url(struct ak_request *req, const char *marker)
{
    static const char *const place[] = {"marker", NULL};
    AK_AUTO_BUF url;
    char separator = '?';

    ak_buf_init(&url, 8192);
    ak_buf_printf(&url, "%s%s", req->base_url, req->path);
    separator = ak_request_query_write(req, marker ? place : NULL, &url);
    if (marker) {
        ak_buf_printf(&url, "%cmarker=", separator);
        ak_buf_url(&url, marker);
    }
    return ak_arena_strdup(req->arena, url.data);
}

static void write_links(struct ak_request *req, struct ak_reply *reply, const char *next)
{
    struct ak_json *w = &reply->json;

    ak_json_key(w, "links");
    ak_json_object(w);
    ak_json_kstr(w, "self", list_url(req, NULL));
    ak_json_kstr(w, "next", next);
    ak_json_knull(w, "previous");
    ak_json_object_end(w);
}

void identity_reply_links(struct ak_request *req, struct ak_reply *reply)
{
    write_links(req, reply, NULL);
}

void identity_reply_list(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                         const char *collection, const struct ak_fields *fields,
                         const struct ak_query *query, struct ak_list *list)
{
    const struct ak_field *id = ak_fields_find(fields, "id");
    struct ak_fields_mode mode = ak_request_mode(req);
    bool more = (int64_t)list->n >= query->limit;
    size_t n = more ? (size_t)query->limit - 1 : list->n;
    char *row = list->items;
    const char *last = NULL;

    ak_json_object(&reply->json);
    ak_json_key(&reply->json, envelope);
    ak_json_array(&reply->json);
    for (size_t i = 0; i < n; i++, row += fields->size) {
        set_self(req, collection, fields, row);
        ak_fields_render_object(fields, row, &mode, &reply->json);
        last = *(const char *const *)(const void *)(row + id->offset);
    }
    ak_json_array_end(&reply->json);
    write_links(req, reply, more && last ? list_url(req, last) : NULL);
    ak_json_object_end(&reply->json);
}
