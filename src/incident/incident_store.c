/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents in the database: only statements and their arguments. */
#include "incident/incident_internal.h"

#include "incident/incident_sql.h"
#include "service/service.h"

int incident_store_next(struct ak_tx *tx, int64_t year, int64_t *ret_n, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_incident_next, AK_ARGS(ak_v_int(year)), ret_n, err);
}

int incident_store_add(struct ak_tx *tx, const struct incident *i, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_add,
                       AK_ARGS(ak_v_text(i->id), ak_v_text(i->number), ak_v_text(i->title),
                               ak_v_text(i->public_title), ak_v_text(i->severity),
                               ak_v_text(i->cause), ak_v_text(i->state), ak_v_text(i->channel),
                               ak_v_text(i->project_id), ak_v_text(i->reporter_id),
                               ak_v_text(i->reporter_name), ak_v_text(i->reporter_email),
                               ak_v_int(i->created_us)),
                       NULL, err);
}

int incident_store_save(struct ak_tx *tx, struct incident *i, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = 0;

    i->updated_us = ak_now_us();
    rc = ak_sql_exec(
        tx, &sql_incident_save,
        AK_ARGS(ak_v_text(i->id), ak_v_int(i->version), ak_v_text(i->title),
                ak_v_text(i->public_title), ak_v_text(i->severity), ak_v_text(i->cause),
                ak_v_text(i->state), ak_v_text(i->assignee_id), ak_v_text(i->assignee_name),
                ak_v_int(i->confirmed_us), ak_v_int(i->notify_due_us), ak_v_int(i->notified_us),
                ak_v_int(i->overdue_us), ak_v_int(i->resolved_us), ak_v_int(i->closed_us),
                ak_v_text(i->report_json), ak_v_int(i->entries), ak_v_int(i->updated_us),
                ak_v_int(i->told_us), ak_v_int(i->update_due_us), ak_v_int(i->update_overdue_us),
                ak_v_int(i->report_due_us), ak_v_int(i->report_overdue_us)),
        &changed, err);
    if (rc == 0 && changed != 1) {
        rc = ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    i->version += rc == 0;
    return rc;
}

int incident_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct incident_who *who,
                        const struct ak_query *query, struct ak_list *ret, struct ak_error *err)
{
    return who->staff ? ak_sql_list(tx, &sql_incident_list, AK_NO_ARGS, query, &incident_fields,
                                    arena, ret, err)
                      : ak_sql_list(tx, &sql_incident_list_own, AK_ARGS(ak_v_text(who->project_id)),
                                    query, &incident_fields, arena, ret, err);
}

static int load_by(struct ak_tx *tx, struct ak_arena *arena, const char *column, const char *value,
                   const struct incident_who *who, struct incident *ret, struct ak_error *err)
{
    struct ak_query query = {.limit = 1};
    struct ak_value key = ak_v_text(value);
    struct ak_list list = {0};
    int rc = ak_query_filter(&query, arena, column, AK_EQ, &key, 1, err);

    if (rc == 0) {
        rc = incident_store_list(tx, arena, who, &query, &list, err);
    }
    if (rc == 0 && list.n == 0) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Incident", value);
    }
    if (rc == 0) {
        *ret = *(struct incident *)list.items;
    }
    return rc;
}

int incident_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                        const struct incident_who *who, struct incident *ret, struct ak_error *err)
{
    char canonical[AK_UUID_TEXT];

    if (!ak_uuid_canonical(id, canonical)) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Incident", id);
    }
    return load_by(tx, arena, "id", canonical, who, ret, err);
}

int incident_store_by_number(struct ak_tx *tx, struct ak_arena *arena, const char *number,
                             struct incident *ret, struct ak_error *err)
{
    const struct incident_who staff = {.staff = true};

    return load_by(tx, arena, "number", number, &staff, ret, err);
}

int incident_store_fill(struct ak_tx *tx, struct ak_arena *arena, const struct incident_who *who,
                        struct incident *incident, struct ak_error *err)
{
    struct ak_args args = AK_ARGS(ak_v_text(incident->id), ak_v_text(who->project_id));
    int rc = 0;

    args.n = who->staff ? 1 : 2;
    if (who->staff) {
        rc = incident_store_customers(tx, arena, incident->id, &incident->customers, err);
    }
    if (rc == 0) {
        rc = ak_sql_load_all(tx, who->staff ? &sql_incident_servers : &sql_incident_servers_own,
                             args, &incident_server_fields, arena, INCIDENT_TOUCHED_MAX,
                             &incident->affected, err);
    }
    if (rc == 0) {
        rc = ak_sql_load_all(tx, who->staff ? &sql_incident_entries : &sql_incident_entries_own,
                             args, &incident_entry_fields, arena, 0, &incident->timeline, err);
    }
    if (rc == 0) {
        rc = ak_sql_load_all(tx, who->staff ? &sql_incident_files : &sql_incident_files_own, args,
                             &incident_file_fields, arena, 0, &incident->files, err);
    }
    return rc;
}

int incident_store_overdue(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                           struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_incident_overdue, AK_ARGS(ak_v_int(now_us)), &incident_fields,
                           arena, 0, ret, err);
}

int incident_store_entry(struct ak_tx *tx, const char *incident_id, const struct incident_entry *e,
                         struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_incident_entry_add,
        AK_ARGS(ak_v_text(incident_id), ak_v_int(e->number), ak_v_int(e->at_us), ak_v_text(e->kind),
                ak_v_text(e->visibility), ak_v_text(e->project_id), ak_v_text(e->text),
                ak_v_text(e->author_id), ak_v_text(e->author_name), ak_v_text(e->author_kind)),
        NULL, err);
}

int incident_store_customers(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_incident_customers, AK_ARGS(ak_v_text(incident_id)),
                           &incident_customer_fields, arena, INCIDENT_TOUCHED_MAX, ret, err);
}

int incident_store_put_customer(struct ak_tx *tx, const char *incident_id,
                                const struct incident_customer *c, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_customer_put,
                       AK_ARGS(ak_v_text(incident_id), ak_v_text(c->project_id),
                               ak_v_int(c->reporter), ak_v_int(c->affected), ak_v_int(c->posted_us),
                               ak_v_int(c->notify_due_us), ak_v_int(c->notified_us)),
                       NULL, err);
}

int incident_store_servers(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                           struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_incident_servers, AK_ARGS(ak_v_text(incident_id)),
                           &incident_server_fields, arena, INCIDENT_TOUCHED_MAX, ret, err);
}

int incident_store_put_server(struct ak_tx *tx, const char *incident_id,
                              const struct incident_server *s, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_server_put,
                       AK_ARGS(ak_v_text(incident_id), ak_v_text(s->project_id),
                               ak_v_text(s->server_id), ak_v_text(s->server_name),
                               ak_v_text(s->host)),
                       NULL, err);
}

int incident_store_clear(struct ak_tx *tx, const char *incident_id, struct ak_error *err)
{
    int rc =
        ak_sql_exec(tx, &sql_incident_servers_clear, AK_ARGS(ak_v_text(incident_id)), NULL, err);

    return rc == 0 ? ak_sql_exec(tx, &sql_incident_customers_clear, AK_ARGS(ak_v_text(incident_id)),
                                 NULL, err)
                   : rc;
}

int incident_store_mail(struct ak_tx *tx, struct ak_arena *arena, const char *message_id,
                        const char **ret_incident_id, struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_incident_mail, AK_ARGS(ak_v_text(message_id)), &rows, err);

    if (rc == 0) {
        rc = ak_rows_next(rows, err);
    }
    if (rc <= 0) {
        return rc < 0 ? rc : ak_fail(err, AK_NOT_FOUND);
    }
    *ret_incident_id = ak_arena_strdup(arena, ak_rows_text(rows, 0));
    return 0;
}

int incident_store_add_mail(struct ak_tx *tx, const char *message_id, const char *incident_id,
                            const char *sender, bool answered, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_mail_add,
                       AK_ARGS(ak_v_text(message_id), ak_v_text(incident_id), ak_v_text(sender),
                               ak_v_int(ak_now_us()), ak_v_int(answered)),
                       NULL, err);
}

int incident_store_answers(struct ak_tx *tx, const char *sender, int64_t since_us, int64_t *ret_n,
                           struct ak_error *err)
{
    return ak_sql_int(tx, &sql_incident_answers, AK_ARGS(ak_v_text(sender), ak_v_int(since_us)),
                      ret_n, err);
}

int incident_store_number(struct ak_tx *tx, const char *id, char out[32], struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_incident_number, AK_ARGS(ak_v_text(id)), &rows, err);

    if (rc == 0) {
        rc = ak_rows_next(rows, err);
    }
    if (rc <= 0) {
        return rc < 0 ? rc : ak_fail(err, AK_OBJECT_NOT_FOUND, "Incident", id);
    }
    ak_str_copy(out, 32, ak_rows_text(rows, 0));
    return 0;
}

static int count_open(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                      struct ak_error *err)
{
    return ak_sql_int(tx, &sql_incident_count_open, AK_ARGS(ak_v_text(project_id)), ret_n, err);
}

const struct service_overview_part incident_overview = {"open_incidents", count_open, NULL};

/* ---- Files ----------------------------------------------------------------------------------- */

int incident_store_file_add(struct ak_tx *tx, const char *incident_id,
                            const struct incident_file *f, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_file_add,
                       AK_ARGS(ak_v_text(f->id), ak_v_text(incident_id), ak_v_text(f->project_id),
                               ak_v_text(f->visibility), ak_v_int(f->entry), ak_v_text(f->name),
                               ak_v_text(f->media_type), ak_v_int(f->size), ak_v_text(f->sha256),
                               ak_v_text(f->author_name), ak_v_text(f->author_kind),
                               ak_v_int(f->created_us), ak_v_text(f->data)),
                       NULL, err);
}

int incident_store_file(struct ak_tx *tx, struct ak_arena *arena, const char *incident_id,
                        const char *id, const struct incident_who *who, struct incident_file *ret,
                        struct ak_error *err)
{
    struct ak_args args =
        AK_ARGS(ak_v_text(incident_id), ak_v_text(id), ak_v_text(who->project_id));
    int rc = 0;

    args.n = who->staff ? 2 : 3;
    rc = ak_sql_load(tx, who->staff ? &sql_incident_file : &sql_incident_file_own, args,
                     &incident_file_fields, arena, ret, err);
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Attachment", id) : rc;
}

int incident_store_files_sum(struct ak_tx *tx, const char *incident_id, const char *project_id,
                             int64_t *ret_n, int64_t *ret_size, struct ak_error *err)
{
    const struct ak_args whose =
        AK_ARGS(ak_v_text(incident_id), ak_v_text(project_id ? project_id : ""));
    int rc = ak_sql_int(tx, &sql_incident_files_count, whose, ret_n, err);

    return rc == 0 ? ak_sql_int(tx, &sql_incident_files_size, whose, ret_size, err) : rc;
}

int incident_store_files_room(struct ak_tx *tx, const char *project_id, int64_t *ret_size,
                              struct ak_error *err)
{
    return ak_sql_int(tx, &sql_incident_files_room, AK_ARGS(ak_v_text(project_id)), ret_size, err);
}

int incident_store_file_projects(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                 struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_incident_file_projects, AK_NO_ARGS, &incident_file_fields,
                           arena, 0, ret, err);
}

int incident_store_files_forget(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_incident_files_forget, AK_ARGS(ak_v_text(project_id)), NULL, err);
}

int incident_store_reported(struct ak_tx *tx, const char *project_id, int64_t *ret_n,
                            struct ak_error *err)
{
    return ak_sql_int(tx, &sql_incident_count_reported,
                      AK_ARGS(ak_v_text(project_id ? project_id : "")), ret_n, err);
}

int incident_store_rate_check(struct ak_tx *tx, const char *project_id, int64_t fallback,
                              struct ak_error *err)
{
    return identity_project_rate_check(tx, project_id, "incidents_hour", fallback,
                                       &sql_incident_written_before, AK_INCIDENT_RATE, err);
}
