/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor on libvirt: each operation is a body (do_*) that runs with a live connection on a
 * thread of the call pool (connection.c), and a thin caller. Bodies are idempotent and touch only
 * domains that bear our installation's mark. */
#include "engine/libvirt/libvirt_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PRESS_EVERY_US (5 * AK_SEC) /* the power button, while a guest shuts down */
#define POLL_MS        500          /* state is asked so often where no event came */
#define XML_MAX        ((size_t)256 << 10)
#define STATS_FRESH_US (5 * AK_SEC)

static struct lv_hypervisor *self(struct ak_hypervisor *hv)
{
    return (struct lv_hypervisor *)hv;
}

/* --- domains -------------------------------------------------------------------------------- */

static bool mark_of(virDomainPtr dom, struct ak_domain_mark *ret_mark)
{
    char *xml = NULL;
    bool found = false;

    if (!ak_starts_with(virDomainGetName(dom), AK_DOMAIN_PREFIX)) {
        return false;
    }
    xml = virDomainGetMetadata(dom, VIR_DOMAIN_METADATA_ELEMENT, AK_DOMAIN_XMLNS, 0);
    found = xml && ak_domain_mark_read(xml, ret_mark);
    free(xml);
    return found;
}

/* Our domain; the caller frees it. AK_ENGINE_NO_OBJECT when there is none, AK_ENGINE when it is
 * not ours. 'ret_mark' may be NULL. */
static int find(struct lv_call *call, virConnectPtr conn, virDomainPtr *ret_dom,
                struct ak_domain_mark *ret_mark, struct ak_error *err)
{
    struct ak_domain_mark mark;
    virDomainPtr dom = virDomainLookupByUUIDString(conn, call->uuid);

    if (!dom) {
        return lv_fail(call->hv, conn, call->uuid, "looking up", err);
    }
    if (!mark_of(dom, &mark) || !ak_streq(mark.installation, call->hv->options.installation)) {
        int rc =
            virConnectIsAlive(conn) == 1 ? 0 : lv_fail(call->hv, conn, call->uuid, "reading", err);

        (void)virDomainFree(dom);
        if (rc == 0) {
            (void)ak_fail(err, AK_ENGINE, LV_NAME);
            ak_error_prefix(err, "domain %s is not of this installation", call->uuid);
            rc = -AK_ENGINE;
        }
        return rc;
    }
    if (ret_mark) {
        *ret_mark = mark;
    }
    *ret_dom = dom;
    return 0;
}

static enum ak_vm_state state_from(int state, int reason)
{
    switch (state) {
    case VIR_DOMAIN_SHUTOFF:
        return reason == VIR_DOMAIN_SHUTOFF_CRASHED ? AK_VM_CRASHED : AK_VM_SHUTOFF;
    case VIR_DOMAIN_CRASHED:
        return AK_VM_CRASHED;
    case VIR_DOMAIN_PAUSED:
        return reason == VIR_DOMAIN_PAUSED_CRASHED       ? AK_VM_CRASHED
               : reason == VIR_DOMAIN_PAUSED_STARTING_UP ? AK_VM_RUNNING
                                                         : AK_VM_PAUSED;
    case VIR_DOMAIN_PMSUSPENDED:
        return AK_VM_PAUSED;
    default: /* running, blocked, shutting down, no state: QEMU is there */
        return AK_VM_RUNNING;
    }
}

static int read_state(struct lv_call *call, virConnectPtr conn, virDomainPtr dom,
                      struct ak_error *err)
{
    int state = 0, reason = 0;

    if (virDomainGetState(dom, &state, &reason, 0) < 0) {
        return lv_fail(call->hv, conn, call->uuid, "reading the state of", err);
    }
    call->state = state_from(state, reason);
    return 0;
}

static int do_state(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = NULL;
    int rc = find(call, conn, &dom, NULL, err);

    if (rc == -AK_ENGINE_NO_OBJECT) {
        call->state = AK_VM_ABSENT;
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) {
        rc = read_state(call, conn, dom, err);
        (void)virDomainFree(dom);
    }
    return rc;
}

static int lv_state(struct ak_hypervisor *hv, const char *uuid, enum ak_vm_state *ret_state,
                    struct ak_error *err)
{
    struct lv_call *call = lv_call_new(self(hv), do_state, uuid);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        *ret_state = call->state;
    }
    ak_call_done(self(hv)->calls, &call->base);
    return rc;
}

/* --- definition ----------------------------------------------------------------------------- */

int lv_console_make(const char *path, struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 && errno == EEXIST) {
        return 0;
    }
    /* libvirtd makes root its owner but keeps the mode, by which we still read it. */
    if (fd < 0 || fchmod(fd, 0666) != 0) {
        return ak_fail_errno(err, errno, "make console log %s", path);
    }
    return 0;
}

static int do_define(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = NULL;
    int rc = find(call, conn, &dom, NULL, err);

    if (rc != 0 && rc != -AK_ENGINE_NO_OBJECT) {
        return rc;
    }
    if (dom) {
        (void)virDomainFree(dom);
    }
    ak_error_clear(err);
    dom = virDomainDefineXMLFlags(conn, call->xml, 0);
    if (!dom) {
        return lv_fail(call->hv, conn, call->uuid, "defining", err);
    }
    (void)virDomainFree(dom);
    return 0;
}

static int lv_define(struct ak_hypervisor *hv, const struct ak_vm_spec *spec, struct ak_error *err)
{
    const struct ak_libvirt_options *o = &self(hv)->options;
    struct ak_domain_host host = {
        .installation = o->installation,
        .guest_user = o->guest_user,
        .machine = o->machine,
        .no_offload = ak_streq(o->offload, "no") || (ak_streq(o->offload, "auto") &&
                                                     access("/sys/module/openvswitch", F_OK) != 0),
    };
    struct lv_call *call = NULL;
    AK_AUTO_BUF xml;
    int rc = lv_kvm(self(hv), &host.kvm, err);

    ak_buf_init(&xml, XML_MAX);
    if (rc == 0 && spec->console_log) {
        rc = lv_console_make(spec->console_log, err);
    }
    if (rc != 0) {
        return rc;
    }
    ak_domain_xml(&xml, &host, spec);
    if (!ak_buf_ok(&xml)) {
        return ak_fail_detail(err, AK_ENGINE, "the definition of %s is too long", spec->uuid);
    }
    call = lv_call_new(self(hv), do_define, spec->uuid);
    call->xml = ak_buf_steal(&xml, NULL);
    ak_buf_init(&xml, 0);
    rc = lv_call_run(call, err);
    ak_call_done(self(hv)->calls, &call->base);
    return rc;
}

static void remove_file(const char *path)
{
    if (path[0] == '/' && unlink(path) != 0 && errno != ENOENT) {
        ak_log(AK_WARNING, "cannot remove %s: errno %d", path, errno);
    }
}

static int do_undefine(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    const unsigned flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_NVRAM |
                           VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                           VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
    struct ak_domain_mark mark;
    virDomainPtr dom = NULL;
    int rc = find(call, conn, &dom, &mark, err);

    if (rc != 0) {
        if (rc == -AK_ENGINE_NO_OBJECT) {
            ak_error_clear(err);
            rc = 0;
        }
        return rc;
    }
    if (virDomainIsActive(dom) == 1 && virDomainDestroyFlags(dom, 0) < 0 &&
        virDomainIsActive(dom) == 1) {
        rc = lv_fail(call->hv, conn, call->uuid, "destroying", err);
    }
    if (rc == 0) {
        remove_file(mark.console_log);
        remove_file(mark.display_socket);
        if (virDomainUndefineFlags(dom, flags) < 0 && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
            rc = lv_fail(call->hv, conn, call->uuid, "undefining", err);
        }
    }
    (void)virDomainFree(dom);
    return rc;
}

static int lv_undefine(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return lv_call_simple(self(hv), do_undefine, uuid, err);
}

/* --- power ---------------------------------------------------------------------------------- */

/* Finds the domain and does 'act' on it when its being active equals 'when'. */
static int act_when(struct lv_call *call, virConnectPtr conn, bool when,
                    int (*act)(virDomainPtr dom), const char *what, struct ak_error *err)
{
    virDomainPtr dom = NULL;
    int rc = find(call, conn, &dom, NULL, err), active = 0;

    if (rc != 0) {
        return rc;
    }
    active = virDomainIsActive(dom);
    if (active < 0) {
        rc = lv_fail(call->hv, conn, call->uuid, "asking about", err);
    } else if ((active == 1) == when && act(dom) < 0) {
        rc = lv_fail(call->hv, conn, call->uuid, what, err);
        if (rc == -AK_ENGINE && virDomainIsActive(dom) == !when) { /* somebody was faster */
            ak_error_clear(err);
            rc = 0;
        }
    }
    (void)virDomainFree(dom);
    return rc;
}

static int act_create(virDomainPtr dom)
{
    return virDomainCreateWithFlags(dom, 0);
}

static int act_destroy(virDomainPtr dom)
{
    return virDomainDestroyFlags(dom, 0);
}

static int act_press(virDomainPtr dom)
{
    return virDomainShutdownFlags(dom, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
}

static int act_reset(virDomainPtr dom)
{
    return virDomainReset(dom, 0);
}

static int do_start(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    return act_when(call, conn, false, act_create, "starting", err);
}

static int do_destroy(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    return act_when(call, conn, true, act_destroy, "destroying", err);
}

static int do_press(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    return act_when(call, conn, true, act_press, "pressing the power button of", err);
}

static int do_reset(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    int rc = act_when(call, conn, true, act_reset, "resetting", err);

    return rc == 0 ? do_start(call, conn, err) : rc;
}

static int lv_start_vm(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return lv_call_simple(self(hv), do_start, uuid, err);
}

static int lv_reset(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return lv_call_simple(self(hv), do_reset, uuid, err);
}

/* Waits for a domain event after 'seen', at most 'ms'. */
static void wait_change(struct lv_hypervisor *hv, uint64_t seen, int64_t ms)
{
    int64_t at = ak_monotonic_us() + ms * AK_MS;
    struct timespec until = {at / AK_SEC, at % AK_SEC * 1000};
    AK_LOCK(&hv->lock);

    while (hv->changes == seen &&
           pthread_cond_timedwait(&hv->changed, &hv->lock, &until) != ETIMEDOUT) {
    }
}

static uint64_t changes_now(struct lv_hypervisor *hv)
{
    AK_LOCK(&hv->lock);
    return hv->changes;
}

static int lv_stop(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms,
                   struct ak_error *err)
{
    int64_t now = ak_monotonic_us(), end = now + grace_ms * AK_MS, press_at = now;
    int rc = 0;

    while (now < end) {
        uint64_t seen = changes_now(self(hv));
        enum ak_vm_state state = AK_VM_ABSENT;

        rc = lv_state(hv, uuid, &state, err);
        if (rc != 0 || state == AK_VM_SHUTOFF) {
            return rc;
        }
        if (state != AK_VM_RUNNING) {
            break; /* nobody there to hear the button; absent is told below */
        }
        if (now >= press_at) {
            rc = lv_call_simple(self(hv), do_press, uuid, err);
            if (rc != 0) {
                return rc;
            }
            press_at = now + PRESS_EVERY_US;
        }
        wait_change(self(hv), seen, (end - now) / AK_MS < POLL_MS ? (end - now) / AK_MS : POLL_MS);
        now = ak_monotonic_us();
    }
    return lv_call_simple(self(hv), do_destroy, uuid, err);
}

static int lv_reboot(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms,
                     struct ak_error *err)
{
    int rc = lv_stop(hv, uuid, grace_ms, err);

    return rc == 0 ? lv_start_vm(hv, uuid, err) : rc;
}

/* Suspends (number 1) or resumes (0) when not so already. */
static int do_pause(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    enum ak_vm_state from = call->number ? AK_VM_RUNNING : AK_VM_PAUSED;
    virDomainPtr dom = NULL;
    int rc = find(call, conn, &dom, NULL, err);

    if (rc != 0) {
        return rc;
    }
    rc = read_state(call, conn, dom, err);
    if (rc == 0 && call->state == from &&
        (call->number ? virDomainSuspend(dom) : virDomainResume(dom)) < 0) {
        rc = lv_fail(call->hv, conn, call->uuid, call->number ? "suspending" : "resuming", err);
    }
    (void)virDomainFree(dom);
    return rc;
}

static int pause_vm(struct ak_hypervisor *hv, const char *uuid, bool pause, struct ak_error *err)
{
    struct lv_call *call = lv_call_new(self(hv), do_pause, uuid);
    int rc = 0;

    call->number = pause;
    rc = lv_call_run(call, err);
    ak_call_done(self(hv)->calls, &call->base);
    return rc;
}

static int lv_suspend(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return pause_vm(hv, uuid, true, err);
}

static int lv_resume(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return pause_vm(hv, uuid, false, err);
}

/* --- inventory ------------------------------------------------------------------------------ */

/* Fills one row; false when the domain has gone meanwhile. */
static bool describe(struct lv_hypervisor *hv, virDomainPtr dom, struct ak_vm_info *ret_vm)
{
    struct ak_domain_mark mark;
    virDomainInfo info;
    char uuid[VIR_UUID_STRING_BUFLEN];
    int state = 0, reason = 0;

    if (virDomainGetUUIDString(dom, uuid) < 0 || virDomainGetInfo(dom, &info) < 0 ||
        virDomainGetState(dom, &state, &reason, 0) < 0) {
        return false;
    }
    ak_str_copy(ret_vm->uuid, sizeof(ret_vm->uuid), uuid);
    ret_vm->state = state_from(state, reason);
    ret_vm->ram_mib = (int64_t)(info.maxMem / 1024);
    ret_vm->vcpus = info.nrVirtCpu;
    ret_vm->ours = mark_of(dom, &mark) && ak_streq(mark.installation, hv->options.installation);
    return true;
}

static int do_list(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr *doms = NULL;
    int n = virConnectListAllDomains(conn, &doms, 0);
    bool alive = true;

    if (n < 0) {
        return lv_fail(call->hv, conn, "domains", "listing", err);
    }
    free(call->vms);
    call->vms = ak_xcalloc((size_t)n + 1, sizeof(*call->vms));
    call->n = 0;
    for (int i = 0; i < n; i++) {
        call->n += describe(call->hv, doms[i], &call->vms[call->n]);
        (void)virDomainFree(doms[i]);
    }
    free(doms);
    alive = virConnectIsAlive(conn) == 1;
    return alive ? 0 : lv_fail(call->hv, conn, "domains", "listing", err);
}

static int lv_list(struct ak_hypervisor *hv, struct ak_arena *arena, struct ak_vm_info **ret_vms,
                   size_t *ret_n, struct ak_error *err)
{
    struct lv_call *call = lv_call_new(self(hv), do_list, NULL);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        struct ak_vm_info *vms = ak_arena_array(arena, struct ak_vm_info, call->n + 1);

        memcpy(vms, call->vms, call->n * sizeof(*vms));
        *ret_vms = vms;
        *ret_n = call->n;
    }
    ak_call_done(self(hv)->calls, &call->base);
    return rc;
}

/* --- host ----------------------------------------------------------------------------------- */

static int64_t memory_available_kib(virConnectPtr conn)
{
    virNodeMemoryStats rows[16];
    int n = AK_N(rows);
    int64_t sum = 0;

    if (virNodeGetMemoryStats(conn, VIR_NODE_MEMORY_STATS_ALL_CELLS, rows, &n, 0) < 0) {
        return (int64_t)(virNodeGetFreeMemory(conn) / 1024);
    }
    for (int i = 0; i < n; i++) {
        if (ak_streq(rows[i].field, VIR_NODE_MEMORY_STATS_FREE) ||
            ak_streq(rows[i].field, VIR_NODE_MEMORY_STATS_BUFFERS) ||
            ak_streq(rows[i].field, VIR_NODE_MEMORY_STATS_CACHED)) {
            sum += (int64_t)rows[i].value;
        }
    }
    return sum;
}

static int do_host(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    struct ak_host_info *host = &call->host;
    unsigned long version = 0;
    virNodeInfo node;
    char *name = virConnectGetHostname(conn);
    char *caps = name ? virConnectGetCapabilities(conn) : NULL;
    int rc = 0;

    if (!caps || virNodeGetInfo(conn, &node) < 0 || virConnectGetVersion(conn, &version) < 0) {
        rc = lv_fail(call->hv, conn, "host", "describing", err);
    } else {
        ak_str_copy(host->name, sizeof(host->name), name);
        ak_xml_text(caps, "capabilities/host/cpu/model", host->cpu_model, sizeof(host->cpu_model));
        ak_xml_text(caps, "capabilities/host/cpu/arch", host->arch, sizeof(host->arch));
        host->version = (int64_t)version;
        host->ram_mib = (int64_t)(node.memory / 1024);
        host->ram_free_mib = memory_available_kib(conn) / 1024;
        host->vcpus = (int)node.cpus;
    }
    free(name);
    free(caps);
    return rc;
}

static int lv_host_info(struct ak_hypervisor *hv, struct ak_host_info *ret_info,
                        struct ak_error *err)
{
    struct lv_call *call = NULL;
    bool kvm = false;
    int rc = lv_kvm(self(hv), &kvm, err);

    if (rc != 0) {
        return rc;
    }
    call = lv_call_new(self(hv), do_host, NULL);
    rc = lv_call_run(call, err);
    if (rc == 0) {
        *ret_info = call->host;
        ak_str_copy(ret_info->type, sizeof(ret_info->type), kvm ? "KVM" : "QEMU");
        ak_str_copy(ret_info->virt, sizeof(ret_info->virt), kvm ? "kvm" : "qemu");
    }
    ak_call_done(self(hv)->calls, &call->base);
    return rc;
}

/* --- statistics ----------------------------------------------------------------------------- */

static int64_t counter(const virDomainStatsRecord *record, const char *name)
{
    unsigned long long value = 0;

    return virTypedParamsGetULLong(record->params, record->nparams, name, &value) == 1
               ? (int64_t)value
               : 0;
}

/* Sums "<group>.<i>.<field>" over the group's devices. */
static int64_t sum(const virDomainStatsRecord *record, const char *group, const char *field)
{
    char name[VIR_TYPED_PARAM_FIELD_LENGTH];
    unsigned n = 0;
    int64_t total = 0;

    (void)snprintf(name, sizeof(name), "%s.count", group);
    if (virTypedParamsGetUInt(record->params, record->nparams, name, &n) != 1) {
        return 0;
    }
    for (unsigned i = 0; i < n; i++) {
        (void)snprintf(name, sizeof(name), "%s.%u.%s", group, i, field);
        total += counter(record, name);
    }
    return total;
}

static struct ak_vm_stats stats_from(const virDomainStatsRecord *record)
{
    int64_t available = counter(record, "balloon.available");
    int64_t unused = counter(record, "balloon.unused");

    return (struct ak_vm_stats){
        .cpu_ns = counter(record, "cpu.time"),
        /* As the guest sees it, where its balloon driver tells; else what QEMU occupies. */
        .ram_used_kib =
            available > unused && unused > 0 ? available - unused : counter(record, "balloon.rss"),
        .net_rx_bytes = sum(record, "net", "rx.bytes"),
        .net_tx_bytes = sum(record, "net", "tx.bytes"),
        .disk_read_bytes = sum(record, "block", "rd.bytes"),
        .disk_write_bytes = sum(record, "block", "wr.bytes"),
    };
}

static int do_stats(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    const unsigned kinds = VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |
                           VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK;
    virDomainStatsRecordPtr *records = NULL;
    int n = virConnectGetAllDomainStats(conn, kinds, &records,
                                        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
                                            VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);

    if (n < 0) {
        return lv_fail(call->hv, conn, "statistics", "reading", err);
    }
    free(call->rows);
    call->rows = ak_xcalloc((size_t)n + 1, sizeof(*call->rows));
    call->n = (size_t)n;
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";

        (void)virDomainGetUUIDString(records[i]->dom, uuid);
        ak_str_copy(call->rows[i].uuid, sizeof(call->rows[i].uuid), uuid);
        call->rows[i].stats = stats_from(records[i]);
    }
    virDomainStatsRecordListFree(records);
    return 0;
}

/* Reads all domains' counters at once when the last reading is old. */
static int refresh_stats(struct lv_hypervisor *hv, struct ak_error *err)
{
    struct lv_call *call = NULL;
    bool fresh = false;
    int rc = 0;
    AK_LOCK(&hv->probing);

    (void)pthread_mutex_lock(&hv->lock);
    fresh = hv->stats && ak_monotonic_us() - hv->stats_at_us < STATS_FRESH_US;
    (void)pthread_mutex_unlock(&hv->lock);
    if (fresh) {
        return 0;
    }
    call = lv_call_new(hv, do_stats, NULL);
    rc = lv_call_run(call, err);
    if (rc == 0) {
        (void)pthread_mutex_lock(&hv->lock);
        free(hv->stats);
        hv->stats = AK_TAKE(call->rows);
        hv->n_stats = call->n;
        hv->stats_at_us = ak_monotonic_us();
        (void)pthread_mutex_unlock(&hv->lock);
    }
    ak_call_done(hv->calls, &call->base);
    return rc;
}

static int lv_stats(struct ak_hypervisor *hv, const char *uuid, struct ak_vm_stats *ret_stats,
                    struct ak_error *err)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    bool found = false;
    int rc = refresh_stats(self(hv), err);

    if (rc != 0) {
        return rc;
    }
    (void)pthread_mutex_lock(&self(hv)->lock);
    for (size_t i = 0; !found && i < self(hv)->n_stats; i++) {
        found = ak_streq(self(hv)->stats[i].uuid, uuid);
        if (found) {
            *ret_stats = self(hv)->stats[i].stats;
        }
    }
    (void)pthread_mutex_unlock(&self(hv)->lock);
    if (found) {
        return 0;
    }
    rc = lv_state(hv, uuid, &state, err);
    if (rc == 0 && state == AK_VM_ABSENT) {
        rc = ak_fail(err, AK_ENGINE_NO_OBJECT, LV_NAME, uuid);
    }
    if (rc == 0) { /* off, or started since the last reading */
        memset(ret_stats, 0, sizeof(*ret_stats));
    }
    return rc;
}

/* --- opening and closing -------------------------------------------------------------------- */

static void lv_watch(struct ak_hypervisor *hv,
                     void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                     void *data)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    char uuid[AK_UUID_TEXT];

    ak_vm_events_watch(self(hv)->events, changed, data);
    /* Events come only by an open connection: any call opens it. */
    ak_uuid_new(uuid);
    (void)lv_state(hv, uuid, &state, NULL);
}

void lv_unref(struct lv_hypervisor *hv)
{
    if (atomic_fetch_sub(&hv->refs, 1) != 1) {
        return;
    }
    free(hv->stats);
    (void)pthread_cond_destroy(&hv->opened);
    (void)pthread_cond_destroy(&hv->changed);
    (void)pthread_mutex_destroy(&hv->lock);
    (void)pthread_mutex_destroy(&hv->probing);
    free((char *)(uintptr_t)hv->options.uri);
    free((char *)(uintptr_t)hv->options.installation);
    free((char *)(uintptr_t)hv->options.guest_user);
    free((char *)(uintptr_t)hv->options.machine);
    free((char *)(uintptr_t)hv->options.offload);
    free((char *)(uintptr_t)hv->options.virt);
    free((char *)(uintptr_t)hv->options.probe_image);
    free((char *)(uintptr_t)hv->options.state_dir);
    free(hv);
}

/* On a thread of the pool, since a dead libvirtd may make even closing slow. */
static int do_close(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    struct lv_hypervisor *hv = call->hv;
    virConnectPtr own = NULL;
    int id = -1;

    (void)conn;
    (void)err;
    (void)pthread_mutex_lock(&hv->lock);
    own = AK_TAKE(hv->conn);
    id = hv->event_id;
    (void)pthread_mutex_unlock(&hv->lock);
    lv_disconnect(own, id);
    return 0;
}

static void lv_free(struct ak_hypervisor *base)
{
    struct lv_hypervisor *hv = self(base);
    struct ak_vm_events *events = NULL;

    if (!base) {
        return;
    }
    (void)pthread_mutex_lock(&hv->lock);
    events = AK_TAKE(hv->events);
    (void)pthread_mutex_unlock(&hv->lock);
    ak_vm_events_free(events);
    if (hv->conn) {
        (void)lv_call_simple(hv, do_close, NULL, NULL);
    }
    ak_calls_free(hv->calls);
    lv_unref(hv);
}

static const struct ak_hypervisor_ops ops = {
    .host_info = lv_host_info,
    .define = lv_define,
    .start = lv_start_vm,
    .stop = lv_stop,
    .reset = lv_reset,
    .reboot = lv_reboot,
    .suspend = lv_suspend,
    .resume = lv_resume,
    .undefine = lv_undefine,
    .state = lv_state,
    .list = lv_list,
    .stats = lv_stats,
    .watch = lv_watch,
    .free = lv_free,
};

int ak_libvirt_open(const struct ak_libvirt_options *options, struct ak_hypervisor **ret_hv,
                    struct ak_error *err)
{
    struct lv_hypervisor *hv = ak_new(struct lv_hypervisor);
    pthread_condattr_t attr;

    (void)err;
    lv_start();
    hv->base.ops = &ops;
    hv->options = (struct ak_libvirt_options){
        .uri = ak_xstrdup(options->uri),
        .installation = ak_xstrdup(options->installation),
        .guest_user = ak_xstrdup(options->guest_user ? options->guest_user : ""),
        .machine = ak_xstrdup(options->machine ? options->machine : "pc"),
        .virt = ak_xstrdup(options->virt ? options->virt : "auto"),
        .offload = ak_xstrdup(options->offload ? options->offload : "auto"),
        .probe_image = ak_xstrdup(options->probe_image ? options->probe_image : ""),
        .state_dir = ak_xstrdup(options->state_dir ? options->state_dir : "/var/lib/akashi"),
        .calls = options->calls,
        .call_timeout_ms = options->call_timeout_ms,
    };
    atomic_store(&hv->refs, 1);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&hv->opened, &attr);
    (void)pthread_cond_init(&hv->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    (void)pthread_mutex_init(&hv->lock, NULL);
    (void)pthread_mutex_init(&hv->probing, NULL);
    hv->calls = ak_calls_new(options->calls > 0 ? options->calls : 16, LV_NAME);
    hv->events = ak_vm_events_new();
    *ret_hv = &hv->base;
    return 0;
}
