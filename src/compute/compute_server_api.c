/* SPDX-License-Identifier: Apache-2.0 */
/* Servers: create, show, update, delete, and what hangs below one: addresses, interfaces, metadata,
 * tags, security groups. Actions are in compute_action_api.c, lists in compute_server_list.c.
 * Spec: https://docs.openstack.org/api-ref/compute/#servers-servers */
#include "compute_handlers.h"

struct compute_caller compute_caller_of(const struct ak_request *req)
{
    return (struct compute_caller){.project_id = req->principal->project_id,
                                   .user_id = req->principal->user_id,
                                   .request_id = req->id,
                                   .admin = req->admin};
}

int compute_request_server(struct ak_request *req, struct ak_tx *tx,
                           struct compute_server *ret_server, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    char id[AK_UUID_TEXT];
    if (!ak_uuid_canonical(req->params[0], id)) {
        return ak_fail(err, AK_SERVER_NOT_FOUND, req->params[0]);
    }
    return compute_server_load(tx, req->arena, &who, ak_arena_strdup(req->arena, id), ret_server,
                               err);
}

static int begin_with(struct ak_request *req, struct ak_tx **ret_tx,
                      struct compute_server *ret_server, struct ak_error *err)
{
    int rc = ak_request_begin(req, ret_tx, err);
    return rc == 0 ? compute_request_server(req, *ret_tx, ret_server, err) : rc;
}

static int read_with(struct ak_request *req, struct ak_tx **ret_tx,
                     struct compute_server *ret_server, struct ak_error *err)
{
    int rc = ak_tx_read(req->store, ret_tx, err);
    return rc == 0 ? compute_request_server(req, *ret_tx, ret_server, err) : rc;
}

static int commit(struct ak_request *req, struct ak_tx *tx, const struct compute_server *server,
                  const char *detail, struct ak_error *err)
{
    return ak_request_commit(req, tx, "server", server->id, server->project_id, detail, err);
}

/* ---- Servers --------------------------------------------------------------------------------- */

int compute_servers(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return compute_servers_list(req, reply, false, err);
}

int compute_servers_detail(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return compute_servers_list(req, reply, true, err);
}

int compute_server_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = read_with(req, &tx, &server, err);
    return rc == 0 ? compute_server_reply(req, tx, reply, &server, err) : rc;
}

static void reply_created(struct ak_request *req, struct ak_reply *reply,
                          const struct compute_server_body *body,
                          const struct compute_created *made)
{
    struct ak_json *w = &reply->json;
    const char *path = ak_arena_printf(req->arena, "servers/%s", made->id);
    reply->status = 202;
    ak_json_object(w);
    if (body->return_reservation_id) {
        ak_json_kstr(w, "reservation_id", made->reservation_id);
        ak_json_object_end(w);
        return;
    }
    ak_json_key(w, "server");
    ak_json_object(w);
    ak_json_kstr(w, "id", made->id);
    ak_json_key(w, "links");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "self");
    ak_json_kstr(w, "href", compute_link(req, path));
    ak_json_object_end(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "bookmark");
    ak_json_kstr(w, "href", compute_bookmark(req, path));
    ak_json_object_end(w);
    ak_json_array_end(w);
    ak_json_kstr(w, "OS-DCF:diskConfig", body->disk_config ? body->disk_config : "MANUAL");
    ak_json_key(w, "security_groups");
    ak_json_array(w);
    const struct compute_group_body *groups = body->groups.items;
    for (size_t i = 0; i < body->groups.n || i == 0; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "name", body->groups.n ? groups[i].name : "default");
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_kstr(w, "adminPass", made->admin_pass);
    ak_json_object_end(w);
    ak_json_object_end(w);
    ak_reply_header(reply, req, "Location", compute_link(req, path));
}

int compute_server_post(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_server_body *body = req->body;
    struct compute_caller who = compute_caller_of(req);
    struct compute_created made;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = compute_server_create(tx, req->arena, req->config, &who, body, &made, err);
    }
    if (rc != 0) {
        return rc;
    }
    AK_AUTO_BUF detail;
    ak_buf_init(&detail, 65536);
    struct ak_json w = ak_json_on(&detail);
    ak_json_object(&w);
    ak_json_kstr(&w, "name", body->name);
    ak_json_key(&w, "ids");
    ak_json_array(&w);
    for (size_t i = 0; i < made.n; i++) {
        ak_json_str(&w, made.ids[i]);
    }
    ak_json_array_end(&w);
    ak_json_object_end(&w);
    rc = ak_request_commit(req, tx, "server", made.id, who.project_id, detail.data, err);
    if (rc == 0) {
        reply_created(req, reply, body, &made);
    }
    return rc;
}

int compute_server_put(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0) {
        rc = compute_server_update(tx, req->arena, &who, &server, req->body, err);
    }
    if (rc == 0) {
        rc = compute_server_reply_changed(req, tx, reply, &server, NULL, err);
    }
    return rc == 0 ? commit(req, tx, &server, NULL, err) : rc;
}

int compute_server_delete_one(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0 && server.task != COMPUTE_DELETING) { /* asked twice: once is enough */
        rc = compute_server_operate(tx, req->arena, &who, &server, COMPUTE_OP_DELETE, err);
    }
    reply->status = 204;
    return rc == 0 ? commit(req, tx, &server, NULL, err) : rc;
}

/* ---- Addresses, interfaces, groups ------------------------------------------------------------
 */

/* The ports of the server of the request's address. */
static int load_ports(struct ak_request *req, struct network_server_port **ret_ports, size_t *ret_n,
                      struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = read_with(req, &tx, &server, err);
    return rc == 0 ? network_server_ports_load(tx, req->arena, &server.id, 1, ret_ports, ret_n, err)
                   : rc;
}

static bool add_ips(struct ak_json *w, const struct network_server_port *ports, size_t n,
                    const char *network)
{
    bool found = false;
    ak_json_key(w, network);
    ak_json_array(w);
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; ak_streq(ports[i].network_name, network) && a < ports[i].n_addresses;
             a++) {
            ak_json_object(w);
            ak_json_kint(w, "version", ports[i].addresses[a].version);
            ak_json_kstr(w, "addr", ports[i].addresses[a].ip);
            ak_json_object_end(w);
            found = true;
        }
    }
    ak_json_array_end(w);
    return found;
}

int compute_server_ips(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = load_ports(req, &ports, &n, err);
    if (rc != 0) {
        return rc;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "addresses");
    ak_json_object(w);
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++) {
            seen = seen || ak_streq(ports[k].network_name, ports[i].network_name);
        }
        if (!seen) {
            (void)add_ips(w, ports, n, ports[i].network_name);
        }
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_server_ips_network(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = load_ports(req, &ports, &n, err);
    if (rc != 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    bool found = add_ips(&reply->json, ports, n, req->params[1]);
    ak_json_object_end(&reply->json);
    return found ? 0 : ak_fail(err, AK_SERVER_NETWORK_NOT_FOUND, req->params[1]);
}

int compute_server_interfaces(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0;
    int rc = load_ports(req, &ports, &n, err);
    if (rc != 0) {
        return rc;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "interfaceAttachments");
    ak_json_array(w);
    for (size_t i = 0; i < n; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "port_state", ports[i].status);
        ak_json_kstr(w, "port_id", ports[i].id);
        ak_json_kstr(w, "net_id", ports[i].network_id);
        ak_json_kstr(w, "mac_addr", ports[i].mac);
        ak_json_key(w, "fixed_ips");
        ak_json_array(w);
        for (size_t a = 0; a < ports[i].n_addresses; a++) {
            ak_json_object(w);
            ak_json_kstr(w, "subnet_id", ports[i].addresses[a].subnet_id);
            ak_json_kstr(w, "ip_address", ports[i].addresses[a].ip);
            ak_json_object_end(w);
        }
        ak_json_array_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

/* There are no volumes yet; clients ask all the same when they show or delete a server. */
int compute_server_volumes(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = read_with(req, &tx, &server, err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_kraw(&reply->json, "volumeAttachments", "[]");
        ak_json_object_end(&reply->json);
    }
    return rc;
}
