/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of networks: who may make external ones, tunnel keys and VLAN ids, what keeps a network
 * from being deleted. */
#include "network/network_internal.h"

#define MTU_DEFAULT 1442

static bool given(const struct network_network *network, const char *member)
{
    return ak_field_given(&network_network_fields, network, member);
}

/* Only the administrator makes external networks, and only those are shared. */
static int check_sharing(const struct network_call *call, const struct network_network *network,
                         struct ak_error *err)
{
    if ((network->is_shared || network->is_external) && !call->admin) {
        return ak_fail(err, AK_FORBIDDEN, "making an external or shared network");
    }
    if (network->is_shared && !network->is_external) {
        return ak_fail(err, AK_NETWORK_UNSUPPORTED, "sharing a network that is not external");
    }
    return 0;
}

static int check_provider(const struct network_call *call, struct network_network *network,
                          struct ak_error *err)
{
    int64_t vlan = 0;
    const char *segment =
        ak_streq(network->segmentation_id, "null") ? NULL : network->segmentation_id;
    const char *type = network->network_type ? network->network_type : "geneve";
    network->network_type = type;
    network->segmentation_id = segment;
    if (strcmp(type, "geneve") == 0) {
        if (network->physical_network || segment) {
            return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                           "a geneve network takes no physical_network, and its "
                           "segmentation_id is chosen here");
        }
        return 0;
    }
    if (network->physical_network == NULL || network->physical_network[0] == '\0') {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "provider:physical_network required for this network type");
    }
    if (strcmp(type, "flat") == 0 && segment) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "a flat network takes no segmentation_id");
    }
    if (strcmp(type, "vlan") == 0 && (segment == NULL || !ak_parse_int(segment, 1, 4094, &vlan))) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "provider:segmentation_id must be a VLAN id of 1 to 4094");
    }
    network->vlan_key = ak_arena_printf(call->arena, "%s %d", network->physical_network, (int)vlan);
    return 0;
}

static void defaults(const struct network_call *call, struct network_network *network)
{
    network->id = network_new_id(call->arena);
    network->admin_state_up = !given(network, "admin_state_up") || network->admin_state_up;
    network->port_security_enabled =
        !given(network, "port_security_enabled") || network->port_security_enabled;
    if (network->mtu == 0) {
        network->mtu = network->physical_network ? 1500
                       : call->config            ? ak_config_int(call->config, "network_mtu")
                                                 : MTU_DEFAULT;
    }
    network->subnets = "[]";
    network->tags = "[]";
}

int network_network_create(const struct network_call *call, struct network_network *network,
                           struct ak_error *err)
{
    int rc = network_project_of(call, network->project_id, &network->project_id, err);
    rc = rc < 0 ? rc : check_sharing(call, network, err);
    rc = rc < 0 ? rc : check_provider(call, network, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_NETWORK, network->project_id, 1, err);
    if (rc < 0) {
        return rc;
    }
    defaults(call, network);
    rc = network_take_tunnel_key(call->tx, network, err);
    if (rc == 0 && strcmp(network->network_type, "geneve") == 0) {
        network->segmentation_id = ak_arena_printf(call->arena, "%" PRId64, network->tunnel_key);
    }
    rc = rc < 0 ? rc : network_insert(call->tx, NETWORK_NETWORK, network, err);
    if (rc == -AK_STORE_DUPLICATE && network->vlan_key) {
        return ak_fail(err, AK_VLAN_IN_USE,
                       network->segmentation_id ? network->segmentation_id : "0",
                       network->physical_network);
    }
    rc = rc < 0 ? rc
                : network_job(call, NETWORK_NETWORK, network->id, network->project_id, NULL, err);
    return rc < 0 ? rc
                  : network_load(call->tx, call->arena, NETWORK_NETWORK, network->id, network, err);
}

int network_network_change(const struct network_call *call, const char *id,
                           const struct network_network *change,
                           struct network_network *ret_network, struct ak_error *err)
{
    int64_t ports = 0;
    int rc = network_load_own(call, NETWORK_NETWORK, id, ret_network, err);
    if (rc < 0) {
        return rc;
    }
    bool was_external = ret_network->is_external, was_up = ret_network->admin_state_up;
    if (!call->admin && (given(change, "shared") || given(change, "router:external"))) {
        return ak_fail(err, AK_FORBIDDEN, "making a network external or shared");
    }
    ak_fields_merge(&network_network_fields, ret_network, change);
    if (call->admin) {
        rc = check_sharing(call, ret_network, err);
    }
    if (rc == 0 && was_external && !ret_network->is_external) {
        rc = network_count_ports_of_network(call->tx, id, &ports, err);
        rc = rc == 0 && ports > 0 ? ak_fail(err, AK_NETWORK_IN_USE, id) : rc;
    }
    rc = rc < 0 ? rc : network_update(call->tx, NETWORK_NETWORK, ret_network, err);
    if (rc == 0) { /* whether traffic flows is a matter of each port */
        const char *with_ports = was_up != ret_network->admin_state_up ? ret_network->id : NULL;
        rc = network_job(call, NETWORK_NETWORK, ret_network->id, ret_network->project_id,
                         with_ports, err);
    }
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_NETWORK, id, ret_network, err);
}

int network_network_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_network network = {0};
    struct ak_list subnets = {0};
    int64_t ports = 0;
    int rc = network_load_own(call, NETWORK_NETWORK, id, &network, err);
    rc = rc < 0 ? rc : network_count_ports_of_network(call->tx, network.id, &ports, err);
    if (rc == 0 && ports > 0) {
        return ak_fail(err, AK_NETWORK_IN_USE, network.id);
    }
    rc = rc < 0 ? rc : network_subnets_of(call->tx, call->arena, network.id, &subnets, err);
    for (size_t i = 0; i < subnets.n && rc == 0; i++) {
        rc = network_delete(call->tx, NETWORK_SUBNET,
                            ((const struct network_subnet *)subnets.items)[i].id, err);
    }
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_NETWORK, network.id, err);
    return rc < 0 ? rc
                  : network_job(call, NETWORK_NETWORK, network.id, network.project_id, NULL, err);
}
