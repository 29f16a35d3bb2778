/* SPDX-License-Identifier: Apache-2.0 */
/* Whether guests run under KVM. /dev/kvm may open and libvirt report KVM while no guest boots
 * (nested hosts), so one is booted: a transient domain that prints to a file and is destroyed as
 * soon as its kernel has spoken. The finding is kept in a file, valid for this boot of the host and
 * this libvirt.
 */
#include "engine/libvirt/libvirt_internal.h"

#include <glob.h>
#include <libvirt/virterror.h>
#include <time.h>
#include <unistd.h>

#define PROBE_US    (8 * AK_SEC)
#define PROBE_RAM   128
#define LOG_MAX     ((size_t)1 << 20)
#define XML_MAX     ((size_t)64 << 10)
#define KERNELS     "/boot/vmlinuz-*"
#define KERNEL_ARGS "console=ttyS0 panic=-1"

/* What a kernel says once it runs with paging on; a disk's boot loader alone proves little. */
static const char *const signs[] = {"Linux version", "akashi-tiny:", "Kernel panic", "login:"};

/* Serves as key of the kept finding. */
static int do_version(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    unsigned long version = 0;

    if (virConnectGetVersion(conn, &version) < 0) {
        return lv_fail(call->hv, conn, "host", "describing", err);
    }
    call->number = (int64_t)version;
    return 0;
}

/* Number 1: libvirt would start domains of type kvm. */
static int do_offered(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    char *caps = virConnectGetDomainCapabilities(conn, NULL, "x86_64", NULL, "kvm", 0);

    if (!caps && virConnectIsAlive(conn) != 1) {
        return lv_fail(call->hv, conn, "host", "describing", err);
    }
    call->number = caps != NULL;
    free(caps);
    return 0;
}

static int do_create(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = virDomainCreateXML(conn, call->xml, VIR_DOMAIN_START_AUTODESTROY);

    if (!dom) {
        return lv_fail(call->hv, conn, call->uuid, "booting under kvm", err);
    }
    (void)virDomainFree(dom);
    return 0;
}

/* Number 1: still there. */
static int do_alive(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = virDomainLookupByUUIDString(conn, call->uuid);

    (void)err;
    call->number = dom != NULL;
    if (dom) {
        (void)virDomainFree(dom);
    }
    return 0;
}

static int do_remove(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = virDomainLookupByUUIDString(conn, call->uuid);

    (void)err;
    if (dom) {
        (void)virDomainDestroyFlags(dom, 0);
        (void)virDomainFree(dom);
    }
    return 0;
}

static int ask(struct lv_hypervisor *hv, lv_body *body, const char *uuid, int64_t *ret_number,
               struct ak_error *err)
{
    struct lv_call *call = lv_call_new(hv, body, uuid);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        *ret_number = call->number;
    }
    ak_call_done(hv->calls, &call->base);
    return rc;
}

/* The last of the host's kernels that can be read; the caller frees; NULL when there is none. */
static char *host_kernel(void)
{
    glob_t found;
    char *kernel = NULL;

    if (glob(KERNELS, 0, NULL, &found) == 0) {
        for (size_t i = found.gl_pathc; i > 0 && !kernel; i--) {
            if (access(found.gl_pathv[i - 1], R_OK) == 0) {
                kernel = ak_xstrdup(found.gl_pathv[i - 1]);
            }
        }
        globfree(&found);
    }
    return kernel;
}

static bool has_spoken(const char *log)
{
    AK_AUTO_STR text = NULL;
    size_t size = 0;

    if (ak_file_read(log, LOG_MAX, &text, &size, NULL) != 0) {
        return false;
    }
    for (size_t i = 0; i < AK_N(signs); i++) {
        if (memmem(text, size, signs[i], strlen(signs[i]))) {
            return true;
        }
    }
    return false;
}

/* Waits until the guest speaks, ends, or the time is over. */
static bool boots(struct lv_hypervisor *hv, const char *uuid, const char *log)
{
    const struct timespec pause = {0, 50000000};
    int64_t end = ak_monotonic_us() + PROBE_US, alive = 1;

    while (!has_spoken(log)) {
        if (ak_monotonic_us() > end || !alive || ask(hv, do_alive, uuid, &alive, NULL) != 0) {
            return has_spoken(log);
        }
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

/* The XML of the domain to try; NULL when there is nothing to boot. The caller frees. */
static char *probe_xml(struct lv_hypervisor *hv, const char *uuid, const char *log)
{
    const char *image = hv->options.probe_image;
    bool given = image[0] && access(image, R_OK) == 0, disk = ak_ends_with(image, ".qcow2");
    AK_AUTO_STR kernel = given ? ak_xstrdup(image) : host_kernel();
    struct ak_vm_disk vda = {.path = image, .format = "qcow2", .readonly = true, .target = "vda"};
    struct ak_vm_spec spec = {.uuid = uuid,
                              .name = "kvm probe",
                              .ram_mib = PROBE_RAM,
                              .vcpus = 1,
                              .console_log = log,
                              .disks = &vda,
                              .n_disks = given && disk};
    /* Not our installation's name: the inventory must not take it for an orphan. */
    struct ak_domain_host host = {.installation = "akashi-kvm-probe",
                                  .guest_user = hv->options.guest_user,
                                  .machine = hv->options.machine,
                                  .kvm = true,
                                  .kernel = given && disk ? NULL : kernel,
                                  .cmdline = KERNEL_ARGS};
    AK_AUTO_BUF xml;

    ak_buf_init(&xml, XML_MAX);
    if (!kernel) {
        return NULL;
    }
    ak_domain_xml(&xml, &host, &spec);
    return ak_buf_ok(&xml) ? ak_xstrdup(xml.data) : NULL;
}

/* Boots one. Fails only when libvirt does not answer; a guest that does not boot is a finding. */
static int try_kvm(struct lv_hypervisor *hv, bool *ret_kvm, struct ak_error *err)
{
    char uuid[AK_UUID_TEXT];
    AK_AUTO_STR log = NULL;
    struct lv_call *call = NULL;
    struct ak_error local = {0};
    int rc = 0;

    ak_uuid_new(uuid);
    log = ak_xasprintf("%s/kvm-probe-%s.log", hv->options.state_dir, uuid);
    call = lv_call_new(hv, do_create, uuid);
    call->xml = probe_xml(hv, uuid, log);
    if (!call->xml) {
        ak_log(AK_WARNING, "kvm: no kernel to try it with (setting libvirt_probe_image)");
        ak_call_done(hv->calls, &call->base);
        *ret_kvm = false;
        return 0;
    }
    rc = lv_console_make(log, &local);
    if (rc == 0) {
        rc = lv_call_run(call, &local);
    }
    ak_call_done(hv->calls, &call->base);
    *ret_kvm = rc == 0 && boots(hv, uuid, log);
    (void)lv_call_simple(hv, do_remove, uuid, NULL);
    (void)unlink(log);
    if (rc == -AK_ENGINE_UNAVAILABLE) { /* a hanging start is a finding, too */
        if (err) {
            *err = local;
        }
        return rc;
    }
    if (rc != 0) {
        ak_log(AK_INFO, "kvm: %s", local.detail);
    }
    return 0;
}

/* "<version> <boot id>", the key under which a finding holds; the caller frees. */
static char *finding_key(int64_t version)
{
    AK_AUTO_STR boot = NULL;

    if (ak_file_read("/proc/sys/kernel/random/boot_id", 64, &boot, NULL, NULL) != 0) {
        return ak_xasprintf("%lld -", (long long)version);
    }
    boot[strcspn(boot, "\n")] = '\0';
    return ak_xasprintf("%lld %s", (long long)version, boot);
}

static bool kept(const char *path, const char *key, bool *ret_kvm)
{
    AK_AUTO_STR text = NULL;
    AK_AUTO_STR kvm = ak_xasprintf("kvm %s\n", key);
    AK_AUTO_STR qemu = ak_xasprintf("qemu %s\n", key);

    if (ak_file_read(path, 256, &text, NULL, NULL) != 0) {
        return false;
    }
    *ret_kvm = ak_streq(text, kvm);
    return *ret_kvm || ak_streq(text, qemu);
}

static int find_out(struct lv_hypervisor *hv, bool *ret_kvm, struct ak_error *err)
{
    AK_AUTO_STR path = ak_xasprintf("%s/hypervisor-virt", hv->options.state_dir);
    AK_AUTO_STR key = NULL;
    AK_AUTO_STR line = NULL;
    struct ak_error local = {0};
    int64_t version = 0, offered = 0;
    int rc = ask(hv, do_version, NULL, &version, err);

    if (rc != 0) {
        return rc;
    }
    key = finding_key(version);
    if (kept(path, key, ret_kvm)) {
        return 0;
    }
    rc = ask(hv, do_offered, NULL, &offered, err);
    *ret_kvm = false;
    if (rc == 0 && offered) {
        rc = try_kvm(hv, ret_kvm, err);
    }
    if (rc != 0) {
        return rc;
    }
    if (*ret_kvm) {
        ak_log(AK_INFO, "guests run under kvm: one has booted");
    } else {
        ak_log(AK_WARNING, "guests are emulated, which is slow: %s",
               offered ? "none boots under kvm on this host" : "libvirt offers no kvm here");
    }
    line = ak_xasprintf("%s %s\n", *ret_kvm ? "kvm" : "qemu", key);
    if (ak_file_write(path, line, strlen(line), 0644, &local) != 0) {
        ak_log_error(&local, "keeping the finding about kvm");
    }
    return 0;
}

int lv_kvm(struct lv_hypervisor *hv, bool *ret_kvm, struct ak_error *err)
{
    bool known = false, kvm = false;
    int rc = 0;

    if (!ak_streq(hv->options.virt, "auto")) {
        *ret_kvm = ak_streq(hv->options.virt, "kvm");
        return 0;
    }
    (void)pthread_mutex_lock(&hv->lock);
    known = hv->virt_known;
    kvm = hv->kvm;
    (void)pthread_mutex_unlock(&hv->lock);
    if (!known) {
        AK_LOCK(&hv->probing);
        rc = find_out(hv, &kvm, err);
        if (rc != 0) {
            return rc;
        }
        (void)pthread_mutex_lock(&hv->lock);
        hv->virt_known = true;
        hv->kvm = kvm;
        (void)pthread_mutex_unlock(&hv->lock);
    }
    *ret_kvm = kvm;
    return 0;
}
