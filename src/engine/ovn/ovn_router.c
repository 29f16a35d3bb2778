/* SPDX-License-Identifier: Apache-2.0 */
/* Routers: a Logical_Router with a port ("lrp-<port id>") and its peer switch port for each leg,
 * and for the gateway to a provider network: port pinned to the gateway chassis, default route,
 * SNAT of every leg's network, and policies that drop what guests send to forbidden prefixes while
 * the router's own networks stay reachable. Rows without a key are compared by content. */
#include "engine/ovn/ovn_internal.h"

#define LRP                "Logical_Router_Port"
#define LSP                "Logical_Switch_Port"
#define PRIORITY_OWN       2000 /* of policies: to the router's own networks */
#define PRIORITY_FORBIDDEN 1000

static json_t *tags_of(const struct plan *plan, const struct ak_fabric_router *router,
                       const char *id, const char *network_id)
{
    json_t *tags = ovn_tags(plan->ovn, id);
    ovsdb_map_add(tags, "akashi-network", network_id);
    ovsdb_map_add(tags, "akashi-kind", "router");
    ovsdb_map_add(tags, "akashi-router", router->id);
    return tags;
}

/* The switch port opposite a router port. */
static int peer(struct plan *plan, const struct ak_fabric_router *router, const char *port_id,
                const char *network_id, bool gateway, struct ak_error *err)
{
    char lrp[64];
    const char *ls = ovsdb_find(plan->db, "Logical_Switch", network_id);
    if (ls == NULL) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, "network engine", "network");
    }
    (void)snprintf(lrp, sizeof(lrp), "lrp-%s", port_id);
    json_t *options =
        ovsdb_map("router-port", lrp, "nat-addresses", gateway ? "router" : NULL, NULL);
    json_t *lsp =
        plan_row(plan, LSP, port_id,
                 json_pack("{s:s, s:s, s:b, s:[s, [s]], s:o, s:o, s:o, s:o, s:o}", "name", port_id,
                           "type", "router", "enabled", 1, "addresses", "set", "router", "options",
                           options, "port_security", ovsdb_empty_set(), "dhcpv4_options",
                           ovsdb_empty_set(), "dhcpv6_options", ovsdb_empty_set(), "external_ids",
                           tags_of(plan, router, port_id, network_id)));
    ovn_leave_groups(plan, lsp); /* it may have been a guest's port before */
    json_t *parent = ovsdb_uuid(ls);
    plan_link(plan, "Logical_Switch", parent, "ports", lsp);
    json_decref(parent);
    json_decref(lsp);
    return 0;
}

/* Chassis that may carry gateways, best first, as the operator named them in the database. */
static json_t *gateway_chassis(struct plan *plan, const char *lrp)
{
    const char *uuid = NULL, *names = NULL;
    json_t *row = NULL, *refs = json_array();
    int priority = 100;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, "NB_Global"), uuid, row)
    {
        names = ovsdb_map_get(json_object_get(row, "external_ids"), "akashi-gateway-chassis");
    }
    if (names == NULL) {
        ak_log(AK_WARNING, "no gateway chassis: set NB_Global external_ids:akashi-gateway-chassis");
        return ovsdb_set(refs);
    }
    AK_AUTO_STR copy = ak_xstrdup(names);
    char *rest = NULL;
    for (char *name = strtok_r(copy, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        char key[192];
        (void)snprintf(key, sizeof(key), "%s_%s", lrp, name);
        (void)json_array_append_new(
            refs, plan_row(plan, "Gateway_Chassis", key,
                           json_pack("{s:s, s:s, s:i}", "name", key, "chassis_name", name,
                                     "priority", priority--)));
    }
    return ovsdb_set(refs);
}

/* Router advertisements for IPv6 legs. */
static json_t *ra_of(const struct ak_fabric_router_leg *leg)
{
    struct ak_cidr cidr;
    bool ipv6 = ak_cidr_parse(leg->cidr, &cidr) && cidr.ip.version == 6;
    const char *mode = ak_streq(leg->ra_mode, "slaac")              ? "slaac"
                       : ak_streq(leg->ra_mode, "dhcpv6-stateless") ? "dhcpv6_stateless"
                                                                    : "dhcpv6_stateful";
    return ovsdb_map("address_mode", ipv6 ? mode : NULL, "send_periodic", ipv6 ? "true" : NULL,
                     NULL);
}

/* A router port; a new reference. */
static json_t *router_port(struct plan *plan, const struct ak_fabric_router *router,
                           const struct ak_fabric_router_leg *leg, bool gateway)
{
    char lrp[64];
    (void)snprintf(lrp, sizeof(lrp), "lrp-%s", leg->port_id);
    json_t *chassis = gateway ? gateway_chassis(plan, lrp) : ovsdb_empty_set();
    return plan_row(plan, LRP, lrp,
                    json_pack("{s:s, s:s, s:[s, [s]], s:o, s:o, s:o}", "name", lrp, "mac", leg->mac,
                              "networks", "set", leg->cidr, "gateway_chassis", chassis,
                              "ipv6_ra_configs", gateway ? ovsdb_map(NULL, NULL) : ra_of(leg),
                              "external_ids",
                              tags_of(plan, router, leg->port_id, leg->network_id)));
}

/* The network of "address/prefix" as text; empty when it cannot be parsed. */
static const char *network_of(char out[AK_CIDR_TEXT], const char *cidr_text, int *ret_version)
{
    struct ak_cidr cidr;
    out[0] = '\0';
    *ret_version = 0;
    if (ak_cidr_parse(cidr_text, &cidr)) {
        cidr = ak_cidr_network(&cidr);
        *ret_version = cidr.ip.version;
        (void)ak_cidr_text(out, &cidr);
    }
    return out;
}

static json_t *nat_of(const struct plan *plan, const struct ak_fabric_router *router)
{
    json_t *wanted = json_array();
    char network[AK_CIDR_TEXT], external[AK_CIDR_TEXT];
    int version = 0, external_version = 0;
    if (router->external_network_id == NULL || !router->snat) {
        return wanted;
    }
    (void)network_of(external, router->external_cidr, &external_version);
    ak_str_copy(external, sizeof(external), router->external_cidr);
    external[strcspn(external, "/")] = '\0';
    for (size_t i = 0; i < router->n_legs; i++) {
        (void)network_of(network, router->legs[i].cidr, &version);
        if (version == external_version && version != 0) {
            (void)json_array_append_new(
                wanted, json_pack("{s:s, s:s, s:s, s:o}", "type", "snat", "external_ip", external,
                                  "logical_ip", network, "external_ids",
                                  ovsdb_map("akashi", plan->ovn->installation, NULL)));
        }
    }
    return wanted;
}

static json_t *routes_of(const struct plan *plan, const struct ak_fabric_router *router)
{
    json_t *wanted = json_array();
    struct ak_ip ip;
    char lrp[64];
    if (router->external_network_id && ak_ip_parse(router->external_gateway, &ip)) {
        (void)snprintf(lrp, sizeof(lrp), "lrp-%s", router->external_port_id);
        (void)json_array_append_new(
            wanted,
            json_pack("{s:s, s:s, s:s, s:o}", "ip_prefix", ip.version == 4 ? "0.0.0.0/0" : "::/0",
                      "nexthop", router->external_gateway, "output_port", lrp, "external_ids",
                      ovsdb_map("akashi", plan->ovn->installation, NULL)));
    }
    return wanted;
}

static void policy(json_t *wanted, const struct plan *plan, int priority, const char *action,
                   const struct ak_buf *list, int version)
{
    if (list->len > 0) {
        AK_AUTO_STR match = ak_xasprintf("ip%d.dst == {%s}", version, list->data);
        (void)json_array_append_new(wanted,
                                    json_pack("{s:i, s:s, s:s, s:o}", "priority", priority, "match",
                                              match, "action", action, "external_ids",
                                              ovsdb_map("akashi", plan->ovn->installation, NULL)));
    }
}

static void list_add(struct ak_buf *list, const char *cidr_text, int version)
{
    char network[AK_CIDR_TEXT];
    int v = 0;
    (void)network_of(network, cidr_text, &v);
    if (v == version) {
        ak_buf_printf(list, "%s%s", list->len ? ", " : "", network);
    }
}

static json_t *policies_of(const struct plan *plan, const struct ak_fabric_router *router)
{
    json_t *wanted = json_array();
    for (int version = 4; version <= 6; version += 2) {
        AK_AUTO_BUF own;
        AK_AUTO_BUF forbidden;
        ak_buf_init(&own, 65536);
        ak_buf_init(&forbidden, 65536);
        for (size_t i = 0; i < router->n_legs; i++) {
            list_add(&own, router->legs[i].cidr, version);
        }
        for (size_t i = 0; router->forbidden && router->forbidden[i]; i++) {
            list_add(&forbidden, router->forbidden[i], version);
        }
        if (forbidden.len > 0) {
            policy(wanted, plan, PRIORITY_OWN, "allow", &own, version);
            policy(wanted, plan, PRIORITY_FORBIDDEN, "drop", &forbidden, version);
        }
    }
    return wanted;
}

static bool has_port(const struct ak_fabric_router *router, const char *port_id)
{
    if (ak_streq(router->external_network_id ? router->external_port_id : NULL, port_id)) {
        return true;
    }
    for (size_t i = 0; i < router->n_legs; i++) {
        if (strcmp(router->legs[i].port_id, port_id) == 0) {
            return true;
        }
    }
    return false;
}

/* Removes switch ports of this router that 'router' does not name; NULL legs: all of them. */
static void remove_peers(struct plan *plan, const struct ak_fabric_router *router)
{
    const char *uuid = NULL;
    json_t *row = NULL;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, LSP), uuid, row)
    {
        const json_t *tags = json_object_get(row, "external_ids");
        const char *network = ovsdb_map_get(tags, "akashi-network");
        const char *ls = network ? ovsdb_find(plan->db, "Logical_Switch", network) : NULL;
        if (ls && ovn_is_ours(plan->ovn, row) &&
            ak_streq(ovsdb_map_get(tags, "akashi-router"), router->id) &&
            !has_port(router, json_string_value(json_object_get(row, "name")))) {
            plan_unlink(plan, "Logical_Switch", ls, "ports", uuid);
        }
    }
}

static int plan_ports(struct plan *plan, const struct ak_fabric_router *router, json_t *ports,
                      struct ak_error *err)
{
    for (size_t i = 0; i < router->n_legs; i++) {
        const struct ak_fabric_router_leg *leg = &router->legs[i];
        int rc = peer(plan, router, leg->port_id, leg->network_id, false, err);
        if (rc < 0) {
            return rc;
        }
        (void)json_array_append_new(ports, router_port(plan, router, leg, false));
    }
    if (router->external_network_id) {
        int rc =
            peer(plan, router, router->external_port_id, router->external_network_id, true, err);
        if (rc < 0) {
            return rc;
        }
        const struct ak_fabric_router_leg leg = {.port_id = router->external_port_id,
                                                 .network_id = router->external_network_id,
                                                 .mac = router->external_mac,
                                                 .cidr = router->external_cidr};
        (void)json_array_append_new(ports, router_port(plan, router, &leg, true));
    }
    return 0;
}

int ovn_router_apply(struct ak_fabric *f, const struct ak_fabric_router *router,
                     struct ak_error *err)
{
    struct plan plan;
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *lr = ovsdb_find(plan.db, "Logical_Router", router->id);
    json_t *ports = json_array();
    rc = plan_ports(&plan, router, ports, err);
    if (rc < 0) {
        json_decref(ports);
        return plan_end(&plan, rc, err);
    }
    remove_peers(&plan, router);
    json_t *nat = plan_children(&plan, "NAT", plan_column(&plan, "Logical_Router", lr, "nat"),
                                nat_of(&plan, router));
    json_t *routes = plan_children(&plan, "Logical_Router_Static_Route",
                                   plan_column(&plan, "Logical_Router", lr, "static_routes"),
                                   routes_of(&plan, router));
    json_t *policies = plan_children(&plan, "Logical_Router_Policy",
                                     plan_column(&plan, "Logical_Router", lr, "policies"),
                                     policies_of(&plan, router));
    json_t *tags = ovn_tags(plan.ovn, router->id);
    ovsdb_map_add(tags, "akashi-project", router->project_id);
    json_decref(
        plan_row(&plan, "Logical_Router", router->id,
                 json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "name", router->id, "enabled", 1,
                           "ports", ovsdb_set(ports), "nat", nat, "static_routes", routes,
                           "policies", policies, "external_ids", tags)));
    return plan_end(&plan, 0, err);
}

int ovn_router_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    struct plan plan;
    struct ak_fabric_router none = {.id = id};
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *lr = ovsdb_find(plan.db, "Logical_Router", id);
    remove_peers(&plan, &none);
    if (lr) {
        plan_delete(&plan, "Logical_Router", lr);
    }
    return plan_end(&plan, 0, err);
}
