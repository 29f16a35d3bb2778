/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of src/store; run once on SQLite and once on PostgreSQL. */
#include "store/query.h"
#include "store/store_internal.h"
#include "store/store_sql.h"
#include "store/store_testing.h"
#include "base/test.h"

struct thing {
    const char *id, *name, *project_id;
    int64_t size;
    bool on;
    struct ak_map map;
    struct ak_list tags;
};
static const struct ak_field thing_rows[] = {
    {"id", AK_UUID, offsetof(struct thing, id)},
    {"name", AK_STR, offsetof(struct thing, name)},
    {"projectId", AK_STR, offsetof(struct thing, project_id), .column = "project_id"},
    {"size", AK_INT, offsetof(struct thing, size)},
    {"enabled", AK_BOOL, offsetof(struct thing, on), .column = "is_on"},
    {"map", AK_MAP, offsetof(struct thing, map)},
    {"tags", AK_LIST, offsetof(struct thing, tags)},
};
static const struct ak_fields thing_fields = AK_FIELDS("thing", struct thing, thing_rows);

#define SQL(name_, text_, n_) static const struct ak_sql name_ = {#name_, text_, n_, "cloud: test"}
SQL(create_things,
    "CREATE TABLE thing (id TEXT PRIMARY KEY, name TEXT, project_id TEXT, size BIGINT, "
    "is_on BIGINT NOT NULL, map TEXT, tags TEXT)",
    0);
SQL(create_parts, "CREATE TABLE part (id TEXT PRIMARY KEY, thing_id TEXT REFERENCES thing (id))",
    0);
/* $2 stands before $1 in the text, on purpose. */
SQL(add, "INSERT INTO thing (name, id, project_id, size, is_on) VALUES ($2, $1, $3, $4, 1)", 4);
SQL(add_part, "INSERT INTO part (id, thing_id) VALUES ($1, $2)", 2);
SQL(rename_thing, "UPDATE thing SET name = $2 WHERE id = $1", 2);
SQL(count_things, "SELECT COUNT(*) FROM thing", 0);
SQL(by_id, "SELECT * FROM thing WHERE id = $1", 1);
SQL(list_things, "SELECT * FROM thing WHERE project_id = $1{filter}{page}", 1);
SQL(grow, "UPDATE thing SET size = size + $2 WHERE id = $1 RETURNING size, name", 2);
SQL(remove_all, "DELETE FROM thing", 0);
SQL(nonsense, "SELECT * FROM nothing_of_this_name", 0);

static int set_up(void **state)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_store *store = store_testing_open();

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &create_things, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_sql_exec(tx, &create_parts, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    *state = store;
    return 0;
}

static int tear_down(void **state)
{
    store_testing_close(*state);
    return 0;
}

#define STORE(state)                                                                               \
    struct ak_store *store = *(state);                                                             \
    AK_UNUSED struct ak_error err = {0}

static int add_thing(struct ak_tx *tx, const char *id, const char *name, const char *project,
                     struct ak_value size, struct ak_error *err)
{
    return ak_sql_exec(tx, &add, AK_ARGS(ak_v_text(id), ak_v_text(name), ak_v_text(project), size),
                       NULL, err);
}

static int64_t count(struct ak_store *store)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = -1;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_int(tx, &count_things, AK_NO_ARGS, &n, &err), &err);
    return n;
}

static void a_committed_row_is_read_back_by_field_table(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct thing t;
    int64_t changed = 0;

    {
        AK_AUTO(ak_tx) tx = NULL;
        static const struct ak_sql fill = {
            "fill", "UPDATE thing SET map = $1, tags = $2, name = NULL", 2, ""};

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "証明 'x'", "p1", ak_v_int(INT64_MAX), &err), &err);
        assert_ok(ak_sql_load(tx, &by_id, AK_ARGS(ak_v_text("a")), &thing_fields, arena, &t, &err),
                  &err);
        assert_string_equal(t.name, "証明 'x'");
        assert_ok(ak_sql_exec(tx, &fill,
                              AK_ARGS(ak_v_text("{\"k\":\"v\"}"), ak_v_text("[\"x\",\"y\"]")),
                              &changed, &err),
                  &err);
        assert_int_equal(changed, 1);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_load(tx, &by_id, AK_ARGS(ak_v_text("a")), &thing_fields, arena, &t, &err),
              &err);
    assert_string_equal(t.id, "a");
    assert_null(t.name);
    assert_string_equal(t.project_id, "p1");
    assert_true(t.size == INT64_MAX && t.on);
    assert_int_equal(t.map.n, 1);
    assert_string_equal(t.map.pairs[0].value, "v");
    assert_int_equal(t.tags.n, 2);
    assert_string_equal(((const char **)t.tags.items)[1], "y");
    assert_fails(ak_sql_load(tx, &by_id, AK_ARGS(ak_v_text("b")), &thing_fields, arena, &t, &err),
                 AK_NOT_FOUND);
}

static void what_is_not_committed_is_gone(void **state)
{
    STORE(state);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
    }
    assert_int_equal(count(store), 0);
}

static void a_doubled_key_and_a_missing_parent_have_errors_of_their_own(void **state)
{
    STORE(state);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
        assert_ok(ak_sql_exec(tx, &add_part, AK_ARGS(ak_v_text("1"), ak_v_text("a")), NULL, &err),
                  &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_fails(add_thing(tx, "a", "n", "p", ak_v_null(), &err), AK_STORE_DUPLICATE);
    }
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_fails(
            ak_sql_exec(tx, &add_part, AK_ARGS(ak_v_text("2"), ak_v_text("none")), NULL, &err),
            AK_STORE_REFERENCED);
    }
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_fails(ak_sql_exec(tx, &remove_all, AK_NO_ARGS, NULL, &err), AK_STORE_REFERENCED);
    }
}

static void a_failed_statement_dooms_its_transaction_only(void **state)
{
    STORE(state);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
        assert_fails(ak_sql_exec(tx, &nonsense, AK_NO_ARGS, NULL, &err), AK_STORE);
        assert_fails(add_thing(tx, "b", "n", "p", ak_v_null(), &err), AK_STORE);
        assert_fails(ak_tx_commit(tx, &err), AK_STORE);
    }
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "c", "n", "p", ak_v_null(), &err), &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    assert_int_equal(count(store), 1);
}

static void returning_gives_rows_and_counts_changes(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) tx = NULL;
    int64_t size = 0, changed = -1;

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(add_thing(tx, "a", "n", "p", ak_v_int(40), &err), &err);
    assert_ok(ak_sql_int(tx, &grow, AK_ARGS(ak_v_text("a"), ak_v_int(2)), &size, &err), &err);
    assert_int_equal(size, 42);
    assert_fails(ak_sql_int(tx, &grow, AK_ARGS(ak_v_text("b"), ak_v_int(2)), &size, &err),
                 AK_NOT_FOUND);
    assert_ok(
        ak_sql_exec(tx, &rename_thing, AK_ARGS(ak_v_text("b"), ak_v_text("x")), &changed, &err),
        &err);
    assert_int_equal(changed, 0);
    assert_ok(ak_tx_commit(tx, &err), &err);
}

static void a_reader_sees_one_snapshot(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) reader = NULL;
    int64_t n = -1;

    assert_ok(ak_tx_read(store, &reader, &err), &err);
    assert_ok(ak_sql_int(reader, &count_things, AK_NO_ARGS, &n, &err), &err);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    assert_ok(ak_sql_int(reader, &count_things, AK_NO_ARGS, &n, &err), &err);
    assert_int_equal(n, 0);
    assert_int_equal(count(store), 1);
}

static void called(void *data)
{
    ++*(int *)data;
}

static void on_commit_calls_only_after_success(void **state)
{
    STORE(state);
    int calls = 0;

    for (int commit = 0; commit < 2; commit++) {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
        ak_tx_on_commit(tx, called, &calls);
        ak_tx_on_commit(tx, called, &calls); /* the same once only */
        if (commit) {
            assert_ok(ak_tx_commit(tx, &err), &err);
        }
    }
    assert_int_equal(calls, 1);
}

static void an_injected_fault_hits_the_nth_statement_or_commit(void **state)
{
    STORE(state);
    for (int n = 1; n <= 3; n++) {
        AK_AUTO(ak_tx) tx = NULL;

        ak_store_fail_after(store, n);
        assert_ok(ak_tx_write(store, &tx, &err), &err);
        if (n == 1) {
            assert_fails(add_thing(tx, "a", "n", "p", ak_v_null(), &err), AK_STORE);
            continue;
        }
        assert_ok(add_thing(tx, "a", "n", "p", ak_v_null(), &err), &err);
        if (n == 2) {
            assert_fails(ak_tx_commit(tx, &err), AK_STORE);
        } else {
            assert_ok(ak_tx_commit(tx, &err), &err);
        }
    }
    ak_store_fail_after(store, 0);
    assert_int_equal(count(store), 1);
}

static void fill(struct ak_store *store)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    for (int i = 0; i < 20; i++) {
        char id[8], name[16];

        (void)snprintf(id, sizeof(id), "%02d", i);
        (void)snprintf(name, sizeof(name), i % 2 ? "Web_%d" : "db%%%d", i);
        assert_ok(add_thing(tx, id, name, i < 18 ? "p1" : "p2",
                            i % 3 ? ak_v_int(i / 4) : ak_v_null(), &err),
                  &err);
    }
    assert_ok(ak_tx_commit(tx, &err), &err);
}

/* The ids of a list, joined. */
static const char *listed(struct ak_store *store, struct ak_arena *arena, const struct ak_query *q)
{
    struct ak_error err = {0};
    struct ak_list list = {0};
    const char *ids = "";
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_list(tx, &list_things, AK_ARGS(ak_v_text("p1")), q, &thing_fields, arena,
                          &list, &err),
              &err);
    for (size_t i = 0; i < list.n; i++) {
        ids =
            ak_arena_printf(arena, "%s%s%s", ids, i ? " " : "", ((struct thing *)list.items)[i].id);
    }
    return ids;
}

static void filters_are_bound_and_stay_in_scope(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;
    static const struct {
        const char *column;
        enum ak_op op;
        struct ak_value v[3];
        size_t n;
        const char *ids;
    } cases[] = {
        {"name", AK_EQ, {{AK_V_TEXT, 0, "Web_3"}}, 1, "03"},
        {"name", AK_CONTAINS, {{AK_V_TEXT, 0, "EB_1"}}, 1, "01 11 13 15 17"},
        {"name", AK_CONTAINS, {{AK_V_TEXT, 0, "%1"}}, 1, "10 12 14 16"},
        {"name", AK_STARTS, {{AK_V_TEXT, 0, "db%1"}}, 1, "10 12 14 16"},
        {"name", AK_INCLUDES, {{AK_V_TEXT, 0, "eb_1"}}, 1, "01 11 13 15 17"},
        {"name", AK_INCLUDES, {{AK_V_TEXT, 0, "EB_1"}}, 1, ""},
        {"name", AK_EQ, {{AK_V_TEXT, 0, "' OR 1=1 --"}}, 1, ""},
        {"size", AK_IS_NULL, {{0}}, 0, "00 03 06 09 12 15"},
        {"size", AK_GE, {{AK_V_INT, 4, NULL}}, 1, "16 17"},
        {"id",
         AK_IN,
         {{AK_V_TEXT, 0, "01"}, {AK_V_TEXT, 0, "19"}, {AK_V_TEXT, 0, "02"}},
         3,
         "01 02"},
        {"id", AK_IN, {{0}}, 0, ""},
    };

    fill(store);
    for (size_t i = 0; i < AK_N(cases); i++) {
        struct ak_query q = {0};

        assert_ok(
            ak_query_filter(&q, arena, cases[i].column, cases[i].op, cases[i].v, cases[i].n, &err),
            &err);
        assert_string_equal(listed(store, arena, &q), cases[i].ids);
    }
    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_count(tx, &list_things, AK_ARGS(ak_v_text("p1")), NULL, &n, &err), &err);
    assert_int_equal(n, 18);
}

/* Walks all pages of 5 forward by the marker and joins them. */
static const char *walk(struct ak_store *store, struct ak_arena *arena, struct ak_query q)
{
    const char *all = "";

    q.limit = 5;
    for (int page = 0; page < 10; page++) {
        const char *ids = listed(store, arena, &q);

        if (!ids[0]) {
            break;
        }
        all = ak_arena_printf(arena, "%s%s%s", all, all[0] ? " " : "", ids);
        q.marker = strrchr(ids, ' ') ? strrchr(ids, ' ') + 1 : ids;
    }
    return all;
}

static void pages_neither_repeat_nor_skip_with_nulls_and_equal_keys(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();

    fill(store);
    for (int descending = 0; descending < 2; descending++) {
        struct ak_query q = {0};

        assert_string_equal(walk(store, arena, q), listed(store, arena, &q));
        ak_query_sort(&q, "size", descending);
        assert_string_equal(walk(store, arena, q), listed(store, arena, &q));
        assert_int_equal(strlen(listed(store, arena, &q)), 18 * 3 - 1);
        assert_memory_equal(listed(store, arena, &q), descending ? "16" : "00", 2);
        ak_query_sort(&q, "name", !descending);
        assert_string_equal(walk(store, arena, q), listed(store, arena, &q));
    }
}

static void the_page_before_a_marker_is_in_the_same_order(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_query q = {.marker = "05", .limit = 3, .reverse = true};

    fill(store);
    assert_string_equal(listed(store, arena, &q), "02 03 04");
    ak_query_sort(&q, "name", false);
    q.marker = "15"; /* Web_1 Web_11 Web_13 Web_15 … by byte */
    assert_string_equal(listed(store, arena, &q), "01 11 13");
}

static void a_marker_of_another_project_is_not_found(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query q = {.marker = "19"};
    struct ak_list list;

    fill(store);
    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_fails(ak_sql_list(tx, &list_things, AK_ARGS(ak_v_text("p1")), &q, &thing_fields, arena,
                             &list, &err),
                 AK_MARKER_NOT_FOUND);
}

static void migrations_are_applied_once_and_checked(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) tx = NULL;
    static const struct ak_sql spoil = {"spoil", "UPDATE migration SET sha256 = 'x'", 0, ""};
    static const struct ak_sql newer = {
        "newer",
        "INSERT INTO migration (number, name, sha256, applied_us) VALUES (9999, 'z', '', 0)", 0,
        ""};

    assert_ok(ak_store_migrate(store, &err), &err);
    assert_ok(ak_store_check(store, &err), &err);
    {
        AK_AUTO(ak_tx) w = NULL;

        assert_ok(ak_tx_write(store, &w, &err), &err);
        assert_ok(ak_sql_exec(w, &newer, AK_NO_ARGS, NULL, &err), &err);
        assert_ok(ak_tx_commit(w, &err), &err);
    }
    assert_fails(ak_store_check(store, &err), AK_STORE);
    assert_non_null(strstr(err.detail, "newer"));
    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &spoil, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    assert_fails(ak_store_migrate(store, &err), AK_STORE);
    assert_non_null(strstr(err.detail, "another content"));
}

static void an_unmigrated_database_does_not_pass_the_check(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) tx = NULL;
    static const struct ak_sql forget = {"forget", "DELETE FROM migration", 0, ""};

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_ok(ak_sql_exec(tx, &forget, AK_NO_ARGS, NULL, &err), &err);
    assert_ok(ak_tx_commit(tx, &err), &err);
    assert_fails(ak_store_check(store, &err), AK_STORE);
}

static void every_statement_prepares(void **state)
{
    STORE(state);
    assert_ok(ak_sql_prepare_all(store, store_sql_all, &err), &err);
}

static void many_different_statements_do_not_fill_the_cache_up(void **state)
{
    STORE(state);
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;

    assert_ok(ak_tx_read(store, &tx, &err), &err);
    for (int i = 0; i < 3 * STORE_CACHE_SIZE; i++) {
        struct ak_sql one = {"one", ak_arena_printf(arena, "SELECT %d", i), 0, ""};
        int64_t v = -1;

        assert_ok(ak_sql_int(tx, &one, AK_NO_ARGS, &v, &err), &err);
        assert_int_equal(v, i);
    }
}

static void the_same_statement_may_be_open_twice(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) tx = NULL;
    static const struct ak_sql all = {"all", "SELECT id FROM thing ORDER BY id", 0, ""};
    AK_AUTO(ak_rows) outer = NULL;
    int n = 0;

    fill(store);
    assert_ok(ak_tx_read(store, &tx, &err), &err);
    assert_ok(ak_sql_query(tx, &all, AK_NO_ARGS, &outer, &err), &err);
    while (ak_rows_next(outer, &err) > 0) {
        AK_AUTO(ak_rows) inner = NULL;

        assert_ok(ak_sql_query(tx, &all, AK_NO_ARGS, &inner, &err), &err);
        assert_int_equal(ak_rows_next(inner, &err), 1);
        assert_string_equal(ak_rows_text(inner, 0), "00");
        n++;
    }
    assert_int_equal(n, 20);
}

/* Writes rows of 64 KiB until the database refuses. */
static int fill_up(struct ak_store *store, struct ak_error *err)
{
    AK_AUTO_STR text = ak_xcalloc(1, 65536);
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(store, &tx, err);

    memset(text, 'x', 65535);
    for (int i = 0; rc == 0 && i < 1000; i++) {
        char id[8];

        (void)snprintf(id, sizeof(id), "f%d", i);
        rc = add_thing(tx, id, text, "p", ak_v_null(), err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static void a_full_disk_is_told_and_survived(void **state)
{
    STORE(state);
    static const struct ak_sql small = {"small", "PRAGMA max_page_count = 400", 0, ""};
    static const struct ak_sql large = {"large", "PRAGMA max_page_count = 1000000", 0, ""};

    if (ak_store_is_postgresql(store)) {
        return; /* only SQLite lets a test make it full */
    }
    fill(store);
    for (int i = 0; i < 2; i++) {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(ak_sql_exec(tx, i ? &large : &small, AK_NO_ARGS, NULL, &err), &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
        ak_tx_free(AK_TAKE(tx));
        if (i == 0) {
            assert_fails(fill_up(store, &err), AK_NO_SPACE);
            assert_int_equal(count(store), 20);
        }
    }
    assert_ok(fill_up(store, &err), &err);
    assert_int_equal(count(store), 1020);
    assert_ok(ak_store_check(store, &err), &err);
}

static void a_lost_connection_is_replaced(void **state)
{
    STORE(state);
    static const struct ak_sql end_all = {
        "end_all",
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        0, ""};
    struct ak_store *other = NULL;
    int64_t n = 0;

    fill(store);
    if (!ak_store_is_postgresql(store)) {
        return; /* SQLite has no connection to lose */
    }
    assert_ok(ak_store_open(store_testing_url(), &other, &err), &err);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(other, &tx, &err), &err);
        assert_ok(ak_sql_int(tx, &end_all, AK_NO_ARGS, &n, &err), &err);
        assert_true(n > 0);
    }
    ak_store_close(other);
    assert_int_equal(count(store), 20);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(store, &tx, &err), &err);
        assert_ok(add_thing(tx, "x", "n", "p", ak_v_null(), &err), &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
}

static void a_write_inside_a_write_is_refused(void **state)
{
    STORE(state);
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(ak_tx) inner = NULL;

    assert_ok(ak_tx_write(store, &tx, &err), &err);
    assert_fails(ak_tx_write(store, &inner, &err), AK_INTERNAL);
}

static void an_unknown_url_is_a_configuration_error(void **state)
{
    struct ak_error err = {0};
    struct ak_store *store = NULL;

    (void)state;
    assert_fails(ak_store_open("mysql://x", &store, &err), AK_CONFIG);
    assert_fails(ak_store_open("sqlite:/nonexistent/dir/db", &store, &err), AK_STORE);
    assert_fails(ak_store_open("postgresql:host=/nonexistent user=x", &store, &err), AK_STORE_BUSY);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_committed_row_is_read_back_by_field_table),
        T(what_is_not_committed_is_gone),
        T(a_doubled_key_and_a_missing_parent_have_errors_of_their_own),
        T(a_failed_statement_dooms_its_transaction_only),
        T(returning_gives_rows_and_counts_changes),
        T(a_reader_sees_one_snapshot),
        T(on_commit_calls_only_after_success),
        T(an_injected_fault_hits_the_nth_statement_or_commit),
        T(filters_are_bound_and_stay_in_scope),
        T(pages_neither_repeat_nor_skip_with_nulls_and_equal_keys),
        T(the_page_before_a_marker_is_in_the_same_order),
        T(a_marker_of_another_project_is_not_found),
        T(migrations_are_applied_once_and_checked),
        T(an_unmigrated_database_does_not_pass_the_check),
        T(every_statement_prepares),
        T(many_different_statements_do_not_fill_the_cache_up),
        T(the_same_statement_may_be_open_twice),
        T(a_full_disk_is_told_and_survived),
        T(a_lost_connection_is_replaced),
        T(a_write_inside_a_write_is_refused),
        cmocka_unit_test(an_unknown_url_is_a_configuration_error),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
