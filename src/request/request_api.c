/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers: the kinds with their forms, submitting, listing and showing requests. The verbs are in
 * request_verb_api.c. */
#include "request/request_internal.h"

#include "service/service.h"

#define PAGE 100

static const char *role_of(unsigned roles)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        {AK_ROLE_ADMIN, "admin"},     {AK_ROLE_PRIVILEGED, "privileged"},
        {AK_ROLE_OFFICER, "officer"}, {AK_ROLE_OPERATOR, "operator"},
        {AK_ROLE_AUDITOR, "auditor"}, {AK_ROLE_ANALYST, "analyst"},
        {AK_ROLE_MANAGER, "manager"}, {AK_ROLE_MEMBER, "member"},
    };
    for (size_t i = 0; i < AK_N(names); i++) {
        if (roles & names[i].bit) {
            return names[i].name;
        }
    }
    return "reader";
}

struct request_actor request_actor_of(const struct ak_request *req)
{
    const struct ak_principal *p = req->principal;
    bool staff = req->listener == AK_MANAGEMENT && (p->roles & AK_ROLE_STAFF);
    return (struct request_actor){.id = p->user_id,
                                  .name = p->user_name,
                                  .role = role_of(p->roles),
                                  .kind = staff ? "operator" : "customer",
                                  .staff = staff,
                                  .project_id = p->project_id,
                                  .project_name = p->project_name,
                                  .roles = p->roles,
                                  .request_id = req->id,
                                  .principal = p};
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static void write_choices(struct ak_json *w, const struct request_choice *choices)
{
    ak_json_key(w, "choices");
    if (!choices) {
        ak_json_null(w);
        return;
    }
    ak_json_array(w);
    for (; choices->value; choices++) {
        ak_json_object(w);
        ak_json_kstr(w, "value", choices->value);
        ak_json_kstr(w, "title_ja", choices->title_ja);
        ak_json_kstr(w, "title_en", choices->title_en);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
}

static void write_field(struct ak_json *w, const struct request_field *field,
                        const struct request_choice *choices)
{
    int64_t max = field->max                                  ? field->max
                  : field->type == REQUEST_LONGTEXT           ? 10000
                  : field->type == REQUEST_BOOLEAN || choices ? 0
                                                              : 255;
    ak_json_object(w);
    ak_json_kstr(w, "name", field->name);
    ak_json_kstr(w, "title_ja", field->title_ja);
    ak_json_kstr(w, "title_en", field->title_en);
    ak_json_kstr(w, "type", request_type_name(field->type));
    ak_json_kbool(w, "required", field->required);
    write_choices(w, choices);
    ak_json_kstr(w, "help_ja", field->help_ja);
    ak_json_kstr(w, "help_en", field->help_en);
    ak_json_kint(w, "min", field->min);
    ak_json_kint(w, "max", max);
    ak_json_kbool(w, "not_past", field->not_past);
    ak_json_object_end(w);
}

static int write_fields(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                        const struct request_kind *kind, const char *project_id,
                        struct ak_error *err)
{
    int rc = 0;
    ak_json_key(w, "fields");
    ak_json_array(w);
    for (size_t i = 0; rc == 0 && i < kind->n_fields; i++) {
        const struct request_choice *choices = kind->fields[i].choices;
        if (kind->fields[i].source != REQUEST_LISTED && project_id) {
            rc = request_form_choices(tx, req->arena, &kind->fields[i], project_id, &choices, err);
        }
        write_field(w, &kind->fields[i], choices);
    }
    ak_json_array_end(w);
    return rc;
}

static void write_text(struct ak_json *w, const struct request_text *text)
{
    ak_json_object(w);
    ak_json_kstr(w, "title_ja", text->ja);
    ak_json_kstr(w, "title_en", text->en);
    ak_json_object_end(w);
}

/* What a person does for it, and how the answer begins. */
static void write_checklist(struct ak_json *w, const struct request_checklist *list)
{
    static const struct request_text nothing = {"", ""};
    ak_json_key(w, "checklist");
    ak_json_array(w);
    for (size_t i = 0; list && i < list->n; i++) {
        write_text(w, &list->steps[i]);
    }
    ak_json_array_end(w);
    ak_json_key(w, "closing");
    write_text(w, list ? &list->closing : &nothing);
}

static int write_kind(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                      const struct request_kind *kind, const struct request_actor *who,
                      const char *project_id, struct ak_error *err)
{
    int64_t hours = kind->hours;
    int rc = 0;
    ak_json_object(w);
    ak_json_kstr(w, "kind", kind->kind);
    ak_json_kstr(w, "title_ja", kind->title_ja);
    ak_json_kstr(w, "title_en", kind->title_en);
    ak_json_kstr(w, "description_ja", kind->description_ja);
    ak_json_kstr(w, "description_en", kind->description_en);
    ak_json_kstr(w, "who", role_of(kind->who));
    ak_json_kint(w, "approvals", kind->approvals);
    rc = project_id ? request_target_hours(tx, req->arena, kind, project_id, &hours, err) : 0;
    ak_json_kint(w, "target_hours", hours);
    ak_json_kbool(w, "business_hours", kind->business);
    ak_json_kbool(w, "automatic", kind->run != NULL);
    ak_json_kstr(w, "verb", kind->verb);
    ak_json_kbool(w, "available", request_kind_available(kind, who));
    if (who->staff) {
        write_checklist(w, request_checklist_find(kind->kind));
    }
    rc = rc < 0 ? rc : write_fields(req, tx, w, kind, project_id, err);
    ak_json_object_end(w);
    return rc;
}

int request_kind_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct request_actor who = request_actor_of(req);
    struct identity_project project = {.id = who.project_id};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0 && who.staff) { /* forms of a customer, or without what only a customer has */
        const char *id = ak_request_query(req, "project_id");
        rc = id ? identity_project_load(tx, req->arena, id, &project, err) : 0;
        project.id = id ? project.id : NULL;
    }
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "request_kinds");
    ak_json_array(&reply->json);
    for (size_t i = 0; rc == 0 && i < request_kinds_n; i++) {
        rc = write_kind(req, tx, &reply->json, &request_kinds[i], &who, project.id, err);
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return rc;
}

/* ---- Showing --------------------------------------------------------------------------------- */

/* The applicant takes it as long as he might ask for it. */
bool request_may_take(const struct request_row *request, const struct request_actor *who)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    bool own = ak_streq(who->id, request->created_by_id) && kind && (who->roles & kind->who);
    return request->secret && !who->staff && ak_streq(who->project_id, request->project_id) &&
           (own || (who->roles & AK_ROLE_MANAGER));
}

/* Fills in what is no column, and gives operators' names as the setting says. */
void request_dress(const struct ak_request *req, struct request_row *request)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    struct request_actor who = request_actor_of(req);
    request->title_ja = request->title;
    request->title_en = request->title_en ? request->title_en : request->title;
    request->title = req->lang == AK_LANG_EN ? request->title_en : request->title_ja;
    request->names = request->names ? request->names : "{}";
    request->kind_title_ja = kind ? kind->title_ja : request->kind;
    request->kind_title_en = kind ? kind->title_en : request->kind;
    request->has_secret = request_may_take(request, &who);
    if (who.staff || ak_streq(ak_config_str(req->config, "request_operator_names"), "name")) {
        return;
    }
    request->assignee = request->assignee_role;
    if (ak_streq(request->created_kind, "operator")) {
        request->created_by = request->created_role;
    }
    struct request_approval *approvals = request->approvals.items;
    for (size_t i = 0; i < request->approvals.n; i++) {
        approvals[i].user_name = approvals[i].user_role;
    }
    struct request_message *messages = request->messages.items;
    for (size_t i = 0; i < request->messages.n; i++) {
        messages[i].author_name = ak_streq(messages[i].author_kind, "operator")
                                      ? messages[i].author_role
                                      : messages[i].author_name;
    }
    struct request_attachment *files = request->attachments.items;
    for (size_t i = 0; i < request->attachments.n; i++) {
        files[i].author_name = ak_streq(files[i].author_kind, "operator") ? files[i].author_role
                                                                          : files[i].author_name;
    }
    struct request_step *steps = request->history.items;
    for (size_t i = 0; i < request->history.n; i++) {
        steps[i].actor_name =
            ak_streq(steps[i].actor_kind, "operator") ? steps[i].actor_role : steps[i].actor_name;
    }
}

int request_load_for(struct ak_request *req, struct ak_tx *tx, struct request_row *ret_request,
                     struct ak_error *err)
{
    struct request_actor who = request_actor_of(req);
    return request_load(tx, req->arena, who.staff ? NULL : who.project_id, req->params[0],
                        ret_request, err);
}

int request_reply_whole(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                        struct request_row *request, struct ak_error *err)
{
    int rc = request_details_load(tx, req->arena, request, err);
    if (rc == 0 && request_state_parse(request->state) == REQUEST_RUNNING) {
        rc = request_progress(tx, req->arena, req->config, request, err);
    }
    if (rc == 0) {
        request_dress(req, request);
        ak_reply_object(reply, req, "request", &request_fields, request);
    }
    return rc;
}

int request_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct request_row request = {0};
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : request_load_for(req, tx, &request, err);
    return rc < 0 ? rc : request_reply_whole(req, tx, reply, &request, err);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static int filter_text(struct ak_request *req, struct ak_query *query, const char *column,
                       const char *text, struct ak_error *err)
{
    struct ak_value value = ak_v_text(text);
    return ak_query_filter(query, req->arena, column, AK_EQ, &value, 1, err);
}

/* ?project_id= and ?contract_id= of the operators. */
static int filter_customer(struct ak_request *req, struct ak_tx *tx, struct ak_query *query,
                           struct ak_error *err)
{
    const char *project_id = ak_request_query(req, "project_id"),
               *contract_id = ak_request_query(req, "contract_id");
    struct service_contract contract = {0};
    int rc = project_id ? filter_text(req, query, "project_id", project_id, err) : 0;
    if (rc == 0 && contract_id) {
        rc = service_contract_load(tx, req->arena, contract_id, &contract, err);
        rc = rc < 0 ? rc
                    : filter_text(req, query, "project_id",
                                  contract.project_id ? contract.project_id : "", err);
    }
    return rc;
}

int request_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    static const char *const for_staff[] = {"project_id", "contract_id", NULL};
    struct request_actor who = request_actor_of(req);
    struct ak_query query = {0};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_list(req, who.staff ? &request_brief_fields : &request_own_fields,
                             AK_LIST_OWN, PAGE, who.staff ? for_staff : NULL, &query, err);
    if (query.n_sorts == 0) {
        ak_query_sort_key(&query, "created_us", true);
    }
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 || !who.staff ? rc : filter_customer(req, tx, &query, err);
    rc = rc < 0 ? rc
                : request_list_load(tx, req->arena, who.staff ? NULL : who.project_id, &query,
                                    &list, err);
    if (rc < 0) {
        return rc;
    }
    struct request_row *rows = list.items;
    for (size_t i = 0; i < list.n; i++) {
        request_dress(req, &rows[i]);
    }
    return ak_page_reply(req, reply, "requests", &request_brief_fields, &query, &list);
}

/* ---- Submitting ------------------------------------------------------------------------------ */

int request_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct request_actor who = request_actor_of(req);
    struct request_row request = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : request_rate_check(tx, req->config, &who, err);
    rc = rc < 0 ? rc : request_create(tx, req->arena, &who, req->body, &request, err);
    if (rc == 0) {
        const char *detail = ak_arena_printf(req->arena, "{\"number\":\"%s\",\"kind\":\"%s\"}",
                                             request.number, request.kind);
        rc = ak_request_commit(req, tx, "request", request.id, request.project_id, detail, err);
    }
    if (rc < 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx));
    rc = ak_tx_read(req->store, &tx, err);
    reply->status = 201;
    return rc < 0 ? rc : request_reply_whole(req, tx, reply, &request, err);
}
