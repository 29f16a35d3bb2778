/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of access: what bodies may hold, what answers show, which columns fill the rows. */
#include "access/access_internal.h"

#define AT(type, member) offsetof(struct type, member)
#define SET              (AK_CREATE | AK_UPDATE)

static const struct ak_field sources_rows[] = {
    {"project_id", AK_STR, AT(access_sources_row, project_id), 0, .doc = "whom the list is for"},
    {"cidrs", AK_LIST, AT(access_sources_row, cidrs), SET, .max = 64,
     .doc = "addresses the customer listener serves the project to"},
    {"anywhere", AK_BOOL, AT(access_sources_row, anywhere), SET,
     .doc = "true: no restriction; 'cidrs' is empty then"},
    {"updated_at", AK_TIME, AT(access_sources_row, updated_us), 0, .doc = "last change"},
};
const struct ak_fields access_sources_fields =
    AK_FIELDS_GIVEN("allow_list", struct access_sources_row, sources_rows);

static const struct ak_field area_rows[] = {
    {"id", AK_STR, AT(access_area_row, id), AK_FILTER | AK_SORT, .doc = "id of the area"},
    {"slug", AK_STR, AT(access_area_row, slug), AK_CREATE | AK_REQUIRED | AK_FILTER | AK_SORT,
     .min = 1, .max = 64, .pattern = "[a-z][a-z0-9-]*", .doc = "name in service classes"},
    {"name_ja", AK_STR, AT(access_area_row, name_ja), SET | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "name in Japanese"},
    {"name_en", AK_STR, AT(access_area_row, name_en), SET | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "name in English"},
    {"cidrs", AK_LIST, AT(access_area_row, cidrs), SET, .max = 256, .column = "cidrs",
     .doc = "its addresses; none: nobody is inside"},
    {"used_for", AK_LIST, AT(access_area_row, used_for), 0, .column = "",
     .doc = "what the caller's project may do from inside only"},
    {"created_at", AK_TIME, AT(access_area_row, created_us), AK_SORT, .column = "created_us",
     .doc = "when it was made"},
    {"updated_at", AK_TIME, AT(access_area_row, updated_us), 0, .column = "updated_us",
     .doc = "last change"},
};
const struct ak_fields access_area_fields =
    AK_FIELDS_GIVEN("area", struct access_area_row, area_rows);

static const struct ak_field ties_rows[] = {
    {"project_id", AK_STR, AT(access_ties_row, project_id), 0, .doc = "whose ties they are"},
    {"console", AK_LIST, AT(access_ties_row, console), SET, .max = 16,
     .doc = "slugs of the areas consoles open from; none: anywhere"},
    {"metrics", AK_LIST, AT(access_ties_row, metrics), SET, .max = 16,
     .doc = "slugs of the areas metrics are shown in"},
    {"guides", AK_LIST, AT(access_ties_row, guides), SET, .max = 16,
     .doc = "slugs of the areas guides are read in"},
};
const struct ak_fields access_ties_fields =
    AK_FIELDS_GIVEN("project_areas", struct access_ties_row, ties_rows);

static const char *const privilege_states[] = {"requested", "approved", "active", "refused",
                                               "revoked",   "expired",  NULL};
static const struct ak_field privilege_rows[] = {
    {"id", AK_STR, AT(access_privilege_row, id), AK_FILTER | AK_SORT, .doc = "id"},
    {"user_id", AK_STR, AT(access_privilege_row, user_id), AK_CREATE | AK_FILTER, .max = 64,
     .doc = "who shall hold it; default: the caller"},
    {"user_name", AK_STR, AT(access_privilege_row, user_name), AK_FILTER,
     .doc = "that user's name"},
    {"project_id", AK_STR, AT(access_privilege_row, project_id), AK_FILTER, .doc = "where"},
    {"role", AK_STR, AT(access_privilege_row, role), AK_CREATE | AK_REQUIRED | AK_FILTER, .max = 64,
     .pattern = "operator|privileged|officer|auditor|analyst",
     .doc = "the role asked for; on a customer's project those of customers too"},
    {"reason", AK_STR, AT(access_privilege_row, reason), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = 2000, .doc = "what for"},
    {"ticket", AK_STR, AT(access_privilege_row, ticket), AK_CREATE, .max = 64,
     .doc = "number of the request, change or incident behind it"},
    {"hours", AK_INT, AT(access_privilege_row, hours), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = ACCESS_HOURS_MAX, .doc = "for how long, from the approval on"},
    {"state", AK_STR, AT(access_privilege_row, state), AK_FILTER, .choices = privilege_states,
     .doc = "state"},
    {"requested_by", AK_STR, AT(access_privilege_row, requested_by), 0, .doc = "who asked"},
    {"requested_by_name", AK_STR, AT(access_privilege_row, requested_by_name), 0, .doc = "name"},
    {"requested_at", AK_TIME, AT(access_privilege_row, requested_us), AK_SORT,
     .column = "requested_us", .doc = "when"},
    {"decided_by", AK_STR, AT(access_privilege_row, decided_by), 0, .doc = "who decided"},
    {"approved_by", AK_STR, AT(access_privilege_row, decided_by_name), 0,
     .column = "decided_by_name", .doc = "that person's name"},
    {"decided_at", AK_TIME, AT(access_privilege_row, decided_us), 0, .column = "decided_us",
     .doc = "when"},
    {"comment", AK_STR, AT(access_privilege_row, comment), 0, .max = 2000, .doc = "why so"},
    {"starts_at", AK_TIME, AT(access_privilege_row, starts_us), 0, .column = "starts_us",
     .doc = "in force from"},
    {"expires_at", AK_TIME, AT(access_privilege_row, expires_us), AK_SORT, .column = "expires_us",
     .doc = "until before"},
    {"held", AK_INT, AT(access_privilege_row, held), AK_HIDDEN},
};
const struct ak_fields access_privilege_fields =
    AK_FIELDS_GIVEN("privilege", struct access_privilege_row, privilege_rows);

static const struct ak_field decision_rows[] = {
    {"id", AK_STR, AT(access_decision_row, id), AK_HIDDEN},
    {"break_glass_id", AK_STR, AT(access_decision_row, break_glass_id), AK_HIDDEN},
    {"user_id", AK_STR, AT(access_decision_row, user_id), 0, .doc = "who"},
    {"user_name", AK_STR, AT(access_decision_row, user_name), 0, .doc = "that person's name"},
    {"party", AK_STR, AT(access_decision_row, party), 0, .doc = "customer or provider"},
    {"decision", AK_STR, AT(access_decision_row, decision), 0, .doc = "approve refuse revoke"},
    {"comment", AK_STR, AT(access_decision_row, comment), 0, .max = 2000, .doc = "why so"},
    {"at", AK_TIME, AT(access_decision_row, decided_us), 0, .column = "decided_us", .doc = "when"},
};
const struct ak_fields access_decision_fields =
    AK_FIELDS("decision", struct access_decision_row, decision_rows);

static const struct ak_field glass_rows[] = {
    {"id", AK_STR, AT(access_glass_row, id), AK_FILTER | AK_SORT, .doc = "id"},
    {"project_id", AK_STR, AT(access_glass_row, project_id), AK_CREATE | AK_REQUIRED | AK_FILTER,
     .min = 1, .max = 64, .doc = "whose content"},
    {"server_id", AK_STR, AT(access_glass_row, server_id), AK_CREATE | AK_NULLABLE | AK_FILTER,
     .max = 64, .doc = "of this server only; null: all of the project"},
    {"requested_by_id", AK_STR, AT(access_glass_row, user_id), 0, .column = "user_id",
     .doc = "who asks and would see"},
    {"requested_by", AK_STR, AT(access_glass_row, user_name), 0, .column = "user_name",
     .doc = "that person's name"},
    {"reason", AK_STR, AT(access_glass_row, reason), AK_CREATE | AK_REQUIRED, .min = 1, .max = 2000,
     .doc = "what for; the customer reads it"},
    {"ticket", AK_STR, AT(access_glass_row, ticket), AK_CREATE, .max = 64,
     .doc = "number of the incident or request behind it"},
    {"hours", AK_INT, AT(access_glass_row, hours), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = ACCESS_HOURS_MAX, .doc = "for how long, once allowed"},
    {"state", AK_STR, AT(access_glass_row, state), AK_FILTER, .choices = privilege_states,
     .doc = "state"},
    {"requested_at", AK_TIME, AT(access_glass_row, requested_us), AK_SORT, .column = "requested_us",
     .doc = "when"},
    {"approvals_given", AK_INT, AT(access_glass_row, approvals), 0, .column = "approvals",
     .doc = "approvals by the provider's people; two are needed"},
    {"by_consent", AK_BOOL, AT(access_glass_row, by_consent), 0, .doc = "the customer consented"},
    {"approvals", AK_LIST, AT(access_glass_row, decisions), 0, .column = "",
     .sub = &access_decision_fields, .doc = "all decisions"},
    {"starts_at", AK_TIME, AT(access_glass_row, starts_us), 0, .column = "starts_us",
     .doc = "in force from"},
    {"expires_at", AK_TIME, AT(access_glass_row, expires_us), AK_SORT, .column = "expires_us",
     .doc = "until before"},
};
const struct ak_fields access_glass_fields =
    AK_FIELDS_GIVEN("break_glass", struct access_glass_row, glass_rows);

static const struct ak_field comment_rows[] = {
    {"comment", AK_STR, offsetof(struct access_comment_row, comment), SET | AK_ALLOW_BLANK,
     .max = 2000, .doc = "why so"},
};
const struct ak_fields access_comment_fields =
    AK_FIELDS("decision", struct access_comment_row, comment_rows);

static const char *const item_decisions[] = {"keep", "remove", NULL};
static const struct ak_field item_rows[] = {
    {"id", AK_STR, AT(access_item_row, id), 0, .doc = "id"},
    {"review_id", AK_STR, AT(access_item_row, review_id), AK_HIDDEN},
    {"user_id", AK_STR, AT(access_item_row, user_id), 0, .doc = "who holds the role"},
    {"user_name", AK_STR, AT(access_item_row, user_name), 0, .doc = "that person's name"},
    {"project_id", AK_STR, AT(access_item_row, project_id), 0, .doc = "where"},
    {"scope", AK_STR, AT(access_item_row, project_name), 0, .column = "project_name",
     .doc = "that project's name"},
    {"role_id", AK_STR, AT(access_item_row, role_id), AK_HIDDEN},
    {"role", AK_STR, AT(access_item_row, role), 0, .doc = "the role"},
    {"decision", AK_STR, AT(access_item_row, decision), SET | AK_REQUIRED,
     .choices = item_decisions, .doc = "keep, or remove when the review closes"},
    {"decided_by_id", AK_STR, AT(access_item_row, decided_by), 0, .column = "decided_by",
     .doc = "who decided"},
    {"decided_by", AK_STR, AT(access_item_row, decided_by_name), 0, .column = "decided_by_name",
     .doc = "that person's name"},
    {"decided_at", AK_TIME, AT(access_item_row, decided_us), 0, .column = "decided_us",
     .doc = "when"},
    {"applied_at", AK_TIME, AT(access_item_row, applied_us), 0, .column = "applied_us",
     .doc = "when the role was taken away"},
};
const struct ak_fields access_item_fields =
    AK_FIELDS_GIVEN("item", struct access_item_row, item_rows);

static const char *const review_states[] = {"open", "closed", NULL};
static const struct ak_field review_rows[] = {
    {"id", AK_STR, AT(access_review_row, id), AK_FILTER | AK_SORT, .doc = "id"},
    {"title", AK_STR, AT(access_review_row, title), AK_CREATE | AK_REQUIRED, .min = 1, .max = 255,
     .doc = "what is reviewed"},
    {"state", AK_STR, AT(access_review_row, state), AK_FILTER, .choices = review_states,
     .doc = "open or closed"},
    {"due_at", AK_TIME, AT(access_review_row, due_us), AK_CREATE, .column = "due_us",
     .doc = "to be closed by; default: in 14 days"},
    {"created_at", AK_TIME, AT(access_review_row, created_us), AK_SORT, .column = "created_us",
     .doc = "opened"},
    {"closed_at", AK_TIME, AT(access_review_row, closed_us), 0, .column = "closed_us",
     .doc = "closed"},
    {"closed_by", AK_STR, AT(access_review_row, closed_by_name), 0, .column = "closed_by_name",
     .doc = "by whom"},
    {"undecided", AK_INT, AT(access_review_row, undecided), 0, .doc = "entries to decide"},
    {"items", AK_LIST, AT(access_review_row, items), AK_OMIT_NULL, .column = "",
     .sub = &access_item_fields, .doc = "who holds what"},
};
const struct ak_fields access_review_fields =
    AK_FIELDS_GIVEN("access_review", struct access_review_row, review_rows);
