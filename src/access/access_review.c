/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews of access rights: every so often (setting) the worker writes down who holds which role,
 * the provider's people and the customers' users; somebody else decides on each entry; closing
 * takes away what shall not stay. A customer sees the reviews with the entries of its own project.
 */
#include "access/access_internal.h"

#define DUE_DAYS 14

int access_review_open(struct ak_tx *tx, struct ak_arena *arena, const char *title, int64_t due_us,
                       char ret_id[AK_UUID_TEXT], struct ak_error *err)
{
    struct access_review_row review = {.title = title,
                                       .created_us = ak_now_us(),
                                       .due_us =
                                           due_us > 0 ? due_us : ak_now_us() + DUE_DAYS * AK_DAY};
    struct ak_list holders = {0};
    const struct identity_holder *holder = NULL;
    int rc = identity_role_holders(tx, arena, &holders, err);

    ak_uuid_new(ret_id);
    review.id = ret_id;
    rc = rc < 0 ? rc : access_review_store_insert(tx, &review, err);
    holder = holders.items;
    for (size_t i = 0; i < holders.n && rc == 0; i++) {
        char id[AK_UUID_TEXT];
        struct access_item_row item = {.id = id,
                                       .review_id = ret_id,
                                       .user_id = holder[i].user_id,
                                       .user_name = holder[i].user_name,
                                       .project_id = holder[i].project_id,
                                       .project_name = holder[i].project_name,
                                       .role_id = holder[i].role_id,
                                       .role = holder[i].role};

        ak_uuid_new(id);
        rc = access_item_store_insert(tx, &item, err);
    }
    return rc;
}

static int load_open(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                     struct access_review_row *ret, struct ak_error *err)
{
    int rc = access_review_store_load(tx, arena, id, ret, err);

    return rc == 0 && strcmp(ret->state, "open") != 0
               ? ak_fail(err, AK_ACCESS_STATE, "Review", id, ret->state)
               : rc;
}

int access_review_decide(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                         const char *review_id, const char *item_id, const char *decision,
                         struct ak_error *err)
{
    struct access_review_row review = {0};
    struct access_item_row item = {0};
    int rc = load_open(tx, arena, review_id, &review, err);

    if (rc == 0) {
        rc = access_item_store_load(tx, arena, review_id, item_id, &item, err);
    }
    if (rc == 0 && ak_streq(item.user_id, who->user_id)) {
        rc = ak_fail(err, AK_OWN_DECISION);
    }
    if (rc == 0) {
        item.decision = decision;
        item.decided_by = who->user_id;
        item.decided_by_name = who->user_name;
        item.decided_us = ak_now_us();
        rc = access_item_store_decide(tx, &item, err);
    }
    return rc;
}

int access_review_close(struct ak_tx *tx, struct ak_arena *arena, const struct ak_principal *who,
                        const char *id, struct ak_error *err)
{
    struct access_review_row review = {0};
    struct ak_list items = {0};
    const struct access_item_row *item = NULL;
    int rc = load_open(tx, arena, id, &review, err);

    if (rc == 0 && review.undecided > 0) {
        rc = ak_fail(err, AK_ACCESS_UNDECIDED, AK_NUM(review.undecided));
    }
    if (rc == 0) {
        rc = access_item_store_list(tx, arena, id, NULL, &items, err);
    }
    item = items.items;
    for (size_t i = 0; i < items.n && rc == 0; i++) {
        if (strcmp(item[i].decision, "remove") == 0) {
            rc = identity_role_take(tx, item[i].user_id, item[i].project_id, item[i].role_id, err);
            rc = rc < 0 ? rc : access_item_store_applied(tx, item[i].id, err);
        }
    }
    return rc < 0 ? rc : access_review_store_close(tx, id, who->user_name, err);
}

/* ---- Schedule -------------------------------------------------------------------------------- */

static int open_when_due(struct ak_job_run *run, struct ak_error *err)
{
    int64_t every = ak_config_int(run->config, "access_review_days") * AK_DAY, newest = 0;
    struct ak_audit_event event = {.action = "access.review.create",
                                   .outcome = "success",
                                   .actor_id = "system",
                                   .object_type = "access_review",
                                   .listener = "worker"};
    char id[AK_UUID_TEXT];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = every > 0 ? ak_tx_write(run->store, &tx, err) : 0;

    if (every == 0 || rc < 0) {
        return rc;
    }
    rc = access_review_store_newest(tx, &newest, err);
    if (rc < 0 || newest + every > ak_now_us()) {
        return rc;
    }
    rc = access_review_open(tx, run->arena, "定期アクセス権点検 / Periodic access review", 0, id,
                            err);
    event.object_id = id;
    rc = rc < 0 ? rc : ak_audit_add(tx, &event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static const struct ak_schedule review_schedule = {
    .name = "access-review", .every_ms = 60 * 60 * 1000, .at_start = true, .run = open_when_due};
const struct ak_schedule *const access_schedules[] = {&review_schedule, NULL};

/* ---- Handlers -------------------------------------------------------------------------------- */

int access_review_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_list(req, &access_review_fields, AK_LIST_OWN, 1000, NULL, &query, err);

    if (rc == 0 && query.n_sorts == 0) {
        ak_query_sort_key(&query, "created_us", true);
    }
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc
                : access_review_store_list(tx, req->arena, access_scope(req), &query, &list, err);
    return rc < 0
               ? rc
               : ak_page_reply(req, reply, "access_reviews", &access_review_fields, &query, &list);
}

static int reply_review(struct ak_request *req, struct ak_reply *reply, struct ak_tx *tx,
                        const char *id, bool commit, struct ak_error *err)
{
    struct access_review_row row = {0};
    int rc = access_review_store_load(tx, req->arena, id, &row, err);

    if (rc == 0) {
        rc = access_item_store_list(tx, req->arena, id, access_scope(req), &row.items, err);
    }
    if (rc == 0 && access_scope(req) && row.items.n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Review", id);
    }
    if (rc == 0 && commit) {
        rc = ak_request_commit(req, tx, "access_review", id, NULL, NULL, err);
    }
    if (rc == 0) {
        ak_reply_object(reply, req, "access_review", &access_review_fields, &row);
    }
    return rc;
}

int access_review_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    return rc < 0 ? rc : reply_review(req, reply, tx, req->params[0], false, err);
}

int access_review_create_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const struct access_review_row *body = req->body;
    char id[AK_UUID_TEXT];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_review_open(tx, req->arena, body->title, body->due_us, id, err);
    }
    reply->status = 201;
    return rc < 0 ? rc : reply_review(req, reply, tx, ak_arena_strdup(req->arena, id), true, err);
}

int access_review_decide_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    const struct access_item_row *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = body->decision ? ak_request_begin(req, &tx, err)
                            : ak_fail(err, AK_FIELD_MISSING, "decision");

    if (rc == 0) {
        rc = access_review_decide(tx, req->arena, req->principal, req->params[0], req->params[1],
                                  body->decision, err);
    }
    return rc < 0 ? rc : reply_review(req, reply, tx, req->params[0], true, err);
}

int access_review_close_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = access_review_close(tx, req->arena, req->principal, req->params[0], err);
    }
    return rc < 0 ? rc : reply_review(req, reply, tx, req->params[0], true, err);
}
