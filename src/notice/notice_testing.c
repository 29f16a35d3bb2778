/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture of the tests of notice. See notice_testing.h. */
#include "notice/notice_testing.h"

#include "compute/compute.h"
#include "identity/identity.h"

#define PASSWORD "an old password"

static const struct ak_domain *const domains[] = {&identity_domain, &compute_domain,
                                                  &service_domain, &notice_domain, NULL};

void notice_test_sql(struct fixture *f, const char *text, struct ak_args args)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_sql sql = {"test", text, (int)args.n, "cloud: test"};

    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_exec(tx, &sql, args, NULL, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
}

int64_t notice_test_count(struct fixture *f, const char *text)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_sql sql = {"test", text, 0, "cloud: test"};
    int64_t n = 0;

    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_int(tx, &sql, AK_NO_ARGS, &n, &f->err), &f->err);
    return n;
}

static void token_of(struct fixture *f, enum ak_listener listener, const char *name, char token[64])
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":"
        "\"%s\",\"domain\":{\"id\":\"default\"},\"password\":\"%s\"}}},\"scope\":{\"project\":{"
        "\"name\":\"%s\",\"domain\":{\"id\":\"default\"}}}}}",
        name, PASSWORD, name);
    const struct http_answer *a =
        http_testing_ask(f->t, listener, "POST", "/identity/v3/auth/tokens", NULL, body);

    assert_int_equal(a->status, 201);
    assert_true(http_answer_header(a, "X-Subject-Token", token, 64));
}

static void contract(struct fixture *f, const char *name, const char *project_id,
                     const char *class_name, int number)
{
    AK_AUTO_STR number_text = ak_xasprintf("K-2026-%04d", number);
    AK_AUTO_STR customer_number = ak_xasprintf("C%05d", number);

    notice_test_sql(f,
                    "INSERT INTO service_customer (id, number, name, name_kana, name_en, sector, "
                    "country, code_serial, created_us, updated_us) VALUES ($1, $2, $1, NULL, NULL, "
                    "'private', 'JP', 0, 1, 1)",
                    AK_ARGS(ak_v_text(name), ak_v_text(customer_number)));
    notice_test_sql(
        f,
        "INSERT INTO service_contract (id, number, customer_id, title, class_name, class_version, "
        "state, starts_us, ends_us, governing_law, language, network_cidr, quotas, notes, "
        "project_id, master_user_name, activated_us, legal_hold, hold_us, cancelled_us, ended_us, "
        "delete_at_us, deleting_us, closed_us, version, created_us, updated_us) VALUES ($1, $2, "
        "$1, "
        "'t', $3, 1, 'active', 1, 0, 'JP', 'ja', '10.0.0.0/24', '{}', '', $4, 'm', 1, 0, 0, 0, 0, "
        "0, 0, 0, 1, 1, 1)",
        AK_ARGS(ak_v_text(name), ak_v_text(number_text), ak_v_text(class_name),
                ak_v_text(project_id)));
}

static void contact(struct fixture *f, const char *contract_id, int position, const char *email,
                    const char *language)
{
    AK_AUTO_STR id = ak_xasprintf("%s-%d", contract_id, position);

    notice_test_sql(f,
                    "INSERT INTO service_contact (id, contract_id, position, kind, name, email, "
                    "phone, language) VALUES ($1, $2, $3, 'technical', '山田', $4, NULL, $5)",
                    AK_ARGS(ak_v_text(id), ak_v_text(contract_id), ak_v_int(position),
                            ak_v_text(email), ak_v_text(language)));
}

void notice_test_server(struct fixture *f, const char *id, const char *project_id, const char *name,
                        const char *host)
{
    notice_test_sql(
        f,
        "INSERT INTO compute_server (id, project_id, user_id, name, hostname, image_id, firmware, "
        "flavor_id, ram_mib, vcpus, disk_gib, metadata, tags, config_drive, disk_config, zone, "
        "vm_state, power_state, locked, host, reservation_id, launch_index, fault_code, fault_us, "
        "launched_us, terminated_us, created_us, updated_us, deleted_us, version) VALUES ($1, $2, "
        "'u', $3, $3, 'i', 'bios', 'f', 1, 1, 1, '{}', '[]', 0, 'AUTO', 'nova', 'active', 1, 0, "
        "$4, "
        "'r', 0, 0, 0, 1, 0, 1, 1, 0, 1)",
        AK_ARGS(ak_v_text(id), ak_v_text(project_id), ak_v_text(name), ak_v_text(host)));
}

static void host(struct fixture *f, const char *name, int number)
{
    notice_test_sql(
        f,
        "INSERT INTO compute_host (id, number, name, type, virt, arch, cpu_model, "
        "hypervisor_version, ram_mib, ram_free_mib, vcpus, disk_gib, disk_free_gib, "
        "zone, enabled, boot_id, created_us, seen_us, version) VALUES ($1, $2, $1, 'QEMU', "
        "'tcg', 'x86_64', 'm', 1, 1, 1, 1, 1, 1, 'nova', 1, 'b', 1, 1, 1)",
        AK_ARGS(ak_v_text(name), ak_v_int(number)));
}

static void ignore_bad(const struct ak_error *err, void *data)
{
    (void)err;
    (void)data;
    fail();
}

int notice_test_set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_store *store = store_testing_open();
    struct service_class_loaded loaded = {0};

    *state = f;
    assert_ok(identity_bootstrap(store, PASSWORD, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "alpha", f->alpha, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "beta", f->beta, &f->err), &f->err);
    assert_ok(identity_project_ensure(store, "default", "gamma", f->gamma, &f->err), &f->err);
    assert_ok(
        identity_user_ensure(store, "default", "alpha", PASSWORD, f->alpha, "member", &f->err),
        &f->err);
    assert_ok(identity_user_ensure(store, "default", "beta", PASSWORD, f->beta, "member", &f->err),
              &f->err);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){identity_authenticate, identity_authorise}, store);
    ak_config_add_settings(f->t->config, ak_mail_settings, ak_mail_settings_n);
    ak_config_add_settings(f->t->config, ak_engine_settings, ak_engine_settings_n);
    assert_ok(ak_config_set(f->t->config, "class_dirs", AK_CLASSES, &f->err), &f->err);
    assert_ok(service_class_load_all(store, f->t->config, ignore_bad, NULL, &loaded, &f->err),
              &f->err);
    contract(f, "alpha", f->alpha, "tic", 1);
    contract(f, "beta", f->beta, "zep-c1", 2);
    contact(f, "alpha", 1, "a1@example.jp", "ja");
    contact(f, "alpha", 2, "a2@example.jp", "en");
    contact(f, "alpha", 3, "A1@example.jp", "ja"); /* the first once more */
    contact(f, "beta", 1, "b1@example.jp", "ja");
    host(f, "host-1", 1);
    host(f, "host-2", 2);
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000001", f->alpha, "web-1", "host-1");
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000002", f->beta, "db-1", "host-1");
    notice_test_server(f, "aaaaaaaa-0000-4000-8000-000000000003", f->gamma, "g-1", "host-2");
    token_of(f, AK_MANAGEMENT, "admin", f->admin);
    token_of(f, AK_CUSTOMER, "alpha", f->user);
    token_of(f, AK_CUSTOMER, "beta", f->other);
    return 0;
}

int notice_test_tear_down(void **state)
{
    struct fixture *f = *state;

    store_testing_close(http_testing_stop(f->t));
    ak_time_shift(0);
    free(f);
    return 0;
}

const struct http_answer *notice_test_ask(struct fixture *f, const char *method, const char *path,
                                          const char *body)
{
    return http_testing_ask(f->t, AK_MANAGEMENT, method, path, f->admin, body);
}

const struct http_answer *notice_test_customer(struct fixture *f, const char *token,
                                               const char *method, const char *path,
                                               const char *body)
{
    return http_testing_ask(f->t, AK_CUSTOMER, method, path, token, body);
}
