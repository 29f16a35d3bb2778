/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of ports: where one may be made, addresses and MAC, security groups, allowed address pairs,
 * which ports belong to routers. */
#include "network/network_internal.h"

#define PAIRS_MAX  10
#define GROUPS_MAX 16

static bool given(const struct network_port *port, const char *member)
{
    return ak_field_given(&network_port_fields, port, member);
}

/* The fabric follows: router ports by their router. */
static int follow(const struct network_call *call, const struct network_port *port,
                  struct ak_error *err)
{
    if (network_port_is_router(port) && port->device_id && port->device_id[0]) {
        return network_job(call, NETWORK_ROUTER, port->device_id, port->project_id, NULL, err);
    }
    return network_job(call, NETWORK_PORT, port->id, port->project_id, port->network_id, err);
}

/* --- security groups, address pairs ----------------------------------------------------------- */

static int check_groups(const struct network_call *call, struct network_port *port,
                        struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(port->security_groups, JSON_DECODE_ANY, NULL);
    AK_AUTO_JSON out = json_array();
    if (json_is_null(list)) {
        port->security_groups = "[]";
        return 0;
    }
    if (!json_is_array(list) || json_array_size(list) > GROUPS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "security_groups", "0", AK_NUM(GROUPS_MAX));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        struct network_group group = {0};
        int rc = id ? network_load_for(call, NETWORK_GROUP, id, &group, err)
                    : ak_fail(err, AK_FIELD_TYPE, "security_groups", "array of strings");
        if (rc < 0) {
            return rc;
        }
        bool seen = false;
        for (size_t k = 0; k < json_array_size(out); k++) {
            seen = seen || ak_streq(json_string_value(json_array_get(out, k)), group.id);
        }
        if (!seen) {
            (void)json_array_append_new(out, json_string(group.id));
        }
    }
    AK_AUTO_STR text = json_dumps(out, JSON_COMPACT);
    port->security_groups = ak_arena_strdup(call->arena, text);
    return 0;
}

static int default_groups(const struct network_call *call, struct network_port *port,
                          struct ak_error *err)
{
    struct network_group group = {0};
    port->security_groups = "[]";
    if (!port->port_security_enabled || port->project_id[0] == '\0') {
        return 0;
    }
    int rc = network_default_group(call, port->project_id, &group, err);
    if (rc == 0) {
        port->security_groups = ak_arena_printf(call->arena, "[\"%s\"]", group.id);
    }
    return rc;
}

static int check_pair(const struct network_call *call, const struct network_port *port,
                      json_t *pair, struct ak_error *err)
{
    const char *ip = json_string_value(json_object_get(pair, "ip_address"));
    const json_t *mac_json = json_object_get(pair, "mac_address");
    const char *mac = json_is_null(mac_json) ? NULL : json_string_value(mac_json);
    struct ak_cidr cidr;
    char canonical[18];
    (void)call;
    if (!json_is_object(pair) || ip == NULL || !ak_cidr_parse(ip, &cidr) || cidr.prefix == 0 ||
        (mac_json && !json_is_null(mac_json) && mac == NULL) ||
        json_object_size(pair) > (mac_json ? 2U : 1U)) {
        return ak_fail(err, AK_FIELD_VALUE, "allowed_address_pairs",
                       "each needs an ip_address (address or prefix) and may have a mac_address");
    }
    if (mac && !ak_mac_canonical(mac, canonical)) {
        return ak_fail(err, AK_FIELD_VALUE, "allowed_address_pairs", "a MAC address is not valid");
    }
    if (mac && ak_starts_with(canonical, NETWORK_MAC_ROUTER)) {
        return ak_fail(err, AK_MAC_OF_ROUTERS, canonical);
    }
    (void)json_object_set_new(pair, "mac_address",
                              json_string(mac ? canonical : port->mac_address));
    return 0;
}

static int check_pairs(const struct network_call *call, struct network_port *port,
                       struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(port->allowed_address_pairs ? port->allowed_address_pairs : "[]",
                                   JSON_DECODE_ANY, NULL);
    if (json_is_null(list)) {
        port->allowed_address_pairs = "[]";
        return 0;
    }
    if (!json_is_array(list) || json_array_size(list) > PAIRS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "allowed_address_pairs", "0", AK_NUM(PAIRS_MAX));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        int rc = check_pair(call, port, json_array_get(list, i), err);
        if (rc < 0) {
            return rc;
        }
    }
    AK_AUTO_STR text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    port->allowed_address_pairs = ak_arena_strdup(call->arena, text);
    return 0;
}

/* What port security, groups, pairs and addresses demand of each other. */
static int check_security(const struct network_port *port, bool creating, struct ak_error *err)
{
    bool groups = !ak_streq(port->security_groups, "[]");
    if (!port->port_security_enabled && groups) {
        return creating ? ak_fail(err, AK_PORT_SECURITY_NEEDED)
                        : ak_fail(err, AK_PORT_SECURITY_GROUPS);
    }
    if (!port->port_security_enabled && !ak_streq(port->allowed_address_pairs, "[]")) {
        return ak_fail(err, AK_PAIRS_NEED_SECURITY);
    }
    return 0;
}

static int check_json_members(struct network_port *port, struct ak_error *err)
{
    if (port->extra_dhcp_opts && strcmp(port->extra_dhcp_opts, "[]") != 0 &&
        strcmp(port->extra_dhcp_opts, "null") != 0) {
        return ak_fail(err, AK_NETWORK_UNSUPPORTED, "extra_dhcp_opts");
    }
    if (port->profile == NULL || strcmp(port->profile, "null") == 0) {
        port->profile = "{}";
    }
    return port->profile[0] == '{' ? 0 : ak_fail(err, AK_FIELD_TYPE, "binding:profile", "object");
}

/* --- create ----------------------------------------------------------------------------------- */

/* Owners that the cloud alone gives: what they say makes the port a router's leg, or the interface
 * of the server that device_id names. */
static bool is_cloud_owner(const char *device_owner)
{
    return device_owner && (ak_starts_with(device_owner, "network:") ||
                            strcmp(device_owner, NETWORK_OWNER_SERVER) == 0);
}

static int check_place(const struct network_call *call, const struct network_network *network,
                       const struct network_port *port, struct ak_error *err)
{
    if (!call->admin && !network->is_shared && !ak_streq(network->project_id, call->project_id)) {
        return ak_fail(err, AK_FORBIDDEN, "making a port on a network of the provider");
    }
    if (!call->admin && !port->made_by_server && is_cloud_owner(port->device_owner)) {
        return ak_fail(err, AK_FORBIDDEN, "making a port with a device_owner of the cloud's own");
    }
    return 0;
}

static bool names_address(const char *fixed_ips)
{
    AK_AUTO_JSON list = fixed_ips ? json_loads(fixed_ips, JSON_DECODE_ANY, NULL) : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_object_get(json_array_get(list, i), "ip_address")) {
            return true;
        }
    }
    return false;
}

/* On a network that several projects share, only its owner says who has which address, and what
 * more than that one may send or take in (Neutron's policy ADMIN_OR_NET_OWNER). */
static int check_shared(const struct network_call *call, const struct network_network *network,
                        const struct network_port *body, struct ak_error *err)
{
    if (call->admin || ak_streq(network->project_id, call->project_id)) {
        return 0;
    }
    return (given(body, "port_security_enabled") && !body->port_security_enabled) ||
                   given(body, "allowed_address_pairs") || given(body, "mac_address") ||
                   (given(body, "fixed_ips") && names_address(body->fixed_ips))
               ? ak_fail(err, AK_FORBIDDEN,
                         "choosing addresses, or going without port security, on another "
                         "project's network")
               : 0;
}

static int insert_port(const struct network_call *call, struct network_port *port,
                       struct ak_error *err)
{
    int rc = network_insert(call->tx, NETWORK_PORT, port, err);
    rc = rc < 0 ? rc : network_addresses_write(call->tx, port, err);
    rc = rc < 0 ? rc : follow(call, port, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_PORT, port->id, port, err);
}

int network_port_create(const struct network_call *call, struct network_port *port,
                        struct ak_error *err)
{
    struct network_network network = {0};
    int rc = network_project_of(call, port->project_id, &port->project_id, err);
    rc = rc < 0 ? rc : network_load_for(call, NETWORK_NETWORK, port->network_id, &network, err);
    rc = rc < 0 ? rc : check_place(call, &network, port, err);
    rc = rc < 0 ? rc : check_shared(call, &network, port, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_PORT, port->project_id, 1, err);
    if (rc < 0) {
        return rc;
    }
    port->id = network_new_id(call->arena);
    port->admin_state_up = !given(port, "admin_state_up") || port->admin_state_up;
    port->port_security_enabled = given(port, "port_security_enabled")
                                      ? port->port_security_enabled
                                      : network.port_security_enabled;
    rc = check_json_members(port, err);
    rc = rc < 0 ? rc : network_mac_take(call, port, err);
    rc = rc < 0
             ? rc
             : network_addresses_take(call, &network, port,
                                      given(port, "fixed_ips") && !ak_streq(port->fixed_ips, "null")
                                          ? port->fixed_ips
                                          : NULL,
                                      err);
    if (rc == 0) {
        rc = given(port, "security_groups") ? check_groups(call, port, err)
                                            : default_groups(call, port, err);
    }
    rc = rc < 0 ? rc : check_pairs(call, port, err);
    rc = rc < 0 ? rc : check_security(port, true, err);
    return rc < 0 ? rc : insert_port(call, port, err);
}

int network_port_make_internal(const struct network_call *call,
                               const struct network_network *network, struct network_port *port,
                               const char *fixed_ips, struct ak_error *err)
{
    port->id = network_new_id(call->arena);
    port->network_id = network->id;
    port->admin_state_up = true;
    port->status = "ACTIVE";
    port->security_groups = "[]";
    port->allowed_address_pairs = "[]";
    int rc = network_mac_take(call, port, err);
    rc = rc < 0 ? rc : network_addresses_take(call, network, port, fixed_ips, err);
    return rc < 0 ? rc : insert_port(call, port, err);
}

/* --- change, remove --------------------------------------------------------------------------- */

static int change_addresses(const struct network_call *call, struct network_port *port,
                            struct ak_error *err)
{
    struct network_network network = {0};
    const char *wanted = ak_streq(port->fixed_ips, "null") ? "[]" : port->fixed_ips;
    int rc = network_load(call->tx, call->arena, NETWORK_NETWORK, port->network_id, &network, err);
    rc = rc < 0 ? rc : network_addresses_release(call->tx, port->id, err);
    rc = rc < 0 ? rc : network_addresses_take(call, &network, port, wanted, err);
    return rc < 0 ? rc : network_addresses_write(call->tx, port, err);
}

static int check_change(const struct network_call *call, const struct network_port *port,
                        const struct network_port *change, struct ak_error *err)
{
    if (!call->admin && given(change, "mac_address") && change->mac_address &&
        strcasecmp(change->mac_address, port->mac_address) != 0) {
        return ak_fail(err, AK_FORBIDDEN, "changing a MAC address");
    }
    if (!call->admin && given(change, "device_owner") &&
        !ak_streq(change->device_owner, port->device_owner) &&
        (network_port_is_router(port) || is_cloud_owner(change->device_owner))) {
        return ak_fail(err, AK_FORBIDDEN, "changing the device_owner of a port to the cloud's own");
    }
    if (!call->admin && given(change, "device_id") && change->device_id && change->device_id[0] &&
        !ak_streq(change->device_id, port->device_id) &&
        ak_streq(port->device_owner, NETWORK_OWNER_SERVER)) {
        return ak_fail(err, AK_FORBIDDEN, "giving a server's port to another device");
    }
    if (network_port_is_router(port) && given(change, "device_id") &&
        !ak_streq(change->device_id, port->device_id)) {
        return ak_fail(err, AK_SERVICE_PORT_IN_USE, port->id);
    }
    return 0;
}

static int change_rest(const struct network_call *call, struct network_port *port,
                       const struct network_port *change, const char *old_mac, struct ak_error *err)
{
    int rc = check_json_members(port, err);
    if (rc == 0 && given(change, "mac_address") &&
        (port->mac_address == NULL || strcasecmp(port->mac_address, old_mac) != 0)) {
        rc = network_mac_take(call, port, err);
    } else {
        port->mac_address = old_mac;
    }
    if (rc == 0 && given(change, "fixed_ips")) {
        rc = change_addresses(call, port, err);
    }
    if (rc == 0 && given(change, "security_groups")) {
        rc = check_groups(call, port, err);
    }
    rc = rc < 0 ? rc : check_pairs(call, port, err);
    return rc < 0 ? rc : check_security(port, false, err);
}

int network_port_change(const struct network_call *call, const char *id,
                        const struct network_port *change, struct network_port *ret_port,
                        struct ak_error *err)
{
    struct network_network network = {0};
    int rc = network_load_own(call, NETWORK_PORT, id, ret_port, err);
    rc = rc < 0 ? rc : check_change(call, ret_port, change, err);
    rc = rc < 0 ? rc
                : network_load(call->tx, call->arena, NETWORK_NETWORK, ret_port->network_id,
                               &network, err);
    rc = rc < 0 ? rc : check_shared(call, &network, change, err);
    if (rc < 0) {
        return rc;
    }
    const char *old_mac = ret_port->mac_address;
    ak_fields_merge(&network_port_fields, ret_port, change);
    rc = change_rest(call, ret_port, change, old_mac, err);
    rc = rc < 0 ? rc : network_update(call->tx, NETWORK_PORT, ret_port, err);
    rc = rc < 0 ? rc : follow(call, ret_port, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_PORT, id, ret_port, err);
}

int network_port_drop(const struct network_call *call, const struct network_port *port,
                      struct ak_error *err)
{
    int rc = network_addresses_release(call->tx, port->id, err);
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_PORT, port->id, err);
    return rc < 0 ? rc : follow(call, port, err);
}

int network_port_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_port port = {0};
    int rc = network_load_own(call, NETWORK_PORT, id, &port, err);
    if (rc == 0 && network_port_is_router(&port)) {
        return ak_fail(err, AK_SERVICE_PORT_IN_USE, port.id);
    }
    return rc < 0 ? rc : network_port_drop(call, &port, err);
}
