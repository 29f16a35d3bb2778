/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of requests: who may ask for what, how a request moves, what its clock does, and what
 * is said in its thread. Decisions of operators are in request_decision_service.c. */
#include "request/request_internal.h"

#include <stdio.h>

#include "mail/mail.h"
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

/* ---- Mail ------------------------------------------------------------------------------------ */

static int add_mail(struct ak_tx *tx, const struct request_row *request, const char *to,
                    const char *language, const char *template, const char *text, const char *why,
                    struct ak_error *err)
{
    char key[160];
    const char *const params[] = {request->number, request->title, text ? text : "", why ? why : "",
                                  NULL};
    (void)snprintf(key, sizeof(key), "%s/%s/%" PRId64, template, request->id, request->version);
    const struct ak_mail mail = {.key = key,
                                 .to = to,
                                 .language = language,
                                 .template = template,
                                 .params = params,
                                 .project_id = request->project_id,
                                 .object_type = "request",
                                 .object_id = request->id};
    return ak_mail_add(tx, &mail, err);
}

/* Why it failed or was stopped, in a language; NULL when nothing is told. */
static const char *why_of(struct ak_arena *arena, const struct request_row *request,
                          const char *language)
{
    AK_AUTO_JSON error = request->error ? json_loads(request->error, 0, NULL) : NULL;
    const char *text =
        json_string_value(json_object_get(error, ak_streq(language, "en") ? "text_en" : "text_ja"));
    return text ? ak_arena_strdup(arena, text) : NULL;
}

int request_mail_operators(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, const char *template,
                           struct ak_error *err)
{
    return add_mail(tx, request, AK_MAIL_OPERATORS, "ja", template, request->customer_name,
                    why_of(arena, request, "ja"), err);
}

/* The customer's language: the contract's; Japanese where there is no contract. */
static int language_of(struct ak_tx *tx, struct ak_arena *arena, const struct request_row *request,
                       const char **ret, struct ak_error *err)
{
    struct service_contract contract = {0};
    int rc = service_contract_by_project(tx, arena, request->project_id, &contract, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    *ret = contract.language ? contract.language : "ja";
    return rc;
}

/* Who has no address, or is gone, looks into the portal. */
static int mail_applicant(struct ak_tx *tx, struct ak_arena *arena,
                          const struct request_row *request, const char *text, struct ak_error *err)
{
    const char *email = NULL, *language = NULL;
    char template[64];
    int rc = identity_user_email(tx, arena, request->created_by_id, &email, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc < 0 || !email || !email[0]) {
        return rc;
    }
    (void)snprintf(template, sizeof(template), "request-%s", request->state);
    rc = language_of(tx, arena, request, &language, err);
    if (rc == 0 && !text) {
        text = why_of(arena, request, language);
    }
    return rc < 0 ? rc : add_mail(tx, request, email, language, template, text, NULL, err);
}

/* ---- New ones -------------------------------------------------------------------------------- */

bool request_kind_available(const struct request_kind *kind, const struct request_actor *who)
{
    if (who->staff) {
        return true;
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
        return 0;
    }
    if (!(who->roles & kind->who)) {
        return ak_fail(err, AK_REQUEST_ROLE, kind->title_en, kind->title_ja, names[kind->who]);
    }
    return request_kind_available(kind, who)
               ? 0
               : ak_fail(err, AK_REQUEST_UNAVAILABLE, kind->title_en, kind->title_ja);
}

static int check_open(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    int64_t n = 0;
    int rc = request_open_number(tx, project_id, &n, err);
    return rc == 0 && n >= REQUEST_OPEN_MAX
               ? ak_fail(err, AK_REQUEST_TOO_MANY, AK_NUM(REQUEST_OPEN_MAX))
               : rc;
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
                                  .version = 1};
    char id[AK_UUID_TEXT];
    if (!kind) {
        return ak_fail(err, AK_REQUEST_KIND, body->kind);
    }
    ak_uuid_new(id);
    request.id = ak_arena_strdup(arena, id);
    request.kind = kind->kind;
    request.title = body->title ? body->title : kind->title_ja;
    request.approvals_needed = kind->approvals;
    request.business = kind->business;
    int rc = may_ask(kind, who, err);
    rc = rc < 0 ? rc : find_customer(tx, arena, who, body, &request, err);
    rc = rc < 0 ? rc : request_guard_contract(tx, arena, kind, request.project_id, err);
    rc = rc < 0 ? rc : check_open(tx, request.project_id, err);
    rc = rc < 0 ? rc
                : request_form_check(tx, arena, kind, request.project_id, body->fields,
                                     &request.fields, err);
    rc = rc < 0 ? rc : request_number_new(tx, arena, request.created_us, &request.number, err);
    request.due_us =
        request_calendar_add(request.created_us, kind->hours * AK_HOUR, kind->business);
    request.updated_us = request.created_us;
    rc = rc < 0 ? rc : request_insert(tx, &request, err);
    rc = rc < 0 ? rc : request_step_add(tx, &request, "submit", who, err);
    rc = rc < 0 ? rc : mail_applicant(tx, arena, &request, NULL, err);
    rc = rc < 0 ? rc : request_mail_operators(tx, arena, &request, "request-new", err);
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
    rc = rc < 0 ? rc : request_step_add(tx, request, request_verb_name(verb), who, err);
    return rc < 0 || from == to || to == REQUEST_RUNNING
               ? rc /* who starts what was approved is told of its end */
               : mail_applicant(tx, arena, request, text, err);
}

int request_move(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 enum request_verb verb, const struct request_actor *who, struct ak_error *err)
{
    return move(tx, arena, request, verb, who, request->result, err);
}

int request_withdraw(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, struct ak_error *err)
{
    bool own = ak_streq(who->id, request->created_by_id);
    bool master = !who->staff && (who->roles & AK_ROLE_MANAGER);
    return own || master ? request_move(tx, arena, request, REQUEST_WITHDRAW, who, err)
                         : ak_fail(err, AK_FORBIDDEN, "request:request:withdraw");
}

/* ---- The thread ------------------------------------------------------------------------------ */

static int still_open(const struct request_row *request, struct ak_error *err)
{
    return request_state_is_final(request_state_parse(request->state))
               ? ak_fail(err, AK_REQUEST_CLOSED, request->number, request->state)
               : 0;
}

int request_say(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                const struct request_actor *who, const char *text, bool ask,
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
    if (rc == 0 && (ask || answers)) {
        rc = move(tx, arena, request, ask ? REQUEST_ASK : REQUEST_ANSWER, who, text, err);
    }
    if (rc == 0) {
        *ret_message = message;
    }
    return rc;
}

int request_attach_check(struct ak_tx *tx, const struct request_row *request, struct ak_error *err)
{
    int64_t n = 0;
    int rc = still_open(request, err);
    rc = rc < 0 ? rc : request_attachment_number(tx, request, &n, err);
    return rc == 0 && n >= REQUEST_ATTACHMENTS_MAX
               ? ak_fail(err, AK_REQUEST_ATTACHMENTS, AK_NUM(REQUEST_ATTACHMENTS_MAX))
               : rc;
}
