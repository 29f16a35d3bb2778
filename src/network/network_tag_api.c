/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of networks, subnets, ports, routers and security groups: the calls below …/{id}/tags; and
 * discovery: versions and extensions. */
#include "network/network_internal.h"

/* --- tags ------------------------------------------------------------------------------------- */

/* The kind by the path of the route: "/v2.0/security-groups/{id}/tags". */
static enum network_kind kind_of(const struct ak_request *req)
{
    static const struct {
        const char *start;
        enum network_kind kind;
    } paths[] = {{"/v2.0/networks/", NETWORK_NETWORK},
                 {"/v2.0/subnets/", NETWORK_SUBNET},
                 {"/v2.0/ports/", NETWORK_PORT},
                 {"/v2.0/routers/", NETWORK_ROUTER},
                 {"/v2.0/security-groups/", NETWORK_GROUP}};
    for (size_t i = 0; i < AK_N(paths); i++) {
        if (ak_starts_with(req->route->path, paths[i].start)) {
            return paths[i].kind;
        }
    }
    return NETWORK_NETWORK;
}

static const char **member(enum network_kind kind, void *obj, const char *name)
{
    const struct ak_field *row = ak_fields_find(network_resources[kind].fields, name);
    return (const char **)(void *)((char *)obj + row->offset);
}

static void reply_tags(struct ak_reply *reply, const char *tags)
{
    ak_json_object(&reply->json);
    ak_json_kraw(&reply->json, "tags", tags);
    ak_json_object_end(&reply->json);
}

static int load(struct ak_request *req, struct ak_tx *tx, bool own, void **ret_obj,
                struct ak_error *err)
{
    enum network_kind kind = kind_of(req);
    struct network_call call = network_call_of(req, tx);
    *ret_obj = ak_arena_alloc(req->arena, network_resources[kind].size);
    return own ? network_load_own(&call, kind, req->params[0], *ret_obj, err)
               : network_load_for(&call, kind, req->params[0], *ret_obj, err);
}

int network_tags_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : load(req, tx, false, &obj, err);
    if (rc == 0) {
        reply_tags(reply, *member(kind_of(req), obj, "tags"));
    }
    return rc;
}

static bool has_tag(struct ak_request *req, const char *tags, const char *tag)
{
    const char *const *list = network_strings(req->arena, tags);
    while (*list && strcmp(*list, tag) != 0) {
        list++;
    }
    return *list != NULL;
}

int network_tag_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : load(req, tx, false, &obj, err);
    reply->status = 204;
    if (rc == 0 && !has_tag(req, *member(kind_of(req), obj, "tags"), req->params[1])) {
        rc = ak_fail(err, AK_NETWORK_TAG_NOT_FOUND, req->params[1]);
    }
    return rc;
}

/* Writes the object with new tags: all given ('tags'), or one more or less ('tag'). */
static int write_tags(struct ak_request *req, const char *tags, const char *tag, bool add,
                      const char **ret_tags, struct ak_error *err)
{
    enum network_kind kind = kind_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : load(req, tx, true, &obj, err);
    if (rc < 0) {
        return rc;
    }
    const char **at = member(kind, obj, "tags");
    if (tag && !add && !has_tag(req, *at, tag)) {
        return ak_fail(err, AK_NETWORK_TAG_NOT_FOUND, tag);
    }
    *at = tag ? network_list_with(req->arena, *at, tag, add) : tags;
    rc = network_tags_check(*at, at, err);
    rc = rc < 0 ? rc : network_update(tx, kind, obj, err);
    *ret_tags = *at;
    return rc < 0
               ? rc
               : ak_request_commit(req, tx, network_resources[kind].type, *member(kind, obj, "id"),
                                   *member(kind, obj, "project_id"), NULL, err);
}

int network_tags_put_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const json_t *list = json_object_get(req->json, "tags");
    AK_AUTO_STR text = list ? json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    const char *tags = NULL;
    int rc = text ? write_tags(req, ak_arena_strdup(req->arena, text), NULL, false, &tags, err)
                  : ak_fail(err, AK_FIELD_MISSING, "tags");
    if (rc == 0) {
        reply_tags(reply, tags);
    }
    return rc;
}

int network_tags_clear_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *tags = NULL;
    reply->status = 204;
    return write_tags(req, "[]", NULL, false, &tags, err);
}

int network_tag_add_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *tags = NULL;
    reply->status = 201;
    return write_tags(req, NULL, req->params[1], true, &tags, err);
}

int network_tag_drop_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *tags = NULL;
    reply->status = 204;
    return write_tags(req, NULL, req->params[1], false, &tags, err);
}

/* --- versions --------------------------------------------------------------------------------- */

static void write_links(struct ak_request *req, struct ak_json *w, const char *path)
{
    AK_AUTO_STR href = ak_xasprintf("%s/network%s", req->base_url, path);
    ak_json_key(w, "links");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "self");
    ak_json_kstr(w, "href", href);
    ak_json_object_end(w);
    ak_json_array_end(w);
}

int network_versions_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    (void)err;
    ak_json_object(w);
    ak_json_key(w, "versions");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "id", "v2.0");
    ak_json_kstr(w, "status", "CURRENT");
    write_links(req, w, "/v2.0/");
    ak_json_object_end(w);
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int network_version_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    (void)err;
    ak_json_object(w);
    ak_json_key(w, "resources");
    ak_json_array(w);
    for (size_t k = 0; k < NETWORK_KINDS; k++) {
        const struct network_resource *r = &network_resources[k];
        char path[64];
        (void)snprintf(path, sizeof(path), "/v2.0/%s", r->plural);
        for (char *c = path; *c; c++) {
            *c = *c == '_' ? '-' : *c;
        }
        ak_json_object(w);
        ak_json_kstr(w, "name", r->singular);
        ak_json_kstr(w, "collection", r->plural);
        write_links(req, w, path);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

/* --- extensions ------------------------------------------------------------------------------- */

/* What of Neutron's extensions is really there. */
static const struct {
    const char *alias, *name, *description;
} extensions[] = {
    {"allowed-address-pairs", "Allowed Address Pairs", "More addresses a port may use"},
    {"binding", "Port Binding", "Host of a port, for the operator"},
    {"ext-gw-mode", "Neutron L3 Configurable external gateway mode", "SNAT of a router's gateway"},
    {"external-net", "Neutron external network", "Networks that routers have their gateway on"},
    {"filter-validation", "Filter parameters validation", "Unknown filters are refused"},
    {"net-mtu", "Network MTU", "Largest packet of a network"},
    {"net-mtu-writable", "Network MTU (writable)", "It may be set"},
    {"pagination", "Pagination support", "limit, marker, page_reverse"},
    {"port-security", "Port Security", "Guests use only their own addresses"},
    {"project-id", "project_id field enabled", "project_id beside tenant_id"},
    {"provider", "Provider Network", "How a network is carried, for the operator"},
    {"quota_details", "Quota details management support", "Limits with their use"},
    {"quotas", "Quota management support", "Limits of a project"},
    {"router", "Neutron L3 Router", "Routers between subnets and to the outside"},
    {"security-group", "security-group", "Security groups"},
    {"sorting", "Sorting support", "sort_key, sort_dir"},
    {"standard-attr-description", "standard-attr-description", "description everywhere"},
    {"standard-attr-revisions", "Resource revision numbers", "revision_number everywhere"},
    {"standard-attr-tag", "Tag support", "Tags"},
    {"standard-attr-timestamp", "Resource timestamps", "created_at and updated_at"},
};

static void write_extension(struct ak_json *w, size_t i)
{
    ak_json_object(w);
    ak_json_kstr(w, "alias", extensions[i].alias);
    ak_json_kstr(w, "name", extensions[i].name);
    ak_json_kstr(w, "description", extensions[i].description);
    ak_json_kstr(w, "updated", "2026-11-01T00:00:00-00:00");
    ak_json_key(w, "links");
    ak_json_array(w);
    ak_json_array_end(w);
    ak_json_object_end(w);
}

int network_extensions_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    (void)req;
    (void)err;
    ak_json_object(w);
    ak_json_key(w, "extensions");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(extensions); i++) {
        write_extension(w, i);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int network_extension_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    for (size_t i = 0; i < AK_N(extensions); i++) {
        if (strcmp(extensions[i].alias, req->params[0]) == 0) {
            ak_json_object(&reply->json);
            ak_json_key(&reply->json, "extension");
            write_extension(&reply->json, i);
            ak_json_object_end(&reply->json);
            return 0;
        }
    }
    return ak_fail(err, AK_EXTENSION_NOT_FOUND, req->params[0]);
}
