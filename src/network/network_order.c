/* SPDX-License-Identifier: Apache-2.0 */
/* What other domains have done to firewalls on behalf of a project (network.h): rules in and out of
 * its security groups, with the checks of network_group_service.c. */
#include "network/network.h"

#include "network/network_internal.h"

static struct network_call call_of(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct network_caller *who)
{
    return (struct network_call){.tx = tx,
                                 .arena = arena,
                                 .project_id = who->project_id,
                                 .request_id = who->request_id,
                                 .actor_id = who->user_id,
                                 .config = who->config};
}

static const char *port_of(struct ak_arena *arena, int64_t port)
{
    return port > 0 ? ak_arena_printf(arena, "%" PRId64, port) : NULL;
}

/* The rule that the order describes, unchecked, in its group ("default" is the project's). */
static int rule_of(const struct network_call *call, const struct network_rule_order *order,
                   struct network_rule *ret_rule, struct ak_error *err)
{
    struct network_group group = {.id = order->group_id};
    struct ak_cidr cidr;
    int rc = 0;
    if (!ak_cidr_parse(order->remote_cidr, &cidr)) {
        return ak_fail(err, AK_FIELD_VALUE, "remote_ip_prefix", "it is not a prefix");
    }
    if (ak_streq(order->group_id, "default")) {
        rc = network_default_group(call, call->project_id, &group, err);
    }
    if (rc == 0) {
        char text[AK_CIDR_TEXT];
        cidr = ak_cidr_network(&cidr);
        *ret_rule = (struct network_rule){
            .security_group_id = group.id,
            .description = order->description,
            .direction = order->direction,
            .ethertype = cidr.ip.version == 4 ? "IPv4" : "IPv6",
            .protocol = order->protocol,
            .remote_ip_prefix = ak_arena_strdup(call->arena, ak_cidr_text(text, &cidr)),
            .port_range_min = port_of(call->arena, order->port_min),
            .port_range_max = port_of(call->arena, order->port_max)};
        if (cidr.ip.version == 6 && ak_streq(order->protocol, "icmp")) {
            ret_rule->protocol = "ipv6-icmp";
        }
    }
    return rc;
}

int network_rule_order(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                       const struct network_rule_order *order, const char **ret_id,
                       struct ak_error *err)
{
    struct network_call call = call_of(tx, arena, who);
    struct network_rule rule = {0};
    int rc = rule_of(&call, order, &rule, err);
    rc = rc < 0 ? rc : network_rule_create(&call, &rule, err);
    if (rc == 0) {
        *ret_id = rule.id;
    }
    return rc;
}

static bool same(const struct network_rule *a, const struct network_rule *b)
{
    return ak_streq(a->direction, b->direction) && ak_streq(a->ethertype, b->ethertype) &&
           ak_streq(a->protocol, b->protocol) &&
           ak_streq(a->remote_ip_prefix, b->remote_ip_prefix) && !a->remote_group_id &&
           ak_streq(a->port_range_min, b->port_range_min) &&
           ak_streq(a->port_range_max, b->port_range_max);
}

int network_rule_drop(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                      const struct network_rule_order *order, const char **ret_id,
                      struct ak_error *err)
{
    struct network_call call = call_of(tx, arena, who);
    struct network_rule wanted = {0};
    struct network_group group = {0};
    struct ak_list list = {0};
    int rc = rule_of(&call, order, &wanted, err);
    rc =
        rc < 0 ? rc : network_load_own(&call, NETWORK_GROUP, wanted.security_group_id, &group, err);
    rc = rc < 0 ? rc : network_rules_of(tx, arena, group.id, &list, err);
    const struct network_rule *rules = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (same(&rules[i], &wanted)) {
            *ret_id = rules[i].id;
            return network_rule_remove(&call, rules[i].id, err);
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_OBJECT_NOT_FOUND, "Rule", order->remote_cidr);
}

int network_network_name(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                         const char *id, const char **ret_name, struct ak_error *err)
{
    struct network_call call = {.tx = tx, .arena = arena, .project_id = project_id};
    struct network_network network = {0};
    int rc = network_load_for(&call, NETWORK_NETWORK, id, &network, err);
    if (rc == 0) {
        *ret_name = network.name;
    }
    return rc;
}
