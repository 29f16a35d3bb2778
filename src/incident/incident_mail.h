/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INCIDENT_MAIL_H
#define INCIDENT_MAIL_H
/* One message (RFC 5322, MIME) as what the intake needs of it. Private to src/incident; the fuzz
 * target tests/fuzz/incident_mail_fuzz.c uses it too. */
#include "incident/incident.h"

#define INCIDENT_MAIL_FILES_MAX 20
#define INCIDENT_MAIL_TEXT_MAX  ((size_t)2 << 20) /* bytes of a text that are looked at */

struct incident_mail_file {
    const char *name; /* by ak_file_name() */
    const void *bytes;
    size_t size; /* 1 to INCIDENT_FILE_MAX */
};

struct incident_mail {
    const char *message_id; /* at most 255 bytes, printable; "sha256:…" of the bytes without one */
    const char *from;       /* address in lower case, valid by ak_mail_address_valid() */
    const char *from_name;  /* at most 255 characters; the address when there is no name */
    const char *subject;    /* one line, 1 to 255 characters */
    const char *text;       /* UTF-8, lines end in \n, 1 to 10,000 characters */
    struct incident_mail_file *files;
    size_t n_files;
    const char
        *lost;      /* names of parts that were too many, too large or empty, one a line; or NULL */
    bool machines;  /* a bounce, an automatic reply, a mail of ours that came back: no report */
    bool automatic; /* not to be answered: RFC 3834 and the old habits */
};
/* Strings live in the arena. AK_TOO_LARGE, AK_MAIL_UNREADABLE (no sender, too many headers or
 * parts). */
int incident_mail_parse(struct ak_arena *arena, const void *bytes, size_t size,
                        struct incident_mail *ret_mail, struct ak_error *err);

/* Texts (incident_mail_text.c); all in the arena. 'charset' NULL: none is claimed, it is guessed.
 * What cannot be read becomes '?'; the cleaning after it removes what is not UTF-8. */
const char *incident_text_utf8(struct ak_arena *arena, const char *bytes, size_t size,
                               const char *charset);
/* What HTML says, without tags, scripts, styles and comments. It is text: nobody renders it. */
const char *incident_text_of_html(struct ak_arena *arena, const char *html);
/* Clean text of at most 'max' characters: UTF-8, no control characters but line ends and tabs (in
 * one line: none). Never NULL. */
const char *incident_text_clean(struct ak_arena *arena, const char *s, size_t max, bool one_line);

/* "I-2026-0001" of a subject, copied into 'out'; false when there is none. */
bool incident_mail_number(const char *subject, char out[32]);

#endif
