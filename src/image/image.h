/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_IMAGE_H
#define AK_IMAGE_H
/* Glance v2: images, their upload, inspection and download. Files lie in image_dir/<id>; the worker
 * makes bases in the pool. */
#include "engine/engine.h"
#include "http/http.h"

extern const struct ak_domain image_domain;

struct image_image {
    const char *id, *name, *owner, *status, *visibility, *disk_format, *container_format;
    int64_t size;         /* bytes of the file */
    int64_t virtual_size; /* bytes of the disk */
    int64_t min_disk_gib, min_ram_mib;
    struct ak_map properties; /* hw_firmware_type, os_type, … */
};

/* Loads an image that 'project_id' may use (its own, public, community, or shared and accepted;
 * 'admin' sees all). AK_OBJECT_NOT_FOUND ("Image", id). */
int image_image_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                     const char *project_id, bool admin, struct image_image *ret_image,
                     struct ak_error *err);
/* Active images that servers of the project may be made from (its own, public, shared and
 * accepted), by name; at most 1000. */
int image_images_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      struct image_image **ret_images, size_t *ret_n, struct ak_error *err);
/* Worker: makes sure that the pool has the image's base (imports it when needed, inspecting again).
 */
int image_base_ensure(struct ak_job_run *run, const char *image_id, struct ak_error *err);
/* Operators: imports a local file as a public image, inspected like an upload; by name idempotent.
 * For 'akashi image import'. */
int image_file_import(struct ak_store *store, const struct ak_config *config, const char *path,
                      const char *name, const char *disk_format, char ret_id[AK_UUID_TEXT],
                      struct ak_error *err);

/* A contract's customer as a whole (image_tenant.c): its images as the member "images": […], and
 * their removal by jobs of the actor "system", protected ones too; in the caller's transaction. */
int image_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_json *w, struct ak_error *err);
int image_tenant_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *request_id, struct ak_error *err);
/* Ids of the project's images of which anything is left, deleted ones whose base is still used too;
 * in the arena. */
int image_tenant_left(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const char *const **ret_ids, size_t *ret_n, struct ak_error *err);
/* Asks once more for the removal of a deleted image's files. */
int image_tenant_remove_again(struct ak_tx *tx, const char *id, const char *project_id,
                              const char *request_id, struct ak_error *err);
/* Worker: whether image_dir holds a file of the image, that of an unfinished upload too. */
int image_files_held(const struct ak_config *config, const char *id, bool *ret_held,
                     struct ak_error *err);

#endif
