/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of privileges and of break-glass. What is approved is shown as active until it expires.
 */
#include "access/access_internal.h"

static const char *shown_state(const char *state, int64_t expires_us)
{
    if (strcmp(state, "approved") != 0) {
        return state;
    }
    return expires_us > ak_now_us() ? "active" : "expired";
}

/* Lists ?state=active and the like are asked of the stored state. */
static int list_query(struct ak_request *req, const struct ak_fields *fields,
                      struct ak_query *ret_query, struct ak_error *err)
{
    int rc = ak_request_list(req, fields, AK_LIST_OWN, 1000, NULL, ret_query, err);

    if (rc == 0 && ret_query->n_sorts == 0) {
        ak_query_sort_key(ret_query, "requested_us", true);
    }
    return rc;
}

/* A role for a limited time ends with the standing role it was given on top of. */
static const char *privilege_state(const struct access_privilege_row *row)
{
    const char *state = shown_state(row->state, row->expires_us);

    return row->held == 0 && strcmp(state, "active") == 0 ? "revoked" : state;
}

/* ---- Privileges ------------------------------------------------------------------------------ */

int access_privilege_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct access_privilege_row *rows = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = list_query(req, &access_privilege_fields, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : access_privilege_store_list(tx, req->arena, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    rows = list.items;
    for (size_t i = 0; i < list.n; i++) {
        rows[i].state = privilege_state(&rows[i]);
    }
    return ak_page_reply(req, reply, "privileges", &access_privilege_fields, &query, &list);
}

int access_privilege_create_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    struct access_privilege_row row = *(const struct access_privilege_row *)req->body;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_privilege_request(tx, req->arena, req->principal, &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "privilege", row.id, NULL, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, "privilege", &access_privilege_fields, &row);
    }
    return rc;
}

static int decide_privilege(struct ak_request *req, struct ak_reply *reply, const char *state,
                            struct ak_error *err)
{
    struct access_privilege_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_privilege_decide(tx, req->arena, req->principal, req->params[0], state,
                                     access_comment_of(req), &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "privilege", row.id, NULL, NULL, err);
    }
    if (rc == 0) {
        row.state = shown_state(row.state, row.expires_us);
        ak_reply_object(reply, req, "privilege", &access_privilege_fields, &row);
    }
    return rc;
}

int access_privilege_approve_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    return decide_privilege(req, reply, "approved", err);
}

int access_privilege_refuse_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    return decide_privilege(req, reply, "refused", err);
}

int access_privilege_revoke_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    return decide_privilege(req, reply, "revoked", err);
}

/* ---- Break-glass ----------------------------------------------------------------------------- */

int access_glass_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct access_glass_row *rows = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = list_query(req, &access_glass_fields, &query, err);

    rc = rc < 0 ? rc : access_filter_scope(req, &query, "project_id", err);
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : access_glass_store_list(tx, req->arena, &query, &list, err);
    rows = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rows[i].state = shown_state(rows[i].state, rows[i].expires_us);
        rc = access_decision_store_list(tx, req->arena, rows[i].id, &rows[i].decisions, err);
    }
    return rc < 0 ? rc
                  : ak_page_reply(req, reply, "break_glass", &access_glass_fields, &query, &list);
}

int access_glass_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct access_glass_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = access_glass_store_load(tx, req->arena, req->params[0], &row, err);
    }
    if (rc == 0 && access_scope(req) && !ak_streq(row.project_id, access_scope(req))) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Break-glass access", req->params[0]);
    }
    if (rc == 0) {
        rc = access_decision_store_list(tx, req->arena, row.id, &row.decisions, err);
    }
    if (rc == 0) {
        row.state = shown_state(row.state, row.expires_us);
        ak_reply_object(reply, req, "break_glass", &access_glass_fields, &row);
    }
    return rc;
}

int access_glass_create_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    struct access_glass_row row = *(const struct access_glass_row *)req->body;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_glass_request(tx, req->arena, req->principal, &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "break_glass", row.id, row.project_id, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, "break_glass", &access_glass_fields, &row);
    }
    return rc;
}

static int decide_glass(struct ak_request *req, struct ak_reply *reply, bool customer,
                        const char *decision, struct ak_error *err)
{
    struct access_glass_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_glass_decide(tx, req->arena, req->principal, req->params[0], customer,
                                 ak_config_int(req->config, "access_approver_days"), decision,
                                 access_comment_of(req), &row, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "break_glass", row.id, row.project_id, NULL, err);
    }
    if (rc == 0) {
        row.state = shown_state(row.state, row.expires_us);
        ak_reply_object(reply, req, "break_glass", &access_glass_fields, &row);
    }
    return rc;
}

/* One of the provider's two. */
int access_glass_approve_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const unsigned deciding =
        AK_ROLE_OPERATOR | AK_ROLE_PRIVILEGED | AK_ROLE_OFFICER | AK_ROLE_ADMIN;
    int rc = 0;

    if (!(req->principal->roles & deciding)) { /* auditors and analysts look only */
        return ak_fail(err, AK_FORBIDDEN, req->route->policy);
    }
    rc = identity_proof_require(req, err); /* as the customer's consent, which it stands for */
    return rc < 0 ? rc : decide_glass(req, reply, false, "approve", err);
}

int access_glass_consent_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    /* it lets somebody in for hours: not by a stolen session, nor by a program */
    int rc = identity_proof_require(req, err);

    return rc < 0 ? rc : decide_glass(req, reply, true, "approve", err);
}

/* Refusing and ending is for the customer's managers and for all of the provider's people. */
static int end_glass(struct ak_request *req, struct ak_reply *reply, const char *decision,
                     struct ak_error *err)
{
    unsigned roles = req->principal->roles;

    if (!(roles & (AK_ROLE_STAFF | AK_ROLE_MANAGER))) {
        return ak_fail(err, AK_FORBIDDEN, "access:break_glass:end");
    }
    return decide_glass(req, reply, !(roles & AK_ROLE_STAFF), decision, err);
}

int access_glass_refuse_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    return end_glass(req, reply, "refuse", err);
}

int access_glass_revoke_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    return end_glass(req, reply, "revoke", err);
}
