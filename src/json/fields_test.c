/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of field tables. */
#include "json/fields.h"

#include "base/test.h"

#include "json/fields_test_table.h"

struct fixture {
    struct ak_arena *arena;
    struct ak_error err;
    struct car car;
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

static int parse_as(struct fixture *f, struct ak_fields_mode mode, const char *text)
{
    AK_AUTO_JSON json = NULL;

    assert_ok(ak_json_parse(text, strlen(text), &json, &f->err), &f->err);
    return ak_fields_parse(&car_fields, json, &mode, f->arena, &f->car, &f->err);
}

static int create(struct fixture *f, const char *text)
{
    return parse_as(f, (struct ak_fields_mode){.accept = AK_CREATE}, text);
}

static int update(struct fixture *f, const char *text)
{
    return parse_as(f, (struct ak_fields_mode){.accept = AK_UPDATE}, text);
}

static void merge_changes_only_what_the_body_held(void **state)
{
    struct fixture *f = *state;
    struct car stored = {.name = "old", .colour = "red", .electric = true, .built_us = 5};

    assert_ok(update(f, "{\"name\":\"new\",\"colour\":null,\"electric\":false}"), &f->err);
    ak_fields_merge(&car_fields, &stored, &f->car);
    assert_string_equal(stored.name, "new");
    assert_null(stored.colour);
    assert_false(stored.electric);
    assert_int_equal(stored.built_us, 5);
}

static void body_fills_every_type(void **state)
{
    struct fixture *f = *state;
    const struct wheel *wheels = NULL;

    assert_ok(create(f, "{\"name\":\"証一\",\"colour\":\"red\",\"hostname\":\"a-1\",\"seats\":4,"
                        "\"built\":\"2026-11-22T12:00:00Z\",\"electric\":true,\"extra\":[1,{}],"
                        "\"spare\":{\"maker\":\"m\",\"size\":17},\"wheels\":[{\"maker\":\"a\"},"
                        "{\"maker\":\"b\"}],\"tags\":[\"x\",\"y\"],\"metadata\":{\"k\":\"v\"}}"),
              &f->err);
    assert_string_equal(f->car.name, "証一");
    assert_string_equal(f->car.colour, "red");
    assert_string_equal(f->car.hostname, "a-1");
    assert_int_equal(f->car.seats, 4);
    assert_int_equal(f->car.built_us % AK_DAY, 12 * AK_HOUR);
    assert_true(f->car.electric);
    assert_string_equal(f->car.extra, "[1,{}]");
    assert_int_equal(f->car.spare->size, 17);
    wheels = f->car.wheels.items;
    assert_int_equal(f->car.wheels.n, 2);
    assert_string_equal(wheels[1].maker, "b");
    assert_string_equal(((const char *const *)f->car.tags.items)[1], "y");
    assert_string_equal(f->car.metadata.pairs[0].value, "v");
    assert_true(ak_field_given(&car_fields, &f->car, "tags"));
    assert_false(ak_field_given(&car_fields, &f->car, "secret"));
}

/* One bad body a row: what it yields and the member it names. */
static void bad_members_are_refused_by_name(void **state)
{
    static const struct {
        const char *body;
        enum ak_error_code code;
        const char *member;
    } cases[] = {
        {"{}", AK_FIELD_MISSING, "name"},
        {"[]", AK_FIELD_TYPE, "car"},
        {"7", AK_FIELD_TYPE, "car"},
        {"{\"name\":5}", AK_FIELD_TYPE, "name"},
        {"{\"name\":null}", AK_FIELD_TYPE, "name"},
        {"{\"name\":\"\"}", AK_FIELD_LENGTH, "name"},
        {"{\"name\":\"  \"}", AK_FIELD_VALUE, "name"},
        {"{\"name\":\"12345678901\"}", AK_FIELD_LENGTH, "name"},
        {"{\"name\":\"n\",\"id\":\"x\"}", AK_FIELD_UNKNOWN, "id"},
        {"{\"name\":\"n\",\"recalled\":true}", AK_FIELD_UNKNOWN, "recalled"},
        {"{\"name\":\"n\",\"wings\":2}", AK_FIELD_UNKNOWN, "wings"},
        {"{\"name\":\"n\",\"colour\":\"green\"}", AK_FIELD_VALUE, "colour"},
        {"{\"name\":\"n\",\"hostname\":\"9a\"}", AK_FIELD_VALUE, "hostname"},
        {"{\"name\":\"n\",\"hostname\":\"a\\nb\"}", AK_FIELD_VALUE, "hostname"},
        {"{\"name\":\"n\",\"seats\":0}", AK_FIELD_RANGE, "seats"},
        {"{\"name\":\"n\",\"seats\":1.0}", AK_FIELD_TYPE, "seats"},
        {"{\"name\":\"n\",\"seats\":\"4x\"}", AK_FIELD_TYPE, "seats"},
        {"{\"name\":\"n\",\"seats\":true}", AK_FIELD_TYPE, "seats"},
        {"{\"name\":\"n\",\"electric\":\"maybe\"}", AK_FIELD_TYPE, "electric"},
        {"{\"name\":\"n\",\"electric\":2}", AK_FIELD_TYPE, "electric"},
        {"{\"name\":\"n\",\"built\":\"yesterday\"}", AK_FIELD_VALUE, "built"},
        {"{\"name\":\"n\",\"built\":1}", AK_FIELD_TYPE, "built"},
        {"{\"name\":\"n\",\"spare\":{}}", AK_FIELD_MISSING, "spare/maker"},
        {"{\"name\":\"n\",\"spare\":[]}", AK_FIELD_TYPE, "spare"},
        {"{\"name\":\"n\",\"wheels\":[{\"maker\":\"a\"},{\"maker\":\"b\",\"size\":99}]}",
         AK_FIELD_RANGE, "wheels/1/size"},
        {"{\"name\":\"n\",\"wheels\":[1]}", AK_FIELD_TYPE, "wheels/0"},
        {"{\"name\":\"n\",\"wheels\":{}}", AK_FIELD_TYPE, "wheels"},
        {"{\"name\":\"n\",\"tags\":[\"a\",7]}", AK_FIELD_TYPE, "tags/1"},
        {"{\"name\":\"n\",\"metadata\":{\"k\":7}}", AK_FIELD_TYPE, "metadata/k"},
        {"{\"name\":\"n\",\"metadata\":{\"\":\"v\"}}", AK_FIELD_LENGTH, "metadata/"},
        {"{\"name\":\"n\",\"metadata\":[]}", AK_FIELD_TYPE, "metadata"},
        {"{\"name\":\"n\",\"extra\":\"0123456789012345678901234567890123456789\"}", AK_FIELD_LENGTH,
         "extra"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        int rc = create(f, cases[i].body);

        if (rc != -(int)cases[i].code || strcmp(f->err.params[0], cases[i].member) != 0) {
            fail_msg("%s: %s, '%s'", cases[i].body, ak_error_info((enum ak_error_code) - rc)->name,
                     f->err.params[0]);
        }
    }
}

static void lists_longer_than_their_maximum_are_refused(void **state)
{
    struct fixture *f = *state;

    assert_fails(create(f, "{\"name\":\"n\",\"wheels\":[1,2,3,4,5]}"), AK_FIELD_LENGTH);
}

static void lenient_members_take_numbers_and_booleans_as_text(void **state)
{
    struct fixture *f = *state;

    assert_ok(create(f, "{\"name\":\"n\",\"seats\":\"7\",\"electric\":\"Yes\"}"), &f->err);
    assert_int_equal(f->car.seats, 7);
    assert_true(f->car.electric);
    assert_ok(create(f, "{\"name\":\"n\",\"electric\":1}"), &f->err);
    assert_true(f->car.electric);
}

static void update_needs_nothing_and_tells_null_from_absent(void **state)
{
    struct fixture *f = *state;

    assert_ok(update(f, "{\"colour\":null,\"built\":null}"), &f->err);
    assert_true(ak_field_given(&car_fields, &f->car, "colour"));
    assert_true(ak_field_given(&car_fields, &f->car, "built"));
    assert_false(ak_field_given(&car_fields, &f->car, "name"));
    assert_int_equal(f->car.given.set, f->car.given.null);
    assert_fails(update(f, "{\"seats\":4}"), AK_FIELD_UNKNOWN);
}

static void admin_only_members_are_forbidden_to_others(void **state)
{
    struct fixture *f = *state;
    struct ak_fields_mode admin = {.accept = AK_UPDATE, .admin = true};

    assert_fails(update(f, "{\"recalled\":true}"), AK_FORBIDDEN);
    assert_string_equal(f->err.params[0], "recalled");
    assert_ok(parse_as(f, admin, "{\"recalled\":true}"), &f->err);
    assert_true(f->car.recalled);
}

static void microversion_chooses_the_row_of_a_name(void **state)
{
    struct fixture *f = *state;
    struct ak_fields_mode mode = {.accept = AK_CREATE, .microversion = 4};

    assert_ok(parse_as(f, mode, "{\"name\":\"n\",\"doors\":\"two\"}"), &f->err);
    assert_string_equal(f->car.doors_text, "two");
    mode.microversion = 5;
    assert_fails(parse_as(f, mode, "{\"name\":\"n\",\"doors\":\"two\"}"), AK_FIELD_TYPE);
    assert_ok(parse_as(f, mode, "{\"name\":\"n\",\"doors\":2}"), &f->err);
    assert_int_equal(f->car.doors, 2);
}

static void unknown_members_are_ignored_where_the_table_allows_it(void **state)
{
    struct fixture *f = *state;
    struct ak_fields lax = wheel_fields;
    struct ak_fields_mode mode = {.accept = AK_CREATE};
    AK_AUTO_JSON json = json_pack("{s:s,s:i}", "maker", "m", "shoe", 1);
    struct wheel wheel;

    assert_fails(ak_fields_parse(&lax, json, &mode, f->arena, &wheel, &f->err), AK_FIELD_UNKNOWN);
    lax.allow_unknown = true;
    assert_ok(ak_fields_parse(&lax, json, &mode, f->arena, &wheel, &f->err), &f->err);
}

static void rendering_follows_flags_version_and_selection(void **state)
{
    struct fixture *f = *state;
    struct wheel spare = {"m", 17};
    const char *tags[] = {"a"};
    struct ak_pair pair = {"k", "v"};
    struct car car = {.name = "n",
                      .secret = "hush",
                      .seats = 4,
                      .doors = 3,
                      .built_us = AK_SEC,
                      .spare = &spare,
                      .tags = {1, (void *)tags},
                      .metadata = {1, &pair}};
    struct ak_fields_mode mode = {.microversion = 5};
    const char *const only[] = {"spare", "name", NULL};
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    (void)f;
    ak_buf_init(&buf, 4096);
    ak_fields_render_object(&car_fields, &car, &mode, &w);
    assert_string_equal(buf.data,
                        "{\"id\":null,\"name\":\"n\",\"colour\":null,\"seats\":4,\"doors\":3,"
                        "\"built\":\"1970-01-01T00:00:01Z\",\"electric\":false,\"extra\":null,"
                        "\"spare\":{\"maker\":\"m\",\"size\":17},\"wheels\":[],\"tags\":[\"a\"],"
                        "\"metadata\":{\"k\":\"v\"}}");
    ak_buf_reset(&buf);
    w = ak_json_on(&buf);
    mode.only = only;
    ak_fields_render_object(&car_fields, &car, &mode, &w);
    assert_string_equal(buf.data, "{\"name\":\"n\",\"spare\":{\"maker\":\"m\",\"size\":17}}");
}

static void schema_is_json_and_names_limits(void **state)
{
    static const unsigned kinds[] = {0, AK_CREATE, AK_UPDATE};
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(kinds); i++) {
        AK_AUTO_JSON json = NULL;
        AK_AUTO_BUF buf;
        struct ak_json w = ak_json_on(&buf);

        ak_buf_init(&buf, 65536);
        ak_fields_schema(&car_fields, kinds[i], &w);
        assert_ok(ak_json_parse(buf.data, buf.len, &json, &f->err), &f->err);
        assert_null(json_object_get(json_object_get(json, "properties"),
                                    kinds[i] == AK_CREATE ? "id" : "secret"));
        if (kinds[i] == AK_CREATE) {
            assert_non_null(strstr(buf.data, "\"maxLength\":10"));
            assert_non_null(strstr(buf.data, "\"required\":[\"name\"]"));
            assert_non_null(strstr(buf.data, "\"additionalProperties\":false"));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(body_fills_every_type),
        TEST(merge_changes_only_what_the_body_held),
        TEST(bad_members_are_refused_by_name),
        TEST(lists_longer_than_their_maximum_are_refused),
        TEST(lenient_members_take_numbers_and_booleans_as_text),
        TEST(update_needs_nothing_and_tells_null_from_absent),
        TEST(admin_only_members_are_forbidden_to_others),
        TEST(microversion_chooses_the_row_of_a_name),
        TEST(unknown_members_are_ignored_where_the_table_allows_it),
        TEST(rendering_follows_flags_version_and_selection),
        TEST(schema_is_json_and_names_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
