/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the users whom a customer's master manages, and of what the provider does for an
 * account whose owner can no longer get in: parse, call, render. */
#include "identity/identity_secret.h"

/* The project asked about: the token's, or any for the provider's people. */
static const char *project_of(struct ak_request *req)
{
    const char *other = req->admin ? ak_request_query(req, "project_id") : NULL;

    return other ? other : req->principal->project_id;
}

static void complete(struct ak_request *req, struct identity_customer_user_row *user)
{
    user->mfa = ak_arena_new0(req->arena, struct identity_customer_user_mfa);
    user->mfa->totp = user->totp > 0;
    user->mfa->passkeys = user->passkeys;
}

/* Those who are not managers see themselves only. */
static int add_own_filter(struct ak_request *req, struct ak_query *query, struct ak_error *err)
{
    const struct ak_value own = ak_v_text(req->principal->user_id);

    return req->admin || (req->principal->roles & AK_ROLE_MANAGER)
               ? 0
               : ak_query_filter(query, req->arena, "id", AK_EQ, &own, 1, err);
}

int identity_customer_user_list_handler(struct ak_request *req, struct ak_reply *reply,
                                        struct ak_error *err)
{
    static const char *const also[] = {"project_id", NULL};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct identity_customer_user_row *rows = NULL;
    int rc = ak_request_list(req, &identity_customer_user_fields, AK_LIST_OWN, IDENTITY_PAGE,
                             req->admin ? also : NULL, &query, err);

    rc = rc < 0 ? rc : add_own_filter(req, &query, err);
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    if (rc == 0) {
        rc = identity_customer_user_store_list(tx, req->arena, project_of(req), &query, &list, err);
    }
    rows = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        complete(req, &rows[i]);
    }
    if (rc == 0) {
        (void)ak_page_reply(req, reply, "users", &identity_customer_user_fields, &query, &list);
    }
    return rc;
}

int identity_customer_user_show_handler(struct ak_request *req, struct ak_reply *reply,
                                        struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_customer_user_row user = {0};
    int rc = req->admin || (req->principal->roles & AK_ROLE_MANAGER)
                 ? 0
                 : identity_require_self(req, req->params[0], err);

    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        rc = identity_customer_user_store_load(tx, req->arena, project_of(req), req->params[0],
                                               &user, err);
    }
    if (rc == 0) {
        complete(req, &user);
        ak_reply_object(reply, req, "user", &identity_customer_user_fields, &user);
    }
    return rc;
}

int identity_customer_user_create_handler(struct ak_request *req, struct ak_reply *reply,
                                          struct ak_error *err)
{
    const struct identity_customer_user_row *body = req->body;
    struct identity_new_user user = {.name = body->name,
                                     .email = body->email,
                                     .project_id = req->principal->project_id,
                                     .role = body->role};
    struct identity_customer_user_row row = {0};
    struct identity_project_row project = {0};
    struct identity_initial initial;
    AK_AUTO(ak_tx) tx = NULL;
    const char *id = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : identity_initial_make(&initial, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_project_store_load(tx, req->arena, user.project_id, &project, err);
    user.domain_id = project.domain_id;
    rc = rc < 0
             ? rc
             : identity_user_create_initial(tx, req->arena, req->config, &user, &initial, &id, err);
    rc = rc < 0 ? rc
                : identity_customer_user_store_load(tx, req->arena, user.project_id, id, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "user", id, user.project_id, NULL, err);
    if (rc == 0) {
        reply->status = 201;
        complete(req, &row);
        row.initial_password = initial.password;
        ak_reply_object(reply, req, "user", &identity_customer_user_fields, &row);
    }
    ak_wipe(&initial, sizeof(initial));
    return rc;
}

static struct identity_customer_change change_of(const struct ak_request *req)
{
    return (struct identity_customer_change){req->principal->project_id, req->principal->user_id,
                                             req->params[0]};
}

/* Whether a change gives somebody more than he had, or mails to somebody else. */
static bool gives_away(const struct identity_customer_user_row *change)
{
    return change->role || ak_field_given(&identity_customer_user_fields, change, "email") ||
           (ak_field_given(&identity_customer_user_fields, change, "enabled") && change->enabled);
}

int identity_customer_user_update_handler(struct ak_request *req, struct ak_reply *reply,
                                          struct ak_error *err)
{
    const struct identity_customer_change what = change_of(req);
    struct identity_customer_user_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = gives_away(req->body) ? identity_proof_require(req, err) : 0;

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_customer_user_change(tx, req->arena, &what, req->body, &row, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "user", what.id, what.project_id, NULL, err);
    if (rc == 0) {
        complete(req, &row);
        ak_reply_object(reply, req, "user", &identity_customer_user_fields, &row);
    }
    return rc;
}

int identity_customer_user_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                          struct ak_error *err)
{
    const struct identity_customer_change what = change_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : identity_customer_user_remove(tx, req->arena, &what, err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "user", what.id, what.project_id, NULL, err);
    reply->status = 204;
    return rc;
}

int identity_customer_user_password_handler(struct ak_request *req, struct ak_reply *reply,
                                            struct ak_error *err)
{
    const struct identity_customer_change what = change_of(req);
    struct identity_customer_user_row row = {0};
    struct identity_initial initial;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : identity_initial_make(&initial, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc
                : identity_customer_user_reset_password(tx, req->arena, req->config, &what,
                                                        &initial, err);
    rc = rc < 0 ? rc
                : identity_customer_user_store_load(tx, req->arena, what.project_id, what.id, &row,
                                                    err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "user", what.id, what.project_id, NULL, err);
    if (rc == 0) {
        complete(req, &row);
        row.initial_password = initial.password;
        ak_reply_object(reply, req, "user", &identity_customer_user_fields, &row);
    }
    ak_wipe(&initial, sizeof(initial));
    return rc;
}

int identity_customer_user_factors_handler(struct ak_request *req, struct ak_reply *reply,
                                           struct ak_error *err)
{
    const struct identity_customer_change what = change_of(req);
    struct identity_customer_user_row row = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : identity_customer_user_reset_factors(tx, req->arena, &what, err);
    rc = rc < 0 ? rc
                : identity_customer_user_store_load(tx, req->arena, what.project_id, what.id, &row,
                                                    err);
    rc = rc < 0 ? rc : ak_request_commit(req, tx, "user", what.id, what.project_id, NULL, err);
    if (rc == 0) {
        complete(req, &row);
        ak_reply_object(reply, req, "user", &identity_customer_user_fields, &row);
    }
    return rc;
}

/* The provider's help for any account; those of its own people are the administrator's. */
static int load_account(struct ak_request *req, struct ak_tx *tx,
                        struct identity_user_row *ret_user, struct ak_error *err)
{
    bool staff = false;
    int rc = identity_user_store_load(tx, req->arena, req->params[0], ret_user, err);

    rc = rc < 0 ? rc : identity_user_store_is_cloud_admin(tx, req->params[0], &staff, err);
    return rc == 0 && staff && !(req->principal->roles & AK_ROLE_ADMIN)
               ? ak_fail(err, AK_FORBIDDEN, req->route->policy)
               : rc;
}

/* The customer sees it in its events and is told by mail. */
static int commit_account(struct ak_request *req, struct ak_tx *tx,
                          const struct identity_user_row *user, const char *template,
                          struct ak_error *err)
{
    const struct identity_whose whose = {.user_id = user->id};
    const struct identity_told told = {template, user, req->principal->user_name, 0};
    const char *project_id = NULL;
    struct ak_list customers = {0};
    int rc = identity_customer_enter(req, tx, &whose, &customers, err);

    rc = rc < 0 ? rc : identity_customer_tell(tx, req->arena, &customers, told, err);
    project_id = identity_customer_project(&customers);
    return rc < 0
               ? rc
               : ak_request_commit(req, tx, "user", user->id,
                                   project_id ? project_id : user->default_project_id, NULL, err);
}

int identity_account_password_handler(struct ak_request *req, struct ak_reply *reply,
                                      struct ak_error *err)
{
    struct identity_user_row user = {0};
    struct identity_initial initial;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : identity_initial_make(&initial, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : load_account(req, tx, &user, err);
    rc = rc < 0 ? rc : identity_user_set_initial(tx, req->config, &user, &initial, err);
    rc = rc < 0 ? rc : identity_user_entrust(req, tx, user.id, err);
    rc = rc < 0 ? rc : commit_account(req, tx, &user, "account-password", err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "account");
        ak_json_object(&reply->json);
        ak_json_kstr(&reply->json, "id", user.id);
        ak_json_kstr(&reply->json, "name", user.name);
        ak_json_kstr(&reply->json, "initial_password", initial.password);
        ak_json_object_end(&reply->json);
        ak_json_object_end(&reply->json);
    }
    ak_wipe(&initial, sizeof(initial));
    return rc;
}

int identity_account_factors_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    struct identity_user_row user = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_proof_require(req, err);

    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : load_account(req, tx, &user, err);
    rc = rc < 0 ? rc : identity_factors_reset(tx, user.id, err);
    rc = rc < 0 ? rc : identity_user_entrust(req, tx, user.id, err);
    rc = rc < 0 ? rc : commit_account(req, tx, &user, "account-factors", err);
    reply->status = 204;
    return rc;
}
