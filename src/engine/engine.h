/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_ENGINE_H
#define AK_ENGINE_H
/* The engines a worker drives, behind three contracts: hypervisor.h, fabric.h, pool.h. Each has a
 * real implementation and a simulated one (tests of faults and scale). All calls block, are
 * idempotent, and are safe from several threads. Objects bear akashi's UUIDs.
 *
 * Errors of all calls: AK_ENGINE_UNAVAILABLE (retry later), AK_ENGINE_TIMEOUT, AK_ENGINE_NO_OBJECT,
 * AK_ENGINE (refused, detail for the log), AK_NO_SPACE. */
#include "engine/fabric.h"
#include "engine/hypervisor.h"
#include "engine/pool.h"

struct ak_engines {
    struct ak_hypervisor *hypervisor;
    struct ak_fabric *fabric;
    struct ak_pool *pool;
};

/* Opens what the configuration names (settings hypervisor, fabric, pool: real or "simulated").
 * Succeeds even when an engine is down: calls then fail with AK_ENGINE_UNAVAILABLE until it is
 * back. */
int ak_engines_open(const struct ak_config *config, struct ak_engines **ret_engines,
                    struct ak_error *err);
void ak_engines_free(struct ak_engines *engines);
AK_DEFINE_AUTO(ak_engines)

extern const struct ak_setting ak_engine_settings[];
extern const size_t ak_engine_settings_n;

#endif
