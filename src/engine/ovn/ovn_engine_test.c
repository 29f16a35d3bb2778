/* SPDX-License-Identifier: Apache-2.0 */
/* The fabric on real OVN and Open vSwitch: two customers with the same prefix, guests played by
 * network namespaces behind OVS ports. Needs root and running engines: run it by
 * tools/sandbox sh -c 'tools/engines start && build/src/engine/ovn_engine_test'
 * from the top of the tree. */
#include <unistd.h>

#include "base/test.h"
#include "engine/fabric.h"

#define NB "unix:/run/akashi/ovn/nb.sock"

#define ALPHA   "a0000000-0000-4000-8000-000000000001"
#define ALPHA4  "a0000000-0000-4000-8000-000000000002"
#define ALPHA6  "a0000000-0000-4000-8000-000000000003"
#define BETA    "b0000000-0000-4000-8000-000000000001"
#define BETA4   "b0000000-0000-4000-8000-000000000002"
#define WORLD   "c0000000-0000-4000-8000-000000000001"
#define GROUP_A "a0000000-0000-4000-8000-00000000000a"
#define GROUP_B "b0000000-0000-4000-8000-00000000000b"
#define CLOSED  "a0000000-0000-4000-8000-00000000000c"
#define ROUTER  "a0000000-0000-4000-8000-0000000000d0"
#define LEG     "a0000000-0000-4000-8000-0000000000d1"
#define GATE    "a0000000-0000-4000-8000-0000000000d2"

static struct ak_fabric *fabric;

struct guest {
    const char *name, *id, *network, *subnet4, *mac, *ip4, *ip6, *group;
};
static const struct guest guests[] = {
    {"a1", "a0000000-0000-4000-8000-000000000011", ALPHA, ALPHA4, "fa:16:3e:0a:00:01", "10.0.0.5",
     "fd00:a::5", GROUP_A},
    {"a2", "a0000000-0000-4000-8000-000000000012", ALPHA, ALPHA4, "fa:16:3e:0a:00:02", "10.0.0.6",
     "fd00:a::6", GROUP_A},
    {"a3", "a0000000-0000-4000-8000-000000000013", ALPHA, ALPHA4, "fa:16:3e:0a:00:03", "10.0.0.8",
     NULL, CLOSED},
    {"b1", "b0000000-0000-4000-8000-000000000011", BETA, BETA4, "fa:16:3e:0b:00:01", "10.0.0.5",
     NULL, GROUP_B},
    {"b2", "b0000000-0000-4000-8000-000000000012", BETA, BETA4, "fa:16:3e:0b:00:02", "10.0.0.7",
     NULL, GROUP_B},
};

/* Runs a shell command; its standard output is 'out' (may be NULL). */
static int shell(struct ak_buf *out, const char *fmt, ...) AK_PRINTF(2, 3);
static int shell(struct ak_buf *out, const char *fmt, ...)
{
    struct ak_run_limits limits = {.timeout_ms = 30000};
    struct ak_error err = {0};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    va_list ap;
    va_start(ap, fmt);
    const char *command = ak_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    int rc = ak_run((const char *const[]){"sh", "-c", command, NULL}, &limits, out, &err);
    if (rc < 0 && getenv("VERBOSE")) {
        ak_log(AK_INFO, "%s: %s", command, err.detail);
    }
    return rc;
}

static void must(const char *command)
{
    if (shell(NULL, "%s", command) != 0) {
        fail_msg("failed: %s", command);
    }
}

/* --- what is applied -------------------------------------------------------------------------- */

static void apply_network(const char *id, int64_t key, const char *physical)
{
    struct ak_error err = {0};
    struct ak_fabric_network network = {.id = id,
                                        .project_id = id,
                                        .segmentation_id = key,
                                        .physical_network = physical,
                                        .mtu = 1442};
    assert_ok(fabric->ops->network_apply(fabric, &network, &err), &err);
}

static void apply_subnet(const char *id, const char *network, const char *cidr, const char *gateway)
{
    struct ak_error err = {0};
    struct ak_fabric_subnet subnet = {.id = id,
                                      .network_id = network,
                                      .cidr = cidr,
                                      .gateway_ip = gateway,
                                      .dhcp = true,
                                      .dns = (const char *const[]){"9.9.9.9", NULL},
                                      .dhcp_server_ip = gateway,
                                      .dns_domain = "akashi.internal",
                                      .lease_s = 3600,
                                      .mtu = 1442};
    assert_ok(fabric->ops->subnet_apply(fabric, &subnet, &err), &err);
}

static void apply_group(const char *id, bool from_itself)
{
    struct ak_error err = {0};
    struct ak_fabric_rule rules[] = {
        {.id = "1", .ingress = false, .port_min = -1, .port_max = -1},
        {.id = "2", .ingress = false, .ipv6 = true, .port_min = -1, .port_max = -1},
        {.id = "3", .ingress = true, .port_min = -1, .port_max = -1, .remote_group = id},
        {.id = "4",
         .ingress = true,
         .ipv6 = true,
         .port_min = -1,
         .port_max = -1,
         .remote_group = id},
    };
    struct ak_fabric_group group = {.id = id, .rules = rules, .n_rules = from_itself ? 4 : 2};
    assert_ok(fabric->ops->group_apply(fabric, &group, &err), &err);
}

static void apply_guest(const struct guest *guest)
{
    struct ak_error err = {0};
    struct ak_fabric_address addresses[] = {{guest->ip4, guest->subnet4}, {guest->ip6, ALPHA6}};
    struct ak_fabric_port port = {.id = guest->id,
                                  .network_id = guest->network,
                                  .mac = guest->mac,
                                  .addresses = addresses,
                                  .n_addresses = guest->ip6 ? 2 : 1,
                                  .security_groups = (const char *const[]){guest->group, NULL},
                                  .port_security = true,
                                  .enabled = true,
                                  .hostname = guest->name,
                                  .kind = "guest"};
    assert_ok(fabric->ops->port_apply(fabric, &port, &err), &err);
}

static void apply_router(void)
{
    struct ak_error err = {0};
    struct ak_fabric_router_leg leg = {LEG, ALPHA, "fa:16:3e:0a:00:d1", "10.0.0.1/24"};
    struct ak_fabric_router router = {
        .id = ROUTER,
        .project_id = ALPHA,
        .legs = &leg,
        .n_legs = 1,
        .external_network_id = WORLD,
        .external_port_id = GATE,
        .external_mac = "fa:16:3e:0a:00:d2",
        .external_cidr = "100.64.0.12/16",
        .external_gateway = "100.64.0.1",
        .snat = true,
        .forbidden = (const char *const[]){"127.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", NULL}};
    assert_ok(fabric->ops->router_apply(fabric, &router, &err), &err);
}

static void plug(const struct guest *g)
{
    AK_AUTO_STR command = ak_xasprintf(
        "ip netns add %s && ovs-vsctl add-port br-int %s -- set interface %s type=internal "
        "mac='\"%s\"' mtu_request=1442 external_ids:iface-id=%s && ip link set %s netns %s && "
        "ip -n %s link set lo up && ip -n %s link set %s address %s up",
        g->name, g->name, g->name, g->mac, g->id, g->name, g->name, g->name, g->name, g->name,
        g->mac);
    must(command);
}

static int setup(void **state)
{
    struct ak_error err = {0};
    (void)state;
    ak_log_init("test", AK_WARNING);
    assert_ok(ak_ovn_open(NB, "engine-test", &fabric, &err), &err);
    apply_network(ALPHA, 1001, NULL);
    apply_network(BETA, 1002, NULL);
    apply_network(WORLD, 1003, "external");
    apply_subnet(ALPHA4, ALPHA, "10.0.0.0/24", "10.0.0.1");
    apply_subnet(ALPHA6, ALPHA, "fd00:a::/64", "fd00:a::1");
    apply_subnet(BETA4, BETA, "10.0.0.0/24", "10.0.0.1");
    apply_group(GROUP_A, true);
    apply_group(GROUP_B, true);
    apply_group(CLOSED, false);
    apply_router();
    for (size_t i = 0; i < AK_N(guests); i++) {
        apply_guest(&guests[i]);
        plug(&guests[i]);
    }
    for (size_t i = 0; i < AK_N(guests); i++) {
        assert_ok(fabric->ops->port_wait_up(fabric, guests[i].id, 30000, &err), &err);
    }
    return 0;
}

static int teardown(void **state)
{
    struct ak_error err = {0};
    (void)state;
    if (getenv("AKASHI_KEEP")) {
        return 0; /* to look around by hand */
    }
    for (size_t i = 0; i < AK_N(guests); i++) {
        (void)shell(NULL, "ovs-vsctl --if-exists del-port %s; ip netns del %s", guests[i].name,
                    guests[i].name);
        assert_ok(fabric->ops->port_remove(fabric, guests[i].id, guests[i].network, &err), &err);
    }
    assert_ok(fabric->ops->router_remove(fabric, ROUTER, &err), &err);
    assert_ok(fabric->ops->network_remove(fabric, ALPHA, &err), &err);
    assert_ok(fabric->ops->network_remove(fabric, BETA, &err), &err);
    assert_ok(fabric->ops->network_remove(fabric, WORLD, &err), &err);
    fabric->ops->free(fabric);
    return 0;
}

/* --- probes ----------------------------------------------------------------------------------- */

static bool pings(const char *from, const char *to)
{
    return shell(NULL, "ip netns exec %s busybox ping -q -c 2 -W 1 %s", from, to) == 0;
}

static bool arrives(const char *fmt, ...) AK_PRINTF(1, 2);
static bool arrives(const char *fmt, ...)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_BUF out;
    va_list ap;
    va_start(ap, fmt);
    const char *args = ak_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    ak_buf_init(&out, 4096);
    if (shell(&out, "tests/engine/probe.py %s", args) != 0) {
        fail_msg("probe failed: %s", args);
    }
    return ak_starts_with(out.data, "arrived");
}

static void guests_get_their_addresses_by_dhcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < AK_N(guests); i++) {
        AK_AUTO_BUF out;
        ak_buf_init(&out, 65536);
        AK_AUTO_STR script = ak_xasprintf("/tmp/akashi-udhcpc-%d", (int)getpid());
        AK_AUTO_STR text =
            ak_xasprintf("#!/bin/sh\n[ $1 = bound ] && { ip addr add $ip/$mask dev "
                         "$interface; ip route add default via $router; echo "
                         "got $ip/$mask $router $dns $mtu $domain $lease; }; exit 0\n");
        struct ak_error err = {0};
        assert_ok(ak_file_write(script, text, strlen(text), 0755, &err), &err);
        int rc =
            shell(&out, "ip netns exec %s busybox udhcpc -i %s -n -q -t 5 -T 1 -O mtu -s %s 2>&1",
                  guests[i].name, guests[i].name, script);
        (void)unlink(script);
        AK_AUTO_STR wanted =
            ak_xasprintf("got %s/24 10.0.0.1 9.9.9.9 1442 akashi.internal 3600", guests[i].ip4);
        if (rc != 0 || strstr(out.data, wanted) == NULL) {
            fail_msg("%s: wanted '%s', got: %s", guests[i].name, wanted, out.data);
        }
    }
}

static void guests_of_a_network_reach_each_other(void **state)
{
    (void)state;
    assert_true(pings("a1", "10.0.0.6"));
    assert_true(pings("b1", "10.0.0.7"));
    assert_true(pings("a1", "10.0.0.1"));
}

static void ingress_is_denied_unless_a_rule_allows(void **state)
{
    (void)state;
    assert_false(pings("a1", "10.0.0.8"));
    assert_false(pings("a3", "10.0.0.5"));
    assert_false(arrives("a1 a3 udp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.8 sport=4000 "
                         "dport=4000",
                         guests[0].mac, guests[2].mac));
    assert_false(arrives("a1 a3 udp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.8 sport=53 dport=4000",
                         guests[0].mac, guests[2].mac));
    assert_true(arrives("a1 a2 udp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.6 sport=4000 dport=4000",
                        guests[0].mac, guests[1].mac));
}

static void customers_with_the_same_prefix_do_not_meet(void **state)
{
    (void)state;
    assert_false(pings("b1", "10.0.0.6"));
    assert_false(pings("a1", "10.0.0.7"));
    assert_false(arrives("a1 b2 arp smac=%s dmac=ff:ff:ff:ff:ff:ff sip=10.0.0.5 dip=10.0.0.7",
                         guests[0].mac));
    assert_false(arrives("a1 b2 icmp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.7", guests[0].mac,
                         guests[4].mac));
}

static void spoofed_addresses_are_dropped(void **state)
{
    (void)state;
    const char *a1 = guests[0].mac, *a2 = guests[1].mac;
    assert_true(arrives("a1 a2 icmp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.6", a1, a2));
    assert_false(arrives("a1 a2 icmp smac=%s dmac=%s sip=10.0.0.77 dip=10.0.0.6", a1, a2));
    assert_false(
        arrives("a1 a2 icmp smac=fa:16:3e:66:66:66 dmac=%s sip=10.0.0.5 dip=10.0.0.6", a2));
    assert_false(arrives("a1 a2 arp smac=%s dmac=%s sip=10.0.0.1 dip=10.0.0.6", a1, a2));
    /* OVN answers for addresses it knows; other requests pass */
    assert_true(
        arrives("a1 a2 arp smac=%s dmac=ff:ff:ff:ff:ff:ff sip=10.0.0.5 dip=10.0.0.200", a1));
}

static void what_no_guest_may_send_is_dropped(void **state)
{
    (void)state;
    const char *a1 = guests[0].mac, *a2 = guests[1].mac;
    assert_false(
        arrives("a1 a2 udp smac=%s dmac=%s sip=10.0.0.5 dip=10.0.0.6 sport=67 dport=68", a1, a2));
    assert_false(arrives("b1 b2 ra smac=%s dmac=33:33:00:00:00:01 sip=fe80::f816:3eff:fe0b:1 "
                         "dip=ff02::1",
                         guests[3].mac));
    assert_false(arrives("b1 b2 ra smac=%s dmac=%s sip=fe80::f816:3eff:fe0b:1 dip=fe80::1",
                         guests[3].mac, guests[4].mac));
    assert_false(arrives("a1 a2 ra smac=%s dmac=33:33:00:00:00:01 sip=fe80::66 dip=ff02::1", a1));
    assert_true(arrives("a1 a2 ns smac=%s dmac=33:33:ff:00:00:99 sip=fd00:a::5 "
                        "dip=ff02::1:ff00:99 target=fd00:a::99",
                        a1));
    assert_false(arrives("a1 a2 ethertype smac=%s dmac=%s type=88cc", a1, a2));
    assert_false(arrives("a1 a2 ethertype smac=%s dmac=ff:ff:ff:ff:ff:ff type=88cc", a1));
}

static void names_of_guests_resolve_in_their_network(void **state)
{
    (void)state;
    AK_AUTO_BUF out;
    ak_buf_init(&out, 65536);
    assert_int_equal(
        shell(&out, "ip netns exec a1 busybox nslookup a2.akashi.internal 9.9.9.9 2>&1 || :"), 0);
    assert_non_null(strstr(out.data, "10.0.0.6"));
}

static void the_world_sees_the_gateway_address_and_forbidden_prefixes_nothing(void **state)
{
    (void)state;
    must("ip addr replace 203.0.113.1/32 dev br-ex");
    assert_true(arrives("a1 -:br-ex icmp smac=%s dmac=fa:16:3e:0a:00:d1 sip=10.0.0.5 "
                        "dip=203.0.113.1",
                        guests[0].mac));
    assert_false(arrives("a1 -:br-ex icmp smac=%s dmac=fa:16:3e:0a:00:d1 sip=10.0.0.5 "
                         "dip=100.64.0.1",
                         guests[0].mac));
    assert_false(arrives("a1 -:br-ex icmp smac=%s dmac=fa:16:3e:0a:00:d1 sip=10.0.0.5 "
                         "dip=10.99.0.1",
                         guests[0].mac));
    assert_false(pings("a1", "100.64.0.1"));
}

static void every_rule_is_understood_by_the_engine(void **state)
{
    (void)state;
    must("ovn-nbctl --wait=hv --timeout=20 sync");
    must("test -s /var/log/ovn/ovn-controller.log");
    must("! grep 'error parsing' /var/log/ovn/ovn-controller.log");
}

static void a_quarantined_port_is_cut_off_until_applied_again(void **state)
{
    (void)state;
    struct ak_error err = {0};
    assert_ok(fabric->ops->quarantine(fabric, AK_FABRIC_PORT, guests[1].id, &err), &err);
    must("ovn-nbctl --wait=hv --timeout=20 sync");
    assert_false(pings("a1", "10.0.0.6"));
    apply_guest(&guests[1]);
    must("ovn-nbctl --wait=hv --timeout=20 sync");
    assert_true(pings("a1", "10.0.0.6"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_get_their_addresses_by_dhcp),
        cmocka_unit_test(guests_of_a_network_reach_each_other),
        cmocka_unit_test(ingress_is_denied_unless_a_rule_allows),
        cmocka_unit_test(customers_with_the_same_prefix_do_not_meet),
        cmocka_unit_test(spoofed_addresses_are_dropped),
        cmocka_unit_test(what_no_guest_may_send_is_dropped),
        cmocka_unit_test(names_of_guests_resolve_in_their_network),
        cmocka_unit_test(the_world_sees_the_gateway_address_and_forbidden_prefixes_nothing),
        cmocka_unit_test(every_rule_is_understood_by_the_engine),
        cmocka_unit_test(a_quarantined_port_is_cut_off_until_applied_again),
    };
    return cmocka_run_group_tests_name("ovn engine", tests, setup, teardown);
}
