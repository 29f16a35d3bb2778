/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_FILE_H
#define AK_FILE_H
/* Files and child processes. */
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "buf.h"
#include "error.h"

/* Reads a whole file of at most 'max' bytes into '*ret_data' (NUL-terminated, caller frees).
 * AK_NOT_FOUND, AK_TOO_LARGE, AK_IO. */
int ak_file_read(const char *path, size_t max, char **ret_data, size_t *ret_size,
                 struct ak_error *err);
/* Replaces 'path' by 'size' bytes, durable on return: temporary file, fsync, rename, fsync of the
 * directory. AK_NO_SPACE, AK_IO. */
int ak_file_write(const char *path, const void *data, size_t size, unsigned mode,
                  struct ak_error *err);
/* Writes zeros over all that is allocated of a file, in place, and makes it durable; holes stay. On
 * file systems that write elsewhere than in place (btrfs, ZFS, LVM snapshots) and inside of SSDs
 * copies may stay: say so to whom it matters. AK_NOT_FOUND, AK_IO. */
int ak_file_zero(const char *path, struct ak_error *err);
/* How long ago the file was written to, by the clock of the machine: one that tests move does not
 * move the times of files. */
int64_t ak_file_age_us(const struct stat *st);
/* mkdir -p. */
int ak_dir_make(const char *path, unsigned mode, struct ak_error *err);
int ak_fsync_dir_of(const char *path, struct ak_error *err);
/* Maps errno to AK_NO_SPACE (ENOSPC, EDQUOT), AK_NOT_FOUND (ENOENT) or AK_IO. */
int ak_fail_errno(struct ak_error *err, int errnum, const char *fmt, ...) AK_PRINTF(3, 4);

/* Runs argv (absolute path or found in /usr/bin:/bin:/usr/sbin:/sbin), without a shell, with a
 * clean environment and the limits given, and waits for it; killed after 'timeout_ms'. Standard
 * output goes to 'out' (may be NULL), standard error to err->detail on failure.
 * AK_ENGINE_TIMEOUT({0}=argv[0]), AK_ENGINE({0}=argv[0]) when it exits non-zero. */
struct ak_run_limits {
    int64_t timeout_ms;     /* 0 = 60 s */
    uint64_t address_space; /* bytes, 0 = unlimited */
    uint64_t cpu_seconds;   /* 0 = unlimited */
    uint64_t file_size;     /* bytes, 0 = unlimited */
};
int ak_run(const char *const *argv, const struct ak_run_limits *limits, struct ak_buf *out,
           struct ak_error *err);

#endif
