/* SPDX-License-Identifier: Apache-2.0 */
/* The routes and settings of incidents, and the domain made of them: tables only. Where both
 * listeners have a path, the management listener's row comes first. */
#include "incident/incident_internal.h"

#define SPEC "https://www.ipa.go.jp/security/index.html"
#define MGMT AK_ROUTE_MANAGEMENT
#define ONE  .reply = &incident_fields, .reply_envelope = "incident", .spec = SPEC

static const struct ak_route incident_routes[] = {
    {"GET", "/v1/incidents", incident_list_handler, .policy = "incident:incident:list_all",
     .flags = MGMT, .reply = &incident_fields, .reply_envelope = "incidents", .spec = SPEC,
     .summary = "list all incidents"},
    {"GET", "/v1/incidents", incident_list_handler, .policy = "incident:incident:list",
     .reply = &incident_fields, .reply_envelope = "incidents", .spec = SPEC,
     .summary = "list the incidents that concern one's project"},
    {"POST", "/v1/incidents", incident_create_handler, .policy = "incident:incident:create",
     .audit = "incident.incident.create", .flags = MGMT, .body = &incident_report_body_fields,
     .envelope = "incident", .accept = AK_CREATE, .body_max = 262144, ONE,
     .summary = "open an incident"},
    {"POST", "/v1/incidents", incident_create_handler, .policy = "incident:incident:report",
     .audit = "incident.incident.create", .body = &incident_report_body_fields,
     .envelope = "incident", .accept = AK_CREATE, .body_max = 262144, ONE,
     .summary = "report an incident"},
    {"GET", "/v1/incidents/{incident_id}", incident_show_handler,
     .policy = "incident:incident:show_any", .flags = MGMT, ONE, .summary = "show an incident"},
    {"GET", "/v1/incidents/{incident_id}", incident_show_handler,
     .policy = "incident:incident:show", ONE,
     .summary = "show an incident that concerns one's project"},
    {"PATCH", "/v1/incidents/{incident_id}", incident_update_handler,
     .policy = "incident:incident:update", .audit = "incident.incident.update", .flags = MGMT,
     .body = &incident_change_body_fields, .envelope = "incident", .accept = AK_UPDATE, ONE,
     .summary = "change title, severity, cause, assignee"},
    {"PUT", "/v1/incidents/{incident_id}/affected", incident_affected_handler,
     .policy = "incident:incident:affected", .audit = "incident.incident.affected", .flags = MGMT,
     .body = &incident_affected_body_fields, .envelope = "affected", .accept = AK_CREATE,
     .body_max = 262144, ONE, .summary = "name the servers, hosts and customers it touches"},
    {"POST", "/v1/incidents/{incident_id}/triage", incident_triage_handler,
     .policy = "incident:incident:triage", .audit = "incident.incident.triage",
     .flags = MGMT | AK_ROUTE_OPTIONAL_BODY, .body = &incident_step_body_fields,
     .envelope = "triage", .accept = AK_CREATE, ONE, .summary = "take it up"},
    {"POST", "/v1/incidents/{incident_id}/confirm", incident_confirm_handler,
     .policy = "incident:incident:confirm", .audit = "incident.incident.confirm",
     .flags = MGMT | AK_ROUTE_OPTIONAL_BODY, .body = &incident_confirm_body_fields,
     .envelope = "confirm", .accept = AK_CREATE, ONE,
     .summary = "confirm it: the clock of the notification starts"},
    {"POST", "/v1/incidents/{incident_id}/notify", incident_notify_handler,
     .policy = "incident:incident:notify", .audit = "incident.incident.notify", .flags = MGMT,
     .body = &incident_text_body_fields, .envelope = "notify", .accept = AK_CREATE, ONE,
     .body_max = 131072,
     .summary = "post it to the customers it touches, and write to their contacts"},
    {"POST", "/v1/incidents/{incident_id}/update", incident_note_handler,
     .policy = "incident:incident:note", .audit = "incident.incident.note", .flags = MGMT,
     .body = &incident_message_body_fields, .envelope = "update", .accept = AK_CREATE, ONE,
     .body_max = 131072, .summary = "add to the timeline, for customers or internal"},
    {"POST", "/v1/incidents/{incident_id}/mitigate", incident_mitigate_handler,
     .policy = "incident:incident:mitigate", .audit = "incident.incident.mitigate",
     .flags = MGMT | AK_ROUTE_OPTIONAL_BODY, .body = &incident_step_body_fields,
     .envelope = "mitigate", .accept = AK_CREATE, ONE, .summary = "it does no more harm"},
    {"POST", "/v1/incidents/{incident_id}/resolve", incident_resolve_handler,
     .policy = "incident:incident:resolve", .audit = "incident.incident.resolve",
     .flags = MGMT | AK_ROUTE_OPTIONAL_BODY, .body = &incident_step_body_fields,
     .envelope = "resolve", .accept = AK_CREATE, ONE, .summary = "it is over"},
    {"POST", "/v1/incidents/{incident_id}/close", incident_close_handler,
     .policy = "incident:incident:close", .audit = "incident.incident.close",
     .flags = MGMT | AK_ROUTE_OPTIONAL_BODY, .body = &incident_close_body_fields,
     .envelope = "close", .accept = AK_CREATE, .body_max = 524288, ONE,
     .summary = "close it with its report"},
    {"POST", "/v1/incidents/{incident_id}/messages", incident_message_handler,
     .policy = "incident:incident:message", .audit = "incident.incident.message",
     .body = &incident_text_body_fields, .envelope = "message", .accept = AK_CREATE, ONE,
     .body_max = 131072, .summary = "write to the provider about an incident"},
    {"POST", "/v1/incidents/{incident_id}/attachments", incident_attach_handler,
     .policy = "incident:attachment:create", .audit = "incident.attachment.create",
     .flags = AK_ROUTE_STREAM_IN, .body_max = INCIDENT_FILE_MAX, .reply = &incident_file_fields,
     .reply_envelope = "attachment", .spec = SPEC,
     .summary = "attach the file of the body, named by the query's name; operators: with "
                "visibility=internal for the provider only"},
    {"GET", "/v1/incidents/{incident_id}/attachments/{attachment_id}", incident_file_handler,
     .policy = "incident:attachment:show_any", .flags = MGMT, .spec = SPEC,
     .summary = "download an attachment of any incident"},
    {"GET", "/v1/incidents/{incident_id}/attachments/{attachment_id}", incident_file_handler,
     .policy = "incident:attachment:show", .spec = SPEC, .summary = "download an attachment"},
    {"GET", "/v1/incidents/{incident_id}/report", incident_download_handler,
     .policy = "incident:incident:download_any", .flags = MGMT, .spec = SPEC,
     .summary = "the closure report as a text, in Japanese or English (lang)"},
    {"GET", "/v1/incidents/{incident_id}/report", incident_download_handler,
     .policy = "incident:incident:download", .spec = SPEC,
     .summary = "the closure report as a text, in Japanese or English (lang)"},
};

static const struct ak_setting incident_settings[] = {
    {"incident_notify_minutes", AK_SETTING_INT, "minutes", 1, 43200, "60", NULL,
     "Time from the confirmation of an incident to the notification of a customer without a "
     "contract; contracts have their class's."},
    {"incident_update_minutes", AK_SETTING_INT, "minutes", 1, 43200, "240", NULL,
     "Time between words to a customer without a contract while an incident lasts; contracts have "
     "their class's."},
    {"incident_report_days", AK_SETTING_INT, "days", 1, 365, "14", NULL,
     "Time from the end of an incident to the closure report for a customer without a contract; "
     "contracts have their class's."},
    {"incident_open_max", AK_SETTING_INT, "incidents", 1, 100000, "100", NULL,
     "Open incidents that a customer may have reported whose contract and class say no number. "
     "Mails "
     "of a customer who has as many wait at the mail server."},
    {"incident_storage_mib", AK_SETTING_INT, "MiB", 1, 1048576, "1024", NULL,
     "Files that a customer attached to all of its incidents together."},
    {"incident_hour_max", AK_SETTING_INT, "entries", 1, 100000, "300", NULL,
     "How often within an hour a customer may report an incident or write or attach to one, unless "
     "its contract says otherwise (incidents_hour)."},
};

const struct ak_domain incident_domain = {
    .name = "incident",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = incident_routes,
    .n_routes = AK_N(incident_routes),
    .schedules = incident_schedules,
    .settings = incident_settings,
    .n_settings = AK_N(incident_settings),
};
