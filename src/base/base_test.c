/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of src/base. */
#include "base.h"
#include "test.h"

#include <stdio.h>
#include <unistd.h>

static void error_text_fills_holes_in_both_languages(void **state)
{
    struct ak_error err = {0};
    char text[256];

    (void)state;
    assert_fails(ak_fail(&err, AK_FIELD_LENGTH, "name", AK_NUM(1), AK_NUM(255)), AK_FIELD_LENGTH);
    ak_error_text(&err, AK_LANG_EN, text, sizeof(text));
    assert_string_equal(text,
                        "Invalid input for field 'name': its length must be between 1 and 255.");
    ak_error_text(&err, AK_LANG_JA, text, sizeof(text));
    assert_string_equal(text, "項目 'name' の長さは 1 以上 255 以下にしてください。");
}

static void every_error_row_has_slug_status_and_both_texts(void **state)
{
    (void)state;
    for (int c = 1; c < AK_ERROR_CODES_END; c++) {
        const struct ak_error_info *info = ak_error_info((enum ak_error_code)c);

        assert_in_range(info->status, 400, 599);
        assert_true(info->slug[0] && info->fault[0] && info->text[0][0] && info->text[1][0]);
        for (int d = 1; d < c; d++) {
            assert_string_not_equal(info->slug, ak_error_info((enum ak_error_code)d)->slug);
        }
    }
}

static void error_parameters_are_cut_on_character_boundaries(void **state)
{
    struct ak_error err = {0};
    char longish[400] = "";

    (void)state;
    for (int i = 0; i < 100; i++) {
        memcpy(longish + 3 * i, "証", 4);
    }
    (void)ak_fail(&err, AK_CONFLICT, longish);
    assert_int_equal(strlen(err.params[0]), 255);
    assert_true(ak_utf8_valid(err.params[0], strlen(err.params[0])));
}

static void prefix_puts_context_before_detail(void **state)
{
    struct ak_error err = {0};

    (void)state;
    (void)ak_fail_detail(&err, AK_INTERNAL, "inner");
    ak_error_prefix(&err, "attaching %d", 7);
    assert_string_equal(err.detail, "attaching 7: inner");
}

static void buffer_overflow_is_sticky_and_keeps_what_fit(void **state)
{
    AK_AUTO_BUF buf;

    (void)state;
    ak_buf_init(&buf, 5);
    ak_buf_str(&buf, "abc");
    ak_buf_str(&buf, "defg");
    ak_buf_str(&buf, "x");
    assert_false(ak_buf_ok(&buf));
    assert_string_equal(buf.data, "abc");
}

static void buffer_takes_exactly_its_maximum(void **state)
{
    AK_AUTO_BUF buf;

    (void)state;
    ak_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) {
        ak_buf_printf(&buf, "%010d", i);
    }
    assert_true(ak_buf_ok(&buf));
    assert_int_equal(buf.len, 1000);
    ak_buf_consume(&buf, 990);
    assert_string_equal(buf.data, "0000000099");
}

static void integers_parse_only_when_whole_and_in_range(void **state)
{
    int64_t v = 0;

    (void)state;
    assert_true(ak_parse_int("-12", -20, 20, &v) && v == -12);
    assert_false(ak_parse_int("12x", 0, 20, &v));
    assert_false(ak_parse_int(" 12", 0, 20, &v));
    assert_false(ak_parse_int("", 0, 20, &v));
    assert_false(ak_parse_int("99999999999999999999", 0, INT64_MAX, &v));
    assert_false(ak_parse_int("21", 0, 20, &v));
}

static void regular_expressions_of_strangers_are_modest(void **state)
{
    (void)state;
    assert_true(ak_regex_modest("^web-[0-9]+\\.(a|b)*$"));
    assert_true(ak_regex_modest(""));
    assert_false(ak_regex_modest("((((a{1,255}){1,255}){1,255}){1,255})"));
    assert_false(ak_regex_modest("(((((((a+)+)+)+)+)+)+)"));
    assert_false(ak_regex_modest("a++++++++++++++++++++++++++++++"));
    assert_false(ak_regex_modest("(.*)\\1"));
    char text[300];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(ak_regex_modest(text));
    text[255] = '\0';
    assert_true(ak_regex_modest(text));
}

static void utf8_refuses_overlong_surrogates_and_nul(void **state)
{
    (void)state;
    assert_true(ak_utf8_valid("証明 proof", strlen("証明 proof")));
    assert_false(ak_utf8_valid("\xc0\xaf", 2));
    assert_false(ak_utf8_valid("\xed\xa0\x80", 3));
    assert_false(ak_utf8_valid("\xf4\x90\x80\x80", 4));
    assert_false(ak_utf8_valid("a\0b", 3));
    assert_false(ak_utf8_valid("\xe8\xa8", 2));
}

static void detail_of_an_error_is_utf8_even_when_an_engine_is_not(void **state)
{
    struct ak_error err = {0};

    (void)state;
    (void)ak_fail_detail(&err, AK_INTERNAL, "said \xff%s", "\xe8\xa8");
    assert_string_equal(err.detail, "said \?\?\?");
    (void)ak_fail_detail(&err, AK_INTERNAL, "%510s\xe8\xa8\xbc", "");
    ak_error_prefix(&err, "証");
    assert_true(ak_utf8_valid(err.detail, strlen(err.detail)));
}

static void base64_round_trips_all_lengths(void **state)
{
    unsigned char bytes[40];

    (void)state;
    for (size_t n = 0; n < sizeof(bytes); n++) {
        for (int url = 0; url < 2; url++) {
            size_t size = 0;
            AK_AUTO_STR text = NULL;
            unsigned char *back = NULL;

            ak_random(bytes, n);
            text = ak_base64(bytes, n, url);
            back = ak_base64_decode(text, strlen(text), &size);
            assert_non_null(back);
            assert_int_equal(size, n);
            assert_memory_equal(back, bytes, n);
            free(back);
        }
    }
}

static void url_decoding_refuses_nul_and_bad_hex(void **state)
{
    char good[] = "a%20b%E8%A8%BC", nul[] = "a%00", bad[] = "%zz", cut[] = "%2";

    (void)state;
    assert_true(ak_url_decode(good));
    assert_string_equal(good, "a b証");
    assert_false(ak_url_decode(nul));
    assert_false(ak_url_decode(bad));
    assert_false(ak_url_decode(cut));
}

static void times_round_trip_and_accept_zones(void **state)
{
    char text[AK_TIME_TEXT];
    int64_t a = 0, b = 0;

    (void)state;
    assert_true(ak_time_parse("2026-11-22T12:34:56.789012Z", &a));
    assert_string_equal(ak_time_text(text, a, AK_TIME_Z_US), "2026-11-22T12:34:56.789012Z");
    assert_string_equal(ak_time_text(text, a, AK_TIME_Z), "2026-11-22T12:34:56Z");
    assert_true(ak_time_parse("2026-11-22T21:34:56.789012+09:00", &b));
    assert_int_equal(a, b);
    assert_false(ak_time_parse("2026-13-22T12:34:56Z", &b));
    assert_false(ak_time_parse("2026-02-29", &b));
    assert_true(ak_time_parse("2028-02-29", &b));
    assert_false(ak_time_parse("2026-11-22T24:00:00Z", &b));
    assert_false(ak_time_parse("yesterday", &b));
    assert_false(ak_time_parse("", &b));
}

static void uuids_are_canonical_version_4(void **state)
{
    char a[AK_UUID_TEXT], b[AK_UUID_TEXT];

    (void)state;
    ak_uuid_new(a);
    assert_true(ak_uuid_valid(a));
    assert_int_equal(a[14], '4');
    assert_true(ak_uuid_canonical("ABCDEF00112233445566778899AABBCC", b));
    assert_string_equal(b, "abcdef00-1122-3344-5566-778899aabbcc");
    assert_false(ak_uuid_valid("abcdef00-1122-3344-5566-778899aabbc"));
    assert_false(ak_uuid_valid("abcdef00x1122-3344-5566-778899aabbcc"));
}

static void passwords_verify_only_themselves(void **state)
{
    char hash[AK_PASSWORD_HASH_MAX];
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_password_hash("himitsu", hash, &err), &err);
    assert_true(ak_starts_with(hash, "$argon2id$v=19$m=19456,t=2,p=1$")); /* as installed */
    assert_true(ak_password_verify(hash, "himitsu"));
    assert_false(ak_password_verify(hash, "Himitsu"));
    assert_false(ak_password_verify(NULL, "himitsu"));
}

static void config_names_file_and_line_of_a_mistake(void **state)
{
    static const struct ak_setting rows[] = {
        {"port", AK_SETTING_INT, NULL, 1, 65535, "80", NULL, "A port."},
        {"mode", AK_SETTING_CHOICE, NULL, 0, 0, "a", "a|bb", "A mode."},
    };
    static const struct {
        const char *text, *problem;
    } cases[] = {{"port = 81\nport = 82\n", "line 2"},
                 {"# ok\nprot = 81\n", "line 2"},
                 {"port = 0\n", "line 1"},
                 {"mode = b\n", "line 1"},
                 {"port\n", "line 1"}};
    char path[] = "/tmp/akashi-config-test.XXXXXX";
    AK_AUTO_FD fd = mkstemp(path);
    struct ak_error err = {0};

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < AK_N(cases); i++) {
        AK_AUTO(ak_config) config = ak_config_new();

        ak_config_add_settings(config, rows, AK_N(rows));
        assert_ok(ak_file_write(path, cases[i].text, strlen(cases[i].text), 0600, &err), &err);
        assert_fails(ak_config_load(config, path, &err), AK_CONFIG);
        assert_non_null(strstr(err.params[0], cases[i].problem));
    }
    (void)unlink(path);
}

static void children_are_bounded_in_time_and_report_their_error(void **state)
{
    struct ak_error err = {0};
    struct ak_run_limits limits = {.timeout_ms = 100};
    AK_AUTO_BUF out;

    (void)state;
    ak_buf_init(&out, 100);
    assert_ok(ak_run((const char *[]){"echo", "hello", NULL}, NULL, &out, &err), &err);
    assert_string_equal(out.data, "hello\n");
    assert_fails(ak_run((const char *[]){"sleep", "30", NULL}, &limits, NULL, &err),
                 AK_ENGINE_TIMEOUT);
    assert_fails(ak_run((const char *[]){"sh", "-c", "exec >&- 2>&-; exec sleep 30", NULL}, &limits,
                        NULL, &err),
                 AK_ENGINE_TIMEOUT);
    assert_fails(ak_run((const char *[]){"ls", "/nonexistent-dir", NULL}, NULL, NULL, &err),
                 AK_ENGINE);
    assert_non_null(strstr(err.detail, "nonexistent-dir"));
}

static void arena_serves_small_and_large(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    char *first = ak_arena_strdup(arena, "first");

    (void)state;
    for (size_t i = 1; i < 3000; i++) {
        char *p = ak_arena_alloc(arena, i * 37 % 40000);

        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
    }
    assert_string_equal(first, "first");
    assert_string_equal(ak_arena_printf(arena, "%s-%d", "x", 5), "x-5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_text_fills_holes_in_both_languages),
        cmocka_unit_test(every_error_row_has_slug_status_and_both_texts),
        cmocka_unit_test(error_parameters_are_cut_on_character_boundaries),
        cmocka_unit_test(prefix_puts_context_before_detail),
        cmocka_unit_test(buffer_overflow_is_sticky_and_keeps_what_fit),
        cmocka_unit_test(buffer_takes_exactly_its_maximum),
        cmocka_unit_test(integers_parse_only_when_whole_and_in_range),
        cmocka_unit_test(regular_expressions_of_strangers_are_modest),
        cmocka_unit_test(utf8_refuses_overlong_surrogates_and_nul),
        cmocka_unit_test(detail_of_an_error_is_utf8_even_when_an_engine_is_not),
        cmocka_unit_test(base64_round_trips_all_lengths),
        cmocka_unit_test(url_decoding_refuses_nul_and_bad_hex),
        cmocka_unit_test(times_round_trip_and_accept_zones),
        cmocka_unit_test(uuids_are_canonical_version_4),
        cmocka_unit_test(passwords_verify_only_themselves),
        cmocka_unit_test(config_names_file_and_line_of_a_mistake),
        cmocka_unit_test(children_are_bounded_in_time_and_report_their_error),
        cmocka_unit_test(arena_serves_small_and_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
