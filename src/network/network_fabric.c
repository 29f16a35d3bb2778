/* SPDX-License-Identifier: Apache-2.0 */
/* From rows to the fabric: reads an object and what belongs to it in one read transaction, closes
 * that, and applies the description. What is not in the database is removed from the fabric; so
 * these calls may be made at any time, in any order, any number of times. */
#include "network/network_internal.h"

/* DHCP answers need a server address; where a subnet has no gateway, nobody has this one. */
#define DHCP_SERVER_FALLBACK "169.254.169.253"

static struct ak_fabric *fabric_of(const struct ak_job_run *run)
{
    return ((const struct ak_engines *)run->engines)->fabric;
}

/* Loads one object in a transaction of its own. '*ret_gone' instead of an error when it is not
 * there. */
static int load(struct ak_job_run *run, enum network_kind kind, const char *id, void *ret_obj,
                bool *ret_gone, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : network_load(tx, run->arena, kind, id, ret_obj, err);
    *ret_gone = rc == -(int)network_resources[kind].not_found;
    if (*ret_gone) {
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

/* A list "a, b c" of a setting as a NULL-terminated array. */
static const char *const *words(struct ak_arena *arena, const char *text)
{
    char *copy = ak_arena_strdup(arena, text), *rest = NULL;
    const char **list = ak_arena_array(arena, const char *, strlen(text) / 2 + 2);
    size_t n = 0;
    for (char *w = strtok_r(copy, ", ", &rest); w; w = strtok_r(NULL, ", ", &rest)) {
        list[n++] = w;
    }
    return list;
}

/* --- networks, subnets ------------------------------------------------------------------------ */

static int apply_subnet(struct ak_job_run *run, const struct network_network *network,
                        const struct network_subnet *s, struct ak_error *err)
{
    AK_AUTO_JSON routes = json_loads(s->host_routes, 0, NULL);
    const char **flat = ak_arena_array(run->arena, const char *, 2 * json_array_size(routes) + 1);
    const char *const *dns = network_strings(run->arena, s->dns_nameservers);
    for (size_t i = 0; i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);
        flat[2 * i] =
            ak_arena_strdup(run->arena, json_string_value(json_object_get(route, "destination")));
        flat[2 * i + 1] =
            ak_arena_strdup(run->arena, json_string_value(json_object_get(route, "nexthop")));
    }
    struct ak_fabric_subnet subnet = {
        .id = s->id,
        .network_id = s->network_id,
        .cidr = s->cidr,
        .gateway_ip = s->gateway_ip,
        .dhcp = s->enable_dhcp,
        .dns = dns[0] ? dns : words(run->arena, ak_config_str(run->config, "network_dns")),
        .routes = flat,
        .dhcp_server_ip = s->gateway_ip ? s->gateway_ip : DHCP_SERVER_FALLBACK,
        .dns_domain = ak_config_str(run->config, "network_dns_domain"),
        .lease_s = ak_config_int(run->config, "network_dhcp_lease"),
        .mtu = (int)network->mtu};
    return fabric_of(run)->ops->subnet_apply(fabric_of(run), &subnet, err);
}

static int apply_network(struct ak_job_run *run, const struct network_network *n,
                         struct ak_error *err)
{
    int64_t vlan = 0;
    if (ak_streq(n->network_type, "vlan")) {
        (void)ak_parse_int(n->segmentation_id, 1, 4094, &vlan);
    }
    struct ak_fabric_network network = {.id = n->id,
                                        .project_id = n->project_id,
                                        .segmentation_id = n->tunnel_key,
                                        .physical_network = n->physical_network,
                                        .vlan_id = (int)vlan,
                                        .mtu = (int)n->mtu};
    return fabric_of(run)->ops->network_apply(fabric_of(run), &network, err);
}

int network_fabric_network(struct ak_job_run *run, const char *id, bool with_ports,
                           struct ak_error *err)
{
    struct network_network network = {0};
    struct ak_list subnets = {0}, ports = {0};
    bool gone = false;
    int rc = load(run, NETWORK_NETWORK, id, &network, &gone, err);
    if (rc == 0 && gone) {
        return fabric_of(run)->ops->network_remove(fabric_of(run), id, err);
    }
    if (rc == 0) {
        AK_AUTO(ak_tx) tx = NULL;
        rc = ak_tx_read(run->store, &tx, err);
        rc = rc < 0 ? rc : network_subnets_of(tx, run->arena, id, &subnets, err);
        if (rc == 0 && with_ports) {
            rc = network_ports_of_network(tx, run->arena, id, &ports, err);
        }
    }
    rc = rc < 0 ? rc : apply_network(run, &network, err);
    for (size_t i = 0; i < subnets.n && rc == 0; i++) {
        rc = apply_subnet(run, &network, (const struct network_subnet *)subnets.items + i, err);
    }
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        rc = network_fabric_port(run, ((const struct network_port *)ports.items)[i].id, id, err);
    }
    return rc;
}

int network_fabric_subnet(struct ak_job_run *run, const char *id, const char *network_id,
                          struct ak_error *err)
{
    struct network_subnet subnet = {0};
    struct network_network network = {0};
    bool gone = false, network_gone = false;
    int rc = load(run, NETWORK_SUBNET, id, &subnet, &gone, err);
    if (rc == 0 && !gone) {
        rc = load(run, NETWORK_NETWORK, subnet.network_id, &network, &network_gone, err);
    }
    if (rc == 0 && (gone || network_gone)) {
        return fabric_of(run)->ops->subnet_remove(fabric_of(run), id, network_id, err);
    }
    rc = rc < 0 ? rc : apply_subnet(run, &network, &subnet, err);
    if (rc == -AK_ENGINE_NO_OBJECT) {
        ak_error_clear(err);
        rc = network_fabric_network(run, network.id, false, err);
    }
    return rc;
}

/* --- security groups -------------------------------------------------------------------------- */

static int port_number(const char *json)
{
    int64_t n = -1;
    return json && ak_parse_int(json, 0, 65535, &n) ? (int)n : -1;
}

int network_fabric_group(struct ak_job_run *run, const char *id, struct ak_error *err)
{
    struct network_group group = {0};
    bool gone = false;
    int rc = load(run, NETWORK_GROUP, id, &group, &gone, err);
    if (rc == 0 && gone) {
        return fabric_of(run)->ops->group_remove(fabric_of(run), id, err);
    }
    if (rc < 0) {
        return rc;
    }
    struct ak_fabric_rule *rules =
        ak_arena_array(run->arena, struct ak_fabric_rule, group.rules.n + 1);
    for (size_t i = 0; i < group.rules.n; i++) {
        const struct network_rule *r = (const struct network_rule *)group.rules.items + i;
        rules[i] = (struct ak_fabric_rule){.id = r->id,
                                           .ingress = ak_streq(r->direction, "ingress"),
                                           .ipv6 = ak_streq(r->ethertype, "IPv6"),
                                           .protocol = network_protocol_number(r->protocol),
                                           .port_min = port_number(r->port_range_min),
                                           .port_max = port_number(r->port_range_max),
                                           .remote_ip = r->remote_ip_prefix,
                                           .remote_group = r->remote_group_id};
    }
    struct ak_fabric_group description = {.id = id, .rules = rules, .n_rules = group.rules.n};
    return fabric_of(run)->ops->group_apply(fabric_of(run), &description, err);
}

/* --- ports ------------------------------------------------------------------------------------ */

static struct ak_fabric_address *addresses_of(struct ak_arena *arena, const char *fixed_ips,
                                              size_t *ret_n)
{
    AK_AUTO_JSON list = json_loads(fixed_ips, 0, NULL);
    size_t n = json_array_size(list);
    struct ak_fabric_address *addresses = ak_arena_array(arena, struct ak_fabric_address, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        addresses[i].ip =
            ak_arena_strdup(arena, json_string_value(json_object_get(item, "ip_address")));
        addresses[i].subnet_id =
            ak_arena_strdup(arena, json_string_value(json_object_get(item, "subnet_id")));
    }
    *ret_n = n;
    return addresses;
}

static struct ak_fabric_pair *pairs_of(struct ak_arena *arena, const char *json, size_t *ret_n)
{
    AK_AUTO_JSON list = json_loads(json, 0, NULL);
    size_t n = json_array_size(list);
    struct ak_fabric_pair *pairs = ak_arena_array(arena, struct ak_fabric_pair, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        pairs[i].ip =
            ak_arena_strdup(arena, json_string_value(json_object_get(item, "ip_address")));
        pairs[i].mac =
            ak_arena_strdup(arena, json_string_value(json_object_get(item, "mac_address")));
    }
    *ret_n = n;
    return pairs;
}

static int apply_port(struct ak_job_run *run, const struct network_network *network,
                      const struct network_port *p, struct ak_error *err)
{
    struct ak_fabric_port port = {.id = p->id,
                                  .network_id = p->network_id,
                                  .mac = p->mac_address,
                                  .security_groups =
                                      network_strings(run->arena, p->security_groups),
                                  .port_security = p->port_security_enabled,
                                  .enabled = p->admin_state_up && network->admin_state_up,
                                  .hostname = p->hostname,
                                  .kind = "guest"};
    port.addresses = addresses_of(run->arena, p->fixed_ips, &port.n_addresses);
    port.pairs = pairs_of(run->arena, p->allowed_address_pairs, &port.n_pairs);
    return fabric_of(run)->ops->port_apply(fabric_of(run), &port, err);
}

int network_fabric_port(struct ak_job_run *run, const char *id, const char *network_id,
                        struct ak_error *err)
{
    struct network_port port = {0};
    struct network_network network = {0};
    bool gone = false, network_gone = false;
    int rc = load(run, NETWORK_PORT, id, &port, &gone, err);
    if (rc == 0 && !gone && ak_starts_with(port.device_owner, "network:router_")) {
        return network_fabric_router(run, port.device_id, err);
    }
    if (rc == 0 && !gone) {
        rc = load(run, NETWORK_NETWORK, port.network_id, &network, &network_gone, err);
    }
    if (rc == 0 && (gone || network_gone)) {
        return fabric_of(run)->ops->port_remove(fabric_of(run), id, network_id, err);
    }
    rc = rc < 0 ? rc : apply_port(run, &network, &port, err);
    if (rc == -AK_ENGINE_NO_OBJECT) {
        ak_error_clear(err);
        rc = network_fabric_network(run, network.id, false, err);
        rc = rc < 0 ? rc : apply_port(run, &network, &port, err);
    }
    return rc;
}

/* --- routers ---------------------------------------------------------------------------------- */

/* The subnet of the port's first address, and "address/prefix" in it; NULL without address. */
static int leg_cidr(struct ak_job_run *run, struct ak_tx *tx, const struct network_port *port,
                    struct network_subnet *ret_subnet, const char **ret_cidr, struct ak_error *err)
{
    struct ak_cidr cidr;
    size_t n = 0;
    const struct ak_fabric_address *addresses = addresses_of(run->arena, port->fixed_ips, &n);
    *ret_cidr = NULL;
    if (n == 0) {
        return 0;
    }
    int rc = network_load(tx, run->arena, NETWORK_SUBNET, addresses[0].subnet_id, ret_subnet, err);
    if (rc == 0 && ak_cidr_parse(ret_subnet->cidr, &cidr)) {
        *ret_cidr = ak_arena_printf(run->arena, "%s/%d", addresses[0].ip, cidr.prefix);
    }
    return rc;
}

/* Fills the description from the router's ports. */
static int describe_router(struct ak_job_run *run, struct ak_tx *tx,
                           const struct network_router *router,
                           struct ak_fabric_router *description, struct ak_error *err)
{
    struct ak_list ports = {0};
    int rc = network_ports_of_router(tx, run->arena, router->id, &ports, err);
    struct ak_fabric_router_leg *legs =
        ak_arena_array(run->arena, struct ak_fabric_router_leg, ports.n + 1);
    description->legs = legs;
    for (size_t i = 0; i < ports.n && rc == 0 && router->admin_state_up; i++) {
        const struct network_port *port = (const struct network_port *)ports.items + i;
        struct network_subnet subnet = {0};
        const char *cidr = NULL;
        rc = leg_cidr(run, tx, port, &subnet, &cidr, err);
        if (rc < 0 || cidr == NULL) {
            continue;
        }
        if (ak_streq(port->device_owner, NETWORK_OWNER_GATEWAY)) {
            description->external_network_id = port->network_id;
            description->external_port_id = port->id;
            description->external_mac = port->mac_address;
            description->external_cidr = cidr;
            description->external_gateway = subnet.gateway_ip;
        } else {
            legs[description->n_legs++] =
                (struct ak_fabric_router_leg){.port_id = port->id,
                                              .network_id = port->network_id,
                                              .mac = port->mac_address,
                                              .cidr = cidr,
                                              .ra_mode = subnet.ipv6_ra_mode};
        }
    }
    return rc;
}

/* The networks the router is on, before the router itself. */
static int apply_networks(struct ak_job_run *run, const struct ak_fabric_router *router,
                          struct ak_error *err)
{
    int rc = router->external_network_id
                 ? network_fabric_network(run, router->external_network_id, false, err)
                 : 0;
    for (size_t i = 0; i < router->n_legs && rc == 0; i++) {
        rc = network_fabric_network(run, router->legs[i].network_id, false, err);
    }
    return rc;
}

int network_fabric_router(struct ak_job_run *run, const char *id, struct ak_error *err)
{
    struct network_router router = {0};
    bool gone = false;
    int rc = load(run, NETWORK_ROUTER, id, &router, &gone, err);
    if (rc == 0 && gone) {
        return fabric_of(run)->ops->router_remove(fabric_of(run), id, err);
    }
    struct ak_fabric_router description = {
        .id = id,
        .project_id = router.project_id,
        .snat = router.enable_snat,
        .forbidden = words(run->arena, ak_config_str(run->config, "network_forbidden"))};
    if (rc == 0) {
        AK_AUTO(ak_tx) tx = NULL;
        rc = ak_tx_read(run->store, &tx, err);
        rc = rc < 0 ? rc : describe_router(run, tx, &router, &description, err);
    }
    rc = rc < 0 ? rc : fabric_of(run)->ops->router_apply(fabric_of(run), &description, err);
    if (rc == -AK_ENGINE_NO_OBJECT) {
        ak_error_clear(err);
        rc = apply_networks(run, &description, err);
        rc = rc < 0 ? rc : fabric_of(run)->ops->router_apply(fabric_of(run), &description, err);
    }
    return rc;
}
