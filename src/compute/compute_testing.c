/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture of the tests of compute. See compute_testing.h. */
#include "compute/compute_testing.h"

#include <unistd.h>

struct compute_fakes compute_fakes;

/* ---- Stand-ins: image ------------------------------------------------------------------------ */

int image_image_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                     const char *project_id, bool admin, struct image_image *ret_image,
                     struct ak_error *err)
{
    static const struct image_image images[] = {
        {.id = IMAGE, .status = "active", .virtual_size = (int64_t)1 << 30},
        {.id = IMAGE_BIG, .status = "active", .virtual_size = (int64_t)30 << 30},
        {.id = IMAGE_YOUNG, .status = "queued"},
        {.id = IMAGE_BETA, .owner = "beta", .status = "active", .virtual_size = (int64_t)1 << 30},
    };
    (void)tx;
    (void)arena;
    for (size_t i = 0; i < AK_N(images); i++) {
        bool seen = admin || !images[i].owner || ak_streq(images[i].owner, project_id);
        if (seen && ak_streq(images[i].id, id)) {
            *ret_image = images[i];
            return 0;
        }
    }
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Image", id);
}

int image_base_ensure(struct ak_job_run *run, const char *image_id, struct ak_error *err)
{
    struct ak_engines *engines = run->engines;
    if (compute_fakes.during_base) {
        compute_fakes.during_base(run);
    }
    if (compute_fakes.base_fail) {
        return ak_fail(err, (enum ak_error_code)compute_fakes.base_fail, "pool");
    }
    return engines->pool->ops->base_import(engines->pool, image_id, "/dev/null", "raw", err);
}

/* ---- Stand-ins: network ---------------------------------------------------------------------- */

static struct {
    char server_id[AK_UUID_TEXT];
    char ip[16];
} ports[64];
static size_t n_ports;

int network_project_networks(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const char *const **ret_ids, struct ak_error *err)
{
    static const char *const ids[] = {NETWORK, NULL};
    (void)tx;
    (void)arena;
    (void)project_id;
    (void)err;
    *ret_ids = ids;
    return 0;
}

int network_server_ports_create(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *hostname,
                                const struct network_nic_request *nics, size_t n_nics,
                                const char *const *groups, struct ak_error *err)
{
    (void)tx;
    (void)arena;
    (void)project_id;
    (void)hostname;
    (void)groups;
    for (size_t i = 0; i < n_nics; i++) {
        if (!ak_streq(nics[i].network_id, NETWORK)) {
            return ak_fail(err, AK_BAD_REQUEST, "no such network");
        }
        ak_str_copy(ports[n_ports].server_id, AK_UUID_TEXT, server_id);
        (void)snprintf(ports[n_ports].ip, sizeof(ports[n_ports].ip), "10.0.0.%zu", n_ports + 10);
        n_ports++;
    }
    return 0;
}

static struct network_server_port port_of(struct ak_arena *arena, size_t i)
{
    static const char *const group_ids[] = {"55555555-5555-4555-8555-555555555555", NULL};
    static const char *const group_names[] = {"default", NULL};
    struct network_server_address *address = ak_arena_new0(arena, struct network_server_address);
    *address =
        (struct network_server_address){.ip = ports[i].ip, .subnet_id = NETWORK, .version = 4};
    return (struct network_server_port){
        .id = ak_arena_printf(arena, "66666666-6666-4666-8666-%012zu", i),
        .server_id = ports[i].server_id,
        .network_id = NETWORK,
        .network_name = "alpha-net",
        .mac = "fa:16:3e:00:00:01",
        .status = "ACTIVE",
        .addresses = address,
        .n_addresses = 1,
        .group_ids = group_ids,
        .group_names = group_names,
        .mtu = 1442,
        .made_by_server = true};
}

int network_server_ports_load(struct ak_tx *tx, struct ak_arena *arena,
                              const char *const *server_ids, size_t n,
                              struct network_server_port **ret_ports, size_t *ret_n,
                              struct ak_error *err)
{
    struct network_server_port *found =
        ak_arena_array(arena, struct network_server_port, n_ports + 1);
    size_t n_found = 0;
    (void)tx;
    (void)err;
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < n_ports; i++) {
            if (ak_streq(ports[i].server_id, server_ids[s])) {
                found[n_found++] = port_of(arena, i);
            }
        }
    }
    *ret_ports = found;
    *ret_n = n_found;
    return 0;
}

int network_server_ports_subnets(struct ak_tx *tx, struct ak_arena *arena,
                                 struct network_server_port *found, size_t n, struct ak_error *err)
{
    (void)tx;
    (void)arena;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        found[i].addresses->cidr = "10.0.0.0/24";
        found[i].addresses->gateway_ip = "10.0.0.1";
    }
    return 0;
}

int network_servers_by_address(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               const char *ip_regex, int version, const char *const **ret_ids,
                               struct ak_error *err)
{
    const char **ids = ak_arena_array(arena, const char *, n_ports + 1);
    size_t n = 0;
    (void)tx;
    (void)project_id;
    (void)version;
    (void)err;
    for (size_t i = 0; i < n_ports; i++) {
        if (strstr(ports[i].ip, ip_regex)) {
            ids[n++] = ports[i].server_id;
        }
    }
    *ret_ids = ids;
    return 0;
}

int network_server_ports_apply(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    (void)run;
    (void)server_id;
    compute_fakes.applied++;
    return compute_fakes.ports_fail
               ? ak_fail(err, (enum ak_error_code)compute_fakes.ports_fail, "fabric")
               : 0;
}

int network_server_ports_wait_up(struct ak_job_run *run, const char *server_id, int64_t timeout_ms,
                                 struct ak_error *err)
{
    (void)run;
    (void)server_id;
    (void)timeout_ms;
    (void)err;
    return 0;
}

int network_server_ports_remove(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    (void)run;
    (void)err;
    compute_fakes.removed++;
    for (size_t i = 0; i < n_ports; i++) {
        if (ak_streq(ports[i].server_id, server_id)) {
            ports[i].server_id[0] = '\0';
        }
    }
    return 0;
}

int network_server_group_change(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *group, bool add,
                                struct ak_error *err)
{
    (void)tx;
    (void)arena;
    (void)project_id;
    (void)server_id;
    (void)add;
    return ak_streq(group, "default") ? 0 : ak_fail(err, AK_OBJECT_NOT_FOUND, "group", group);
}

int network_default_group_ensure(struct ak_request *req, struct ak_error *err)
{
    (void)req;
    (void)err;
    return 0;
}

int network_groups_load(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                        const char *id, struct network_group_info **ret_groups, size_t *ret_n,
                        struct ak_error *err)
{
    struct network_group_info *group = ak_arena_new0(arena, struct network_group_info);
    (void)tx;
    (void)err;
    *group = (struct network_group_info){
        .id = id ? id : NETWORK, .project_id = who->project_id, .name = "default"};
    *ret_groups = group;
    *ret_n = 1;
    return 0;
}

int network_group_save(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                       const char *id, const char *name, const char *description,
                       struct network_group_info *ret_group, struct ak_error *err)
{
    (void)tx;
    (void)arena;
    (void)err;
    *ret_group = (struct network_group_info){.id = id ? id : NETWORK,
                                             .project_id = who->project_id,
                                             .name = name,
                                             .description = description};
    return 0;
}

int network_group_delete(struct ak_tx *tx, struct ak_arena *arena, const struct network_caller *who,
                         const char *id, struct ak_error *err)
{
    (void)tx;
    (void)arena;
    (void)who;
    return ak_streq(id, NETWORK) ? ak_fail(err, AK_GROUP_DEFAULT) : 0;
}

/* ---- Fixture --------------------------------------------------------------------------------- */

/* "project:role". */
static int fake_authenticate(struct ak_request *req, const char *token,
                             const struct ak_principal **ret_principal, struct ak_error *err)
{
    struct ak_principal *p = ak_arena_new0(req->arena, struct ak_principal);
    const char *colon = strchr(token, ':');
    if (!colon) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    p->project_id = ak_arena_strndup(req->arena, token, (size_t)(colon - token));
    p->project_name = p->project_id;
    p->user_id = ak_arena_printf(req->arena, "user-%s", p->project_id);
    p->user_name = p->user_id;
    p->roles = AK_ROLE_READER;
    if (!ak_streq(colon + 1, "reader")) {
        p->roles |= AK_ROLE_MEMBER;
    }
    if (ak_streq(colon + 1, "admin")) {
        p->roles |= AK_ROLE_MANAGER | AK_ROLE_ADMIN;
    }
    *ret_principal = p;
    return 0;
}

static void set(struct fixture *f, struct ak_config *config, const char *name, const char *value)
{
    assert_ok(ak_config_set(config, name, value, &f->err), &f->err);
}

static void start_engines(struct fixture *f)
{
    f->config = ak_config_new();
    ak_config_add_settings(f->config, ak_engine_settings, ak_engine_settings_n);
    ak_config_add_settings(f->config, ak_jobs_settings, ak_jobs_settings_n);
    ak_config_add_settings(f->config, compute_domain.settings, compute_domain.n_settings);
    set(f, f->config, "hypervisor", "simulated");
    set(f, f->config, "fabric", "simulated");
    set(f, f->config, "pool", "simulated");
    set(f, f->config, "console_log_dir", f->dir);
    set(f, f->config, "engine_state_dir", f->dir);
    set(f, f->config, "compute_shutdown_grace", "0");
    assert_ok(ak_engines_open(f->config, &f->engines, &f->err), &f->err);
    struct ak_worker_options options = {.store = f->t->store,
                                        .engines = f->engines,
                                        .config = f->config,
                                        .kinds = compute_domain.jobs,
                                        .threads = 0};
    assert_ok(ak_worker_start(&options, &f->worker, &f->err), &f->err);
}

int compute_test_set_up(void **state)
{
    static const struct ak_domain *const domains[] = {&compute_domain, NULL};
    struct fixture *f = ak_new(struct fixture);
    *state = f;
    compute_fakes = (struct compute_fakes){0};
    n_ports = 0;
    ak_str_copy(f->dir, sizeof(f->dir), "/tmp/akashi-compute-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    struct ak_store *store = store_testing_open();
    assert_ok(compute_bootstrap(store, NULL, &f->err), &f->err);
    f->t = http_testing_start(
        domains, (struct ak_server_hooks){fake_authenticate, identity_authorise}, store);
    set(f, f->t->config, "console_log_dir", f->dir);
    set(f, f->t->config, "console_socket_dir", f->dir);
    start_engines(f);
    run_schedule(f, "compute-reconcile"); /* makes this host known */
    return 0;
}

int compute_test_tear_down(void **state)
{
    struct fixture *f = *state;
    ak_worker_free(f->worker);
    ak_engines_free(f->engines);
    ak_config_free(f->config);
    store_testing_close(http_testing_stop(f->t));
    const char *const argv[] = {"rm", "-rf", f->dir, NULL};
    (void)ak_run(argv, NULL, NULL, NULL);
    ak_time_shift(0);
    free(f);
    return 0;
}

const struct http_answer *ask_at(struct fixture *f, const char *version, const char *token,
                                 const char *method, const char *path, const char *body)
{
    AK_AUTO_STR full = ak_xasprintf("/compute/v2.1%s", path);
    AK_AUTO_STR headers =
        version ? ak_xasprintf("OpenStack-API-Version: compute %s\r\n", version) : NULL;
    return http_testing_send(f->t, AK_MANAGEMENT, method, full, token, headers, body);
}

const struct http_answer *ask(struct fixture *f, const char *token, const char *method,
                              const char *path, const char *body)
{
    return ask_at(f, NULL, token, method, path, body);
}

void make_server(struct fixture *f, const char *name)
{
    AK_AUTO_STR body = ak_xasprintf(
        "{\"server\":{\"name\":\"%s\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"}}", name);
    const struct http_answer *a = ask(f, ALPHA, "POST", "/servers", body);
    if (a->status != 202) {
        fail_msg("create: %d %s", a->status, a->body);
    }
    ak_str_copy(f->id, sizeof(f->id), http_answer_text(a, "server/id"));
}

int act(struct fixture *f, const char *token, const char *body)
{
    AK_AUTO_STR path = ak_xasprintf("/servers/%s/action", f->id);
    return ask(f, token, "POST", path, body)->status;
}

void work(struct fixture *f)
{
    assert_ok(ak_worker_drain(f->worker, &f->err), &f->err);
}

void run_schedule(struct fixture *f, const char *name)
{
    for (size_t i = 0; compute_domain.schedules[i]; i++) {
        if (ak_streq(compute_domain.schedules[i]->name, name)) {
            AK_AUTO(ak_arena) arena = ak_arena_new();
            struct ak_job_run run = {.id = "test",
                                     .arena = arena,
                                     .store = f->t->store,
                                     .engines = f->engines,
                                     .config = f->config};
            assert_ok(compute_domain.schedules[i]->run(&run, &f->err), &f->err);
            return;
        }
    }
    fail_msg("no schedule %s", name);
}

const char *member(struct fixture *f, const char *path)
{
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    AK_AUTO_STR at = ak_xasprintf("server/%s", path);
    const struct http_answer *a = ask(f, ADMIN, "GET", url, NULL);
    const json_t *value = http_answer_at(a, at);
    const char *text = json_string_value(value);
    return text ? text : json_is_null(value) ? "null" : "(none)";
}

enum ak_vm_state vm_state(struct fixture *f, const char *id)
{
    enum ak_vm_state state = AK_VM_ABSENT;
    int rc = f->engines->hypervisor->ops->state(f->engines->hypervisor, id, &state, &f->err);
    assert_true(rc == 0 || rc == -AK_ENGINE_NO_OBJECT);
    return state;
}
