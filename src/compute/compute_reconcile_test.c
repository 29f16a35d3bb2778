/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the reconciler, and of the objects around servers: flavors, key pairs, quotas, hosts. */
#include "compute/compute_testing.h"

static void make_active(struct fixture *f)
{
    make_server(f, "web1");
    work(f);
    assert_string_equal(member(f, "status"), "ACTIVE");
}

static void reconcile(struct fixture *f)
{
    run_schedule(f, "compute-reconcile");
    work(f);
}

static void a_guest_that_shut_itself_down_is_shutoff(void **state)
{
    struct fixture *f = *state;
    struct ak_hypervisor *hv = f->engines->hypervisor;
    make_active(f);
    assert_ok(hv->ops->stop(hv, f->id, 0, &f->err), &f->err);
    compute_server_state_seen(f->id, AK_VM_SHUTOFF, f->t->store);
    work(f);
    assert_string_equal(member(f, "status"), "SHUTOFF");
    assert_ok(hv->ops->start(hv, f->id, &f->err), &f->err); /* from outside: not wanted */
    reconcile(f);
    assert_int_equal(vm_state(f, f->id), AK_VM_SHUTOFF);
}

/* Number of events of the server with this action and text. */
static size_t events(struct fixture *f, const char *action, const char *text)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    const struct ak_audit_query query = {
        .object_id = f->id, .action = action, .text = text, .limit = 10};
    struct ak_list list = {0};

    assert_ok(ak_tx_read(f->t->store, &tx, &f->err), &f->err);
    assert_ok(ak_audit_list(tx, arena, &query, &list, &f->err), &f->err);
    return list.n;
}

static void the_event_log_tells_what_a_guest_did_by_itself(void **state)
{
    struct fixture *f = *state;
    struct ak_hypervisor *hv = f->engines->hypervisor;
    make_active(f);
    assert_ok(hv->ops->suspend(hv, f->id, &f->err), &f->err); /* as QEMU does on an I/O error */
    compute_server_state_seen(f->id, AK_VM_PAUSED, f->t->store);
    work(f);
    assert_string_equal(member(f, "status"), "PAUSED");
    assert_int_equal(events(f, "compute.server.guest_pause", "io-error"), 1);
    assert_ok(hv->ops->stop(hv, f->id, 0, &f->err), &f->err);
    compute_server_state_seen(f->id, AK_VM_SHUTOFF, f->t->store);
    work(f);
    assert_string_equal(member(f, "status"), "SHUTOFF");
    assert_int_equal(events(f, "compute.server.guest_stop", "shutdown"), 1);
}

static void guests_that_the_operator_stopped_are_started_again(void **state)
{
    struct fixture *f = *state;
    struct ak_hypervisor *hv = f->engines->hypervisor;
    AK_AUTO_STR mark = ak_xasprintf("%s/resume-guests", f->dir);
    make_active(f);
    assert_ok(hv->ops->stop(hv, f->id, 0, &f->err), &f->err);
    assert_ok(ak_file_write(mark, "", 0, 0600, &f->err), &f->err);
    reconcile(f);
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    assert_string_equal(member(f, "status"), "ACTIVE");
    assert_ok(hv->ops->stop(hv, f->id, 0, &f->err), &f->err);
    reconcile(f); /* the mark was for once */
    assert_string_equal(member(f, "status"), "SHUTOFF");
}

static void a_lost_domain_is_defined_and_started_again(void **state)
{
    struct fixture *f = *state;
    struct ak_hypervisor *hv = f->engines->hypervisor;
    make_active(f);
    assert_ok(hv->ops->undefine(hv, f->id, &f->err), &f->err);
    reconcile(f);
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    assert_string_equal(member(f, "status"), "ACTIVE");
}

static void orphans_are_set_aside_and_never_deleted(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_engines *e = f->engines;
    static const char id[] = "99999999-9999-4999-8999-999999999999";
    const struct ak_vm_spec spec = {
        .uuid = id, .name = "ghost", .project_id = "p", .ram_mib = 64, .vcpus = 1, .boot = "hd"};
    struct ak_pool_file *files = NULL;
    size_t n = 0;
    make_active(f);
    assert_ok(e->hypervisor->ops->define(e->hypervisor, &spec, &f->err), &f->err);
    assert_ok(e->hypervisor->ops->start(e->hypervisor, id, &f->err), &f->err);
    assert_ok(e->pool->ops->volume_create(e->pool, id, 1 << 20, &f->err), &f->err);
    reconcile(f);
    reconcile(f);
    assert_int_equal(vm_state(f, id), AK_VM_PAUSED);
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    assert_ok(e->pool->ops->list(e->pool, arena, &files, &n, &f->err), &f->err);
    bool kept = false;
    for (size_t i = 0; i < n; i++) {
        assert_false(ak_starts_with(files[i].name, id));
        kept = kept || ak_starts_with(files[i].name, f->id);
    }
    assert_true(kept);
}

static void flavors_are_listed_made_and_given_to_projects(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, ALPHA, "GET", "/flavors/detail?sort_key=memory_mb", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "flavors")), 4);
    assert_string_equal(http_answer_text(a, "flavors/0/name"), "tiny");
    assert_string_equal(http_answer_text(a, "flavors/0/swap"), "");
    a = ask(f, ALPHA, "GET", "/flavors?limit=2", NULL);
    assert_non_null(http_answer_text(a, "flavors_links/0/href"));
    a = ask(f, ALPHA, "GET", "/flavors?minRam=2000", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "flavors")), 2);
    const char *body = "{\"flavor\":{\"name\":\"own\",\"id\":\"own\",\"ram\":64,\"vcpus\":1,"
                       "\"disk\":1,\"os-flavor-access:is_public\":false}}";
    assert_int_equal(ask(f, ALPHA, "POST", "/flavors", body)->status, 403);
    assert_int_equal(ask(f, ADMIN, "POST", "/flavors", body)->status, 200);
    assert_int_equal(ask(f, ADMIN, "POST", "/flavors", body)->status, 409);
    assert_int_equal(ask(f, ALPHA, "GET", "/flavors/own", NULL)->status, 404);
    assert_int_equal(
        ask(f, ADMIN, "POST", "/flavors/own/action", "{\"addTenantAccess\":{\"tenant\":\"alpha\"}}")
            ->status,
        200);
    assert_int_equal(ask(f, ALPHA, "GET", "/flavors/own", NULL)->status, 200);
    assert_int_equal(ask(f, BETA, "GET", "/flavors/own", NULL)->status, 404);
    assert_int_equal(
        ask(f, ADMIN, "POST", "/flavors/own/os-extra_specs", "{\"extra_specs\":{\"hw:x\":\"1\"}}")
            ->status,
        200);
    a = ask(f, ALPHA, "GET", "/flavors/own/os-extra_specs/hw:x", NULL);
    assert_string_equal(http_answer_text(a, "hw:x"), "1");
    assert_int_equal(ask(f, ADMIN, "DELETE", "/flavors/own", NULL)->status, 202);
    assert_int_equal(ask(f, ADMIN, "GET", "/flavors/own", NULL)->status, 404);
}

static void keypairs_are_imported_made_and_private(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a =
        ask_at(f, "2.2", ALPHA, "POST", "/os-keypairs",
               "{\"keypair\":{\"name\":\"me\",\"type\":\"ssh\",\"public_key\":\"ssh-ed25519 "
               "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me\"}}");
    assert_int_equal(a->status, 201);
    assert_string_equal(http_answer_text(a, "keypair/type"), "ssh");
    assert_null(http_answer_at(a, "keypair/private_key"));
    a = ask(f, ALPHA, "POST", "/os-keypairs", "{\"keypair\":{\"name\":\"new\"}}");
    assert_int_equal(a->status, 200);
    assert_non_null(http_answer_text(a, "keypair/private_key"));
    assert_int_equal(
        ask(f, ALPHA, "POST", "/os-keypairs", "{\"keypair\":{\"name\":\"new\"}}")->status, 409);
    assert_int_equal(ask(f, ALPHA, "POST", "/os-keypairs",
                         "{\"keypair\":{\"name\":\"bad\",\"public_key\":\"x\"}}")
                         ->status,
                     400);
    a = ask(f, ALPHA, "GET", "/os-keypairs", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "keypairs")), 2);
    assert_int_equal(ask(f, BETA, "GET", "/os-keypairs/me", NULL)->status, 404);
    assert_int_equal(ask(f, ALPHA, "DELETE", "/os-keypairs/me", NULL)->status, 202);
    assert_int_equal(ask(f, ALPHA, "GET", "/os-keypairs/me", NULL)->status, 404);
}

static void quotas_are_set_by_administrators_and_obeyed(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, ALPHA, "GET", "/os-quota-sets/alpha", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "quota_set/instances")), 10);
    assert_null(http_answer_at(a, "quota_set/local_disk_gib"));
    assert_int_equal(ask(f, ALPHA, "GET", "/os-quota-sets/beta", NULL)->status, 403);
    assert_int_equal(
        ask(f, ALPHA, "PUT", "/os-quota-sets/alpha", "{\"quota_set\":{\"ram\":9}}")->status, 403);
    assert_int_equal(
        ask(f, ADMIN, "PUT", "/os-quota-sets/alpha", "{\"quota_set\":{\"wings\":9}}")->status, 400);
    a = ask(f, ADMIN, "PUT", "/os-quota-sets/alpha", "{\"quota_set\":{\"ram\":200}}");
    assert_int_equal(a->status, 200);
    make_server(f, "web1");
    a = ask(f, ALPHA, "POST", "/servers",
            "{\"server\":{\"name\":\"n\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"}}");
    assert_int_equal(a->status, 403);
    assert_int_equal(
        ask(f, ADMIN, "PUT", "/os-quota-sets/alpha", "{\"quota_set\":{\"ram\":100}}")->status, 400);
    assert_int_equal(ask(f, ADMIN, "DELETE", "/os-quota-sets/alpha", NULL)->status, 202);
    a = ask(f, ALPHA, "GET", "/os-quota-sets/alpha/detail", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "quota_set/ram/in_use")), 128);
    run_schedule(f, "compute-recount");
    a = ask(f, ALPHA, "GET", "/os-quota-sets/alpha/detail", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "quota_set/ram/in_use")), 128);
}

static void hosts_are_shown_to_administrators_only(void **state)
{
    struct fixture *f = *state;
    make_active(f);
    assert_int_equal(ask(f, ALPHA, "GET", "/os-hypervisors", NULL)->status, 403);
    const struct http_answer *a = ask(f, ADMIN, "GET", "/os-hypervisors/detail", NULL);
    assert_string_equal(http_answer_text(a, "hypervisors/0/hypervisor_hostname"),
                        compute_this_host());
    assert_int_equal(json_integer_value(http_answer_at(a, "hypervisors/0/running_vms")), 1);
    assert_string_equal(http_answer_text(a, "hypervisors/0/state"), "up");
    assert_int_equal(ask(f, ADMIN, "GET", "/os-hypervisors/1", NULL)->status, 200);
    assert_int_equal(ask(f, ADMIN, "GET", "/os-hypervisors/7", NULL)->status, 404);
    a = ask(f, ADMIN, "GET", "/os-services", NULL);
    assert_string_equal(http_answer_text(a, "services/0/binary"), "nova-compute");
    a = ask(f, ALPHA, "GET", "/os-availability-zone", NULL);
    assert_string_equal(http_answer_text(a, "availabilityZoneInfo/0/zoneName"), "nova");
    assert_true(json_is_null(http_answer_at(a, "availabilityZoneInfo/0/hosts")));
    a = ask(f, ALPHA, "GET", "/extensions", NULL);
    assert_true(json_array_size(http_answer_at(a, "extensions")) > 20);
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/compute/", NULL, NULL);
    assert_string_equal(http_answer_text(a, "versions/1/version"), "2.26");
    a = http_testing_ask(f->t, AK_CUSTOMER, "GET", "/compute/v2.1/", NULL, NULL);
    assert_string_equal(http_answer_text(a, "version/id"), "v2.1");
}

static void security_groups_have_the_shape_of_nova(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, ALPHA, "GET", "/os-security-groups", NULL);
    assert_string_equal(http_answer_text(a, "security_groups/0/tenant_id"), "alpha");
    a = ask(f, ALPHA, "POST", "/os-security-groups",
            "{\"security_group\":{\"name\":\"web\",\"description\":\"\"}}");
    assert_int_equal(a->status, 200);
    assert_string_equal(http_answer_text(a, "security_group/name"), "web");
    assert_int_equal(ask(f, ALPHA, "DELETE", "/os-security-groups/" NETWORK, NULL)->status, 400);
    assert_int_equal(ask(f, ALPHA, "DELETE", "/os-security-groups/x", NULL)->status, 202);
    make_active(f);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s/os-security-groups", f->id);
    a = ask(f, ALPHA, "GET", url, NULL);
    assert_string_equal(http_answer_text(a, "security_groups/0/name"), "default");
}

static void an_engine_that_is_away_delays_a_build_but_does_not_fail_it(void **state)
{
    struct fixture *f = *state;
    compute_fakes.base_fail = AK_ENGINE_UNAVAILABLE;
    make_server(f, "web1");
    work(f);
    assert_string_equal(member(f, "status"), "BUILD");
    compute_fakes.base_fail = 0;
    ak_time_shift(30 * AK_SEC);
    work(f);
    assert_string_equal(member(f, "status"), "ACTIVE");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_guest_that_shut_itself_down_is_shutoff),
        TEST(the_event_log_tells_what_a_guest_did_by_itself),
        TEST(guests_that_the_operator_stopped_are_started_again),
        TEST(a_lost_domain_is_defined_and_started_again),
        TEST(orphans_are_set_aside_and_never_deleted),
        TEST(flavors_are_listed_made_and_given_to_projects),
        TEST(keypairs_are_imported_made_and_private),
        TEST(quotas_are_set_by_administrators_and_obeyed),
        TEST(hosts_are_shown_to_administrators_only),
        TEST(security_groups_have_the_shape_of_nova),
        TEST(an_engine_that_is_away_delays_a_build_but_does_not_fail_it),
    };
    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
