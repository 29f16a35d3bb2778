/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses: the text forms accepted and refused, and the arithmetic of pools. */
#include "test.h"

#include "base.h"

static void text_forms_are_strict(void **state)
{
    (void)state;
    struct ak_ip ip;
    struct ak_cidr cidr;
    assert_true(ak_ip_parse("10.0.0.1", &ip));
    assert_true(ak_ip_parse("fd00::1", &ip));
    const char *const bad[] = {"",         "10.0.0",       "010.0.0.1", "10.0.0.256",
                               "1.2.3.4 ", "fe80::1%eth0", "::g"};
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_false(ak_ip_parse(bad[i], &ip));
    }
    assert_true(ak_cidr_parse("10.0.0.0/24", &cidr));
    const char *const bad_cidrs[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                                     "/24",         "::/129",    "10.0.0.0/2 4"};
    for (size_t i = 0; i < AK_N(bad_cidrs); i++) {
        assert_false(ak_cidr_parse(bad_cidrs[i], &cidr));
    }
}

static void prefixes_know_their_ends_and_overlaps(void **state)
{
    (void)state;
    struct ak_cidr a, b, c;
    char text[AK_CIDR_TEXT];
    assert_true(ak_cidr_parse("10.0.0.77/24", &a));
    assert_true(ak_cidr_parse("10.0.0.128/25", &b));
    assert_true(ak_cidr_parse("10.0.1.0/24", &c));
    struct ak_ip first = ak_cidr_first(&a), last = ak_cidr_last(&a);
    assert_string_equal(ak_ip_text(text, &first), "10.0.0.0");
    assert_string_equal(ak_ip_text(text, &last), "10.0.0.255");
    assert_true(ak_cidr_overlap(&a, &b));
    assert_true(ak_cidr_overlap(&b, &a));
    assert_false(ak_cidr_overlap(&a, &c));
    a = ak_cidr_network(&a);
    assert_string_equal(ak_cidr_text(text, &a), "10.0.0.0/24");
    assert_int_equal(ak_ip_count(&first, &last), 256);
    assert_int_equal(ak_ip_count(&last, &first), 0);
}

static void addresses_count_across_byte_borders(void **state)
{
    (void)state;
    struct ak_ip ip;
    char text[AK_IP_TEXT];
    assert_true(ak_ip_parse("10.0.0.255", &ip));
    ip = ak_ip_add(&ip, 2);
    assert_string_equal(ak_ip_text(text, &ip), "10.0.1.1");
    ip = ak_ip_add(&ip, -258);
    assert_string_equal(ak_ip_text(text, &ip), "9.255.255.255");
    assert_true(ak_ip_parse("fd00::ffff:ffff", &ip));
    ip = ak_ip_add(&ip, 1);
    assert_string_equal(ak_ip_text(text, &ip), "fd00::1:0:0");
    struct ak_cidr all;
    assert_true(ak_cidr_parse("fd00::/64", &all));
    struct ak_ip first = ak_cidr_first(&all), last = ak_cidr_last(&all);
    assert_true(ak_ip_count(&first, &last) == INT64_MAX);
}

static void mac_addresses_become_canonical(void **state)
{
    (void)state;
    char mac[18];
    assert_true(ak_mac_canonical("FA-16-3E-00-aa-01", mac));
    assert_string_equal(mac, "fa:16:3e:00:aa:01");
    assert_false(ak_mac_canonical("fa:16:3e:00:aa", mac));
    assert_false(ak_mac_canonical("fa:16:3e:00:aa:0g", mac));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_forms_are_strict),
        cmocka_unit_test(prefixes_know_their_ends_and_overlaps),
        cmocka_unit_test(addresses_count_across_byte_borders),
        cmocka_unit_test(mac_addresses_become_canonical),
    };
    return cmocka_run_group_tests_name("ip", tests, NULL, NULL);
}
