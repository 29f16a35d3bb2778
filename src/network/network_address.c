/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of ports. An address is taken inside the write transaction of the change; writers run
 * one after another, and a unique key on (network, address) stands behind that. The search for a
 * free one goes on where the last one ended, so that an address just given up is not handed out
 * again at once. */
#include "network/network_internal.h"

#include "network/network_sql.h"

#define FIXED_IPS_MAX 16
#define MAC_TRIES     16

struct range { /* an allocation pool, as offsets from the subnet's first address */
    int64_t first, last;
};

/* One address to be written. */
struct pick {
    const struct network_subnet *subnet;
    struct ak_ip ip;
};

struct picking {
    const struct network_call *call;
    const struct network_network *network;
    const struct network_port *port;
    struct ak_list subnets;
    struct pick picks[FIXED_IPS_MAX];
    size_t n;
};

static const struct network_subnet *subnet_at(const struct picking *p, size_t i)
{
    return (const struct network_subnet *)p->subnets.items + i;
}

static bool is_slaac(const struct network_subnet *subnet)
{
    return ak_streq(subnet->ipv6_address_mode, "slaac") ||
           ak_streq(subnet->ipv6_address_mode, "dhcpv6-stateless");
}

/* The address that a guest makes of its MAC (RFC 4291, appendix A). */
static struct ak_ip eui64(const struct ak_cidr *cidr, const char *mac)
{
    struct ak_ip ip = ak_cidr_first(cidr);
    unsigned b[6] = {0};
    (void)sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]);
    const uint8_t tail[8] = {(uint8_t)(b[0] ^ 2), (uint8_t)b[1], (uint8_t)b[2], 0xff, 0xfe,
                             (uint8_t)b[3],       (uint8_t)b[4], (uint8_t)b[5]};
    memcpy(ip.bytes + 8, tail, sizeof(tail));
    return ip;
}

static int64_t offset_of(const struct ak_cidr *cidr, const struct ak_ip *ip)
{
    struct ak_ip first = ak_cidr_first(cidr);
    return ak_ip_count(&first, ip) - 1;
}

/* The offset as the row of an address holds it, unique in the subnet. Those that guests make of
 * their MAC lie beyond what 63 bits can count: their last 63 bits stand for them. */
static int64_t row_offset(const struct ak_cidr *cidr, const struct ak_ip *ip)
{
    int64_t offset = offset_of(cidr, ip);
    uint64_t tail = 0;
    if (offset < INT64_MAX - 1) {
        return offset;
    }
    for (size_t i = 8; i < 16; i++) {
        tail = tail << 8 | ip->bytes[i];
    }
    return (int64_t)(tail & INT64_MAX);
}

static int first_free(struct ak_tx *tx, const struct network_subnet *subnet, int64_t first,
                      int64_t last, int64_t *ret_offset, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = 0;
    *ret_offset = -1;
    if (first > last) {
        return 0;
    }
    rc = ak_sql_query(tx, &sql_address_free,
                      AK_ARGS(ak_v_text(subnet->id), ak_v_int(first), ak_v_int(last)), &rows, err);
    rc = rc < 0 ? rc : ak_rows_next(rows, err);
    if (rc == 1 && !ak_rows_is_null(rows, 0)) {
        *ret_offset = ak_rows_int(rows, 0);
    }
    return rc < 0 ? rc : 0;
}

/* Looks through the pools, first from 'from' on, then from their beginnings. */
static int search(struct ak_tx *tx, const struct network_subnet *subnet, const json_t *pools,
                  const struct ak_cidr *cidr, int64_t from, int64_t *ret_offset,
                  struct ak_error *err)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < json_array_size(pools); i++) {
            const json_t *pool = json_array_get(pools, i);
            struct ak_ip start, end;
            if (!ak_ip_parse(json_string_value(json_object_get(pool, "start")), &start) ||
                !ak_ip_parse(json_string_value(json_object_get(pool, "end")), &end)) {
                continue;
            }
            struct range range = {offset_of(cidr, &start), offset_of(cidr, &end)};
            if (round == 0 && range.first < from) {
                range.first = from;
            }
            int rc = first_free(tx, subnet, range.first, range.last, ret_offset, err);
            if (rc < 0 || *ret_offset >= 0) {
                return rc;
            }
        }
    }
    return 0;
}

static int is_taken(const struct picking *p, const char *ip, bool *ret_taken, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(p->call->tx, &sql_address_taken,
                        AK_ARGS(ak_v_text(p->network->id), ak_v_text(ip)), &n, err);
    *ret_taken = n > 0;
    return rc;
}

static int add_pick(struct picking *p, const struct network_subnet *subnet, const struct ak_ip *ip,
                    struct ak_error *err)
{
    char text[AK_IP_TEXT];
    bool taken = false;
    int rc = is_taken(p, ak_ip_text(text, ip), &taken, err);
    for (size_t i = 0; i < p->n; i++) {
        taken = taken || ak_ip_compare(&p->picks[i].ip, ip) == 0;
    }
    if (rc == 0 && taken) {
        return ak_fail(err, AK_IP_IN_USE, text, subnet->id);
    }
    if (rc == 0 && p->n == FIXED_IPS_MAX) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "too many fixed_ips");
    }
    if (rc == 0) {
        p->picks[p->n++] = (struct pick){subnet, *ip};
    }
    return rc;
}

/* Takes any address of the subnet. '*ret_full' instead of an error when there is none. */
static int pick_any(struct picking *p, const struct network_subnet *subnet, bool *ret_full,
                    struct ak_error *err)
{
    AK_AUTO_JSON pools = json_loads(subnet->allocation_pools, 0, NULL);
    struct ak_cidr cidr;
    int64_t offset = -1;
    *ret_full = false;
    if (!ak_cidr_parse(subnet->cidr, &cidr)) {
        return ak_fail_detail(err, AK_INTERNAL, "subnet %s has no cidr", subnet->id);
    }
    if (is_slaac(subnet)) {
        struct ak_ip ip = eui64(&cidr, p->port->mac_address);
        return add_pick(p, subnet, &ip, err);
    }
    int64_t from = subnet->next_offset;
    for (size_t i = 0; i < p->n; i++) { /* picked for this port, not written yet */
        if (p->picks[i].subnet == subnet) {
            from = offset_of(&cidr, &p->picks[i].ip) + 1;
        }
    }
    int rc = search(p->call->tx, subnet, pools, &cidr, from, &offset, err);
    if (rc < 0) {
        return rc;
    }
    if (offset < 0) {
        *ret_full = true;
        return 0;
    }
    struct ak_ip first = ak_cidr_first(&cidr), ip = ak_ip_add(&first, offset);
    rc = ak_sql_exec(p->call->tx, &sql_address_move_on,
                     AK_ARGS(ak_v_text(subnet->id), ak_v_int(offset + 1)), NULL, err);
    return rc < 0 ? rc : add_pick(p, subnet, &ip, err);
}

/* One address of each version that the network has, and of each SLAAC subnet. */
static int pick_default(struct picking *p, struct ak_error *err)
{
    for (int version = 4; version <= 6; version += 2) {
        bool full = false, found = false;
        size_t tried = 0;
        for (size_t i = 0; i < p->subnets.n; i++) {
            const struct network_subnet *subnet = subnet_at(p, i);
            bool slaac = is_slaac(subnet);
            if (subnet->ip_version != version || (found && !slaac)) {
                continue;
            }
            int rc = pick_any(p, subnet, &full, err);
            if (rc < 0) {
                return rc;
            }
            tried += !slaac;
            found = found || (!slaac && !full);
        }
        if (tried > 0 && !found) {
            return ak_fail(err, AK_NO_MORE_ADDRESSES, p->network->id);
        }
    }
    return 0;
}

static const struct network_subnet *find_subnet(const struct picking *p, const char *id)
{
    for (size_t i = 0; i < p->subnets.n; i++) {
        if (ak_streq(subnet_at(p, i)->id, id)) {
            return subnet_at(p, i);
        }
    }
    return NULL;
}

/* Whether guests may have the address: inside, and neither the network nor the broadcast address.
 */
static bool usable(const struct network_subnet *subnet, const struct ak_ip *ip)
{
    struct ak_cidr cidr;
    if (!ak_cidr_parse(subnet->cidr, &cidr) || !ak_cidr_contains(&cidr, ip)) {
        return false;
    }
    struct ak_ip first = ak_cidr_first(&cidr), last = ak_cidr_last(&cidr);
    bool tiny = cidr.prefix >= (ip->version == 4 ? 31 : 127);
    return tiny ||
           (ak_ip_compare(ip, &first) != 0 && (ip->version == 6 || ak_ip_compare(ip, &last) != 0));
}

static int pick_named(struct picking *p, const char *subnet_id, const char *text,
                      struct ak_error *err)
{
    struct ak_ip ip;
    if (!ak_ip_parse(text, &ip)) {
        return ak_fail(err, AK_NETWORK_INVALID_INPUT, "a fixed ip_address is not an address");
    }
    for (size_t i = 0; i < p->subnets.n; i++) {
        const struct network_subnet *subnet = subnet_at(p, i);
        if ((subnet_id == NULL || ak_streq(subnet->id, subnet_id)) && usable(subnet, &ip)) {
            return add_pick(p, subnet, &ip, err);
        }
    }
    return ak_fail(err, subnet_id ? AK_INVALID_IP_SUBNET : AK_INVALID_IP, text);
}

static int pick_wanted(struct picking *p, const json_t *wanted, struct ak_error *err)
{
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const json_t *item = json_array_get(wanted, i);
        const char *subnet_id = json_string_value(json_object_get(item, "subnet_id"));
        const char *ip = json_string_value(json_object_get(item, "ip_address"));
        bool full = false;
        int rc = 0;
        if (!json_is_object(item) || (!subnet_id && !ip)) {
            return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                           "each of fixed_ips needs a subnet_id or an ip_address");
        }
        const struct network_subnet *subnet = subnet_id ? find_subnet(p, subnet_id) : NULL;
        if (subnet_id && !subnet) {
            return ak_fail(err, AK_NETWORK_INVALID_INPUT,
                           "a subnet of fixed_ips is not on the port's network");
        }
        rc = ip ? pick_named(p, subnet_id, ip, err) : pick_any(p, subnet, &full, err);
        if (rc == 0 && full) {
            rc = ak_fail(err, AK_NO_MORE_ADDRESSES, p->network->id);
        }
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

/* The picks as JSON, for the port's column. */
static const char *picks_json(const struct picking *p)
{
    AK_AUTO_BUF buf;
    char text[AK_IP_TEXT];
    ak_buf_init(&buf, 8192);
    struct ak_json w = ak_json_on(&buf);
    ak_json_array(&w);
    for (size_t i = 0; i < p->n; i++) {
        ak_json_object(&w);
        ak_json_kstr(&w, "subnet_id", p->picks[i].subnet->id);
        ak_json_kstr(&w, "ip_address", ak_ip_text(text, &p->picks[i].ip));
        ak_json_object_end(&w);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(p->call->arena, buf.data);
}

int network_addresses_take(const struct network_call *call, const struct network_network *network,
                           struct network_port *port, const char *wanted, struct ak_error *err)
{
    AK_AUTO_JSON list = wanted ? json_loads(wanted, JSON_DECODE_ANY, NULL) : NULL;
    struct picking p = {.call = call, .network = network, .port = port};
    int rc = network_subnets_of(call->tx, call->arena, network->id, &p.subnets, err);
    if (rc < 0) {
        return rc;
    }
    if (wanted && !json_is_array(list)) {
        return ak_fail(err, AK_FIELD_TYPE, "fixed_ips", "array");
    }
    rc = wanted ? pick_wanted(&p, list, err) : pick_default(&p, err);
    if (rc == 0) {
        port->fixed_ips = picks_json(&p);
    }
    return rc;
}

int network_addresses_write(struct ak_tx *tx, const struct network_port *port, struct ak_error *err)
{
    AK_AUTO_JSON list = json_loads(port->fixed_ips, 0, NULL);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++) {
        const json_t *item = json_array_get(list, i);
        const char *subnet_id = json_string_value(json_object_get(item, "subnet_id"));
        const char *text = json_string_value(json_object_get(item, "ip_address"));
        struct network_subnet subnet = {0};
        struct ak_cidr cidr;
        struct ak_ip ip;
        rc = network_load(tx, arena, NETWORK_SUBNET, subnet_id, &subnet, err);
        if (rc == 0 && (!ak_cidr_parse(subnet.cidr, &cidr) || !ak_ip_parse(text, &ip))) {
            rc = ak_fail_detail(err, AK_INTERNAL, "address %s of port %s", text, port->id);
        }
        if (rc == 0) {
            rc = ak_sql_exec(tx, &sql_address_insert,
                             AK_ARGS(ak_v_text(port->network_id), ak_v_text(text),
                                     ak_v_text(port->id), ak_v_text(subnet_id),
                                     ak_v_text(port->project_id), ak_v_int(ip.version),
                                     ak_v_int(row_offset(&cidr, &ip)), ak_v_int((int64_t)i)),
                             NULL, err);
        }
        if (rc == -AK_STORE_DUPLICATE) {
            rc = ak_fail(err, AK_IP_IN_USE, text, subnet_id);
        }
    }
    return rc;
}

int network_addresses_release(struct ak_tx *tx, const char *port_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_address_delete_by_port, AK_ARGS(ak_v_text(port_id)), NULL, err);
}

static int mac_taken(const struct network_call *call, const struct network_port *port,
                     bool *ret_taken, struct ak_error *err)
{
    int64_t n = 0;
    int rc =
        ak_sql_int(call->tx, &sql_mac_taken,
                   AK_ARGS(ak_v_text(port->network_id), ak_v_text(port->mac_address)), &n, err);
    *ret_taken = n > 0;
    return rc;
}

/* Whether 'mac', in canonical form, may be this port's. */
static int check_mac(const struct network_port *port, const char *mac, struct ak_error *err)
{
    if (strcmp(mac, "00:00:00:00:00:00") == 0 || (mac[1] != '0' && strchr("13579bdf", mac[1]))) {
        return ak_fail(err, AK_FIELD_VALUE, "mac_address", "it is not a unicast MAC address");
    }
    return ak_starts_with(mac, NETWORK_MAC_ROUTER) == network_port_is_router(port)
               ? 0
               : ak_fail(err, AK_MAC_OF_ROUTERS, mac);
}

int network_mac_take(const struct network_call *call, struct network_port *port,
                     struct ak_error *err)
{
    char mac[18];
    bool taken = false;
    int rc = 0;
    if (port->mac_address) {
        if (!ak_mac_canonical(port->mac_address, mac)) {
            return ak_fail(err, AK_FIELD_VALUE, "mac_address", "it is not a MAC address");
        }
        port->mac_address = ak_arena_strdup(call->arena, mac);
        rc = check_mac(port, mac, err);
        rc = rc < 0 ? rc : mac_taken(call, port, &taken, err);
        return rc == 0 && taken ? ak_fail(err, AK_MAC_IN_USE, port->network_id, mac) : rc;
    }
    for (int i = 0; i < MAC_TRIES; i++) {
        unsigned char r[3];
        ak_random(r, sizeof(r));
        port->mac_address = ak_arena_printf(
            call->arena, "%s%02x:%02x:%02x",
            network_port_is_router(port) ? NETWORK_MAC_ROUTER : "fa:16:3e:", r[0], r[1], r[2]);
        rc = mac_taken(call, port, &taken, err);
        if (rc < 0 || !taken) {
            return rc;
        }
    }
    return ak_fail(err, AK_NETWORK_UNSUPPORTED, "so many MAC addresses on one network");
}
