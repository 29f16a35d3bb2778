/* SPDX-License-Identifier: Apache-2.0 */
/* An operator's import of a local file as a public image: the same hashing, inspection and states
 * as an upload, without a request. */
#include "image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "identity/identity.h"

struct import {
    struct ak_store *store;
    const struct ak_config *config;
    struct ak_arena *arena;
    struct image_row image;
    const char *part;
    int fd;
};

static int64_t read_file(void *data, void *buf, size_t size, struct ak_error *err)
{
    const struct import *i = data;
    ssize_t n;

    do {
        n = read(i->fd, buf, size);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? ak_fail_errno(err, errno, "read image") : n;
}

/* AK_NOT_FOUND when no earlier run made it. */
static int find(struct ak_store *store, const char *name, char ret_id[AK_UUID_TEXT],
                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(store, &tx, err);

    return rc == 0 ? image_public_id(tx, name, ret_id, err) : rc;
}

/* The row, in state saving from the start. */
static int begin(struct import *i, const char *name, const char *disk_format, struct ak_error *err)
{
    struct image_row *image = &i->image;
    char owner[AK_UUID_TEXT], id[AK_UUID_TEXT], upload_id[AK_UUID_TEXT];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = identity_project_ensure(i->store, "default", "admin", owner, err);

    ak_uuid_new(id);
    ak_uuid_new(upload_id);
    *image = (struct image_row){.id = ak_arena_strdup(i->arena, id),
                                .upload_id = ak_arena_strdup(i->arena, upload_id),
                                .name = name,
                                .status = IMAGE_QUEUED,
                                .visibility = "public",
                                .disk_format = disk_format,
                                .container_format = "bare",
                                .created_us = ak_now_us(),
                                .version = 1};
    i->part = image_part_path(i->config, i->arena, id, upload_id);
    if (rc == 0) {
        image->owner = ak_arena_strdup(i->arena, owner);
        rc = ak_tx_write(i->store, &tx, err);
    }
    if (rc == 0) {
        rc = image_insert(tx, i->arena, image, err);
    }
    if (rc == 0) {
        rc = image_upload_begin(tx, image, upload_id, 0, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int still_here(void *data, struct ak_error *err)
{
    struct import *i = data;
    AK_AUTO(ak_tx) tx = NULL;
    bool alive = true;
    int rc = ak_tx_write(i->store, &tx, err);

    if (rc == 0) {
        rc = image_upload_seen(tx, i->image.id, i->image.upload_id, 0, &alive, err);
    }
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    return rc == 0 && !alive ? ak_fail(err, AK_IMAGE_GONE, i->image.id) : rc;
}

static int take(struct import *i, struct ak_error *err)
{
    struct image_copy copy = {.read = read_file, .alive = still_here, .data = i, .max = INT64_MAX};
    const char *path = image_path(i->config, i->arena, i->image.id);
    struct image_digest digest;
    int rc = image_copy_run(&copy, i->part, &digest, err);

    if (rc < 0) {
        return rc;
    }
    i->image.size = digest.size;
    i->image.checksum = ak_arena_strdup(i->arena, digest.md5);
    i->image.os_hash_value = ak_arena_strdup(i->arena, digest.sha512);
    rc = image_content_check(i->config, i->part, &i->image, err);
    if (rc == 0 && rename(i->part, path) != 0) {
        rc = ak_fail_errno(err, errno, "rename %s", i->part);
    }
    return rc == 0 ? ak_fsync_dir_of(path, err) : rc;
}

static int finish(struct import *i, struct ak_error *err)
{
    struct ak_audit_event event = {.action = "image.image.import",
                                   .outcome = "success",
                                   .actor_id = "system",
                                   .project_id = i->image.owner,
                                   .object_type = "image",
                                   .object_id = i->image.id,
                                   .listener = "worker"};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(i->store, &tx, err);

    if (rc == 0) {
        rc = image_upload_done(tx, &i->image, err);
    }
    if (rc == 0) {
        rc = ak_audit_add(tx, &event, NULL, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

/* Leaves nothing behind of an import that failed. */
static void give_up(struct import *i)
{
    struct ak_error ignored = {0};
    AK_AUTO(ak_tx) tx = NULL;

    (void)unlink(i->part);
    (void)unlink(image_path(i->config, i->arena, i->image.id));
    if (ak_tx_write(i->store, &tx, &ignored) == 0 &&
        image_move(tx, i->image.id, IMAGE_SAVING, IMAGE_DELETED, &ignored) == 0 &&
        image_purge(tx, i->image.id, &ignored) == 0) {
        (void)ak_tx_commit(tx, &ignored);
    }
}

int image_file_import(struct ak_store *store, const struct ak_config *config, const char *path,
                      const char *name, const char *disk_format, char ret_id[AK_UUID_TEXT],
                      struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_FD fd = -1;
    struct import i = {.store = store, .config = config, .arena = arena};
    int rc = find(store, name, ret_id, err);

    if (rc != -AK_NOT_FOUND) {
        return rc;
    }
    ak_error_clear(err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ak_fail_errno(err, errno, "open %s", path);
    }
    i.fd = fd;
    rc = begin(&i, name, disk_format, err);
    if (rc < 0) {
        return rc;
    }
    rc = take(&i, err);
    if (rc == 0) {
        rc = finish(&i, err);
    }
    if (rc < 0) {
        give_up(&i);
        return rc;
    }
    ak_str_copy(ret_id, AK_UUID_TEXT, i.image.id);
    return 0;
}
