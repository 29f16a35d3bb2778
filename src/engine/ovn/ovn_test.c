/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the fabric on OVN: framing and values of OVSDB; golden transactions against a fake
 * server (tests/data/ovn/<case>.json, written anew with AKASHI_GOLDEN=write); and idempotency,
 * inventory, quarantine and reconnection against a real ovsdb-server in a folder of its own. */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "engine/fabric.h"
#include "engine/ovn/ovsdb_fake.h"
#include "engine/ovn/ovsdb_frame.h"
#include "engine/ovn/ovsdb_value.h"

#define NET    "11111111-1111-4111-8111-111111111111"
#define SUB    "22222222-2222-4222-8222-222222222222"
#define PORT   "33333333-3333-4333-8333-333333333333"
#define GROUP  "44444444-4444-4444-8444-444444444444"
#define OTHER  "55555555-5555-4555-8555-555555555555"
#define ROUT   "66666666-6666-4666-8666-666666666666"
#define LEG    "77777777-7777-4777-8777-777777777777"
#define WORLD  "88888888-8888-4888-8888-888888888888"
#define GATE   "99999999-9999-4999-8999-999999999999"
#define SCHEMA "/usr/share/ovn/ovn-nb.ovsschema"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    ak_str_copy(dir, sizeof(dir), "/tmp/akashi-ovn-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return ak_run((const char *const[]){"rm", "-r", dir, NULL}, NULL, NULL, NULL);
}

/* --- framing and values ----------------------------------------------------------------------- */

static void frames_end_where_the_object_ends(void **state)
{
    (void)state;
    static const char text[] = " {\"a\":\"}\\\"{\",\"b\":[{}]}\n{\"c\":1}";
    struct ovsdb_frame frame;
    struct ak_error err = {0};
    size_t found[2] = {0}, n = 0;
    ovsdb_frame_init(&frame, 1024);
    for (size_t i = 0; i < sizeof(text) - 1; i++) { /* byte by byte, as a network may */
        assert_ok(ovsdb_frame_add(&frame, &text[i], 1, &err), &err);
        if (ovsdb_frame_next(&frame, &found[n], &err) == 1) {
            ovsdb_frame_drop(&frame, found[n++]);
        }
    }
    assert_int_equal(n, 2);
    assert_int_equal(found[0], 21);
    assert_int_equal(found[1], 7);
    ovsdb_frame_done(&frame);
}

static void frames_refuse_what_is_no_object_or_too_large(void **state)
{
    (void)state;
    struct ovsdb_frame frame;
    struct ak_error err = {0};
    size_t len = 0;
    char deep[400];
    ovsdb_frame_init(&frame, 16);
    assert_ok(ovsdb_frame_add(&frame, "[1]", 3, &err), &err);
    assert_fails(ovsdb_frame_next(&frame, &len, &err), AK_BAD_JSON);
    assert_fails(ovsdb_frame_add(&frame, "0123456789abcdef", 16, &err), AK_TOO_LARGE);
    ovsdb_frame_done(&frame);
    memset(deep, '[', sizeof(deep));
    deep[0] = '{';
    ovsdb_frame_init(&frame, 1024);
    assert_ok(ovsdb_frame_add(&frame, deep, sizeof(deep), &err), &err);
    assert_fails(ovsdb_frame_next(&frame, &len, &err), AK_BAD_JSON);
    ovsdb_frame_done(&frame);
}

static void values_are_equal_whatever_their_order(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"[\"set\",[1,2]]", "[\"set\",[2,1]]", true},
        {"[\"set\",[\"x\"]]", "\"x\"", true},
        {"[\"set\",[]]", "\"x\"", false},
        {"[\"map\",[[\"a\",\"1\"],[\"b\",\"2\"]]]", "[\"map\",[[\"b\",\"2\"],[\"a\",\"1\"]]]",
         true},
        {"[\"map\",[[\"a\",\"1\"]]]", "[\"map\",[[\"a\",\"2\"]]]", false},
        {"[\"uuid\",\"u\"]", "[\"set\",[[\"uuid\",\"u\"]]]", true},
        {"[\"uuid\",\"u\"]", "[\"named-uuid\",\"u\"]", false},
        {"true", "false", false},
    };
    for (size_t i = 0; i < AK_N(cases); i++) {
        json_t *a = json_loads(cases[i].a, JSON_DECODE_ANY, NULL);
        json_t *b = json_loads(cases[i].b, JSON_DECODE_ANY, NULL);
        assert_int_equal(ovsdb_value_equal(a, b), cases[i].equal);
        json_decref(a);
        json_decref(b);
    }
}

/* --- what is applied in the cases below ------------------------------------------------------- */

static int apply_network(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_network network = {
        .id = NET, .project_id = "alpha", .segmentation_id = 1001, .mtu = 1442};
    return f->ops->network_apply(f, &network, err);
}

static int apply_world(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_network network = {.id = WORLD,
                                        .project_id = "admin",
                                        .segmentation_id = 1002,
                                        .physical_network = "external",
                                        .vlan_id = 7,
                                        .mtu = 1500};
    return f->ops->network_apply(f, &network, err);
}

static int apply_subnet(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_subnet subnet = {.id = SUB,
                                      .network_id = NET,
                                      .cidr = "10.0.0.0/24",
                                      .gateway_ip = "10.0.0.1",
                                      .dhcp = true,
                                      .dns = (const char *const[]){"9.9.9.9", "2620:fe::fe", NULL},
                                      .routes =
                                          (const char *const[]){"10.9.0.0/16", "10.0.0.9", NULL},
                                      .dhcp_server_ip = "10.0.0.1",
                                      .dns_domain = "akashi.internal",
                                      .lease_s = 86400,
                                      .mtu = 1442};
    return f->ops->subnet_apply(f, &subnet, err);
}

static int apply_port(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_address address = {.ip = "10.0.0.5", .subnet_id = SUB};
    struct ak_fabric_pair pairs[] = {{.mac = NULL, .ip = "10.0.0.100"},
                                     {.mac = "fa:16:3e:00:00:99", .ip = "10.0.0.0/28"}};
    struct ak_fabric_port port = {.id = PORT,
                                  .network_id = NET,
                                  .mac = "fa:16:3e:00:00:01",
                                  .addresses = &address,
                                  .n_addresses = 1,
                                  .security_groups = (const char *const[]){GROUP, NULL},
                                  .port_security = true,
                                  .pairs = pairs,
                                  .n_pairs = 2,
                                  .enabled = true,
                                  .hostname = "Web1",
                                  .kind = "guest"};
    return f->ops->port_apply(f, &port, err);
}

static int apply_group(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_rule rules[] = {
        {.id = "r1", .ingress = false, .port_min = -1, .port_max = -1},
        {.id = "r2", .ingress = true, .remote_group = GROUP, .port_min = -1, .port_max = -1},
        {.id = "r3",
         .ingress = true,
         .protocol = "tcp",
         .port_min = 22,
         .port_max = 22,
         .remote_ip = "192.0.2.0/24"},
        {.id = "r4", .ingress = true, .protocol = "udp", .port_min = 1000, .port_max = 2000},
        {.id = "r5", .ingress = true, .protocol = "icmp", .port_min = 8, .port_max = 0},
        {.id = "r6",
         .ingress = true,
         .ipv6 = true,
         .protocol = "icmpv6",
         .port_min = -1,
         .port_max = -1,
         .remote_group = OTHER},
        {.id = "r7", .ingress = true, .protocol = "112", .port_min = -1, .port_max = -1},
    };
    struct ak_fabric_group group = {.id = GROUP, .rules = rules, .n_rules = AK_N(rules)};
    return f->ops->group_apply(f, &group, err);
}

static int apply_router(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_router_leg leg = {
        .port_id = LEG, .network_id = NET, .mac = "fa:16:3e:00:00:02", .cidr = "10.0.0.1/24"};
    struct ak_fabric_router router = {
        .id = ROUT,
        .project_id = "alpha",
        .legs = &leg,
        .n_legs = 1,
        .external_network_id = WORLD,
        .external_port_id = GATE,
        .external_mac = "fa:16:3e:00:00:03",
        .external_cidr = "100.64.0.12/16",
        .external_gateway = "100.64.0.1",
        .snat = true,
        .forbidden = (const char *const[]){"127.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", NULL}};
    return f->ops->router_apply(f, &router, err);
}

static const struct {
    const char *name;
    int (*apply)(struct ak_fabric *f, struct ak_error *err);
} cases[] = {
    {"network", apply_network}, {"world", apply_world}, {"subnet", apply_subnet},
    {"port", apply_port},       {"group", apply_group}, {"router", apply_router},
};

/* --- golden transactions ---------------------------------------------------------------------- */

static json_t *present(void)
{
    return json_pack("{s:{s:{s:s, s:[s,[]], s:[s,[]], s:[s,[]], s:[s,[]]},"
                     "    s:{s:s, s:[s,[]], s:[s,[]], s:[s,[]], s:[s,[[s,s]]]}},"
                     " s:{s:{s:[s,[[s,s]]]}}}",
                     "Logical_Switch", "a0000000-0000-4000-8000-000000000001", "name", NET, "ports",
                     "set", "dns_records", "set", "other_config", "map", "external_ids", "map",
                     "a0000000-0000-4000-8000-000000000002", "name", WORLD, "ports", "set",
                     "dns_records", "set", "other_config", "map", "external_ids", "map",
                     "akashi-physical", "external", "NB_Global",
                     "a0000000-0000-4000-8000-000000000003", "external_ids", "map",
                     "akashi-gateway-chassis", "host-a,host-b");
}

static void golden(const char *name, json_t *got)
{
    const char *source = getenv("AKASHI_SOURCE");
    AK_AUTO_STR path = ak_xasprintf("%s/tests/data/ovn/%s.json", source ? source : ".", name);
    AK_AUTO_STR text = json_dumps(got, JSON_INDENT(1) | JSON_SORT_KEYS);
    AK_AUTO_STR line = ak_xasprintf("%s\n", text);
    AK_AUTO_STR wanted = NULL;
    struct ak_error err = {0};
    if (ak_streq(getenv("AKASHI_GOLDEN"), "write")) {
        assert_ok(ak_file_write(path, line, strlen(line), 0644, &err), &err);
    }
    assert_ok(ak_file_read(path, 1 << 20, &wanted, NULL, &err), &err);
    assert_string_equal(line, wanted);
}

static struct ak_fabric *open_fabric(const char *socket)
{
    struct ak_error err = {0};
    struct ak_fabric *f = NULL;
    AK_AUTO_STR remote = ak_xasprintf("unix:%s", socket);
    assert_ok(ak_ovn_open(remote, "test", &f, &err), &err);
    return f;
}

static void transactions_are_as_written_down(void **state)
{
    (void)state;
    AK_AUTO_STR socket = ak_xasprintf("%s/fake.sock", dir);
    for (size_t i = 0; i < AK_N(cases); i++) {
        struct ak_error err = {0};
        struct ovsdb_fake *fake = ovsdb_fake_start(socket, present());
        struct ak_fabric *f = open_fabric(socket);
        assert_ok(cases[i].apply(f, &err), &err);
        f->ops->free(f);
        json_t *got = ovsdb_fake_stop(fake);
        assert_int_equal(json_array_size(got), 1); /* one transaction each */
        golden(cases[i].name, got);
        json_decref(got);
    }
}

static void refusals_of_the_engine_become_our_errors(void **state)
{
    (void)state;
    static const struct {
        const char *error;
        enum ak_error_code code;
    } refusals[] = {{"timed out", AK_ENGINE_UNAVAILABLE},
                    {"not leader", AK_ENGINE_UNAVAILABLE},
                    {"I/O error", AK_NO_SPACE},
                    {"constraint violation", AK_ENGINE}};
    AK_AUTO_STR socket = ak_xasprintf("%s/fake.sock", dir);
    struct ovsdb_fake *fake = ovsdb_fake_start(socket, json_object());
    struct ak_fabric *f = open_fabric(socket);
    for (size_t i = 0; i < AK_N(refusals); i++) {
        struct ak_error err = {0};
        ovsdb_fake_refuse(fake, refusals[i].error);
        assert_fails(apply_network(f, &err), refusals[i].code);
        assert_non_null(strstr(err.detail, refusals[i].error));
    }
    assert_int_equal(f->ops->writes(f), 0);
    ovsdb_fake_refuse(fake, NULL);
    ovsdb_fake_hang_up(fake);
    struct ak_error err = {0};
    int rc = apply_network(f, &err);
    for (int i = 0; i < 50 && rc == -AK_ENGINE_UNAVAILABLE; i++) {
        rc = apply_network(f, &err); /* the loss may be noticed by us before the reader does */
    }
    assert_ok(rc, &err);
    f->ops->free(f);
    json_decref(ovsdb_fake_stop(fake));
}

static void a_dead_engine_is_said_to_be_unavailable(void **state)
{
    (void)state;
    struct ak_error err = {0};
    AK_AUTO_STR socket = ak_xasprintf("%s/nobody.sock", dir);
    struct ak_fabric *f = open_fabric(socket);
    bool up = false;
    assert_fails(f->ops->port_wait_up(f, PORT, 10, &err), AK_ENGINE_UNAVAILABLE);
    assert_fails(f->ops->port_is_up(f, PORT, &up, &err), AK_ENGINE_UNAVAILABLE);
    f->ops->free(f);
    assert_fails(ak_ovn_open("tcp:1.2.3.4:6641", "test", &f, &err), AK_CONFIG);
}

/* --- against ovsdb-server --------------------------------------------------------------------- */

extern char **environ;
static pid_t server;

static void start_server(const char *socket)
{
    struct ak_error err = {0};
    AK_AUTO_STR db = ak_xasprintf("%s/nb.db", dir);
    AK_AUTO_STR remote = ak_xasprintf("--remote=punix:%s", socket);
    AK_AUTO_STR control = ak_xasprintf("--unixctl=%s/control", dir);
    AK_AUTO_STR log = ak_xasprintf("--log-file=%s/log", dir);
    char *argv[] = {(char *)(uintptr_t) "ovsdb-server",  remote, control, log,
                    (char *)(uintptr_t) "-vconsole:off", db,     NULL};
    if (access(db, F_OK) != 0) {
        assert_ok(ak_run((const char *const[]){"ovsdb-tool", "create", db, SCHEMA, NULL}, NULL,
                         NULL, &err),
                  &err);
    }
    assert_int_equal(posix_spawn(&server, "/usr/sbin/ovsdb-server", NULL, NULL, argv, environ), 0);
}

static void stop_server(void)
{
    (void)kill(server, SIGTERM);
    (void)waitpid(server, NULL, 0);
}

static void everything_applied_twice_writes_once(void **state)
{
    (void)state;
    struct ak_error err = {0};
    AK_AUTO_STR socket = ak_xasprintf("%s/nb.sock", dir);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    if (access("/usr/sbin/ovsdb-server", X_OK) != 0) {
        skip();
    }
    start_server(socket);
    struct ak_fabric *f = open_fabric(socket);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < AK_N(cases); i++) {
            assert_ok(cases[i].apply(f, &err), &err);
        }
        assert_int_equal(f->ops->writes(f), AK_N(cases));
    }
    assert_ok(f->ops->list(f, arena, &objects, &n, &err), &err);
    /* 2 networks, port, leg, gate, router, 2 groups, subnet; no localnet port, no guests group */
    assert_int_equal(n, 9);
    for (size_t i = 0; i < n; i++) {
        assert_true(objects[i].ours);
        assert_true(ak_uuid_valid(objects[i].id));
    }
    f->ops->free(f);
    stop_server();
}

static void a_restarted_engine_is_found_again(void **state)
{
    (void)state;
    struct ak_error err = {0};
    AK_AUTO_STR socket = ak_xasprintf("%s/nb.sock", dir);
    if (access("/usr/sbin/ovsdb-server", X_OK) != 0) {
        skip();
    }
    start_server(socket);
    struct ak_fabric *f = open_fabric(socket);
    assert_ok(apply_port(f, &err), &err);
    assert_int_equal(f->ops->writes(f), 0); /* it is all there from the case before */
    stop_server();
    assert_fails(f->ops->quarantine(f, AK_FABRIC_NETWORK, NET, &err), AK_ENGINE_UNAVAILABLE);
    start_server(socket);
    assert_ok(f->ops->quarantine(f, AK_FABRIC_NETWORK, NET, &err), &err);
    assert_ok(f->ops->quarantine(f, AK_FABRIC_NETWORK, NET, &err), &err);
    assert_int_equal(f->ops->writes(f), 1);
    assert_ok(apply_port(f, &err), &err);
    assert_int_equal(f->ops->writes(f), 2); /* lifted */
    f->ops->free(f);
    stop_server();
}

static void removing_leaves_nothing_behind(void **state)
{
    (void)state;
    struct ak_error err = {0};
    AK_AUTO_STR socket = ak_xasprintf("%s/nb.sock", dir);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    if (access("/usr/sbin/ovsdb-server", X_OK) != 0) {
        skip();
    }
    start_server(socket);
    struct ak_fabric *f = open_fabric(socket);
    for (int round = 0; round < 2; round++) {
        assert_ok(f->ops->port_remove(f, PORT, NET, &err), &err);
        assert_ok(f->ops->router_remove(f, ROUT, &err), &err);
        assert_ok(f->ops->group_remove(f, GROUP, &err), &err);
        assert_ok(f->ops->group_remove(f, OTHER, &err), &err);
        assert_ok(f->ops->subnet_remove(f, SUB, NET, &err), &err);
        assert_ok(f->ops->network_remove(f, NET, &err), &err);
        assert_ok(f->ops->network_remove(f, WORLD, &err), &err);
        assert_int_equal(f->ops->writes(f), 7);
    }
    assert_ok(f->ops->list(f, arena, &objects, &n, &err), &err);
    assert_int_equal(n, 0);
    f->ops->free(f);
    stop_server();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_end_where_the_object_ends),
        cmocka_unit_test(frames_refuse_what_is_no_object_or_too_large),
        cmocka_unit_test(values_are_equal_whatever_their_order),
        cmocka_unit_test(transactions_are_as_written_down),
        cmocka_unit_test(refusals_of_the_engine_become_our_errors),
        cmocka_unit_test(a_dead_engine_is_said_to_be_unavailable),
        cmocka_unit_test(everything_applied_twice_writes_once),
        cmocka_unit_test(a_restarted_engine_is_found_again),
        cmocka_unit_test(removing_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("ovn", tests, make_dir, remove_dir);
}
