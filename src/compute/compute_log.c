/* SPDX-License-Identifier: Apache-2.0 */
/* Console logs: files that the hypervisor appends to. The api process reads their ends; the worker
 * cuts them when a guest writes too much, since nobody else limits that. */
#include "compute_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the last 'max' bytes at most. */
static int read_end(int fd, const char *path, int64_t max, char **ret_data, size_t *ret_size,
                    struct ak_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return ak_fail_errno(err, errno, "%s", path);
    }
    int64_t from = st.st_size > max ? st.st_size - max : 0;
    size_t size = (size_t)(st.st_size - from), got = 0;
    char *data = ak_xcalloc(1, size + 1);
    while (got < size) {
        ssize_t n = pread(fd, data + got, size - got, (off_t)from + (off_t)got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            free(data);
            return ak_fail_errno(err, errno, "%s", path);
        }
        if (n == 0) {
            break; /* cut meanwhile */
        }
        got += (size_t)n;
    }
    *ret_data = data;
    *ret_size = got;
    return 0;
}

int compute_log_tail(const char *path, int64_t lines, size_t max, struct ak_buf *out,
                     struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : ak_fail_errno(err, errno, "%s", path);
    }
    char *data = NULL;
    size_t size = 0;
    int rc = read_end(fd, path, (int64_t)max, &data, &size, err);
    if (rc != 0) {
        return rc;
    }
    size_t from = 0;
    if (lines >= 0) {
        /* The line break at the very end ends the last line, it does not begin another. */
        int64_t seen = 0;
        size_t at = size > 0 && data[size - 1] == '\n' ? size - 1 : size;
        while (at > 0 && (data[at - 1] != '\n' || ++seen < lines)) {
            at--;
        }
        from = lines == 0 ? size : at;
    }
    for (size_t i = from; i < size; i++) {
        if (data[i] != '\0') {
            ak_buf_char(out, data[i]);
        }
    }
    free(data);
    return 0;
}

int compute_log_cut(const char *path, int64_t max, int64_t keep, struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return errno == ENOENT ? 0 : ak_fail_errno(err, errno, "%s", path);
    }
    if (st.st_size <= max) {
        return 0;
    }
    char *data = NULL;
    size_t size = 0;
    int rc = read_end(fd, path, keep, &data, &size, err);
    if (rc != 0) {
        return rc;
    }
    /* QEMU appends, so what it writes now lands after the cut; the order of a few lines may change.
     */
    if (ftruncate(fd, 0) != 0 || write(fd, data, size) != (ssize_t)size) {
        rc = ak_fail_errno(err, errno, "%s", path);
    }
    free(data);
    return rc;
}
