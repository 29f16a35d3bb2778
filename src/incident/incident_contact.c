/* SPDX-License-Identifier: Apache-2.0 */
/* What contracts say about incidents: the minutes to the notification, whether incidents are posted
 * unasked, whom to write to, and whose contact a sender is. A project without a contract (the
 * provider's own, tests) has the settings. */
#include "incident/incident_internal.h"
#include "mail/mail.h"
#include "service/service.h"

/* '*ret_has' false: the project has no contract. */
static int contract_of(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                       struct service_contract *ret, bool *ret_has, struct ak_error *err)
{
    int rc = service_contract_by_project(tx, arena, project_id, ret, err);

    *ret_has = rc == 0;
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

int incident_terms(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                   const char *project_id, const char *severity, struct incident_terms *ret,
                   struct ak_error *err)
{
    struct service_contract contract = {0};
    struct service_incident_terms terms = {0};
    bool has = false;
    int rc = contract_of(tx, arena, project_id, &contract, &has, err);

    *ret = (struct incident_terms){
        .notify_minutes = ak_config_int(config, "incident_notify_minutes"),
        .update_minutes = ak_config_int(config, "incident_update_minutes"),
        .report_days = ak_config_int(config, "incident_report_days"),
        .by_mail = true,
        .by_portal = true,
        .from_portal = true,
        .from_mail = true,
        .posted = true,
    };
    if (rc < 0 || !has) {
        return rc;
    }
    rc = service_class_incident_terms(tx, contract.class_name, contract.class_version, severity,
                                      &terms, err);
    if (rc == 0) {
        *ret = (struct incident_terms){
            .notify_minutes = terms.notify_minutes,
            .update_minutes = terms.update_minutes,
            .report_days = terms.report_days,
            .by_mail = terms.by_mail,
            .by_portal = terms.by_portal || terms.tracking,
            .from_portal = terms.from_portal || terms.from_form,
            .from_mail = terms.from_mail,
            .posted = terms.portal_post,
        };
    }
    return rc;
}

int incident_find_sender(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                         const char *email, struct incident_sender *ret, struct ak_error *err)
{
    struct service_sender sender = {0};
    struct incident_terms terms = {0};
    int rc = service_contact_by_email(tx, arena, email, &sender, err);

    *ret = (struct incident_sender){0};
    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    rc = rc == 0 ? incident_terms(tx, arena, config, sender.project_id, "medium", &terms, err) : rc;
    if (rc == 0 && terms.from_mail) {
        *ret = (struct incident_sender){
            .project_id = sender.project_id, .name = sender.name, .language = sender.language};
    }
    return rc;
}

int incident_name_customers(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                            struct ak_error *err)
{
    struct incident_customer *customers = incident->customers.items;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < incident->customers.n; i++) {
        struct service_contract contract = {0};
        bool has = false;

        rc = contract_of(tx, arena, customers[i].project_id, &contract, &has, err);
        customers[i].customer_name = contract.customer_name;
        customers[i].contract_id = contract.id;
        customers[i].contract_number = contract.number;
    }
    return rc;
}

/* ---- Mails ----------------------------------------------------------------------------------- */

static bool told_of_incidents(const struct service_contact *contact)
{
    return ak_streq(contact->kind, "technical") || ak_streq(contact->kind, "security");
}

/* One mail an address, also where one person is two contacts: the key sees to it. */
static int mail_contact(struct ak_tx *tx, struct ak_arena *arena, const struct incident *incident,
                        const struct service_contract *contract,
                        const struct service_contact *contact, const char *template,
                        const char *const *params, int64_t *ret_mails, struct ak_error *err)
{
    const struct ak_mail mail = {
        .key = ak_arena_printf(arena, "%s:%s:%lld:%s:%s", template, incident->id,
                               (long long)incident->entries, contract->id, contact->email),
        .to = contact->email,
        .language = contact->language,
        .template = template,
        .params = params,
        .project_id = contract->project_id,
        .object_type = "incident",
        .object_id = incident->id,
    };

    (*ret_mails)++;
    return ak_mail_add(tx, &mail, err);
}

int incident_mail_customer(struct ak_tx *tx, struct ak_arena *arena,
                           const struct incident *incident,
                           const struct incident_customer *customer, const char *template,
                           const char *text, int64_t *ret_mails, struct ak_error *err)
{
    struct service_contract contract = {0};
    struct service_contact *contacts = NULL;
    const char *title = customer->reporter       ? incident->title
                        : incident->public_title ? incident->public_title
                                                 : incident->number;
    const char *const params[] = {incident->number, title, incident->severity, text ? text : "",
                                  NULL};
    size_t n = 0;
    bool has = false, by_mail = false;
    int rc = contract_of(tx, arena, customer->project_id, &contract, &has, err);

    if (rc == 0 && has) {
        rc = service_class_lists(tx, contract.class_name, contract.class_version,
                                 "incidents.channels", "mail", &by_mail, err);
    }
    if (rc == 0 && by_mail) {
        rc = service_contract_contacts(tx, arena, contract.id, NULL, &contacts, &n, err);
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (told_of_incidents(&contacts[i])) {
            rc = mail_contact(tx, arena, incident, &contract, &contacts[i], template, params,
                              ret_mails, err);
        }
    }
    return rc;
}

int incident_mail_operators(struct ak_tx *tx, struct ak_arena *arena,
                            const struct incident *incident, const char *template,
                            struct ak_error *err)
{
    const char *const params[] = {incident->number, incident->title, incident->severity, "", NULL};
    const struct ak_mail mail = {
        .key = ak_arena_printf(arena, "%s:%s:%lld", template, incident->id,
                               (long long)incident->entries),
        .to = AK_MAIL_OPERATORS,
        .template = template,
        .params = params,
        .project_id = incident->project_id,
        .object_type = "incident",
        .object_id = incident->id,
    };

    return ak_mail_add(tx, &mail, err);
}
