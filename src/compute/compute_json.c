/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of the bodies that clients send. What is answered is in compute_server_json.c and
 * beside the handlers. */
#include "compute_internal.h"

#define NAME_PATTERN   "[^[:space:]]|[^[:space:]].*[^[:space:]]"
#define AT(type, name) offsetof(struct type, name)

static const char *const disk_configs[] = {"AUTO", "MANUAL", NULL};

/* ---- Servers --------------------------------------------------------------------------------- */

static const struct ak_field nic_rows[] = {
    {"uuid", AK_UUID, AT(compute_nic_body, uuid), AK_CREATE, .doc = "network"},
    {"port", AK_UUID, AT(compute_nic_body, port), AK_CREATE | AK_NULLABLE, .doc = "existing port"},
    {"fixed_ip", AK_STR, AT(compute_nic_body, fixed_ip), AK_CREATE, .max = 45,
     .doc = "address wanted"},
};
static const struct ak_fields nic_fields = AK_FIELDS("nic", struct compute_nic_body, nic_rows);

static const struct ak_field device_rows[] = {
    {"source_type", AK_STR, AT(compute_device_body, source_type), AK_CREATE, .doc = "image"},
    {"destination_type", AK_STR, AT(compute_device_body, destination_type), AK_CREATE,
     .doc = "local"},
    {"uuid", AK_STR, AT(compute_device_body, uuid), AK_CREATE, .doc = "image"},
    {"boot_index", AK_JSON, AT(compute_device_body, boot_index), AK_CREATE | AK_NULLABLE,
     .doc = "0"},
};
/* Whatever else a device may have makes no difference to the one form that is supported. */
static const struct ak_fields device_fields = {.name = "block_device",
                                               .size = sizeof(struct compute_device_body),
                                               .rows = device_rows,
                                               .n = AK_N(device_rows),
                                               .allow_unknown = true};

static const struct ak_field group_rows[] = {
    {"name", AK_STR, AT(compute_group_body, name), AK_CREATE | AK_REQUIRED, .min = 1,
     .doc = "name or id of a security group"},
};
const struct ak_fields compute_group_body =
    AK_FIELDS("security_group", struct compute_group_body, group_rows);

#define B(member) offsetof(struct compute_server_body, member)
static const struct ak_field create_rows[] = {
    {"name", AK_STR, B(name), AK_CREATE | AK_REQUIRED, .min = 1, .pattern = NAME_PATTERN,
     .doc = "name of the server"},
    {"imageRef", AK_STR, B(image_id), AK_CREATE, .doc = "image it boots from"},
    {"flavorRef", AK_STR, B(flavor_id), AK_CREATE | AK_REQUIRED, .min = 1, .doc = "flavor"},
    {"adminPass", AK_STR, B(admin_pass), AK_CREATE | AK_SECRET, .min = 1,
     .doc = "password of the administrator in the guest"},
    {"metadata", AK_MAP, B(metadata), AK_CREATE, .max = 4096, .doc = "names and values"},
    {"networks", AK_LIST, B(networks), AK_CREATE, .max = 16, .sub = &nic_fields,
     .doc = "interfaces in their order; absent = the project's networks"},
    {"security_groups", AK_LIST, B(groups), AK_CREATE, .max = 64, .sub = &compute_group_body,
     .doc = "security groups of the ports made"},
    {"key_name", AK_STR, B(key_name), AK_CREATE | AK_NULLABLE, .min = 1, .doc = "key pair"},
    {"user_data", AK_STR, B(user_data), AK_CREATE | AK_NULLABLE, .max = 65535,
     .doc = "base64, given to the guest"},
    {"config_drive", AK_BOOL, B(config_drive), AK_CREATE | AK_NULLABLE | AK_LENIENT,
     .doc = "whether a config drive is wanted"},
    {"availability_zone", AK_STR, B(zone), AK_CREATE | AK_NULLABLE, .min = 1, .doc = "zone"},
    {"accessIPv4", AK_STR, B(access_ip_v4), AK_CREATE | AK_NULLABLE, .max = 15,
     .doc = "shown only"},
    {"accessIPv6", AK_STR, B(access_ip_v6), AK_CREATE | AK_NULLABLE, .max = 45,
     .doc = "shown only"},
    {"OS-DCF:diskConfig", AK_STR, B(disk_config), AK_CREATE, .choices = disk_configs,
     .doc = "shown only"},
    {"min_count", AK_INT, B(min_count), AK_CREATE | AK_LENIENT, .min = 1, .max = 1000,
     .doc = "fewest servers to make"},
    {"max_count", AK_INT, B(max_count), AK_CREATE | AK_LENIENT, .min = 1, .max = 1000,
     .doc = "most servers to make"},
    {"return_reservation_id", AK_BOOL, B(return_reservation_id), AK_CREATE | AK_LENIENT,
     .doc = "answer the reservation instead of a server"},
    {"block_device_mapping_v2", AK_LIST, B(devices), AK_CREATE, .max = 64, .sub = &device_fields,
     .doc = "only the image on the local disk"},
    {"block_device_mapping", AK_JSON, B(legacy_devices), AK_CREATE, .doc = "refused"},
    {"personality", AK_JSON, B(personality), AK_CREATE, .doc = "refused"},
    {"description", AK_STR, B(description), AK_CREATE | AK_NULLABLE, .since = 19,
     .doc = "description"},
};
const struct ak_fields compute_server_create_body =
    AK_FIELDS_GIVEN("server_create", struct compute_server_body, create_rows);

static const struct ak_field update_rows[] = {
    {"name", AK_STR, B(name), AK_UPDATE, .min = 1, .pattern = NAME_PATTERN,
     .doc = "name of the server"},
    {"accessIPv4", AK_STR, B(access_ip_v4), AK_UPDATE | AK_NULLABLE, .max = 15,
     .doc = "shown only"},
    {"accessIPv6", AK_STR, B(access_ip_v6), AK_UPDATE | AK_NULLABLE, .max = 45,
     .doc = "shown only"},
    {"OS-DCF:diskConfig", AK_STR, B(disk_config), AK_UPDATE, .choices = disk_configs,
     .doc = "shown only"},
    {"description", AK_STR, B(description), AK_UPDATE | AK_NULLABLE, .since = 19,
     .doc = "description"},
};
const struct ak_fields compute_server_update_body =
    AK_FIELDS_GIVEN("server_update", struct compute_server_body, update_rows);

static const struct ak_field rebuild_rows[] = {
    {"imageRef", AK_STR, B(image_id), AK_CREATE | AK_REQUIRED, .min = 1, .doc = "image"},
    {"name", AK_STR, B(name), AK_CREATE, .min = 1, .pattern = NAME_PATTERN, .doc = "new name"},
    {"adminPass", AK_STR, B(admin_pass), AK_CREATE | AK_SECRET, .min = 1, .doc = "password"},
    {"metadata", AK_MAP, B(metadata), AK_CREATE, .max = 4096, .doc = "replaces the metadata"},
    {"accessIPv4", AK_STR, B(access_ip_v4), AK_CREATE | AK_NULLABLE, .max = 15,
     .doc = "shown only"},
    {"accessIPv6", AK_STR, B(access_ip_v6), AK_CREATE | AK_NULLABLE, .max = 45,
     .doc = "shown only"},
    {"OS-DCF:diskConfig", AK_STR, B(disk_config), AK_CREATE, .choices = disk_configs,
     .doc = "shown only"},
    {"preserve_ephemeral", AK_BOOL, B(preserve_ephemeral), AK_CREATE | AK_LENIENT,
     .doc = "there are no ephemeral disks"},
    {"personality", AK_JSON, B(personality), AK_CREATE, .doc = "refused"},
    {"description", AK_STR, B(description), AK_CREATE | AK_NULLABLE, .since = 19,
     .doc = "description"},
};
const struct ak_fields compute_server_rebuild_body =
    AK_FIELDS_GIVEN("server_rebuild", struct compute_server_body, rebuild_rows);

/* ---- Actions --------------------------------------------------------------------------------- */

static const char *const reboot_types[] = {"SOFT", "HARD", "soft", "hard", "Soft", "Hard", NULL};
static const struct ak_field reboot_rows[] = {
    {"type", AK_STR, AT(compute_reboot_body, type), AK_CREATE | AK_REQUIRED,
     .choices = reboot_types, .doc = "SOFT asks the guest, HARD does not"},
};
const struct ak_fields compute_reboot_body =
    AK_FIELDS("reboot", struct compute_reboot_body, reboot_rows);

static const struct ak_field console_output_rows[] = {
    {"length", AK_INT, AT(compute_console_output_body, length),
     AK_CREATE | AK_NULLABLE | AK_LENIENT, .min = -1, .max = INT32_MAX,
     .doc = "last lines wanted; -1 or null = all there are"},
};
const struct ak_fields compute_console_output_body =
    AK_FIELDS_GIVEN("console_output", struct compute_console_output_body, console_output_rows);

static const struct ak_field vnc_console_rows[] = {
    {"type", AK_STR, AT(compute_console_body, type), AK_CREATE | AK_REQUIRED, .doc = "novnc"},
};
const struct ak_fields compute_vnc_console_body =
    AK_FIELDS("vnc_console", struct compute_console_body, vnc_console_rows);

static const char *const protocols[] = {"vnc", "spice", "rdp", "serial", "mks", NULL};
static const struct ak_field remote_console_rows[] = {
    {"protocol", AK_STR, AT(compute_console_body, protocol), AK_CREATE | AK_REQUIRED,
     .choices = protocols, .doc = "vnc"},
    {"type", AK_STR, AT(compute_console_body, type), AK_CREATE | AK_REQUIRED, .doc = "novnc"},
};
const struct ak_fields compute_remote_console_body =
    AK_FIELDS("remote_console", struct compute_console_body, remote_console_rows);

static const char *const reset_states[] = {"active", "error", NULL};
static const struct ak_field reset_rows[] = {
    {"state", AK_STR, AT(compute_reset_body, state), AK_CREATE | AK_REQUIRED,
     .choices = reset_states, .doc = "state to set"},
};
const struct ak_fields compute_reset_body =
    AK_FIELDS("reset_state", struct compute_reset_body, reset_rows);

/* ---- Flavors, keypairs, services --------------------------------------------------------------
 */

#define F(member) offsetof(struct compute_flavor_body, member)
static const struct ak_field flavor_rows[] = {
    {"name", AK_STR, F(name), AK_CREATE | AK_REQUIRED, .min = 1, .pattern = NAME_PATTERN,
     .doc = "name"},
    {"id", AK_STR, F(id), AK_CREATE | AK_NULLABLE, .min = 1,
     .pattern = "[A-Za-z0-9._-]([A-Za-z0-9._ -]*[A-Za-z0-9._-])?",
     .doc = "id; null or auto = a UUID"},
    {"ram", AK_INT, F(ram_mib), AK_CREATE | AK_REQUIRED | AK_LENIENT, .min = 1, .max = INT32_MAX,
     .doc = "MiB"},
    {"vcpus", AK_INT, F(vcpus), AK_CREATE | AK_REQUIRED | AK_LENIENT, .min = 1, .max = 512,
     .doc = "virtual processors"},
    {"disk", AK_INT, F(disk_gib), AK_CREATE | AK_REQUIRED | AK_LENIENT, .min = 0, .max = 65536,
     .doc = "GiB"},
    {"OS-FLV-EXT-DATA:ephemeral", AK_INT, F(ephemeral_gib), AK_CREATE | AK_LENIENT, .min = 0,
     .max = 65536, .doc = "GiB, must be 0"},
    {"swap", AK_INT, F(swap_mib), AK_CREATE | AK_LENIENT, .min = 0, .max = INT32_MAX,
     .doc = "MiB, must be 0"},
    {"rxtx_factor", AK_JSON, F(rxtx_factor), AK_CREATE, .doc = "shown only"},
    {"os-flavor-access:is_public", AK_BOOL, F(is_public), AK_CREATE | AK_LENIENT,
     .doc = "whether every project may use it"},
};
const struct ak_fields compute_flavor_body =
    AK_FIELDS_GIVEN("flavor_create", struct compute_flavor_body, flavor_rows);

static const struct ak_field access_rows[] = {
    {"tenant", AK_STR, AT(compute_access_body, tenant), AK_CREATE | AK_REQUIRED, .min = 1,
     .doc = "project"},
};
const struct ak_fields compute_access_body =
    AK_FIELDS("flavor_access", struct compute_access_body, access_rows);

static const char *const key_types[] = {"ssh", "x509", NULL};
static const struct ak_field keypair_rows[] = {
    {"name", AK_STR, AT(compute_keypair_body, name), AK_CREATE | AK_REQUIRED, .min = 1,
     .pattern = "[A-Za-z0-9_@.-]|[A-Za-z0-9_@.-][A-Za-z0-9 _@.-]*[A-Za-z0-9_@.-]", .doc = "name"},
    {"public_key", AK_STR, AT(compute_keypair_body, public_key), AK_CREATE | AK_NULLABLE,
     .max = 16384, .doc = "OpenSSH public key; absent = a pair is made"},
    {"type", AK_STR, AT(compute_keypair_body, type), AK_CREATE, .choices = key_types, .since = 2,
     .doc = "ssh or x509"},
    {"user_id", AK_STR, AT(compute_keypair_body, user_id), AK_CREATE, .since = 10,
     .doc = "owner; administrators only"},
};
const struct ak_fields compute_keypair_body =
    AK_FIELDS("keypair_create", struct compute_keypair_body, keypair_rows);

static const struct ak_field service_rows[] = {
    {"host", AK_STR, AT(compute_service_body, host), AK_UPDATE | AK_REQUIRED, .min = 1,
     .doc = "host"},
    {"binary", AK_STR, AT(compute_service_body, binary), AK_UPDATE | AK_REQUIRED, .min = 1,
     .doc = "nova-compute"},
    {"disabled_reason", AK_STR, AT(compute_service_body, disabled_reason), AK_UPDATE,
     .doc = "why, for other operators"},
};
const struct ak_fields compute_service_body =
    AK_FIELDS("service_update", struct compute_service_body, service_rows);

static const struct ak_field old_group_rows[] = {
    {"name", AK_STR, AT(compute_old_group_body, name), AK_CREATE | AK_UPDATE | AK_REQUIRED,
     .min = 1, .doc = "name"},
    {"description", AK_STR, AT(compute_old_group_body, description),
     AK_CREATE | AK_UPDATE | AK_NULLABLE | AK_ALLOW_BLANK, .doc = "description"},
};
const struct ak_fields compute_old_group_body =
    AK_FIELDS("security_group_old", struct compute_old_group_body, old_group_rows);
