/* SPDX-License-Identifier: Apache-2.0 */
/* From where a project is served, roles for a limited time, and who holds which role: what
 * src/access asks of identity. The checks themselves are at login (identity_auth_service.c) and at
 * each use of a token (identity_rights.c). */
#include "identity/identity_internal.h"

#include "base/ip.h"
#include "identity/identity_access_sql.h"

bool identity_source_allowed(const char *cidrs, const char *source)
{
    struct ak_error ignored = {0};
    struct ak_ip ip;
    AK_AUTO_JSON list = NULL;
    const json_t *item = NULL;
    size_t i = 0;
    bool inside = false;

    if (!cidrs) {
        return true;
    }
    if (!source || !ak_ip_parse(source, &ip) ||
        ak_json_parse(cidrs, strlen(cidrs), &list, &ignored) < 0) {
        return false;
    }
    json_array_foreach(list, i, item)
    {
        struct ak_cidr cidr;

        inside = inside || (json_is_string(item) && ak_cidr_parse(json_string_value(item), &cidr) &&
                            ak_cidr_contains(&cidr, &ip));
    }
    return inside;
}

static const struct ak_field sources_rows[] = {
    {"sources", AK_STR, offsetof(struct identity_sources, cidrs), 0},
    {"sources_changed_us", AK_INT, offsetof(struct identity_sources, changed_us), 0},
};
static const struct ak_fields sources_fields =
    AK_FIELDS("sources", struct identity_sources, sources_rows);

int identity_user_may_read(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           const char *project_id, const char *source, bool *ret_may,
                           struct ak_error *err)
{
    struct identity_user_row user = {0};
    struct identity_project_row project = {0};
    struct identity_domain_row domain = {0};
    struct identity_grant grant = {.user_id = user_id, .project_id = project_id};
    struct identity_sources sources = {0};
    struct ak_list roles = {0};
    int rc = identity_user_store_load(tx, arena, user_id, &user, err);

    rc = rc < 0 ? rc : identity_domain_store_load(tx, arena, user.domain_id, &domain, err);
    rc = rc < 0 ? rc : identity_project_store_load(tx, arena, project_id, &project, err);
    rc = rc < 0 ? rc : identity_grant_store_list(tx, arena, &grant, &roles, err);
    rc = rc < 0 ? rc : identity_project_sources(tx, arena, project_id, &sources, err);
    *ret_may = false;
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    *ret_may = rc == 0 && user.enabled && domain.enabled && project.enabled && roles.n > 0 &&
               (!source || identity_source_allowed(sources.cidrs, source));
    return rc;
}

int identity_project_sources(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             struct identity_sources *ret_sources, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_sources_of_project, AK_ARGS(ak_v_text(project_id)),
                         &sources_fields, arena, ret_sources, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Project", project_id) : rc;
}

int identity_project_sources_set(struct ak_tx *tx, const char *project_id, const char *cidrs,
                                 struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_sources_set,
                         AK_ARGS(ak_v_text(project_id), ak_v_text(cidrs), ak_v_int(ak_now_us())),
                         &n, err);

    if (rc == 0 && n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Project", project_id);
    }
    return identity_version_store_bump(tx, rc, err);
}

int identity_timed_role_add(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const char *user_id, const char *project_id, const char *role,
                            int64_t starts_us, int64_t expires_us, struct ak_error *err)
{
    struct identity_role_row row = {0};
    int rc = identity_role_store_load_by_name(tx, arena, role, &row, err);

    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_timed_role_insert,
                         AK_ARGS(ak_v_text(id), ak_v_text(user_id), ak_v_text(project_id),
                                 ak_v_text(row.id), ak_v_int(starts_us), ak_v_int(expires_us)),
                         NULL, err);
    }
    return identity_version_store_bump(tx, rc, err);
}

int identity_timed_role_remove(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_timed_role_delete, AK_ARGS(ak_v_text(id)), NULL, err), err);
}

int identity_timed_roles_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return identity_version_store_bump(
        tx, ak_sql_exec(tx, &sql_timed_role_clear, AK_ARGS(ak_v_text(project_id)), NULL, err), err);
}

int identity_timed_roles_clear_user(struct ak_tx *tx, const char *project_id, const char *user_id,
                                    struct ak_error *err)
{
    return identity_version_store_bump(
        tx,
        ak_sql_exec(tx, &sql_timed_role_clear_user,
                    AK_ARGS(ak_v_text(project_id), ak_v_text(user_id)), NULL, err),
        err);
}

int identity_timed_role_purge(struct ak_tx *tx, int64_t now_us, int64_t *ret_n,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_timed_role_purge, AK_ARGS(ak_v_int(now_us)), ret_n, err);
}

static const struct ak_field holder_rows[] = {
    {"user_id", AK_STR, offsetof(struct identity_holder, user_id), 0},
    {"user_name", AK_STR, offsetof(struct identity_holder, user_name), 0},
    {"project_id", AK_STR, offsetof(struct identity_holder, project_id), 0},
    {"project_name", AK_STR, offsetof(struct identity_holder, project_name), 0},
    {"role_id", AK_STR, offsetof(struct identity_holder, role_id), 0},
    {"role", AK_STR, offsetof(struct identity_holder, role), 0},
};
static const struct ak_fields holder_fields =
    AK_FIELDS("holder", struct identity_holder, holder_rows);

int identity_role_holders(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_holders,
                          struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_role_holders, AK_NO_ARGS, &holder_fields, arena,
                           IDENTITY_HOLDERS_MAX, ret_holders, err);
}

int identity_role_take(struct ak_tx *tx, const char *user_id, const char *project_id,
                       const char *role_id, struct ak_error *err)
{
    const struct identity_grant grant = {
        .user_id = user_id, .project_id = project_id, .role_id = role_id};
    int64_t n = 0;
    int rc = identity_grant_store_delete(tx, &grant, &n, err);

    rc = rc < 0 ? rc : identity_timed_roles_clear_user(tx, project_id, user_id, err);
    return rc == 0 && n > 0 ? identity_token_store_revoke_grant(tx, user_id, project_id, err) : rc;
}

int identity_user_name(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                       const char **ret_name, struct ak_error *err)
{
    struct identity_user_row user = {0};
    int rc = identity_user_store_load(tx, arena, user_id, &user, err);

    if (rc == 0) {
        *ret_name = user.name;
    }
    return rc;
}

int identity_user_roles(struct ak_tx *tx, const char *user_id, const char *project_id,
                        unsigned *ret_roles, struct ak_error *err)
{
    int64_t bits = 0;
    int rc = ak_sql_int(tx, &sql_user_role_bits,
                        AK_ARGS(ak_v_text(user_id), ak_v_text(project_id ? project_id : ""),
                                ak_v_int(ak_now_us()), ak_v_int(!project_id)),
                        &bits, err);

    if (rc == 0) {
        unsigned staff = (unsigned)AK_ROLE_STAFF;

        /* roles of the staff count in the provider's project only, as in identity_rights.c */
        *ret_roles =
            project_id
                ? identity_roles_expand((unsigned)bits & ~(staff & ~(unsigned)AK_ROLE_ADMIN)) &
                      ~staff
                : identity_roles_expand((unsigned)bits);
    }
    return rc;
}

int identity_project_verb_mode(struct ak_tx *tx, const char *project_id, size_t verb,
                               enum identity_mode *ret_mode, struct ak_error *err)
{
    struct ak_principal of_class = {0};
    int rc = ak_sql_int(tx, &sql_project_verb_bits, AK_ARGS(ak_v_text(project_id)),
                        &of_class.class_bits, err);

    if (rc == 0) {
        *ret_mode = identity_verb_mode(&of_class, verb);
    }
    return rc;
}
