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

static void the_plain_part_is_the_text_all_else_is_kept_as_files(void **state)
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
    assert_int_equal(mail.n_files, 2);
    assert_string_equal(mail.files[0].name, "x");
    assert_memory_equal(mail.files[0].bytes, "no", 2);
    assert_string_equal(mail.files[1].name, "text.txt"); /* not beside the text: another one */
    assert_null(mail.lost);
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

static void of_html_references_are_read_and_comments_are_not(void **state)
{
    struct incident_mail mail = parsed(
        *state, "From: a@example.jp\nContent-Type: text/html; charset=utf-8\n\n"
                "<html><head><title>t</title></head><body>&lt;b&gt; &amp;amp; &#x8a3c;&#35388;&#0;"
                "&#xD800;&#x110000;&bad;<!-- a > b <script> -->x<!-- no end");

    assert_string_equal(mail.text, "<b> &amp; 証証&#0;&#xD800;&#x110000;&bad;x");
}

static void html_beside_a_text_is_not_kept_but_its_pictures_are(void **state)
{
    struct incident_mail mail =
        parsed(*state, "From: a@example.jp\nContent-Type: multipart/alternative; boundary=a\n\n"
                       "--a\nContent-Type: text/plain\n\nplain\n"
                       "--a\nContent-Type: multipart/related; boundary=r\n\n"
                       "--r\nContent-Type: text/html\n\n<p>html</p>\n"
                       "--r\nContent-Type: image/png; name=\"../=?utf-8?B?57W1?=.png\"\n"
                       "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--r--\n--a--\n");

    assert_string_equal(mail.text, "plain");
    assert_int_equal(mail.n_files, 1);
    assert_string_equal(mail.files[0].name, "絵.png");
    assert_int_equal(mail.files[0].size, 8);
}

static void an_empty_plain_part_gives_way_to_html(void **state)
{
    struct incident_mail mail =
        parsed(*state, "From: a@example.jp\nContent-Type: multipart/alternative; boundary=a\n\n"
                       "--a\nContent-Type: text/plain\n\n  \n"
                       "--a\nContent-Type: text/html\n\n<p>html</p>\n--a--\n");

    assert_string_equal(mail.text, "html");
    assert_int_equal(mail.n_files, 0);
}

static void a_mail_within_a_mail_is_a_file(void **state)
{
    struct incident_mail mail =
        parsed(*state, "From: a@example.jp\nContent-Type: multipart/mixed; boundary=a\n\n"
                       "--a\n\nsee below\n"
                       "--a\nContent-Type: message/rfc822\n\nFrom: evil@example.org\n"
                       "Subject: inner\n\ninner text\n--a--\n");

    assert_string_equal(mail.text, "see below");
    assert_string_equal(mail.from, "a@example.jp");
    assert_int_equal(mail.n_files, 1);
    assert_string_equal(mail.files[0].name, "message.eml");
}

static void files_are_few_and_what_is_not_kept_is_named(void **state)
{
    AK_AUTO_BUF text;
    struct incident_mail mail = {0};

    ak_buf_init(&text, INCIDENT_MAIL_MAX);
    ak_buf_str(&text, "From: a@example.jp\nContent-Type: multipart/mixed; boundary=b\n\n"
                      "--b\n\nhi\n"
                      "--b\nContent-Type: image/png; name=empty.png\n\n\n"
                      "--b\nContent-Type: application/octet-stream; name=large\n\n");
    for (int i = 0; i < (9 << 20) / 64; i++) {
        ak_buf_str(&text, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n");
    }
    for (int i = 0; i < 5000; i++) {
        ak_buf_printf(&text, "--b\nContent-Type: a/b; name=f%d\n\nx\n", i);
    }
    ak_buf_str(&text, "--b--\n");
    assert_true(ak_buf_ok(&text));
    mail = parsed(*state, text.data);
    assert_string_equal(mail.text, "hi");
    assert_int_equal(mail.n_files, 18); /* of the first 20, one is empty and one too large */
    assert_string_equal(mail.files[0].name, "f0");
    assert_non_null(strstr(mail.lost, "large\n"));
    assert_non_null(strstr(mail.lost, "empty.png\n"));
    assert_non_null(strstr(mail.lost, "f18\n"));
    assert_true(strlen(mail.lost) < 400);
}

static void the_charsets_of_japan_are_read(void **state)
{
    static const struct {
        const char *charset, *bytes, *text;
    } cases[] = {
        {"iso-2022-jp", "\033$B>Z\033(B \033$B-!\033(B",
         "証 ①"}, /* a circled number, as mailers send */
        {"ISO-2022-JP-MS", "\033$B>Z\033(I1\033(B", "証ｱ"},
        {"Shift_JIS", "\x8f\xd8\x87\x40 \x94\x5c", "証① 能"}, /* the second byte is a backslash */
        {"euc-jp", "\xbe\xda\xad\xa1", "証①"},
        {"utf-16be", "\x8a\x3c", "証"},
        {"utf-7", "+ijw-", "証"},
        {"no-such-charset", "\xe8\xa8\xbc", "証"},
        {"utf-8", "\xe8\xa8\xbc\xff!", "証?!"},
        {"us-ascii", "\x8f\xd8", "証"},
        {"../../etc/passwd", "a", "a"},
        {NULL, "\xe8\xa8\xbc", "証"},
        {NULL, "\x8f\xd8\x82\xb5", "証し"},
        {NULL, "\033$B>Z\033(B", "証"},
        {"iso-2022-jp", "\033$B>", ">"},
        {"iso-2022-jp", "\033$B>\n<script>", ">\n<script>"},
    };

    for (size_t i = 0; i < AK_N(cases); i++) {
        const char *text =
            incident_text_utf8(*state, cases[i].bytes, strlen(cases[i].bytes), cases[i].charset);

        text = incident_text_clean(*state, text, 100, false);
        assert_string_equal(text, cases[i].text);
    }
}

static void headers_in_bare_charsets_are_read(void **state)
{
    assert_string_equal(
        parsed(*state, "From: a@b.jp\nSubject: \x8f\xd8\x82\xb5\x82\xc4\n\nx").subject, "証して");
    assert_string_equal(parsed(*state, "From: a@b.jp\nSubject: \033$B>Z\033(B\n\nx").subject, "証");
    assert_string_equal(parsed(*state, "From: a@b.jp\nSubject: \xe8\xa8\xbc\n\nx").subject, "証");
}

static void what_machines_send_back_is_known(void **state)
{
    static const char *const heads[] = {
        "Auto-Submitted: auto-replied\n",
        "Return-Path: <>\n",
        "X-Akashi-Mail: 1\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n",
    };

    for (size_t i = 0; i < AK_N(heads); i++) {
        assert_true(
            parsed(*state, ak_arena_printf(*state, "%sFrom: a@b.jp\n\nx", heads[i])).machines);
    }
    assert_true(parsed(*state, "From: MAILER-DAEMON@b.jp\n\nx").machines);
    assert_false(parsed(*state, "Auto-Submitted: auto-generated\nFrom: a@b.jp\n\nx").machines);
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
    for (int i = 0; i < 10001; i++) {
        ak_buf_str(&text, "--\n");
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
        T(the_plain_part_is_the_text_all_else_is_kept_as_files),
        T(of_html_the_text_is_left),
        T(of_html_references_are_read_and_comments_are_not),
        T(html_beside_a_text_is_not_kept_but_its_pictures_are),
        T(an_empty_plain_part_gives_way_to_html),
        T(a_mail_within_a_mail_is_a_file),
        T(files_are_few_and_what_is_not_kept_is_named),
        T(the_charsets_of_japan_are_read),
        T(headers_in_bare_charsets_are_read),
        T(what_machines_send_back_is_known),
        T(what_is_automatic_is_known),
        T(texts_are_cut_and_cleaned),
        T(what_is_no_mail_is_refused),
        T(numbers_are_found_in_subjects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
