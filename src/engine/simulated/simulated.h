/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_SIMULATED_H
#define AK_SIMULATED_H
/* What the simulated engines share: latency and faults by settings, and a small table of records
 * that survives a killed process. For tests of scale and of faults; nothing here touches a guest.
 */
#include "base/base.h"

/* Latency of each call and faults, for all simulated engines of the process. */
struct ak_simulated_faults {
    int64_t latency_ms;
    int64_t fail_every; /* every n-th call fails with AK_ENGINE; 0 = none */
};
void ak_simulated_configure(const struct ak_simulated_faults *faults);

/* A table key -> text, in memory and, when it has a path, in an append-only journal that several
 * processes may share: each takes the file's lock, reads what others appended, adds its lines. Keys
 * and values hold no tab and no line end. */
struct ak_sim;

/* 'engine' names it in errors; while a file '<path>.down' exists, every call fails with
 * AK_ENGINE_UNAVAILABLE. 'path' NULL: memory only. AK_IO. */
int ak_sim_open(const char *path, const char *engine, struct ak_sim **ret_sim,
                struct ak_error *err);
void ak_sim_free(struct ak_sim *sim);
AK_DEFINE_AUTO(ak_sim)

/* Starts a call: latency, faults, then the lock. Every success is paired with ak_sim_end().
 * AK_ENGINE_UNAVAILABLE, AK_ENGINE, AK_IO. Blocks for the latency. */
int ak_sim_begin(struct ak_sim *sim, struct ak_error *err);
/* The value, valid until the next put or end; NULL when there is none. */
const char *ak_sim_get(struct ak_sim *sim, const char *key);
/* Sets; 'value' NULL removes. */
void ak_sim_put(struct ak_sim *sim, const char *key, const char *value);
/* Number of records; then record 'i' < n in no particular order. Valid until the next put. */
size_t ak_sim_count(struct ak_sim *sim);
const char *ak_sim_at(struct ak_sim *sim, size_t i, const char **ret_value);
/* Writes what was put and gives the lock back. AK_NO_SPACE, AK_IO: the table is as before. */
int ak_sim_end(struct ak_sim *sim, struct ak_error *err);

#endif
