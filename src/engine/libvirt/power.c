/* SPDX-License-Identifier: Apache-2.0 */
/* Power of the hypervisor on libvirt: start, stop by the power button and then by force, reset,
 * suspend. Each may be repeated, and loses no race against another caller of libvirt. */
#include "engine/libvirt/libvirt_internal.h"

#include <errno.h>
#include <time.h>

#define PRESS_EVERY_US (5 * AK_SEC) /* the power button, while a guest shuts down */
#define POLL_MS        500          /* state is asked so often where no event came */

/* --- power ---------------------------------------------------------------------------------- */

/* Finds the domain and does 'act' on it when its being active equals 'when'. */
static int act_when(struct lv_call *call, virConnectPtr conn, bool when,
                    int (*act)(virDomainPtr dom), const char *what, struct ak_error *err)
{
    virDomainPtr dom = NULL;
    int rc = lv_find(call, conn, &dom, NULL, err), active = 0;

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

int lv_start_vm(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return lv_call_simple(lv_self(hv), do_start, uuid, err);
}

int lv_reset(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return lv_call_simple(lv_self(hv), do_reset, uuid, err);
}

/* Waits for a domain event after 'seen', at most 'ms'. */
static void wait_change(struct lv_hypervisor *hv, uint64_t seen, int64_t ms)
{
    int64_t until = ak_monotonic_us() + ms * AK_MS;
    AK_LOCK(&hv->lock);

    while (hv->changes == seen && ak_cond_wait_until(&hv->changed, &hv->lock, until)) {
    }
}

static uint64_t changes_now(struct lv_hypervisor *hv)
{
    AK_LOCK(&hv->lock);
    return hv->changes;
}

int lv_stop(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms, struct ak_error *err)
{
    int64_t now = ak_monotonic_us(), end = now + grace_ms * AK_MS, press_at = now;
    int rc = 0;

    while (now < end) {
        uint64_t seen = changes_now(lv_self(hv));
        enum ak_vm_state state = AK_VM_ABSENT;

        rc = lv_state(hv, uuid, &state, err);
        if (rc != 0 || state == AK_VM_SHUTOFF) {
            return rc;
        }
        if (state != AK_VM_RUNNING) {
            break; /* nobody there to hear the button; absent is told below */
        }
        if (now >= press_at) {
            rc = lv_call_simple(lv_self(hv), do_press, uuid, err);
            if (rc != 0) {
                return rc;
            }
            press_at = now + PRESS_EVERY_US;
        }
        wait_change(lv_self(hv), seen,
                    (end - now) / AK_MS < POLL_MS ? (end - now) / AK_MS : POLL_MS);
        now = ak_monotonic_us();
    }
    return lv_call_simple(lv_self(hv), do_destroy, uuid, err);
}

int lv_reboot(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms, struct ak_error *err)
{
    int rc = lv_stop(hv, uuid, grace_ms, err);

    return rc == 0 ? lv_start_vm(hv, uuid, err) : rc;
}

/* Suspends (number 1) or resumes (0) when not so already. */
static int do_pause(struct lv_call *call, virConnectPtr conn, struct ak_error *err)
{
    enum ak_vm_state from = call->number ? AK_VM_RUNNING : AK_VM_PAUSED;
    virDomainPtr dom = NULL;
    int rc = lv_find(call, conn, &dom, NULL, err);

    if (rc != 0) {
        return rc;
    }
    rc = lv_state_read(call, conn, dom, err);
    if (rc == 0 && call->state == from &&
        (call->number ? virDomainSuspend(dom) : virDomainResume(dom)) < 0) {
        rc = lv_fail(call->hv, conn, call->uuid, call->number ? "suspending" : "resuming", err);
    }
    (void)virDomainFree(dom);
    return rc;
}

static int pause_vm(struct ak_hypervisor *hv, const char *uuid, bool pause, struct ak_error *err)
{
    struct lv_call *call = lv_call_new(lv_self(hv), do_pause, uuid);
    int rc = 0;

    call->number = pause;
    rc = lv_call_run(call, err);
    ak_call_done(lv_self(hv)->calls, &call->base);
    return rc;
}

int lv_suspend(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return pause_vm(hv, uuid, true, err);
}

int lv_resume(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return pause_vm(hv, uuid, false, err);
}
