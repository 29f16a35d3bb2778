/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the pure parts of compute: states, placement, quotas, keys, config drive, logs. */
#include "compute/compute_internal.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/test.h"
#include "compute/compute_sync.h"

/* ---- States ---------------------------------------------------------------------------------- */

static void every_state_has_a_name_and_parses_back(void **state)
{
    (void)state;
    for (int i = 0; i < COMPUTE_VM_STATES; i++) {
        enum compute_vm_state vm;
        assert_true(compute_vm_state_parse(compute_vm_state_name((enum compute_vm_state)i), &vm));
        assert_int_equal(vm, i);
    }
    for (int i = 0; i < COMPUTE_TASK_STATES; i++) {
        enum compute_task_state task;
        assert_true(
            compute_task_state_parse(compute_task_state_name((enum compute_task_state)i), &task));
        assert_int_equal(task, i);
    }
    enum compute_vm_state vm;
    assert_false(compute_vm_state_parse("flying", &vm));
}

static void every_operation_ends_in_a_state_its_start_may_move_to(void **state)
{
    (void)state;
    for (int o = 0; o < COMPUTE_OPS; o++) {
        const struct compute_operation *op = compute_operation((enum compute_operation_id)o);
        assert_ptr_equal(compute_operation_of_job(op->job), op);
        assert_string_equal(compute_job_kind((enum compute_operation_id)o)->name, op->job);
        for (int vm = 0; vm < COMPUTE_VM_STATES; vm++) {
            if (op->from & (1U << vm)) {
                assert_true(compute_vm_state_may_move((enum compute_vm_state)vm, op->to));
            }
        }
    }
}

static void status_follows_nova(void **state)
{
    unsigned tasks[COMPUTE_VM_STATES];
    (void)state;
    assert_string_equal(compute_status(COMPUTE_BUILDING, COMPUTE_SPAWNING), "BUILD");
    assert_string_equal(compute_status(COMPUTE_ACTIVE, COMPUTE_IDLE), "ACTIVE");
    assert_string_equal(compute_status(COMPUTE_ACTIVE, COMPUTE_POWERING_OFF), "ACTIVE");
    assert_string_equal(compute_status(COMPUTE_ACTIVE, COMPUTE_REBOOTING), "REBOOT");
    assert_string_equal(compute_status(COMPUTE_STOPPED, COMPUTE_IDLE), "SHUTOFF");
    assert_true(compute_status_parse("shutoff", tasks));
    assert_int_equal(tasks[COMPUTE_ACTIVE], 0);
    assert_true(tasks[COMPUTE_STOPPED] & 1);
    assert_true(compute_status_parse("HARD_REBOOT", tasks));
    assert_int_equal(tasks[COMPUTE_ACTIVE], 1U << COMPUTE_REBOOTING_HARD);
    assert_false(compute_status_parse("FLYING", tasks));
}

static void operations_start_only_from_their_states(void **state)
{
    const struct compute_operation *start = compute_operation(COMPUTE_OP_START);
    const struct compute_operation *remove = compute_operation(COMPUTE_OP_DELETE);
    (void)state;
    assert_int_equal(compute_may_start(start, COMPUTE_STOPPED, COMPUTE_IDLE), COMPUTE_MAY_START);
    assert_int_equal(compute_may_start(start, COMPUTE_ACTIVE, COMPUTE_IDLE), COMPUTE_MAY_NOT_VM);
    assert_int_equal(compute_may_start(start, COMPUTE_STOPPED, COMPUTE_REBUILDING),
                     COMPUTE_MAY_NOT_TASK);
    assert_int_equal(compute_may_start(remove, COMPUTE_BUILDING, COMPUTE_SPAWNING),
                     COMPUTE_MAY_START);
    assert_false(compute_vm_state_may_move(COMPUTE_DELETED, COMPUTE_ACTIVE));
}

static void reconciler_decides_as_the_table_says(void **state)
{
    (void)state;
    assert_int_equal(compute_sync_decide(COMPUTE_ACTIVE, AK_VM_RUNNING, false, true),
                     COMPUTE_SYNC_NOTHING);
    assert_int_equal(compute_sync_decide(COMPUTE_ACTIVE, AK_VM_SHUTOFF, false, true),
                     COMPUTE_SYNC_MARK_STOPPED);
    assert_int_equal(compute_sync_decide(COMPUTE_ACTIVE, AK_VM_SHUTOFF, true, true),
                     COMPUTE_SYNC_START);
    assert_int_equal(compute_sync_decide(COMPUTE_ACTIVE, AK_VM_SHUTOFF, true, false),
                     COMPUTE_SYNC_MARK_STOPPED);
    assert_int_equal(compute_sync_decide(COMPUTE_ACTIVE, AK_VM_ABSENT, false, true),
                     COMPUTE_SYNC_START);
    assert_int_equal(compute_sync_decide(COMPUTE_STOPPED, AK_VM_ABSENT, false, true),
                     COMPUTE_SYNC_DEFINE);
    assert_int_equal(compute_sync_decide(COMPUTE_STOPPED, AK_VM_RUNNING, false, true),
                     COMPUTE_SYNC_STOP);
    assert_int_equal(compute_sync_decide(COMPUTE_BUILDING, AK_VM_ABSENT, true, true),
                     COMPUTE_SYNC_NOTHING);
}

/* ---- Placement ------------------------------------------------------------------------------- */

static struct compute_host host(const char *name, int64_t ram, int64_t vcpus, int64_t disk)
{
    return (struct compute_host){.name = name,
                                 .zone = "nova",
                                 .enabled = true,
                                 .ram_mib = ram,
                                 .vcpus = vcpus,
                                 .disk_gib = disk,
                                 .seen_us = 1000 * AK_SEC};
}

static const struct compute_ratios plain = {
    .cpu_percent = 200, .ram_percent = 100, .disk_percent = 100};

static void placement_takes_the_host_with_most_free_memory(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct compute_host hosts[] = {host("a", 4096, 4, 100), host("b", 8192, 4, 100),
                                   host("c", 16384, 4, 100)};
    struct compute_placement wanted = {
        .zone = "nova", .demand = {2, 1024, 10}, .now_us = 1010 * AK_SEC};
    const char *reasons[3];
    (void)state;
    hosts[2].used_ram_mib = 12000;
    assert_int_equal(compute_place(arena, hosts, 3, &plain, &wanted, reasons), 1);
    assert_null(reasons[0]);
}

static void placement_keeps_the_reason_of_every_refusal(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct compute_host hosts[] = {host("ram", 512, 4, 100),   host("cpu", 8192, 4, 100),
                                   host("disk", 8192, 4, 5),   host("off", 8192, 4, 100),
                                   host("down", 8192, 4, 100), host("zone", 8192, 4, 100),
                                   host("small", 8192, 1, 100)};
    struct compute_placement wanted = {
        .zone = "nova", .demand = {2, 1024, 10}, .now_us = 1010 * AK_SEC};
    const char *reasons[7];
    static const char *const parts[] = {"memory: 1024 MiB asked, 512 MiB left",
                                        "vCPU: 2 asked",
                                        "disk: 10 GiB",
                                        "disabled",
                                        "down",
                                        "zone",
                                        "vCPU of one"};
    (void)state;
    hosts[1].used_vcpus = 8;
    hosts[3].enabled = false;
    hosts[4].seen_us = 0;
    hosts[5].zone = "other";
    assert_int_equal(compute_place(arena, hosts, 7, &plain, &wanted, reasons), -1);
    for (size_t i = 0; i < 7; i++) {
        assert_non_null(reasons[i]);
        assert_non_null(strstr(reasons[i], parts[i]));
    }
}

static void placement_obeys_the_service_class_of_the_project(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct compute_host hosts[] = {host("city", 8192, 4, 100), host("plain", 8192, 4, 100),
                                   host("abroad", 8192, 4, 100), host("mine", 8192, 4, 100)};
    struct compute_host_others others[] = {{"plain", 3, 0}, {"mine", 1, 1}};
    struct compute_placement wanted = {
        .zone = "nova", .demand = {2, 1024, 10}, .now_us = 1010 * AK_SEC};
    const char *reasons[4];
    (void)state;
    hosts[0].placement_zone = "municipal";
    hosts[2].country = "US";
    /* No class: the general zone, but not beside a customer that shares no host. */
    wanted.rule.others = (struct ak_list){.n = 2, .items = others};
    assert_int_equal(compute_place(arena, hosts, 4, &plain, &wanted, reasons), 1);
    assert_string_equal(reasons[0],
                        "in placement zone municipal, the service class allows general");
    assert_string_equal(reasons[3], "dedicated to another customer");
    wanted.rule.zones = "[\"municipal\"]";
    wanted.rule.countries = "[\"JP\"]";
    hosts[0].country = "JP";
    assert_int_equal(compute_place(arena, hosts, 4, &plain, &wanted, reasons), 0);
    assert_non_null(strstr(reasons[1], "in placement zone general"));
    wanted.rule.zones = "[\"general\"]";
    wanted.rule.dedicated = true;
    assert_int_equal(compute_place(arena, hosts, 4, &plain, &wanted, reasons), -1);
    assert_non_null(strstr(reasons[1], "shares no host"));
    assert_non_null(strstr(reasons[2], "in country US"));
}

/* ---- Quotas ---------------------------------------------------------------------------------- */

static void quota_rejects_when_ram_exceeds_limit(void **state)
{
    struct compute_quotas quotas = {0};
    struct compute_demand one = {.cores = 1, .ram_mib = 512, .disk_gib = 4};
    enum compute_quota_id tightest = COMPUTE_QUOTA_INSTANCES;
    struct ak_error err = {0};
    char text[256];
    (void)state;
    for (size_t i = 0; i < COMPUTE_QUOTAS; i++) {
        quotas.limit[i] = 100000;
    }
    quotas.limit[COMPUTE_QUOTA_RAM] = 1024;
    quotas.used[COMPUTE_QUOTA_RAM] = 600;
    assert_int_equal(compute_quota_room(&quotas, &one, 5, &tightest), 0);
    assert_int_equal(tightest, COMPUTE_QUOTA_RAM);
    assert_fails(compute_quota_refuse(&quotas, tightest, 512, &err), AK_COMPUTE_QUOTA);
    ak_error_text(&err, AK_LANG_EN, text, sizeof(text));
    assert_string_equal(text,
                        "Quota exceeded for ram: Requested 512, but already used 600 of 1024 ram");
    quotas.limit[COMPUTE_QUOTA_RAM] = -1;
    assert_int_equal(compute_quota_room(&quotas, &one, 5, &tightest), 5);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void fingerprint_is_what_ssh_keygen_prints(void **state)
{
    /* ssh-keygen -l -E md5 */
    static const char key[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9"
                              "okWi0dh2l9GKJl user@host";
    char fingerprint[COMPUTE_FINGERPRINT_TEXT];
    struct ak_error err = {0};
    (void)state;
    assert_ok(compute_key_check(key, fingerprint, &err), &err);
    assert_string_equal(fingerprint, "65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd");
}

static void keys_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "ssh-rsa",
        "ssh-rsa AAAA",
        "ssh-dss AAAAB3NzaC1kc3MAAACB",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLs\nssh-rsa b",
        "ssh-ed25519 !!!!",
    };
    char fingerprint[COMPUTE_FINGERPRINT_TEXT];
    (void)state;
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_fails(compute_key_check(bad[i], fingerprint, NULL), AK_KEYPAIR_INVALID);
    }
}

static void generated_keys_are_valid_and_different(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *private_key[2], *public_key[2];
    char fingerprint[COMPUTE_FINGERPRINT_TEXT];
    struct ak_error err = {0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(compute_key_generate(arena, "me", &private_key[i], &public_key[i], &err), &err);
        assert_true(ak_starts_with(private_key[i], "-----BEGIN RSA PRIVATE KEY-----\n"));
        assert_ok(compute_key_check(public_key[i], fingerprint, &err), &err);
    }
    assert_string_not_equal(public_key[0], public_key[1]);
}

static void generated_certificates_are_valid(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    const char *private_key = NULL, *certificate = NULL;
    char fingerprint[COMPUTE_CERTIFICATE_FINGERPRINT_TEXT];
    struct ak_error err = {0};
    (void)state;
    assert_ok(compute_certificate_generate(arena, "alice", &private_key, &certificate, &err), &err);
    assert_true(ak_starts_with(private_key, "-----BEGIN PRIVATE KEY-----\n"));
    assert_ok(compute_certificate_check(certificate, fingerprint, &err), &err);
    assert_int_equal(strlen(fingerprint), 59);
    assert_fails(compute_certificate_check("-----BEGIN CERTIFICATE-----", fingerprint, NULL),
                 AK_KEYPAIR_INVALID);
}

/* ---- Config drive ---------------------------------------------------------------------------- */

static void config_drive_tells_name_keys_and_networks(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_pair pairs[] = {{"role", "web"}};
    struct compute_server server = {.id = "77777777-7777-4777-8777-777777777777",
                                    .name = "web 1",
                                    .hostname = "web-1",
                                    .project_id = "p",
                                    .zone = "nova",
                                    .key_name = "me",
                                    .key_data = "ssh-ed25519 AAAA",
                                    .admin_pass = "secret",
                                    .metadata = {1, pairs}};
    const char *dns[] = {"10.0.0.2", NULL};
    struct network_server_address addresses[] = {
        {.ip = "10.0.0.5", .version = 4, .cidr = "10.0.0.0/24", .gateway_ip = "10.0.0.1"},
        {.ip = "10.1.0.5",
         .version = 4,
         .cidr = "10.1.0.0/20",
         .gateway_ip = "10.1.0.1",
         .dns = dns,
         .dhcp_off = true}};
    struct network_server_port port = {.id = "88888888-8888-4888-8888-888888888888",
                                       .network_id = "n",
                                       .mac = "fa:16:3e:00:00:01",
                                       .addresses = addresses,
                                       .n_addresses = 2,
                                       .mtu = 1442};
    struct ak_error err = {0};
    void *iso = NULL;
    size_t size = 0;
    (void)state;
    AK_AUTO_JSON meta = json_loads(compute_drive_meta_data(arena, &server), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(meta, "hostname")), "web-1");
    assert_string_equal(json_string_value(json_object_get(meta, "admin_pass")), "secret");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(meta, "public_keys"), "me")),
        "ssh-ed25519 AAAA");
    assert_string_equal(json_string_value(json_object_get(json_object_get(meta, "meta"), "role")),
                        "web");
    AK_AUTO_JSON net = json_loads(compute_drive_network_data(arena, &port, 1), 0, NULL);
    const json_t *networks = json_object_get(net, "networks");
    assert_string_equal(json_string_value(json_object_get(json_array_get(networks, 0), "type")),
                        "ipv4_dhcp");
    assert_string_equal(json_string_value(json_object_get(json_array_get(networks, 1), "netmask")),
                        "255.255.240.0");
    assert_ok(compute_drive_make(arena, &server, &port, 1, &iso, &size, &err), &err);
    assert_memory_equal((char *)iso + 0x8001, "CD001", 5);
    free(iso);
}

/* ---- Names, metadata, logs ------------------------------------------------------------------- */

static void hostnames_are_labels(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    (void)state;
    assert_string_equal(compute_hostname_of(arena, "Web_Server 01.example", "x"),
                        "web-server-01-example");
    assert_string_equal(compute_hostname_of(arena, "--a--", "x"), "a");
    assert_string_equal(compute_hostname_of(arena, "証", "x"), "server-x");
}

static void metadata_merges_by_key(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_pair old[] = {{"a", "1"}, {"b", "2"}}, more[] = {{"b", "3"}, {"c", "4"}};
    struct ak_map merged =
        compute_metadata_merge(arena, &(struct ak_map){2, old}, &(struct ak_map){2, more});
    (void)state;
    assert_int_equal(merged.n, 3);
    assert_string_equal(merged.pairs[1].value, "3");
    assert_string_equal(merged.pairs[2].key, "c");
}

static void log_tail_counts_lines_and_cut_keeps_the_end(void **state)
{
    char path[] = "/tmp/akashi-log-XXXXXX";
    struct ak_error err = {0};
    AK_AUTO_BUF out;
    (void)state;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "one\ntwo\nthree\n", 14), 14);
    assert_int_equal(close(fd), 0);
    ak_buf_init(&out, 1000);
    assert_ok(compute_log_tail(path, 2, 1000, &out, &err), &err);
    assert_string_equal(out.data, "two\nthree\n");
    ak_buf_reset(&out);
    assert_ok(compute_log_tail(path, -1, 1000, &out, &err), &err);
    assert_string_equal(out.data, "one\ntwo\nthree\n");
    ak_buf_reset(&out);
    assert_ok(compute_log_tail(path, 0, 1000, &out, &err), &err);
    assert_string_equal(out.data, "");
    assert_ok(compute_log_cut(path, 10, 6, &err), &err);
    assert_ok(compute_log_tail(path, -1, 1000, &out, &err), &err);
    assert_string_equal(out.data, "three\n");
    assert_int_equal(unlink(path), 0);
    ak_buf_reset(&out);
    assert_ok(compute_log_tail(path, -1, 1000, &out, &err), &err);
    assert_string_equal(out.data, "");
}

static void every_route_names_a_policy_and_a_spec(void **state)
{
    (void)state;
    for (size_t i = 0; i < compute_domain.n_routes; i++) {
        const struct ak_route *route = &compute_domain.routes[i];
        bool known = false;
        for (size_t p = 0; p < identity_policies_n; p++) {
            known = known || ak_streq(identity_policies[p].name, route->policy);
        }
        if (!known || !route->spec || !route->summary) {
            fail_msg("%s %s %s", route->method, route->path, route->policy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_name_and_parses_back),
        cmocka_unit_test(every_operation_ends_in_a_state_its_start_may_move_to),
        cmocka_unit_test(status_follows_nova),
        cmocka_unit_test(operations_start_only_from_their_states),
        cmocka_unit_test(reconciler_decides_as_the_table_says),
        cmocka_unit_test(placement_takes_the_host_with_most_free_memory),
        cmocka_unit_test(placement_keeps_the_reason_of_every_refusal),
        cmocka_unit_test(placement_obeys_the_service_class_of_the_project),
        cmocka_unit_test(quota_rejects_when_ram_exceeds_limit),
        cmocka_unit_test(fingerprint_is_what_ssh_keygen_prints),
        cmocka_unit_test(keys_that_are_none_are_refused),
        cmocka_unit_test(generated_keys_are_valid_and_different),
        cmocka_unit_test(generated_certificates_are_valid),
        cmocka_unit_test(config_drive_tells_name_keys_and_networks),
        cmocka_unit_test(hostnames_are_labels),
        cmocka_unit_test(metadata_merges_by_key),
        cmocka_unit_test(log_tail_counts_lines_and_cut_keeps_the_end),
        cmocka_unit_test(every_route_names_a_policy_and_a_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
