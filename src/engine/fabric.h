/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_FABRIC_H
#define AK_FABRIC_H
/* Tenant networks. network = logical switch, port = logical switch port, router = logical router,
 * security group = port group with ACLs; each named by its UUID (OVN names "akashi-<uuid>" where
 * UUIDs are not usable as names) and tagged in external_ids:akashi with the installation's id. Each
 * *_apply makes the engine equal to the description in one transaction; *_remove of what is absent
 * is 0. */
#include "base/base.h"

struct ak_fabric_network {
    const char *id, *project_id;
    int64_t segmentation_id;      /* tunnel key, unique among networks */
    const char *physical_network; /* provider network ("external"), or NULL */
    int vlan_id;                  /* with physical_network; 0 = untagged */
    int mtu;
};

struct ak_fabric_subnet {
    const char *id, *network_id;
    const char *cidr;       /* "10.0.0.0/24" or IPv6 */
    const char *gateway_ip; /* NULL = none */
    bool dhcp;
    const char *const *dns;     /* NULL-terminated */
    const char *const *routes;  /* "destination nexthop" pairs flattened, NULL-terminated */
    const char *dhcp_server_ip; /* address OVN answers DHCP from */
    const char *dns_domain;     /* e.g. "akashi.internal" */
    int64_t lease_s;
    int mtu;
};

struct ak_fabric_address {
    const char *ip, *subnet_id;
};
struct ak_fabric_pair {
    const char *mac, *ip; /* allowed address pair; mac NULL = the port's */
};
struct ak_fabric_port {
    const char *id, *network_id, *mac;
    const struct ak_fabric_address *addresses;
    size_t n_addresses;
    const char *const *security_groups; /* NULL-terminated ids */
    bool port_security;
    const struct ak_fabric_pair *pairs;
    size_t n_pairs;
    bool enabled;
    const char *hostname; /* DNS name of the guest, NULL = none */
    const char *kind;     /* "guest", "router", "dhcp" */
};

struct ak_fabric_rule {
    const char *id;
    bool ingress;
    bool ipv6;
    const char *protocol;     /* "tcp", "udp", "icmp", "icmpv6", a number, NULL = any */
    int port_min, port_max;   /* -1 = any; icmp: type, code */
    const char *remote_ip;    /* CIDR, NULL = any */
    const char *remote_group; /* security group id, NULL */
};
struct ak_fabric_group {
    const char *id;
    const struct ak_fabric_rule *rules;
    size_t n_rules;
};

struct ak_fabric_router {
    const char *id, *project_id;
    const struct ak_fabric_router_leg {
        const char *port_id, *network_id, *mac, *cidr; /* "10.0.0.1/24" */
        /* What advertisements say of IPv6 addresses: "slaac", "dhcpv6-stateless",
         * "dhcpv6-stateful"; NULL: the last */
        const char *ra_mode;
    } * legs;
    size_t n_legs;
    /* Gateway to the provider network; NULL external_network_id = none. */
    const char *external_network_id, *external_port_id, *external_mac;
    const char *external_cidr;    /* "100.64.0.12/16" */
    const char *external_gateway; /* next hop */
    bool snat;
    /* Destinations that customers may never reach through the gateway (management, private):
     * dropped on the router. */
    const char *const *forbidden; /* NULL-terminated CIDRs */
};

enum ak_fabric_kind {
    AK_FABRIC_NETWORK,
    AK_FABRIC_PORT,
    AK_FABRIC_ROUTER,
    AK_FABRIC_GROUP,
    AK_FABRIC_SUBNET
};
struct ak_fabric_object {
    enum ak_fabric_kind kind;
    char id[AK_UUID_TEXT];
    bool ours;        /* tagged with our installation's id */
    bool quarantined; /* by an earlier quarantine() */
};

struct ak_fabric;
struct ak_fabric_ops {
    int (*network_apply)(struct ak_fabric *f, const struct ak_fabric_network *network,
                         struct ak_error *err);
    int (*network_remove)(struct ak_fabric *f, const char *id,
                          struct ak_error *err); /* with whatever is left on it */
    int (*subnet_apply)(struct ak_fabric *f, const struct ak_fabric_subnet *subnet,
                        struct ak_error *err);
    int (*subnet_remove)(struct ak_fabric *f, const char *id, const char *network_id,
                         struct ak_error *err);
    int (*port_apply)(struct ak_fabric *f, const struct ak_fabric_port *port, struct ak_error *err);
    int (*port_remove)(struct ak_fabric *f, const char *id, const char *network_id,
                       struct ak_error *err);
    int (*group_apply)(struct ak_fabric *f, const struct ak_fabric_group *group,
                       struct ak_error *err);
    int (*group_remove)(struct ak_fabric *f, const char *id, struct ak_error *err);
    int (*router_apply)(struct ak_fabric *f, const struct ak_fabric_router *router,
                        struct ak_error *err);
    int (*router_remove)(struct ak_fabric *f, const char *id, struct ak_error *err);
    /* Whether the port is bound to a chassis and its flows are in place. */
    int (*port_is_up)(struct ak_fabric *f, const char *id, bool *ret_up, struct ak_error *err);
    /* Waits until the engine reports the port up, or AK_ENGINE_TIMEOUT. */
    int (*port_wait_up)(struct ak_fabric *f, const char *id, int64_t timeout_ms,
                        struct ak_error *err);
    int (*list)(struct ak_fabric *f, struct ak_arena *arena, struct ak_fabric_object **ret_objects,
                size_t *ret_n, struct ak_error *err);
    /* Cuts an object of ours off from traffic and marks it, without removing it; what is foreign or
     * absent is left alone. A later *_apply lifts it. */
    int (*quarantine)(struct ak_fabric *f, enum ak_fabric_kind kind, const char *id,
                      struct ak_error *err);
    /* Number of changes written since the start; applying what is there already writes none. */
    int64_t (*writes)(struct ak_fabric *f);
    void (*free)(struct ak_fabric *f);
};
struct ak_fabric {
    const struct ak_fabric_ops *ops;
};

/* nb: "unix:/run/ovn/ovnnb_db.sock". */
int ak_ovn_open(const char *nb, const char *installation, struct ak_fabric **ret_fabric,
                struct ak_error *err);
int ak_simulated_fabric_open(const char *state_path, struct ak_fabric **ret_fabric,
                             struct ak_error *err);

#endif
