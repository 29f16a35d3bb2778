/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the simulated fabric: idempotency, removal, inventory and quarantine. */
#include "engine/fabric.h"

#include "base/test.h"

#define NET  "11111111-1111-4111-8111-111111111111"
#define SUB  "22222222-2222-4222-8222-222222222222"
#define PORT "33333333-3333-4333-8333-333333333333"

static struct ak_fabric *fabric(void)
{
    struct ak_error err = {0};
    struct ak_fabric *f = NULL;
    assert_ok(ak_simulated_fabric_open(NULL, &f, &err), &err);
    return f;
}

static int apply_port(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_port port = {.id = PORT,
                                  .network_id = NET,
                                  .mac = "fa:16:3e:00:00:01",
                                  .port_security = true,
                                  .enabled = true,
                                  .kind = "guest"};
    return f->ops->port_apply(f, &port, err);
}

static int apply_network(struct ak_fabric *f, struct ak_error *err)
{
    struct ak_fabric_network network = {.id = NET, .project_id = "p", .segmentation_id = 1};
    struct ak_fabric_subnet subnet = {.id = SUB, .network_id = NET, .cidr = "10.0.0.0/24"};
    int rc = f->ops->network_apply(f, &network, err);
    return rc == 0 ? f->ops->subnet_apply(f, &subnet, err) : rc;
}

static void applying_twice_writes_once(void **state)
{
    (void)state;
    struct ak_error err = {0};
    struct ak_fabric *f = fabric();
    bool up = false;
    assert_fails(apply_port(f, &err), AK_ENGINE_NO_OBJECT);
    assert_ok(apply_network(f, &err), &err);
    assert_ok(apply_port(f, &err), &err);
    int64_t writes = f->ops->writes(f);
    assert_ok(apply_network(f, &err), &err);
    assert_ok(apply_port(f, &err), &err);
    assert_int_equal(f->ops->writes(f), writes);
    assert_ok(f->ops->port_wait_up(f, PORT, 1, &err), &err);
    assert_ok(f->ops->port_is_up(f, PORT, &up, &err), &err);
    assert_true(up);
    f->ops->free(f);
}

static void removing_a_network_takes_what_is_on_it(void **state)
{
    (void)state;
    struct ak_error err = {0};
    struct ak_fabric *f = fabric();
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    assert_ok(apply_network(f, &err), &err);
    assert_ok(apply_port(f, &err), &err);
    assert_ok(f->ops->list(f, arena, &objects, &n, &err), &err);
    assert_int_equal(n, 3);
    assert_ok(f->ops->network_remove(f, NET, &err), &err);
    assert_ok(f->ops->network_remove(f, NET, &err), &err);
    assert_ok(f->ops->list(f, arena, &objects, &n, &err), &err);
    assert_int_equal(n, 0);
    f->ops->free(f);
}

static void quarantine_marks_and_apply_lifts(void **state)
{
    (void)state;
    struct ak_error err = {0};
    struct ak_fabric *f = fabric();
    bool up = true;
    assert_ok(apply_network(f, &err), &err);
    assert_ok(apply_port(f, &err), &err);
    assert_ok(f->ops->quarantine(f, AK_FABRIC_PORT, PORT, &err), &err);
    assert_ok(f->ops->port_is_up(f, PORT, &up, &err), &err);
    assert_false(up);
    assert_ok(apply_port(f, &err), &err);
    assert_ok(f->ops->port_is_up(f, PORT, &up, &err), &err);
    assert_true(up);
    f->ops->free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying_twice_writes_once),
        cmocka_unit_test(removing_a_network_takes_what_is_on_it),
        cmocka_unit_test(quarantine_marks_and_apply_lifts),
    };
    return cmocka_run_group_tests_name("simulated fabric", tests, NULL, NULL);
}
