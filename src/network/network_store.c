/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the network domain: loading under the caller's scope, lists, writing. What may be written
 * is decided by the services; this file is the only one beside network_address.c and
 * network_server.c that includes the statements. */
#include "network/network_internal.h"

#include "network/network_sql.h"

#define TUNNEL_KEY_FIRST 1000
#define TUNNEL_KEY_LAST  16700000 /* below OVN's own range, within Geneve's 24 bits */

static const struct {
    const struct ak_sql *list, *by_id, *remove;
} statements[NETWORK_KINDS] = {
    [NETWORK_NETWORK] = {&sql_network_list, &sql_network_by_id, &sql_network_delete},
    [NETWORK_SUBNET] = {&sql_subnet_list, &sql_subnet_by_id, &sql_subnet_delete},
    [NETWORK_PORT] = {&sql_port_list, &sql_port_by_id, &sql_port_delete},
    [NETWORK_GROUP] = {&sql_group_list, &sql_group_by_id, &sql_group_delete},
    [NETWORK_RULE] = {&sql_rule_list, &sql_rule_by_id, &sql_rule_delete},
    [NETWORK_ROUTER] = {&sql_router_list, &sql_router_by_id, &sql_router_delete},
};

/* --- loading ---------------------------------------------------------------------------------- */

/* NOT_FOUND of the store becomes the error of the kind. */
static int named_not_found(int rc, enum network_kind kind, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, network_resources[kind].not_found, id) : rc;
}

int network_load(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind, const char *id,
                 void *ret_obj, struct ak_error *err)
{
    char canonical[AK_UUID_TEXT];
    if (id == NULL || !ak_uuid_canonical(id, canonical)) {
        return ak_fail(err, network_resources[kind].not_found, id ? id : "");
    }
    memset(ret_obj, 0, network_resources[kind].size);
    int rc = ak_sql_load(tx, statements[kind].by_id, AK_ARGS(ak_v_text(canonical)),
                         network_resources[kind].fields, arena, ret_obj, err);
    rc = named_not_found(rc, kind, id, err);
    return rc < 0 ? rc : network_decorate(tx, arena, kind, ret_obj, err);
}

/* The project an object belongs to. */
static const char *project_of(enum network_kind kind, const void *obj)
{
    const struct ak_field *row = ak_fields_find(network_resources[kind].fields, "project_id");
    return *(const char *const *)(const void *)((const char *)obj + row->offset);
}

static int may_see(const struct network_call *call, enum network_kind kind, const void *obj,
                   bool *ret_may, struct ak_error *err)
{
    struct network_network network = {0};
    int rc = 0;
    *ret_may =
        call->admin || (call->project_id && ak_streq(project_of(kind, obj), call->project_id));
    if (!*ret_may && kind == NETWORK_NETWORK) {
        const struct network_network *n = obj;
        *ret_may = n->is_external || n->is_shared;
    } else if (!*ret_may && kind == NETWORK_SUBNET) {
        rc = network_load(call->tx, call->arena, NETWORK_NETWORK,
                          ((const struct network_subnet *)obj)->network_id, &network, err);
        *ret_may = rc == 0 && network.is_shared;
    }
    return rc;
}

int network_load_for(const struct network_call *call, enum network_kind kind, const char *id,
                     void *ret_obj, struct ak_error *err)
{
    bool may = false;
    int rc = network_load(call->tx, call->arena, kind, id, ret_obj, err);
    if (rc == 0) {
        rc = may_see(call, kind, ret_obj, &may, err);
    }
    if (rc == 0 && !may) {
        rc = ak_fail(err, network_resources[kind].not_found, id);
    }
    return rc;
}

int network_load_own(const struct network_call *call, enum network_kind kind, const char *id,
                     void *ret_obj, struct ak_error *err)
{
    int rc = network_load_for(call, kind, id, ret_obj, err);
    if (rc == 0 && !call->admin && !ak_streq(project_of(kind, ret_obj), call->project_id)) {
        AK_AUTO_STR what =
            ak_xasprintf("change of another project's %s", network_resources[kind].type);
        return ak_fail(err, AK_FORBIDDEN, what);
    }
    return rc;
}

static int decorate_all(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind,
                        const struct ak_list *list, struct ak_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < list->n && rc == 0; i++) {
        rc = network_decorate(tx, arena, kind,
                              (char *)list->items + i * network_resources[kind].size, err);
    }
    return rc;
}

int network_list(const struct network_call *call, enum network_kind kind,
                 const struct ak_query *query, const char *ip, const char *subnet_id,
                 struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_value project = ak_v_text(call->project_id ? call->project_id : "");
    int rc = 0;
    if (kind == NETWORK_PORT && (ip || subnet_id)) {
        rc = ak_sql_list(
            call->tx, &sql_port_list_by_address,
            AK_ARGS(project, ak_v_int(call->admin), ak_v_text(ip), ak_v_text(subnet_id)), query,
            network_resources[kind].fields, call->arena, ret_list, err);
    } else {
        rc = ak_sql_list(call->tx, statements[kind].list, AK_ARGS(project, ak_v_int(call->admin)),
                         query, network_resources[kind].fields, call->arena, ret_list, err);
    }
    return rc < 0 ? rc : decorate_all(call->tx, call->arena, kind, ret_list, err);
}

int network_all(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind,
                struct ak_list *ret_list, struct ak_error *err)
{
    static const struct ak_sql *const all[NETWORK_KINDS] = {
        [NETWORK_NETWORK] = &sql_network_all, [NETWORK_SUBNET] = &sql_subnet_all,
        [NETWORK_PORT] = &sql_port_all,       [NETWORK_GROUP] = &sql_group_all,
        [NETWORK_ROUTER] = &sql_router_all,
    };
    return ak_sql_load_all(tx, all[kind], AK_NO_ARGS, network_resources[kind].fields, arena,
                           1000000, ret_list, err);
}

int network_subnets_of(struct ak_tx *tx, struct ak_arena *arena, const char *network_id,
                       struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_subnet_by_network, AK_ARGS(ak_v_text(network_id)),
                           &network_subnet_fields, arena, 0, ret_list, err);
}

int network_ports_of_network(struct ak_tx *tx, struct ak_arena *arena, const char *network_id,
                             struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_port_by_network, AK_ARGS(ak_v_text(network_id)),
                           &network_port_fields, arena, 100000, ret_list, err);
}

int network_ports_of_server(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                            struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_port_of_device_server, AK_ARGS(ak_v_text(server_id)),
                           &network_port_fields, arena, 0, ret_list, err);
}

int network_ports_of_router(struct ak_tx *tx, struct ak_arena *arena, const char *router_id,
                            struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_port_of_device_router, AK_ARGS(ak_v_text(router_id)),
                           &network_port_fields, arena, 0, ret_list, err);
}

int network_rules_of(struct ak_tx *tx, struct ak_arena *arena, const char *group_id,
                     struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_rule_by_group, AK_ARGS(ak_v_text(group_id)),
                           &network_rule_fields, arena, 0, ret_list, err);
}

int network_external_default(struct ak_tx *tx, struct ak_arena *arena,
                             struct network_network *ret_network, struct ak_error *err)
{
    memset(ret_network, 0, sizeof(*ret_network));
    return ak_sql_load(tx, &sql_network_external_default, AK_NO_ARGS, &network_network_fields,
                       arena, ret_network, err);
}

int network_default_group_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               struct network_group *ret_group, struct ak_error *err)
{
    memset(ret_group, 0, sizeof(*ret_group));
    return ak_sql_load(tx, &sql_group_default, AK_ARGS(ak_v_text(project_id)),
                       &network_group_fields, arena, ret_group, err);
}

int network_group_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          const char *name, struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_group_by_name, AK_ARGS(ak_v_text(project_id), ak_v_text(name)),
                           &network_group_fields, arena, 0, ret_list, err);
}

/* --- what the database does not hold ---------------------------------------------------------- */

static void decorate_port(struct network_port *port)
{
    bool bound = port->host_id && port->host_id[0];
    port->extra_dhcp_opts = "[]";
    port->vif_type = bound ? "ovs" : "unbound";
    port->vif_details = bound ? "{\"port_filter\":true}" : "{}";
}

static void decorate_subnet(struct network_subnet *subnet)
{
    subnet->service_types = "[]";
}

int network_decorate(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind, void *obj,
                     struct ak_error *err)
{
    struct network_group *group = obj;
    switch (kind) {
    case NETWORK_NETWORK:
        ((struct network_network *)obj)->status = "ACTIVE";
        return 0;
    case NETWORK_SUBNET:
        decorate_subnet(obj);
        return 0;
    case NETWORK_PORT:
        decorate_port(obj);
        return 0;
    case NETWORK_ROUTER:
        ((struct network_router *)obj)->status = "ACTIVE";
        return 0;
    case NETWORK_GROUP:
        return network_rules_of(tx, arena, group->id, &group->rules, err);
    default:
        return 0;
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

#define T(x) ak_v_text(x)
#define I(x) ak_v_int(x)
/* Text that is NOT NULL in the database. */
static struct ak_value text_or(const char *s, const char *otherwise)
{
    return ak_v_text(s ? s : otherwise);
}

static int insert_network(struct ak_tx *tx, const struct network_network *n, int64_t now,
                          struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_network_insert,
        AK_ARGS(T(n->id), T(n->project_id), text_or(n->name, ""), text_or(n->description, ""),
                I(n->admin_state_up), I(n->mtu), I(n->is_shared), I(n->is_external),
                I(n->is_default), I(n->port_security_enabled), T(n->network_type),
                T(n->physical_network), T(n->segmentation_id), I(n->tunnel_key), T(n->vlan_key),
                text_or(n->subnets, "[]"), text_or(n->tags, "[]"), I(now)),
        NULL, err);
}

static int insert_subnet(struct ak_tx *tx, const struct network_subnet *s, int64_t now,
                         struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_subnet_insert,
                       AK_ARGS(T(s->id), T(s->project_id), T(s->network_id), text_or(s->name, ""),
                               text_or(s->description, ""), I(s->ip_version), T(s->cidr),
                               T(s->gateway_ip), I(s->enable_dhcp), T(s->ipv6_ra_mode),
                               T(s->ipv6_address_mode), text_or(s->allocation_pools, "[]"),
                               text_or(s->dns_nameservers, "[]"), text_or(s->host_routes, "[]"),
                               text_or(s->tags, "[]"), I(now)),
                       NULL, err);
}

/* The groups of the port's JSON list, as rows. */
static int write_port_groups(struct ak_tx *tx, const struct network_port *p, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *const *ids = network_strings(arena, p->security_groups);
    int rc = ak_sql_exec(tx, &sql_port_group_delete, AK_ARGS(T(p->id)), NULL, err);
    for (size_t i = 0; ids[i] && rc == 0; i++) {
        rc = ak_sql_exec(tx, &sql_port_group_insert, AK_ARGS(T(p->id), T(ids[i])), NULL, err);
    }
    return rc;
}

static int insert_port(struct ak_tx *tx, const struct network_port *p, int64_t now,
                       struct ak_error *err)
{
    int rc = ak_sql_exec(
        tx, &sql_port_insert,
        AK_ARGS(T(p->id), T(p->project_id), T(p->network_id), text_or(p->name, ""),
                text_or(p->description, ""), T(p->mac_address), I(p->admin_state_up),
                text_or(p->status, "DOWN"), text_or(p->device_id, ""), text_or(p->device_owner, ""),
                I(p->port_security_enabled), text_or(p->fixed_ips, "[]"),
                text_or(p->security_groups, "[]"), text_or(p->allowed_address_pairs, "[]"),
                text_or(p->host_id, ""), text_or(p->vnic_type, "normal"), text_or(p->profile, "{}"),
                T(p->hostname), I(p->made_by_server), I(p->position), text_or(p->tags, "[]"),
                I(now)),
        NULL, err);
    return rc < 0 ? rc : write_port_groups(tx, p, err);
}

static int insert_router(struct ak_tx *tx, const struct network_router *r, int64_t now,
                         struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_router_insert,
                       AK_ARGS(T(r->id), T(r->project_id), text_or(r->name, ""),
                               text_or(r->description, ""), I(r->admin_state_up),
                               T(r->external_network_id), T(r->gateway_port_id), I(r->enable_snat),
                               T(r->external_gateway_info), text_or(r->routes, "[]"),
                               text_or(r->tags, "[]"), I(now)),
                       NULL, err);
}

static int insert_group(struct ak_tx *tx, const struct network_group *g, int64_t now,
                        struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_group_insert,
                       AK_ARGS(T(g->id), T(g->project_id), text_or(g->name, ""),
                               text_or(g->description, ""), I(g->stateful), T(g->default_key),
                               text_or(g->tags, "[]"), I(now)),
                       NULL, err);
}

static int insert_rule(struct ak_tx *tx, const struct network_rule *r, int64_t now,
                       struct ak_error *err)
{
    AK_AUTO_STR same = ak_xasprintf(
        "%s %s %s %s %s %s %s", r->direction, r->ethertype, r->protocol ? r->protocol : "-",
        r->port_range_min ? r->port_range_min : "-", r->port_range_max ? r->port_range_max : "-",
        r->remote_ip_prefix ? r->remote_ip_prefix : "-",
        r->remote_group_id ? r->remote_group_id : "-");
    int rc = ak_sql_exec(tx, &sql_rule_insert,
                         AK_ARGS(T(r->id), T(r->project_id), T(r->security_group_id),
                                 text_or(r->description, ""), T(r->direction), T(r->ethertype),
                                 T(r->protocol), T(r->port_range_min), T(r->port_range_max),
                                 T(r->remote_ip_prefix), T(r->remote_group_id), T(same), I(now)),
                         NULL, err);
    if (rc == -AK_STORE_DUPLICATE) {
        return ak_fail(err, AK_RULE_EXISTS, r->security_group_id);
    }
    return rc < 0 ? rc
                  : ak_sql_exec(tx, &sql_group_touch, AK_ARGS(T(r->security_group_id), I(now)),
                                NULL, err);
}

int network_insert(struct ak_tx *tx, enum network_kind kind, void *obj, struct ak_error *err)
{
    int64_t now = ak_now_us();
    switch (kind) {
    case NETWORK_NETWORK:
        return insert_network(tx, obj, now, err);
    case NETWORK_SUBNET:
        return insert_subnet(tx, obj, now, err);
    case NETWORK_PORT: {
        int rc = insert_port(tx, obj, now, err);
        return rc < 0 ? rc
                      : ak_sql_exec(tx, &sql_usage_port_made,
                                    AK_ARGS(T(((const struct network_port *)obj)->project_id)),
                                    NULL, err);
    }
    case NETWORK_GROUP:
        return insert_group(tx, obj, now, err);
    case NETWORK_RULE:
        return insert_rule(tx, obj, now, err);
    case NETWORK_ROUTER:
        return insert_router(tx, obj, now, err);
    default:
        return ak_fail_detail(err, AK_INTERNAL, "no such kind");
    }
}

static int update_port(struct ak_tx *tx, const struct network_port *p, int64_t now,
                       struct ak_error *err)
{
    int rc = ak_sql_exec(
        tx, &sql_port_update,
        AK_ARGS(T(p->id), text_or(p->name, ""), text_or(p->description, ""), T(p->mac_address),
                I(p->admin_state_up), text_or(p->status, "DOWN"), text_or(p->device_id, ""),
                text_or(p->device_owner, ""), I(p->port_security_enabled),
                text_or(p->fixed_ips, "[]"), text_or(p->security_groups, "[]"),
                text_or(p->allowed_address_pairs, "[]"), text_or(p->host_id, ""),
                text_or(p->vnic_type, "normal"), text_or(p->profile, "{}"), T(p->hostname),
                I(p->made_by_server), I(p->position), text_or(p->tags, "[]"), I(now)),
        NULL, err);
    return rc < 0 ? rc : write_port_groups(tx, p, err);
}

static int update_network(struct ak_tx *tx, const struct network_network *n, int64_t now,
                          struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_network_update,
                       AK_ARGS(T(n->id), text_or(n->name, ""), text_or(n->description, ""),
                               I(n->admin_state_up), I(n->mtu), I(n->is_shared), I(n->is_external),
                               I(n->is_default), I(n->port_security_enabled),
                               text_or(n->subnets, "[]"), text_or(n->tags, "[]"), I(now)),
                       NULL, err);
}

int network_update(struct ak_tx *tx, enum network_kind kind, const void *obj, struct ak_error *err)
{
    const struct network_subnet *s = obj;
    const struct network_group *g = obj;
    const struct network_router *r = obj;
    int64_t now = ak_now_us();
    switch (kind) {
    case NETWORK_NETWORK:
        return update_network(tx, obj, now, err);
    case NETWORK_PORT:
        return update_port(tx, obj, now, err);
    case NETWORK_SUBNET:
        return ak_sql_exec(tx, &sql_subnet_update,
                           AK_ARGS(T(s->id), text_or(s->name, ""), text_or(s->description, ""),
                                   T(s->gateway_ip), I(s->enable_dhcp), T(s->allocation_pools),
                                   T(s->dns_nameservers), T(s->host_routes), text_or(s->tags, "[]"),
                                   I(now)),
                           NULL, err);
    case NETWORK_GROUP:
        return ak_sql_exec(tx, &sql_group_update,
                           AK_ARGS(T(g->id), text_or(g->name, ""), text_or(g->description, ""),
                                   text_or(g->tags, "[]"), I(now)),
                           NULL, err);
    case NETWORK_ROUTER:
        return ak_sql_exec(tx, &sql_router_update,
                           AK_ARGS(T(r->id), text_or(r->name, ""), text_or(r->description, ""),
                                   I(r->admin_state_up), T(r->external_network_id),
                                   T(r->gateway_port_id), I(r->enable_snat),
                                   T(r->external_gateway_info), text_or(r->routes, "[]"),
                                   text_or(r->tags, "[]"), I(now)),
                           NULL, err);
    default:
        return ak_fail_detail(err, AK_INTERNAL, "this kind is never updated");
    }
}

int network_delete(struct ak_tx *tx, enum network_kind kind, const char *id, struct ak_error *err)
{
    int rc =
        kind == NETWORK_PORT ? ak_sql_exec(tx, &sql_usage_port_gone, AK_ARGS(T(id)), NULL, err) : 0;
    return rc < 0 ? rc : ak_sql_exec(tx, statements[kind].remove, AK_ARGS(T(id)), NULL, err);
}

int network_set_port_status(struct ak_tx *tx, const char *id, const char *status,
                            const char *host_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_port_set_status,
                       AK_ARGS(T(id), T(status), I(ak_now_us()), T(host_id)), NULL, err);
}

/* --- tunnel keys and counts ------------------------------------------------------------------- */

int network_take_tunnel_key(struct ak_tx *tx, struct network_network *network, struct ak_error *err)
{
    int64_t key = 0;
    int rc = ak_sql_int(tx, &sql_tunnel_key_free, AK_ARGS(I(TUNNEL_KEY_FIRST), I(TUNNEL_KEY_LAST)),
                        &key, err);
    if (rc == -AK_NOT_FOUND || (rc == 0 && key == 0)) {
        return ak_fail(err, AK_NO_MORE_SEGMENTS);
    }
    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_tunnel_key_insert, AK_ARGS(I(key), T(network->id)), NULL, err);
    }
    if (rc == 0) {
        network->tunnel_key = key;
    }
    return rc;
}

int network_release_tunnel_key(struct ak_tx *tx, const char *network_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_tunnel_key_release, AK_ARGS(T(network_id)), NULL, err);
}

int network_count_ports_of_network(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                   struct ak_error *err)
{
    return ak_sql_int(tx, &sql_port_of_network, AK_ARGS(T(id)), ret_n, err);
}

int network_count_addresses_of_subnet(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                      struct ak_error *err)
{
    return ak_sql_int(tx, &sql_subnet_in_use, AK_ARGS(T(id)), ret_n, err);
}

int network_count_ports_of_group(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                 struct ak_error *err)
{
    return ak_sql_int(tx, &sql_port_of_group, AK_ARGS(T(id)), ret_n, err);
}

int network_count_rules_naming(struct ak_tx *tx, const char *group_id, int64_t *ret_n,
                               struct ak_error *err)
{
    return ak_sql_int(tx, &sql_rule_remote, AK_ARGS(T(group_id)), ret_n, err);
}

int network_count_routers_of_subnet(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                    struct ak_error *err)
{
    return ak_sql_int(tx, &sql_router_of_subnet, AK_ARGS(T(id)), ret_n, err);
}

int network_object_exists(struct ak_tx *tx, const char *type, const char *id,
                          const char *project_id, bool *ret_there, struct ak_error *err)
{
    static const struct {
        const char *type;
        const struct ak_sql *sql;
    } rows[] = {{"network", &sql_network_count},
                {"subnet", &sql_subnet_count},
                {"port", &sql_port_count},
                {"router", &sql_router_count},
                {"security_group", &sql_security_group_count}};
    *ret_there = false;
    for (size_t i = 0; i < AK_N(rows); i++) {
        if (ak_streq(rows[i].type, type)) {
            int64_t n = 0;
            int rc =
                ak_sql_int(tx, rows[i].sql, AK_ARGS(ak_v_text(id), ak_v_text(project_id)), &n, err);
            *ret_there = n > 0;
            return rc;
        }
    }
    return 0;
}
