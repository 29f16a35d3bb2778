/* SPDX-License-Identifier: Apache-2.0 */
/* 'akashi init': the provider network "world", by which customers' routers reach the outside, as
 * the settings describe it; and the settings' table. */
#include "identity/identity.h"
#include "network/network_internal.h"

const struct ak_setting network_settings[] = {
    {"network_mtu", AK_SETTING_INT, "bytes", 576, 9000, "1442", NULL,
     "Largest packet in customers' networks; Geneve needs 58 bytes of the hosts' own."},
    {"network_dns", AK_SETTING_STR, "addresses", 0, 255, "9.9.9.9", NULL,
     "Name servers told to guests of subnets that name none, separated by commas."},
    {"network_dns_domain", AK_SETTING_STR, "domain", 1, 200, "akashi.internal", NULL,
     "Domain under which guests of a network find each other."},
    {"network_dhcp_lease", AK_SETTING_INT, "s", 60, 31536000, "86400", NULL,
     "How long an address given by DHCP is good for."},
    {"network_forbidden", AK_SETTING_STR, "prefixes", 0, 4096,
     "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,"
     "192.168.0.0/16,198.18.0.0/15,224.0.0.0/4,240.0.0.0/4,::/8,fc00::/7,fe80::/10,ff00::/8",
     NULL,
     "Destinations that guests may never reach through a router's gateway, separated by commas."},
    {"network_external_name", AK_SETTING_STR, NULL, 1, 64, "world", NULL,
     "Name of the provider network that 'akashi init' makes."},
    {"network_external_physical", AK_SETTING_STR, NULL, 1, 64, "external", NULL,
     "Physical network of the provider network (ovn-bridge-mappings of the hosts)."},
    {"network_external_vlan", AK_SETTING_INT, NULL, 0, 4094, "0", NULL,
     "VLAN id of the provider network; 0 is untagged."},
    {"network_external_cidr", AK_SETTING_STR, "prefix", 1, 64, "100.64.0.0/16", NULL,
     "Addresses of the provider network."},
    {"network_external_gateway", AK_SETTING_STR, "address", 1, 64, "100.64.0.1", NULL,
     "Next hop of customers' routers on the provider network."},
    {"network_external_pool", AK_SETTING_STR, "range", 0, 128, "", NULL,
     "Addresses routers may take, first-last; empty is all of the prefix but the gateway."},
    {"quota_networks", AK_SETTING_INT, NULL, -1, 1000000, "100", NULL,
     "Networks a project may have; -1 is no limit."},
    {"quota_subnets", AK_SETTING_INT, NULL, -1, 1000000, "100", NULL,
     "Subnets a project may have; -1 is no limit."},
    {"quota_ports", AK_SETTING_INT, NULL, -1, 1000000, "500", NULL,
     "Ports a project may have; -1 is no limit."},
    {"quota_routers", AK_SETTING_INT, NULL, -1, 1000000, "10", NULL,
     "Routers a project may have; -1 is no limit."},
    {"quota_security_groups", AK_SETTING_INT, NULL, -1, 1000000, "10", NULL,
     "Security groups a project may have; -1 is no limit."},
    {"quota_security_group_rules", AK_SETTING_INT, NULL, -1, 1000000, "100", NULL,
     "Security group rules a project may have; -1 is no limit."},
};
const size_t network_settings_n = AK_N(network_settings);

static int parse(const struct network_call *call, const struct ak_fields *fields, json_t *body,
                 void *ret_obj, struct ak_error *err)
{
    struct ak_fields_mode mode = {.accept = AK_CREATE, .admin = true};
    return ak_fields_parse(fields, body, &mode, call->arena, ret_obj, err);
}

static int make_network(const struct network_call *call, struct network_network *ret_network,
                        struct ak_error *err)
{
    const struct ak_config *config = call->config;
    int64_t vlan = ak_config_int(config, "network_external_vlan");
    AK_AUTO_JSON body = json_pack(
        "{s:s, s:s, s:b, s:s, s:s, s:b}", "name", ak_config_str(config, "network_external_name"),
        "description", "The way out of customers' routers", "router:external", 1,
        "provider:physical_network", ak_config_str(config, "network_external_physical"),
        "provider:network_type", vlan > 0 ? "vlan" : "flat", "is_default", 1);
    if (vlan > 0) {
        (void)json_object_set_new(body, "provider:segmentation_id", json_integer(vlan));
    }
    int rc = parse(call, &network_network_fields, body, ret_network, err);
    return rc < 0 ? rc : network_network_create(call, ret_network, err);
}

static int make_subnet(const struct network_call *call, const struct network_network *network,
                       struct ak_error *err)
{
    const struct ak_config *config = call->config;
    const char *cidr = ak_config_str(config, "network_external_cidr");
    const char *pool = ak_config_str(config, "network_external_pool");
    struct network_subnet subnet;
    AK_AUTO_JSON body = json_pack(
        "{s:s, s:s, s:i, s:s, s:s, s:b}", "network_id", network->id, "name", network->name,
        "ip_version", strchr(cidr, ':') ? 6 : 4, "cidr", cidr, "gateway_ip",
        ak_config_str(config, "network_external_gateway"), "enable_dhcp", 0);
    if (pool[0]) {
        const char *dash = strchr(pool, '-');
        AK_AUTO_STR start = ak_xstrndup(pool, dash ? (size_t)(dash - pool) : strlen(pool));
        (void)json_object_set_new(
            body, "allocation_pools",
            json_pack("[{s:s, s:s}]", "start", start, "end", dash ? dash + 1 : start));
    }
    int rc = parse(call, &network_subnet_fields, body, &subnet, err);
    return rc < 0 ? rc : network_subnet_create(call, &subnet, err);
}

static int make_world(const struct network_call *call, struct ak_error *err)
{
    struct network_network network = {0};
    int rc = network_external_default(call->tx, call->arena, &network, err);
    if (rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    rc = make_network(call, &network, err);
    rc = rc < 0 ? rc : make_subnet(call, &network, err);
    if (rc == 0) {
        struct ak_audit_event event = {.action = "network.network.create",
                                       .outcome = "success",
                                       .actor_id = "system",
                                       .project_id = call->project_id,
                                       .object_type = "network",
                                       .object_id = network.id,
                                       .listener = "worker"};
        rc = ak_audit_add(call->tx, &event, NULL, err);
    }
    return rc;
}

int network_bootstrap(struct ak_store *store, const struct ak_config *config, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    char project[AK_UUID_TEXT];
    int rc = identity_project_ensure(store, "default", "admin", project, err);
    rc = rc < 0 ? rc : ak_tx_write(store, &tx, err);
    struct network_call call = {.tx = tx,
                                .arena = arena,
                                .project_id = project,
                                .admin = true,
                                .actor_id = "system",
                                .config = config};
    rc = rc < 0 ? rc : make_world(&call, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}
