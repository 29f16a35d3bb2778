/* SPDX-License-Identifier: Apache-2.0 */
/* POST /servers/{id}/action, one handler per action, and the record of past actions.
 * Spec: https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action */
#include "compute_handlers.h"

static int begin_with(struct ak_request *req, struct ak_tx **ret_tx,
                      struct compute_server *ret_server, struct ak_error *err)
{
    int rc = ak_request_begin(req, ret_tx, err);
    return rc == 0 ? compute_request_server(req, *ret_tx, ret_server, err) : rc;
}

static int commit(struct ak_request *req, struct ak_tx *tx, const struct compute_server *server,
                  struct ak_error *err)
{
    return ak_request_commit(req, tx, "server", server->id, server->project_id, NULL, err);
}

/* An operation of the table: 202, the rest is its job's. */
static int operate(struct ak_request *req, struct ak_reply *reply, enum compute_operation_id op,
                   struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    rc = rc == 0 ? compute_server_operate(tx, req->arena, &who, &server, op, err) : rc;
    reply->status = 202;
    return rc == 0 ? commit(req, tx, &server, err) : rc;
}

int compute_do_start(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_START, err);
}

int compute_do_stop(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_STOP, err);
}

int compute_do_pause(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_PAUSE, err);
}

int compute_do_unpause(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_UNPAUSE, err);
}

int compute_do_suspend(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_SUSPEND, err);
}

int compute_do_resume(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return operate(req, reply, COMPUTE_OP_RESUME, err);
}

int compute_do_reboot(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_reboot_body *body = req->body;
    bool hard = body->type[0] == 'H' || body->type[0] == 'h';
    return operate(req, reply, hard ? COMPUTE_OP_REBOOT_HARD : COMPUTE_OP_REBOOT_SOFT, err);
}

int compute_do_force_delete(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    int rc = compute_server_delete_one(req, reply, err);
    reply->status = 202;
    return rc;
}

static int set_lock(struct ak_request *req, struct ak_reply *reply, bool locked,
                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    server.locked = locked;
    rc = rc == 0 ? compute_server_save(tx, req->arena, &server, err) : rc;
    reply->status = 202;
    return rc == 0 ? commit(req, tx, &server, err) : rc;
}

int compute_do_lock(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return set_lock(req, reply, true, err);
}

int compute_do_unlock(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return set_lock(req, reply, false, err);
}

int compute_do_rebuild(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    const char *admin_pass = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0) {
        rc = compute_server_rebuild(tx, req->arena, req->config, &who, &server, req->body,
                                    &admin_pass, err);
    }
    rc = rc == 0 ? compute_server_reply_changed(req, tx, reply, &server, admin_pass, err) : rc;
    reply->status = 202;
    return rc == 0 ? commit(req, tx, &server, err) : rc;
}

/* Administrators set a state by hand when they know better. */
int compute_do_reset(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_reset_body *body = req->body;
    bool error = ak_streq(body->state, "error");
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0 && !error && !server.host) {
        rc = ak_fail(err, AK_SERVER_STATE, "resetState", server.id, "vm_state", server.vm_state);
    }
    if (rc == 0) {
        rc = compute_server_move(tx, &server, error ? COMPUTE_ERROR : COMPUTE_ACTIVE, COMPUTE_IDLE,
                                 server.power_state, err);
    }
    reply->status = 202;
    return rc == 0 ? commit(req, tx, &server, err) : rc;
}

static int change_group(struct ak_request *req, struct ak_reply *reply, bool add,
                        struct ak_error *err)
{
    const struct compute_group_body *body = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    int rc = begin_with(req, &tx, &server, err);
    if (rc == 0) {
        rc = network_server_group_change(tx, req->arena, server.project_id, server.id, body->name,
                                         add, err);
    }
    reply->status = 202;
    return rc == 0 ? commit(req, tx, &server, err) : rc;
}

int compute_do_add_group(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_group(req, reply, true, err);
}

int compute_do_remove_group(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return change_group(req, reply, false, err);
}

/* ---- Instance actions ------------------------------------------------------------------------ */

/* Since 2.21 also those of deleted servers. */
static int read_with_deleted(struct ak_request *req, struct ak_tx *tx,
                             struct compute_server *ret_server, struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    char id[AK_UUID_TEXT];
    if (!ak_uuid_canonical(req->params[0], id)) {
        return ak_fail(err, AK_SERVER_NOT_FOUND, req->params[0]);
    }
    return req->microversion >= 21
               ? compute_server_load_deleted(tx, req->arena, &who, id, ret_server, err)
               : compute_request_server(req, tx, ret_server, err);
}

static void add_action(struct ak_json *w, const struct compute_action *action)
{
    ak_json_kstr(w, "action", action->action);
    ak_json_kstr(w, "instance_uuid", action->server_id);
    ak_json_kstr(w, "request_id", action->request_id);
    ak_json_kstr(w, "user_id", action->user_id);
    ak_json_kstr(w, "project_id", action->project_id);
    ak_json_ktime(w, "start_time", action->start_us, AK_TIME_NAIVE_US);
    ak_json_kstr(w, "message", action->message);
}

int compute_actions(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    struct ak_list actions;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? read_with_deleted(req, tx, &server, err) : rc;
    rc = rc == 0 ? compute_action_list(tx, req->arena, server.id, &actions, err) : rc;
    if (rc != 0) {
        return rc;
    }
    const struct compute_action *rows = actions.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "instanceActions");
    ak_json_array(w);
    for (size_t i = 0; i < actions.n; i++) {
        ak_json_object(w);
        add_action(w, &rows[i]);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

static void add_event(struct ak_json *w, const struct compute_event *event, bool admin)
{
    ak_json_object(w);
    ak_json_kstr(w, "event", event->event);
    ak_json_ktime(w, "start_time", event->start_us, AK_TIME_NAIVE_US);
    ak_json_ktime(w, "finish_time", event->finish_us, AK_TIME_NAIVE_US);
    ak_json_kstr(w, "result", event->result);
    if (admin) {
        ak_json_kstr(w, "traceback", event->details);
    }
    ak_json_object_end(w);
}

/* The events are the steps of the job. Nova shows them to administrators only. */
int compute_action_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server server;
    struct compute_action action;
    struct ak_list events = {0};
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? read_with_deleted(req, tx, &server, err) : rc;
    rc =
        rc == 0 ? compute_action_load(tx, req->arena, server.id, req->params[1], &action, err) : rc;
    rc = rc == 0 ? compute_event_list(tx, req->arena, action.id, &events, err) : rc;
    if (rc != 0) {
        return rc;
    }
    const struct compute_event *rows = events.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "instanceAction");
    ak_json_object(w);
    add_action(w, &action);
    if (req->admin) {
        ak_json_key(w, "events");
        ak_json_array(w);
        for (size_t i = 0; i < events.n; i++) {
            add_event(w, &rows[i], req->admin);
        }
        ak_json_array_end(w);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}
