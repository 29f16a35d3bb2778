/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of domains and projects: parse, call, render. */
#include "identity/identity_internal.h"

/* Domains */

static int list_domains(struct ak_request *req, struct ak_reply *reply, const char *user_id,
                        struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = identity_query(req, &identity_domain_fields, &query, err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_domain_store_list(tx, req->arena, user_id, &query, &list, err);
    }
    if (rc == 0) {
        identity_reply_list(req, reply, "domains", "domains", &identity_domain_fields, &query,
                            &list);
    }
    return rc;
}

int identity_domain_list_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    return list_domains(req, reply, NULL, err);
}

int identity_auth_domains_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    return list_domains(req, reply, req->principal->user_id, err);
}

/* Whether the caller belongs to the domain: as a user, or by the project. */
static int require_domain(struct ak_request *req, struct ak_tx *tx, const char *id,
                          struct ak_error *err)
{
    const struct ak_principal *caller = req->principal;
    struct identity_project project = {0};

    if (req->admin || ak_streq(caller->user_domain_id, id) || ak_streq(caller->domain_id, id)) {
        return 0;
    }
    if (caller->project_id &&
        identity_project_load(tx, req->arena, caller->project_id, &project, err) == 0 &&
        ak_streq(project.domain_id, id)) {
        return 0;
    }
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Domain", id);
}

int identity_domain_show_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_domain_row domain = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = require_domain(req, tx, req->params[0], err);
    }
    if (rc == 0) {
        rc = identity_domain_store_load(tx, req->arena, req->params[0], &domain, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "domain", "domains", &identity_domain_fields, &domain);
    }
    return rc;
}

int identity_domain_create_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_domain_row domain = *(const struct identity_domain_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_domain_create(tx, req->arena, &domain, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "domain", domain.id, NULL, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        identity_reply_object(req, reply, "domain", "domains", &identity_domain_fields, &domain);
    }
    return rc;
}

int identity_domain_update_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_domain_row domain = {0};
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_domain_change(tx, req->arena, req->params[0], req->body, &domain, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "domain", domain.id, NULL, NULL, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "domain", "domains", &identity_domain_fields, &domain);
    }
    return rc;
}

int identity_domain_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_domain_remove(tx, req->arena, req->params[0], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "domain", req->params[0], NULL, NULL, err);
    }
    reply->status = 204;
    return rc;
}

/* Projects */

static int list_projects(struct ak_request *req, struct ak_reply *reply, const char *user_id,
                         struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = identity_query(req, &identity_project_fields, &query, err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_project_store_list(tx, req->arena, user_id, &query, &list, err);
    }
    if (rc == 0) {
        identity_reply_list(req, reply, "projects", "projects", &identity_project_fields, &query,
                            &list);
    }
    return rc;
}

int identity_project_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    return list_projects(req, reply, NULL, err);
}

int identity_auth_projects_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    return list_projects(req, reply, req->principal->user_id, err);
}

int identity_user_projects_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    int rc = identity_require_self(req, req->params[0], err);

    return rc < 0 ? rc : list_projects(req, reply, req->params[0], err);
}

/* Whether the caller has a role in the project, or is the administrator. */
static int require_project(struct ak_request *req, struct ak_tx *tx, const char *id,
                           struct ak_error *err)
{
    struct identity_grant grant = {.user_id = req->principal->user_id, .project_id = id};
    struct ak_list roles = {0};
    int rc = req->admin ? 0 : identity_grant_store_list(tx, req->arena, &grant, &roles, err);

    return rc == 0 && !req->admin && roles.n == 0 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Project", id)
                                                  : rc;
}

int identity_project_show_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_project_row project = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = require_project(req, tx, req->params[0], err);
    }
    if (rc == 0) {
        rc = identity_project_store_load(tx, req->arena, req->params[0], &project, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "project", "projects", &identity_project_fields,
                              &project);
    }
    return rc;
}

int identity_project_create_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_project_row project = *(const struct identity_project_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    if (!project.domain_id) {
        project.domain_id = project.parent_id ? project.parent_id : req->principal->user_domain_id;
    }
    if (rc == 0) {
        rc = identity_project_create(tx, req->arena, &project, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "project", project.id, project.id, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        identity_reply_object(req, reply, "project", "projects", &identity_project_fields,
                              &project);
    }
    return rc;
}

int identity_project_update_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_project_row project = {0};
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_project_change(tx, req->arena, req->params[0], req->body, &project, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "project", project.id, project.id, NULL, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "project", "projects", &identity_project_fields,
                              &project);
    }
    return rc;
}

int identity_project_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_project_remove(tx, req->arena, req->params[0], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "project", req->params[0], req->params[0], NULL, err);
    }
    reply->status = 204;
    return rc;
}
