/* SPDX-License-Identifier: Apache-2.0 */
/* A contract's customer as a whole: its servers and keys for the inventory, limits, and removal.
 * What is done when a server is made is told to whoever has set compute_server_made. */
#include "compute_internal.h"

int (*compute_server_made)(struct ak_tx *tx, struct ak_arena *arena,
                           const struct compute_tenant_server *server, struct ak_error *err);

static struct compute_tenant_server
brief_of(struct ak_arena *arena, const struct compute_server *server, const char *flavor_name)
{
    (void)arena;
    return (struct compute_tenant_server){.id = server->id,
                                          .project_id = server->project_id,
                                          .name = server->name,
                                          .vm_state = server->vm_state,
                                          .task_state = server->task_state,
                                          .image_id = server->image_id,
                                          .flavor_id = server->flavor_id,
                                          .flavor_name = flavor_name,
                                          .host = server->host,
                                          .vcpus = server->vcpus,
                                          .ram_mib = server->ram_mib,
                                          .disk_gib = server->disk_gib,
                                          .created_us = server->created_us,
                                          .deleted_us = server->deleted_us};
}

int compute_server_tell(struct ak_tx *tx, struct ak_arena *arena,
                        const struct compute_server *server, const char *flavor_name,
                        struct ak_error *err)
{
    struct compute_tenant_server brief = brief_of(arena, server, flavor_name);

    return compute_server_made ? compute_server_made(tx, arena, &brief, err) : 0;
}

int compute_project_servers(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            bool deleted_too, struct compute_tenant_server **ret_servers,
                            size_t *ret_n, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_value zero = ak_v_int(0);
    struct ak_list list = {0};
    int rc = deleted_too ? 0 : ak_query_filter(&query, arena, "deleted_us", AK_EQ, &zero, 1, err);

    rc = rc < 0 ? rc : compute_server_list(tx, arena, project_id, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    const struct compute_server *servers = list.items;
    struct compute_tenant_server *briefs =
        ak_arena_array(arena, struct compute_tenant_server, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        briefs[i] = brief_of(arena, &servers[i], NULL);
    }
    *ret_servers = briefs;
    *ret_n = list.n;
    return 0;
}

static void write_server(const struct compute_server *server, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", server->id);
    ak_json_kstr(w, "name", server->name);
    ak_json_kstr(w, "description", server->description);
    ak_json_kstr(w, "hostname", server->hostname);
    ak_json_kstr(w, "state", server->vm_state);
    ak_json_kstr(w, "image_id", server->image_id);
    ak_json_kstr(w, "flavor_id", server->flavor_id);
    ak_json_kint(w, "vcpus", server->vcpus);
    ak_json_kint(w, "ram_mib", server->ram_mib);
    ak_json_kint(w, "disk_gib", server->disk_gib);
    ak_json_kstr(w, "firmware", server->firmware);
    ak_json_kstr(w, "key_name", server->key_name);
    ak_json_kstr(w, "zone", server->zone);
    ak_json_key(w, "metadata");
    ak_json_object(w);
    for (size_t i = 0; i < server->metadata.n; i++) {
        ak_json_kstr(w, server->metadata.pairs[i].key, server->metadata.pairs[i].value);
    }
    ak_json_object_end(w);
    ak_json_key(w, "tags");
    ak_json_array(w);
    for (size_t i = 0; i < server->tags.n; i++) {
        ak_json_str(w, ((const char *const *)server->tags.items)[i]);
    }
    ak_json_array_end(w);
    ak_json_ktime(w, "created_at", server->created_us, AK_TIME_Z);
    ak_json_object_end(w);
}

int compute_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_json *w, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_value zero = ak_v_int(0);
    struct ak_list list = {0};
    int rc = ak_query_filter(&query, arena, "deleted_us", AK_EQ, &zero, 1, err);

    rc = rc < 0 ? rc : compute_server_list(tx, arena, project_id, &query, &list, err);
    ak_json_key(w, "servers");
    ak_json_array(w);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        write_server((const struct compute_server *)list.items + i, w);
    }
    ak_json_array_end(w);
    return rc;
}

int compute_tenant_keypairs_export(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                   struct ak_json *w, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = compute_keypair_list(tx, arena, user_id, &list, err);
    const struct compute_keypair *keys = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "id", keys[i].id);
        ak_json_kstr(w, "name", keys[i].name);
        ak_json_kstr(w, "user_id", keys[i].user_id);
        ak_json_kstr(w, "fingerprint", keys[i].fingerprint);
        ak_json_kstr(w, "public_key", keys[i].public_key);
        ak_json_object_end(w);
    }
    return rc;
}

/* Begins 'op' of a server where it may begin now. */
static int begin(struct ak_tx *tx, struct ak_arena *arena, const char *request_id,
                 struct compute_server *server, enum compute_operation_id op, struct ak_error *err)
{
    const struct compute_caller who = {.project_id = server->project_id,
                                       .user_id = "system",
                                       .request_id = request_id,
                                       .admin = true};

    return compute_may_start(compute_operation(op), server->vm, server->task) == COMPUTE_MAY_START
               ? compute_server_operate(tx, arena, &who, server, op, err)
               : 0;
}

/* The project's servers that are not deleted. */
static int load_servers(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_value zero = ak_v_int(0);
    int rc = ak_query_filter(&query, arena, "deleted_us", AK_EQ, &zero, 1, err);

    return rc < 0 ? rc : compute_server_list(tx, arena, project_id, &query, ret_list, err);
}

int compute_tenant_servers_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                  const char *request_id, int64_t *ret_left, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = load_servers(tx, arena, project_id, &list, err);
    struct compute_server *servers = list.items;

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        if (servers[i].task != COMPUTE_DELETING) {
            rc = begin(tx, arena, request_id, &servers[i], COMPUTE_OP_DELETE, err);
        }
    }
    *ret_left = (int64_t)list.n;
    return rc;
}

int compute_tenant_servers_stop(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *request_id, int64_t *ret_left, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = load_servers(tx, arena, project_id, &list, err);
    struct compute_server *servers = list.items;

    *ret_left = 0;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        bool runs = servers[i].vm == COMPUTE_ACTIVE;

        *ret_left += runs || (servers[i].task != COMPUTE_IDLE && servers[i].vm != COMPUTE_ERROR);
        if (runs) {
            rc = begin(tx, arena, request_id, &servers[i], COMPUTE_OP_STOP, err);
        }
    }
    return rc;
}

int compute_tenant_keypairs_remove(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                   struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = compute_keypair_list(tx, arena, user_id, &list, err);

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = compute_keypair_delete(tx, user_id,
                                    ((const struct compute_keypair *)list.items)[i].name, err);
    }
    return rc;
}

int compute_tenant_quota_set(struct ak_tx *tx, const char *project_id, const char *resource,
                             int64_t limit, struct ak_error *err)
{
    for (int i = 0; i < COMPUTE_QUOTAS; i++) {
        if (ak_streq(compute_quota_rules[i].name, resource)) {
            return compute_quota_set(tx, project_id, (enum compute_quota_id)i, limit, err);
        }
    }
    return ak_fail(err, AK_FIELD_UNKNOWN, resource);
}

int compute_tenant_quota_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return compute_quota_reset(tx, project_id, err);
}
