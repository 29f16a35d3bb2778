/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of notices. The provider's people, on the management listener, see all of them and whom
 * they concern; everybody else sees those that concern the own project, once published. */
#include "notice/notice_internal.h"

#include "identity/identity.h"

/* The project a caller is limited to, NULL for the provider's people. */
static const char *scope_of(const struct ak_request *req)
{
    return notice_is_staff(req) ? NULL : req->principal->project_id;
}

bool notice_is_staff(const struct ak_request *req)
{
    return req->listener == AK_MANAGEMENT && (req->principal->roles & AK_ROLE_STAFF);
}

static int write_servers(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                         const char *notice_id, const char *project_id, bool with_host,
                         struct ak_error *err)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    struct ak_list list = {0};
    struct notice_server_row *row = NULL;
    int rc = notice_store_servers(tx, req->arena, notice_id, project_id, &list, err);

    row = list.items;
    ak_json_key(w, "servers");
    ak_json_array(w);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        row[i].host = with_host ? row[i].host : NULL;
        ak_fields_render_object(&notice_server_fields, &row[i], &mode, w);
    }
    ak_json_array_end(w);
    return rc;
}

static const char *mail_state(const struct notice_recipient_row *row)
{
    return row->mails == 0                 ? "none"
           : row->mails_failed > 0         ? "failed"
           : row->mails_sent == row->mails ? "sent"
                                           : "queued";
}

static int write_affected(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                          const char *notice_id, struct ak_error *err)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    struct ak_list list = {0};
    const struct notice_recipient_row *row = NULL;
    int rc = notice_store_recipients(tx, req->arena, notice_id, &list, err);

    row = list.items;
    ak_json_key(w, "affected");
    ak_json_array(w);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        ak_json_object(w);
        ak_fields_render(&notice_recipient_fields, &row[i], &mode, w);
        ak_json_kstr(w, "mail_state", mail_state(&row[i]));
        rc = write_servers(req, tx, w, notice_id, row[i].project_id, true, err);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    return rc;
}

/* 'whole': with whom it concerns, for staff; lists do without. */
static int write_notice(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                        const struct notice_row *notice, bool whole, struct ak_error *err)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    struct notice_row row = *notice;
    const char *project_id = scope_of(req);
    int rc = 0;

    if (project_id) { /* whom else it concerns, and where, is not the customer's */
        row.hosts.n = row.classes.n = row.project_ids.n = 0;
        row.created_by = row.published_by = NULL;
        row.needs_ack = row.wanted_ack;
    }
    ak_json_object(w);
    ak_fields_render(&notice_fields, &row, &mode, w);
    ak_json_kbool(w, "overdue",
                  row.report_due_us && !row.reported_by && row.report_due_us <= ak_now_us());
    if (project_id || whole) {
        rc = write_servers(req, tx, w, row.id, project_id, !project_id, err);
    }
    if (rc == 0 && !project_id && whole) {
        rc = write_affected(req, tx, w, row.id, err);
    }
    ak_json_object_end(w);
    return rc;
}

static int reply_notice(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                        const struct notice_row *row, struct ak_error *err)
{
    int rc = 0;

    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "notice");
    rc = write_notice(req, tx, &reply->json, row, true, err);
    ak_json_object_end(&reply->json);
    return rc;
}

static int write_row(struct ak_request *req, struct ak_json *w, const void *row, void *tx,
                     struct ak_error *err)
{
    return write_notice(req, tx, w, row, false, err);
}

int notice_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    static const char *const also[] = {"project_id", NULL};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    const char *project_id = scope_of(req);
    int rc = ak_request_list(req, &notice_fields, AK_LIST_OWN, NOTICE_PAGE, also, &query, err);

    project_id = project_id ? project_id : ak_request_query(req, "project_id");
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : notice_store_list(tx, req->arena, project_id, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "notices", &notice_fields, &query, &list, write_row, tx,
                       err);
    ak_json_object_end(&reply->json);
    return rc;
}

int notice_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : notice_store_load(tx, req->arena, scope_of(req), req->params[0], &row, err);
    return rc < 0 ? rc : reply_notice(req, tx, reply, &row, err);
}

int notice_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = *(const struct notice_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : notice_create(tx, req->arena, req->principal->user_name, &row, err);
    if (rc == 0) {
        reply->status = 201;
        rc = reply_notice(req, tx, reply, &row, err);
    }
    return rc < 0 ? rc : ak_request_commit(req, tx, "notice", row.id, NULL, NULL, err);
}

int notice_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : notice_change(tx, req->arena, req->params[0], req->body, &row, err);
    rc = rc < 0 ? rc : reply_notice(req, tx, reply, &row, err);
    return rc < 0 ? rc : ak_request_commit(req, tx, "notice", row.id, NULL, NULL, err);
}

static void write_preview(struct ak_request *req, struct ak_json *w,
                          const struct notice_affected *affected)
{
    struct ak_fields_mode mode = ak_request_mode(req);

    ak_json_key(w, "affected");
    ak_json_array(w);
    for (size_t i = 0; i < affected->n_recipients; i++) {
        const struct notice_recipient_row *to = &affected->recipients[i];

        ak_json_object(w);
        ak_fields_render(&notice_recipient_fields, to, &mode, w);
        ak_json_kstr(w, "mail_state", "none");
        ak_json_key(w, "servers");
        ak_json_array(w);
        for (size_t s = 0; s < affected->n_servers; s++) {
            if (ak_streq(affected->servers[s].project_id, to->project_id)) {
                ak_fields_render_object(&notice_server_fields, &affected->servers[s], &mode, w);
            }
        }
        ak_json_array_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
}

int notice_preview_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    struct notice_affected affected = {0};
    struct notice_demand demand = {0};
    struct ak_json *w = &reply->json;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : notice_store_load(tx, req->arena, NULL, req->params[0], &row, err);
    rc = rc < 0 ? rc : notice_affected_compute(tx, req->arena, &row, &affected, err);
    rc = rc < 0 ? rc : notice_affected_demand(tx, req->arena, &row, &affected, &demand, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "preview");
    ak_json_object(w);
    write_preview(req, w, &affected);
    ak_json_ktime(w, "earliest_start_at", demand.earliest_us, AK_TIME_Z);
    ak_json_kstr(w, "contract_number", demand.contract);
    ak_json_kstr(w, "customer_name", demand.customer);
    ak_json_kbool(w, "lead_ok", !demand.contract || row.starts_us >= demand.earliest_us);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

static int move(struct ak_request *req, struct ak_reply *reply, enum notice_event event,
                const char *reason, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc
                : notice_move(tx, req->arena, req->config, req->params[0], event,
                              req->principal->user_name, reason, &row, err);
    rc = rc < 0 ? rc : reply_notice(req, tx, reply, &row, err);
    return rc < 0 ? rc : ak_request_commit(req, tx, "notice", row.id, NULL, NULL, err);
}

int notice_publish_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return move(req, reply, NOTICE_PUBLISH, NULL, err);
}

int notice_start_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return move(req, reply, NOTICE_START, NULL, err);
}

int notice_finish_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return move(req, reply, NOTICE_FINISH, NULL, err);
}

int notice_cancel_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct notice_reason_body *body = req->body;

    return move(req, reply, NOTICE_CANCEL, body->reason, err);
}

int notice_acknowledge_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc =
        rc < 0 ? rc : notice_acknowledge(tx, req->arena, req->params[0], req->principal, &row, err);
    rc = rc < 0 ? rc : reply_notice(req, tx, reply, &row, err);
    return rc < 0 ? rc
                  : ak_request_commit(req, tx, "notice", row.id, req->principal->project_id, NULL,
                                      err);
}
