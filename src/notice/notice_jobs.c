/* SPDX-License-Identifier: Apache-2.0 */
/* Periodic work: customers and servers that came under a published notice after its publication are
 * told too; whom work concerns is reminded of it; what only informs ends; operators are reminded of
 * a later notice that they owe. */
#include "notice/notice_internal.h"

/* One notice in a transaction of its own, so that one that fails holds up no other. */
static int complete_one(struct ak_job_run *run, const char *id, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_row row = {0};
    struct ak_audit_event event = {
        .action = "notice.notice.complete",
        .outcome = "success",
        .request_id = run->id,
        .actor_id = "system",
        .object_type = "notice",
        .object_id = id,
        .listener = "worker",
    };
    int64_t n = 0;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : notice_store_load(tx, run->arena, NULL, id, &row, err);
    if (rc < 0 || (!ak_streq(row.state, "published") && !ak_streq(row.state, "running"))) {
        return rc;
    }
    rc = notice_complete(tx, run->arena, &row, &n, err);
    if (rc < 0 || n == 0) {
        return rc;
    }
    rc = ak_audit_add(tx, &event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int complete_run(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    const struct notice_row *row = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc < 0 ? rc : notice_store_open(tx, run->arena, &list, err);
    ak_tx_free(AK_TAKE(tx));
    row = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        struct ak_error own = {0};

        if (complete_one(run, row[i].id, &own) < 0) {
            ak_log_error(&own, "telling newcomers of notice %s", row[i].number);
        }
    }
    return rc;
}

static int overdue_run(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    const struct notice_row *row = NULL;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc : notice_store_overdue(tx, run->arena, &list, err);
    row = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        char due[AK_TIME_TEXT];
        const char *params[] = {row[i].number, row[i].title_ja, "",
                                ak_time_text(due, row[i].report_due_us, AK_TIME_Z), NULL};
        struct ak_mail mail = {
            .key = ak_arena_printf(run->arena, "notice:%s:overdue", row[i].id),
            .to = AK_MAIL_OPERATORS,
            .template = "notice_report_overdue",
            .params = params,
            .object_type = "notice",
            .object_id = row[i].id,
        };

        rc = ak_mail_add(tx, &mail, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int remind_run(struct ak_job_run *run, struct ak_error *err)
{
    int64_t before_us = ak_config_int(run->config, "notice_remind_hours") * AK_HOUR;
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = before_us ? ak_tx_write(run->store, &tx, err) : 0;

    rc = rc < 0 || !before_us ? rc : notice_store_soon(tx, run->arena, before_us, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = notice_remind(tx, run->arena, (const struct notice_row *)list.items + i, err);
    }
    return rc < 0 || list.n == 0 ? rc : ak_tx_commit(tx, err);
}

static int end_run(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc
                : notice_store_over(tx, run->arena,
                                    ak_config_int(run->config, "notice_show_days") * AK_DAY, &list,
                                    err);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        const char *id = ((const struct notice_row *)list.items)[i].id;
        const struct ak_audit_event event = {.action = "notice.notice.end",
                                             .outcome = "success",
                                             .request_id = run->id,
                                             .actor_id = "system",
                                             .object_type = "notice",
                                             .object_id = id,
                                             .listener = "worker"};

        rc = notice_end(tx, run->arena, id, err);
        rc = rc < 0 ? rc : ak_audit_add(tx, &event, NULL, err);
    }
    return rc < 0 || list.n == 0 ? rc : ak_tx_commit(tx, err);
}

static const struct ak_schedule complete = {
    .name = "notice-newcomers", .every_ms = 60000, .at_start = true, .run = complete_run};
static const struct ak_schedule overdue = {
    .name = "notice-overdue", .every_ms = 600000, .run = overdue_run};
static const struct ak_schedule reminder = {
    .name = "notice-reminders", .every_ms = 60000, .at_start = true, .run = remind_run};
static const struct ak_schedule ending = {
    .name = "notice-ends", .every_ms = 60000, .at_start = true, .run = end_run};
const struct ak_schedule *const notice_schedules[] = {&complete, &overdue, &reminder, &ending,
                                                      NULL};
