/* SPDX-License-Identifier: Apache-2.0 */
/* The fabric on OVN: opens the northbound database and gives the operations. What each object
 * becomes there is in ovn_switch.c, ovn_port.c, ovn_group.c and ovn_router.c. */
#include "engine/ovn/ovn_internal.h"

#define COLUMNS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct ovsdb_table tables[] = {
    {"NB_Global", COLUMNS("external_ids"), false},
    {"Logical_Switch", COLUMNS("name", "ports", "dns_records", "other_config", "external_ids"),
     true},
    {"Logical_Switch_Port",
     COLUMNS("name", "type", "options", "tag_request", "addresses", "port_security", "up",
             "enabled", "dhcpv4_options", "dhcpv6_options", "external_ids"),
     true},
    {"Port_Group", COLUMNS("name", "ports", "acls", "external_ids"), true},
    {"ACL", COLUMNS("direction", "priority", "match", "action", "external_ids"), false},
    {"DHCP_Options", COLUMNS("cidr", "options", "external_ids"), false},
    {"DNS", COLUMNS("records", "external_ids"), false},
    {"Logical_Router",
     COLUMNS("name", "ports", "static_routes", "policies", "enabled", "nat", "external_ids"), true},
    {"Logical_Router_Port",
     COLUMNS("name", "gateway_chassis", "networks", "mac", "ipv6_ra_configs", "external_ids"),
     true},
    {"Gateway_Chassis", COLUMNS("name", "chassis_name", "priority"), true},
    {"NAT", COLUMNS("type", "external_ip", "logical_ip", "external_ids"), false},
    {"Logical_Router_Policy", COLUMNS("priority", "match", "action", "external_ids"), false},
    {"Logical_Router_Static_Route", COLUMNS("ip_prefix", "nexthop", "output_port", "external_ids"),
     false},
};

static int64_t ovn_writes(struct ak_fabric *f)
{
    return ovsdb_writes(ovn_of(f)->db);
}

static void ovn_free(struct ak_fabric *f)
{
    struct ovn *ovn = ovn_of(f);
    ovsdb_free(ovn->db);
    (void)pthread_mutex_destroy(&ovn->apply);
    free(ovn->installation);
    free(ovn->guests_group);
    free(ovn);
}

static const struct ak_fabric_ops ovn_ops = {
    .network_apply = ovn_network_apply,
    .network_remove = ovn_network_remove,
    .subnet_apply = ovn_subnet_apply,
    .subnet_remove = ovn_subnet_remove,
    .port_apply = ovn_port_apply,
    .port_remove = ovn_port_remove,
    .group_apply = ovn_group_apply,
    .group_remove = ovn_group_remove,
    .router_apply = ovn_router_apply,
    .router_remove = ovn_router_remove,
    .port_is_up = ovn_port_is_up,
    .port_wait_up = ovn_port_wait_up,
    .list = ovn_list,
    .quarantine = ovn_quarantine,
    .writes = ovn_writes,
    .free = ovn_free,
};

int ak_ovn_open(const char *nb, const char *installation, struct ak_fabric **ret_fabric,
                struct ak_error *err)
{
    struct ovn *ovn = ak_new(struct ovn);
    char group[OVN_GROUP_NAME];
    ovn->fabric.ops = &ovn_ops;
    ovn->installation = ak_xstrdup(installation);
    ovn->guests_group = ak_xasprintf("%s_guests", ovn_group_name(group, installation));
    (void)pthread_mutex_init(&ovn->apply, NULL);
    int rc = ovsdb_open(nb, "OVN_Northbound", tables, AK_N(tables), &ovn->db, err);
    if (rc < 0) {
        ovn_free(&ovn->fabric);
        return rc;
    }
    *ret_fabric = &ovn->fabric;
    return 0;
}
