/* SPDX-License-Identifier: Apache-2.0 */
/* Once a minute and at start: what libvirt and the pool hold against what the database says.
 * Repairs go to the server's own queue as a job (compute_sync.c). What bears our tag and nobody
 * owns is set aside and reported, never deleted; what does not bear our tag is not looked at. The
 * engines are listed before the database is read, so whatever is listed was made by a row that must
 * be there.
 */
#include "compute_internal.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "compute_sync.h"

struct view {
    struct ak_job_run *run;
    struct ak_vm_info *vms; /* ours first, sorted by uuid */
    size_t n_vms;
    struct ak_pool_file *files;
    size_t n_files;
    struct compute_host host;
    struct ak_list servers; /* living, sorted by id */
    const char
        *resume_mark; /* file that whoever stopped all guests leaves: tools that stop the host */
    bool rebooted;    /* the guests did not stop by themselves since the last look */
};

static int by_uuid(const void *a, const void *b)
{
    const struct ak_vm_info *x = a, *y = b;
    return strcmp(x->uuid, y->uuid);
}

static int by_id(const void *a, const void *b)
{
    const struct compute_server *x = a, *y = b;
    return strcmp(x->id, y->id);
}

static const struct ak_vm_info *find_vm(const struct view *view, const char *uuid)
{
    struct ak_vm_info key = {0};
    ak_str_copy(key.uuid, sizeof(key.uuid), uuid);
    return view->n_vms ? bsearch(&key, view->vms, view->n_vms, sizeof(key), by_uuid) : NULL;
}

static const struct compute_server *find_server(const struct view *view, const char *id)
{
    struct compute_server key = {.id = id};
    return view->servers.n ? bsearch(&key, view->servers.items, view->servers.n, sizeof(key), by_id)
                           : NULL;
}

/* ---- Looking --------------------------------------------------------------------------------- */

static const char *boot_id(struct ak_arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    if (ak_file_read("/proc/sys/kernel/random/boot_id", 256, &text, &size, NULL) != 0) {
        return "";
    }
    const char *id = ak_arena_strndup(arena, text, strcspn(text, "\n"));
    free(text);
    return id;
}

static int look_at_host(struct view *view, struct ak_error *err)
{
    struct ak_job_run *run = view->run;
    struct ak_engines *engines = run->engines;
    struct ak_host_info info = {0};
    int64_t total = 0, left = 0;
    int rc = engines->hypervisor->ops->host_info(engines->hypervisor, &info, err);
    if (rc == 0) {
        rc = engines->pool->ops->capacity(engines->pool, &total, &left, err);
    }
    if (rc != 0) {
        return rc;
    }
    view->host = (struct compute_host){
        .name = ak_arena_strdup(run->arena, compute_this_host()),
        .type = ak_arena_strdup(run->arena, info.type),
        .virt = ak_arena_strdup(run->arena, info.virt),
        .arch = ak_arena_strdup(run->arena, info.arch),
        .cpu_model = ak_arena_strdup(run->arena, info.cpu_model),
        .hypervisor_version = info.version,
        .ram_mib = info.ram_mib,
        .ram_free_mib = info.ram_free_mib,
        .vcpus = info.vcpus,
        .disk_gib = total >> 30,
        .disk_free_gib = left >> 30,
        .zone = ak_config_str(run->config, "compute_zone"),
        .boot_id = boot_id(run->arena),
        .seen_us = ak_now_us(),
    };
    return 0;
}

/* The kernel is the same, but the operator stopped everything (./run --stop). */
static bool stopped_by_operator(struct view *view)
{
    view->resume_mark = ak_arena_printf(view->run->arena, "%s/resume-guests",
                                        ak_config_str(view->run->config, "engine_state_dir"));
    return access(view->resume_mark, F_OK) == 0;
}

static int look_at_engines(struct view *view, struct ak_error *err)
{
    struct ak_engines *engines = view->run->engines;
    struct ak_vm_info *all = NULL;
    size_t n = 0;
    int rc = engines->hypervisor->ops->list(engines->hypervisor, view->run->arena, &all, &n, err);
    if (rc != 0) {
        return rc;
    }
    view->vms = all;
    for (size_t i = 0; i < n; i++) {
        if (all[i].ours) {
            all[view->n_vms++] = all[i];
        }
    }
    if (view->n_vms > 0) {
        qsort(view->vms, view->n_vms, sizeof(*view->vms), by_uuid);
    }
    return engines->pool->ops->list(engines->pool, view->run->arena, &view->files, &view->n_files,
                                    err);
}

/* ---- Servers --------------------------------------------------------------------------------- */

static int add_sync(struct ak_tx *tx, const struct compute_server *server, bool rebooted,
                    struct ak_error *err)
{
    int64_t pending = 0;
    int rc = ak_job_pending(tx, server->id, &pending, err);
    if (rc != 0 || pending > 0) {
        return rc;
    }
    return ak_job_add(tx, &compute_job_sync, server->id, server->project_id, "reconcile", "system",
                      rebooted ? "{\"rebooted\":true}" : "{}", 0, NULL, err);
}

/* In one transaction: the host's row and the repairs, so that a reboot is not seen and forgotten.
 */
static int compare_servers(struct view *view, struct ak_error *err)
{
    struct ak_job_run *run = view->run;
    bool resume = ak_config_bool(run->config, "resume_guests");
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    if (rc == 0) {
        rc = compute_host_seen(tx, run->arena, &view->host, &view->rebooted, err);
    }
    if (rc == 0) {
        rc = compute_server_inventory(tx, run->arena, &view->servers, err);
    }
    if (rc != 0) {
        return rc;
    }
    bool marked = stopped_by_operator(view);
    view->rebooted = view->rebooted || marked;
    struct compute_server *servers = view->servers.items;
    if (view->servers.n > 0) {
        qsort(servers, view->servers.n, sizeof(*servers), by_id);
    }
    for (size_t i = 0; rc == 0 && i < view->servers.n; i++) {
        const struct ak_vm_info *vm = find_vm(view, servers[i].id);
        if (servers[i].task != COMPUTE_IDLE || !ak_streq(servers[i].host, view->host.name)) {
            continue;
        }
        if (compute_sync_decide(servers[i].vm, vm ? vm->state : AK_VM_ABSENT, view->rebooted,
                                resume) != COMPUTE_SYNC_NOTHING) {
            rc = add_sync(tx, &servers[i], view->rebooted, err);
        }
    }
    rc = rc == 0 ? ak_tx_commit(tx, err) : rc;
    if (rc == 0 && marked && unlink(view->resume_mark) != 0) {
        ak_log(AK_WARNING, "%s cannot be removed: %s", view->resume_mark, strerror(errno));
    }
    return rc;
}

/* ---- Orphans --------------------------------------------------------------------------------- */

/* Reports an orphan once: audit event and log. '*ret_new' whether it is the first time. */
static int report(struct view *view, const char *kind, const char *name, const char *action,
                  bool *ret_new, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(view->run->store, &tx, err);
    if (rc == 0) {
        rc = compute_orphan_add(tx, kind, name, action, ret_new, err);
    }
    if (rc != 0 || !*ret_new) {
        return rc;
    }
    ak_log(AK_WARNING, "orphan %s %s: not in the database, %s", kind, name, action);
    struct ak_audit_event event = {
        .action = "compute.orphan.quarantine",
        .outcome = "success",
        .request_id = "reconcile",
        .actor_id = "system",
        .object_type = kind,
        .object_id = name,
        .listener = "worker",
        .detail_json = ak_arena_printf(view->run->arena, "{\"action\":\"%s\"}", action),
    };
    rc = ak_audit_add(tx, &event, NULL, err);
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

/* Our domains without a living server: stopped where they are, memory kept. */
static int quarantine_domains(struct view *view, struct ak_error *err)
{
    struct ak_engines *engines = view->run->engines;
    struct ak_hypervisor *hv = engines->hypervisor;
    for (size_t i = 0; i < view->n_vms; i++) {
        const struct ak_vm_info *vm = &view->vms[i];
        bool is_new = false;
        if (find_server(view, vm->uuid)) {
            continue;
        }
        int rc = vm->state == AK_VM_RUNNING ? hv->ops->suspend(hv, vm->uuid, err) : 0;
        if (rc == -AK_ENGINE_NO_OBJECT) {
            continue; /* a delete has just ended */
        }
        if (rc == 0) {
            rc = report(view, "domain", vm->uuid,
                        vm->state == AK_VM_RUNNING ? "suspended" : "left as it is", &is_new, err);
        }
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

/* "<uuid>.qcow2" and "<uuid>.iso" are servers' files; everything else is others' business. */
static bool server_of_file(const char *name, char out[AK_UUID_TEXT])
{
    if (!ak_ends_with(name, ".qcow2") && !ak_ends_with(name, ".iso")) {
        return false;
    }
    ak_str_copy(out, AK_UUID_TEXT, name);
    return name[AK_UUID_TEXT - 1] == '.' && ak_uuid_valid(out);
}

static int quarantine_files(struct view *view, struct ak_error *err)
{
    struct ak_engines *engines = view->run->engines;
    for (size_t i = 0; i < view->n_files; i++) {
        char id[AK_UUID_TEXT];
        bool is_new = false;
        const char *name = view->files[i].name;
        if (strlen(name) < AK_UUID_TEXT || !server_of_file(name, id) || find_server(view, id)) {
            continue;
        }
        int rc = engines->pool->ops->quarantine(engines->pool, name, "no server has this id", err);
        if (rc == -AK_NOT_FOUND || rc == -AK_ENGINE_NO_OBJECT) {
            continue; /* a delete has just ended */
        }
        if (rc == 0) {
            rc = report(view, "file", name, "quarantined", &is_new, err);
        }
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

static int reconcile(struct ak_job_run *run, struct ak_error *err)
{
    struct view view = {.run = run};
    int rc = look_at_host(&view, err);
    if (rc == 0) {
        rc = look_at_engines(&view, err);
    }
    if (rc == 0) {
        rc = compare_servers(&view, err);
    }
    if (rc == 0) {
        rc = quarantine_domains(&view, err);
    }
    return rc == 0 ? quarantine_files(&view, err) : rc;
}

void compute_server_state_seen(const char *uuid, enum ak_vm_state state, void *store)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_error err = {0};
    struct compute_server server;
    int rc = ak_tx_write(store, &tx, &err);
    if (rc == 0) {
        rc = compute_server_load_whole(tx, arena, uuid, &server, &err);
    }
    if (rc == -AK_SERVER_NOT_FOUND) {
        return; /* a domain of somebody else */
    }
    /* While an operation runs, the change is its doing. */
    if (rc == 0 && server.deleted_us == 0 && server.task == COMPUTE_IDLE &&
        compute_sync_decide(server.vm, state, false, true) != COMPUTE_SYNC_NOTHING) {
        rc = add_sync(tx, &server, false, &err);
        rc = rc == 0 ? ak_tx_commit(tx, &err) : rc;
    }
    if (rc != 0) {
        ak_log_error(&err, "an event of server %s is left to the reconciler", uuid);
    }
}

/* ---- Housekeeping ---------------------------------------------------------------------------- */

static void cut_logs(const struct ak_config *config, struct ak_arena *arena)
{
    const char *dir = ak_config_str(config, "console_log_dir");
    int64_t max = ak_config_int(config, "console_log_max") * 1024;
    DIR *folder = opendir(dir);
    const struct dirent *entry = NULL;
    while (folder && (entry = readdir(folder)) != NULL) {
        struct ak_error err = {0};
        if (ak_ends_with(entry->d_name, ".log") &&
            compute_log_cut(ak_arena_printf(arena, "%s/%s", dir, entry->d_name), max, max / 2,
                            &err) != 0) {
            ak_log_error(&err, "cutting console log %s", entry->d_name);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
}

static int housekeep(struct ak_job_run *run, struct ak_error *err)
{
    cut_logs(run->config, run->arena);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    if (rc == 0) {
        rc = compute_console_tokens_expire(tx, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int recount(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t wrong = 0;
    int rc = ak_tx_write(run->store, &tx, err);
    if (rc == 0) {
        rc = compute_usage_repair(tx, &wrong, err);
    }
    if (rc == 0 && wrong > 0) {
        ak_log(AK_ERR, "the usage of %" PRId64 " projects was wrong and is repaired", wrong);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static const struct ak_schedule reconcile_schedule = {
    .name = "compute-reconcile", .every_ms = 60000, .at_start = true, .run = reconcile};
static const struct ak_schedule housekeep_schedule = {
    .name = "compute-housekeeping", .every_ms = 60000, .at_start = false, .run = housekeep};
static const struct ak_schedule recount_schedule = {
    .name = "compute-recount", .every_ms = 3600000, .at_start = true, .run = recount};

const struct ak_schedule *const compute_schedules[] = {&reconcile_schedule, &housekeep_schedule,
                                                       &recount_schedule, NULL};
