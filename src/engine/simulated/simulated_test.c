/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the simulated hypervisor and pool, and of the table below them. */
#include "engine/simulated/simulated.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "engine/hypervisor.h"
#include "engine/pool.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    ak_str_copy(dir, sizeof(dir), "/tmp/akashi-sim-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"t.state", "t.state.down", "console.log"};

    (void)state;
    for (size_t i = 0; i < AK_N(names); i++) {
        AK_AUTO_STR path = ak_xasprintf("%s/%s", dir, names[i]);

        (void)unlink(path);
    }
    ak_simulated_configure(&(struct ak_simulated_faults){0});
    return rmdir(dir);
}

static char *path_of(const char *name)
{
    return ak_xasprintf("%s/%s", dir, name);
}

static const char *const id = "11111111-2222-4333-8444-555555555555";

static struct ak_vm_spec spec_of(const char *console)
{
    return (struct ak_vm_spec){
        .uuid = id, .name = "web1", .ram_mib = 512, .vcpus = 2, .console_log = console};
}

static void table_survives_many_puts_and_removals(void **state)
{
    AK_AUTO(ak_sim) sim = NULL;
    struct ak_error err = {0};
    char key[32];

    (void)state;
    assert_ok(ak_sim_open(NULL, "x", &sim, &err), &err);
    assert_ok(ak_sim_begin(sim, &err), &err);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        ak_sim_put(sim, key, "v");
    }
    for (int i = 0; i < 1000; i += 3) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        ak_sim_put(sim, key, NULL);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        assert_int_equal(ak_sim_get(sim, key) == NULL, i % 3 == 0);
    }
    assert_int_equal(ak_sim_count(sim), 666);
    assert_ok(ak_sim_end(sim, &err), &err);
}

static void domain_moves_through_its_states(void **state)
{
    struct ak_hypervisor *hv = NULL;
    struct ak_vm_spec spec = spec_of(NULL);
    enum ak_vm_state s = AK_VM_CRASHED;
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_simulated_hypervisor_open(NULL, &hv, &err), &err);
    assert_ok(hv->ops->state(hv, id, &s, &err), &err);
    assert_int_equal(s, AK_VM_ABSENT);
    assert_fails(hv->ops->start(hv, id, &err), AK_ENGINE_NO_OBJECT);
    assert_ok(hv->ops->define(hv, &spec, &err), &err);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    assert_ok(hv->ops->suspend(hv, id, &err), &err);
    assert_ok(hv->ops->state(hv, id, &s, &err), &err);
    assert_int_equal(s, AK_VM_PAUSED);
    assert_ok(hv->ops->resume(hv, id, &err), &err);
    assert_ok(hv->ops->define(hv, &spec, &err), &err);
    assert_ok(hv->ops->state(hv, id, &s, &err), &err);
    assert_int_equal(s, AK_VM_RUNNING);
    assert_ok(hv->ops->stop(hv, id, 0, &err), &err);
    assert_ok(hv->ops->state(hv, id, &s, &err), &err);
    assert_int_equal(s, AK_VM_SHUTOFF);
    assert_ok(hv->ops->undefine(hv, id, &err), &err);
    assert_ok(hv->ops->undefine(hv, id, &err), &err);
    hv->ops->free(hv);
}

static void state_survives_a_killed_process_and_a_torn_line(void **state)
{
    AK_AUTO_STR path = path_of("t.state");
    AK_AUTO_STR console = path_of("console.log");
    struct ak_hypervisor *hv = NULL;
    struct ak_vm_spec spec = spec_of(console);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_vm_info *vms = NULL;
    struct ak_error err = {0};
    size_t n = 0;
    int status = 0;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        int rc = ak_simulated_hypervisor_open(path, &hv, &err);

        if (rc == 0) {
            rc = hv->ops->define(hv, &spec, &err) || hv->ops->start(hv, id, &err);
        }
        (void)kill(getpid(), rc == 0 ? SIGKILL : SIGTERM);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    {
        AK_AUTO_FD fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

        assert_int_equal(write(fd, "torn\tR 1", 8), 8);
    }
    assert_ok(ak_simulated_hypervisor_open(path, &hv, &err), &err);
    assert_ok(hv->ops->list(hv, arena, &vms, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(vms[0].uuid, id);
    assert_int_equal(vms[0].state, AK_VM_RUNNING);
    assert_int_equal(vms[0].ram_mib, 512);
    assert_int_equal(vms[0].vcpus, 2);
    assert_int_equal(access(console, F_OK), 0);
    hv->ops->free(hv);
}

static void two_processes_see_each_others_changes(void **state)
{
    AK_AUTO_STR path = path_of("t.state");
    struct ak_pool *a = NULL, *b = NULL;
    struct ak_error err = {0};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_pool_file *files = NULL;
    struct ak_pool_aside *aside = NULL;
    size_t n = 0;

    (void)state;
    assert_ok(ak_simulated_pool_open(path, &a, &err), &err);
    assert_ok(ak_simulated_pool_open(path, &b, &err), &err);
    assert_ok(a->ops->base_import(a, "img", "/x", "qcow2", &err), &err);
    assert_ok(b->ops->overlay_create(b, "vol", "img", 1 << 20, &err), &err);
    assert_fails(a->ops->base_remove(a, "img", &err), AK_CONFLICT);
    assert_ok(a->ops->quarantine(a, "vol.qcow2", "why", &err), &err);
    assert_ok(b->ops->list(b, arena, &files, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(files[0].name, "img.base");
    assert_ok(b->ops->aside_list(b, arena, &aside, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(aside[0].name, "vol.qcow2");
    assert_fails(a->ops->base_remove(a, "img", &err), AK_CONFLICT);
    assert_ok(b->ops->aside_remove(b, aside[0].id, &err), &err);
    assert_ok(a->ops->base_remove(a, "img", &err), &err);
    a->ops->free(a);
    b->ops->free(b);
}

static void calls_fail_as_configured(void **state)
{
    AK_AUTO_STR path = path_of("t.state");
    AK_AUTO_STR down = path_of("t.state.down");
    struct ak_pool *p = NULL;
    struct ak_error err = {0};
    int64_t total = 0, left = 0;

    (void)state;
    assert_ok(ak_simulated_pool_open(path, &p, &err), &err);
    ak_simulated_configure(&(struct ak_simulated_faults){.fail_every = 2});
    assert_ok(p->ops->capacity(p, &total, &left, &err), &err);
    assert_fails(p->ops->capacity(p, &total, &left, &err), AK_ENGINE);
    ak_simulated_configure(&(struct ak_simulated_faults){0});
    assert_ok(ak_file_write(down, "", 0, 0600, &err), &err);
    assert_fails(p->ops->capacity(p, &total, &left, &err), AK_ENGINE_UNAVAILABLE);
    assert_int_equal(unlink(down), 0);
    assert_ok(p->ops->capacity(p, &total, &left, &err), &err);
    p->ops->free(p);
}

#define THREADS 6
#define EACH    200

static void *churn(void *arg)
{
    struct ak_hypervisor *hv = arg;
    struct ak_error err = {0};
    char own[AK_UUID_TEXT];
    int rc = 0;

    for (int i = 0; i < EACH && rc == 0; i++) {
        struct ak_vm_spec spec = {.uuid = own, .name = "x", .ram_mib = 1, .vcpus = 1};

        ak_uuid_new(own);
        rc = hv->ops->define(hv, &spec, &err) || hv->ops->start(hv, own, &err) ||
             (i % 2 && hv->ops->undefine(hv, own, &err));
    }
    return rc ? arg : NULL;
}

static void threads_and_handles_share_one_table(void **state)
{
    AK_AUTO_STR path = path_of("t.state");
    struct ak_hypervisor *hvs[2] = {NULL, NULL};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_vm_info *vms = NULL;
    struct ak_error err = {0};
    pthread_t threads[THREADS];
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(ak_simulated_hypervisor_open(path, &hvs[i], &err), &err);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, churn, hvs[i % 2]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(hvs[i]->ops->list(hvs[i], arena, &vms, &n, &err), &err);
        assert_int_equal(n, THREADS * EACH / 2);
        hvs[i]->ops->free(hvs[i]);
    }
}

static atomic_int seen;

static void count(const char *uuid, enum ak_vm_state s, void *data)
{
    (void)uuid;
    (void)data;
    atomic_fetch_add(&seen, s == AK_VM_RUNNING);
}

static void watcher_hears_of_changes(void **state)
{
    struct ak_hypervisor *hv = NULL;
    struct ak_vm_spec spec = spec_of(NULL);
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_simulated_hypervisor_open(NULL, &hv, &err), &err);
    hv->ops->watch(hv, count, NULL);
    assert_ok(hv->ops->define(hv, &spec, &err), &err);
    assert_ok(hv->ops->start(hv, id, &err), &err);
    for (int64_t end = ak_monotonic_us() + 10 * AK_SEC; !atomic_load(&seen);) {
        assert_true(ak_monotonic_us() < end);
        (void)usleep(1000);
    }
    hv->ops->free(hv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_survives_many_puts_and_removals),
        cmocka_unit_test(domain_moves_through_its_states),
        cmocka_unit_test_setup_teardown(state_survives_a_killed_process_and_a_torn_line, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(two_processes_see_each_others_changes, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(calls_fail_as_configured, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(threads_and_handles_share_one_table, make_dir, remove_dir),
        cmocka_unit_test(watcher_hears_of_changes),
    };

    return cmocka_run_group_tests_name("engine/simulated", tests, NULL, NULL);
}
