/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_INCIDENT_H
#define AK_INCIDENT_H
/* Incidents of information security: intake (form, operator, mail), whom they touch, the clock of
 * the notification, the timeline, the closure report. */
#include "http/http.h"

extern const struct ak_domain incident_domain;

/* What became of a mail. */
struct incident_taken {
    char number[32];   /* of the incident it opened or was added to */
    bool known_sender; /* a contact of a contract */
    bool added;        /* to an incident there was */
    bool repeated;     /* was taken before: nothing was changed */
    bool ignored;      /* a bounce, an automatic reply, a mail of ours: no report, no number */
    bool answered;     /* an acknowledgement is queued */
};
/* Takes one message (RFC 5322) as an MTA's alias hands it over; at most INCIDENT_MAIL_MAX bytes.
 * AK_MAIL_UNREADABLE, AK_TOO_LARGE, AK_STORE_BUSY (try again), AK_STORE. Blocks on the database. */
#define INCIDENT_MAIL_MAX ((size_t)10 << 20)
int incident_take_mail(struct ak_store *store, const struct ak_config *config, const void *bytes,
                       size_t size, struct incident_taken *ret_taken, struct ak_error *err);

/* Incidents that a customer sees and that are not closed. */
struct service_overview_part;
extern const struct service_overview_part incident_overview;

#endif
