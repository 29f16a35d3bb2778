/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the network domain below its API, on both databases and the simulated fabric:
 * statements, server ports, tunnel keys, the jobs, the reconciler, and a store that fails at every
 * n-th call. */
#include "network/network_internal.h"

#include <unistd.h>

#include "base/test.h"
#include "engine/simulated/simulated.h"
#include "network/network_sql.h"
#include "store/store_testing.h"

#define PROJECT "aaaaaaaa-0000-4000-8000-000000000001"
#define OTHER   "bbbbbbbb-0000-4000-8000-000000000002"
#define SERVER  "cccccccc-0000-4000-8000-000000000003"
#define STRANGE "dddddddd-0000-4000-8000-000000000004"

struct fixture {
    struct ak_store *store;
    struct ak_config *config;
    struct ak_engines engines;
    struct ak_worker *worker;
    struct ak_arena *arena;
    struct ak_error err;
    const char *network_id, *subnet_id;
    int64_t shift_us;
};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct network_call call_of(struct fixture *f, struct ak_tx *tx)
{
    return (struct network_call){.tx = tx,
                                 .arena = f->arena,
                                 .project_id = PROJECT,
                                 .request_id = "req-test",
                                 .actor_id = "tester",
                                 .config = f->config};
}

static struct ak_job_run run_of(struct fixture *f)
{
    return (struct ak_job_run){.id = "test",
                               .arena = f->arena,
                               .store = f->store,
                               .engines = &f->engines,
                               .config = f->config,
                               .deadline_us = INT64_MAX};
}

static void parse(struct fixture *f, const struct ak_fields *fields, json_t *body, void *ret_obj)
{
    struct ak_fields_mode mode = {.accept = AK_CREATE, .admin = true};
    assert_ok(ak_fields_parse(fields, body, &mode, f->arena, ret_obj, &f->err), &f->err);
    json_decref(body);
}

static int create_network(struct fixture *f, const char *name, struct network_network *ret_network)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(f->store, &tx, &f->err);
    struct network_call call = call_of(f, tx);
    parse(f, &network_network_fields, json_pack("{s:s}", "name", name), ret_network);
    rc = rc < 0 ? rc : network_network_create(&call, ret_network, &f->err);
    return rc < 0 ? rc : ak_tx_commit(tx, &f->err);
}

static void make_subnet(struct fixture *f, const char *cidr, const char *pool_end)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct network_subnet subnet;
    assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
    struct network_call call = call_of(f, tx);
    parse(f, &network_subnet_fields,
          json_pack("{s:s, s:i, s:s, s:[{s:s, s:s}]}", "network_id", f->network_id, "ip_version", 4,
                    "cidr", cidr, "allocation_pools", "start", "10.0.0.10", "end", pool_end),
          &subnet);
    assert_ok(network_subnet_create(&call, &subnet, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    f->subnet_id = subnet.id;
}

static int create_ports(struct fixture *f, const char *server_id, const char *fixed_ip)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct network_nic_request nic = {.network_id = f->network_id, .fixed_ip = fixed_ip};
    int rc = ak_tx_write(f->store, &tx, &f->err);
    rc = rc < 0 ? rc
                : network_server_ports_create(tx, f->arena, PROJECT, server_id, "web1", &nic, 1,
                                              NULL, &f->err);
    return rc < 0 ? rc : ak_tx_commit(tx, &f->err);
}

static size_t ports_of(struct fixture *f, const char *server_id,
                       struct network_server_port **ret_ports)
{
    AK_AUTO(ak_tx) tx = NULL;
    size_t n = 0;
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(network_server_ports_load(tx, f->arena, &server_id, 1, ret_ports, &n, &f->err),
              &f->err);
    assert_ok(network_server_ports_subnets(tx, f->arena, *ret_ports, n, &f->err), &f->err);
    return n;
}

static void work(struct fixture *f)
{
    assert_ok(ak_worker_drain(f->worker, &f->err), &f->err);
}

/* Whether the fabric has the object; '*ret_quarantined' may be NULL. */
static bool fabric_has(struct fixture *f, enum ak_fabric_kind kind, const char *id,
                       bool *ret_quarantined)
{
    struct ak_fabric *fabric = f->engines.fabric;
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    assert_ok(fabric->ops->list(fabric, f->arena, &objects, &n, &f->err), &f->err);
    for (size_t i = 0; i < n; i++) {
        if (objects[i].kind == kind && strcmp(objects[i].id, id) == 0) {
            if (ret_quarantined) {
                *ret_quarantined = objects[i].quarantined;
            }
            return true;
        }
    }
    return false;
}

/* Runs of the schedule that have ended since 'after_us'. */
static bool reconciled(struct fixture *f, int64_t after_us)
{
    static const struct ak_sql sql = {.name = "ended",
                                      .text = "SELECT COUNT(*) AS n FROM schedule WHERE name = "
                                              "'network-reconcile' AND last_start_us >= $1 AND "
                                              "lease_owner IS NULL",
                                      .n_params = 1,
                                      .scope = "cloud: test"};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_int(tx, &sql, AK_ARGS(ak_v_int(after_us)), &n, &f->err), &f->err);
    return n > 0;
}

/* The schedule as the worker runs it: at its start. */
static void reconcile(struct fixture *f)
{
    struct ak_worker_options options = {.store = f->store,
                                        .engines = &f->engines,
                                        .config = f->config,
                                        .kinds = network_job_kinds,
                                        .schedules = network_schedules,
                                        .threads = 1};
    AK_AUTO(ak_worker) worker = NULL;
    f->shift_us += 2 * AK_MIN; /* beyond the minute in which objects settle */
    ak_time_shift(f->shift_us);
    int64_t start = ak_now_us();
    assert_ok(ak_worker_start(&options, &worker, &f->err), &f->err);
    for (int i = 0; i < 1000 && !reconciled(f, start); i++) {
        (void)usleep(10000);
    }
    assert_true(reconciled(f, start));
    ak_worker_stop(worker, 5000);
}

static int64_t audited(struct fixture *f, const char *action)
{
    static const struct ak_sql sql = {.name = "count_events",
                                      .text = "SELECT COUNT(*) AS n FROM audit_event "
                                              "WHERE action = $1",
                                      .n_params = 1,
                                      .scope = "cloud: test"};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_int(tx, &sql, AK_ARGS(ak_v_text(action)), &n, &f->err), &f->err);
    return n;
}

/* --- fixture ---------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    *state = f;
    f->store = store_testing_open();
    f->arena = ak_arena_new();
    f->config = ak_config_new();
    ak_config_add_settings(f->config, network_domain.settings, network_domain.n_settings);
    ak_config_add_settings(f->config, ak_jobs_settings, ak_jobs_settings_n);
    assert_ok(ak_simulated_fabric_open(NULL, &f->engines.fabric, &f->err), &f->err);
    struct ak_worker_options options = {
        .store = f->store, .engines = &f->engines, .config = f->config, .kinds = network_job_kinds};
    assert_ok(ak_worker_start(&options, &f->worker, &f->err), &f->err);
    struct network_network network;
    assert_ok(create_network(f, "net", &network), &f->err);
    f->network_id = network.id;
    make_subnet(f, "10.0.0.0/24", "10.0.0.13");
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ak_time_shift(0);
    ak_simulated_configure(&(struct ak_simulated_faults){0});
    ak_worker_stop(f->worker, 1000);
    ak_worker_free(f->worker);
    f->engines.fabric->ops->free(f->engines.fabric);
    ak_config_free(f->config);
    ak_arena_free(f->arena);
    store_testing_close(f->store);
    free(f);
    return 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void every_statement_can_be_prepared(void **state)
{
    struct fixture *f = *state;
    assert_ok(ak_sql_prepare_all(f->store, network_sql_all, &f->err), &f->err);
}

static void server_ports_come_and_go_with_their_server(void **state)
{
    struct fixture *f = *state;
    struct ak_job_run run = run_of(f);
    struct network_server_port *ports = NULL;
    assert_ok(create_ports(f, SERVER, NULL), &f->err);
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
    assert_string_equal(ports[0].addresses[0].ip, "10.0.0.10");
    assert_string_equal(ports[0].addresses[0].gateway_ip, "10.0.0.1");
    assert_string_equal(ports[0].group_names[0], "default");
    assert_string_equal(ports[0].network_name, "net");
    assert_string_equal(ports[0].status, "DOWN");
    assert_true(ports[0].made_by_server);
    const char *id = ports[0].id;
    for (int i = 0; i < 2; i++) { /* steps may run again */
        assert_ok(network_server_ports_apply(&run, SERVER, &f->err), &f->err);
        assert_ok(network_server_ports_wait_up(&run, SERVER, 1000, &f->err), &f->err);
    }
    assert_true(fabric_has(f, AK_FABRIC_PORT, id, NULL));
    assert_true(fabric_has(f, AK_FABRIC_GROUP, ports[0].group_ids[0], NULL));
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
    assert_string_equal(ports[0].status, "ACTIVE");
    for (int i = 0; i < 2; i++) {
        assert_ok(network_server_ports_remove(&run, SERVER, &f->err), &f->err);
    }
    assert_int_equal(ports_of(f, SERVER, &ports), 0);
    assert_false(fabric_has(f, AK_FABRIC_PORT, id, NULL));
}

static void a_subnet_without_dhcp_tells_guests_their_address(void **state)
{
    struct fixture *f = *state;
    struct network_server_port *ports = NULL;
    struct network_subnet change, subnet;
    const struct ak_fields_mode mode = {.accept = AK_UPDATE};
    AK_AUTO_JSON body = json_pack("{s:b}", "enable_dhcp", 0);
    assert_ok(create_ports(f, SERVER, NULL), &f->err);
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
    assert_false(ports[0].addresses[0].dhcp_off);
    assert_ok(ak_fields_parse(&network_subnet_fields, body, &mode, f->arena, &change, &f->err),
              &f->err);
    {
        AK_AUTO(ak_tx) tx = NULL;
        assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
        struct network_call call = call_of(f, tx);
        assert_ok(network_subnet_change(&call, f->subnet_id, &change, &subnet, &f->err), &f->err);
        assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    }
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
    assert_true(ports[0].addresses[0].dhcp_off);
    assert_string_equal(ports[0].addresses[0].cidr, "10.0.0.0/24");
}

static void a_port_of_the_customer_outlives_the_server(void **state)
{
    struct fixture *f = *state;
    struct ak_job_run run = run_of(f);
    struct network_port port;
    struct network_server_port *ports = NULL;
    {
        AK_AUTO(ak_tx) tx = NULL;
        assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
        struct network_call call = call_of(f, tx);
        parse(f, &network_port_fields, json_pack("{s:s}", "network_id", f->network_id), &port);
        assert_ok(network_port_create(&call, &port, &f->err), &f->err);
        struct network_nic_request nic = {.port_id = port.id};
        assert_ok(network_server_ports_create(tx, f->arena, PROJECT, SERVER, "web1", &nic, 1, NULL,
                                              &f->err),
                  &f->err);
        assert_fails(network_server_ports_create(tx, f->arena, PROJECT, STRANGE, "web2", &nic, 1,
                                                 NULL, &f->err),
                     AK_PORT_IN_USE);
        assert_fails(network_server_ports_create(tx, f->arena, OTHER, STRANGE, "web3", &nic, 1,
                                                 NULL, &f->err),
                     AK_PORT_NOT_FOUND);
        assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    }
    assert_ok(network_server_ports_apply(&run, SERVER, &f->err), &f->err);
    assert_ok(network_server_ports_remove(&run, SERVER, &f->err), &f->err);
    assert_int_equal(ports_of(f, SERVER, &ports), 0);
    assert_true(fabric_has(f, AK_FABRIC_PORT, port.id, NULL));
}

/* Whoever knows the id of another's server or router writes it as his port's device_id. */
static void a_device_id_alone_makes_no_interface_and_no_leg(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    struct network_network network;
    struct network_port port;
    struct network_server_port *ports = NULL;
    struct ak_list legs = {0};
    assert_ok(create_ports(f, SERVER, NULL), &f->err);
    assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
    struct network_call call = call_of(f, tx);
    call.project_id = OTHER;
    parse(f, &network_network_fields, json_pack("{s:s}", "name", "theirs"), &network);
    assert_ok(network_network_create(&call, &network, &f->err), &f->err);
    parse(f, &network_port_fields,
          json_pack("{s:s, s:s}", "network_id", network.id, "device_id", SERVER), &port);
    assert_ok(network_port_create(&call, &port, &f->err), &f->err);
    assert_ok(network_ports_of_router(tx, f->arena, SERVER, &legs, &f->err), &f->err);
    assert_int_equal(legs.n, 0);
    parse(f, &network_port_fields,
          json_pack("{s:s, s:s, s:s}", "network_id", network.id, "device_id", SERVER,
                    "device_owner", "compute:nova"),
          &port);
    assert_fails(network_port_create(&call, &port, &f->err), AK_FORBIDDEN);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
}

static void servers_are_found_by_address(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    const char *const *ids = NULL;
    assert_ok(create_ports(f, SERVER, "10.0.0.99"), &f->err);
    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(
        network_servers_by_address(tx, f->arena, PROJECT, "^10\\.0\\.0\\.9", 4, &ids, &f->err),
        &f->err);
    assert_string_equal(ids[0], SERVER);
    assert_null(ids[1]);
    assert_ok(network_servers_by_address(tx, f->arena, PROJECT, "^10", 6, &ids, &f->err), &f->err);
    assert_null(ids[0]);
    assert_ok(network_servers_by_address(tx, f->arena, OTHER, "", 0, &ids, &f->err), &f->err);
    assert_null(ids[0]);
    assert_fails(network_servers_by_address(tx, f->arena, PROJECT, "(", 4, &ids, &f->err),
                 AK_BAD_REQUEST);
    assert_fails(network_servers_by_address(tx, f->arena, PROJECT, "((1{1,255}){1,255}){1,255}", 4,
                                            &ids, &f->err),
                 AK_BAD_REQUEST);
}

static void addresses_run_out_and_are_not_handed_out_again_at_once(void **state)
{
    struct fixture *f = *state;
    struct ak_job_run run = run_of(f);
    struct network_server_port *ports = NULL;
    char server[AK_UUID_TEXT];
    assert_ok(create_ports(f, SERVER, NULL), &f->err); /* 10.0.0.10 */
    assert_ok(network_server_ports_remove(&run, SERVER, &f->err), &f->err);
    assert_ok(create_ports(f, STRANGE, NULL), &f->err);
    assert_int_equal(ports_of(f, STRANGE, &ports), 1);
    assert_string_equal(ports[0].addresses[0].ip, "10.0.0.11");
    for (int i = 0; i < 3; i++) { /* .12, .13, and round to .10 */
        ak_uuid_new(server);
        assert_ok(create_ports(f, server, NULL), &f->err);
    }
    ak_uuid_new(server);
    assert_fails(create_ports(f, server, NULL), AK_NO_MORE_ADDRESSES);
    assert_fails(create_ports(f, server, "10.0.0.11"), AK_IP_IN_USE);
}

static void a_tunnel_key_is_free_only_when_the_fabric_has_let_go(void **state)
{
    struct fixture *f = *state;
    struct network_network first, second, third;
    work(f);
    assert_ok(create_network(f, "first", &first), &f->err);
    work(f);
    assert_true(fabric_has(f, AK_FABRIC_NETWORK, first.id, NULL));
    {
        AK_AUTO(ak_tx) tx = NULL;
        assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
        struct network_call call = call_of(f, tx);
        assert_ok(network_network_remove(&call, first.id, &f->err), &f->err);
        assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    }
    assert_ok(create_network(f, "second", &second), &f->err);
    assert_int_not_equal(second.tunnel_key, first.tunnel_key);
    work(f);
    assert_false(fabric_has(f, AK_FABRIC_NETWORK, first.id, NULL));
    assert_ok(create_network(f, "third", &third), &f->err);
    assert_int_equal(third.tunnel_key, first.tunnel_key);
}

static void the_reconciler_makes_again_what_is_missing(void **state)
{
    struct fixture *f = *state;
    struct ak_fabric *fabric = f->engines.fabric;
    struct ak_job_run run = run_of(f);
    struct network_server_port *ports = NULL;
    work(f);
    assert_ok(create_ports(f, SERVER, NULL), &f->err);
    assert_ok(network_server_ports_apply(&run, SERVER, &f->err), &f->err);
    assert_int_equal(ports_of(f, SERVER, &ports), 1);
    reconcile(f);
    assert_int_equal(audited(f, "network.reconcile.remade"), 0);
    assert_ok(fabric->ops->network_remove(fabric, f->network_id, &f->err), &f->err);
    reconcile(f);
    assert_true(fabric_has(f, AK_FABRIC_NETWORK, f->network_id, NULL));
    assert_true(fabric_has(f, AK_FABRIC_SUBNET, f->subnet_id, NULL));
    assert_true(fabric_has(f, AK_FABRIC_PORT, ports[0].id, NULL));
    assert_int_equal(audited(f, "network.reconcile.remade"), 3);
    reconcile(f);
    assert_int_equal(audited(f, "network.reconcile.remade"), 3);
}

static void the_reconciler_quarantines_orphans_once_and_deletes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ak_fabric *fabric = f->engines.fabric;
    struct ak_fabric_port orphan = {
        .id = STRANGE, .mac = "fa:16:3e:00:00:01", .enabled = true, .kind = "guest"};
    bool quarantined = false;
    work(f);
    orphan.network_id = f->network_id;
    assert_ok(fabric->ops->port_apply(fabric, &orphan, &f->err), &f->err);
    reconcile(f);
    assert_true(fabric_has(f, AK_FABRIC_PORT, STRANGE, &quarantined));
    assert_true(quarantined);
    reconcile(f);
    assert_true(fabric_has(f, AK_FABRIC_PORT, STRANGE, NULL));
    assert_int_equal(audited(f, "network.reconcile.quarantined"), 1);
}

static void a_failing_engine_is_tried_again_and_nothing_is_lost(void **state)
{
    struct fixture *f = *state;
    struct network_network network;
    work(f);
    ak_simulated_configure(&(struct ak_simulated_faults){.fail_every = 2});
    assert_ok(create_network(f, "n", &network), &f->err);
    for (int i = 0; i < 20; i++) {
        work(f);
        ak_time_shift((i + 1) * 10 * AK_SEC); /* past the pause before a retry */
    }
    ak_simulated_configure(&(struct ak_simulated_faults){0});
    assert_true(fabric_has(f, AK_FABRIC_NETWORK, network.id, NULL));
}

static void a_change_that_fails_halfway_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct network_server_port *ports = NULL;
    int n = 0, rc = -1;
    assert_ok(create_ports(f, STRANGE, NULL), &f->err); /* the default group is there */
    while (rc != 0) { /* the n-th call to the store fails, until none does */
        assert_true(++n < 100);
        ak_store_fail_after(f->store, n);
        rc = create_ports(f, SERVER, NULL);
        ak_store_fail_after(f->store, 0);
        assert_int_equal(ports_of(f, SERVER, &ports), rc == 0);
    }
    assert_true(n > 5);
}

static void quotas_hold_for_server_ports(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_tx) tx = NULL;
    struct network_nic_request nics[2] = {{.network_id = f->network_id},
                                          {.network_id = f->network_id}};
    assert_ok(ak_tx_write(f->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_exec(tx, &sql_quota_set,
                          AK_ARGS(ak_v_text(PROJECT), ak_v_text("port"), ak_v_int(1)), NULL,
                          &f->err),
              &f->err);
    assert_fails(
        network_server_ports_create(tx, f->arena, PROJECT, SERVER, "web1", nics, 2, NULL, &f->err),
        AK_NETWORK_QUOTA);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_statement_can_be_prepared),
        TEST(server_ports_come_and_go_with_their_server),
        TEST(a_subnet_without_dhcp_tells_guests_their_address),
        TEST(a_port_of_the_customer_outlives_the_server),
        TEST(a_device_id_alone_makes_no_interface_and_no_leg),
        TEST(servers_are_found_by_address),
        TEST(addresses_run_out_and_are_not_handed_out_again_at_once),
        TEST(a_tunnel_key_is_free_only_when_the_fabric_has_let_go),
        TEST(the_reconciler_makes_again_what_is_missing),
        TEST(the_reconciler_quarantines_orphans_once_and_deletes_nothing),
        TEST(a_failing_engine_is_tried_again_and_nothing_is_lost),
        TEST(a_change_that_fails_halfway_leaves_nothing),
        TEST(quotas_hold_for_server_ports),
    };
    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
