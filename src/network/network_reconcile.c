/* SPDX-License-Identifier: Apache-2.0 */
/* The reconciler: compares the fabric's inventory with the database, at start and every minute.
 * What is missing is made, what differs is set right, orphans of ours are cut off and kept, foreign
 * objects are left alone. Each finding is an audit event and a log line.
 *
 * The inventory is taken before the rows are read, and objects with a job pending, or touched in
 * the last minute, are no findings: they are on their way. */
#include "network/network_internal.h"

#define SETTLED_US AK_MIN

static const struct {
    enum ak_fabric_kind fabric;
    enum network_kind kind;
} kinds[] = {
    /* in the order in which objects need each other */
    {AK_FABRIC_NETWORK, NETWORK_NETWORK}, {AK_FABRIC_SUBNET, NETWORK_SUBNET},
    {AK_FABRIC_GROUP, NETWORK_GROUP},     {AK_FABRIC_ROUTER, NETWORK_ROUTER},
    {AK_FABRIC_PORT, NETWORK_PORT},
};

struct known { /* ids as keys of a JSON object: a set */
    json_t *ids[NETWORK_KINDS];
};

static void known_done(struct known *known)
{
    for (size_t k = 0; k < NETWORK_KINDS; k++) {
        json_decref(known->ids[k]);
    }
}

static const char *id_of(enum network_kind kind, const void *obj)
{
    const struct ak_field *row = ak_fields_find(network_resources[kind].fields, "id");
    return *(const char *const *)(const void *)((const char *)obj + row->offset);
}

static int64_t updated_of(enum network_kind kind, const void *obj)
{
    const struct ak_field *row = ak_fields_find(network_resources[kind].fields, "updated_at");
    return *(const int64_t *)(const void *)((const char *)obj + row->offset);
}

static int pending(struct ak_job_run *run, const char *id, bool *ret_pending, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int64_t n = 0;
    int rc = ak_tx_read(run->store, &tx, err);
    rc = rc < 0 ? rc : ak_job_pending(tx, id, &n, err);
    *ret_pending = n > 0;
    return rc;
}

/* Writes the finding down. */
static int report(struct ak_job_run *run, enum network_kind kind, const char *id,
                  const char *action, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_audit_event event = {.action = action,
                                   .outcome = "success",
                                   .request_id = run->id,
                                   .actor_id = "system",
                                   .object_type = network_resources[kind].type,
                                   .object_id = id,
                                   .listener = "worker"};
    ak_log(AK_WARNING, "%s: %s %s", action, network_resources[kind].type, id);
    int rc = ak_tx_write(run->store, &tx, err);
    rc = rc < 0 ? rc : ak_audit_add(tx, &event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int apply(struct ak_job_run *run, enum network_kind kind, const void *obj,
                 struct ak_error *err)
{
    const char *id = id_of(kind, obj);
    switch (kind) {
    case NETWORK_NETWORK:
        return network_fabric_network(run, id, false, err);
    case NETWORK_SUBNET:
        return network_fabric_subnet(run, id, ((const struct network_subnet *)obj)->network_id,
                                     err);
    case NETWORK_GROUP:
        return network_fabric_group(run, id, err);
    case NETWORK_ROUTER:
        return network_fabric_router(run, id, err);
    default:
        return network_fabric_port(run, id, ((const struct network_port *)obj)->network_id, err);
    }
}

/* Ports of routers are the routers' business; a gateway without an address is nowhere. */
static bool counts(enum network_kind kind, const void *obj)
{
    return kind != NETWORK_PORT ||
           !ak_starts_with(((const struct network_port *)obj)->device_owner, "network:router_");
}

/* Makes one object right; reports it when it was missing or different. */
static int settle(struct ak_job_run *run, enum network_kind kind, const void *obj, bool present,
                  struct ak_error *err)
{
    struct ak_fabric *fabric = ((const struct ak_engines *)run->engines)->fabric;
    const char *id = id_of(kind, obj);
    bool busy = false;
    int64_t writes = fabric->ops->writes(fabric);
    int rc = pending(run, id, &busy, err);
    if (rc == 0 && !busy && kind == NETWORK_PORT) {
        rc = pending(run, ((const struct network_port *)obj)->device_id, &busy, err);
    }
    if (rc < 0 || busy || updated_of(kind, obj) > ak_now_us() - SETTLED_US) {
        return rc;
    }
    rc = apply(run, kind, obj, err);
    if (rc == 0 && !present) {
        rc = report(run, kind, id, "network.reconcile.remade", err);
    } else if (rc == 0 && fabric->ops->writes(fabric) != writes) {
        ak_log(AK_INFO, "the fabric changed while %s %s was compared", network_resources[kind].type,
               id);
    }
    return rc;
}

/* What the fabric refuses of one object holds up none of the others; a fabric or a database that is
 * away ends the pass. */
static int pass_over(int rc, const char *id, struct ak_error *err)
{
    if (rc != -AK_ENGINE) {
        return rc;
    }
    ak_log_error(err, "making %s right", id);
    ak_error_clear(err);
    return 0;
}

static int settle_kind(struct ak_job_run *run, enum ak_fabric_kind fabric_kind,
                       enum network_kind kind, const struct ak_fabric_object *objects, size_t n,
                       struct known *known, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_JSON inventory = json_object();
    struct ak_list list = {0};
    int rc = 0;
    {
        AK_AUTO(ak_tx) tx = NULL;
        rc = ak_tx_read(run->store, &tx, err);
        rc = rc < 0 ? rc : network_all(tx, arena, kind, &list, err);
    }
    for (size_t i = 0; i < n; i++) {
        if (objects[i].kind == fabric_kind && objects[i].ours) {
            (void)json_object_set_new(inventory, objects[i].id, json_true());
        }
    }
    known->ids[kind] = json_object();
    for (size_t i = 0; i < list.n; i++) {
        const void *obj = (const char *)list.items + i * network_resources[kind].size;
        (void)json_object_set_new(known->ids[kind], id_of(kind, obj), json_true());
    }
    for (size_t i = 0; i < list.n && rc == 0 && ak_job_alive(run); i++) {
        const void *obj = (const char *)list.items + i * network_resources[kind].size;
        struct ak_job_run one = *run;
        AK_AUTO(ak_arena) scratch = ak_arena_new();
        one.arena = scratch;
        if (counts(kind, obj)) {
            rc = settle(&one, kind, obj, json_object_get(inventory, id_of(kind, obj)) != NULL, err);
            rc = pass_over(rc, id_of(kind, obj), err);
        }
    }
    return rc;
}

/* An object of ours that no row knows: cut off and marked, once. */
static int orphan(struct ak_job_run *run, enum network_kind kind,
                  const struct ak_fabric_object *object, struct ak_error *err)
{
    struct ak_fabric *fabric = ((const struct ak_engines *)run->engines)->fabric;
    bool busy = false;
    int64_t writes = fabric->ops->writes(fabric);
    int rc = pending(run, object->id, &busy, err);
    if (rc < 0 || busy) {
        return rc;
    }
    rc = fabric->ops->quarantine(fabric, object->kind, object->id, err);
    if (rc == 0 && fabric->ops->writes(fabric) == writes) {
        return 0; /* it has gone meanwhile */
    }
    return rc < 0 ? rc : report(run, kind, object->id, "network.reconcile.quarantined", err);
}

static int quarantine_orphans(struct ak_job_run *run, const struct ak_fabric_object *objects,
                              size_t n, const struct known *known, struct ak_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        for (size_t k = 0; k < AK_N(kinds) && rc == 0; k++) {
            if (kinds[k].fabric == objects[i].kind && objects[i].ours && !objects[i].quarantined &&
                json_object_get(known->ids[kinds[k].kind], objects[i].id) == NULL) {
                rc = orphan(run, kinds[k].kind, &objects[i], err);
                rc = pass_over(rc, objects[i].id, err);
            }
        }
    }
    return rc;
}

int network_reconcile(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_fabric *fabric = ((const struct ak_engines *)run->engines)->fabric;
    struct known known __attribute__((cleanup(known_done))) = {0};
    struct ak_fabric_object *objects = NULL;
    size_t n = 0;
    int rc = fabric->ops->list(fabric, run->arena, &objects, &n, err);
    for (size_t k = 0; k < AK_N(kinds) && rc == 0; k++) {
        rc = settle_kind(run, kinds[k].fabric, kinds[k].kind, objects, n, &known, err);
    }
    if (rc == 0 && ak_job_alive(run)) {
        rc = quarantine_orphans(run, objects, n, &known, err);
    }
    return rc;
}
