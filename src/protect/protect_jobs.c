/* SPDX-License-Identifier: Apache-2.0 */
/* The sampling: once a minute the counters of all guests by one call to the hypervisor, of those
 * that are servers of ours into the file. Every hour what is too old goes. */
#include "protect/protect_internal.h"

static int by_id(const void *a, const void *b)
{
    const struct compute_server_brief *x = a, *y = b;

    return strcmp(x->id, y->id);
}

/* The living servers, sorted by id. */
static int servers_of(struct ak_job_run *run, struct ak_list *ret, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    rc = rc == 0 ? compute_server_brief_list(tx, run->arena, NULL, NULL, ret, err) : rc;
    if (rc == 0 && ret->n > 0) {
        qsort(ret->items, ret->n, sizeof(struct compute_server_brief), by_id);
    }
    return rc;
}

static int sample(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_engines *engines = run->engines;
    AK_AUTO(protect_file) file = NULL;
    struct ak_vm_sample *guests = NULL;
    struct protect_sample *samples = NULL;
    struct ak_list servers = {0};
    size_t n = 0, n_samples = 0;
    int64_t gap_us = ak_config_int(run->config, "metrics_interval") * 3 * AK_SEC;
    int rc = engines->hypervisor->ops->stats_all(engines->hypervisor, run->arena, &guests, &n, err);
    int64_t now = ak_now_us();

    rc = rc == 0 ? servers_of(run, &servers, err) : rc;
    if (rc < 0) {
        return rc;
    }
    samples = ak_arena_array(run->arena, struct protect_sample, n + 1);
    for (size_t i = 0; i < n && servers.n > 0; i++) {
        const struct compute_server_brief key = {.id = guests[i].uuid};
        const struct compute_server_brief *server =
            bsearch(&key, servers.items, servers.n, sizeof(key), by_id);

        if (server) {
            samples[n_samples++] = (struct protect_sample){
                .server_id = server->id, .vcpus = server->vcpus, .stats = guests[i].stats};
        }
    }
    rc = protect_file_open(ak_config_str(run->config, "metrics_file"), true, &file, err);
    return rc == 0 ? protect_file_add(file, now, gap_us, samples, n_samples, err) : rc;
}

static int purge(struct ak_job_run *run, struct ak_error *err)
{
    AK_AUTO(protect_file) file = NULL;
    struct ak_list servers = {0};
    const char **ids = NULL;
    int rc = servers_of(run, &servers, err);

    if (rc < 0) {
        return rc;
    }
    ids = ak_arena_array(run->arena, const char *, servers.n + 1);
    for (size_t i = 0; i < servers.n; i++) {
        ids[i] = ((const struct compute_server_brief *)servers.items)[i].id;
    }
    rc = protect_file_open(ak_config_str(run->config, "metrics_file"), true, &file, err);
    return rc == 0 ? protect_file_purge(file, ak_now_us(), ids, servers.n, err) : rc;
}

static const struct ak_schedule sample_schedule = {
    .name = "metrics-sample", .every_setting = "metrics_interval", .at_start = true, .run = sample};
static const struct ak_schedule purge_schedule = {
    .name = "metrics-purge", .every_ms = 3600 * 1000, .run = purge};
const struct ak_schedule *const protect_schedules[] = {&sample_schedule, &purge_schedule, NULL};
