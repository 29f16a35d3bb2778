/* SPDX-License-Identifier: Apache-2.0 */
/* Images over HTTP: create, show, update, delete, states, tags, and discovery. Lists are in
 * image_list_api.c, files in image_file_api.c, members in image_member_api.c. */
#include "image/image_internal.h"

static const char *const versions[] = {"v2.7", "v2.6", "v2.5", "v2.4",
                                       "v2.3", "v2.2", "v2.1", "v2.0"};

static void versions_render(const struct ak_request *req, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_key(w, "versions");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(versions); i++) {
        ak_json_object(w);
        ak_json_kstr(w, "id", versions[i]);
        ak_json_kstr(w, "status", i == 0 ? "CURRENT" : "SUPPORTED");
        ak_json_key(w, "links");
        ak_json_array(w);
        ak_json_object(w);
        ak_json_kstr(w, "rel", "self");
        ak_json_kstr(w, "href", ak_arena_printf(req->arena, "%s/image/v2/", req->base_url));
        ak_json_object_end(w);
        ak_json_array_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
}

int image_versions_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)err;
    versions_render(req, &reply->json);
    return 0;
}

int image_versions_choice_handler(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    (void)err;
    versions_render(req, &reply->json);
    reply->status = 300; /* as Glance answers at its root */
    return 0;
}

int image_schema_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return image_schema_render(req->params[0], &reply->json)
               ? 0
               : ak_fail(err, AK_OBJECT_NOT_FOUND, "Schema", req->params[0]);
}

int image_import_info_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)req;
    (void)err;
    ak_buf_str(&reply->body, "{\"import-methods\":{\"description\":\"Import methods available.\","
                             "\"type\":\"array\",\"value\":[]}}");
    return 0;
}

int image_stores_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)req;
    (void)reply;
    return ak_fail(err, AK_NOT_FOUND); /* as Glance with one store */
}

/* The client's own members of a create body. */
static int take_properties(struct ak_request *req, struct image_row *image, struct ak_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(req->json, key, value)
    {
        int rc = 0;

        if (ak_fields_find(&image_body_fields, key)) {
            continue;
        }
        rc = image_name_check(key, err);
        if (rc == 0 && json_is_null(value)) {
            continue;
        }
        if (rc == 0 && !json_is_string(value)) {
            rc = ak_fail(err, AK_FIELD_TYPE, key, "string");
        }
        if (rc == 0) {
            rc = image_property_set(&image->properties, req->arena, key, json_string_value(value),
                                    err);
        }
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static void reply_image(struct ak_request *req, struct ak_reply *reply, struct image_row *image)
{
    image_render(image, req->arena, &reply->json);
}

int image_create_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = image_new(req->arena, &who, req->body, &image, err);

    if (rc == 0) {
        rc = take_properties(req, &image, err);
    }
    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = image_room_check(tx, image.owner, err);
    }
    if (rc == 0) {
        rc = image_insert(tx, req->arena, &image, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err);
    }
    if (rc == 0) {
        reply->status = 201;
        ak_reply_header(
            reply, req, "Location",
            ak_arena_printf(req->arena, "%s/image/v2/images/%s", req->base_url, image.id));
        reply_image(req, reply, &image);
    }
    return rc;
}

int image_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = image_load(tx, req->arena, req->params[0], &who, &image, err);
    }
    if (rc == 0) {
        reply_image(req, reply, &image);
    }
    return rc;
}

/* False: not a patch. */
static bool patch_type(const struct ak_request *req, bool *ret_draft4)
{
    const char *type = ak_request_header(req, "Content-Type");

    if (!type) {
        return false;
    }
    *ret_draft4 = ak_starts_with(type, "application/openstack-images-v2.0-json-patch");
    return *ret_draft4 || ak_starts_with(type, "application/openstack-images-v2.1-json-patch");
}

int image_update_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    bool draft4 = false;
    int rc;

    if (!patch_type(req, &draft4)) {
        const char *type = ak_request_header(req, "Content-Type");

        return ak_fail(err, AK_UNSUPPORTED_MEDIA_TYPE, type ? type : "",
                       "application/openstack-images-v2.1-json-patch");
    }
    rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc =
            image_load_own(tx, req->arena, req->params[0], &who, "image:image:update", &image, err);
    }
    if (rc == 0) {
        rc = image_patch_apply(req->json, draft4, &who, req->arena, &image, err);
    }
    if (rc == 0) {
        image.updated_us = ak_now_us();
        rc = image_store_update(tx, req->arena, &image, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err);
    }
    if (rc == 0) {
        reply_image(req, reply, &image);
    }
    return rc;
}

int image_delete_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc =
            image_load_own(tx, req->arena, req->params[0], &who, "image:image:delete", &image, err);
    }
    if (rc == 0 && image.is_protected) {
        rc = ak_fail(err, AK_IMAGE_PROTECTED, image.id);
    }
    if (rc == 0) {
        rc = image_move(tx, image.id, image.status, IMAGE_DELETED, err);
    }
    if (rc == 0) {
        rc = ak_job_add(tx, &image_delete_kind, image.id, image.owner, req->id,
                        req->principal->user_id, NULL, 0, NULL, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err);
    }
    reply->status = 204;
    return rc;
}

/* 'from' -> 'to'; being there already is all right, any other state is not. */
static int move_handler(struct ak_request *req, struct ak_reply *reply, const char *what,
                        const char *from, const char *to, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = image_load_own(tx, req->arena, req->params[0], &who, what, &image, err);
    }
    if (rc == 0 && image.held && !who.admin) {
        rc = ak_fail(err, AK_FORBIDDEN, what); /* the provider's word stands */
    }
    if (rc == 0 && who.admin) {
        rc = image_hold(tx, image.id, ak_streq(to, IMAGE_DEACTIVATED), err);
    }
    if (rc == 0 && ak_streq(image.status, from)) {
        rc = image_move(tx, image.id, from, to, err);
    } else if (rc == 0 && !ak_streq(image.status, to)) {
        rc = ak_fail(err, AK_IMAGE_MOVE, image.id, image.status, from);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err);
    }
    reply->status = 204;
    return rc;
}

int image_deactivate_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return move_handler(req, reply, "image:image:deactivate", IMAGE_ACTIVE, IMAGE_DEACTIVATED, err);
}

int image_reactivate_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return move_handler(req, reply, "image:image:reactivate", IMAGE_DEACTIVATED, IMAGE_ACTIVE, err);
}

/* Adds or removes the tag params[1]. */
static int change_tag(struct ak_request *req, struct image_row *image, bool add,
                      struct ak_error *err)
{
    const char **items = ak_arena_array(req->arena, const char *, image->tags.n + 1);
    const char **old = image->tags.items, *tag = req->params[1];
    size_t n = 0;

    for (size_t i = 0; i < image->tags.n; i++) {
        if (strcmp(old[i], tag) != 0) {
            items[n++] = old[i];
        }
    }
    if (!add && n == image->tags.n) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Tag", tag);
    }
    if (add) {
        items[n++] = tag;
    }
    image->tags = (struct ak_list){.n = n, .items = items};
    return image_tags_check(&image->tags, err);
}

static int tag_handler(struct ak_request *req, struct ak_reply *reply, bool add,
                       struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc =
            image_load_own(tx, req->arena, req->params[0], &who, "image:image:update", &image, err);
    }
    if (rc == 0) {
        rc = change_tag(req, &image, add, err);
    }
    if (rc == 0) {
        image.updated_us = ak_now_us();
        rc = image_store_update(tx, req->arena, &image, err);
    }
    if (rc == 0) {
        rc = ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err);
    }
    reply->status = 204;
    return rc;
}

int image_tag_add_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return tag_handler(req, reply, true, err);
}

int image_tag_remove_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return tag_handler(req, reply, false, err);
}
