/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of incidents: parse, call, render. What a caller sees is decided by the listener: staff
 * on the management listener sees all, a customer what is posted to it. */
#include "incident/incident_internal.h"

struct incident_who incident_who_of(const struct ak_request *req)
{
    const struct ak_principal *caller = req->principal;
    bool staff = req->listener == AK_MANAGEMENT && (caller->roles & AK_ROLE_STAFF);

    return (struct incident_who){.staff = staff,
                                 .project_id = staff ? NULL : caller->project_id,
                                 .user_id = caller->user_id,
                                 .user_name = caller->user_name,
                                 .kind = staff ? "operator" : "customer"};
}

static struct ak_fields_mode mode_of(const struct ak_request *req, const struct incident_who *who)
{
    struct ak_fields_mode mode = ak_request_mode(req);

    mode.admin = who->staff;
    return mode;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* 'data': how the reader may see it. */
static int write_row(struct ak_request *req, struct ak_json *w, const void *row, void *data,
                     struct ak_error *err)
{
    const struct ak_fields_mode *mode = data;

    (void)req;
    (void)err;
    ak_fields_render_object(&incident_fields, row, mode, w);
    return 0;
}

int incident_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_who who = incident_who_of(req);
    struct ak_fields_mode mode = mode_of(req, &who);
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &incident_fields, AK_LIST_OWN, 100, NULL, &query, err);

    if (rc == 0 && query.n_sorts == 0) {
        ak_query_sort_key(&query, "created_us", true);
    }
    rc = rc == 0 ? ak_page_begin(req, &query, &tx, err) : rc;
    rc = rc == 0 ? incident_store_list(tx, req->arena, &who, &query, &list, err) : rc;
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "incidents", &incident_fields, &query, &list, write_row,
                       &mode, err);
    ak_json_object_end(&reply->json);
    return rc;
}

static int read_report(struct ak_arena *arena, struct incident *incident, struct ak_error *err)
{
    const struct ak_fields_mode mode = {.accept = AK_CREATE, .admin = true};
    AK_AUTO_JSON json = NULL;

    if (!incident->report_json) {
        return 0;
    }
    incident->report = ak_arena_new0(arena, struct incident_report);
    return ak_json_parse(incident->report_json, strlen(incident->report_json), &json, err) < 0 ||
                   ak_fields_parse(&incident_report_fields, json, &mode, arena, incident->report,
                                   err) < 0
               ? ak_fail_detail(err, AK_INTERNAL, "report of %s", incident->number)
               : 0;
}

/* The incident with all that belongs to it, as the answer. */
static int answer(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply, const char *id,
                  const struct incident_who *who, struct ak_error *err)
{
    const struct ak_fields_mode mode = mode_of(req, who);
    struct incident incident = {0};
    int rc = incident_store_load(tx, req->arena, id, who, &incident, err);

    rc = rc == 0 ? incident_store_fill(tx, req->arena, who, &incident, err) : rc;
    rc = rc == 0 ? incident_name_customers(tx, req->arena, &incident, err) : rc;
    rc = rc == 0 ? read_report(req->arena, &incident, err) : rc;
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "incident");
        ak_fields_render_object(&incident_fields, &incident, &mode, &reply->json);
        ak_json_object_end(&reply->json);
    }
    return rc;
}

int incident_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_who who = incident_who_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    return rc == 0 ? answer(req, tx, reply, req->params[0], &who, err) : rc;
}

/* ---- Changes --------------------------------------------------------------------------------- */

/* A change under way: begin() loads under the caller's scope, end() saves, answers and commits. */
struct change {
    struct ak_tx *tx;
    struct incident_who who;
    struct incident incident;
};

static void change_done(struct change *c)
{
    ak_tx_free(c->tx);
}
#define AUTO_CHANGE __attribute__((cleanup(change_done))) struct change

static int begin(struct ak_request *req, struct change *c, struct ak_error *err)
{
    int rc = 0;

    c->who = incident_who_of(req);
    rc = ak_request_begin(req, &c->tx, err);
    return rc == 0
               ? incident_store_load(c->tx, req->arena, req->params[0], &c->who, &c->incident, err)
               : rc;
}

static int end(struct ak_request *req, struct ak_reply *reply, struct change *c,
               struct ak_error *err)
{
    int rc = incident_reckon(c->tx, req->arena, req->config, &c->incident, err);

    rc = rc == 0 ? incident_store_save(c->tx, &c->incident, err) : rc;
    rc = rc == 0 ? answer(req, c->tx, reply, c->incident.id, &c->who, err) : rc;
    return rc == 0 ? ak_request_commit(req, c->tx, "incident", c->incident.id,
                                       c->incident.project_id, NULL, err)
                   : rc;
}

static int refuse_operators_members(const struct incident_report_body *body, struct ak_error *err)
{
    const char *name = body->cause          ? "cause"
                       : body->public_title ? "public_title"
                       : body->hosts.n      ? "hosts"
                       : body->projects.n   ? "project_ids"
                                            : NULL;

    return name ? ak_fail(err, AK_FIELD_UNKNOWN, name) : 0;
}

/* Reporting in the portal is what a class may leave out. */
static int may_report(struct ak_request *req, struct ak_tx *tx, const struct incident_who *who,
                      struct ak_error *err)
{
    struct incident_terms terms = {0};
    int rc = incident_terms(tx, req->arena, req->config, who->project_id, "medium", &terms, err);

    return rc == 0 && !terms.from_portal ? ak_fail(err, AK_INCIDENT_INTAKE) : rc;
}

int incident_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_report_body *body = req->body;
    AUTO_CHANGE c = {.who = incident_who_of(req)};
    int rc = c.who.staff ? 0 : refuse_operators_members(body, err);

    c.incident = (struct incident){
        .title = body->title,
        .public_title = c.who.staff ? body->public_title ? body->public_title : body->title : NULL,
        .severity = body->severity,
        .cause = body->cause,
        .channel = c.who.staff ? "operator" : "form",
        .project_id = c.who.project_id,
        .reporter_id = c.who.user_id,
        .reporter_name = c.who.user_name,
    };
    rc = rc == 0 ? ak_request_begin(req, &c.tx, err) : rc;
    if (rc == 0 && !c.who.staff) {
        rc = may_report(req, c.tx, &c.who, err);
        rc = rc == 0 ? incident_may_open(c.tx, req->config, c.who.project_id, err) : rc;
        rc = rc == 0 ? incident_rate_check(c.tx, req->config, &c.who, err) : rc;
    }
    rc = rc == 0 ? incident_open(c.tx, req->arena, &c.incident, body->text, &c.who, err) : rc;
    rc = rc == 0
             ? incident_set_affected(c.tx, req->arena, req->config, &c.incident, body, &c.who, err)
             : rc;
    if (rc == 0 && !c.who.staff) {
        rc = incident_mail_operators(c.tx, req->arena, &c.incident, "incident-new", err);
    }
    reply->status = 201;
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

int incident_message_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_step_body *body = req->body;
    AUTO_CHANGE c = {0};
    struct incident whole = {0};
    const struct incident_who staff = {.staff = true};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_may_write(&c.incident, &c.who, err) : rc;
    rc = rc == 0 ? incident_rate_check(c.tx, req->config, &c.who, err) : rc;
    /* What the customer was shown of the row is not what is saved. */
    rc = rc == 0 ? incident_store_load(c.tx, req->arena, c.incident.id, &staff, &whole, err) : rc;
    c.incident = whole;
    rc = rc == 0 ? incident_say(c.tx, &c.incident, "message", "customer", c.who.project_id,
                                body->text, &c.who, err)
                 : rc;
    if (rc == 0 && !c.who.staff) {
        rc = incident_mail_operators(c.tx, req->arena, &c.incident, "incident-message", err);
    }
    rc = rc == 0 ? incident_reckon(c.tx, req->arena, req->config, &c.incident, err) : rc;
    rc = rc == 0 ? incident_store_save(c.tx, &c.incident, err) : rc;
    rc = rc == 0 ? answer(req, c.tx, reply, c.incident.id, &c.who, err) : rc;
    return rc == 0 ? ak_request_commit(req, c.tx, "incident", c.incident.id, c.who.project_id, NULL,
                                       err)
                   : rc;
}

int incident_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_change_body *body = req->body;
    const struct ak_fields *table = &incident_change_body_fields;
    AUTO_CHANGE c = {0};
    struct incident *i = &c.incident;
    int rc = begin(req, &c, err);

    if (rc < 0) {
        return rc;
    }
    i->title = body->title ? body->title : i->title;
    i->severity = body->severity ? body->severity : i->severity;
    i->cause = body->cause ? body->cause : i->cause;
    if (ak_field_given(table, body, "public_title")) {
        i->public_title = body->public_title;
    }
    if (ak_field_given(table, body, "assignee")) {
        i->assignee_name = body->assignee;
    }
    return end(req, reply, &c, err);
}

int incident_affected_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AUTO_CHANGE c = {0};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_set_affected(c.tx, req->arena, req->config, &c.incident, req->body,
                                         &c.who, err)
                 : rc;
    rc = rc == 0 ? incident_say(c.tx, &c.incident, "affected", "internal", NULL, NULL, &c.who, err)
                 : rc;
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

static int step(struct ak_request *req, struct ak_reply *reply, enum incident_state to,
                struct ak_error *err)
{
    const struct incident_step_body *body = req->body;
    AUTO_CHANGE c = {0};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_step(c.tx, &c.incident, to, body ? body->text : NULL, &c.who, err) : rc;
    if (rc == 0 && to == INCIDENT_TRIAGE && !c.incident.assignee_name) {
        c.incident.assignee_id = c.who.user_id;
        c.incident.assignee_name = c.who.user_name;
    }
    if (rc == 0 && to == INCIDENT_RESOLVED) {
        rc = incident_mail_news(c.tx, req->arena, &c.incident, "incident-resolved",
                                body ? body->text : NULL, err);
    }
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

int incident_triage_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return step(req, reply, INCIDENT_TRIAGE, err);
}

int incident_mitigate_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return step(req, reply, INCIDENT_MITIGATED, err);
}

int incident_resolve_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return step(req, reply, INCIDENT_RESOLVED, err);
}

int incident_confirm_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    static const struct incident_step_body nothing = {0};
    AUTO_CHANGE c = {0};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_confirm(c.tx, req->arena, req->config, &c.incident,
                                    req->body ? req->body : &nothing, &c.who, err)
                 : rc;
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

int incident_notify_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_step_body *body = req->body;
    AUTO_CHANGE c = {0};
    int64_t mails = 0;
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_notify(c.tx, req->arena, req->config, &c.incident, body->text, &c.who,
                                   &mails, err)
                 : rc;
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

int incident_note_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_step_body *body = req->body;
    AUTO_CHANGE c = {0};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_say(c.tx, &c.incident, "update",
                                body->visibility ? body->visibility : "customer", NULL, body->text,
                                &c.who, err)
                 : rc;
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

int incident_close_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    static const struct incident_close_body nothing = {0};
    AUTO_CHANGE c = {0};
    int rc = begin(req, &c, err);

    rc = rc == 0 ? incident_close(c.tx, req->arena, &c.incident, req->body ? req->body : &nothing,
                                  &c.who, err)
                 : rc;
    if (rc == 0 && c.incident.report) {
        rc = incident_mail_news(c.tx, req->arena, &c.incident, "incident-closed", NULL, err);
    }
    return rc == 0 ? end(req, reply, &c, err) : rc;
}

/* ---- The closure report as a file ------------------------------------------------------------ */

static void section(struct ak_buf *out, const char *title, const char *text)
{
    ak_buf_printf(out, "\r\n%s\r\n", title);
    for (const char *p = text; *p; p++) {
        if (*p == '\n' && (p == text || p[-1] != '\r')) {
            ak_buf_char(out, '\r');
        }
        ak_buf_char(out, *p);
    }
    ak_buf_str(out, "\r\n");
}

static void write_report(const struct incident *i, bool ja, struct ak_buf *out)
{
    const struct incident_report *r = i->report;
    char created[AK_TIME_TEXT], closed[AK_TIME_TEXT];

    (void)ak_time_text(created, i->created_us, AK_TIME_Z);
    (void)ak_time_text(closed, i->closed_us, AK_TIME_Z);
    if (ja) {
        ak_buf_printf(out,
                      "インシデント報告書\r\n\r\n番号: %s\r\n件名: %s\r\n発生報告: %s (UTC)\r\n"
                      "完了: %s (UTC)\r\n",
                      i->number, i->title, created, closed);
        section(out, "■ 原因", r->root_cause);
        section(out, "■ 影響", r->impact);
        section(out, "■ 対応", r->response);
        section(out, "■ 再発防止", r->prevention);
        return;
    }
    ak_buf_printf(out,
                  "Incident report\r\n\r\nNumber: %s\r\nTitle: %s\r\nReported: %s (UTC)\r\n"
                  "Closed: %s (UTC)\r\n",
                  i->number, i->title, created, closed);
    section(out, "Root cause", r->root_cause_en ? r->root_cause_en : r->root_cause);
    section(out, "Impact", r->impact_en ? r->impact_en : r->impact);
    section(out, "Response", r->response_en ? r->response_en : r->response);
    section(out, "Prevention", r->prevention_en ? r->prevention_en : r->prevention);
}

int incident_download_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct incident_who who = incident_who_of(req);
    const char *lang = ak_request_query(req, "lang");
    bool ja = lang ? ak_streq(lang, "ja") : req->lang == AK_LANG_JA;
    AK_AUTO(ak_tx) tx = NULL;
    struct incident incident = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0 && lang && !ja && !ak_streq(lang, "en")) {
        return ak_fail(err, AK_FIELD_VALUE, "lang", "it must be ja or en");
    }
    rc = rc == 0 ? incident_store_load(tx, req->arena, req->params[0], &who, &incident, err) : rc;
    rc = rc == 0 ? read_report(req->arena, &incident, err) : rc;
    if (rc == 0 && !incident.report) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Incident report", incident.number);
    }
    if (rc == 0) {
        write_report(&incident, ja, &reply->body);
        reply->content_type = "text/plain; charset=utf-8";
        ak_reply_header(reply, req, "Content-Disposition",
                        ak_arena_printf(req->arena, "attachment; filename=\"%s-%s.txt\"",
                                        incident.number, ja ? "ja" : "en"));
    }
    return rc;
}
