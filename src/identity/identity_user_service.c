/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of users and passwords: no reuse, expiry; a new password or a disabled account ends
 * all sessions of the user. Passwords are hashed before a transaction begins, never inside. */
#include "identity/identity_internal.h"

bool identity_initial_expired(const struct identity_user_row *user)
{
    return user->must_change && user->password_expires_us <= ak_now_us();
}

static int64_t expiry(const struct ak_config *config, int64_t from_us)
{
    int64_t days = ak_config_int(config, "identity_password_days");

    return days > 0 ? from_us + days * AK_DAY : 0;
}

int identity_user_store_password(struct ak_tx *tx, const struct ak_config *config,
                                 const struct identity_user_row *user, const char *hash,
                                 struct ak_error *err)
{
    int64_t now_us = ak_now_us();
    int rc = identity_user_store_set_password(tx, user->id, hash, now_us, expiry(config, now_us),
                                              false, err);

    if (rc == 0 && user->password_hash) {
        rc = identity_password_store_add(tx, user->id, user->password_hash,
                                         ak_config_int(config, "identity_password_history"), err);
    }
    return rc < 0 ? rc : identity_token_store_revoke(tx, IDENTITY_OF_USER, user->id, err);
}

/* The default project must exist; whether the user has a role there shows at login. */
static int check_default_project(struct ak_tx *tx, struct ak_arena *arena,
                                 const struct identity_user_row *user, struct ak_error *err)
{
    struct identity_project_row project = {0};

    return user->default_project_id
               ? identity_project_store_load(tx, arena, user->default_project_id, &project, err)
               : 0;
}

int identity_user_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         struct identity_user_row *user, struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    char id[AK_UUID_TEXT];
    int rc = identity_domain_store_load(tx, arena, user->domain_id, &domain, err);

    if (rc == 0) {
        rc = check_default_project(tx, arena, user, err);
    }
    if (rc == 0) {
        rc = identity_user_options_merge(arena, NULL, user->options, &user->options, err);
    }
    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    user->id = ak_arena_strdup(arena, id);
    user->enabled = user->enabled || !ak_field_given(&identity_user_fields, user, "enabled");
    user->password_changed_us = ak_now_us();
    user->password_expires_us = user->password_hash ? expiry(config, user->password_changed_us) : 0;
    rc = identity_user_store_insert(tx, user, err);
    return rc < 0 ? rc : identity_user_store_load(tx, arena, user->id, user, err);
}

int identity_user_change(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const char *id, const struct identity_user_row *change, const char *hash,
                         struct identity_user_row *ret_user, struct ak_error *err)
{
    bool was_enabled = false;
    const char *options = NULL;
    int rc = identity_user_store_load(tx, arena, id, ret_user, err);

    if (rc == 0) {
        rc = identity_user_options_merge(arena, ret_user->options, change->options, &options, err);
    }
    if (rc < 0) {
        return rc;
    }
    was_enabled = ret_user->enabled;
    ak_fields_merge(&identity_user_fields, ret_user, change);
    ret_user->options = options;
    rc = check_default_project(tx, arena, ret_user, err);
    if (rc == 0) {
        rc = identity_user_store_update(tx, ret_user, err);
    }
    if (rc == 0 && hash) {
        rc = identity_user_store_password(tx, config, ret_user, hash, err);
    }
    if (rc == 0 && was_enabled && !ret_user->enabled) {
        rc = identity_token_store_revoke(tx, IDENTITY_OF_USER, id, err);
    }
    return rc < 0 ? rc : identity_user_store_load(tx, arena, id, ret_user, err);
}

int identity_user_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_error *err)
{
    struct identity_user_row user = {0};
    int rc = identity_user_store_load(tx, arena, id, &user, err);

    return rc < 0 ? rc : identity_user_store_delete(tx, id, err);
}

/* Whether a password was used before: compares with the present one and the last few. */
static int check_reuse(struct ak_request *req, const struct identity_user_row *user,
                       const char *password, struct ak_error *err)
{
    int64_t n = ak_config_int(req->config, "identity_password_history");
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list earlier = {0};
    bool used = n > 0 && ak_password_verify(user->password_hash, password);
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_password_store_list(tx, req->arena, user->id, n > 0 ? n - 1 : 0, &earlier,
                                          err);
    }
    if (rc < 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx)); /* comparing takes long */
    for (size_t i = 0; i < earlier.n && !used; i++) {
        used = ak_password_verify(((const char *const *)earlier.items)[i], password);
    }
    return used ? ak_fail(err, AK_PASSWORD_REUSED, AK_NUM(n)) : 0;
}

static int load_for_change(struct ak_request *req, const char *id,
                           struct identity_user_row *ret_user, bool *ret_known,
                           struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    bool admin = false;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = identity_user_store_load(tx, req->arena, id, ret_user, err);
    }
    if (rc == 0 && !identity_admin_allowed(req)) {
        rc = identity_user_store_is_cloud_admin(tx, id, &admin, err);
    }
    *ret_known = rc == 0 && !admin;
    return rc == -AK_OBJECT_NOT_FOUND ? 0 : rc;
}

int identity_user_change_own_password(struct ak_request *req, const char *id, const char *original,
                                      const char *password, struct ak_error *err)
{
    struct ak_principal *actor = ak_arena_new0(req->arena, struct ak_principal);
    struct identity_user_row user = {0}, now = {0};
    char hash[AK_PASSWORD_HASH_MAX];
    AK_AUTO(ak_tx) tx = NULL;
    bool known = false, locked = false;
    int rc = load_for_change(req, id, &user, &known, err);

    if (rc == 0) {
        rc = identity_secret_check(req, known ? &user : NULL, id, known ? user.password_hash : NULL,
                                   original, true, err);
    }
    if (rc == 0 && identity_initial_expired(&user)) {
        rc = ak_fail(err, AK_INITIAL_PASSWORD_EXPIRED);
    }
    if (rc == 0 && identity_user_options_of(&user).lock_password) {
        rc = ak_fail(err, AK_PASSWORD_LOCKED);
    }
    if (rc == 0) {
        rc = check_reuse(req, &user, password, err);
    }
    if (rc == 0) {
        rc = identity_password_make(req->config, user.name, password, hash, err);
    }
    if (rc < 0) {
        return rc;
    }
    *actor = (struct ak_principal){.user_id = user.id, .user_name = user.name};
    req->principal = actor;
    rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = identity_user_store_load(tx, req->arena, id, &now, err);
    }
    rc = rc < 0 ? rc : identity_user_locked(req, tx, &now, &locked, err);
    if (rc == 0 && (!ak_streq(now.password_hash, user.password_hash) || !now.enabled || locked)) {
        rc = ak_fail(err, AK_UNAUTHORIZED);
    }
    if (rc == 0) {
        rc = identity_user_store_password(tx, req->config, &now, hash, err);
    }
    return rc < 0 ? rc : ak_request_commit(req, tx, "user", id, NULL, NULL, err);
}
