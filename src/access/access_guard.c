/* SPDX-License-Identifier: Apache-2.0 */
/* The two questions that the policy table cannot answer: from where (areas), and whether the
 * provider's people may see what is a customer's (break-glass). The sources of a project are asked
 * by identity, at login and at every use of a token. */
#include "access/access_internal.h"

/* Policies that an area may be needed for. */
static const struct {
    const char *policy, *purpose;
} guarded[] = {
    {"compute:console:create", "console"},
    {"compute:console:output", "console"},
    {"protect:metrics:show", "metrics"},
    {"notice:document:read", "guides"},
};

static const char *purpose_of(const char *policy)
{
    for (size_t i = 0; i < AK_N(guarded); i++) {
        if (strcmp(guarded[i].policy, policy) == 0) {
            return guarded[i].purpose;
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

int access_authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err)
{
    const char *purpose = purpose_of(policy);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_authorise(req, policy, ret_admin, err);

    if (rc < 0 || !purpose || !req->principal) {
        return rc;
    }
    rc = ak_tx_read(req->store, &tx, err);
    return rc < 0 ? rc : access_area_check(req, tx, req->principal->project_id, purpose, err);
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
