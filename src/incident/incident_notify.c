/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the notification: when each customer must have heard of a confirmed incident, the
 * notification itself, and the alert when it is late. */
#include "incident/incident_internal.h"

static const struct incident_who the_system = {
    .staff = true, .user_name = "akashi", .kind = "system"};

/* The due time of one customer, and whether the provider shows the incident unasked. */
static int reckon_customer(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           const struct incident *incident, struct incident_customer *customer,
                           struct ak_error *err)
{
    struct incident_terms terms = {0};
    int rc =
        incident_terms(tx, arena, config, customer->project_id, incident->severity, &terms, err);

    if (rc < 0) {
        return rc;
    }
    customer->notify_due_us = incident->confirmed_us + terms.notify_minutes * AK_MIN;
    if (customer->posted_us == 0 && terms.posted && ak_streq(incident->cause, "provider")) {
        customer->posted_us = ak_now_us();
    }
    return incident_store_put_customer(tx, incident->id, customer, err);
}

int incident_reckon(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                    struct incident *incident, struct ak_error *err)
{
    struct ak_list list = {0};
    struct incident_customer *customers = NULL;
    int64_t due = 0;
    int rc = 0;

    if (incident->confirmed_us == 0 || incident->closed_us > 0) {
        return 0;
    }
    rc = incident_store_customers(tx, arena, incident->id, &list, err);
    customers = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (!customers[i].affected && !customers[i].reporter) {
            continue;
        }
        rc = reckon_customer(tx, arena, config, incident, &customers[i], err);
        if (customers[i].notified_us == 0 && (due == 0 || customers[i].notify_due_us < due)) {
            due = customers[i].notify_due_us;
        }
    }
    incident->notify_due_us = due;
    return rc;
}

int incident_notify(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                    const char *text, const struct incident_who *who, int64_t *ret_mails,
                    struct ak_error *err)
{
    struct ak_list list = {0};
    struct incident_customer *customers = NULL;
    int64_t told = 0, now = ak_now_us();
    int rc = 0;

    *ret_mails = 0;
    if (incident->confirmed_us == 0 || incident->closed_us > 0) {
        return ak_fail(err, AK_INCIDENT_STATE, incident->number, incident->state, "notified");
    }
    rc = incident_store_customers(tx, arena, incident->id, &list, err);
    customers = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (!customers[i].affected && !customers[i].reporter) {
            continue;
        }
        told++;
        customers[i].posted_us = customers[i].posted_us ? customers[i].posted_us : now;
        customers[i].notified_us = customers[i].notified_us ? customers[i].notified_us : now;
        rc = incident_store_put_customer(tx, incident->id, &customers[i], err);
        rc = rc == 0 ? incident_mail_customer(tx, arena, incident, &customers[i], "incident-notice",
                                              text, ret_mails, err)
                     : rc;
    }
    if (rc == 0 && told == 0) {
        return ak_fail(err, AK_INCIDENT_NOBODY, incident->number);
    }
    incident->notified_us = incident->notified_us ? incident->notified_us : now;
    incident->notify_due_us = 0;
    return rc == 0 ? incident_say(tx, incident, "notified", "customer", NULL, text, who, err) : rc;
}

int incident_mail_news(struct ak_tx *tx, struct ak_arena *arena, const struct incident *incident,
                       const char *template, const char *text, struct ak_error *err)
{
    struct ak_list list = {0};
    const struct incident_customer *customers = NULL;
    int64_t mails = 0;
    int rc = incident_store_customers(tx, arena, incident->id, &list, err);

    customers = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (customers[i].notified_us > 0) {
            rc = incident_mail_customer(tx, arena, incident, &customers[i], template, text, &mails,
                                        err);
        }
    }
    return rc;
}

/* ---- The alert: once an incident ------------------------------------------------------------- */

static int alert(struct ak_job_run *run, struct ak_tx *tx, struct incident *incident,
                 struct ak_error *err)
{
    const struct ak_audit_event event = {
        .action = "incident.incident.overdue",
        .outcome = "success",
        .request_id = run->id,
        .actor_id = "system",
        .object_type = "incident",
        .object_id = incident->id,
        .listener = "worker",
    };
    int rc = incident_say(tx, incident, "overdue", "internal", NULL,
                          "the target time of the notification has passed", &the_system, err);

    incident->overdue_us = ak_now_us();
    rc = rc == 0 ? incident_store_save(tx, incident, err) : rc;
    rc = rc == 0 ? ak_audit_add(tx, &event, NULL, err) : rc;
    rc = rc == 0 ? incident_mail_operators(tx, run->arena, incident, "incident-overdue", err) : rc;
    if (rc == 0) {
        ak_log(AK_WARNING, "incident %s: customers ought to be notified by now", incident->number);
    }
    return rc;
}

static int watch_clock(struct ak_job_run *run, struct ak_error *err)
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
        rc = alert(run, tx, (struct incident *)list.items + i, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static const struct ak_schedule clock_schedule = {
    .name = "incident-clock", .every_ms = 60 * 1000, .at_start = true, .run = watch_clock};
const struct ak_schedule *const incident_schedules[] = {&clock_schedule, &incident_files_schedule,
                                                        NULL};
