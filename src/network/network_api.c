/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of networks, subnets, ports, routers, security groups and their rules: parse, call,
 * render. They are alike, so each verb is written once and takes the kind; network_routes.c names
 * them per kind. Tags are in network_tag_api.c, quotas in network_quota.c. */
#include "network/network_internal.h"

#include "identity/identity.h"

#define LIST_MAX 10000
#define BULK_MAX 100

struct network_call network_call_of(struct ak_request *req, struct ak_tx *tx)
{
    return (struct network_call){.tx = tx,
                                 .arena = req->arena,
                                 .project_id = req->principal->project_id,
                                 .admin = req->admin,
                                 .request_id = req->id,
                                 .actor_id = req->principal->user_id,
                                 .config = req->config};
}

/* --- what differs by kind --------------------------------------------------------------------- */

/* The services' verbs as rows; each takes the struct of its kind, hence a function between. */
struct verbs {
    int (*create)(const struct network_call *call, void *obj, struct ak_error *err);
    int (*change)(const struct network_call *call, const char *id, const void *change,
                  void *ret_obj, struct ak_error *err);
    int (*remove)(const struct network_call *call, const char *id, struct ak_error *err);
};

#define CREATE(kind)                                                                               \
    static int kind##_create(const struct network_call *call, void *obj, struct ak_error *err)     \
    {                                                                                              \
        return network_##kind##_create(call, obj, err);                                            \
    }
#define CHANGE(kind)                                                                               \
    static int kind##_change(const struct network_call *call, const char *id, const void *change,  \
                             void *ret_obj, struct ak_error *err)                                  \
    {                                                                                              \
        return network_##kind##_change(call, id, change, ret_obj, err);                            \
    }
CREATE(network)
CHANGE(network)
CREATE(subnet)
CHANGE(subnet)
CREATE(port)
CHANGE(port)
CREATE(group)
CHANGE(group)
CREATE(rule)
CREATE(router)
CHANGE(router)

static const struct verbs verbs[NETWORK_KINDS] = {
    [NETWORK_NETWORK] = {network_create, network_change, network_network_remove},
    [NETWORK_SUBNET] = {subnet_create, subnet_change, network_subnet_remove},
    [NETWORK_PORT] = {port_create, port_change, network_port_remove},
    [NETWORK_GROUP] = {group_create, group_change, network_group_remove},
    [NETWORK_RULE] = {rule_create, NULL, network_rule_remove},
    [NETWORK_ROUTER] = {router_create, router_change, network_router_remove},
};

static const char *text_of(enum network_kind kind, const void *obj, const char *member)
{
    const struct ak_field *row = ak_fields_find(network_resources[kind].fields, member);
    return *(const char *const *)(const void *)((const char *)obj + row->offset);
}

static int commit(struct ak_request *req, struct ak_tx *tx, enum network_kind kind, const void *obj,
                  struct ak_error *err)
{
    return ak_request_commit(req, tx, network_resources[kind].type, text_of(kind, obj, "id"),
                             text_of(kind, obj, "project_id"), NULL, err);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* fixed_ips=ip_address=10.0.0.5 and fixed_ips=subnet_id=…, as Neutron has it. */
static void address_filter(const struct ak_request *req, const char **ret_ip,
                           const char **ret_subnet)
{
    for (size_t i = 0; i < req->query.n; i++) {
        const char *value = req->query.pairs[i].value;
        if (strcmp(req->query.pairs[i].key, "fixed_ips") != 0) {
            continue;
        }
        if (ak_starts_with(value, "ip_address=")) {
            *ret_ip = value + strlen("ip_address=");
        } else if (ak_starts_with(value, "subnet_id=")) {
            *ret_subnet = value + strlen("subnet_id=");
        }
    }
}

/* tags=a,b: objects that have all of them. */
static int tag_filter(struct ak_request *req, struct ak_query *query, struct ak_error *err)
{
    const char *tags = ak_request_query(req, "tags");
    char *rest = NULL, *copy = ak_arena_strdup(req->arena, tags ? tags : "");
    int rc = 0;
    for (char *tag = strtok_r(copy, ",", &rest); tag && rc == 0; tag = strtok_r(NULL, ",", &rest)) {
        struct ak_value value = ak_v_text(ak_arena_printf(req->arena, "\"%s\"", tag));
        rc = ak_query_filter(query, req->arena, "tags", AK_CONTAINS, &value, 1, err);
    }
    return rc;
}

/* The request's own query, from another place on. */
static void write_link(const struct ak_request *req, struct ak_reply *reply, const char *marker,
                       bool reverse)
{
    static const char *const place[] = {"marker", "page_reverse", NULL};
    AK_AUTO_BUF href;
    ak_buf_init(&href, 65536);
    ak_buf_printf(&href, "%s%s", req->base_url, req->path);
    ak_buf_printf(&href, "%cmarker=%s%s", ak_request_query_write(req, place, &href), marker,
                  reverse ? "&page_reverse=True" : "");
    ak_json_object(&reply->json);
    ak_json_kstr(&reply->json, "rel", reverse ? "previous" : "next");
    ak_json_kstr(&reply->json, "href", href.data);
    ak_json_object_end(&reply->json);
}

static void reply_list(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                       const struct ak_query *query, const struct ak_list *list)
{
    const struct network_resource *r = &network_resources[kind];
    struct ak_fields_mode mode = ak_request_mode(req);
    bool limited = ak_request_query(req, "limit") != NULL, full = (int64_t)list->n == query->limit;
    AK_AUTO_STR links = ak_xasprintf("%s_links", r->plural);
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, r->plural);
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        ak_fields_render_object(r->fields, (const char *)list->items + i * r->size, &mode, w);
    }
    ak_json_array_end(w);
    if (limited && list->n > 0) {
        const char *items = list->items;
        ak_json_key(w, links);
        ak_json_array(w);
        if (query->reverse ? query->marker != NULL : full) {
            write_link(req, reply, text_of(kind, items + (list->n - 1) * r->size, "id"), false);
        }
        if (query->reverse ? full : query->marker != NULL) {
            write_link(req, reply, text_of(kind, items, "id"), true);
        }
        ak_json_array_end(w);
    }
    ak_json_object_end(w);
}

static int list(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                struct ak_error *err)
{
    static const char *const others[] = {"tags", NULL};
    static const char *const others_of_ports[] = {"tags", "fixed_ips", NULL};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list found = {0};
    const char *ip = NULL, *subnet_id = NULL;
    int rc = ak_request_list(req, network_resources[kind].fields, AK_LIST_NEUTRON, LIST_MAX,
                             kind == NETWORK_PORT ? others_of_ports : others, &query, err);
    rc = rc < 0 ? rc : tag_filter(req, &query, err);
    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        address_filter(req, &ip, &subnet_id);
        rc = network_list(&call, kind, &query, ip, subnet_id, &found, err);
    }
    if (rc == 0) {
        reply_list(req, reply, kind, &query, &found);
    }
    return rc;
}

/* --- show, create, change, delete ------------------------------------------------------------- */

static int show(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = ak_arena_alloc(req->arena, r->size);
    int rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        rc = network_load_for(&call, kind, req->params[0], obj, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, r->singular, r->fields, obj);
    }
    return rc;
}

/* A body that says which filters hold is a change of the firewall too, whatever else it makes:
 * where the customer's class withholds that verb, it is not had by way of a port or a network. */
static int check_filters(const struct ak_request *req, enum network_kind kind, const void *body,
                         struct ak_error *err)
{
    const struct ak_fields *fields = network_resources[kind].fields;
    bool off = false;
    if (kind == NETWORK_PORT) {
        off = !((const struct network_port *)body)->port_security_enabled;
    } else if (kind == NETWORK_NETWORK) {
        off = !((const struct network_network *)body)->port_security_enabled;
    }
    bool asks = off && ak_field_given(fields, body, "port_security_enabled");
    if (kind == NETWORK_PORT) {
        asks = asks || ak_field_given(fields, body, "security_groups") ||
               ak_field_given(fields, body, "allowed_address_pairs");
    }
    return asks && req->principal ? identity_verb_require(req->principal, "firewall", err) : 0;
}

static int create(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                  struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = ak_arena_alloc(req->arena, r->size);
    memcpy(obj, req->body, r->size);
    int rc = check_filters(req, kind, obj, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        rc = verbs[kind].create(&call, obj, err);
    }
    rc = rc < 0 ? rc : commit(req, tx, kind, obj, err);
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, r->singular, r->fields, obj);
    }
    return rc;
}

/* Several at once: all or none. */
static int create_many(struct ak_request *req, enum network_kind kind, struct ak_tx *tx,
                       struct ak_list *ret_list, struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    const json_t *bodies = json_object_get(req->json, r->plural);
    struct ak_fields_mode mode = {.accept = AK_CREATE, .admin = req->admin};
    struct network_call call = network_call_of(req, tx);
    size_t n = json_array_size(bodies);
    if (!json_is_array(bodies) || n == 0 || n > BULK_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, r->plural, "1", AK_NUM(BULK_MAX));
    }
    ret_list->items = ak_arena_alloc(req->arena, n * r->size);
    for (size_t i = 0; i < n; i++) {
        void *obj = (char *)ret_list->items + i * r->size;
        int rc = ak_fields_parse(r->fields, json_array_get(bodies, i), &mode, req->arena, obj, err);
        rc = rc < 0 ? rc : check_filters(req, kind, obj, err);
        rc = rc < 0 ? rc : verbs[kind].create(&call, obj, err);
        if (rc < 0) {
            return rc;
        }
        ret_list->n++;
    }
    return 0;
}

static int bulk(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_JSON ids = json_pack("{s:[]}", "ids");
    struct ak_list made = {0};
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : create_many(req, kind, tx, &made, err);
    for (size_t i = 0; i < made.n; i++) {
        (void)json_array_append_new(
            json_object_get(ids, "ids"),
            json_string(text_of(kind, (const char *)made.items + i * r->size, "id")));
    }
    AK_AUTO_STR detail = json_dumps(ids, JSON_COMPACT);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, r->type, text_of(kind, made.items, "id"),
                               text_of(kind, made.items, "project_id"), detail, err);
    }
    if (rc == 0) {
        reply->status = 201;
        ak_reply_list(reply, req, r->plural, r->fields, &made);
    }
    return rc;
}

static int update(struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                  struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = ak_arena_alloc(req->arena, r->size);
    int rc = check_filters(req, kind, req->body, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        rc = verbs[kind].change(&call, req->params[0], req->body, obj, err);
    }
    rc = rc < 0 ? rc : commit(req, tx, kind, obj, err);
    if (rc == 0) {
        ak_reply_object(reply, req, r->singular, r->fields, obj);
    }
    return rc;
}

static int delete (struct ak_request *req, struct ak_reply *reply, enum network_kind kind,
                   struct ak_error *err)
{
    const struct network_resource *r = &network_resources[kind];
    AK_AUTO(ak_tx) tx = NULL;
    void *obj = ak_arena_alloc(req->arena, r->size);
    int rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        rc = network_load_for(&call, kind, req->params[0], obj, err);
        rc = rc < 0 ? rc : verbs[kind].remove(&call, req->params[0], err);
    }
    rc = rc < 0 ? rc : commit(req, tx, kind, obj, err);
    reply->status = 204;
    return rc;
}

/* --- one name for each route ------------------------------------------------------------------ */

#define VERB(name, verb, kind)                                                                     \
    int network_##name##_handler(struct ak_request *req, struct ak_reply *reply,                   \
                                 struct ak_error *err)                                             \
    {                                                                                              \
        return verb(req, reply, kind, err);                                                        \
    }
VERB(network_list, list, NETWORK_NETWORK)
VERB(network_show, show, NETWORK_NETWORK)
VERB(network_create, create, NETWORK_NETWORK)
VERB(network_bulk, bulk, NETWORK_NETWORK)
VERB(network_update, update, NETWORK_NETWORK)
VERB(network_delete, delete, NETWORK_NETWORK)
VERB(subnet_list, list, NETWORK_SUBNET)
VERB(subnet_show, show, NETWORK_SUBNET)
VERB(subnet_create, create, NETWORK_SUBNET)
VERB(subnet_bulk, bulk, NETWORK_SUBNET)
VERB(subnet_update, update, NETWORK_SUBNET)
VERB(subnet_delete, delete, NETWORK_SUBNET)
VERB(port_list, list, NETWORK_PORT)
VERB(port_show, show, NETWORK_PORT)
VERB(port_create, create, NETWORK_PORT)
VERB(port_bulk, bulk, NETWORK_PORT)
VERB(port_update, update, NETWORK_PORT)
VERB(port_delete, delete, NETWORK_PORT)
VERB(group_show, show, NETWORK_GROUP)
VERB(group_create, create, NETWORK_GROUP)
VERB(group_bulk, bulk, NETWORK_GROUP)
VERB(group_update, update, NETWORK_GROUP)
VERB(group_delete, delete, NETWORK_GROUP)
VERB(rule_list, list, NETWORK_RULE)
VERB(rule_show, show, NETWORK_RULE)
VERB(rule_create, create, NETWORK_RULE)
VERB(rule_bulk, bulk, NETWORK_RULE)
VERB(rule_delete, delete, NETWORK_RULE)
VERB(router_list, list, NETWORK_ROUTER)
VERB(router_show, show, NETWORK_ROUTER)
VERB(router_create, create, NETWORK_ROUTER)
VERB(router_bulk, bulk, NETWORK_ROUTER)
VERB(router_update, update, NETWORK_ROUTER)
VERB(router_delete, delete, NETWORK_ROUTER)

/* --- what is not like the others -------------------------------------------------------------- */

int network_default_group_ensure(struct ak_request *req, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct network_group group = {0};
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0
             ? rc
             : network_default_group_load(tx, req->arena, req->principal->project_id, &group, err);
    if (rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    ak_tx_free(AK_TAKE(tx));
    rc = ak_tx_write(req->store, &tx, err);
    struct network_call call = network_call_of(req, tx);
    rc = rc < 0 ? rc : network_default_group(&call, req->principal->project_id, &group, err);
    struct ak_audit_event event = {.action = "network.security_group.create",
                                   .outcome = "success",
                                   .request_id = req->id,
                                   .actor_id = "system",
                                   .project_id = req->principal->project_id,
                                   .object_type = "security-group",
                                   .object_id = group.id,
                                   .source = req->source,
                                   .listener = ak_listener_name(req->listener)};
    rc = rc < 0 ? rc : ak_audit_add(tx, &event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int network_group_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    int rc = req->principal->project_id ? network_default_group_ensure(req, err) : 0;
    return rc < 0 ? rc : list(req, reply, NETWORK_GROUP, err);
}

static void reply_leg(struct ak_reply *reply, const struct network_router *router,
                      const struct network_port *port)
{
    AK_AUTO_JSON addresses = json_loads(port->fixed_ips, 0, NULL);
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_kstr(w, "id", router->id);
    ak_json_kstr(w, "tenant_id", router->project_id);
    ak_json_kstr(w, "project_id", router->project_id);
    ak_json_kstr(w, "port_id", port->id);
    ak_json_kstr(w, "network_id", port->network_id);
    ak_json_kstr(w, "subnet_id",
                 json_string_value(json_object_get(json_array_get(addresses, 0), "subnet_id")));
    ak_json_key(w, "subnet_ids");
    ak_json_array(w);
    for (size_t i = 0; i < json_array_size(addresses); i++) {
        ak_json_str(w,
                    json_string_value(json_object_get(json_array_get(addresses, i), "subnet_id")));
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
}

static int change_leg(struct ak_request *req, struct ak_reply *reply, bool add,
                      struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct network_router router = {0};
    struct network_port port = {0};
    int rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        struct network_call call = network_call_of(req, tx);
        rc = add ? network_router_leg_add(&call, req->params[0], req->body, &router, &port, err)
                 : network_router_leg_remove(&call, req->params[0], req->body, &router, &port, err);
    }
    rc = rc < 0 ? rc : commit(req, tx, NETWORK_ROUTER, &router, err);
    if (rc == 0) {
        reply_leg(reply, &router, &port);
    }
    return rc;
}

int network_router_add_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_leg(req, reply, true, err);
}

int network_router_drop_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    return change_leg(req, reply, false, err);
}

int network_empty_floatingips_handler(struct ak_request *req, struct ak_reply *reply,
                                      struct ak_error *err)
{
    (void)req;
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "floatingips");
    ak_json_array(&reply->json);
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}
