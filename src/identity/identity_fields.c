/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of identity: what bodies may hold, what answers show, which columns fill the rows,
 * and what lists filter by. Each is the only list of its members. */
#include "identity/identity_internal.h"

#define AT(type, member) offsetof(struct type, member)
/* A member that a creating and an updating body may hold. */
#define SET (AK_CREATE | AK_UPDATE)

static const struct ak_field link_rows[] = {
    {"self", AK_STR, AT(identity_links, self), 0, .column = "", .doc = "where this object is"},
};
static const struct ak_fields link_fields = AK_FIELDS("links", struct identity_links, link_rows);
#define LINKS(type)                                                                                \
    {                                                                                              \
        "links", AK_OBJECT, AT(type, links), 0, .column = "", .sub = &link_fields,                 \
                                                .doc = "links of the object"                       \
    }

static const struct ak_field domain_rows[] = {
    {"id", AK_STR, AT(identity_domain_row, id), AK_FILTER | AK_SORT, .doc = "id of the domain"},
    {"name", AK_STR, AT(identity_domain_row, name), SET | AK_REQUIRED | AK_FILTER | AK_SORT,
     .min = 1, .max = 64, .doc = "unique name"},
    {"description", AK_STR, AT(identity_domain_row, description), SET | AK_NULLABLE, .max = 1024,
     .doc = "for people"},
    {"enabled", AK_BOOL, AT(identity_domain_row, enabled), SET | AK_FILTER,
     .doc = "false: nobody of the domain comes in"},
    {"options", AK_JSON, AT(identity_domain_row, options), SET, .max = 64, .doc = "always {}"},
    LINKS(identity_domain_row),
};
const struct ak_fields identity_domain_fields =
    AK_FIELDS_GIVEN("domain", struct identity_domain_row, domain_rows);

static const struct ak_field project_rows[] = {
    {"id", AK_STR, AT(identity_project_row, id), AK_FILTER | AK_SORT, .doc = "id of the project"},
    {"name", AK_STR, AT(identity_project_row, name), SET | AK_REQUIRED | AK_FILTER | AK_SORT,
     .min = 1, .max = 64, .doc = "unique within the domain"},
    {"domain_id", AK_STR, AT(identity_project_row, domain_id), AK_CREATE | AK_NULLABLE | AK_FILTER,
     .max = 64, .doc = "domain it belongs to; default: the caller's"},
    {"parent_id", AK_STR, AT(identity_project_row, parent_id), AK_CREATE | AK_NULLABLE | AK_FILTER,
     .max = 64, .doc = "the domain: projects are not nested"},
    {"description", AK_STR, AT(identity_project_row, description), SET | AK_NULLABLE, .max = 1024,
     .doc = "for people"},
    {"enabled", AK_BOOL, AT(identity_project_row, enabled), SET | AK_FILTER,
     .doc = "false: no token for it is valid"},
    {"is_domain", AK_BOOL, AT(identity_project_row, is_domain), AK_CREATE | AK_FILTER,
     .doc = "always false"},
    {"tags", AK_LIST, AT(identity_project_row, tags), SET, .max = 80, .doc = "words for filtering"},
    {"options", AK_JSON, AT(identity_project_row, options), SET, .max = 64, .doc = "always {}"},
    {"cloud_admin", AK_BOOL, AT(identity_project_row, cloud_admin), AK_HIDDEN},
    LINKS(identity_project_row),
};
const struct ak_fields identity_project_fields =
    AK_FIELDS_GIVEN("project", struct identity_project_row, project_rows);

static const struct ak_field user_rows[] = {
    {"id", AK_STR, AT(identity_user_row, id), AK_FILTER | AK_SORT, .doc = "id of the user"},
    {"name", AK_STR, AT(identity_user_row, name), SET | AK_REQUIRED | AK_FILTER | AK_SORT, .min = 1,
     .max = 255, .doc = "unique within the domain"},
    {"domain_id", AK_STR, AT(identity_user_row, domain_id), AK_CREATE | AK_NULLABLE | AK_FILTER,
     .max = 64, .doc = "domain it belongs to; default: the caller's"},
    {"description", AK_STR, AT(identity_user_row, description), SET | AK_NULLABLE, .max = 1024,
     .doc = "for people"},
    {"email", AK_STR, AT(identity_user_row, email), SET | AK_NULLABLE, .max = 255,
     .doc = "mail address"},
    {"enabled", AK_BOOL, AT(identity_user_row, enabled), SET | AK_FILTER,
     .doc = "false: cannot come in; its tokens end"},
    {"default_project_id", AK_STR, AT(identity_user_row, default_project_id), SET | AK_NULLABLE,
     .max = 64, .doc = "project of a login that names none"},
    {"password", AK_STR, AT(identity_user_row, password), SET | AK_NULLABLE | AK_SECRET,
     .column = "", .min = 1, .max = 128, .doc = "stored as Argon2id hash"},
    {"options", AK_JSON, AT(identity_user_row, options), SET, .max = 1024,
     .doc = "ignore_lockout_failure_attempts, ignore_password_expiry, lock_password"},
    {"password_expires_at", AK_TIME, AT(identity_user_row, password_expires_us), 0,
     .column = "password_expires_us", .time_format = AK_TIME_NAIVE_US,
     .doc = "null: never; a new password sets it anew"},
    {"password_hash", AK_STR, AT(identity_user_row, password_hash), AK_SECRET},
    {"password_changed_us", AK_INT, AT(identity_user_row, password_changed_us), AK_HIDDEN},
    {"failures", AK_INT, AT(identity_user_row, failures), AK_HIDDEN},
    {"failed_us", AK_INT, AT(identity_user_row, failed_us), AK_HIDDEN},
    {"must_change", AK_BOOL, AT(identity_user_row, must_change), AK_HIDDEN},
    {"language", AK_STR, AT(identity_user_row, language), AK_HIDDEN},
    {"domain_enabled", AK_BOOL, AT(identity_user_row, domain_enabled), AK_HIDDEN},
    LINKS(identity_user_row),
};
const struct ak_fields identity_user_fields =
    AK_FIELDS_GIVEN("user", struct identity_user_row, user_rows);

static const struct ak_field user_password_rows[] = {
    {"password", AK_STR, AT(identity_user_row, password), AK_CREATE | AK_REQUIRED | AK_SECRET,
     .column = "", .min = 1, .max = 128, .doc = "the new password"},
    {"original_password", AK_STR, AT(identity_user_row, original_password),
     AK_CREATE | AK_REQUIRED | AK_SECRET, .column = "", .max = 128, .doc = "the present password"},
};
const struct ak_fields identity_user_password_fields =
    AK_FIELDS("user_password", struct identity_user_row, user_password_rows);

static const struct ak_field user_options_rows[] = {
    {"ignore_lockout_failure_attempts", AK_BOOL,
     AT(identity_user_options, ignore_lockout_failure_attempts), SET | AK_NULLABLE | AK_OMIT_NULL,
     .doc = "wrong passwords do not lock this user"},
    {"ignore_password_expiry", AK_BOOL, AT(identity_user_options, ignore_password_expiry),
     SET | AK_NULLABLE | AK_OMIT_NULL, .doc = "the password stays valid for ever"},
    {"lock_password", AK_BOOL, AT(identity_user_options, lock_password),
     SET | AK_NULLABLE | AK_OMIT_NULL, .doc = "the user may not change the password"},
    {"ignore_change_password_upon_first_use", AK_BOOL,
     AT(identity_user_options, ignore_change_password_upon_first_use),
     SET | AK_NULLABLE | AK_OMIT_NULL,
     .doc = "accepted; one-time passwords are changed all the same"},
};
const struct ak_fields identity_user_options_fields =
    AK_FIELDS_GIVEN("user_options", struct identity_user_options, user_options_rows);

static const struct ak_field role_rows[] = {
    {"id", AK_STR, AT(identity_role_row, id), AK_FILTER | AK_SORT, .doc = "id of the role"},
    {"name", AK_STR, AT(identity_role_row, name), SET | AK_REQUIRED | AK_FILTER | AK_SORT, .min = 1,
     .max = 255, .doc = "unique name"},
    {"description", AK_STR, AT(identity_role_row, description), SET | AK_NULLABLE, .max = 1024,
     .doc = "for people"},
    {"domain_id", AK_STR, AT(identity_role_row, domain_id), AK_CREATE | AK_NULLABLE,
     .doc = "always null: roles are the same in every domain"},
    {"options", AK_JSON, AT(identity_role_row, options), SET, .max = 64, .doc = "always {}"},
    {"bit", AK_INT, AT(identity_role_row, bit), AK_HIDDEN},
    LINKS(identity_role_row),
};
const struct ak_fields identity_role_fields =
    AK_FIELDS_GIVEN("role", struct identity_role_row, role_rows);

static const struct ak_field assignment_rows[] = {
    {"id", AK_STR, AT(identity_assignment_row, id), AK_HIDDEN},
    {"user.id", AK_STR, AT(identity_assignment_row, user_id), AK_FILTER, .column = "user_id"},
    {"scope.project.id", AK_STR, AT(identity_assignment_row, project_id), AK_FILTER,
     .column = "project_id"},
    {"scope.domain.id", AK_STR, AT(identity_assignment_row, domain_id), AK_FILTER,
     .column = "domain_id"},
    {"role.id", AK_STR, AT(identity_assignment_row, role_id), 0, .column = "role_id"},
    {"user_name", AK_STR, AT(identity_assignment_row, user_name), 0},
    {"user_domain_id", AK_STR, AT(identity_assignment_row, user_domain_id), 0},
    {"user_domain_name", AK_STR, AT(identity_assignment_row, user_domain_name), 0},
    {"scope_name", AK_STR, AT(identity_assignment_row, scope_name), 0},
    {"scope_domain_id", AK_STR, AT(identity_assignment_row, scope_domain_id), 0},
    {"scope_domain_name", AK_STR, AT(identity_assignment_row, scope_domain_name), 0},
    {"role_name", AK_STR, AT(identity_assignment_row, role_name), 0},
    {"role_bit", AK_INT, AT(identity_assignment_row, role_bit), AK_HIDDEN},
};
const struct ak_fields identity_assignment_fields =
    AK_FIELDS("role_assignment", struct identity_assignment_row, assignment_rows);

static const struct ak_field app_credential_role_rows[] = {
    {"id", AK_STR, AT(identity_role_row, id), AK_CREATE, .max = 64, .doc = "id of the role"},
    {"name", AK_STR, AT(identity_role_row, name), AK_CREATE, .doc = "or its name"},
    {"domain_id", AK_STR, AT(identity_role_row, domain_id), 0, .doc = "always null"},
};
static const struct ak_fields app_credential_role_fields =
    AK_FIELDS("role", struct identity_role_row, app_credential_role_rows);

static const struct ak_field app_credential_rows[] = {
    {"id", AK_STR, AT(identity_app_credential_row, id), AK_FILTER | AK_SORT,
     .doc = "id of the credential"},
    {"name", AK_STR, AT(identity_app_credential_row, name), AK_CREATE | AK_REQUIRED | AK_FILTER,
     .min = 1, .max = 255, .doc = "unique among the user's"},
    {"description", AK_STR, AT(identity_app_credential_row, description), AK_CREATE | AK_NULLABLE,
     .max = 1024, .doc = "for people"},
    {"project_id", AK_STR, AT(identity_app_credential_row, project_id), 0,
     .doc = "the project it is good for: that of the token that made it"},
    {"roles", AK_LIST, AT(identity_app_credential_row, roles), AK_CREATE, .column = "",
     .sub = &app_credential_role_fields, .max = 32, .doc = "roles it carries; default: all"},
    {"expires_at", AK_TIME, AT(identity_app_credential_row, expires_us), AK_CREATE | AK_NULLABLE,
     .column = "expires_us", .time_format = AK_TIME_NAIVE_US, .doc = "null: never"},
    {"unrestricted", AK_BOOL, AT(identity_app_credential_row, unrestricted), AK_CREATE,
     .doc = "true: may make and remove other credentials"},
    {"secret", AK_STR, AT(identity_app_credential_row, secret), AK_CREATE | AK_OMIT_NULL,
     .column = "", .min = 16, .max = 128, .doc = "shown once, at creation; made when not given"},
    {"secret_hash", AK_STR, AT(identity_app_credential_row, secret_hash), AK_SECRET},
    {"user_id", AK_STR, AT(identity_app_credential_row, user_id), AK_HIDDEN},
    LINKS(identity_app_credential_row),
};
const struct ak_fields identity_app_credential_fields = AK_FIELDS_GIVEN(
    "application_credential", struct identity_app_credential_row, app_credential_rows);

/* Rows that only the database fills. */
static const struct ak_field token_rows[] = {
    {"hash", AK_STR, AT(identity_token_row, hash), AK_SECRET},
    {"user_id", AK_STR, AT(identity_token_row, user_id), 0},
    {"project_id", AK_STR, AT(identity_token_row, project_id), 0},
    {"domain_id", AK_STR, AT(identity_token_row, domain_id), 0},
    {"app_credential_id", AK_STR, AT(identity_token_row, app_credential_id), 0},
    {"methods", AK_LIST, AT(identity_token_row, methods), 0},
    {"audit_ids", AK_LIST, AT(identity_token_row, audit_ids), 0},
    {"issued_us", AK_TIME, AT(identity_token_row, issued_us), 0},
    {"expires_us", AK_TIME, AT(identity_token_row, expires_us), 0},
    {"proved_us", AK_INT, AT(identity_token_row, proved_us), AK_HIDDEN},
    {"user_name", AK_STR, AT(identity_token_row, user_name), 0},
    {"user_domain_id", AK_STR, AT(identity_token_row, user_domain_id), 0},
    {"user_domain_name", AK_STR, AT(identity_token_row, user_domain_name), 0},
    {"password_expires_us", AK_TIME, AT(identity_token_row, password_expires_us), 0},
    {"project_name", AK_STR, AT(identity_token_row, project_name), 0},
    {"project_domain_id", AK_STR, AT(identity_token_row, project_domain_id), 0},
    {"project_domain_name", AK_STR, AT(identity_token_row, project_domain_name), 0},
    {"domain_name", AK_STR, AT(identity_token_row, domain_name), 0},
    {"app_credential_name", AK_STR, AT(identity_token_row, app_credential_name), 0},
    {"app_credential_unrestricted", AK_BOOL, AT(identity_token_row, app_credential_unrestricted),
     0},
    {"project_bits", AK_INT, AT(identity_token_row, project_bits), 0},
    {"domain_bits", AK_INT, AT(identity_token_row, domain_bits), 0},
};
const struct ak_fields identity_token_fields =
    AK_FIELDS("token", struct identity_token_row, token_rows);

static const struct ak_field principal_rows[] = {
    {"hash", AK_STR, AT(identity_principal_row, hash), AK_SECRET},
    {"user_id", AK_STR, AT(identity_principal_row, user_id), 0},
    {"user_name", AK_STR, AT(identity_principal_row, user_name), 0},
    {"user_domain_id", AK_STR, AT(identity_principal_row, user_domain_id), 0},
    {"project_id", AK_STR, AT(identity_principal_row, project_id), 0},
    {"project_name", AK_STR, AT(identity_principal_row, project_name), 0},
    {"domain_id", AK_STR, AT(identity_principal_row, domain_id), 0},
    {"app_credential_id", AK_STR, AT(identity_principal_row, app_credential_id), 0},
    {"session_id", AK_STR, AT(identity_principal_row, session_id), 0},
    {"proved_us", AK_INT, AT(identity_principal_row, proved_us), 0},
    {"totp", AK_INT, AT(identity_principal_row, totp), 0},
    {"passkeys", AK_INT, AT(identity_principal_row, passkeys), 0},
    {"staff", AK_INT, AT(identity_principal_row, staff), 0},
    {"must_change", AK_BOOL, AT(identity_principal_row, must_change), 0},
    {"mfa_exempt", AK_BOOL, AT(identity_principal_row, mfa_exempt), 0},
    {"expires_us", AK_INT, AT(identity_principal_row, expires_us), 0},
    {"cloud_admin", AK_BOOL, AT(identity_principal_row, cloud_admin), 0},
    {"project_bits", AK_INT, AT(identity_principal_row, project_bits), 0},
    {"domain_bits", AK_INT, AT(identity_principal_row, domain_bits), 0},
    {"app_credential_bits", AK_INT, AT(identity_principal_row, app_credential_bits), 0},
    {"class_name", AK_STR, AT(identity_principal_row, class_name), 0},
    {"class_bits", AK_INT, AT(identity_principal_row, class_bits), 0},
    {"sources", AK_STR, AT(identity_principal_row, sources), 0},
    {"timed_bits", AK_INT, AT(identity_principal_row, timed_bits), 0},
    {"timed_change_us", AK_INT, AT(identity_principal_row, timed_change_us), 0},
};
const struct ak_fields identity_principal_fields =
    AK_FIELDS("principal", struct identity_principal_row, principal_rows);

/* The login body. */
static const struct ak_field ref_domain_rows[] = {
    {"id", AK_STR, AT(identity_ref, id), AK_CREATE, .max = 64, .doc = "id of the domain"},
    {"name", AK_STR, AT(identity_ref, name), AK_CREATE, .max = 64, .doc = "or its name"},
};
static const struct ak_fields ref_domain_fields =
    AK_FIELDS("domain", struct identity_ref, ref_domain_rows);

static const struct ak_field ref_project_rows[] = {
    {"id", AK_STR, AT(identity_ref, id), AK_CREATE, .max = 64, .doc = "id of the project"},
    {"name", AK_STR, AT(identity_ref, name), AK_CREATE, .max = 64, .doc = "or its name"},
    {"domain", AK_OBJECT, AT(identity_ref, domain), AK_CREATE, .sub = &ref_domain_fields,
     .doc = "domain of the name"},
};
static const struct ak_fields ref_project_fields =
    AK_FIELDS("project", struct identity_ref, ref_project_rows);

static const struct ak_field ref_token_rows[] = {
    {"id", AK_STR, AT(identity_ref, id), AK_CREATE | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "the token"},
};
static const struct ak_fields ref_token_fields =
    AK_FIELDS("token", struct identity_ref, ref_token_rows);

static const struct ak_field auth_user_rows[] = {
    {"id", AK_STR, AT(identity_auth_user, id), AK_CREATE, .max = 64, .doc = "id of the user"},
    {"name", AK_STR, AT(identity_auth_user, name), AK_CREATE, .doc = "or its name"},
    {"domain", AK_OBJECT, AT(identity_auth_user, domain), AK_CREATE, .sub = &ref_domain_fields,
     .doc = "domain of the name"},
    {"password", AK_STR, AT(identity_auth_user, password), AK_CREATE | AK_SECRET, .max = 128,
     .doc = "the password"},
    {"passcode", AK_STR, AT(identity_auth_user, passcode), AK_CREATE | AK_SECRET, .max = 64,
     .doc = "for the method totp: the code shown now, or a recovery code"},
};
static const struct ak_fields auth_user_fields =
    AK_FIELDS("user", struct identity_auth_user, auth_user_rows);

static const struct ak_field auth_password_rows[] = {
    {"user", AK_OBJECT, AT(identity_auth_password, user), AK_CREATE | AK_REQUIRED,
     .sub = &auth_user_fields, .doc = "who comes in"},
};
static const struct ak_fields auth_password_fields =
    AK_FIELDS("password", struct identity_auth_password, auth_password_rows);

static const struct ak_fields auth_totp_fields =
    AK_FIELDS("totp", struct identity_auth_password, auth_password_rows);

static const struct ak_field auth_app_credential_rows[] = {
    {"id", AK_STR, AT(identity_auth_app_credential, id), AK_CREATE, .max = 64,
     .doc = "id of the credential"},
    {"name", AK_STR, AT(identity_auth_app_credential, name), AK_CREATE,
     .doc = "or its name, with the user"},
    {"user", AK_OBJECT, AT(identity_auth_app_credential, user), AK_CREATE, .sub = &auth_user_fields,
     .doc = "owner of the name"},
    {"secret", AK_STR, AT(identity_auth_app_credential, secret),
     AK_CREATE | AK_REQUIRED | AK_SECRET, .max = 128, .doc = "the secret"},
};
static const struct ak_fields auth_app_credential_fields = AK_FIELDS(
    "application_credential", struct identity_auth_app_credential, auth_app_credential_rows);

static const struct ak_field auth_identity_rows[] = {
    {"methods", AK_LIST, AT(identity_auth_identity, methods), AK_CREATE | AK_REQUIRED, .max = 8,
     .doc = "password, totp, token, application_credential; all named must succeed"},
    {"password", AK_OBJECT, AT(identity_auth_identity, password), AK_CREATE,
     .sub = &auth_password_fields, .doc = "for the method password"},
    {"totp", AK_OBJECT, AT(identity_auth_identity, totp), AK_CREATE, .sub = &auth_totp_fields,
     .doc = "for the method totp"},
    {"token", AK_OBJECT, AT(identity_auth_identity, token), AK_CREATE, .sub = &ref_token_fields,
     .doc = "for the method token"},
    {"application_credential", AK_OBJECT, AT(identity_auth_identity, application_credential),
     AK_CREATE, .sub = &auth_app_credential_fields, .doc = "for the method of that name"},
};
static const struct ak_fields auth_identity_fields =
    AK_FIELDS("identity", struct identity_auth_identity, auth_identity_rows);

static const struct ak_field auth_rows[] = {
    {"identity", AK_OBJECT, AT(identity_auth_body, identity), AK_CREATE | AK_REQUIRED,
     .sub = &auth_identity_fields, .doc = "who comes in, and by what"},
    {"scope", AK_JSON, AT(identity_auth_body, scope), AK_CREATE, .max = 4096,
     .doc = "project or domain, or \"unscoped\"; default: the user's default project"},
};
const struct ak_fields identity_auth_fields =
    AK_FIELDS("auth", struct identity_auth_body, auth_rows);

static const struct ak_field scope_system_rows[] = {
    {"all", AK_BOOL, AT(identity_scope_system, all), AK_CREATE, .doc = "the whole system"},
};
static const struct ak_fields scope_system_fields =
    AK_FIELDS("system", struct identity_scope_system, scope_system_rows);

static const struct ak_field scope_rows[] = {
    {"project", AK_OBJECT, AT(identity_scope_body, project), AK_CREATE, .sub = &ref_project_fields,
     .doc = "a project"},
    {"domain", AK_OBJECT, AT(identity_scope_body, domain), AK_CREATE, .sub = &ref_domain_fields,
     .doc = "a domain"},
    {"system", AK_OBJECT, AT(identity_scope_body, system), AK_CREATE, .sub = &scope_system_fields,
     .doc = "refused: there is no such scope here"},
    {"unscoped", AK_JSON, AT(identity_scope_body, unscoped), AK_CREATE, .max = 16,
     .doc = "no scope at all"},
};
const struct ak_fields identity_scope_fields =
    AK_FIELDS("scope", struct identity_scope_body, scope_rows);

struct identity_user_options identity_user_options_of(const struct identity_user_row *user)
{
    struct identity_user_options options = {0};
    struct ak_fields_mode mode = {.accept = AK_UPDATE};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_JSON json = NULL;
    struct ak_error err = {0};

    if (user->options && ak_json_parse(user->options, strlen(user->options), &json, &err) == 0) {
        (void)ak_fields_parse(&identity_user_options_fields, json, &mode, arena, &options, &err);
    }
    return options;
}

int identity_user_options_merge(struct ak_arena *arena, const char *stored, const char *change,
                                const char **ret_options, struct ak_error *err)
{
    const struct identity_user_row row = {.options = stored};
    struct identity_user_options options = identity_user_options_of(&row), changed = {0};
    struct ak_fields_mode mode = {.accept = AK_UPDATE};
    AK_AUTO_JSON json = NULL;
    AK_AUTO_BUF text = {0};
    struct ak_json w;
    int rc = 0;

    if (change) {
        rc = ak_json_parse(change, strlen(change), &json, err);
        if (rc == 0) {
            rc = ak_fields_parse(&identity_user_options_fields, json, &mode, arena, &changed, err);
        }
        if (rc < 0) {
            return rc;
        }
        ak_fields_merge(&identity_user_options_fields, &options, &changed);
    }
    ak_buf_init(&text, 1024);
    w = ak_json_on(&text);
    ak_fields_render_object(&identity_user_options_fields, &options, &mode, &w);
    *ret_options = ak_arena_strdup(arena, text.data);
    return 0;
}
