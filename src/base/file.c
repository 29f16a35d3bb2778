/* SPDX-License-Identifier: Apache-2.0 */
/* Files and child processes of file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "str.h"
#include "clock.h"

int ak_fail_errno(struct ak_error *err, int errnum, const char *fmt, ...)
{
    char what[256], reason[128];
    enum ak_error_code code = errnum == ENOSPC || errnum == EDQUOT ? AK_NO_SPACE
                              : errnum == ENOENT                   ? AK_NOT_FOUND
                                                                   : AK_IO;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return ak_fail_detail(err, code, "%s: %s", what, strerror_r(errnum, reason, sizeof(reason)));
}

int ak_file_read(const char *path, size_t max, char **ret_data, size_t *ret_size,
                 struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    AK_AUTO_BUF buf;
    char chunk[16384];

    ak_buf_init(&buf, max);
    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ak_fail_errno(err, errno, "read %s", path);
        }
        if (n == 0) {
            break;
        }
        ak_buf_add(&buf, chunk, (size_t)n);
    }
    if (!ak_buf_ok(&buf)) {
        return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)max));
    }
    *ret_data = ak_buf_steal(&buf, ret_size);
    return 0;
}

int ak_fsync_dir_of(const char *path, struct ak_error *err)
{
    AK_AUTO_STR dir = ak_xstrdup(path);
    char *slash = strrchr(dir, '/');
    AK_AUTO_FD fd = -1;

    if (slash) {
        slash[slash == dir] = '\0';
    }
    fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        return ak_fail_errno(err, errno, "fsync directory of %s", path);
    }
    return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int ak_file_write(const char *path, const void *data, size_t size, unsigned mode,
                  struct ak_error *err)
{
    AK_AUTO_STR tmp = ak_xasprintf("%s.new.XXXXXX", path);
    AK_AUTO_FD fd = mkostemp(tmp, O_CLOEXEC);

    if (fd < 0) {
        return ak_fail_errno(err, errno, "create %s", tmp);
    }
    if (fchmod(fd, mode) != 0 || write_all(fd, data, size) != 0 || fsync(fd) != 0 ||
        rename(tmp, path) != 0) {
        int errnum = errno;

        (void)unlink(tmp);
        return ak_fail_errno(err, errnum, "write %s", path);
    }
    return ak_fsync_dir_of(path, err);
}

int64_t ak_file_age_us(const struct stat *st)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec - (int64_t)st->st_mtim.tv_sec) * AK_SEC +
           (now.tv_nsec - st->st_mtim.tv_nsec) / 1000;
}

int ak_dir_make(const char *path, unsigned mode, struct ak_error *err)
{
    AK_AUTO_STR copy = ak_xstrdup(path);

    if (*copy == '\0') {
        return ak_fail_errno(err, ENOENT, "mkdir of an empty path");
    }
    for (char *p = copy + 1;; p++) {
        if (*p == '/' || *p == '\0') {
            char c = *p;

            *p = '\0';
            if (mkdir(copy, mode) != 0 && errno != EEXIST) {
                return ak_fail_errno(err, errno, "mkdir %s", copy);
            }
            *p = c;
            if (c == '\0') {
                return 0;
            }
        }
    }
}

static void limit(int resource, uint64_t value)
{
    if (value) {
        struct rlimit rl = {value, value};

        (void)setrlimit((__rlimit_resource_t)resource, &rl);
    }
}

static void run_child(const char *const *argv, const struct ak_run_limits *limits, int out,
                      int errfd)
{
    static const char *const env[] = {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C.UTF-8",
                                      "HOME=/nonexistent", NULL};
    sigset_t none;
    int null = open("/dev/null", O_RDWR);

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out >= 0 ? out : null, 1) < 0 || dup2(errfd, 2) < 0) {
        _exit(126);
    }
    (void)close_range(3, ~0U, 0);
    limit(RLIMIT_AS, limits->address_space);
    limit(RLIMIT_CPU, limits->cpu_seconds);
    limit(RLIMIT_FSIZE, limits->file_size);
    environ = (char **)(uintptr_t)env; /* whose PATH execvp() goes by */
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* Reads both pipes until they close or the deadline passes; true when they closed. */
static bool collect(int out, int errfd, struct ak_buf *outbuf, struct ak_buf *errbuf,
                    int64_t deadline)
{
    struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = errfd, .events = POLLIN}};
    struct ak_buf *bufs[2] = {outbuf, errbuf};
    char chunk[8192];

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left_ms = (deadline - ak_monotonic_us()) / AK_MS;

        if (left_ms <= 0) {
            return false;
        }
        if (poll(fds, 2, (int)(left_ms > 60000 ? 60000 : left_ms)) < 0 && errno != EINTR) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd >= 0 && fds[i].revents) {
                ssize_t n = read(fds[i].fd, chunk, sizeof(chunk));

                if (n > 0) {
                    if (bufs[i]) {
                        ak_buf_add(bufs[i], chunk, (size_t)n);
                    }
                } else if (n == 0 || errno != EINTR) {
                    fds[i].fd = -1;
                }
            }
        }
    }
    return true;
}

/* Waits for the end of a child that has closed its output; false when the deadline came first. */
static bool ends_by(pid_t pid, int64_t deadline)
{
    AK_AUTO_FD fd = pidfd_open(pid, 0);
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    int64_t left_us = 0;

    while (fd >= 0 && (left_us = deadline - ak_monotonic_us()) > 0) {
        if (poll(&pfd, 1, (int)(left_us / AK_MS + 1)) > 0) {
            return true;
        }
    }
    return fd < 0; /* a kernel without: waitpid() it is */
}

int ak_run(const char *const *argv, const struct ak_run_limits *limits, struct ak_buf *out,
           struct ak_error *err)
{
    static const struct ak_run_limits defaults = {0};
    const struct ak_run_limits *l = limits ? limits : &defaults;
    int64_t deadline = ak_monotonic_us() + (l->timeout_ms ? l->timeout_ms : 60000) * AK_MS;
    int outpipe[2], errpipe[2], status = 0;
    bool finished = false;
    AK_AUTO_BUF errbuf;
    pid_t pid = 0;

    ak_buf_init(&errbuf, 2048);
    if (pipe2(outpipe, O_CLOEXEC) != 0) {
        return ak_fail_errno(err, errno, "pipe");
    }
    if (pipe2(errpipe, O_CLOEXEC) != 0) {
        (void)close(outpipe[0]);
        (void)close(outpipe[1]);
        return ak_fail_errno(err, errno, "pipe");
    }
    pid = fork();
    if (pid == 0) {
        run_child(argv, l, outpipe[1], errpipe[1]);
    }
    (void)close(outpipe[1]);
    (void)close(errpipe[1]);
    if (pid > 0) {
        (void)setpgid(pid, pid); /* the child does so too: whoever is first */
        finished =
            collect(outpipe[0], errpipe[0], out, &errbuf, deadline) && ends_by(pid, deadline);
        if (!finished) {
            (void)kill(-pid, SIGKILL);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    (void)close(outpipe[0]);
    (void)close(errpipe[0]);
    if (pid < 0) {
        return ak_fail_detail(err, AK_INTERNAL, "fork for %s failed", argv[0]);
    }
    if (!finished || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
        return finished ? 0 : ak_fail(err, AK_ENGINE_TIMEOUT, argv[0]);
    }
    (void)ak_fail(err, AK_ENGINE, argv[0]);
    ak_error_prefix(err, "%s: status %d: %s", argv[0], status, errbuf.data);
    return -AK_ENGINE;
}

static int zero_range(int fd, off_t at, off_t end, struct ak_error *err)
{
    static const char zeros[1 << 16];

    while (at < end) {
        size_t size = end - at < (off_t)sizeof(zeros) ? (size_t)(end - at) : sizeof(zeros);
        ssize_t n = pwrite(fd, zeros, size, at);

        if (n < 0 && errno != EINTR) {
            return ak_fail_errno(err, errno, "overwrite");
        }
        at += n > 0 ? n : 0;
    }
    return 0;
}

int ak_file_zero(const char *path, struct ak_error *err)
{
    AK_AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    off_t data = 0;
    int rc = 0;

    if (fd < 0 && errno == EACCES && chmod(path, 0600) == 0) { /* ours, but read-only */
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    while (rc == 0 && (data = lseek(fd, data, SEEK_DATA)) >= 0) {
        off_t hole = lseek(fd, data, SEEK_HOLE);

        if (hole < 0) {
            return ak_fail_errno(err, errno, "seek in %s", path);
        }
        rc = zero_range(fd, data, hole, err);
        data = hole;
    }
    if (rc == 0 && errno != ENXIO) { /* ENXIO: no data up to the end */
        rc = ak_fail_errno(err, errno, "seek in %s", path);
    }
    return rc == 0 && fdatasync(fd) != 0 ? ak_fail_errno(err, errno, "sync %s", path) : rc;
}
