/* SPDX-License-Identifier: Apache-2.0 */
/* Routes and settings of notices, mails and documents: tables only. */
#include "notice/notice_internal.h"

/* RFC 5545 for the calendar; the clauses of ISO/IEC 27017:2015 for the rest. */
#define SPEC(clause) "https://www.iso.org/standard/43757.html#" clause

static const struct ak_setting settings[] = {
    {"notice_report_hours", AK_SETTING_INT, "h", 1, 8760, "72", NULL,
     "Hours after the start of an emergency until the notice that reports on it is due, where no "
     "class of a "
     "customer says it."},
};

static const struct ak_route routes[] = {
    {"GET", "/v1/notices", notice_list_handler, .policy = "notice:notice:list",
     .reply = &notice_fields, .reply_envelope = "notices", .spec = SPEC("12.1.2"),
     .summary = "list notices"},
    {"POST", "/v1/notices", notice_create_handler, .policy = "notice:notice:create",
     .audit = "notice.notice.create", .body = &notice_fields, .envelope = "notice",
     .accept = AK_CREATE, .reply = &notice_fields, .reply_envelope = "notice",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("12.1.2"), .summary = "write a notice"},
    {"GET", "/v1/notices.ics", notice_calendar_handler, .policy = "notice:calendar:show",
     .flags = AK_ROUTE_PUBLIC, .spec = "https://www.rfc-editor.org/rfc/rfc5545",
     .summary = "notices as a calendar, by a secret address"},
    {"GET", "/v1/notice-feed", notice_feed_show_handler, .policy = "notice:feed:show",
     .spec = "https://www.rfc-editor.org/rfc/rfc5545", .summary = "show the own calendar feed"},
    {"POST", "/v1/notice-feed", notice_feed_create_handler, .policy = "notice:feed:create",
     .audit = "notice.feed.create", .flags = AK_ROUTE_OPTIONAL_BODY,
     .spec = "https://www.rfc-editor.org/rfc/rfc5545",
     .summary = "make the own calendar feed, or give it a new address"},
    {"DELETE", "/v1/notice-feed", notice_feed_delete_handler, .policy = "notice:feed:delete",
     .audit = "notice.feed.delete", .spec = "https://www.rfc-editor.org/rfc/rfc5545",
     .summary = "end the own calendar feed"},
    {"GET", "/v1/notices/{notice_id}", notice_show_handler, .policy = "notice:notice:show",
     .reply = &notice_fields, .reply_envelope = "notice", .spec = SPEC("12.1.2"),
     .summary = "show a notice"},
    {"PATCH", "/v1/notices/{notice_id}", notice_update_handler, .policy = "notice:notice:update",
     .audit = "notice.notice.update", .body = &notice_fields, .envelope = "notice",
     .accept = AK_UPDATE, .reply = &notice_fields, .reply_envelope = "notice",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("12.1.2"), .summary = "change a notice"},
    {"GET", "/v1/notices/{notice_id}/preview", notice_preview_handler,
     .policy = "notice:notice:preview", .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("12.1.2"),
     .summary = "see whom a notice would concern and how early it must be published"},
    {"POST", "/v1/notices/{notice_id}/publish", notice_publish_handler,
     .policy = "notice:notice:publish", .audit = "notice.notice.publish", .reply = &notice_fields,
     .reply_envelope = "notice", .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY,
     .spec = SPEC("12.1.2"), .summary = "publish a notice and mail it"},
    {"POST", "/v1/notices/{notice_id}/start", notice_start_handler, .policy = "notice:notice:move",
     .audit = "notice.notice.start", .reply = &notice_fields, .reply_envelope = "notice",
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY, .spec = SPEC("12.1.2"),
     .summary = "the work begins"},
    {"POST", "/v1/notices/{notice_id}/finish", notice_finish_handler,
     .policy = "notice:notice:move", .audit = "notice.notice.finish", .reply = &notice_fields,
     .reply_envelope = "notice", .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY,
     .spec = SPEC("12.1.2"), .summary = "the work is done"},
    {"POST", "/v1/notices/{notice_id}/cancel", notice_cancel_handler,
     .policy = "notice:notice:move", .audit = "notice.notice.cancel", .body = &notice_reason_fields,
     .accept = AK_CREATE, .reply = &notice_fields, .reply_envelope = "notice",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("12.1.2"),
     .summary = "the work does not take place"},
    {"POST", "/v1/notices/{notice_id}/acknowledge", notice_acknowledge_handler,
     .policy = "notice:notice:acknowledge", .audit = "notice.notice.acknowledge",
     .reply = &notice_fields, .reply_envelope = "notice", .flags = AK_ROUTE_OPTIONAL_BODY,
     .spec = SPEC("12.1.2"), .summary = "acknowledge a notice"},
    {"GET", "/v1/mails", notice_mail_list_handler, .policy = "notice:mail:list",
     .reply = &ak_mail_fields, .reply_envelope = "mails", .flags = AK_ROUTE_MANAGEMENT,
     .spec = "https://www.rfc-editor.org/rfc/rfc5321", .summary = "list the queue of mails"},
    {"GET", "/v1/mails/{mail_id}", notice_mail_show_handler, .policy = "notice:mail:show",
     .flags = AK_ROUTE_MANAGEMENT, .spec = "https://www.rfc-editor.org/rfc/rfc5321",
     .summary = "show a mail with its text"},
    {"POST", "/v1/mails/{mail_id}/resend", notice_mail_resend_handler,
     .policy = "notice:mail:resend", .audit = "notice.mail.resend",
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY,
     .spec = "https://www.rfc-editor.org/rfc/rfc5321", .summary = "send a mail again"},
};

const struct ak_domain notice_domain = {
    .name = "notice",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = routes,
    .n_routes = AK_N(routes),
    .schedules = notice_schedules,
    .settings = settings,
    .n_settings = AK_N(settings),
};
