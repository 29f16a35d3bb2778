/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of src/mail: the texts and headers, the queue on both databases, and the sender
 * against a scripted SMTP server on loopback. tests/api/test_mail.py has a real one. */
#include "mail/mail_internal.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "store/store_testing.h"

extern const struct ak_sql *const mail_sql_all[]; /* generated */

/* A server that takes mails, or refuses recipients as their names say: "later@…" by 451, "no@…" by
 * 550. */
struct smtpd {
    pthread_t thread;
    int listener, port, mails;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards mails, log, last */
    char log[4096];       /* recipients taken, one a line */
    char last[8192];
};

struct fixture {
    struct ak_store *store;
    struct ak_config *config;
    struct smtpd *smtpd;
    struct ak_mail_sender *sender;
};

static void say(int fd, const char *line)
{
    (void)!write(fd, line, strlen(line));
}

static void take_mail(struct smtpd *d, FILE *in, int fd, const char *to)
{
    char line[2048], text[sizeof(d->last)] = "";

    say(fd, "354 go on\r\n");
    while (fgets(line, sizeof(line), in) && !ak_streq(line, ".\r\n")) {
        ak_str_copy(text + strlen(text), sizeof(text) - strlen(text), line);
    }
    (void)pthread_mutex_lock(&d->lock);
    ak_str_copy(d->last, sizeof(d->last), text);
    ak_str_copy(d->log + strlen(d->log), sizeof(d->log) - strlen(d->log), to);
    d->mails++;
    (void)pthread_mutex_unlock(&d->lock);
    say(fd, "250 taken\r\n");
}

static void converse(struct smtpd *d, int fd)
{
    FILE *in = fdopen(fd, "r");
    char line[1024], to[256] = "";

    say(fd, "220 test\r\n");
    while (fgets(line, sizeof(line), in)) {
        if (ak_starts_with(line, "RCPT TO:<later")) {
            say(fd, "451 not now\r\n");
        } else if (ak_starts_with(line, "RCPT TO:<no")) {
            say(fd, "550 nobody here\r\n");
        } else if (ak_starts_with(line, "DATA") && ak_starts_with(to, "<hang")) {
            say(fd, "354 go on\r\n");
            break;
        } else if (ak_starts_with(line, "DATA")) {
            take_mail(d, in, fd, to);
        } else if (ak_starts_with(line, "QUIT")) {
            say(fd, "221 bye\r\n");
            break;
        } else {
            if (ak_starts_with(line, "RCPT TO:")) {
                (void)snprintf(to, sizeof(to), "%.*s\n", (int)strcspn(line + 8, "\r\n"), line + 8);
            }
            say(fd, "250 ok\r\n");
        }
    }
    (void)fclose(in);
}

static void *smtpd_thread(void *data)
{
    struct smtpd *d = data;

    while (!d->stop) {
        struct pollfd pfd = {.fd = d->listener, .events = POLLIN};

        if (poll(&pfd, 1, 50) > 0) {
            int fd = accept(d->listener, NULL, NULL);

            if (fd >= 0) {
                converse(d, fd);
            }
        }
    }
    return NULL;
}

static struct smtpd *smtpd_start(int port)
{
    struct smtpd *d = ak_new(struct smtpd);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof(at);
    int on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)pthread_mutex_init(&d->lock, NULL);
    d->listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)setsockopt(d->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(d->listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(d->listener, 8), 0);
    assert_int_equal(getsockname(d->listener, (struct sockaddr *)&at, &len), 0);
    d->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&d->thread, NULL, smtpd_thread, d), 0);
    return d;
}

static void smtpd_end(struct smtpd *d)
{
    d->stop = true;
    (void)pthread_join(d->thread, NULL);
    (void)close(d->listener);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

static void new_sender(struct fixture *f)
{
    struct ak_error err = {0};

    ak_mail_sender_free(f->sender);
    f->sender = NULL;
    assert_ok(mail_sender_new(f->store, f->config, &f->sender, &err), &err);
}

static int setup(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_error err = {0};
    char server[64];

    f->store = store_testing_open();
    f->config = ak_config_new();
    ak_config_add_settings(f->config, ak_mail_settings, ak_mail_settings_n);
    f->smtpd = smtpd_start(0);
    (void)snprintf(server, sizeof(server), "127.0.0.1:%d", f->smtpd->port);
    assert_ok(ak_config_set(f->config, "mail_server", server, &err), &err);
    assert_ok(ak_config_set(f->config, "mail_tls", "none", &err), &err);
    assert_ok(ak_config_set(f->config, "mail_from", "cloud@example.jp", &err), &err);
    assert_ok(ak_config_set(f->config, "mail_from_name", "証クラウド", &err), &err);
    new_sender(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ak_time_shift(0);
    ak_mail_sender_free(f->sender);
    smtpd_end(f->smtpd);
    ak_config_free(f->config);
    store_testing_close(f->store);
    free(f);
    return 0;
}

static void add(struct fixture *f, const char *key, const char *to, const char *subject)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};
    const char *params[] = {subject, "本文です。\n二行目", NULL};
    struct ak_mail mail = {.key = key,
                           .to = to,
                           .language = "ja",
                           .template = "plain",
                           .params = params,
                           .object_type = "test",
                           .object_id = key};

    assert_ok(ak_tx_write(f->store, &tx, &err), &err);
    assert_ok(ak_mail_add(tx, &mail, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
}

static int send_all(struct fixture *f)
{
    struct ak_error err = {0};
    int n = 0, rc = 0;

    while ((rc = mail_sender_one(f->sender, &err)) > 0) {
        n++;
    }
    assert_ok(rc, &err);
    return n;
}

/* The mail of a key; strings live as long as the arena. */
static struct ak_mail_row row_of(struct fixture *f, struct ak_arena *arena, const char *key)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};
    struct ak_query query = {.limit = 10};
    struct ak_value value = ak_v_text(key);
    struct ak_list list = {0};

    assert_ok(ak_tx_read(f->store, &tx, &err), &err);
    assert_ok(ak_query_filter(&query, arena, "mail_key", AK_EQ, &value, 1, &err), &err);
    assert_ok(ak_mail_list(tx, arena, &query, &list, &err), &err);
    assert_int_equal(list.n, 1);
    return *(struct ak_mail_row *)list.items;
}

static void assert_state(struct fixture *f, const char *key, const char *state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();

    assert_string_equal(row_of(f, arena, key).state, state);
}

/* What the server took so far: how many, for whom, the last one. Copies, since it may be at work.
 */
static int taken(struct fixture *f)
{
    AK_LOCK(&f->smtpd->lock);
    return f->smtpd->mails;
}

static const char *log_of(struct fixture *f)
{
    static char copy[sizeof(f->smtpd->log)];

    AK_LOCK(&f->smtpd->lock);
    ak_str_copy(copy, sizeof(copy), f->smtpd->log);
    return copy;
}

static const char *last_of(struct fixture *f)
{
    static char copy[sizeof(f->smtpd->last)];

    AK_LOCK(&f->smtpd->lock);
    ak_str_copy(copy, sizeof(copy), f->smtpd->last);
    return copy;
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};

    assert_ok(ak_sql_prepare_all(f->store, mail_sql_all, &err), &err);
}

static void mail_of_a_key_is_sent_once(void **state)
{
    struct fixture *f = *state;

    add(f, "k1", "a@example.jp", "一");
    add(f, "k1", "a@example.jp", "二");
    assert_int_equal(send_all(f), 1);
    add(f, "k1", "a@example.jp", "三");
    assert_int_equal(send_all(f), 0);
    assert_int_equal(taken(f), 1);
    assert_state(f, "k1", "sent");
}

static void rolled_back_change_sends_nothing(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_mail mail = {.key = "k", .to = "a@example.jp", .template = "plain"};

    assert_ok(ak_tx_write(f->store, &tx, &err), &err);
    assert_ok(ak_mail_add(tx, &mail, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(send_all(f), 0);
}

static void mails_of_a_recipient_keep_their_order(void **state)
{
    struct fixture *f = *state;

    add(f, "1", "later@example.jp", "one");
    add(f, "2", "later@example.jp", "two");
    add(f, "3", "b@example.jp", "three");
    assert_int_equal(send_all(f), 2);
    assert_state(f, "1", "queued");
    assert_state(f, "2", "queued");
    assert_state(f, "3", "sent");
    assert_string_equal(log_of(f), "<b@example.jp>\n");
}

static void refusal_for_now_is_tried_again_and_given_up_after_days(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    int tries = 0;

    add(f, "k", "later@example.jp", "s");
    for (int64_t at = 0; at < 97 * AK_HOUR; at += 10 * AK_MIN) {
        ak_time_shift(at);
        tries += send_all(f);
    }
    assert_in_range(tries, 20, 40);
    assert_state(f, "k", "failed");
    assert_non_null(strstr(row_of(f, arena, "k").error, "451"));
}

static void refusal_for_good_fails_and_the_next_mail_goes(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();

    add(f, "1", "no@example.jp", "s");
    add(f, "2", "yes@example.jp", "s");
    assert_int_equal(send_all(f), 2);
    assert_state(f, "1", "failed");
    assert_state(f, "2", "sent");
    assert_non_null(strstr(row_of(f, arena, "1").error, "550"));
}

static void server_away_for_long_loses_nothing(void **state)
{
    struct fixture *f = *state;
    int port = f->smtpd->port;
    struct ak_error err = {0};

    smtpd_end(f->smtpd);
    for (int i = 0; i < 5; i++) {
        char key[8];

        (void)snprintf(key, sizeof(key), "k%d", i);
        add(f, key, "a@example.jp", "s");
    }
    assert_int_equal(send_all(f), 1); /* one tried; then all wait */
    ak_time_shift(200 * AK_HOUR);
    f->sender->away_until_us = 0;
    assert_int_equal(send_all(f), 1);
    assert_state(f, "k0", "queued");
    f->smtpd = smtpd_start(port);
    f->sender->away_until_us = 0;
    assert_ok(mail_sender_release(f->sender, &err), &err);
    assert_int_equal(send_all(f), 5);
    assert_int_equal(taken(f), 5);
}

static void mails_at_which_the_server_hangs_up_hold_up_no_other(void **state)
{
    struct fixture *f = *state;
    int tries = 0;

    add(f, "bad1", "hang1@example.jp", "s");
    add(f, "bad2", "hang2@example.jp", "s");
    add(f, "bad3", "hang3@example.jp", "s");
    add(f, "good", "a@example.jp", "s");
    f->sender->retry_max_us = 2 * AK_SEC; /* each of them is due again soon */
    for (int64_t at = 0; at < 20 * AK_SEC; at += AK_SEC) {
        ak_time_shift(at);
        f->sender->away_until_us = 0;
        tries += send_all(f);
    }
    assert_state(f, "good", "sent");
    assert_state(f, "bad1", "queued");
    assert_in_range(tries, 8, 21);
}

static void mail_of_a_dead_process_is_sent_by_the_next(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_mail_row row = {0};
    struct ak_error err = {0};
    char owner[128], *colon = NULL;

    add(f, "k", "a@example.jp", "s");
    ak_jobs_owner_name(owner);
    colon = strrchr(owner, ':');
    ak_str_copy(colon, 3, ":1"); /* this process id, but another start: dead */
    assert_int_equal(mail_store_claim(f->store, arena, owner, ak_now_us() + AK_HOUR, &row, &err),
                     1);
    assert_int_equal(send_all(f), 0);
    assert_ok(mail_sender_release(f->sender, &err), &err);
    assert_int_equal(send_all(f), 1);
    assert_state(f, "k", "sent");
}

static void wrong_address_fails_alone(void **state)
{
    struct fixture *f = *state;

    add(f, "1", "a@example.jp\r\nBcc: b@example.jp", "s");
    add(f, "2", "", "s");
    add(f, "3", "operators", "s");
    assert_int_equal(send_all(f), 1);
    assert_state(f, "1", "failed");
    assert_state(f, "2", "failed");
    assert_string_equal(log_of(f), "<cloud@example.jp>\n");
}

static void resend_gets_a_message_id_of_its_own(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_mail_row row = {0};
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    add(f, "k", "a@example.jp", "s");
    row = row_of(f, arena, "k");
    assert_ok(ak_tx_write(f->store, &tx, &err), &err);
    assert_fails(ak_mail_resend(tx, arena, row.id, &err), AK_MAIL_STATE);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(send_all(f), 1);
    assert_non_null(strstr(last_of(f), ".0@example.jp>"));
    assert_ok(ak_tx_write(f->store, &tx, &err), &err);
    assert_ok(ak_mail_resend(tx, arena, row.id, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(send_all(f), 1);
    assert_non_null(strstr(last_of(f), ".1@example.jp>"));
}

static void headers_are_safe_and_encoded(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_BUF out;
    struct mail_from from = {"cloud@example.jp", "証クラウド", "ops@example.jp"};
    struct ak_mail_row row = {
        .id = "x",
        .recipient = "a@example.jp",
        .language = "ja",
        .subject = "計画メンテナンスのお知らせ: 2026年12月1日 午前2時から午前5時まで",
        .body = "本文",
        .created_us = 1795363200 * AK_SEC};

    ak_buf_init(&out, 65536);
    mail_message(&row, &from, &out);
    assert_true(ak_starts_with(out.data, "From: =?UTF-8?B?"));
    assert_non_null(strstr(out.data, "\r\nDate: Mon, 23 Nov 2026 01:00:00 +0900\r\n"));
    assert_non_null(strstr(out.data, "Content-Transfer-Encoding: base64\r\n\r\n5pys5paH"));
    for (const char *line = out.data; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        assert_true(strcspn(line, "\r\n") <= 76);
    }
    add(f, "k", "a@example.jp", "a\r\nBcc: b@example.jp\r\n\r\nx");
    assert_int_equal(send_all(f), 1);
    assert_non_null(strstr(last_of(f), "\r\nSubject: a  Bcc: b@example.jp    x\r\n"));
}

static void addresses_are_checked(void **state)
{
    static const char *const good[] = {"a@b", "taro.yamada+x@mail.example.co.jp", "o'brien@x.jp"};
    static const char *const bad[] = {"",      "a",     "@b",      "a@",          "a b@c", "a@b@c",
                                      "a@b\n", "<a@b>", "日@b.jp", "a..b@c.jp",   ".a@b",  "a@.b",
                                      "a,b@c", "a@b c", "a@-b",    "a@b;rm -rf /"};

    (void)state;
    for (size_t i = 0; i < AK_N(good); i++) {
        assert_true(ak_mail_address_valid(good[i]));
    }
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_false(ak_mail_address_valid(bad[i]));
    }
}

static void thread_sends_what_is_queued_and_stops(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_mail_sender) sender = NULL;
    struct ak_error err = {0};

    assert_ok(ak_mail_sender_start(f->store, f->config, &sender, &err), &err);
    add(f, "1", "a@example.jp", "s");
    add(f, "2", "a@example.jp", "s");
    for (int i = 0; i < 500 && taken(f) < 2; i++) {
        (void)poll(NULL, 0, 20);
    }
    ak_mail_sender_stop(sender, 1000);
    assert_int_equal(taken(f), 2);
    assert_state(f, "2", "sent");
    assert_ok(ak_config_set(f->config, "mail_server", "", &err), &err);
    ak_mail_sender_free(AK_TAKE(sender));
    assert_ok(ak_mail_sender_start(f->store, f->config, &sender, &err), &err);
    assert_null(sender); /* nothing is configured: mails wait */
}

static void failing_database_never_loses_what_the_server_took(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};

    for (int n = 1; n < 12; n++) {
        char key[16];

        (void)snprintf(key, sizeof(key), "k%d", n);
        add(f, key, "a@example.jp", "s");
        ak_store_fail_after(f->store, n);
        (void)mail_sender_one(f->sender, &err);
        ak_store_fail_after(f->store, 0);
        assert_ok(mail_store_release(f->store, "nobody", &err), &err);
        (void)send_all(f);
        assert_state(f, key, "sent");
        assert_int_equal(taken(f), n);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_statement_prepares, setup, teardown),
        cmocka_unit_test_setup_teardown(mail_of_a_key_is_sent_once, setup, teardown),
        cmocka_unit_test_setup_teardown(rolled_back_change_sends_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(mails_of_a_recipient_keep_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_for_now_is_tried_again_and_given_up_after_days,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_for_good_fails_and_the_next_mail_goes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(server_away_for_long_loses_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(mails_at_which_the_server_hangs_up_hold_up_no_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(mail_of_a_dead_process_is_sent_by_the_next, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(wrong_address_fails_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(resend_gets_a_message_id_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_are_safe_and_encoded, setup, teardown),
        cmocka_unit_test_setup_teardown(failing_database_never_loses_what_the_server_took, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(thread_sends_what_is_queued_and_stops, setup, teardown),
        cmocka_unit_test(addresses_are_checked),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
