/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of domains and projects: what belongs to the cloud itself stays, disabling ends sessions,
 * a domain goes only when it is disabled and empty. */
#include "identity/identity_internal.h"

static const char *new_id(struct ak_arena *arena)
{
    char id[AK_UUID_TEXT];

    ak_uuid_new(id);
    return ak_arena_strdup(arena, id);
}

/* 'options' may be {} or say that the object is not immutable, which is always so. */
static int check_options(const char *options, struct ak_error *err)
{
    return !options || strcmp(options, "{}") == 0 || strcmp(options, "{\"immutable\":false}") == 0
               ? 0
               : ak_fail(err, AK_FIELD_VALUE, "options", "no option is supported here");
}

/* Domains */

int identity_domain_create(struct ak_tx *tx, struct ak_arena *arena,
                           struct identity_domain_row *domain, struct ak_error *err)
{
    int rc = check_options(domain->options, err);

    if (rc < 0) {
        return rc;
    }
    domain->id = domain->id ? domain->id : new_id(arena);
    domain->enabled =
        domain->enabled || !ak_field_given(&identity_domain_fields, domain, "enabled");
    rc = identity_domain_store_insert(tx, domain, err);
    return rc < 0 ? rc : identity_domain_store_load(tx, arena, domain->id, domain, err);
}

int identity_domain_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           const struct identity_domain_row *change,
                           struct identity_domain_row *ret_domain, struct ak_error *err)
{
    bool was_enabled = false;
    int rc = check_options(change->options, err);

    if (rc == 0) {
        rc = identity_domain_store_load(tx, arena, id, ret_domain, err);
    }
    if (rc < 0) {
        return rc;
    }
    was_enabled = ret_domain->enabled;
    ak_fields_merge(&identity_domain_fields, ret_domain, change);
    if (strcmp(id, IDENTITY_DEFAULT_DOMAIN) == 0 && !ret_domain->enabled) {
        return ak_fail(err, AK_IDENTITY_FIXED, ret_domain->name);
    }
    rc = identity_domain_store_update(tx, ret_domain, err);
    if (rc == 0 && was_enabled && !ret_domain->enabled) {
        rc = identity_token_store_revoke(tx, IDENTITY_OF_DOMAIN, id, err);
    }
    return rc < 0 ? rc : identity_domain_store_load(tx, arena, id, ret_domain, err);
}

int identity_domain_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    int64_t members = 0;
    int rc = identity_domain_store_load(tx, arena, id, &domain, err);

    if (rc < 0) {
        return rc;
    }
    if (strcmp(id, IDENTITY_DEFAULT_DOMAIN) == 0) {
        return ak_fail(err, AK_IDENTITY_FIXED, domain.name);
    }
    if (domain.enabled) {
        return ak_fail(err, AK_DOMAIN_ENABLED);
    }
    rc = identity_domain_store_members(tx, id, &members, err);
    if (rc < 0) {
        return rc;
    }
    return members > 0 ? ak_fail(err, AK_DOMAIN_NOT_EMPTY, AK_NUM(members))
                       : identity_domain_store_delete(tx, id, err);
}

/* Projects */

static const char not_nested[] = "projects are not nested; leave it out or give the domain's id";

/* Projects are not nested and do not act as domains: whoever asks for that is told so. */
static int check_place(const struct identity_project_row *project, struct ak_error *err)
{
    if (project->is_domain) {
        return ak_fail(err, AK_FIELD_VALUE, "is_domain", "projects cannot act as domains");
    }
    if (project->parent_id && !ak_streq(project->parent_id, project->domain_id)) {
        return ak_fail(err, AK_FIELD_VALUE, "parent_id", not_nested);
    }
    return check_options(project->options, err);
}

int identity_project_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct identity_project_row *project, struct ak_error *err)
{
    struct identity_domain_row domain = {0};
    int rc = check_place(project, err);

    if (rc == 0) {
        rc = identity_domain_store_load(tx, arena, project->domain_id, &domain, err);
    }
    if (rc == -AK_OBJECT_NOT_FOUND && project->parent_id) {
        rc = ak_fail(err, AK_FIELD_VALUE, "parent_id", not_nested);
    }
    if (rc < 0) {
        return rc;
    }
    project->id = new_id(arena);
    project->enabled =
        project->enabled || !ak_field_given(&identity_project_fields, project, "enabled");
    rc = identity_project_store_insert(tx, arena, project, err);
    return rc < 0 ? rc : identity_project_store_load(tx, arena, project->id, project, err);
}

int identity_project_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct identity_project_row *change,
                            struct identity_project_row *ret_project, struct ak_error *err)
{
    const char *name = NULL;
    bool was_enabled = false;
    int rc = check_options(change->options, err);

    if (rc == 0) {
        rc = identity_project_store_load(tx, arena, id, ret_project, err);
    }
    if (rc < 0) {
        return rc;
    }
    name = ret_project->name;
    was_enabled = ret_project->enabled;
    ak_fields_merge(&identity_project_fields, ret_project, change);
    if (ret_project->cloud_admin && (!ret_project->enabled || !ak_streq(name, ret_project->name))) {
        return ak_fail(err, AK_IDENTITY_FIXED, name);
    }
    rc = identity_project_store_update(tx, arena, ret_project, err);
    if (rc == 0 && was_enabled && !ret_project->enabled) {
        rc = identity_token_store_revoke(tx, IDENTITY_OF_PROJECT, id, err);
    }
    return rc < 0 ? rc : identity_project_store_load(tx, arena, id, ret_project, err);
}

int identity_project_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct ak_error *err)
{
    struct identity_project_row project = {0};
    int rc = identity_project_store_load(tx, arena, id, &project, err);

    if (rc < 0) {
        return rc;
    }
    return project.cloud_admin ? ak_fail(err, AK_IDENTITY_FIXED, project.name)
                               : identity_project_store_delete(tx, id, err);
}

int identity_project_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                          struct identity_project *ret_project, struct ak_error *err)
{
    struct identity_project_row row = {0};
    int rc = identity_project_store_load(tx, arena, id, &row, err);

    if (rc < 0) {
        return rc;
    }
    *ret_project = (struct identity_project){
        .id = row.id, .name = row.name, .domain_id = row.domain_id, .enabled = row.enabled};
    return 0;
}
