/* SPDX-License-Identifier: Apache-2.0 */
/* The pool and the hypervisor against real qemu-img, libvirtd and QEMU: boots the tiny guest and
 * does everything to it that the contracts promise. Runs by tests/engine/run-libvirt: as root,
 * acting as the user akashi but where libvirtd is killed. The tests build on each other, in order.
 */
#include "engine/engine.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"

#define DISKS       "/var/lib/akashi/disks"
#define BOOT_US     (120 * AK_SEC)
#define FOREIGN_ID  "f0f0f0f0-0000-4000-8000-000000000001"
#define LIBVIRT_PID "/run/akashi-engines/libvirtd.pid"

static struct ak_hypervisor *hv;
static struct ak_pool *pool;
static struct ak_error err;
static char id[AK_UUID_TEXT], image_id[AK_UUID_TEXT], port_id[AK_UUID_TEXT];
static char console[128], display[128];
static atomic_int events[AK_VM_CRASHED + 1];

static int root_fd = -1;

/* A process that stays root and runs shell commands sent to it. libvirt refuses to work where real
 * and effective user differ, so the test itself becomes akashi for good. */
static void keep_root(void)
{
    int fds[2];
    char command[512];
    ssize_t n = 0;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    if (fork() != 0) {
        (void)close(fds[1]);
        root_fd = fds[0];
        return;
    }
    (void)close(fds[0]);
    while ((n = recv(fds[1], command, sizeof(command) - 1, 0)) > 0) {
        const char *const argv[] = {"sh", "-c", command, NULL};
        char rc = 0;

        command[n] = '\0';
        rc = (char)(ak_run(argv, NULL, NULL, &err) != 0);
        n = send(fds[1], &rc, 1, 0);
    }
    _exit(0);
}

static void as_root(const char *command)
{
    char rc = 1;

    assert_true(send(root_fd, command, strlen(command), 0) > 0);
    assert_int_equal(recv(root_fd, &rc, 1, 0), 1);
    assert_int_equal(rc, 0);
}

static void become_akashi(void)
{
    const struct passwd *pw = getpwnam("akashi");

    assert_non_null(pw);
    assert_int_equal(initgroups("akashi", pw->pw_gid), 0);
    assert_int_equal(setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid), 0);
    assert_int_equal(setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid), 0);
    (void)umask(0007);
}

static void pause_ms(int64_t ms)
{
    struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&ts, NULL);
}

/* How often 'mark' stands in the console log. */
static int count_in_console(const char *mark)
{
    AK_AUTO_STR text = NULL;
    size_t size = 0;
    int n = 0;

    if (ak_file_read(console, 16 << 20, &text, &size, NULL) != 0) {
        return 0;
    }
    for (const char *p = text; (p = memmem(p, size - (size_t)(p - text), mark, strlen(mark)));
         p += strlen(mark)) {
        n++;
    }
    return n;
}

static void wait_console(const char *mark, int times)
{
    int64_t end = ak_monotonic_us() + BOOT_US;

    while (count_in_console(mark) < times) {
        if (ak_monotonic_us() > end) {
            fail_msg("'%s' did not appear %d times in %s", mark, times, console);
        }
        pause_ms(50);
    }
}

static enum ak_vm_state state_now(void)
{
    enum ak_vm_state s = AK_VM_ABSENT;

    assert_ok(hv->ops->state(hv, id, &s, &err), &err);
    return s;
}

static void wait_event(enum ak_vm_state s, int times)
{
    int64_t end = ak_monotonic_us() + 20 * AK_SEC;

    while (atomic_load(&events[s]) < times) {
        if (ak_monotonic_us() > end) {
            fail_msg("no event of state %d", (int)s);
        }
        pause_ms(20);
    }
}

static void changed(const char *uuid, enum ak_vm_state s, void *data)
{
    (void)data;
    if (ak_streq(uuid, id)) {
        atomic_fetch_add(&events[s], 1);
    }
}

static struct ak_hypervisor *open_hypervisor(const char *installation)
{
    const struct ak_libvirt_options options = {
        .uri = "qemu:///system",
        .installation = installation,
        .guest_user = "libvirt-qemu:libvirt-qemu",
        .machine = getenv("AKASHI_TEST_MACHINE") ? getenv("AKASHI_TEST_MACHINE") : "pc",
        .virt = "auto",
        .probe_image = getenv("AKASHI_TINY_IMAGE"),
        .state_dir = "/var/lib/akashi",
        .calls = 4,
        .call_timeout_ms = 10000,
    };
    struct ak_hypervisor *opened = NULL;

    assert_ok(ak_libvirt_open(&options, &opened, &err), &err);
    return opened;
}

static int set_up(void **state)
{
    (void)state;
    keep_root();
    become_akashi();
    ak_uuid_new(id);
    ak_uuid_new(image_id);
    ak_uuid_new(port_id);
    (void)snprintf(console, sizeof(console), "/var/lib/akashi/console/%s.log", id);
    (void)snprintf(display, sizeof(display), "/run/akashi/console/%s.sock", id);
    hv = open_hypervisor("engine-test");
    hv->ops->watch(hv, changed, NULL);
    return ak_qcow2_pool_open(DISKS, &pool, &err);
}

static int tear_down(void **state)
{
    (void)state;
    hv->ops->free(hv);
    pool->ops->free(pool);
    return 0;
}

static void host_describes_itself_and_keeps_the_kvm_finding(void **state)
{
    struct ak_host_info info;

    (void)state;
    assert_ok(hv->ops->host_info(hv, &info, &err), &err);
    assert_true(info.ram_mib > 256 && info.ram_free_mib > 0 && info.ram_free_mib <= info.ram_mib);
    assert_true(info.vcpus > 0 && info.version > 0);
    assert_string_equal(info.arch, "x86_64");
    assert_true(ak_streq(info.virt, "kvm") || ak_streq(info.virt, "qemu"));
    assert_int_equal(access("/var/lib/akashi/hypervisor-virt", R_OK), 0);
    print_message("# guests run under %s\n", info.virt);
}

static void server_is_defined_and_boots(void **state)
{
    static const char meta[] = "{\"uuid\": \"x\", \"hostname\": \"engine1\"}";
    static const char user[] = "#!/bin/sh\necho user-data ran\n";
    const struct ak_drive_file files[] = {
        {"openstack/latest/meta_data.json", meta, sizeof(meta) - 1},
        {"openstack/latest/user_data", user, sizeof(user) - 1},
    };
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR drive_name = ak_xasprintf("%s.iso", id);
    struct ak_vm_disk disks[2] = {
        {.format = "qcow2", .serial = id, .target = "vda"},
        {.format = "raw", .readonly = true, .target = "vdb"},
    };
    struct ak_vm_nic nic = {
        .port_id = port_id, .mac = "fa:16:3e:11:22:33", .mtu = 1442, .model = "virtio"};
    struct ak_vm_spec spec = {.uuid = id,
                              .name = "engine1 <&>",
                              .project_id = image_id,
                              .ram_mib = 128,
                              .vcpus = 1,
                              .disks = disks,
                              .n_disks = 2,
                              .nics = &nic,
                              .n_nics = 1,
                              .console_log = console,
                              .display_socket = display,
                              .boot = "hd"};
    void *drive = NULL;
    size_t size = 0;

    (void)state;
    assert_ok(pool->ops->base_import(pool, image_id, getenv("AKASHI_TINY_IMAGE"), "qcow2", &err),
              &err);
    assert_ok(pool->ops->overlay_create(pool, id, image_id, (int64_t)1 << 30, &err), &err);
    assert_ok(ak_config_drive_make(files, 2, &drive, &size, &err), &err);
    assert_ok(pool->ops->file_write(pool, drive_name, drive, size, &err), &err);
    free(drive);
    disks[0].path = pool->ops->volume_path(pool, arena, id);
    disks[1].path = pool->ops->file_path(pool, arena, drive_name);
    assert_fails(hv->ops->start(hv, id, &err), AK_ENGINE_NO_OBJECT);
    assert_int_equal(state_now(), AK_VM_ABSENT);
    assert_ok(hv->ops->define(hv, &spec, &err), &err);
    assert_ok(hv->ops->define(hv, &spec, &err), &err);
    assert_int_equal(state_now(), AK_VM_SHUTOFF);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    assert_int_equal(state_now(), AK_VM_RUNNING);
    wait_event(AK_VM_RUNNING, 1);
    wait_console("akashi-tiny: ready", 1);
    assert_int_equal(count_in_console("hostname engine1"), 1);
    assert_int_equal(count_in_console("user-data ran"), 1);
}

static void display_greets_the_unprivileged_user(void **state)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    AK_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char greeting[13] = "";

    (void)state;
    ak_str_copy(addr.sun_path, sizeof(addr.sun_path), display);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    assert_int_equal(recv(fd, greeting, 12, MSG_WAITALL), 12);
    assert_string_equal(greeting, "RFB 003.008\n");
}

static void inventory_and_counters_show_the_server(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_vm_info *vms = NULL;
    struct ak_vm_stats stats = {0};
    struct ak_vm_sample *samples = NULL;
    size_t n = 0;

    (void)state;
    assert_ok(hv->ops->list(hv, arena, &vms, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(vms[0].uuid, id);
    assert_true(vms[0].ours);
    assert_int_equal(vms[0].state, AK_VM_RUNNING);
    assert_int_equal(vms[0].ram_mib, 128);
    assert_int_equal(vms[0].vcpus, 1);
    assert_ok(hv->ops->stats(hv, id, &stats, &err), &err);
    assert_true(stats.cpu_ns > 0 && stats.disk_read_bytes > 0 && stats.ram_used_kib > 0);
    assert_fails(hv->ops->stats(hv, image_id, &stats, &err), AK_ENGINE_NO_OBJECT);
    assert_ok(hv->ops->stats_all(hv, arena, &samples, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(samples[0].uuid, id);
    assert_true(samples[0].stats.cpu_ns >= stats.cpu_ns && samples[0].stats.ram_used_kib > 0);
}

static void server_pauses_and_goes_on(void **state)
{
    const char *why = NULL;

    (void)state;
    assert_ok(hv->ops->suspend(hv, id, &err), &err);
    assert_ok(hv->ops->suspend(hv, id, &err), &err);
    assert_int_equal(state_now(), AK_VM_PAUSED);
    assert_ok(hv->ops->why(hv, id, &why, &err), &err);
    assert_string_equal(why, "user");
    assert_ok(hv->ops->resume(hv, id, &err), &err);
    assert_ok(hv->ops->resume(hv, id, &err), &err);
    assert_int_equal(state_now(), AK_VM_RUNNING);
}

static void reset_boots_again_in_the_same_process(void **state)
{
    (void)state;
    assert_ok(hv->ops->reset(hv, id, &err), &err);
    wait_console("akashi-tiny: ready", 2);
    assert_int_equal(state_now(), AK_VM_RUNNING);
}

static void stop_lets_the_guest_shut_down(void **state)
{
    int64_t start = ak_monotonic_us();

    (void)state;
    assert_ok(hv->ops->stop(hv, id, 60000, &err), &err);
    assert_true(ak_monotonic_us() - start < 55 * AK_SEC);
    assert_int_equal(state_now(), AK_VM_SHUTOFF);
    assert_ok(hv->ops->stop(hv, id, 60000, &err), &err);
    wait_event(AK_VM_SHUTOFF, 1);
}

static void reboot_ends_and_starts_the_guest(void **state)
{
    (void)state;
    assert_ok(hv->ops->start(hv, id, &err), &err);
    wait_console("akashi-tiny: ready", 3);
    assert_ok(hv->ops->reboot(hv, id, 60000, &err), &err);
    wait_console("akashi-tiny: ready", 4);
    assert_int_equal(state_now(), AK_VM_RUNNING);
}

static void stop_pulls_the_plug_after_the_grace(void **state)
{
    int64_t start = ak_monotonic_us();

    (void)state;
    assert_ok(hv->ops->reset(hv, id, &err), &err); /* the firmware does not hear the button */
    assert_ok(hv->ops->stop(hv, id, 300, &err), &err);
    assert_true(ak_monotonic_us() - start < 8 * AK_SEC);
    assert_int_equal(state_now(), AK_VM_SHUTOFF);
}

static void killed_libvirtd_is_an_error_and_then_forgotten(void **state)
{
    enum ak_vm_state s = AK_VM_ABSENT;
    int64_t start = 0;

    (void)state;
    assert_ok(hv->ops->start(hv, id, &err), &err);
    as_root("kill -9 $(cat " LIBVIRT_PID ")");
    start = ak_monotonic_us();
    assert_fails(hv->ops->state(hv, id, &s, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(hv->ops->start(hv, id, &err), AK_ENGINE_UNAVAILABLE);
    assert_true(ak_monotonic_us() - start < 2 * AK_SEC);
    as_root(getenv("AKASHI_ENGINES_START"));
    assert_int_equal(state_now(), AK_VM_RUNNING);
}

static void hanging_libvirtd_is_an_error_in_bounded_time(void **state)
{
    enum ak_vm_state s = AK_VM_ABSENT;
    int64_t start = ak_monotonic_us();
    int rc = 0;

    (void)state;
    as_root("kill -STOP $(cat " LIBVIRT_PID ")");
    rc = hv->ops->state(hv, id, &s, &err);
    assert_true(rc == -AK_ENGINE_UNAVAILABLE || rc == -AK_ENGINE_TIMEOUT);
    rc = hv->ops->state(hv, id, &s, &err);
    assert_true(rc == -AK_ENGINE_UNAVAILABLE || rc == -AK_ENGINE_TIMEOUT);
    assert_true(ak_monotonic_us() - start < 25 * AK_SEC);
    as_root("kill -CONT $(cat " LIBVIRT_PID ")");
    for (int64_t end = ak_monotonic_us() + 30 * AK_SEC; rc != 0 && ak_monotonic_us() < end;) {
        rc = hv->ops->state(hv, id, &s, &err);
        pause_ms(100);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(s, AK_VM_RUNNING);
}

static void killed_guest_is_seen_as_crashed(void **state)
{
    AK_AUTO_STR kill_it = ak_xasprintf("kill -9 $(cat /run/libvirt/qemu/akashi-%s.pid)", id);

    (void)state;
    as_root(kill_it);
    wait_event(AK_VM_CRASHED, 1);
    assert_int_equal(state_now(), AK_VM_CRASHED);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    assert_int_equal(state_now(), AK_VM_RUNNING);
}

static void full_disk_is_told_and_holds_no_half_file(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR noise = ak_xcalloc(1, 2 << 20);
    struct ak_pool *small = NULL;
    struct ak_pool_file *files = NULL;
    size_t n = 0;

    (void)state;
    as_root("mkdir -p /run/small && mount -t tmpfs -o size=1m,mode=0777 small /run/small");
    ak_random(noise, 2 << 20);
    assert_ok(ak_file_write("/tmp/akashi-noise.raw", noise, 2 << 20, 0600, &err), &err);
    assert_ok(ak_qcow2_pool_open("/run/small", &small, &err), &err);
    assert_fails(small->ops->base_import(small, image_id, "/tmp/akashi-noise.raw", "raw", &err),
                 AK_NO_SPACE);
    assert_fails(small->ops->file_write(small, "x.iso", noise, 2 << 20, &err), AK_NO_SPACE);
    assert_ok(small->ops->list(small, arena, &files, &n, &err), &err);
    assert_int_equal(n, 0);
    assert_ok(small->ops->file_write(small, "x.iso", noise, 1 << 19, &err), &err);
    small->ops->free(small);
    assert_int_equal(unlink("/tmp/akashi-noise.raw"), 0);
    as_root("umount /run/small");
}

static void foreign_domains_are_left_alone(void **state)
{
    static const char xml[] = "<domain type='qemu'><name>foreign</name><uuid>" FOREIGN_ID
                              "</uuid><memory unit='MiB'>32</memory><os><type>hvm</type></os>"
                              "</domain>";
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_hypervisor *other = open_hypervisor("another-installation");
    struct ak_vm_spec spec = {.uuid = FOREIGN_ID, .name = "x", .ram_mib = 32, .vcpus = 1};
    struct ak_vm_info *vms = NULL;
    size_t n = 0;

    (void)state;
    assert_ok(ak_file_write("/tmp/akashi-foreign.xml", xml, sizeof(xml) - 1, 0644, &err), &err);
    as_root("virsh -q define /tmp/akashi-foreign.xml");
    assert_int_equal(unlink("/tmp/akashi-foreign.xml"), 0);
    assert_fails(hv->ops->undefine(hv, FOREIGN_ID, &err), AK_ENGINE);
    assert_fails(hv->ops->start(hv, FOREIGN_ID, &err), AK_ENGINE);
    assert_fails(hv->ops->define(hv, &spec, &err), AK_ENGINE);
    assert_fails(other->ops->undefine(other, id, &err), AK_ENGINE);
    assert_fails(other->ops->stop(other, id, 0, &err), AK_ENGINE);
    assert_ok(other->ops->list(other, arena, &vms, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        print_message("# %s %d\n", vms[i].uuid, (int)vms[i].state);
        assert_false(vms[i].ours);
    }
    assert_int_equal(n, 2);
    other->ops->free(other);
    assert_int_equal(state_now(), AK_VM_RUNNING);
    as_root("virsh -q undefine foreign");
}

static void undefine_leaves_nothing_behind(void **state)
{
    AK_AUTO_STR drive_name = ak_xasprintf("%s.iso", id);

    (void)state;
    assert_ok(hv->ops->undefine(hv, id, &err), &err);
    assert_ok(hv->ops->undefine(hv, id, &err), &err);
    assert_int_equal(state_now(), AK_VM_ABSENT);
    assert_int_equal(access(console, F_OK), -1);
    assert_int_equal(access(display, F_OK), -1);
    assert_ok(pool->ops->volume_remove(pool, id, &err), &err);
    assert_ok(pool->ops->file_remove(pool, drive_name, &err), &err);
    assert_ok(pool->ops->base_remove(pool, image_id, &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_describes_itself_and_keeps_the_kvm_finding),
        cmocka_unit_test(server_is_defined_and_boots),
        cmocka_unit_test(display_greets_the_unprivileged_user),
        cmocka_unit_test(inventory_and_counters_show_the_server),
        cmocka_unit_test(server_pauses_and_goes_on),
        cmocka_unit_test(reset_boots_again_in_the_same_process),
        cmocka_unit_test(stop_lets_the_guest_shut_down),
        cmocka_unit_test(reboot_ends_and_starts_the_guest),
        cmocka_unit_test(stop_pulls_the_plug_after_the_grace),
        cmocka_unit_test(killed_libvirtd_is_an_error_and_then_forgotten),
        cmocka_unit_test(hanging_libvirtd_is_an_error_in_bounded_time),
        cmocka_unit_test(killed_guest_is_seen_as_crashed),
        cmocka_unit_test(full_disk_is_told_and_holds_no_half_file),
        cmocka_unit_test(foreign_domains_are_left_alone),
        cmocka_unit_test(undefine_leaves_nothing_behind),
    };

    return cmocka_run_group_tests_name("engine on libvirt", tests, set_up, tear_down);
}
