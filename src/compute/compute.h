/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_COMPUTE_H
#define AK_COMPUTE_H
/* Nova v2.1: flavors, keypairs, servers, actions, console, quotas, hypervisors. */
#include "engine/engine.h"
#include "http/http.h"

extern const struct ak_domain compute_domain;

/* 'akashi init': the default flavors (tiny small medium large) and this host. Idempotent. */
int compute_bootstrap(struct ak_store *store, const struct ak_config *config, struct ak_error *err);

/* Engine events (worker): the hypervisor saw a change of state. Enqueues a reconcile of that
 * server; never blocks on engines. */
void compute_server_state_seen(const char *uuid, enum ak_vm_state state, void *store);

#endif
