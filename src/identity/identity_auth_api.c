/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of tokens: login, validation, logout, and what a token may enter. */
#include "identity/identity_secret.h"

/* "domain": {"id", "name"} */
void identity_write_ref(struct ak_json *w, const char *key, const char *id, const char *name)
{
    ak_json_key(w, key);
    ak_json_object(w);
    ak_json_kstr(w, "id", id);
    ak_json_kstr(w, "name", name);
    ak_json_object_end(w);
}

void identity_write_strings(struct ak_json *w, const char *key, const struct ak_list *list)
{
    ak_json_key(w, key);
    ak_json_array(w);
    for (size_t i = 0; i < list->n; i++) {
        ak_json_str(w, ((const char *const *)list->items)[i]);
    }
    ak_json_array_end(w);
}

static void write_scope(struct ak_request *req, struct ak_json *w,
                        const struct identity_token_row *token, const struct ak_list *roles)
{
    const struct identity_role_row *role = roles->items;

    if (token->project_id) {
        ak_json_key(w, "project");
        ak_json_object(w);
        identity_write_ref(w, "domain", token->project_domain_id, token->project_domain_name);
        ak_json_kstr(w, "id", token->project_id);
        ak_json_kstr(w, "name", token->project_name);
        ak_json_object_end(w);
        ak_json_kbool(w, "is_domain", false);
    } else {
        identity_write_ref(w, "domain", token->domain_id, token->domain_name);
    }
    ak_json_key(w, "roles");
    ak_json_array(w);
    for (size_t i = 0; i < roles->n; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "id", role[i].id);
        ak_json_kstr(w, "name", role[i].name);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    if (!ak_request_query(req, "nocatalog")) {
        ak_json_key(w, "catalog");
        identity_catalog_write(req, w);
    }
}

static void write_user(struct ak_json *w, const struct identity_token_row *token)
{
    ak_json_key(w, "user");
    ak_json_object(w);
    identity_write_ref(w, "domain", token->user_domain_id, token->user_domain_name);
    ak_json_kstr(w, "id", token->user_id);
    ak_json_kstr(w, "name", token->user_name);
    ak_json_ktime(w, "password_expires_at", token->password_expires_us, AK_TIME_NAIVE_US);
    ak_json_object_end(w);
}

/* The token's description, the same at login and at validation. */
int identity_reply_token(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                         const struct identity_token_row *token, const char *text,
                         struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    struct ak_list roles = {0};
    int rc = token->project_id || token->domain_id
                 ? identity_token_roles(tx, req->arena, token, &roles, err)
                 : 0;

    if (rc < 0) {
        return rc;
    }
    ak_reply_header(reply, req, "X-Subject-Token", text);
    ak_json_object(w);
    ak_json_key(w, "token");
    ak_json_object(w);
    identity_write_strings(w, "methods", &token->methods);
    write_user(w, token);
    identity_write_strings(w, "audit_ids", &token->audit_ids);
    ak_json_ktime(w, "expires_at", token->expires_us, AK_TIME_Z_US);
    ak_json_ktime(w, "issued_at", token->issued_us, AK_TIME_Z_US);
    if (token->project_id || token->domain_id) {
        write_scope(req, w, token, &roles);
    }
    if (token->app_credential_id) {
        ak_json_key(w, "application_credential");
        ak_json_object(w);
        ak_json_kstr(w, "id", token->app_credential_id);
        ak_json_kstr(w, "name", token->app_credential_name);
        ak_json_kbool(w, "restricted", !token->app_credential_unrestricted);
        ak_json_object_end(w);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

/* The scope of a body: an object with one member, or the word "unscoped". */
int identity_scope_parse(struct ak_request *req, const char *text, struct identity_scope *ret_scope,
                         struct ak_error *err)
{
    struct ak_fields_mode mode = {.accept = AK_CREATE};
    struct identity_scope_body *body = ak_arena_new0(req->arena, struct identity_scope_body);
    AK_AUTO_JSON json = NULL;
    int rc = 0;

    if (!text || strcmp(text, "null") == 0) {
        return 0;
    }
    ret_scope->kind = IDENTITY_SCOPE_NONE;
    if (strcmp(text, "\"unscoped\"") == 0) {
        return 0;
    }
    rc = ak_json_parse(text, strlen(text), &json, err);
    if (rc == 0) {
        rc = ak_fields_parse(&identity_scope_fields, json, &mode, req->arena, body, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (json_object_size(json) != 1) {
        return ak_fail(err, AK_FIELD_VALUE, "scope", "it must name exactly one scope");
    }
    if (body->project || body->domain) {
        ret_scope->kind = body->project ? IDENTITY_SCOPE_PROJECT : IDENTITY_SCOPE_DOMAIN;
        ret_scope->ref = body->project ? body->project : body->domain;
    } else if (body->system) {
        ret_scope->kind = IDENTITY_SCOPE_SYSTEM;
    }
    return 0;
}

int identity_reply_login(struct ak_request *req, struct ak_reply *reply,
                         const struct identity_login_result *result, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = 0;

    if (result->receipt_text) {
        return identity_reply_receipt(req, reply, result, err);
    }
    rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        reply->status = 201;
        rc = identity_reply_token(req, tx, reply, &result->token, result->token_text, err);
    }
    return rc;
}

int identity_auth_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct identity_auth_body *body = req->body;
    struct identity_scope scope = {0};
    struct identity_login_result result = {0};
    int rc = identity_scope_parse(req, body->scope, &scope, err);

    if (rc == 0) {
        rc = identity_login(req, body->identity, &scope, &result, err);
    }
    return rc < 0 ? rc : identity_reply_login(req, reply, &result, err);
}

/* Loads the token that X-Subject-Token names, when it is valid and the caller may know: its own
 * user's, or any for the administrator. AK_TOKEN_NOT_FOUND otherwise. */
static int subject_load(struct ak_request *req, struct ak_tx *tx, const char **ret_text,
                        struct identity_token_row *ret_token, struct ak_error *err)
{
    const char *text = ak_request_header(req, "X-Subject-Token");
    const struct ak_principal *subject = NULL;
    char hash[AK_SHA256_TEXT];
    int rc = 0;

    if (!text) {
        return ak_fail(err, AK_BAD_REQUEST, "the header X-Subject-Token is missing");
    }
    ak_sha256_hex(text, strlen(text), hash);
    if (ak_streq(hash, req->principal->token_hash)) { /* the caller's own: it is valid */
        *ret_text = text;
        return identity_token_store_load(tx, req->arena, hash, ret_token, err);
    }
    rc = identity_principal_load(req, tx, hash, &subject, err);
    if (rc == 0 && !req->admin && !ak_streq(subject->user_id, req->principal->user_id)) {
        rc = -AK_UNAUTHORIZED;
    }
    if (rc < 0) {
        return rc == -AK_UNAUTHORIZED ? ak_fail(err, AK_TOKEN_NOT_FOUND) : rc;
    }
    *ret_text = text;
    return identity_token_store_load(tx, req->arena, hash, ret_token, err);
}

/* Answers with what is remembered of the caller's own token; false when that is nothing. */
static bool reply_own_token(struct ak_request *req, struct ak_reply *reply)
{
    const char *text = ak_request_header(req, "X-Subject-Token");
    const char *shown = identity_caller_of(req->principal)->shown;
    char hash[AK_SHA256_TEXT];

    if (!text || !shown || ak_request_query(req, "nocatalog")) {
        return false;
    }
    ak_sha256_hex(text, strlen(text), hash);
    if (strcmp(hash, req->principal->token_hash) != 0) {
        return false;
    }
    ak_reply_header(reply, req, "X-Subject-Token", text);
    ak_json_raw(&reply->json, shown);
    return true;
}

int identity_token_show_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_token_row token = {0};
    int64_t version = 0;
    const char *text = NULL;
    int rc = 0;

    if (reply_own_token(req, reply)) {
        return 0;
    }
    rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        rc = identity_version_store_get(tx, &version, err);
    }
    if (rc == 0) {
        rc = subject_load(req, tx, &text, &token, err);
    }
    if (rc == 0) {
        rc = identity_reply_token(req, tx, reply, &token, text, err);
    }
    if (rc == 0 && ak_buf_ok(&reply->body) && !ak_request_query(req, "nocatalog")) {
        identity_cache_put_shown(token.hash, version, req->base_url, reply->body.data);
    }
    return rc;
}

int identity_token_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    AK_AUTO(ak_tx) read = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_token_row token = {0};
    const char *text = NULL;
    int rc = ak_tx_read(req->store, &read, err);

    if (rc == 0) {
        rc = subject_load(req, read, &text, &token, err);
    }
    ak_tx_free(AK_TAKE(read));
    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = identity_token_store_delete(tx, token.hash, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "token", ((const char *const *)token.audit_ids.items)[0],
                               token.project_id, NULL, err);
    }
    reply->status = 204;
    return rc;
}
