/* SPDX-License-Identifier: Apache-2.0 */
/* What may be labelled, one row a kind, and how its domain is asked whether a project has it.
 * Labels of what is gone are swept once a day: domains below know nothing of labels. */
#include "service/service_label_internal.h"

#include "compute/compute.h"
#include "image/image.h"
#include "network/network.h"

struct kind {
    const char *type;  /* as in the path */
    const char *title; /* as errors name it */
    int (*has)(struct ak_tx *tx, struct ak_arena *arena, const struct kind *kind,
               const char *project_id, const char *user_id, const char *id, struct ak_error *err);
};

static int not_found(const struct kind *kind, const char *id, struct ak_error *err)
{
    return ak_fail(err, AK_OBJECT_NOT_FOUND, kind->title, id);
}

static int has_server(struct ak_tx *tx, struct ak_arena *arena, const struct kind *kind,
                      const char *project_id, const char *user_id, const char *id,
                      struct ak_error *err)
{
    struct compute_server_brief server = {0};
    int rc = compute_server_brief_load(tx, arena, id, project_id, &server, err);

    (void)user_id;
    return rc == -AK_SERVER_NOT_FOUND || (rc == 0 && server.deleted_us != 0)
               ? not_found(kind, id, err)
               : rc;
}

static int has_image(struct ak_tx *tx, struct ak_arena *arena, const struct kind *kind,
                     const char *project_id, const char *user_id, const char *id,
                     struct ak_error *err)
{
    struct image_image image = {0};
    int rc = image_image_load(tx, arena, id, project_id, false, &image, err);

    (void)user_id;
    return rc == 0 && !ak_streq(image.owner, project_id) ? not_found(kind, id, err) : rc;
}

static int has_network_object(struct ak_tx *tx, struct ak_arena *arena, const struct kind *kind,
                              const char *project_id, const char *user_id, const char *id,
                              struct ak_error *err)
{
    bool there = false;
    int rc = network_object_exists(tx, kind->type, id, project_id, &there, err);

    (void)arena;
    (void)user_id;
    return rc == 0 && !there ? not_found(kind, id, err) : rc;
}

static int has_keypair(struct ak_tx *tx, struct ak_arena *arena, const struct kind *kind,
                       const char *project_id, const char *user_id, const char *id,
                       struct ak_error *err)
{
    bool there = false;
    int rc = compute_keypair_exists(tx, user_id, id, &there, err);

    (void)arena;
    (void)project_id;
    return rc == 0 && !there ? not_found(kind, id, err) : rc;
}

static const struct kind kinds[] = {
    {"server", "Server", has_server},
    {"image", "Image", has_image},
    {"network", "Network", has_network_object},
    {"subnet", "Subnet", has_network_object},
    {"port", "Port", has_network_object},
    {"router", "Router", has_network_object},
    {"security_group", "Security group", has_network_object},
    {"keypair", "Key pair", has_keypair},
};

int service_label_resource(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                           const char *user_id, const char *type, const char *id,
                           struct ak_error *err)
{
    for (size_t i = 0; i < AK_N(kinds); i++) {
        if (ak_streq(kinds[i].type, type)) {
            return kinds[i].has(tx, arena, &kinds[i], project_id, user_id, id, err);
        }
    }
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Resource type", type);
}

/* 200 rows after '*at': those whose resource is gone are deleted. '*ret_more' when others follow.
 */
static int sweep_some(struct ak_store *store, struct ak_arena *arena, const char **at,
                      bool *ret_more, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list list = {0};
    const struct service_label_row *rows;
    int rc = ak_tx_write(store, &tx, err);

    rc = rc < 0 ? rc : service_label_store_next(tx, arena, *at, &list, err);
    rows = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = service_label_resource(tx, arena, rows[i].project_id, NULL, rows[i].resource_type,
                                    rows[i].resource_id, err);
        if (rc == -AK_OBJECT_NOT_FOUND) {
            rc = service_label_store_delete(tx, rows[i].project_id, rows[i].resource_type,
                                            rows[i].resource_id, NULL, err);
        }
        *at = rows[i].id;
    }
    *ret_more = list.n > 0;
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int sweep(struct ak_job_run *run, struct ak_error *err)
{
    const char *at = "";
    bool more = true;
    int rc = 0;

    while (rc == 0 && more) {
        rc = sweep_some(run->store, run->arena, &at, &more, err);
    }
    return rc;
}

static const struct ak_schedule sweep_schedule = {
    .name = "service-label-sweep", .daily_at_min = 4 * 60 + 10, .at_start = true, .run = sweep};

const struct ak_schedule *const service_label_schedules[] = {&sweep_schedule, NULL};
