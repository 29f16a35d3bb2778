/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the names and types of people's files. */
#include "http/http.h"

#include "base/test.h"

static void names_lose_folders_and_what_systems_trip_over(void **state)
{
    static const char *const cases[][2] = {
        {"C:\\docs\\a.pdf", "a.pdf"},
        {"../../etc/passwd", "passwd"},
        {"a\nb\r\n.txt", "ab.txt"},
        {"見積 書.xlsx", "見積 書.xlsx"},
        {"a<b>|c?.txt", "a_b__c_.txt"},
        {"\xe2\x80\xae"
         "fdp.exe",
         "fdp.exe"},
        {"/", "file"},
        {".hidden", "hidden"},
        {"x. . ", "x"},
        {NULL, "file"},
    };
    AK_AUTO(ak_arena) arena = ak_arena_new();

    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        assert_string_equal(ak_file_name(arena, cases[i][0]), cases[i][1]);
    }
}

static void types_are_by_content_and_never_html(void **state)
{
    (void)state;
    assert_string_equal(ak_file_type("<html>", 6), "text/plain; charset=utf-8");
    assert_string_equal(ak_file_type("%PDF-1", 6), "application/pdf");
    assert_string_equal(ak_file_type("\xe3\x81", 2), "text/plain; charset=utf-8");
    assert_string_equal(ak_file_type("\0x", 2), "application/octet-stream");
    assert_string_equal(ak_file_type("", 0), "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lose_folders_and_what_systems_trip_over),
        cmocka_unit_test(types_are_by_content_and_never_html),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
