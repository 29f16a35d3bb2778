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

/* What other domains may know of a server. Strings live in the arena of the call. */
struct compute_server_brief {
    const char *id, *name, *project_id;
    const char *host; /* NULL: not placed yet */
    const char *vm_state;
    int64_t vcpus, ram_mib;
    int64_t deleted_us; /* 0 = lives */
};
/* One server, deleted ones too; of 'project_id' only, unless NULL. AK_SERVER_NOT_FOUND. */
int compute_server_brief_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                              const char *project_id, struct compute_server_brief *ret_server,
                              struct ak_error *err);
/* Living servers: structs compute_server_brief; of a project and on a host, each unless NULL. */
int compute_server_brief_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                              const char *host, struct ak_list *ret_list, struct ak_error *err);

#endif
