/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor without guests: definitions and power states as records of a table (state.c).
 * Record: key = uuid, value = "<state letter> <ram_mib> <vcpus> <console log path>". Starting
 * writes two lines to the console log, as far as its folder exists, so that readers have something.
 */
#include "engine/simulated/simulated.h"

#include <fcntl.h>
#include <unistd.h>

#include "engine/vm_events.h"

#define NAME "hypervisor"

struct sim_hypervisor {
    struct ak_hypervisor base;
    struct ak_sim *sim;
    struct ak_vm_events *events;
};

static struct sim_hypervisor *self(struct ak_hypervisor *hv)
{
    return (struct sim_hypervisor *)hv;
}

static const char letters[] = {[AK_VM_ABSENT] = '-',
                               [AK_VM_SHUTOFF] = 'O',
                               [AK_VM_RUNNING] = 'R',
                               [AK_VM_PAUSED] = 'P',
                               [AK_VM_CRASHED] = 'C'};

static enum ak_vm_state state_of(const char *record)
{
    const char *p = record ? memchr(letters, record[0], sizeof(letters)) : NULL;

    return p ? (enum ak_vm_state)(p - letters) : AK_VM_ABSENT;
}

/* Moves a domain to 'to' when it is in one of 'from' (a string of letters); in others nothing. */
static int move(struct ak_hypervisor *hv, const char *uuid, const char *from, enum ak_vm_state to,
                bool need, struct ak_error *err)
{
    struct ak_sim *sim = self(hv)->sim;
    const char *record = NULL;
    AK_AUTO_STR changed = NULL;
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    record = ak_sim_get(sim, uuid);
    if (!record && need) {
        rc = ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, uuid);
        (void)ak_sim_end(sim, NULL);
        return rc;
    }
    if (record && strchr(from, record[0])) {
        if (to == AK_VM_ABSENT) {
            changed = ak_xstrdup("");
            ak_sim_put(sim, uuid, NULL);
        } else {
            changed = ak_xasprintf("%c%s", letters[to], record + 1);
            ak_sim_put(sim, uuid, changed);
        }
    }
    rc = ak_sim_end(sim, err);
    if (rc == 0 && changed) {
        ak_vm_events_push(self(hv)->events, uuid, to);
    }
    return rc;
}

static int sim_host_info(struct ak_hypervisor *hv, struct ak_host_info *ret_info,
                         struct ak_error *err)
{
    int rc = ak_sim_begin(self(hv)->sim, err);

    if (rc != 0) {
        return rc;
    }
    memset(ret_info, 0, sizeof(*ret_info));
    if (gethostname(ret_info->name, sizeof(ret_info->name) - 1) != 0) {
        ak_str_copy(ret_info->name, sizeof(ret_info->name), "simulated");
    }
    ak_str_copy(ret_info->type, sizeof(ret_info->type), "QEMU");
    ak_str_copy(ret_info->cpu_model, sizeof(ret_info->cpu_model), "simulated");
    ak_str_copy(ret_info->arch, sizeof(ret_info->arch), "x86_64");
    ak_str_copy(ret_info->virt, sizeof(ret_info->virt), "qemu");
    ret_info->version = 7002000;
    ret_info->ram_mib = (int64_t)64 << 20;
    ret_info->ram_free_mib = ret_info->ram_mib;
    ret_info->vcpus = 1 << 20;
    return ak_sim_end(self(hv)->sim, err);
}

static int sim_define(struct ak_hypervisor *hv, const struct ak_vm_spec *spec, struct ak_error *err)
{
    struct ak_sim *sim = self(hv)->sim;
    AK_AUTO_STR record = NULL;
    const char *old = NULL;
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    old = ak_sim_get(sim, spec->uuid);
    record = ak_xasprintf("%c %lld %d %s", old ? old[0] : letters[AK_VM_SHUTOFF],
                          (long long)spec->ram_mib, spec->vcpus,
                          spec->console_log ? spec->console_log : "");
    ak_sim_put(sim, spec->uuid, record);
    return ak_sim_end(sim, err);
}

static void write_console(const char *record)
{
    static const char text[] = "simulated guest: no kernel was booted\r\nsimulated login: \r\n";
    const char *path = strchr(record, '/');
    AK_AUTO_FD fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;

    if (fd >= 0) {
        ssize_t n = write(fd, text, sizeof(text) - 1);

        (void)n;
    }
}

static int sim_start(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    AK_AUTO_STR copy = NULL;
    const char *record = NULL;
    int rc = ak_sim_begin(self(hv)->sim, err);

    if (rc != 0) {
        return rc;
    }
    record = ak_sim_get(self(hv)->sim, uuid);
    if (record) {
        copy = ak_xstrdup(record);
    }
    (void)ak_sim_end(self(hv)->sim, NULL);
    if (copy && strchr("OC", copy[0])) {
        write_console(copy);
    }
    return move(hv, uuid, "OC", AK_VM_RUNNING, true, err);
}

static int sim_stop(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms,
                    struct ak_error *err)
{
    (void)grace_ms;
    return move(hv, uuid, "RPC", AK_VM_SHUTOFF, true, err);
}

static int sim_reset(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return move(hv, uuid, "", AK_VM_RUNNING, true, err);
}

static int sim_reboot(struct ak_hypervisor *hv, const char *uuid, int64_t grace_ms,
                      struct ak_error *err)
{
    (void)grace_ms;
    return move(hv, uuid, "OC", AK_VM_RUNNING, true, err);
}

static int sim_suspend(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return move(hv, uuid, "R", AK_VM_PAUSED, true, err);
}

static int sim_resume(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return move(hv, uuid, "P", AK_VM_RUNNING, true, err);
}

static int sim_undefine(struct ak_hypervisor *hv, const char *uuid, struct ak_error *err)
{
    return move(hv, uuid, "ORPC", AK_VM_ABSENT, false, err);
}

static int sim_state(struct ak_hypervisor *hv, const char *uuid, enum ak_vm_state *ret_state,
                     struct ak_error *err)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    int rc = ak_sim_begin(self(hv)->sim, err);

    if (rc != 0) {
        return rc;
    }
    state = state_of(ak_sim_get(self(hv)->sim, uuid));
    rc = ak_sim_end(self(hv)->sim, err);
    if (rc == 0) {
        *ret_state = state;
    }
    return rc;
}

static int sim_why(struct ak_hypervisor *hv, const char *uuid, const char **ret_reason,
                   struct ak_error *err)
{
    static const char *const reasons[] = {
        [AK_VM_SHUTOFF] = "shutdown", [AK_VM_PAUSED] = "io-error", [AK_VM_CRASHED] = "crashed"};
    enum ak_vm_state state = AK_VM_ABSENT;
    int rc = sim_state(hv, uuid, &state, err);

    *ret_reason = reasons[state] ? reasons[state] : "";
    return rc;
}

static int sim_list(struct ak_hypervisor *hv, struct ak_arena *arena, struct ak_vm_info **ret_vms,
                    size_t *ret_n, struct ak_error *err)
{
    struct ak_sim *sim = self(hv)->sim;
    struct ak_vm_info *vms = NULL;
    size_t n = 0;
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    n = ak_sim_count(sim);
    vms = ak_arena_array(arena, struct ak_vm_info, n);
    for (size_t i = 0; i < n; i++) {
        const char *value = NULL;
        long long ram = 0;

        ak_str_copy(vms[i].uuid, sizeof(vms[i].uuid), ak_sim_at(sim, i, &value));
        vms[i].state = state_of(value);
        vms[i].ours = true;
        (void)sscanf(value + 1, " %lld %d", &ram, &vms[i].vcpus);
        vms[i].ram_mib = ram;
    }
    rc = ak_sim_end(sim, err);
    if (rc == 0) {
        *ret_vms = vms;
        *ret_n = n;
    }
    return rc;
}

/* Counters that grow steadily, faster or slower by the uuid: the same at the same time for
 * everybody who looks, so that tests can say what a rate must be. */
static struct ak_vm_stats stats_of(const char *uuid, const char *record)
{
    int64_t seconds = ak_now_us() / AK_SEC % (AK_DAY / AK_SEC * 3650);
    long long ram_mib = 0;
    int64_t n = 0;

    for (const char *p = uuid; *p; p++) {
        n = (n * 31 + *p) % 100;
    }
    (void)sscanf(record + 1, " %lld", &ram_mib);
    return (struct ak_vm_stats){
        .cpu_ns = seconds * (10 + n / 2) * 10000000, /* 10 % to 59 % of one processor */
        .ram_used_kib = ram_mib * 1024 * (20 + n / 2) / 100,
        .net_rx_bytes = seconds * (1000 + n * 10),
        .net_tx_bytes = seconds * (500 + n * 10),
        .disk_read_bytes = seconds * (4096 + n * 40),
        .disk_write_bytes = seconds * (2048 + n * 40),
    };
}

static bool runs(const char *record)
{
    return state_of(record) == AK_VM_RUNNING || state_of(record) == AK_VM_PAUSED;
}

static int sim_stats(struct ak_hypervisor *hv, const char *uuid, struct ak_vm_stats *ret_stats,
                     struct ak_error *err)
{
    struct ak_sim *sim = self(hv)->sim;
    const char *record = NULL;
    bool found = false;
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    record = ak_sim_get(sim, uuid);
    found = record != NULL;
    memset(ret_stats, 0, sizeof(*ret_stats));
    if (record && runs(record)) {
        *ret_stats = stats_of(uuid, record);
    }
    rc = ak_sim_end(sim, err);
    return rc == 0 && !found ? ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, uuid) : rc;
}

static int sim_stats_all(struct ak_hypervisor *hv, struct ak_arena *arena,
                         struct ak_vm_sample **ret_samples, size_t *ret_n, struct ak_error *err)
{
    struct ak_sim *sim = self(hv)->sim;
    struct ak_vm_sample *samples = NULL;
    size_t n = 0;
    int rc = ak_sim_begin(sim, err);

    if (rc != 0) {
        return rc;
    }
    samples = ak_arena_array(arena, struct ak_vm_sample, ak_sim_count(sim) + 1);
    for (size_t i = 0; i < ak_sim_count(sim); i++) {
        const char *record = NULL, *uuid = ak_sim_at(sim, i, &record);

        if (runs(record)) {
            ak_str_copy(samples[n].uuid, sizeof(samples[n].uuid), uuid);
            samples[n++].stats = stats_of(uuid, record);
        }
    }
    rc = ak_sim_end(sim, err);
    if (rc == 0) {
        *ret_samples = samples;
        *ret_n = n;
    }
    return rc;
}

static void sim_watch(struct ak_hypervisor *hv,
                      void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                      void *data)
{
    ak_vm_events_watch(self(hv)->events, changed, data);
}

static void sim_free(struct ak_hypervisor *hv)
{
    if (hv) {
        ak_vm_events_free(self(hv)->events);
        ak_sim_free(self(hv)->sim);
        free(hv);
    }
}

static const struct ak_hypervisor_ops ops = {
    .host_info = sim_host_info,
    .define = sim_define,
    .start = sim_start,
    .stop = sim_stop,
    .reset = sim_reset,
    .reboot = sim_reboot,
    .suspend = sim_suspend,
    .resume = sim_resume,
    .undefine = sim_undefine,
    .state = sim_state,
    .why = sim_why,
    .list = sim_list,
    .stats = sim_stats,
    .stats_all = sim_stats_all,
    .watch = sim_watch,
    .free = sim_free,
};

int ak_simulated_hypervisor_open(const char *state_path, struct ak_hypervisor **ret_hv,
                                 struct ak_error *err)
{
    struct sim_hypervisor *hv = NULL;
    AK_AUTO(ak_sim) sim = NULL;
    int rc = ak_sim_open(state_path, NAME, &sim, err);

    if (rc != 0) {
        return rc;
    }
    hv = ak_new(struct sim_hypervisor);
    hv->base.ops = &ops;
    hv->sim = AK_TAKE(sim);
    hv->events = ak_vm_events_new();
    *ret_hv = &hv->base;
    return 0;
}
