/* SPDX-License-Identifier: Apache-2.0 */
/* A contract's customer as a whole: its first network, everything it has (for its inventory), and
 * its removal kind by kind. Rules of single objects are the services'. */
#include "network/network_internal.h"

enum { ALL = 10000 };

static struct network_call call_for(struct ak_tx *tx, struct ak_arena *arena,
                                    const char *project_id, const char *request_id)
{
    return (struct network_call){.tx = tx,
                                 .arena = arena,
                                 .project_id = project_id,
                                 .request_id = request_id,
                                 .actor_id = "system"};
}

static int parse(const struct network_call *call, const struct ak_fields *fields, json_t *body,
                 void *ret_obj, struct ak_error *err)
{
    struct ak_fields_mode mode = {.accept = AK_CREATE};

    return ak_fields_parse(fields, body, &mode, call->arena, ret_obj, err);
}

/* The router, with a way out where the provider has an external network. */
static int make_router(const struct network_call *call, const char *subnet_id, struct ak_error *err)
{
    struct network_network world = {0};
    struct network_router router = {0};
    struct network_port port = {0};
    AK_AUTO_JSON body = json_pack("{s:s}", "name", "default");
    const struct network_leg_request request = {.subnet_id = subnet_id};
    int rc = network_external_default(call->tx, call->arena, &world, err);

    if (rc == 0) {
        (void)json_object_set_new(body, "external_gateway_info",
                                  json_pack("{s:s}", "network_id", world.id));
    } else if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    rc = rc < 0 ? rc : parse(call, &network_router_fields, body, &router, err);
    rc = rc < 0 ? rc : network_router_create(call, &router, err);
    return rc < 0 ? rc : network_router_leg_add(call, router.id, &request, &router, &port, err);
}

int network_tenant_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const char *project_id, const char *cidr, const char *request_id,
                          struct ak_error *err)
{
    struct network_call call = call_for(tx, arena, project_id, request_id);
    struct network_network network = {0};
    struct network_subnet subnet = {0};
    struct network_group group = {0};
    AK_AUTO_JSON body = json_pack("{s:s}", "name", "default");
    AK_AUTO_JSON subnet_body = NULL;
    int rc = parse(&call, &network_network_fields, body, &network, err);

    call.config = config;
    rc = rc < 0 ? rc : network_network_create(&call, &network, err);
    if (rc < 0) {
        return rc;
    }
    subnet_body = json_pack("{s:s, s:s, s:i, s:s}", "network_id", network.id, "name", "default",
                            "ip_version", 4, "cidr", cidr);
    rc = parse(&call, &network_subnet_fields, subnet_body, &subnet, err);
    rc = rc < 0 ? rc : network_subnet_create(&call, &subnet, err);
    rc = rc < 0 ? rc : make_router(&call, subnet.id, err);
    return rc < 0 ? rc : network_default_group(&call, project_id, &group, err);
}

static int list_own(const struct network_call *call, enum network_kind kind,
                    struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query query = {.limit = ALL};
    struct ak_value project = ak_v_text(call->project_id);
    int rc = ak_query_filter(&query, call->arena, "project_id", AK_EQ, &project, 1, err);

    return rc < 0 ? rc : network_list(call, kind, &query, NULL, NULL, ret_list, err);
}

int network_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_json *w, struct ak_error *err)
{
    const struct network_call call = call_for(tx, arena, project_id, NULL);
    const struct ak_fields_mode mode = {0};
    int rc = 0;

    for (int k = 0; k < NETWORK_KINDS && rc == 0; k++) {
        const struct network_resource *resource = &network_resources[k];
        struct ak_list list = {0};

        rc = list_own(&call, (enum network_kind)k, &list, err);
        ak_json_key(w, resource->plural);
        ak_json_array(w);
        for (size_t i = 0; i < list.n && rc == 0; i++) {
            ak_fields_render_object(resource->fields, (const char *)list.items + i * resource->size,
                                    &mode, w);
        }
        ak_json_array_end(w);
    }
    return rc;
}

static int remove_ports(const struct network_call *call, struct ak_error *err)
{
    struct ak_list ports = {0};
    int rc = list_own(call, NETWORK_PORT, &ports, err);

    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        rc = network_port_drop(call, (const struct network_port *)ports.items + i, err);
    }
    return rc;
}

static int remove_routers(const struct network_call *call, struct ak_error *err)
{
    struct ak_list routers = {0};
    int rc = list_own(call, NETWORK_ROUTER, &routers, err);

    for (size_t i = 0; i < routers.n && rc == 0; i++) {
        rc = network_router_remove(call, ((const struct network_router *)routers.items)[i].id, err);
    }
    return rc;
}

static int remove_networks(const struct network_call *call, struct ak_error *err)
{
    struct ak_list networks = {0};
    int rc = list_own(call, NETWORK_NETWORK, &networks, err);

    for (size_t i = 0; i < networks.n && rc == 0; i++) {
        rc = network_network_remove(call, ((const struct network_network *)networks.items)[i].id,
                                    err);
    }
    return rc;
}

/* Rules first: they may name other groups. The default group goes with the rest. */
static int remove_groups(const struct network_call *call, struct ak_error *err)
{
    struct ak_list rules = {0}, groups = {0};
    int rc = list_own(call, NETWORK_RULE, &rules, err);

    for (size_t i = 0; i < rules.n && rc == 0; i++) {
        rc = network_delete(call->tx, NETWORK_RULE,
                            ((const struct network_rule *)rules.items)[i].id, err);
    }
    rc = rc < 0 ? rc : list_own(call, NETWORK_GROUP, &groups, err);
    for (size_t i = 0; i < groups.n && rc == 0; i++) {
        const struct network_group *group = (const struct network_group *)groups.items + i;

        rc = network_delete(call->tx, NETWORK_GROUP, group->id, err);
        rc = rc < 0 ? rc : network_job(call, NETWORK_GROUP, group->id, call->project_id, NULL, err);
    }
    return rc;
}

int network_tenant_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          enum network_tenant_stage stage, const char *request_id,
                          struct ak_error *err)
{
    static int (*const removers[])(const struct network_call *, struct ak_error *) = {
        [NETWORK_TENANT_PORTS] = remove_ports,
        [NETWORK_TENANT_ROUTERS] = remove_routers,
        [NETWORK_TENANT_NETWORKS] = remove_networks,
        [NETWORK_TENANT_GROUPS] = remove_groups,
    };
    const struct network_call call = call_for(tx, arena, project_id, request_id);

    return removers[stage](&call, err);
}
