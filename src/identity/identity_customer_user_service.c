/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the users whom a customer's master manages: those with a role in his project, of the
 * project's domain. What would reach beyond the project (an account that has roles elsewhere, one
 * of the provider's people) is refused or left alone; nobody locks himself out. */
#include "identity/identity_secret.h"

/* The user, when he is the customer's own. */
static int load(struct ak_tx *tx, struct ak_arena *arena,
                const struct identity_customer_change *what,
                struct identity_customer_user_row *ret_user, struct ak_error *err)
{
    struct identity_project_row project = {0};
    bool staff = false;
    int rc = identity_project_store_load(tx, arena, what->project_id, &project, err);

    rc = rc < 0 ? rc
                : identity_customer_user_store_load(tx, arena, what->project_id, what->id, ret_user,
                                                    err);
    rc = rc < 0 ? rc : identity_user_store_is_cloud_admin(tx, what->id, &staff, err);
    return rc == 0 && (staff || !ak_streq(ret_user->domain_id, project.domain_id))
               ? ak_fail(err, AK_OBJECT_NOT_FOUND, "User", what->id)
               : rc;
}

static int load_whole(struct ak_tx *tx, struct ak_arena *arena,
                      const struct identity_customer_change *what,
                      struct identity_customer_user_row *ret_user, struct ak_error *err)
{
    int rc = load(tx, arena, what, ret_user, err);

    return rc == 0 && ret_user->elsewhere > 0 ? ak_fail(err, AK_USER_ELSEWHERE, ret_user->name)
                                              : rc;
}

static int set_role(struct ak_tx *tx, struct ak_arena *arena,
                    const struct identity_customer_change *what, const char *name,
                    struct ak_error *err)
{
    struct identity_role_row role = {0};
    struct identity_grant grant = {.user_id = what->id, .project_id = what->project_id};
    int rc = identity_role_store_load_by_name(tx, arena, name, &role, err);

    grant.role_id = role.id;
    rc = rc < 0 ? rc : identity_customer_user_store_take_roles(tx, what->project_id, what->id, err);
    rc = rc < 0 ? rc : identity_timed_roles_clear_user(tx, what->project_id, what->id, err);
    return rc < 0 ? rc : identity_grant_add(tx, arena, &grant, err);
}

/* What belongs to the account and not to the project. */
static int change_account(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                          const struct identity_customer_user_row *change, struct ak_error *err)
{
    struct identity_user_row user = {0};
    int rc = identity_user_store_load(tx, arena, id, &user, err);

    if (rc == 0 && ak_field_given(&identity_customer_user_fields, change, "email")) {
        user.email = change->email;
    }
    if (rc == 0 && ak_field_given(&identity_customer_user_fields, change, "enabled")) {
        user.enabled = change->enabled;
    }
    rc = rc < 0 ? rc : identity_user_store_update(tx, &user, err);
    return rc == 0 && !user.enabled ? identity_token_store_revoke(tx, IDENTITY_OF_USER, id, err)
                                    : rc;
}

int identity_customer_user_change(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_customer_change *what,
                                  const struct identity_customer_user_row *change,
                                  struct identity_customer_user_row *ret_user, struct ak_error *err)
{
    bool enabled = ak_field_given(&identity_customer_user_fields, change, "enabled");
    bool email = ak_field_given(&identity_customer_user_fields, change, "email");
    bool own = ak_streq(what->actor_id, what->id);
    int rc = load(tx, arena, what, ret_user, err);

    if (rc == 0 && own &&
        ((enabled && !change->enabled) ||
         (change->role && !ak_streq(change->role, ret_user->role)))) {
        return ak_fail(err, AK_OWN_ACCOUNT);
    }
    if (rc == 0 && (enabled || email)) {
        rc = ret_user->elsewhere > 0 && !own ? ak_fail(err, AK_USER_ELSEWHERE, ret_user->name)
                                             : change_account(tx, arena, what->id, change, err);
    }
    if (rc == 0 && change->role && !ak_streq(change->role, ret_user->role)) {
        rc = set_role(tx, arena, what, change->role, err);
    }
    return rc < 0 ? rc
                  : identity_customer_user_store_load(tx, arena, what->project_id, what->id,
                                                      ret_user, err);
}

int identity_customer_user_remove(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_customer_change *what, struct ak_error *err)
{
    struct identity_customer_user_row user = {0};
    int rc = load(tx, arena, what, &user, err);

    if (rc == 0 && ak_streq(what->actor_id, what->id)) {
        return ak_fail(err, AK_OWN_ACCOUNT);
    }
    return rc < 0 ? rc : identity_project_user_remove(tx, arena, what->project_id, what->id, err);
}

int identity_project_user_renew(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_config *config, const char *project_id,
                                const char *user_id, const struct identity_initial *initial,
                                struct ak_error *err)
{
    const struct identity_customer_change what = {project_id, NULL, user_id};
    struct identity_customer_user_row user = {0};
    struct identity_user_row row = {0};
    int rc = load_whole(tx, arena, &what, &user, err);

    rc = rc < 0 ? rc : identity_user_store_load(tx, arena, user_id, &row, err);
    return rc < 0 ? rc : identity_user_set_initial(tx, config, &row, initial, err);
}

int identity_customer_user_reset_password(struct ak_tx *tx, struct ak_arena *arena,
                                          const struct ak_config *config,
                                          const struct identity_customer_change *what,
                                          const struct identity_initial *initial,
                                          struct ak_error *err)
{
    return ak_streq(what->actor_id, what->id)
               ? ak_fail(err, AK_OWN_ACCOUNT)
               : identity_project_user_renew(tx, arena, config, what->project_id, what->id, initial,
                                             err);
}

int identity_factors_reset(struct ak_tx *tx, const char *user_id, struct ak_error *err)
{
    int rc = identity_totp_store_delete(tx, user_id, err);

    rc = rc < 0 ? rc : identity_passkey_store_delete_all(tx, user_id, err);
    rc = rc < 0 ? rc : identity_recovery_store_clear(tx, user_id, err);
    return rc < 0 ? rc : identity_token_store_revoke(tx, IDENTITY_OF_USER, user_id, err);
}

int identity_customer_user_reset_factors(struct ak_tx *tx, struct ak_arena *arena,
                                         const struct identity_customer_change *what,
                                         struct ak_error *err)
{
    struct identity_customer_user_row user = {0};
    int rc = load_whole(tx, arena, what, &user, err);

    if (rc == 0 && ak_streq(what->actor_id, what->id)) {
        return ak_fail(err, AK_OWN_ACCOUNT);
    }
    return rc < 0 ? rc : identity_factors_reset(tx, what->id, err);
}
