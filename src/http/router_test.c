/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the route tree and of microversions. */
#include "http/http_internal.h"

#include "base/test.h"

static const struct ak_route compute_routes[] = {
    {"GET", "/", NULL, .summary = "root", .flags = AK_ROUTE_PUBLIC},
    {"GET", "/v2.1/servers", NULL, .summary = "list"},
    {"POST", "/v2.1/servers", NULL, .summary = "create"},
    {"GET", "/v2.1/servers/detail", NULL, .summary = "detail"},
    {"GET", "/v2.1/servers/{id}", NULL, .summary = "show"},
    {"POST", "/v2.1/servers/{id}/action", NULL, .summary = "start", .action = "os-start"},
    {"POST", "/v2.1/servers/{id}/action", NULL, .summary = "old", .action = "evacuate",
     .until = 13},
    {"POST", "/v2.1/servers/{id}/action", NULL, .summary = "new", .action = "evacuate",
     .since = 14},
    {"GET", "/v2.1/servers/{id}/tags/{tag}", NULL, .summary = "tag", .since = 26},
    {"GET", "/v2.1/hosts", NULL, .summary = "hosts", .flags = AK_ROUTE_MANAGEMENT},
};
static const struct ak_route own_routes[] = {{"GET", "/", NULL, .summary = "top"}};
static const struct ak_domain compute = {.name = "compute",
                                         .root = "/compute",
                                         .service_type = "compute",
                                         .microversion_max = 60,
                                         .legacy = {"/v2.1", "/v2"},
                                         .routes = compute_routes,
                                         .n_routes = AK_N(compute_routes)};
static const struct ak_domain own = {
    .name = "own", .root = "", .routes = own_routes, .n_routes = AK_N(own_routes)};
static const struct ak_domain *const domains[] = {&compute, &own, NULL};

struct fixture {
    struct ak_router *router;
    struct ak_arena *arena;
    struct ak_error err;
    struct ak_match match;
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);

    f->router = ak_router_new(domains);
    f->arena = ak_arena_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ak_router_free(f->router);
    ak_arena_free(f->arena);
    free(f);
    return 0;
}

static int find(struct fixture *f, const char *path, enum ak_listener listener)
{
    return ak_router_find(f->router, f->arena, path, listener, &f->match, &f->err);
}

/* The summary of the row, or the name of the error. */
static const char *route(struct fixture *f, const char *method, const char *path, int version,
                         const char *action)
{
    const struct ak_route *row = NULL;
    int rc = find(f, path, AK_CUSTOMER);

    rc = rc < 0 ? rc
                : ak_router_pick(&f->match, AK_CUSTOMER, method, version, action, &row, &f->err);
    return rc < 0 ? ak_error_info((enum ak_error_code) - rc)->name : row->summary;
}

static void literal_segments_win_over_parameters(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/detail", 1, NULL), "detail");
    assert_int_equal(f->match.n_params, 0);
    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/detai", 1, NULL), "show");
    assert_string_equal(f->match.params[0], "detai");
}

static void a_dead_literal_falls_back_to_the_parameter(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/detail/tags/a", 26, NULL), "tag");
    assert_string_equal(f->match.params[0], "detail");
    assert_string_equal(f->match.params[1], "a");
}

static void parameters_are_decoded_once_and_may_hold_slashes(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/a%2Fb%2525%E8%A8%BC", 1, NULL),
                        "show");
    assert_string_equal(f->match.params[0], "a/b%25証");
}

static void unknown_paths_are_404_and_known_ones_with_other_methods_405(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_BUF allow;

    assert_string_equal(route(f, "GET", "/compute/v2.1/nothing", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "/compute/v2.1", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "/computer", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "/compute//v2.1/servers", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "/compute/v2.1/servers//", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "*", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "PUT", "/compute/v2.1/servers", 1, NULL), "AK_METHOD_NOT_ALLOWED");
    ak_buf_init(&allow, 100);
    ak_router_allow(&f->match, AK_CUSTOMER, &allow);
    assert_string_equal(allow.data, "GET, HEAD, POST");
}

static void a_slash_at_the_end_is_ignored_but_where_an_id_belongs(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/", 1, NULL), "AK_NOT_FOUND");
    assert_string_equal(route(f, "GET", "/compute", 1, NULL), "root");
    assert_string_equal(route(f, "GET", "/compute/", 1, NULL), "root");
    assert_string_equal(route(f, "GET", "/", 0, NULL), "top");
}

static void head_is_served_by_get(void **state)
{
    assert_string_equal(route(*state, "HEAD", "/compute/v2.1/servers", 1, NULL), "list");
}

static void rows_outside_the_microversion_do_not_exist(void **state)
{
    assert_string_equal(route(*state, "GET", "/compute/v2.1/servers/a/tags/b", 25, NULL),
                        "AK_NOT_FOUND");
    assert_string_equal(route(*state, "GET", "/compute/v2.1/servers/a/tags/b", 26, NULL), "tag");
}

static void actions_are_chosen_by_name_and_version(void **state)
{
    static const char path[] = "/compute/v2.1/servers/a/action";

    assert_string_equal(route(*state, "POST", path, 1, "os-start"), "start");
    assert_string_equal(route(*state, "POST", path, 13, "evacuate"), "old");
    assert_string_equal(route(*state, "POST", path, 14, "evacuate"), "new");
    assert_string_equal(route(*state, "POST", path, 1, "os-fly"), "AK_ACTION_UNKNOWN");
}

static void management_rows_do_not_exist_for_customers(void **state)
{
    struct fixture *f = *state;

    assert_fails(find(f, "/compute/v2.1/hosts", AK_CUSTOMER), AK_NOT_FOUND);
    assert_ok(find(f, "/compute/v2.1/hosts", AK_MANAGEMENT), &f->err);
}

static void hostile_paths_are_refused(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR longish = ak_xcalloc(1, 100001);

    memset(longish, '/', 100000);
    assert_fails(find(f, longish, AK_CUSTOMER), AK_NOT_FOUND);
    for (int i = 1; i < 100000; i += 2) {
        longish[i] = 'a';
    }
    assert_fails(find(f, longish, AK_CUSTOMER), AK_NOT_FOUND);
    assert_fails(find(f, "/compute/v2.1/servers/%", AK_CUSTOMER), AK_BAD_REQUEST);
    assert_fails(find(f, "/compute/v2.1/servers/%00", AK_CUSTOMER), AK_BAD_REQUEST);
    assert_fails(find(f, "/compute/v2.1/servers/%ff", AK_CUSTOMER), AK_BAD_REQUEST);
    assert_fails(find(f, "/compute/v2.1/servers/%c0%af", AK_CUSTOMER), AK_BAD_REQUEST);
    assert_fails(find(f, "", AK_CUSTOMER), AK_NOT_FOUND);
}

static void legacy_path_serves_the_same_rows(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(route(f, "GET", "/compute/v2/servers/x", 1, NULL), "show");
    assert_true(f->match.legacy);
    assert_string_equal(f->match.params[0], "x");
    assert_string_equal(route(f, "GET", "/compute/v2.1/servers/x", 1, NULL), "show");
    assert_false(f->match.legacy);
    assert_fails(find(f, "/compute/v2/hosts", AK_CUSTOMER), AK_NOT_FOUND);
    assert_fails(find(f, "/compute/v2.0/servers", AK_CUSTOMER), AK_NOT_FOUND);
}

static int version(const char *header, const char *legacy)
{
    struct ak_error err = {0};
    int minor = 0, rc = ak_microversion_pick(&compute, header, legacy, &minor, &err);

    return rc < 0 ? rc : minor;
}

static void microversions_are_read_from_either_header(void **state)
{
    (void)state;
    assert_int_equal(version(NULL, NULL), 1);
    assert_int_equal(version("compute 2.6", NULL), 6);
    assert_int_equal(version("volume 3.1, Compute  2.60", "2.7"), 60);
    assert_int_equal(version(NULL, "2.7"), 7);
    assert_int_equal(version("volume 3.1", "2.7"), 7);
    assert_int_equal(version("compute latest", NULL), 60);
    assert_int_equal(version("computer 2.6", NULL), 1);
}

static void microversions_outside_are_406_and_garbage_400(void **state)
{
    static const char *const outside[] = {"compute 2.61", "compute 2.0", "compute 3.1",
                                          "compute 1.1"};
    static const char *const bad[] = {"compute 2",
                                      "compute 2.x",
                                      "compute 2.6.1",
                                      "compute 2.06",
                                      "compute -2.6",
                                      "compute .",
                                      "compute 2.99999999999999999999",
                                      "compute LATE"};

    (void)state;
    for (size_t i = 0; i < AK_N(outside); i++) {
        assert_fails(version(outside[i], NULL), AK_NOT_ACCEPTABLE);
    }
    for (size_t i = 0; i < AK_N(bad); i++) {
        assert_fails(version(bad[i], NULL), AK_BAD_REQUEST);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(literal_segments_win_over_parameters),
        TEST(a_dead_literal_falls_back_to_the_parameter),
        TEST(parameters_are_decoded_once_and_may_hold_slashes),
        TEST(unknown_paths_are_404_and_known_ones_with_other_methods_405),
        TEST(a_slash_at_the_end_is_ignored_but_where_an_id_belongs),
        TEST(head_is_served_by_get),
        TEST(rows_outside_the_microversion_do_not_exist),
        TEST(actions_are_chosen_by_name_and_version),
        TEST(management_rows_do_not_exist_for_customers),
        TEST(hostile_paths_are_refused),
        TEST(legacy_path_serves_the_same_rows),
        cmocka_unit_test(microversions_are_read_from_either_header),
        cmocka_unit_test(microversions_outside_are_406_and_garbage_400),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
