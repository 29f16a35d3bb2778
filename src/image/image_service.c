/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of images: who may make one public, what may change when, how large, and which content
 * is refused. No JSON, no SQL. */
#include "image/image_internal.h"

#include "identity/identity.h"

#include "engine/pool.h"

#define GIB ((int64_t)1 << 30)

struct image_who image_who_of(const struct ak_request *req)
{
    const char *project = req->principal ? req->principal->project_id : NULL;

    return (struct image_who){.project_id = project ? project : "", .admin = req->admin};
}

static bool given(const struct image_body *body, const char *name)
{
    return ak_field_given(&image_body_fields, body, name);
}

int image_tags_check(const struct ak_list *tags, struct ak_error *err)
{
    for (size_t i = 0; i < tags->n; i++) {
        const char *tag = ((const char **)tags->items)[i];

        if (!tag || tag[0] == '\0' || strlen(tag) > 255) {
            return ak_fail(err, AK_FIELD_LENGTH, "tags", "1", "255");
        }
    }
    return tags->n > IMAGE_TAGS_MAX
               ? ak_fail(err, AK_FIELD_LENGTH, "tags", "0", AK_NUM(IMAGE_TAGS_MAX))
               : 0;
}

/* Each tag once, the first of equals stays. */
static void tags_unique(struct ak_list *tags)
{
    const char **items = tags->items;
    size_t n = 0;

    for (size_t i = 0; i < tags->n; i++) {
        size_t j = 0;

        while (j < n && strcmp(items[j], items[i]) != 0) {
            j++;
        }
        if (j == n) {
            items[n++] = items[i];
        }
    }
    tags->n = n;
}

static int apply_access(const struct image_who *who, const struct image_body *body,
                        struct image_row *image, struct ak_error *err)
{
    /* Who publishes a customer's image, or gives it away, has opened it. */
    if (who->admin && image->owner && !ak_streq(image->owner, who->project_id) &&
        (given(body, "visibility") || given(body, "owner"))) {
        return ak_fail(err, AK_OPERATOR_BLIND);
    }
    if (given(body, "visibility")) {
        if (ak_streq(body->visibility, "public") && !who->admin &&
            !ak_streq(image->visibility, "public")) {
            return ak_fail(err, AK_IMAGE_VISIBILITY);
        }
        image->visibility = body->visibility;
    }
    if (given(body, "owner")) {
        if (!who->admin && !ak_streq(body->owner, image->owner)) {
            return ak_fail(err, AK_FORBIDDEN, "image:image:set_owner");
        }
        image->owner = body->owner;
    }
    return 0;
}

/* The formats say what the content is: fixed once there is content. */
static int apply_formats(const struct image_body *body, struct image_row *image,
                         struct ak_error *err)
{
    bool queued = ak_streq(image->status, IMAGE_QUEUED);

    if (given(body, "disk_format")) {
        if (!queued && !ak_streq(body->disk_format, image->disk_format)) {
            return ak_fail(err, AK_IMAGE_READ_ONLY, "disk_format");
        }
        image->disk_format = body->disk_format;
    }
    if (given(body, "container_format")) {
        if (!queued && !ak_streq(body->container_format, image->container_format)) {
            return ak_fail(err, AK_IMAGE_READ_ONLY, "container_format");
        }
        image->container_format = body->container_format;
    }
    return 0;
}

int image_apply(const struct image_who *who, const struct image_body *body, struct image_row *image,
                struct ak_error *err)
{
    int rc = apply_access(who, body, image, err);

    if (rc == 0) {
        rc = apply_formats(body, image, err);
    }
    if (rc == 0 && given(body, "tags")) {
        rc = image_tags_check(&body->tags, err);
        image->tags = body->tags;
        if (rc == 0) {
            tags_unique(&image->tags);
        }
    }
    if (rc < 0) {
        return rc;
    }
    if (given(body, "name")) {
        image->name = body->name;
    }
    if (given(body, "min_disk")) {
        image->min_disk = body->min_disk;
    }
    if (given(body, "min_ram")) {
        image->min_ram = body->min_ram;
    }
    if (given(body, "protected")) {
        image->is_protected = body->is_protected;
    }
    if (given(body, "os_hidden")) {
        image->os_hidden = body->os_hidden;
    }
    return 0;
}

int image_new(struct ak_arena *arena, const struct image_who *who, const struct image_body *body,
              struct image_row *ret_image, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int64_t now = ak_now_us();

    if (who->project_id[0] == '\0') {
        return ak_fail(err, AK_BAD_REQUEST, "the token is not scoped to a project");
    }
    ak_uuid_new(id);
    *ret_image = (struct image_row){.id = body->id ? body->id : ak_arena_strdup(arena, id),
                                    .owner = who->project_id,
                                    .status = IMAGE_QUEUED,
                                    .visibility = "shared", /* Glance's default */
                                    .created_us = now,
                                    .updated_us = now,
                                    .version = 1};
    return image_apply(who, body, ret_image, err);
}

int image_room_check(struct ak_tx *tx, const char *owner, struct ak_error *err)
{
    int64_t limit = -1, used = 0;
    int rc = identity_project_limit(tx, owner, "images", -1, &limit, err);

    if (rc < 0 || limit < 0) {
        return rc;
    }
    rc = image_owner_count(tx, owner, &used, err);
    return rc == 0 && used >= limit ? ak_fail(err, AK_IMAGE_LIMIT, AK_NUM(limit)) : rc;
}

int image_allowance(struct ak_tx *tx, const struct ak_config *config, const char *owner,
                    int64_t size, int64_t *ret_max, struct ak_error *err)
{
    int64_t largest = ak_config_int(config, "image_size_max"), quota = 0, used = 0, left;
    int rc = identity_project_limit(tx, owner, "image_gib", ak_config_int(config, "image_quota"),
                                    &quota, err);

    rc = rc < 0 ? rc : image_owner_bytes(tx, owner, &used, err);
    if (rc < 0) {
        return rc;
    }
    if (size > largest * GIB) {
        return ak_fail(err, AK_IMAGE_TOO_LARGE, AK_NUM(largest));
    }
    left = quota < 0 ? INT64_MAX : quota * GIB - used; /* -1: no limit */
    if (left < 0 || size > left || (size < 0 && left == 0)) {
        return ak_fail(err, AK_IMAGE_QUOTA, AK_NUM(quota));
    }
    *ret_max = left < largest * GIB ? left : largest * GIB;
    return 0;
}

int image_content_check(const struct ak_config *config, const char *path, struct image_row *image,
                        struct ak_error *err)
{
    int64_t limit = ak_config_int(config, "image_virtual_size_max");
    struct ak_image_info info;
    bool same;
    int rc = ak_image_inspect(path, &info, err);

    if (rc < 0) {
        return rc;
    }
    /* An ISO image is also a raw disk to whoever says so (hybrid installers). */
    same = ak_streq(info.format, image->disk_format) ||
           (ak_streq(info.format, "iso") && ak_streq(image->disk_format, "raw"));
    if (!same || image->size == 0) {
        return ak_fail(err, AK_IMAGE_FORMAT, image->disk_format,
                       image->size == 0 ? "empty" : info.format);
    }
    if (info.has_backing_file || info.has_data_file) {
        return ak_fail(err, AK_IMAGE_EXTERNAL);
    }
    if (info.is_encrypted) {
        return ak_fail(err, AK_IMAGE_ENCRYPTED);
    }
    if (info.is_corrupt) {
        return ak_fail(err, AK_IMAGE_CORRUPT, image->disk_format);
    }
    if (info.virtual_size > limit * GIB) {
        return ak_fail(err, AK_IMAGE_VIRTUAL_SIZE, AK_NUM(info.virtual_size / GIB), AK_NUM(limit));
    }
    image->virtual_size = info.virtual_size;
    return 0;
}

const char *image_path(const struct ak_config *config, struct ak_arena *arena, const char *id)
{
    return ak_arena_printf(arena, "%s/%s", ak_config_str(config, "image_dir"), id);
}

const char *image_part_path(const struct ak_config *config, struct ak_arena *arena, const char *id,
                            const char *upload_id)
{
    return ak_arena_printf(arena, "%s/%s.part-%s", ak_config_str(config, "image_dir"), id,
                           upload_id);
}

static struct image_image image_of(const struct image_row *row)
{
    return (struct image_image){.id = row->id,
                                .name = row->name,
                                .owner = row->owner,
                                .status = row->status,
                                .visibility = row->visibility,
                                .disk_format = row->disk_format,
                                .container_format = row->container_format,
                                .size = row->size,
                                .virtual_size = row->virtual_size,
                                .min_disk_gib = row->min_disk,
                                .min_ram_mib = row->min_ram,
                                .properties = row->properties};
}

int image_image_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                     const char *project_id, bool admin, struct image_image *ret_image,
                     struct ak_error *err)
{
    struct image_who who = {.project_id = project_id ? project_id : "", .admin = admin};
    struct image_row row;
    int rc = image_load(tx, arena, id, &who, &row, err);

    if (rc == 0) {
        *ret_image = image_of(&row);
    }
    return rc;
}

int image_images_load(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      struct image_image **ret_images, size_t *ret_n, struct ak_error *err)
{
    struct image_who who = {.project_id = project_id};
    struct ak_query query = {.limit = 1000};
    struct ak_list list = {0};
    struct ak_value active = ak_v_text(IMAGE_ACTIVE);
    struct image_image *images;
    int rc = ak_query_filter(&query, arena, "status", AK_EQ, &active, 1, err);

    ak_query_sort(&query, "name", false);
    rc = rc < 0 ? rc : image_list_load(tx, arena, &who, "accepted", false, &query, &list, err);
    images = ak_arena_array(arena, struct image_image, list.n + 1);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        images[i] = image_of((const struct image_row *)list.items + i);
    }
    if (rc == 0) {
        *ret_images = images;
        *ret_n = list.n;
    }
    return rc;
}
