/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of the network domain: what bodies may hold, what answers show, which columns fill
 * the rows, and what lists filter and sort by. Members of type JSON are checked by the services. */
#include "network/network_internal.h"

#define AT(type, member) offsetof(struct type, member)
/* A member that a creating and an updating body may hold. */
#define SET (AK_CREATE | AK_UPDATE)
#define KEY (AK_FILTER | AK_SORT)

static const char *const network_types[] = {"geneve", "vlan", "flat", NULL};
static const char *const ra_modes[] = {"slaac", "dhcpv6-stateful", "dhcpv6-stateless", NULL};
static const char *const directions[] = {"ingress", "egress", NULL};
static const char *const ethertypes[] = {"IPv4", "IPv6", NULL};
static const char *const vnic_types[] = {"normal", NULL};

/* What all resources share; 'type' is the struct. */
#define OWNER(type)                                                                                \
    {"id", AK_UUID, AT(type, id), KEY, .doc = "id of the object"},                                 \
        {"project_id",    AK_STR,    AT(type, project_id),                                         \
         AK_CREATE | KEY, .max = 64, .doc = "project it belongs to"},                              \
        {"tenant_id",                                                                              \
         AK_STR,                                                                                   \
         AT(type, project_id),                                                                     \
         AK_CREATE | KEY,                                                                          \
         .max = 64,                                                                                \
         .column = "project_id",                                                                   \
         .doc = "the same as project_id, as older clients call it"},                               \
    {                                                                                              \
        "description", AK_STR, AT(type, description), SET | KEY, .doc = "for people"               \
    }
#define NAME(type)                                                                                 \
    {                                                                                              \
        "name", AK_STR, AT(type, name), SET | KEY, .doc = "for people; need not be unique"         \
    }
#define STAMPS(type)                                                                               \
    {"revision_number", AK_INT, AT(type, revision_number), KEY, .doc = "grows with each change"},  \
        {"created_at",           AK_TIME,                                                          \
         AT(type, created_us),   AK_SORT,                                                          \
         .column = "created_us", .doc = "when it was made"},                                       \
    {                                                                                              \
        "updated_at", AK_TIME, AT(type, updated_us), AK_SORT, .column = "updated_us",              \
                                                              .doc = "when it was changed last"    \
    }
#define TAGS(type)                                                                                 \
    {                                                                                              \
        "tags", AK_JSON, AT(type, tags), 0, .doc = "words for filtering"                           \
    }
#define UP(type)                                                                                   \
    {                                                                                              \
        "admin_state_up", AK_BOOL, AT(type, admin_state_up), SET | KEY | AK_LENIENT,               \
            .doc = "false: traffic is stopped"                                                     \
    }

static const struct ak_field network_rows[] = {
    OWNER(network_network),
    NAME(network_network),
    UP(network_network),
    {"status", AK_STR, AT(network_network, status), 0, .column = "", .doc = "always ACTIVE"},
    {"mtu", AK_INT, AT(network_network, mtu), SET | KEY | AK_LENIENT, .min = 68, .max = 9000,
     .doc = "largest packet, bytes"},
    {"shared", AK_BOOL, AT(network_network, is_shared), SET | KEY | AK_LENIENT,
     .column = "is_shared", .doc = "true: all projects may attach (external networks only)"},
    {"router:external", AK_BOOL, AT(network_network, is_external), SET | KEY | AK_LENIENT,
     .column = "is_external", .doc = "true: routers may have their gateway here"},
    {"is_default", AK_BOOL, AT(network_network, is_default), SET | KEY | AK_LENIENT | AK_ADMIN_ONLY,
     .doc = "the external network taken when none is named"},
    {"port_security_enabled", AK_BOOL, AT(network_network, port_security_enabled),
     SET | KEY | AK_LENIENT, .doc = "what new ports are made with"},
    {"provider:network_type", AK_STR, AT(network_network, network_type),
     AK_CREATE | KEY | AK_ADMIN_ONLY, .column = "network_type", .choices = network_types,
     .doc = "geneve, vlan or flat"},
    {"provider:physical_network", AK_STR, AT(network_network, physical_network),
     AK_CREATE | KEY | AK_ADMIN_ONLY | AK_NULLABLE, .column = "physical_network", .max = 64,
     .pattern = "[A-Za-z0-9_.-]*", .doc = "name of the hosts' mapping to a bridge"},
    {"provider:segmentation_id", AK_JSON, AT(network_network, segmentation_id),
     AK_CREATE | KEY | AK_ADMIN_ONLY, .column = "segmentation_id", .max = 12,
     .doc = "tunnel key, or VLAN id"},
    {"subnets", AK_JSON, AT(network_network, subnets), 0, .doc = "ids of its subnets"},
    TAGS(network_network),
    STAMPS(network_network),
    {"tunnel_key", AK_INT, AT(network_network, tunnel_key), AK_HIDDEN},
};
const struct ak_fields network_network_fields =
    AK_FIELDS_GIVEN("network", struct network_network, network_rows);

static const struct ak_field subnet_rows[] = {
    OWNER(network_subnet),
    NAME(network_subnet),
    {"network_id", AK_UUID, AT(network_subnet, network_id), AK_CREATE | AK_REQUIRED | KEY,
     .doc = "network it lies in"},
    {"ip_version", AK_INT, AT(network_subnet, ip_version),
     AK_CREATE | AK_REQUIRED | KEY | AK_LENIENT, .doc = "4 or 6"},
    {"cidr", AK_STR, AT(network_subnet, cidr), AK_CREATE | AK_REQUIRED | KEY, .max = 64,
     .doc = "its addresses"},
    {"gateway_ip", AK_STR, AT(network_subnet, gateway_ip), SET | KEY | AK_NULLABLE, .max = 64,
     .doc = "address of the router; null: none; default: the first"},
    {"enable_dhcp", AK_BOOL, AT(network_subnet, enable_dhcp), SET | KEY | AK_LENIENT,
     .doc = "whether guests get their address by DHCP"},
    {"ipv6_ra_mode", AK_STR, AT(network_subnet, ipv6_ra_mode), AK_CREATE | KEY | AK_NULLABLE,
     .choices = ra_modes, .doc = "who sends router advertisements, IPv6"},
    {"ipv6_address_mode", AK_STR, AT(network_subnet, ipv6_address_mode),
     AK_CREATE | KEY | AK_NULLABLE, .choices = ra_modes, .doc = "how guests get addresses, IPv6"},
    {"allocation_pools", AK_JSON, AT(network_subnet, allocation_pools), SET, .max = 16384,
     .doc = "ranges {start, end} to take addresses from"},
    {"dns_nameservers", AK_JSON, AT(network_subnet, dns_nameservers), SET, .max = 2048,
     .doc = "addresses told to guests"},
    {"host_routes", AK_JSON, AT(network_subnet, host_routes), SET, .max = 8192,
     .doc = "routes {destination, nexthop} told to guests"},
    {"service_types", AK_JSON, AT(network_subnet, service_types), 0, .column = "",
     .doc = "always empty"},
    {"subnetpool_id", AK_UUID, AT(network_subnet, subnetpool_id), 0, .column = "",
     .doc = "always null"},
    TAGS(network_subnet),
    STAMPS(network_subnet),
    {"next_offset", AK_INT, AT(network_subnet, next_offset), AK_HIDDEN},
};
const struct ak_fields network_subnet_fields =
    AK_FIELDS_GIVEN("subnet", struct network_subnet, subnet_rows);

static const struct ak_field port_rows[] = {
    OWNER(network_port),
    NAME(network_port),
    {"network_id", AK_UUID, AT(network_port, network_id), AK_CREATE | AK_REQUIRED | KEY,
     .doc = "network it is on"},
    {"mac_address", AK_STR, AT(network_port, mac_address), SET | KEY | AK_NULLABLE, .max = 17,
     .doc = "default: chosen"},
    UP(network_port),
    {"status", AK_STR, AT(network_port, status), KEY, .doc = "ACTIVE once traffic flows"},
    {"device_id", AK_STR, AT(network_port, device_id), SET | KEY, .doc = "server or router"},
    {"device_owner", AK_STR, AT(network_port, device_owner), SET | KEY,
     .doc = "what kind of device"},
    {"fixed_ips", AK_JSON, AT(network_port, fixed_ips), SET, .max = 16384,
     .doc = "addresses {subnet_id, ip_address}"},
    {"security_groups", AK_JSON, AT(network_port, security_groups), SET, .max = 16384,
     .doc = "ids of security groups"},
    {"allowed_address_pairs", AK_JSON, AT(network_port, allowed_address_pairs), SET, .max = 16384,
     .doc = "more addresses the guest may use, {ip_address, mac_address}"},
    {"extra_dhcp_opts", AK_JSON, AT(network_port, extra_dhcp_opts), AK_CREATE | AK_UPDATE,
     .column = "", .max = 64, .doc = "always empty"},
    {"port_security_enabled", AK_BOOL, AT(network_port, port_security_enabled),
     SET | KEY | AK_LENIENT, .doc = "false: neither addresses nor groups are enforced"},
    {"binding:vnic_type", AK_STR, AT(network_port, vnic_type), SET | KEY, .column = "vnic_type",
     .choices = vnic_types, .doc = "always normal"},
    {"binding:host_id", AK_STR, AT(network_port, host_id), SET | KEY | AK_ADMIN_ONLY | AK_NULLABLE,
     .column = "host_id", .doc = "host of the server"},
    {"binding:profile", AK_JSON, AT(network_port, profile), SET | AK_ADMIN_ONLY,
     .column = "profile", .max = 4096, .doc = "kept, not interpreted"},
    {"binding:vif_type", AK_STR, AT(network_port, vif_type), AK_ADMIN_ONLY, .column = "",
     .doc = "how the host plugs it"},
    {"binding:vif_details", AK_JSON, AT(network_port, vif_details), AK_ADMIN_ONLY, .column = "",
     .doc = "more of that"},
    TAGS(network_port),
    STAMPS(network_port),
    {"hostname", AK_STR, AT(network_port, hostname), AK_HIDDEN},
    {"made_by_server", AK_BOOL, AT(network_port, made_by_server), AK_HIDDEN},
    {"position", AK_INT, AT(network_port, position), AK_HIDDEN},
    {"network_name", AK_STR, AT(network_port, network_name), AK_HIDDEN},
    {"mtu", AK_INT, AT(network_port, mtu), AK_HIDDEN},
};
const struct ak_fields network_port_fields =
    AK_FIELDS_GIVEN("port", struct network_port, port_rows);

static const struct ak_field rule_rows[] = {
    OWNER(network_rule),
    {"security_group_id", AK_UUID, AT(network_rule, security_group_id),
     AK_CREATE | AK_REQUIRED | KEY, .doc = "group it belongs to"},
    {"direction", AK_STR, AT(network_rule, direction), AK_CREATE | AK_REQUIRED | KEY,
     .choices = directions, .doc = "as the guest sees it"},
    {"ethertype", AK_STR, AT(network_rule, ethertype), AK_CREATE | KEY, .choices = ethertypes,
     .doc = "IPv4 (default) or IPv6"},
    {"protocol", AK_STR, AT(network_rule, protocol), AK_CREATE | KEY | AK_NULLABLE | AK_LENIENT,
     .max = 40, .doc = "name or number; null: any"},
    {"port_range_min", AK_JSON, AT(network_rule, port_range_min), AK_CREATE | KEY, .max = 12,
     .doc = "first port, or ICMP type"},
    {"port_range_max", AK_JSON, AT(network_rule, port_range_max), AK_CREATE | KEY, .max = 12,
     .doc = "last port, or ICMP code"},
    {"remote_ip_prefix", AK_STR, AT(network_rule, remote_ip_prefix), AK_CREATE | KEY | AK_NULLABLE,
     .max = 64, .doc = "the other side; null: any"},
    /* Neutron says 404 to whatever is no group's id. */
    {"remote_group_id", AK_STR, AT(network_rule, remote_group_id), AK_CREATE | KEY | AK_NULLABLE,
     .min = 1, .max = 255, .doc = "the other side: members of this group"},
    STAMPS(network_rule),
};
const struct ak_fields network_rule_fields =
    AK_FIELDS_GIVEN("security_group_rule", struct network_rule, rule_rows);

static const struct ak_field group_rows[] = {
    OWNER(network_group),
    NAME(network_group),
    {"stateful", AK_BOOL, AT(network_group, stateful), AK_CREATE | KEY | AK_LENIENT,
     .doc = "always true: answers to allowed traffic pass"},
    {"shared", AK_BOOL, AT(network_group, shared), 0, .column = "", .doc = "always false"},
    {"security_group_rules", AK_LIST, AT(network_group, rules), 0, .column = "",
     .sub = &network_rule_fields, .doc = "its rules"},
    TAGS(network_group),
    STAMPS(network_group),
    {"default_key", AK_STR, AT(network_group, default_key), AK_HIDDEN},
};
const struct ak_fields network_group_fields =
    AK_FIELDS_GIVEN("security_group", struct network_group, group_rows);

static const struct ak_field router_rows[] = {
    OWNER(network_router),
    NAME(network_router),
    UP(network_router),
    {"status", AK_STR, AT(network_router, status), 0, .column = "", .doc = "always ACTIVE"},
    {"external_gateway_info", AK_JSON, AT(network_router, external_gateway_info), SET, .max = 4096,
     .doc = "{network_id, enable_snat, external_fixed_ips}; null: no gateway"},
    {"routes", AK_JSON, AT(network_router, routes), AK_UPDATE, .max = 64, .doc = "always empty"},
    TAGS(network_router),
    STAMPS(network_router),
    {"external_network_id", AK_STR, AT(network_router, external_network_id), AK_HIDDEN},
    {"gateway_port_id", AK_STR, AT(network_router, gateway_port_id), AK_HIDDEN},
    {"enable_snat", AK_BOOL, AT(network_router, enable_snat), AK_HIDDEN},
};
const struct ak_fields network_router_fields =
    AK_FIELDS_GIVEN("router", struct network_router, router_rows);

static const struct ak_field leg_rows[] = {
    {"subnet_id", AK_UUID, AT(network_leg_request, subnet_id), AK_UPDATE | AK_NULLABLE,
     .doc = "subnet whose gateway the router becomes"},
    {"port_id", AK_UUID, AT(network_leg_request, port_id), AK_UPDATE | AK_NULLABLE,
     .doc = "port the router takes"},
};
const struct ak_fields network_leg_fields =
    AK_FIELDS_GIVEN("router_interface", struct network_leg_request, leg_rows);

static const struct ak_field address_rows[] = {
    {"network_id", AK_STR, AT(network_address, network_id), 0},
    {"ip", AK_STR, AT(network_address, ip), 0},
    {"port_id", AK_STR, AT(network_address, port_id), 0},
    {"subnet_id", AK_STR, AT(network_address, subnet_id), 0},
    {"ip_version", AK_INT, AT(network_address, ip_version), 0},
};
const struct ak_fields network_address_fields =
    AK_FIELDS("address", struct network_address, address_rows);

const struct network_resource network_resources[NETWORK_KINDS] = {
    [NETWORK_NETWORK] = {"network", "networks", "network", &network_network_fields,
                         sizeof(struct network_network), AK_NETWORK_NOT_FOUND},
    [NETWORK_SUBNET] = {"subnet", "subnets", "subnet", &network_subnet_fields,
                        sizeof(struct network_subnet), AK_SUBNET_NOT_FOUND},
    [NETWORK_PORT] = {"port", "ports", "port", &network_port_fields, sizeof(struct network_port),
                      AK_PORT_NOT_FOUND},
    [NETWORK_GROUP] = {"security_group", "security_groups", "security-group", &network_group_fields,
                       sizeof(struct network_group), AK_GROUP_NOT_FOUND},
    [NETWORK_RULE] = {"security_group_rule", "security_group_rules", "security-group-rule",
                      &network_rule_fields, sizeof(struct network_rule), AK_RULE_NOT_FOUND},
    [NETWORK_ROUTER] = {"router", "routers", "router", &network_router_fields,
                        sizeof(struct network_router), AK_ROUTER_NOT_FOUND},
};
