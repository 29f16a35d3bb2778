/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of reading, writing and canonical JSON. */
#include "json/json.h"

#include "base/test.h"

static int parse(const char *text)
{
    AK_AUTO_JSON json = NULL;
    struct ak_error err = {0};

    return ak_json_parse(text, strlen(text), &json, &err);
}

static void parser_takes_ordinary_bodies(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"server\": {\"name\": \"証\", \"n\": [1, -2, true, null, 1.5]}}"), 0);
    assert_int_equal(parse("[]"), 0);
    assert_int_equal(parse(" \"text\" "), 0);
}

static void parser_refuses_what_is_not_json(void **state)
{
    static const char *const bad[] = {
        "",     "{",          "{\"a\":1}x",  "{'a':1}",     "{\"a\":NaN}", "{\"a\":01}",
        "[1,]", "{\"a\":1,}", "\"\\ud800\"", "\"\\u0000\"", "\"\xff\"",    "\"\xed\xa0\x80\"",
        "nul",  "[1e999]",    "\"\x01\"",    "[\"a\\\"]",   "/* c */ {}",  "[99999999999999999999]",
    };

    (void)state;
    for (size_t i = 0; i < AK_N(bad); i++) {
        if (parse(bad[i]) != -(int)AK_BAD_JSON) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
}

static void parser_refuses_duplicate_keys(void **state)
{
    (void)state;
    assert_fails(parse("{\"a\":1,\"a\":2}"), AK_BAD_JSON);
    assert_fails(parse("{\"o\":{\"a\":1,\"a\":2}}"), AK_BAD_JSON);
}

static void parser_refuses_a_nul_byte_in_the_body(void **state)
{
    AK_AUTO_JSON json = NULL;
    struct ak_error err = {0};

    (void)state;
    assert_fails(ak_json_parse("{\"a\":\"x\0y\"}", 11, &json, &err), AK_BAD_JSON);
    assert_null(json);
}

static void parser_allows_32_levels_and_not_33(void **state)
{
    char text[80] = "";

    (void)state;
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    assert_int_equal(parse(text), 0);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_fails(parse(text), AK_BAD_JSON);
    assert_int_equal(parse("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\""), 0);
}

static void parser_survives_a_million_open_brackets(void **state)
{
    AK_AUTO_STR text = ak_xcalloc(1, 1000001);

    (void)state;
    memset(text, '[', 1000000);
    assert_fails(parse(text), AK_BAD_JSON);
}

static void writer_places_commas_and_escapes(void **state)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    (void)state;
    ak_buf_init(&buf, 1000);
    ak_json_object(&w);
    ak_json_kstr(&w, "a\"b", "x\\y\n\x01\x7f証");
    ak_json_key(&w, "list");
    ak_json_array(&w);
    ak_json_int(&w, INT64_MIN);
    ak_json_bool(&w, true);
    ak_json_null(&w);
    ak_json_raw(&w, "0.5");
    ak_json_object(&w);
    ak_json_object_end(&w);
    ak_json_array_end(&w);
    ak_json_kraw(&w, "raw", "{\"k\":1}");
    ak_json_kstr(&w, "none", NULL);
    ak_json_ktime(&w, "t", 0, AK_TIME_Z);
    ak_json_ktime(&w, "u", AK_SEC, AK_TIME_Z);
    ak_json_object_end(&w);
    assert_string_equal(buf.data,
                        "{\"a\\\"b\":\"x\\\\y\\n\\u0001\x7f証\",\"list\":[-9223372036854775808"
                        ",true,null,0.5,{}],\"raw\":{\"k\":1},\"none\":null,\"t\":null,"
                        "\"u\":\"1970-01-01T00:00:01Z\"}");
    assert_int_equal(parse(buf.data), 0);
}

static void writer_replaces_bytes_that_are_not_utf8(void **state)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    (void)state;
    ak_buf_init(&buf, 1000);
    ak_json_str(&w, "a\xff\xe8\xa8z\xed\xa0\x80\xf0\x9f\x98\x80");
    assert_true(ak_utf8_valid(buf.data, buf.len));
    assert_string_equal(buf.data, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd"
                                  "\xef\xbf\xbd\xf0\x9f\x98\x80\"");
    assert_int_equal(parse(buf.data), 0);
}

static void writer_never_passes_the_maximum(void **state)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    (void)state;
    ak_buf_init(&buf, 10);
    ak_json_array(&w);
    for (int i = 0; i < 100; i++) {
        ak_json_str(&w, "xyz");
    }
    assert_false(ak_buf_ok(&buf));
    assert_true(buf.len <= 10);
}

static void canonical(const char *text, const char *wanted)
{
    AK_AUTO_JSON json = NULL;
    AK_AUTO_BUF buf;
    struct ak_error err = {0};

    ak_buf_init(&buf, 1000);
    assert_ok(ak_json_parse(text, strlen(text), &json, &err), &err);
    assert_ok(ak_json_canonical(json, &buf, &err), &err);
    assert_string_equal(buf.data, wanted);
}

static void canonical_form_sorts_keys_as_rfc_8785(void **state)
{
    (void)state;
    canonical("{ \"b\" : [1, {\"z\":null,\"a\":false}], \"a\":\"\\u0041\\/\\u001f\", \"B\":-5 }",
              "{\"B\":-5,\"a\":\"A/\\u001f\",\"b\":[1,{\"a\":false,\"z\":null}]}");
    /* The RFC's own example: surrogates of U+1F600 sort before U+FB33. */
    canonical("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,"
              "\"\\u00f6\":7}",
              "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
              "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
}

static void canonical_form_refuses_real_numbers_and_overflow(void **state)
{
    AK_AUTO_JSON real = json_pack("{s:f}", "a", 1.5);
    AK_AUTO_JSON longer = json_pack("{s:s}", "a", "0123456789");
    AK_AUTO_BUF buf;
    struct ak_error err = {0};

    (void)state;
    ak_buf_init(&buf, 12);
    assert_fails(ak_json_canonical(real, &buf, &err), AK_INTERNAL);
    ak_buf_reset(&buf);
    assert_fails(ak_json_canonical(longer, &buf, &err), AK_INTERNAL);
    assert_fails(ak_json_canonical(NULL, &buf, &err), AK_INTERNAL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parser_takes_ordinary_bodies),
        cmocka_unit_test(parser_refuses_what_is_not_json),
        cmocka_unit_test(parser_refuses_duplicate_keys),
        cmocka_unit_test(parser_refuses_a_nul_byte_in_the_body),
        cmocka_unit_test(parser_allows_32_levels_and_not_33),
        cmocka_unit_test(parser_survives_a_million_open_brackets),
        cmocka_unit_test(writer_places_commas_and_escapes),
        cmocka_unit_test(writer_replaces_bytes_that_are_not_utf8),
        cmocka_unit_test(writer_never_passes_the_maximum),
        cmocka_unit_test(canonical_form_sorts_keys_as_rfc_8785),
        cmocka_unit_test(canonical_form_refuses_real_numbers_and_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
