/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTECT_INTERNAL_H
#define PROTECT_INTERNAL_H
/* Private to src/protect. */
#include "compute/compute.h"
#include "protect/protect.h"

/* ---- The file of metrics (protect_file.c) ---------------------------------------------------- */

/* Resolutions kept: 1 minute for 7 days, 10 minutes for 90 days, 1 hour for 2 years. */
struct protect_resolution {
    int64_t step_s, kept_s;
};
extern const struct protect_resolution protect_resolutions[3];

/* What a guest did in a span of time: sums, so that spans add up. */
struct protect_point {
    int64_t at_s;    /* begin of the bucket, seconds since 1970 */
    int64_t span_us; /* how much of the bucket the guest was watched */
    int64_t cpu_ns;
    int64_t vcpu_us;                                /* span × processors */
    int64_t memory_kib_s;                           /* memory × span */
    int64_t disk_read, disk_write, net_in, net_out; /* bytes */
};

struct protect_sample { /* counters of a guest as the hypervisor shows them */
    const char *server_id;
    int64_t vcpus;
    struct ak_vm_stats stats;
};

struct protect_file;
/* Opens the file; for writing it is made, and its tables. For reading: AK_NOT_FOUND when there is
 * none yet. AK_STORE, AK_STORE_BUSY, AK_NO_SPACE. */
int protect_file_open(const char *path, bool write, struct protect_file **ret_file,
                      struct ak_error *err);
void protect_file_free(struct protect_file *file);
AK_DEFINE_AUTO(protect_file)
/* Adds what happened since the last sample of each guest, in one transaction. A guest that was not
 * sampled before, or longer ago than 'gap_us', only begins; one that is not in 'samples' ends. A
 * counter that fell belongs to a guest that was started anew: what it shows is all of its own. */
int protect_file_add(struct protect_file *file, int64_t now_us, int64_t gap_us,
                     const struct protect_sample *samples, size_t n, struct ak_error *err);
/* Removes what is older than its resolution is kept, and servers that are not in 'living' (sorted
 * ids). */
int protect_file_purge(struct protect_file *file, int64_t now_us, const char *const *living,
                       size_t n, struct ak_error *err);
/* The points of [from_s, to_s) in buckets of 'step_s', in order; buckets without data are not
 * there. 'step_s' is a multiple of the 'resolution' they are read from. */
int protect_file_read(struct protect_file *file, struct ak_arena *arena, const char *server_id,
                      int64_t resolution_s, int64_t step_s, int64_t from_s, int64_t to_s,
                      struct protect_point **ret_points, size_t *ret_n, struct ak_error *err);

/* ---- What to read (protect_range.c): pure ---------------------------------------------------- */

#define PROTECT_POINTS_MAX 1500

struct protect_range {
    int64_t from_s, to_s, step_s, resolution_s;
};
/* Completes what was asked (0 = not asked): the last hour, about 360 points; the step becomes a
 * multiple of the finest resolution that is still kept at 'from', and the ends multiples of the
 * step. AK_FIELD_VALUE, AK_FIELD_RANGE. */
int protect_range_choose(int64_t now_s, struct protect_range *range, struct ak_error *err);

extern const struct ak_schedule *const protect_schedules[];

ak_handler_fn protect_metrics_handler, protect_events_handler;

#endif
