/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a shared image: the owner adds projects, each project accepts or rejects. */
#include "image/image_internal.h"

static const char *const statuses[] = {"pending", "accepted", "rejected", NULL};

static int load_shared(struct ak_request *req, struct ak_tx *tx, struct image_row *image,
                       struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    int rc = image_load(tx, req->arena, req->params[0], &who, image, err);

    if (rc == 0 && !ak_streq(image->visibility, "shared")) {
        rc = ak_fail(err, AK_IMAGE_NOT_SHARED);
    }
    return rc;
}

static bool is_owner(const struct ak_request *req, const struct image_row *image)
{
    struct image_who who = image_who_of(req);

    return who.admin || ak_streq(image->owner, who.project_id);
}

/* Changing who is a member; sharing a customer's image would open it to others. */
static int need_owner(const struct ak_request *req, const struct image_row *image,
                      struct ak_error *err)
{
    struct image_who who = image_who_of(req);

    if (who.admin && !ak_streq(image->owner, who.project_id)) {
        return ak_fail(err, AK_OPERATOR_BLIND);
    }
    return is_owner(req, image) ? 0 : ak_fail(err, AK_FORBIDDEN, req->route->policy);
}

/* The owner sees all members, a member itself only. */
static int load_members(struct ak_request *req, struct ak_tx *tx, const struct image_row *image,
                        const char *member_id, struct ak_list *list, struct ak_error *err)
{
    struct image_who who = image_who_of(req);

    if (!is_owner(req, image)) {
        if (member_id && !ak_streq(member_id, who.project_id)) {
            return ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", member_id);
        }
        member_id = who.project_id;
    }
    return image_member_load(tx, req->arena, image->id, member_id, list, err);
}

static int reply_member(struct ak_request *req, struct ak_tx *tx, const char *image_id,
                        const char *member_id, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_list list;
    int rc = image_member_load(tx, req->arena, image_id, member_id, &list, err);

    if (rc == 0 && list.n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", member_id);
    }
    if (rc == 0) {
        image_member_render(list.items, &reply->json);
    }
    return rc;
}

int image_member_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    struct image_row image;
    struct ak_list list;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = load_shared(req, tx, &image, err);
    }
    if (rc == 0) {
        rc = load_members(req, tx, &image, NULL, &list, err);
    }
    if (rc < 0) {
        return rc;
    }
    ak_json_object(w);
    ak_json_key(w, "members");
    ak_json_array(w);
    for (size_t i = 0; i < list.n; i++) {
        image_member_render((struct image_member *)list.items + i, w);
    }
    ak_json_array_end(w);
    ak_json_kstr(w, "schema", "/v2/schemas/members");
    ak_json_object_end(w);
    return 0;
}

int image_member_show_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_row image;
    struct ak_list list;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = load_shared(req, tx, &image, err);
    }
    if (rc == 0) {
        rc = load_members(req, tx, &image, req->params[1], &list, err);
    }
    if (rc == 0 && list.n == 0) {
        rc = ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", req->params[1]);
    }
    if (rc == 0) {
        image_member_render(list.items, &reply->json);
    }
    return rc;
}

/* As many as Glance lets in unless it is told otherwise (image_member_quota). */
static int room_for_member(struct ak_request *req, struct ak_tx *tx, const struct image_row *image,
                           struct ak_error *err)
{
    enum { MEMBERS_MAX = 128 };
    struct ak_list list = {0};
    int rc = image_member_load(tx, req->arena, image->id, NULL, &list, err);

    return rc == 0 && list.n >= MEMBERS_MAX ? ak_fail(err, AK_IMAGE_MEMBERS, AK_NUM(MEMBERS_MAX))
                                            : rc;
}

int image_member_add_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *member_id = json_string_value(json_object_get(req->json, "member"));
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc;

    if (!member_id) {
        return ak_fail(err, AK_FIELD_MISSING, "member");
    }
    if (member_id[0] == '\0' || strlen(member_id) > 255) {
        return ak_fail(err, AK_FIELD_LENGTH, "member", "1", "255");
    }
    rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = load_shared(req, tx, &image, err);
    }
    if (rc == 0) {
        rc = need_owner(req, &image, err);
    }
    rc = rc == 0 ? room_for_member(req, tx, &image, err) : rc;
    if (rc == 0) {
        rc = image_member_add(tx, image.id, member_id, err);
    }
    if (rc == 0) {
        rc = reply_member(req, tx, image.id, member_id, reply, err);
    }
    return rc == 0 ? ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err) : rc;
}

int image_member_update_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    const char *status = json_string_value(json_object_get(req->json, "status"));
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    size_t i = 0;
    int rc;

    while (statuses[i] && !ak_streq(statuses[i], status)) {
        i++;
    }
    if (!statuses[i]) {
        return ak_fail(err, AK_FIELD_VALUE, "status", "it must be pending, accepted or rejected");
    }
    rc = ak_request_begin(req, &tx, err);
    if (rc == 0) {
        rc = load_shared(req, tx, &image, err);
    }
    if (rc == 0 && !who.admin && !ak_streq(req->params[1], who.project_id)) {
        /* Only the member decides; to others it is not there, but to the owner it is. */
        rc = is_owner(req, &image)
                 ? ak_fail(err, AK_FORBIDDEN, req->route->policy)
                 : ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", req->params[1]);
    }
    if (rc == 0) {
        rc = image_member_set(tx, image.id, req->params[1], status, err);
    }
    if (rc == 0) {
        rc = reply_member(req, tx, image.id, req->params[1], reply, err);
    }
    return rc == 0 ? ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err) : rc;
}

int image_member_remove_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    struct image_row image = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    if (rc == 0) {
        rc = load_shared(req, tx, &image, err);
    }
    if (rc == 0) {
        rc = need_owner(req, &image, err);
    }
    if (rc == 0) {
        rc = image_member_remove(tx, image.id, req->params[1], err);
    }
    reply->status = 204;
    return rc == 0 ? ak_request_commit(req, tx, "image", image.id, image.owner, NULL, err) : rc;
}
