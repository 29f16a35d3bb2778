/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of subnets: prefix and overlap, gateway, allocation pools, name servers and host routes,
 * the two IPv6 modes. */
#include "network/network_internal.h"

#define DNS_MAX    5
#define ROUTES_MAX 20
#define POOLS_MAX  64

static bool given(const struct network_subnet *subnet, const char *member)
{
    return ak_field_given(&network_subnet_fields, subnet, member);
}

static int check_cidr(const struct network_call *call, struct network_subnet *subnet,
                      struct ak_cidr *ret_cidr, struct ak_error *err)
{
    char text[AK_CIDR_TEXT];
    struct ak_cidr cidr;
    if (subnet->ip_version != 4 && subnet->ip_version != 6) {
        return ak_fail(err, AK_FIELD_VALUE, "ip_version", "it must be 4 or 6");
    }
    if (strchr(subnet->cidr, '/') == NULL || !ak_cidr_parse(subnet->cidr, &cidr)) {
        return ak_fail(err, AK_FIELD_VALUE, "cidr", "it is not a prefix such as 10.0.0.0/24");
    }
    if (cidr.ip.version != subnet->ip_version) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "cidr and ip_version do not agree");
    }
    struct ak_cidr network = ak_cidr_network(&cidr);
    if (ak_ip_compare(&network.ip, &cidr.ip) != 0) {
        return ak_fail(err, AK_FIELD_VALUE, "cidr", "it has bits beyond its prefix length set");
    }
    const uint8_t head = cidr.ip.bytes[0];
    bool special = cidr.ip.version == 4
                       ? head == 0 || head == 127 || head >= 224
                       : head == 0xff || (head == 0xfe && cidr.ip.bytes[1] >= 0x80);
    if (cidr.prefix == 0 || special) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "this prefix is loopback, link-local, multicast or everything");
    }
    subnet->cidr = ak_arena_strdup(call->arena, ak_cidr_text(text, &network));
    *ret_cidr = network;
    return 0;
}

static int check_overlap(const struct network_call *call, const struct network_subnet *subnet,
                         const struct ak_cidr *cidr, struct ak_error *err)
{
    struct ak_list others = {0};
    struct ak_cidr other;
    int rc = network_subnets_of(call->tx, call->arena, subnet->network_id, &others, err);
    for (size_t i = 0; i < others.n && rc == 0; i++) {
        const struct network_subnet *s = (const struct network_subnet *)others.items + i;
        if (ak_cidr_parse(s->cidr, &other) && ak_cidr_overlap(cidr, &other)) {
            AK_AUTO_STR text = ak_xasprintf("Requested subnet with cidr: %s for network: %s "
                                            "overlaps with another subnet",
                                            subnet->cidr, subnet->network_id);
            return ak_fail(err, AK_NETWORK_INVALID_INPUT, text);
        }
    }
    return rc;
}

/* 'gateway_ip' as given, the first address by default. */
static int check_gateway(const struct network_call *call, struct network_subnet *subnet,
                         const struct ak_cidr *cidr, bool named, struct ak_error *err)
{
    char text[AK_IP_TEXT];
    struct ak_ip ip, first = ak_cidr_first(cidr), last = ak_cidr_last(cidr);
    bool tiny = cidr->prefix >= (cidr->ip.version == 4 ? 31 : 127);
    if (!named) {
        ip = tiny ? first : ak_ip_add(&first, 1);
        subnet->gateway_ip = ak_arena_strdup(call->arena, ak_ip_text(text, &ip));
        return 0;
    }
    if (subnet->gateway_ip == NULL || subnet->gateway_ip[0] == '\0') {
        subnet->gateway_ip = NULL;
        return 0;
    }
    if (!ak_ip_parse(subnet->gateway_ip, &ip) || ip.version != cidr->ip.version) {
        return ak_fail(err, AK_FIELD_VALUE, "gateway_ip", "it is not an address of this version");
    }
    if (!tiny &&
        (ak_ip_compare(&ip, &first) == 0 || (ip.version == 4 && ak_ip_compare(&ip, &last) == 0))) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "Gateway is not valid on subnet");
    }
    subnet->gateway_ip = ak_arena_strdup(call->arena, ak_ip_text(text, &ip));
    return 0;
}

static void add_pool(struct ak_json *w, const struct ak_ip *start, const struct ak_ip *end)
{
    char text[AK_IP_TEXT];
    if (ak_ip_compare(start, end) <= 0) {
        ak_json_object(w);
        ak_json_kstr(w, "start", ak_ip_text(text, start));
        ak_json_kstr(w, "end", ak_ip_text(text, end));
        ak_json_object_end(w);
    }
}

/* Everything but the network, broadcast and gateway addresses. */
static const char *default_pools(const struct network_call *call,
                                 const struct network_subnet *subnet, const struct ak_cidr *cidr)
{
    AK_AUTO_BUF buf;
    struct ak_ip first = ak_cidr_first(cidr), last = ak_cidr_last(cidr), gateway;
    if (cidr->prefix < (cidr->ip.version == 4 ? 31 : 127)) {
        first = ak_ip_add(&first, 1);
        last = cidr->ip.version == 4 ? ak_ip_add(&last, -1) : last;
    }
    ak_buf_init(&buf, 1024);
    struct ak_json w = ak_json_on(&buf);
    ak_json_array(&w);
    if (ak_ip_parse(subnet->gateway_ip ? subnet->gateway_ip : "", &gateway) &&
        ak_cidr_contains(cidr, &gateway)) {
        struct ak_ip before = ak_ip_add(&gateway, -1), after = ak_ip_add(&gateway, 1);
        if (ak_ip_compare(&gateway, &first) > 0) {
            add_pool(&w, &first, &before);
        }
        if (ak_ip_compare(&gateway, &last) < 0) {
            add_pool(&w, ak_ip_compare(&gateway, &first) < 0 ? &first : &after, &last);
        }
    } else {
        add_pool(&w, &first, &last);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(call->arena, buf.data);
}

struct pool {
    struct ak_ip start, end;
    const char *text;
};

static int parse_pool(const struct network_call *call, const json_t *item, const char *cidr_text,
                      const struct ak_cidr *cidr, struct pool *ret_pool, struct ak_error *err)
{
    const char *start = json_string_value(json_object_get(item, "start"));
    const char *end = json_string_value(json_object_get(item, "end"));
    ret_pool->text = ak_arena_printf(call->arena, "%s-%s", start ? start : "?", end ? end : "?");
    if (!json_is_object(item) || json_object_size(item) != 2 ||
        !ak_ip_parse(start, &ret_pool->start) || !ak_ip_parse(end, &ret_pool->end) ||
        ret_pool->start.version != cidr->ip.version || ret_pool->end.version != cidr->ip.version ||
        ak_ip_compare(&ret_pool->start, &ret_pool->end) > 0) {
        return ak_fail(err, AK_POOL_INVALID, ret_pool->text);
    }
    struct ak_ip first = ak_cidr_first(cidr), last = ak_cidr_last(cidr);
    bool tiny = cidr->prefix >= (cidr->ip.version == 4 ? 31 : 127);
    if (!ak_cidr_contains(cidr, &ret_pool->start) || !ak_cidr_contains(cidr, &ret_pool->end) ||
        (!tiny && (ak_ip_compare(&ret_pool->start, &first) == 0 ||
                   (cidr->ip.version == 4 && ak_ip_compare(&ret_pool->end, &last) == 0)))) {
        return ak_fail(err, AK_POOL_OUTSIDE, ret_pool->text, cidr_text);
    }
    return 0;
}

static int check_pools(const struct network_call *call, const struct network_subnet *subnet,
                       const struct ak_cidr *cidr, struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(subnet->allocation_pools, JSON_DECODE_ANY, NULL);
    struct pool pools[POOLS_MAX];
    struct ak_ip gateway;
    bool has_gateway = subnet->gateway_ip && ak_ip_parse(subnet->gateway_ip, &gateway);
    if (!json_is_array(list)) {
        return ak_fail(err, AK_FIELD_TYPE, "allocation_pools", "array");
    }
    if (json_array_size(list) > POOLS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "allocation_pools", "0", AK_NUM(POOLS_MAX));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        int rc = parse_pool(call, json_array_get(list, i), subnet->cidr, cidr, &pools[i], err);
        if (rc < 0) {
            return rc;
        }
        if (has_gateway && ak_ip_compare(&gateway, &pools[i].start) >= 0 &&
            ak_ip_compare(&gateway, &pools[i].end) <= 0) {
            return ak_fail(err, AK_GATEWAY_IN_POOL, subnet->gateway_ip, pools[i].text);
        }
        for (size_t k = 0; k < i; k++) {
            if (ak_ip_compare(&pools[i].start, &pools[k].end) <= 0 &&
                ak_ip_compare(&pools[k].start, &pools[i].end) <= 0) {
                return ak_fail(err, AK_POOLS_OVERLAP, pools[k].text, pools[i].text);
            }
        }
    }
    return 0;
}

static int check_dns(struct network_subnet *subnet, struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(subnet->dns_nameservers, JSON_DECODE_ANY, NULL);
    struct ak_ip ip;
    if (json_is_null(list)) {
        subnet->dns_nameservers = "[]";
        return 0;
    }
    if (!json_is_array(list) || json_array_size(list) > DNS_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "dns_nameservers", "0", AK_NUM(DNS_MAX));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text == NULL || !ak_ip_parse(text, &ip)) {
            return ak_fail(err, AK_FIELD_VALUE, "dns_nameservers", "it holds no valid address");
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(text, json_string_value(json_array_get(list, k))) == 0) {
                return ak_fail(err, AK_FIELD_VALUE, "dns_nameservers", "an address is doubled");
            }
        }
    }
    return 0;
}

static int check_routes(struct network_subnet *subnet, struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(subnet->host_routes, JSON_DECODE_ANY, NULL);
    if (json_is_null(list)) {
        subnet->host_routes = "[]";
        return 0;
    }
    if (!json_is_array(list) || json_array_size(list) > ROUTES_MAX) {
        return ak_fail(err, AK_FIELD_LENGTH, "host_routes", "0", AK_NUM(ROUTES_MAX));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *destination = json_string_value(json_object_get(item, "destination"));
        const char *nexthop = json_string_value(json_object_get(item, "nexthop"));
        struct ak_cidr cidr;
        struct ak_ip ip;
        if (json_object_size(item) != 2 || !destination || !nexthop ||
            !ak_cidr_parse(destination, &cidr) || !ak_ip_parse(nexthop, &ip) ||
            cidr.ip.version != subnet->ip_version || ip.version != subnet->ip_version) {
            return ak_fail(err, AK_FIELD_VALUE, "host_routes",
                           "each needs a destination and a nexthop of the subnet's version");
        }
    }
    return 0;
}

static int check_modes(const struct network_subnet *subnet, const struct ak_cidr *cidr,
                       struct ak_error *err)
{
    const char *ra = subnet->ipv6_ra_mode, *address = subnet->ipv6_address_mode;
    if (ra == NULL && address == NULL) {
        return 0;
    }
    if (subnet->ip_version == 4) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "ipv6_ra_mode and ipv6_address_mode cannot be set on an IPv4 subnet");
    }
    if (!subnet->enable_dhcp) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to "
                       "False");
    }
    if (ra && address && strcmp(ra, address) != 0) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                       "ipv6_ra_mode and ipv6_address_mode must be the same when both are set");
    }
    if (address && strcmp(address, "dhcpv6-stateful") != 0 && cidr->prefix != 64) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "SLAAC needs a prefix length of 64");
    }
    return 0;
}

static int check_lists(const struct network_call *call, struct network_subnet *subnet,
                       const struct ak_cidr *cidr, struct ak_error *err)
{
    int rc = check_pools(call, subnet, cidr, err);
    rc = rc < 0 ? rc : check_dns(subnet, err);
    rc = rc < 0 ? rc : check_routes(subnet, err);
    return rc < 0 ? rc : check_modes(subnet, cidr, err);
}

static int note_in_network(const struct network_call *call, struct network_network *network,
                           const char *subnet_id, bool present, struct ak_error *err)
{
    network->subnets = network_list_with(call->arena, network->subnets, subnet_id, present);
    return network_update(call->tx, NETWORK_NETWORK, network, err);
}

int network_subnet_create(const struct network_call *call, struct network_subnet *subnet,
                          struct ak_error *err)
{
    struct network_network network = {0};
    struct ak_cidr cidr;
    const char *project = NULL;
    int rc = network_project_of(call, subnet->project_id, &project, err);
    rc = rc < 0 ? rc : network_load_own(call, NETWORK_NETWORK, subnet->network_id, &network, err);
    rc = rc < 0 ? rc : check_cidr(call, subnet, &cidr, err);
    rc = rc < 0 ? rc : check_overlap(call, subnet, &cidr, err);
    rc = rc < 0 ? rc : check_gateway(call, subnet, &cidr, given(subnet, "gateway_ip"), err);
    if (rc < 0) {
        return rc;
    }
    subnet->id = network_new_id(call->arena);
    subnet->project_id =
        given(subnet, "project_id") || given(subnet, "tenant_id") ? project : network.project_id;
    subnet->enable_dhcp = !given(subnet, "enable_dhcp") || subnet->enable_dhcp;
    if (!given(subnet, "allocation_pools") || ak_streq(subnet->allocation_pools, "null") ||
        ak_streq(subnet->allocation_pools, "[]")) {
        subnet->allocation_pools = default_pools(call, subnet, &cidr);
    }
    subnet->dns_nameservers = subnet->dns_nameservers ? subnet->dns_nameservers : "[]";
    subnet->host_routes = subnet->host_routes ? subnet->host_routes : "[]";
    rc = check_lists(call, subnet, &cidr, err);
    rc = rc < 0 ? rc : network_quota_check(call, NETWORK_SUBNET, subnet->project_id, 1, err);
    rc = rc < 0 ? rc : network_insert(call->tx, NETWORK_SUBNET, subnet, err);
    rc = rc < 0 ? rc : note_in_network(call, &network, subnet->id, true, err);
    rc = rc < 0
             ? rc
             : network_job(call, NETWORK_SUBNET, subnet->id, subnet->project_id, network.id, err);
    return rc < 0 ? rc
                  : network_load(call->tx, call->arena, NETWORK_SUBNET, subnet->id, subnet, err);
}

/* The gateway address may not change while a router has it. */
static int check_gateway_free(const struct network_call *call, const struct network_subnet *subnet,
                              struct ak_error *err)
{
    int64_t routers = 0;
    int rc = network_count_routers_of_subnet(call->tx, subnet->id, &routers, err);
    return rc == 0 && routers > 0
               ? ak_fail(err, AK_GATEWAY_IP_IN_USE, subnet->gateway_ip ? subnet->gateway_ip : "-",
                         "of a router")
               : rc;
}

int network_subnet_change(const struct network_call *call, const char *id,
                          const struct network_subnet *change, struct network_subnet *ret_subnet,
                          struct ak_error *err)
{
    struct ak_cidr cidr;
    int rc = network_load_own(call, NETWORK_SUBNET, id, ret_subnet, err);
    if (rc < 0) {
        return rc;
    }
    const char *old_gateway = ret_subnet->gateway_ip;
    ak_fields_merge(&network_subnet_fields, ret_subnet, change);
    (void)ak_cidr_parse(ret_subnet->cidr, &cidr);
    if (given(change, "gateway_ip")) {
        rc = check_gateway(call, ret_subnet, &cidr, true, err);
        if (rc == 0 && old_gateway && !ak_streq(old_gateway, ret_subnet->gateway_ip)) {
            rc = check_gateway_free(call, ret_subnet, err);
        }
    }
    rc = rc < 0 ? rc : check_lists(call, ret_subnet, &cidr, err);
    rc = rc < 0 ? rc : network_update(call->tx, NETWORK_SUBNET, ret_subnet, err);
    rc = rc < 0 ? rc
                : network_job(call, NETWORK_SUBNET, ret_subnet->id, ret_subnet->project_id,
                              ret_subnet->network_id, err);
    return rc < 0 ? rc : network_load(call->tx, call->arena, NETWORK_SUBNET, id, ret_subnet, err);
}

int network_subnet_remove(const struct network_call *call, const char *id, struct ak_error *err)
{
    struct network_subnet subnet = {0};
    struct network_network network = {0};
    int64_t used = 0;
    int rc = network_load_own(call, NETWORK_SUBNET, id, &subnet, err);
    rc = rc < 0 ? rc : network_count_addresses_of_subnet(call->tx, subnet.id, &used, err);
    if (rc == 0 && used > 0) {
        return ak_fail(err, AK_SUBNET_IN_USE, subnet.id);
    }
    rc = rc < 0 ? rc
                : network_load(call->tx, call->arena, NETWORK_NETWORK, subnet.network_id, &network,
                               err);
    rc = rc < 0 ? rc : network_delete(call->tx, NETWORK_SUBNET, subnet.id, err);
    rc = rc < 0 ? rc : note_in_network(call, &network, subnet.id, false, err);
    return rc < 0
               ? rc
               : network_job(call, NETWORK_SUBNET, subnet.id, subnet.project_id, network.id, err);
}
