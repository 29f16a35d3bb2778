/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done to a living server, and what goes with it: state, lock, instance action, job.
 * Making one is in compute_create_service.c; doing the work is the jobs' (compute_jobs.c). */
#include "compute_internal.h"

#include <arpa/inet.h>

int compute_server_check_lock(const struct compute_caller *who, const struct compute_server *server,
                              struct ak_error *err)
{
    if (server->locked && !who->admin) {
        return ak_fail(err, AK_SERVER_LOCKED, server->id);
    }
    return 0;
}

/* {"action": id of the instance action, "off": whether the server was off before, "more": what the
 * operation itself needs}. */
static const char *job_args(struct ak_arena *arena, const char *action_id, bool off,
                            const char *more)
{
    return ak_arena_printf(arena, "{\"action\":\"%s\",\"off\":%s,\"more\":%s}", action_id,
                           off ? "true" : "false", more);
}

int compute_server_operate(struct ak_tx *tx, struct ak_arena *arena,
                           const struct compute_caller *who, struct compute_server *server,
                           enum compute_operation_id id, struct ak_error *err)
{
    return compute_server_operate_with(tx, arena, who, server, id, "null", err);
}

int compute_server_operate_with(struct ak_tx *tx, struct ak_arena *arena,
                                const struct compute_caller *who, struct compute_server *server,
                                enum compute_operation_id id, const char *more,
                                struct ak_error *err)
{
    const struct compute_operation *op = compute_operation(id);
    int rc = compute_server_check_lock(who, server, err);
    if (rc != 0) {
        return rc;
    }
    if (server->vm == COMPUTE_ERROR && server->launched_us == 0 && id != COMPUTE_OP_DELETE) {
        return ak_fail(err, AK_SERVER_STATE, op->name, server->id, "vm_state", server->vm_state);
    }
    switch (compute_may_start(op, server->vm, server->task)) {
    case COMPUTE_MAY_NOT_VM:
        return ak_fail(err, AK_SERVER_STATE, op->name, server->id, "vm_state", server->vm_state);
    case COMPUTE_MAY_NOT_TASK:
        return ak_fail(err, AK_SERVER_STATE, op->name, server->id, "task_state",
                       server->task_state ? server->task_state : "None");
    case COMPUTE_MAY_START:
        break;
    }
    bool off = server->vm == COMPUTE_STOPPED;
    char action[AK_UUID_TEXT];
    rc = compute_server_move(tx, server, server->vm, op->task, server->power_state, err);
    if (rc == 0) {
        rc = compute_action_insert(tx, who, server, op->name, action, err);
    }
    if (rc == 0) {
        rc = ak_job_add(tx, compute_job_kind(id), server->id, server->project_id, who->request_id,
                        who->user_id, job_args(arena, action, off, more), 0, NULL, err);
    }
    return rc;
}

int compute_access_address(struct ak_arena *arena, const char *member, int family, const char *text,
                           const char **ret_text, struct ak_error *err)
{
    unsigned char address[16];
    char canonical[INET6_ADDRSTRLEN];
    if (!text || !text[0]) {
        *ret_text = NULL;
        return 0;
    }
    if (inet_pton(family, text, address) != 1 ||
        !inet_ntop(family, address, canonical, sizeof(canonical))) {
        return ak_fail(err, AK_FIELD_VALUE, member,
                       family == AF_INET ? "it is not an IPv4 address"
                                         : "it is not an IPv6 address");
    }
    *ret_text = ak_arena_strdup(arena, canonical);
    return 0;
}

/* Takes over what the body gave. */
static int take_members(struct ak_arena *arena, struct compute_server *server,
                        const struct ak_fields *fields, const struct compute_server_body *body,
                        struct ak_error *err)
{
    const char *v4 = NULL, *v6 = NULL;
    int rc = compute_access_address(arena, "accessIPv4", AF_INET, body->access_ip_v4, &v4, err);
    if (rc == 0) {
        rc = compute_access_address(arena, "accessIPv6", AF_INET6, body->access_ip_v6, &v6, err);
    }
    if (rc != 0) {
        return rc;
    }
    if (body->name) {
        server->name = body->name;
    }
    if (ak_field_given(fields, body, "accessIPv4")) {
        server->access_ip_v4 = v4;
    }
    if (ak_field_given(fields, body, "accessIPv6")) {
        server->access_ip_v6 = v6;
    }
    if (body->disk_config) {
        server->disk_config = body->disk_config;
    }
    if (ak_field_given(fields, body, "description")) {
        server->description = body->description;
    }
    return 0;
}

int compute_server_update(struct ak_tx *tx, struct ak_arena *arena,
                          const struct compute_caller *who, struct compute_server *server,
                          const struct compute_server_body *body, struct ak_error *err)
{
    (void)who; /* Nova lets a locked server be renamed */
    int rc = take_members(arena, server, &compute_server_update_body, body, err);
    return rc == 0 ? compute_server_save(tx, arena, server, err) : rc;
}

/* The image of a rebuild must be one that the server's project may use, whoever asks, and fit the
 * memory and the disk that are there. */
static int check_rebuild_image(struct ak_tx *tx, struct ak_arena *arena,
                               struct compute_server *server, const char *image_id,
                               struct ak_error *err)
{
    struct image_image image;
    int rc = image_image_load(tx, arena, image_id, server->project_id, false, &image, err);
    if (rc != 0) {
        return rc == -AK_OBJECT_NOT_FOUND ? ak_fail(err, AK_IMAGE_UNUSABLE, image_id) : rc;
    }
    server->image_id = ak_arena_strdup(arena, image.id);
    return compute_image_check(&image, server->ram_mib, server->disk_gib, &server->firmware, err);
}

int compute_server_rebuild(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           const struct compute_caller *who, struct compute_server *server,
                           const struct compute_server_body *body, const char **ret_admin_pass,
                           struct ak_error *err)
{
    if (body->personality) {
        return ak_fail(err, AK_COMPUTE_QUOTA, "injected_files", "1", "0", "0");
    }
    int rc = check_rebuild_image(tx, arena, server, body->image_id, err);
    if (rc == 0) {
        rc = take_members(arena, server, &compute_server_rebuild_body, body, err);
    }
    if (rc == 0 && ak_field_given(&compute_server_rebuild_body, body, "metadata")) {
        rc = compute_metadata_check(tx, config, server->project_id, &body->metadata, err);
        server->metadata = body->metadata;
    }
    if (rc == 0) {
        server->admin_pass = body->admin_pass ? body->admin_pass : compute_password_new(arena);
        *ret_admin_pass = server->admin_pass;
        rc = compute_server_save(tx, arena, server, err);
    }
    return rc == 0 ? compute_server_operate(tx, arena, who, server, COMPUTE_OP_REBUILD, err) : rc;
}

static bool metadata_key_valid(const char *key)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_:. ";
    size_t len = strlen(key);
    return len >= 1 && len <= 255 && strspn(key, allowed) == len;
}

int compute_metadata_check(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                           const struct ak_map *metadata, struct ak_error *err)
{
    for (size_t i = 0; i < metadata->n; i++) {
        if (!metadata_key_valid(metadata->pairs[i].key)) {
            return ak_fail(err, AK_FIELD_VALUE, "metadata",
                           "keys are 1 to 255 letters, digits, blanks and -_:.");
        }
        if (ak_utf8_len(metadata->pairs[i].value) > 255) {
            return ak_fail(err, AK_FIELD_LENGTH, metadata->pairs[i].key, "0", "255");
        }
    }
    if (metadata->n == 0) {
        return 0;
    }
    struct compute_quotas quotas;
    int rc = compute_quotas_load(tx, config, project_id, &quotas, err);
    int64_t limit = rc == 0 ? quotas.limit[COMPUTE_QUOTA_METADATA] : -1;
    if (limit >= 0 && (int64_t)metadata->n > limit) {
        rc = compute_quota_refuse(&quotas, COMPUTE_QUOTA_METADATA, (int64_t)metadata->n, err);
    }
    return rc;
}

struct ak_map compute_metadata_merge(struct ak_arena *arena, const struct ak_map *metadata,
                                     const struct ak_map *more)
{
    struct ak_map merged = {.n = 0};
    merged.pairs = ak_arena_array(arena, struct ak_pair, metadata->n + more->n + 1);
    for (size_t i = 0; i < metadata->n; i++) {
        merged.pairs[merged.n++] = metadata->pairs[i];
    }
    for (size_t i = 0; i < more->n; i++) {
        size_t at = 0;
        while (at < merged.n && !ak_streq(merged.pairs[at].key, more->pairs[i].key)) {
            at++;
        }
        merged.pairs[at] = more->pairs[i];
        merged.n = at == merged.n ? merged.n + 1 : merged.n;
    }
    return merged;
}

const char *compute_hostname_of(struct ak_arena *arena, const char *name, const char *id)
{
    char label[64];
    size_t n = 0;
    for (const char *p = name; *p && n < sizeof(label) - 1; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool joint = c == ' ' || c == '_' || c == '.' || c == '-';
        if (plain) {
            label[n++] = c;
        } else if (joint && n > 0 && label[n - 1] != '-') {
            label[n++] = '-';
        }
    }
    while (n > 0 && label[n - 1] == '-') {
        n--;
    }
    label[n] = '\0';
    return n > 0 ? ak_arena_strdup(arena, label) : ak_arena_printf(arena, "server-%s", id);
}

const char *compute_password_new(struct ak_arena *arena)
{
    /* No two that look alike; bytes beyond an even multiple are drawn again. */
    static const char symbols[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const size_t n = sizeof(symbols) - 1;
    char password[17];
    for (size_t i = 0; i < sizeof(password) - 1;) {
        unsigned char byte;
        ak_random(&byte, sizeof(byte));
        if (byte < 256 / n * n) {
            password[i++] = symbols[byte % n];
        }
    }
    password[sizeof(password) - 1] = '\0';
    const char *text = ak_arena_strdup(arena, password);
    ak_wipe(password, sizeof(password));
    return text;
}
