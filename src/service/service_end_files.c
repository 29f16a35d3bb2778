/* SPDX-License-Identifier: Apache-2.0 */
/* Files of images at the end of a contract. A base may be under disks of another project, to which
 * the customer had given its image: those disks are not the customer's, so their base stays until
 * they go, and neither the deletion waits for them nor does the record claim what was not done. It
 * names what was kept and why; once that has gone, a supplement says so, signed like the record. */
#include "service/service_contract_internal.h"

#include "engine/engine.h"

static const char reason[] =
    "disks of another project, to which the customer had shared the image, are made on it; it is "
    "removed in the same way when the last of them goes";

bool service_pool_holds(const struct service_held *held, const char *name)
{
    for (size_t i = 0; i < held->n_files; i++) {
        if (ak_streq(held->files[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* One image that is not gone. */
static int settle(struct ak_tx *tx, const struct ak_job_run *run,
                  const struct service_contract_row *contract, const struct service_held *held,
                  const char *id, bool *ret_more, struct ak_error *err)
{
    const char *base = ak_arena_printf(run->arena, "%s.base", id);
    bool files = false;
    int64_t pending = 0, users = 0;
    int rc = ak_job_pending(tx, id, &pending, err);

    rc = rc < 0 ? rc : image_files_held(run->config, id, &files, err);
    rc = rc < 0 ? rc : compute_image_servers(tx, id, contract->project_id, &users, err);
    if (rc < 0 || pending > 0) {
        *ret_more = true;
        return rc;
    }
    if (!files && users > 0 && service_pool_holds(held, base)) {
        rc = service_removal_store_kept(tx, contract->id, "image", id, reason, err);
        return rc < 0
                   ? rc
                   : service_removal_store_kept(tx, contract->id, "image-base", base, reason, err);
    }
    *ret_more = true;
    return image_tenant_remove_again(tx, id, contract->project_id, run->id, err);
}

int service_images_settle(struct ak_tx *tx, const struct ak_job_run *run,
                          const struct service_contract_row *contract,
                          const struct service_held *held, bool *ret_more, struct ak_error *err)
{
    const char *const *ids = NULL;
    size_t n = 0;
    int rc = image_tenant_left(tx, run->arena, contract->project_id, &ids, &n, err);

    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = settle(tx, run, contract, held, ids[i], ret_more, err);
    }
    return rc;
}

/* Supplements */

/* Whether nothing is left of the rows of one contract. */
static bool all_gone(const struct service_removal_row *rows, size_t n,
                     const struct service_held *held)
{
    for (size_t i = 0; i < n; i++) {
        if (service_pool_holds(held, rows[i].object_id)) {
            return false;
        }
    }
    return true;
}

static int tell_gone(struct ak_job_run *run, const struct service_removal_row *rows, size_t n,
                     struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);

    rc = rc < 0 ? rc
                : service_supplement_make(tx, run->arena, run->config, rows[0].contract_id, rows, n,
                                          err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int service_supplements_due(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_pool *pool = ((const struct ak_engines *)run->engines)->pool;
    struct ak_pool_file *files = NULL;
    struct service_held held = {0};
    AK_AUTO(ak_tx) read = NULL;
    struct ak_list list = {0};
    int rc = ak_tx_read(run->store, &read, err);

    rc = rc < 0 ? rc : service_removal_store_waiting(read, run->arena, &list, err);
    ak_tx_free(AK_TAKE(read));
    if (rc < 0 || list.n == 0) {
        return rc;
    }
    rc = pool->ops->list(pool, run->arena, &files, &held.n_files, err);
    held.files = files;
    const struct service_removal_row *rows = list.items;

    for (size_t i = 0, n = 0; i < list.n && rc == 0; i += n) {
        for (n = 1; i + n < list.n && ak_streq(rows[i + n].contract_id, rows[i].contract_id); n++) {
        }
        if (all_gone(&rows[i], n, &held)) {
            rc = tell_gone(run, &rows[i], n, err);
        }
    }
    return rc;
}
