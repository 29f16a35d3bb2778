/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of servers through the API and the jobs, on simulated engines and a fresh database of
 * either engine: what a customer asks, what the worker does, what the reconciler finds. */
#include "compute/compute_testing.h"

#include "compute/compute_server_sql.h"
#include "compute/compute_sql.h"

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;
    assert_ok(ak_sql_prepare_all(f->t->store, compute_sql_all, &f->err), &f->err);
    assert_ok(ak_sql_prepare_all(f->t->store, compute_server_sql_all, &f->err), &f->err);
}

static void create_leads_to_an_active_server_with_an_address(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    assert_string_equal(member(f, "status"), "BUILD");
    assert_string_equal(member(f, "OS-EXT-STS:task_state"), "scheduling");
    work(f);
    assert_string_equal(member(f, "status"), "ACTIVE");
    assert_string_equal(member(f, "OS-EXT-STS:task_state"), "null");
    assert_string_equal(member(f, "addresses/alpha-net/0/addr"), "10.0.0.10");
    assert_string_equal(member(f, "security_groups/0/name"), "default");
    assert_string_equal(member(f, "config_drive"), "True");
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    const struct http_answer *a = ask(f, ALPHA, "GET", url, NULL);
    assert_int_equal(strlen(http_answer_text(a, "server/hostId")), 56);
    assert_null(http_answer_at(a, "server/OS-EXT-SRV-ATTR:host"));
    assert_null(http_answer_at(a, "server/locked"));
    a = ask(f, ALPHA, "PUT", url,
            "{\"server\":{\"accessIPv6\":\"0:0:0:0:0:babe:220.12.22.2\",\"name\":\"web2\"}}");
    assert_string_equal(http_answer_text(a, "server/accessIPv6"), "::babe:dc0c:1602");
    assert_null(http_answer_at(a, "server/OS-EXT-STS:vm_state"));
    a = ask_at(f, "2.26", ALPHA, "GET", url, NULL);
    assert_string_equal(http_answer_text(a, "server/name"), "web2");
    assert_true(json_is_false(http_answer_at(a, "server/locked")));
    assert_true(json_is_array(http_answer_at(a, "server/tags")));
}

static void another_project_sees_nothing_of_it(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    assert_int_equal(ask(f, BETA, "GET", url, NULL)->status, 404);
    assert_int_equal(ask(f, BETA, "DELETE", url, NULL)->status, 404);
    assert_int_equal(act(f, BETA, "{\"os-stop\":null}"), 404);
    const struct http_answer *a = ask(f, BETA, "GET", "/servers", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 0);
    assert_int_equal(ask(f, BETA, "GET", "/servers?all_tenants=1", NULL)->status, 403);
    a = ask(f, ADMIN, "GET", "/servers/detail?all_tenants=1", NULL);
    assert_string_equal(http_answer_text(a, "servers/0/id"), f->id);
    assert_int_equal(ask(f, READER, "DELETE", url, NULL)->status, 403);
}

/* Boot scripts hold passwords and keys; the provider's people see that there is a server. */
static void user_data_is_for_its_own_project_only(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, ALPHA, "POST", "/servers",
                                      "{\"server\":{\"name\":\"a\",\"imageRef\":\"" IMAGE
                                      "\",\"flavorRef\":\"tiny\",\"user_data\":\"c2VjcmV0\"}}");
    assert_int_equal(a->status, 202);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", http_answer_text(a, "server/id"));
    a = ask_at(f, "2.26", ADMIN, "GET", url, NULL);
    assert_string_equal(http_answer_text(a, "server/name"), "a");
    assert_true(json_is_null(http_answer_at(a, "server/OS-EXT-SRV-ATTR:user_data")));
    a = ask_at(f, "2.26", ADMIN, "GET", "/servers/detail?all_tenants=1", NULL);
    assert_null(strstr(a->body, "c2VjcmV0"));
}

/* Who starts another's image on a server of his own reads what is in it. */
static void the_administrator_starts_no_image_of_a_customer(void **state)
{
    struct fixture *f = *state;
    static const char body[] =
        "{\"server\":{\"name\":\"a\",\"imageRef\":\"" IMAGE_BETA "\",\"flavorRef\":\"tiny\"}}";
    assert_int_equal(ask(f, BETA, "POST", "/servers", body)->status, 202);
    assert_int_equal(ask(f, ALPHA, "POST", "/servers", body)->status, 400);
    assert_int_equal(ask(f, ADMIN, "POST", "/servers", body)->status, 400);
    make_server(f, "web1");
    work(f);
    assert_int_equal(act(f, ADMIN, "{\"rebuild\":{\"imageRef\":\"" IMAGE_BETA "\"}}"), 400);
}

static void bad_creates_are_refused_with_a_reason(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *members;
        int status;
    } bad[] = {
        {"\"name\":\"\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":12345,\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":\"a\",\"imageRef\":\"nope\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"nope\"", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE_BIG "\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE_YOUNG "\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":\"a\",\"flavorRef\":\"tiny\"", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\",\"surprise\":1", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\",\"key_name\":\"x\"",
         400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE
         "\",\"flavorRef\":\"tiny\",\"user_data\":\"not base64!\"",
         400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\",\"networks\":[{}]", 400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE
         "\",\"flavorRef\":\"tiny\",\"accessIPv6\":\"2001::42::1\"",
         400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE
         "\",\"flavorRef\":\"tiny\",\"availability_zone\":\"mars\"",
         400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE
         "\",\"flavorRef\":\"tiny\",\"block_device_mapping_v2\":[{\"source_type\":\"volume\"}]",
         400},
        {"\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\",\"personality\":[]",
         403},
    };
    for (size_t i = 0; i < AK_N(bad); i++) {
        AK_AUTO_STR body = ak_xasprintf("{\"server\":{%s}}", bad[i].members);
        const struct http_answer *a = ask(f, ALPHA, "POST", "/servers", body);
        if (a->status != bad[i].status) {
            fail_msg("%s: %d %s", bad[i].members, a->status, a->body);
        }
    }
    const struct http_answer *a = ask(f, ALPHA, "GET", "/limits", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "limits/absolute/totalInstancesUsed")),
                     0);
}

static void the_form_of_openstackclient_is_accepted(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a =
        ask(f, ALPHA, "POST", "/servers",
            "{\"server\":{\"name\":\"a\",\"imageRef\":\"" IMAGE
            "\",\"flavorRef\":\"tiny\",\"min_count\":1,\"max_count\":1,\"networks\":[{\"uuid\":"
            "\"" NETWORK "\"}],\"block_device_mapping_v2\":[{\"uuid\":\"" IMAGE
            "\",\"source_type\":\"image\",\"destination_type\":\"local\",\"boot_index\":0,"
            "\"delete_on_termination\":true}]}}");
    assert_int_equal(a->status, 202);
    assert_int_equal(strlen(http_answer_text(a, "server/adminPass")), 16);
    assert_string_equal(http_answer_text(a, "server/security_groups/0/name"), "default");
}

static void several_at_once_share_a_reservation(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = ask(f, ALPHA, "POST", "/servers",
                                      "{\"server\":{\"name\":\"m\",\"imageRef\":\"" IMAGE
                                      "\",\"flavorRef\":\"tiny\",\"min_count\":2,\"max_count\":50,"
                                      "\"return_reservation_id\":true}}");
    assert_int_equal(a->status, 202);
    AK_AUTO_STR url =
        ak_xasprintf("/servers?reservation_id=%s", http_answer_text(a, "reservation_id"));
    a = ask(f, ALPHA, "GET", url, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 10); /* the quota */
    a = ask(f, ALPHA, "GET", "/servers?name=%5Em-1%24", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 1);
    a = ask(f, ALPHA, "POST", "/servers",
            "{\"server\":{\"name\":\"n\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"}}");
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(http_answer_text(a, "forbidden/message"), "instances"));
}

static void delete_removes_everything_and_keeps_the_row(void **state)
{
    struct fixture *f = *state;
    struct ak_vm_info *vms;
    struct ak_pool_file *files;
    size_t n = 0;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    make_server(f, "web1");
    work(f);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    assert_int_equal(ask(f, ALPHA, "DELETE", url, NULL)->status, 204);
    assert_int_equal(ask(f, ALPHA, "DELETE", url, NULL)->status, 204);
    assert_string_equal(member(f, "OS-EXT-STS:task_state"), "deleting");
    work(f);
    assert_int_equal(ask(f, ALPHA, "GET", url, NULL)->status, 404);
    assert_ok(f->engines->hypervisor->ops->list(f->engines->hypervisor, arena, &vms, &n, &f->err),
              &f->err);
    assert_int_equal(n, 0);
    assert_ok(f->engines->pool->ops->list(f->engines->pool, arena, &files, &n, &f->err), &f->err);
    for (size_t i = 0; i < n; i++) {
        assert_false(ak_starts_with(files[i].name, f->id));
    }
    const struct http_answer *a = ask(f, ALPHA, "GET", "/limits", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "limits/absolute/totalInstancesUsed")),
                     0);
    AK_AUTO_STR actions = ak_xasprintf("%s/os-instance-actions", url);
    assert_int_equal(ask(f, ALPHA, "GET", actions, NULL)->status, 404);
    a = ask_at(f, "2.21", ALPHA, "GET", actions, NULL);
    assert_string_equal(http_answer_text(a, "instanceActions/0/action"), "delete");
    a = ask(f, ADMIN, "GET", "/servers/detail?all_tenants=1&deleted=1", NULL);
    assert_string_equal(http_answer_text(a, "servers/0/status"), "DELETED");
}

static struct fixture *racing;

static void delete_meanwhile(struct ak_job_run *run)
{
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", run->object_id);
    compute_fakes.during_base = NULL;
    assert_int_equal(ask(racing, ALPHA, "DELETE", url, NULL)->status, 204);
}

static void delete_while_building_wins(void **state)
{
    struct fixture *f = *state;
    racing = f;
    make_server(f, "web1");
    compute_fakes.during_base = delete_meanwhile;
    work(f);
    assert_int_equal(vm_state(f, f->id), AK_VM_ABSENT);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    assert_int_equal(ask(f, ALPHA, "GET", url, NULL)->status, 404);
    const struct http_answer *a = ask(f, ALPHA, "GET", "/limits", NULL);
    assert_int_equal(json_integer_value(http_answer_at(a, "limits/absolute/totalInstancesUsed")),
                     0);
}

static void a_failed_build_is_an_error_with_a_fault_and_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    compute_fakes.ports_fail = AK_CONFLICT;
    make_server(f, "web1");
    for (int i = 0; i < 4; i++) { /* retries wait a little: let the time pass */
        work(f);
        ak_time_shift((i + 1) * AK_MIN);
        run_schedule(f, "compute-reconcile");
    }
    work(f);
    assert_string_equal(member(f, "status"), "ERROR");
    assert_string_not_equal(member(f, "fault/message"), "(none)");
    assert_int_equal(vm_state(f, f->id), AK_VM_ABSENT);
    assert_true(compute_fakes.removed > 0);
    assert_int_equal(act(f, ALPHA, "{\"os-stop\":null}"), 409);
    AK_AUTO_STR url = ak_xasprintf("/servers/%s", f->id);
    assert_int_equal(ask(f, ALPHA, "DELETE", url, NULL)->status, 204);
    work(f);
    assert_int_equal(ask(f, ALPHA, "GET", url, NULL)->status, 404);
}

static void no_host_with_room_is_a_fault_with_reasons_kept(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ask(f, ADMIN, "PUT", "/os-services/disable",
                         "{\"host\":\"nowhere\",\"binary\":\"nova-compute\"}")
                         ->status,
                     404);
    AK_AUTO_STR body =
        ak_xasprintf("{\"host\":\"%s\",\"binary\":\"nova-compute\",\"disabled_reason\":\"fan\"}",
                     compute_this_host());
    assert_int_equal(ask(f, ADMIN, "PUT", "/os-services/disable-log-reason", body)->status, 200);
    make_server(f, "web1");
    work(f);
    assert_string_equal(member(f, "status"), "ERROR");
    assert_string_equal(member(f, "fault/message"),
                        "No valid host was found. There are not enough hosts available.");
}

static void power_operations_move_the_state(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *body, *during, *status;
        enum ak_vm_state vm;
    } steps[] = {
        {"{\"os-stop\":null}", "powering-off", "SHUTOFF", AK_VM_SHUTOFF},
        {"{\"os-start\":null}", "powering-on", "ACTIVE", AK_VM_RUNNING},
        {"{\"pause\":null}", "pausing", "PAUSED", AK_VM_PAUSED},
        {"{\"unpause\":null}", "unpausing", "ACTIVE", AK_VM_RUNNING},
        {"{\"suspend\":null}", "suspending", "SUSPENDED", AK_VM_PAUSED},
        {"{\"resume\":null}", "resuming", "ACTIVE", AK_VM_RUNNING},
        {"{\"reboot\":{\"type\":\"SOFT\"}}", "rebooting", "ACTIVE", AK_VM_RUNNING},
        {"{\"reboot\":{\"type\":\"HARD\"}}", "rebooting_hard", "ACTIVE", AK_VM_RUNNING},
        {"{\"rebuild\":{\"imageRef\":\"" IMAGE "\"}}", "rebuilding", "ACTIVE", AK_VM_RUNNING},
    };
    make_server(f, "web1");
    assert_int_equal(act(f, ALPHA, "{\"os-stop\":null}"), 409);
    work(f);
    for (size_t i = 0; i < AK_N(steps); i++) {
        assert_int_equal(act(f, ALPHA, steps[i].body), 202);
        assert_string_equal(member(f, "OS-EXT-STS:task_state"), steps[i].during);
        assert_int_equal(act(f, ALPHA, "{\"os-start\":null}"), 409);
        work(f);
        assert_string_equal(member(f, "status"), steps[i].status);
        assert_int_equal(vm_state(f, f->id), steps[i].vm);
    }
    assert_int_equal(act(f, ALPHA, "{\"fly\":null}"), 400);
}

/* Orders the flavor for f->id in the way other domains do. */
static int change(struct fixture *f, const char *flavor)
{
    const struct compute_behalf behalf = {
        .project_id = "alpha", .user_id = "alpha", .request_id = "req-test"};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    ak_error_clear(&f->err);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    int rc = compute_server_change(tx, arena, f->config, &behalf, f->id, flavor, &f->err);
    return rc == 0 ? ak_tx_commit(tx, &f->err) : rc;
}

static int64_t ram_used(struct fixture *f)
{
    const struct http_answer *a = ask(f, ALPHA, "GET", "/limits", NULL);
    return json_integer_value(http_answer_at(a, "limits/absolute/totalRAMUsed"));
}

static void a_resize_changes_flavor_quota_and_domain(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    work(f);
    int64_t before = ram_used(f);
    assert_fails(change(f, "tiny"), AK_RESIZE_SAME);
    assert_fails(change(f, "no-such"), AK_FLAVOR_NOT_FOUND);
    assert_ok(change(f, "small"), &f->err);
    assert_string_equal(member(f, "status"), "RESIZE");
    assert_fails(change(f, "medium"), AK_SERVER_STATE);
    work(f);
    assert_string_equal(member(f, "status"), "ACTIVE");
    assert_string_equal(member(f, "flavor/id"), "small");
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    assert_int_equal(ram_used(f), before + 512 - 128);
    assert_fails(change(f, "tiny"), AK_RESIZE_DISK);
}

static void a_resize_that_fails_gives_everything_back(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    work(f);
    int64_t before = ram_used(f);
    assert_ok(f->engines->pool->ops->volume_remove(f->engines->pool, f->id, &f->err), &f->err);
    assert_ok(change(f, "small"), &f->err);
    for (int i = 1; i < 6; i++) { /* pauses between the attempts */
        work(f);
        ak_time_shift(i * AK_MIN);
    }
    assert_string_equal(member(f, "status"), "ACTIVE");
    assert_string_equal(member(f, "flavor/id"), "tiny");
    assert_int_equal(vm_state(f, f->id), AK_VM_RUNNING);
    assert_int_equal(ram_used(f), before);
}

/* A worker that has just started has not looked at its hypervisor yet: the server waits for it. */
static void a_create_waits_while_no_host_has_been_heard_of(void **state)
{
    struct fixture *f = *state;
    ak_time_shift(COMPUTE_HOST_TIMEOUT + AK_SEC);
    make_server(f, "web1");
    work(f);
    assert_string_equal(member(f, "status"), "BUILD");
    run_schedule(f, "compute-reconcile");
    ak_time_shift(COMPUTE_HOST_TIMEOUT + AK_MIN); /* past the pause */
    work(f);
    assert_string_equal(member(f, "status"), "ACTIVE");
}

static void a_locked_server_refuses_its_owner_but_not_the_administrator(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    work(f);
    assert_int_equal(act(f, ALPHA, "{\"lock\":null}"), 202);
    assert_int_equal(act(f, ALPHA, "{\"os-stop\":null}"), 409);
    assert_int_equal(act(f, ADMIN, "{\"os-stop\":null}"), 202);
    assert_int_equal(act(f, ALPHA, "{\"unlock\":null}"), 202);
}

static size_t count(struct fixture *f, const char *query)
{
    AK_AUTO_STR url = ak_xasprintf("/servers/detail?%s", query);
    const struct http_answer *a = ask(f, ALPHA, "GET", url, NULL);
    if (a->status != 200) {
        fail_msg("%s: %d %s", query, a->status, a->body);
    }
    return json_array_size(http_answer_at(a, "servers"));
}

static void lists_filter_and_page_as_nova(void **state)
{
    struct fixture *f = *state;
    make_server(f, "db1");
    make_server(f, "web1");
    work(f);
    make_server(f, "web2");
    assert_int_equal(count(f, ""), 3);
    assert_int_equal(count(f, "name=web"), 2);
    assert_int_equal(count(f, "name=web.%2A2"), 1);
    assert_int_equal(count(f, "status=ACTIVE"), 2);
    assert_int_equal(count(f, "status=build"), 1);
    assert_int_equal(count(f, "status=FLYING"), 0);
    assert_int_equal(count(f, "flavor=tiny"), 3);
    assert_int_equal(count(f, "flavor=small"), 0);
    assert_int_equal(count(f, "image=" IMAGE), 3);
    assert_int_equal(count(f, "ip=10.0.0.11"), 1);
    assert_int_equal(count(f, "ip=10.9"), 0);
    assert_int_equal(count(f, "changes-since=2099-01-01T00:00:00Z"), 0);
    assert_int_equal(count(f, "unknown=x"), 3);
    assert_int_equal(count(f, "limit=1000000"), 3);
    const struct http_answer *a = ask(f, ALPHA, "GET", "/servers?limit=2", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 2);
    assert_string_equal(http_answer_text(a, "servers/0/name"), "web2");
    const char *href = http_answer_text(a, "servers_links/0/href");
    assert_non_null(href);
    AK_AUTO_STR next = ak_xstrdup(strstr(href, "/servers?"));
    a = ask(f, ALPHA, "GET", next, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 1);
    assert_string_equal(http_answer_text(a, "servers/0/name"), "db1");
    assert_null(http_answer_at(a, "servers_links"));
    assert_int_equal(ask(f, ALPHA, "GET", "/servers?limit=-1", NULL)->status, 400);
    assert_int_equal(ask(f, ALPHA, "GET", "/servers?limit=x", NULL)->status, 400);
    assert_int_equal(ask(f, ALPHA, "GET", "/servers?marker=x", NULL)->status, 400);
    assert_int_equal(ask(f, ALPHA, "GET", "/servers?changes-since=x", NULL)->status, 400);
}

static void metadata_and_tags_change_one_server(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    AK_AUTO_STR metadata = ak_xasprintf("/servers/%s/metadata", f->id);
    AK_AUTO_STR item = ak_xasprintf("/servers/%s/metadata/a", f->id);
    AK_AUTO_STR tags = ak_xasprintf("/servers/%s/tags", f->id);
    AK_AUTO_STR tag = ak_xasprintf("/servers/%s/tags/blue", f->id);
    assert_int_equal(
        ask(f, ALPHA, "POST", metadata, "{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}")->status, 200);
    assert_int_equal(ask(f, ALPHA, "PUT", item, "{\"meta\":{\"a\":\"9\"}}")->status, 200);
    const struct http_answer *a = ask(f, ALPHA, "GET", metadata, NULL);
    assert_string_equal(http_answer_text(a, "metadata/a"), "9");
    assert_int_equal(ask(f, ALPHA, "DELETE", item, NULL)->status, 204);
    assert_int_equal(ask(f, ALPHA, "GET", item, NULL)->status, 404);
    assert_int_equal(ask(f, ALPHA, "GET", tags, NULL)->status, 404); /* not before 2.26 */
    assert_int_equal(ask_at(f, "2.26", ALPHA, "PUT", tag, NULL)->status, 201);
    assert_int_equal(ask_at(f, "2.26", ALPHA, "PUT", tag, NULL)->status, 204);
    assert_int_equal(ask_at(f, "2.26", ALPHA, "GET", tag, NULL)->status, 204);
    a = ask_at(f, "2.26", ALPHA, "GET", "/servers?tags=blue", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 1);
    a = ask_at(f, "2.26", ALPHA, "GET", "/servers?not-tags=blue", NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "servers")), 0);
    assert_int_equal(ask_at(f, "2.26", ALPHA, "DELETE", tags, NULL)->status, 204);
    assert_int_equal(ask_at(f, "2.26", ALPHA, "GET", tag, NULL)->status, 404);
}

static void actions_are_recorded_with_the_steps_of_their_jobs(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    work(f);
    AK_AUTO_STR list = ak_xasprintf("/servers/%s/os-instance-actions", f->id);
    const struct http_answer *a = ask(f, ADMIN, "GET", list, NULL);
    assert_string_equal(http_answer_text(a, "instanceActions/0/action"), "create");
    AK_AUTO_STR one =
        ak_xasprintf("%s/%s", list, http_answer_text(a, "instanceActions/0/request_id"));
    a = ask(f, ADMIN, "GET", one, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "instanceAction/events")), 4);
    assert_string_equal(http_answer_text(a, "instanceAction/events/0/result"), "Success");
    a = ask(f, ALPHA, "GET", one, NULL);
    assert_null(http_answer_at(a, "instanceAction/events"));
}

static void a_console_token_works_once_and_for_a_minute(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct compute_console console = {0};
    make_server(f, "web1");
    AK_AUTO_STR path = ak_xasprintf("/servers/%s/remote-consoles", f->id);
    const char *body = "{\"remote_console\":{\"protocol\":\"vnc\",\"type\":\"novnc\"}}";
    assert_int_equal(ask_at(f, "2.6", ALPHA, "POST", path, body)->status, 409);
    work(f);
    for (int late = 0; late < 2; late++) {
        const struct http_answer *a = ask_at(f, "2.6", ALPHA, "POST", path, body);
        assert_int_equal(a->status, 200);
        const char *url = http_answer_text(a, "remote_console/url");
        AK_AUTO_STR token = ak_xstrdup(strstr(url, "/console?token=") + 15);
        assert_int_equal(strlen(token), 43);
        ak_time_shift(late ? 61 * AK_SEC : 0);
        for (int again = 0; again < 2; again++) {
            AK_AUTO(ak_tx) tx = NULL;
            assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
            int rc = compute_console_token_load(tx, arena, token, &console, &f->err);
            rc = rc == 0 ? compute_console_token_use(tx, token, &f->err) : rc;
            assert_int_equal(rc, late || again ? -AK_CONSOLE_TOKEN : 0);
            assert_ok(rc == 0 ? ak_tx_commit(tx, &f->err) : 0, &f->err);
        }
    }
    assert_string_equal(console.server_id, f->id);
    assert_int_equal(act(f, ALPHA, "{\"os-getVNCConsole\":{\"type\":\"novnc\"}}"), 200);
    assert_int_equal(act(f, ALPHA, "{\"os-getVNCConsole\":{\"type\":\"xvpvnc\"}}"), 400);
    assert_int_equal(act(f, ALPHA, "{\"os-getConsoleOutput\":{\"length\":10}}"), 200);
    assert_int_equal(act(f, READER, "{\"os-getConsoleOutput\":{}}"), 403);
}

/* Consoles are connections of a listener that all customers share. */
static void consoles_of_a_project_are_limited(void **state)
{
    struct fixture *f = *state;
    const struct compute_console console = {"server", "project", "hash"};
    const struct ak_principal one = {.user_id = "u", .project_id = "one"},
                              two = {.user_id = "u", .project_id = "two"};
    struct ak_request req = {.config = f->t->config, .principal = &one};
    struct ak_relay_watch open[20] = {0}, more = {0};
    for (size_t i = 0; i < AK_N(open); i++) {
        assert_ok(compute_console_watch(&req, &console, &open[i], &f->err), &f->err);
    }
    assert_int_equal(compute_console_watch(&req, &console, &more, &f->err), -AK_CONSOLE_MANY);
    ak_error_clear(&f->err);
    assert_null(more.free);
    req.principal = &two; /* another's are its own */
    assert_ok(compute_console_watch(&req, &console, &more, &f->err), &f->err);
    more.free(more.data);
    req.principal = &one;
    open[7].free(open[7].data);
    assert_ok(compute_console_watch(&req, &console, &open[7], &f->err), &f->err);
    for (size_t i = 0; i < AK_N(open); i++) {
        open[i].free(open[i].data);
    }
}

/* The n-th statement fails, for every n until the request passes: each refusal changes nothing. */
static void a_create_that_the_database_fails_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    const char *body =
        "{\"server\":{\"name\":\"a\",\"imageRef\":\"" IMAGE "\",\"flavorRef\":\"tiny\"}}";
    int status = 0, n = 0;
    while (status != 202) {
        ak_store_fail_after(f->t->store, ++n);
        status = ask(f, ALPHA, "POST", "/servers", body)->status;
        ak_store_fail_after(f->t->store, 0);
        assert_true(status == 202 || status == 500 || status == 503);
        assert_true(n < 100);
        const struct http_answer *a = ask(f, ALPHA, "GET", "/limits", NULL);
        assert_int_equal(
            json_integer_value(http_answer_at(a, "limits/absolute/totalInstancesUsed")),
            status == 202);
        assert_int_equal(count(f, ""), status == 202);
    }
    assert_true(n > 10);
    work(f);
    assert_int_equal(count(f, "status=ACTIVE"), 1);
}

/* The same for the worker: whatever statement fails, the job is taken up again. */
static void a_job_that_the_database_fails_is_taken_up_again(void **state)
{
    struct fixture *f = *state;
    make_server(f, "web1");
    for (int n = 1, done = 0; !done; n++) {
        struct ak_error err = {0};
        ak_store_fail_after(f->t->store, n);
        (void)ak_worker_drain(f->worker, &err);
        ak_store_fail_after(f->t->store, 0);
        ak_time_shift((n + 1) * AK_MIN); /* past leases and pauses */
        run_schedule(f, "compute-reconcile");
        const char *status = member(f, "status");
        assert_true(n < 200);
        done = !ak_streq(status, "BUILD");
    }
    work(f);
    /* An error of the database may end a build, but never half of it. */
    bool active = ak_streq(member(f, "status"), "ACTIVE");
    assert_int_equal(vm_state(f, f->id), active ? AK_VM_RUNNING : AK_VM_ABSENT);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_statement_prepares),
        TEST(create_leads_to_an_active_server_with_an_address),
        TEST(another_project_sees_nothing_of_it),
        TEST(user_data_is_for_its_own_project_only),
        TEST(the_administrator_starts_no_image_of_a_customer),
        TEST(bad_creates_are_refused_with_a_reason),
        TEST(the_form_of_openstackclient_is_accepted),
        TEST(several_at_once_share_a_reservation),
        TEST(delete_removes_everything_and_keeps_the_row),
        TEST(delete_while_building_wins),
        TEST(a_failed_build_is_an_error_with_a_fault_and_leaves_nothing),
        TEST(no_host_with_room_is_a_fault_with_reasons_kept),
        TEST(power_operations_move_the_state),
        TEST(a_resize_changes_flavor_quota_and_domain),
        TEST(a_resize_that_fails_gives_everything_back),
        TEST(a_create_waits_while_no_host_has_been_heard_of),
        TEST(a_locked_server_refuses_its_owner_but_not_the_administrator),
        TEST(lists_filter_and_page_as_nova),
        TEST(metadata_and_tags_change_one_server),
        TEST(actions_are_recorded_with_the_steps_of_their_jobs),
        TEST(a_create_that_the_database_fails_leaves_nothing),
        TEST(a_job_that_the_database_fails_is_taken_up_again),
        TEST(a_console_token_works_once_and_for_a_minute),
        TEST(consoles_of_a_project_are_limited),
    };
    return store_testing_start(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
