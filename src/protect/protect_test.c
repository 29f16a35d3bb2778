/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the file of metrics and of what a question is answered with. */
#include "protect/protect_internal.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/test.h"

#define T0  ((int64_t)1800000000) /* a full hour */
#define ONE "0e0f8b9e-6e1f-4c8e-a4d3-000000000001"
#define TWO "0e0f8b9e-6e1f-4c8e-a4d3-000000000002"

struct fixture {
    char path[64];
    struct protect_file *file;
    struct ak_arena *arena;
    struct ak_error err;
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    AK_AUTO_FD fd = -1;

    ak_str_copy(f->path, sizeof(f->path), "/tmp/metrics-XXXXXX");
    fd = mkostemp(f->path, 0);
    assert_true(fd >= 0);
    assert_int_equal(unlink(f->path), 0);
    f->arena = ak_arena_new();
    *state = f;
    assert_ok(protect_file_open(f->path, true, &f->file, &f->err), &f->err);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    protect_file_free(f->file);
    (void)unlink(f->path);
    ak_arena_free(f->arena);
    free(f);
    return 0;
}

/* A sample of guest ONE 's' seconds after T0: 'cpu_ms' of processor time since its start. */
static void add(struct fixture *f, int64_t s, int64_t cpu_ms, int64_t bytes)
{
    const struct protect_sample sample = {.server_id = ONE,
                                          .vcpus = 2,
                                          .stats = {.cpu_ns = cpu_ms * 1000000,
                                                    .ram_used_kib = 2048,
                                                    .net_rx_bytes = bytes,
                                                    .disk_write_bytes = bytes * 2}};

    assert_ok(protect_file_add(f->file, (T0 + s) * AK_SEC, 180 * AK_SEC, &sample, 1, &f->err),
              &f->err);
}

static size_t read_points(struct fixture *f, int64_t resolution, int64_t step, int64_t from,
                          int64_t to, struct protect_point **points)
{
    size_t n = 0;

    assert_ok(protect_file_read(f->file, f->arena, ONE, resolution, step, T0 + from, T0 + to,
                                points, &n, &f->err),
              &f->err);
    return n;
}

static void deltas_are_stored_from_the_second_sample_on(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;

    add(f, 0, 5000, 1000);
    assert_int_equal(read_points(f, 60, 60, 0, 600, &p), 0);
    add(f, 60, 35000, 7000);
    assert_int_equal(read_points(f, 60, 60, 0, 600, &p), 1);
    assert_int_equal(p[0].at_s, T0);
    assert_int_equal(p[0].span_us, 60 * AK_SEC);
    assert_int_equal(p[0].cpu_ns, 30000000000);
    assert_int_equal(p[0].vcpu_us, 120 * AK_SEC);
    assert_int_equal(p[0].memory_kib_s, 2048 * 60);
    assert_int_equal(p[0].net_in, 6000);
    assert_int_equal(p[0].disk_write, 12000);
}

static void a_guest_started_anew_gives_no_negative_numbers(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;

    add(f, 0, 500000, 100000);
    add(f, 60, 560000, 160000);
    add(f, 120, 2000, 300);
    assert_int_equal(read_points(f, 60, 60, 0, 600, &p), 2);
    assert_int_equal(p[1].cpu_ns, 2000000000);
    assert_int_equal(p[1].net_in, 300);
    add(f, 180, 3000, 400);
    assert_int_equal(read_points(f, 60, 60, 120, 180, &p), 1);
    assert_int_equal(p[0].net_in, 100);
}

static void a_stopped_guest_leaves_a_gap(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;

    add(f, 0, 0, 0);
    add(f, 60, 1000, 10);
    assert_ok(protect_file_add(f->file, (T0 + 120) * AK_SEC, 180 * AK_SEC, NULL, 0, &f->err),
              &f->err);    /* off */
    add(f, 180, 5000, 50); /* on again: begins anew */
    add(f, 240, 6000, 60);
    assert_int_equal(read_points(f, 60, 60, 0, 600, &p), 2);
    assert_int_equal(p[0].at_s, T0);
    assert_int_equal(p[1].at_s, T0 + 180);
    assert_int_equal(p[1].net_in, 10);
}

static void a_sampling_that_paused_leaves_a_gap(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;

    add(f, 0, 0, 0);
    add(f, 1000, 5000, 50);
    assert_int_equal(read_points(f, 60, 60, 0, 3600, &p), 0);
    add(f, 1000, 5000, 50); /* the clock stood still */
    add(f, 990, 5000, 50);  /* or went back */
    assert_int_equal(read_points(f, 60, 60, 0, 3600, &p), 0);
}

static void jitter_moves_no_rate_and_makes_no_hole(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;
    int64_t sum = 0;
    size_t n = 0;

    for (int64_t s = 0; s <= 3600; s += 61) { /* 100 bytes a second, seen every 61 s */
        add(f, s, s * 10, s * 100);
    }
    n = read_points(f, 60, 60, 0, 3600, &p);
    assert_int_equal(n, 60);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(p[i].at_s, T0 + (int64_t)i * 60);
        assert_true(llabs(p[i].net_in * AK_SEC / p[i].span_us - 100) <= 1);
        sum += p[i].net_in;
    }
    assert_int_equal(sum, 3599 * 100);
}

static void the_resolutions_hold_the_same_sums(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;
    int64_t in[3] = {0};

    for (int64_t s = 0; s <= 7200; s += 60) {
        add(f, s, s * 7, s * s);
    }
    for (size_t r = 0; r < 3; r++) {
        int64_t step = protect_resolutions[r].step_s;
        size_t n = read_points(f, step, step, 0, 7200, &p);

        assert_int_equal(n, 7200 / step);
        for (size_t i = 0; i < n; i++) {
            in[r] += p[i].net_in;
        }
    }
    assert_int_equal(in[0], 7200 * 7200);
    assert_int_equal(in[1], in[0]);
    assert_int_equal(in[2], in[0]);
    assert_int_equal(read_points(f, 60, 1800, 0, 7200, &p), 4);
}

static void what_is_too_old_and_whose_server_is_gone_is_removed(void **state)
{
    struct fixture *f = *state;
    struct protect_point *p = NULL;
    const char *living[] = {ONE};
    const char *others[] = {TWO};

    add(f, 0, 0, 0);
    add(f, 60, 10, 10);
    assert_ok(protect_file_purge(f->file, (T0 + 8 * 86400) * AK_SEC, living, 1, &f->err), &f->err);
    assert_int_equal(read_points(f, 60, 60, 0, 3600, &p), 0);
    assert_int_equal(read_points(f, 600, 600, 0, 3600, &p), 1);
    assert_int_equal(read_points(f, 3600, 3600, 0, 3600, &p), 1);
    assert_ok(protect_file_purge(f->file, (T0 + 91 * 86400) * AK_SEC, living, 1, &f->err), &f->err);
    assert_int_equal(read_points(f, 600, 600, 0, 3600, &p), 0);
    assert_int_equal(read_points(f, 3600, 3600, 0, 3600, &p), 1);
    assert_ok(protect_file_purge(f->file, (T0 + 91 * 86400) * AK_SEC, others, 1, &f->err), &f->err);
    assert_int_equal(read_points(f, 3600, 3600, 0, 3600, &p), 0);
}

static void a_reader_cannot_write_and_an_absent_file_is_told(void **state)
{
    struct fixture *f = *state;
    struct protect_file *reader = NULL;

    assert_fails(protect_file_open("/tmp/no/such/file", false, &reader, &f->err), AK_NOT_FOUND);
    assert_ok(protect_file_open(f->path, false, &reader, &f->err), &f->err);
    assert_fails(protect_file_add(reader, T0 * AK_SEC, AK_SEC, NULL, 0, &f->err), AK_STORE);
    protect_file_free(reader);
}

static void ranges_are_completed(void **state)
{
    struct fixture *f = *state;
    struct protect_range r = {0};

    assert_ok(protect_range_choose(T0 + 5, &r, &f->err), &f->err);
    assert_int_equal(r.step_s, 60);
    assert_int_equal(r.resolution_s, 60);
    assert_int_equal(r.from_s, T0 - 3600);
    assert_int_equal(r.to_s, T0 + 60);
    r = (struct protect_range){.from_s = T0 - 86400, .to_s = T0};
    assert_ok(protect_range_choose(T0, &r, &f->err), &f->err);
    assert_int_equal(r.step_s, 300);
    assert_int_equal(r.resolution_s, 60);
    r = (struct protect_range){.from_s = T0 - 30 * 86400, .to_s = T0, .step_s = 1800};
    assert_ok(protect_range_choose(T0, &r, &f->err), &f->err);
    assert_int_equal(r.resolution_s, 600);
    r = (struct protect_range){.from_s = T0 - 80 * 86400, .to_s = T0 - 79 * 86400, .step_s = 60};
    assert_ok(protect_range_choose(T0, &r, &f->err), &f->err);
    assert_int_equal(r.step_s, 600); /* minutes are gone by then */
    r = (struct protect_range){.from_s = T0 - 700 * 86400, .to_s = T0};
    assert_ok(protect_range_choose(T0, &r, &f->err), &f->err);
    assert_int_equal(r.resolution_s, 3600);
}

static void ranges_that_make_no_sense_are_refused(void **state)
{
    struct fixture *f = *state;
    struct protect_range r = {.from_s = T0, .to_s = T0};

    assert_fails(protect_range_choose(T0, &r, &f->err), AK_FIELD_VALUE);
    r = (struct protect_range){.from_s = T0 - 86400 * 2, .to_s = T0, .step_s = 60};
    assert_fails(protect_range_choose(T0, &r, &f->err), AK_FIELD_RANGE);
    r = (struct protect_range){.step_s = 59};
    assert_fails(protect_range_choose(T0, &r, &f->err), AK_FIELD_RANGE);
    r = (struct protect_range){.from_s = 1, .to_s = T0};
    assert_fails(protect_range_choose(T0, &r, &f->err), AK_FIELD_VALUE);
    r = (struct protect_range){.from_s = 1, .to_s = (int64_t)1 << 40};
    assert_fails(protect_range_choose(T0, &r, &f->err), AK_FIELD_VALUE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(deltas_are_stored_from_the_second_sample_on),
        T(a_guest_started_anew_gives_no_negative_numbers),
        T(a_stopped_guest_leaves_a_gap),
        T(a_sampling_that_paused_leaves_a_gap),
        T(jitter_moves_no_rate_and_makes_no_hole),
        T(the_resolutions_hold_the_same_sums),
        T(what_is_too_old_and_whose_server_is_gone_is_removed),
        T(a_reader_cannot_write_and_an_absent_file_is_told),
        T(ranges_are_completed),
        T(ranges_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
