/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NETWORK_INTERNAL_H
#define NETWORK_INTERNAL_H
/* Inside of the network domain. Members called JSON hold JSON text, as they are stored and shown.
 */
#include "network/network.h"

#define NETWORK_OWNER_LEG     "network:router_interface"
#define NETWORK_OWNER_GATEWAY "network:router_gateway"
/* Ports of routers have a MAC address that begins so, and no others: tools/tap-guard knows them by
 * it (docs/decisions/0120). */
#define NETWORK_MAC_ROUTER   "fa:16:3f:"
#define NETWORK_OWNER_SERVER "compute:nova"

struct network_network {
    struct ak_given given;
    const char *id, *project_id, *name, *description, *status;
    bool admin_state_up, is_shared, is_external, is_default, port_security_enabled;
    int64_t mtu, tunnel_key;
    const char *network_type, *physical_network;
    const char *segmentation_id; /* JSON number or NULL */
    const char *vlan_key;
    const char *subnets, *tags; /* JSON lists */
    int64_t revision_number, created_us, updated_us;
};

struct network_subnet {
    struct ak_given given;
    const char *id, *project_id, *network_id, *name, *description;
    int64_t ip_version;
    const char *cidr, *gateway_ip, *ipv6_ra_mode, *ipv6_address_mode;
    bool enable_dhcp;
    const char *allocation_pools, *dns_nameservers, *host_routes, *service_types, *tags; /* JSON */
    const char *subnetpool_id;
    int64_t next_offset, revision_number, created_us, updated_us;
};

struct network_port {
    struct ak_given given;
    const char *id, *project_id, *network_id, *name, *description, *mac_address, *status;
    bool admin_state_up, port_security_enabled, made_by_server;
    const char *device_id, *device_owner, *host_id, *vnic_type, *hostname;
    const char *fixed_ips, *security_groups, *allowed_address_pairs, *extra_dhcp_opts; /* JSON */
    const char *profile, *vif_type, *vif_details, *tags;                               /* JSON */
    int64_t position, revision_number, created_us, updated_us;
    const char *network_name; /* of port_of_server(s) */
    int64_t mtu;
};

struct network_group {
    struct ak_given given;
    const char *id, *project_id, *name, *description, *default_key, *tags;
    bool stateful, shared;
    struct ak_list rules; /* struct network_rule */
    int64_t revision_number, created_us, updated_us;
};

struct network_rule {
    struct ak_given given;
    const char *id, *project_id, *security_group_id, *description, *direction, *ethertype;
    const char *protocol, *remote_ip_prefix, *remote_group_id;
    const char *port_range_min, *port_range_max; /* JSON numbers or NULL */
    int64_t revision_number, created_us, updated_us;
};

struct network_router {
    struct ak_given given;
    const char *id, *project_id, *name, *description, *status;
    bool admin_state_up, enable_snat;
    const char *external_network_id, *gateway_port_id;
    const char *external_gateway_info, *routes, *tags; /* JSON */
    int64_t revision_number, created_us, updated_us;
};

struct network_address {
    const char *network_id, *ip, *port_id, *subnet_id;
    int64_t ip_version;
};

extern const struct ak_fields network_network_fields, network_subnet_fields, network_port_fields,
    network_group_fields, network_rule_fields, network_router_fields, network_address_fields;

/* Who asks, and in which transaction. */
struct network_call {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const char *project_id; /* of the caller; objects are made for it */
    bool admin;
    const char *request_id, *actor_id;
    const struct ak_config *config; /* NULL: defaults of the settings' table */
    bool no_jobs;                   /* the caller's own job brings it to the fabric */
};

/* --- network_store.c: rows, without rules ----------------------------------------------------- */

enum network_kind {
    NETWORK_NETWORK,
    NETWORK_SUBNET,
    NETWORK_PORT,
    NETWORK_GROUP,
    NETWORK_RULE,
    NETWORK_ROUTER,
    NETWORK_KINDS
};
/* What the generic code must know of a kind of object. */
struct network_resource {
    const char *singular, *plural; /* JSON: "security_group", "security_groups" */
    const char *type;              /* for audit events: "security-group" */
    const struct ak_fields *fields;
    size_t size;
    enum ak_error_code not_found;
};
extern const struct network_resource network_resources[NETWORK_KINDS];

/* Loads by id. The kind's own "not found" error; AK_STORE… */
int network_load(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind, const char *id,
                 void *ret_obj, struct ak_error *err);
/* As network_load, but what the caller may not see is not found either. */
int network_load_for(const struct network_call *call, enum network_kind kind, const char *id,
                     void *ret_obj, struct ak_error *err);
/* As network_load_for, and the caller may change it: 404 when invisible, 403 when only visible. */
int network_load_own(const struct network_call *call, enum network_kind kind, const char *id,
                     void *ret_obj, struct ak_error *err);
/* The list the caller may see under the query; 'ip' and 'subnet_id' only for ports (or NULL). */
int network_list(const struct network_call *call, enum network_kind kind,
                 const struct ak_query *query, const char *ip, const char *subnet_id,
                 struct ak_list *ret_list, struct ak_error *err);
/* Every object of a kind, for the reconciler. */
int network_all(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind,
                struct ak_list *ret_list, struct ak_error *err);
int network_insert(struct ak_tx *tx, enum network_kind kind, void *obj, struct ak_error *err);
int network_update(struct ak_tx *tx, enum network_kind kind, const void *obj, struct ak_error *err);
int network_delete(struct ak_tx *tx, enum network_kind kind, const char *id, struct ak_error *err);
/* Fills what is not in the database (states, constants, the rules of a group). */
int network_decorate(struct ak_tx *tx, struct ak_arena *arena, enum network_kind kind, void *obj,
                     struct ak_error *err);
int network_subnets_of(struct ak_tx *tx, struct ak_arena *arena, const char *network_id,
                       struct ak_list *ret_list, struct ak_error *err);
/* What the cloud has attached to a server, or to a router; not what else bears its id. */
int network_ports_of_server(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                            struct ak_list *ret_list, struct ak_error *err);
int network_ports_of_router(struct ak_tx *tx, struct ak_arena *arena, const char *router_id,
                            struct ak_list *ret_list, struct ak_error *err);
int network_rules_of(struct ak_tx *tx, struct ak_arena *arena, const char *group_id,
                     struct ak_list *ret_list, struct ak_error *err);
/* A free tunnel key, taken for the network. */
int network_take_tunnel_key(struct ak_tx *tx, struct network_network *network,
                            struct ak_error *err);
int network_release_tunnel_key(struct ak_tx *tx, const char *network_id, struct ak_error *err);
/* Number of rows a counting statement yields. */
int network_count_ports_of_network(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                   struct ak_error *err);
int network_count_addresses_of_subnet(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                      struct ak_error *err);
int network_count_ports_of_group(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                 struct ak_error *err);
int network_count_rules_naming(struct ak_tx *tx, const char *group_id, int64_t *ret_n,
                               struct ak_error *err);
int network_count_routers_of_subnet(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                    struct ak_error *err);
int network_external_default(struct ak_tx *tx, struct ak_arena *arena,
                             struct network_network *ret_network, struct ak_error *err);
int network_default_group_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               struct network_group *ret_group, struct ak_error *err);
int network_group_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          const char *name, struct ak_list *ret_list, struct ak_error *err);
int network_set_port_status(struct ak_tx *tx, const char *id, const char *status,
                            const char *host_id, struct ak_error *err);
int network_ports_of_network(struct ak_tx *tx, struct ak_arena *arena, const char *network_id,
                             struct ak_list *ret_list, struct ak_error *err);

/* --- network_quota.c -------------------------------------------------------------------------- */

/* AK_QUOTA_EXCEEDED (Neutron: OverQuota) when one more of the kind would pass the limit. */
int network_quota_check(const struct network_call *call, enum network_kind kind,
                        const char *project_id, int64_t more, struct ak_error *err);
ak_handler_fn network_quota_show_handler, network_quota_default_handler,
    network_quota_details_handler, network_quota_update_handler, network_quota_delete_handler,
    network_quota_list_handler;

/* --- network_address.c: addresses and MACs ---------------------------------------------------- */

/* Chooses the addresses that 'wanted' (JSON list of {subnet_id?, ip_address?}, or NULL = one of
 * each version) asks for: finds what is open, checks what is named, and sets port->fixed_ips. The
 * port's earlier addresses must have been released. Nothing is written but the place where the next
 * search goes on. AK_IP_IN_USE, AK_NO_MORE_ADDRESSES, AK_INVALID_IP, AK_NETWORK_INVALID_INPUT. */
int network_addresses_take(const struct network_call *call, const struct network_network *network,
                           struct network_port *port, const char *wanted, struct ak_error *err);
/* Writes the rows of port->fixed_ips; the port's row is there already. AK_IP_IN_USE. */
int network_addresses_write(struct ak_tx *tx, const struct network_port *port,
                            struct ak_error *err);
int network_addresses_release(struct ak_tx *tx, const char *port_id, struct ak_error *err);
/* Gives the port a MAC address that is free on its network, or checks the one it names: routers'
 * ports have one with the prefix NETWORK_MAC_ROUTER, no others. AK_MAC_OF_ROUTERS, AK_MAC_IN_USE.
 */
int network_mac_take(const struct network_call *call, struct network_port *port,
                     struct ak_error *err);

/* --- services: rules -------------------------------------------------------------------------- */

/* The project an object is made for: the one named by an administrator, else the caller's. */
int network_project_of(const struct network_call *call, const char *named, const char **ret_project,
                       struct ak_error *err);
char *network_new_id(struct ak_arena *arena);
bool network_port_is_router(const struct network_port *port);
/* Checks a JSON list of tags (or NULL) and returns it, "[]" for none. */
int network_tags_check(const char *tags, const char **ret_tags, struct ak_error *err);
/* A JSON list of strings as a NULL-terminated array. */
const char *const *network_strings(struct ak_arena *arena, const char *json_list);
/* The list with the string added (once) or taken out. */
const char *network_list_with(struct ak_arena *arena, const char *json_list, const char *s,
                              bool present);

int network_network_create(const struct network_call *call, struct network_network *network,
                           struct ak_error *err);
int network_network_change(const struct network_call *call, const char *id,
                           const struct network_network *change,
                           struct network_network *ret_network, struct ak_error *err);
int network_network_remove(const struct network_call *call, const char *id, struct ak_error *err);
int network_subnet_create(const struct network_call *call, struct network_subnet *subnet,
                          struct ak_error *err);
int network_subnet_change(const struct network_call *call, const char *id,
                          const struct network_subnet *change, struct network_subnet *ret_subnet,
                          struct ak_error *err);
int network_subnet_remove(const struct network_call *call, const char *id, struct ak_error *err);
int network_port_create(const struct network_call *call, struct network_port *port,
                        struct ak_error *err);
int network_port_change(const struct network_call *call, const char *id,
                        const struct network_port *change, struct network_port *ret_port,
                        struct ak_error *err);
int network_port_remove(const struct network_call *call, const char *id, struct ak_error *err);
/* Deletes a port whatever it is for, with its job. */
int network_port_drop(const struct network_call *call, const struct network_port *port,
                      struct ak_error *err);
/* Makes a port of the cloud's own (router legs and gateways): no quota, no groups. */
int network_port_make_internal(const struct network_call *call,
                               const struct network_network *network, struct network_port *port,
                               const char *fixed_ips, struct ak_error *err);

int network_group_create(const struct network_call *call, struct network_group *group,
                         struct ak_error *err);
int network_group_change(const struct network_call *call, const char *id,
                         const struct network_group *change, struct network_group *ret_group,
                         struct ak_error *err);
int network_group_remove(const struct network_call *call, const char *id, struct ak_error *err);
/* The default group of a project; made with Neutron's default rules when it is not there yet. */
int network_default_group(const struct network_call *call, const char *project_id,
                          struct network_group *ret_group, struct ak_error *err);
int network_rule_create(const struct network_call *call, struct network_rule *rule,
                        struct ak_error *err);
int network_rule_remove(const struct network_call *call, const char *id, struct ak_error *err);

int network_router_create(const struct network_call *call, struct network_router *router,
                          struct ak_error *err);
int network_router_change(const struct network_call *call, const char *id,
                          const struct network_router *change, struct network_router *ret_router,
                          struct ak_error *err);
int network_router_remove(const struct network_call *call, const char *id, struct ak_error *err);
struct network_leg_request {
    struct ak_given given;
    const char *subnet_id, *port_id;
};
extern const struct ak_fields network_leg_fields;
/* 'ret_port' gets the leg's port. */
int network_router_leg_add(const struct network_call *call, const char *id,
                           const struct network_leg_request *request,
                           struct network_router *ret_router, struct network_port *ret_port,
                           struct ak_error *err);
int network_router_leg_remove(const struct network_call *call, const char *id,
                              const struct network_leg_request *request,
                              struct network_router *ret_router, struct network_port *ret_port,
                              struct ak_error *err);

/* --- network_jobs.c --------------------------------------------------------------------------- */

/* Number of a protocol that the fabric does not know by name; NULL for "any". */
const char *network_protocol_number(const char *name);
/* Adds the job that makes the fabric follow the object, whatever has become of it by then.
 * 'network_id' for ports and subnets, which may be gone when the job runs; for a network: its ports
 * follow too. */
int network_job(const struct network_call *call, enum network_kind kind, const char *id,
                const char *project_id, const char *network_id, struct ak_error *err);
extern const struct ak_job_kind *const network_job_kinds[];
extern const struct ak_schedule *const network_schedules[];

/* --- network_fabric.c: from rows to the fabric ------------------------------------------------ */

/* Each reads the object in a transaction of its own, closes it, and applies it; an object that is
 * not in the database is removed. Errors of the engine. */
int network_fabric_network(struct ak_job_run *run, const char *id, bool with_ports,
                           struct ak_error *err);
int network_fabric_subnet(struct ak_job_run *run, const char *id, const char *network_id,
                          struct ak_error *err);
int network_fabric_port(struct ak_job_run *run, const char *id, const char *network_id,
                        struct ak_error *err);
int network_fabric_group(struct ak_job_run *run, const char *id, struct ak_error *err);
int network_fabric_router(struct ak_job_run *run, const char *id, struct ak_error *err);

/* --- network_reconcile.c ---------------------------------------------------------------------- */

int network_reconcile(struct ak_job_run *run, struct ak_error *err);

/* --- network_api.c, network_tag_api.c --------------------------------------------------------- */

struct network_call network_call_of(struct ak_request *req, struct ak_tx *tx);

ak_handler_fn network_versions_handler, network_version_handler, network_extensions_handler,
    network_extension_handler, network_empty_floatingips_handler;
ak_handler_fn network_network_list_handler, network_network_show_handler,
    network_network_create_handler, network_network_bulk_handler, network_network_update_handler,
    network_network_delete_handler;
ak_handler_fn network_subnet_list_handler, network_subnet_show_handler,
    network_subnet_create_handler, network_subnet_bulk_handler, network_subnet_update_handler,
    network_subnet_delete_handler;
ak_handler_fn network_port_list_handler, network_port_show_handler, network_port_create_handler,
    network_port_bulk_handler, network_port_update_handler, network_port_delete_handler;
ak_handler_fn network_group_list_handler, network_group_show_handler, network_group_create_handler,
    network_group_bulk_handler, network_group_update_handler, network_group_delete_handler;
ak_handler_fn network_rule_list_handler, network_rule_show_handler, network_rule_create_handler,
    network_rule_bulk_handler, network_rule_delete_handler;
ak_handler_fn network_router_list_handler, network_router_show_handler,
    network_router_create_handler, network_router_bulk_handler, network_router_update_handler,
    network_router_delete_handler, network_router_add_handler, network_router_drop_handler;
ak_handler_fn network_tags_show_handler, network_tags_put_handler, network_tags_clear_handler,
    network_tag_show_handler, network_tag_add_handler, network_tag_drop_handler;

#endif
