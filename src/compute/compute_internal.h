/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_INTERNAL_H
#define COMPUTE_INTERNAL_H
/* Shared by the files of src/compute: rows, bodies, and what each layer offers the next.
 * api (parse, call, render) -> service (rules) -> store (SQL); jobs and reconcile beside them. */
#include "compute.h"
#include "compute_state.h"
#include "identity/identity.h"
#include "image/image.h"
#include "network/network.h"

#define COMPUTE_MICROVERSION_MAX 26
#define COMPUTE_MAX_LIMIT        1000
#define COMPUTE_SPEC             "https://docs.openstack.org/api-ref/compute/"

/* Who asks, as services and stores need it. */
struct compute_caller {
    const char *project_id, *user_id, *request_id;
    bool admin;
};
struct compute_caller compute_caller_of(const struct ak_request *req);

/* ---- Rows ---------------------------------------------------------------------------------- */

struct compute_flavor {
    const char *id, *name, *rxtx_factor;
    int64_t ram_mib, vcpus, disk_gib, ephemeral_gib, swap_mib;
    bool is_public, disabled;
    int64_t created_us;
};
struct compute_spec { /* of a flavor */
    const char *name, *value;
};
struct compute_keypair {
    const char *id, *user_id, *name, *type, *fingerprint, *public_key;
    int64_t number, created_us;
};
struct compute_server {
    const char *id, *project_id, *user_id, *name, *hostname, *description;
    const char *image_id, *firmware, *flavor_id;
    int64_t ram_mib, vcpus, disk_gib;
    const char *key_name, *key_data, *user_data, *admin_pass;
    struct ak_map metadata;
    struct ak_list tags; /* const char * */
    bool config_drive, locked;
    const char *disk_config, *zone, *access_ip_v4, *access_ip_v6;
    const char *vm_state, *task_state; /* as stored; the two below are them parsed */
    enum compute_vm_state vm;
    enum compute_task_state task;
    int64_t power_state;
    const char *host, *reservation_id;
    int64_t launch_index;
    int64_t fault_code;
    const char *fault_message, *fault_details;
    int64_t fault_us;
    int64_t launched_us, terminated_us, created_us, updated_us, deleted_us, version;
};
struct compute_action {
    const char *id, *server_id, *project_id, *request_id, *user_id, *action, *message;
    int64_t start_us, updated_us;
};
struct compute_event {
    const char *event, *result, *details;
    int64_t start_us, finish_us;
};
struct compute_host {
    const char *id, *name, *type, *virt, *arch, *cpu_model, *zone, *disabled_reason, *boot_id;
    int64_t number, hypervisor_version, ram_mib, ram_free_mib, vcpus, disk_gib, disk_free_gib;
    bool enabled;
    int64_t created_us, seen_us, version;
    const char *placement_zone, *country; /* where it is: compute_placement_rule */
    /* What the servers placed on it hold (not columns of the table). */
    int64_t servers, used_ram_mib, used_vcpus, used_disk_gib;
};
extern const struct ak_fields compute_flavor_row, compute_spec_row, compute_keypair_row,
    compute_server_row, compute_action_row, compute_event_row, compute_host_row;
/* Names by which lists of servers and flavors filter and sort, with their columns. */
extern const struct ak_fields compute_server_query, compute_server_query_admin,
    compute_flavor_query;

/* ---- Bodies -------------------------------------------------------------------------------- */

struct compute_nic_body {
    const char *uuid, *port, *fixed_ip;
};
struct compute_device_body { /* of block_device_mapping_v2 */
    const char *source_type, *destination_type, *uuid;
    const char *boot_index; /* JSON: number, string or null */
};
struct compute_group_body {
    const char *name;
};
struct compute_server_body { /* server create and rebuild */
    const char *name, *image_id, *flavor_id, *admin_pass, *key_name, *user_data, *zone;
    const char *access_ip_v4, *access_ip_v6, *description, *disk_config, *personality;
    const char *legacy_devices; /* block_device_mapping: refused */
    struct ak_map metadata;
    struct ak_list networks, groups, devices;
    bool config_drive, return_reservation_id, preserve_ephemeral;
    int64_t min_count, max_count;
    struct ak_given given;
};
extern const struct ak_fields compute_server_create_body, compute_server_update_body,
    compute_server_rebuild_body;

struct compute_flavor_body {
    const char *id, *name, *rxtx_factor;
    int64_t ram_mib, vcpus, disk_gib, ephemeral_gib, swap_mib;
    bool is_public;
    struct ak_given given;
};
extern const struct ak_fields compute_flavor_body;
struct compute_access_body {
    const char *tenant;
};
extern const struct ak_fields compute_access_body;

struct compute_keypair_body {
    const char *name, *public_key, *type, *user_id;
};
extern const struct ak_fields compute_keypair_body;

struct compute_reboot_body {
    const char *type;
};
struct compute_console_output_body {
    int64_t length;
    struct ak_given given;
};
struct compute_console_body {
    const char *type, *protocol;
};
struct compute_reset_body {
    const char *state;
};
extern const struct ak_fields compute_reboot_body, compute_console_output_body,
    compute_vnc_console_body, compute_remote_console_body, compute_reset_body, compute_group_body;

struct compute_old_group_body { /* os-security-groups */
    const char *name, *description;
};
extern const struct ak_fields compute_old_group_body;

struct compute_service_body {
    const char *host, *binary, *disabled_reason;
};
extern const struct ak_fields compute_service_body;

/* ---- Flavors (compute_flavor_store.c) ------------------------------------------------------ */

/* Loads a flavor the caller may use: public, given to its project, or any for administrators.
 * AK_FLAVOR_NOT_FOUND. */
int compute_flavor_load(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const char *id, struct compute_flavor *ret_flavor, struct ak_error *err);
int compute_flavor_list(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const struct ak_query *query, struct ak_list *ret_list,
                        struct ak_error *err);
/* AK_FLAVOR_EXISTS. */
int compute_flavor_insert(struct ak_tx *tx, const struct compute_flavor *flavor,
                          struct ak_error *err);
/* AK_FLAVOR_NOT_FOUND. */
int compute_flavor_delete(struct ak_tx *tx, const char *id, struct ak_error *err);
int compute_flavor_specs(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_list *ret_list, struct ak_error *err);
int compute_flavor_spec_set(struct ak_tx *tx, const char *id, const char *name, const char *value,
                            struct ak_error *err);
/* AK_FLAVOR_SPEC_NOT_FOUND. */
int compute_flavor_spec_delete(struct ak_tx *tx, const char *id, const char *name,
                               struct ak_error *err);
/* Project ids (const char *) with access to a flavor that is not public. */
int compute_flavor_access_list(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct ak_list *ret_list, struct ak_error *err);
/* AK_FLAVOR_ACCESS_EXISTS / AK_FLAVOR_ACCESS_NOT_FOUND. */
int compute_flavor_access_change(struct ak_tx *tx, const char *id, const char *project_id, bool add,
                                 struct ak_error *err);

/* ---- Keypairs (compute_keypair_service.c, compute_keypair_store.c) --------------------------- */

/* Checks an OpenSSH public key ("type base64 [comment]") and computes its MD5 fingerprint as
 * Nova shows it (aa:bb:…, 47 characters). AK_KEYPAIR_INVALID. */
#define COMPUTE_FINGERPRINT_TEXT 48
int compute_key_check(const char *public_key, char ret_fingerprint[COMPUTE_FINGERPRINT_TEXT],
                      struct ak_error *err);
/* Makes an RSA key of 3072 bits: '*ret_private' is the PEM (PKCS#1, what every SSH client reads),
 * '*ret_public' the OpenSSH line; both in the arena. Takes some 0.2 s of CPU. */
int compute_key_generate(struct ak_arena *arena, const char *comment, const char **ret_private,
                         const char **ret_public, struct ak_error *err);
/* The same for certificates (type x509): the PEM of a certificate, its SHA-1 fingerprint; and a
 * self-signed one for client authentication, named after 'user', valid for ten years. */
#define COMPUTE_CERTIFICATE_FINGERPRINT_TEXT 60
int compute_certificate_check(const char *pem,
                              char ret_fingerprint[COMPUTE_CERTIFICATE_FINGERPRINT_TEXT],
                              struct ak_error *err);
int compute_certificate_generate(struct ak_arena *arena, const char *user, const char **ret_private,
                                 const char **ret_public, struct ak_error *err);
/* AK_KEYPAIR_EXISTS. */
int compute_keypair_insert(struct ak_tx *tx, struct compute_keypair *key, struct ak_error *err);
/* AK_KEYPAIR_NOT_FOUND. */
int compute_keypair_load(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         const char *name, struct compute_keypair *ret_key, struct ak_error *err);
int compute_keypair_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                         struct ak_list *ret_list, struct ak_error *err);
int compute_keypair_delete(struct ak_tx *tx, const char *user_id, const char *name,
                           struct ak_error *err);
/* Tells compute_server_made of a new server. */
int compute_server_tell(struct ak_tx *tx, struct ak_arena *arena,
                        const struct compute_server *server, const char *flavor_name,
                        struct ak_error *err);
int compute_keypair_count(struct ak_tx *tx, const char *user_id, int64_t *ret_n,
                          struct ak_error *err);

/* ---- Quotas (compute_quota_service.c, compute_quota_store.c) --------------------------------- */

enum compute_quota_id {
    COMPUTE_QUOTA_INSTANCES,
    COMPUTE_QUOTA_CORES,
    COMPUTE_QUOTA_RAM,
    COMPUTE_QUOTA_METADATA,
    COMPUTE_QUOTA_KEYPAIRS,
    COMPUTE_QUOTA_INJECTED_FILES,
    COMPUTE_QUOTA_INJECTED_CONTENT,
    COMPUTE_QUOTA_INJECTED_PATH,
    COMPUTE_QUOTA_SERVER_GROUPS,
    COMPUTE_QUOTA_SERVER_GROUP_MEMBERS,
    COMPUTE_QUOTA_FIXED_IPS,
    COMPUTE_QUOTA_FLOATING_IPS,
    COMPUTE_QUOTA_SECURITY_GROUPS,
    COMPUTE_QUOTA_SECURITY_GROUP_RULES,
    COMPUTE_QUOTA_DISK, /* ours: not a resource of Nova's, never rendered */
    COMPUTE_QUOTAS
};
struct compute_quota_rule {
    const char *name;    /* Nova's resource: "instances" */
    const char *setting; /* whose value is the default; NULL: 'initial' is */
    int64_t initial;
    const char *absolute; /* member of "limits": "maxTotalInstances", or NULL */
    const char *used;     /* member of "limits" for the usage, or NULL */
    bool hidden;          /* not part of Nova's bodies */
};
extern const struct compute_quota_rule compute_quota_rules[COMPUTE_QUOTAS];
struct compute_quotas {
    int64_t limit[COMPUTE_QUOTAS]; /* -1 = none */
    int64_t used[COMPUTE_QUOTAS];
};
int64_t compute_quota_default(const struct ak_config *config, enum compute_quota_id id);
/* Limits of a project with what it uses. */
int compute_quotas_load(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                        struct compute_quotas *ret_quotas, struct ak_error *err);
int compute_quota_set(struct ak_tx *tx, const char *project_id, enum compute_quota_id id,
                      int64_t limit, struct ak_error *err);
int compute_quota_reset(struct ak_tx *tx, const char *project_id, struct ak_error *err);
/* How many of 'wanted' equal servers still fit, and the quota that stops the next one. */
struct compute_demand {
    int64_t cores, ram_mib, disk_gib; /* of one server */
};
int64_t compute_quota_room(const struct compute_quotas *quotas, const struct compute_demand *one,
                           int64_t wanted, enum compute_quota_id *ret_tightest);
/* AK_COMPUTE_QUOTA with requested, used and limit. */
int compute_quota_refuse(const struct compute_quotas *quotas, enum compute_quota_id id,
                         int64_t requested, struct ak_error *err);
/* Takes the lock of the project's usage row / adds to it ('n' negative gives back). */
int compute_usage_lock(struct ak_tx *tx, const char *project_id, struct ak_error *err);
int compute_usage_add(struct ak_tx *tx, const char *project_id, const struct compute_demand *one,
                      int64_t n, struct ak_error *err);
/* Adds to it (negative gives back) without a server more or less. */
int compute_usage_change(struct ak_tx *tx, const char *project_id,
                         const struct compute_demand *more, struct ak_error *err);
/* Recounts every project's usage from its servers and repairs it; '*ret_wrong' rows differed. */
int compute_usage_repair(struct ak_tx *tx, int64_t *ret_wrong, struct ak_error *err);

/* ---- Servers: store -------------------------------------------------------------------------- */

/* Loads a living server of the project, or of any project for administrators.
 * AK_SERVER_NOT_FOUND, also for one of another project. */
int compute_server_load(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const char *id, struct compute_server *ret_server, struct ak_error *err);
/* As above, a deleted one too. */
int compute_server_load_deleted(struct ak_tx *tx, struct ak_arena *arena,
                                const struct compute_caller *who, const char *id,
                                struct compute_server *ret_server, struct ak_error *err);
/* For jobs: with user data and password. */
int compute_server_load_whole(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              struct compute_server *ret_server, struct ak_error *err);
/* 'project_id' NULL = all projects (administrators). */
int compute_server_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const struct ak_query *query, struct ak_list *ret_list,
                        struct ak_error *err);
int compute_server_insert(struct ak_tx *tx, struct ak_arena *arena,
                          const struct compute_server *server, struct ak_error *err);
/* The one way a server's state moves: compare-and-set by version, checked against the table.
 * AK_CHANGED_MEANWHILE. Updates 'server'. */
int compute_server_move(struct ak_tx *tx, struct compute_server *server, enum compute_vm_state vm,
                        enum compute_task_state task, int64_t power_state, struct ak_error *err);
/* Writes name, description, addresses, metadata, tags, disk config, lock, image, key and password
 * by version. AK_CHANGED_MEANWHILE. */
int compute_server_save(struct ak_tx *tx, struct ak_arena *arena, struct compute_server *server,
                        struct ak_error *err);
int compute_server_set_host(struct ak_tx *tx, const char *id, const char *host,
                            struct ak_error *err);
int compute_server_set_flavor(struct ak_tx *tx, const char *id, const char *flavor_id,
                              int64_t ram_mib, int64_t vcpus, int64_t disk_gib,
                              struct ak_error *err);
int compute_server_set_launched(struct ak_tx *tx, const char *id, struct ak_error *err);
int compute_server_set_fault(struct ak_tx *tx, const char *id, int64_t code, const char *message,
                             const char *details, struct ak_error *err);
int compute_server_forget_password(struct ak_tx *tx, const char *id, struct ak_error *err);
int compute_server_set_deleted(struct ak_tx *tx, const char *id, struct ak_error *err);
/* All living servers, for the reconciler: id, states, host, version only. */
int compute_server_inventory(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                             struct ak_error *err);

/* ---- Instance actions ------------------------------------------------------------------------ */

int compute_action_insert(struct ak_tx *tx, const struct compute_caller *who,
                          const struct compute_server *server, const char *action,
                          char ret_id[AK_UUID_TEXT], struct ak_error *err);
int compute_action_list(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                        struct ak_list *ret_list, struct ak_error *err);
/* AK_ACTION_NOT_FOUND. */
int compute_action_load(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                        const char *request_id, struct compute_action *ret_action,
                        struct ak_error *err);
int compute_event_list(struct ak_tx *tx, struct ak_arena *arena, const char *action_id,
                       struct ak_list *ret_list, struct ak_error *err);
/* Closes the open event of the action with 'result' (and the action with 'message' when an Error),
 * then opens 'event' unless it is NULL. */
int compute_event_next(struct ak_tx *tx, const char *action_id, const char *event,
                       const char *result, const char *details, struct ak_error *err);

/* ---- Servers: service ------------------------------------------------------------------------ */

/* What a create answers. */
struct compute_created {
    const char *id; /* of the first server */
    const char *reservation_id, *admin_pass;
    size_t n;
    const char **ids;
};
/* Checks image, flavor, key, quota, networks; writes the servers, their ports, their actions and
 * jobs. */
int compute_server_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_caller *who, const struct compute_server_body *body,
                          struct compute_created *ret_created, struct ak_error *err);
/* Starts an operation of the table on a loaded server: state, instance action, job.
 * AK_SERVER_STATE, AK_SERVER_BUSY, AK_SERVER_LOCKED. */
int compute_server_operate(struct ak_tx *tx, struct ak_arena *arena,
                           const struct compute_caller *who, struct compute_server *server,
                           enum compute_operation_id op, struct ak_error *err);
/* The same with JSON for its job's args, member "more". */
int compute_server_operate_with(struct ak_tx *tx, struct ak_arena *arena,
                                const struct compute_caller *who, struct compute_server *server,
                                enum compute_operation_id op, const char *more,
                                struct ak_error *err);
/* Begins to give the server another flavor; it is off meanwhile, and its disk only grows.
 * AK_FLAVOR_NOT_FOUND, AK_RESIZE_SAME, AK_RESIZE_DISK, AK_COMPUTE_QUOTA, AK_NO_VALID_HOST (its host
 * has no room), and those of compute_server_operate(). */
int compute_server_resize(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_caller *who, struct compute_server *server,
                          const char *flavor_id, struct ak_error *err);
int compute_server_rebuild(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           const struct compute_caller *who, struct compute_server *server,
                           const struct compute_server_body *body, const char **ret_admin_pass,
                           struct ak_error *err);
int compute_server_update(struct ak_tx *tx, struct ak_arena *arena,
                          const struct compute_caller *who, struct compute_server *server,
                          const struct compute_server_body *body, struct ak_error *err);
/* AK_SERVER_LOCKED unless the caller may pass. */
int compute_server_check_lock(const struct compute_caller *who, const struct compute_server *server,
                              struct ak_error *err);
/* Names and values within Nova's limits; AK_BAD_REQUEST, AK_COMPUTE_QUOTA. */
int compute_metadata_check(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                           const struct ak_map *metadata, struct ak_error *err);
/* Adds 'more' to 'metadata' (equal keys replaced); in the arena. */
struct ak_map compute_metadata_merge(struct ak_arena *arena, const struct ak_map *metadata,
                                     const struct ak_map *more);
/* An address of accessIPv4 (AF_INET) or accessIPv6 in its canonical text; NULL for NULL and empty.
 * AK_FIELD_VALUE naming 'member'. */
int compute_access_address(struct ak_arena *arena, const char *member, int family, const char *text,
                           const char **ret_text, struct ak_error *err);
/* 16 random characters, none that is mistaken for another. */
const char *compute_password_new(struct ak_arena *arena);
/* A host name made of a server's name (RFC 1123 label, at most 63), "server-<uuid>" when nothing
 * is left. */
const char *compute_hostname_of(struct ak_arena *arena, const char *name, const char *id);

/* Whether a server of this memory and disk can be made from the image, and by which firmware it
 * boots ("bios", "uefi"). AK_IMAGE_INACTIVE, AK_FLAVOR_RAM_SMALL, AK_FLAVOR_DISK_SMALL. */
int compute_image_check(const struct image_image *image, int64_t ram_mib, int64_t disk_gib,
                        const char **ret_firmware, struct ak_error *err);

/* ---- Placement (pure) ------------------------------------------------------------------------ */

struct compute_ratios {
    int64_t cpu_percent, ram_percent, disk_percent; /* of what the host has */
    int64_t ram_reserved_mib, disk_reserved_gib;
};
/* Servers of other projects on a host. */
struct compute_host_others {
    const char *host;
    int64_t others, dedicated; /* all; those of projects that share no host */
};
/* What the service class of a project lets it use: JSON arrays of strings; NULL = zone general, any
 * country. */
struct compute_placement_rule {
    const char *zones, *countries;
    bool dedicated;
    struct ak_list others; /* struct compute_host_others */
};
struct compute_placement {
    const char *zone; /* NULL = any */
    struct compute_demand demand;
    int64_t now_us;
    struct compute_placement_rule rule; /* of the project */
};
/* What the class of 'project_id' allows, and who else is on the hosts. */
int compute_placement_rule_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                struct compute_placement_rule *ret_rule, struct ak_error *err);
struct compute_ratios compute_ratios_of(const struct ak_config *config);
/* Chooses the host with the most free memory among those that fit. 'ret_reasons' (n strings in the
 * arena) tells for each host why not, NULL for those that fit. Returns the index or -1. */
int compute_place(struct ak_arena *arena, const struct compute_host *hosts, size_t n,
                  const struct compute_ratios *ratios, const struct compute_placement *wanted,
                  const char **ret_reasons);
#define COMPUTE_HOST_TIMEOUT (180 * AK_SEC) /* not seen for so long: down */
bool compute_host_is_up(const struct compute_host *host, int64_t now_us);

/* ---- Hosts (compute_host_store.c) ------------------------------------------------------------ */

int compute_host_list(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                      struct ak_error *err);
/* Inserts or refreshes by name; '*ret_rebooted' tells that the kernel is another one than before.
 */
int compute_host_seen(struct ak_tx *tx, struct ak_arena *arena, const struct compute_host *host,
                      bool *ret_rebooted, struct ak_error *err);
/* Row lock, so that two placements on one host come one after the other. */
int compute_host_lock(struct ak_tx *tx, const char *name, struct ak_error *err);
int compute_host_enable(struct ak_tx *tx, const char *name, bool enabled, const char *reason,
                        struct ak_error *err);
int compute_refusal_add(struct ak_tx *tx, const char *server_id, const char *host,
                        const char *reason, struct ak_error *err);
/* '*ret_new' tells whether it was unknown until now. */
int compute_orphan_add(struct ak_tx *tx, const char *kind, const char *name, const char *action,
                       bool *ret_new, struct ak_error *err);

/* ---- Console --------------------------------------------------------------------------------- */

#define COMPUTE_CONSOLE_TTL   (60 * AK_SEC)
#define COMPUTE_CONSOLE_TOKEN 44
/* Makes a single-use token; its text goes to the client only. */
int compute_console_token_make(struct ak_tx *tx, const struct compute_caller *who,
                               const char *auth_hash, const struct compute_server *server,
                               char ret_token[COMPUTE_CONSOLE_TOKEN], struct ak_error *err);
/* What a token that is good now is for. AK_CONSOLE_TOKEN. */
struct compute_console {
    const char *server_id, *project_id;
    const char *auth_hash; /* of the token that asked for it; NULL: of an older version */
};
int compute_console_token_load(struct ak_tx *tx, struct ak_arena *arena, const char *token,
                               struct compute_console *ret_console, struct ak_error *err);
/* Of two at once one gets it. AK_CONSOLE_TOKEN. */
int compute_console_token_use(struct ak_tx *tx, const char *token, struct ak_error *err);
/* Whether the one who asked for a console may have it, from where 'req' comes, now; fills
 * req->principal. As the errors of asking for one. */
int compute_console_check(struct ak_request *req, const struct compute_console *console,
                          struct ak_error *err);
/* Asks the same again and again while the console is open, and is its place among the open ones of
 * the caller's project. To be given to ak_reply_websocket(), or to be freed. AK_CONSOLE_MANY. */
int compute_console_watch(const struct ak_request *req, const struct compute_console *console,
                          struct ak_relay_watch *ret_watch, struct ak_error *err);
int compute_console_tokens_expire(struct ak_tx *tx, struct ak_error *err);
/* Files of a server outside the pool, in the arena. */
const char *compute_console_log_path(const struct ak_config *config, struct ak_arena *arena,
                                     const char *server_id);
const char *compute_console_socket_path(const struct ak_config *config, struct ak_arena *arena,
                                        const char *server_id);
/* The last 'lines' lines (-1 = all) of at most 'max' bytes of a file; a missing file is empty. */
int compute_log_tail(const char *path, int64_t lines, size_t max, struct ak_buf *out,
                     struct ak_error *err);
/* Cuts a file longer than 'max' bytes to its last 'keep'. */
int compute_log_cut(const char *path, int64_t max, int64_t keep, struct ak_error *err);

/* ---- Config drive (pure but for the ISO) ------------------------------------------------------
 */

/* The files of an OpenStack config drive for a server with these ports. */
int compute_drive_make(struct ak_arena *arena, const struct compute_server *server,
                       const struct network_server_port *ports, size_t n_ports, void **ret_iso,
                       size_t *ret_size, struct ak_error *err);
/* meta_data.json and network_data.json, in the arena (for the drive and its tests). */
const char *compute_drive_meta_data(struct ak_arena *arena, const struct compute_server *server);
const char *compute_drive_network_data(struct ak_arena *arena,
                                       const struct network_server_port *ports, size_t n_ports);

/* ---- Jobs and schedules ---------------------------------------------------------------------- */

extern const struct ak_job_kind *const compute_jobs[];
extern const struct ak_job_kind compute_job_sync;
extern const struct ak_schedule *const compute_schedules[];
/* The kind of an operation's job. */
const struct ak_job_kind *compute_job_kind(enum compute_operation_id op);
/* Defines (again) the domain of a server from the database. */
int compute_vm_define(struct ak_job_run *run, const struct compute_server *server,
                      struct ak_error *err);
/* This host's name, as in compute_host. */
const char *compute_this_host(void);

#define COMPUTE_SETTINGS 21
extern const struct ak_setting compute_settings[COMPUTE_SETTINGS];

/* ---- Rendering (compute_server_json.c) ------------------------------------------------------- */

extern const struct ak_fields compute_server_view, compute_server_changed, compute_server_brief,
    compute_flavor_view, compute_flavor_brief;
/* Answers one server with its addresses. */
int compute_server_reply(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                         const struct compute_server *server, struct ak_error *err);
/* The same after an update or rebuild: Nova leaves its extensions out there. 'admin_pass' may be
 * NULL. */
int compute_server_reply_changed(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                                 const struct compute_server *server, const char *admin_pass,
                                 struct ak_error *err);
/* Answers a list, with details or brief; 'more' = there is a next page. */
int compute_servers_reply(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                          const struct ak_list *servers, bool detail, bool more,
                          struct ak_error *err);
/* "https://host:port/compute/v2.1/<path>" / without the version, for rel=bookmark. */
const char *compute_link(const struct ak_request *req, const char *path);
const char *compute_bookmark(const struct ak_request *req, const char *path);
/* Writes [{"rel":"next","href":…}] under 'key': the same query with marker set. */
void compute_next_link(struct ak_request *req, struct ak_json *w, const char *key,
                       const char *marker);
/* hostId: SHA-224 of project and host, so that a customer can tell hosts apart but not name them.
 */
#define COMPUTE_HOST_ID_TEXT AK_SHA224_TEXT
void compute_host_id(const char *project_id, const char *host, char out[COMPUTE_HOST_ID_TEXT]);

#endif
