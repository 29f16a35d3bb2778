/* SPDX-License-Identifier: Apache-2.0 */
/* What was approved is done later: seconds, or days when it failed first. Before it is done the
 * world is looked at again, in the transaction that does it: the contract, the class, the applicant
 * and what the form names. What does not hold any more refuses the request (request_jobs.c). */
#include "request/request_internal.h"

#include "service/service.h"

int request_guard_contract(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_kind *kind, const char *project_id,
                           struct ak_error *err)
{
    struct service_contract contract = {0};
    int rc = service_contract_by_project(tx, arena, project_id, &contract, err);
    if (rc == -AK_OBJECT_NOT_FOUND) { /* a project without a contract */
        ak_error_clear(err);
        return 0;
    }
    if (rc < 0) {
        return rc;
    }
    bool closed = ak_streq(contract.state, "closed"),
         ending = closed || ak_streq(contract.state, "terminating"),
         ended = closed || (ending && ak_now_us() >= contract.ends_us);
    bool over = kind->until == REQUEST_WHILE_ACTIVE      ? ending
                : kind->until == REQUEST_TO_THE_DELETION ? closed
                                                         : ended;
    if (over) {
        return ak_fail(err, AK_REQUEST_OVER, contract.number, kind->title_en, kind->title_ja);
    }
    return kind->destroys && contract.legal_hold ? ak_fail(err, AK_LEGAL_HOLD) : 0;
}

/* What the class leaves to the customer itself meanwhile is done all the same: the customer may
 * have it. What the class has taken away is not. */
static int check_class(struct ak_tx *tx, const struct request_kind *kind,
                       const struct request_row *request, struct ak_error *err)
{
    enum identity_mode mode = IDENTITY_REQUEST;
    int verb = kind->verb ? identity_verb_find(kind->verb) : -1;
    int rc = verb < 0
                 ? 0
                 : identity_project_verb_mode(tx, request->project_id, (size_t)verb, &mode, err);
    return rc == 0 && mode == IDENTITY_NONE && ak_streq(request->created_kind, "customer")
               ? ak_fail(err, AK_REQUEST_NOT_OFFERED, kind->title_en, kind->title_ja)
               : rc;
}

/* Another's password goes to the applicant, so he is a manager still: neither one who was demoted
 * meanwhile nor one whose form a manager has corrected may come in as that other. */
static bool of_another(const struct request_kind *kind, const struct request_row *request,
                       const json_t *fields)
{
    return ak_streq(kind->kind, "console-password") &&
           !ak_streq(json_string_value(json_object_get(fields, "user")), request->created_by_id);
}

static int check_applicant(struct ak_tx *tx, const struct request_kind *kind,
                           const struct request_row *request, const json_t *fields,
                           struct ak_error *err)
{
    bool staff = ak_streq(request->created_kind, "operator");
    unsigned roles = 0, needed = staff                               ? REQUEST_STAFF_ROLES
                                 : of_another(kind, request, fields) ? AK_ROLE_MANAGER
                                                                     : kind->who;
    int rc = identity_user_roles(tx, request->created_by_id, staff ? NULL : request->project_id,
                                 &roles, err);
    return rc == 0 && !(roles & needed) ? ak_fail(err, AK_REQUEST_APPLICANT, request->number) : rc;
}

int request_guard(struct ak_tx *tx, struct ak_arena *arena, const struct request_kind *kind,
                  const struct request_row *request, const json_t *fields, struct ak_error *err)
{
    int rc = request_guard_contract(tx, arena, kind, request->project_id, err);
    rc = rc < 0 ? rc : check_class(tx, kind, request, err);
    rc = rc < 0 ? rc : check_applicant(tx, kind, request, fields, err);
    return rc < 0 ? rc : request_form_still(tx, arena, kind, request->project_id, fields, err);
}

bool request_guard_refuses(int rc)
{
    return rc == -AK_REQUEST_OVER || rc == -AK_LEGAL_HOLD || rc == -AK_REQUEST_NOT_OFFERED ||
           rc == -AK_REQUEST_APPLICANT || rc == -AK_REQUEST_GONE;
}
