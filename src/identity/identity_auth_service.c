/* SPDX-License-Identifier: Apache-2.0 */
/* Login: who it is (password, token, application credential), for which scope, and the new token.
 *
 * The secret is verified between transactions, since that takes 40 ms; the final transaction reads
 * the user again, so that a lock, a new password or a disabled account meanwhile counts. */
#include "identity/identity_secret.h"

enum { TOKEN_BYTES = 32, AUDIT_ID_BYTES = 16, TAG = 6 };

int64_t identity_login_expiry(const struct ak_request *req)
{
    return ak_now_us() + ak_config_int(req->config, "identity_token_s") * AK_SEC;
}

/* What stands in an event for a name that is nobody's. People type their password into the field of
 * the name, and events are read by many and kept for years: so it is not the text, but a tag that
 * is the same for the same text, by which attempts are seen to belong together. The tag is made
 * with the installation's key: with a plain hash whoever reads the events could try passwords on
 * it. Its length is not told either, since that would help the same people. */
static const char *tag_of(const struct ak_request *req, const char *given)
{
    unsigned char mac[IDENTITY_MAC];
    char text[2 * TAG + 1];
    struct ak_error why = {0};

    if (!given) {
        return NULL;
    }
    if (identity_key_sign(req->config, "name that is nobody's", given, strlen(given), mac, &why) <
        0) {
        ak_log_error(&why, "a refused login could not be tagged");
        return "unknown";
    }
    ak_hex(text, mac, TAG);
    return ak_arena_printf(req->arena, "unknown:%s", text);
}

int identity_login_failed(struct ak_request *req, const struct identity_user_row *user,
                          const char *name, bool counts, struct ak_error *err)
{
    /* the key's file is read before the transaction */
    const char *shown = user ? name : tag_of(req, name);
    struct ak_audit_event event = {.action = "identity.token.refuse",
                                   .outcome = "refused",
                                   .reason = ak_error_info(AK_UNAUTHORIZED)->slug,
                                   .request_id = req->id,
                                   .actor_id = user ? user->id : NULL,
                                   .actor_name = shown,
                                   .project_id = user ? user->default_project_id : NULL,
                                   .object_type = "user",
                                   .object_id = user ? user->id : NULL,
                                   .source = req->source,
                                   .listener = ak_listener_name(req->listener)};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(req->store, &tx, err);

    if (rc == 0 && user && counts) {
        rc = identity_user_failed(req, tx, user->id, err);
    }
    if (rc == 0 || rc == -AK_OBJECT_NOT_FOUND) {
        rc = ak_audit_add(tx, &event, NULL, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int identity_secret_check(struct ak_request *req, const struct identity_user_row *user,
                          const char *name, const char *hash, const char *secret, bool counts,
                          struct ak_error *err)
{
    bool locked = false, right = false;
    int rc = identity_throttle_check(req->source,
                                     ak_config_int(req->config, "identity_source_failures"), err);

    rc = rc == 0 && user ? identity_user_locked(req, NULL, user, &locked, err) : rc;
    if (rc < 0) {
        return rc;
    }
    right = ak_password_verify(hash, secret ? secret : "");
    if (right && user && user->enabled && user->domain_enabled && !locked) {
        return 0;
    }
    identity_throttle_failed(req->source);
    rc = identity_login_failed(req, user, name, counts && !right && !locked, err);
    return rc < 0 ? rc : ak_fail(err, AK_UNAUTHORIZED);
}

/* Loads the user a body names; 'ret_known' false when there is none, or none on this listener. */
int identity_login_find(struct ak_request *req, const struct identity_auth_user *who,
                        struct identity_user_row *ret_user, bool *ret_known, struct ak_error *err)
{
    const struct identity_ref *domain = who->domain;
    AK_AUTO(ak_tx) tx = NULL;
    bool admin = false;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc < 0) {
        return rc;
    }
    if (who->id) {
        rc = identity_user_store_load(tx, req->arena, who->id, ret_user, err);
    } else if (who->name && domain && domain->id) {
        rc = identity_user_store_load_by_name(tx, req->arena, domain->id, who->name, ret_user, err);
    } else if (who->name && domain && domain->name) {
        rc = identity_user_store_load_by_domain_name(tx, req->arena, domain->name, who->name,
                                                     ret_user, err);
    } else {
        return ak_fail(err, AK_FIELD_MISSING, who->name ? "user/domain" : "user/id");
    }
    if (rc == 0 && !identity_admin_allowed(req)) {
        rc = identity_user_store_is_cloud_admin(tx, ret_user->id, &admin, err);
    }
    *ret_known = rc == 0 && !admin;
    return rc == -AK_OBJECT_NOT_FOUND ? 0 : rc;
}

/* Two methods must mean the same user. */
int identity_login_set_user(struct identity_login *login, const struct identity_user_row *user,
                            struct ak_error *err)
{
    if (login->known && !ak_streq(login->user.id, user->id)) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    login->user = *user;
    login->known = true;
    return 0;
}

static int by_password(struct ak_request *req, const struct identity_auth_identity *identity,
                       struct identity_login *login, struct ak_error *err)
{
    const struct identity_auth_user *who = identity->password ? identity->password->user : NULL;
    struct identity_user_row user = {0};
    bool known = false;
    int rc = who ? identity_login_find(req, who, &user, &known, err)
                 : ak_fail(err, AK_FIELD_MISSING, "identity/password/user");

    if (rc == 0) {
        rc = identity_secret_check(req, known ? &user : NULL, who->name ? who->name : who->id,
                                   known ? user.password_hash : NULL, who->password, true, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (identity_initial_expired(&user)) {
        return ak_fail(err, AK_INITIAL_PASSWORD_EXPIRED);
    }
    if (user.password_expires_us > 0 && user.password_expires_us <= ak_now_us() &&
        !identity_user_options_of(&user).ignore_password_expiry) {
        return ak_fail(err, AK_PASSWORD_EXPIRED, user.id);
    }
    return identity_login_set_user(login, &user, err);
}

static int by_token(struct ak_request *req, const struct identity_auth_identity *identity,
                    struct identity_login *login, struct ak_error *err)
{
    const struct ak_principal *principal = NULL;
    struct identity_user_row user = {0};
    AK_AUTO(ak_tx) tx = NULL;
    char hash[AK_SHA256_TEXT];
    int rc = 0;

    if (!identity->token) {
        return ak_fail(err, AK_FIELD_MISSING, "identity/token");
    }
    ak_sha256_hex(identity->token->id, strlen(identity->token->id), hash);
    rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0) {
        rc = identity_principal_load(req, tx, hash, &principal, err);
        rc = rc == -AK_UNAUTHORIZED ? ak_fail(err, AK_TOKEN_NOT_FOUND) : rc;
    }
    if (rc == 0) {
        rc = identity_token_store_load(tx, req->arena, hash, &login->parent, err);
    }
    if (rc == 0 && login->parent.app_credential_id) {
        rc = identity_app_credential_store_load(tx, req->arena, login->parent.app_credential_id,
                                                &login->app, err);
    }
    if (rc == 0) {
        rc = identity_user_store_load(tx, req->arena, login->parent.user_id, &user, err);
    }
    if (rc < 0) {
        return rc;
    }
    login->expires_us =
        login->parent.expires_us < login->expires_us ? login->parent.expires_us : login->expires_us;
    return identity_login_set_user(login, &user, err);
}

static int find_app_credential(struct ak_request *req,
                               const struct identity_auth_app_credential *given,
                               struct identity_app_credential_row *ret_app,
                               struct identity_user_row *ret_user, bool *ret_known,
                               struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = 0;

    if (!given->id && (!given->name || !given->user)) {
        return ak_fail(err, AK_FIELD_MISSING, "identity/application_credential/id");
    }
    *ret_known = true;
    if (!given->id) {
        rc = identity_login_find(req, given->user, ret_user, ret_known, err);
    }
    if (rc == 0 && *ret_known) {
        rc = ak_tx_read(req->store, &tx, err);
    }
    if (rc == 0 && *ret_known) {
        rc = given->id ? identity_app_credential_store_load(tx, req->arena, given->id, ret_app, err)
                       : identity_app_credential_store_load_by_name(tx, req->arena, ret_user->id,
                                                                    given->name, ret_app, err);
    }
    if (rc == 0 && *ret_known) {
        struct identity_auth_user owner = {.id = ret_app->user_id};

        ak_tx_free(AK_TAKE(tx));
        rc = identity_login_find(req, &owner, ret_user, ret_known, err);
    }
    if (rc == -AK_OBJECT_NOT_FOUND) {
        *ret_known = false;
        rc = 0;
    }
    return rc;
}

static int by_app_credential(struct ak_request *req, const struct identity_auth_identity *identity,
                             struct identity_login *login, struct ak_error *err)
{
    const struct identity_auth_app_credential *given = identity->application_credential;
    struct identity_app_credential_row app = {0};
    struct identity_user_row user = {0};
    bool known = false;
    int rc = given ? find_app_credential(req, given, &app, &user, &known, err)
                   : ak_fail(err, AK_FIELD_MISSING, "identity/application_credential");

    if (rc < 0) {
        return rc;
    }
    if (known && app.expires_us > 0 && app.expires_us <= ak_now_us()) {
        known = false;
    }
    rc = identity_secret_check(req, known ? &user : NULL, given->id ? given->id : given->name,
                               known ? app.secret_hash : NULL, given->secret, false, err);
    if (rc < 0) {
        return rc;
    }
    login->app = app;
    if (app.expires_us > 0 && app.expires_us < login->expires_us) {
        login->expires_us = app.expires_us;
    }
    return identity_login_set_user(login, &user, err);
}

static const struct {
    const char *name;
    int (*identify)(struct ak_request *req, const struct identity_auth_identity *identity,
                    struct identity_login *login, struct ak_error *err);
} methods[] = {
    {"password", by_password},
    {"token", by_token},
    {"application_credential", by_app_credential},
    {"totp", identity_login_by_totp},
};

void identity_login_add_method(struct identity_login *login, const char *name)
{
    for (size_t i = 0; i < login->n_methods; i++) {
        if (strcmp(login->methods[i], name) == 0) {
            return;
        }
    }
    if (login->n_methods < AK_N(login->methods)) {
        login->methods[login->n_methods++] = name;
    }
}

/* Runs one method of the body. A method that we do not know cannot succeed. */
static int run_method(struct ak_request *req, const struct identity_auth_identity *identity,
                      const char *name, struct identity_login *login, struct ak_error *err)
{
    int rc = ak_fail(err, AK_UNAUTHORIZED);

    for (size_t i = 0; i < AK_N(methods); i++) {
        if (strcmp(methods[i].name, name) == 0) {
            rc = methods[i].identify(req, identity, login, err);
        }
    }
    for (size_t i = 0; i < login->parent.methods.n && rc == 0; i++) {
        identity_login_add_method(login, ((const char *const *)login->parent.methods.items)[i]);
    }
    identity_login_add_method(login, name);
    return rc;
}

/* Fills the scope of the token, when the user may have it. */
static int enter_project(struct ak_request *req, struct ak_tx *tx,
                         const struct identity_project_row *project,
                         struct identity_token_row *token, struct ak_error *err)
{
    struct identity_grant grant = {.user_id = token->user_id, .project_id = project->id};
    struct identity_domain_row domain = {0};
    struct identity_sources sources = {0};
    struct ak_list roles = {0};
    int rc = identity_domain_store_load(tx, req->arena, project->domain_id, &domain, err);

    if (rc == 0) {
        rc = identity_grant_store_list(tx, req->arena, &grant, &roles, err);
    }
    if (rc == 0) {
        rc = identity_project_sources(tx, req->arena, project->id, &sources, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (!project->enabled || !domain.enabled || roles.n == 0 ||
        (project->cloud_admin && !identity_admin_allowed(req))) {
        return ak_fail(err, AK_SCOPE_REFUSED);
    }
    if (req->listener == AK_CUSTOMER && !identity_source_allowed(sources.cidrs, req->source)) {
        return ak_fail(err, AK_SOURCE_REFUSED, req->source);
    }
    token->project_id = project->id;
    return 0;
}

static int find_domain(struct ak_request *req, struct ak_tx *tx, const struct identity_ref *ref,
                       struct identity_domain_row *ret_domain, struct ak_error *err)
{
    if (!ref || (!ref->id && !ref->name)) {
        return ak_fail(err, AK_FIELD_MISSING, "scope/domain/id");
    }
    return ref->id ? identity_domain_store_load(tx, req->arena, ref->id, ret_domain, err)
                   : identity_domain_store_load_by_name(tx, req->arena, ref->name, ret_domain, err);
}

static int scope_project(struct ak_request *req, struct ak_tx *tx, const struct identity_ref *ref,
                         struct identity_token_row *token, struct ak_error *err)
{
    struct identity_project_row project = {0};
    struct identity_domain_row domain = {0};
    int rc = 0;

    if (ref->id) {
        rc = identity_project_store_load(tx, req->arena, ref->id, &project, err);
    } else if (ref->name) {
        rc = find_domain(req, tx, ref->domain, &domain, err);
        if (rc == 0) {
            rc = identity_project_store_load_by_name(tx, req->arena, domain.id, ref->name, &project,
                                                     err);
        }
    } else {
        rc = ak_fail(err, AK_FIELD_MISSING, "scope/project/id");
    }
    return rc < 0 ? rc : enter_project(req, tx, &project, token, err);
}

static int scope_domain(struct ak_request *req, struct ak_tx *tx, const struct identity_ref *ref,
                        struct identity_token_row *token, struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    struct ak_list roles = {0};
    struct identity_grant grant = {.user_id = token->user_id};
    int rc = find_domain(req, tx, ref, &domain, err);

    if (rc == 0) {
        grant.domain_id = domain.id;
        rc = identity_grant_store_list(tx, req->arena, &grant, &roles, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (!domain.enabled || roles.n == 0) {
        return ak_fail(err, AK_SCOPE_REFUSED);
    }
    token->domain_id = domain.id;
    return 0;
}

/* An application credential is good for its project only. */
static int scope_app_credential(struct ak_request *req, struct ak_tx *tx,
                                const struct identity_login *login,
                                const struct identity_scope *scope,
                                struct identity_token_row *token, struct ak_error *err)
{
    const struct identity_ref ref = {.id = login->app.project_id};

    if (scope->kind != IDENTITY_SCOPE_DEFAULT &&
        !(scope->kind == IDENTITY_SCOPE_PROJECT && ak_streq(scope->ref->id, ref.id))) {
        return ak_fail(err, AK_SCOPE_REFUSED);
    }
    token->app_credential_id = login->app.id;
    return scope_project(req, tx, &ref, token, err);
}

static int scope_token(struct ak_request *req, struct ak_tx *tx, const struct identity_login *login,
                       const struct identity_scope *scope, struct identity_token_row *token,
                       struct ak_error *err)
{
    struct identity_ref own = {.id = login->user.default_project_id};
    int rc = 0;

    if (login->app.id) {
        rc = scope_app_credential(req, tx, login, scope, token, err);
    } else if (scope->kind == IDENTITY_SCOPE_PROJECT) {
        rc = scope_project(req, tx, scope->ref, token, err);
    } else if (scope->kind == IDENTITY_SCOPE_DOMAIN) {
        rc = scope_domain(req, tx, scope->ref, token, err);
    } else if (scope->kind == IDENTITY_SCOPE_SYSTEM) {
        rc = ak_fail(err, AK_SCOPE_REFUSED);
    } else if (scope->kind == IDENTITY_SCOPE_DEFAULT && own.id) {
        rc = scope_project(req, tx, &own, token, err);
        if (rc == -AK_SCOPE_REFUSED) {
            rc = 0; /* no right there any more: the token is unscoped */
        }
    }
    return rc == -AK_OBJECT_NOT_FOUND ? ak_fail(err, AK_SCOPE_REFUSED) : rc;
}

/* Whether the account is still as it was when the secret was verified. */
static int check_again(struct ak_request *req, struct ak_tx *tx, const struct identity_login *login,
                       bool enough, struct ak_error *err)
{
    struct identity_user_row now = {0};
    bool locked = false;
    int rc = identity_user_store_load(tx, req->arena, login->user.id, &now, err);

    rc = rc < 0 ? rc : identity_user_locked(req, tx, &now, &locked, err);
    if (rc < 0) {
        return rc == -AK_OBJECT_NOT_FOUND ? ak_fail(err, AK_UNAUTHORIZED) : rc;
    }
    if (!now.enabled || !now.domain_enabled || (locked && !login->passkey_id) ||
        !ak_streq(now.password_hash, login->user.password_hash)) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    if (login->parent.hash || !enough) {
        return 0; /* another token of a login, or no login yet */
    }
    rc = identity_user_store_logged_in(tx, now.id, ak_now_us(), err);
    return rc == 0 && !login->app.id ? identity_user_succeeded(req, tx, now.id, err) : rc;
}

const char *identity_random_text(struct ak_arena *arena, size_t bytes)
{
    unsigned char random[TOKEN_BYTES];
    AK_AUTO_STR text = NULL;

    ak_random(random, bytes);
    text = ak_base64(random, bytes, true);
    ak_wipe(random, sizeof(random));
    return ak_arena_strdup(arena, text);
}

/* What the client calls itself, cut to what people read; NULL when it is no text. */
static const char *user_agent_of(struct ak_request *req)
{
    const char *agent = ak_request_header(req, "User-Agent");

    return agent && ak_utf8_valid(agent, strlen(agent))
               ? ak_arena_strndup(req->arena, agent, ak_utf8_cut(agent, strnlen(agent, 200)))
               : NULL;
}

/* The methods as the event of a login tells them. */
static const char *methods_detail(struct ak_request *req, const struct identity_login *login)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, 1024);
    w = ak_json_on(&text);
    ak_json_object(&w);
    ak_json_key(&w, "methods");
    ak_json_array(&w);
    for (size_t i = 0; i < login->n_methods; i++) {
        ak_json_str(&w, login->methods[i]);
    }
    ak_json_array_end(&w);
    ak_json_object_end(&w);
    return ak_arena_strdup(req->arena, text.data);
}

/* The token's row, but for its scope. */
static void fill_token(struct ak_request *req, const struct identity_login *login, const char *text,
                       struct identity_token_row *token)
{
    const char *const *ancestors = login->parent.audit_ids.items;
    size_t n = login->parent.audit_ids.n;
    const char **audit_ids = ak_arena_array(req->arena, const char *, 2);
    const char **names = ak_arena_array(req->arena, const char *, AK_N(login->methods));
    char *hash = ak_arena_alloc(req->arena, AK_SHA256_TEXT);

    ak_sha256_hex(text, strlen(text), hash);
    memcpy(names, login->methods, sizeof(login->methods));
    audit_ids[0] = identity_random_text(req->arena, AUDIT_ID_BYTES);
    audit_ids[1] = n > 0 ? ancestors[n - 1] : NULL;
    *token = (struct identity_token_row){
        .hash = hash,
        .user_id = login->user.id,
        .methods = {.n = login->n_methods, .items = names},
        .audit_ids = {.n = n > 0 ? 2 : 1, .items = audit_ids},
        .issued_us = ak_now_us(),
        .expires_us = login->expires_us,
        .session_id = audit_ids[1] ? audit_ids[1] : audit_ids[0],
        .source = req->source,
        .listener = ak_listener_name(req->listener),
        .user_agent = user_agent_of(req),
        .proved_us = login->parent.hash ? login->parent.proved_us
                     : login->app.id    ? 0
                                        : ak_now_us(),
    };
}

int identity_login_finish(struct ak_request *req, struct identity_login *login,
                          const struct identity_scope *scope,
                          struct identity_login_result *ret_result, struct ak_error *err)
{
    struct ak_principal *actor = ak_arena_new0(req->arena, struct ak_principal);
    struct identity_token_row token = {0};
    const char *text = identity_random_text(req->arena, TOKEN_BYTES);
    AK_AUTO(ak_tx) tx = NULL;
    bool enough = false;
    int rc = 0;

    fill_token(req, login, text, &token);
    *actor = (struct ak_principal){.user_id = login->user.id, .user_name = login->user.name};
    req->principal = actor;
    rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = identity_login_use_factors(tx, req->arena, login, &enough, err);
    }
    if (rc == 0) {
        rc = check_again(req, tx, login, enough, err);
    }
    if (rc == 0 && !enough) {
        return identity_login_give_receipt(req, tx, login, ret_result, err);
    }
    if (rc == 0) {
        rc = scope_token(req, tx, login, scope, &token, err);
    }
    if (rc == 0) {
        rc = identity_token_store_insert(tx, req->arena, &token, err);
    }
    if (rc == 0) {
        rc = identity_token_store_load(tx, req->arena, token.hash, &ret_result->token, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "token", ((const char *const *)token.audit_ids.items)[0],
                               token.project_id ? token.project_id : login->user.default_project_id,
                               methods_detail(req, login), err);
    }
    if (rc == 0) {
        ret_result->token_text = text;
    }
    return rc;
}

int identity_login(struct ak_request *req, const struct identity_auth_identity *identity,
                   const struct identity_scope *scope, struct identity_login_result *ret_result,
                   struct ak_error *err)
{
    const char *const *names = identity->methods.items;
    struct identity_login login = {.expires_us = identity_login_expiry(req)};
    int rc = identity->methods.n > 0 ? 0 : ak_fail(err, AK_FIELD_MISSING, "identity/methods/0");

    for (int last = 0; last < 2; last++) { /* a code is looked at after the password only */
        for (size_t i = 0; i < identity->methods.n && rc == 0; i++) {
            rc = (strcmp(names[i], "totp") == 0) == last
                     ? run_method(req, identity, names[i], &login, err)
                     : 0;
        }
    }
    if (rc == 0) {
        rc = identity_login_take_receipt(req, &login, err);
    }
    return rc < 0 ? rc : identity_login_finish(req, &login, scope, ret_result, err);
}
