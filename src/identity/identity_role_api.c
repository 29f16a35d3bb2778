/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of roles, grants and role assignments: parse, call, render. A grant is a role of a user
 * on a project or a domain; the list of assignments shows them all, or the caller's own. */
#include "identity/identity_internal.h"

int identity_role_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = identity_query(req, &identity_role_fields, &query, err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_role_store_list(tx, req->arena, &query, &list, err);
    }
    if (rc == 0) {
        identity_reply_list(req, reply, "roles", "roles", &identity_role_fields, &query, &list);
    }
    return rc;
}

int identity_role_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_role_row role = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_role_store_load(tx, req->arena, req->params[0], &role, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "role", "roles", &identity_role_fields, &role);
    }
    return rc;
}

int identity_role_create_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_role_row role = *(const struct identity_role_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_role_create(tx, req->arena, &role, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "role", role.id, NULL, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        identity_reply_object(req, reply, "role", "roles", &identity_role_fields, &role);
    }
    return rc;
}

int identity_role_update_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_role_row role = {0};
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_role_change(tx, req->arena, req->params[0], req->body, &role, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "role", role.id, NULL, NULL, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "role", "roles", &identity_role_fields, &role);
    }
    return rc;
}

int identity_role_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_role_remove(tx, req->arena, req->params[0], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "role", req->params[0], NULL, NULL, err);
    }
    reply->status = 204;
    return rc;
}

static void write_role(struct ak_request *req, struct ak_json *w,
                       const struct identity_role_row *role)
{
    ak_json_object(w);
    ak_json_kstr(w, "id", role->id);
    ak_json_kstr(w, "name", role->name);
    ak_json_key(w, "links");
    ak_json_object(w);
    ak_json_kstr(w, "self",
                 ak_arena_printf(req->arena, "%s/identity/v3/roles/%s", req->base_url, role->id));
    ak_json_object_end(w);
    ak_json_object_end(w);
}

int identity_role_inferences_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_json *w = &reply->json;
    const struct identity_role_row *role = NULL;
    struct ak_list roles = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_role_store_all(tx, req->arena, &roles, err);
    }
    if (rc < 0) {
        return rc;
    }
    role = roles.items;
    ak_json_object(w);
    ak_json_key(w, "role_inferences");
    ak_json_array(w);
    for (size_t i = 0; i < roles.n; i++) {
        unsigned implied = identity_roles_expand((unsigned)role[i].bit) & ~(unsigned)role[i].bit;

        if (implied == 0) {
            continue;
        }
        ak_json_object(w);
        ak_json_key(w, "prior_role");
        write_role(req, w, &role[i]);
        ak_json_key(w, "implies");
        ak_json_array(w);
        for (size_t k = 0; k < roles.n; k++) {
            if ((unsigned)role[k].bit & implied) {
                write_role(req, w, &role[k]);
            }
        }
        ak_json_array_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    identity_reply_links(req, reply);
    ak_json_object_end(w);
    return 0;
}

/* Grants: …/{projects|domains}/{id}/users/{user_id}/roles[/{role_id}] */

static struct identity_grant grant_of(const struct ak_request *req)
{
    bool on_domain = ak_starts_with(req->route->path, "/v3/domains/");

    return (struct identity_grant){.user_id = req->params[1],
                                   .project_id = on_domain ? NULL : req->params[0],
                                   .domain_id = on_domain ? req->params[0] : NULL,
                                   .role_id = req->params[2]};
}

static int load_grants(struct ak_request *req, struct ak_list *ret_roles, struct ak_error *err)
{
    struct identity_grant grant = grant_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_grant_check(tx, req->arena, &grant, err);
    }
    return rc < 0 ? rc : identity_grant_store_list(tx, req->arena, &grant, ret_roles, err);
}

int identity_grant_list_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    struct ak_query query = {.limit = INT64_MAX};
    struct ak_list roles = {0};
    int rc = load_grants(req, &roles, err);

    if (rc == 0) {
        identity_reply_list(req, reply, "roles", "roles", &identity_role_fields, &query, &roles);
    }
    return rc;
}

int identity_grant_check_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const struct identity_role_row *role = NULL;
    struct ak_list roles = {0};
    int rc = load_grants(req, &roles, err);

    role = roles.items;
    reply->status = 204;
    for (size_t i = 0; i < roles.n && rc == 0; i++) {
        if (ak_streq(role[i].id, req->params[2])) {
            return 0;
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_OBJECT_NOT_FOUND, "Role assignment", req->params[2]);
}

int identity_grant_create_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    struct identity_grant grant = grant_of(req);
    const struct identity_whose whose = {.domain_id = grant.domain_id,
                                         .project_id = grant.project_id};
    struct ak_list customers = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) { /* whoever is given a role comes in with it */
        rc = identity_customer_enter(req, tx, &whose, &customers, err);
    }
    if (rc == 0) {
        rc = identity_grant_add(tx, req->arena, &grant, err);
    }
    rc = rc < 0 ? rc : identity_grant_entrust(req, tx, &grant, err);
    if (rc == 0) {
        rc = ak_request_commit(
            req, tx, "role_assignment", grant.user_id,
            grant.project_id ? grant.project_id : identity_customer_project(&customers), NULL, err);
    }
    reply->status = 204;
    return rc;
}

int identity_grant_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    struct identity_grant grant = grant_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_grant_remove(tx, req->arena, &grant, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "role_assignment", grant.user_id, grant.project_id, NULL,
                               err);
    }
    reply->status = 204;
    return rc;
}

/* Assignments */

/* "user": {"id": …} with name and domain when 'names'. */
static void write_party(struct ak_json *w, const char *key, const char *id, const char *name,
                        const char *domain_id, const char *domain_name, bool names)
{
    ak_json_key(w, key);
    ak_json_object(w);
    ak_json_kstr(w, "id", id);
    if (names) {
        ak_json_kstr(w, "name", name);
    }
    if (names && domain_id) {
        write_party(w, "domain", domain_id, domain_name, NULL, NULL, true);
    }
    ak_json_object_end(w);
}

static void write_assignment(struct ak_request *req, struct ak_json *w,
                             const struct identity_assignment_row *row, bool names)
{
    bool project = row->project_id != NULL;
    const char *scope_id = project ? row->project_id : row->domain_id;

    ak_json_object(w);
    write_party(w, "role", row->role_id, row->role_name, NULL, NULL, names);
    write_party(w, "user", row->user_id, row->user_name, row->user_domain_id, row->user_domain_name,
                names);
    ak_json_key(w, "scope");
    ak_json_object(w);
    write_party(w, project ? "project" : "domain", scope_id, row->scope_name, row->scope_domain_id,
                row->scope_domain_name, names);
    ak_json_object_end(w);
    ak_json_key(w, "links");
    ak_json_object(w);
    ak_json_kstr(w, "assignment",
                 ak_arena_printf(req->arena, "%s/identity/v3/%s/%s/users/%s/roles/%s",
                                 req->base_url, project ? "projects" : "domains", scope_id,
                                 row->user_id, row->role_id));
    ak_json_object_end(w);
    ak_json_object_end(w);
}

/* A flag as Keystone reads it: present and not 0. */
static bool query_flag(const struct ak_request *req, const char *name)
{
    const char *value = ak_request_query(req, name);
    bool parsed = true;

    return value && (!ak_parse_bool(value, &parsed) || parsed);
}

/* Assignments of groups, of the system and inherited ones do not exist here. */
static bool asks_for_none(const struct ak_request *req)
{
    return ak_request_query(req, "group.id") || ak_request_query(req, "scope.system") ||
           ak_request_query(req, "scope.OS-INHERIT:inherited_to");
}

static int load_assignments(struct ak_request *req, struct ak_list *ret_rows, struct ak_error *err)
{
    static const char *const also_known[] = {"effective",       "include_names",
                                             "include_subtree", "group.id",
                                             "scope.system",    "scope.OS-INHERIT:inherited_to",
                                             "role.id",         NULL};
    struct ak_query query = {0};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_value self = ak_v_text(req->principal->user_id);
    int rc = ak_request_list(req, &identity_assignment_fields, AK_LIST_KEYSTONE, 10000, also_known,
                             &query, err);

    query.marker = NULL;
    query.limit = 10000;
    if (rc == 0 && !req->admin) {
        rc = ak_query_filter(&query, req->arena, "user_id", AK_EQ, &self, 1, err);
    }
    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0 && !asks_for_none(req)) {
        rc = identity_assignment_store_list(tx, req->arena, &query, ret_rows, err);
    }
    if (rc == 0 && query_flag(req, "effective")) {
        rc = identity_assignments_effective(tx, req->arena, ret_rows, ret_rows, err);
    }
    return rc;
}

int identity_assignment_list_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    const char *role_id = ak_request_query(req, "role.id");
    const struct identity_assignment_row *row = NULL;
    struct ak_list rows = {0};
    int rc = load_assignments(req, &rows, err);

    if (rc < 0) {
        return rc;
    }
    row = rows.items;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "role_assignments");
    ak_json_array(&reply->json);
    for (size_t i = 0; i < rows.n; i++) {
        if (!role_id || ak_streq(role_id, row[i].role_id)) {
            write_assignment(req, &reply->json, &row[i], query_flag(req, "include_names"));
        }
    }
    ak_json_array_end(&reply->json);
    identity_reply_links(req, reply);
    ak_json_object_end(&reply->json);
    return 0;
}
