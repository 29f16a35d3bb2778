/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of privileges and of break-glass: nobody decides for oneself, each decision counts
 * once, and what was allowed ends by itself. */
#include "access/access_internal.h"

#define GLASS_APPROVALS 2

/* A privilege for hours from now, as approved. */
static void begin(struct access_privilege_row *row)
{
    row->starts_us = ak_now_us();
    row->expires_us = row->starts_us + row->hours * AK_HOUR;
}

static int give(struct ak_tx *tx, struct ak_arena *arena, const struct access_privilege_row *row,
                struct ak_error *err)
{
    bool has = false;
    int rc = identity_project_has_user(tx, row->project_id, row->user_id, &has, err);

    if (rc == 0 && !has) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "User", row->user_id);
    }
    return rc < 0 ? rc
                  : identity_timed_role_add(tx, arena, row->id, row->user_id, row->project_id,
                                            row->role, row->starts_us, row->expires_us, err);
}

int access_privilege_request(struct ak_tx *tx, struct ak_arena *arena,
                             const struct ak_principal *who, struct access_privilege_row *row,
                             struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    ak_uuid_new(id);
    row->id = ak_arena_strdup(arena, id);
    row->user_id = row->user_id ? row->user_id : who->user_id;
    row->project_id = who->project_id;
    row->ticket = row->ticket ? row->ticket : "";
    row->state = "requested";
    row->requested_by = who->user_id;
    row->requested_by_name = who->user_name;
    row->requested_us = ak_now_us();
    rc = identity_user_name(tx, arena, row->user_id, &row->user_name, err);
    return rc < 0 ? rc : access_privilege_store_insert(tx, row, err);
}

int access_privilege_decide(struct ak_tx *tx, struct ak_arena *arena,
                            const struct ak_principal *who, const char *id, const char *state,
                            const char *comment, struct access_privilege_row *ret,
                            struct ak_error *err)
{
    bool revoke = strcmp(state, "revoked") == 0;
    const char *from = revoke ? "approved" : "requested";
    int rc = access_privilege_store_load(tx, arena, id, ret, err);

    if (rc < 0) {
        return rc;
    }
    if (!revoke &&
        (ak_streq(ret->user_id, who->user_id) || ak_streq(ret->requested_by, who->user_id))) {
        return ak_fail(err, AK_OWN_DECISION);
    }
    if (strcmp(ret->state, from) != 0 || (revoke && ret->expires_us <= ak_now_us())) {
        return ak_fail(err, AK_ACCESS_STATE, "Privilege", id,
                       revoke && strcmp(ret->state, from) == 0 ? "expired" : ret->state);
    }
    ret->state = state;
    ret->decided_by = who->user_id;
    ret->decided_by_name = who->user_name;
    ret->decided_us = ak_now_us();
    ret->comment = comment;
    if (strcmp(state, "approved") == 0) {
        begin(ret);
        rc = give(tx, arena, ret, err);
    } else if (revoke) {
        ret->expires_us = ret->decided_us;
        rc = identity_timed_role_remove(tx, id, err);
    }
    return rc < 0 ? rc : access_privilege_store_move(tx, ret, from, err);
}

int access_privilege_give(struct ak_tx *tx, struct ak_arena *arena, const char *user_id,
                          const char *project_id, const char *role, int64_t hours,
                          const char *reason, const char *ticket, const char *requested_by,
                          const char *decided_by, char ret_id[AK_UUID_TEXT], struct ak_error *err)
{
    struct access_privilege_row row = {.user_id = user_id,
                                       .project_id = project_id,
                                       .role = role,
                                       .reason = reason,
                                       .ticket = ticket ? ticket : "",
                                       .hours = hours,
                                       .state = "requested",
                                       .requested_by = requested_by,
                                       .requested_us = ak_now_us(),
                                       .decided_by = decided_by,
                                       .decided_us = ak_now_us(),
                                       .comment = ""};
    int rc = 0;

    if (ak_streq(decided_by, user_id) || ak_streq(decided_by, requested_by)) {
        return ak_fail(err, AK_OWN_DECISION);
    }
    ak_uuid_new(ret_id);
    row.id = ret_id;
    begin(&row);
    rc = identity_user_name(tx, arena, user_id, &row.user_name, err);
    if (rc == 0) {
        rc = identity_user_name(tx, arena, requested_by, &row.requested_by_name, err);
    }
    if (rc == 0) {
        rc = identity_user_name(tx, arena, decided_by, &row.decided_by_name, err);
    }
    if (rc == 0) {
        rc = access_privilege_store_insert(tx, &row, err);
    }
    row.state = "approved";
    rc = rc < 0 ? rc : access_privilege_store_move(tx, &row, "requested", err);
    return rc < 0 ? rc : give(tx, arena, &row, err);
}

/* ---- Break-glass ----------------------------------------------------------------------------- */

int access_glass_request(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                         struct access_glass_row *row, struct ak_error *err)
{
    struct identity_project project = {0};
    char id[AK_UUID_TEXT];
    int rc = identity_project_load(tx, arena, row->project_id, &project, err);

    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    row->id = ak_arena_strdup(arena, id);
    row->user_id = who->user_id;
    row->user_name = who->user_name;
    row->ticket = row->ticket ? row->ticket : "";
    row->state = "requested";
    row->requested_us = ak_now_us();
    return access_glass_store_insert(tx, row, err);
}

/* What one more decision makes of a break-glass. */
static void apply(struct access_glass_row *row, bool customer, const char *decision)
{
    if (strcmp(decision, "refuse") == 0) {
        row->state = "refused";
    } else if (strcmp(decision, "revoke") == 0) {
        row->state = "revoked";
        row->expires_us = ak_now_us();
    } else {
        row->by_consent = row->by_consent || customer;
        row->approvals += customer ? 0 : 1;
        if (row->by_consent || row->approvals >= GLASS_APPROVALS) {
            row->state = "approved";
            row->starts_us = ak_now_us();
            row->expires_us = row->starts_us + row->hours * AK_HOUR;
        }
    }
}

/* Whether the decision is possible now, by this person. */
static int may_decide(const struct access_glass_row *row, const struct ak_principal *who,
                      bool customer, const char *decision, struct ak_error *err)
{
    bool revoke = strcmp(decision, "revoke") == 0;
    const char *from = revoke ? "approved" : "requested";

    if (customer && !ak_streq(row->project_id, who->project_id)) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Break-glass access", row->id);
    }
    if (strcmp(row->state, from) != 0) {
        return ak_fail(err, AK_ACCESS_STATE, "Break-glass access", row->id, row->state);
    }
    if (revoke && row->expires_us <= ak_now_us()) {
        return ak_fail(err, AK_ACCESS_STATE, "Break-glass access", row->id, "expired");
    }
    return !revoke && ak_streq(row->user_id, who->user_id) ? ak_fail(err, AK_OWN_DECISION) : 0;
}

/* Whoever makes accounts could make approvers for himself, or somebody to ask in his place: neither
 * may be the other's creature, and an approver is none of yesterday, so that a third account is no
 * way round either before others have seen it. */
static int must_be_independent(struct ak_tx *tx, const struct access_glass_row *row,
                               const struct ak_principal *who, int64_t days, struct ak_error *err)
{
    bool approver = false, requester = false;
    int rc = identity_user_independent(tx, who->user_id, row->user_id, ak_now_us() - days * AK_DAY,
                                       &approver, err);

    rc = rc < 0 ? rc
                : identity_user_independent(tx, row->user_id, who->user_id, INT64_MAX, &requester,
                                            err);
    return rc == 0 && !(approver && requester) ? ak_fail(err, AK_APPROVER_DEPENDENT, AK_NUM(days))
                                               : rc;
}

int access_glass_decide(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                        const char *id, bool customer, int64_t days, const char *decision,
                        const char *comment, struct access_glass_row *ret, struct ak_error *err)
{
    struct access_decision_row made = {.break_glass_id = id,
                                       .user_id = who->user_id,
                                       .user_name = who->user_name,
                                       .party = customer ? "customer" : "provider",
                                       .decision = decision,
                                       .comment = comment,
                                       .decided_us = ak_now_us()};
    const char *from = NULL;
    char decision_id[AK_UUID_TEXT];
    int64_t seen = 0;
    int rc = access_glass_store_load(tx, arena, id, ret, err);

    if (rc == 0) {
        rc = may_decide(ret, who, customer, decision, err);
    }
    if (rc == 0 && !customer && strcmp(decision, "approve") == 0) {
        rc = must_be_independent(tx, ret, who, days, err);
    }
    if (rc < 0) {
        return rc;
    }
    from = ret->state;
    seen = ret->approvals;
    apply(ret, customer, decision);
    ak_uuid_new(decision_id);
    made.id = decision_id;
    rc = access_decision_store_insert(tx, &made, err);
    if (rc == 0) {
        rc = access_glass_store_move(tx, ret, from, seen, err);
    }
    return rc < 0 ? rc : access_decision_store_list(tx, arena, id, &ret->decisions, err);
}
