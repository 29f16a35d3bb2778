/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_ACCESS_INTERNAL_H
#define AK_ACCESS_INTERNAL_H
/* Private to src/access. */
#include "access/access.h"

#define ACCESS_HOURS_MAX   72
#define ACCESS_PURPOSE_MAX 3

/* Rows; strings live in the arena. ------------------------------------------------------------- */

struct access_sources_row {
    const char *project_id;
    struct ak_list cidrs; /* empty with 'anywhere' */
    bool anywhere;
    int64_t updated_us;
    struct ak_given given;
};

struct access_area_row {
    const char *id, *slug, *name_ja, *name_en;
    struct ak_list cidrs, used_for;
    const char *cidrs_text;
    int64_t created_us, updated_us;
    struct ak_given given;
};

/* A project's ties: slugs by purpose. */
struct access_ties_row {
    const char *project_id;
    struct ak_list console, metrics, guides;
    struct ak_given given;
};

struct access_privilege_row {
    const char *id, *user_id, *user_name, *project_id, *role, *reason, *ticket, *state,
        *requested_by, *requested_by_name, *decided_by, *decided_by_name, *comment;
    int64_t hours, requested_us, decided_us, starts_us, expires_us;
    int64_t held; /* 0: the role is not there (any more) */
    struct ak_given given;
};

struct access_decision_row {
    const char *id, *break_glass_id, *user_id, *user_name, *party, *decision, *comment;
    int64_t decided_us;
};

struct access_glass_row {
    const char *id, *project_id, *server_id, *user_id, *user_name, *reason, *ticket, *state;
    int64_t hours, requested_us, approvals, starts_us, expires_us;
    bool by_consent;
    struct ak_list decisions; /* struct access_decision_row */
    struct ak_given given;
};

struct access_comment_row {
    const char *comment;
};

struct access_item_row {
    const char *id, *review_id, *user_id, *user_name, *project_id, *project_name, *role_id, *role,
        *decision, *decided_by, *decided_by_name;
    int64_t decided_us, applied_us;
    struct ak_given given;
};

struct access_review_row {
    const char *id, *title, *state, *closed_by_name;
    int64_t due_us, created_us, closed_us, undecided;
    struct ak_list items; /* struct access_item_row */
    struct ak_given given;
};

extern const struct ak_fields access_sources_fields, access_area_fields, access_ties_fields,
    access_privilege_fields, access_glass_fields, access_decision_fields, access_comment_fields,
    access_item_fields, access_review_fields, access_event_fields, access_job_fields;

/* What runs -------------------------------------------------------------------------------------
 */

extern const struct ak_schedule *const access_schedules[];

ak_handler_fn access_sources_show_handler, access_sources_update_handler;
ak_handler_fn access_area_list_handler, access_area_create_handler, access_area_update_handler,
    access_area_delete_handler, access_ties_show_handler, access_ties_update_handler;
ak_handler_fn access_privilege_list_handler, access_privilege_create_handler,
    access_privilege_approve_handler, access_privilege_refuse_handler,
    access_privilege_revoke_handler;
ak_handler_fn access_glass_list_handler, access_glass_show_handler, access_glass_create_handler,
    access_glass_approve_handler, access_glass_consent_handler, access_glass_refuse_handler,
    access_glass_revoke_handler;
ak_handler_fn access_review_list_handler, access_review_show_handler, access_review_create_handler,
    access_review_decide_handler, access_review_close_handler;
ak_handler_fn access_event_list_handler, access_job_list_handler;

/* Shared by handlers (access_util.c) ------------------------------------------------------------
 */

/* The provider's people see all projects; others their own: NULL or the project of the token. */
const char *access_scope(const struct ak_request *req);
/* Adds ?project_id= or the caller's own project as a filter. */
int access_filter_scope(struct ak_request *req, struct ak_query *query, const char *column,
                        struct ak_error *err);
/* Checks that each is a CIDR and writes them as a JSON array, canonical. AK_FIELD_VALUE. */
int access_cidrs_text(struct ak_arena *arena, const struct ak_list *cidrs, const char **ret_text,
                      struct ak_error *err);
/* A JSON array of strings (NULL = none) as a list. */
int access_strings_parse(struct ak_arena *arena, const char *text, struct ak_list *ret,
                         struct ak_error *err);
const char *access_comment_of(const struct ak_request *req);

/* Services: rules inside the transaction given ---------------------------------------------------
 */

/* A privilege asked for by the caller for 'row->user_id'. Fills the row. */
int access_privilege_request(struct ak_tx *tx, struct ak_arena *arena,
                             const struct ak_principal *who, struct access_privilege_row *row,
                             struct ak_error *err);
/* approved: the role begins now; refused; revoked: it ends now. AK_OWN_DECISION, AK_ACCESS_STATE.
 */
int access_privilege_decide(struct ak_tx *tx, struct ak_arena *arena,
                            const struct ak_principal *who, const char *id, const char *state,
                            const char *comment, struct access_privilege_row *ret,
                            struct ak_error *err);
int access_glass_request(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                         struct access_glass_row *row, struct ak_error *err);
/* One person's decision: approve, refuse or revoke, for the party customer or provider. One of the
 * provider's approves from an account that was nobody else's to hand out for 'days'. */
int access_glass_decide(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                        const char *id, bool customer, int64_t days, const char *decision,
                        const char *comment, struct access_glass_row *ret, struct ak_error *err);
/* Opens a review of all roles that anybody holds. */
int access_review_open(struct ak_tx *tx, struct ak_arena *arena, const char *title, int64_t due_us,
                       char ret_id[AK_UUID_TEXT], struct ak_error *err);
int access_review_decide(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                         const char *review_id, const char *item_id, const char *decision,
                         struct ak_error *err);
/* All items decided: removals are done, the review is closed. AK_ACCESS_UNDECIDED. */
int access_review_close(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                        const char *id, struct ak_error *err);

/* Store: one function a statement of access.sql --------------------------------------------------
 */

int access_area_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                           struct ak_list *ret, struct ak_error *err);
int access_area_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct access_area_row *ret, struct ak_error *err);
int access_area_store_by_slug(struct ak_tx *tx, struct ak_arena *arena, const char *slug,
                              struct access_area_row *ret, struct ak_error *err);
int access_area_store_insert(struct ak_tx *tx, const struct access_area_row *row,
                             struct ak_error *err);
int access_area_store_update(struct ak_tx *tx, const struct access_area_row *row,
                             struct ak_error *err);
int access_area_store_delete(struct ak_tx *tx, const char *id, struct ak_error *err);
/* A tie of a project: an area and what for. */
struct access_tie {
    const char *purpose, *slug, *name_ja, *name_en, *cidrs;
};
int access_tie_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_list *ret, struct ak_error *err);
int access_tie_store_clear(struct ak_tx *tx, const char *project_id, const char *purpose,
                           struct ak_error *err);
int access_tie_store_insert(struct ak_tx *tx, const char *project_id, const char *purpose,
                            const char *area_id, struct ak_error *err);

int access_privilege_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err);
int access_privilege_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct access_privilege_row *ret, struct ak_error *err);
int access_privilege_store_insert(struct ak_tx *tx, const struct access_privilege_row *row,
                                  struct ak_error *err);
/* Only from 'from'; AK_CHANGED_MEANWHILE when it is in another state by now. */
int access_privilege_store_move(struct ak_tx *tx, const struct access_privilege_row *row,
                                const char *from, struct ak_error *err);

int access_glass_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                            struct ak_list *ret, struct ak_error *err);
int access_glass_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct access_glass_row *ret, struct ak_error *err);
int access_glass_store_insert(struct ak_tx *tx, const struct access_glass_row *row,
                              struct ak_error *err);
/* Only from state 'from' with that number of approvals; else AK_CHANGED_MEANWHILE. */
int access_glass_store_move(struct ak_tx *tx, const struct access_glass_row *row, const char *from,
                            int64_t seen_approvals, struct ak_error *err);
int access_glass_store_in_force(struct ak_tx *tx, const char *user_id, const char *project_id,
                                const char *server_id, int64_t now_us, int64_t *ret_n,
                                struct ak_error *err);
int access_glass_store_any(struct ak_tx *tx, const char *user_id, int64_t now_us, int64_t *ret_n,
                           struct ak_error *err);
/* Number of projects that stand between the caller and the account of a user. */
int access_account_store_closed(struct ak_tx *tx, const struct ak_principal *who,
                                const char *user_id, int64_t now_us, int64_t *ret_n,
                                struct ak_error *err);
int access_decision_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *glass_id,
                               struct ak_list *ret, struct ak_error *err);
int access_decision_store_insert(struct ak_tx *tx, const struct access_decision_row *row,
                                 struct ak_error *err);

/* 'project_id' NULL: all; else those with an entry of that project. */
int access_review_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const struct ak_query *query, struct ak_list *ret,
                             struct ak_error *err);
int access_review_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct access_review_row *ret, struct ak_error *err);
int access_review_store_insert(struct ak_tx *tx, const struct access_review_row *row,
                               struct ak_error *err);
int access_review_store_close(struct ak_tx *tx, const char *id, const char *by_name,
                              struct ak_error *err);
int access_review_store_newest(struct ak_tx *tx, int64_t *ret_created_us, struct ak_error *err);
/* 'project_id' NULL: all entries. */
int access_item_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *review_id,
                           const char *project_id, struct ak_list *ret, struct ak_error *err);
int access_item_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *review_id,
                           const char *id, struct access_item_row *ret, struct ak_error *err);
int access_item_store_insert(struct ak_tx *tx, const struct access_item_row *row,
                             struct ak_error *err);
int access_item_store_decide(struct ak_tx *tx, const struct access_item_row *row,
                             struct ak_error *err);
int access_item_store_applied(struct ak_tx *tx, const char *id, struct ak_error *err);

#endif
