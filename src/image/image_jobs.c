/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's part: bases in the pool, files of deleted images, uploads whose process died. */
#include "image/image_internal.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define STALE_US (2 * AK_MIN) /* an upload gives a sign of life every 15 s */

static const struct ak_engines *engines_of(const struct ak_job_run *run)
{
    return run->engines;
}

static int load(struct ak_job_run *run, const char *id, struct image_row *image,
                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    return rc == 0 ? image_load_any(tx, run->arena, id, image, err) : rc;
}

int image_base_ensure(struct ak_job_run *run, const char *image_id, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(run)->pool;
    struct image_row image;
    int rc = load(run, image_id, &image, err);

    if (rc == 0 && !ak_streq(image.status, IMAGE_ACTIVE) &&
        !ak_streq(image.status, IMAGE_DEACTIVATED)) {
        rc = ak_fail(err, AK_IMAGE_STATE, image.id, image.status, IMAGE_ACTIVE);
    }
    if (rc == 0) {
        rc = pool->ops->base_import(pool, image.id, image_path(run->config, run->arena, image.id),
                                    image.disk_format, err);
    }
    return rc;
}

/* Overwritten before its blocks are free again. */
static int remove_file(const char *path, struct ak_error *err)
{
    int rc = ak_file_zero(path, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    if (rc < 0) {
        return rc;
    }
    return unlink(path) == 0 || errno == ENOENT ? 0 : ak_fail_errno(err, errno, "unlink %s", path);
}

/* Removes the files of a deleted image. The base stays while overlays use it, and the row with it,
 * so that the sweep asks again. */
static int remove_image(struct ak_job_run *run, const struct image_row *image, struct ak_error *err)
{
    struct ak_pool *pool = engines_of(run)->pool;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = remove_file(image_path(run->config, run->arena, image->id), err);

    if (rc == 0 && image->upload_id) {
        rc =
            remove_file(image_part_path(run->config, run->arena, image->id, image->upload_id), err);
    }
    if (rc == 0) {
        rc = pool->ops->base_remove(pool, image->id, err);
    }
    if (rc == -AK_CONFLICT || rc == -AK_STORE_REFERENCED) {
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) {
        rc = ak_tx_write(run->store, &tx, err);
    }
    if (rc == 0) {
        rc = image_purge(tx, image->id, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int delete_files(struct ak_job_run *run, struct ak_error *err)
{
    struct image_row image;
    int rc = load(run, run->object_id, &image, err);

    if (rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(err);
        return 0; /* done before */
    }
    return rc == 0 && ak_streq(image.status, IMAGE_DELETED) ? remove_image(run, &image, err) : rc;
}

static const struct ak_job_step delete_steps[] = {
    {.name = "files", .run = delete_files, .timeout_ms = 60000, .retries = 5},
};
const struct ak_job_kind image_delete_kind = {
    .name = "image-delete",
    .object = "image",
    .steps = delete_steps,
    .n_steps = AK_N(delete_steps),
};
const struct ak_job_kind *const image_jobs[] = {&image_delete_kind, NULL};

/* "<id>.part-<upload id>": whether it is one, and of an upload that the database knows. */
static int part_is_known(struct ak_job_run *run, const char *name, bool *ret_part, bool *ret_known,
                         struct ak_error *err)
{
    const char *mark = strstr(name, ".part-");
    struct image_row image;
    int rc;

    *ret_known = true;
    *ret_part = mark != NULL;
    if (!mark) {
        return 0;
    }
    rc = load(run, ak_arena_strndup(run->arena, name, (size_t)(mark - name)), &image, err);
    if (rc == 0) {
        *ret_known = ak_streq(image.upload_id, mark + strlen(".part-"));
    } else if (rc == -AK_OBJECT_NOT_FOUND) {
        *ret_known = false;
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

/* Parts of uploads whose image and process went in the same moment. */
static int sweep_parts(struct ak_job_run *run, struct ak_error *err)
{
    const char *dir = ak_config_str(run->config, "image_dir");
    DIR *d = opendir(dir);
    struct dirent *entry;
    int rc = 0;

    if (!d) {
        return ak_fail_errno(err, errno, "open %s", dir);
    }
    while (rc == 0 && (entry = readdir(d))) {
        const char *path = ak_arena_printf(run->arena, "%s/%s", dir, entry->d_name);
        bool part = false, known = true;
        struct stat st;

        rc = part_is_known(run, entry->d_name, &part, &known, err);
        if (rc == 0 && part && !known && stat(path, &st) == 0 && ak_file_age_us(&st) > STALE_US) {
            ak_log(AK_WARNING, "%s belongs to no upload and is removed", path);
            rc = remove_file(path, err);
        }
    }
    (void)closedir(d);
    return rc;
}

static int sweep(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    if (rc == 0) {
        rc = image_deleted_load(tx, run->arena, &list, err);
    }
    ak_tx_free(AK_TAKE(tx));
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = remove_image(run, (struct image_row *)list.items + i, err);
    }
    return rc == 0 ? sweep_parts(run, err) : rc;
}

/* One upload that gave no sign of life: its part goes, and the image waits for another one. */
static int take_back(struct ak_job_run *run, const struct image_row *image, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    bool was_saving = false;
    int rc =
        remove_file(image_part_path(run->config, run->arena, image->id, image->upload_id), err);

    if (rc == 0) {
        rc = ak_tx_write(run->store, &tx, err);
    }
    if (rc == 0) {
        rc = image_upload_failed(tx, image->id, image->upload_id, IMAGE_QUEUED, &was_saving, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    if (rc == 0) {
        ak_log(AK_WARNING, "the upload of image %s broke off; the image is queued again",
               image->id);
    }
    return rc;
}

static int uploads(struct ak_job_run *run, struct ak_error *err)
{
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);

    if (rc == 0) {
        rc = image_stale_load(tx, run->arena, ak_now_us() - STALE_US, &list, err);
    }
    ak_tx_free(AK_TAKE(tx));
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        rc = take_back(run, (struct image_row *)list.items + i, err);
    }
    return rc;
}

static const struct ak_schedule sweep_schedule = {
    .name = "image-sweep", .every_ms = 3600000, .at_start = true, .run = sweep};
static const struct ak_schedule uploads_schedule = {
    .name = "image-uploads", .every_ms = 60000, .at_start = true, .run = uploads};
const struct ak_schedule *const image_schedules[] = {&sweep_schedule, &uploads_schedule, NULL};
