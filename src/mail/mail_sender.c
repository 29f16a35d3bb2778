/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's thread that sends: claims a due mail under a lease, sends it with no transaction
 * open, records the end. Between the server's 250 and our commit stands nothing but the commit; a
 * process that dies just there sends that one mail twice, under one Message-ID. */
#include "mail/mail_internal.h"

enum { POLL_MS = 500, LEASE_MIN = 30, RELEASE_EVERY_S = 10 };
#define FIRST_PAUSE_US (60 * AK_SEC) /* of a mail that was refused for now */
#define AWAY_FIRST_US  (2 * AK_SEC)  /* of all, while the server is away */
#define AWAY_MAX_US    (5 * AK_MIN)

int mail_sender_new(struct ak_store *store, const struct ak_config *config,
                    struct ak_mail_sender **ret_sender, struct ak_error *err)
{
    AK_AUTO(ak_mail_sender) sender = ak_new(struct ak_mail_sender);
    int rc = 0;

    sender->store = store;
    sender->config = config;
    sender->from = (struct mail_from){ak_config_str(config, "mail_from"),
                                      ak_config_str(config, "mail_from_name"),
                                      ak_config_str(config, "mail_operators")};
    if (!*sender->from.operators) {
        sender->from.operators = sender->from.address;
    }
    sender->retry_max_us = ak_config_int(config, "mail_retry_max") * AK_SEC;
    sender->give_up_after_us = ak_config_int(config, "mail_give_up_hours") * AK_HOUR;
    ak_jobs_owner_name(sender->owner);
    (void)pthread_mutex_init(&sender->lock, NULL);
    ak_cond_init(&sender->halt);
    if (!ak_mail_address_valid(sender->from.operators)) {
        return ak_fail(err, AK_CONFIG, "mail_operators is not a mail address");
    }
    rc = mail_smtp_new(config, &sender->smtp, err);
    if (rc == 0) {
        *ret_sender = AK_TAKE(sender);
    }
    return rc;
}

static bool give_up(void *data)
{
    struct ak_mail_sender *sender = data;

    return sender->stopping && ak_monotonic_us() > sender->stop_by_us;
}

/* Doubles from 'first' on, the n-th time (1, 2, …), up to 'most'. */
static int64_t pause_us(int64_t first, int64_t n, int64_t most)
{
    int64_t pause = first;

    while (--n > 0 && pause < most) {
        pause *= 2;
    }
    return pause < most ? pause : most;
}

static void server_away(struct ak_mail_sender *sender, const char *error)
{
    int64_t most = AWAY_MAX_US < sender->retry_max_us ? AWAY_MAX_US : sender->retry_max_us;
    int64_t next = sender->away_pause_us ? sender->away_pause_us * 2 : AWAY_FIRST_US;

    if (!sender->away_pause_us) {
        ak_log(AK_WARNING, "the mail server does not take mails; they wait: %s", error);
    }
    sender->away_pause_us = next < most ? next : most;
    sender->away_until_us = ak_monotonic_us() + sender->away_pause_us;
}

static void decide(struct ak_mail_sender *sender, struct ak_mail_row *row, enum mail_result result)
{
    int64_t now = ak_now_us();

    row->state = "queued";
    row->next_try_us = now;
    if (result == MAIL_SERVER_AWAY) {
        row->attempts--; /* not this mail's fault: it does not count */
        server_away(sender, row->error);
        return;
    }
    if (result == MAIL_HUNG_UP) { /* nothing fails for that, but others are tried before it */
        server_away(sender, row->error);
        row->next_try_us += pause_us(FIRST_PAUSE_US, row->attempts, sender->retry_max_us);
        return;
    }
    if (row->give_up_us == 0) {
        row->give_up_us = now + sender->give_up_after_us;
    }
    row->next_try_us = now + pause_us(FIRST_PAUSE_US, row->attempts, sender->retry_max_us);
    if (row->next_try_us > row->give_up_us) {
        row->next_try_us = row->give_up_us;
    }
    if (result == MAIL_REFUSED || now >= row->give_up_us) {
        row->state = "failed";
    }
}

static int record(struct ak_mail_sender *sender, struct ak_mail_row *row, enum mail_result result,
                  struct ak_error *err)
{
    if (result == MAIL_SENT) {
        return mail_store_sent(sender->store, row->id, sender->owner, err);
    }
    return mail_store_not_sent(sender->store, row, sender->owner, err);
}

/* Waits, or less when the sender is to stop. */
static void rest(struct ak_mail_sender *sender, int64_t ms)
{
    int64_t until = ak_monotonic_us() + ms * AK_MS;
    AK_LOCK(&sender->lock);

    if (!sender->stopping) {
        (void)ak_cond_wait_until(&sender->halt, &sender->lock, until);
    }
}

int mail_sender_one(struct ak_mail_sender *sender, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_BUF message;
    struct ak_mail_row row = {0};
    enum mail_result result = MAIL_SENT;
    char error[256] = "";
    bool due = false, operators = false;
    int rc = 0;

    ak_buf_init(&message, MAIL_BODY_MAX * 4);
    if (sender->away_pause_us && ak_monotonic_us() < sender->away_until_us) {
        return 0;
    }
    rc = mail_store_due(sender->store, &due, err);
    if (rc < 0 || !due) {
        return rc;
    }
    rc = mail_store_claim(sender->store, arena, sender->owner, ak_now_us() + LEASE_MIN * AK_MIN,
                          &row, err);
    if (rc <= 0) {
        return rc;
    }
    operators = ak_streq(row.recipient, AK_MAIL_OPERATORS);
    mail_message(&row, &sender->from, &message);
    result = mail_smtp_send(sender->smtp, operators ? sender->from.operators : row.recipient,
                            &message, give_up, sender, error);
    if (result == MAIL_SENT || result == MAIL_REFUSED) {
        sender->away_pause_us = 0;
    }
    if (result != MAIL_SENT) {
        row.error = error;
        decide(sender, &row, result);
    }
    /* What the server took must be known as sent, whatever the database is busy with. */
    while ((rc = record(sender, &row, result, err)) < 0 && !give_up(sender)) {
        ak_log_error(err, "recording the end of mail %s; once more", row.id);
        rest(sender, 200);
    }
    if (rc == 0 && ak_streq(row.state, "failed")) {
        ak_log(AK_WARNING, "mail %s could not be sent and is given up: %s", row.id, error);
    }
    return rc < 0 ? rc : 1;
}

int mail_sender_release(struct ak_mail_sender *sender, struct ak_error *err)
{
    return mail_store_release(sender->store, sender->owner, err);
}

static void *sender_thread(void *data)
{
    struct ak_mail_sender *sender = data;
    int64_t released = 0;

    ak_log_context("mail");
    while (!sender->stopping) {
        struct ak_error err = {0};
        int rc = 0;

        if (!released || ak_monotonic_us() - released > RELEASE_EVERY_S * AK_SEC) {
            released = ak_monotonic_us();
            rc = mail_sender_release(sender, &err);
        }
        if (rc == 0) {
            rc = mail_sender_one(sender, &err);
        }
        if (rc < 0) {
            ak_log_error(&err, "sending mail");
        }
        if (rc <= 0) {
            rest(sender, POLL_MS);
        }
    }
    return NULL;
}

int ak_mail_sender_start(struct ak_store *store, const struct ak_config *config,
                         struct ak_mail_sender **ret_sender, struct ak_error *err)
{
    AK_AUTO(ak_mail_sender) sender = NULL;
    int rc = 0;

    if (!*ak_config_str(config, "mail_server")) {
        ak_log(AK_INFO, "no mail_server is set: mails wait in the queue");
        return 0;
    }
    rc = mail_sender_new(store, config, &sender, err);
    if (rc < 0) {
        return rc;
    }
    if (pthread_create(&sender->thread, NULL, sender_thread, sender) != 0) {
        abort();
    }
    sender->started = true;
    *ret_sender = AK_TAKE(sender);
    return 0;
}

void ak_mail_sender_stop(struct ak_mail_sender *sender, int64_t timeout_ms)
{
    if (!sender || !sender->started) {
        return;
    }
    sender->stop_by_us = ak_monotonic_us() + timeout_ms * AK_MS;
    (void)pthread_mutex_lock(&sender->lock);
    sender->stopping = true;
    (void)pthread_cond_broadcast(&sender->halt);
    (void)pthread_mutex_unlock(&sender->lock);
    (void)pthread_join(sender->thread, NULL);
    sender->started = false;
}

void ak_mail_sender_free(struct ak_mail_sender *sender)
{
    if (!sender) {
        return;
    }
    ak_mail_sender_stop(sender, 0);
    mail_smtp_free(sender->smtp);
    (void)pthread_mutex_destroy(&sender->lock);
    (void)pthread_cond_destroy(&sender->halt);
    free(sender);
}
