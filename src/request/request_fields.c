/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables: rows of the tables as they are loaded and shown, and bodies. */
#include "request/request_internal.h"

#define AT(type, member) offsetof(struct type, member)

static const char *const states[] = {"submitted", "in_review", "waiting_customer", "approved",
                                     "running",   "done",      "refused",          "withdrawn",
                                     "failed",    NULL};
static const char *const author_kinds[] = {"customer", "operator", "system", NULL};

static const struct ak_field approval_rows[] = {
    {"id", AK_STR, AT(request_approval, id), .doc = "id of the decision"},
    {"user_name", AK_STR, AT(request_approval, user_name), .doc = "who decided"},
    {"user_role", AK_STR, AT(request_approval, user_role), .doc = "role of who decided"},
    {"decision", AK_STR, AT(request_approval, decision), .doc = "approved or refused"},
    {"comment", AK_STR, AT(request_approval, comment), .doc = "what was said to it"},
    {"revision", AK_INT, AT(request_approval, revision), .doc = "of the form that was decided on"},
    {"at", AK_TIME, AT(request_approval, created_us), .column = "created_us", .doc = "when"},
    {"user_id", AK_STR, AT(request_approval, user_id), AK_HIDDEN},
};
const struct ak_fields request_approval_fields =
    AK_FIELDS("request approval", struct request_approval, approval_rows);

static const struct ak_field message_rows[] = {
    {"id", AK_STR, AT(request_message, id), .doc = "id of the message"},
    {"author_name", AK_STR, AT(request_message, author_name), .doc = "who wrote it"},
    {"author_kind", AK_STR, AT(request_message, author_kind), .choices = author_kinds,
     .doc = "which side"},
    {"author_role", AK_STR, AT(request_message, author_role), .doc = "role of who wrote it"},
    {"text", AK_STR, AT(request_message, text), .max = 10000, .doc = "what it says; plain text"},
    {"at", AK_TIME, AT(request_message, created_us), .column = "created_us", .doc = "when"},
};
const struct ak_fields request_message_fields =
    AK_FIELDS("request message", struct request_message, message_rows);

static const struct ak_field attachment_rows[] = {
    {"id", AK_STR, AT(request_attachment, id), .doc = "id of the attachment"},
    {"name", AK_STR, AT(request_attachment, name), .doc = "file name without what is dangerous"},
    {"size", AK_INT, AT(request_attachment, size), .doc = "bytes"},
    {"media_type", AK_STR, AT(request_attachment, media_type), .doc = "by the content"},
    {"sha256", AK_STR, AT(request_attachment, sha256), .doc = "SHA-256 of the content"},
    {"author_name", AK_STR, AT(request_attachment, author_name), .doc = "who sent it"},
    {"author_kind", AK_STR, AT(request_attachment, author_kind), .choices = author_kinds,
     .doc = "which side"},
    {"author_role", AK_STR, AT(request_attachment, author_role), .doc = "role of who sent it"},
    {"at", AK_TIME, AT(request_attachment, created_us), .column = "created_us", .doc = "when"},
};
const struct ak_fields request_attachment_fields =
    AK_FIELDS("request attachment", struct request_attachment, attachment_rows);

static const struct ak_field step_rows[] = {
    {"event", AK_STR, AT(request_step, event), .doc = "what happened"},
    {"state", AK_STR, AT(request_step, state), .doc = "the state after it"},
    {"actor_name", AK_STR, AT(request_step, actor_name), .doc = "by whom"},
    {"actor_kind", AK_STR, AT(request_step, actor_kind), .choices = author_kinds,
     .doc = "which side"},
    {"actor_role", AK_STR, AT(request_step, actor_role), .doc = "in which role"},
    {"form", AK_JSON, AT(request_step, form), .doc = "the form that a correction replaced"},
    {"at", AK_TIME, AT(request_step, created_us), .column = "created_us", .doc = "when"},
    {"id", AK_STR, AT(request_step, id), AK_HIDDEN},
};
const struct ak_fields request_step_fields =
    AK_FIELDS("request step", struct request_step, step_rows);

static const struct ak_field project_rows[] = {
    {"project_id", AK_STR, AT(request_project, project_id)},
};
const struct ak_fields request_project_row =
    AK_FIELDS("request project", struct request_project, project_rows);

/* 'people': whether a list may be filtered and sorted by the names of people. Customers' may not:
 * it would tell names that they are not shown. */
#define BASE(people)                                                                               \
    {"id", AK_UUID, AT(request_row, id), AK_FILTER | AK_SORT, .doc = "id of the request"},         \
        {"number", AK_STR, AT(request_row, number), AK_FILTER | AK_SORT | AK_NEVER_NULL,           \
         .doc = "number for people, R-year-number"},                                               \
        {"kind", AK_STR, AT(request_row, kind), AK_FILTER | AK_SORT, .doc = "kind of request"},    \
        {"kind_title_ja", AK_STR, AT(request_row, kind_title_ja), .column = "",                    \
         .doc = "the kind in Japanese"},                                                           \
        {"kind_title_en", AK_STR, AT(request_row, kind_title_en), .column = "",                    \
         .doc = "the kind in English"},                                                            \
        {"title", AK_STR, AT(request_row, title), AK_FILTER | AK_SORT,                             \
         .doc = "title in the reader's language"},                                                 \
        {"title_ja", AK_STR, AT(request_row, title_ja), .column = "", .doc = "title"},             \
        {"title_en", AK_STR, AT(request_row, title_en), .doc = "title"},                           \
        {"state",           AK_STR,        AT(request_row, state), AK_FILTER | AK_SORT,            \
         .choices = states, .doc = "state"},                                                       \
        {"fields", AK_JSON, AT(request_row, fields), .doc = "the form as filled in"},              \
        {"names", AK_JSON, AT(request_row, names),                                                 \
         .doc = "names of what the form names by id, by field"},                                   \
        {"revision", AK_INT, AT(request_row, revision), .doc = "of the form: 1, then corrected"},  \
        {"created_by", AK_STR, AT(request_row, created_by), (people), .doc = "applicant"},         \
        {"created_kind", AK_STR, AT(request_row, created_kind), .choices = author_kinds,           \
         .doc = "side of the applicant"},                                                          \
        {"created_at",                                                                             \
         AK_TIME,                                                                                  \
         AT(request_row, created_us),                                                              \
         AK_SORT | AK_NEVER_NULL,                                                                  \
         .column = "created_us",                                                                   \
         .doc = "when it was submitted"},                                                          \
        {"updated_at",                                                                             \
         AK_TIME,                                                                                  \
         AT(request_row, updated_us),                                                              \
         AK_SORT,                                                                                  \
         .column = "updated_us",                                                                   \
         .doc = "when it last moved"},                                                             \
        {"due_at",                                                                                 \
         AK_TIME,                                                                                  \
         AT(request_row, due_us),                                                                  \
         AK_SORT,                                                                                  \
         .column = "due_us",                                                                       \
         .doc = "target of the provider; stands still while the customer is asked"},               \
        {"ended_at",                                                                               \
         AK_TIME,                                                                                  \
         AT(request_row, ended_us),                                                                \
         AK_SORT,                                                                                  \
         .column = "ended_us",                                                                     \
         .doc = "when it ended"},                                                                  \
        {"overdue", AK_BOOL, AT(request_row, overdue), AK_FILTER, .doc = "the target was missed"}, \
        {"approvals_needed", AK_INT, AT(request_row, approvals_needed),                            \
         .doc = "how many operators must approve"},                                                \
        {"result", AK_STR, AT(request_row, result), .max = 10000, .doc = "what came out"},         \
        {"error", AK_JSON, AT(request_row, error),                                                 \
         .doc = "why it failed: slug, text_ja, text_en"},                                          \
        {"object_type", AK_STR, AT(request_row, object_type), .doc = "what it made or changed"},   \
        {"object_id", AK_STR, AT(request_row, object_id), AK_FILTER, .doc = "its id"},             \
        {"project_id", AK_STR, AT(request_row, project_id), .doc = "the customer's project"},      \
        {"customer_name", AK_STR, AT(request_row, customer_name), AK_FILTER | AK_SORT,             \
         .doc = "the customer"},                                                                   \
        {"assignee", AK_STR, AT(request_row, assignee), (people),                                  \
         .doc = "the operator who has it"},                                                        \
        {"has_secret", AK_BOOL, AT(request_row, has_secret), .column = "",                         \
         .doc = "a one-time password waits for the applicant"},                                    \
        {"created_by_id", AK_STR, AT(request_row, created_by_id), AK_HIDDEN},                      \
        {"created_role", AK_STR, AT(request_row, created_role), AK_HIDDEN},                        \
        {"assignee_id", AK_STR, AT(request_row, assignee_id), AK_HIDDEN},                          \
        {"assignee_role", AK_STR, AT(request_row, assignee_role), AK_HIDDEN},                      \
        {"secret", AK_STR, AT(request_row, secret), AK_SECRET | AK_HIDDEN},                        \
        {"business", AK_BOOL, AT(request_row, business), AK_HIDDEN},                               \
        {"waiting_us", AK_INT, AT(request_row, waiting_us), AK_HIDDEN},                            \
        {"attempt", AK_INT, AT(request_row, attempt), AK_HIDDEN},                                  \
        {"begun", AK_INT, AT(request_row, begun), AK_HIDDEN},                                      \
    {                                                                                              \
        "version", AK_INT, AT(request_row, version), AK_HIDDEN                                     \
    }

static const struct ak_field brief_rows[] = {BASE(AK_FILTER | AK_SORT)};
const struct ak_fields request_brief_fields =
    AK_FIELDS("request summary", struct request_row, brief_rows);
static const struct ak_field own_rows[] = {BASE(0)};
const struct ak_fields request_own_fields =
    AK_FIELDS("own request summary", struct request_row, own_rows);

static const struct ak_field request_rows[] = {
    BASE(0),
    {"progress", AK_STR, AT(request_row, progress), .column = "",
     .doc = "what the work is doing now"},
    {"approvals", AK_LIST, AT(request_row, approvals), .column = "",
     .sub = &request_approval_fields, .doc = "who decided what"},
    {"messages", AK_LIST, AT(request_row, messages), .column = "", .max = REQUEST_MESSAGES_MAX,
     .sub = &request_message_fields, .doc = "the thread"},
    {"attachments", AK_LIST, AT(request_row, attachments), .column = "",
     .sub = &request_attachment_fields, .doc = "files"},
    {"history", AK_LIST, AT(request_row, history), .column = "", .max = 10000,
     .sub = &request_step_fields, .doc = "every step and who took it"},
};
const struct ak_fields request_fields = AK_FIELDS("request", struct request_row, request_rows);

/* Bodies. */

static const struct ak_field body_rows[] = {
    {"kind", AK_STR, AT(request_body, kind), AK_CREATE | AK_REQUIRED, .min = 1, .max = 64,
     .doc = "one of /service/v1/request-kinds"},
    {"title", AK_STR, AT(request_body, title), AK_CREATE, .min = 1, .pattern = "[^[:cntrl:]]+",
     .doc = "title; the kind's when none is given"},
    {"fields", AK_JSON, AT(request_body, fields), AK_CREATE, .max = 196608,
     .doc = "the form: an object with the fields of the kind"},
    {"project_id", AK_STR, AT(request_body, project_id), AK_CREATE, .min = 1, .max = 64,
     .doc = "operators only: the customer on whose behalf it is filed"},
};
const struct ak_fields request_body_fields =
    AK_FIELDS("request body", struct request_body, body_rows);

static const struct ak_field change_rows[] = {
    {"title", AK_STR, AT(request_body, title), AK_CREATE, .min = 1, .pattern = "[^[:cntrl:]]+",
     .doc = "title; the form's own when none is given"},
    {"fields", AK_JSON, AT(request_body, fields), AK_CREATE | AK_REQUIRED, .max = 196608,
     .doc = "the whole form, corrected"},
};
const struct ak_fields request_change_fields =
    AK_FIELDS("request correction", struct request_body, change_rows);

static const struct ak_field text_rows[] = {
    {"text", AK_STR, AT(request_text_body, text), AK_CREATE | AK_REQUIRED, .min = 1, .max = 10000,
     .doc = "plain text"},
};
const struct ak_fields request_text_fields =
    AK_FIELDS("request text", struct request_text_body, text_rows);

static const struct ak_field comment_rows[] = {
    {"comment", AK_STR, AT(request_comment_body, comment), AK_CREATE | AK_NULLABLE, .max = 10000,
     .doc = "plain text, shown to the customer"},
};
const struct ak_fields request_comment_fields =
    AK_FIELDS("request comment", struct request_comment_body, comment_rows);

static const struct ak_field approve_rows[] = {
    {"comment", AK_STR, AT(request_comment_body, comment), AK_CREATE | AK_NULLABLE, .max = 10000,
     .doc = "plain text, shown to the customer"},
    {"revision", AK_INT, AT(request_comment_body, revision), AK_CREATE, .min = 1, .max = 1000000,
     .doc = "of the form that was read; needed once it was corrected"},
};
const struct ak_fields request_approve_fields =
    AK_FIELDS("request approval", struct request_comment_body, approve_rows);

static const struct ak_field reason_rows[] = {
    {"comment", AK_STR, AT(request_comment_body, comment), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = 10000, .doc = "the reason, shown to the customer"},
};
const struct ak_fields request_reason_fields =
    AK_FIELDS("request reason", struct request_comment_body, reason_rows);

static const struct ak_field result_rows[] = {
    {"result", AK_STR, AT(request_result_body, result), AK_CREATE | AK_REQUIRED, .min = 1,
     .max = 10000, .doc = "what was done, or the answer; shown to the customer"},
};
const struct ak_fields request_result_fields =
    AK_FIELDS("request result", struct request_result_body, result_rows);
