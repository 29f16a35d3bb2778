/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts without a stack: statements, dates, service codes, states, signed records. What they do
 * to servers and people is in tests/api/test_contracts.py and tests/crash. */
#include "service/service_contract_internal.h"

#include "base/test.h"
#include "engine/engine.h"
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

#define CONTRACT "11111111-1111-4111-8111-111111111111"
#define KIT      "22222222-2222-4222-8222-222222222222"

/* A contract whose day has come, with a kit that is being built. */
static void make_contract_to_delete(struct ak_store *store, struct ak_arena *arena)
{
    struct service_customer_row customer = {.name = "a", .name_kana = "", .name_en = "a"};
    struct service_contract_row contract = {.id = CONTRACT,
                                            .number = "K-1",
                                            .title = "t",
                                            .class_name = "c",
                                            .class_version = 1,
                                            .state = "terminating",
                                            .starts_us = 1,
                                            .ends_us = 2,
                                            .governing_law = "",
                                            .language = "ja",
                                            .network_cidr = "",
                                            .quotas_json = "{}",
                                            .notes = "",
                                            .master_user_name = "m",
                                            .project_id = "p",
                                            .domain_id = "d",
                                            .ended_us = 2,
                                            .delete_at_us = 3,
                                            .deleting_us = 3,
                                            .version = 1};
    const struct service_export_row kit = {
        .id = KIT, .contract_id = CONTRACT, .project_id = "p", .created_by = "m", .expires_us = 9};
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    customer.sector = "other";
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(service_customer_create(tx, arena, &customer, &err), &err);
    contract.customer_id = customer.id;
    assert_ok(service_contract_store_insert(tx, &contract, &err), &err);
    assert_ok(service_contract_store_update(tx, &contract, &err), &err);
    assert_ok(service_export_store_insert(tx, &kit, &err), &err);
    assert_ok(ak_job_add(tx, &service_export_kind, KIT, "p", NULL, "m", NULL, 0, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
}

static int run_step(struct ak_store *store, struct ak_arena *arena, const struct ak_config *config,
                    struct ak_engines *engines, const char *name)
{
    struct ak_job_run run = {.id = "job",
                             .object_id = CONTRACT,
                             .arena = arena,
                             .store = store,
                             .config = config,
                             .engines = engines};
    struct ak_error err = {0};

    for (size_t i = 0; i < (size_t)service_delete_kind.n_steps; i++) {
        if (ak_streq(service_delete_kind.steps[i].name, name)) {
            return service_delete_kind.steps[i].run(&run, &err);
        }
    }
    return 1;
}

static void expect_kit(struct ak_store *store, struct ak_arena *arena, const char *state)
{
    struct service_export_row kit = {0};
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(service_export_store_load(tx, arena, NULL, KIT, &kit, &err), &err);
    assert_string_equal(kit.state, state);
}

/* Else the kit would come back after the record said that nothing is left. */
static void the_deletion_waits_for_a_kit_that_is_being_built(void **state)
{
    static const struct ak_sql job_ends = {.name = "test_job_ends",
                                           .text = "UPDATE job SET state = 'done'"};
    AK_AUTO(ak_store) store = store_testing_open();
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_config) config = ak_config_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};

    (void)state;
    ak_config_add_settings(config, service_contract_domain.settings,
                           service_contract_domain.n_settings);
    assert_ok(ak_store_migrate(store, &err), &err);
    make_contract_to_delete(store, arena);
    assert_int_equal(run_step(store, arena, config, NULL, "kits"), -AK_CHANGED_MEANWHILE);
    expect_kit(store, arena, "queued");
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &job_ends, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(run_step(store, arena, config, NULL, "kits"), 0);
    expect_kit(store, arena, "expired");
}

static void expect_removal(struct ak_store *store, struct ak_arena *arena, const char *type,
                           const char *id)
{
    struct ak_list list = {0};
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    bool found = false;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(service_removal_store_list(tx, arena, CONTRACT, &list, &err), &err);
    for (size_t i = 0; i < list.n; i++) {
        const struct service_removal_row *row = (const struct service_removal_row *)list.items + i;

        found = found || (ak_streq(row->object_type, type) && ak_streq(row->object_id, id));
    }
    assert_true(found);
}

#define LATE "33333333-3333-4333-8333-333333333333"

/* An image that staff made for the project when the inventory was written long ago. */
static void what_comes_late_is_deleted_by_the_same_steps(void **state)
{
    static const struct ak_sql image = {
        .name = "test_image",
        .text = "INSERT INTO image (id, owner, name, status, visibility, disk_format, "
                "container_format, size, min_disk, min_ram, protected, os_hidden, tags, "
                "properties, upload_size, upload_seen_us, created_us, updated_us, version) "
                "VALUES ('" LATE "', 'p', 'late', 'active', 'private', 'qcow2', 'bare', 5, 0, 0, "
                "1, 0, '[]', '{}', 0, 0, 1, 1, 1)"};
    static const struct ak_sql purge = {.name = "test_purge", .text = "DELETE FROM image"};
    AK_AUTO(ak_store) store = store_testing_open();
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_config) config = ak_config_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_engines engines = {0};
    struct ak_error err = {0};

    (void)state;
    ak_config_add_settings(config, service_contract_domain.settings,
                           service_contract_domain.n_settings);
    ak_config_add_settings(config, image_domain.settings, image_domain.n_settings);
    assert_ok(ak_store_migrate(store, &err), &err);
    assert_ok(ak_simulated_pool_open(NULL, &engines.pool, &err), &err);
    make_contract_to_delete(store, arena);
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &image, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(run_step(store, arena, config, &engines, "project"), -AK_CHANGED_MEANWHILE);
    expect_removal(store, arena, "image", LATE);
    expect_removal(store, arena, "image-file", LATE);
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &purge, AK_NO_ARGS, NULL, &err), &err); /* its job has run */
    assert_ok(ak_tx_commit(tx, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    /* goes on to the project itself, of which this database has none */
    assert_int_equal(run_step(store, arena, config, &engines, "project"), -AK_OBJECT_NOT_FOUND);
    engines.pool->ops->free(engines.pool);
}

/* Between the list of what is due and the transaction somebody may have cancelled or prolonged. */
static void a_term_ends_only_what_still_runs(void **state)
{
    struct service_contract_row cancelled = {
        .state = "terminating", .cancelled_by = "customer", .ends_us = 1};
    struct service_contract_row prolonged = {.state = "active", .ends_us = INT64_MAX};
    struct service_contract_row open_ended = {.state = "active"};
    struct ak_error err = {0};

    (void)state; /* the database is not even asked */
    assert_ok(service_contract_expire(NULL, NULL, &cancelled, &err), &err);
    assert_string_equal(cancelled.cancelled_by, "customer");
    assert_ok(service_contract_expire(NULL, NULL, &prolonged, &err), &err);
    assert_string_equal(prolonged.state, "active");
    assert_ok(service_contract_expire(NULL, NULL, &open_ended, &err), &err);
    assert_string_equal(open_ended.state, "active");
}

/* Whoever makes it, by whatever right: the code and the server are one transaction. */
static void no_server_is_made_in_an_ended_contract(void **state)
{
    static const struct compute_tenant_server server = {
        .id = LATE, .project_id = "p", .name = "late", .flavor_name = "tiny"};
    AK_AUTO(ak_store) store = store_testing_open();
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_store_migrate(store, &err), &err);
    make_contract_to_delete(store, arena);
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_int_equal(service_code_issue(tx, arena, &server, &err), -AK_CONTRACT_STATE);
}

/* What the customer's own people did is there as it was recorded. */
static void an_export_kit_does_not_tell_where_operators_sit(void **state)
{
    static const struct ak_audit_event events[] = {
        {.action = "a.b.c",
         .outcome = "success",
         .project_id = "p",
         .source = "192.0.2.77",
         .listener = "management"},
        {.action = "d.e.f",
         .outcome = "success",
         .project_id = "p",
         .source = "203.0.113.9",
         .listener = "customer"},
    };
    AK_AUTO(ak_store) store = store_testing_open();
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_config) config = ak_config_new();
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR dir = ak_xasprintf("/tmp/akashi-kits-%d", (int)getpid());
    AK_AUTO_STR kit = NULL;
    struct ak_job_run run = {
        .id = "job", .object_id = KIT, .arena = arena, .store = store, .config = config};
    struct ak_error err = {0};
    const char *path = NULL;
    size_t size = 0;

    (void)state;
    ak_config_add_settings(config, service_contract_domain.settings,
                           service_contract_domain.n_settings);
    assert_ok(ak_config_set(config, "export_dir", dir, &err), &err);
    assert_ok(ak_store_migrate(store, &err), &err);
    make_contract_to_delete(store, arena);
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_audit_add(tx, &events[0], NULL, &err), &err);
    assert_ok(ak_audit_add(tx, &events[1], NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    ak_tx_free(AK_TAKE(tx));
    assert_ok(service_export_kind.steps[0].run(&run, &err), &err);
    path = service_export_path(config, arena, KIT);
    assert_ok(ak_file_read(path, 1 << 20, &kit, &size, &err), &err);
    assert_non_null(memmem(kit, size, "a.b.c", 5));
    assert_null(memmem(kit, size, "192.0.2.77", 10));
    assert_non_null(memmem(kit, size, "203.0.113.9", 11));
    (void)unlink(path);
    (void)rmdir(dir);
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
        cmocka_unit_test(the_deletion_waits_for_a_kit_that_is_being_built),
        cmocka_unit_test(what_comes_late_is_deleted_by_the_same_steps),
        cmocka_unit_test(a_term_ends_only_what_still_runs),
        cmocka_unit_test(no_server_is_made_in_an_ended_contract),
        cmocka_unit_test(an_export_kit_does_not_tell_where_operators_sit),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("service_contract", tests, NULL, NULL);
}
