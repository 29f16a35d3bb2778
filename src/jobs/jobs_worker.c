/* SPDX-License-Identifier: Apache-2.0 */
/* The worker: threads that run jobs, one dispatcher that waits for wake-ups, asks the database what
 * is due and renews the leases, and a few schedulers. They poll, and only by a read.
 */
#include "jobs/jobs_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { POLL_MS = 1000, SCHEDULE_POLL_MS = 500 };

/* Start time of a process in clock ticks since boot (proc(5), field 22); 0 = no such process. */
static int64_t process_start(int64_t pid)
{
    AK_AUTO_STR path = ak_xasprintf("/proc/%" PRId64 "/stat", pid);
    AK_AUTO_STR text = NULL;
    const char *p = NULL;
    int64_t start = 0;

    if (ak_file_read(path, 4096, &text, NULL, NULL) < 0) {
        return 0;
    }
    p = strrchr(text, ')'); /* the name before may hold anything */
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p + 1, ' ');
    }
    if (p) {
        start = strtoll(p + 1, NULL, 10);
    }
    return start;
}

void ak_jobs_owner_name(char out[128])
{
    char host[64] = "localhost";

    (void)gethostname(host, sizeof(host) - 1);
    (void)snprintf(out, 128, "%s:%d:%" PRId64, host, (int)getpid(), process_start(getpid()));
}

bool ak_jobs_owner_is_dead(const char *owner)
{
    char host[64] = "localhost", name[128];
    char *pid_text = NULL, *start_text = NULL;
    int64_t pid = 0, start = 0;

    (void)gethostname(host, sizeof(host) - 1);
    ak_str_copy(name, sizeof(name), owner);
    start_text = strrchr(name, ':');
    if (!start_text) {
        return false;
    }
    *start_text++ = '\0';
    pid_text = strrchr(name, ':');
    if (!pid_text) {
        return false;
    }
    *pid_text++ = '\0';
    return ak_streq(name, host) && ak_parse_int(pid_text, 1, INT32_MAX, &pid) &&
           ak_parse_int(start_text, 0, INT64_MAX, &start) && process_start(pid) != start;
}

static void *job_thread(void *data)
{
    struct ak_worker *worker = data;

    for (;;) {
        struct ak_error err = {0};
        int rc = 0;

        (void)pthread_mutex_lock(&worker->lock);
        while (worker->due <= 0 && !worker->stopping) {
            (void)pthread_cond_wait(&worker->work, &worker->lock);
        }
        if (worker->stopping) {
            (void)pthread_mutex_unlock(&worker->lock);
            return NULL;
        }
        worker->due--;
        worker->busy++;
        (void)pthread_mutex_unlock(&worker->lock);
        do {
            rc = jobs_run_one(worker, &err);
        } while (rc > 0 && !worker->stopping);
        if (rc < 0) {
            ak_log_error(&err, "claiming a job");
        }
        (void)pthread_mutex_lock(&worker->lock);
        worker->busy--;
        (void)pthread_mutex_unlock(&worker->lock);
    }
}

/* Empties the socket: one look at the database serves all wake-ups that have come. */
static void drain_wake_ups(int fd)
{
    char byte[16];

    while (fd >= 0 && recv(fd, byte, sizeof(byte), MSG_DONTWAIT) > 0) {
    }
}

/* The name of a run's lease: a job's id, or a schedule's name. */
static struct jobs_lease lease_of(const struct job_run *run)
{
    return (struct jobs_lease){.id = run->row.id ? run->row.id : run->pub.id,
                               .schedule = !run->row.id};
}

static bool same_lease(struct jobs_lease a, struct jobs_lease b)
{
    return a.schedule == b.schedule && ak_streq(a.id, b.id);
}

bool jobs_enter(struct job_run *run)
{
    struct ak_worker *worker = run->worker;
    AK_LOCK(&worker->lock);

    for (const struct job_run *r = worker->runs; r; r = r->next) {
        if (same_lease(lease_of(r), lease_of(run))) {
            return false;
        }
    }
    run->next = worker->runs;
    worker->runs = run;
    return true;
}

void jobs_leave(struct job_run *run)
{
    struct job_run **p = &run->worker->runs;
    AK_LOCK(&run->worker->lock);

    while (*p != run) {
        p = &(*p)->next;
    }
    *p = run->next;
}

/* What runs now, copied. */
static struct jobs_lease *leases_of(struct ak_worker *worker, struct ak_arena *arena, size_t *ret_n)
{
    struct jobs_lease *leases = NULL;
    size_t n = 0;
    AK_LOCK(&worker->lock);

    for (const struct job_run *r = worker->runs; r; r = r->next) {
        n++;
    }
    leases = ak_arena_array(arena, struct jobs_lease, n + 1);
    *ret_n = n;
    for (const struct job_run *r = worker->runs; r; r = r->next) {
        leases[--n] = lease_of(r);
        leases[n].id = ak_arena_strdup(arena, leases[n].id);
    }
    return leases;
}

void jobs_renew(struct ak_worker *worker)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_error err = {0};
    int64_t until = ak_monotonic_us() + JOBS_LEASE_MS * AK_MS;
    size_t n = 0;
    struct jobs_lease *leases = leases_of(worker, arena, &n);

    if (n == 0) {
        return;
    }
    if (jobs_store_renew(worker->options.store, worker->owner, leases, n,
                         ak_now_us() + JOBS_LEASE_MS * AK_MS, &err) < 0) {
        ak_log_error(&err, "renewing the leases");
        return;
    }
    AK_LOCK(&worker->lock);
    for (struct job_run *r = worker->runs; r; r = r->next) {
        for (size_t i = 0; i < n; i++) {
            if (same_lease(leases[i], lease_of(r))) {
                r->lease_good_until_us = leases[i].held ? until : 0;
            }
        }
    }
}

static void look_for_work(struct ak_worker *worker)
{
    struct ak_error err = {0};
    int64_t due = 0;

    if (jobs_store_due(worker->options.store, &due, &err) < 0) {
        ak_log_error(&err, "looking for due jobs");
        return;
    }
    AK_LOCK(&worker->lock);
    worker->due = due > (int64_t)worker->n_threads ? (int)worker->n_threads : (int)due;
    if (worker->due > 0) {
        (void)pthread_cond_broadcast(&worker->work);
    }
}

static bool is_busy(struct ak_worker *worker)
{
    AK_LOCK(&worker->lock);
    return worker->busy > 0;
}

static void *dispatcher_thread(void *data)
{
    struct ak_worker *worker = data;
    int64_t renewed = 0;

    while (!worker->stopping || is_busy(worker)) {
        struct pollfd pfd = {.fd = worker->wake_fd, .events = POLLIN};

        if (ak_monotonic_us() - renewed > JOBS_RENEW_MS * AK_MS) {
            renewed = ak_monotonic_us();
            jobs_renew(worker);
        }
        look_for_work(worker);
        (void)poll(&pfd, worker->wake_fd >= 0 ? 1 : 0, worker->stopping ? 50 : POLL_MS);
        drain_wake_ups(worker->wake_fd);
    }
    return NULL;
}

static void *scheduler_thread(void *data)
{
    struct ak_worker *worker = data;

    while (!worker->stopping) {
        (void)jobs_run_schedules(worker);
        AK_LOCK(&worker->lock);
        if (!worker->stopping) {
            (void)ak_cond_wait_until(&worker->halt, &worker->lock,
                                     ak_monotonic_us() + SCHEDULE_POLL_MS * AK_MS);
        }
    }
    return NULL;
}

static int bind_wake_socket(struct ak_worker *worker, struct ak_error *err)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const char *path = worker->options.wake_path;

    if (!path) {
        return 0;
    }
    if (strlen(path) >= sizeof(addr.sun_path)) {
        return ak_fail(err, AK_CONFIG, "the path of the worker's socket is too long");
    }
    ak_str_copy(addr.sun_path, sizeof(addr.sun_path), path);
    worker->wake_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)unlink(path);
    if (worker->wake_fd < 0 || bind(worker->wake_fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
        return ak_fail_errno(err, errno, "binding %s", path);
    }
    return 0;
}

int ak_worker_start(const struct ak_worker_options *options, struct ak_worker **ret_worker,
                    struct ak_error *err)
{
    AK_AUTO(ak_worker) worker = ak_new(struct ak_worker);
    size_t n_schedules = 0;
    int rc = 0;

    worker->options = *options;
    worker->wake_fd = -1;
    while (options->schedules && options->schedules[n_schedules]) {
        n_schedules++;
    }
    worker->begun = ak_xcalloc(n_schedules + 1, sizeof(bool));
    ak_jobs_owner_name(worker->owner);
    (void)pthread_mutex_init(&worker->lock, NULL);
    (void)pthread_mutex_init(&worker->claiming, NULL);
    (void)pthread_cond_init(&worker->work, NULL);
    ak_cond_init(&worker->halt);
    rc = bind_wake_socket(worker, err);
    if (rc == 0) {
        rc = jobs_store_release(options->store, ak_jobs_owner_is_dead, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (options->threads > 0) {
        worker->n_threads = (size_t)options->threads;
        worker->threads = ak_xcalloc(worker->n_threads, sizeof(pthread_t));
        for (size_t i = 0; i < worker->n_threads; i++) {
            if (pthread_create(&worker->threads[i], NULL, job_thread, worker) != 0) {
                abort();
            }
        }
        if (pthread_create(&worker->dispatcher, NULL, dispatcher_thread, worker) != 0) {
            abort();
        }
        for (size_t i = 0; i < JOBS_SCHEDULERS; i++) {
            if (pthread_create(&worker->schedulers[i], NULL, scheduler_thread, worker) != 0) {
                abort();
            }
        }
        worker->started = true;
    }
    *ret_worker = AK_TAKE(worker);
    return 0;
}

int ak_worker_drain(struct ak_worker *worker, struct ak_error *err)
{
    int rc = 0;

    do {
        rc = jobs_run_one(worker, err);
    } while (rc > 0);
    return rc;
}

void ak_worker_stop(struct ak_worker *worker, int64_t timeout_ms)
{
    int64_t until = ak_monotonic_us() + timeout_ms * AK_MS;

    if (!worker->started) {
        return;
    }
    (void)pthread_mutex_lock(&worker->lock);
    worker->stopping = true;
    (void)pthread_cond_broadcast(&worker->work);
    (void)pthread_cond_broadcast(&worker->halt);
    (void)pthread_mutex_unlock(&worker->lock);
    while (is_busy(worker)) {
        if (ak_monotonic_us() > until) {
            ak_log(AK_WARNING, "jobs still run at the end of the grace period; the next worker "
                               "carries on with them");
            _exit(0);
        }
        (void)poll(NULL, 0, 20);
    }
    for (size_t i = 0; i < worker->n_threads; i++) {
        (void)pthread_join(worker->threads[i], NULL);
    }
    (void)pthread_join(worker->dispatcher, NULL);
    for (size_t i = 0; i < JOBS_SCHEDULERS; i++) {
        (void)pthread_join(worker->schedulers[i], NULL);
    }
    worker->started = false;
}

void ak_worker_free(struct ak_worker *worker)
{
    if (!worker) {
        return;
    }
    ak_worker_stop(worker, 30000);
    if (worker->wake_fd >= 0) {
        (void)close(worker->wake_fd);
        (void)unlink(worker->options.wake_path);
    }
    (void)pthread_mutex_destroy(&worker->lock);
    (void)pthread_mutex_destroy(&worker->claiming);
    (void)pthread_cond_destroy(&worker->work);
    (void)pthread_cond_destroy(&worker->halt);
    free(worker->threads);
    free(worker->begun);
    free(worker);
}
