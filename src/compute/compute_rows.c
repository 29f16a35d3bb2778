/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of the database rows, and of what lists filter and sort by. The names of rows are
 * the columns; the names of the query tables are Nova's. Bodies and replies are in compute_json.c.
 */
#include "compute_internal.h"

#define ROW(type, kind, member)                                                                    \
    {                                                                                              \
#member, kind, offsetof(struct type, member)                                               \
    }

static const struct ak_field flavor_fields[] = {
    ROW(compute_flavor, AK_STR, id),
    ROW(compute_flavor, AK_STR, name),
    ROW(compute_flavor, AK_STR, rxtx_factor),
    ROW(compute_flavor, AK_INT, ram_mib),
    ROW(compute_flavor, AK_INT, vcpus),
    ROW(compute_flavor, AK_INT, disk_gib),
    ROW(compute_flavor, AK_INT, ephemeral_gib),
    ROW(compute_flavor, AK_INT, swap_mib),
    ROW(compute_flavor, AK_BOOL, is_public),
    ROW(compute_flavor, AK_BOOL, disabled),
    ROW(compute_flavor, AK_INT, created_us),
};
const struct ak_fields compute_flavor_row =
    AK_FIELDS("flavor_row", struct compute_flavor, flavor_fields);

static const struct ak_field spec_fields[] = {
    ROW(compute_spec, AK_STR, name),
    ROW(compute_spec, AK_STR, value),
};
const struct ak_fields compute_spec_row = AK_FIELDS("spec_row", struct compute_spec, spec_fields);

static const struct ak_field keypair_fields[] = {
    ROW(compute_keypair, AK_STR, id),         ROW(compute_keypair, AK_INT, number),
    ROW(compute_keypair, AK_STR, user_id),    ROW(compute_keypair, AK_STR, name),
    ROW(compute_keypair, AK_STR, type),       ROW(compute_keypair, AK_STR, fingerprint),
    ROW(compute_keypair, AK_STR, public_key), ROW(compute_keypair, AK_INT, created_us),
};
const struct ak_fields compute_keypair_row =
    AK_FIELDS("keypair_row", struct compute_keypair, keypair_fields);

static const struct ak_field server_fields[] = {
    ROW(compute_server, AK_STR, id),
    ROW(compute_server, AK_STR, project_id),
    ROW(compute_server, AK_STR, user_id),
    ROW(compute_server, AK_STR, name),
    ROW(compute_server, AK_STR, hostname),
    ROW(compute_server, AK_STR, description),
    ROW(compute_server, AK_STR, image_id),
    ROW(compute_server, AK_STR, firmware),
    ROW(compute_server, AK_STR, flavor_id),
    ROW(compute_server, AK_INT, ram_mib),
    ROW(compute_server, AK_INT, vcpus),
    ROW(compute_server, AK_INT, disk_gib),
    ROW(compute_server, AK_STR, key_name),
    ROW(compute_server, AK_STR, key_data),
    ROW(compute_server, AK_STR, user_data),
    ROW(compute_server, AK_STR, admin_pass),
    ROW(compute_server, AK_MAP, metadata),
    ROW(compute_server, AK_LIST, tags),
    ROW(compute_server, AK_BOOL, config_drive),
    ROW(compute_server, AK_BOOL, locked),
    ROW(compute_server, AK_STR, disk_config),
    ROW(compute_server, AK_STR, zone),
    ROW(compute_server, AK_STR, access_ip_v4),
    ROW(compute_server, AK_STR, access_ip_v6),
    ROW(compute_server, AK_STR, vm_state),
    ROW(compute_server, AK_STR, task_state),
    ROW(compute_server, AK_INT, power_state),
    ROW(compute_server, AK_STR, host),
    ROW(compute_server, AK_STR, reservation_id),
    ROW(compute_server, AK_INT, launch_index),
    ROW(compute_server, AK_INT, fault_code),
    ROW(compute_server, AK_STR, fault_message),
    ROW(compute_server, AK_STR, fault_details),
    ROW(compute_server, AK_INT, fault_us),
    ROW(compute_server, AK_INT, launched_us),
    ROW(compute_server, AK_INT, terminated_us),
    ROW(compute_server, AK_INT, created_us),
    ROW(compute_server, AK_INT, updated_us),
    ROW(compute_server, AK_INT, deleted_us),
    ROW(compute_server, AK_INT, version),
};
const struct ak_fields compute_server_row =
    AK_FIELDS("server_row", struct compute_server, server_fields);

static const struct ak_field action_fields[] = {
    ROW(compute_action, AK_STR, id),         ROW(compute_action, AK_STR, server_id),
    ROW(compute_action, AK_STR, project_id), ROW(compute_action, AK_STR, request_id),
    ROW(compute_action, AK_STR, user_id),    ROW(compute_action, AK_STR, action),
    ROW(compute_action, AK_STR, message),    ROW(compute_action, AK_INT, start_us),
    ROW(compute_action, AK_INT, updated_us),
};
const struct ak_fields compute_action_row =
    AK_FIELDS("action_row", struct compute_action, action_fields);

static const struct ak_field event_fields[] = {
    ROW(compute_event, AK_STR, event),     ROW(compute_event, AK_STR, result),
    ROW(compute_event, AK_STR, details),   ROW(compute_event, AK_INT, start_us),
    ROW(compute_event, AK_INT, finish_us),
};
const struct ak_fields compute_event_row =
    AK_FIELDS("event_row", struct compute_event, event_fields);

static const struct ak_field host_fields[] = {
    ROW(compute_host, AK_STR, id),
    ROW(compute_host, AK_INT, number),
    ROW(compute_host, AK_STR, name),
    ROW(compute_host, AK_STR, type),
    ROW(compute_host, AK_STR, virt),
    ROW(compute_host, AK_STR, arch),
    ROW(compute_host, AK_STR, cpu_model),
    ROW(compute_host, AK_INT, hypervisor_version),
    ROW(compute_host, AK_INT, ram_mib),
    ROW(compute_host, AK_INT, ram_free_mib),
    ROW(compute_host, AK_INT, vcpus),
    ROW(compute_host, AK_INT, disk_gib),
    ROW(compute_host, AK_INT, disk_free_gib),
    ROW(compute_host, AK_STR, zone),
    ROW(compute_host, AK_BOOL, enabled),
    ROW(compute_host, AK_STR, disabled_reason),
    ROW(compute_host, AK_STR, placement_zone),
    ROW(compute_host, AK_STR, country),
    ROW(compute_host, AK_STR, boot_id),
    ROW(compute_host, AK_INT, created_us),
    ROW(compute_host, AK_INT, seen_us),
    ROW(compute_host, AK_INT, version),
    ROW(compute_host, AK_INT, servers),
    ROW(compute_host, AK_INT, used_ram_mib),
    ROW(compute_host, AK_INT, used_vcpus),
    ROW(compute_host, AK_INT, used_disk_gib),
};
const struct ak_fields compute_host_row = AK_FIELDS("host_row", struct compute_host, host_fields);

/* Filters that are more than "column = value" are handled in compute_server_list.c. */
#define Q(nova, kind, member, how)                                                                 \
    {                                                                                              \
        nova, kind, offsetof(struct compute_server, member), how, .column = #member                \
    }
static const struct ak_field server_query_fields[] = {
    Q("uuid", AK_STR, id, AK_FILTER | AK_SORT | AK_NEVER_NULL),
    Q("display_name", AK_STR, name, AK_SORT | AK_NEVER_NULL),
    Q("display_description", AK_STR, description, AK_SORT),
    Q("image_ref", AK_STR, image_id, AK_SORT),
    Q("image", AK_STR, image_id, AK_FILTER),
    Q("instance_type_id", AK_STR, flavor_id, AK_SORT),
    Q("flavor", AK_STR, flavor_id, AK_FILTER),
    Q("key_name", AK_STR, key_name, AK_FILTER | AK_SORT),
    Q("reservation_id", AK_STR, reservation_id, AK_FILTER),
    Q("availability_zone", AK_STR, zone, AK_FILTER | AK_SORT),
    Q("access_ip_v4", AK_STR, access_ip_v4, AK_FILTER | AK_SORT),
    Q("access_ip_v6", AK_STR, access_ip_v6, AK_FILTER | AK_SORT),
    Q("config_drive", AK_BOOL, config_drive, AK_FILTER | AK_SORT),
    Q("vm_state", AK_STR, vm_state, AK_FILTER | AK_SORT),
    Q("task_state", AK_STR, task_state, AK_FILTER | AK_SORT),
    Q("power_state", AK_INT, power_state, AK_FILTER | AK_SORT),
    Q("locked", AK_BOOL, locked, AK_SORT),
    Q("hostname", AK_STR, hostname, AK_SORT),
    Q("project_id", AK_STR, project_id, AK_SORT),
    Q("memory_mb", AK_INT, ram_mib, AK_SORT),
    Q("vcpus", AK_INT, vcpus, AK_SORT),
    Q("root_gb", AK_INT, disk_gib, AK_SORT),
    Q("launch_index", AK_INT, launch_index, AK_SORT),
    Q("launched_at", AK_INT, launched_us, AK_SORT),
    Q("terminated_at", AK_INT, terminated_us, AK_SORT),
    Q("created_at", AK_INT, created_us, AK_SORT | AK_NEVER_NULL),
    Q("updated_at", AK_INT, updated_us, AK_SORT),
    Q("deleted_at", AK_INT, deleted_us, AK_SORT),
    /* From here on for administrators only (ADMIN_ROWS of them). */
    Q("host", AK_STR, host, AK_FILTER | AK_SORT),
    Q("node", AK_STR, host, AK_SORT),
    Q("user_id", AK_STR, user_id, AK_FILTER | AK_SORT),
};
#define ADMIN_ROWS 3
const struct ak_fields compute_server_query_admin =
    AK_FIELDS("server_query_admin", struct compute_server, server_query_fields);
const struct ak_fields compute_server_query = {.name = "server_query",
                                               .size = sizeof(struct compute_server),
                                               .rows = server_query_fields,
                                               .n = AK_N(server_query_fields) - ADMIN_ROWS};

static const struct ak_field flavor_query_fields[] = {
    {"flavorid", AK_STR, offsetof(struct compute_flavor, id), AK_SORT, .column = "id"},
    {"id", AK_STR, offsetof(struct compute_flavor, id), AK_SORT, .column = "id"},
    {"name", AK_STR, offsetof(struct compute_flavor, name), AK_SORT},
    {"memory_mb", AK_INT, offsetof(struct compute_flavor, ram_mib), AK_SORT, .column = "ram_mib"},
    {"vcpus", AK_INT, offsetof(struct compute_flavor, vcpus), AK_SORT},
    {"root_gb", AK_INT, offsetof(struct compute_flavor, disk_gib), AK_SORT, .column = "disk_gib"},
    {"created_at", AK_INT, offsetof(struct compute_flavor, created_us), AK_SORT,
     .column = "created_us"},
};
const struct ak_fields compute_flavor_query =
    AK_FIELDS("flavor_query", struct compute_flavor, flavor_query_fields);
