/* SPDX-License-Identifier: Apache-2.0 */
/* Making servers: everything that can be refused is checked here, in the creating transaction, so
 * that what is answered 202 only waits for engines. Ports are network's (network.h). */
#include "compute_internal.h"

#include <arpa/inet.h>

/* What one create has found out on the way. */
struct plan {
    struct ak_tx *tx;
    struct ak_arena *arena;
    const struct ak_config *config;
    const struct compute_caller *who;
    const struct compute_server_body *body;
    struct compute_flavor flavor;
    struct image_image image;
    struct compute_keypair key;
    bool has_key;
    const char *zone, *firmware, *admin_pass, *reservation_id, *access_ip_v4, *access_ip_v6;
    struct compute_demand demand;
    int64_t count;
    struct network_nic_request *nics;
    size_t n_nics;
    const char **groups; /* NULL-terminated */
};

int compute_image_check(const struct image_image *image, int64_t ram_mib, int64_t disk_gib,
                        const char **ret_firmware, struct ak_error *err)
{
    int64_t image_gib = (image->virtual_size + (1 << 30) - 1) >> 30;
    int64_t needed = image->min_disk_gib > image_gib ? image->min_disk_gib : image_gib;
    if (!ak_streq(image->status, "active")) {
        return ak_fail(err, AK_IMAGE_INACTIVE, image->id);
    }
    if (image->min_ram_mib > ram_mib) {
        return ak_fail(err, AK_FLAVOR_RAM_SMALL, AK_NUM(ram_mib), AK_NUM(image->min_ram_mib));
    }
    if (needed > disk_gib) {
        return ak_fail(err, AK_FLAVOR_DISK_SMALL, AK_NUM(disk_gib), AK_NUM(needed));
    }
    *ret_firmware = "bios";
    for (size_t i = 0; i < image->properties.n; i++) {
        if (ak_streq(image->properties.pairs[i].key, "hw_firmware_type") &&
            ak_streq(image->properties.pairs[i].value, "uefi")) {
            *ret_firmware = "uefi";
        }
    }
    return 0;
}

static int check_flavor_and_image(struct plan *plan, struct ak_error *err)
{
    const struct compute_server_body *body = plan->body;
    int rc =
        compute_flavor_load(plan->tx, plan->arena, plan->who, body->flavor_id, &plan->flavor, err);
    if (rc != 0) {
        return rc == -AK_FLAVOR_NOT_FOUND ? ak_fail(err, AK_FLAVOR_UNUSABLE, body->flavor_id) : rc;
    }
    if (!body->image_id || !body->image_id[0]) {
        return ak_fail(err, AK_BLOCK_DEVICE, "imageRef is needed: servers boot from an image here");
    }
    if (!ak_uuid_valid(body->image_id)) {
        return ak_fail(err, AK_IMAGE_UNUSABLE, body->image_id);
    }
    /* Also the administrator starts only what the project may use: who starts another's image on a
     * server of his own reads what is in it. */
    rc = image_image_load(plan->tx, plan->arena, body->image_id, plan->who->project_id, false,
                          &plan->image, err);
    if (rc != 0) {
        return rc == -AK_OBJECT_NOT_FOUND ? ak_fail(err, AK_IMAGE_UNUSABLE, body->image_id) : rc;
    }
    rc = compute_image_check(&plan->image, plan->flavor.ram_mib, plan->flavor.disk_gib,
                             &plan->firmware, err);
    if (rc != 0) {
        return rc;
    }
    plan->demand = (struct compute_demand){.cores = plan->flavor.vcpus,
                                           .ram_mib = plan->flavor.ram_mib,
                                           .disk_gib = plan->flavor.disk_gib};
    return 0;
}

/* The one form of block devices that needs no volumes: the image itself on the server's disk. */
static int check_devices(const struct compute_server_body *body, struct ak_error *err)
{
    if (body->legacy_devices) {
        return ak_fail(err, AK_BLOCK_DEVICE, "block_device_mapping needs volumes");
    }
    const struct compute_device_body *devices = body->devices.items;
    for (size_t i = 0; i < body->devices.n; i++) {
        if (!ak_streq(devices[i].source_type, "image") ||
            (devices[i].destination_type && !ak_streq(devices[i].destination_type, "local"))) {
            return ak_fail(err, AK_BLOCK_DEVICE,
                           "only an image on the local disk is supported, volumes are not");
        }
        if (i > 0 || !ak_streq(devices[i].uuid, body->image_id)) {
            return ak_fail(err, AK_BLOCK_DEVICE, "its only image must be the one of imageRef");
        }
    }
    return 0;
}

static int check_members(struct plan *plan, struct ak_error *err)
{
    const struct compute_server_body *body = plan->body;
    if (body->personality) {
        return ak_fail(err, AK_COMPUTE_QUOTA, "injected_files", "1", "0", "0");
    }
    int rc = compute_access_address(plan->arena, "accessIPv4", AF_INET, body->access_ip_v4,
                                    &plan->access_ip_v4, err);
    if (rc == 0) {
        rc = compute_access_address(plan->arena, "accessIPv6", AF_INET6, body->access_ip_v6,
                                    &plan->access_ip_v6, err);
    }
    if (rc != 0) {
        return rc;
    }
    plan->zone = ak_config_str(plan->config, "compute_zone");
    if (body->zone && !ak_streq(body->zone, plan->zone)) {
        return ak_fail(err, AK_ZONE_UNKNOWN, body->zone);
    }
    if (body->user_data) {
        size_t size = 0;
        unsigned char *data = ak_base64_decode(body->user_data, strlen(body->user_data), &size);
        free(data);
        if (!data) {
            return ak_fail(err, AK_FIELD_VALUE, "user_data", "it is not valid base64");
        }
    }
    plan->has_key = body->key_name != NULL;
    if (plan->has_key) {
        rc = compute_keypair_load(plan->tx, plan->arena, plan->who->user_id, body->key_name,
                                  &plan->key, err);
        if (rc != 0) {
            return rc == -AK_KEYPAIR_NOT_FOUND ? ak_fail(err, AK_KEYPAIR_UNUSABLE, body->key_name)
                                               : rc;
        }
    }
    return compute_metadata_check(plan->tx, plan->config, plan->who->project_id, &body->metadata,
                                  err);
}

/* How many servers: as many of max_count as the quota has room for, at least min_count. */
static int check_count(struct plan *plan, struct ak_error *err)
{
    int64_t min = plan->body->min_count > 0 ? plan->body->min_count : 1;
    int64_t max = plan->body->max_count > 0 ? plan->body->max_count : min;
    if (min > max) {
        return ak_fail(err, AK_FIELD_VALUE, "min_count", "it must be <= max_count");
    }
    int rc = compute_usage_lock(plan->tx, plan->who->project_id, err);
    struct compute_quotas quotas;
    if (rc == 0) {
        rc = compute_quotas_load(plan->tx, plan->config, plan->who->project_id, &quotas, err);
    }
    if (rc != 0) {
        return rc;
    }
    enum compute_quota_id tightest = COMPUTE_QUOTA_INSTANCES;
    plan->count = compute_quota_room(&quotas, &plan->demand, max, &tightest);
    if (plan->count < min) {
        int64_t each = tightest == COMPUTE_QUOTA_CORES  ? plan->demand.cores
                       : tightest == COMPUTE_QUOTA_RAM  ? plan->demand.ram_mib
                       : tightest == COMPUTE_QUOTA_DISK ? plan->demand.disk_gib
                                                        : 1;
        return compute_quota_refuse(&quotas, tightest, each * min, err);
    }
    return 0;
}

static int named_nics(struct plan *plan, struct ak_error *err)
{
    const struct compute_nic_body *given = plan->body->networks.items;
    for (size_t i = 0; i < plan->body->networks.n; i++) {
        if (!given[i].uuid && !given[i].port) {
            return ak_fail(err, AK_FIELD_MISSING, "networks/uuid");
        }
        if (plan->count > 1 && (given[i].port || given[i].fixed_ip)) {
            return ak_fail(err, AK_BAD_REQUEST,
                           "a port or a fixed address serves one server, not several");
        }
        plan->nics[plan->n_nics++] =
            (struct network_nic_request){.network_id = given[i].port ? NULL : given[i].uuid,
                                         .port_id = given[i].port,
                                         .fixed_ip = given[i].fixed_ip};
    }
    return 0;
}

static int plan_networks(struct plan *plan, struct ak_error *err)
{
    const struct compute_group_body *groups = plan->body->groups.items;
    plan->groups = ak_arena_array(plan->arena, const char *, plan->body->groups.n + 1);
    for (size_t i = 0; i < plan->body->groups.n; i++) {
        plan->groups[i] = groups[i].name;
    }
    if (plan->body->networks.n > 0) {
        plan->nics =
            ak_arena_array(plan->arena, struct network_nic_request, plan->body->networks.n);
        return named_nics(plan, err);
    }
    const char *const *ids = NULL;
    int rc = network_project_networks(plan->tx, plan->arena, plan->who->project_id, &ids, err);
    size_t n = 0;
    while (rc == 0 && ids[n]) {
        n++;
    }
    plan->nics = ak_arena_array(plan->arena, struct network_nic_request, n + 1);
    for (; plan->n_nics < n; plan->n_nics++) {
        plan->nics[plan->n_nics] = (struct network_nic_request){.network_id = ids[plan->n_nics]};
    }
    return rc;
}

static struct compute_server row_of(const struct plan *plan, const char *id, int64_t index)
{
    const struct compute_server_body *body = plan->body;
    bool drive = body->config_drive || ak_config_bool(plan->config, "compute_config_drive");
    const char *name = plan->count > 1
                           ? ak_arena_printf(plan->arena, "%s-%" PRId64, body->name, index + 1)
                           : body->name;
    return (struct compute_server){
        .id = id,
        .project_id = plan->who->project_id,
        .user_id = plan->who->user_id,
        .name = name,
        .hostname = compute_hostname_of(plan->arena, name, id),
        .description = body->description,
        .image_id = plan->image.id,
        .firmware = plan->firmware,
        .flavor_id = plan->flavor.id,
        .ram_mib = plan->flavor.ram_mib,
        .vcpus = plan->flavor.vcpus,
        .disk_gib = plan->flavor.disk_gib,
        .key_name = plan->has_key ? plan->key.name : NULL,
        .key_data = plan->has_key ? plan->key.public_key : NULL,
        .user_data = body->user_data,
        .admin_pass = plan->admin_pass,
        .metadata = body->metadata,
        .config_drive = drive,
        .disk_config = body->disk_config ? body->disk_config : "MANUAL",
        .zone = plan->zone,
        .access_ip_v4 = plan->access_ip_v4,
        .access_ip_v6 = plan->access_ip_v6,
        .vm = COMPUTE_BUILDING,
        .task = COMPUTE_SCHEDULING,
        .reservation_id = plan->reservation_id,
        .launch_index = index,
        .created_us = ak_now_us(),
    };
}

/* What the body names and is not there is the body's fault, not the path's: 400, as Nova. */
static int named_in_body(int rc, struct ak_error *err)
{
    if (rc == 0 || !err || ak_error_info(err->code)->status != 404) {
        return rc;
    }
    char text[256];
    ak_error_text(err, AK_LANG_EN, text, sizeof(text));
    return ak_fail(err, AK_SERVER_REFERENCE, text);
}

static int make_one(const struct plan *plan, int64_t index, const char **ret_id,
                    struct ak_error *err)
{
    char id[AK_UUID_TEXT], action[AK_UUID_TEXT];
    ak_uuid_new(id);
    struct compute_server server = row_of(plan, ak_arena_strdup(plan->arena, id), index);
    int rc = compute_server_insert(plan->tx, plan->arena, &server, err);
    if (rc == 0) {
        rc = network_server_ports_create(plan->tx, plan->arena, server.project_id, server.id,
                                         server.hostname, plan->nics, plan->n_nics, plan->groups,
                                         err);
        rc = named_in_body(rc, err);
    }
    if (rc == 0) {
        rc = compute_action_insert(plan->tx, plan->who, &server, "create", action, err);
    }
    if (rc == 0) {
        const char *args = ak_arena_printf(plan->arena, "{\"action\":\"%s\"}", action);
        rc = ak_job_add(plan->tx, compute_job_kind(COMPUTE_OP_CREATE), server.id, server.project_id,
                        plan->who->request_id, plan->who->user_id, args, 0, NULL, err);
    }
    if (rc == 0) {
        rc = compute_server_tell(plan->tx, plan->arena, &server, plan->flavor.name, err);
    }
    if (rc == 0) {
        *ret_id = server.id;
    }
    return rc;
}

static const char *reservation_new(struct ak_arena *arena)
{
    unsigned char random[4];
    char hex[9];
    ak_random(random, sizeof(random));
    ak_hex(hex, random, sizeof(random));
    return ak_arena_printf(arena, "r-%s", hex);
}

int compute_server_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_caller *who, const struct compute_server_body *body,
                          struct compute_created *ret_created, struct ak_error *err)
{
    struct plan plan = {.tx = tx, .arena = arena, .config = config, .who = who, .body = body};
    int rc = check_devices(body, err);
    if (rc == 0) {
        rc = check_flavor_and_image(&plan, err);
    }
    if (rc == 0) {
        rc = check_members(&plan, err);
    }
    if (rc == 0) {
        rc = check_count(&plan, err);
    }
    if (rc == 0) {
        rc = plan_networks(&plan, err);
    }
    if (rc == 0) {
        rc = compute_usage_add(tx, who->project_id, &plan.demand, plan.count, err);
    }
    if (rc != 0) {
        return rc;
    }
    plan.admin_pass = body->admin_pass ? body->admin_pass : compute_password_new(arena);
    plan.reservation_id = reservation_new(arena);
    const char **ids = ak_arena_array(arena, const char *, (size_t)plan.count);
    for (int64_t i = 0; rc == 0 && i < plan.count; i++) {
        rc = make_one(&plan, i, &ids[i], err);
    }
    if (rc == 0) {
        *ret_created = (struct compute_created){.id = ids[0],
                                                .reservation_id = plan.reservation_id,
                                                .admin_pass = plan.admin_pass,
                                                .n = (size_t)plan.count,
                                                .ids = ids};
    }
    return rc;
}
