/* SPDX-License-Identifier: Apache-2.0 */
/* When each customer must have heard of a confirmed incident, hear the next word and get the
 * report; and the notification itself. What is late is told of in incident_clock.c. */
#include "incident/incident_internal.h"

static void earlier(int64_t *due_us, int64_t other_us)
{
    if (other_us > 0 && (*due_us == 0 || other_us < *due_us)) {
        *due_us = other_us;
    }
}

/* The due times of one customer, and whether the provider shows the incident unasked. */
static int reckon_customer(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                           struct incident *incident, struct incident_customer *customer,
                           struct ak_error *err)
{
    bool lasts = incident->resolved_us == 0 && customer->notified_us > 0;
    struct incident_terms terms = {0};
    int rc =
        incident_terms(tx, arena, config, customer->project_id, incident->severity, &terms, err);

    if (rc < 0) {
        return rc;
    }
    customer->notify_due_us = incident->confirmed_us + terms.notify_minutes * AK_MIN;
    earlier(&incident->update_due_us,
            lasts ? incident->told_us + terms.update_minutes * AK_MIN : 0);
    earlier(&incident->report_due_us,
            incident->resolved_us ? incident->resolved_us + terms.report_days * AK_DAY : 0);
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

    incident->update_due_us = 0;
    incident->report_due_us = 0;
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
        earlier(&due, customers[i].notified_us == 0 ? customers[i].notify_due_us : 0);
    }
    incident->notify_due_us = due;
    return rc;
}

int incident_notify(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                    struct incident *incident, const char *text, const struct incident_who *who,
                    int64_t *ret_mails, struct ak_error *err)
{
    struct ak_list list = {0};
    struct incident_customer *customers = NULL;
    struct incident_terms terms = {0};
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
        rc = incident_terms(tx, arena, config, customers[i].project_id, incident->severity, &terms,
                            err);
        if (rc == 0 && terms.by_portal && customers[i].posted_us == 0) {
            customers[i].posted_us = now;
        }
        customers[i].notified_us = customers[i].notified_us ? customers[i].notified_us : now;
        rc = rc == 0 ? incident_store_put_customer(tx, incident->id, &customers[i], err) : rc;
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

const struct ak_schedule *const incident_schedules[] = {&incident_clock_schedule,
                                                        &incident_files_schedule, NULL};
