/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of users, their passwords and application credentials, and of groups, of which there are
 * none: parse, call, render. */
#include "identity/identity_secret.h"

int identity_user_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = identity_query(req, &identity_user_fields, &query, err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_user_store_list(tx, req->arena, &query, &list, err);
    }
    if (rc == 0) {
        identity_reply_list(req, reply, "users", "users", &identity_user_fields, &query, &list);
    }
    return rc;
}

int identity_user_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_user_row user = {0};
    int rc = identity_require_self(req, req->params[0], err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_user_store_load(tx, req->arena, req->params[0], &user, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "user", "users", &identity_user_fields, &user);
    }
    return rc;
}

/* Hashes the password of a body, when it has one; 'hash' is where to. */
static int take_password(struct ak_request *req, const char *name,
                         const struct identity_user_row *user, char hash[AK_PASSWORD_HASH_MAX],
                         const char **ret_hash, struct ak_error *err)
{
    int rc = 0;

    *ret_hash = NULL;
    if (user->password) {
        rc = identity_password_make(req->config, name, user->password, hash, err);
        *ret_hash = hash;
    }
    return rc;
}

/* Whether a change lets its maker in, or hides from the owner that somebody is: anything but
 * shutting the account, opening it again and describing it. */
static bool takes_over(const struct identity_user_row *change)
{
    static const char *const harmless[] = {"enabled", "description"};
    const struct ak_fields *fields = &identity_user_fields;

    for (size_t i = 0; i < fields->n; i++) {
        bool known = false;

        for (size_t k = 0; k < AK_N(harmless); k++) {
            known = known || strcmp(fields->rows[i].name, harmless[k]) == 0;
        }
        if (!known && ak_field_given(fields, change, fields->rows[i].name)) {
            return true;
        }
    }
    return false;
}

int identity_user_create_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_user_row user = *(const struct identity_user_row *)req->body;
    struct identity_whose whose = {0};
    struct ak_list customers = {0};
    char hash[AK_PASSWORD_HASH_MAX];
    int rc = take_password(req, user.name, &user, hash, &user.password_hash, err);

    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        user.domain_id = user.domain_id ? user.domain_id : req->principal->user_domain_id;
        whose.domain_id = user.domain_id;
        rc = identity_customer_enter(req, tx, &whose, &customers, err);
    }
    if (rc == 0) {
        rc = identity_user_create(tx, req->arena, req->config, &user, err);
    }
    rc = rc < 0 ? rc : identity_user_entrust(req, tx, user.id, err);
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user.id, identity_customer_project(&customers),
                               NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        identity_reply_object(req, reply, "user", "users", &identity_user_fields, &user);
    }
    return rc;
}

int identity_user_update_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_user_row user = {0}, *change = req->body;
    char hash[AK_PASSWORD_HASH_MAX];
    const struct identity_whose whose = {.user_id = req->params[0]};
    const struct identity_told told = {"account-password", &user, req->principal->user_name, 0};
    const char *new_hash = NULL;
    struct ak_list customers = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_user_store_load(tx, req->arena, req->params[0], &user, err);
    }
    ak_tx_free(AK_TAKE(tx));
    if (rc == 0) {
        rc = take_password(req, user.name, change, hash, &new_hash, err);
    }

    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = takes_over(change) ? identity_customer_enter(req, tx, &whose, &customers, err)
                                : identity_customer_find(tx, req->arena, &whose, &customers, err);
    }
    if (rc == 0) {
        rc = identity_user_change(tx, req->arena, req->config, req->params[0], change, new_hash,
                                  &user, err);
    }
    if (rc == 0 && new_hash) {
        rc = identity_customer_tell(tx, req->arena, &customers, told, err);
        rc = rc < 0 ? rc : identity_user_entrust(req, tx, user.id, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", user.id, identity_customer_project(&customers),
                               NULL, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "user", "users", &identity_user_fields, &user);
    }
    return rc;
}

int identity_user_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const struct identity_whose whose = {.user_id = req->params[0]};
    struct ak_list customers = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = identity_customer_find(tx, req->arena, &whose, &customers, err);
    }
    if (rc == 0) {
        rc = identity_user_remove(tx, req->arena, req->params[0], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "user", req->params[0],
                               identity_customer_project(&customers), NULL, err);
    }
    reply->status = 204;
    return rc;
}

int identity_user_password_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    const struct identity_user_row *body = req->body;

    reply->status = 204;
    return identity_user_change_own_password(req, req->params[0], body->original_password,
                                             body->password, err);
}

/* Groups: there are none, and the lists say so. */

static int no_groups(struct ak_request *req, struct ak_reply *reply)
{
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "groups");
    ak_json_array(&reply->json);
    ak_json_array_end(&reply->json);
    identity_reply_links(req, reply);
    ak_json_object_end(&reply->json);
    return 0;
}

int identity_group_list_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    (void)err;
    return no_groups(req, reply);
}

int identity_group_show_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    (void)reply;
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Group", req->params[0]);
}

int identity_user_groups_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    int rc = identity_require_self(req, req->params[0], err);

    return rc < 0 ? rc : no_groups(req, reply);
}

/* Application credentials */

static const char *app_credentials_of(struct ak_request *req)
{
    return ak_arena_printf(req->arena, "users/%s/application_credentials", req->params[0]);
}

int identity_app_credential_list_handler(struct ak_request *req, struct ak_reply *reply,
                                         struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct identity_app_credential_row *row = NULL;
    int rc = identity_require_self(req, req->params[0], err);

    if (rc == 0) {
        rc = identity_query(req, &identity_app_credential_fields, &query, err);
    }
    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_store_list(tx, req->arena, req->params[0], &query, &list, err);
    }
    row = list.items;
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = identity_app_credential_store_roles(tx, req->arena, row[i].id, &row[i].roles, err);
    }
    if (rc == 0) {
        identity_reply_list(req, reply, "application_credentials", app_credentials_of(req),
                            &identity_app_credential_fields, &query, &list);
    }
    return rc;
}

int identity_app_credential_show_handler(struct ak_request *req, struct ak_reply *reply,
                                         struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_app_credential_row row = {0};
    int rc = identity_require_self(req, req->params[0], err);

    if (rc == 0) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_store_load(tx, req->arena, req->params[1], &row, err);
    }
    if (rc == 0 && !ak_streq(row.user_id, req->params[0])) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Application credential", req->params[1]);
    }
    if (rc == 0) {
        rc = identity_app_credential_store_roles(tx, req->arena, row.id, &row.roles, err);
    }
    if (rc == 0) {
        identity_reply_object(req, reply, "application_credential", app_credentials_of(req),
                              &identity_app_credential_fields, &row);
    }
    return rc;
}

/* Fills in a secret where the body has none, and its hash. */
static int take_secret(struct ak_request *req, struct identity_app_credential_row *row,
                       struct ak_error *err)
{
    char *hash = ak_arena_alloc(req->arena, AK_PASSWORD_HASH_MAX);
    unsigned char random[48];
    AK_AUTO_STR text = NULL;

    if (!row->secret) {
        ak_random(random, sizeof(random));
        text = ak_base64(random, sizeof(random), true);
        ak_wipe(random, sizeof(random));
        row->secret = ak_arena_strdup(req->arena, text);
    }
    row->secret_hash = hash;
    return ak_password_hash(row->secret, hash, err);
}

int identity_app_credential_create_handler(struct ak_request *req, struct ak_reply *reply,
                                           struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_app_credential_row row = *(const struct identity_app_credential_row *)req->body;
    bool by_person = !identity_caller_of(req->principal)->app_credential_id;
    int rc = by_person ? identity_proof_require(req, err) : 0;

    if (rc < 0) {
        return rc;
    }
    rc = ak_streq(req->params[0], req->principal->user_id) && req->principal->project_id
             ? take_secret(req, &row, err)
             : ak_fail(err, AK_FORBIDDEN, req->route->policy);

    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_may_manage(req, tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_create(req, tx, &row, err);
    }
    if (rc == 0) {
        rc =
            ak_request_commit(req, tx, "application_credential", row.id, row.project_id, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        identity_reply_object(req, reply, "application_credential", app_credentials_of(req),
                              &identity_app_credential_fields, &row);
    }
    return rc;
}

int identity_app_credential_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                           struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_require_self(req, req->params[0], err);

    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_may_manage(req, tx, err);
    }
    if (rc == 0) {
        rc = identity_app_credential_store_delete(tx, req->params[0], req->params[1], err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "application_credential", req->params[1], NULL, NULL, err);
    }
    reply->status = 204;
    return rc;
}
