/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of customers and contracts: which event a state takes, what a contract needs, activation
 * and consent. Each works in the transaction given. The end is in service_end_rules.c. */
#include "service/service_contract_internal.h"

#include <stdio.h>

#include "mail/mail.h"

static const char *const state_names[SERVICE_STATES] = {"draft", "active", "terminating", "closed"};

/* Which event which state takes. */
#define IN(state) (1u << SERVICE_##state)
static const struct {
    const char *name;
    unsigned states;
} events[SERVICE_EVENTS] = {
    [SERVICE_ACTIVATE] = {"activate", IN(DRAFT)},
    [SERVICE_CHANGE] = {"change", IN(DRAFT)},
    [SERVICE_ADJUST] = {"change", IN(DRAFT) | IN(ACTIVE) | IN(TERMINATING)},
    [SERVICE_UPGRADE] = {"upgrade", IN(ACTIVE)},
    [SERVICE_CANCEL] = {"cancel", IN(DRAFT) | IN(ACTIVE) | IN(TERMINATING)},
    [SERVICE_HOLD] = {"hold", IN(ACTIVE) | IN(TERMINATING)},
    [SERVICE_RELEASE] = {"release", IN(ACTIVE) | IN(TERMINATING)},
    [SERVICE_DELETE_NOW] = {"delete-now", IN(TERMINATING)},
    [SERVICE_EXPORT] = {"export", IN(ACTIVE) | IN(TERMINATING)},
    [SERVICE_CONSENT] = {"consent", IN(ACTIVE) | IN(TERMINATING)},
};

int service_contract_allow(const struct service_contract_row *contract, enum service_event event,
                           struct ak_error *err)
{
    for (int s = 0; s < SERVICE_STATES; s++) {
        if (ak_streq(state_names[s], contract->state) && (events[event].states & 1u << s)) {
            return 0;
        }
    }
    return ak_fail(err, AK_CONTRACT_STATE, events[event].name, contract->state);
}

static const char *new_id(struct ak_arena *arena)
{
    char id[AK_UUID_TEXT];

    ak_uuid_new(id);
    return ak_arena_strdup(arena, id);
}

/* Customers */

int service_customer_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_customer_row *customer, struct ak_error *err)
{
    int64_t n = 0;
    int rc = service_counter_next(tx, "customer", &n, err);

    if (rc < 0) {
        return rc;
    }
    customer->id = new_id(arena);
    customer->number = ak_arena_printf(arena, "C%05" PRId64, n);
    customer->country = customer->country ? customer->country : "JP";
    customer->created_us = ak_now_us();
    return service_customer_store_insert(tx, customer, err);
}

int service_customer_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct service_customer_row *change,
                            struct service_customer_row *ret, struct ak_error *err)
{
    int rc = service_customer_store_load(tx, arena, id, ret, err);

    if (rc == 0) {
        ak_fields_merge(&service_customer_fields, ret, change);
        rc = service_customer_store_update(tx, ret, err);
    }
    return rc;
}

/* Contracts */

/* Dates of the texts. */
static int take_dates(struct service_contract_row *contract, struct ak_error *err)
{
    if (!service_date_parse(contract->starts_on, &contract->starts_us)) {
        return ak_fail(err, AK_CONTRACT_DATE, contract->starts_on, "there is no such day");
    }
    contract->ends_us = 0;
    if (contract->ends_on && !service_date_parse(contract->ends_on, &contract->ends_us)) {
        return ak_fail(err, AK_CONTRACT_DATE, contract->ends_on, "there is no such day");
    }
    if (contract->ends_us != 0 && contract->ends_us <= contract->starts_us) {
        return ak_fail(err, AK_CONTRACT_DATE, contract->ends_on, "it is not after the first day");
    }
    return 0;
}

int service_contract_create(struct ak_tx *tx, struct ak_arena *arena,
                            struct service_contract_row *contract, struct ak_error *err)
{
    struct service_customer_row customer = {0};
    struct service_class class = {0};
    int64_t n = 0;
    char year[AK_TIME_TEXT];
    int rc = take_dates(contract, err);

    rc =
        rc < 0 ? rc : service_customer_store_load(tx, arena, contract->customer_id, &customer, err);
    rc = rc < 0 ? rc : service_class_load(tx, arena, contract->class_name, 0, &class, err);
    if (rc < 0) {
        return rc;
    }
    contract->created_us = ak_now_us();
    (void)ak_time_text(year, contract->created_us + 9 * AK_HOUR, AK_TIME_Z);
    year[4] = '\0';
    rc = service_counter_next(tx, ak_arena_printf(arena, "contract-%s", year), &n, err);
    if (rc < 0) {
        return rc;
    }
    contract->id = new_id(arena);
    contract->number = ak_arena_printf(arena, "K-%s-%04" PRId64, year, n);
    contract->class_version = class.version;
    contract->governing_law = contract->governing_law ? contract->governing_law : "日本法";
    contract->language = contract->language ? contract->language : "ja";
    contract->network_cidr = contract->network_cidr ? contract->network_cidr : "192.168.0.0/24";
    contract->notes = contract->notes ? contract->notes : "";
    contract->master_user_name = contract->master_user_name ? contract->master_user_name : "master";
    service_quotas_take(arena, contract);
    rc = service_contract_store_insert(tx, contract, err);
    rc = rc < 0 ? rc : service_contract_store_items(tx, contract, err);
    rc = rc < 0 ? rc : service_contract_store_contacts(tx, contract, err);
    rc = rc < 0 ? rc : service_contract_store_load(tx, arena, contract->id, contract, err);
    return rc < 0 ? rc : service_contract_complete(tx, arena, contract, err);
}

/* What may change only in a draft. */
static bool changes_all(const struct service_contract_row *change)
{
    static const char *const fixed[] = {"class_name",    "starts_on",    "ends_on",
                                        "governing_law", "network_cidr", "master_user_name"};

    for (size_t i = 0; i < AK_N(fixed); i++) {
        if (ak_field_given(&service_contract_fields, change, fixed[i])) {
            return true;
        }
    }
    return false;
}

static int change_lists(struct ak_tx *tx, struct ak_arena *arena,
                        struct service_contract_row *contract,
                        const struct service_contract_row *change, struct ak_error *err)
{
    int rc = 0;

    if (ak_field_given(&service_contract_fields, change, "items")) {
        rc = service_contract_store_items(tx, contract, err);
    }
    if (rc == 0 && ak_field_given(&service_contract_fields, change, "contacts")) {
        rc = service_contract_store_contacts(tx, contract, err);
    }
    if (rc == 0 && ak_field_given(&service_contract_fields, change, "quotas")) {
        service_quotas_take(arena, contract);
        rc = contract->project_id ? service_quotas_apply(tx, contract, err) : 0;
    }
    return rc;
}

int service_contract_change(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            const struct service_contract_row *change,
                            struct service_contract_row *ret, struct ak_error *err)
{
    struct service_class class = {0};
    const char *before = NULL;
    int rc = service_contract_store_load(tx, arena, id, ret, err);

    rc = rc < 0 ? rc
                : service_contract_allow(ret, changes_all(change) ? SERVICE_CHANGE : SERVICE_ADJUST,
                                         err);
    if (rc < 0) {
        return rc;
    }
    rc = service_contract_complete(tx, arena, ret, err);
    before = rc == 0 ? service_change_before(arena, ret) : NULL;
    ak_fields_merge(&service_contract_fields, ret, change);
    /* the end of a cancelled contract is a moment, not only its day: it is left alone */
    if (rc == 0 && (ak_field_given(&service_contract_fields, change, "starts_on") ||
                    ak_field_given(&service_contract_fields, change, "ends_on"))) {
        rc = take_dates(ret, err);
    }
    if (rc == 0 && ak_field_given(&service_contract_fields, change, "class_name")) {
        rc = service_class_load(tx, arena, ret->class_name, 0, &class, err);
        ret->class_version = class.version;
    }
    rc = rc < 0 ? rc : change_lists(tx, arena, ret, change, err);
    rc = rc < 0 ? rc : service_contract_store_update(tx, ret, err);
    if (rc == 0 && ret->domain_id) { /* from now on mails to its people are in its language */
        rc = identity_tenant_language(tx, ret->domain_id, ret->language, err);
    }
    rc = rc < 0 ? rc : service_contract_store_load(tx, arena, id, ret, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, ret, err);
    return rc < 0 ? rc : service_change_record(tx, arena, before, ret, err);
}

/* Activation */

int service_contract_mail(struct ak_tx *tx, struct ak_arena *arena,
                          const struct service_contract_row *contract, const char *template,
                          const char *key, const char *const *params, struct ak_error *err)
{
    struct service_contact *contacts = NULL;
    size_t n = 0;
    int rc = service_contract_contacts(tx, arena, contract->id, NULL, &contacts, &n, err);

    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct ak_mail mail = {
            .key =
                ak_arena_printf(arena, "contract %s %s %s", contract->id, key, contacts[i].email),
            .to = contacts[i].email,
            .language = contacts[i].language,
            .template = template,
            .params = params,
            .project_id = contract->project_id,
            .object_type = "contract",
            .object_id = contract->id,
        };

        rc = ak_mail_add(tx, &mail, err);
    }
    return rc;
}

/* Domain, project, master user, limits, verbs of the class, network. */
static int make_tenant(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                       struct service_contract_row *contract,
                       const struct identity_initial *initial, const char *request_id,
                       struct ak_error *err)
{
    const struct service_contact_row *contacts = contract->contacts.items;
    const struct identity_tenant tenant = {
        .name = contract->number,
        .description = ak_arena_printf(arena, "%s %s", contract->customer_name, contract->title),
        .user_name = contract->master_user_name,
        .email = contract->contacts.n > 0 ? contacts[0].email : NULL,
        .role = "manager",
        .language = contract->language};
    struct identity_tenant_ids ids = {0};
    int rc = identity_tenant_create(tx, arena, config, &tenant, initial, &ids, err);

    if (rc < 0) {
        return rc;
    }
    contract->domain_id = ids.domain_id;
    contract->project_id = ids.project_id;
    contract->master_user_id = ids.user_id;
    rc = service_class_apply(tx, contract->project_id, contract->class_name,
                             contract->class_version, err);
    rc = rc < 0
             ? rc
             : identity_project_verb_consent(tx, contract->project_id, "server.create", true, err);
    rc = rc < 0 ? rc : service_quotas_apply(tx, contract, err);
    return rc < 0 ? rc
                  : network_tenant_create(tx, arena, config, contract->project_id,
                                          contract->network_cidr, request_id, err);
}

int service_contract_activate(struct ak_tx *tx, struct ak_arena *arena,
                              const struct ak_config *config, const char *id,
                              const struct identity_initial *initial, const char *request_id,
                              struct service_contract_row *ret, struct ak_error *err)
{
    struct service_class class = {0};
    int rc = service_contract_store_load(tx, arena, id, ret, err);

    rc = rc < 0 ? rc : service_contract_allow(ret, SERVICE_ACTIVATE, err);
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, ret, err);
    rc = rc < 0 ? rc : service_class_load(tx, arena, ret->class_name, 0, &class, err);
    if (rc < 0) {
        return rc;
    }
    if (ret->ends_us != 0 && ret->ends_us <= ak_now_us()) {
        return ak_fail(err, AK_CONTRACT_DATE, ret->ends_on, "the contract would be over already");
    }
    ret->class_version = class.version; /* the newest terms are those that are agreed to */
    ret->state = state_names[SERVICE_ACTIVE];
    ret->activated_us = ak_now_us();
    rc = make_tenant(tx, arena, config, ret, initial, request_id, err);
    rc = rc < 0 ? rc : service_contract_store_update(tx, ret, err);
    if (rc == 0) {
        const char *const params[] = {ret->customer_name, ret->number, ret->title,
                                      ret->master_user_name, NULL};

        rc = service_contract_mail(tx, arena, ret, "contract-activated", "activated", params, err);
    }
    rc = rc < 0 ? rc : service_contract_store_load(tx, arena, id, ret, err);
    return rc < 0 ? rc : service_contract_complete(tx, arena, ret, err);
}

/* Consent */

int service_contract_terms(struct ak_tx *tx, struct ak_arena *arena,
                           const struct service_contract_row *contract,
                           struct service_terms *ret_terms, struct ak_error *err)
{
    struct service_terms terms = {0};
    char hash[AK_SHA256_TEXT];
    const char *both;
    int rc = service_class_str(tx, arena, contract->class_name, contract->class_version,
                               "consent_ja", &terms.text_ja, err);

    rc = rc < 0 ? rc
                : service_class_str(tx, arena, contract->class_name, contract->class_version,
                                    "consent_en", &terms.text_en, err);
    if (rc < 0) {
        return rc;
    }
    both = ak_arena_printf(arena, "%s\n%" PRId64 "\n%s\n%s", contract->class_name,
                           contract->class_version, terms.text_ja, terms.text_en);
    ak_sha256_hex(both, strlen(both), hash);
    terms.hash = ak_arena_strdup(arena, hash);
    terms.version =
        ak_arena_printf(arena, "%s-%" PRId64, contract->class_name, contract->class_version);
    *ret_terms = terms;
    return 0;
}

int service_contract_consent(struct ak_tx *tx, struct ak_arena *arena,
                             const struct service_contract_row *contract, const char *hash,
                             const struct ak_principal *who, const char *source,
                             struct ak_error *err)
{
    struct service_terms terms = {0};
    int rc = service_contract_allow(contract, SERVICE_CONSENT, err);

    rc = rc < 0 ? rc : service_contract_terms(tx, arena, contract, &terms, err);
    if (rc < 0) {
        return rc;
    }
    if (!ak_streq(terms.hash, hash)) {
        return ak_fail(err, AK_TERMS_CHANGED);
    }
    const struct service_consent_row row = {.terms_version = terms.version,
                                            .terms_hash = terms.hash,
                                            .user_id = who->user_id,
                                            .user_name = who->user_name,
                                            .source = source,
                                            .at_us = ak_now_us()};
    rc = service_consent_store_insert(tx, contract, &row, &terms, err);
    return rc < 0 ? rc
                  : identity_project_verb_consent(tx, contract->project_id, "server.create", false,
                                                  err);
}

/* For the other domains (service.h) */

static void publish(const struct service_contract_row *row, struct service_contract *ret)
{
    *ret = (struct service_contract){.id = row->id,
                                     .number = row->number,
                                     .customer_id = row->customer_id,
                                     .customer_name = row->customer_name,
                                     .customer_name_en = row->customer_name_en,
                                     .sector = row->sector,
                                     .project_id = row->project_id,
                                     .domain_id = row->domain_id,
                                     .class_name = row->class_name,
                                     .class_version = row->class_version,
                                     .state = row->state,
                                     .master_user_id = row->master_user_id,
                                     .language = row->language,
                                     .starts_us = row->starts_us,
                                     .ends_us = row->ends_us,
                                     .delete_at_us = row->delete_at_us,
                                     .legal_hold = row->legal_hold};
}

int service_contract_by_project(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                struct service_contract *ret_contract, struct ak_error *err)
{
    struct service_contract_row row = {0};
    int rc = service_contract_store_own(tx, arena, project_id, &row, err);

    if (rc == 0) {
        publish(&row, ret_contract);
    }
    return rc == -AK_CONTRACT_NONE
               ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Contract of project", project_id)
               : rc;
}

int service_contract_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                          struct service_contract *ret_contract, struct ak_error *err)
{
    struct service_contract_row row = {0};
    int rc = service_contract_store_load(tx, arena, id, &row, err);

    if (rc == 0) {
        publish(&row, ret_contract);
    }
    return rc;
}

int service_contract_all(struct ak_tx *tx, struct ak_arena *arena,
                         struct service_contract **ret_contracts, size_t *ret_n,
                         struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    int rc = 0;

    ak_query_sort_key(&query, "created_us", true);
    rc = service_contract_store_list(tx, arena, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    *ret_contracts = ak_arena_array(arena, struct service_contract, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        publish((const struct service_contract_row *)list.items + i, &(*ret_contracts)[i]);
    }
    *ret_n = list.n;
    return 0;
}

int service_contract_write(struct ak_tx *tx, struct ak_arena *arena, const char *id_or_number,
                           struct ak_json *w, struct ak_error *err)
{
    const struct ak_fields_mode mode = {.admin = true};
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct ak_value value = ak_v_text(id_or_number);
    int rc = ak_query_filter(&query, arena, ak_uuid_valid(id_or_number) ? "id" : "number", AK_EQ,
                             &value, 1, err);

    rc = rc < 0 ? rc : service_contract_store_list(tx, arena, &query, &list, err);
    if (rc == 0 && list.n == 0) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Contract", id_or_number);
    }
    rc = rc < 0 ? rc : service_contract_complete(tx, arena, list.items, err);
    if (rc == 0) {
        ak_fields_render_object(&service_contract_fields, list.items, &mode, w);
    }
    return rc;
}

int service_contract_require_consent(struct ak_tx *tx, struct ak_arena *arena,
                                     const char *project_id, struct ak_error *err)
{
    struct service_contract_row row = {0};
    struct service_consent_row consent = {0};
    bool holds = false;
    int rc = service_contract_store_own(tx, arena, project_id, &row, err);

    if (rc == -AK_CONTRACT_NONE) {
        ak_error_clear(err);
        return 0;
    }
    rc = rc < 0 ? rc : service_consent_store_newest(tx, arena, row.id, &consent, err);
    if (rc == 0) {
        rc = service_consent_holds(tx, arena, &row, &consent, &holds, err);
    }
    return rc == -AK_NOT_FOUND || (rc == 0 && !holds) ? ak_fail(err, AK_CONSENT_NEEDED) : rc;
}
