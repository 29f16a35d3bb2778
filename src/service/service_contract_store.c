/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of customers, contracts, codes and kits: one function each. Those of the deletion are
 * in service_end_store.c. */
#include "service/service_contract_internal.h"

#include "service/service_contract_sql.h"

static int named(int rc, const char *type, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, type, id) : rc;
}

int service_counter_next(struct ak_tx *tx, const char *name, int64_t *ret, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_counter_next, AK_ARGS(ak_v_text(name)), ret, err);
}

int service_fact_get(struct ak_tx *tx, struct ak_arena *arena, const char *name, const char **ret,
                     struct ak_error *err)
{
    struct service_stage_row row = {0};
    int rc = ak_sql_load(tx, &sql_fact_get, AK_ARGS(ak_v_text(name)), &service_id_fields, arena,
                         &row, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    if (rc == 0) {
        *ret = row.id;
    }
    return rc;
}

int service_fact_set(struct ak_tx *tx, const char *name, const char *value, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_fact_set, AK_ARGS(ak_v_text(name), ak_v_text(value)), NULL, err);
}

/* Customers */

int service_customer_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct service_customer_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_customer_load, AK_ARGS(ak_v_text(id)),
                             &service_customer_fields, arena, ret, err),
                 "Customer", id, err);
}

int service_customer_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err)
{
    return ak_sql_list(tx, &sql_customer_list, AK_NO_ARGS, query, &service_customer_fields, arena,
                       ret, err);
}

int service_customer_store_insert(struct ak_tx *tx, const struct service_customer_row *row,
                                  struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_customer_insert,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->number), ak_v_text(row->name),
                               ak_v_text(row->name_kana), ak_v_text(row->name_en),
                               ak_v_text(row->sector), ak_v_text(row->country),
                               ak_v_int(row->created_us)),
                       NULL, err);
}

int service_customer_store_update(struct ak_tx *tx, const struct service_customer_row *row,
                                  struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_customer_update,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->name), ak_v_text(row->name_kana),
                               ak_v_text(row->name_en), ak_v_text(row->sector),
                               ak_v_text(row->country), ak_v_int(ak_now_us())),
                       NULL, err);
}

int service_customer_store_serial(struct ak_tx *tx, const char *id, int64_t *ret,
                                  struct ak_error *err)
{
    return named(ak_sql_int(tx, &sql_customer_serial, AK_ARGS(ak_v_text(id)), ret, err), "Customer",
                 id, err);
}

/* Contracts */

static void dates(struct ak_arena *arena, struct service_contract_row *row)
{
    row->starts_on = service_date_text(arena, row->starts_us);
    row->ends_on = service_date_text(arena, row->ends_us);
}

int service_contract_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                                struct service_contract_row *ret, struct ak_error *err)
{
    int rc = named(ak_sql_load(tx, &sql_contract_load, AK_ARGS(ak_v_text(id)),
                               &service_contract_fields, arena, ret, err),
                   "Contract", id, err);

    if (rc == 0) {
        dates(arena, ret);
    }
    return rc;
}

int service_contract_store_own(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               struct service_contract_row *ret, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_contract_by_project, AK_ARGS(ak_v_text(project_id)),
                         &service_contract_fields, arena, ret, err);

    if (rc == 0) {
        dates(arena, ret);
    }
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_CONTRACT_NONE) : rc;
}

static void all_dates(struct ak_arena *arena, struct ak_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        dates(arena, (struct service_contract_row *)list->items + i);
    }
}

int service_contract_store_list(struct ak_tx *tx, struct ak_arena *arena,
                                const struct ak_query *query, struct ak_list *ret,
                                struct ak_error *err)
{
    int rc = ak_sql_list(tx, &sql_contract_list, AK_NO_ARGS, query, &service_contract_fields, arena,
                         ret, err);

    if (rc == 0) {
        all_dates(arena, ret);
    }
    return rc;
}

int service_contract_store_due(struct ak_tx *tx, struct ak_arena *arena, bool expired,
                               int64_t now_us, struct ak_list *ret, struct ak_error *err)
{
    int rc =
        ak_sql_load_all(tx, expired ? &sql_contract_expired : &sql_contract_due,
                        AK_ARGS(ak_v_int(now_us)), &service_contract_fields, arena, 0, ret, err);

    if (rc == 0) {
        all_dates(arena, ret);
    }
    return rc;
}

int service_contract_store_insert(struct ak_tx *tx, const struct service_contract_row *row,
                                  struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_contract_insert,
        AK_ARGS(ak_v_text(row->id), ak_v_text(row->number), ak_v_text(row->customer_id),
                ak_v_text(row->title), ak_v_text(row->class_name), ak_v_int(row->class_version),
                ak_v_int(row->starts_us), ak_v_int(row->ends_us), ak_v_text(row->governing_law),
                ak_v_text(row->language), ak_v_text(row->network_cidr), ak_v_text(row->quotas_json),
                ak_v_text(row->notes), ak_v_text(row->master_user_name), ak_v_int(row->created_us)),
        NULL, err);
}

int service_contract_store_update(struct ak_tx *tx, struct service_contract_row *row,
                                  struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(
        tx, &sql_contract_update,
        AK_ARGS(ak_v_text(row->id), ak_v_int(row->version), ak_v_text(row->title),
                ak_v_text(row->class_name), ak_v_int(row->class_version), ak_v_text(row->state),
                ak_v_int(row->starts_us), ak_v_int(row->ends_us), ak_v_text(row->governing_law),
                ak_v_text(row->language), ak_v_text(row->network_cidr), ak_v_text(row->quotas_json),
                ak_v_text(row->notes), ak_v_text(row->master_user_name), ak_v_text(row->project_id),
                ak_v_text(row->domain_id), ak_v_text(row->master_user_id),
                ak_v_int(row->activated_us), ak_v_int(row->legal_hold), ak_v_text(row->hold_reason),
                ak_v_int(row->hold_us), ak_v_int(row->cancelled_us), ak_v_text(row->cancelled_by),
                ak_v_text(row->cancel_reason), ak_v_int(row->ended_us), ak_v_int(row->delete_at_us),
                ak_v_int(row->deleting_us), ak_v_int(row->closed_us), ak_v_text(row->record_id),
                ak_v_int(ak_now_us())),
        &n, err);

    if (rc == 0 && n == 0) {
        return ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    row->version += rc == 0;
    return rc;
}

static const char *uuid_in(char id[AK_UUID_TEXT])
{
    ak_uuid_new(id);
    return id;
}

int service_contract_store_items(struct ak_tx *tx, const struct service_contract_row *row,
                                 struct ak_error *err)
{
    const struct service_item_row *items = row->items.items;
    char id[AK_UUID_TEXT];
    int rc = ak_sql_exec(tx, &sql_item_clear, AK_ARGS(ak_v_text(row->id)), NULL, err);

    for (size_t i = 0; i < row->items.n && rc == 0; i++) {
        rc = ak_sql_exec(tx, &sql_item_insert,
                         AK_ARGS(ak_v_text(uuid_in(id)), ak_v_text(row->id), ak_v_int((int64_t)i),
                                 ak_v_text(items[i].code), ak_v_text(items[i].title),
                                 ak_v_int(items[i].quantity)),
                         NULL, err);
        if (rc == -AK_STORE_DUPLICATE) {
            return ak_fail(err, AK_FIELD_VALUE, "items", "no two items have the same code");
        }
    }
    return rc;
}

int service_contract_store_contacts(struct ak_tx *tx, const struct service_contract_row *row,
                                    struct ak_error *err)
{
    const struct service_contact_row *contacts = row->contacts.items;
    char id[AK_UUID_TEXT];
    int rc = ak_sql_exec(tx, &sql_contact_clear, AK_ARGS(ak_v_text(row->id)), NULL, err);

    for (size_t i = 0; i < row->contacts.n && rc == 0; i++) {
        rc = ak_sql_exec(
            tx, &sql_contact_insert,
            AK_ARGS(ak_v_text(uuid_in(id)), ak_v_text(row->id), ak_v_int((int64_t)i),
                    ak_v_text(contacts[i].kind), ak_v_text(contacts[i].name),
                    ak_v_text(contacts[i].email), ak_v_text(contacts[i].phone),
                    ak_v_text(contacts[i].language ? contacts[i].language : row->language)),
            NULL, err);
    }
    return rc;
}

int service_contract_complete(struct ak_tx *tx, struct ak_arena *arena,
                              struct service_contract_row *row, struct ak_error *err)
{
    struct service_consent_row consent = {0};
    struct service_class class = {0};
    int rc = ak_sql_load_all(tx, &sql_item_list, AK_ARGS(ak_v_text(row->id)), &service_item_fields,
                             arena, 0, &row->items, err);

    if (rc == 0) {
        rc = ak_sql_load_all(tx, &sql_contact_list, AK_ARGS(ak_v_text(row->id), ak_v_text("")),
                             &service_contact_fields, arena, 0, &row->contacts, err);
    }
    if (rc == 0) {
        bool holds = false;

        rc = service_consent_store_newest(tx, arena, row->id, &consent, err);
        row->consent = NULL;
        if (rc == 0) {
            rc = service_consent_holds(tx, arena, row, &consent, &holds, err);
        }
        if (rc == 0 && holds) {
            row->consent = ak_arena_new0(arena, struct service_consent_row);
            *row->consent = consent;
        } else if (rc == -AK_NOT_FOUND) {
            ak_error_clear(err);
            rc = 0;
        }
    }
    if (rc == 0) {
        rc = service_class_load(tx, arena, row->class_name, row->class_version, &class, err);
        row->class_title_ja = class.title_ja;
        row->class_title_en = class.title_en;
    }
    if (rc == 0 && row->record_id) {
        struct service_record_row record = {0};

        rc = service_record_store_of(tx, arena, row->id, &record, err);
        row->supplement_us = record.supplement_us;
        row->kept = record.kept;
    }
    return rc == 0 ? service_quotas_complete(tx, arena, row, err) : rc;
}

int service_contract_contacts(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                              const char *kind, struct service_contact **ret_contacts,
                              size_t *ret_n, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = ak_sql_load_all(tx, &sql_contact_list,
                             AK_ARGS(ak_v_text(contract_id), ak_v_text(kind ? kind : "")),
                             &service_contact_fields, arena, 0, &list, err);
    const struct service_contact_row *rows = list.items;

    if (rc < 0) {
        return rc;
    }
    *ret_contacts = ak_arena_array(arena, struct service_contact, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        (*ret_contacts)[i] = (struct service_contact){.kind = rows[i].kind,
                                                      .name = rows[i].name,
                                                      .email = rows[i].email,
                                                      .phone = rows[i].phone,
                                                      .language = rows[i].language};
    }
    *ret_n = list.n;
    return 0;
}

int service_consent_store_insert(struct ak_tx *tx, const struct service_contract_row *contract,
                                 const struct service_consent_row *row,
                                 const struct service_terms *terms, struct ak_error *err)
{
    char id[AK_UUID_TEXT];

    return ak_sql_exec(
        tx, &sql_consent_insert,
        AK_ARGS(ak_v_text(uuid_in(id)), ak_v_text(contract->id), ak_v_text(contract->project_id),
                ak_v_text(row->terms_version), ak_v_text(row->terms_hash),
                ak_v_text(terms->text_ja), ak_v_text(terms->text_en), ak_v_text(row->user_id),
                ak_v_text(row->user_name), ak_v_text(row->source), ak_v_int(row->at_us)),
        NULL, err);
}

int service_consent_store_newest(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                                 struct service_consent_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_consent_newest, AK_ARGS(ak_v_text(contract_id)),
                       &service_consent_fields, arena, ret, err);
}

int service_change_store_insert(struct ak_tx *tx, const char *id, const char *contract_id,
                                const char *project_id, const char *changes, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_change_insert,
                       AK_ARGS(ak_v_text(id), ak_v_text(contract_id), ak_v_text(project_id),
                               ak_v_text(changes), ak_v_int(ak_now_us())),
                       NULL, err);
}

int service_change_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err)
{
    return ak_sql_list(tx, &sql_change_list, AK_ARGS(ak_v_text(project_id)), query,
                       &service_change_fields, arena, ret, err);
}

int service_change_store_of(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                            const struct ak_query *query, struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_change_of_contract, AK_ARGS(ak_v_text(contract_id)), query,
                       &service_change_fields, arena, ret, err);
}

/* Service codes */

int service_code_store_insert(struct ak_tx *tx, const struct service_code_row *row,
                              struct ak_error *err)
{
    return ak_sql_exec(
        tx, &sql_code_insert,
        AK_ARGS(ak_v_text(row->id), ak_v_text(row->project_id), ak_v_text(row->contract_id),
                ak_v_text(row->customer_id), ak_v_int(row->serial), ak_v_text(row->item),
                ak_v_text(row->server_id), ak_v_text(row->server_name), ak_v_int(row->issued_us)),
        NULL, err);
}

int service_code_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            const struct ak_query *query, struct ak_list *ret, struct ak_error *err)
{
    return project_id ? ak_sql_list(tx, &sql_code_list, AK_ARGS(ak_v_text(project_id)), query,
                                    &service_code_fields, arena, ret, err)
                      : ak_sql_list(tx, &sql_code_list_any, AK_NO_ARGS, query, &service_code_fields,
                                    arena, ret, err);
}

int service_code_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *code,
                            struct service_code_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_code_load, AK_ARGS(ak_v_text(code)), &service_code_fields,
                             arena, ret, err),
                 "Service code", code, err);
}

int service_code_store_update(struct ak_tx *tx, const struct service_code_row *row,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_code_update,
                       AK_ARGS(ak_v_text(row->project_id), ak_v_text(row->server_id),
                               ak_v_text(row->server_name), ak_v_int(row->retired_us)),
                       NULL, err);
}

int service_code_store_projects(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_code_projects, AK_NO_ARGS, &service_id_fields, arena, 0, ret,
                           err);
}

/* Export kits */

int service_export_store_insert(struct ak_tx *tx, const struct service_export_row *row,
                                struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_export_insert,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->contract_id),
                               ak_v_text(row->project_id), ak_v_int(row->with_disks),
                               ak_v_text(row->created_by), ak_v_int(row->created_us),
                               ak_v_int(row->expires_us)),
                       NULL, err);
}

int service_export_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err)
{
    return ak_sql_list(tx, &sql_export_list, AK_ARGS(ak_v_text(project_id)), query,
                       &service_export_fields, arena, ret, err);
}

int service_export_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const char *id, struct service_export_row *ret, struct ak_error *err)
{
    return named(project_id ? ak_sql_load(tx, &sql_export_load,
                                          AK_ARGS(ak_v_text(project_id), ak_v_text(id)),
                                          &service_export_fields, arena, ret, err)
                            : ak_sql_load(tx, &sql_export_load_any, AK_ARGS(ak_v_text(id)),
                                          &service_export_fields, arena, ret, err),
                 "Export kit", id, err);
}

int service_export_store_open(struct ak_tx *tx, const char *project_id, int64_t *ret,
                              struct ak_error *err)
{
    return ak_sql_int(tx, &sql_export_open, AK_ARGS(ak_v_text(project_id)), ret, err);
}

int service_export_store_state(struct ak_tx *tx, const struct service_export_row *row,
                               struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_export_state,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->state), ak_v_int(row->size),
                               ak_v_text(row->sha256), ak_v_text(row->error),
                               ak_v_int(row->ready_us), ak_v_int(row->disks_done),
                               ak_v_int(row->disks_total)),
                       NULL, err);
}

int service_export_store_expired(struct ak_tx *tx, struct ak_arena *arena, int64_t now_us,
                                 struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_export_expired, AK_ARGS(ak_v_int(now_us)),
                           &service_export_fields, arena, 0, ret, err);
}

int service_export_store_of_contract(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *contract_id, struct ak_list *ret,
                                     struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_export_of_contract, AK_ARGS(ak_v_text(contract_id)),
                           &service_export_fields, arena, 0, ret, err);
}

/* Deletion */

int service_removal_store_add(struct ak_tx *tx, const char *contract_id,
                              const struct service_removal_row *row, struct ak_error *err)
{
    char id[AK_UUID_TEXT];

    return ak_sql_exec(tx, &sql_removal_add,
                       AK_ARGS(ak_v_text(uuid_in(id)), ak_v_text(contract_id),
                               ak_v_text(row->stage), ak_v_text(row->object_type),
                               ak_v_text(row->object_id), ak_v_text(row->name ? row->name : ""),
                               ak_v_text(row->method), ak_v_int(row->size)),
                       NULL, err);
}

int service_removal_store_done(struct ak_tx *tx, const char *contract_id, const char *stage,
                               struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_removal_done,
                       AK_ARGS(ak_v_text(contract_id), ak_v_text(stage), ak_v_int(ak_now_us())),
                       NULL, err);
}

int service_removal_store_kept(struct ak_tx *tx, const char *contract_id, const char *object_type,
                               const char *object_id, const char *reason, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_removal_kept,
                       AK_ARGS(ak_v_text(contract_id), ak_v_text(object_type), ak_v_text(object_id),
                               ak_v_text(reason)),
                       NULL, err);
}

int service_removal_store_gone(struct ak_tx *tx, const char *contract_id, int64_t at_us,
                               struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_removal_gone, AK_ARGS(ak_v_text(contract_id), ak_v_int(at_us)),
                       NULL, err);
}

int service_removal_store_waiting(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret,
                                  struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_removal_waiting, AK_NO_ARGS, &service_removal_fields, arena, 0,
                           ret, err);
}

int service_supplement_store_insert(struct ak_tx *tx, const struct service_record_row *row,
                                    struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_supplement_insert,
                       AK_ARGS(ak_v_text(row->contract_id), ak_v_text(row->id),
                               ak_v_text(row->document), ak_v_int(row->created_us)),
                       NULL, err);
}

int service_supplement_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *record_id,
                                  struct service_record_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_supplement_load, AK_ARGS(ak_v_text(record_id)),
                             &service_record_fields, arena, ret, err),
                 "Supplement to deletion record", record_id, err);
}

int service_removal_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                               struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_removal_list, AK_ARGS(ak_v_text(contract_id)),
                           &service_removal_fields, arena, 200000, ret, err);
}

int service_stage_store_begin(struct ak_tx *tx, const char *contract_id, const char *stage,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_stage_begin,
                       AK_ARGS(ak_v_text(contract_id), ak_v_text(stage), ak_v_int(ak_now_us())),
                       NULL, err);
}

int service_stage_store_done(struct ak_tx *tx, const char *contract_id, const char *stage,
                             struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_stage_done,
                       AK_ARGS(ak_v_text(contract_id), ak_v_text(stage), ak_v_int(ak_now_us())),
                       NULL, err);
}

int service_stage_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_stage_list, AK_ARGS(ak_v_text(contract_id)),
                           &service_stage_fields, arena, 0, ret, err);
}

int service_record_store_insert(struct ak_tx *tx, const struct service_record_row *row,
                                struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_record_insert,
                       AK_ARGS(ak_v_text(row->id), ak_v_text(row->contract_id),
                               ak_v_text(row->contract_number), ak_v_text(row->customer_name),
                               ak_v_text(row->document), ak_v_text(row->sha256),
                               ak_v_int(row->created_us)),
                       NULL, err);
}

int service_record_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              struct service_record_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_record_load, AK_ARGS(ak_v_text(id)), &service_record_fields,
                             arena, ret, err),
                 "Deletion record", id, err);
}

int service_record_store_of(struct ak_tx *tx, struct ak_arena *arena, const char *contract_id,
                            struct service_record_row *ret, struct ak_error *err)
{
    return named(ak_sql_load(tx, &sql_record_of_contract, AK_ARGS(ak_v_text(contract_id)),
                             &service_record_fields, arena, ret, err),
                 "Deletion record of contract", contract_id, err);
}

int service_record_store_list(struct ak_tx *tx, struct ak_arena *arena,
                              const struct ak_query *query, struct ak_list *ret,
                              struct ak_error *err)
{
    return ak_sql_list(tx, &sql_record_list, AK_NO_ARGS, query, &service_record_fields, arena, ret,
                       err);
}
