/* SPDX-License-Identifier: Apache-2.0 */
/* 'akashi init': the provider network "world", by which customers' routers reach the outside, as
 * the settings describe it. */
#include "identity/identity.h"
#include "network/network_internal.h"

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
