/* SPDX-License-Identifier: Apache-2.0 */
/* What other domains have done to servers on behalf of a project (compute.h): the same services as
 * the API's, asked in the transaction of the caller. */
#include "compute_internal.h"

static struct compute_caller caller_of(const struct compute_behalf *behalf)
{
    return (struct compute_caller){.project_id = behalf->project_id,
                                   .user_id = behalf->user_id,
                                   .request_id = behalf->request_id};
}

int compute_server_order(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const struct compute_behalf *behalf, const struct compute_order *order,
                         const char **ret_id, const char **ret_admin_pass, struct ak_error *err)
{
    struct compute_caller who = caller_of(behalf);
    struct compute_nic_body nic = {.uuid = order->network_id};
    struct compute_server_body body = {.name = order->name,
                                       .flavor_id = order->flavor_id,
                                       .image_id = order->image_id,
                                       .key_name = order->key_name};
    struct compute_created created = {0};
    if (order->network_id) {
        body.networks = (struct ak_list){.n = 1, .items = &nic};
    }
    int rc = compute_server_create(tx, arena, config, &who, &body, &created, err);
    if (rc == 0) {
        *ret_id = created.id;
        if (ret_admin_pass) {
            *ret_admin_pass = created.admin_pass;
        }
    }
    return rc;
}

static int operate(struct ak_tx *tx, struct ak_arena *arena, const struct compute_behalf *behalf,
                   const char *server_id, enum compute_operation_id op, bool when_locked,
                   struct ak_error *err)
{
    struct compute_caller who = caller_of(behalf);
    struct compute_server server;
    int rc = compute_server_load(tx, arena, &who, server_id, &server, err);
    who.admin = when_locked;
    return rc == 0 ? compute_server_operate(tx, arena, &who, &server, op, err) : rc;
}

int compute_server_remove(struct ak_tx *tx, struct ak_arena *arena,
                          const struct compute_behalf *behalf, const char *server_id,
                          struct ak_error *err)
{
    return operate(tx, arena, behalf, server_id, COMPUTE_OP_DELETE, true, err);
}

int compute_server_power(struct ak_tx *tx, struct ak_arena *arena,
                         const struct compute_behalf *behalf, const char *server_id,
                         const char *verb, struct ak_error *err)
{
    static const struct {
        const char *verb;
        enum compute_operation_id op;
    } verbs[] = {
        {"start", COMPUTE_OP_START}, {"stop", COMPUTE_OP_STOP}, {"reboot", COMPUTE_OP_REBOOT_SOFT}};
    for (size_t i = 0; i < AK_N(verbs); i++) {
        if (ak_streq(verbs[i].verb, verb)) {
            return operate(tx, arena, behalf, server_id, verbs[i].op, false, err);
        }
    }
    return ak_fail_detail(err, AK_INTERNAL, "there is no power verb '%s'", verb);
}

int compute_server_change(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          const struct compute_behalf *behalf, const char *server_id,
                          const char *flavor_id, struct ak_error *err)
{
    struct compute_caller who = caller_of(behalf);
    struct compute_server server;
    int rc = compute_server_load(tx, arena, &who, server_id, &server, err);
    return rc == 0 ? compute_server_resize(tx, arena, config, &who, &server, flavor_id, err) : rc;
}

int compute_server_look(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *server_id, struct compute_server_look *ret_look,
                        struct ak_error *err)
{
    struct compute_caller who = {.project_id = project_id};
    struct compute_server server;
    int rc = compute_server_load_deleted(tx, arena, &who, server_id, &server, err);
    if (rc == 0) {
        *ret_look = (struct compute_server_look){
            .id = server.id,
            .name = server.name,
            .flavor_id = server.flavor_id,
            .vm_state = server.vm_state,
            .task_state = server.task_state,
            .deleted = server.deleted_us != 0,
            .failed = server.vm == COMPUTE_ERROR,
            .faulty = server.fault_code != 0,
            .fault = server.fault_message,
            .fault_us = server.fault_us,
        };
    }
    return rc;
}

int compute_project_flavors(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            struct compute_flavor_info **ret_flavors, size_t *ret_n,
                            struct ak_error *err)
{
    struct compute_caller who = {.project_id = project_id};
    struct ak_query query = {.limit = 1000};
    struct ak_list list = {0};
    ak_query_sort(&query, "ram_mib", false);
    int rc = compute_flavor_list(tx, arena, &who, &query, &list, err);
    const struct compute_flavor *rows = list.items;
    struct compute_flavor_info *flavors =
        ak_arena_array(arena, struct compute_flavor_info, list.n + 1);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        flavors[i] = (struct compute_flavor_info){.id = rows[i].id,
                                                  .name = rows[i].name,
                                                  .vcpus = rows[i].vcpus,
                                                  .ram_mib = rows[i].ram_mib,
                                                  .disk_gib = rows[i].disk_gib};
    }
    if (rc == 0) {
        *ret_flavors = flavors;
        *ret_n = list.n;
    }
    return rc;
}
