/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_MAIL_H
#define AK_MAIL_H
/* Mail to people: a queue in the database, filled in the transaction of the change that the mail
 * tells of, and a sender in the worker that speaks SMTP.
 *
 *   queued ──claim──▶ sending ──250──▶ sent ──ak_mail_resend()──▶ queued
 *     ▲                 │  ├─refused for now, server away, process died─▶ queued
 *     └─────pause───────┘  └─refused for good, or for now too long─▶ failed ──▶ queued
 *
 * Mails of one recipient go out in the order of insertion. */
#include "jobs/jobs.h"
#include "store/query.h"

/* To the operators, at the address of the setting mail_operators. */
#define AK_MAIL_OPERATORS "operators"

struct ak_mail {
    const char *key;           /* what is queued once under a key is never queued again */
    const char *to;            /* an address, or AK_MAIL_OPERATORS */
    const char *language;      /* "ja" or "en"; NULL or another = ja */
    const char *template;      /* a row of templates.def */
    const char *const *params; /* {0} {1} … of the template, NULL-terminated; may be NULL */
    const char *project_id;    /* the customer it is about, or NULL */
    const char *object_type, *object_id; /* what it is about: "notice", its id; or NULL */
};

/* Queues a mail in the transaction of the change. The texts are made here, so what is sent is what
 * was true then. A key that was used is success without a second mail. An address that is none
 * makes a mail in the state failed, with the reason, so that one wrong contact never holds up a
 * change that concerns many. Never put a password or another secret into a mail: it stays in the
 * queue's table. AK_INTERNAL for a template that does not exist; AK_STORE and the like. */
int ak_mail_add(struct ak_tx *tx, const struct ak_mail *mail, struct ak_error *err);

/* Whether the text is an address that a mail can be sent to: ASCII, one '@', at most 254 bytes. */
bool ak_mail_address_valid(const char *text);

struct ak_mail_row {
    const char *id, *key, *recipient, *language, *template, *subject, *body;
    const char *project_id, *object_type, *object_id, *state, *error;
    int64_t number, attempts, resends, next_try_us, give_up_us, created_us, sent_us;
};
extern const struct ak_fields ak_mail_fields; /* body is rendered by itself: see ak_mail_load() */

/* The newest first unless the query sorts. */
int ak_mail_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                 struct ak_list *ret_list, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int ak_mail_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                 struct ak_mail_row *ret_row, struct ak_error *err);
/* The mails about an object, by the project they went to: structs ak_mail_count. */
struct ak_mail_count {
    const char *project_id;
    int64_t mails, sent, failed;
};
int ak_mail_counts(struct ak_tx *tx, struct ak_arena *arena, const char *object_id,
                   struct ak_list *ret_list, struct ak_error *err);
/* Queues a mail that was sent or has failed once more, under a Message-ID of its own.
 * AK_OBJECT_NOT_FOUND, AK_MAIL_STATE when it is waiting already. */
int ak_mail_resend(struct ak_tx *tx, struct ak_arena *arena, const char *id, struct ak_error *err);

/* The sender, one a worker process: a thread that sends what is due. Without the setting
 * mail_server it starts nothing and '*ret_sender' stays NULL: mails wait, visibly. AK_CONFIG. */
struct ak_mail_sender;
int ak_mail_sender_start(struct ak_store *store, const struct ak_config *config,
                         struct ak_mail_sender **ret_sender, struct ak_error *err);
/* Lets the mail that is on its way end (at most 'timeout_ms'), then joins the thread. */
void ak_mail_sender_stop(struct ak_mail_sender *sender, int64_t timeout_ms);
void ak_mail_sender_free(struct ak_mail_sender *sender);
AK_DEFINE_AUTO(ak_mail_sender)

extern const struct ak_setting ak_mail_settings[];
extern const size_t ak_mail_settings_n;

#endif
