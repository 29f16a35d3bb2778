/* SPDX-License-Identifier: Apache-2.0 */
/* A contract's customer as a whole: made in the transaction of the contract's activation, removed
 * by the steps of its deletion. */
#include "identity/identity_internal.h"

int identity_tenant_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           const struct identity_tenant *tenant,
                           const struct identity_initial *initial,
                           struct identity_tenant_ids *ret_ids, struct ak_error *err)
{
    struct identity_domain_row domain = {.name = tenant->name, .description = tenant->description};
    struct identity_project_row project = {.name = tenant->name,
                                           .description = tenant->description};
    const char *user_id = NULL;
    int rc = identity_domain_create(tx, arena, &domain, err);

    if (rc == 0) {
        rc = identity_domain_store_set_customer(tx, domain.id, tenant->language, err);
    }
    if (rc == 0) {
        project.domain_id = domain.id;
        rc = identity_project_create(tx, arena, &project, err);
    }
    if (rc == 0) {
        const struct identity_new_user user = {.domain_id = domain.id,
                                               .name = tenant->user_name,
                                               .email = tenant->email,
                                               .project_id = project.id,
                                               .role = tenant->role};

        rc = identity_user_create_initial(tx, arena, config, &user, initial, &user_id, err);
    }
    if (rc == 0) {
        *ret_ids = (struct identity_tenant_ids){domain.id, project.id, user_id};
    }
    return rc;
}

static int list_users(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                      struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_value domain = ak_v_text(domain_id);
    int rc = ak_query_filter(&query, arena, "domain_id", AK_EQ, &domain, 1, err);

    return rc < 0 ? rc : identity_user_store_list(tx, arena, &query, ret_list, err);
}

int identity_tenant_users(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                          struct ak_map *ret_users, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = list_users(tx, arena, domain_id, &list, err);
    const struct identity_user_row *users = list.items;

    if (rc == 0) {
        ret_users->n = list.n;
        ret_users->pairs = ak_arena_array(arena, struct ak_pair, list.n + 1);
    }
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        ret_users->pairs[i] = (struct ak_pair){users[i].id, users[i].name};
    }
    return rc;
}

int identity_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                           struct ak_json *w, struct ak_error *err)
{
    static const char *const members[] = {
        "id", "name", "description", "email", "enabled", "default_project_id", "domain_id", NULL};
    const struct ak_fields_mode mode = {.only = members};
    struct ak_list list = {0};
    int rc = list_users(tx, arena, domain_id, &list, err);

    ak_json_key(w, "users");
    ak_json_array(w);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        ak_fields_render_object(&identity_user_fields,
                                (const struct identity_user_row *)list.items + i, &mode, w);
    }
    ak_json_array_end(w);
    return rc;
}

/* What is not there any more has been removed before. */
static int gone_is_done(int rc, struct ak_error *err)
{
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    return rc;
}

/* Takes all roles but reader; gives reader. */
static int make_reader(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                       const char *project_id, const struct identity_role_row *reader,
                       struct ak_error *err)
{
    struct identity_grant grant = {.user_id = user_id, .project_id = project_id};
    struct ak_list held = {0};
    int64_t n = 0;
    int rc = identity_grant_store_list(tx, arena, &grant, &held, err);
    const struct identity_role_row *roles = held.items;

    for (size_t i = 0; i < held.n && rc == 0; i++) {
        grant.role_id = roles[i].id;
        rc = ak_streq(roles[i].id, reader->id) ? 0
                                               : identity_grant_store_delete(tx, &grant, &n, err);
    }
    grant.role_id = reader->id;
    if (rc == 0 && held.n > 0) {
        rc = identity_grant_store_insert(tx, &grant, err);
    }
    return rc < 0 ? rc : identity_token_store_revoke(tx, IDENTITY_OF_USER, user_id, err);
}

int identity_tenant_readers(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                            const char *project_id, struct ak_error *err)
{
    struct identity_role_row reader = {0};
    struct ak_list list = {0};
    int rc = identity_role_store_load_by_name(tx, arena, "reader", &reader, err);

    rc = rc < 0 ? rc : identity_timed_roles_clear(tx, project_id, err);
    rc = rc < 0 ? rc : list_users(tx, arena, domain_id, &list, err);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = make_reader(tx, arena, ((const struct identity_user_row *)list.items)[i].id,
                         project_id, &reader, err);
    }
    return rc;
}

int identity_tenant_close(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                          struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    int rc = identity_domain_store_load(tx, arena, domain_id, &domain, err);

    if (rc == 0) {
        domain.enabled = false;
        rc = identity_domain_store_update(tx, &domain, err);
    }
    if (rc == 0) {
        rc = identity_token_store_revoke(tx, IDENTITY_OF_DOMAIN, domain_id, err);
    }
    return gone_is_done(rc, err);
}

int identity_tenant_users_remove(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                                 struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = list_users(tx, arena, domain_id, &list, err);

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        rc = identity_user_remove(tx, arena, ((const struct identity_user_row *)list.items)[i].id,
                                  err);
    }
    return rc;
}

int identity_tenant_project_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                   struct ak_error *err)
{
    return gone_is_done(identity_project_remove(tx, arena, project_id, err), err);
}

int identity_tenant_domain_remove(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                                  struct ak_error *err)
{
    return gone_is_done(identity_domain_remove(tx, arena, domain_id, err), err);
}

int identity_tenant_language(struct ak_tx *tx, const char *domain_id, const char *language,
                             struct ak_error *err)
{
    return identity_domain_store_set_customer(tx, domain_id, language, err);
}
