/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INCIDENT_MAIL_H
#define INCIDENT_MAIL_H
/* One message (RFC 5322, MIME) as what the intake needs of it. Private to src/incident; the fuzz
 * target tests/fuzz/incident_mail_fuzz.c uses it too. */
#include "incident/incident.h"

struct incident_mail {
    const char *message_id; /* at most 255 bytes, printable; "sha256:…" of the bytes without one */
    const char *from;       /* address in lower case, valid by ak_mail_address_valid() */
    const char *from_name;  /* at most 255 characters; the address when there is no name */
    const char *subject;    /* one line, 1 to 255 characters */
    const char *text;       /* UTF-8, lines end in \n, 1 to 10,000 characters */
    bool automatic;         /* not to be answered: RFC 3834 and the old habits */
};
/* Strings live in the arena. AK_TOO_LARGE, AK_MAIL_UNREADABLE (no sender, too many headers or
 * parts). */
int incident_mail_parse(struct ak_arena *arena, const void *bytes, size_t size,
                        struct incident_mail *ret_mail, struct ak_error *err);
/* "I-2026-0001" of a subject, copied into 'out'; false when there is none. */
bool incident_mail_number(const char *subject, char out[32]);

#endif
