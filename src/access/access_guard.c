/* SPDX-License-Identifier: Apache-2.0 */
/* The two questions that the policy table cannot answer: from where (areas), and whether the
 * provider's people may see what is a customer's (break-glass). The sources of a project are asked
 * by identity, at login and at every use of a token. */
#include "access/access_internal.h"

/* Policies that show what a customer keeps, or that an area may be needed for. */
static const struct guarded {
    const char *policy, *purpose;
    bool content;
} guarded[] = {
    {"compute:console:create", "console", true},
    {"compute:console:output", "console", true},
    {"image:image:download", NULL, true},
    {"protect:metrics:show", "metrics", false},
};

/* Whose parameter is the user whose account is taken over. */
#define ACCOUNT_POLICY "identity:account:reset"

static const struct guarded *guard_of(const char *policy)
{
    for (size_t i = 0; i < AK_N(guarded); i++) {
        if (strcmp(guarded[i].policy, policy) == 0) {
            return &guarded[i];
        }
    }
    return NULL;
}

int access_area_check(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                      const char *purpose, struct ak_error *err)
{
    struct ak_list ties = {0};
    const struct access_tie *tie = NULL;
    const char *names = NULL;
    int rc = 0;

    if (req->listener != AK_CUSTOMER || !project_id) {
        return 0;
    }
    rc = access_tie_store_list(tx, req->arena, project_id, &ties, err);
    tie = ties.items;
    for (size_t i = 0; i < ties.n && rc == 0; i++) {
        const char *name = req->lang == AK_LANG_JA ? tie[i].name_ja : tie[i].name_en;

        if (strcmp(tie[i].purpose, purpose) != 0) {
            continue;
        }
        if (identity_source_allowed(tie[i].cidrs, req->source)) {
            return 0;
        }
        names = names ? ak_arena_printf(req->arena, "%s, %s", names, name) : name;
    }
    return rc == 0 && names ? ak_fail(err, AK_AREA_REFUSED, names, req->source) : rc;
}

/* Who takes over an account sees what it sees, and could consent in its name: the account of a
 * customer's user is reset under break-glass over all its projects only. */
static int account_check(struct ak_request *req, struct ak_tx *tx, struct ak_error *err)
{
    int64_t n = 0;
    int rc = access_account_store_closed(tx, req->principal, req->params[0], ak_now_us(), &n, err);

    return rc == 0 && n > 0 ? ak_fail(err, AK_OPERATOR_BLIND) : rc;
}

/* The provider's people have no role that shows content; under break-glass they come this far, and
 * access_content_check() looks at the object. */
static int staff_content(struct ak_request *req, struct ak_tx *tx, bool *ret_admin,
                         struct ak_error *err)
{
    int64_t n = 0;
    int rc = access_glass_store_any(tx, req->principal->user_id, ak_now_us(), &n, err);

    if (rc == 0 && n == 0) {
        return ak_fail(err, AK_OPERATOR_BLIND);
    }
    *ret_admin = true;
    return rc;
}

int access_authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err)
{
    const struct guarded *guard = guard_of(policy);
    const struct ak_principal *who = req->principal;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_authorise(req, policy, ret_admin, err);
    bool staff =
        rc == -AK_FORBIDDEN && guard && guard->content && who && (who->roles & AK_ROLE_STAFF);

    bool account = rc == 0 && strcmp(policy, ACCOUNT_POLICY) == 0;

    if ((!guard && !account) || !who || (rc < 0 && !staff)) {
        return rc;
    }
    ak_error_clear(err);
    rc = ak_tx_read(req->store, &tx, err);
    if (rc == 0 && account) {
        return account_check(req, tx, err);
    }
    if (rc == 0 && staff) {
        rc = staff_content(req, tx, ret_admin, err);
    }
    if (rc == 0 && guard->purpose) {
        rc = access_area_check(req, tx, who->project_id, guard->purpose, err);
    }
    return rc;
}

int access_enter(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                 struct ak_error *err)
{
    const struct ak_principal *who = req->principal;
    int64_t n = 0;
    int rc = 0;

    if (!who || !(who->roles & AK_ROLE_STAFF)) {
        return 0; /* the policies have decided */
    }
    rc = access_glass_store_in_force(tx, who->user_id, project_id, NULL, ak_now_us(), &n, err);
    return rc == 0 && n == 0 ? ak_fail(err, AK_OPERATOR_BLIND) : rc;
}

int access_content_check(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                         const char *server_id, struct ak_error *err)
{
    const struct ak_principal *who = req->principal;
    int64_t n = 0;
    int rc = 0;

    if (who && ak_streq(who->project_id, project_id)) {
        return 0;
    }
    if (who && (who->roles & AK_ROLE_STAFF)) {
        rc = access_glass_store_in_force(tx, who->user_id, project_id, server_id, ak_now_us(), &n,
                                         err);
    }
    return rc == 0 && n == 0 ? ak_fail(err, AK_OPERATOR_BLIND) : rc;
}
