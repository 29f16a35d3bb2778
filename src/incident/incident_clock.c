/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks of incidents: the first word to the customers, the next word while it lasts, the
 * report after its end. What is late is told of once: in the timeline, in the audit log, and by
 * mail to the operators. When it is due is reckoned in incident_notify.c. */
#include "incident/incident_internal.h"

static const struct incident_who the_system = {
    .staff = true, .user_name = "akashi", .kind = "system"};

static const struct {
    size_t due, alerted; /* of struct incident */
    const char *entry, *template, *audit;
} clocks[] = {
    {offsetof(struct incident, notify_due_us), offsetof(struct incident, overdue_us),
     "the target time of the notification has passed", "incident-overdue",
     "incident.incident.overdue"},
    {offsetof(struct incident, update_due_us), offsetof(struct incident, update_overdue_us),
     "the target time of the next word to the customers has passed", "incident-update-overdue",
     "incident.incident.update_overdue"},
    {offsetof(struct incident, report_due_us), offsetof(struct incident, report_overdue_us),
     "the target time of the closure report has passed", "incident-report-overdue",
     "incident.incident.report_overdue"},
};

static int64_t *member(struct incident *incident, size_t offset)
{
    return (int64_t *)(void *)((char *)incident + offset);
}

static int alert(struct ak_job_run *run, struct ak_tx *tx, struct incident *incident, size_t clock,
                 struct ak_error *err)
{
    const struct ak_audit_event event = {
        .action = clocks[clock].audit,
        .outcome = "success",
        .request_id = run->id,
        .actor_id = "system",
        .object_type = "incident",
        .object_id = incident->id,
        .listener = "worker",
    };
    int rc = incident_say(tx, incident, "overdue", "internal", NULL, clocks[clock].entry,
                          &the_system, err);

    *member(incident, clocks[clock].alerted) = ak_now_us();
    rc = rc == 0 ? ak_audit_add(tx, &event, NULL, err) : rc;
    rc = rc == 0 ? incident_mail_operators(tx, run->arena, incident, clocks[clock].template, err)
                 : rc;
    if (rc == 0) {
        ak_log(AK_WARNING, "incident %s: %s", incident->number, clocks[clock].entry);
    }
    return rc;
}

static int look_at(struct ak_job_run *run, struct ak_tx *tx, struct incident *incident,
                   struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < AK_N(clocks); i++) {
        int64_t due = *member(incident, clocks[i].due);

        if (due > 0 && due <= ak_now_us() && *member(incident, clocks[i].alerted) == 0) {
            rc = alert(run, tx, incident, i, err);
        }
    }
    return rc == 0 ? incident_store_save(tx, incident, err) : rc;
}

static int watch(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc == 0 ? incident_store_overdue(tx, run->arena, ak_now_us(), &list, err) : rc;
    if (rc < 0 || list.n == 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx));
    rc = ak_tx_write(run->store, &tx, err);
    rc = rc == 0 ? incident_store_overdue(tx, run->arena, ak_now_us(), &list, err) : rc;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = look_at(run, tx, (struct incident *)list.items + i, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

const struct ak_schedule incident_clock_schedule = {
    .name = "incident-clock", .every_ms = 60 * 1000, .at_start = true, .run = watch};
