/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of image inspection, of the directory pool with the real qemu-img, and of config
 * drives. */
#include "engine/pool.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "engine/qcow2/image_header.h"
#include "engine/qcow2/qcow2.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    ak_str_copy(dir, sizeof(dir), "/tmp/akashi-qcow2-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *in_dir(const char *name)
{
    return ak_xasprintf("%s/%s", dir, name);
}

/* Runs qemu-img with up to six words after the command. */
static void img(const char *a, const char *b, const char *c, const char *d, const char *e,
                const char *f)
{
    const char *const argv[] = {AK_QEMU_IMG, a, b, c, d, e, f, NULL};
    struct ak_error err = {0};

    assert_ok(ak_run(argv, NULL, NULL, &err), &err);
}

/* Overwrites bytes of a file. */
static void patch(const char *path, off_t offset, const void *bytes, size_t len)
{
    AK_AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);

    assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t)len);
}

static struct ak_image_info inspect(const char *path)
{
    struct ak_image_info info = {0};
    struct ak_error err = {0};

    assert_ok(ak_image_inspect(path, &info, &err), &err);
    return info;
}

static void inspect_accepts_a_sound_qcow2(void **state)
{
    AK_AUTO_STR path = in_dir("good");
    struct ak_image_info info;

    (void)state;
    img("create", "-q", "-f", "qcow2", path, "1G");
    info = inspect(path);
    assert_string_equal(info.format, "qcow2");
    assert_int_equal(info.virtual_size, 1 << 30);
    assert_false(info.is_corrupt || info.has_backing_file || info.has_data_file ||
                 info.is_encrypted);
}

static void inspect_accepts_version_2_and_large_clusters(void **state)
{
    AK_AUTO_STR old = in_dir("v2");
    AK_AUTO_STR large = in_dir("large");
    const char *const argv[] = {
        AK_QEMU_IMG, "create", "-q", "-f", "qcow2", "-o", "cluster_size=2M,extended_l2=on",
        large,       "1G",     NULL};
    struct ak_error err = {0};

    (void)state;
    img("create", "-qfqcow2", "-o", "compat=0.10", old, "64M");
    assert_false(inspect(old).is_corrupt);
    assert_ok(ak_run(argv, NULL, NULL, &err), &err);
    assert_false(inspect(large).is_corrupt);
}

static void inspect_tells_a_backing_file_without_opening_it(void **state)
{
    AK_AUTO_STR path = in_dir("evil");
    const char *const argv[] = {AK_QEMU_IMG, "create", "-q",          "-u", "-f", "qcow2", "-F",
                                "raw",       "-b",     "/etc/shadow", path, "1G", NULL};
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_run(argv, NULL, NULL, &err), &err);
    assert_true(inspect(path).has_backing_file);
    assert_string_equal(inspect(path).format, "qcow2");
}

static void inspect_tells_an_external_data_file(void **state)
{
    AK_AUTO_STR path = in_dir("outside");
    AK_AUTO_STR data = in_dir("data");
    AK_AUTO_STR option = ak_xasprintf("data_file=%s", data);
    static const uint8_t bit[8] = {0};

    (void)state;
    img("create", "-qfqcow2", "-o", option, path, "1M");
    assert_true(inspect(path).has_data_file);
    patch(path, 72, bit, 8); /* the bit cleared, the extension left */
    assert_true(inspect(path).has_data_file);
}

static void inspect_tells_encryption(void **state)
{
    AK_AUTO_STR path = in_dir("secret");
    static const uint8_t luks[4] = {0, 0, 0, 2};

    (void)state;
    img("create", "-q", "-f", "qcow2", path, "1M");
    patch(path, 32, luks, 4);
    assert_true(inspect(path).is_encrypted);
}

static void inspect_tells_broken_headers(void **state)
{
    static const struct {
        off_t offset;
        uint8_t bytes[8];
        size_t len;
        const char *what;
    } cases[] = {
        {4, {0, 0, 0, 9}, 4, "version 9"},
        {20, {0, 0, 0, 63}, 4, "cluster bits 63"},
        {36, {0xff, 0xff, 0xff, 0xff}, 4, "huge L1 table"},
        {40, {0x7f, 0, 0, 0, 0, 0, 0, 0}, 8, "L1 table outside the file"},
        {48, {0, 0, 0, 0, 0, 0, 0, 3}, 8, "refcount table off a cluster's start"},
        {72, {0, 0, 0, 0, 0, 0, 0, 2}, 8, "marked corrupt"},
        {72, {0, 0, 1, 0, 0, 0, 0, 0}, 8, "unknown feature"},
        {100, {0xff, 0xff, 0xff, 0xf8}, 4, "crazy header length"},
        {100, {0, 0, 0, 0}, 4, "no header length"},
        {24, {0xff, 0, 0, 0, 0, 0, 0, 0}, 8, "negative size"},
        {116, {0x7f, 0xff, 0xff, 0xff}, 4, "no end of extensions"},
    };

    (void)state;
    for (size_t i = 0; i < AK_N(cases); i++) {
        AK_AUTO_STR path = in_dir("broken");

        img("create", "-q", "-f", "qcow2", path, "1G");
        patch(path, cases[i].offset, cases[i].bytes, cases[i].len);
        if (!inspect(path).is_corrupt) {
            fail_msg("%s was accepted", cases[i].what);
        }
    }
}

static void inspect_tells_a_truncated_file(void **state)
{
    AK_AUTO_STR path = in_dir("short");

    (void)state;
    img("create", "-q", "-f", "qcow2", path, "1G");
    for (off_t size = 200; size > 4; size /= 2) {
        assert_int_equal(truncate(path, size), 0);
        assert_true(inspect(path).is_corrupt);
    }
    assert_int_equal(truncate(path, 0), 0);
    assert_true(inspect(path).is_corrupt);
}

static void inspect_measures_a_terabyte_without_reading_it(void **state)
{
    AK_AUTO_STR path = in_dir("wide");

    (void)state;
    img("create", "-q", "-f", "qcow2", path, "1T");
    assert_int_equal(inspect(path).virtual_size, (int64_t)1 << 40);
    assert_false(inspect(path).is_corrupt);
    assert_int_equal(unlink(path), 0);
    img("create", "-q", "-f", "raw", path, "1T");
    assert_string_equal(inspect(path).format, "raw");
    assert_int_equal(inspect(path).virtual_size, (int64_t)1 << 40);
}

static void inspect_names_other_formats(void **state)
{
    static const char *const formats[] = {"vmdk", "vdi", "vhdx", "qed", "qcow", "luks"};

    (void)state;
    for (size_t i = 0; i < AK_N(formats); i++) {
        AK_AUTO_STR path = in_dir(formats[i]);
        AK_AUTO_STR option = ak_xasprintf("-f%s", formats[i]);

        if (ak_streq(formats[i], "luks")) { /* making a real one takes seconds of key stretching */
            struct ak_error err = {0};

            assert_ok(ak_file_write(path, "LUKS\xba\xbe\0\1", 8, 0600, &err), &err);
        } else {
            img("create", "-q", option, path, "16M", NULL);
        }
        assert_string_equal(inspect(path).format, formats[i]);
    }
}

static void inspect_refuses_what_is_no_plain_file(void **state)
{
    AK_AUTO_STR path = in_dir("link");
    struct ak_image_info info;

    (void)state;
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_fails(ak_image_inspect(path, &info, NULL), AK_IO);
    assert_fails(ak_image_inspect("/dev/zero", &info, NULL), AK_IO);
    assert_fails(ak_image_inspect(dir, &info, NULL), AK_IO);
}

static struct ak_pool *open_pool(void)
{
    struct ak_pool *p = NULL;
    struct ak_error err = {0};

    assert_ok(ak_qcow2_pool_open(dir, &p, &err), &err);
    return p;
}

static int mode_of(const char *name)
{
    AK_AUTO_STR path = in_dir(name);
    struct stat st;

    return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void pool_makes_overlays_on_a_base_and_keeps_it_while_used(void **state)
{
    AK_AUTO_STR source = in_dir("upload.img");
    AK_AUTO_STR path = in_dir("vol.qcow2");
    AK_AUTO_STR head = ak_xcalloc(1, AK_IMAGE_HEAD);
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};
    char backing[64];
    size_t n = 0;

    (void)state;
    img("create", "-q", "-f", "qcow2", source, "64M");
    assert_ok(p->ops->base_import(p, "img", source, "qcow2", &err), &err);
    assert_ok(p->ops->base_import(p, "img", source, "qcow2", &err), &err);
    assert_int_equal(mode_of("img.base"), 0440);
    assert_ok(p->ops->overlay_create(p, "vol", "img", 1 << 30, &err), &err);
    assert_ok(p->ops->overlay_create(p, "vol", "img", 1 << 30, &err), &err);
    assert_int_equal(mode_of("vol.qcow2"), 0660);
    assert_ok(ak_qcow2_head_read(path, (uint8_t *)head, &n, &err), &err);
    assert_true(ak_image_header_backing((uint8_t *)head, n, backing, sizeof(backing)));
    assert_string_equal(backing, "img.base");
    img("check", "-q", path, NULL, NULL, NULL); /* opens the chain */
    assert_fails(p->ops->base_remove(p, "img", &err), AK_CONFLICT);
    assert_ok(p->ops->quarantine(p, "vol.qcow2", "no server knows it", &err), &err);
    assert_fails(p->ops->base_remove(p, "img", &err), AK_CONFLICT);
    assert_ok(p->ops->volume_remove(p, "vol", &err), &err);
    p->ops->free(p);
}

static void pool_removes_an_unused_base_and_reports_a_missing_one(void **state)
{
    AK_AUTO_STR gone = in_dir(".img.base.gone");
    AK_AUTO_STR source = in_dir("upload.img");
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};

    (void)state;
    img("create", "-q", "-f", "raw", source, "8M");
    assert_fails(p->ops->overlay_create(p, "vol", "img", 1, &err), AK_ENGINE_NO_OBJECT);
    assert_ok(p->ops->base_import(p, "img", source, "raw", &err), &err);
    assert_ok(p->ops->overlay_create(p, "vol", "img", 1, &err), &err);
    assert_ok(p->ops->volume_remove(p, "vol", &err), &err);
    assert_ok(p->ops->volume_remove(p, "vol", &err), &err);
    assert_ok(p->ops->base_remove(p, "img", &err), &err);
    assert_ok(p->ops->base_remove(p, "img", &err), &err);
    assert_ok(ak_file_write(gone, "left by a killed worker", 23, 0400, &err), &err);
    assert_ok(p->ops->base_remove(p, "img", &err), &err);
    assert_int_not_equal(access(gone, F_OK), 0);
    p->ops->free(p);
}

static void pool_refuses_to_import_hostile_images(void **state)
{
    AK_AUTO_STR source = in_dir("evil");
    const char *const argv[] = {AK_QEMU_IMG, "create", "-q",          "-u",   "-f", "qcow2", "-F",
                                "raw",       "-b",     "/etc/shadow", source, "1G", NULL};
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};

    (void)state;
    assert_ok(ak_run(argv, NULL, NULL, &err), &err);
    assert_fails(p->ops->base_import(p, "img", source, "qcow2", &err), AK_ENGINE);
    assert_fails(p->ops->base_import(p, "img", source, "vmdk", &err), AK_ENGINE);
    assert_int_equal(mode_of("img.base"), -1);
    p->ops->free(p);
}

static void pool_lists_files_but_no_temporary_ones(void **state)
{
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    AK_AUTO_STR half = in_dir(".vol.qcow2.00.new");
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR volume = in_dir("vol.qcow2");
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};
    struct ak_pool_file *files = NULL;
    int64_t total = 0, left = 0;
    size_t n = 0;

    (void)state;
    assert_ok(p->ops->list(p, arena, &files, &n, &err), &err);
    assert_int_equal(n, 0);
    assert_ok(p->ops->volume_create(p, "vol", 1 << 20, &err), &err);
    assert_fails(p->ops->volume_grow(p, "none", 1 << 20, &err), AK_ENGINE_NO_OBJECT);
    assert_ok(p->ops->volume_grow(p, "vol", 3 << 20, &err), &err);
    assert_ok(p->ops->volume_grow(p, "vol", 1 << 20, &err), &err); /* nothing is cut */
    assert_int_equal(inspect(volume).virtual_size, 3 << 20);
    assert_ok(p->ops->file_write(p, "srv.iso", "x", 1, &err), &err);
    assert_ok(ak_file_write(half, "", 0, 0600, &err), &err);
    assert_ok(p->ops->list(p, arena, &files, &n, &err), &err);
    assert_int_equal(n, 2);
    ak_time_shift(2 * AK_HOUR); /* the clock that tests move is none of the file's */
    assert_ok(p->ops->list(p, arena, &files, &n, &err), &err);
    ak_time_shift(0);
    assert_int_equal(access(half, F_OK), 0);
    assert_int_equal(utimensat(AT_FDCWD, half, long_ago, 0), 0);
    assert_ok(p->ops->list(p, arena, &files, &n, &err), &err);
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(mode_of("srv.iso"), 0640);
    assert_ok(p->ops->file_remove(p, "srv.iso", &err), &err);
    assert_ok(p->ops->capacity(p, &total, &left, &err), &err);
    assert_true(total > 0 && left > 0 && left <= total);
    p->ops->free(p);
}

/* Makes volumes until it is killed. */
static void make_volumes(void)
{
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};

    for (;;) {
        char volume[AK_UUID_TEXT];

        ak_uuid_new(volume);
        if (p->ops->volume_create(p, volume, 1 << 20, &err) != 0) {
            _exit(1);
        }
    }
}

static void killed_process_leaves_no_half_volume(void **state)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_pool *p = open_pool();
    struct ak_pool_file *files = NULL;
    struct ak_error err = {0};
    size_t n = 0;
    int status = 0;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    for (int i = 0; i < 8; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            make_volumes();
        }
        (void)usleep(3000U * (unsigned)(i + 1));
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (waitpid(-1, NULL, 0) > 0) { /* the qemu-img it left behind */
        }
    }
    assert_ok(p->ops->list(p, arena, &files, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        AK_AUTO_STR path = in_dir(files[i].name);

        assert_true(ak_ends_with(files[i].name, ".qcow2"));
        assert_int_equal(inspect(path).virtual_size, 1 << 20);
        assert_false(inspect(path).is_corrupt);
    }
    p->ops->free(p);
}

static void pool_keeps_to_its_folder(void **state)
{
    struct ak_pool *p = open_pool();
    struct ak_error err = {0};

    (void)state;
    assert_fails(p->ops->file_write(p, "../x", "", 0, &err), AK_INTERNAL);
    assert_fails(p->ops->file_remove(p, "a/b", &err), AK_INTERNAL);
    assert_fails(p->ops->volume_remove(p, "..", &err), AK_INTERNAL);
    assert_fails(p->ops->quarantine(p, ".lock", "", &err), AK_INTERNAL);
    p->ops->free(p);
    assert_fails(ak_qcow2_pool_open("relative", &p, &err), AK_CONFIG);
}

static void quarantine_moves_a_file_aside_with_a_note(void **state)
{
    struct ak_pool *p = open_pool();
    AK_AUTO_STR aside = in_dir("quarantine");
    AK_AUTO_BUF out;
    const char *const argv[] = {"ls", aside, NULL};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_pool_aside *files = NULL;
    int64_t before = ak_now_us();
    size_t n = 0;
    struct ak_error err = {0};

    (void)state;
    ak_buf_init(&out, 4096);
    assert_ok(p->ops->volume_create(p, "vol", 1 << 20, &err), &err);
    assert_ok(p->ops->quarantine(p, "vol.qcow2", "orphan", &err), &err);
    assert_ok(p->ops->quarantine(p, "vol.qcow2", "orphan", &err), &err);
    assert_int_equal(mode_of("vol.qcow2"), -1);
    assert_ok(ak_run(argv, NULL, &out, &err), &err);
    assert_non_null(strstr(out.data, ".vol.qcow2\n"));
    assert_non_null(strstr(out.data, ".vol.qcow2.why\n"));
    assert_ok(p->ops->aside_list(p, arena, &files, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(files[0].name, "vol.qcow2");
    assert_true(files[0].size > 0 && files[0].since_us > before - AK_SEC);
    assert_fails(p->ops->aside_remove(p, "../vol.qcow2", &err), AK_INTERNAL);
    assert_ok(p->ops->aside_remove(p, files[0].id, &err), &err);
    assert_ok(p->ops->aside_remove(p, files[0].id, &err), &err);
    ak_buf_reset(&out);
    assert_ok(ak_run(argv, NULL, &out, &err), &err);
    assert_string_equal(out.data, "");
    p->ops->free(p);
}

static void config_drive_is_an_iso_with_label_and_files(void **state)
{
    static const struct ak_drive_file files[] = {
        {"openstack/latest/meta_data.json", "{\"uuid\":\"1\"}", 12},
        {"openstack/latest/user_data", "#!/bin/sh\nmarker\n", 17},
        {"openstack/content/0000", "", 0},
    };
    struct ak_error err = {0};
    void *data = NULL, *again = NULL;
    size_t size = 0, size_again = 0;

    (void)state;
    assert_ok(ak_config_drive_make(files, AK_N(files), &data, &size, &err), &err);
    assert_ok(ak_config_drive_make(files, AK_N(files), &again, &size_again, &err), &err);
    assert_true(size > 34000 && size == size_again);
    assert_memory_equal((char *)data + 32769, "CD001", 5);
    assert_memory_equal((char *)data + 32768 + 40, "config-2 ", 9);
    assert_non_null(memmem(data, size, "#!/bin/sh\nmarker\n", 17));
    assert_non_null(memmem(data, size, "meta_data.json", 14));
    free(data);
    free(again);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(inspect_accepts_a_sound_qcow2),
        IN_DIR(inspect_accepts_version_2_and_large_clusters),
        IN_DIR(inspect_tells_a_backing_file_without_opening_it),
        IN_DIR(inspect_tells_an_external_data_file),
        IN_DIR(inspect_tells_encryption),
        IN_DIR(inspect_tells_broken_headers),
        IN_DIR(inspect_tells_a_truncated_file),
        IN_DIR(inspect_measures_a_terabyte_without_reading_it),
        IN_DIR(inspect_names_other_formats),
        IN_DIR(inspect_refuses_what_is_no_plain_file),
        IN_DIR(pool_makes_overlays_on_a_base_and_keeps_it_while_used),
        IN_DIR(pool_removes_an_unused_base_and_reports_a_missing_one),
        IN_DIR(pool_refuses_to_import_hostile_images),
        IN_DIR(pool_lists_files_but_no_temporary_ones),
        IN_DIR(killed_process_leaves_no_half_volume),
        IN_DIR(pool_keeps_to_its_folder),
        IN_DIR(quarantine_moves_a_file_aside_with_a_note),
        cmocka_unit_test(config_drive_is_an_iso_with_label_and_files),
    };

    return cmocka_run_group_tests_name("engine/qcow2", tests, NULL, NULL);
}
