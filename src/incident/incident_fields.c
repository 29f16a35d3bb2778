/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of incidents: what bodies may hold, what answers show, which columns fill the rows.
 */
#include "incident/incident_internal.h"

#define AT(type, member) offsetof(struct type, member)

static const char *const severities[] = {"low", "medium", "high", "critical", NULL};
static const char *const causes[] = {"provider", "customer", "external", "unknown", NULL};
static const char *const states[] = {"received", "triage", "confirmed", "mitigated",
                                     "resolved", "closed", NULL};
static const char *const visibilities[] = {"customer", "internal", NULL};

#define TEXT(member, type, flags_, doc_)                                                           \
    {                                                                                              \
#member, AK_STR, AT(type, member), (flags_), .min = 1, .max = INCIDENT_TEXT_MAX,           \
                                                     .doc = (doc_)                                 \
    }

static const struct ak_field report_rows[] = {
    TEXT(root_cause, incident_report, AK_CREATE | AK_REQUIRED, "why it happened"),
    TEXT(impact, incident_report, AK_CREATE | AK_REQUIRED, "what it did to customers"),
    TEXT(response, incident_report, AK_CREATE | AK_REQUIRED, "what was done"),
    TEXT(prevention, incident_report, AK_CREATE | AK_REQUIRED,
         "what keeps it from happening again"),
    TEXT(root_cause_en, incident_report, AK_CREATE | AK_NULLABLE, "the same in English"),
    TEXT(impact_en, incident_report, AK_CREATE | AK_NULLABLE, "the same in English"),
    TEXT(response_en, incident_report, AK_CREATE | AK_NULLABLE, "the same in English"),
    TEXT(prevention_en, incident_report, AK_CREATE | AK_NULLABLE, "the same in English"),
};
const struct ak_fields incident_report_fields =
    AK_FIELDS("incident_report", struct incident_report, report_rows);

static const struct ak_field entry_rows[] = {
    {"number", AK_INT, AT(incident_entry, number), .doc = "1, 2, 3 … within the incident"},
    {"at", AK_TIME, AT(incident_entry, at_us), .column = "at_us", .doc = "when"},
    {"kind", AK_STR, AT(incident_entry, kind),
     .doc = "reported message update triage confirmed mitigated resolved closed notified overdue "
            "affected attached not_kept"},
    {"text", AK_STR, AT(incident_entry, text), .doc = "as written; may be empty"},
    {"author_kind", AK_STR, AT(incident_entry, author_kind),
     .doc = "customer operator system outside"},
    {"author_name", AK_STR, AT(incident_entry, author_name), .doc = "who wrote it"},
    {"visibility", AK_STR, AT(incident_entry, visibility), AK_ADMIN_ONLY, .choices = visibilities,
     .doc = "customer: shown to customers"},
    {"project_id", AK_STR, AT(incident_entry, project_id), AK_ADMIN_ONLY,
     .doc = "the one customer who sees it; null: all who see the incident"},
    {"author_id", AK_STR, AT(incident_entry, author_id), AK_HIDDEN},
};
const struct ak_fields incident_entry_fields =
    AK_FIELDS("incident_entry", struct incident_entry, entry_rows);

static const struct ak_field file_rows[] = {
    {"id", AK_STR, AT(incident_file, id), .doc = "id of the attachment"},
    {"name", AK_STR, AT(incident_file, name), .doc = "file name without what is dangerous"},
    {"size", AK_INT, AT(incident_file, size), .doc = "bytes"},
    {"media_type", AK_STR, AT(incident_file, media_type), .doc = "by the content"},
    {"sha256", AK_STR, AT(incident_file, sha256), .doc = "SHA-256 of the content"},
    {"entry", AK_INT, AT(incident_file, entry), .doc = "number of the entry it came with"},
    {"author_name", AK_STR, AT(incident_file, author_name), .doc = "who sent it"},
    {"author_kind", AK_STR, AT(incident_file, author_kind), .doc = "customer operator outside"},
    {"at", AK_TIME, AT(incident_file, created_us), .column = "created_us", .doc = "when"},
    {"visibility", AK_STR, AT(incident_file, visibility), AK_ADMIN_ONLY, .choices = visibilities,
     .doc = "customer: shown to customers"},
    {"project_id", AK_STR, AT(incident_file, project_id), AK_ADMIN_ONLY,
     .doc = "the one customer who sees it; null: all who see the incident"},
    {"data", AK_STR, AT(incident_file, data), AK_HIDDEN},
};
const struct ak_fields incident_file_fields =
    AK_FIELDS("incident_file", struct incident_file, file_rows);

static const struct ak_field server_rows[] = {
    {"id", AK_STR, AT(incident_server, server_id), .column = "server_id",
     .doc = "id of the server"},
    {"name", AK_STR, AT(incident_server, server_name), .column = "server_name",
     .doc = "its name then"},
    {"project_id", AK_STR, AT(incident_server, project_id), AK_ADMIN_ONLY, .doc = "whose it is"},
    {"host", AK_STR, AT(incident_server, host), AK_ADMIN_ONLY, .doc = "its host then"},
};
const struct ak_fields incident_server_fields =
    AK_FIELDS("incident_server", struct incident_server, server_rows);

static const struct ak_field customer_rows[] = {
    {"project_id", AK_STR, AT(incident_customer, project_id), .doc = "the customer's project"},
    {"customer_name", AK_STR, AT(incident_customer, customer_name), .column = "",
     .doc = "of the contract; null without"},
    {"contract_id", AK_STR, AT(incident_customer, contract_id), .column = "", .doc = "or null"},
    {"contract_number", AK_STR, AT(incident_customer, contract_number), .column = "",
     .doc = "or null"},
    {"reporter", AK_BOOL, AT(incident_customer, reporter), .doc = "reported it"},
    {"affected", AK_BOOL, AT(incident_customer, affected), .doc = "is touched by it"},
    {"posted_at", AK_TIME, AT(incident_customer, posted_us), .column = "posted_us",
     .doc = "since when the customer sees it"},
    {"notify_due_at", AK_TIME, AT(incident_customer, notify_due_us), .column = "notify_due_us",
     .doc = "target of the class"},
    {"notified_at", AK_TIME, AT(incident_customer, notified_us), .column = "notified_us",
     .doc = "when contacts were written to"},
};
const struct ak_fields incident_customer_fields =
    AK_FIELDS("incident_customer", struct incident_customer, customer_rows);

static const struct ak_field incident_rows[] = {
    {"id", AK_STR, AT(incident, id), AK_FILTER | AK_SORT, .doc = "id of the incident"},
    {"number", AK_STR, AT(incident, number), AK_FILTER | AK_SORT | AK_NEVER_NULL,
     .doc = "I-2026-0001"},
    {"title", AK_STR, AT(incident, title), AK_SORT,
     .doc = "as reported; to customers who did not report it the public title"},
    {"public_title", AK_STR, AT(incident, public_title), AK_ADMIN_ONLY,
     .doc = "what customers who did not report it see"},
    {"severity", AK_STR, AT(incident, severity), AK_FILTER, .choices = severities,
     .doc = "how bad it is"},
    {"cause", AK_STR, AT(incident, cause), AK_FILTER, .choices = causes, .doc = "on whose side"},
    {"state", AK_STR, AT(incident, state), AK_FILTER, .choices = states, .doc = "where it stands"},
    {"channel", AK_STR, AT(incident, channel), AK_FILTER, .doc = "form mail operator"},
    {"reported_by", AK_STR, AT(incident, reporter_name), .column = "reporter_name",
     .doc = "who reported it; empty when another customer did"},
    {"mine", AK_BOOL, AT(incident, mine), .doc = "reported by the caller's own organisation"},
    {"reporter_email", AK_STR, AT(incident, reporter_email), AK_ADMIN_ONLY,
     .doc = "sender of the mail"},
    {"project_id", AK_STR, AT(incident, project_id), AK_ADMIN_ONLY | AK_FILTER,
     .doc = "customer who reported it; null: the provider, or an unknown sender"},
    {"assignee", AK_STR, AT(incident, assignee_name), AK_ADMIN_ONLY | AK_FILTER,
     .column = "assignee_name", .doc = "operator who works on it"},
    {"confirmed_at", AK_TIME, AT(incident, confirmed_us), .column = "confirmed_us",
     .doc = "start of the notification clock"},
    {"notify_due_at", AK_TIME, AT(incident, notify_due_us), .column = "notify_due_us",
     .doc = "the customer is to be notified by then"},
    {"notified_at", AK_TIME, AT(incident, notified_us), .column = "notified_us", .doc = "was"},
    {"overdue", AK_BOOL, AT(incident, overdue), .doc = "the notification came or is late"},
    {"told_at", AK_TIME, AT(incident, told_us), .column = "told_us",
     .doc = "when customers were last told something"},
    {"update_due_at", AK_TIME, AT(incident, update_due_us), .column = "update_due_us",
     .doc = "the next word is due by then; null: none is"},
    {"update_overdue_at", AK_TIME, AT(incident, update_overdue_us), .column = "update_overdue_us",
     .doc = "since when the next word is late"},
    {"report_due_at", AK_TIME, AT(incident, report_due_us), .column = "report_due_us",
     .doc = "the closure report is due by then; null: none is"},
    {"report_overdue_at", AK_TIME, AT(incident, report_overdue_us), .column = "report_overdue_us",
     .doc = "since when the closure report is late"},
    {"resolved_at", AK_TIME, AT(incident, resolved_us), .column = "resolved_us", .doc = "was"},
    {"closed_at", AK_TIME, AT(incident, closed_us), .column = "closed_us", .doc = "was"},
    {"created_at", AK_TIME, AT(incident, created_us), AK_SORT | AK_NEVER_NULL,
     .column = "created_us", .doc = "when it was reported"},
    {"updated_at", AK_TIME, AT(incident, updated_us), AK_SORT, .column = "updated_us",
     .doc = "last change"},
    {"affected", AK_LIST, AT(incident, affected), .column = "", .max = 10000,
     .sub = &incident_server_fields, .doc = "servers (a customer: its own); not in lists"},
    {"customers", AK_LIST, AT(incident, customers), AK_ADMIN_ONLY, .column = "", .max = 10000,
     .sub = &incident_customer_fields, .doc = "whom it touches; not in lists"},
    {"timeline", AK_LIST, AT(incident, timeline), .column = "", .max = 10000,
     .sub = &incident_entry_fields, .doc = "what happened; not in lists"},
    {"attachments", AK_LIST, AT(incident, files), .column = "", .max = 10000,
     .sub = &incident_file_fields, .doc = "files; not in lists"},
    {"report", AK_OBJECT, AT(incident, report), .column = "", .sub = &incident_report_fields,
     .doc = "closure report; null before"},
    {"reporter_id", AK_STR, AT(incident, reporter_id), AK_HIDDEN},
    {"assignee_id", AK_STR, AT(incident, assignee_id), AK_HIDDEN},
    {"report_json", AK_STR, AT(incident, report_json), AK_HIDDEN, .column = "report"},
    {"overdue_us", AK_INT, AT(incident, overdue_us), AK_HIDDEN},
    {"entries", AK_INT, AT(incident, entries), AK_HIDDEN},
    {"version", AK_INT, AT(incident, version), AK_HIDDEN},
};
const struct ak_fields incident_fields = AK_FIELDS("incident", struct incident, incident_rows);

/* ---- Bodies ---------------------------------------------------------------------------------- */

#define NAMED(name_, member, flags_, doc_)                                                         \
    {                                                                                              \
        name_, AK_LIST, AT(incident_report_body, member), AK_CREATE | (flags_),                    \
            .max = INCIDENT_SERVERS_MAX, .doc = (doc_)                                             \
    }

static const struct ak_field report_body_rows[] = {
    {"title", AK_STR, AT(incident_report_body, title), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = 255, .doc = "what happened, in a line"},
    TEXT(text, incident_report_body, AK_CREATE | AK_REQUIRED, "what happened, in full"),
    {"severity", AK_STR, AT(incident_report_body, severity), AK_CREATE, .choices = severities,
     .doc = "default medium"},
    {"cause", AK_STR, AT(incident_report_body, cause), AK_CREATE, .choices = causes,
     .doc = "operators only; default unknown"},
    {"public_title", AK_STR, AT(incident_report_body, public_title), AK_CREATE | AK_NULLABLE,
     .min = 1, .max = 255, .doc = "operators only; default the title"},
    NAMED("servers", servers, 0, "ids of the servers it touches"),
    NAMED("hosts", hosts, 0, "operators only: names of hosts all of whose servers it touches"),
    NAMED("project_ids", projects, 0, "operators only: customers it touches as a whole"),
};
const struct ak_fields incident_report_body_fields =
    AK_FIELDS("incident_new", struct incident_report_body, report_body_rows);

static const struct ak_field affected_body_rows[] = {
    NAMED("servers", servers, 0, "ids of the servers it touches"),
    NAMED("hosts", hosts, 0, "names of hosts all of whose servers it touches"),
    NAMED("project_ids", projects, 0, "customers it touches as a whole"),
};
const struct ak_fields incident_affected_body_fields =
    AK_FIELDS("incident_affected", struct incident_report_body, affected_body_rows);

static const struct ak_field change_body_rows[] = {
    {"title", AK_STR, AT(incident_change_body, title), AK_UPDATE, .min = 1, .max = 255,
     .doc = "what happened, in a line"},
    {"public_title", AK_STR, AT(incident_change_body, public_title), AK_UPDATE | AK_NULLABLE,
     .min = 1, .max = 255, .doc = "what customers who did not report it see"},
    {"severity", AK_STR, AT(incident_change_body, severity), AK_UPDATE, .choices = severities,
     .doc = "how bad it is; the clock is reckoned anew"},
    {"cause", AK_STR, AT(incident_change_body, cause), AK_UPDATE, .choices = causes,
     .doc = "on whose side"},
    {"assignee", AK_STR, AT(incident_change_body, assignee), AK_UPDATE | AK_NULLABLE, .min = 1,
     .max = 255, .doc = "operator who works on it"},
};
const struct ak_fields incident_change_body_fields =
    AK_FIELDS_GIVEN("incident_change", struct incident_change_body, change_body_rows);

static const struct ak_field step_body_rows[] = {
    TEXT(text, incident_step_body, AK_CREATE | AK_NULLABLE, "for the timeline"),
};
const struct ak_fields incident_step_body_fields =
    AK_FIELDS("incident_step", struct incident_step_body, step_body_rows);

static const struct ak_field confirm_body_rows[] = {
    TEXT(text, incident_step_body, AK_CREATE | AK_NULLABLE, "for the timeline"),
    {"severity", AK_STR, AT(incident_step_body, severity), AK_CREATE, .choices = severities,
     .doc = "how bad it is; default as it was"},
    {"cause", AK_STR, AT(incident_step_body, cause), AK_CREATE, .choices = causes,
     .doc = "on whose side; default as it was"},
};
const struct ak_fields incident_confirm_body_fields =
    AK_FIELDS("incident_confirm", struct incident_step_body, confirm_body_rows);

static const struct ak_field text_body_rows[] = {
    TEXT(text, incident_step_body, AK_CREATE | AK_REQUIRED, "what is said"),
};
const struct ak_fields incident_text_body_fields =
    AK_FIELDS("incident_text", struct incident_step_body, text_body_rows);

static const struct ak_field message_body_rows[] = {
    TEXT(text, incident_step_body, AK_CREATE | AK_REQUIRED, "what is said"),
    {"visibility", AK_STR, AT(incident_step_body, visibility), AK_CREATE, .choices = visibilities,
     .doc = "default customer"},
};
const struct ak_fields incident_message_body_fields =
    AK_FIELDS("incident_update", struct incident_step_body, message_body_rows);

static const struct ak_field close_body_rows[] = {
    TEXT(text, incident_close_body, AK_CREATE | AK_NULLABLE, "for the timeline"),
    {"report", AK_OBJECT, AT(incident_close_body, report), AK_CREATE | AK_NULLABLE,
     .sub = &incident_report_fields, .doc = "needed once the incident was confirmed"},
};
const struct ak_fields incident_close_body_fields =
    AK_FIELDS("incident_close", struct incident_close_body, close_body_rows);
