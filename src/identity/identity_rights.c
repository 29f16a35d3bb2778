/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls and what may they do: the server's two hooks, the policy table, and roles with what
 * they imply. Token validation is the hot path: a number tells whether what is remembered of the
 * token is still true (identity_cache.c), else one statement joins all it depends on. Whatever is
 * taken away is gone at the next request. */
#include "identity/identity_secret.h"

enum { ROLE_BITS = 0xffff }; /* those of enum ak_role; above it a count of roles */

#define STAFF ((unsigned)AK_ROLE_STAFF)

const struct identity_policy identity_policies[] = {
#define IDENTITY_POLICY(name, rule, meaning)            {name, IDENTITY_##rule, NULL, meaning},
#define IDENTITY_POLICY_VERB(name, rule, verb, meaning) {name, IDENTITY_##rule, verb, meaning},
#include "identity/policy.def"
#undef IDENTITY_POLICY
#undef IDENTITY_POLICY_VERB
};
const size_t identity_policies_n = AK_N(identity_policies);

unsigned identity_roles_expand(unsigned bits)
{
    static const unsigned with_implied[] = {
        [AK_ROLE_READER] = AK_ROLE_READER,
        [AK_ROLE_MEMBER] = AK_ROLE_MEMBER | AK_ROLE_READER,
        [AK_ROLE_MANAGER] = AK_ROLE_MANAGER | AK_ROLE_MEMBER | AK_ROLE_READER,
        [AK_ROLE_ADMIN] = AK_ROLE_ADMIN | AK_ROLE_MANAGER | AK_ROLE_MEMBER | AK_ROLE_READER,
        [AK_ROLE_OPERATOR] = AK_ROLE_OPERATOR | AK_ROLE_READER,
        [AK_ROLE_PRIVILEGED] = AK_ROLE_PRIVILEGED | AK_ROLE_OPERATOR | AK_ROLE_READER,
        [AK_ROLE_OFFICER] = AK_ROLE_OFFICER | AK_ROLE_READER,
        [AK_ROLE_AUDITOR] = AK_ROLE_AUDITOR | AK_ROLE_READER,
        [AK_ROLE_ANALYST] = AK_ROLE_ANALYST | AK_ROLE_READER,
    };
    unsigned all = 0;

    for (unsigned bit = 1; bit <= AK_ROLE_ANALYST; bit <<= 1) {
        all |= bits & bit ? with_implied[bit] : 0;
    }
    return all;
}

bool identity_admin_allowed(const struct ak_request *req)
{
    return req->listener == AK_MANAGEMENT ||
           ak_config_bool(req->config, "identity_admin_on_customer_listener");
}

/* The roles as principals have them: those of the staff count in the administrator's project only,
 * where 'admin' elsewhere is a manager and the others are nothing. */
static unsigned roles_of(const struct identity_principal_row *row)
{
    unsigned counting = row->cloud_admin ? ROLE_BITS : ROLE_BITS & ~(STAFF & ~AK_ROLE_ADMIN);
    unsigned bits = ((unsigned)row->project_bits & ROLE_BITS) | (unsigned)row->timed_bits;
    unsigned roles = identity_roles_expand(bits & counting);

    if (row->app_credential_id) {
        roles &= identity_roles_expand((unsigned)row->app_credential_bits & counting);
    }
    return row->cloud_admin ? roles : roles & ~STAFF;
}

/* Whether the token gives access now and here. */
static bool usable(const struct ak_request *req, const struct identity_principal_row *row)
{
    return row->expires_us > ak_now_us() && !(row->project_id && row->project_bits == 0) &&
           !(row->domain_id && row->domain_bits == 0) &&
           !(row->cloud_admin && !identity_admin_allowed(req));
}

/* What is remembered is no longer true once a role for a limited time has begun or ended. */
static bool remembered(struct ak_request *req, const char *hash, struct identity_caller *caller,
                       struct identity_principal_row *ret_row)
{
    if (!identity_cache_get(hash, caller->version, req->base_url, req->arena, ret_row,
                            &caller->shown)) {
        return false;
    }
    if (ret_row->timed_change_us > 0 && ak_now_us() >= ret_row->timed_change_us) {
        *ret_row = (struct identity_principal_row){0};
        caller->shown = NULL;
        return false;
    }
    return true;
}

static unsigned restrictions_of(const struct identity_caller *caller,
                                const struct identity_principal_row *row)
{
    return (row->must_change ? IDENTITY_MUST_CHANGE : 0) |
           (caller->mfa_needed && row->totp == 0 && row->passkeys == 0 ? IDENTITY_MUST_ENROL : 0);
}

int identity_principal_load(struct ak_request *req, struct ak_tx *tx, const char *hash,
                            const struct ak_principal **ret_principal, struct ak_error *err)
{
    struct identity_principal_row row = {0};
    struct identity_caller *caller = ak_arena_new0(req->arena, struct identity_caller);
    int rc = identity_version_store_get(tx, &caller->version, err);

    if (rc == 0 && !remembered(req, hash, caller, &row)) {
        rc = identity_token_store_principal(tx, req->arena, hash, ak_now_us(), &row, err);
        if (rc == 0) {
            identity_cache_put(hash, caller->version, &row);
        }
    }
    if (rc == -AK_NOT_FOUND || (rc == 0 && !usable(req, &row))) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    if (rc < 0) {
        return rc;
    }
    caller->session_id = row.session_id;
    caller->app_credential_id = row.app_credential_id;
    caller->proved_us = row.proved_us;
    caller->totp = row.totp;
    caller->passkeys = row.passkeys;
    caller->staff = row.staff > 0;
    caller->mfa_needed = row.staff > 0 && !row.mfa_exempt &&
                         ak_config_bool(req->config, "identity_staff_mfa_required");
    caller->principal = (struct ak_principal){.user_id = row.user_id,
                                              .user_name = row.user_name,
                                              .user_domain_id = row.user_domain_id,
                                              .project_id = row.project_id,
                                              .project_name = row.project_name,
                                              .domain_id = row.domain_id,
                                              .roles = row.project_id ? roles_of(&row) : 0,
                                              .class_name = row.class_name,
                                              .class_bits = row.class_bits,
                                              .token_hash = row.hash,
                                              .token_expires_us = row.expires_us,
                                              .sources = row.sources,
                                              .restrictions = restrictions_of(caller, &row)};
    *ret_principal = &caller->principal;
    return 0;
}

int identity_authenticate(struct ak_request *req, const char *token,
                          const struct ak_principal **ret_principal, struct ak_error *err)
{
    char hash[AK_SHA256_TEXT];

    ak_sha256_hex(token, strlen(token), hash);
    return identity_authenticate_hash(req, hash, ret_principal, err);
}

int identity_authenticate_hash(struct ak_request *req, const char *hash,
                               const struct ak_principal **ret_principal, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc < 0) {
        return rc;
    }
    rc = identity_principal_load(req, tx, hash, ret_principal, err);
    if (rc == 0 && req->listener == AK_CUSTOMER &&
        !identity_source_allowed((*ret_principal)->sources, req->source)) {
        rc = ak_fail(err, AK_SOURCE_REFUSED, req->source);
    }
    return rc;
}

static const struct identity_policy *policy_find(const char *name)
{
    for (size_t i = 0; i < identity_policies_n; i++) {
        if (strcmp(identity_policies[i].name, name) == 0) {
            return &identity_policies[i];
        }
    }
    return NULL;
}

static bool policy_allows(enum identity_rule rule, const struct ak_principal *principal)
{
    static const unsigned needed[] = {[IDENTITY_PROJECT_READER] = AK_ROLE_READER,
                                      [IDENTITY_PROJECT_MEMBER] = AK_ROLE_MEMBER,
                                      [IDENTITY_PROJECT_MANAGER] = AK_ROLE_MANAGER,
                                      [IDENTITY_ADMIN] = AK_ROLE_ADMIN,
                                      [IDENTITY_STAFF] = AK_ROLE_STAFF,
                                      [IDENTITY_OPERATOR] = AK_ROLE_OPERATOR | AK_ROLE_ADMIN,
                                      [IDENTITY_PRIVILEGED] = AK_ROLE_PRIVILEGED | AK_ROLE_ADMIN,
                                      [IDENTITY_OFFICER] = AK_ROLE_OFFICER | AK_ROLE_ADMIN};

    switch (rule) {
    case IDENTITY_ANYONE:
        return true;
    case IDENTITY_ANY_TOKEN:
        return principal != NULL;
    case IDENTITY_PROJECT_READER:
    case IDENTITY_PROJECT_MEMBER:
    case IDENTITY_PROJECT_MANAGER:
    case IDENTITY_ADMIN:
    case IDENTITY_STAFF:
    case IDENTITY_OPERATOR:
    case IDENTITY_PRIVILEGED:
    case IDENTITY_OFFICER:
        return principal && principal->project_id && (principal->roles & needed[rule]);
    }
    return false;
}

static bool ends_with(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);

    return len >= n && strcmp(s + len - n, end) == 0;
}

/* Whether the caller stands above projects here. The administrator always does; the staff where a
 * row is theirs, and for looking: what lists and shows. Tokens are nobody else's to look at. */
static bool is_above(const struct identity_policy *row, const struct ak_principal *principal)
{
    if (!principal || !(principal->roles & STAFF)) {
        return false;
    }
    return principal->roles & AK_ROLE_ADMIN || row->rule >= IDENTITY_STAFF ||
           (!ak_starts_with(row->name, "identity:token:") &&
            (ends_with(row->name, ":list") || ends_with(row->name, ":show")));
}

/* What callers may do whom something is demanded of first; besides what needs no token. */
static const struct {
    const char *policy;
    unsigned despite; /* set of enum identity_restriction */
} first_steps[] = {
    {"identity:self:password", IDENTITY_MUST_CHANGE | IDENTITY_MUST_ENROL},
    {"identity:self:factor", IDENTITY_MUST_ENROL},
    {"identity:self:proof", IDENTITY_MUST_ENROL},
    {"identity:token:delete", IDENTITY_MUST_CHANGE | IDENTITY_MUST_ENROL},
    {"identity:token:show", IDENTITY_MUST_ENROL},
    {"service:me:show", IDENTITY_MUST_CHANGE | IDENTITY_MUST_ENROL},
};

static int check_first_steps(const struct identity_policy *row,
                             const struct ak_principal *principal, struct ak_error *err)
{
    unsigned left = principal ? principal->restrictions : 0;

    for (size_t i = 0; i < AK_N(first_steps) && left; i++) {
        if (strcmp(first_steps[i].policy, row->name) == 0) {
            left &= ~first_steps[i].despite;
        }
    }
    if (!left || row->rule == IDENTITY_ANYONE) {
        return 0;
    }
    return ak_fail(err, left & IDENTITY_MUST_CHANGE ? AK_PASSWORD_CHANGE_NEEDED
                                                    : AK_MFA_ENROLMENT_NEEDED);
}

int identity_authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                       struct ak_error *err)
{
    const struct identity_policy *row = policy_find(policy);
    int rc = row ? check_first_steps(row, req->principal, err) : 0;

    if (rc < 0) {
        return rc;
    }
    if (!row || !policy_allows(row->rule, req->principal)) {
        return req->principal ? ak_fail(err, AK_FORBIDDEN, policy) : ak_fail(err, AK_UNAUTHORIZED);
    }
    *ret_admin = is_above(row, req->principal);
    return row->verb && req->principal ? identity_verb_require(req->principal, row->verb, err) : 0;
}

const char *identity_policy_at(const struct ak_request *req, size_t i, bool *ret_may)
{
    const struct identity_policy *row = i < identity_policies_n ? &identity_policies[i] : NULL;
    struct ak_error err = {0};
    int verb = row && row->verb ? identity_verb_find(row->verb) : -1;

    *ret_may = row && policy_allows(row->rule, req->principal) &&
               check_first_steps(row, req->principal, &err) == 0;
    if (*ret_may && verb >= 0 && req->principal) {
        enum identity_mode mode = identity_verb_mode(req->principal, (size_t)verb);

        *ret_may = mode == IDENTITY_SELF || mode == IDENTITY_CONSENT;
    }
    return row ? row->name : NULL;
}

int identity_require_self(const struct ak_request *req, const char *user_id, struct ak_error *err)
{
    return req->admin || ak_streq(req->principal->user_id, user_id)
               ? 0
               : ak_fail(err, AK_OBJECT_NOT_FOUND, "User", user_id);
}

static unsigned bits_of(const struct ak_list *roles)
{
    const struct identity_role_row *role = roles->items;
    unsigned bits = 0;

    for (size_t i = 0; i < roles->n; i++) {
        bits |= (unsigned)role[i].bit;
    }
    return identity_roles_expand(bits);
}

static bool holds(const struct ak_list *roles, const char *id)
{
    const struct identity_role_row *role = roles->items;

    for (size_t i = 0; i < roles->n; i++) {
        if (strcmp(role[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Keeps, of all roles, those whose bit is in 'bits' or which are held by name (NULL: none). */
static void keep_roles(struct ak_list *all, unsigned bits, const struct ak_list *granted,
                       const struct ak_list *carried)
{
    struct identity_role_row *role = all->items;
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        if (role[i].bit > 0 ? (unsigned)role[i].bit & bits
                            : granted && holds(granted, role[i].id) && holds(carried, role[i].id)) {
            role[n++] = role[i];
        }
    }
    all->n = n;
}

int identity_token_roles(struct ak_tx *tx, struct ak_arena *arena,
                         const struct identity_token_row *token, struct ak_list *ret_roles,
                         struct ak_error *err)
{
    const struct identity_grant scope = {
        .user_id = token->user_id, .project_id = token->project_id, .domain_id = token->domain_id};
    int64_t sum = token->project_id ? token->project_bits : token->domain_bits;
    unsigned bits = (unsigned)sum & ROLE_BITS;
    bool all_have_bits = __builtin_popcount(bits) == sum / (ROLE_BITS + 1);
    struct ak_list all = {0}, granted = {0}, carried = {0};
    int rc = identity_role_store_all(tx, arena, &all, err);

    if (rc == 0 && all_have_bits && !token->app_credential_id) { /* nearly always */
        keep_roles(&all, identity_roles_expand(bits), NULL, NULL);
        *ret_roles = all;
        return 0;
    }
    if (rc == 0) {
        rc = identity_grant_store_list(tx, arena, &scope, &granted, err);
    }
    if (rc == 0 && token->app_credential_id) {
        rc =
            identity_app_credential_store_roles(tx, arena, token->app_credential_id, &carried, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (!token->app_credential_id) {
        carried = granted;
    }
    keep_roles(&all, bits_of(&granted) & bits_of(&carried), &granted, &carried);
    *ret_roles = all;
    return 0;
}
