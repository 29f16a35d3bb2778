/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_MAIL_INTERNAL_H
#define AK_MAIL_INTERNAL_H
/* Shared by the files of src/mail: the texts, a message as it travels, one sending, the database.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "mail/mail.h"

enum { MAIL_SUBJECT_MAX = 200, MAIL_ADDRESS_MAX = 254 };
#define MAIL_BODY_MAX ((size_t)64 * 1024)

/* Fills subject and body (both of this arena) from the template's row; controls in the subject
 * become blanks. AK_INTERNAL for a template that does not exist. */
int mail_render(struct ak_arena *arena, const struct ak_mail *mail, const char **ret_subject,
                const char **ret_body, struct ak_error *err);

/* Who sends, of the settings. Strings are the configuration's. */
struct mail_from {
    const char *address, *name, *operators;
};
/* The whole message by RFC 5322 and MIME, lines ending in CRLF. It depends on the row and on the
 * settings only: a second try sends the same bytes, Message-ID included. */
void mail_message(const struct ak_mail_row *mail, const struct mail_from *from, struct ak_buf *out);
/* RFC 2047: 'text' as it may stand in a header after 'column' characters, folded. */
void mail_header_text(struct ak_buf *out, const char *text, size_t column);

/* One connection to the server, kept from mail to mail. */
struct mail_smtp;
int mail_smtp_new(const struct ak_config *config, struct mail_smtp **ret_smtp,
                  struct ak_error *err);
void mail_smtp_free(struct mail_smtp *smtp);
AK_DEFINE_AUTO(mail_smtp)
enum mail_result {
    MAIL_SENT,        /* the server took it */
    MAIL_LATER,       /* refused for now: this mail waits */
    MAIL_REFUSED,     /* refused for good */
    MAIL_SERVER_AWAY, /* the server does not serve us: all mails wait */
    MAIL_HUNG_UP,     /* so it is, in the middle of this mail, which may be why */
};
/* Sends one message; blocks. 'give_up' is asked now and then and ends the attempt when it says true
 * (SERVER_AWAY). 'error' gets what the server said. */
enum mail_result mail_smtp_send(struct mail_smtp *smtp, const char *to,
                                const struct ak_buf *message, bool (*give_up)(void *data),
                                void *data, char error[256]);

struct ak_mail_sender {
    struct ak_store *store;
    const struct ak_config *config;
    struct mail_smtp *smtp;
    struct mail_from from;
    char owner[128];
    int64_t retry_max_us, give_up_after_us;
    int64_t away_pause_us; /* the present pause because the server is away; 0 = it is there */
    int64_t away_until_us; /* monotonic */
    atomic_bool stopping;
    atomic_int_least64_t stop_by_us; /* monotonic; what is on its way is broken off then */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t halt;
    bool started;
};
/* A sender without a thread (tests, and what the thread uses). */
int mail_sender_new(struct ak_store *store, const struct ak_config *config,
                    struct ak_mail_sender **ret_sender, struct ak_error *err);
/* Frees the mails of dead processes. */
int mail_sender_release(struct ak_mail_sender *sender, struct ak_error *err);
/* Sends one due mail: 1 = tried one, 0 = none due or the server is away, negative = error. */
int mail_sender_one(struct ak_mail_sender *sender, struct ak_error *err);

/* Database (mail_store.c). */
int mail_store_insert(struct ak_tx *tx, const struct ak_mail_row *row, struct ak_error *err);
int mail_store_known(struct ak_tx *tx, const char *key, bool *ret_known, struct ak_error *err);
int mail_store_due(struct ak_store *store, bool *ret_due, struct ak_error *err);
/* 1 = '*ret_row' is ours, 0 = none. */
int mail_store_claim(struct ak_store *store, struct ak_arena *arena, const char *owner,
                     int64_t until_us, struct ak_mail_row *ret_row, struct ak_error *err);
int mail_store_sent(struct ak_store *store, const char *id, const char *owner,
                    struct ak_error *err);
/* Back to queued, or failed, as 'row' says now. */
int mail_store_not_sent(struct ak_store *store, const struct ak_mail_row *row, const char *owner,
                        struct ak_error *err);
/* Queues again what dead processes of this host, or silent ones of others, were sending. */
int mail_store_release(struct ak_store *store, const char *self, struct ak_error *err);

#endif
