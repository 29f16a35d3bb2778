/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the libvirt engine that need no libvirtd: domain XML against golden files
 * (tests/data/libvirt; AKASHI_REGENERATE=1 writes them anew), the call pool, a dead libvirtd. */
#include "engine/libvirt/libvirt_internal.h"

#include <semaphore.h>
#include <unistd.h>

#include "base/test.h"

#define U1 "0b7e3a4c-1111-4222-8333-444455556666"
#define U2 "0b7e3a4c-7777-4222-8333-444455556666"
#define P1 "0b7e3a4c-aaaa-4222-8333-444455556666"
#define P2 "0b7e3a4c-bbbb-4222-8333-444455556666"

static const struct ak_vm_disk disks[] = {
    {.path = "/var/lib/akashi/disks/" U1 ".qcow2",
     .format = "qcow2",
     .serial = U1,
     .target = "vda"},
    {.path = "/var/lib/akashi/disks/" U1 ".iso",
     .format = "raw",
     .readonly = true,
     .target = "vdb"},
};
static const struct ak_vm_disk cdrom[] = {
    {.path = "/var/lib/akashi/disks/install & more.iso",
     .format = "raw",
     .cdrom = true,
     .target = "hda"},
};
static const struct ak_vm_nic nics[] = {
    {.port_id = P1, .mac = "fa:16:3e:00:00:01", .mtu = 1442, .model = "virtio"},
    {.port_id = P2, .mac = "fa:16:3e:00:00:02"},
};

static const struct {
    const char *name;
    struct ak_domain_host host;
    struct ak_vm_spec spec;
} cases[] = {
    {"tcg-two-nics",
     {.installation = "demo",
      .guest_user = "libvirt-qemu:libvirt-qemu",
      .machine = "pc",
      .no_offload = true},
     {.uuid = U1,
      .name = "web1",
      .project_id = U2,
      .ram_mib = 512,
      .vcpus = 2,
      .disks = disks,
      .n_disks = 2,
      .nics = nics,
      .n_nics = 2,
      .console_log = "/var/lib/akashi/console/" U1 ".log",
      .display_socket = "/run/akashi/console/" U1 ".sock",
      .boot = "hd"}},
    {"kvm-q35-uefi-cdrom",
     {.installation = "demo", .guest_user = "", .machine = "q35", .kvm = true},
     {.uuid = U1,
      .name = "installer",
      .project_id = U2,
      .ram_mib = 2048,
      .vcpus = 1,
      .disks = cdrom,
      .n_disks = 1,
      .uefi = true,
      .boot = "cdrom"}},
    {"hostile-name",
     {.installation = "a'b", .guest_user = "", .machine = "pc"},
     {.uuid = U1,
      .name = "</akashi:server>'\"&<x> 証\n\x01\xef\xbf\xbf end",
      .ram_mib = 64,
      .vcpus = 1}},
    {"not-utf-8",
     {.installation = "demo", .guest_user = "", .machine = "pc"},
     {.uuid = U1, .name = "\xff\xfe", .ram_mib = 64, .vcpus = 1}},
    {"probe-kernel",
     {.installation = "akashi-kvm-probe",
      .guest_user = "libvirt-qemu:libvirt-qemu",
      .machine = "pc",
      .kvm = true,
      .kernel = "/boot/vmlinuz-6.1.0",
      .cmdline = "console=ttyS0 panic=-1"},
     {.uuid = U1, .name = "kvm probe", .ram_mib = 128, .vcpus = 1, .console_log = "/x/y.log"}},
};

static void domain_xml_equals_the_golden_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        AK_AUTO_STR path =
            ak_xasprintf("%s/tests/data/libvirt/%s.xml", getenv("AKASHI_SOURCE"), cases[i].name);
        AK_AUTO_STR wanted = NULL;
        struct ak_error err = {0};
        AK_AUTO_BUF out;

        ak_buf_init(&out, 65536);
        ak_domain_xml(&out, &cases[i].host, &cases[i].spec);
        assert_true(ak_buf_ok(&out));
        if (getenv("AKASHI_REGENERATE")) {
            assert_ok(ak_file_write(path, out.data, out.len, 0644, &err), &err);
        }
        assert_ok(ak_file_read(path, 65536, &wanted, NULL, &err), &err);
        assert_string_equal(out.data, wanted);
    }
}

static void mark_reads_back_what_was_written(void **state)
{
    struct ak_domain_mark mark;

    (void)state;
    assert_true(ak_domain_mark_read("<server xmlns='" AK_DOMAIN_XMLNS
                                    "' installation='a&apos;b' console='/c' display='/d'/>",
                                    &mark));
    assert_string_equal(mark.installation, "a'b");
    assert_string_equal(mark.console_log, "/c");
    assert_string_equal(mark.display_socket, "/d");
    assert_false(ak_domain_mark_read("<other/>", &mark));
    assert_false(ak_domain_mark_read("no xml", &mark));
}

static void text_is_found_by_its_path(void **state)
{
    const char *xml =
        "<c><host><x/><cpu><arch>x86_64</arch><model>M&amp;M</model></cpu></host></c>";
    char text[16];

    (void)state;
    ak_xml_text(xml, "c/host/cpu/model", text, sizeof(text));
    assert_string_equal(text, "M&M");
    ak_xml_text(xml, "c/host/none/model", text, sizeof(text));
    assert_string_equal(text, "");
}

struct slow {
    struct ak_call base;
    sem_t *gate; /* what the call waits for, or NULL */
};

static int run_slow(struct ak_call *call, struct ak_error *err)
{
    sem_t *gate = ((struct slow *)call)->gate;

    (void)err;
    while (gate && sem_wait(gate) != 0) {
    }
    return 0;
}

static void free_slow(struct ak_call *call)
{
    free(call);
}

static int slow_call(struct ak_calls *calls, sem_t *gate, int64_t timeout_ms, struct ak_error *err)
{
    struct slow *s = ak_new(struct slow);
    int rc = 0;

    s->base.run = run_slow;
    s->base.free = free_slow;
    s->gate = gate;
    rc = ak_calls_run(calls, &s->base, timeout_ms, err);
    ak_call_done(calls, &s->base);
    return rc;
}

/* A call that hangs at the gate. On a busy machine its time may be over before a thread took it. */
static void hang_one(struct ak_calls *calls, sem_t *gate)
{
    struct ak_error err = {0};
    int rc = 0;

    for (int i = 0; i < 1000; i++) {
        rc = slow_call(calls, gate, 20, &err);
        if (rc != -AK_ENGINE_UNAVAILABLE) {
            break;
        }
    }
    assert_fails(rc, AK_ENGINE_TIMEOUT);
}

static void hanging_calls_time_out_and_then_fail_at_once(void **state)
{
    AK_AUTO(ak_calls) calls = ak_calls_new(2, "x");
    struct ak_error err = {0};
    sem_t gate;
    int rc = 0;

    (void)state;
    (void)sem_init(&gate, 0, 0);
    assert_ok(slow_call(calls, NULL, 60000, &err), &err);
    hang_one(calls, &gate);
    assert_ok(slow_call(calls, NULL, 60000, &err), &err);
    hang_one(calls, &gate);
    /* At once: else this would wait for all that time, since both threads hang. */
    assert_fails(slow_call(calls, NULL, INT64_C(1) << 40, &err), AK_ENGINE_UNAVAILABLE);
    (void)sem_post(&gate);
    (void)sem_post(&gate);
    do { /* until a thread is seen to be back */
        rc = slow_call(calls, NULL, 60000, &err);
    } while (rc == -AK_ENGINE_UNAVAILABLE);
    assert_ok(rc, &err);
}

static void dead_libvirtd_makes_calls_fail_quickly(void **state)
{
    struct ak_libvirt_options options = {.uri = "qemu+unix:///system?socket=/nonexistent/sock",
                                         .installation = "demo",
                                         .virt = "qemu",
                                         .calls = 4,
                                         .call_timeout_ms = 5000};
    struct ak_vm_spec spec = {.uuid = U1, .name = "x", .ram_mib = 64, .vcpus = 1};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_hypervisor *hv = NULL;
    struct ak_vm_info *vms = NULL;
    enum ak_vm_state s = AK_VM_ABSENT;
    struct ak_error err = {0};
    int64_t start = ak_monotonic_us();
    size_t n = 0;

    (void)state;
    assert_ok(ak_libvirt_open(&options, &hv, &err), &err);
    assert_fails(hv->ops->state(hv, U1, &s, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->define(hv, &spec, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->start(hv, U1, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->stop(hv, U1, 10000, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->undefine(hv, U1, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->list(hv, arena, &vms, &n, &err), AK_ENGINE_UNAVAILABLE);
    assert_true(ak_monotonic_us() - start < 20 * AK_SEC); /* not six times call_timeout_ms */
    hv->ops->free(hv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domain_xml_equals_the_golden_files),
        cmocka_unit_test(mark_reads_back_what_was_written),
        cmocka_unit_test(text_is_found_by_its_path),
        cmocka_unit_test(hanging_calls_time_out_and_then_fail_at_once),
        cmocka_unit_test(dead_libvirtd_makes_calls_fail_quickly),
    };

    return cmocka_run_group_tests_name("engine/libvirt", tests, NULL, NULL);
}
