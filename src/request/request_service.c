/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of requests: who may ask for what, how a request moves, what its clock does, and what
 * is said in its thread. Decisions of operators are in request_decision_service.c. */
#include "request/request_internal.h"

#include "service/service.h"

struct request_actor request_actor_system(const char *job_id)
{
    return (struct request_actor){.id = "system",
                                  .name = "akashi",
                                  .role = "system",
                                  .kind = "system",
                                  .staff = true,
                                  .request_id = job_id};
}

/* ---- New ones -------------------------------------------------------------------------------- */

bool request_kind_available(const struct request_kind *kind, const struct request_actor *who)
{
    if (who->staff) {
        return !kind->customers_only;
    }
    if (!(who->roles & kind->who)) {
        return false;
    }
    int verb = kind->verb ? identity_verb_find(kind->verb) : -1;
    return verb < 0 || identity_verb_mode(who->principal, (size_t)verb) == IDENTITY_REQUEST;
}

/* Whose request it becomes, and the customer's name. */
static int find_customer(struct ak_tx *tx, struct ak_arena *arena, const struct request_actor *who,
                         const struct request_body *body, struct request_row *request,
                         struct ak_error *err)
{
    struct identity_project project = {0};
    struct service_contract contract = {0};
    if (who->staff && !body->project_id) {
        return ak_fail(err, AK_FIELD_MISSING, "project_id");
    }
    if (!who->staff && body->project_id) {
        return ak_fail(err, AK_FIELD_UNKNOWN, "project_id");
    }
    request->project_id = who->staff ? body->project_id : who->project_id;
    int rc = identity_project_load(tx, arena, request->project_id, &project, err);
    if (rc == 0) {
        request->project_id = project.id;
        request->customer_name = project.name;
        rc = service_contract_by_project(tx, arena, project.id, &contract, err);
    }
    if (rc == 0) {
        request->customer_name = contract.customer_name;
    } else if (rc == -AK_OBJECT_NOT_FOUND && project.id) { /* a project without a contract */
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

static int may_ask(const struct request_kind *kind, const struct request_actor *who,
                   struct ak_error *err)
{
    static const char *const names[] = {
        [AK_ROLE_READER] = "reader", [AK_ROLE_MEMBER] = "member", [AK_ROLE_MANAGER] = "manager"};
    if (who->staff) {
        return kind->customers_only
                   ? ak_fail(err, AK_REQUEST_CUSTOMERS, kind->title_en, kind->title_ja)
                   : 0;
    }
    if (!(who->roles & kind->who)) {
        return ak_fail(err, AK_REQUEST_ROLE, kind->title_en, kind->title_ja, names[kind->who]);
    }
    return request_kind_available(kind, who)
               ? 0
               : ak_fail(err, AK_REQUEST_UNAVAILABLE, kind->title_en, kind->title_ja);
}

int request_may_act(const struct request_actor *who, const char *policy, struct ak_error *err)
{
    return who->staff && !(who->roles & REQUEST_STAFF_ROLES) ? ak_fail(err, AK_FORBIDDEN, policy)
                                                             : 0;
}

static int check_open(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    int64_t n = 0, most = -1;
    int rc = request_open_number(tx, project_id, &n, err);
    rc = rc < 0 ? rc : identity_project_limit(tx, project_id, "open_requests", -1, &most, err);
    most = most < 0 ? REQUEST_OPEN_MAX : most;
    return rc == 0 && n >= most ? ak_fail(err, AK_REQUEST_TOO_MANY, AK_NUM(most)) : rc;
}

int request_rate_check(struct ak_tx *tx, const struct ak_config *config,
                       const struct request_actor *who, struct ak_error *err)
{
    return who->staff ? 0
                      : request_store_rate_check(tx, who->project_id,
                                                 ak_config_int(config, "request_hour_max"), err);
}

int request_target_hours(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                         const char *project_id, int64_t *ret_hours, struct ak_error *err)
{
    struct service_contract contract = {0};
    *ret_hours = kind->hours;
    int rc = service_contract_by_project(tx, arena, project_id, &contract, err);
    if (rc == -AK_OBJECT_NOT_FOUND) { /* a project without a contract */
        ak_error_clear(err);
        return 0;
    }
    return rc < 0 ? rc
                  : service_class_target_hours(tx, contract.class_name, contract.class_version,
                                               kind->kind, ret_hours, err);
}

/* Checks the form, and sets what follows from it: names, titles, the target. */
static int take_form(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                     const struct request_actor *who, const struct request_body *body,
                     struct request_row *request, struct ak_error *err)
{
    int64_t hours = kind->hours;
    int rc = request_form_check(tx, arena, kind, request->project_id, who, body->fields,
                                &request->fields, err);
    AK_AUTO_JSON fields = rc < 0 ? NULL : json_loads(request->fields, 0, NULL);
    rc = rc < 0 ? rc
                : request_words_names(tx, arena, kind, request->project_id, fields, &request->names,
                                      err);
    AK_AUTO_JSON names = rc < 0 ? NULL : json_loads(request->names, 0, NULL);
    rc = rc < 0 ? rc : request_target_hours(tx, arena, kind, request->project_id, &hours, err);
    if (rc == 0) {
        request->title =
            body->title ? body->title : request_words_title(arena, kind, fields, names, false);
        request->title_en =
            body->title ? NULL : request_words_title(arena, kind, fields, names, true);
        request->due_us = request_calendar_add(ak_now_us(), hours * AK_HOUR, kind->business);
    }
    return rc;
}

int request_create(struct ak_tx *tx, struct ak_arena *arena, const struct request_actor *who,
                   const struct request_body *body, struct request_row *ret_request,
                   struct ak_error *err)
{
    const struct request_kind *kind = request_kind_find(body->kind);
    struct request_row request = {.state = request_state_name(REQUEST_SUBMITTED),
                                  .created_by_id = who->id,
                                  .created_by = who->name,
                                  .created_kind = who->kind,
                                  .created_role = who->role,
                                  .created_us = ak_now_us(),
                                  .revision = 1,
                                  .version = 1};
    char id[AK_UUID_TEXT];
    if (!kind) {
        return ak_fail(err, AK_REQUEST_KIND, body->kind);
    }
    ak_uuid_new(id);
    request.id = ak_arena_strdup(arena, id);
    request.kind = kind->kind;
    request.approvals_needed = kind->approvals;
    request.business = kind->business;
    request.updated_us = request.created_us;
    int rc = request_may_act(who, "request:request:create", err);
    rc = rc < 0 ? rc : may_ask(kind, who, err);
    rc = rc < 0 ? rc : find_customer(tx, arena, who, body, &request, err);
    rc = rc < 0 ? rc : request_guard_contract(tx, arena, kind, request.project_id, err);
    rc = rc < 0 ? rc : check_open(tx, request.project_id, err);
    rc = rc < 0 ? rc : take_form(tx, arena, kind, who, body, &request, err);
    rc = rc < 0 ? rc : request_number_new(tx, arena, request.created_us, &request.number, err);
    rc = rc < 0 ? rc : request_insert(tx, &request, err);
    rc = rc < 0 ? rc : request_step_add(tx, &request, "submit", who, NULL, err);
    rc = rc < 0 ? rc : request_mail_applicant(tx, arena, &request, NULL, NULL, err);
    rc = rc < 0 ? rc : request_mail_operators(tx, arena, &request, "request-new", NULL, err);
    if (rc == 0) {
        *ret_request = request;
    }
    return rc;
}

/* ---- Moves ----------------------------------------------------------------------------------- */

/* The provider's clock stands still while the customer is asked. */
static void keep_clock(struct request_row *request, enum request_state from, enum request_state to,
                       int64_t now)
{
    if (from != REQUEST_WAITING_CUSTOMER && to == REQUEST_WAITING_CUSTOMER) {
        request->waiting_us = now;
    } else if (from == REQUEST_WAITING_CUSTOMER && to != REQUEST_WAITING_CUSTOMER) {
        int64_t waited = request_calendar_between(request->waiting_us, now, request->business);
        request->due_us = request_calendar_add(request->due_us, waited, request->business);
        request->waiting_us = 0;
    }
    request->ended_us = request_state_is_final(to) ? now : 0;
}

static int move(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                enum request_verb verb, const struct request_actor *who, const char *text,
                struct ak_error *err)
{
    enum request_state from = request_state_parse(request->state),
                       to = request_state_after(from, verb);
    if (to == REQUEST_STATES) {
        return ak_fail(err, AK_REQUEST_STATE, request->number, request->state,
                       request_verb_name(verb));
    }
    keep_clock(request, from, to, ak_now_us());
    request->state = request_state_name(to);
    int rc = request_save(tx, request, err);
    rc = rc < 0 ? rc : request_step_add(tx, request, request_verb_name(verb), who, NULL, err);
    return rc < 0 || from == to || to == REQUEST_RUNNING
               ? rc /* who starts what was approved is told of its end */
               : request_mail_applicant(tx, arena, request, NULL, text, err);
}

int request_move(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 enum request_verb verb, const struct request_actor *who, struct ak_error *err)
{
    return move(tx, arena, request, verb, who, request->result, err);
}

/* The applicant, or a manager of the customer. */
static bool is_his(const struct request_row *request, const struct request_actor *who)
{
    return ak_streq(who->id, request->created_by_id) ||
           (!who->staff && (who->roles & AK_ROLE_MANAGER));
}

int request_withdraw(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, struct ak_error *err)
{
    return is_his(request, who) ? request_move(tx, arena, request, REQUEST_WITHDRAW, who, err)
                                : ak_fail(err, AK_FORBIDDEN, "request:request:withdraw");
}

int request_correct(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const struct request_body *body,
                    struct ak_error *err)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    enum request_state from = request_state_parse(request->state),
                       to = request_state_after(from, REQUEST_CORRECT);
    const char *before = request->fields;
    if (!is_his(request, who)) {
        return ak_fail(err, AK_FORBIDDEN, "request:request:update");
    }
    if (!kind || to == REQUEST_STATES) {
        return ak_fail(err, AK_REQUEST_STATE, request->number, request->state,
                       request_verb_name(REQUEST_CORRECT));
    }
    int rc = request_guard_contract(tx, arena, kind, request->project_id, err);
    rc = rc < 0 ? rc : may_ask(kind, who, err);
    rc = rc < 0 ? rc : take_form(tx, arena, kind, who, body, request, err);
    request->state = request_state_name(to);
    request->waiting_us = 0;
    request->overdue = false; /* another form, another target; the history tells of the first */
    request->revision++;
    rc = rc < 0 ? rc : request_save(tx, request, err);
    rc = rc < 0 ? rc : request_step_add(tx, request, "correct", who, before, err);
    rc = rc < 0 ? rc : request_mail_applicant(tx, arena, request, NULL, NULL, err);
    return rc < 0 ? rc : request_mail_operators(tx, arena, request, "request-corrected", NULL, err);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static int still_open(const struct request_row *request, struct ak_error *err)
{
    return request_state_is_final(request_state_parse(request->state))
               ? ak_fail(err, AK_REQUEST_CLOSED, request->number, request->state)
               : 0;
}

int request_say(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                const struct request_actor *who, const char *text, enum request_verb verb,
                struct request_message *ret_message, struct ak_error *err)
{
    struct request_message message = {.author_name = who->name,
                                      .author_kind = who->kind,
                                      .author_role = who->role,
                                      .text = text,
                                      .created_us = ak_now_us()};
    bool answers = !who->staff && ak_streq(request->state, "waiting_customer");
    char id[AK_UUID_TEXT];
    int64_t n = 0;
    ak_uuid_new(id);
    message.id = ak_arena_strdup(arena, id);
    int rc = still_open(request, err);
    rc = rc < 0 ? rc : request_message_number(tx, request, &n, err);
    if (rc == 0 && n >= REQUEST_MESSAGES_MAX) {
        return ak_fail(err, AK_REQUEST_MESSAGES, AK_NUM(REQUEST_MESSAGES_MAX));
    }
    rc = rc < 0 ? rc : request_message_insert(tx, request, who, &message, err);
    if (rc == 0 && (verb != REQUEST_VERBS || answers)) {
        rc = move(tx, arena, request, answers ? REQUEST_ANSWER : verb, who, text, err);
    } else if (rc == 0 && who->staff) { /* the version makes each mail one of its own */
        rc = request_save(tx, request, err);
        rc = rc < 0 ? rc : request_mail_applicant(tx, arena, request, "request-message", text, err);
    }
    if (rc == 0 && answers) {
        rc = request_mail_operators(tx, arena, request, "request-answered", text, err);
    }
    if (rc == 0) {
        *ret_message = message;
    }
    return rc;
}

int request_attach_check(struct ak_tx *tx, const struct ak_config *config,
                         const struct request_row *request, struct ak_error *err)
{
    int64_t n = 0, size = 0, most = ak_config_int(config, "request_storage_mib");
    int rc = still_open(request, err);
    rc = rc < 0 ? rc : request_attachment_size(tx, request->project_id, &size, err);
    if (rc == 0 && size >= most << 20) {
        return ak_fail(err, AK_REQUEST_STORAGE, AK_NUM(most));
    }
    rc = rc < 0 ? rc : request_attachment_number(tx, request, &n, err);
    return rc == 0 && n >= REQUEST_ATTACHMENTS_MAX
               ? ak_fail(err, AK_REQUEST_ATTACHMENTS, AK_NUM(REQUEST_ATTACHMENTS_MAX))
               : rc;
}
