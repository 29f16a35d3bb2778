/* SPDX-License-Identifier: Apache-2.0 */
/* The two roles of akashid and what each may open, in one place. A role starts its parts, tells
 * systemd that it is ready, waits for a signal, and stops them in reverse. */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "access/access.h"
#include "compute/compute.h"
#include "daemon/memory.h"
#include "identity/identity.h"
#include "incident/incident.h"
#include "notice/notice.h"
#include "request/request.h"
#include "service/service.h"

enum { STOP_MS = 20000 };

static sigset_t stop_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

/* Signals are blocked before any thread starts, so that only this wait sees them. */
static void wait_for_stop(void)
{
    static const struct timespec tidy = {.tv_sec = AK_MEMORY_TIDY_S};
    sigset_t set = stop_signals();
    int got = 0;

    (void)sd_notify(0, "READY=1");
    ak_memory_started();
    while ((got = sigtimedwait(&set, NULL, &tidy)) < 0) {
        ak_memory_tidy();
    }
    (void)sd_notify(0, "STOPPING=1");
    ak_log(AK_INFO, "stopping on signal %d", got);
}

static int fail(const struct ak_error *err, const char *what)
{
    ak_log_error(err, "%s", what);
    return 1;
}

static void bad_class(const struct ak_error *err, void *data)
{
    (void)data;
    ak_log_error(err, "a service class file was passed over");
}

/* What a customer's overview counts, in this order. */
static const struct service_overview_part *const overview[] = {&request_overview, &notice_overview,
                                                               &incident_overview, NULL};

/* The database, with the service classes as their files say now. */
static int open_store(struct ak_config *config, struct ak_store **ret_store, struct ak_error *err)
{
    struct service_class_loaded loaded = {0};
    int rc = ak_daemon_store_open(config, ret_store, err);

    service_contract_start();
    service_overview_set(overview);
    return rc < 0 ? rc : service_class_load_all(*ret_store, config, bad_class, NULL, &loaded, err);
}

static int run_api(struct ak_config *config)
{
    AK_AUTO(ak_store) store = NULL;
    AK_AUTO(ak_server) server = NULL;
    struct ak_error err = {0};
    const char *run_dir = ak_config_str(config, "run_dir");
    AK_AUTO_STR customer = ak_xasprintf("%s/api/customer.sock", run_dir);
    AK_AUTO_STR management = ak_xasprintf("%s/api/management.sock", run_dir);
    AK_AUTO_STR wake = ak_xasprintf("%s/worker.sock", run_dir);
    struct ak_server_options options = {
        .domains = ak_domains,
        .hooks = {identity_authenticate, access_authorise, access_enter},
        .config = config,
        .customer_socket = customer,
        .management_socket = management,
        .max_connections = (int)ak_config_int(config, "max_connections"),
    };

    if (open_store(config, &store, &err) < 0) {
        return fail(&err, "opening the database");
    }
    ak_jobs_set_wake_path(wake);
    options.store = store;
    if (ak_server_start(&options, &server, &err) < 0) {
        return fail(&err, "starting the server");
    }
    ak_log(AK_INFO, "api is ready");
    wait_for_stop();
    ak_server_stop(server);
    return 0;
}

/* all_jobs(), all_schedules(): the mechanism's 'own' and those of all domains, NULL-terminated; the
 * caller frees the array. */
#define ALL(member, type, own)                                                                     \
    static const struct type **all_##member(void)                                                  \
    {                                                                                              \
        const struct type **all = ak_xcalloc(1, sizeof(*all));                                     \
        size_t n = 0;                                                                              \
        const struct type *const *list = (own);                                                    \
        for (size_t d = 0;; d++) {                                                                 \
            for (size_t i = 0; list && list[i]; i++) {                                             \
                all = ak_xrealloc(all, (n + 2) * sizeof(*all));                                    \
                all[n++] = list[i];                                                                \
                all[n] = NULL;                                                                     \
            }                                                                                      \
            if (!ak_domains[d]) {                                                                  \
                break;                                                                             \
            }                                                                                      \
            list = ak_domains[d]->member;                                                          \
        }                                                                                          \
        return all;                                                                                \
    }
ALL(jobs, ak_job_kind, NULL)
ALL(schedules, ak_schedule, ak_jobs_schedules)

/* For the crash tests: the file named by AKASHI_TEST_KILL_FILE holds "kind:step", one a line; the
 * worker removes the first and kills itself after that step, before the step is recorded, or at a
 * point within. */
static void kill_after_step(const struct ak_job_run *run, const char *step)
{
    const char *path = getenv("AKASHI_TEST_KILL_FILE");
    AK_AUTO_STR here = ak_xasprintf("%s:%s", run->kind->name, step);
    AK_AUTO_STR wanted = NULL;
    size_t len = 0;

    if (!path || ak_file_read(path, 256, &wanted, NULL, NULL) < 0) {
        return;
    }
    len = strcspn(wanted, "\n");
    if (len != strlen(here) || !ak_starts_with(wanted, here)) {
        return;
    }
    if (wanted[len] && wanted[len + 1]) {
        (void)ak_file_write(path, wanted + len + 1, strlen(wanted + len + 1), 0666, NULL);
    } else {
        (void)unlink(path);
    }
    (void)raise(SIGKILL);
}

static int run_worker(struct ak_config *config)
{
    AK_AUTO(ak_store) store = NULL;
    AK_AUTO(ak_engines) engines = NULL;
    AK_AUTO(ak_worker) worker = NULL;
    AK_AUTO(ak_mail_sender) sender = NULL;
    struct ak_error err = {0};
    AK_AUTO_STR wake = ak_xasprintf("%s/worker.sock", ak_config_str(config, "run_dir"));
    const struct ak_job_kind **jobs = all_jobs();
    const struct ak_schedule **schedules = all_schedules();
    struct ak_worker_options options = {
        .config = config,
        .kinds = jobs,
        .schedules = schedules,
        .threads = (int)ak_config_int(config, "job_threads"),
        .wake_path = wake,
    };
    int status = 0;

    if (open_store(config, &store, &err) < 0) {
        status = fail(&err, "opening the database");
    } else if (ak_engines_open(config, &engines, &err) < 0) {
        status = fail(&err, "opening the engines");
    } else {
        ak_jobs_set_wake_path(wake);
        if (getenv("AKASHI_TEST_KILL_FILE")) {
            ak_jobs_after_step = kill_after_step;
        }
        options.store = store;
        options.engines = engines;
        if (engines->hypervisor->ops->watch) {
            engines->hypervisor->ops->watch(engines->hypervisor, compute_server_state_seen, store);
        }
        if (ak_worker_start(&options, &worker, &err) < 0) {
            status = fail(&err, "starting the worker");
        } else if (ak_mail_sender_start(store, config, &sender, &err) < 0) {
            status = fail(&err, "starting the sender of mails");
        } else {
            ak_log(AK_INFO, "worker is ready");
            wait_for_stop();
            ak_mail_sender_stop(sender, STOP_MS / 2);
            ak_worker_stop(worker, STOP_MS / 2);
        }
    }
    ak_mail_sender_free(AK_TAKE(sender));
    ak_worker_free(AK_TAKE(worker));
    free(jobs);
    free(schedules);
    return status;
}

const struct ak_role_row ak_roles[] = {
    {"api",
     "the database; the sockets api/customer.sock and api/management.sock; files of images, "
     "requests and export kits; the key of second factors; console logs and displays of guests; "
     "the metrics, to read; the worker's wake-up socket. No engine, no network.",
     run_api},
    {"worker",
     "the database; libvirt; the OVN northbound database; the disk pool; files of images, "
     "requests and export kits; the metrics; the key of deletion records; child "
     "processes (qemu-img); the mail server. No network listener.",
     run_worker},
};
const size_t ak_roles_n = AK_N(ak_roles);
