/* SPDX-License-Identifier: Apache-2.0 */
/* Instance actions: what was asked of a server, by whom, and which steps its job took. Written by
 * the service (the action) and by the jobs (the events). */
#include "compute_internal.h"
#include "compute/compute_server_sql.h"

int compute_action_insert(struct ak_tx *tx, const struct compute_caller *who,
                          const struct compute_server *server, const char *action,
                          char ret_id[AK_UUID_TEXT], struct ak_error *err)
{
    ak_uuid_new(ret_id);
    return ak_sql_exec(tx, &sql_action_insert,
                       AK_ARGS(ak_v_text(ret_id), ak_v_text(server->id),
                               ak_v_text(server->project_id), ak_v_text(who->request_id),
                               ak_v_text(who->user_id), ak_v_text(action), ak_v_int(ak_now_us())),
                       NULL, err);
}

int compute_action_list(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                        struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_action_list, AK_ARGS(ak_v_text(server_id)), &compute_action_row,
                           arena, 0, ret_list, err);
}

int compute_action_load(struct ak_tx *tx, struct ak_arena *arena, const char *server_id,
                        const char *request_id, struct compute_action *ret_action,
                        struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_action_by_request,
                         AK_ARGS(ak_v_text(server_id), ak_v_text(request_id)), &compute_action_row,
                         arena, ret_action, err);
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_ACTION_NOT_FOUND, request_id, server_id) : rc;
}

int compute_event_list(struct ak_tx *tx, struct ak_arena *arena, const char *action_id,
                       struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_event_list, AK_ARGS(ak_v_text(action_id)), &compute_event_row,
                           arena, 0, ret_list, err);
}

int compute_event_next(struct ak_tx *tx, const char *action_id, const char *event,
                       const char *result, const char *details, struct ak_error *err)
{
    if (!action_id) {
        return 0; /* the reconciler's own work has no instance action */
    }
    int64_t now = ak_now_us();
    int rc = ak_sql_exec(tx, &sql_event_close,
                         AK_ARGS(ak_v_text(action_id), ak_v_int(now), ak_v_text(result),
                                 ak_v_text(details), ak_v_text(event ? event : "")),
                         NULL, err);
    if (rc == 0 && event) {
        rc = ak_sql_exec(tx, &sql_event_open,
                         AK_ARGS(ak_v_text(action_id), ak_v_text(event), ak_v_int(now)), NULL, err);
    }
    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_action_touch,
                         AK_ARGS(ak_v_text(action_id), ak_v_int(now),
                                 ak_v_text(ak_streq(result, "Error") ? "Error" : NULL)),
                         NULL, err);
    }
    return rc;
}
