/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_LIBVIRT_INTERNAL_H
#define AK_LIBVIRT_INTERNAL_H
/* Shared by the files of src/engine/libvirt: the hypervisor, its connection, one call. */
#include <libvirt/libvirt.h>
#include <stdatomic.h>

#include "engine/libvirt/calls.h"
#include "engine/libvirt/domain_xml.h"
#include "engine/vm_events.h"

#define LV_NAME "hypervisor" /* in errors */

/* Counted: the owner, each call under way and each registered callback hold it. */
struct lv_hypervisor {
    struct ak_hypervisor base;
    atomic_int refs;
    struct ak_libvirt_options options; /* strings owned */
    struct ak_calls *calls;

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t opened, changed;
    virConnectPtr conn; /* NULL = to be opened */
    int event_id;       /* of 'conn' */
    bool opening, closed;
    uint64_t changes; /* domain events seen, for waiters on 'changed' */
    struct ak_vm_events *events;
    bool virt_known, kvm;
    struct ak_vm_sample *stats; /* of all running domains at 'stats_at_us' (monotonic) */
    size_t n_stats;
    int64_t stats_at_us;

    pthread_mutex_t probing; /* held over the probe of kvm and the refresh of stats */
};
void lv_unref(struct lv_hypervisor *hv);
static inline struct lv_hypervisor *lv_self(struct ak_hypervisor *hv)
{
    return (struct lv_hypervisor *)hv;
}

/* One call: a body that runs on a thread of the pool with a live connection. */
struct lv_call;
typedef int lv_body(struct lv_call *call, virConnectPtr conn, struct ak_error *err);
struct lv_call {
    struct ak_call base;
    struct lv_hypervisor *hv;
    lv_body *body;
    /* Arguments */
    char uuid[AK_UUID_TEXT];
    char *xml;
    int64_t number;
    /* Results */
    enum ak_vm_state state;
    const char *reason; /* static slug, see hypervisor.h: why */
    struct ak_host_info host;
    struct ak_vm_info *vms; /* malloc */
    struct ak_vm_sample *rows;
    size_t n;
};
/* A call with one reference; the caller ends it with ak_call_done(hv->calls, &call->base). */
struct lv_call *lv_call_new(struct lv_hypervisor *hv, lv_body *body, const char *uuid);
/* Runs it: AK_ENGINE_UNAVAILABLE, AK_ENGINE_TIMEOUT or what the body returned. When the connection
 * died under the body, once more on a new one: bodies are idempotent. */
int lv_call_run(struct lv_call *call, struct ak_error *err);
/* lv_call_new(), _run() and done for bodies without results. */
int lv_call_simple(struct lv_hypervisor *hv, lv_body *body, const char *uuid, struct ak_error *err);

/* Fails with what libvirt said last on this thread. */
int lv_fail(struct lv_hypervisor *hv, virConnectPtr conn, const char *uuid, const char *what,
            struct ak_error *err);

/* Takes our callbacks off and gives the reference back; never with hv->lock held. */
void lv_disconnect(virConnectPtr conn, int event_id);

/* Starts libvirt's event loop, once a process. */
void lv_start(void);

/* Whether guests run under KVM: by setting, by an earlier finding, or by booting one (seconds).
 * AK_ENGINE_UNAVAILABLE and the like: not known yet. */
int lv_kvm(struct lv_hypervisor *hv, bool *ret_kvm, struct ak_error *err);

/* For bodies. The domain of call->uuid when it is ours; the caller frees it. AK_ENGINE_NO_OBJECT
 * when there is none, AK_ENGINE when it is not ours. 'ret_mark' may be NULL. */
int lv_find(struct lv_call *call, virConnectPtr conn, virDomainPtr *ret_dom,
            struct ak_domain_mark *ret_mark, struct ak_error *err);
bool lv_mark_of(virDomainPtr dom, struct ak_domain_mark *ret_mark); /* false: no mark of akashi */
enum ak_vm_state lv_state_from(int state, int reason);
/* Puts the state into call->state. */
int lv_state_read(struct lv_call *call, virConnectPtr conn, virDomainPtr dom, struct ak_error *err);

/* The operations of hypervisor.h that lie outside libvirt.c: power.c, inventory.c. */
int lv_state(struct ak_hypervisor *hv, const char *uuid, enum ak_vm_state *ret_state,
             struct ak_error *err);
int lv_start_vm(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
int lv_stop(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms, struct ak_error *err);
int lv_reset(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
int lv_reboot(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms, struct ak_error *err);
int lv_suspend(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
int lv_resume(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err);
int lv_list(struct ak_hypervisor *hv, struct ak_arena *arena, struct ak_vm_info **ret_vms,
            size_t *ret_n, struct ak_error *err);
int lv_host_info(struct ak_hypervisor *hv, struct ak_host_info *ret_info, struct ak_error *err);
int lv_stats(struct ak_hypervisor *hv, const char *uuid, struct ak_vm_stats *ret_stats,
             struct ak_error *err);
int lv_stats_all(struct ak_hypervisor *hv, struct ak_arena *arena,
                 struct ak_vm_sample **ret_samples, size_t *ret_n, struct ak_error *err);

/* Makes the file of a console log for libvirtd to append to. AK_IO, AK_NO_SPACE. */
int lv_console_make(const char *path, struct ak_error *err);

#endif
