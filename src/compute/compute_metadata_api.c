/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata and tags of servers. Both live in the server's row and change by compare-and-set.
 * Spec: https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata and
 * #server-tags-servers-tags */
#include "compute_handlers.h"

#define TAGS_MAX    50
#define TAG_LEN_MAX 60

static int begin_with(struct ak_request *req, struct ak_tx **ret_tx,
                      struct compute_server *ret_server, struct ak_error *err)
{
    int rc = ak_request_begin(req, ret_tx, err);
    return rc == 0 ? compute_request_server(req, *ret_tx, ret_server, err) : rc;
}

static int read_with(struct ak_request *req, struct compute_server *ret_server,
                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    return rc == 0 ? compute_request_server(req, tx, ret_server, err) : rc;
}

static int save(struct ak_request *req, struct ak_tx *tx, struct compute_server *server,
                struct ak_error *err)
{
    int rc = compute_server_save(tx, req->arena, server, err);
    return rc == 0 ? ak_request_commit(req, tx, "server", server->id, server->project_id, NULL, err)
                   : rc;
}

/* ---- Metadata -------------------------------------------------------------------------------- */

static void reply_map(struct ak_reply *reply, const char *envelope, const struct ak_pair *pairs,
                      size_t n)
{
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, envelope);
    ak_json_object(w);
    for (size_t i = 0; i < n; i++) {
        ak_json_kstr(w, pairs[i].key, pairs[i].value);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
}

/* {"metadata": {…}} or {"meta": {one}} as a map of strings. */
static int read_map(struct ak_request *req, const char *envelope, struct ak_map *ret_map,
                    struct ak_error *err)
{
    const json_t *object = json_object_get(req->json, envelope);
    if (!json_is_object(object) || json_object_size(req->json) != 1) {
        return ak_fail(err, AK_FIELD_MISSING, envelope);
    }
    struct ak_map map = {
        .pairs = ak_arena_array(req->arena, struct ak_pair, json_object_size(object) + 1)};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!json_is_string(value)) {
            return ak_fail(err, AK_FIELD_TYPE, key, "string");
        }
        map.pairs[map.n++] =
            (struct ak_pair){ak_arena_strdup(req->arena, key),
                             ak_arena_strdup(req->arena, json_string_value(value))};
    }
    *ret_map = map;
    return 0;
}

int compute_metadata_list(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_server server;
    int rc = read_with(req, &server, err);
    if (rc == 0) {
        reply_map(reply, "metadata", server.metadata.pairs, server.metadata.n);
    }
    return rc;
}

/* Common to the three changes: 'replace' drops what is not in 'map'. */
static int change(struct ak_request *req, const struct ak_map *map, bool replace,
                  struct compute_server *ret_server, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = begin_with(req, &tx, ret_server, err);
    rc = rc == 0 ? compute_server_check_lock(&who, ret_server, err) : rc;
    if (rc == 0) {
        ret_server->metadata =
            replace ? *map : compute_metadata_merge(req->arena, &ret_server->metadata, map);
        rc = compute_metadata_check(tx, req->config, ret_server->project_id, &ret_server->metadata,
                                    err);
    }
    return rc == 0 ? save(req, tx, ret_server, err) : rc;
}

static int change_all(struct ak_request *req, struct ak_reply *reply, bool replace,
                      struct ak_error *err)
{
    struct ak_map map;
    struct compute_server server;
    int rc = read_map(req, "metadata", &map, err);
    rc = rc == 0 ? change(req, &map, replace, &server, err) : rc;
    if (rc == 0) {
        reply_map(reply, "metadata", server.metadata.pairs, server.metadata.n);
    }
    return rc;
}

int compute_metadata_update(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_all(req, reply, false, err);
}

int compute_metadata_replace(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_all(req, reply, true, err);
}

static const struct ak_pair *find(const struct ak_map *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (ak_streq(map->pairs[i].key, key)) {
            return &map->pairs[i];
        }
    }
    return NULL;
}

int compute_metadata_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_server server;
    int rc = read_with(req, &server, err);
    const struct ak_pair *pair = rc == 0 ? find(&server.metadata, req->params[1]) : NULL;
    if (rc == 0 && !pair) {
        rc = ak_fail(err, AK_METADATA_NOT_FOUND, req->params[1]);
    }
    if (rc == 0) {
        reply_map(reply, "meta", pair, 1);
    }
    return rc;
}

int compute_metadata_set(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_map map;
    struct compute_server server;
    int rc = read_map(req, "meta", &map, err);
    if (rc == 0 && (map.n != 1 || !ak_streq(map.pairs[0].key, req->params[1]))) {
        rc = ak_fail(err, AK_BAD_REQUEST, "the body must hold the one item the path names");
    }
    rc = rc == 0 ? change(req, &map, false, &server, err) : rc;
    if (rc == 0) {
        reply_map(reply, "meta", map.pairs, 1);
    }
    return rc;
}

int compute_metadata_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    rc = rc == 0 ? compute_server_check_lock(&who, &server, err) : rc;
    if (rc == 0 && !find(&server.metadata, req->params[1])) {
        rc = ak_fail(err, AK_METADATA_NOT_FOUND, req->params[1]);
    }
    if (rc != 0) {
        return rc;
    }
    struct ak_map left = {.pairs =
                              ak_arena_array(req->arena, struct ak_pair, server.metadata.n + 1)};
    for (size_t i = 0; i < server.metadata.n; i++) {
        if (!ak_streq(server.metadata.pairs[i].key, req->params[1])) {
            left.pairs[left.n++] = server.metadata.pairs[i];
        }
    }
    server.metadata = left;
    reply->status = 204;
    return save(req, tx, &server, err);
}

/* ---- Tags ------------------------------------------------------------------------------------ */

static int check_tag(const char *tag, struct ak_error *err)
{
    size_t len = ak_utf8_len(tag);
    if (len < 1 || len > TAG_LEN_MAX || strchr(tag, ',') || strchr(tag, '/')) {
        return ak_fail(err, AK_FIELD_VALUE, "tag", "it is 1 to 60 characters without , and /");
    }
    return 0;
}

static bool has_tag(const struct ak_list *tags, const char *tag)
{
    const char *const *items = tags->items;
    for (size_t i = 0; i < tags->n; i++) {
        if (ak_streq(items[i], tag)) {
            return true;
        }
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void reply_tags(struct ak_reply *reply, const struct ak_list *tags)
{
    const char *const *items = tags->items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "tags");
    ak_json_array(w);
    for (size_t i = 0; i < tags->n; i++) {
        ak_json_str(w, items[i]);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
}

int compute_tags_list(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_server server;
    int rc = read_with(req, &server, err);
    if (rc == 0) {
        reply_tags(reply, &server.tags);
    }
    return rc;
}

int compute_tags_replace(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const json_t *given = json_object_get(req->json, "tags");
    if (!json_is_array(given) || json_object_size(req->json) != 1) {
        return ak_fail(err, AK_FIELD_MISSING, "tags");
    }
    if (json_array_size(given) > TAGS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "tags", "0", AK_NUM(TAGS_MAX));
    }
    const char **items = ak_arena_array(req->arena, const char *, json_array_size(given) + 1);
    struct ak_list tags = {.items = items};
    for (size_t i = 0; i < json_array_size(given); i++) {
        const char *tag = json_string_value(json_array_get(given, i));
        int rc = tag ? check_tag(tag, err) : ak_fail(err, AK_FIELD_TYPE, "tags", "list of strings");
        if (rc != 0) {
            return rc;
        }
        if (!has_tag(&tags, tag)) {
            items[tags.n++] = tag;
        }
    }
    if (tags.n > 0) {
        qsort(items, tags.n, sizeof(*items), by_text);
    }
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0) {
        server.tags = tags;
        rc = save(req, tx, &server, err);
    }
    if (rc == 0) {
        reply_tags(reply, &server.tags);
    }
    return rc;
}

int compute_tags_clear(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    server.tags = (struct ak_list){0};
    reply->status = 204;
    return rc == 0 ? save(req, tx, &server, err) : rc;
}

int compute_tag_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_server server;
    int rc = read_with(req, &server, err);
    reply->status = 204;
    return rc == 0 && !has_tag(&server.tags, req->params[1])
               ? ak_fail(err, AK_TAG_NOT_FOUND, req->params[1], server.id)
               : rc;
}

int compute_tag_add(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = check_tag(req->params[1], err);
    rc = rc == 0 ? begin_with(req, &tx, &server, err) : rc;
    if (rc != 0) {
        return rc;
    }
    bool there = has_tag(&server.tags, req->params[1]);
    if (!there && server.tags.n >= TAGS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "tags", "0", AK_NUM(TAGS_MAX));
    }
    if (!there) {
        const char **items = ak_arena_array(req->arena, const char *, server.tags.n + 1);
        if (server.tags.n > 0) {
            memcpy(items, server.tags.items, server.tags.n * sizeof(*items));
        }
        items[server.tags.n] = req->params[1];
        server.tags = (struct ak_list){.n = server.tags.n + 1, .items = items};
        qsort(items, server.tags.n, sizeof(*items), by_text);
    }
    reply->status = there ? 204 : 201;
    if (!there) {
        ak_reply_header(reply, req, "Location",
                        compute_link(req, ak_arena_printf(req->arena, "servers/%s/tags/%s",
                                                          server.id, req->params[1])));
    }
    return save(req, tx, &server, err);
}

int compute_tag_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0 && !has_tag(&server.tags, req->params[1])) {
        rc = ak_fail(err, AK_TAG_NOT_FOUND, req->params[1], server.id);
    }
    if (rc != 0) {
        return rc;
    }
    const char *const *before = server.tags.items;
    const char **items = ak_arena_array(req->arena, const char *, server.tags.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < server.tags.n; i++) {
        if (!ak_streq(before[i], req->params[1])) {
            items[n++] = before[i];
        }
    }
    server.tags = (struct ak_list){.n = n, .items = items};
    reply->status = 204;
    return save(req, tx, &server, err);
}
