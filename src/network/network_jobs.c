/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the network domain: one kind for each kind of object, with one step that makes the fabric
 * follow the database, whatever has become of the object meanwhile; and the reconciler's schedule.
 */
#include "network/network_internal.h"

#define STEP_MS     (60 * 1000)
#define DEADLINE_MS ((int64_t)24 * 3600 * 1000) /* the engine may be away for long */

static const char *network_arg(const struct ak_job_run *run)
{
    return json_string_value(json_object_get(run->args, "network_id"));
}

static int follow_network(struct ak_job_run *run, struct ak_error *err)
{
    return network_fabric_network(run, run->object_id, network_arg(run) != NULL, err);
}

static int follow_subnet(struct ak_job_run *run, struct ak_error *err)
{
    return network_fabric_subnet(run, run->object_id, network_arg(run), err);
}

static int follow_port(struct ak_job_run *run, struct ak_error *err)
{
    return network_fabric_port(run, run->object_id, network_arg(run), err);
}

static int follow_group(struct ak_job_run *run, struct ak_error *err)
{
    return network_fabric_group(run, run->object_id, err);
}

static int follow_router(struct ak_job_run *run, struct ak_error *err)
{
    return network_fabric_router(run, run->object_id, err);
}

/* Only now, when the fabric has let go of a deleted network, may its tunnel key be used again. */
static int network_done(struct ak_job_run *run, struct ak_tx *tx, const struct ak_error *failure,
                        struct ak_error *err)
{
    return failure ? 0 : network_release_tunnel_key(tx, run->object_id, err);
}

static const struct ak_job_step network_steps[] = {{"fabric", follow_network, NULL, STEP_MS, 3}};
static const struct ak_job_step subnet_steps[] = {{"fabric", follow_subnet, NULL, STEP_MS, 3}};
static const struct ak_job_step port_steps[] = {{"fabric", follow_port, NULL, STEP_MS, 3}};
static const struct ak_job_step group_steps[] = {{"fabric", follow_group, NULL, STEP_MS, 3}};
static const struct ak_job_step router_steps[] = {{"fabric", follow_router, NULL, STEP_MS, 3}};

static const struct ak_job_kind kinds[NETWORK_KINDS] = {
    [NETWORK_NETWORK] = {"network-follow", "network", network_steps, 1, DEADLINE_MS, network_done},
    [NETWORK_SUBNET] = {"subnet-follow", "subnet", subnet_steps, 1, DEADLINE_MS, NULL},
    [NETWORK_PORT] = {"port-follow", "port", port_steps, 1, DEADLINE_MS, NULL},
    [NETWORK_GROUP] = {"security-group-follow", "security-group", group_steps, 1, DEADLINE_MS,
                       NULL},
    [NETWORK_ROUTER] = {"router-follow", "router", router_steps, 1, DEADLINE_MS, NULL},
};

const struct ak_job_kind *const network_job_kinds[] = {
    &kinds[NETWORK_NETWORK], &kinds[NETWORK_SUBNET], &kinds[NETWORK_PORT],
    &kinds[NETWORK_GROUP],   &kinds[NETWORK_ROUTER], NULL,
};

static const struct ak_schedule reconcile = {
    .name = "network-reconcile", .every_ms = 60 * 1000, .at_start = true, .run = network_reconcile};
const struct ak_schedule *const network_schedules[] = {&reconcile, NULL};

int network_job(const struct network_call *call, enum network_kind kind, const char *id,
                const char *project_id, const char *network_id, struct ak_error *err)
{
    char args[128];
    if (call->no_jobs) {
        return 0;
    }
    (void)snprintf(args, sizeof(args), "{\"network_id\":\"%s\"}", network_id ? network_id : "");
    return ak_job_add(call->tx, &kinds[kind], id, project_id, call->request_id, call->actor_id,
                      network_id ? args : NULL, 0, NULL, err);
}
