/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of list queries in the five spellings. */
#include "http/http.h"

#include "base/test.h"

struct thing {
    const char *id, *name, *owner, *note;
    int64_t size, created_us;
    bool shared;
};

static const struct ak_field rows[] = {
    {"id", AK_UUID, offsetof(struct thing, id), AK_FILTER | AK_SORT},
    {"name", AK_STR, offsetof(struct thing, name), AK_FILTER | AK_SORT},
    {"tenant_id", AK_STR, offsetof(struct thing, owner), AK_FILTER, .column = "project_id"},
    {"note", AK_STR, offsetof(struct thing, note), 0},
    {"computed", AK_STR, offsetof(struct thing, note), AK_FILTER, .column = ""},
    {"size", AK_INT, offsetof(struct thing, size), AK_FILTER | AK_SORT},
    {"created_at", AK_TIME, offsetof(struct thing, created_us), AK_FILTER | AK_SORT},
    {"shared", AK_BOOL, offsetof(struct thing, shared), AK_FILTER},
    {"keeper", AK_STR, offsetof(struct thing, note), AK_FILTER | AK_SORT | AK_ADMIN_ONLY},
};
static const struct ak_fields fields = AK_FIELDS("thing", struct thing, rows);

struct fixture {
    struct ak_arena *arena;
    struct ak_query query;
    struct ak_error err;
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);

    f->arena = ak_arena_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ak_arena_free(f->arena);
    free(f);
    return 0;
}

/* 'text' is "k=v&k=v", already decoded. */
static int list(struct fixture *f, enum ak_list_style style, const char *text)
{
    static const char *const also_known[] = {"all_tenants", NULL};
    struct ak_pair pairs[16];
    struct ak_request req = {.arena = f->arena, .query = {.pairs = pairs}};
    char *save = NULL, *copy = ak_arena_strdup(f->arena, text);

    for (char *p = strtok_r(copy, "&", &save); p; p = strtok_r(NULL, "&", &save)) {
        char *eq = strchr(p, '=');

        *eq = '\0';
        pairs[req.query.n++] = (struct ak_pair){p, eq + 1};
    }
    memset(&f->query, 0, sizeof(f->query));
    return ak_request_list(&req, &fields, style, 1000, also_known, &f->query, &f->err);
}

static void what_is_not_shown_is_not_asked_for(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(list(f, AK_LIST_OWN, "keeper=sato"), -AK_QUERY_UNKNOWN);
    ak_error_clear(&f->err);
    assert_int_equal(list(f, AK_LIST_OWN, "sort=keeper:asc"), -AK_FIELD_VALUE);
    ak_error_clear(&f->err);
    assert_int_equal(list(f, AK_LIST_KEYSTONE, "keeper__startswith=s"), 0);
    assert_int_equal(f->query.n_filters, 0);
}

static void limits_are_capped_and_checked(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_NOVA, ""), &f->err);
    assert_int_equal(f->query.limit, 1000);
    assert_ok(list(f, AK_LIST_NOVA, "limit=5000&marker=m"), &f->err);
    assert_int_equal(f->query.limit, 1000);
    assert_string_equal(f->query.marker, "m");
    assert_ok(list(f, AK_LIST_NOVA, "limit=7"), &f->err);
    assert_int_equal(f->query.limit, 7);
    assert_fails(list(f, AK_LIST_NOVA, "limit=-1"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_GLANCE, "limit=x"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_OWN, "limit=99999999999999999999"), AK_FIELD_VALUE);
}

static void unknown_parameters_are_refused_where_the_peer_refuses(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_NOVA, "colour=red&note=x"), &f->err);
    assert_ok(list(f, AK_LIST_KEYSTONE, "colour=red"), &f->err);
    assert_ok(list(f, AK_LIST_GLANCE, "colour=red"), &f->err);
    assert_fails(list(f, AK_LIST_NEUTRON, "colour=red"), AK_QUERY_UNKNOWN);
    assert_fails(list(f, AK_LIST_OWN, "note=x"), AK_QUERY_UNKNOWN);
    assert_ok(list(f, AK_LIST_OWN, "all_tenants=1&computed=x"), &f->err);
    assert_int_equal(f->query.n_filters, 0);
}

static void repeated_filters_are_in_and_values_are_typed(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_NEUTRON, "name=a&size=5&name=b&shared=True&tenant_id=p"), &f->err);
    assert_int_equal(f->query.n_filters, 4);
    assert_int_equal(f->query.filters[0].op, AK_IN);
    assert_int_equal(f->query.filters[0].n, 2);
    assert_string_equal(f->query.filters[0].values[1].s, "b");
    assert_int_equal(f->query.filters[1].values[0].i, 5);
    assert_int_equal(f->query.filters[2].values[0].i, 1);
    assert_string_equal(f->query.filters[3].column, "project_id");
    assert_fails(list(f, AK_LIST_NEUTRON, "size=big"), AK_FIELD_TYPE);
    assert_fails(list(f, AK_LIST_NEUTRON, "shared=perhaps"), AK_FIELD_TYPE);
    assert_fails(list(f, AK_LIST_NOVA, "created_at=never"), AK_FIELD_VALUE);
}

static void sort_keys_come_in_each_peers_way(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_NOVA, "sort_key=name&sort_key=size&sort_dir=desc"), &f->err);
    assert_int_equal(f->query.n_sorts, 2);
    assert_true(f->query.sorts[1].descending);
    assert_ok(list(f, AK_LIST_GLANCE, "sort=name:desc,size"), &f->err);
    assert_true(f->query.sorts[0].descending);
    assert_true(f->query.sorts[1].descending);
    assert_fails(list(f, AK_LIST_NEUTRON, "sort_key=name"), AK_BAD_REQUEST);
    assert_fails(list(f, AK_LIST_NOVA, "sort_key=note"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_NOVA, "sort_key=name;drop table"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_NOVA, "sort_key=name&sort_dir=up"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_OWN, "sort=name:up"), AK_FIELD_VALUE);
    assert_fails(list(f, AK_LIST_OWN, "sort=id,name,size,created_at,id"), AK_BAD_REQUEST);
}

static void glance_and_keystone_have_operators(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_GLANCE, "created_at=gte:2026-01-01T00:00:00Z&name=in:a,b"), &f->err);
    assert_int_equal(f->query.filters[0].op, AK_GE);
    assert_int_equal(f->query.filters[1].op, AK_IN);
    assert_int_equal(f->query.filters[1].n, 2);
    assert_ok(list(f, AK_LIST_KEYSTONE, "name__startswith=a&name__contains=b"), &f->err);
    assert_int_equal(f->query.filters[0].op, AK_STARTS);
    assert_int_equal(f->query.filters[1].op, AK_CONTAINS);
}

static void neutron_pages_backwards_and_takes_fields(void **state)
{
    struct fixture *f = *state;

    assert_ok(list(f, AK_LIST_NEUTRON, "page_reverse=True&fields=id&fields=name"), &f->err);
    assert_true(f->query.reverse);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(limits_are_capped_and_checked),
        TEST(what_is_not_shown_is_not_asked_for),
        TEST(unknown_parameters_are_refused_where_the_peer_refuses),
        TEST(repeated_filters_are_in_and_values_are_typed),
        TEST(sort_keys_come_in_each_peers_way),
        TEST(glance_and_keystone_have_operators),
        TEST(neutron_pages_backwards_and_takes_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
