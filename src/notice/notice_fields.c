/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of notices, of whom they concern, and of the calendar feed. */
#include "notice/notice_internal.h"

#define AT(member)  offsetof(struct notice_row, member)
#define TO(member)  offsetof(struct notice_recipient_row, member)
#define SRV(member) offsetof(struct notice_server_row, member)
#define SET         (AK_CREATE | AK_UPDATE)
#define SEEK        (AK_FILTER | AK_SORT)

static const char *const kinds[] = {"maintenance", "change", "service_change", "information", NULL};
static const char *const impacts[] = {"none", "degraded", "interruption", "stop", NULL};
static const char *const states[] = {"draft", "published", "running", "done", "cancelled", NULL};

static const struct ak_field notice_row_fields[] = {
    {"id", AK_UUID, AT(id), SEEK, .doc = "id of the notice"},
    {"number", AK_STR, AT(number), SEEK | AK_NEVER_NULL, .doc = "N-year-number"},
    {"kind", AK_STR, AT(kind), SET | AK_REQUIRED | SEEK, .choices = kinds,
     .doc = "what it tells of"},
    {"emergency", AK_BOOL, AT(emergency), SET | AK_FILTER,
     .doc = "published later than contracts demand; a later notice must report"},
    {"title_ja", AK_STR, AT(title_ja), SET | AK_REQUIRED, .min = 1, .doc = "title in Japanese"},
    {"title_en", AK_STR, AT(title_en), SET | AK_REQUIRED, .min = 1, .doc = "title in English"},
    {"body_ja", AK_STR, AT(body_ja), SET | AK_REQUIRED, .min = 1, .max = NOTICE_TEXT_MAX,
     .doc = "text in Japanese"},
    {"body_en", AK_STR, AT(body_en), SET | AK_REQUIRED, .min = 1, .max = NOTICE_TEXT_MAX,
     .doc = "text in English"},
    {"impact", AK_STR, AT(impact), SET | AK_FILTER, .choices = impacts,
     .doc = "what customers feel of it"},
    {"state", AK_STR, AT(state), SEEK, .choices = states, .doc = "state of the notice"},
    {"starts_at", AK_TIME, AT(starts_us), SET | AK_NULLABLE | SEEK, "starts_us",
     .doc = "when it begins"},
    {"ends_at", AK_TIME, AT(ends_us), SET | AK_NULLABLE | SEEK, "ends_us",
     .doc = "when it is over"},
    {"hosts", AK_LIST, AT(hosts), SET, .max = NOTICE_HOSTS_MAX,
     .doc = "whoever has a server on one of these hosts"},
    {"classes", AK_LIST, AT(classes), SET, .doc = "whoever has a contract of one of these classes"},
    {"project_ids", AK_LIST, AT(project_ids), SET, .max = NOTICE_PROJECTS_MAX,
     .doc = "the customers of these projects"},
    {"everyone", AK_BOOL, AT(everyone), SET, .doc = "all customers"},
    {"needs_ack", AK_BOOL, AT(needs_ack), SET | AK_FILTER, .doc = "customers are to acknowledge"},
    {"lead_ok", AK_BOOL, AT(lead_ok), 0, .doc = "published as early as every contract demands"},
    {"follow_up_of", AK_UUID, AT(follow_up_of), AK_CREATE | AK_NULLABLE | AK_FILTER,
     .doc = "the emergency this notice reports about"},
    {"report_due_at", AK_TIME, AT(report_due_us), 0, "report_due_us",
     .doc = "of an emergency: when the later notice is due"},
    {"reported_by", AK_UUID, AT(reported_by), AK_FILTER, .doc = "the later notice of an emergency"},
    {"reason", AK_STR, AT(reason), 0, .max = NOTICE_TEXT_MAX, .doc = "why it was cancelled"},
    {"created_by", AK_STR, AT(created_by), 0, .doc = "user who wrote it"},
    {"published_by", AK_STR, AT(published_by), 0, .doc = "user who published it"},
    {"published_at", AK_TIME, AT(published_us), AK_SORT, "published_us",
     .doc = "when it was published"},
    {"finished_at", AK_TIME, AT(finished_us), 0, "finished_us",
     .doc = "when it was done or cancelled"},
    {"acknowledged_at", AK_TIME, AT(acknowledged_us), 0, "acknowledged_us",
     .doc = "when somebody of this project acknowledged it"},
    {"acknowledged_name", AK_STR, AT(acknowledged_name), 0, .doc = "who did"},
    {"wanted_ack", AK_BOOL, AT(wanted_ack), AK_HIDDEN},
    {"version", AK_INT, AT(version), 0, .doc = "number of changes"},
    {"created_at", AK_TIME, AT(created_us), AK_SORT | AK_NEVER_NULL, "created_us",
     .doc = "when it was written"},
    {"updated_at", AK_TIME, AT(updated_us), AK_SORT, "updated_us",
     .doc = "when it was changed last"},
};
const struct ak_fields notice_fields =
    AK_FIELDS_GIVEN("notice", struct notice_row, notice_row_fields);

static const struct ak_field recipient_rows[] = {
    {"notice_id", AK_UUID, TO(notice_id), AK_HIDDEN},
    {"project_id", AK_STR, TO(project_id), 0, .doc = "project of the customer"},
    {"contract_id", AK_STR, TO(contract_id), 0, .doc = "its contract, if it has one"},
    {"customer_name", AK_STR, TO(customer_name), 0, .max = 1000, .doc = "name of the customer"},
    {"class_name", AK_STR, TO(class_name), 0, .doc = "class of the contract"},
    {"added_at", AK_TIME, TO(added_us), 0, "added_us",
     .doc = "since when it concerns the customer"},
    {"acknowledged_at", AK_TIME, TO(acknowledged_us), 0, "acknowledged_us",
     .doc = "when it was acknowledged"},
    {"acknowledged_name", AK_STR, TO(acknowledged_name), 0, .doc = "who acknowledged it"},
    {"needs_ack", AK_BOOL, TO(needs_ack), 0, .doc = "the customer is to acknowledge it"},
    {"contract_number", AK_STR, TO(contract_number), AK_OMIT_NULL, .doc = "number of the contract"},
    {"class_version", AK_INT, TO(class_version), AK_HIDDEN},
    {"acknowledged_by", AK_STR, TO(acknowledged_by), AK_HIDDEN},
    {"mails", AK_INT, TO(mails), 0, .doc = "mails queued to this customer"},
    {"mails_sent", AK_INT, TO(mails_sent), 0, .doc = "of them sent"},
    {"mails_failed", AK_INT, TO(mails_failed), 0, .doc = "of them failed"},
};
const struct ak_fields notice_recipient_fields =
    AK_FIELDS("affected", struct notice_recipient_row, recipient_rows);

static const struct ak_field server_rows[] = {
    {"id", AK_UUID, SRV(server_id), 0, "server_id", .doc = "id of the server"},
    {"name", AK_STR, SRV(name), 0, .doc = "its name when it was found"},
    {"project_id", AK_STR, SRV(project_id), AK_HIDDEN},
    {"host", AK_STR, SRV(host), AK_OMIT_NULL, .doc = "the host it was on"},
};
const struct ak_fields notice_server_fields =
    AK_FIELDS("server", struct notice_server_row, server_rows);

static const struct ak_field feed_rows[] = {
    {"user_id", AK_STR, offsetof(struct notice_feed_row, user_id), AK_HIDDEN},
    {"project_id", AK_STR, offsetof(struct notice_feed_row, project_id), AK_HIDDEN},
    {"created_at", AK_TIME, offsetof(struct notice_feed_row, created_us), 0, "created_us",
     .doc = "when the address was made"},
};
const struct ak_fields notice_feed_fields = AK_FIELDS("feed", struct notice_feed_row, feed_rows);

static const struct ak_field reason_rows[] = {
    {"reason", AK_STR, offsetof(struct notice_reason_body, reason), SET | AK_REQUIRED, .min = 1,
     .max = NOTICE_TEXT_MAX, .doc = "why"},
};
const struct ak_fields notice_reason_fields =
    AK_FIELDS_GIVEN("reason", struct notice_reason_body, reason_rows);
