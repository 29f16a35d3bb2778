/* SPDX-License-Identifier: Apache-2.0 */
/* Servers as Nova shows them. Each row becomes a view struct whose table has exactly Nova's
 * members, with the microversion they came in and whether only administrators see them; nested
 * parts (addresses, links) are rendered to JSON text first. Spec:
 * https://docs.openstack.org/api-ref/compute/#show-server-details */
#include "compute_internal.h"

#include <stdio.h>

struct server_view {
    const char *id, *name, *status, *tenant_id, *user_id, *host_id, *access_ip_v4, *access_ip_v6;
    const char *key_name, *config_drive, *disk_config, *zone, *vm_state, *task_state, *description;
    const char *host, *hypervisor, *instance_name, *hostname, *reservation_id, *user_data;
    const char *root_device, *admin_pass, *host_status, *nothing; /* NULL, shown as null or "" */
    const char *image, *flavor, *addresses, *links, *groups, *volumes, *progress, *fault; /* JSON */
    struct ak_map metadata;
    struct ak_list tags;
    int64_t power_state, launch_index, created_us, updated_us, launched_us, terminated_us;
    bool locked;
};

#define V(member) offsetof(struct server_view, member)
#define ATTR      "OS-EXT-SRV-ATTR:"
static const struct ak_field view_rows[] = {
    {"id", AK_STR, V(id), .doc = "UUID"},
    {"name", AK_STR, V(name), .doc = "name"},
    {"status", AK_STR, V(status), .doc = "by Nova's table of states"},
    {"tenant_id", AK_STR, V(tenant_id), .doc = "project"},
    {"user_id", AK_STR, V(user_id), .doc = "who made it"},
    {"metadata", AK_MAP, V(metadata), .max = 4096, .doc = "names and values"},
    {"hostId", AK_STR, V(host_id), .doc = "tells hosts apart without naming them"},
    {"image", AK_JSON, V(image), .doc = "image it was made of"},
    {"flavor", AK_JSON, V(flavor), .doc = "flavor it was made of"},
    {"created", AK_TIME, V(created_us), .time_format = AK_TIME_Z, .doc = "time"},
    {"updated", AK_TIME, V(updated_us), .time_format = AK_TIME_Z, .doc = "time"},
    {"addresses", AK_JSON, V(addresses), .doc = "by network"},
    {"accessIPv4", AK_STR, V(access_ip_v4), .doc = "set by the user"},
    {"accessIPv6", AK_STR, V(access_ip_v6), .doc = "set by the user"},
    {"links", AK_JSON, V(links), .doc = "self and bookmark"},
    {"OS-DCF:diskConfig", AK_STR, V(disk_config), .doc = "AUTO or MANUAL"},
    {"progress", AK_JSON, V(progress), AK_OMIT_NULL, .doc = "percent"},
    {"fault", AK_JSON, V(fault), AK_OMIT_NULL, .doc = "why it is in ERROR"},
    {"adminPass", AK_STR, V(admin_pass), AK_OMIT_NULL, .doc = "of a rebuild"},
    {"locked", AK_BOOL, V(locked), .since = 9, .doc = "whether it is locked"},
    {"description", AK_STR, V(description), .since = 19, .doc = "description"},
    {"tags", AK_LIST, V(tags), .since = 26, .max = 50, .doc = "tags"},
    /* Up to here (CHANGED_ROWS) also in the answers of update and rebuild, as in Nova below 2.75.
     */
    {"OS-EXT-AZ:availability_zone", AK_STR, V(zone), .doc = "zone"},
    {"config_drive", AK_STR, V(config_drive), .doc = "True or empty"},
    {"key_name", AK_STR, V(key_name), .doc = "key pair"},
    {"OS-SRV-USG:launched_at", AK_TIME, V(launched_us), .time_format = AK_TIME_NAIVE_US,
     .doc = "time"},
    {"OS-SRV-USG:terminated_at", AK_TIME, V(terminated_us), .time_format = AK_TIME_NAIVE_US,
     .doc = "time"},
    {"OS-EXT-STS:task_state", AK_STR, V(task_state), .doc = "what is being done"},
    {"OS-EXT-STS:vm_state", AK_STR, V(vm_state), .doc = "state"},
    {"OS-EXT-STS:power_state", AK_INT, V(power_state), .doc = "Nova's number"},
    {"os-extended-volumes:volumes_attached", AK_JSON, V(volumes), .doc = "volumes"},
    {"security_groups", AK_JSON, V(groups), AK_OMIT_NULL, .doc = "of its ports"},
    {ATTR "host", AK_STR, V(host), AK_ADMIN_ONLY, .doc = "host"},
    {ATTR "instance_name", AK_STR, V(instance_name), AK_ADMIN_ONLY, .doc = "name of the domain"},
    {ATTR "hypervisor_hostname", AK_STR, V(hypervisor), AK_ADMIN_ONLY, .doc = "host"},
    {ATTR "hostname", AK_STR, V(hostname), AK_ADMIN_ONLY, .since = 3, .doc = "in the guest"},
    {ATTR "reservation_id", AK_STR, V(reservation_id), AK_ADMIN_ONLY, .since = 3,
     .doc = "of create"},
    {ATTR "launch_index", AK_INT, V(launch_index), AK_ADMIN_ONLY, .since = 3, .doc = "of create"},
    {ATTR "kernel_id", AK_STR, V(nothing), AK_ADMIN_ONLY, .since = 3, .doc = "always empty"},
    {ATTR "ramdisk_id", AK_STR, V(nothing), AK_ADMIN_ONLY, .since = 3, .doc = "always empty"},
    {ATTR "root_device_name", AK_STR, V(root_device), AK_ADMIN_ONLY, .since = 3, .doc = "disk"},
    {ATTR "user_data", AK_STR, V(user_data), AK_ADMIN_ONLY, .since = 3, .doc = "base64"},
    {"host_status", AK_STR, V(host_status), AK_ADMIN_ONLY, .since = 16, .doc = "UP or UNKNOWN"},
};
#define CHANGED_ROWS 22
const struct ak_fields compute_server_view = AK_FIELDS("server", struct server_view, view_rows);
const struct ak_fields compute_server_changed = {.name = "server_changed",
                                                 .size = sizeof(struct server_view),
                                                 .rows = view_rows,
                                                 .n = CHANGED_ROWS};

static const struct ak_field brief_rows[] = {
    {"id", AK_STR, V(id), .doc = "UUID"},
    {"name", AK_STR, V(name), .doc = "name"},
    {"links", AK_JSON, V(links), .doc = "self and bookmark"},
};
const struct ak_fields compute_server_brief =
    AK_FIELDS("server_brief", struct server_view, brief_rows);

/* ---- Links ----------------------------------------------------------------------------------- */

const char *compute_link(const struct ak_request *req, const char *path)
{
    return ak_arena_printf(req->arena, "%s/compute/v2.1/%s", req->base_url, path);
}

const char *compute_bookmark(const struct ak_request *req, const char *path)
{
    return ak_arena_printf(req->arena, "%s/compute/%s", req->base_url, path);
}

/* [{"rel":"self"…},{"rel":"bookmark"…}] of a path that needs no escaping. */
static const char *self_links(const struct ak_request *req, const char *path)
{
    return ak_arena_printf(req->arena,
                           "[{\"rel\":\"self\",\"href\":\"%s\"},{\"rel\":\"bookmark\",\"href\":"
                           "\"%s\"}]",
                           compute_link(req, path), compute_bookmark(req, path));
}

static const char *bookmarked(const struct ak_request *req, const char *kind, const char *id)
{
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 4096);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    ak_json_kstr(&w, "id", id);
    ak_json_key(&w, "links");
    ak_json_array(&w);
    ak_json_object(&w);
    ak_json_kstr(&w, "rel", "bookmark");
    ak_json_kstr(&w, "href", compute_bookmark(req, ak_arena_printf(req->arena, "%s/%s", kind, id)));
    ak_json_object_end(&w);
    ak_json_array_end(&w);
    ak_json_object_end(&w);
    return ak_arena_strndup(req->arena, buf.data, buf.len);
}

void compute_next_link(struct ak_request *req, struct ak_json *w, const char *key,
                       const char *marker)
{
    static const char *const place[] = {"marker", NULL};
    AK_AUTO_BUF href;
    ak_buf_init(&href, 16384);
    ak_buf_printf(&href, "%s%s", req->base_url, req->path);
    ak_buf_printf(&href, "%cmarker=", ak_request_query_write(req, place, &href));
    ak_buf_url(&href, marker);
    ak_json_key(w, key);
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "next");
    ak_json_kstr(w, "href", href.data);
    ak_json_object_end(w);
    ak_json_array_end(w);
}

void compute_host_id(const char *project_id, const char *host, char out[COMPUTE_HOST_ID_TEXT])
{
    char both[512];
    int len = snprintf(both, sizeof(both), "%s%s", project_id, host);
    ak_sha224_hex(both, len < (int)sizeof(both) ? (size_t)len : sizeof(both) - 1, out);
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static void add_addresses_of(struct ak_json *w, const struct network_server_port *ports, size_t n,
                             const char *network, bool extended)
{
    ak_json_key(w, network);
    ak_json_array(w);
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; ak_streq(ports[i].network_name, network) && a < ports[i].n_addresses;
             a++) {
            ak_json_object(w);
            ak_json_kint(w, "version", ports[i].addresses[a].version);
            ak_json_kstr(w, "addr", ports[i].addresses[a].ip);
            if (extended) {
                ak_json_kstr(w, "OS-EXT-IPS:type", "fixed");
                ak_json_kstr(w, "OS-EXT-IPS-MAC:mac_addr", ports[i].mac);
            }
            ak_json_object_end(w);
        }
    }
    ak_json_array_end(w);
}

static bool network_seen(const struct network_server_port *ports, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (ak_streq(ports[k].network_name, ports[i].network_name)) {
            return true;
        }
    }
    return false;
}

static const char *addresses_of(struct ak_arena *arena, const struct network_server_port *ports,
                                size_t n, bool extended)
{
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 1 << 18);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    for (size_t i = 0; i < n; i++) {
        if (!network_seen(ports, i) && ports[i].n_addresses > 0) {
            add_addresses_of(&w, ports, n, ports[i].network_name, extended);
        }
    }
    ak_json_object_end(&w);
    return ak_arena_strndup(arena, buf.data, buf.len);
}

/* Groups of all ports, each named once. NULL when there are none: the member is absent then. */
static const char *groups_of(struct ak_arena *arena, const struct network_server_port *ports,
                             size_t n)
{
    const char *seen[64];
    size_t n_seen = 0;
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 1 << 16);
    struct ak_json w = ak_json_on(&buf);
    ak_json_array(&w);
    for (size_t i = 0; i < n; i++) {
        for (size_t g = 0; ports[i].group_names && ports[i].group_names[g]; g++) {
            const char *id = ports[i].group_ids ? ports[i].group_ids[g] : ports[i].group_names[g];
            size_t at = 0;
            while (at < n_seen && !ak_streq(seen[at], id)) {
                at++;
            }
            if (at == n_seen && n_seen < AK_N(seen)) {
                seen[n_seen++] = id;
                ak_json_object(&w);
                ak_json_kstr(&w, "name", ports[i].group_names[g]);
                ak_json_object_end(&w);
            }
        }
    }
    ak_json_array_end(&w);
    return n_seen > 0 ? ak_arena_strndup(arena, buf.data, buf.len) : NULL;
}

static const char *fault_of(const struct ak_request *req, const struct compute_server *server)
{
    if (server->fault_code == 0 || (server->vm != COMPUTE_ERROR && server->vm != COMPUTE_DELETED)) {
        return NULL;
    }
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, 8192);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    ak_json_kint(&w, "code", server->fault_code);
    ak_json_ktime(&w, "created", server->fault_us, AK_TIME_Z);
    ak_json_kstr(&w, "message", server->fault_message);
    if (req->admin && server->fault_details) {
        ak_json_kstr(&w, "details", server->fault_details);
    }
    ak_json_object_end(&w);
    return ak_arena_strndup(req->arena, buf.data, buf.len);
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static void view_of(const struct ak_request *req, const struct compute_server *s,
                    const struct network_server_port *ports, size_t n_ports,
                    struct server_view *view)
{
    struct ak_arena *arena = req->arena;
    const char *status = compute_status(s->vm, s->task);
    char host_id[COMPUTE_HOST_ID_TEXT] = "";
    /* What a customer has its guest run holds passwords and keys: no operator reads it. */
    bool own = req->principal && ak_streq(s->project_id, req->principal->project_id);
    if (s->host) {
        compute_host_id(s->project_id, s->host, host_id);
    }
    *view = (struct server_view){
        .id = s->id,
        .name = s->name,
        .status = status,
        .tenant_id = s->project_id,
        .user_id = s->user_id,
        .metadata = s->metadata,
        .host_id = ak_arena_strdup(arena, host_id),
        .image = bookmarked(req, "images", s->image_id),
        .flavor = bookmarked(req, "flavors", s->flavor_id),
        .created_us = s->created_us,
        .updated_us = s->updated_us,
        .addresses = addresses_of(arena, ports, n_ports, true),
        .access_ip_v4 = or_empty(s->access_ip_v4),
        .access_ip_v6 = or_empty(s->access_ip_v6),
        .links = self_links(req, ak_arena_printf(arena, "servers/%s", s->id)),
        .disk_config = s->disk_config,
        .progress = compute_status_has_progress(status) ? "0" : NULL,
        .zone = s->host ? s->zone : "",
        .config_drive = s->config_drive ? "True" : "",
        .key_name = s->key_name,
        .launched_us = s->launched_us,
        .terminated_us = s->terminated_us,
        .task_state = s->task_state,
        .vm_state = s->vm_state,
        .power_state = s->power_state,
        .volumes = "[]",
        .groups = groups_of(arena, ports, n_ports),
        .fault = fault_of(req, s),
        .host = s->host,
        .hypervisor = s->host,
        .instance_name = ak_arena_printf(arena, "akashi-%s", s->id),
        .hostname = s->hostname,
        .reservation_id = s->reservation_id,
        .launch_index = s->launch_index,
        .nothing = "",
        .root_device = "/dev/vda",
        .user_data = own ? s->user_data : NULL,
        .locked = s->locked,
        .host_status = s->host ? "UP" : "",
        .description = s->description,
        .tags = s->tags,
    };
}

/* ---- Replies --------------------------------------------------------------------------------- */

int compute_server_reply(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                         const struct compute_server *server, struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = network_server_ports_load(tx, req->arena, &server->id, 1, &ports, &n, err);
    if (rc == 0) {
        struct server_view view;
        view_of(req, server, ports, n, &view);
        ak_reply_object(reply, req, "server", &compute_server_view, &view);
    }
    return rc;
}

int compute_server_reply_changed(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                                 const struct compute_server *server, const char *admin_pass,
                                 struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = network_server_ports_load(tx, req->arena, &server->id, 1, &ports, &n, err);
    if (rc == 0) {
        struct server_view view;
        view_of(req, server, ports, n, &view);
        view.addresses = addresses_of(req->arena, ports, n, false);
        view.admin_pass = admin_pass;
        ak_reply_object(reply, req, "server", &compute_server_changed, &view);
    }
    return rc;
}

/* The ports of one server within the array of all. */
struct run_of_ports {
    const char *server_id;
    size_t from, n;
};

static int by_server(const void *a, const void *b)
{
    const struct run_of_ports *x = a, *y = b;
    return strcmp(x->server_id, y->server_id);
}

static size_t runs_of(const struct network_server_port *ports, size_t n, struct run_of_ports *runs)
{
    size_t n_runs = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_runs > 0 && ak_streq(runs[n_runs - 1].server_id, ports[i].server_id)) {
            runs[n_runs - 1].n++;
        } else {
            runs[n_runs++] = (struct run_of_ports){ports[i].server_id, i, 1};
        }
    }
    if (n_runs > 0) {
        qsort(runs, n_runs, sizeof(*runs), by_server);
    }
    return n_runs;
}

/* Views of all, with the ports of all read at once. */
static int views_of(struct ak_request *req, struct ak_tx *tx, const struct ak_list *servers,
                    struct server_view *views, struct ak_error *err)
{
    const struct compute_server *rows = servers->items;
    const char **ids = ak_arena_array(req->arena, const char *, servers->n + 1);
    for (size_t i = 0; i < servers->n; i++) {
        ids[i] = rows[i].id;
    }
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = network_server_ports_load(tx, req->arena, ids, servers->n, &ports, &n, err);
    if (rc != 0) {
        return rc;
    }
    struct run_of_ports *runs = ak_arena_array(req->arena, struct run_of_ports, n + 1);
    size_t n_runs = runs_of(ports, n, runs);
    for (size_t i = 0; i < servers->n; i++) {
        struct run_of_ports key = {.server_id = rows[i].id};
        const struct run_of_ports *run =
            n_runs ? bsearch(&key, runs, n_runs, sizeof(key), by_server) : NULL;
        view_of(req, &rows[i], run ? ports + run->from : NULL, run ? run->n : 0, &views[i]);
    }
    return 0;
}

int compute_servers_reply(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                          const struct ak_list *servers, bool detail, bool more,
                          struct ak_error *err)
{
    const struct compute_server *rows = servers->items;
    struct server_view *views = ak_arena_array(req->arena, struct server_view, servers->n + 1);
    int rc = 0;
    if (detail) {
        rc = views_of(req, tx, servers, views, err);
    }
    for (size_t i = 0; !detail && i < servers->n; i++) {
        views[i] = (struct server_view){
            .id = rows[i].id,
            .name = rows[i].name,
            .links = self_links(req, ak_arena_printf(req->arena, "servers/%s", rows[i].id))};
    }
    if (rc != 0) {
        return rc;
    }
    const struct ak_fields *fields = detail ? &compute_server_view : &compute_server_brief;
    struct ak_fields_mode mode = ak_request_mode(req);
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "servers");
    ak_json_array(w);
    for (size_t i = 0; i < servers->n; i++) {
        ak_fields_render_object(fields, &views[i], &mode, w);
    }
    ak_json_array_end(w);
    if (more && servers->n > 0) {
        compute_next_link(req, w, "servers_links", rows[servers->n - 1].id);
    }
    ak_json_object_end(w);
    return 0;
}
