/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IDENTITY_H
#define AK_IDENTITY_H
/* Keystone v3: domains, projects, users, roles, assignments, tokens, catalog; and the one policy
 * table. */
#include "http/http.h"

extern const struct ak_domain identity_domain;
/* Below /service: oneself, second factors, passkeys, a customer's users. */
extern const struct ak_domain identity_service_domain;

/* The server's hooks (struct ak_server_hooks). */
int identity_authenticate(struct ak_request *req, const char *token,
                          const struct ak_principal **ret_principal, struct ak_error *err);
/* As authentication, by the hash of a token (principal->token_hash): whether what was begun with it
 * may go on. */
int identity_authenticate_hash(struct ak_request *req, const char *hash,
                               const struct ak_principal **ret_principal, struct ak_error *err);
int identity_authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                       struct ak_error *err);

/* One row of policy.def. */
enum identity_rule {
    IDENTITY_ANYONE,         /* no token needed */
    IDENTITY_ANY_TOKEN,      /* any valid token, scoped or not */
    IDENTITY_PROJECT_READER, /* role reader or above on the token's project; admin always */
    IDENTITY_PROJECT_MEMBER,
    IDENTITY_PROJECT_MANAGER,
    IDENTITY_ADMIN,      /* the cloud administrator */
    IDENTITY_STAFF,      /* any role of the provider's staff, or admin */
    IDENTITY_OPERATOR,   /* operator, privileged administrator, admin */
    IDENTITY_PRIVILEGED, /* privileged administrator, admin */
    IDENTITY_OFFICER     /* security officer, admin */
};
struct identity_policy {
    const char *name;
    enum identity_rule rule;
    const char *verb; /* row of verbs.def that a service class may withhold, or NULL */
    const char *meaning;
};
extern const struct identity_policy identity_policies[];
extern const size_t identity_policies_n;

/* Verbs of service classes (verbs.def). A project without rows has no class: all is IDENTITY_SELF.
 */
enum identity_mode {
    IDENTITY_SELF,
    IDENTITY_REQUEST,
    IDENTITY_NONE,
    IDENTITY_CONSENT /* self, once the terms of the contract are agreed to */
};
struct identity_verb {
    const char *name;
    const char *request_kind; /* to ask instead, where the mode is IDENTITY_REQUEST */
    const char *title_en, *title_ja;
};
extern const struct identity_verb identity_verbs[];
extern const size_t identity_verbs_n;
/* "self", "request", "none", "consent". */
const char *identity_mode_name(enum identity_mode mode);
/* -1: there is no such verb. */
int identity_verb_find(const char *name);
/* What the class of the caller's project says of identity_verbs[verb]. */
enum identity_mode identity_verb_mode(const struct ak_principal *principal, size_t verb);
/* For handlers whose body asks for more than their policy's verb covers. 0, AK_CLASS_REQUEST,
 * AK_CLASS_NONE. */
int identity_verb_require(const struct ak_principal *principal, const char *verb,
                          struct ak_error *err);
/* The same of a project, for work that is done without a caller. */
int identity_project_verb_mode(struct ak_tx *tx, const char *project_id, size_t verb,
                               enum identity_mode *ret_mode, struct ak_error *err);
/* Writes what the class withholds from the project, in place of what was there: one mode for each
 * of identity_verbs. Counts the identity version, so it holds from the next request on. */
int identity_project_verbs_set(struct ak_tx *tx, const char *project_id, const char *class_name,
                               const enum identity_mode *modes, struct ak_error *err);
/* 'needed': withholds a verb that is the customer's own until the terms are agreed to
 * (AK_CONSENT_NEEDED); else lifts that again. */
int identity_project_verb_consent(struct ak_tx *tx, const char *project_id, const char *verb,
                                  bool needed, struct ak_error *err);
/* The project has no class any more. */
int identity_project_verbs_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);

/* What a project may have besides machines and networks (identity_limit.c): "images" "image_gib"
 * "users" "open_requests" "open_incidents" "requests_hour" "incidents_hour". src/service writes it;
 * who counts the things reads it. 'fallback' where nothing is said; -1 is no limit. */
int identity_project_limit(struct ak_tx *tx, const char *project_id, const char *name,
                           int64_t fallback, int64_t *ret_limit, struct ak_error *err);
/* Whether the project may do once more what the limit 'name' bounds within an hour. 'before' gives
 * when it was done, newest first: $1 project, $2 after, $3 until, $4 how many to pass over. Fails
 * with 'refusal': {0} the seconds to wait, {1} the limit. */
int identity_project_rate_check(struct ak_tx *tx, const char *project_id, const char *name,
                                int64_t fallback, const struct ak_sql *before,
                                enum ak_error_code refusal, struct ak_error *err);
int identity_project_limit_set(struct ak_tx *tx, const char *project_id, const char *name,
                               int64_t limit, struct ak_error *err);
int identity_project_limits_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err);

struct identity_project {
    const char *id, *name, *domain_id;
    bool enabled;
};
/* Whether the user has a role on the project. */
int identity_project_has_user(struct ak_tx *tx, const char *project_id, const char *user_id,
                              bool *ret_has, struct ak_error *err);
/* The roles (enum ak_role) that the user has on the project now, as a token of his would tell;
 * 'project_id' NULL: those of the staff. None when he, or where he acts, is gone or disabled. */
int identity_user_roles(struct ak_tx *tx, const char *user_id, const char *project_id,
                        unsigned *ret_roles, struct ak_error *err);
/* The user's address, NULL when he has none. AK_OBJECT_NOT_FOUND. */
int identity_user_email(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                        const char **ret_email, struct ak_error *err);
/* Whether an account stands on its own before 'other_id': not made by him, nor given its role among
 * the provider's people, its password or new factors by him, nor by anybody since 'since_us'. */
int identity_user_independent(struct ak_tx *tx, const char *user_id, const char *other_id,
                              int64_t since_us, bool *ret_independent, struct ak_error *err);
/* The language (ja en) that the user chose for what it is told, NULL: its customer's.
 * AK_OBJECT_NOT_FOUND. */
int identity_user_language(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           const char **ret_language, struct ak_error *err);
/* Takes a user out of a customer's project: with his account when he has no other project. His
 * tokens end. AK_OBJECT_NOT_FOUND when he is none of its users, AK_LAST_MANAGER. */
int identity_project_user_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                 const char *user_id, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int identity_project_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                          struct identity_project *ret_project, struct ak_error *err);

/* A one-time password: four groups of letters and digits that nobody mistakes for others, and its
 * hash. Made before the transaction begins, since a hash takes 40 ms. */
struct identity_initial {
    char password[32];
    char hash[AK_PASSWORD_HASH_MAX];
};
int identity_initial_make(struct identity_initial *ret_initial, struct ak_error *err);
/* Makes a user who enters with the one-time password, must choose one of his own before anything
 * else, and has 'role' on the project, which becomes his default project. The password is dead
 * after the first change and after identity_initial_password_days. 'config' as the request's.
 * Works in the caller's transaction; the caller writes the audit event. '*ret_id' is in the arena.
 * AK_ALREADY_EXISTS (name within the domain), AK_OBJECT_NOT_FOUND. */
struct identity_new_user {
    const char *domain_id, *name, *email /* or NULL */, *project_id, *role;
};
int identity_user_create_initial(struct ak_tx *tx, struct ak_arena *arena,
                                 const struct ak_config *config,
                                 const struct identity_new_user *user,
                                 const struct identity_initial *initial, const char **ret_id,
                                 struct ak_error *err);

/* A new one-time password for a user of a customer's project, in place of his own; his sessions
 * end. In the caller's transaction; the caller writes the audit event. AK_OBJECT_NOT_FOUND when he
 * is none of its users, of another domain, or one of the provider's people; AK_USER_ELSEWHERE when
 * he has roles elsewhere: the password would open those, too. */
int identity_project_user_renew(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_config *config, const char *project_id,
                                const char *user_id, const struct identity_initial *initial,
                                struct ak_error *err);

/* Proof of person, for what outlives the token: the login is young, or X-Akashi-Proof comes along.
 * Touches no transaction. AK_PROOF_NEEDED, AK_APP_CREDENTIAL_RESTRICTED. */
int identity_proof_require(struct ak_request *req, struct ak_error *err);

/* What 'GET /service/v1/me' tells of the caller. Only on requests that identity_authenticate()
 * authenticated. 'role' is the highest, NULL when the token has no project. */
struct identity_me {
    const char *role;
    bool must_change_password, staff;
    bool totp;
    int64_t passkeys;
    bool mfa_required; /* by being of the staff */
};
void identity_me(const struct ak_request *req, struct identity_me *ret_me);
/* The name of the i-th policy, NULL beyond the last. '*ret_may': whether identity_authorise() lets
 * the caller pass it now, or would after the consent to the terms. */
const char *identity_policy_at(const struct ak_request *req, size_t i, bool *ret_may);

/* Makes the installation's key file (setting identity_key_file) when there is none. AK_IO,
 * AK_INTERNAL (readable by others, damaged). */
int identity_key_ensure(const struct ak_config *config, struct ak_error *err);

/* Seals a text (at most 255 bytes) under the installation's key for what lies in the database until
 * somebody fetches it; opens with the same 'bound_to' only. In the arena. AK_INTERNAL. */
int identity_text_seal(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                       const char *text, const char **ret_sealed, struct ak_error *err);
int identity_text_open(const struct ak_config *config, struct ak_arena *arena, const char *bound_to,
                       const char *sealed, const char **ret_text, struct ak_error *err);

/* The bit of a role's name (enum ak_role), 0 when policies do not know it. */
unsigned identity_role_bit(const char *name);

/* For 'akashi init' and the CLI; all are idempotent by name and write audit events (actor
 * "system"). Bootstrap: domain "default" (id "default"), project "admin", roles reader member
 * manager admin with the implications admin > manager > member > reader, the staff's roles operator
 * privileged officer auditor analyst, user "admin" with the password given (kept when the user
 * exists). */
int identity_bootstrap(struct ak_store *store, const char *admin_password, struct ak_error *err);
int identity_project_ensure(struct ak_store *store, const char *domain_id, const char *name,
                            char ret_id[AK_UUID_TEXT], struct ak_error *err);
/* Creates the user (password may be NULL when it exists already) and gives 'role' on the project.
 */
int identity_user_ensure(struct ak_store *store, const char *domain_id, const char *name,
                         const char *password, const char *project_id, const char *role,
                         struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. Revokes the user's tokens. */
int identity_user_set_password(struct ak_store *store, const char *domain_id, const char *name,
                               const char *password, struct ak_error *err);

/* Whether 'source' (an address as text) is in the JSON array of CIDRs 'cidrs'. NULL: any is. What
 * is no address is in no list. */
bool identity_source_allowed(const char *cidrs, const char *source);
/* Whether the user may read what belongs to the project, as at a login just now: both enabled, a
 * role in it, and 'source' (NULL: any) allowed. For those who come without a token, by a secret
 * address. */
int identity_user_may_read(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                           const char *project_id, const char *source, bool *ret_may,
                           struct ak_error *err);
/* From where the customer listener serves a project: at login and at every use of a token. */
struct identity_sources {
    const char *cidrs; /* JSON array, NULL = from anywhere */
    int64_t changed_us;
};
/* AK_OBJECT_NOT_FOUND. */
int identity_project_sources(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             struct identity_sources *ret_sources, struct ak_error *err);
/* 'cidrs' is a JSON array of CIDRs that the caller has checked, or NULL. AK_OBJECT_NOT_FOUND. */
int identity_project_sources_set(struct ak_tx *tx, const char *project_id, const char *cidrs,
                                 struct ak_error *err);

/* A role for a limited time: in force from 'starts_us' until before 'expires_us'. 'id' is the
 * grant's. AK_OBJECT_NOT_FOUND (the role's name). */
int identity_timed_role_add(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const char *user_id, const char *project_id, const char *role,
                            int64_t starts_us, int64_t expires_us, struct ak_error *err);
int identity_timed_role_remove(struct ak_tx *tx, const char *id, struct ak_error *err);

/* Who holds which role where, for reviews. */
struct identity_holder {
    const char *user_id, *user_name, *project_id, *project_name, *role_id, *role;
};
/* All of them, the provider's people first. */
#define IDENTITY_HOLDERS_MAX 200000
int identity_role_holders(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_holders,
                          struct ak_error *err);
/* Takes a role away and ends the user's tokens for that project; not being there is all right. */
int identity_role_take(struct ak_tx *tx, const char *user_id, const char *project_id,
                       const char *role_id, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int identity_user_name(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                       const char **ret_name, struct ak_error *err);

/* --- A contract's customer as a whole (identity_tenant.c); in the caller's transaction ---------
 */

/* A domain with a project of the same name and its first user, as identity_user_create_initial().
 * AK_ALREADY_EXISTS. */
struct identity_tenant {
    const char *name, *description; /* of domain and project */
    const char *user_name, *email, *role;
    const char *language; /* ja en: of what its people are told */
};
/* The contract says another language of what its people are told, who chose none themselves. */
int identity_tenant_language(struct ak_tx *tx, const char *domain_id, const char *language,
                             struct ak_error *err);
struct identity_tenant_ids {
    const char *domain_id, *project_id, *user_id; /* in the arena */
};
int identity_tenant_create(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           const struct identity_tenant *tenant,
                           const struct identity_initial *initial,
                           struct identity_tenant_ids *ret_ids, struct ak_error *err);
/* The users of a domain: id -> name. */
int identity_tenant_users(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                          struct ak_map *ret_users, struct ak_error *err);
/* The member "users": […]; no secrets. */
int identity_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                           struct ak_json *w, struct ak_error *err);
/* All users of the domain keep the role reader in the project and no other, also none for a limited
 * time; their sessions end. */
int identity_tenant_readers(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                            const char *project_id, struct ak_error *err);
/* Removal in this order; each is idempotent. Closing ends all sessions and lets nobody in. */
int identity_tenant_close(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                          struct ak_error *err);
int identity_tenant_users_remove(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                                 struct ak_error *err);
int identity_tenant_project_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                   struct ak_error *err);
int identity_tenant_domain_remove(struct ak_tx *tx, struct ak_arena *arena, const char *domain_id,
                                  struct ak_error *err);

#endif
