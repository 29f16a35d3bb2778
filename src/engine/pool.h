/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_POOL_H
#define AK_POOL_H
/* Disks. A volume is the file <uuid>.qcow2 of the directory pool; an image's base is <image
 * uuid>.base, read-only and shared by the overlays made on it. Files of servers lie in the pool too
 * (config drive <uuid>.iso). The api process never writes here but image uploads, which have a
 * directory of their own (src/image). */
#include "base/base.h"

struct ak_image_info {    /* what a hostile file really is, found under limits */
    char format[16];      /* "qcow2", "raw", "iso" … as qemu-img and our own magic check agree */
    int64_t virtual_size; /* bytes */
    int64_t actual_size;
    bool has_backing_file, has_data_file, is_encrypted, is_corrupt;
};

struct ak_pool_file {
    char name[128]; /* "<uuid>.qcow2" */
    int64_t size;   /* bytes allocated */
};

struct ak_pool_aside {
    char id[192];     /* its name in quarantine/ */
    char name[128];   /* what it was called in the pool */
    int64_t size;     /* bytes allocated */
    int64_t since_us; /* when it was set aside; 0: not known */
};

struct ak_pool;
struct ak_pool_ops {
    /* Copies/converts an accepted image file into the pool as a base; exists already: 0. The base
     * is qcow2 or raw, without backing. */
    int (*base_import)(struct ak_pool *p, const char *image_id, const char *source_path,
                       const char *format, struct ak_error *err);
    int (*base_remove)(struct ak_pool *p, const char *image_id,
                       struct ak_error *err); /* AK_CONFLICT while overlays use it */
    /* An overlay on a base, grown to 'size' bytes; exists already: 0. */
    int (*overlay_create)(struct ak_pool *p, const char *volume_id, const char *image_id,
                          int64_t size, struct ak_error *err);
    int (*volume_create)(struct ak_pool *p, const char *volume_id, int64_t size,
                         struct ak_error *err);
    /* Makes a volume larger, while no guest runs on it; already as large: 0. Nothing is ever cut.
     * AK_ENGINE_NO_OBJECT. */
    int (*volume_grow)(struct ak_pool *p, const char *volume_id, int64_t size,
                       struct ak_error *err);
    int (*volume_remove)(struct ak_pool *p, const char *volume_id, struct ak_error *err);
    /* The volume as one qcow2 file that needs no other, at 'path' (replaced); of a running server's
     * as after a power failure. 'max' bytes at most: AK_NO_SPACE. AK_ENGINE_NO_OBJECT. */
    int (*volume_export)(struct ak_pool *p, const char *volume_id, const char *path, int64_t max,
                         struct ak_error *err);
    /* How volumes, bases and files are made unreadable when they are removed: a phrase for people
     * and for deletion records. */
    const char *(*erasure)(struct ak_pool *p);
    /* A small file of bytes (config drive). */
    int (*file_write)(struct ak_pool *p, const char *name, const void *data, size_t size,
                      struct ak_error *err);
    int (*file_remove)(struct ak_pool *p, const char *name, struct ak_error *err);
    /* Path a hypervisor opens; in the arena. */
    const char *(*volume_path)(struct ak_pool *p, struct ak_arena *arena, const char *volume_id);
    const char *(*file_path)(struct ak_pool *p, struct ak_arena *arena, const char *name);
    int (*capacity)(struct ak_pool *p, int64_t *ret_total, int64_t *ret_free,
                    struct ak_error *err); /* bytes */
    int (*list)(struct ak_pool *p, struct ak_arena *arena, struct ak_pool_file **ret_files,
                size_t *ret_n, struct ak_error *err);
    /* Moves a file aside into quarantine/ with a note; never deletes. */
    int (*quarantine)(struct ak_pool *p, const char *name, const char *why, struct ak_error *err);
    /* What was moved there. */
    int (*aside_list)(struct ak_pool *p, struct ak_arena *arena, struct ak_pool_aside **ret_files,
                      size_t *ret_n, struct ak_error *err);
    /* Removes one of it, by its id, as volumes are; absent: 0. For whoever knows whose it is and
     * that it is to go: nothing does so by itself. */
    int (*aside_remove)(struct ak_pool *p, const char *id, struct ak_error *err);
    void (*free)(struct ak_pool *p);
};
struct ak_pool {
    const struct ak_pool_ops *ops;
};

int ak_qcow2_pool_open(const char *directory, struct ak_pool **ret_pool, struct ak_error *err);
int ak_simulated_pool_open(const char *state_path, struct ak_pool **ret_pool, struct ak_error *err);

/* Inspects a hostile file by qemu-img under limits (address space, CPU, time). Never follows a
 * backing file. Used by the worker. */
int ak_image_inspect(const char *path, struct ak_image_info *ret_info, struct ak_error *err);

/* A config drive (ISO 9660, label config-2) with the files given; '*ret_data' is the caller's. */
struct ak_drive_file {
    const char *path; /* "openstack/latest/meta_data.json" */
    const void *data;
    size_t size;
};
int ak_config_drive_make(const struct ak_drive_file *files, size_t n, void **ret_data,
                         size_t *ret_size, struct ak_error *err);

#endif
