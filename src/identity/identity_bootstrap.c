/* SPDX-License-Identifier: Apache-2.0 */
/* What 'akashi init' and the operator's command do without the API: the first domain, project,
 * roles and user, and accounts. All idempotent by name; what changes leaves an audit event of the
 * actor "system". */
#include "identity/identity_internal.h"

static const struct {
    const char *name, *description;
    enum ak_role bit;
} fixed_roles[] = {
    {"reader", "May look at the project", AK_ROLE_READER},
    {"member", "May also change what the project owns", AK_ROLE_MEMBER},
    {"manager", "May also manage the project itself", AK_ROLE_MANAGER},
    {"admin", "In the project 'admin': the cloud administrator", AK_ROLE_ADMIN},
    {"operator", "Staff: runs hosts, customers, changes and incidents", AK_ROLE_OPERATOR},
    {"privileged", "Staff: privileged administrator", AK_ROLE_PRIVILEGED},
    {"officer", "Staff: security officer", AK_ROLE_OFFICER},
    {"auditor", "Staff: auditor, reads", AK_ROLE_AUDITOR},
    {"analyst", "Staff: SOC analyst, reads", AK_ROLE_ANALYST},
};

unsigned identity_role_bit(const char *name)
{
    for (size_t i = 0; i < AK_N(fixed_roles); i++) {
        if (ak_streq(fixed_roles[i].name, name)) {
            return fixed_roles[i].bit;
        }
    }
    return 0;
}

static int audit(struct ak_tx *tx, const char *action, const char *type, const char *id,
                 const char *project_id, struct ak_error *err)
{
    const struct ak_audit_event event = {.action = action,
                                         .outcome = "success",
                                         .actor_id = "system",
                                         .actor_name = "system",
                                         .project_id = project_id,
                                         .object_type = type,
                                         .object_id = id};

    return ak_audit_add(tx, &event, NULL, err);
}

static int ensure_domain(struct ak_tx *tx, struct ak_arena *arena, struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    int rc = identity_domain_store_load(tx, arena, IDENTITY_DEFAULT_DOMAIN, &domain, err);

    if (rc != -AK_OBJECT_NOT_FOUND) {
        return rc;
    }
    domain = (struct identity_domain_row){
        .id = IDENTITY_DEFAULT_DOMAIN, .name = "Default", .description = "The default domain"};
    rc = identity_domain_create(tx, arena, &domain, err);
    return rc < 0 ? rc : audit(tx, "identity.domain.create", "domain", domain.id, NULL, err);
}

static int ensure_roles(struct ak_tx *tx, struct ak_arena *arena, struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; i < AK_N(fixed_roles) && rc == 0; i++) {
        struct identity_role_row role = {0};

        rc = identity_role_store_load_by_name(tx, arena, fixed_roles[i].name, &role, err);
        if (rc != -AK_OBJECT_NOT_FOUND) {
            continue;
        }
        role = (struct identity_role_row){.name = fixed_roles[i].name,
                                          .description = fixed_roles[i].description,
                                          .bit = (int64_t)fixed_roles[i].bit};
        rc = identity_role_create(tx, arena, &role, err);
        if (rc == 0) {
            rc = audit(tx, "identity.role.create", "role", role.id, NULL, err);
        }
    }
    return rc;
}

/* 'domain' may be an id or a name. */
static int find_domain(struct ak_tx *tx, struct ak_arena *arena, const char *domain,
                       struct identity_domain_row *ret_domain, struct ak_error *err)
{
    int rc = identity_domain_store_load(tx, arena, domain, ret_domain, err);

    return rc == -AK_OBJECT_NOT_FOUND
               ? identity_domain_store_load_by_name(tx, arena, domain, ret_domain, err)
               : rc;
}

static int ensure_project(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                          const char *name, bool cloud_admin,
                          struct identity_project_row *ret_project, struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    int rc = find_domain(tx, arena, domain_id, &domain, err);

    if (rc == 0) {
        rc = identity_project_store_load_by_name(tx, arena, domain.id, name, ret_project, err);
    }
    if (rc != -AK_OBJECT_NOT_FOUND || !domain.id) {
        return rc;
    }
    *ret_project = (struct identity_project_row){.domain_id = domain.id,
                                                 .name = name,
                                                 .description = cloud_admin ? "The operator" : "",
                                                 .cloud_admin = cloud_admin};
    rc = identity_project_create(tx, arena, ret_project, err);
    return rc < 0 ? rc
                  : audit(tx, "identity.project.create", "project", ret_project->id,
                          ret_project->id, err);
}

/* Creates the user with the hash given, or finds it. */
static int ensure_user(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                       const char *name, const char *hash, const char *project_id,
                       struct identity_user_row *ret_user, struct ak_error *err)
{
    AK_AUTO(ak_config) config = ak_config_new();
    struct identity_domain_row domain = {0};
    int rc = find_domain(tx, arena, domain_id, &domain, err);

    if (rc == 0) {
        rc = identity_user_store_load_by_name(tx, arena, domain.id, name, ret_user, err);
    }
    if (rc != -AK_OBJECT_NOT_FOUND || !domain.id) {
        return rc;
    }
    if (!hash) {
        return ak_fail(err, AK_FIELD_MISSING, "password");
    }
    ak_config_add_settings(config, identity_domain.settings, identity_domain.n_settings);
    *ret_user = (struct identity_user_row){.domain_id = domain.id,
                                           .name = name,
                                           .default_project_id = project_id,
                                           .password_hash = hash};
    rc = identity_user_create(tx, arena, config, ret_user, err);
    return rc < 0 ? rc : audit(tx, "identity.user.create", "user", ret_user->id, project_id, err);
}

static int ensure_grant(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                        const char *project_id, const char *role_name, struct ak_error *err)
{
    struct identity_role_row role = {0};
    struct identity_grant grant = {.user_id = user_id, .project_id = project_id};
    struct ak_list held = {0};
    const struct identity_role_row *have = NULL;
    int rc = identity_role_store_load_by_name(tx, arena, role_name, &role, err);

    if (rc == 0) {
        rc = identity_grant_store_list(tx, arena, &grant, &held, err);
    }
    have = held.items;
    for (size_t i = 0; i < held.n && rc == 0; i++) {
        if (ak_streq(have[i].id, role.id)) {
            return 0;
        }
    }
    grant.role_id = role.id;
    if (rc == 0) {
        rc = identity_grant_add(tx, arena, &grant, err);
    }
    return rc < 0 ? rc
                  : audit(tx, "identity.assignment.create", "role_assignment", user_id, project_id,
                          err);
}

/* Whether the user is there; the domain by id or name. */
static int user_exists(struct ak_store *store, const char *domain_id, const char *name,
                       bool *ret_exists, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_domain_row domain = {0};
    struct identity_user_row user = {0};
    int rc = ak_tx_read(store, &tx, err);

    if (rc == 0) {
        rc = find_domain(tx, arena, domain_id, &domain, err);
    }
    if (rc == 0) {
        rc = identity_user_store_load_by_name(tx, arena, domain.id, name, &user, err);
    }
    *ret_exists = rc == 0;
    return rc == -AK_OBJECT_NOT_FOUND ? 0 : rc;
}

int identity_bootstrap(struct ak_store *store, const char *admin_password, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_project_row project = {0};
    struct identity_user_row user = {0};
    char hash[AK_PASSWORD_HASH_MAX];
    bool exists = false;
    int rc = user_exists(store, IDENTITY_DEFAULT_DOMAIN, "admin", &exists, err);

    if (rc == 0 && !exists) {
        rc = ak_password_hash(admin_password, hash, err);
    }
    if (rc == 0) {
        rc = ak_tx_write(store, &tx, err);
    }
    if (rc == 0) {
        rc = ensure_domain(tx, arena, err);
    }
    if (rc == 0) {
        rc = ensure_roles(tx, arena, err);
    }
    if (rc == 0) {
        rc = ensure_project(tx, arena, IDENTITY_DEFAULT_DOMAIN, "admin", true, &project, err);
    }
    if (rc == 0) {
        rc = ensure_user(tx, arena, IDENTITY_DEFAULT_DOMAIN, "admin", exists ? NULL : hash,
                         project.id, &user, err);
    }
    if (rc == 0) {
        rc = ensure_grant(tx, arena, user.id, project.id, "admin", err);
    }
    if (rc == 0 && !exists) { /* the installation's own account: programs use it */
        rc = identity_user_store_exempt(tx, user.id, true, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int identity_project_ensure(struct ak_store *store, const char *domain_id, const char *name,
                            char ret_id[AK_UUID_TEXT], struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_project_row project = {0};
    int rc = ak_tx_write(store, &tx, err);

    if (rc == 0) {
        rc = ensure_project(tx, arena, domain_id, name, false, &project, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc == 0) {
        ak_str_copy(ret_id, AK_UUID_TEXT, project.id);
    }
    return rc;
}

int identity_user_ensure(struct ak_store *store, const char *domain_id, const char *name,
                         const char *password, const char *project_id, const char *role,
                         struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_user_row user = {0};
    char hash[AK_PASSWORD_HASH_MAX];
    bool exists = false;
    int rc = user_exists(store, domain_id, name, &exists, err);

    if (rc == 0 && !exists && password) {
        rc = ak_password_hash(password, hash, err);
    }
    if (rc == 0) {
        rc = ak_tx_write(store, &tx, err);
    }
    if (rc == 0) {
        rc = ensure_user(tx, arena, domain_id, name, exists || !password ? NULL : hash, project_id,
                         &user, err);
    }
    if (rc == 0) {
        rc = ensure_grant(tx, arena, user.id, project_id, role, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int identity_user_set_password(struct ak_store *store, const char *domain_id, const char *name,
                               const char *password, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_config) config = ak_config_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct identity_domain_row domain = {0};
    struct identity_user_row user = {0};
    struct ak_list customers = {0};
    char hash[AK_PASSWORD_HASH_MAX];
    int rc = 0;

    ak_config_add_settings(config, identity_domain.settings, identity_domain.n_settings);
    rc = identity_password_make(config, name, password, hash, err);
    if (rc == 0) {
        rc = ak_tx_write(store, &tx, err);
    }
    if (rc == 0) {
        rc = find_domain(tx, arena, domain_id, &domain, err);
    }
    if (rc == 0) {
        rc = identity_user_store_load_by_name(tx, arena, domain.id, name, &user, err);
    }
    if (rc == 0) {
        rc = identity_user_store_password(tx, config, &user, hash, err);
    }
    if (rc == 0) {
        const struct identity_whose whose = {.user_id = user.id};

        rc = identity_customer_find(tx, arena, &whose, &customers, err);
    }
    if (rc == 0) {
        const struct identity_told told = {"account-password", &user, "akashi user password", 0};

        rc = identity_customer_tell(tx, arena, &customers, told, err);
    }
    if (rc == 0) {
        rc = audit(tx, "identity.user.password", "user", user.id,
                   identity_customer_project(&customers), err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}
