/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in the database: only statements and their arguments. */
#include "request/request_internal.h"

#include "service/service.h"

#include "request/request_sql.h"

static struct ak_value id_of(char out[AK_UUID_TEXT])
{
    ak_uuid_new(out);
    return ak_v_text(out);
}

int request_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id, const char *id,
                 struct request_row *ret_request, struct ak_error *err)
{
    char canonical[AK_UUID_TEXT];
    int rc = -AK_NOT_FOUND;
    if (!ak_uuid_canonical(id, canonical)) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Request", id);
    }
    if (project_id) {
        rc = ak_sql_load(tx, &sql_request_by_id,
                         AK_ARGS(ak_v_text(project_id), ak_v_text(canonical)), &request_fields,
                         arena, ret_request, err);
    } else {
        rc = ak_sql_load(tx, &sql_request_by_id_any, AK_ARGS(ak_v_text(canonical)), &request_fields,
                         arena, ret_request, err);
    }
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Request", id) : rc;
}

int request_list_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const struct ak_query *query, struct ak_list *ret_list, struct ak_error *err)
{
    return project_id ? ak_sql_list(tx, &sql_request_list, AK_ARGS(ak_v_text(project_id)), query,
                                    &request_brief_fields, arena, ret_list, err)
                      : ak_sql_list(tx, &sql_request_list_any, AK_NO_ARGS, query,
                                    &request_brief_fields, arena, ret_list, err);
}

int request_number_new(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                       const char **ret_number, struct ak_error *err)
{
    char text[AK_TIME_TEXT];
    int64_t n = 0, year = 0;
    (void)ak_time_text(text, now_us + 9 * AK_HOUR, AK_TIME_Z);
    text[4] = '\0';
    (void)ak_parse_int(text, 0, 9999, &year);
    int rc = ak_sql_int(tx, &sql_request_number_next, AK_ARGS(ak_v_int(year)), &n, err);
    if (rc == 0) {
        *ret_number = ak_arena_printf(arena, "R-%s-%05" PRId64, text, n);
    }
    return rc;
}

int request_insert(struct ak_tx *tx, const struct request_row *request, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_request_insert,
                       AK_ARGS(ak_v_text(request->id), ak_v_text(request->number),
                               ak_v_text(request->project_id), ak_v_text(request->customer_name),
                               ak_v_text(request->kind), ak_v_text(request->title),
                               ak_v_text(request->state), ak_v_text(request->fields),
                               ak_v_text(request->created_by_id), ak_v_text(request->created_by),
                               ak_v_text(request->created_kind), ak_v_text(request->created_role),
                               ak_v_int(request->approvals_needed), ak_v_int(request->business),
                               ak_v_int(request->due_us), ak_v_int(request->created_us),
                               ak_v_text(request->title_en), ak_v_text(request->names)),
                       NULL, err);
}

int request_save(struct ak_tx *tx, struct request_row *request, struct ak_error *err)
{
    int64_t changed = 0;
    request->updated_us = ak_now_us();
    int rc = ak_sql_exec(
        tx, &sql_request_save,
        AK_ARGS(ak_v_text(request->id), ak_v_int(request->version), ak_v_text(request->state),
                ak_v_text(request->assignee_id), ak_v_text(request->assignee),
                ak_v_text(request->assignee_role), ak_v_int(request->due_us),
                ak_v_int(request->waiting_us), ak_v_int(request->overdue),
                ak_v_text(request->result), ak_v_text(request->error),
                ak_v_text(request->object_type), ak_v_text(request->object_id),
                ak_v_text(request->secret), ak_v_int(request->attempt), ak_v_int(request->begun),
                ak_v_int(request->updated_us), ak_v_int(request->ended_us),
                ak_v_text(request->title), ak_v_text(request->title_en), ak_v_text(request->fields),
                ak_v_text(request->names), ak_v_int(request->revision)),
        &changed, err);
    if (rc == 0 && changed != 1) {
        return ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    request->version += rc == 0;
    return rc;
}

/* ---- What belongs to a request ----------------------------------------------------------------
 */

#define OF(request) AK_ARGS(ak_v_text((request)->project_id), ak_v_text((request)->id))

int request_approval_add(struct ak_tx *tx, const struct request_row *request,
                         const struct request_actor *who, const char *decision, const char *comment,
                         struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = ak_sql_exec(tx, &sql_request_approval_insert,
                         AK_ARGS(id_of(id), ak_v_text(request->id), ak_v_text(request->project_id),
                                 ak_v_text(who->id), ak_v_text(who->name), ak_v_text(who->role),
                                 ak_v_text(decision), ak_v_text(comment),
                                 ak_v_int(request->revision), ak_v_int(ak_now_us())),
                         NULL, err);
    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_REQUEST_DECIDED, request->number) : rc;
}

int request_approvals_load(struct ak_tx *tx, struct ak_arena *arena,
                           const struct request_row *request, struct ak_list *ret_list,
                           struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_request_approval_list, OF(request), &request_approval_fields,
                           arena, 0, ret_list, err);
}

int request_message_insert(struct ak_tx *tx, const struct request_row *request,
                           const struct request_actor *who, struct request_message *message,
                           struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_request_message_insert,
                       AK_ARGS(ak_v_text(message->id), ak_v_text(request->id),
                               ak_v_text(request->project_id), ak_v_text(who->id),
                               ak_v_text(message->author_name), ak_v_text(message->author_kind),
                               ak_v_text(message->author_role), ak_v_text(message->text),
                               ak_v_int(message->created_us)),
                       NULL, err);
}

int request_message_number(struct ak_tx *tx, const struct request_row *request, int64_t *ret_n,
                           struct ak_error *err)
{
    return ak_sql_int(tx, &sql_request_message_count, OF(request), ret_n, err);
}

int request_step_add(struct ak_tx *tx, const struct request_row *request, const char *event,
                     const struct request_actor *who, const char *form, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    return ak_sql_exec(tx, &sql_request_step_insert,
                       AK_ARGS(id_of(id), ak_v_text(request->id), ak_v_text(request->project_id),
                               ak_v_text(event), ak_v_text(request->state), ak_v_text(who->id),
                               ak_v_text(who->name), ak_v_text(who->kind), ak_v_text(who->role),
                               ak_v_text(form), ak_v_int(ak_now_us())),
                       NULL, err);
}

int request_attachment_add(struct ak_tx *tx, const struct request_row *request,
                           const struct request_attachment *attachment, struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_request_attachment_insert,
        AK_ARGS(ak_v_text(attachment->id), ak_v_text(request->id), ak_v_text(request->project_id),
                ak_v_text(attachment->name), ak_v_text(attachment->media_type),
                ak_v_int(attachment->size), ak_v_text(attachment->sha256),
                ak_v_text(attachment->author_name), ak_v_text(attachment->author_kind),
                ak_v_text(attachment->author_role), ak_v_int(attachment->created_us)),
        NULL, err);
}

int request_attachment_number(struct ak_tx *tx, const struct request_row *request, int64_t *ret_n,
                              struct ak_error *err)
{
    return ak_sql_int(tx, &sql_request_attachment_count, OF(request), ret_n, err);
}

int request_attachment_size(struct ak_tx *tx, const char *project_id, int64_t *ret_size,
                            struct ak_error *err)
{
    return ak_sql_int(tx, &sql_request_attachment_size, AK_ARGS(ak_v_text(project_id)), ret_size,
                      err);
}

int request_attachment_load(struct ak_tx *tx, struct ak_arena *arena,
                            const struct request_row *request, const char *id,
                            struct request_attachment *ret_attachment, struct ak_error *err)
{
    int rc =
        ak_sql_load(tx, &sql_request_attachment_by_id,
                    AK_ARGS(ak_v_text(request->project_id), ak_v_text(request->id), ak_v_text(id)),
                    &request_attachment_fields, arena, ret_attachment, err);
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Attachment", id) : rc;
}

int request_attachment_is_known(struct ak_tx *tx, const char *id, bool *ret_known,
                                struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_int(tx, &sql_request_attachment_known, AK_ARGS(ak_v_text(id)), &n, err);
    *ret_known = n > 0;
    return rc;
}

int request_projects_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list ret_lists[2],
                          struct ak_error *err)
{
    int rc = ak_sql_load_all(tx, &sql_request_attachment_projects, AK_NO_ARGS, &request_project_row,
                             arena, 0, &ret_lists[0], err);
    return rc == 0 ? ak_sql_load_all(tx, &sql_request_message_projects, AK_NO_ARGS,
                                     &request_project_row, arena, 0, &ret_lists[1], err)
                   : rc;
}

int request_files_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                       struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_request_attachment_of_project, AK_ARGS(ak_v_text(project_id)),
                           &request_attachment_fields, arena, 100000, ret_list, err);
}

int request_forget(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    int rc =
        ak_sql_exec(tx, &sql_request_attachment_forget, AK_ARGS(ak_v_text(project_id)), NULL, err);
    return rc == 0 ? ak_sql_exec(tx, &sql_request_message_forget, AK_ARGS(ak_v_text(project_id)),
                                 NULL, err)
                   : rc;
}

int request_details_load(struct ak_tx *tx, struct ak_arena *arena, struct request_row *request,
                         struct ak_error *err)
{
    int rc = request_approvals_load(tx, arena, request, &request->approvals, err);
    if (rc == 0) {
        rc = ak_sql_load_all(tx, &sql_request_message_list, OF(request), &request_message_fields,
                             arena, 0, &request->messages, err);
    }
    if (rc == 0) {
        rc = ak_sql_load_all(tx, &sql_request_attachment_list, OF(request),
                             &request_attachment_fields, arena, 0, &request->attachments, err);
    }
    return rc == 0 ? ak_sql_load_all(tx, &sql_request_step_list, OF(request), &request_step_fields,
                                     arena, 0, &request->history, err)
                   : rc;
}

int request_open_number(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                        struct ak_error *err)
{
    return ak_sql_int(tx, &sql_request_open_count, AK_ARGS(ak_v_text(project_id)), ret_n, err);
}

int request_store_rate_check(struct ak_tx *tx, const char *project_id, int64_t fallback,
                             struct ak_error *err)
{
    return identity_project_rate_check(tx, project_id, "requests_hour", fallback,
                                       &sql_request_moved_before, AK_REQUEST_RATE, err);
}

int request_secrets_forget(struct ak_tx *tx, int64_t before_us, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_request_secrets_forget, AK_ARGS(ak_v_int(before_us)), NULL, err);
}

int request_running_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                         struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_request_running, AK_NO_ARGS, &request_fields, arena, 0,
                           ret_list, err);
}

int request_overdue_load(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                         struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_request_overdue, AK_ARGS(ak_v_int(now_us)), &request_fields,
                           arena, 0, ret_list, err);
}

/* The customer's overview */

static int overview_count(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                          struct ak_error *err)
{
    return ak_sql_int(tx, &sql_request_open_count, AK_ARGS(ak_v_text(project_id)), ret_n, err);
}

static int overview_needs(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                          struct ak_list *ret_needs, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_request_needs, AK_ARGS(ak_v_text(project_id)),
                           &service_need_fields, arena, 0, ret_needs, err);
}

const struct service_overview_part request_overview = {"open_requests", overview_count,
                                                       overview_needs};
