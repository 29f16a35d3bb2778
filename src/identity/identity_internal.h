/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IDENTITY_INTERNAL_H
#define AK_IDENTITY_INTERNAL_H
/* Private to src/identity: rows, field tables, and who calls whom.
 *
 *   *_api.c  parse, call, render       *_service.c  rules (no JSON, no SQL)
 *   *_store.c  statements              identity_fields.c  the field tables of the rows below
 *
 * Strings of rows live in the arena given. Services work inside the transaction given and never
 * hash a password there: that takes 40 ms, and writers of SQLite take turns. */
#include "identity/identity.h"

struct identity_user_row;

/* Whose people (identity_customer.c) -------------------------------------------------------------
 */

/* A customer that a domain, a project or a user belongs to; any may be NULL. */
struct identity_whose {
    const char *domain_id, *project_id, *user_id;
};
struct identity_customer {
    const char *project_id, *number /* of the contract */, *language;
};
/* Empty: nobody's who has a contract. */
int identity_customer_find(struct ak_tx *tx, struct ak_arena *arena,
                           const struct identity_whose *whose, struct ak_list *ret_customers,
                           struct ak_error *err);
/* As above; AK_OPERATOR_BLIND when the caller may not act in the name of one of them. */
int identity_customer_enter(struct ak_request *req, struct ak_tx *tx,
                            const struct identity_whose *whose, struct ak_list *ret_customers,
                            struct ak_error *err);
/* Of the first: in whose event log it is seen. NULL: of none. */
const char *identity_customer_project(const struct ak_list *customers);
/* Mails the masters of the customers, and the account's owner, what the provider has done to it. */
struct identity_told {
    const char *template;
    const struct identity_user_row *user;
    const char *actor_name;
    int64_t at_us; /* filled */
};
int identity_customer_tell(struct ak_tx *tx, struct ak_arena *arena,
                           const struct ak_list *customers, struct identity_told what,
                           struct ak_error *err);

/* Rows ---------------------------------------------------------------------------------------- */

struct identity_links {
    const char *self;
};

struct identity_domain_row {
    const char *id, *name, *description;
    const char *options; /* always {} */
    bool enabled;
    struct identity_links *links;
    struct ak_given given;
};

struct identity_project_row {
    const char *id, *domain_id, *parent_id, *name, *description;
    const char *options; /* always {} */
    struct ak_list tags;
    bool enabled, is_domain;
    bool cloud_admin; /* role admin here is the cloud administrator */
    struct identity_links *links;
    struct ak_given given;
};

struct identity_user_row {
    const char *id, *domain_id, *name, *description, *email, *default_project_id;
    const char *options;  /* JSON object of struct identity_user_options */
    const char *password; /* from a body only */
    const char *original_password;
    const char *password_hash;
    const char *language; /* ja en: of mails to it; NULL: its customer's */
    int64_t password_changed_us, password_expires_us; /* 0: never */
    int64_t failures, failed_us;
    bool must_change; /* the password is a one-time one */
    bool enabled, domain_enabled;
    struct identity_links *links;
    struct ak_given given;
};

struct identity_user_options {
    bool ignore_lockout_failure_attempts, ignore_password_expiry, lock_password;
    bool ignore_change_password_upon_first_use; /* accepted: one-time passwords are changed all the
                                                   same */
    struct ak_given given;
};

struct identity_role_row {
    const char *id, *name, *description, *domain_id;
    const char *options; /* always {} */
    int64_t bit;         /* enum ak_role, or 0: a name only */
    struct identity_links *links;
    struct ak_given given;
};

struct identity_assignment_row {
    const char *id; /* user, scope and role id, for paging */
    const char *user_id, *project_id, *domain_id, *role_id;
    const char *user_name, *user_domain_id, *user_domain_name;
    const char *scope_name, *scope_domain_id, *scope_domain_name;
    const char *role_name;
    int64_t role_bit;
};

struct identity_app_credential_row {
    const char *id, *user_id, *project_id, *name, *description;
    const char *secret, *secret_hash;
    int64_t expires_us; /* 0: never */
    bool unrestricted;
    struct ak_list roles; /* struct identity_role_row */
    struct identity_links *links;
    struct ak_given given;
};

struct identity_token_row {
    const char *hash, *user_id, *project_id, *domain_id, *app_credential_id;
    struct ak_list methods, audit_ids;
    int64_t issued_us, expires_us, proved_us;
    const char *user_name, *user_domain_id, *user_domain_name;
    const char *project_name, *project_domain_id, *project_domain_name, *domain_name;
    const char *app_credential_name;
    bool app_credential_unrestricted;
    int64_t password_expires_us;
    const char *session_id, *source, *listener, *user_agent; /* written only */
    int64_t project_bits,
        domain_bits; /* as in identity_principal_row; 0 before the token is stored */
};

/* What the hot path reads: see token_principal. */
struct identity_principal_row {
    const char *hash, *user_id, *user_name, *user_domain_id, *project_id, *project_name, *domain_id,
        *app_credential_id, *session_id;
    int64_t expires_us, proved_us;
    bool cloud_admin;
    int64_t totp, passkeys, staff; /* how many of the user */
    bool must_change, mfa_exempt;
    int64_t project_bits, domain_bits,
        app_credential_bits; /* enum ak_role, plus 65536 for each role */
    const char *class_name;  /* service class of the project, NULL: none */
    int64_t class_bits;      /* sum of identity_project_verb.bits */
    const char *sources;     /* JSON array of CIDRs, NULL = any */
    int64_t timed_bits;      /* enum ak_role of the roles for a limited time that are in force */
    int64_t timed_change_us; /* when the next of them begins or ends; 0 = there is none */
};

/* A small body: {"id": …, "name": …} as Keystone refers to things. */
struct identity_ref {
    const char *id, *name;
    struct identity_ref *domain;
};

struct identity_auth_user {
    const char *id, *name, *password, *passcode;
    struct identity_ref *domain;
};
struct identity_auth_password {
    struct identity_auth_user *user;
};
struct identity_auth_app_credential {
    const char *id, *name, *secret;
    struct identity_auth_user *user;
};
struct identity_auth_identity {
    struct ak_list methods;
    struct identity_auth_password *password, *totp;
    struct identity_ref *token;
    struct identity_auth_app_credential *application_credential;
};
struct identity_auth_body {
    struct identity_auth_identity *identity;
    const char *scope; /* JSON text; NULL when absent */
};
struct identity_scope_system {
    bool all;
};
struct identity_scope_body {
    struct identity_ref *project, *domain;
    struct identity_scope_system *system;
    const char *unscoped;
};

extern const struct ak_fields identity_domain_fields, identity_project_fields, identity_user_fields,
    identity_role_fields, identity_assignment_fields, identity_app_credential_fields,
    identity_token_fields, identity_principal_fields, identity_auth_fields, identity_scope_fields,
    identity_user_password_fields, identity_user_options_fields;

/* Schedules and handlers ---------------------------------------------------------------------- */

extern const struct ak_schedule *const identity_schedules[];

/* Handlers, by the route table. */
ak_handler_fn identity_versions_handler, identity_version_handler, identity_auth_handler,
    identity_token_show_handler, identity_token_delete_handler, identity_auth_catalog_handler,
    identity_auth_projects_handler, identity_auth_domains_handler;
ak_handler_fn identity_region_list_handler, identity_region_show_handler,
    identity_service_list_handler, identity_service_show_handler, identity_endpoint_list_handler,
    identity_endpoint_show_handler;
ak_handler_fn identity_domain_list_handler, identity_domain_show_handler,
    identity_domain_create_handler, identity_domain_update_handler, identity_domain_delete_handler;
ak_handler_fn identity_project_list_handler, identity_project_show_handler,
    identity_project_create_handler, identity_project_update_handler,
    identity_project_delete_handler;
ak_handler_fn identity_user_list_handler, identity_user_show_handler, identity_user_create_handler,
    identity_user_update_handler, identity_user_delete_handler, identity_user_projects_handler,
    identity_user_groups_handler, identity_user_password_handler, identity_group_list_handler,
    identity_group_show_handler;
ak_handler_fn identity_role_list_handler, identity_role_show_handler, identity_role_create_handler,
    identity_role_update_handler, identity_role_delete_handler, identity_role_inferences_handler;
ak_handler_fn identity_grant_list_handler, identity_grant_check_handler,
    identity_grant_create_handler, identity_grant_delete_handler, identity_assignment_list_handler;
ak_handler_fn identity_app_credential_list_handler, identity_app_credential_show_handler,
    identity_app_credential_create_handler, identity_app_credential_delete_handler;

/* Rendering (identity_render.c) --------------------------------------------------------------- */

/* {"envelope": {…, "links": {"self": base/identity/v3/<collection>/<id>}}}; 'row' is of 'fields',
 * which has the members id and links. */
void identity_reply_object(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                           const char *collection, const struct ak_fields *fields, void *row);
/* {"envelope": [{…}, …], "links": {…}}; cut to query->limit, "next" when there is more. */
void identity_reply_list(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                         const char *collection, const struct ak_fields *fields,
                         const struct ak_query *query, struct ak_list *list);
/* The "links" member of a list of everything. */
void identity_reply_links(struct ak_request *req, struct ak_reply *reply);
/* Reads the list parameters of Keystone's lists: filters of the table, limit, marker. */
int identity_query(struct ak_request *req, const struct ak_fields *fields,
                   struct ak_query *ret_query, struct ak_error *err);

/* Members of a token's answer (identity_auth_api.c). */
void identity_write_ref(struct ak_json *w, const char *key, const char *id, const char *name);
void identity_write_strings(struct ak_json *w, const char *key, const struct ak_list *list);

/* The catalog (identity_catalog_api.c): writes the array. */
void identity_catalog_write(struct ak_request *req, struct ak_json *w);

/* The cache of tokens (identity_cache.c) ------------------------------------------------------ */

/* What is known of a token at that version, copied into the arena; '*ret_shown' the answer to its
 * validation for 'base_url' (may be NULL), or NULL. */
bool identity_cache_get(const char *hash, int64_t version, const char *base_url,
                        struct ak_arena *arena, struct identity_principal_row *ret_row,
                        const char **ret_shown);
void identity_cache_put(const char *hash, int64_t version,
                        const struct identity_principal_row *row);
/* 'shown' is JSON; kept only while the token itself is. */
void identity_cache_put_shown(const char *hash, int64_t version, const char *base_url,
                              const char *shown);

/* Rights (identity_rights.c) ------------------------------------------------------------------ */

/* admin > manager > member > reader, privileged > operator > reader, and reader by each other role
 * of the staff: the set with what it implies. */
unsigned identity_roles_expand(unsigned bits);
/* Whether the cloud administrator exists on this listener: on the management listener, elsewhere
 * by the setting identity_admin_on_customer_listener only. */
bool identity_admin_allowed(const struct ak_request *req);
/* A caller as authentication makes it: req->principal of every route with a token is one. */
struct identity_caller {
    struct ak_principal principal;
    int64_t version; /* at which it was read */
    const char *session_id, *app_credential_id;
    int64_t totp, passkeys;
    int64_t proved_us; /* when a password, code or passkey was last given; 0: never */
    bool staff, mfa_needed;
    const char *shown; /* the answer to its validation, when it is remembered */
};
static inline const struct identity_caller *identity_caller_of(const struct ak_principal *principal)
{
    return (const struct identity_caller *)(const void *)principal;
}
/* Resolves a token by its hash: AK_UNAUTHORIZED when it is not valid now, here. 'tx' must be a read
 * transaction: what a write transaction sees may never be committed, and is not to be remembered.
 */
int identity_principal_load(struct ak_request *req, struct ak_tx *tx, const char *hash,
                            const struct ak_principal **ret_principal, struct ak_error *err);
/* The roles of a stored token, implied ones included, by name: struct identity_role_row. */
int identity_token_roles(struct ak_tx *tx, struct ak_arena *arena,
                         const struct identity_token_row *token, struct ak_list *ret_roles,
                         struct ak_error *err);
/* Whether the caller is the user or the cloud administrator; else AK_OBJECT_NOT_FOUND, so that
 * nobody learns which ids exist. */
int identity_require_self(const struct ak_request *req, const char *user_id, struct ak_error *err);

/* Services ------------------------------------------------------------------------------------ */

/* What a login asks for. */
enum identity_scope_kind {
    IDENTITY_SCOPE_DEFAULT, /* the user's default project, else none */
    IDENTITY_SCOPE_NONE,
    IDENTITY_SCOPE_PROJECT,
    IDENTITY_SCOPE_DOMAIN,
    IDENTITY_SCOPE_SYSTEM /* refused */
};
struct identity_scope {
    enum identity_scope_kind kind;
    const struct identity_ref *ref; /* project or domain */
};
/* Checks a secret under throttle and lock-out: 0, AK_UNAUTHORIZED, AK_TOO_MANY_REQUESTS. Takes the
 * same time for users that do not exist ('user' NULL), are disabled or locked. A failure is
 * recorded in a transaction of its own, and counts towards the lock when 'counts'. */
int identity_secret_check(struct ak_request *req, const struct identity_user_row *user,
                          const char *name, const char *hash, const char *secret, bool counts,
                          struct ak_error *err);
/* The options of a user, as a struct (identity_fields.c). */
struct identity_user_options identity_user_options_of(const struct identity_user_row *user);
/* 'change' (JSON of a body, or NULL) onto 'stored' (or NULL), as it is stored; null removes one. */
int identity_user_options_merge(struct ak_arena *arena, const char *stored, const char *change,
                                const char **ret_options, struct ak_error *err);
/* Lock-out (identity_lock.c): whether wrong secrets have locked the user out at the caller's
 * address now. 'tx' NULL: reads by itself. */
int identity_user_locked(struct ak_request *req, struct ak_tx *tx,
                         const struct identity_user_row *user, bool *ret_locked,
                         struct ak_error *err);
/* Counts a wrong secret / forgets those of the caller's address, which is the user's own now. */
int identity_user_failed(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                         struct ak_error *err);
int identity_user_succeeded(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                            struct ak_error *err);
int identity_source_store_forget(struct ak_tx *tx, const char *user_id, struct ak_error *err);
int identity_source_store_purge(struct ak_tx *tx, int64_t now_us, struct ak_error *err);
struct identity_source_row {
    int64_t failures, failed_us, succeeded_us;
};
/* The address as failures are counted by: of IPv6 the first 64 bits. */
#define IDENTITY_SOURCE 64
void identity_source_key(const char *source, char ret_key[IDENTITY_SOURCE]);

/* Counts failures per source address (an IPv6 /64 is one source); in this process only.
 * AK_TOO_MANY_REQUESTS once 'per_minute' failures were seen within a minute. */
int identity_throttle_check(const char *source, int64_t per_minute, struct ak_error *err);
void identity_throttle_failed(const char *source);

/* The domain that always is, and whose id is its name in small letters. */
#define IDENTITY_DEFAULT_DOMAIN "default"

/* Creating fills in id and defaults and reads the row back; changing applies the members that the
 * body 'change' held. AK_OBJECT_NOT_FOUND, AK_ALREADY_EXISTS, AK_IDENTITY_FIXED, AK_FIELD_VALUE,
 * AK_STORE_REFERENCED (a project that still owns something). */
int identity_domain_create(struct ak_tx *tx, struct ak_arena *arena,
                           struct identity_domain_row *domain, struct ak_error *err);
int identity_domain_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           const struct identity_domain_row *change,
                           struct identity_domain_row *ret_domain, struct ak_error *err);
int identity_domain_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct ak_error *err);
int identity_project_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct identity_project_row *project, struct ak_error *err);
int identity_project_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct identity_project_row *change,
                            struct identity_project_row *ret_project, struct ak_error *err);
int identity_project_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct ak_error *err);

/* Whether the password is a one-time one that was not used in time: it is good for nothing. */
bool identity_initial_expired(const struct identity_user_row *user);
/* The rules for a new password: length, not the user's name, not a common one.
 * AK_PASSWORD_SHORT, AK_PASSWORD_NAME, AK_PASSWORD_COMMON. 'name' may be NULL. */
int identity_password_check(const struct ak_config *config, const char *name, const char *password,
                            struct ak_error *err);
/* The check, then the hash. Blocks for a password hash. */
int identity_password_make(const struct ak_config *config, const char *name, const char *password,
                           char ret_hash[AK_PASSWORD_HASH_MAX], struct ak_error *err);
/* 'user->password_hash' must be filled already (or NULL: no password). */
int identity_user_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         struct identity_user_row *user, struct ak_error *err);
/* 'hash' NULL: the password stays. */
int identity_user_change(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const char *id, const struct identity_user_row *change, const char *hash,
                         struct identity_user_row *ret_user, struct ak_error *err);
int identity_user_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_error *err);
/* A user's own change. Opens transactions of its own for reading; commits with the audit event. */
int identity_user_change_own_password(struct ak_request *req, const char *id, const char *original,
                                      const char *password, struct ak_error *err);
/* Stores a new hash, remembers the old one, ends all sessions. What it was before, one-time or not,
 * it is the user's own now. */
int identity_user_store_password(struct ak_tx *tx, const struct ak_config *config,
                                 const struct identity_user_row *user, const char *hash,
                                 struct ak_error *err);

int identity_role_create(struct ak_tx *tx, struct ak_arena *arena, struct identity_role_row *role,
                         struct ak_error *err);
int identity_role_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         const struct identity_role_row *change, struct identity_role_row *ret_role,
                         struct ak_error *err);
int identity_role_remove(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         struct ak_error *err);

/* A role of a user on a project or a domain (exactly one of the two is given). */
struct identity_grant {
    const char *user_id, *project_id, *domain_id, *role_id;
};
/* Whether user, scope and role (NULL: not asked) exist: AK_OBJECT_NOT_FOUND. */
int identity_grant_check(struct ak_tx *tx, struct ak_arena *arena,
                         const struct identity_grant *grant, struct ak_error *err);
/* Notes that the caller had somebody else's account in hand; for a grant: of the provider's people.
 */
int identity_user_entrust(struct ak_request *req, struct ak_tx *tx, const char *user_id,
                          struct ak_error *err);
int identity_grant_entrust(struct ak_request *req, struct ak_tx *tx,
                           const struct identity_grant *grant, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND for whatever does not exist. Granting twice is all right. */
int identity_grant_add(struct ak_tx *tx, struct ak_arena *arena, const struct identity_grant *grant,
                       struct ak_error *err);
/* Ends the user's sessions on that scope. */
int identity_grant_remove(struct ak_tx *tx, struct ak_arena *arena,
                          const struct identity_grant *grant, struct ak_error *err);
/* The list, each row followed by one for every role that its role implies. */
int identity_assignments_effective(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct ak_list *rows, struct ak_list *ret_rows,
                                   struct ak_error *err);

/* 'credential->secret_hash' must be filled; roles by id or name, default: all of the caller. */
int identity_app_credential_create(struct ak_request *req, struct ak_tx *tx,
                                   struct identity_app_credential_row *credential,
                                   struct ak_error *err);
/* An application credential that is not 'unrestricted' may not make or remove others. */
int identity_app_credential_may_manage(struct ak_request *req, struct ak_tx *tx,
                                       struct ak_error *err);

/* Store --------------------------------------------------------------------------------------- */
/* One function a statement of identity.sql; what is not there is AK_OBJECT_NOT_FOUND naming it. */

int identity_domain_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct identity_domain_row *ret, struct ak_error *err);
int identity_domain_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                                       struct identity_domain_row *ret, struct ak_error *err);
/* 'user_id' NULL: all domains; else those the user has a role on. */
int identity_domain_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                               const struct ak_query *query, struct ak_list *ret,
                               struct ak_error *err);
int identity_domain_store_insert(struct ak_tx *tx, const struct identity_domain_row *row,
                                 struct ak_error *err);
int identity_user_store_language(struct ak_tx *tx, const char *id, const char *language,
                                 struct ak_error *err);
int identity_domain_store_set_customer(struct ak_tx *tx, const char *id, const char *language,
                                       struct ak_error *err);
int identity_domain_store_update(struct ak_tx *tx, const struct identity_domain_row *row,
                                 struct ak_error *err);
int identity_domain_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err);
int identity_domain_store_members(struct ak_tx *tx, const char *id, int64_t *ret_n,
                                  struct ak_error *err);

int identity_project_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct identity_project_row *ret, struct ak_error *err);
int identity_project_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                        const char *domain_id, const char *name,
                                        struct identity_project_row *ret, struct ak_error *err);
/* 'user_id' NULL: all projects. */
int identity_project_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err);
int identity_project_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_project_row *row, struct ak_error *err);
int identity_project_store_update(struct ak_tx *tx, struct ak_arena *arena,
                                  const struct identity_project_row *row, struct ak_error *err);
int identity_project_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err);

int identity_user_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct identity_user_row *ret, struct ak_error *err);
int identity_user_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *domain_id, const char *name,
                                     struct identity_user_row *ret, struct ak_error *err);
int identity_user_store_load_by_domain_name(struct ak_tx *tx, struct ak_arena *arena,
                                            const char *domain_name, const char *name,
                                            struct identity_user_row *ret, struct ak_error *err);
int identity_user_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err);
int identity_user_store_insert(struct ak_tx *tx, const struct identity_user_row *row,
                               struct ak_error *err);
int identity_user_store_update(struct ak_tx *tx, const struct identity_user_row *row,
                               struct ak_error *err);
int identity_user_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err);
int identity_user_store_set_password(struct ak_tx *tx, const char *id, const char *hash,
                                     int64_t changed_us, int64_t expires_us, bool must_change,
                                     struct ak_error *err);
int identity_user_store_logged_in(struct ak_tx *tx, const char *id, int64_t now_us,
                                  struct ak_error *err);
int identity_user_store_exempt(struct ak_tx *tx, const char *id, bool exempt, struct ak_error *err);
/* One more failure; the first again when the last was before 'since_us'. */
int identity_user_store_count_failure(struct ak_tx *tx, const char *id, int64_t now_us,
                                      int64_t since_us, struct ak_error *err);
int identity_user_store_is_cloud_admin(struct ak_tx *tx, const char *id, bool *ret_is,
                                       struct ak_error *err);
/* The 'n' last hashes before the present one, newest first: const char *. */
int identity_password_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                                 int64_t n, struct ak_list *ret, struct ak_error *err);
/* Remembers a hash and forgets all but the last 'keep'. */
int identity_password_store_add(struct ak_tx *tx, const char *user_id, const char *hash,
                                int64_t keep, struct ak_error *err);

int identity_role_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct identity_role_row *ret, struct ak_error *err);
int identity_role_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                                     struct identity_role_row *ret, struct ak_error *err);
int identity_role_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err);
int identity_role_store_all(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                            struct ak_error *err);
int identity_role_store_insert(struct ak_tx *tx, const struct identity_role_row *row,
                               struct ak_error *err);
int identity_role_store_update(struct ak_tx *tx, const struct identity_role_row *row,
                               struct ak_error *err);
int identity_role_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err);

int identity_grant_store_list(struct ak_tx *tx, struct ak_arena *arena,
                              const struct identity_grant *grant, struct ak_list *ret,
                              struct ak_error *err);
int identity_grant_store_insert(struct ak_tx *tx, const struct identity_grant *grant,
                                struct ak_error *err);
int identity_grant_store_delete(struct ak_tx *tx, const struct identity_grant *grant,
                                int64_t *ret_n, struct ak_error *err);
int identity_assignment_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                   const struct ak_query *query, struct ak_list *ret,
                                   struct ak_error *err);

int identity_app_credential_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                       struct identity_app_credential_row *ret,
                                       struct ak_error *err);
int identity_app_credential_store_load_by_name(struct ak_tx *tx, struct ak_arena *arena,
                                               const char *user_id, const char *name,
                                               struct identity_app_credential_row *ret,
                                               struct ak_error *err);
int identity_app_credential_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                       const char *user_id, const struct ak_query *query,
                                       struct ak_list *ret, struct ak_error *err);
int identity_app_credential_store_roles(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                        struct ak_list *ret, struct ak_error *err);
int identity_app_credential_store_insert(struct ak_tx *tx,
                                         const struct identity_app_credential_row *row,
                                         struct ak_error *err);
int identity_app_credential_store_delete(struct ak_tx *tx, const char *user_id, const char *id,
                                         struct ak_error *err);

/* A list of strings as the database has it: a JSON array. */
const char *identity_strings_text(struct ak_arena *arena, const struct ak_list *list);
/* The number of changes of rights so far. */
int identity_version_store_get(struct ak_tx *tx, int64_t *ret_version, struct ak_error *err);
/* Counts a change; 'rc' is the result of the change, which is returned when it failed. */
int identity_version_store_bump(struct ak_tx *tx, int rc, struct ak_error *err);
/* AK_NOT_FOUND when no such token is valid now. */
int identity_token_store_principal(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                                   int64_t now_us, struct identity_principal_row *ret,
                                   struct ak_error *err);
int identity_token_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *hash,
                              struct identity_token_row *ret, struct ak_error *err);
int identity_token_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                const struct identity_token_row *row, struct ak_error *err);
int identity_token_store_delete(struct ak_tx *tx, const char *hash, struct ak_error *err);
enum identity_revoke { IDENTITY_OF_USER, IDENTITY_OF_PROJECT, IDENTITY_OF_DOMAIN };
int identity_token_store_revoke(struct ak_tx *tx, enum identity_revoke what, const char *id,
                                struct ak_error *err);
int identity_token_store_revoke_grant(struct ak_tx *tx, const char *user_id, const char *scope_id,
                                      struct ak_error *err);
int identity_token_store_purge(struct ak_tx *tx, int64_t now_us, int64_t *ret_n,
                               struct ak_error *err);
/* Removes roles for a limited time that are over. */
int identity_timed_role_purge(struct ak_tx *tx, int64_t now_us, int64_t *ret_n,
                              struct ak_error *err);
/* Ends all roles for a limited time in a project. */
int identity_timed_roles_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);
/* Of one user: with a standing role that is taken away or changed, what was given on top ends. */
int identity_timed_roles_clear_user(struct ak_tx *tx, const char *project_id, const char *user_id,
                                    struct ak_error *err);

#endif
