/* SPDX-License-Identifier: Apache-2.0 */
/* The directory pool: one file per volume (<uuid>.qcow2), per image base (<uuid>.base) and per
 * small file. qemu-img makes disks under a temporary name (".<name>.<hex>.new"); they are flushed,
 * renamed and the folder flushed, so that a final name never holds half a file. A lock file keeps a
 * base from being removed while an overlay on it is made, between processes too. */
#include "engine/pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/qcow2/image_header.h"
#include "engine/qcow2/qcow2.h"

#define NAME         "disk pool"
#define MODE_DISK    0660 /* QEMU's group writes */
#define MODE_BASE    0440 /* nobody writes; QEMU's group reads */
#define MODE_FILE    0640
#define STALE_US     AK_HOUR /* older temporary files were left by a killed process */
#define BASE_FORMAT  "qcow2" /* whatever an image was, its base is this */
#define CONVERT_SLOP ((uint64_t)64 << 20)

struct dir_pool {
    struct ak_pool base;
    char *dir;
    char *lock_path;
};

static struct dir_pool *self(struct ak_pool *p)
{
    return (struct dir_pool *)p;
}

static char *path_of(struct ak_pool *p, const char *name)
{
    return ak_xasprintf("%s/%s", self(p)->dir, name);
}

/* Names come from UUIDs, but a pool never leaves its folder whatever it is given. */
static int check_name(const char *name, struct ak_error *err)
{
    size_t len = strlen(name);

    if (len == 0 || len > 120 || name[0] == '.' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != len) {
        return ak_fail_detail(err, AK_INTERNAL, "'%s' is no name of a pool file", name);
    }
    return 0;
}

/* The pool's lock, LOCK_SH or LOCK_EX; released by closing '*ret_fd'. */
static int lock_pool(struct ak_pool *p, int how, int *ret_fd, struct ak_error *err)
{
    AK_AUTO_FD fd = open(self(p)->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", self(p)->lock_path);
    }
    while (flock(fd, how) != 0) {
        if (errno != EINTR) {
            return ak_fail_errno(err, errno, "lock %s", self(p)->lock_path);
        }
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static char *temporary(struct ak_pool *p, const char *name)
{
    uint64_t r = 0;

    ak_random(&r, sizeof(r));
    return ak_xasprintf("%s/.%s.%016llx.new", self(p)->dir, name, (unsigned long long)r);
}

/* Makes 'tmp' durable under its final name. On failure 'tmp' is removed. */
static int settle(const char *tmp, const char *path, unsigned mode, struct ak_error *err)
{
    AK_AUTO_FD fd = open(tmp, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fchmod(fd, mode) != 0 || fsync(fd) != 0 || rename(tmp, path) != 0) {
        int errnum = errno;

        (void)unlink(tmp);
        return ak_fail_errno(err, errnum, "settle %s", path);
    }
    return ak_fsync_dir_of(path, err);
}

/* Runs qemu-img; tells a full disk from other refusals. On failure 'tmp' is removed. */
static int qemu_img(const char *const *argv, const struct ak_run_limits *limits, const char *tmp,
                    struct ak_error *err)
{
    struct ak_error local = {0};
    struct ak_error *e = err ? err : &local;
    int rc = ak_run(argv, limits, NULL, e);

    if (rc == 0) {
        return 0;
    }
    (void)unlink(tmp);
    if (rc == -AK_ENGINE && strstr(e->detail, "No space left on device")) {
        char detail[sizeof(e->detail)];

        ak_str_copy(detail, sizeof(detail), e->detail);
        return ak_fail_detail(err, AK_NO_SPACE, "%s", detail);
    }
    return rc;
}

/* What was a customer's is overwritten before its blocks are free again. */
static int remove_path(const char *path, struct ak_error *err)
{
    int rc = ak_file_zero(path, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        rc = 0;
    }
    if (rc != 0) {
        return rc;
    }
    if (unlink(path) != 0) {
        return errno == ENOENT ? 0 : ak_fail_errno(err, errno, "remove %s", path);
    }
    return ak_fsync_dir_of(path, err);
}

static int remove_name(struct ak_pool *p, const char *name, struct ak_error *err)
{
    AK_AUTO_STR path = path_of(p, name);
    int rc = check_name(name, err);

    return rc < 0 ? rc : remove_path(path, err);
}

/* --- bases ---------------------------------------------------------------------------------- */

/* qemu-img reads each cluster and writes it anew: of a hostile header nothing is left. */
static int convert(const char *source, const char *format, const char *tmp, struct ak_error *err)
{
    const char *from = ak_streq(format, "iso") ? "raw" : format;
    const char *const argv[] = {AK_QEMU_IMG, "convert", "-f",   from, "-O",
                                BASE_FORMAT, "-W",      source, tmp,  NULL};
    struct ak_run_limits limits = {
        .timeout_ms = 3600000, .address_space = (uint64_t)4 << 30, .cpu_seconds = 3600};
    struct ak_image_info info;
    int rc = ak_image_inspect(source, &info, err);

    if (rc != 0) {
        return rc;
    }
    if (info.has_backing_file || info.has_data_file || info.is_encrypted || info.is_corrupt ||
        (ak_streq(format, "qcow2") && !ak_streq(info.format, "qcow2"))) {
        (void)ak_fail(err, AK_ENGINE, NAME);
        ak_error_prefix(err, "%s is not a sound %s without other files", source, format);
        return -AK_ENGINE;
    }
    /* All data, and the tables of a qcow2 for it: a compressed bomb ends here. */
    limits.file_size =
        (uint64_t)info.virtual_size + (uint64_t)info.virtual_size / 64 + CONVERT_SLOP;
    if (ak_streq(from, "raw")) {
        limits.file_size += (uint64_t)info.actual_size;
    }
    return qemu_img(argv, &limits, tmp, err);
}

/* One import of an image at a time, between processes too; others wait and find it done. A byte of
 * the lock file stands for the image (flock() on the same file is another matter). */
static int lock_image(struct ak_pool *p, const char *image_id, int *ret_fd, struct ak_error *err)
{
    AK_AUTO_FD fd = open(self(p)->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    uint32_t h = 2166136261U;

    for (const char *c = image_id; *c; c++) {
        h = (h ^ (unsigned char)*c) * 16777619U;
    }
    range.l_start = (off_t)h;
    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", self(p)->lock_path);
    }
    while (fcntl(fd, F_OFD_SETLKW, &range) != 0) {
        if (errno != EINTR) {
            return ak_fail_errno(err, errno, "lock %s", self(p)->lock_path);
        }
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int pool_base_import(struct ak_pool *p, const char *image_id, const char *source_path,
                            const char *format, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.base", image_id);
    AK_AUTO_STR path = path_of(p, name);
    AK_AUTO_STR tmp = temporary(p, name);
    AK_AUTO_FD lock = -1;
    int rc = check_name(name, err);

    if (rc != 0 || exists(path)) {
        return rc;
    }
    if (!ak_streq(format, "qcow2") && !ak_streq(format, "raw") && !ak_streq(format, "iso")) {
        return ak_fail_detail(err, AK_ENGINE, "no base is made from format %s", format);
    }
    rc = lock_image(p, image_id, &lock, err);
    if (rc != 0 || exists(path)) {
        return rc;
    }
    rc = convert(source_path, format, tmp, err);
    return rc == 0 ? settle(tmp, path, MODE_BASE, err) : rc;
}

/* Whether the qcow2 'path' is an overlay on 'base'. Unreadable files count as such: keep the base.
 */
static bool uses(const char *path, const char *base)
{
    AK_AUTO_STR head = ak_xcalloc(1, AK_IMAGE_HEAD);
    char backing[256];
    size_t size = 0;

    if (ak_qcow2_head_read(path, (uint8_t *)head, &size, NULL) != 0) {
        return access(path, F_OK) == 0 || errno != ENOENT;
    }
    return ak_image_header_backing((const uint8_t *)head, size, backing, sizeof(backing)) &&
           ak_streq(backing, base);
}

/* A directory that cannot be read counts as one that uses it, too. */
static bool base_in_use(const char *dir, const char *base)
{
    DIR *d = opendir(dir);
    struct dirent *entry = NULL;
    bool found = false;

    if (!d) {
        return errno != ENOENT;
    }
    for (errno = 0; !found && (entry = readdir(d)); errno = 0) {
        if (strstr(entry->d_name, ".qcow2")) {
            AK_AUTO_STR path = ak_xasprintf("%s/%s", dir, entry->d_name);

            found = uses(path, base);
        }
    }
    found = found || errno != 0;
    (void)closedir(d);
    return found;
}

/* Takes an unused base away under a name of its own: overlays are made again while it is
 * overwritten. */
static int base_aside(struct ak_pool *p, const char *name, const char *gone, struct ak_error *err)
{
    AK_AUTO_STR path = path_of(p, name);
    AK_AUTO_STR quarantine = path_of(p, "quarantine");
    AK_AUTO_FD lock = -1;
    int rc = lock_pool(p, LOCK_EX, &lock, err);

    if (rc == 0 && (base_in_use(self(p)->dir, name) || base_in_use(quarantine, name))) {
        rc = ak_fail(err, AK_CONFLICT, "The image is still in use by a disk.");
    }
    if (rc == 0 && rename(path, gone) != 0 && errno != ENOENT) {
        rc = ak_fail_errno(err, errno, "set aside %s", path);
    }
    return rc;
}

/* The name aside is always the same, so that whoever repeats this finds what was left there. */
static int pool_base_remove(struct ak_pool *p, const char *image_id, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.base", image_id);
    AK_AUTO_STR gone = ak_xasprintf("%s/.%s.gone", self(p)->dir, name);
    int rc = check_name(name, err);

    rc = rc < 0 ? rc : base_aside(p, name, gone, err);
    return rc < 0 ? rc : remove_path(gone, err);
}

/* --- volumes -------------------------------------------------------------------------------- */

static int create(struct ak_pool *p, const char *volume_id, const char *base, int64_t size,
                  struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    AK_AUTO_STR path = path_of(p, name);
    AK_AUTO_STR tmp = temporary(p, name);
    char bytes[24];
    const char *const plain[] = {AK_QEMU_IMG, "create", "-q", "-f", "qcow2", tmp, bytes, NULL};
    /* -u: the base is ours and was looked at, so it need not be opened again. */
    const char *const overlay[] = {AK_QEMU_IMG, "create", "-q",        "-u", "-f",  "qcow2", "-b",
                                   base,        "-F",     BASE_FORMAT, tmp,  bytes, NULL};
    int rc = check_name(name, err);

    if (rc != 0 || exists(path)) {
        return rc;
    }
    (void)ak_num_(bytes, size);
    rc = qemu_img(base ? overlay : plain, NULL, tmp, err);
    return rc == 0 ? settle(tmp, path, MODE_DISK, err) : rc;
}

static int pool_overlay_create(struct ak_pool *p, const char *volume_id, const char *image_id,
                               int64_t size, struct ak_error *err)
{
    AK_AUTO_STR base = ak_xasprintf("%s.base", image_id);
    AK_AUTO_STR base_path = path_of(p, base);
    AK_AUTO_STR head = ak_xcalloc(1, AK_IMAGE_HEAD);
    AK_AUTO_FD lock = -1;
    struct ak_image_info info;
    size_t head_size = 0;
    int rc = check_name(base, err);

    if (rc == 0) {
        rc = lock_pool(p, LOCK_SH, &lock, err);
    }
    if (rc != 0) {
        return rc;
    }
    rc = ak_qcow2_head_read(base_path, (uint8_t *)head, &head_size, err);
    if (rc == -AK_NOT_FOUND) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, base);
    }
    if (rc != 0) {
        return rc;
    }
    ak_image_header_check((const uint8_t *)head, head_size, NULL, 0, INT64_MAX, &info);
    return create(p, volume_id, base, size > info.virtual_size ? size : info.virtual_size, err);
}

static int pool_volume_grow(struct ak_pool *p, const char *volume_id, int64_t size,
                            struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    AK_AUTO_STR path = path_of(p, name);
    AK_AUTO_STR head = ak_xcalloc(1, AK_IMAGE_HEAD);
    struct ak_image_info info;
    size_t head_size = 0;
    char bytes[24];
    const char *const argv[] = {AK_QEMU_IMG, "resize", "-q", "-f", "qcow2", path, bytes, NULL};
    int rc = check_name(name, err);

    rc = rc < 0 ? rc : ak_qcow2_head_read(path, (uint8_t *)head, &head_size, err);
    if (rc == -AK_NOT_FOUND) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, NAME, name);
    }
    if (rc < 0) {
        return rc;
    }
    ak_image_header_check((const uint8_t *)head, head_size, NULL, 0, INT64_MAX, &info);
    if (info.virtual_size >= size) {
        return 0;
    }
    (void)ak_num_(bytes, size);
    return ak_run(argv, NULL, NULL, err);
}

static int pool_volume_create(struct ak_pool *p, const char *volume_id, int64_t size,
                              struct ak_error *err)
{
    return create(p, volume_id, NULL, size, err);
}

static int pool_volume_remove(struct ak_pool *p, const char *volume_id, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);

    return remove_name(p, name, err);
}

/* Nobody else writes to the new file; the volume may be in use, hence -U. */
static int pool_volume_export(struct ak_pool *p, const char *volume_id, const char *path,
                              int64_t max, struct ak_error *err)
{
    AK_AUTO_STR name = ak_xasprintf("%s.qcow2", volume_id);
    AK_AUTO_STR source = path_of(p, name);
    const struct ak_run_limits limits = {.timeout_ms = 3600 * 1000, .file_size = (uint64_t)max};
    const char *const argv[] = {"qemu-img", "convert", "-U",   "-f", "qcow2",
                                "-O",       "qcow2",   source, path, NULL};

    if (!exists(source)) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, "disk pool", name);
    }
    return qemu_img(argv, &limits, path, err);
}

static const char *pool_erasure(struct ak_pool *p)
{
    (void)p;
    return "zeros written over every allocated block of the file and synced, then the file removed";
}

/* --- small files ---------------------------------------------------------------------------- */

static int pool_file_write(struct ak_pool *p, const char *name, const void *data, size_t size,
                           struct ak_error *err)
{
    AK_AUTO_STR path = path_of(p, name);
    int rc = check_name(name, err);

    return rc == 0 ? ak_file_write(path, data, size, MODE_FILE, err) : rc;
}

static const char *pool_volume_path(struct ak_pool *p, struct ak_arena *arena,
                                    const char *volume_id)
{
    return ak_arena_printf(arena, "%s/%s.qcow2", self(p)->dir, volume_id);
}

static const char *pool_file_path(struct ak_pool *p, struct ak_arena *arena, const char *name)
{
    return ak_arena_printf(arena, "%s/%s", self(p)->dir, name);
}

/* --- the whole ------------------------------------------------------------------------------ */

static int pool_capacity(struct ak_pool *p, int64_t *ret_total, int64_t *ret_free,
                         struct ak_error *err)
{
    struct statvfs fs;

    if (statvfs(self(p)->dir, &fs) != 0) {
        return ak_fail_errno(err, errno, "statvfs %s", self(p)->dir);
    }
    *ret_total = (int64_t)(fs.f_blocks * fs.f_frsize);
    *ret_free = (int64_t)(fs.f_bavail * fs.f_frsize);
    return 0;
}

/* Removes a temporary file that no live process can still be filling. */
static void sweep(struct ak_pool *p, const char *name, const struct stat *st)
{
    AK_AUTO_STR path = path_of(p, name);
    struct ak_error err = {0};

    if (!strstr(name, ".new") || ak_file_age_us(st) <= STALE_US) {
        return;
    }
    if (remove_path(path, &err) == 0) {
        ak_log(AK_WARNING, "removed temporary file %s of the disk pool", name);
    } else {
        ak_log_error(&err, "temporary file %s of the disk pool", name);
    }
}

static int pool_list(struct ak_pool *p, struct ak_arena *arena, struct ak_pool_file **ret_files,
                     size_t *ret_n, struct ak_error *err)
{
    DIR *d = opendir(self(p)->dir);
    struct dirent *entry = NULL;
    struct ak_pool_file *files = NULL;
    size_t n = 0, cap = 0;

    if (!d) {
        return ak_fail_errno(err, errno, "open %s", self(p)->dir);
    }
    while ((entry = readdir(d))) {
        struct stat st;

        if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode)) {
            continue;
        }
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".new.")) {
            sweep(p, entry->d_name, &st);
            continue;
        }
        if (n == cap) {
            struct ak_pool_file *more = ak_arena_array(arena, struct ak_pool_file, cap * 2 + 64);

            if (n > 0) {
                memcpy(more, files, n * sizeof(*files));
            }
            files = more;
            cap = cap * 2 + 64;
        }
        ak_str_copy(files[n].name, sizeof(files[n].name), entry->d_name);
        files[n++].size = (int64_t)st.st_blocks * 512;
    }
    (void)closedir(d);
    *ret_files = files;
    *ret_n = n;
    return 0;
}

static int pool_quarantine(struct ak_pool *p, const char *name, const char *why,
                           struct ak_error *err)
{
    AK_AUTO_STR dir = path_of(p, "quarantine");
    AK_AUTO_STR from = path_of(p, name);
    char now[AK_TIME_TEXT];
    AK_AUTO_STR to = NULL;
    AK_AUTO_STR note = NULL;
    AK_AUTO_STR text = NULL;
    int rc = check_name(name, err);

    if (rc == 0) {
        rc = ak_dir_make(dir, 0750, err);
    }
    if (rc != 0 || !exists(from)) {
        return rc;
    }
    (void)ak_time_text(now, ak_now_us(), AK_TIME_Z_US);
    to = ak_xasprintf("%s/%s.%s", dir, now, name);
    note = ak_xasprintf("%s.why", to);
    text = ak_xasprintf("%s\n", why);
    rc = ak_file_write(note, text, strlen(text), 0640, err);
    if (rc != 0) {
        return rc;
    }
    if (rename(from, to) != 0) {
        return ak_fail_errno(err, errno, "quarantine %s", from);
    }
    rc = ak_fsync_dir_of(to, err);
    return rc == 0 ? ak_fsync_dir_of(from, err) : rc;
}

/* "2026-11-22T12:00:00.000000Z.NAME", its note left out. */
static bool read_aside(const char *id, struct ak_pool_aside *ret)
{
    enum { TIME_LEN = 27 };
    char time[TIME_LEN + 1];

    if (strlen(id) <= TIME_LEN + 1 || id[TIME_LEN] != '.' || ak_ends_with(id, ".why")) {
        return false;
    }
    ak_str_copy(time, sizeof(time), id);
    ak_str_copy(ret->id, sizeof(ret->id), id);
    ak_str_copy(ret->name, sizeof(ret->name), id + TIME_LEN + 1);
    return ak_time_parse(time, &ret->since_us);
}

static int pool_aside_list(struct ak_pool *p, struct ak_arena *arena,
                           struct ak_pool_aside **ret_files, size_t *ret_n, struct ak_error *err)
{
    AK_AUTO_STR path = path_of(p, "quarantine");
    DIR *d = opendir(path);
    struct dirent *entry = NULL;
    struct ak_pool_aside *files = NULL, one = {0};
    size_t n = 0, cap = 0;

    if (!d && errno != ENOENT) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    while (d && (entry = readdir(d))) {
        struct stat st;

        if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode) || !read_aside(entry->d_name, &one)) {
            continue;
        }
        if (n == cap) {
            struct ak_pool_aside *more = ak_arena_array(arena, struct ak_pool_aside, cap * 2 + 16);

            if (n > 0) {
                memcpy(more, files, n * sizeof(*files));
            }
            files = more;
            cap = cap * 2 + 16;
        }
        one.size = (int64_t)st.st_blocks * 512;
        files[n++] = one;
    }
    if (d) {
        (void)closedir(d);
    }
    *ret_files = files;
    *ret_n = n;
    return 0;
}

static int pool_aside_remove(struct ak_pool *p, const char *id, struct ak_error *err)
{
    AK_AUTO_STR path = ak_xasprintf("%s/quarantine/%s", self(p)->dir, id);
    AK_AUTO_STR note = ak_xasprintf("%s.why", path);
    struct ak_pool_aside one;
    int rc = 0;

    if (strchr(id, '/') || !read_aside(id, &one)) {
        return ak_fail_detail(err, AK_INTERNAL, "'%s' is no name of a file set aside", id);
    }
    if (unlink(note) != 0 && errno != ENOENT) {
        rc = ak_fail_errno(err, errno, "remove %s", note);
    }
    return rc < 0 ? rc : remove_path(path, err);
}

static void pool_free(struct ak_pool *p)
{
    if (p) {
        free(self(p)->dir);
        free(self(p)->lock_path);
        free(p);
    }
}

static const struct ak_pool_ops ops = {
    .base_import = pool_base_import,
    .base_remove = pool_base_remove,
    .overlay_create = pool_overlay_create,
    .volume_create = pool_volume_create,
    .volume_grow = pool_volume_grow,
    .volume_remove = pool_volume_remove,
    .volume_export = pool_volume_export,
    .erasure = pool_erasure,
    .file_write = pool_file_write,
    .file_remove = remove_name,
    .volume_path = pool_volume_path,
    .file_path = pool_file_path,
    .capacity = pool_capacity,
    .list = pool_list,
    .quarantine = pool_quarantine,
    .aside_list = pool_aside_list,
    .aside_remove = pool_aside_remove,
    .free = pool_free,
};

int ak_qcow2_pool_open(const char *directory, struct ak_pool **ret_pool, struct ak_error *err)
{
    struct dir_pool *p = NULL;

    if (directory[0] != '/') {
        AK_AUTO_STR what = ak_xasprintf("pool_dir '%s' must be an absolute path", directory);

        return ak_fail(err, AK_CONFIG, what);
    }
    p = ak_new(struct dir_pool);
    p->base.ops = &ops;
    p->dir = ak_xstrdup(directory);
    p->lock_path = ak_xasprintf("%s/.lock", directory);
    *ret_pool = &p->base;
    return 0;
}
