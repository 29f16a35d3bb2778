/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_NETWORK_H
#define AK_NETWORK_H
/* Neutron v2.0: networks, subnets, ports, routers, security groups. The fabric follows by jobs and
 * by the reconciler. */
#include "engine/engine.h"
#include "http/http.h"

extern const struct ak_domain network_domain;

/* What compute asks for one interface of a new server. Exactly one of network_id and port_id is
 * set. */
struct network_nic_request {
    const char *network_id, *port_id, *fixed_ip;
};

struct network_server_address {
    const char *ip, *subnet_id;
    int version;
    /* of the subnet, by network_server_ports_subnets() */
    const char *cidr, *gateway_ip;
    const char *const *dns; /* NULL-terminated */
    bool dhcp_off;          /* the subnet has no DHCP: guests are told their address */
};
/* A port as compute sees it. */
struct network_server_port {
    const char *id, *server_id, *network_id, *network_name, *mac, *status;
    struct network_server_address *addresses;
    size_t n_addresses;
    const char *const *group_ids, *const *group_names; /* NULL-terminated */
    int mtu;
    bool made_by_server; /* deleted with the server; else only unbound */
};

/* Networks a project's server is attached to when it names none: its own ones.
 * 'ret_ids' NULL-terminated in the arena. */
int network_project_networks(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const char *const **ret_ids, struct ak_error *err);
/* In the transaction of server create: checks rights and quotas, creates or binds ports (addresses
 * and MAC allocated, default security group when 'groups' is empty; groups by id or name). Errors
 * are network's own: unknown network, address in use, none left, quota. 'hostname' becomes the DNS
 * name. 'index' order is the order of the interfaces. */
int network_server_ports_create(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *hostname,
                                const struct network_nic_request *nics, size_t n_nics,
                                const char *const *groups, struct ak_error *err);
/* Ports of several servers at once, ordered by server and interface: for server lists. */
int network_server_ports_load(struct ak_tx *tx, struct ak_arena *arena,
                              const char *const *server_ids, size_t n,
                              struct network_server_port **ret_ports, size_t *ret_n,
                              struct ak_error *err);
/* Fills in what the subnets of the addresses say: for building servers. */
int network_server_ports_subnets(struct ak_tx *tx, struct ak_arena *arena,
                                 struct network_server_port *ports, size_t n, struct ak_error *err);
/* Ids of servers in the project with a fixed address that matches (exact, or POSIX regular
 * expression). */
int network_servers_by_address(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               const char *ip_regex, int version, const char *const **ret_ids,
                               struct ak_error *err);
/* Worker steps of compute: bring the server's ports (with network, subnet, groups they need) into
 * the fabric / wait until they are up / take them out again: ports made by the server are deleted,
 * others unbound. Idempotent. */
int network_server_ports_apply(struct ak_job_run *run, const char *server_id, struct ak_error *err);
int network_server_ports_wait_up(struct ak_job_run *run, const char *server_id, int64_t timeout_ms,
                                 struct ak_error *err);
int network_server_ports_remove(struct ak_job_run *run, const char *server_id,
                                struct ak_error *err);
/* Adds or removes a security group on all ports of a server (Nova's addSecurityGroup); re-apply by
 * job, in the transaction. */
int network_server_group_change(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *group, bool add,
                                struct ak_error *err);

/* Security groups as Nova's old interface (os-security-groups) shows them: ingress rules only. */
struct network_caller {
    const char *project_id, *user_id, *request_id;
    bool admin;
    const struct ak_config *config;
};
struct network_group_rule {
    const char *id, *protocol, *remote_ip;             /* NULL = any */
    const char *remote_group_name, *remote_project_id; /* NULL = no group */
    const char *port_min, *port_max;                   /* JSON: a number, or NULL */
};
struct network_group_info {
    const char *id, *project_id, *name, *description;
    const struct network_group_rule *rules;
    size_t n_rules;
};
/* A project's default group is there as soon as somebody looks: makes it when it is missing, in a
 * transaction of its own with its audit event. Called by handlers before they list. */
int network_default_group_ensure(struct ak_request *req, struct ak_error *err);
/* One group ('id') or all of the caller's project (NULL). AK_GROUP_NOT_FOUND. */
int network_groups_load(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                        const char *id, struct network_group_info **ret_groups, size_t *ret_n,
                        struct ak_error *err);
/* Makes ('id' NULL) or changes a group, with all checks of Neutron's own interface. */
int network_group_save(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                       const char *id, const char *name, const char *description,
                       struct network_group_info *ret_group, struct ak_error *err);
int network_group_delete(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                         const char *id, struct ak_error *err);

/* Rules on behalf of a project, in the caller's transaction, with all checks of Neutron's own
 * interface; the fabric follows by its job. For requests. */
struct network_rule_order {
    const char *group_id, *direction, *protocol; /* protocol NULL: any */
    const char *remote_cidr;                     /* its version is the rule's */
    int64_t port_min, port_max;                  /* 0: any */
    const char *description;
};
/* '*ret_id' is in the arena. AK_GROUP_NOT_FOUND, AK_RULE_…, AK_RULE_EXISTS. */
int network_rule_order(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                       const struct network_rule_order *order, const char **ret_id,
                       struct ak_error *err);
/* Takes the rule that says exactly this away. AK_OBJECT_NOT_FOUND when there is none. */
int network_rule_drop(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                      const struct network_rule_order *order, const char **ret_id,
                      struct ak_error *err);
/* The name of a network that the project may use. AK_NETWORK_NOT_FOUND. */
int network_network_name(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                         const char *id, const char **ret_name, struct ak_error *err);

/* Whether the project owns a network, subnet, port, router or security_group ('type') of that id.
 */
int network_object_exists(struct ak_tx *tx, const char *type, const char *id,
                          const char *project_id, bool *ret_there, struct ak_error *err);

/* --- A contract's customer as a whole (network_tenant.c); all in the caller's transaction, jobs of
 * the actor "system" --------------------------------------------------------------------------- */

/* Its first network, so that a server can be made at once: network, subnet and router of the name
 * "default", with a way out where the provider has one, and the default security group.
 * 'config' may be NULL. */
int network_tenant_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const char *project_id, const char *cidr, const char *request_id,
                          struct ak_error *err);
/* Everything the project has, as members of an object: "networks": […], "ports": […], … */
int network_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_json *w, struct ak_error *err);
/* Removes all of a stage; the fabric follows by jobs. Idempotent; ports of servers must be gone
 * before. Order: ports, routers, networks, groups. */
enum network_tenant_stage {
    NETWORK_TENANT_PORTS,
    NETWORK_TENANT_ROUTERS,
    NETWORK_TENANT_NETWORKS,
    NETWORK_TENANT_GROUPS
};
int network_tenant_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          enum network_tenant_stage stage, const char *request_id,
                          struct ak_error *err);
/* Limits by Neutron's names ("network", "port", …). AK_FIELD_UNKNOWN. */
int network_tenant_quota_set(struct ak_tx *tx, const char *project_id, const char *resource,
                             int64_t limit, struct ak_error *err);
int network_tenant_quota_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);

/* 'akashi init': the provider network "world" (external, shared by routers only) from the settings.
 * Idempotent. */
int network_bootstrap(struct ak_store *store, const struct ak_config *config, struct ak_error *err);

#endif
