/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to libvirt: one event loop for the process, opening and opening again, the running
 * of one call on it, errors. libvirt's callbacks come from the event loop's thread: they copy and
 * return, and never call libvirt for anything that would wait. */
#include "engine/libvirt/libvirt_internal.h"

#include <errno.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <time.h>

#define KEEPALIVE_S     2
#define KEEPALIVE_COUNT 3
#define OPEN_WAIT_MS    5000 /* others wait so long for one who opens */
#define RETRY_WITHIN_US (2 * AK_SEC)

static void quiet(void *data, virErrorPtr error)
{
    (void)data;
    (void)error;
}

static void *event_loop(void *arg)
{
    (void)arg;
    for (;;) {
        if (virEventRunDefaultImpl() < 0) {
            struct timespec pause = {0, 100000000};

            ak_log(AK_ERR, "libvirt's event loop failed");
            (void)nanosleep(&pause, NULL);
        }
    }
    return NULL;
}

static void start_once(void)
{
    pthread_t thread;

    xmlInitParser();
    virSetErrorFunc(NULL, quiet);
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0 ||
        pthread_create(&thread, NULL, event_loop, NULL) != 0) {
        ak_log(AK_ERR, "libvirt's event loop could not be started");
        abort(); /* without it keep-alive would cut every connection */
    }
    (void)pthread_detach(thread);
}

void lv_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, start_once);
}

/* --- callbacks ------------------------------------------------------------------------------ */

static void unref_callback(void *data)
{
    lv_unref(data);
}

static void connection_closed(virConnectPtr conn, int reason, void *data)
{
    struct lv_hypervisor *hv = data;

    (void)reason;
    AK_LOCK(&hv->lock);
    if (hv->conn == conn) {
        hv->closed = true;
    }
}

/* Which state a lifecycle event tells; false when it tells none. */
static bool event_state(int event, int detail, enum ak_vm_state *ret_state)
{
    switch (event) {
    case VIR_DOMAIN_EVENT_STARTED:
    case VIR_DOMAIN_EVENT_RESUMED:
        *ret_state = AK_VM_RUNNING;
        return true;
    case VIR_DOMAIN_EVENT_SUSPENDED:
    case VIR_DOMAIN_EVENT_PMSUSPENDED:
        *ret_state = AK_VM_PAUSED;
        return true;
    case VIR_DOMAIN_EVENT_STOPPED:
        /* "failed" is what libvirt says of a QEMU that vanished. */
        *ret_state =
            detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED || detail == VIR_DOMAIN_EVENT_STOPPED_FAILED
                ? AK_VM_CRASHED
                : AK_VM_SHUTOFF;
        return true;
    case VIR_DOMAIN_EVENT_CRASHED:
        *ret_state = AK_VM_CRASHED;
        return true;
    case VIR_DOMAIN_EVENT_UNDEFINED:
        *ret_state = AK_VM_ABSENT;
        return true;
    default:
        return false;
    }
}

static int domain_changed(virConnectPtr conn, virDomainPtr dom, int event, int detail, void *data)
{
    struct lv_hypervisor *hv = data;
    enum ak_vm_state state = AK_VM_ABSENT;
    char uuid[VIR_UUID_STRING_BUFLEN];

    (void)conn;
    if (!ak_starts_with(virDomainGetName(dom), AK_DOMAIN_PREFIX) ||
        virDomainGetUUIDString(dom, uuid) < 0 || !event_state(event, detail, &state)) {
        return 0;
    }
    AK_LOCK(&hv->lock);
    hv->changes++;
    (void)pthread_cond_broadcast(&hv->changed);
    if (hv->events) {
        ak_vm_events_push(hv->events, uuid, state);
    }
    return 0;
}

/* --- opening -------------------------------------------------------------------------------- */

static virConnectPtr open_connection(struct lv_hypervisor *hv, int *ret_event_id)
{
    virConnectPtr conn = virConnectOpen(hv->options.uri);

    if (!conn) {
        return NULL;
    }
    (void)virConnectSetKeepAlive(conn, KEEPALIVE_S, KEEPALIVE_COUNT);
    atomic_fetch_add(&hv->refs, 2);
    if (virConnectRegisterCloseCallback(conn, connection_closed, hv, unref_callback) < 0) {
        lv_unref(hv);
    }
    *ret_event_id = virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                     VIR_DOMAIN_EVENT_CALLBACK(domain_changed), hv,
                                                     unref_callback);
    if (*ret_event_id < 0) {
        lv_unref(hv);
        (void)virConnectUnregisterCloseCallback(conn, connection_closed);
        (void)virConnectClose(conn);
        return NULL;
    }
    return conn;
}

void lv_disconnect(virConnectPtr conn, int event_id)
{
    if (conn) {
        (void)virConnectDomainEventDeregisterAny(conn, event_id);
        (void)virConnectUnregisterCloseCallback(conn, connection_closed);
        (void)virConnectClose(conn);
    }
}

static int unavailable(struct ak_error *err, const char *why)
{
    (void)ak_fail(err, AK_ENGINE_UNAVAILABLE, LV_NAME);
    ak_error_prefix(err, "%s", why);
    return -AK_ENGINE_UNAVAILABLE;
}

/* Waits for another thread that is opening; false when that takes too long. With the lock. */
static bool wait_opened(struct lv_hypervisor *hv)
{
    int64_t until = ak_monotonic_us() + OPEN_WAIT_MS * AK_MS;

    while (hv->opening) {
        if (!ak_cond_wait_until(&hv->opened, &hv->lock, until)) {
            return false;
        }
    }
    return true;
}

/* A live connection with a reference for the caller. */
static int acquire(struct lv_hypervisor *hv, virConnectPtr *ret_conn, struct ak_error *err)
{
    virConnectPtr dead = NULL, conn = NULL;
    char why[256] = "opening takes too long";
    int dead_id = -1, id = -1;
    bool waited = false;

    (void)pthread_mutex_lock(&hv->lock);
    waited = wait_opened(hv);
    if (waited && hv->conn && hv->closed) {
        dead = hv->conn;
        dead_id = hv->event_id;
        hv->conn = NULL;
    }
    if (waited && !hv->conn) {
        const virError *e = NULL;

        hv->opening = true;
        (void)pthread_mutex_unlock(&hv->lock);
        lv_disconnect(dead, dead_id);
        conn = open_connection(hv, &id);
        e = conn ? NULL : virGetLastError();
        ak_str_copy(why, sizeof(why), e && e->message ? e->message : "cannot open");
        (void)pthread_mutex_lock(&hv->lock);
        hv->conn = conn;
        hv->event_id = id;
        hv->closed = false;
        hv->opening = false;
        (void)pthread_cond_broadcast(&hv->opened);
    }
    conn = waited ? hv->conn : NULL;
    if (conn) {
        (void)virConnectRef(conn);
    }
    (void)pthread_mutex_unlock(&hv->lock);
    *ret_conn = conn;
    return conn ? 0 : unavailable(err, why);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void mark_dead(struct lv_hypervisor *hv, virConnectPtr conn)
{
    AK_LOCK(&hv->lock);
    if (hv->conn == conn) {
        hv->closed = true;
    }
}

int lv_fail(struct lv_hypervisor *hv, virConnectPtr conn, const char *uuid, const char *what,
            struct ak_error *err)
{
    const virError *e = virGetLastError();
    int code = e ? e->code : VIR_ERR_OK, domain = e ? e->domain : 0;
    char message[384]; /* a copy: the next call of libvirt overwrites it */

    ak_str_copy(message, sizeof(message), e && e->message ? e->message : "no reason given");
    if (code == VIR_ERR_NO_DOMAIN) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, LV_NAME, uuid);
    }
    if (code == VIR_ERR_OPERATION_TIMEOUT) {
        (void)ak_fail(err, AK_ENGINE_TIMEOUT, LV_NAME);
        ak_error_prefix(err, "%s %s: %s", what, uuid, message);
        return -AK_ENGINE_TIMEOUT;
    }
    if (code == VIR_ERR_NO_CONNECT || code == VIR_ERR_INVALID_CONN || code == VIR_ERR_RPC ||
        domain == VIR_FROM_RPC || virConnectIsAlive(conn) != 1) {
        mark_dead(hv, conn);
        return unavailable(err, message);
    }
    if (strstr(message, "No space left on device")) {
        return ak_fail_detail(err, AK_NO_SPACE, "%s %s: %s", what, uuid, message);
    }
    (void)ak_fail(err, AK_ENGINE, LV_NAME);
    ak_error_prefix(err, "%s %s: %s (libvirt %d)", what, uuid, message, code);
    return -AK_ENGINE;
}

static int run_body(struct ak_call *base, struct ak_error *err)
{
    struct lv_call *call = (struct lv_call *)base;
    int64_t start = ak_monotonic_us();
    int rc = 0;

    for (int attempt = 0; attempt < 2; attempt++) {
        virConnectPtr conn = NULL;

        rc = acquire(call->hv, &conn, err);
        if (rc != 0) {
            return rc;
        }
        virResetLastError();
        rc = call->body(call, conn, err);
        (void)virConnectClose(conn);
        if (rc != -AK_ENGINE_UNAVAILABLE || ak_monotonic_us() - start > RETRY_WITHIN_US) {
            return rc;
        }
    }
    return rc;
}

static void free_call(struct ak_call *base)
{
    struct lv_call *call = (struct lv_call *)base;

    free(call->xml);
    free(call->vms);
    free(call->rows);
    lv_unref(call->hv);
    free(call);
}

struct lv_call *lv_call_new(struct lv_hypervisor *hv, lv_body *body, const char *uuid)
{
    struct lv_call *call = ak_new(struct lv_call);

    call->base.run = run_body;
    call->base.free = free_call;
    call->body = body;
    call->hv = hv;
    atomic_fetch_add(&hv->refs, 1);
    ak_str_copy(call->uuid, sizeof(call->uuid), uuid ? uuid : "");
    return call;
}

int lv_call_run(struct lv_call *call, struct ak_error *err)
{
    struct lv_hypervisor *hv = call->hv;

    return ak_calls_run(hv->calls, &call->base, hv->options.call_timeout_ms, err);
}

int lv_call_simple(struct lv_hypervisor *hv, lv_body *body, const char *uuid, struct ak_error *err)
{
    struct lv_call *call = lv_call_new(hv, body, uuid);
    int rc = lv_call_run(call, err);

    ak_call_done(hv->calls, &call->base);
    return rc;
}
