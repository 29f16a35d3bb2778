/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups as Nova showed them before Neutron (until 2.35): the groups are network's, the
 * shape is Nova's.
 * Spec: https://docs.openstack.org/api-ref/compute/#security-groups-os-security-groups-deprecated
 */
#include "compute_handlers.h"

static struct network_caller caller_of(const struct ak_request *req)
{
    return (struct network_caller){.project_id = req->principal->project_id,
                                   .user_id = req->principal->user_id,
                                   .request_id = req->id,
                                   .admin = req->admin,
                                   .config = req->config};
}

/* What Neutron calls a conflict with the default group is a bad request in Nova. */
static int as_nova(int rc, struct ak_error *err)
{
    if (rc == -AK_GROUP_DEFAULT || rc == -AK_GROUP_DEFAULT_NAME || rc == -AK_GROUP_DEFAULT_FIXED ||
        rc == -AK_GROUP_IN_USE) {
        char text[256];
        ak_error_text(err, AK_LANG_EN, text, sizeof(text));
        return ak_fail(err, AK_SERVER_REFERENCE, text);
    }
    return rc;
}

static void add_rule(struct ak_json *w, const char *group_id, const struct network_group_rule *rule)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", rule->id);
    ak_json_kstr(w, "parent_group_id", group_id);
    ak_json_kstr(w, "ip_protocol", rule->protocol);
    ak_json_kraw(w, "from_port", rule->port_min);
    ak_json_kraw(w, "to_port", rule->port_max);
    ak_json_key(w, "group");
    ak_json_object(w);
    if (rule->remote_group_name) {
        ak_json_kstr(w, "name", rule->remote_group_name);
        ak_json_kstr(w, "tenant_id", rule->remote_project_id);
    }
    ak_json_object_end(w);
    ak_json_key(w, "ip_range");
    ak_json_object(w);
    if (!rule->remote_group_name) {
        ak_json_kstr(w, "cidr", rule->remote_ip ? rule->remote_ip : "0.0.0.0/0");
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
}

static void add_group(struct ak_json *w, const struct network_group_info *group)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", group->id);
    ak_json_kstr(w, "name", group->name);
    ak_json_kstr(w, "description", group->description ? group->description : "");
    ak_json_kstr(w, "tenant_id", group->project_id);
    ak_json_key(w, "rules");
    ak_json_array(w);
    for (size_t i = 0; i < group->n_rules; i++) {
        add_rule(w, group->id, &group->rules[i]);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
}

static void reply_one(struct ak_reply *reply, const struct network_group_info *group)
{
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "security_group");
    add_group(&reply->json, group);
    ak_json_object_end(&reply->json);
}

int compute_groups(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_caller who = caller_of(req);
    struct network_group_info *groups = NULL;
    size_t n = 0;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = network_default_group_ensure(req, err);
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? network_groups_load(tx, req->arena, &who, NULL, &groups, &n, err) : rc;
    if (rc != 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "security_groups");
    ak_json_array(&reply->json);
    for (size_t i = 0; i < n; i++) {
        add_group(&reply->json, &groups[i]);
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int compute_group_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_caller who = caller_of(req);
    struct network_group_info *group = NULL;
    size_t n = 0;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? network_groups_load(tx, req->arena, &who, req->params[0], &group, &n, err) : rc;
    if (rc == 0) {
        reply_one(reply, group);
    }
    return rc;
}

static int save(struct ak_request *req, struct ak_reply *reply, const char *id,
                struct ak_error *err)
{
    const struct compute_old_group_body *body = req->body;
    struct network_caller who = caller_of(req);
    struct network_group_info group = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? as_nova(network_group_save(tx, req->arena, &who, id, body->name,
                                              body->description, &group, err),
                           err)
                 : rc;
    rc = rc == 0
             ? ak_request_commit(req, tx, "security-group", group.id, group.project_id, NULL, err)
             : rc;
    if (rc == 0) {
        reply_one(reply, &group);
    }
    return rc;
}

int compute_group_create(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return save(req, reply, NULL, err);
}

int compute_group_update(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return save(req, reply, req->params[0], err);
}

int compute_group_remove(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_caller who = caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? as_nova(network_group_delete(tx, req->arena, &who, req->params[0], err), err)
                 : rc;
    reply->status = 202;
    return rc == 0 ? ak_request_commit(req, tx, "security-group", req->params[0],
                                       req->principal->project_id, NULL, err)
                   : rc;
}

/* Those of a server's ports, each once. */
int compute_server_groups(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct network_caller who = caller_of(req);
    struct compute_server server;
    struct network_server_port *ports = NULL;
    size_t n = 0, n_seen = 0;
    const char *seen[64];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? compute_request_server(req, tx, &server, err) : rc;
    const char *id = server.id;
    rc = rc == 0 ? network_server_ports_load(tx, req->arena, &id, 1, &ports, &n, err) : rc;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "security_groups");
    ak_json_array(&reply->json);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        for (size_t g = 0; rc == 0 && ports[i].group_ids && ports[i].group_ids[g]; g++) {
            struct network_group_info *group = NULL;
            size_t at = 0, one = 0;
            while (at < n_seen && !ak_streq(seen[at], ports[i].group_ids[g])) {
                at++;
            }
            if (at < n_seen || n_seen == AK_N(seen)) {
                continue;
            }
            seen[n_seen++] = ports[i].group_ids[g];
            rc =
                network_groups_load(tx, req->arena, &who, ports[i].group_ids[g], &group, &one, err);
            if (rc == 0) {
                add_group(&reply->json, group);
            }
        }
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return rc;
}
