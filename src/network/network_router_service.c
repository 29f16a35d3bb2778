/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of routers: the gateway on an external network with source NAT, and the legs in customers'
 * subnets. Both are ports that belong to the router. */
#include "network/network_internal.h"

static bool given(const struct network_router *router, const char *member)
{
    return ak_field_given(&network_router_fields, router, member);
}

/* --- the gateway ------------------------------------------------------------------------------ */

static int drop_gateway(const struct network_call *call, struct network_router *router,
                        struct ak_error *err)
{
    struct network_port port = {0};
    int rc = 0;
    if (router->gateway_port_id) {
        rc = network_load(call->tx, call->arena, NETWORK_PORT, router->gateway_port_id, &port, err);
        rc = rc < 0 ? rc : network_port_drop(call, &port, err);
    }
    router->gateway_port_id = NULL;
    router->external_network_id = NULL;
    router->external_gateway_info = NULL;
    return rc;
}

static const char *gateway_info(const struct network_call *call,
                                const struct network_router *router,
                                const struct network_port *port)
{
    return ak_arena_printf(
        call->arena, "{\"network_id\":\"%s\",\"enable_snat\":%s,\"external_fixed_ips\":%s}",
        router->external_network_id, router->enable_snat ? "true" : "false", port->fixed_ips);
}

/* What 'info' may say to this caller. */
static int check_info(const struct network_call *call, const json_t *info, bool *ret_snat,
                      const char **ret_fixed_ips, struct ak_error *err)
{
    const json_t *snat = json_object_get(info, "enable_snat");
    const json_t *fixed = json_object_get(info, "external_fixed_ips");
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)info, key, value)
    {
        if (strcmp(key, "network_id") != 0 && strcmp(key, "enable_snat") != 0 &&
            strcmp(key, "external_fixed_ips") != 0 && strcmp(key, "qos_policy_id") != 0) {
            AK_AUTO_STR path = ak_xasprintf("external_gateway_info/%s", key);
            return ak_fail(err, AK_FIELD_UNKNOWN, path);
        }
    }
    if (snat && !json_is_boolean(snat)) {
        return ak_fail(err, AK_FIELD_TYPE, "external_gateway_info/enable_snat", "boolean");
    }
    *ret_snat = snat == NULL || json_is_true(snat);
    if (!call->admin && (!*ret_snat || json_array_size(fixed) > 0)) {
        return ak_fail(err, AK_FORBIDDEN, "choosing SNAT or the address of a gateway");
    }
    *ret_fixed_ips = NULL;
    if (json_array_size(fixed) > 0) {
        AK_AUTO_STR text = json_dumps(fixed, JSON_COMPACT);
        *ret_fixed_ips = ak_arena_strdup(call->arena, text);
    }
    return 0;
}

/* The subnet of a port's first address. */
static const char *subnet_of(const struct network_call *call, const struct network_port *port)
{
    AK_AUTO_JSON list = json_loads(port->fixed_ips, 0, NULL);
    const json_t *first = json_array_get(list, 0);
    return ak_arena_strdup(call->arena, json_string_value(json_object_get(first, "subnet_id")));
}

/* No two legs in one subnet, nor in overlapping ones. */
static int check_legs(const struct network_call *call, const struct network_router *router,
                      const struct network_subnet *subnet, struct ak_error *err)
{
    struct ak_list ports = {0};
    struct ak_cidr cidr, other;
    int rc = network_ports_of_router(call->tx, call->arena, router->id, &ports, err);
    (void)ak_cidr_parse(subnet->cidr, &cidr);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        const char *id = subnet_of(call, (const struct network_port *)ports.items + i);
        struct network_subnet present = {0};
        if (ak_streq(id, subnet->id)) {
            return ak_fail(err, AK_ROUTER_BAD_REQUEST, "Router already has a port on the subnet");
        }
        rc = id ? network_load(call->tx, call->arena, NETWORK_SUBNET, id, &present, err) : 0;
        if (rc == 0 && id && ak_cidr_parse(present.cidr, &other) &&
            ak_cidr_overlap(&cidr, &other)) {
            return ak_fail(err, AK_ROUTER_BAD_REQUEST,
                           "the subnet's cidr overlaps with one the router is on already");
        }
    }
    return rc;
}

/* A leg in a prefix that holds the provider network would let guests past network_forbidden: a
 * router lets through what goes to its own networks. */
static int check_gateway_apart(const struct network_call *call, const struct network_router *router,
                               const char *network_id, struct ak_error *err)
{
    struct ak_list subnets = {0};
    int rc = network_subnets_of(call->tx, call->arena, network_id, &subnets, err);
    for (size_t i = 0; i < subnets.n && rc == 0; i++) {
        rc = check_legs(call, router, (const struct network_subnet *)subnets.items + i, err);
    }
    return rc;
}

/* Makes the gateway as 'router->external_gateway_info' (from the body) says; 'old' is the router
 * as it was. */
static int set_gateway(const struct network_call *call, struct network_router *router,
                       const struct network_router *old, struct ak_error *err)
{
    AK_AUTO_JSON info = json_loads(router->external_gateway_info, JSON_DECODE_ANY, NULL);
    struct network_network network = {0};
    struct network_port port = {
        .project_id = "", .device_id = router->id, .device_owner = NETWORK_OWNER_GATEWAY};
    const char *fixed_ips = NULL, *id = json_string_value(json_object_get(info, "network_id"));
    bool snat = true;
    if (json_is_null(info) || (json_is_object(info) && json_object_size(info) == 0)) {
        return drop_gateway(call, router, err);
    }
    if (!json_is_object(info) || id == NULL) {
        return ak_fail(err, AK_FIELD_VALUE, "external_gateway_info", "it needs a network_id");
    }
    int rc = check_info(call, info, &snat, &fixed_ips, err);
    rc = rc < 0 ? rc : network_load_for(call, NETWORK_NETWORK, id, &network, err);
    if (rc == 0 && !network.is_external) {
        return ak_fail(err, AK_ROUTER_BAD_REQUEST, "the network is not an external network");
    }
    if (rc == 0 && ak_streq(old->external_network_id, network.id) && fixed_ips == NULL) {
        rc = network_load(call->tx, call->arena, NETWORK_PORT, old->gateway_port_id, &port, err);
    } else {
        rc = rc < 0 ? rc : drop_gateway(call, router, err);
        rc = rc < 0 ? rc : check_gateway_apart(call, router, network.id, err);
        rc = rc < 0 ? rc : network_port_make_internal(call, &network, &port, fixed_ips, err);
    }
    if (rc == 0) {
        router->external_network_id = network.id;
        router->gateway_port_id = port.id;
        router->enable_snat = snat;
        router->external_gateway_info = gateway_info(call, router, &port);
    }
    return rc;
}

/* --- create, change, remove ------------------------------------------------------------------- */

static int check_routes(const struct network_router *router, struct ak_error *err)
{
    return router->routes && strcmp(router->routes, "[]") != 0 &&
                   strcmp(router->routes, "null") != 0
               ? ak_fail(err, AK_NETWORK_UNSUPPORTED, "static routes of routers")
               : 0;
}

static int save(const struct network_call *call, struct network_router *router, const char *id,
                struct ak_error *err)
{
    int rc = network_update(call->tx, NETWORK_ROUTER, router, err);
    rc = rc < 0 ? rc : network_job(call, NETWORK_ROUTER, router->id, router->project_id, NULL, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_ROUTER, id, router, err);
}

int network_router_create(const struct network_call *call, struct network_router *router,
                          struct ak_error *err)
{
    const struct network_router none = {0};
    const char *info = router->external_gateway_info;
    int rc = network_project_of(call, router->project_id, &router->project_id, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_ROUTER, router->project_id, 1, err);
    if (rc < 0) {
        return rc;
    }
    router->id = network_new_id(call->arena);
    router->admin_state_up = !given(router, "admin_state_up") || router->admin_state_up;
    router->enable_snat = true;
    router->routes = "[]";
    router->external_gateway_info = NULL;
    rc = network_insert(call->tx, NETWORK_ROUTER, router, err);
    if (rc == 0 && info) {
        router->external_gateway_info = info;
        rc = set_gateway(call, router, &none, err);
    }
    return rc < 0 ? rc : save(call, router, router->id, err);
}

int network_router_change(const struct network_call *call, const char *id,
                          const struct network_router *change, struct network_router *ret_router,
                          struct ak_error *err)
{
    int rc = network_load_own(call, NETWORK_ROUTER, id, ret_router, err);
    rc = rc < 0 ? rc : check_routes(change, err);
    if (rc < 0) {
        return rc;
    }
    struct network_router old = *ret_router;
    ak_fields_merge(&network_router_fields, ret_router, change);
    ret_router->routes = "[]";
    if (given(change, "external_gateway_info")) {
        rc = set_gateway(call, ret_router, &old, err);
    }
    return rc < 0 ? rc : save(call, ret_router, id, err);
}

int network_router_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_router router = {0};
    struct ak_list ports = {0};
    int rc = network_load_own(call, NETWORK_ROUTER, id, &router, err);
    rc = rc < 0 ? rc : network_ports_of_router(call->tx, call->arena, router.id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        if (ak_streq(((const struct network_port *)ports.items)[i].device_owner,
                     NETWORK_OWNER_LEG)) {
            rc = ak_fail(err, AK_ROUTER_IN_USE, router.id);
        }
    }
    rc = rc < 0 ? rc : drop_gateway(call, &router, err);
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_ROUTER, router.id, err);
    return rc < 0 ? rc : network_job(call, NETWORK_ROUTER, router.id, router.project_id, NULL, err);
}

/* --- legs ------------------------------------------------------------------------------------- */

static int add_by_subnet(const struct network_call *call, const struct network_router *router,
                         const char *subnet_id, struct network_port *ret_port, struct ak_error *err)
{
    struct network_subnet subnet = {0};
    struct network_network network = {0};
    int rc = network_load_own(call, NETWORK_SUBNET, subnet_id, &subnet, err);
    if (rc == 0 && subnet.gateway_ip == NULL) {
        return ak_fail(err, AK_ROUTER_BAD_REQUEST,
                       "Subnet for router interface must have a gateway IP");
    }
    rc = rc < 0 ? rc : check_legs(call, router, &subnet, err);
    rc = rc < 0 ? rc
                : network_load(call->tx, call->arena, NETWORK_NETWORK, subnet.network_id, &network,
                               err);
    if (rc < 0) {
        return rc;
    }
    *ret_port = (struct network_port){.project_id = router->project_id,
                                      .device_id = router->id,
                                      .device_owner = NETWORK_OWNER_LEG};
    const char *fixed =
        ak_arena_printf(call->arena, "[{\"subnet_id\":\"%s\",\"ip_address\":\"%s\"}]", subnet.id,
                        subnet.gateway_ip);
    return network_port_make_internal(call, &network, ret_port, fixed, err);
}

static int add_by_port(const struct network_call *call, const struct network_router *router,
                       const char *port_id, struct network_port *ret_port, struct ak_error *err)
{
    struct network_subnet subnet = {0};
    struct network_network network = {0};
    int rc = network_load_own(call, NETWORK_PORT, port_id, ret_port, err);
    if (rc == 0 && ret_port->device_id[0]) {
        return ak_fail(err, AK_PORT_IN_USE, ret_port->id, ret_port->device_id);
    }
    rc = rc < 0 ? rc : network_load_own(call, NETWORK_NETWORK, ret_port->network_id, &network, err);
    const char *subnet_id = rc == 0 ? subnet_of(call, ret_port) : NULL;
    if (rc == 0 && subnet_id == NULL) {
        return ak_fail(err, AK_ROUTER_BAD_REQUEST, "Router port must have at least one fixed IP");
    }
    rc = rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_SUBNET, subnet_id, &subnet, err);
    rc = rc < 0 ? rc : check_legs(call, router, &subnet, err);
    if (rc < 0) {
        return rc;
    }
    ret_port->device_id = router->id;
    ret_port->device_owner = NETWORK_OWNER_LEG;
    ret_port->status = "ACTIVE";
    ret_port->port_security_enabled = false;
    ret_port->security_groups = "[]";
    ret_port->allowed_address_pairs = "[]";
    ret_port->mac_address = NULL; /* a router's instead */
    rc = network_mac_take(call, ret_port, err);
    return rc < 0 ? rc : network_update(call->tx, NETWORK_PORT, ret_port, err);
}

int network_router_leg_add(const struct network_call *call, const char *id,
                           const struct network_leg_request *request,
                           struct network_router *ret_router, struct network_port *ret_port,
                           struct ak_error *err)
{
    int rc = network_load_own(call, NETWORK_ROUTER, id, ret_router, err);
    if (rc == 0 && !request->subnet_id == !request->port_id) {
        return ak_fail(err, AK_ROUTER_BAD_REQUEST,
                       request->subnet_id ? "Cannot specify both subnet-id and port-id"
                                          : "Either subnet_id or port_id must be specified");
    }
    if (rc == 0) {
        rc = request->subnet_id ? add_by_subnet(call, ret_router, request->subnet_id, ret_port, err)
                                : add_by_port(call, ret_router, request->port_id, ret_port, err);
    }
    return rc < 0 ? rc : save(call, ret_router, id, err);
}

/* The leg named by port or subnet (or both, which must agree). */
static int find_leg(const struct network_call *call, const struct network_router *router,
                    const struct network_leg_request *request, struct network_port *ret_port,
                    struct ak_error *err)
{
    struct ak_list ports = {0};
    int rc = network_ports_of_router(call->tx, call->arena, router->id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        const struct network_port *port = (const struct network_port *)ports.items + i;
        if (ak_streq(port->device_owner, NETWORK_OWNER_LEG) &&
            (request->port_id == NULL || ak_streq(port->id, request->port_id)) &&
            (request->subnet_id == NULL || ak_streq(subnet_of(call, port), request->subnet_id))) {
            *ret_port = *port;
            return 0;
        }
    }
    if (rc == 0) {
        rc = request->port_id
                 ? ak_fail(err, AK_LEG_NOT_FOUND, router->id, request->port_id)
                 : ak_fail(err, AK_LEG_NOT_FOUND_SUBNET, router->id, request->subnet_id);
    }
    return rc;
}

int network_router_leg_remove(const struct network_call *call, const char *id,
                              const struct network_leg_request *request,
                              struct network_router *ret_router, struct network_port *ret_port,
                              struct ak_error *err)
{
    int rc = network_load_own(call, NETWORK_ROUTER, id, ret_router, err);
    if (rc == 0 && !request->subnet_id && !request->port_id) {
        return ak_fail(err, AK_ROUTER_BAD_REQUEST, "Either subnet_id or port_id must be specified");
    }
    rc = rc < 0 ? rc : find_leg(call, ret_router, request, ret_port, err);
    rc = rc < 0 ? rc : network_port_drop(call, ret_port, err);
    return rc < 0 ? rc : save(call, ret_router, id, err);
}
