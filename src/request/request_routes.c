/* SPDX-License-Identifier: Apache-2.0 */
/* The domain 'request': the table of routes, the settings. Operator verbs are on the management
 * listener only; the rest is on both, filtered to the customer on the customer listener. */
#include "request/request_internal.h"

/* ISO/IEC 27017:2015, by clause. */
#define SPEC(clause) "https://www.iso.org/standard/43757.html#" clause

#define TEXT_MAX ((int64_t)64 << 10) /* 10,000 characters of four bytes, and JSON around them */
#define FORM_MAX ((int64_t)256 << 10)

#define ONE .reply = &request_fields, .reply_envelope = "request"

static const struct ak_route routes[] = {
    {"GET", "/v1/request-kinds", request_kind_list_handler, .policy = "request:kind:list",
     .spec = SPEC("9.2.1"), .summary = "list what can be asked for, with the forms"},
    {"GET", "/v1/requests", request_list_handler, .policy = "request:request:list",
     .reply = &request_brief_fields, .reply_envelope = "requests", .spec = SPEC("9.2.1"),
     .summary = "list requests"},
    {"POST", "/v1/requests", request_create_handler, .policy = "request:request:create",
     .audit = "request.request.create", .body = &request_body_fields, .envelope = "request",
     .accept = AK_CREATE, ONE, .body_max = FORM_MAX, .spec = SPEC("9.2.1"),
     .summary = "submit a request"},
    {"GET", "/v1/requests/{request_id}", request_show_handler, .policy = "request:request:show",
     ONE, .spec = SPEC("9.2.1"), .summary = "show a request with its thread and every step"},
    {"PATCH", "/v1/requests/{request_id}", request_update_handler,
     .policy = "request:request:update", .audit = "request.request.update",
     .body = &request_change_fields, .envelope = "request", .accept = AK_CREATE, ONE,
     .body_max = FORM_MAX, .spec = SPEC("9.2.1"),
     .summary = "correct the form before it is decided on; approvals given are void"},
    {"POST", "/v1/requests/{request_id}/messages", request_message_handler,
     .policy = "request:message:create", .audit = "request.message.create",
     .body = &request_text_fields, .envelope = "message", .accept = AK_CREATE,
     .reply = &request_message_fields, .reply_envelope = "message", .body_max = TEXT_MAX,
     .spec = SPEC("9.2.1"), .summary = "write into the thread of a request"},
    {"POST", "/v1/requests/{request_id}/attachments", request_attach_handler,
     .policy = "request:attachment:create", .audit = "request.attachment.create",
     .reply = &request_attachment_fields, .reply_envelope = "attachment",
     .flags = AK_ROUTE_STREAM_IN, .body_max = REQUEST_ATTACHMENT_MAX, .spec = SPEC("18.2.1"),
     .summary = "attach the file of the body, named by the query's name"},
    {"GET", "/v1/requests/{request_id}/attachments/{attachment_id}", request_attachment_handler,
     .policy = "request:attachment:show", .spec = SPEC("18.2.1"),
     .summary = "download an attachment"},
    {"POST", "/v1/requests/{request_id}/withdraw", request_withdraw_handler,
     .policy = "request:request:withdraw", .audit = "request.request.withdraw",
     .body = &request_comment_fields, .envelope = "withdraw", .accept = AK_CREATE, ONE,
     .flags = AK_ROUTE_OPTIONAL_BODY, .body_max = TEXT_MAX, .spec = SPEC("9.2.1"),
     .summary = "take a request back"},
    {"POST", "/v1/requests/{request_id}/secret", request_secret_handler,
     .policy = "request:secret:take", .audit = "request.secret.take",
     .flags = AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE, .spec = SPEC("9.2.4"),
     .summary = "fetch, once, the password that the work made; the applicant only"},

    {"POST", "/v1/requests/{request_id}/take", request_take_handler,
     .policy = "request:request:take", .audit = "request.request.take", ONE,
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE,
     .spec = SPEC("9.2.1"), .summary = "take a request in hand"},
    {"POST", "/v1/requests/{request_id}/approve", request_approve_handler,
     .policy = "request:request:approve", .audit = "request.request.approve",
     .body = &request_approve_fields, .envelope = "approve", .accept = AK_CREATE, ONE,
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY, .body_max = TEXT_MAX,
     .spec = SPEC("9.2.3"), .summary = "approve a request; the last approval starts the work"},
    {"POST", "/v1/requests/{request_id}/refuse", request_refuse_handler,
     .policy = "request:request:refuse", .audit = "request.request.refuse",
     .body = &request_reason_fields, .envelope = "refuse", .accept = AK_CREATE, ONE,
     .flags = AK_ROUTE_MANAGEMENT, .body_max = TEXT_MAX, .spec = SPEC("9.2.3"),
     .summary = "refuse a request, with the reason"},
    {"POST", "/v1/requests/{request_id}/complete", request_complete_handler,
     .policy = "request:request:complete", .audit = "request.request.complete",
     .body = &request_result_fields, .envelope = "complete", .accept = AK_CREATE, ONE,
     .flags = AK_ROUTE_MANAGEMENT, .body_max = TEXT_MAX, .spec = SPEC("9.2.1"),
     .summary = "end a request done by hand"},
    {"POST", "/v1/requests/{request_id}/ask", request_ask_handler, .policy = "request:request:ask",
     .audit = "request.request.ask", .body = &request_text_fields, .envelope = "ask",
     .accept = AK_CREATE, ONE, .flags = AK_ROUTE_MANAGEMENT, .body_max = TEXT_MAX,
     .spec = SPEC("9.2.1"), .summary = "ask the customer; the clock stands still until the answer"},
    {"POST", "/v1/requests/{request_id}/return", request_return_handler,
     .policy = "request:request:return", .audit = "request.request.return",
     .body = &request_reason_fields, .envelope = "return", .accept = AK_CREATE, ONE,
     .flags = AK_ROUTE_MANAGEMENT, .body_max = TEXT_MAX, .spec = SPEC("9.2.1"),
     .summary = "hand a request back to be corrected; the clock stands still until it is"},
    {"POST", "/v1/requests/{request_id}/retry", request_retry_handler,
     .policy = "request:request:retry", .audit = "request.request.retry", ONE,
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE,
     .spec = SPEC("9.2.1"), .summary = "run the work of a failed request again"},
};

static const struct ak_setting settings[] = {
    {"request_dir", AK_SETTING_STR, "path", 1, 200, "/var/lib/akashi/requests", NULL,
     "Folder of the attachments of requests."},
    {"request_storage_mib", AK_SETTING_INT, "MiB", 1, 1048576, "2048", NULL,
     "Attachments of all requests of a customer together."},
    {"request_hour_max", AK_SETTING_INT, "requests", 1, 100000, "300", NULL,
     "How often within an hour a customer may file, correct or withdraw a request, unless its "
     "contract says otherwise (requests_hour)."},
    {"request_operator_names", AK_SETTING_CHOICE, NULL, 0, 0, "name", "name|role",
     "What customers see of operators who work on their requests: their name, or their role only."},
};

const struct ak_domain request_domain = {
    .name = "request",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = routes,
    .n_routes = AK_N(routes),
    .jobs = request_jobs,
    .schedules = request_schedules,
    .settings = settings,
    .n_settings = AK_N(settings),
};
