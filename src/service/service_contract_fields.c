/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of customers, contracts, codes, kits and records: what bodies may hold, what answers
 * show, what lists filter by. */
#include "service/service_contract_internal.h"

#include <stdio.h>
#include <time.h>

#define AT(type, member) offsetof(struct type, member)
#define SET              (AK_CREATE | AK_UPDATE)
#define DATE             "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
#define JST_US           (9 * AK_HOUR)

bool service_date_parse(const char *text, int64_t *ret_us)
{
    int64_t us = 0;
    char back[AK_TIME_TEXT];

    if (strlen(text) != 10 || !ak_time_parse(text, &us)) {
        return false;
    }
    (void)ak_time_text(back, us, AK_TIME_Z);
    if (strncmp(back, text, 10) != 0) { /* 31 February is no date */
        return false;
    }
    *ret_us = us - JST_US;
    return true;
}

const char *service_date_text(struct ak_arena *arena, int64_t time_us)
{
    char text[AK_TIME_TEXT];

    return time_us == 0
               ? NULL
               : ak_arena_strndup(arena, ak_time_text(text, time_us + JST_US, AK_TIME_Z), 10);
}

static const char *const sectors[] = {"government", "municipality",  "education", "medical",
                                      "finance",    "manufacturing", "retail",    "software",
                                      "logistics",  "utility",       "other",     NULL};
static const char *const languages[] = {"ja", "en", NULL};
static const char *const kinds[] = {"business", "technical", "security", "emergency", NULL};

static const struct ak_field customer_rows[] = {
    {"id", AK_STR, AT(service_customer_row, id), AK_FILTER, .doc = "id of the customer"},
    {"number", AK_STR, AT(service_customer_row, number), AK_FILTER | AK_SORT,
     .doc = "for people; part of service codes"},
    {"name", AK_STR, AT(service_customer_row, name), SET | AK_REQUIRED | AK_FILTER | AK_SORT,
     .min = 1, .doc = "name of the organisation"},
    {"name_kana", AK_STR, AT(service_customer_row, name_kana), SET | AK_NULLABLE,
     .doc = "its reading"},
    {"name_en", AK_STR, AT(service_customer_row, name_en), SET | AK_NULLABLE | AK_FILTER,
     .doc = "its name in English"},
    {"sector", AK_STR, AT(service_customer_row, sector), SET | AK_REQUIRED | AK_FILTER | AK_SORT,
     .choices = sectors, .doc = "what it does"},
    {"country", AK_STR, AT(service_customer_row, country), SET | AK_FILTER, .pattern = "[A-Z]{2}",
     .max = 2, .doc = "ISO 3166-1, default JP"},
    {"created_at", AK_TIME, AT(service_customer_row, created_us), AK_SORT, .column = "created_us",
     .doc = "when it was entered"},
};
const struct ak_fields service_customer_fields =
    AK_FIELDS_GIVEN("customer", struct service_customer_row, customer_rows);

#define QUOTA(member, text)                                                                        \
    {                                                                                              \
#member, AK_INT, AT(service_quotas, member), SET, .column = "", .min = -1,                 \
                                                          .max = 100000000, .doc = text            \
    }
/* Without a word of the contract the installation's default holds: nothing is shown. */
#define QUOTA_OF_CLOUD(member, text)                                                               \
    {                                                                                              \
#member, AK_INT, AT(service_quotas, member), SET | AK_OMIT_NULL,                           \
            .column = "", .min = -1, .max = 100000000, .doc = text                                 \
    }
static const struct ak_field quota_rows[] = {
    QUOTA(instances, "servers; -1 = no limit"),
    QUOTA(cores, "virtual processors"),
    QUOTA(ram_mib, "memory in MiB"),
    QUOTA(disk_gib, "disks of servers in GiB"),
    QUOTA_OF_CLOUD(networks, "networks"),
    QUOTA_OF_CLOUD(ports, "ports"),
    QUOTA_OF_CLOUD(routers, "routers"),
    QUOTA_OF_CLOUD(security_groups, "security groups"),
    QUOTA(images, "images of its own"),
    QUOTA(image_gib, "their size in GiB, all together"),
    QUOTA(users, "users, the master user with them"),
    QUOTA(open_requests, "requests that are not finished"),
    QUOTA(open_incidents, "reported incidents that are not closed"),
    QUOTA_OF_CLOUD(requests_hour, "requests filed, corrected or withdrawn within an hour"),
    QUOTA_OF_CLOUD(incidents_hour, "reports of incidents and words to them within an hour"),
};
const struct ak_fields service_quotas_fields =
    AK_FIELDS_GIVEN("quotas", struct service_quotas, quota_rows);

static const struct ak_field item_rows[] = {
    {"id", AK_STR, AT(service_item_row, id), 0, .doc = "id of the item"},
    {"code", AK_STR, AT(service_item_row, code), SET | AK_REQUIRED, .min = 2, .max = 12,
     .pattern = "[A-Z][A-Z0-9]*", .doc = "part of service codes"},
    {"title", AK_STR, AT(service_item_row, title), SET | AK_REQUIRED, .min = 1,
     .doc = "for people"},
    {"quantity", AK_INT, AT(service_item_row, quantity), SET | AK_REQUIRED, .min = 1, .max = 100000,
     .doc = "how many"},
};
const struct ak_fields service_item_fields = AK_FIELDS("item", struct service_item_row, item_rows);

static const struct ak_field contact_rows[] = {
    {"id", AK_STR, AT(service_contact_row, id), 0, .doc = "id of the contact"},
    {"kind", AK_STR, AT(service_contact_row, kind), SET | AK_REQUIRED, .choices = kinds,
     .doc = "what for"},
    {"name", AK_STR, AT(service_contact_row, name), SET | AK_REQUIRED, .min = 1, .doc = "who"},
    {"email", AK_STR, AT(service_contact_row, email), SET | AK_REQUIRED, .max = 254,
     .pattern = "[^[:space:][:cntrl:]<>@,;]+@[A-Za-z0-9._-]+", .doc = "address"},
    {"phone", AK_STR, AT(service_contact_row, phone), SET | AK_NULLABLE, .max = 40,
     .doc = "telephone"},
    {"language", AK_STR, AT(service_contact_row, language), SET, .choices = languages,
     .doc = "of mails, default the contract's"},
};
const struct ak_fields service_contact_fields =
    AK_FIELDS("contact", struct service_contact_row, contact_rows);

static const struct ak_field consent_rows[] = {
    {"terms_version", AK_STR, AT(service_consent_row, terms_version), 0, .doc = "of the class"},
    {"terms_hash", AK_STR, AT(service_consent_row, terms_hash), 0,
     .doc = "SHA-256 over both languages"},
    {"terms_ja", AK_STR, AT(service_consent_row, terms_ja), AK_HIDDEN, .max = 16384},
    {"terms_en", AK_STR, AT(service_consent_row, terms_en), AK_HIDDEN, .max = 16384},
    {"user_id", AK_STR, AT(service_consent_row, user_id), 0, .doc = "who agreed"},
    {"user_name", AK_STR, AT(service_consent_row, user_name), 0, .doc = "who agreed"},
    {"source", AK_STR, AT(service_consent_row, source), 0, .doc = "from where"},
    {"at", AK_TIME, AT(service_consent_row, at_us), 0, .column = "at_us", .doc = "when"},
};
const struct ak_fields service_consent_fields =
    AK_FIELDS("consent", struct service_consent_row, consent_rows);

#define ROW(member) AT(service_contract_row, member)
#define HIDDEN_INT(name)                                                                           \
    {                                                                                              \
#name, AK_INT, ROW(name), AK_HIDDEN                                                        \
    }
static const struct ak_field contract_rows[] = {
    {"id", AK_STR, ROW(id), AK_FILTER, .doc = "id of the contract"},
    {"number", AK_STR, ROW(number), AK_FILTER | AK_SORT, .doc = "for people"},
    {"customer_id", AK_UUID, ROW(customer_id), AK_CREATE | AK_REQUIRED | AK_FILTER,
     .doc = "whose contract"},
    {"customer_number", AK_STR, ROW(customer_number), AK_FILTER, .doc = "the customer's number"},
    {"customer_name", AK_STR, ROW(customer_name), AK_FILTER | AK_SORT, .doc = "whose contract"},
    {"customer_name_en", AK_STR, ROW(customer_name_en), 0, .doc = "whose contract"},
    {"sector", AK_STR, ROW(sector), AK_FILTER, .doc = "the customer's sector"},
    {"title", AK_STR, ROW(title), SET | AK_REQUIRED | AK_SORT, .min = 1, .doc = "for people"},
    {"class_name", AK_STR, ROW(class_name), SET | AK_REQUIRED | AK_FILTER | AK_SORT, .min = 1,
     .max = 64, .doc = "service class"},
    {"class_version", AK_INT, ROW(class_version), AK_FILTER, .doc = "its version"},
    {"class_title_ja", AK_STR, ROW(class_title_ja), 0, .column = "", .doc = "title of the class"},
    {"class_title_en", AK_STR, ROW(class_title_en), 0, .column = "", .doc = "title of the class"},
    {"state", AK_STR, ROW(state), AK_FILTER | AK_SORT, .doc = "draft active terminating closed"},
    {"starts_on", AK_STR, ROW(starts_on), SET | AK_REQUIRED, .column = "", .max = 10,
     .pattern = DATE, .doc = "first day, Asia/Tokyo"},
    {"ends_on", AK_STR, ROW(ends_on), SET | AK_NULLABLE, .column = "", .max = 10, .pattern = DATE,
     .doc = "over at 00:00 of this day, Asia/Tokyo; null: no end"},
    {"governing_law", AK_STR, ROW(governing_law), SET, .doc = "default 日本法"},
    {"language", AK_STR, ROW(language), SET, .choices = languages, .doc = "of mails, default ja"},
    {"network_cidr", AK_STR, ROW(network_cidr), SET, .max = 18,
     .pattern = "[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}",
     .doc = "of the first network, default 192.168.0.0/24"},
    {"quotas", AK_OBJECT, ROW(quotas), SET, .column = "", .sub = &service_quotas_fields,
     .doc = "limits; what is left out has the installation's default"},
    {"items", AK_LIST, ROW(items), SET, .column = "", .sub = &service_item_fields, .max = 64,
     .doc = "service items"},
    {"contacts", AK_LIST, ROW(contacts), SET, .column = "", .sub = &service_contact_fields,
     .max = 32, .doc = "people of the customer"},
    {"notes", AK_STR, ROW(notes), SET, .max = 10000, .doc = "of the provider; staff only"},
    {"master_user_name", AK_STR, ROW(master_user_name), SET, .min = 1, .max = 64,
     .pattern = "[A-Za-z0-9][A-Za-z0-9._@-]*", .doc = "マスターユーザ, default master"},
    {"project_id", AK_STR, ROW(project_id), AK_FILTER, .doc = "from the activation on"},
    {"domain_id", AK_STR, ROW(domain_id), AK_FILTER, .doc = "from the activation on"},
    {"master_user_id", AK_STR, ROW(master_user_id), 0, .doc = "from the activation on"},
    {"consent", AK_OBJECT, ROW(consent), 0, .column = "", .sub = &service_consent_fields,
     .doc = "who agreed to the terms; null: nobody yet"},
    {"activated_at", AK_TIME, ROW(activated_us), 0, .column = "activated_us", .doc = "when"},
    {"legal_hold", AK_BOOL, ROW(legal_hold), AK_FILTER, .doc = "nothing is deleted"},
    {"hold_reason", AK_STR, ROW(hold_reason), 0, .doc = "why"},
    {"hold_at", AK_TIME, ROW(hold_us), 0, .column = "hold_us", .doc = "since when"},
    {"cancelled_at", AK_TIME, ROW(cancelled_us), 0, .column = "cancelled_us", .doc = "when"},
    {"cancelled_by", AK_STR, ROW(cancelled_by), 0, .doc = "customer, operator or term"},
    {"cancel_reason", AK_STR, ROW(cancel_reason), 0, .doc = "why"},
    {"ended_at", AK_TIME, ROW(ended_us), 0, .column = "ended_us",
     .doc = "since when the customer may only look and fetch"},
    {"delete_at", AK_TIME, ROW(delete_at_us), 0, .column = "delete_at_us",
     .doc = "when everything is deleted; null: by the operator"},
    {"deleting_at", AK_TIME, ROW(deleting_us), 0, .column = "deleting_us",
     .doc = "when the deletion began"},
    {"closed_at", AK_TIME, ROW(closed_us), 0, .column = "closed_us", .doc = "when it was done"},
    {"record_id", AK_STR, ROW(record_id), 0, .doc = "of the deletion record"},
    {"supplement_at", AK_TIME, ROW(supplement_us), 0, .column = "",
     .doc = "when the supplement of that record was signed; null: there is none"},
    {"kept", AK_INT, ROW(kept), 0, .column = "",
     .doc = "things that the record had to leave and that have not gone yet"},
    {"created_at", AK_TIME, ROW(created_us), AK_SORT, .column = "created_us", .doc = "when"},
    HIDDEN_INT(starts_us),
    HIDDEN_INT(ends_us),
    HIDDEN_INT(version),
    {"quotas_json", AK_JSON, ROW(quotas_json), AK_HIDDEN, .column = "quotas"},
};
const struct ak_fields service_contract_fields =
    AK_FIELDS_GIVEN("contract", struct service_contract_row, contract_rows);

static const struct ak_field code_rows[] = {
    {"code", AK_STR, AT(service_code_row, id), AK_FILTER | AK_SORT, .column = "id",
     .doc = "the service code"},
    {"server_id", AK_STR, AT(service_code_row, server_id), AK_FILTER, .doc = "its server"},
    {"server_name", AK_STR, AT(service_code_row, server_name), AK_FILTER | AK_SORT,
     .doc = "its server's name"},
    {"item", AK_STR, AT(service_code_row, item), AK_FILTER, .doc = "service item"},
    {"serial", AK_INT, AT(service_code_row, serial), AK_SORT, .doc = "of the customer"},
    {"project_id", AK_STR, AT(service_code_row, project_id), AK_FILTER, .doc = "whose"},
    {"contract_id", AK_STR, AT(service_code_row, contract_id), AK_FILTER,
     .doc = "of which contract"},
    {"customer_id", AK_STR, AT(service_code_row, customer_id), AK_HIDDEN},
    {"customer_number", AK_STR, AT(service_code_row, customer_number), AK_OMIT_NULL,
     .doc = "whose"},
    {"customer_name", AK_STR, AT(service_code_row, customer_name), AK_OMIT_NULL, .doc = "whose"},
    {"contract_number", AK_STR, AT(service_code_row, contract_number), AK_OMIT_NULL,
     .doc = "of which contract"},
    {"issued_at", AK_TIME, AT(service_code_row, issued_us), AK_SORT, .column = "issued_us",
     .doc = "when the server was made"},
    {"retired_at", AK_TIME, AT(service_code_row, retired_us), 0, .column = "retired_us",
     .doc = "when it was deleted; null: it is there"},
};
const struct ak_fields service_code_fields = AK_FIELDS("code", struct service_code_row, code_rows);

static const struct ak_field export_rows[] = {
    {"id", AK_STR, AT(service_export_row, id), AK_FILTER, .doc = "id of the kit"},
    {"state", AK_STR, AT(service_export_row, state), AK_FILTER,
     .doc = "queued running ready failed expired"},
    {"disks", AK_BOOL, AT(service_export_row, with_disks), AK_CREATE, .column = "with_disks",
     .doc = "with the disks as qcow2 files"},
    {"size", AK_INT, AT(service_export_row, size), 0, .doc = "bytes of the file"},
    {"disks_done", AK_INT, AT(service_export_row, disks_done), 0, .doc = "disks that are in it"},
    {"disks_total", AK_INT, AT(service_export_row, disks_total), 0, .doc = "of how many"},
    {"sha256", AK_STR, AT(service_export_row, sha256), 0, .doc = "of the file"},
    {"error", AK_STR, AT(service_export_row, error), 0, .doc = "why it failed"},
    {"contract_id", AK_STR, AT(service_export_row, contract_id), 0, .doc = "of which contract"},
    {"project_id", AK_STR, AT(service_export_row, project_id), AK_HIDDEN},
    {"created_by", AK_STR, AT(service_export_row, created_by), 0, .doc = "who asked"},
    {"created_at", AK_TIME, AT(service_export_row, created_us), AK_SORT, .column = "created_us",
     .doc = "when it was asked for"},
    {"ready_at", AK_TIME, AT(service_export_row, ready_us), 0, .column = "ready_us",
     .doc = "when it was ready"},
    {"expires_at", AK_TIME, AT(service_export_row, expires_us), 0, .column = "expires_us",
     .doc = "when it is removed"},
};
const struct ak_fields service_export_fields =
    AK_FIELDS_GIVEN("export", struct service_export_row, export_rows);

static const struct ak_field removal_rows[] = {
    {"id", AK_STR, AT(service_removal_row, id), AK_HIDDEN},
    {"stage", AK_STR, AT(service_removal_row, stage), 0},
    {"object_type", AK_STR, AT(service_removal_row, object_type), 0},
    {"object_id", AK_STR, AT(service_removal_row, object_id), 0},
    {"name", AK_STR, AT(service_removal_row, name), 0},
    {"method", AK_STR, AT(service_removal_row, method), 0},
    {"contract_id", AK_STR, AT(service_removal_row, contract_id), AK_HIDDEN},
    {"kept", AK_STR, AT(service_removal_row, kept), 0},
    {"size", AK_INT, AT(service_removal_row, size), 0},
    {"removed_at", AK_TIME, AT(service_removal_row, at_us), 0, .column = "at_us"},
};
const struct ak_fields service_removal_fields =
    AK_FIELDS("removal", struct service_removal_row, removal_rows);

static const struct ak_field stage_rows[] = {
    {"stage", AK_STR, AT(service_stage_row, id), 0, .column = "id"},
    {"started_at", AK_TIME, AT(service_stage_row, started_us), 0, .column = "started_us"},
    {"done_at", AK_TIME, AT(service_stage_row, done_us), 0, .column = "done_us"},
};
const struct ak_fields service_stage_fields =
    AK_FIELDS("stage", struct service_stage_row, stage_rows);

static const struct ak_field record_rows[] = {
    {"id", AK_STR, AT(service_record_row, id), AK_FILTER, .doc = "id of the record"},
    {"contract_id", AK_STR, AT(service_record_row, contract_id), AK_FILTER,
     .doc = "of which contract"},
    {"contract_number", AK_STR, AT(service_record_row, contract_number), AK_FILTER | AK_SORT,
     .doc = "of which contract"},
    {"customer_name", AK_STR, AT(service_record_row, customer_name), 0, .doc = "whose"},
    {"sha256", AK_STR, AT(service_record_row, sha256), 0, .doc = "of the record"},
    {"document", AK_STR, AT(service_record_row, document), AK_HIDDEN, .max = 64 << 20},
    {"created_at", AK_TIME, AT(service_record_row, created_us), AK_SORT, .column = "created_us",
     .doc = "when it was signed"},
    {"supplement_at", AK_TIME, AT(service_record_row, supplement_us), 0, .column = "supplement_us",
     .doc = "when the supplement was signed; null: there is none"},
    {"kept", AK_INT, AT(service_record_row, kept), 0,
     .doc = "things that it had to leave and that have not gone yet"},
};
const struct ak_fields service_record_fields =
    AK_FIELDS("deletion_record", struct service_record_row, record_rows);

static const struct ak_field consent_body_rows[] = {
    {"terms_hash", AK_STR, AT(service_verb_body, terms_hash), AK_CREATE | AK_REQUIRED, .min = 64,
     .max = 64, .pattern = "[0-9a-f]*", .doc = "hash of the terms that were read"},
};
const struct ak_fields service_consent_body =
    AK_FIELDS_GIVEN("consent", struct service_verb_body, consent_body_rows);

static const struct ak_field cancel_body_rows[] = {
    {"ends_on", AK_STR, AT(service_verb_body, ends_on), AK_CREATE | AK_REQUIRED, .max = 10,
     .pattern = DATE, .doc = "over at 00:00 of this day, Asia/Tokyo"},
    {"reason", AK_STR, AT(service_verb_body, reason), AK_CREATE, .max = 10000, .doc = "why"},
};
const struct ak_fields service_cancel_body =
    AK_FIELDS_GIVEN("cancel", struct service_verb_body, cancel_body_rows);

static const struct ak_field reason_body_rows[] = {
    {"reason", AK_STR, AT(service_verb_body, reason), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = 10000, .doc = "why"},
};
const struct ak_fields service_reason_body =
    AK_FIELDS_GIVEN("reason", struct service_verb_body, reason_body_rows);

static const struct ak_field id_rows[] = {
    {"id", AK_STR, AT(service_stage_row, id), 0},
};
const struct ak_fields service_id_fields = AK_FIELDS("id", struct service_stage_row, id_rows);

static const struct ak_field need_rows[] = {
    {"kind", AK_STR, AT(service_need, kind), 0},
    {"id", AK_STR, AT(service_need, id), 0},
    {"title_ja", AK_STR, AT(service_need, title_ja), 0},
    {"title_en", AK_STR, AT(service_need, title_en), 0},
    {"due_at", AK_TIME, AT(service_need, due_us), 0, .column = "due_us"},
};
const struct ak_fields service_need_fields = AK_FIELDS("need", struct service_need, need_rows);
