/* SPDX-License-Identifier: Apache-2.0 */
/* Inspects an uploaded file: our own header check first (image_header.c), then, for a qcow2 that
 * names no other file, qemu-img under limits, with the format given so that it never guesses. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/qcow2/image_header.h"
#include "engine/qcow2/qcow2.h"
#include "json/json.h"

static const struct ak_run_limits inspect_limits = {
    .timeout_ms = 30000,
    .address_space = (uint64_t)1 << 30,
    .cpu_seconds = 10,
    .file_size = 1, /* it has nothing to write; 0 would mean no limit */
};

static size_t read_at(int fd, uint8_t *out, size_t size, off_t offset)
{
    size_t got = 0;

    while (got < size) {
        ssize_t n = pread(fd, out + got, size - got, offset + (off_t)got);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        got += (size_t)n;
    }
    return got;
}

int ak_qcow2_head_read(const char *path, uint8_t *head, size_t *ret_size, struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    *ret_size = read_at(fd, head, AK_IMAGE_HEAD, 0);
    return 0;
}

/* Compares what qemu-img says with what we saw; a difference makes the image corrupt. */
static void agree(const json_t *report, struct ak_image_info *info)
{
    const json_t *specific = json_object_get(json_object_get(report, "format-specific"), "data");
    int64_t size = json_integer_value(json_object_get(report, "virtual-size"));

    if (!ak_streq(json_string_value(json_object_get(report, "format")), info->format) ||
        size != info->virtual_size || json_is_true(json_object_get(specific, "corrupt"))) {
        info->is_corrupt = true;
    }
    if (json_object_get(report, "backing-filename")) {
        info->has_backing_file = true;
    }
    if (json_object_get(specific, "data-file")) {
        info->has_data_file = true;
    }
    if (json_is_true(json_object_get(report, "encrypted"))) {
        info->is_encrypted = true;
    }
}

static int ask_qemu_img(const char *path, struct ak_image_info *info, struct ak_error *err)
{
    const char *const argv[] = {AK_QEMU_IMG, "info", "--output=json", "-f", info->format,
                                path,        NULL};
    AK_AUTO_JSON report = NULL;
    AK_AUTO_BUF out;
    int rc = 0;

    ak_buf_init(&out, 256 << 10);
    if (access(AK_QEMU_IMG, X_OK) != 0) {
        return ak_fail(err, AK_ENGINE_UNAVAILABLE, "qemu-img");
    }
    rc = ak_run(argv, &inspect_limits, &out, err);
    if (rc == -AK_ENGINE) { /* it refuses the image, or died of its limits over it */
        if (err) {
            ak_log(AK_INFO, "image refused by qemu-img: %s", err->detail);
            ak_error_clear(err);
        }
        info->is_corrupt = true;
        return 0;
    }
    if (rc != 0) {
        return rc;
    }
    rc = ak_buf_ok(&out) ? ak_json_parse(out.data, out.len, &report, err) : -1;
    if (rc != 0) {
        ak_error_clear(err);
        info->is_corrupt = true;
        return 0;
    }
    agree(report, info);
    return 0;
}

int ak_image_inspect(const char *path, struct ak_image_info *ret_info, struct ak_error *err)
{
    AK_AUTO_STR head = ak_xcalloc(1, AK_IMAGE_HEAD);
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct ak_image_info info = {0};
    uint8_t tail[AK_IMAGE_TAIL];
    struct stat st;
    size_t head_size = 0, tail_size = 0;
    int rc = 0;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    if (!S_ISREG(st.st_mode) || path[0] != '/') { /* an absolute path is never a protocol */
        return ak_fail_detail(err, AK_IO, "%s is not an absolute path of a plain file", path);
    }
    head_size = read_at(fd, (uint8_t *)head, AK_IMAGE_HEAD, 0);
    if (st.st_size >= AK_IMAGE_TAIL) {
        tail_size = read_at(fd, tail, AK_IMAGE_TAIL, st.st_size - AK_IMAGE_TAIL);
    }
    ak_image_header_check((const uint8_t *)head, head_size, tail, tail_size, st.st_size, &info);
    info.actual_size = (int64_t)st.st_blocks * 512;
    if (ak_streq(info.format, "qcow2") && !info.has_backing_file && !info.has_data_file &&
        !info.is_encrypted && !info.is_corrupt) {
        rc = ask_qemu_img(path, &info, err);
    }
    if (rc == 0) {
        *ret_info = info;
    }
    return rc;
}
