/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of roles, assignments and application credentials. The roles that policies know are
 * fixed; others are names that customers' own tools may use. */
#include "identity/identity_internal.h"

int identity_role_create(struct ak_tx *tx, struct ak_arena *arena, struct identity_role_row *role,
                         struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    if (role->domain_id) {
        return ak_fail(err, AK_FIELD_VALUE, "domain_id", "roles of a domain do not exist here");
    }
    ak_uuid_new(id);
    role->id = ak_arena_strdup(arena, id);
    rc = identity_role_store_insert(tx, role, err);
    return rc < 0 ? rc : identity_role_store_load(tx, arena, role->id, role, err);
}

int identity_role_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         const struct identity_role_row *change, struct identity_role_row *ret_role,
                         struct ak_error *err)
{
    const char *name = NULL;
    int rc = identity_role_store_load(tx, arena, id, ret_role, err);

    if (rc < 0) {
        return rc;
    }
    name = ret_role->name;
    ak_fields_merge(&identity_role_fields, ret_role, change);
    if (ret_role->bit > 0 && !ak_streq(name, ret_role->name)) {
        return ak_fail(err, AK_IDENTITY_FIXED, name);
    }
    rc = identity_role_store_update(tx, ret_role, err);
    return rc < 0 ? rc : identity_role_store_load(tx, arena, id, ret_role, err);
}

int identity_role_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_error *err)
{
    struct identity_role_row role = {0};
    int rc = identity_role_store_load(tx, arena, id, &role, err);

    if (rc < 0) {
        return rc;
    }
    return role.bit > 0 ? ak_fail(err, AK_IDENTITY_FIXED, role.name)
                        : identity_role_store_delete(tx, id, err);
}

int identity_grant_check(struct ak_tx *tx, struct ak_arena *arena,
                         const struct identity_grant *grant, struct ak_error *err)
{
    struct identity_user_row user = {0};
    struct identity_project_row project = {0};
    struct identity_domain_row domain = {0};
    struct identity_role_row role = {0};
    int rc = identity_user_store_load(tx, arena, grant->user_id, &user, err);

    if (rc == 0) {
        rc = grant->project_id
                 ? identity_project_store_load(tx, arena, grant->project_id, &project, err)
                 : identity_domain_store_load(tx, arena, grant->domain_id, &domain, err);
    }
    return rc < 0 || !grant->role_id
               ? rc
               : identity_role_store_load(tx, arena, grant->role_id, &role, err);
}

/* The roles of the staff are given in the administrator's project only. 'admin' may be given
 * anywhere, as clients of OpenStack do, and means manager there. */
static int check_staff_role(struct ak_tx *tx, struct ak_arena *arena,
                            const struct identity_grant *grant, struct ak_error *err)
{
    struct identity_project_row project = {0};
    struct identity_role_row role = {0};
    int rc = identity_role_store_load(tx, arena, grant->role_id, &role, err);

    if (rc < 0 || role.bit <= AK_ROLE_ADMIN) {
        return rc;
    }
    if (grant->project_id) {
        rc = identity_project_store_load(tx, arena, grant->project_id, &project, err);
    }
    return rc == 0 && !project.cloud_admin ? ak_fail(err, AK_STAFF_ROLE, role.name) : rc;
}

int identity_grant_add(struct ak_tx *tx, struct ak_arena *arena, const struct identity_grant *grant,
                       struct ak_error *err)
{
    int rc = identity_grant_check(tx, arena, grant, err);

    if (rc == 0) {
        rc = check_staff_role(tx, arena, grant, err);
    }
    return rc < 0 ? rc : identity_grant_store_insert(tx, grant, err);
}

int identity_grant_remove(struct ak_tx *tx, struct ak_arena *arena,
                          const struct identity_grant *grant, struct ak_error *err)
{
    int64_t n = 0;
    int rc = identity_grant_check(tx, arena, grant, err);

    if (rc == 0) {
        rc = identity_grant_store_delete(tx, grant, &n, err);
    }
    if (rc == 0 && n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Role assignment", grant->role_id);
    }
    if (rc == 0 && grant->project_id) {
        rc = identity_timed_roles_clear_user(tx, grant->project_id, grant->user_id, err);
    }
    return rc < 0 ? rc
                  : identity_token_store_revoke_grant(
                        tx, grant->user_id,
                        grant->project_id ? grant->project_id : grant->domain_id, err);
}

int identity_assignments_effective(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct ak_list *rows, struct ak_list *ret_rows,
                                   struct ak_error *err)
{
    const struct identity_assignment_row *row = rows->items;
    const struct identity_role_row *role = NULL;
    struct identity_assignment_row *out = NULL;
    struct ak_list roles = {0};
    size_t n = 0;
    int rc = identity_role_store_all(tx, arena, &roles, err);

    if (rc < 0) {
        return rc;
    }
    role = roles.items;
    out = ak_arena_array(arena, struct identity_assignment_row, rows->n * (roles.n + 1));
    for (size_t i = 0; i < rows->n; i++) {
        unsigned implied = identity_roles_expand((unsigned)row[i].role_bit);

        out[n++] = row[i];
        for (size_t k = 0; k < roles.n; k++) {
            if (((unsigned)role[k].bit & implied) && role[k].bit != row[i].role_bit) {
                out[n] = row[i];
                out[n].role_id = role[k].id;
                out[n++].role_name = role[k].name;
            }
        }
    }
    *ret_rows = (struct ak_list){.n = n, .items = out};
    return 0;
}

/* Application credentials */

/* The roles a body names, looked up among those the caller has; none named: all. */
static int pick_roles(const struct ak_list *wanted, const struct ak_list *held,
                      struct ak_arena *arena, struct ak_list *ret_roles, struct ak_error *err)
{
    const struct identity_role_row *want = wanted->items, *have = held->items;
    struct identity_role_row *picked =
        ak_arena_array(arena, struct identity_role_row, wanted->n + 1);

    for (size_t i = 0; i < wanted->n; i++) {
        size_t k = 0;

        while (k < held->n && !(want[i].id ? ak_streq(want[i].id, have[k].id)
                                           : ak_streq(want[i].name, have[k].name))) {
            k++;
        }
        if (k == held->n) {
            return ak_fail(err, AK_FIELD_VALUE, "roles",
                           "you can pass on only roles that you have in this project");
        }
        picked[i] = have[k];
    }
    *ret_roles = wanted->n > 0 ? (struct ak_list){.n = wanted->n, .items = picked} : *held;
    return 0;
}

int identity_app_credential_create(struct ak_request *req, struct ak_tx *tx,
                                   struct identity_app_credential_row *credential,
                                   struct ak_error *err)
{
    struct identity_token_row caller = {0};
    struct ak_list held = {0}, roles = {0};
    char id[AK_UUID_TEXT];
    int rc = identity_token_store_load(tx, req->arena, req->principal->token_hash, &caller, err);

    if (rc == 0) {
        rc = identity_token_roles(tx, req->arena, &caller, &held, err);
    }
    if (rc == 0) {
        rc = pick_roles(&credential->roles, &held, req->arena, &roles, err);
    }
    if (rc == 0 && credential->expires_us > 0 && credential->expires_us <= ak_now_us()) {
        rc = ak_fail(err, AK_FIELD_VALUE, "expires_at", "it must be in the future");
    }
    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    credential->id = ak_arena_strdup(req->arena, id);
    credential->user_id = caller.user_id;
    credential->project_id = caller.project_id;
    credential->roles = roles;
    return identity_app_credential_store_insert(tx, credential, err);
}

int identity_app_credential_may_manage(struct ak_request *req, struct ak_tx *tx,
                                       struct ak_error *err)
{
    struct identity_token_row token = {0};
    int rc = identity_token_store_load(tx, req->arena, req->principal->token_hash, &token, err);

    if (rc < 0) {
        return rc == -AK_TOKEN_NOT_FOUND ? ak_fail(err, AK_UNAUTHORIZED) : rc;
    }
    return token.app_credential_id && !token.app_credential_unrestricted
               ? ak_fail(err, AK_APP_CREDENTIAL_RESTRICTED)
               : 0;
}
