/* SPDX-License-Identifier: Apache-2.0 */
/* Networks and subnets: a network is a Logical_Switch (with a localnet port when it is a provider
 * network), a subnet a row of DHCP_Options to which the ports of ovn_port.c refer. Removing a
 * switch removes its ports; the DHCP options and the DNS row that belong to it go with it. */
#include "engine/ovn/ovn_internal.h"

/* The localnet port that joins the switch to a physical network of the hosts. */
static void localnet(struct plan *plan, const struct ak_fabric_network *network, const json_t *ls)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "provnet-%s", network->id);
    json_t *tags = ovsdb_map("akashi", plan->ovn->installation, "akashi-kind", "localnet",
                             "akashi-network", network->id, NULL);
    json_t *tag = ovsdb_empty_set();
    if (network->vlan_id > 0) {
        json_decref(tag);
        tag = json_integer(network->vlan_id);
    }
    json_t *lsp = plan_row(plan, "Logical_Switch_Port", name,
                           json_pack("{s:s, s:s, s:[s, [s]], s:o, s:o, s:o}", "name", name, "type",
                                     "localnet", "addresses", "set", "unknown", "options",
                                     ovsdb_map("network_name", network->physical_network, NULL),
                                     "tag_request", tag, "external_ids", tags));
    plan_link(plan, "Logical_Switch", ls, "ports", lsp);
    json_decref(lsp);
}

int ovn_network_apply(struct ak_fabric *f, const struct ak_fabric_network *network,
                      struct ak_error *err)
{
    struct plan plan;
    char key[24];
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    json_t *tags = ovn_tags(plan.ovn, network->id);
    ovsdb_map_add(tags, "akashi-project", network->project_id);
    ovsdb_map_add(tags, "akashi-physical", network->physical_network);
    (void)snprintf(key, sizeof(key), "%" PRId64, network->segmentation_id);
    json_t *config =
        ovsdb_map("requested-tnl-key", network->segmentation_id > 0 ? key : NULL, NULL);
    json_t *ls = plan_row(&plan, "Logical_Switch", network->id,
                          json_pack("{s:s, s:o, s:o}", "name", network->id, "other_config", config,
                                    "external_ids", tags));
    if (network->physical_network) {
        localnet(&plan, network, ls);
    }
    json_decref(ls);
    return plan_end(&plan, 0, err);
}

/* Deletes the rows of 'table' that are tagged with the network. */
static void delete_of_network(struct plan *plan, const char *table, const char *network_id)
{
    const char *uuid = NULL;
    json_t *row = NULL;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, table), uuid, row)
    {
        const json_t *tags = json_object_get(row, "external_ids");
        if (ovn_is_ours(plan->ovn, row) &&
            ak_streq(ovsdb_map_get(tags, "akashi-network"), network_id)) {
            plan_delete(plan, table, uuid);
        }
    }
}

int ovn_network_remove(struct ak_fabric *f, const char *id, struct ak_error *err)
{
    struct plan plan;
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *ls = ovsdb_find(plan.db, "Logical_Switch", id);
    delete_of_network(&plan, "DHCP_Options", id);
    delete_of_network(&plan, "DNS", id);
    if (ls) {
        plan_delete(&plan, "Logical_Switch", ls);
    }
    return plan_end(&plan, 0, err);
}

/* A MAC address for OVN's DHCP server, the same at each call. */
static const char *server_mac(char out[18], const char *subnet_id)
{
    char hex[7] = "000000";
    size_t n = 0;
    for (const char *c = subnet_id; *c && n < 6; c++) {
        if (*c != '-') {
            hex[n++] = *c;
        }
    }
    (void)snprintf(out, 18, "02:ac:dc:%.2s:%.2s:%.2s", hex, hex + 2, hex + 4);
    return out;
}

/* "{a, b}" of the addresses of one version, NULL when there is none. */
static char *address_set(const char *const *list, int version)
{
    struct ak_buf buf;
    ak_buf_init(&buf, 4096);
    for (size_t i = 0; list && list[i]; i++) {
        struct ak_ip ip;
        if (ak_ip_parse(list[i], &ip) && ip.version == version) {
            ak_buf_str(&buf, buf.len ? ", " : "{");
            ak_buf_str(&buf, list[i]);
        }
    }
    if (buf.len == 0) {
        ak_buf_done(&buf);
        return NULL;
    }
    ak_buf_char(&buf, '}');
    return ak_buf_steal(&buf, NULL);
}

/* Routes for the guest; RFC 3442 wants the default route among them too. */
static char *classless_routes(const struct ak_fabric_subnet *subnet)
{
    struct ak_buf buf;
    ak_buf_init(&buf, 8192);
    for (size_t i = 0; subnet->routes && subnet->routes[i] && subnet->routes[i + 1]; i += 2) {
        ak_buf_printf(&buf, "%s%s,%s", buf.len ? ", " : "{", subnet->routes[i],
                      subnet->routes[i + 1]);
    }
    if (buf.len == 0) {
        ak_buf_done(&buf);
        return NULL;
    }
    if (subnet->gateway_ip) {
        ak_buf_printf(&buf, ", 0.0.0.0/0,%s", subnet->gateway_ip);
    }
    ak_buf_char(&buf, '}');
    return ak_buf_steal(&buf, NULL);
}

static json_t *dhcp4_options(const struct ak_fabric_subnet *subnet)
{
    char mac[18], lease[24], mtu[16];
    AK_AUTO_STR dns = address_set(subnet->dns, 4);
    AK_AUTO_STR routes = classless_routes(subnet);
    AK_AUTO_STR domain = subnet->dns_domain ? ak_xasprintf("\"%s\"", subnet->dns_domain) : NULL;
    (void)snprintf(lease, sizeof(lease), "%" PRId64, subnet->lease_s);
    (void)snprintf(mtu, sizeof(mtu), "%d", subnet->mtu);
    return ovsdb_map("server_id", subnet->dhcp_server_ip, "server_mac", server_mac(mac, subnet->id),
                     "lease_time", lease, "mtu", subnet->mtu > 0 ? mtu : NULL, "router",
                     subnet->gateway_ip, "dns_server", dns, "classless_static_route", routes,
                     "domain_name", domain, NULL);
}

static json_t *dhcp6_options(const struct ak_fabric_subnet *subnet)
{
    char mac[18];
    AK_AUTO_STR dns = address_set(subnet->dns, 6);
    AK_AUTO_STR domain = subnet->dns_domain ? ak_xasprintf("\"%s\"", subnet->dns_domain) : NULL;
    return ovsdb_map("server_id", server_mac(mac, subnet->id), "dns_server", dns, "domain_search",
                     domain, NULL);
}

/* Ports that were there before the subnet's DHCP changed follow it. */
static void relink_ports(struct plan *plan, const struct ak_fabric_subnet *subnet, int version,
                         const json_t *options)
{
    const char *uuid = NULL, *tag = version == 4 ? "akashi-subnet4" : "akashi-subnet6";
    json_t *row = NULL;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, "Logical_Switch_Port"), uuid, row)
    {
        if (!ovn_is_ours(plan->ovn, row) ||
            !ak_streq(ovsdb_map_get(json_object_get(row, "external_ids"), tag), subnet->id)) {
            continue;
        }
        json_t *items = json_array();
        if (subnet->dhcp) {
            (void)json_array_append(items, (json_t *)(uintptr_t)options);
        }
        plan_update(plan, "Logical_Switch_Port", uuid,
                    json_pack("{s:o}", version == 4 ? "dhcpv4_options" : "dhcpv6_options",
                              ovsdb_set(items)));
    }
}

int ovn_subnet_apply(struct ak_fabric *f, const struct ak_fabric_subnet *subnet,
                     struct ak_error *err)
{
    struct plan plan;
    struct ak_cidr cidr;
    int rc = 0;
    if (!ak_cidr_parse(subnet->cidr, &cidr)) {
        return ak_fail_detail(err, AK_INTERNAL, "subnet %s: cidr", subnet->id);
    }
    rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    json_t *tags = ovn_tags(plan.ovn, subnet->id);
    ovsdb_map_add(tags, "akashi-network", subnet->network_id);
    ovsdb_map_add(tags, "akashi-domain", subnet->dns_domain);
    ovsdb_map_add(tags, "akashi-dhcp", subnet->dhcp ? "yes" : "no");
    json_t *options = !subnet->dhcp          ? ovsdb_map(NULL, NULL)
                      : cidr.ip.version == 4 ? dhcp4_options(subnet)
                                             : dhcp6_options(subnet);
    json_t *row = plan_row(&plan, "DHCP_Options", subnet->id,
                           json_pack("{s:s, s:o, s:o}", "cidr", subnet->cidr, "options", options,
                                     "external_ids", tags));
    relink_ports(&plan, subnet, cidr.ip.version, row);
    json_decref(row);
    return plan_end(&plan, 0, err);
}

int ovn_subnet_remove(struct ak_fabric *f, const char *id, const char *network_id,
                      struct ak_error *err)
{
    struct plan plan;
    int rc = plan_begin(&plan, ovn_of(f), err);
    (void)network_id;
    if (rc < 0) {
        return rc;
    }
    const char *uuid = ovsdb_find(plan.db, "DHCP_Options", id);
    if (uuid) {
        plan_delete(&plan, "DHCP_Options", uuid);
    }
    return plan_end(&plan, 0, err);
}
