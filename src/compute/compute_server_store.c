/* SPDX-License-Identifier: Apache-2.0 */
/* Servers in the database. Every change is a compare-and-set by version; the state moves only by
 * compute_server_move(), which also holds it against the table of states. */
#include "compute_internal.h"

#include "compute/compute_server_sql.h"

/* The parsed forms of the two states. */
static int parse_states(struct compute_server *server, struct ak_error *err)
{
    if (!compute_vm_state_parse(server->vm_state, &server->vm) ||
        !compute_task_state_parse(server->task_state, &server->task)) {
        return ak_fail_detail(err, AK_INTERNAL, "server %s has state %s/%s", server->id,
                              server->vm_state, server->task_state ? server->task_state : "-");
    }
    return 0;
}

int compute_server_load_deleted(struct ak_tx *tx, struct ak_arena *arena,
                                const struct compute_caller *who, const char *id,
                                struct compute_server *ret_server, struct ak_error *err)
{
    struct compute_server server = {0};
    int rc = who->admin ? ak_sql_load(tx, &sql_server_by_id_any, AK_ARGS(ak_v_text(id)),
                                      &compute_server_row, arena, &server, err)
                        : ak_sql_load(tx, &sql_server_by_id,
                                      AK_ARGS(ak_v_text(who->project_id), ak_v_text(id)),
                                      &compute_server_row, arena, &server, err);
    if (rc == -AK_NOT_FOUND) {
        return ak_fail(err, AK_SERVER_NOT_FOUND, id);
    }
    if (rc == 0) {
        rc = parse_states(&server, err);
    }
    if (rc == 0) {
        *ret_server = server;
    }
    return rc;
}

int compute_server_load(struct ak_tx *tx, struct ak_arena *arena, const struct compute_caller *who,
                        const char *id, struct compute_server *ret_server, struct ak_error *err)
{
    struct compute_server server = {0};
    int rc = compute_server_load_deleted(tx, arena, who, id, &server, err);
    if (rc == 0 && server.deleted_us != 0) {
        rc = ak_fail(err, AK_SERVER_NOT_FOUND, id);
    }
    if (rc == 0) {
        *ret_server = server;
    }
    return rc;
}

int compute_server_load_whole(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              struct compute_server *ret_server, struct ak_error *err)
{
    static const struct compute_caller job = {.admin = true};
    return compute_server_load_deleted(tx, arena, &job, id, ret_server, err);
}

int compute_server_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const struct ak_query *query, struct ak_list *ret_list,
                        struct ak_error *err)
{
    int rc = project_id ? ak_sql_list(tx, &sql_server_list, AK_ARGS(ak_v_text(project_id)), query,
                                      &compute_server_row, arena, ret_list, err)
                        : ak_sql_list(tx, &sql_server_list_any, AK_NO_ARGS, query,
                                      &compute_server_row, arena, ret_list, err);
    struct compute_server *servers = rc == 0 ? ret_list->items : NULL;
    for (size_t i = 0; rc == 0 && i < ret_list->n; i++) {
        rc = parse_states(&servers[i], err);
    }
    return rc;
}

/* JSON object / array text of a map / list of strings. */
static const char *map_text(struct ak_arena *arena, const struct ak_map *map)
{
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 1 << 20);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    for (size_t i = 0; i < map->n; i++) {
        ak_json_kstr(&w, map->pairs[i].key, map->pairs[i].value);
    }
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, buf.data);
}

static const char *list_text(struct ak_arena *arena, const struct ak_list *list)
{
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 1 << 16);
    struct ak_json w = ak_json_on(&buf);
    ak_json_array(&w);
    const char *const *items = list->items;
    for (size_t i = 0; i < list->n; i++) {
        ak_json_str(&w, items[i]);
    }
    ak_json_array_end(&w);
    return ak_arena_strdup(arena, buf.data);
}

int compute_server_insert(struct ak_tx *tx, struct ak_arena *arena, const struct compute_server *s,
                          struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_server_insert,
        AK_ARGS(ak_v_text(s->id), ak_v_text(s->project_id), ak_v_text(s->user_id),
                ak_v_text(s->name), ak_v_text(s->hostname), ak_v_text(s->description),
                ak_v_text(s->image_id), ak_v_text(s->firmware), ak_v_text(s->flavor_id),
                ak_v_int(s->ram_mib), ak_v_int(s->vcpus), ak_v_int(s->disk_gib),
                ak_v_text(s->key_name), ak_v_text(s->key_data), ak_v_text(s->user_data),
                ak_v_text(s->admin_pass), ak_v_text(map_text(arena, &s->metadata)),
                ak_v_text(list_text(arena, &s->tags)), ak_v_int(s->config_drive),
                ak_v_text(s->disk_config), ak_v_text(s->zone), ak_v_text(s->access_ip_v4),
                ak_v_text(s->access_ip_v6), ak_v_text(compute_vm_state_name(s->vm)),
                ak_v_text(compute_task_state_name(s->task)), ak_v_text(s->reservation_id),
                ak_v_int(s->launch_index), ak_v_int(s->created_us)),
        NULL, err);
}

int compute_server_move(struct ak_tx *tx, struct compute_server *server, enum compute_vm_state vm,
                        enum compute_task_state task, int64_t power_state, struct ak_error *err)
{
    if (!compute_vm_state_may_move(server->vm, vm)) {
        return ak_fail_detail(err, AK_INTERNAL, "server %s may not move from %s to %s", server->id,
                              compute_vm_state_name(server->vm), compute_vm_state_name(vm));
    }
    int64_t changed = 0, now = ak_now_us();
    int rc = ak_sql_exec(tx, &sql_server_move,
                         AK_ARGS(ak_v_text(server->id), ak_v_int(server->version),
                                 ak_v_text(compute_vm_state_name(vm)),
                                 ak_v_text(compute_task_state_name(task)), ak_v_int(power_state),
                                 ak_v_int(now)),
                         &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    if (rc == 0) {
        server->vm = vm;
        server->task = task;
        server->vm_state = compute_vm_state_name(vm);
        server->task_state = compute_task_state_name(task);
        server->power_state = power_state;
        server->updated_us = now;
        server->version++;
    }
    return rc;
}

int compute_server_save(struct ak_tx *tx, struct ak_arena *arena, struct compute_server *s,
                        struct ak_error *err)
{
    int64_t changed = 0, now = ak_now_us();
    int rc = ak_sql_exec(tx, &sql_server_save,
                         AK_ARGS(ak_v_text(s->project_id), ak_v_text(s->id), ak_v_int(s->version),
                                 ak_v_text(s->name), ak_v_text(s->description),
                                 ak_v_text(map_text(arena, &s->metadata)),
                                 ak_v_text(list_text(arena, &s->tags)), ak_v_text(s->disk_config),
                                 ak_v_text(s->access_ip_v4), ak_v_text(s->access_ip_v6),
                                 ak_v_int(s->locked), ak_v_text(s->image_id),
                                 ak_v_text(s->firmware), ak_v_text(s->admin_pass), ak_v_int(now)),
                         &changed, err);
    if (rc == 0 && changed == 0) {
        rc = ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    if (rc == 0) {
        s->updated_us = now;
        s->version++;
    }
    return rc;
}

int compute_server_set_host(struct ak_tx *tx, const char *id, const char *host,
                            struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_set_host, AK_ARGS(ak_v_text(id), ak_v_text(host)), NULL,
                       err);
}

int compute_server_set_flavor(struct ak_tx *tx, const char *id, const char *flavor_id,
                              int64_t ram_mib, int64_t vcpus, int64_t disk_gib,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_set_flavor,
                       AK_ARGS(ak_v_text(id), ak_v_text(flavor_id), ak_v_int(ram_mib),
                               ak_v_int(vcpus), ak_v_int(disk_gib)),
                       NULL, err);
}

int compute_server_set_launched(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_set_launched, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())),
                       NULL, err);
}

int compute_server_set_fault(struct ak_tx *tx, const char *id, int64_t code, const char *message,
                             const char *details, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_set_fault,
                       AK_ARGS(ak_v_text(id), ak_v_int(code), ak_v_text(message),
                               ak_v_text(details), ak_v_int(code ? ak_now_us() : 0)),
                       NULL, err);
}

int compute_server_forget_password(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_forget_password, AK_ARGS(ak_v_text(id)), NULL, err);
}

int compute_server_set_deleted(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_server_set_deleted, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())),
                       NULL, err);
}

int compute_server_inventory(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                             struct ak_error *err)
{
    int rc = ak_sql_load_all(tx, &sql_server_inventory, AK_NO_ARGS, &compute_server_row, arena,
                             1000000, ret_list, err);
    struct compute_server *servers = rc == 0 ? ret_list->items : NULL;
    for (size_t i = 0; rc == 0 && i < ret_list->n; i++) {
        rc = parse_states(&servers[i], err);
    }
    return rc;
}

int compute_image_servers(struct ak_tx *tx, const char *image_id, const char *project_id,
                          int64_t *ret_n, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_server_of_image_elsewhere,
                      AK_ARGS(ak_v_text(image_id), ak_v_text(project_id)), ret_n, err);
}
