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

#define XML_MAX ((size_t)256 << 10)

/* --- domains -------------------------------------------------------------------------------- */

bool lv_mark_of(virDomainPtr dom, struct ak_domain_mark *ret_mark)
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

int lv_find(struct lv_call *call, virConnectPtr conn, virDomainPtr *ret_dom,
            struct ak_domain_mark *ret_mark, struct ak_error *err)
{
    struct ak_domain_mark mark;
    virDomainPtr dom = virDomainLookupByUUIDString(conn, call->uuid);

    if (!dom) {
        return lv_fail(call->hv, conn, call->uuid, "looking up", err);
    }
    if (!lv_mark_of(dom, &mark) || !ak_streq(mark.installation, call->hv->options.installation)) {
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

enum ak_vm_state lv_state_from(int state, int reason)
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

static const char *reason_of(int state, int reason)
{
    static const struct {
        int state, reason;
        const char *slug;
    } rows[] = {
        {VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SHUTDOWN, "shutdown"},
        {VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DESTROYED, "destroyed"},
        {VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_CRASHED, "crashed"},
        {VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_FAILED, "crashed"},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR, "io-error"},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_WATCHDOG, "watchdog"},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_CRASHED, "crashed"},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, "user"},
    };

    for (size_t i = 0; i < AK_N(rows); i++) {
        if (rows[i].state == state && rows[i].reason == reason) {
            return rows[i].slug;
        }
    }
    return state == VIR_DOMAIN_CRASHED ? "crashed" : "";
}

int lv_state_read(struct lv_call *call, virConnectPtr conn, virDomainPtr dom, struct ak_error *err)
{
    int state = 0, reason = 0;

    if (virDomainGetState(dom, &state, &reason, 0) < 0) {
        return lv_fail(call->hv, conn, call->uuid, "reading the state of", err);
    }
    call->state = lv_state_from(state, reason);
    call->reason = reason_of(state, reason);
    return 0;
}

static int do_state(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    virDomainPtr dom = NULL;
    int rc = lv_find(call, conn, &dom, NULL, err);

    if (rc == -AK_ENGINE_NO_OBJECT) {
        call->state = AK_VM_ABSENT;
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) {
        rc = lv_state_read(call, conn, dom, err);
        (void)virDomainFree(dom);
    }
    return rc;
}

int lv_state(struct ak_hypervisor *hv, const char *uuid, enum ak_vm_state *ret_state,
             struct ak_error *err)
{
    struct lv_call *call = lv_call_new(lv_self(hv), do_state, uuid);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        *ret_state = call->state;
    }
    ak_call_done(lv_self(hv)->calls, &call->base);
    return rc;
}

static int lv_why(struct ak_hypervisor *hv, const char *uuid, const char **ret_reason,
                  struct ak_error *err)
{
    struct lv_call *call = lv_call_new(lv_self(hv), do_state, uuid);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        *ret_reason = call->reason ? call->reason : "";
    }
    ak_call_done(lv_self(hv)->calls, &call->base);
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
    int rc = lv_find(call, conn, &dom, NULL, err);

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
    const struct ak_libvirt_options *o = &lv_self(hv)->options;
    struct ak_domain_host host = {
        .installation = o->installation,
        .guest_user = o->guest_user,
        .machine = o->machine,
        .no_offload = ak_streq(o->offload, "no") || (ak_streq(o->offload, "auto") &&
                                                     access("/sys/module/openvswitch", F_OK) != 0),
    };
    struct lv_call *call = NULL;
    AK_AUTO_BUF xml;
    int rc = lv_kvm(lv_self(hv), &host.kvm, err);

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
    call = lv_call_new(lv_self(hv), do_define, spec->uuid);
    call->xml = ak_buf_steal(&xml, NULL);
    ak_buf_init(&xml, 0);
    rc = lv_call_run(call, err);
    ak_call_done(lv_self(hv)->calls, &call->base);
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
    int rc = lv_find(call, conn, &dom, &mark, err);

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
    return lv_call_simple(lv_self(hv), do_undefine, uuid, err);
}

/* --- opening and closing -------------------------------------------------------------------- */

static void lv_watch(struct ak_hypervisor *hv,
                     void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                     void *data)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    char uuid[AK_UUID_TEXT];

    ak_vm_events_watch(lv_self(hv)->events, changed, data);
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
    struct lv_hypervisor *hv = lv_self(base);
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
    .why = lv_why,
    .list = lv_list,
    .stats = lv_stats,
    .stats_all = lv_stats_all,
    .watch = lv_watch,
    .free = lv_free,
};

int ak_libvirt_open(const struct ak_libvirt_options *options, struct ak_hypervisor **ret_hv,
                    struct ak_error *err)
{
    struct lv_hypervisor *hv = ak_new(struct lv_hypervisor);

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
    ak_cond_init(&hv->opened);
    ak_cond_init(&hv->changed);
    (void)pthread_mutex_init(&hv->lock, NULL);
    (void)pthread_mutex_init(&hv->probing, NULL);
    hv->calls = ak_calls_new(options->calls > 0 ? options->calls : 16, LV_NAME);
    hv->events = ak_vm_events_new();
    *ret_hv = &hv->base;
    return 0;
}
