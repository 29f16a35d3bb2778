/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor on libvirt reports: the inventory of domains, the host, and the guests'
 * counters, which are read for all domains at once and kept for a few seconds. */
#include "engine/libvirt/libvirt_internal.h"

#define STATS_FRESH_US (5 * AK_SEC)

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
    ret_vm->state = lv_state_from(state, reason);
    ret_vm->ram_mib = (int64_t)(info.maxMem / 1024);
    ret_vm->vcpus = info.nrVirtCpu;
    ret_vm->ours = lv_mark_of(dom, &mark) && ak_streq(mark.installation, hv->options.installation);
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

int lv_list(struct ak_hypervisor *hv, struct ak_arena *arena, struct ak_vm_info **ret_vms,
            size_t *ret_n, struct ak_error *err)
{
    struct lv_call *call = lv_call_new(lv_self(hv), do_list, NULL);
    int rc = lv_call_run(call, err);

    if (rc == 0) {
        struct ak_vm_info *vms = ak_arena_array(arena, struct ak_vm_info, call->n + 1);

        memcpy(vms, call->vms, call->n * sizeof(*vms));
        *ret_vms = vms;
        *ret_n = call->n;
    }
    ak_call_done(lv_self(hv)->calls, &call->base);
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

int lv_host_info(struct ak_hypervisor *hv, struct ak_host_info *ret_info, struct ak_error *err)
{
    struct lv_call *call = NULL;
    bool kvm = false;
    int rc = lv_kvm(lv_self(hv), &kvm, err);

    if (rc != 0) {
        return rc;
    }
    call = lv_call_new(lv_self(hv), do_host, NULL);
    rc = lv_call_run(call, err);
    if (rc == 0) {
        *ret_info = call->host;
        ak_str_copy(ret_info->type, sizeof(ret_info->type), kvm ? "KVM" : "QEMU");
        ak_str_copy(ret_info->virt, sizeof(ret_info->virt), kvm ? "kvm" : "qemu");
    }
    ak_call_done(lv_self(hv)->calls, &call->base);
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

int lv_stats(struct ak_hypervisor *hv, const char *uuid, struct ak_vm_stats *ret_stats,
             struct ak_error *err)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    bool found = false;
    int rc = refresh_stats(lv_self(hv), err);

    if (rc != 0) {
        return rc;
    }
    (void)pthread_mutex_lock(&lv_self(hv)->lock);
    for (size_t i = 0; !found && i < lv_self(hv)->n_stats; i++) {
        found = ak_streq(lv_self(hv)->stats[i].uuid, uuid);
        if (found) {
            *ret_stats = lv_self(hv)->stats[i].stats;
        }
    }
    (void)pthread_mutex_unlock(&lv_self(hv)->lock);
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

int lv_stats_all(struct ak_hypervisor *hv, struct ak_arena *arena,
                 struct ak_vm_sample **ret_samples, size_t *ret_n, struct ak_error *err)
{
    struct lv_hypervisor *lv = lv_self(hv);
    int rc = refresh_stats(lv, err);

    if (rc != 0) {
        return rc;
    }
    (void)pthread_mutex_lock(&lv->lock);
    *ret_n = lv->n_stats;
    *ret_samples = ak_arena_array(arena, struct ak_vm_sample, lv->n_stats + 1);
    memcpy(*ret_samples, lv->stats, lv->n_stats * sizeof(**ret_samples));
    (void)pthread_mutex_unlock(&lv->lock);
    return 0;
}
