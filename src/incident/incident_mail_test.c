/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the reading of mails. */
#include "incident/incident_mail.h"

#include "base/test.h"

static struct incident_mail parsed(struct ak_arena *arena, const char *text)
{
    struct incident_mail mail = {0};
    struct ak_error err = {0};

    assert_ok(incident_mail_parse(arena, text, strlen(text), &mail, &err), &err);
    return mail;
}

static int set_up(void **state)
{
    *state = ak_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    ak_arena_free(*state);
    return 0;
}

static void japanese_mail_of_the_old_kind_is_read(void **state)
{
    struct incident_mail mail = parsed(
        *state, "From: =?utf-8?B?5bGx55Sw?= <Yamada@Example.JP>\r\n"
                "Subject: =?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=\r\n =?utf-8?Q?_I-2026-0001?=\r\n"
                "Message-ID: <a.1@example.jp>\r\n"
                "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
                "\033$B%F%9%H\033(B.\r\nend\r\n");

    assert_string_equal(mail.from, "yamada@example.jp");
    assert_string_equal(mail.from_name, "山田");
    assert_string_equal(mail.subject, "テスト I-2026-0001");
    assert_string_equal(mail.message_id, "a.1@example.jp");
    assert_string_equal(mail.text, "テスト.\nend");
    assert_false(mail.automatic);
}

static void the_plain_part_is_taken_attachments_are_not(void **state)
{
    struct incident_mail mail =
        parsed(*state,
               "From: a@example.jp\nSubject: s\nMIME-Version: 1.0\n"
               "Content-Type: multipart/mixed; boundary=b\n\n"
               "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x\n\nno\n"
               "--b\nContent-Type: text/html\n\n<p>html</p>\n"
               "--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
               "44GT44KT44Gr44Gh44Gv\n--b--\n");

    assert_string_equal(mail.text, "こんにちは");
    assert_true(ak_starts_with(mail.message_id, "sha256:"));
}

static void of_html_the_text_is_left(void **state)
{
    struct incident_mail mail =
        parsed(*state, "From: a@example.jp\nContent-Type: text/html\n\n"
                       "<style>p{x}</style><p>one</p><script>alert(1)</script>two<img src=x");

    assert_string_equal(mail.text, "one\ntwo");
    assert_string_equal(mail.subject, "(no subject)");
}

static void what_is_automatic_is_known(void **state)
{
    static const char *const heads[] = {
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated\n",
        "Precedence: bulk\n",
        "Precedence: list\n",
        "Return-Path: <>\n",
        "List-Id: <l.example.jp>\n",
        "X-Auto-Response-Suppress: All\n",
    };

    for (size_t i = 0; i < AK_N(heads); i++) {
        const char *text = ak_arena_printf(*state, "%sFrom: a@example.jp\n\nx", heads[i]);

        assert_true(parsed(*state, text).automatic);
    }
    assert_true(parsed(*state, "From: MAILER-DAEMON@example.jp\n\nx").automatic);
    assert_false(parsed(*state, "Auto-Submitted: no\nFrom: a@example.jp\n\nx").automatic);
}

static void texts_are_cut_and_cleaned(void **state)
{
    AK_AUTO_BUF text;
    struct incident_mail mail = {0};

    ak_buf_init(&text, 1 << 20);
    ak_buf_str(&text,
               "From: a@example.jp\nSubject: a\tb\nContent-Type: text/plain; charset=utf-8\n\n"
               "\001bell\007");
    for (int i = 0; i < 20000; i++) {
        ak_buf_str(&text, "証");
    }
    mail = parsed(*state, text.data);
    assert_int_equal(ak_utf8_len(mail.text), 10000);
    assert_memory_equal(mail.text, " bell ", 6);
    assert_string_equal(mail.subject, "a b");
}

static void what_is_no_mail_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "\n\n", "hello", "Subject: x\n\ny", "From: nobody\n\nx", "From: <@>\n\nx"};
    struct incident_mail mail = {0};
    struct ak_error err = {0};
    AK_AUTO_BUF text;

    ak_buf_init(&text, (size_t)16 << 20);
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_fails(incident_mail_parse(*state, bad[i], strlen(bad[i]), &mail, &err),
                     AK_MAIL_UNREADABLE);
    }
    ak_buf_str(&text, "From: a@example.jp\n");
    for (int i = 0; i < 600; i++) {
        ak_buf_str(&text, "X-A: b\n");
    }
    assert_fails(incident_mail_parse(*state, text.data, text.len, &mail, &err), AK_MAIL_UNREADABLE);
    ak_buf_reset(&text);
    ak_buf_str(&text, "From: a@example.jp\n\n");
    for (int i = 0; i < 60; i++) {
        ak_buf_printf(&text, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    }
    assert_fails(incident_mail_parse(*state, text.data, text.len, &mail, &err), AK_MAIL_UNREADABLE);
    while (text.len <= INCIDENT_MAIL_MAX) {
        ak_buf_str(&text, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n");
    }
    assert_fails(incident_mail_parse(*state, text.data, text.len, &mail, &err), AK_TOO_LARGE);
}

static void numbers_are_found_in_subjects(void **state)
{
    char number[32] = "";

    (void)state;
    assert_true(incident_mail_number("Re: [I-2026-0001] x", number));
    assert_string_equal(number, "I-2026-0001");
    assert_true(incident_mail_number("I-2026-12345", number));
    assert_string_equal(number, "I-2026-12345");
    assert_false(incident_mail_number("WI-2026-0001", number));
    assert_false(incident_mail_number("I-26-0001 I-2026-001 I-", number));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(japanese_mail_of_the_old_kind_is_read),
        T(the_plain_part_is_taken_attachments_are_not),
        T(of_html_the_text_is_left),
        T(what_is_automatic_is_known),
        T(texts_are_cut_and_cleaned),
        T(what_is_no_mail_is_refused),
        T(numbers_are_found_in_subjects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
