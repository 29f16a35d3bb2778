/* SPDX-License-Identifier: Apache-2.0 */
/* What operators decide: to take a request, to approve or refuse it, to complete it by hand, to
 * have failed work run again. Nobody decides on what he asked for himself; every decision stands or
 * falls by the version of the request, so of two at once one wins. */
#include "request/request_internal.h"

#include <strings.h>

static void assign(struct request_row *request, const struct request_actor *who)
{
    request->assignee_id = who->id;
    request->assignee = who->name;
    request->assignee_role = who->role;
}

int request_take(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 const struct request_actor *who, struct ak_error *err)
{
    assign(request, who);
    return request_move(tx, arena, request, REQUEST_TAKE, who, err);
}

/* The work begins: the job is written with the move. */
static int start(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 enum request_verb verb, const struct request_actor *who, struct ak_error *err)
{
    request->attempt++;
    request->error = NULL;
    int rc = request_move(tx, arena, request, verb, who, err);
    return rc < 0 ? rc
                  : ak_job_add(tx, &request_run_kind, request->id, request->project_id,
                               who->request_id, who->id, NULL, 0, NULL, err);
}

/* Whether the user is the actor by another account: the same mail address. */
static int same_person(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                       const struct request_actor *who, const char *email, bool *io_same,
                       struct ak_error *err)
{
    const char *other = NULL;
    if (ak_streq(user_id, who->id)) {
        *io_same = true;
        return 0;
    }
    int rc = identity_user_email(tx, arena, user_id, &other, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    *io_same = *io_same || (rc == 0 && email && email[0] && other && strcasecmp(email, other) == 0);
    return rc;
}

/* Whether the actor asked for it, or gets something by it, under this or another account. Operators
 * may share the address of their desk, so between two of them only the account counts. */
static int is_about(struct ak_tx *tx, struct ak_arena *arena, const struct request_row *request,
                    const struct request_actor *who, bool *ret_about, struct ak_error *err)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    AK_AUTO_JSON fields = json_loads(request->fields, 0, NULL);
    const char *email = NULL;
    int rc = identity_user_email(tx, arena, who->id, &email, err);
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    *ret_about = ak_streq(who->id, request->created_by_id);
    if (rc == 0 && ak_streq(request->created_kind, "customer")) {
        rc = same_person(tx, arena, request->created_by_id, who, email, ret_about, err);
    }
    for (size_t i = 0; rc == 0 && kind && i < kind->n_fields; i++) {
        const struct request_field *field = &kind->fields[i];
        const char *text = json_string_value(json_object_get(fields, field->name));
        if (text && field->type == REQUEST_USER) {
            rc = same_person(tx, arena, text, who, email, ret_about, err);
        } else if (text && field->type == REQUEST_EMAIL) {
            *ret_about = *ret_about || (email && strcasecmp(email, text) == 0);
        }
    }
    return rc;
}

/* Checked before anything is written, so that the reason is the right one. */
static int may_decide(struct ak_tx *tx, struct ak_arena *arena, const struct request_row *request,
                      enum request_verb verb, const struct request_actor *who, struct ak_error *err)
{
    bool about = false;
    int rc = is_about(tx, arena, request, who, &about, err);
    if (rc < 0) {
        return rc;
    }
    if (about) {
        return ak_fail(err, AK_REQUEST_SELF, request->number);
    }
    return request_state_after(request_state_parse(request->state), verb) == REQUEST_STATES
               ? ak_fail(err, AK_REQUEST_STATE, request->number, request->state,
                         request_verb_name(verb))
               : 0;
}

static int count_approved(struct ak_tx *tx, struct ak_arena *arena,
                          const struct request_row *request, int64_t *ret_n, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = request_approvals_load(tx, arena, request, &list, err);
    const struct request_approval *rows = list.items;
    *ret_n = 0;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        *ret_n += rows[i].revision == request->revision && ak_streq(rows[i].decision, "approved");
    }
    return rc;
}

int request_approve(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const char *comment, struct ak_error *err)
{
    const struct request_kind *kind = request_kind_find(request->kind);
    int64_t approved = 0;
    if (request->approvals_needed == 0) {
        return ak_fail(err, AK_REQUEST_NO_APPROVAL, request->number);
    }
    int rc = may_decide(tx, arena, request, REQUEST_APPROVE, who, err);
    rc = rc < 0 ? rc : request_approval_add(tx, request, who, "approved", comment, err);
    rc = rc < 0 ? rc : count_approved(tx, arena, request, &approved, err);
    if (rc < 0) {
        return rc;
    }
    if (!request->assignee_id) {
        assign(request, who);
    }
    if (approved < request->approvals_needed) {
        return request_move(tx, arena, request, REQUEST_CONSENT, who, err);
    }
    rc = request_move(tx, arena, request, REQUEST_APPROVE, who, err);
    return rc == 0 && kind && kind->run ? start(tx, arena, request, REQUEST_START, who, err) : rc;
}

int request_refuse(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                   const struct request_actor *who, const char *comment, struct ak_error *err)
{
    bool failed = request_state_parse(request->state) == REQUEST_FAILED;
    int rc = may_decide(tx, arena, request, REQUEST_REFUSE, who, err);
    if (rc == 0 && !failed) { /* after a failure the decision stands beside the approval */
        rc = request_approval_add(tx, request, who, "refused", comment, err);
    }
    request->result = comment;
    return rc == 0 ? request_move(tx, arena, request, REQUEST_REFUSE, who, err) : rc;
}

int request_complete(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, const char *result, struct ak_error *err)
{
    enum request_state state = request_state_parse(request->state);
    if (request->approvals_needed > 0 &&
        (state == REQUEST_SUBMITTED || state == REQUEST_IN_REVIEW ||
         state == REQUEST_WAITING_CUSTOMER)) {
        return ak_fail(err, AK_REQUEST_UNAPPROVED, request->number);
    }
    request->result = result;
    if (!request->assignee_id) {
        assign(request, who);
    }
    return request_move(tx, arena, request, REQUEST_COMPLETE, who, err);
}

int request_retry(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                  const struct request_actor *who, struct ak_error *err)
{
    return start(tx, arena, request, REQUEST_RETRY, who, err);
}
