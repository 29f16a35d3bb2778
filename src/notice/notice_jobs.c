/* SPDX-License-Identifier: Apache-2.0 */
/* Periodic work: customers and servers that came under a published notice after its publication are
 * told too; operators are reminded of a later notice that they owe. */
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

static const struct ak_schedule complete = {
    .name = "notice-newcomers", .every_ms = 60000, .at_start = true, .run = complete_run};
static const struct ak_schedule overdue = {
    .name = "notice-overdue", .every_ms = 600000, .run = overdue_run};
const struct ak_schedule *const notice_schedules[] = {&complete, &overdue, NULL};
