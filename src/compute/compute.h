/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_COMPUTE_H
#define AK_COMPUTE_H
/* Nova v2.1: flavors, keypairs, servers, actions, console, quotas, hypervisors. */
#include "engine/engine.h"
#include "http/http.h"

extern const struct ak_domain compute_domain;

/* 'akashi init': the default flavors (tiny small medium large) and this host. Idempotent. */
int compute_bootstrap(struct ak_store *store, const struct ak_config *config, struct ak_error *err);

/* Engine events (worker): the hypervisor saw a change of state. Enqueues a reconcile of that
 * server; never blocks on engines. */
void compute_server_state_seen(const char *uuid, enum ak_vm_state state, void *store);

/* Whether the user (NULL: any) has a key pair of that name. */
int compute_keypair_exists(struct ak_tx *tx, const char *user_id, const char *name, bool *ret_there,
                           struct ak_error *err);

/* Where servers of a project may run, by its service class: JSON arrays of zones and countries, and
 * whether it shares no host. Without it: zone general, any country, shared hosts. Acts at the next
 * placement; servers that run stay. Cleared when the project ends. */
#define COMPUTE_ZONE_GENERAL "general"
int compute_project_placement_set(struct ak_tx *tx, const char *project_id, const char *zones_json,
                                  const char *countries_json, bool dedicated, struct ak_error *err);
int compute_project_placement_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);
struct compute_host_place {
    const char *name, *placement_zone, *country, *disabled_reason;
    int64_t servers;
    bool enabled;
};
/* All hosts, by number: structs compute_host_place. */
int compute_host_places(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                        struct ak_error *err);
/* Says where a host is; NULL = stays. The zone is one of general, municipal, private, dedicated,
 * the country two letters. AK_FIELD_VALUE, AK_COMPUTE_HOST_NOT_FOUND, AK_CONFLICT while it has
 * servers.
 */
int compute_host_place(struct ak_tx *tx, struct ak_arena *arena, const char *name, const char *zone,
                       const char *country, struct compute_host_place *ret_host,
                       struct ak_error *err);

/* What other domains may know of a server. Strings live in the arena of the call. */
struct compute_server_brief {
    const char *id, *name, *project_id;
    const char *host; /* NULL: not placed yet */
    const char *vm_state;
    int64_t vcpus, ram_mib;
    int64_t deleted_us; /* 0 = lives */
};
/* One server, deleted ones too; of 'project_id' only, unless NULL. AK_SERVER_NOT_FOUND. */
int compute_server_brief_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              const char *project_id, struct compute_server_brief *ret_server,
                              struct ak_error *err);
/* Living servers: structs compute_server_brief; of a project and on a host, each unless NULL. */
int compute_server_brief_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const char *host, struct ak_list *ret_list, struct ak_error *err);

/* ---- On behalf of a project, in the caller's transaction (compute_order.c): requests and the end
 * of a contract. Quotas, images and networks are checked as for the project's own people; class
 * verbs and consent are the caller's business.
 * ------------------------------------------------------- */

/* For whom, and who asked: the user owns the key pair and is named in the instance action. */
struct compute_behalf {
    const char *project_id, *user_id;
    const char *request_id; /* of the HTTP request or job */
};
struct compute_order {
    const char *name, *flavor_id, *image_id;
    const char *network_id; /* NULL: the project's networks */
    const char *key_name;   /* of the user; NULL: none */
};
/* Makes a server; engines follow by its job. '*ret_id' and '*ret_admin_pass' (may be NULL) are in
 * the arena. All errors of a create: AK_FLAVOR_UNUSABLE, AK_IMAGE_UNUSABLE, AK_COMPUTE_QUOTA, … */
int compute_server_order(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const struct compute_behalf *behalf, const struct compute_order *order,
                         const char **ret_id, const char **ret_admin_pass, struct ak_error *err);
/* Begins to delete a server, locked or not. AK_SERVER_NOT_FOUND, AK_SERVER_STATE (it is being
 * deleted already). */
int compute_server_remove(struct ak_tx *tx, struct ak_arena *arena,
                          const struct compute_behalf *behalf, const char *server_id,
                          struct ak_error *err);
/* Begins "start", "stop" or "reboot" (soft). AK_SERVER_NOT_FOUND, AK_SERVER_STATE,
 * AK_SERVER_LOCKED, AK_INTERNAL for another verb. */
int compute_server_power(struct ak_tx *tx, struct ak_arena *arena,
                         const struct compute_behalf *behalf, const char *server_id,
                         const char *verb, struct ak_error *err);
/* Begins to give the server another flavor: it is off meanwhile, its disk only grows.
 * AK_SERVER_NOT_FOUND, AK_FLAVOR_NOT_FOUND, AK_RESIZE_SAME, AK_RESIZE_DISK, AK_COMPUTE_QUOTA,
 * AK_NO_VALID_HOST, AK_SERVER_STATE, AK_SERVER_LOCKED. */
int compute_server_change(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_behalf *behalf, const char *server_id,
                          const char *flavor_id, struct ak_error *err);
/* What a server is doing. */
struct compute_server_look {
    const char *id, *name, *flavor_id;
    const char *vm_state, *task_state; /* Nova's words; task_state NULL when idle */
    bool deleted, failed;              /* failed: vm_state error */
    bool faulty;                       /* the last operation left a fault */
    const char *fault;                 /* its text, or NULL */
    int64_t fault_us;
};
/* A server of the project, a deleted one too. AK_SERVER_NOT_FOUND. */
int compute_server_look(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *server_id, struct compute_server_look *ret_look,
                        struct ak_error *err);
/* Flavors the project may use, the smallest first. */
struct compute_flavor_info {
    const char *id, *name;
    int64_t vcpus, ram_mib, disk_gib;
};
int compute_project_flavors(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            struct compute_flavor_info **ret_flavors, size_t *ret_n,
                            struct ak_error *err);

/* --- A contract's customer as a whole (compute_tenant.c); in the caller's transaction ----------
 */

struct compute_tenant_server {
    const char *id, *project_id, *name, *vm_state, *task_state, *image_id, *flavor_id, *host;
    const char *flavor_name; /* given to compute_server_made only */
    int64_t vcpus, ram_mib, disk_gib;
    int64_t created_us, deleted_us; /* 0 = lives */
};
/* Called in the transaction in which a server is made, whoever asked for it; what it refuses is not
 * made. Set once at start, by the layer above (service codes), or NULL. */
extern int (*compute_server_made)(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct compute_tenant_server *server, struct ak_error *err);
/* The servers of a project, deleted ones too on request; the arrays live in the arena. */
int compute_project_servers(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            bool deleted_too, struct compute_tenant_server **ret_servers,
                            size_t *ret_n, struct ak_error *err);
/* The member "servers": […] / objects of a user's key pairs inside an array that is open. */
int compute_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_json *w, struct ak_error *err);
int compute_tenant_keypairs_export(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                   struct ak_json *w, struct ak_error *err);
/* Begins to delete every server that can be, locked ones too; '*ret_left' = how many still live.
 * Asked again until none is left. */
int compute_tenant_servers_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                  const char *request_id, int64_t *ret_left, struct ak_error *err);
/* Begins to stop every server that runs; '*ret_left' = how many still run or are being worked on.
 * Asked again until none is left. */
int compute_tenant_servers_stop(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *request_id, int64_t *ret_left, struct ak_error *err);
/* How many servers of other projects have a disk made from the image. */
int compute_image_servers(struct ak_tx *tx, const char *image_id, const char *project_id,
                          int64_t *ret_n, struct ak_error *err);
int compute_tenant_keypairs_remove(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                   struct ak_error *err);
/* Limits by Nova's names ("instances", "cores", "ram" in MiB, …). AK_FIELD_UNKNOWN. */
int compute_tenant_quota_set(struct ak_tx *tx, const char *project_id, const char *resource,
                             int64_t limit, struct ak_error *err);
int compute_tenant_quota_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);

/* Whether there is a host of this name. */
int compute_host_known(struct ak_tx *tx, const char *name, bool *ret_known, struct ak_error *err);
/* A server that lives on a host. Strings are the arena's. */
struct compute_host_server {
    const char *id, *project_id, *name, *host;
};
/* The servers of a host, ordered by project and name: whom work on that host concerns. A host that
 * is not known has none. */
int compute_host_servers(struct ak_tx *tx, struct ak_arena *arena, const char *host,
                         struct compute_host_server **ret_servers, size_t *ret_n,
                         struct ak_error *err);

#endif
