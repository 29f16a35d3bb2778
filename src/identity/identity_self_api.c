/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of what a caller does about himself: the own password, and where he is logged in. */
#include "identity/identity_secret.h"

int identity_self_password_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    const struct identity_user_row *body = req->body;

    reply->status = 204;
    return identity_user_change_own_password(req, req->principal->user_id, body->original_password,
                                             body->password, err);
}

static const char *const languages[] = {"ja", "en", NULL};
static const struct ak_field language_rows[] = {
    {"code", AK_STR, offsetof(struct identity_language_body, code),
     AK_CREATE | AK_REQUIRED | AK_NULLABLE, .choices = languages,
     .doc = "of mails to oneself; null: as the contract says"},
};
const struct ak_fields identity_language_fields =
    AK_FIELDS_GIVEN("language", struct identity_language_body, language_rows);

int identity_self_language_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    const struct identity_language_body *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : identity_user_store_language(tx, req->principal->user_id, body->code, err);
    reply->status = 204;
    return rc < 0 ? rc
                  : ak_request_commit(req, tx, "user", req->principal->user_id,
                                      req->principal->project_id, NULL, err);
}

int identity_session_list_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = ak_request_list(req, &identity_session_fields, AK_LIST_OWN, IDENTITY_PAGE, NULL,
                             &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    if (rc == 0) {
        rc = identity_session_store_list(tx, req->arena, req->principal->user_id,
                                         identity_caller_of(req->principal)->session_id, &query,
                                         &list, err);
    }
    if (rc == 0) {
        (void)ak_page_reply(req, reply, "sessions", &identity_session_fields, &query, &list);
    }
    return rc;
}

int identity_session_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_session_store_delete(tx, req->principal->user_id, req->params[0], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "session", req->params[0], req->principal->project_id, NULL,
                               err);
    }
    reply->status = 204;
    return rc;
}

int identity_session_delete_others_handler(struct ak_request *req, struct ak_reply *reply,
                                           struct ak_error *err)
{
    const char *current = identity_caller_of(req->principal)->session_id;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_session_store_delete_others(tx, req->principal->user_id, current, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "session", current, req->principal->project_id, NULL, err);
    }
    reply->status = 204;
    return rc;
}

static const struct {
    unsigned bit;
    const char *name;
} by_rank[] = {
    {AK_ROLE_ADMIN, "admin"},       {AK_ROLE_PRIVILEGED, "privileged"},
    {AK_ROLE_OPERATOR, "operator"}, {AK_ROLE_OFFICER, "officer"},
    {AK_ROLE_AUDITOR, "auditor"},   {AK_ROLE_ANALYST, "analyst"},
    {AK_ROLE_MANAGER, "manager"},   {AK_ROLE_MEMBER, "member"},
    {AK_ROLE_READER, "reader"},
};

void identity_me(const struct ak_request *req, struct identity_me *ret_me)
{
    const struct identity_caller *caller = identity_caller_of(req->principal);

    *ret_me = (struct identity_me){
        .must_change_password = req->principal->restrictions & IDENTITY_MUST_CHANGE,
        .staff = req->principal->roles & AK_ROLE_STAFF,
        .totp = caller->totp > 0,
        .passkeys = caller->passkeys,
        .mfa_required = caller->mfa_needed,
    };
    for (size_t i = 0; i < AK_N(by_rank) && !ret_me->role; i++) {
        ret_me->role = req->principal->roles & by_rank[i].bit ? by_rank[i].name : NULL;
    }
}
