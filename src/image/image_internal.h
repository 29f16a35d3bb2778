/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_INTERNAL_H
#define IMAGE_INTERNAL_H
/* What the files of src/image share. */
#include "image/image.h"

/* States of an image (Glance's words):
 *
 *   queued ──PUT file──▶ saving ──inspected──▶ active ◀──▶ deactivated
 *     ▲                   │  └─refused as hostile or of another format─▶ killed
 *     └──upload broke off─┘      each of them ──DELETE──▶ deleted (the row goes with the files)
 */
#define IMAGE_QUEUED      "queued"
#define IMAGE_SAVING      "saving"
#define IMAGE_ACTIVE      "active"
#define IMAGE_DEACTIVATED "deactivated"
#define IMAGE_KILLED      "killed"
#define IMAGE_DELETED     "deleted"

#define IMAGE_PROPERTIES_MAX 128
#define IMAGE_TAGS_MAX       128
#define IMAGE_PROPERTY_VALUE 4096 /* bytes */

/* A row of the table, and an image as it is rendered. */
struct image_row {
    const char *id, *name, *owner, *status, *visibility, *disk_format, *container_format;
    const char *checksum, *os_hash_algo, *os_hash_value;
    int64_t size, virtual_size; /* bytes; 0 = not known yet, shown as null */
    int64_t min_disk;           /* GiB */
    int64_t min_ram;            /* MiB */
    bool is_protected, os_hidden;
    bool held;           /* deactivated by an administrator: the owner does not reactivate it */
    struct ak_list tags; /* of strings */
    struct ak_map properties;
    int64_t created_us, updated_us, version;
    const char *upload_id;
    const char *self, *file, *schema; /* paths, made when rendering */
};
extern const struct ak_fields image_fields;

/* What a client may set: body of POST, and values of a PATCH. */
struct image_body {
    const char *id, *name, *owner, *visibility, *disk_format, *container_format;
    int64_t min_disk, min_ram;
    bool is_protected, os_hidden;
    struct ak_list tags;
    struct ak_given given;
};
extern const struct ak_fields image_body_fields;

struct image_member {
    const char *image_id, *member_id, *status, *schema;
    int64_t created_us, updated_us;
};
extern const struct ak_fields image_member_fields;

/* Who asks. */
struct image_who {
    const char *project_id; /* never NULL: "" when unscoped */
    bool admin;
};
struct image_who image_who_of(const struct ak_request *req);

/* image_fields.c: rendering; 'w' gets one object. */
void image_render(struct image_row *image, struct ak_arena *arena, struct ak_json *w);
void image_member_render(struct image_member *member, struct ak_json *w);
/* The schema documents "image", "images", "member", "members". False: no such one. */
bool image_schema_render(const char *name, struct ak_json *w);
/* Columns of lists and maps as the database keeps them (compact JSON). */
const char *image_tags_text(struct ak_arena *arena, const struct ak_list *tags);
const char *image_properties_text(struct ak_arena *arena, const struct ak_map *map);
const char *image_json_string(struct ak_arena *arena, const char *s);

/* image_properties.c: the members a client adds by itself. */
const char *image_property_get(const struct ak_map *map, const char *key);
/* AK_IMAGE_PROPERTIES when there would be too many, AK_FIELD_LENGTH. */
int image_property_set(struct ak_map *map, struct ak_arena *arena, const char *key,
                       const char *value, struct ak_error *err);
bool image_property_remove(struct ak_map *map, const char *key);
/* Whether a client may write this name: 0, AK_IMAGE_READ_ONLY or AK_IMAGE_RESERVED. */
int image_name_check(const char *name, struct ak_error *err);

/* image_store.c: all as store.h; strings live in the arena. */
/* What 'who' may see. AK_OBJECT_NOT_FOUND. */
int image_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
               const struct image_who *who, struct image_row *ret_image, struct ak_error *err);
/* As image_load, for a change: of those seen only one's own (or an administrator) pass.
 * AK_FORBIDDEN with 'what'. */
int image_load_own(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                   const struct image_who *who, const char *what, struct image_row *ret_image,
                   struct ak_error *err);
int image_load_any(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                   struct image_row *ret_image, struct ak_error *err);
int image_insert(struct ak_tx *tx, struct ak_arena *arena, const struct image_row *image,
                 struct ak_error *err);
/* AK_CHANGED_MEANWHILE. */
int image_store_update(struct ak_tx *tx, struct ak_arena *arena, const struct image_row *image,
                       struct ak_error *err);
/* Compare-and-set of the state. AK_CHANGED_MEANWHILE. */
int image_move(struct ak_tx *tx, const char *id, const char *from, const char *to,
               struct ak_error *err);
int image_hold(struct ak_tx *tx, const char *id, bool held, struct ak_error *err);
int image_list_load(struct ak_tx *tx, struct ak_arena *arena, const struct image_who *who,
                    const char *member_status, bool community, const struct ak_query *query,
                    struct ak_list *ret_list, struct ak_error *err);
int image_owner_count(struct ak_tx *tx, const char *owner, int64_t *ret_n, struct ak_error *err);
int image_owner_bytes(struct ak_tx *tx, const char *owner, int64_t *ret_bytes,
                      struct ak_error *err);
int image_public_id(struct ak_tx *tx, const char *name, char ret_id[AK_UUID_TEXT],
                    struct ak_error *err);
/* 'queued' -> 'saving' under 'upload_id'; AK_CHANGED_MEANWHILE. */
int image_upload_begin(struct ak_tx *tx, const struct image_row *image, const char *upload_id,
                       int64_t size, struct ak_error *err);
/* A sign of life of an upload that has 'received' bytes, which count for the quota from now on.
 * False in '*ret_alive' when it is no longer wanted (image deleted). */
int image_upload_seen(struct ak_tx *tx, const char *id, const char *upload_id, int64_t received,
                      bool *ret_alive, struct ak_error *err);
/* 'saving' -> 'active' with what was found; AK_IMAGE_GONE. */
int image_upload_done(struct ak_tx *tx, const struct image_row *found, struct ak_error *err);
/* 'saving' -> 'queued' or 'killed'; '*ret_was_saving' = the upload had not ended otherwise. */
int image_upload_failed(struct ak_tx *tx, const char *id, const char *upload_id, const char *status,
                        bool *ret_was_saving, struct ak_error *err);
int image_stale_load(struct ak_tx *tx, struct ak_arena *arena, int64_t before_us,
                     struct ak_list *ret_list, struct ak_error *err);
/* All images of a project, deleted ones whose files are not all gone too. */
int image_owner_load(struct ak_tx *tx, struct ak_arena *arena, const char *owner,
                     struct ak_list *ret_list, struct ak_error *err);
int image_deleted_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                       struct ak_error *err);
int image_purge(struct ak_tx *tx, const char *id, struct ak_error *err);
/* AK_ALREADY_EXISTS. */
int image_member_add(struct ak_tx *tx, const char *image_id, const char *member_id,
                     struct ak_error *err);
/* 'member_id' NULL = all. */
int image_member_load(struct ak_tx *tx, struct ak_arena *arena, const char *image_id,
                      const char *member_id, struct ak_list *ret_list, struct ak_error *err);
/* AK_OBJECT_NOT_FOUND. */
int image_member_set(struct ak_tx *tx, const char *image_id, const char *member_id,
                     const char *status, struct ak_error *err);
int image_member_remove(struct ak_tx *tx, const char *image_id, const char *member_id,
                        struct ak_error *err);

/* image_service.c: the rules. */
/* A new image's row from its body. AK_IMAGE_VISIBILITY, AK_FORBIDDEN, AK_BAD_REQUEST. */
int image_new(struct ak_arena *arena, const struct image_who *who, const struct image_body *body,
              struct image_row *ret_image, struct ak_error *err);
/* Lays the members given in 'body' over the row. AK_IMAGE_VISIBILITY, AK_IMAGE_READ_ONLY,
 * AK_FORBIDDEN. */
int image_apply(const struct image_who *who, const struct image_body *body, struct image_row *image,
                struct ak_error *err);
int image_tags_check(const struct ak_list *tags, struct ak_error *err);
/* One more image by the owner's contract. AK_IMAGE_LIMIT. */
int image_room_check(struct ak_tx *tx, const char *owner, struct ak_error *err);
/* Bytes that an upload into this image may have, by file limit and quota. 'size' -1 = unknown, 0 =
 * what there is already counts. AK_IMAGE_TOO_LARGE, AK_IMAGE_QUOTA. */
int image_allowance(struct ak_tx *tx, const struct ak_config *config, const char *owner,
                    int64_t size, int64_t *ret_max, struct ak_error *err);
/* Whether the content may become this image; fills size, virtual_size. AK_IMAGE_FORMAT,
 * AK_IMAGE_EXTERNAL, AK_IMAGE_ENCRYPTED, AK_IMAGE_CORRUPT, AK_IMAGE_VIRTUAL_SIZE, … */
int image_content_check(const struct ak_config *config, const char *path, struct image_row *image,
                        struct ak_error *err);
/* Paths of the file and of an upload; in the arena. */
const char *image_path(const struct ak_config *config, struct ak_arena *arena, const char *id);
const char *image_part_path(const struct ak_config *config, struct ak_arena *arena, const char *id,
                            const char *upload_id);

/* image_patch.c: both of Glance's media types. Applies the operations to the row in order.
 * AK_IMAGE_PATCH, AK_IMAGE_READ_ONLY, AK_IMAGE_RESERVED, AK_IMAGE_NO_PROPERTY, AK_FIELD_*. */
int image_patch_apply(const json_t *patch, bool draft4, const struct image_who *who,
                      struct ak_arena *arena, struct image_row *image, struct ak_error *err);

/* image_copy.c: a stream into a new file, hashed on the way by two threads, with constant memory.
 * 'read' gives 1..size bytes, 0 at the end, negative on error; 'alive' (may be NULL) is asked about
 * every 15 s and ends the copy when negative. The file is durable on return. AK_NO_SPACE, AK_IO,
 * AK_IMAGE_TOO_LARGE beyond 'max' bytes. A file that was begun is removed on failure. */
struct image_copy {
    int64_t (*read)(void *data, void *buf, size_t size, struct ak_error *err);
    int (*alive)(void *data, struct ak_error *err);
    void *data;
    int64_t max; /* bytes */
};
struct image_digest {
    int64_t size;
    char md5[33];
    char sha512[129];
};
int image_copy_run(const struct image_copy *copy, const char *path, struct image_digest *ret_digest,
                   struct ak_error *err);

extern const struct ak_job_kind image_delete_kind;
extern const struct ak_job_kind *const image_jobs[];
extern const struct ak_schedule *const image_schedules[];

/* Handlers of the route table. */
ak_handler_fn image_versions_handler, image_versions_choice_handler, image_schema_handler,
    image_import_info_handler, image_stores_handler, image_list_handler, image_create_handler,
    image_show_handler, image_update_handler, image_delete_handler, image_upload_handler,
    image_download_handler, image_deactivate_handler, image_reactivate_handler,
    image_tag_add_handler, image_tag_remove_handler, image_member_list_handler,
    image_member_add_handler, image_member_show_handler, image_member_update_handler,
    image_member_remove_handler;

#endif
