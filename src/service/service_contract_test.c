/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts without a stack: statements, dates, service codes, states, signed records. What they do
 * to servers and people is in tests/api/test_contracts.py and tests/crash. */
#include "service/service_contract_internal.h"

#include "base/test.h"
#include "store/store_testing.h"

#include <stdio.h>
#include <unistd.h>

#include "service/service_contract_sql.h"

extern const struct ak_sql *const service_contract_sql_all[];

static void every_statement_is_understood(void **state)
{
    AK_AUTO(ak_store) store = store_testing_open();
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_store_migrate(store, &err), &err);
    assert_ok(ak_sql_prepare_all(store, service_contract_sql_all, &err), &err);
}

static void a_date_is_midnight_in_japan(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    char text[AK_TIME_TEXT];
    int64_t us = 0;

    (void)state;
    assert_true(service_date_parse("2026-12-01", &us));
    assert_string_equal(ak_time_text(text, us, AK_TIME_Z), "2026-11-30T15:00:00Z");
    assert_string_equal(service_date_text(arena, us), "2026-12-01");
    assert_null(service_date_text(arena, 0));
    assert_true(service_date_parse("2028-02-29", &us));
    assert_false(service_date_parse("2026-02-29", &us));
    assert_false(service_date_parse("2026-04-31", &us));
    assert_false(service_date_parse("2026-13-01", &us));
    assert_false(service_date_parse("tomorrow", &us));
}

static void a_code_decodes_to_what_it_was_made_of(void **state)
{
    const struct service_code_parts parts = {
        .class_code = "TC", .customer = "C00012", .item = "VMS", .serial = 7};
    struct service_code_parts back = {0};
    char code[SERVICE_CODE_MAX], small[SERVICE_CODE_MAX];

    (void)state;
    service_code_make(&parts, code);
    assert_memory_equal(code, "TC-00012-VMS-0007-", 18);
    assert_true(service_code_parse(code, &back));
    assert_string_equal(back.class_code, "TC");
    assert_string_equal(back.customer, "C00012");
    assert_string_equal(back.item, "VMS");
    assert_int_equal(back.serial, 7);
    for (size_t i = 0; i <= strlen(code); i++) {
        small[i] = code[i] >= 'A' && code[i] <= 'Z' ? (char)(code[i] + 32) : code[i];
    }
    assert_true(service_code_parse(small, &back));
}

/* Every single wrong character, and every two neighbours of a part exchanged. */
static void a_mistyped_code_is_refused(void **state)
{
    static const char symbols[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    const struct service_code_parts parts = {
        .class_code = "BL", .customer = "C00345", .item = "VM", .serial = 98};
    struct service_code_parts back;
    char code[SERVICE_CODE_MAX], wrong[SERVICE_CODE_MAX];

    (void)state;
    service_code_make(&parts, code);
    for (size_t i = 0; code[i]; i++) {
        for (size_t s = 0; s < sizeof(symbols) - 1; s++) {
            memcpy(wrong, code, sizeof(wrong));
            wrong[i] = symbols[s];
            assert_int_equal(service_code_parse(wrong, &back), symbols[s] == code[i]);
        }
        if (code[i + 1] && code[i] != code[i + 1]) {
            memcpy(wrong, code, sizeof(wrong));
            wrong[i] = code[i + 1];
            wrong[i + 1] = code[i];
            assert_false(service_code_parse(wrong, &back));
        }
    }
    assert_false(service_code_parse("", &back));
    assert_false(service_code_parse("BL-00345-VM-0098", &back));
    assert_false(service_code_parse("日本-00345-VM-0098-X", &back));
}

static void only_what_the_table_says_may_happen(void **state)
{
    struct service_contract_row contract = {.state = "draft"};
    struct ak_error err = {0};

    (void)state;
    assert_int_equal(service_contract_allow(&contract, SERVICE_ACTIVATE, &err), 0);
    assert_int_equal(service_contract_allow(&contract, SERVICE_HOLD, &err), -AK_CONTRACT_STATE);
    contract.state = "active";
    assert_int_equal(service_contract_allow(&contract, SERVICE_ACTIVATE, &err), -AK_CONTRACT_STATE);
    assert_int_equal(service_contract_allow(&contract, SERVICE_CANCEL, &err), 0);
    assert_int_equal(service_contract_allow(&contract, SERVICE_CHANGE, &err), -AK_CONTRACT_STATE);
    contract.state = "closed";
    for (int e = 0; e < SERVICE_EVENTS; e++) {
        assert_int_equal(service_contract_allow(&contract, (enum service_event)e, &err),
                         -AK_CONTRACT_STATE);
    }
}

static void a_changed_record_is_found_out(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_config) config = ak_config_new();
    AK_AUTO_JSON document = json_pack("{s:s, s:i}", "format", "test", "bytes", 12345);
    AK_AUTO_STR path = ak_xasprintf("/tmp/akashi-record-%d.key", (int)getpid());
    const char *text = NULL, *key = NULL, *again = NULL;
    struct ak_error err = {0};
    char *wrong = NULL;

    (void)state;
    ak_config_add_settings(config, service_contract_domain.settings,
                           service_contract_domain.n_settings);
    assert_ok(ak_config_set(config, "record_key", path, &err), &err);
    assert_ok(service_record_sign(config, arena, document, &text, &err), &err);
    assert_ok(service_record_verify(arena, text, strlen(text), &key, &err), &err);
    wrong = ak_arena_strdup(arena, text);
    *strstr(wrong, "12345") = '9';
    assert_int_equal(service_record_verify(arena, wrong, strlen(wrong), &again, &err),
                     -AK_BAD_REQUEST);
    assert_int_equal(service_record_verify(arena, "{}", 2, &again, &err), -AK_BAD_REQUEST);
    assert_ok(service_record_sign(config, arena, document, &text, &err), &err);
    assert_ok(service_record_verify(arena, text, strlen(text), &again, &err), &err);
    assert_string_equal(key, again); /* the key stays */
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_is_understood),
        cmocka_unit_test(a_date_is_midnight_in_japan),
        cmocka_unit_test(a_code_decodes_to_what_it_was_made_of),
        cmocka_unit_test(a_mistyped_code_is_refused),
        cmocka_unit_test(only_what_the_table_says_may_happen),
        cmocka_unit_test(a_changed_record_is_found_out),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("service_contract", tests, NULL, NULL);
}
