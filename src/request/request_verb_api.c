/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of what moves a request, and of its thread. Each loads the request under the caller's
 * scope, has the service do it, records it, and answers the request as it is then. */
#include "request/request_internal.h"

typedef int verb_fn(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const void *body, struct ak_error *err);

static int commit(struct ak_request *req, struct ak_tx *tx, const struct request_row *request,
                  struct ak_error *err)
{
    const char *detail = ak_arena_printf(req->arena, "{\"number\":\"%s\",\"state\":\"%s\"}",
                                         request->number, request->state);
    return ak_request_commit(req, tx, "request", request->id, request->project_id, detail, err);
}

static int handle(struct ak_request *req, struct ak_reply *reply, verb_fn *verb,
                  struct ak_error *err)
{
    struct request_actor who = request_actor_of(req);
    struct request_row request = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : request_load_for(req, tx, &request, err);
    rc = rc < 0 ? rc : request_rate_check(tx, req->config, &who, err);
    rc = rc < 0 ? rc : verb(tx, req->arena, &request, &who, req->body, err);
    rc = rc < 0 ? rc : commit(req, tx, &request, err);
    if (rc < 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx));
    rc = ak_tx_read(req->store, &tx, err);
    return rc < 0 ? rc : request_reply_whole(req, tx, reply, &request, err);
}

static const char *comment_of(const void *body)
{
    const struct request_comment_body *comment = body;
    return comment && comment->comment && comment->comment[0] ? comment->comment : NULL;
}

static int take(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                const struct request_actor *who, const void *body, struct ak_error *err)
{
    (void)body;
    return request_take(tx, arena, request, who, err);
}

static int approve(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                   const struct request_actor *who, const void *body, struct ak_error *err)
{
    const struct request_comment_body *given = body;
    int64_t read = given && given->revision > 0 ? given->revision : 1;
    /* a form that is corrected while somebody reads it is not what he approves */
    return read == request->revision
               ? request_approve(tx, arena, request, who, comment_of(body), err)
               : ak_fail(err, AK_REQUEST_REVISION, request->number, AK_NUM(request->revision));
}

static int refuse(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                  const struct request_actor *who, const void *body, struct ak_error *err)
{
    return request_refuse(tx, arena, request, who, comment_of(body), err);
}

static int complete(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const void *body, struct ak_error *err)
{
    const struct request_result_body *result = body;
    return request_complete(tx, arena, request, who, result->result, err);
}

static int retry(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                 const struct request_actor *who, const void *body, struct ak_error *err)
{
    (void)body;
    return request_retry(tx, arena, request, who, err);
}

static int withdraw(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                    const struct request_actor *who, const void *body, struct ak_error *err)
{
    struct request_message message;
    const char *comment = comment_of(body);
    int rc =
        comment ? request_say(tx, arena, request, who, comment, REQUEST_VERBS, &message, err) : 0;
    return rc < 0 ? rc : request_withdraw(tx, arena, request, who, err);
}

static int ask(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
               const struct request_actor *who, const void *body, struct ak_error *err)
{
    const struct request_text_body *text = body;
    struct request_message message;
    return request_say(tx, arena, request, who, text->text, REQUEST_ASK, &message, err);
}

static int hand_back(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                     const struct request_actor *who, const void *body, struct ak_error *err)
{
    struct request_message message;
    return request_say(tx, arena, request, who, comment_of(body), REQUEST_RETURN, &message, err);
}

static int correct(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                   const struct request_actor *who, const void *body, struct ak_error *err)
{
    return request_correct(tx, arena, request, who, body, err);
}

int request_return_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, hand_back, err);
}

int request_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, correct, err);
}

int request_take_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, take, err);
}

int request_approve_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, approve, err);
}

int request_refuse_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, refuse, err);
}

int request_complete_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, complete, err);
}

int request_retry_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, retry, err);
}

int request_withdraw_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, withdraw, err);
}

int request_ask_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return handle(req, reply, ask, err);
}

int request_message_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct request_text_body *body = req->body;
    struct request_actor who = request_actor_of(req);
    struct request_row request = {0};
    struct request_message message = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = request_may_act(&who, "request:message:create", err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : request_load_for(req, tx, &request, err);
    rc = rc < 0 ? rc
                : request_say(tx, req->arena, &request, &who, body->text, REQUEST_VERBS, &message,
                              err);
    rc = rc < 0 ? rc : commit(req, tx, &request, err);
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, "message", &request_message_fields, &message);
    }
    return rc;
}

int request_secret_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct request_actor who = request_actor_of(req);
    struct request_row request = {0};
    const char *secret = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc : request_load_for(req, tx, &request, err);
    if (rc == 0 && !request_may_take(&request, &who)) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Secret of request", request.number);
    }
    if (rc == 0 && ak_streq(request.object_type, "user")) { /* who has it is that user */
        rc = identity_proof_require(req, err);
    }
    rc = rc < 0 ? rc
                : identity_text_open(req->config, req->arena, request.id, request.secret, &secret,
                                     err);
    if (rc == 0) {
        request.secret = NULL;
        rc = request_save(tx, &request, err);
    }
    rc = rc < 0 ? rc : request_step_add(tx, &request, "secret", &who, NULL, err);
    rc = rc < 0 ? rc : commit(req, tx, &request, err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_kstr(&reply->json, "secret", secret);
        ak_json_object_end(&reply->json);
    }
    return rc;
}
