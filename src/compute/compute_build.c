/* SPDX-License-Identifier: Apache-2.0 */
/* Engine work for one server: disk, config drive, ports, domain, power. The disk and the ports do
 * not need each other, so they are made at the same time by two threads. */
#include "compute_build.h"

#include <pthread.h>
#include <unistd.h>

static struct ak_engines *engines_of(const struct ak_job_run *run)
{
    return run->engines;
}

static char this_host[256];

static void find_this_host(void)
{
    if (gethostname(this_host, sizeof(this_host) - 1) != 0) {
        ak_str_copy(this_host, sizeof(this_host), "localhost");
    }
}

const char *compute_this_host(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, find_this_host);
    return this_host;
}

const char *compute_console_log_path(const struct ak_config *config, struct ak_arena *arena,
                                     const char *server_id)
{
    return ak_arena_printf(arena, "%s/%s.log", ak_config_str(config, "console_log_dir"), server_id);
}

const char *compute_console_socket_path(const struct ak_config *config, struct ak_arena *arena,
                                        const char *server_id)
{
    return ak_arena_printf(arena, "%s/%s.sock", ak_config_str(config, "console_socket_dir"),
                           server_id);
}

static const char *drive_name(struct ak_arena *arena, const char *server_id)
{
    return ak_arena_printf(arena, "%s.iso", server_id);
}

static int load_ports(struct ak_job_run *run, const char *server_id,
                      struct network_server_port **ret_ports, size_t *ret_n, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    if (rc == 0) {
        rc = network_server_ports_load(tx, run->arena, &server_id, 1, ret_ports, ret_n, err);
    }
    return rc == 0 ? network_server_ports_subnets(tx, run->arena, *ret_ports, *ret_n, err) : rc;
}

/* ---- Disk, drive, ports ---------------------------------------------------------------------- */

static int make_drive(struct ak_job_run *run, const struct compute_server *server,
                      struct ak_error *err)
{
    struct network_server_port *ports = NULL;
    size_t n = 0, size = 0;
    void *iso = NULL;
    int rc = load_ports(run, server->id, &ports, &n, err);
    if (rc == 0) {
        rc = compute_drive_make(run->arena, server, ports, n, &iso, &size, err);
    }
    if (rc == 0) {
        struct ak_pool *pool = engines_of(run)->pool;
        rc = pool->ops->file_write(pool, drive_name(run->arena, server->id), iso, size, err);
        ak_wipe(iso, size); /* it holds the password */
    }
    free(iso);
    return rc;
}

static int make_disk(struct ak_job_run *run, const struct compute_server *server,
                     struct ak_error *err)
{
    struct ak_pool *pool = engines_of(run)->pool;
    int rc = image_base_ensure(run, server->image_id, err);
    if (rc == 0) {
        rc = pool->ops->overlay_create(pool, server->id, server->image_id, server->disk_gib << 30,
                                       err);
    }
    return rc == 0 && server->config_drive ? make_drive(run, server, err) : rc;
}

struct ports_work {
    struct ak_job_run run; /* a copy with an arena of its own: arenas are not shared by threads */
    const char *server_id;
    struct ak_error err;
    int rc;
};

static void *ports_thread(void *data)
{
    struct ports_work *work = data;
    ak_log_context(work->run.id);
    work->rc = network_server_ports_apply(&work->run, work->server_id, &work->err);
    return NULL;
}

int compute_build_prepare(struct ak_job_run *run, const struct compute_server *server,
                          struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ports_work work = {.run = *run, .server_id = server->id};
    work.run.arena = arena;
    pthread_t thread;
    bool apart = pthread_create(&thread, NULL, ports_thread, &work) == 0;
    int rc = make_disk(run, server, err);
    if (apart) {
        (void)pthread_join(thread, NULL);
    } else {
        (void)ports_thread(&work);
    }
    if (rc == 0 && work.rc != 0) {
        *err = work.err;
        rc = work.rc;
    }
    return rc;
}

int compute_build_remove_files(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(run)->pool;
    int rc = pool->ops->volume_remove(pool, server_id, err);
    return rc == 0 ? pool->ops->file_remove(pool, drive_name(run->arena, server_id), err) : rc;
}

/* ---- Domain ---------------------------------------------------------------------------------- */

int compute_vm_define(struct ak_job_run *run, const struct compute_server *server,
                      struct ak_error *err)
{
    struct ak_hypervisor *hv = engines_of(run)->hypervisor;
    struct ak_pool *pool = engines_of(run)->pool;
    struct network_server_port *ports = NULL;
    size_t n_ports = 0;
    int rc = load_ports(run, server->id, &ports, &n_ports, err);
    if (rc != 0) {
        return rc;
    }
    struct ak_vm_nic *nics = ak_arena_array(run->arena, struct ak_vm_nic, n_ports + 1);
    for (size_t i = 0; i < n_ports; i++) {
        nics[i] = (struct ak_vm_nic){
            .port_id = ports[i].id, .mac = ports[i].mac, .mtu = ports[i].mtu, .model = "virtio"};
    }
    const struct ak_vm_disk disks[] = {
        {.path = pool->ops->volume_path(pool, run->arena, server->id),
         .format = "qcow2",
         .target = "vda"},
        {.path = pool->ops->file_path(pool, run->arena, drive_name(run->arena, server->id)),
         .format = "raw",
         .readonly = true,
         .target = "vdb"},
    };
    const struct ak_vm_spec spec = {
        .uuid = server->id,
        .name = server->name,
        .project_id = server->project_id,
        .ram_mib = server->ram_mib,
        .vcpus = (int)server->vcpus,
        .disks = disks,
        .n_disks = server->config_drive ? 2 : 1,
        .nics = nics,
        .n_nics = n_ports,
        .console_log = compute_console_log_path(run->config, run->arena, server->id),
        .display_socket = compute_console_socket_path(run->config, run->arena, server->id),
        .uefi = ak_streq(server->firmware, "uefi"),
        .boot = "hd",
    };
    return hv->ops->define(hv, &spec, err);
}

int compute_build_start(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    struct ak_hypervisor *hv = engines_of(run)->hypervisor;
    return hv->ops->start(hv, server_id, err);
}

int compute_build_undefine(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    struct ak_hypervisor *hv = engines_of(run)->hypervisor;
    return hv->ops->undefine(hv, server_id, err);
}

/* ---- Power ----------------------------------------------------------------------------------- */

static int define_and_start(struct ak_job_run *run, const struct compute_server *server,
                            struct ak_error *err)
{
    int rc = compute_vm_define(run, server, err);
    return rc == 0 ? compute_build_start(run, server->id, err) : rc;
}

/* Power off without asking the guest, then on again with the definition of the database. */
static int reboot_hard(struct ak_job_run *run, const struct compute_server *server,
                       struct ak_error *err)
{
    struct ak_hypervisor *hv = engines_of(run)->hypervisor;
    int rc = hv->ops->stop(hv, server->id, 0, err);
    if (rc != 0 && rc != -AK_ENGINE_NO_OBJECT) {
        return rc;
    }
    return define_and_start(run, server, err);
}

int compute_build_power(struct ak_job_run *run, const struct compute_server *server,
                        const struct compute_operation *op, struct ak_error *err)
{
    struct ak_hypervisor *hv = engines_of(run)->hypervisor;
    int64_t grace_ms = ak_config_int(run->config, "compute_shutdown_grace") * 1000;
    if (op == compute_operation(COMPUTE_OP_START)) {
        return define_and_start(run, server, err);
    }
    if (op == compute_operation(COMPUTE_OP_STOP)) {
        int rc = hv->ops->stop(hv, server->id, grace_ms, err);
        return rc == -AK_ENGINE_NO_OBJECT ? 0 : rc; /* absent is off */
    }
    if (op == compute_operation(COMPUTE_OP_REBOOT_SOFT)) {
        return hv->ops->reboot(hv, server->id, grace_ms, err);
    }
    if (op == compute_operation(COMPUTE_OP_REBOOT_HARD)) {
        return reboot_hard(run, server, err);
    }
    if (op == compute_operation(COMPUTE_OP_PAUSE) || op == compute_operation(COMPUTE_OP_SUSPEND)) {
        return hv->ops->suspend(hv, server->id, err);
    }
    return hv->ops->resume(hv, server->id, err); /* unpause and resume */
}
