/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v2/images: what the caller sees by default and by filter, order, pages and their links. */
#include "image/image_internal.h"

#define PAGE_DEFAULT 25
#define PAGE_MAX     1000

static const char *const own_filters[] = {"visibility", "member_status", "tag",       "size_min",
                                          "size_max",   "owner",         "os_hidden", NULL};

static int add(struct ak_request *req, struct ak_query *query, const char *column, enum ak_op op,
               struct ak_value value, struct ak_error *err)
{
    return ak_query_filter(query, req->arena, column, op, &value, 1, err);
}

static int add_size(struct ak_request *req, struct ak_query *query, const char *key, enum ak_op op,
                    const char *text, struct ak_error *err)
{
    int64_t n;

    if (!ak_parse_int(text, 0, INT64_MAX, &n)) {
        return ak_fail(err, AK_FIELD_TYPE, key, "integer");
    }
    return add(req, query, "size", op, ak_v_int(n), err);
}

/* A filter by one of the client's own properties: "key":"value" stands in the column. */
static int add_property(struct ak_request *req, struct ak_query *query, const struct ak_pair *pair,
                        struct ak_error *err)
{
    const char *member =
        ak_arena_printf(req->arena, "%s:%s", image_json_string(req->arena, pair->key),
                        image_json_string(req->arena, pair->value));

    return add(req, query, "properties", AK_INCLUDES, ak_v_text(member), err);
}

static int add_filter(struct ak_request *req, struct ak_query *query, const struct ak_pair *pair,
                      struct ak_error *err)
{
    static const char *const common[] = {"limit", "marker", "sort", "sort_key", "sort_dir", NULL};
    const struct ak_field *row = ak_fields_find(&image_fields, pair->key);

    if (ak_streq(pair->key, "tag")) {
        return add(req, query, "tags", AK_INCLUDES,
                   ak_v_text(image_json_string(req->arena, pair->value)), err);
    }
    if (ak_streq(pair->key, "size_min")) {
        return add_size(req, query, pair->key, AK_GE, pair->value, err);
    }
    if (ak_streq(pair->key, "size_max")) {
        return add_size(req, query, pair->key, AK_LE, pair->value, err);
    }
    if (ak_streq(pair->key, "owner")) {
        return add(req, query, "owner", AK_EQ, ak_v_text(pair->value), err);
    }
    for (size_t i = 0; own_filters[i]; i++) {
        if (ak_streq(pair->key, own_filters[i])) {
            return 0; /* taken by add_visibility() */
        }
    }
    for (size_t i = 0; common[i]; i++) {
        if (ak_streq(pair->key, common[i])) {
            return 0;
        }
    }
    /* Hidden rows without words for people are ours alone: their names are free for clients. */
    return row && (row->doc || !(row->flags & AK_HIDDEN)) ? 0 : add_property(req, query, pair, err);
}

/* Which images are meant at all. */
static int add_visibility(struct ak_request *req, struct ak_query *query,
                          const char **ret_member_status, bool *ret_community, struct ak_error *err)
{
    const char *visibility = ak_request_query(req, "visibility"),
               *status = ak_request_query(req, "member_status"),
               *hidden = ak_request_query(req, "os_hidden");
    bool is_hidden = false;
    int rc;

    if (hidden && !ak_parse_bool(hidden, &is_hidden)) {
        return ak_fail(err, AK_FIELD_TYPE, "os_hidden", "boolean");
    }
    rc = add(req, query, "os_hidden", AK_EQ, ak_v_int(is_hidden), err);
    *ret_member_status = status ? status : "accepted";
    if (!ak_streq(*ret_member_status, "accepted") && !ak_streq(status, "pending") &&
        !ak_streq(status, "rejected") && !ak_streq(status, "all")) {
        return ak_fail(err, AK_FIELD_VALUE, "member_status",
                       "it must be accepted, pending, rejected or all");
    }
    *ret_community = ak_streq(visibility, "community") || ak_streq(visibility, "all");
    if (rc < 0 || !visibility || ak_streq(visibility, "all")) {
        return rc;
    }
    if (!ak_streq(visibility, "public") && !ak_streq(visibility, "private") &&
        !ak_streq(visibility, "shared") && !ak_streq(visibility, "community")) {
        return ak_fail(err, AK_FIELD_VALUE, "visibility",
                       "it must be public, private, shared, community or all");
    }
    return add(req, query, "visibility", AK_EQ, ak_v_text(visibility), err);
}

static int read_query(struct ak_request *req, struct ak_query *query, const char **ret_status,
                      bool *ret_community, struct ak_error *err)
{
    int rc = ak_request_list(req, &image_fields, AK_LIST_GLANCE, PAGE_MAX, own_filters, query, err);

    if (!ak_request_query(req, "limit")) {
        query->limit = PAGE_DEFAULT;
    }
    if (rc == 0) {
        rc = add_visibility(req, query, ret_status, ret_community, err);
    }
    for (size_t i = 0; rc == 0 && i < req->query.n; i++) {
        rc = add_filter(req, query, &req->query.pairs[i], err);
    }
    if (query->n_sorts == 0) {
        ak_query_sort_key(query, "created_us", true);
    }
    return rc;
}

/* The request's own query with another marker, or none. */
static const char *link_to(struct ak_request *req, const char *marker)
{
    static const char *const place[] = {"marker", NULL};
    AK_AUTO_BUF text;
    char separator = '?';

    ak_buf_init(&text, 65536);
    ak_buf_str(&text, "/v2/images");
    separator = ak_request_query_write(req, place, &text);
    if (marker) {
        ak_buf_printf(&text, "%cmarker=%s", separator, marker);
    }
    return ak_arena_strdup(req->arena, text.data);
}

static void render(struct ak_request *req, struct ak_list *list, bool more, struct ak_json *w)
{
    struct image_row *images = list->items;

    ak_json_object(w);
    ak_json_key(w, "images");
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        image_render(&images[i], req->arena, w);
    }
    ak_json_array_end(w);
    ak_json_kstr(w, "schema", "/v2/schemas/images");
    ak_json_kstr(w, "first", link_to(req, NULL));
    if (more) {
        ak_json_kstr(w, "next", link_to(req, images[list->n - 1].id));
    }
    ak_json_object_end(w);
}

int image_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct ak_query query = {0};
    const char *member_status = NULL;
    bool community = false, more;
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t wanted;
    int rc = read_query(req, &query, &member_status, &community, err);

    wanted = query.limit;
    query.limit = wanted + 1; /* one more tells whether there is a next page */
    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = image_list_load(tx, req->arena, &who, member_status, community, &query, &list, err);
    }
    if (rc == 0) {
        more = wanted > 0 && (int64_t)list.n > wanted;
        list.n = (int64_t)list.n > wanted ? (size_t)wanted : list.n;
        render(req, &list, more, &reply->json);
    }
    return rc;
}
