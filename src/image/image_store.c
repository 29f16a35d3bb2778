/* SPDX-License-Identifier: Apache-2.0 */
/* Images in the database: only statements and their arguments. */
#include "image/image_internal.h"

#include "image/image_sql.h"

static int not_found(int rc, const char *what, const char *id, struct ak_error *err)
{
    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, what, id) : rc;
}

static int changed_one(int rc, int64_t changed, enum ak_error_code otherwise, struct ak_error *err)
{
    return rc == 0 && changed != 1 ? ak_fail(err, otherwise) : rc;
}

int image_load(struct ak_tx *tx, struct ak_arena *arena, const char *id,
               const struct image_who *who, struct image_row *ret_image, struct ak_error *err)
{
    char canonical[AK_UUID_TEXT];
    int rc;

    if (!ak_uuid_canonical(id, canonical)) {
        return ak_fail(err, AK_OBJECT_NOT_FOUND, "Image", id);
    }
    rc =
        ak_sql_load(tx, &sql_image_visible,
                    AK_ARGS(ak_v_text(canonical), ak_v_int(who->admin), ak_v_text(who->project_id)),
                    &image_fields, arena, ret_image, err);
    return not_found(rc, "Image", id, err);
}

int image_load_own(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                   const struct image_who *who, const char *what, struct image_row *ret_image,
                   struct ak_error *err)
{
    int rc = image_load(tx, arena, id, who, ret_image, err);

    if (rc == 0 && !who->admin && !ak_streq(ret_image->owner, who->project_id)) {
        return ak_fail(err, AK_FORBIDDEN, what);
    }
    return rc;
}

int image_load_any(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                   struct image_row *ret_image, struct ak_error *err)
{
    return not_found(ak_sql_load(tx, &sql_image_any, AK_ARGS(ak_v_text(id)), &image_fields, arena,
                                 ret_image, err),
                     "Image", id, err);
}

int image_insert(struct ak_tx *tx, struct ak_arena *arena, const struct image_row *image,
                 struct ak_error *err)
{
    int rc = ak_sql_exec(tx, &sql_image_add,
                         AK_ARGS(ak_v_text(image->id), ak_v_text(image->name),
                                 ak_v_text(image->owner), ak_v_text(image->visibility),
                                 ak_v_text(image->disk_format), ak_v_text(image->container_format),
                                 ak_v_int(image->min_disk), ak_v_int(image->min_ram),
                                 ak_v_int(image->is_protected), ak_v_int(image->os_hidden),
                                 ak_v_text(image_tags_text(arena, &image->tags)),
                                 ak_v_text(image_properties_text(arena, &image->properties)),
                                 ak_v_int(image->created_us)),
                         NULL, err);

    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_ALREADY_EXISTS, "Image", image->id) : rc;
}

int image_store_update(struct ak_tx *tx, struct ak_arena *arena, const struct image_row *image,
                       struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(
        tx, &sql_image_update,
        AK_ARGS(ak_v_text(image->id), ak_v_int(image->version), ak_v_text(image->name),
                ak_v_text(image->owner), ak_v_text(image->visibility),
                ak_v_text(image->disk_format), ak_v_text(image->container_format),
                ak_v_int(image->min_disk), ak_v_int(image->min_ram), ak_v_int(image->is_protected),
                ak_v_int(image->os_hidden), ak_v_text(image_tags_text(arena, &image->tags)),
                ak_v_text(image_properties_text(arena, &image->properties)),
                ak_v_int(image->updated_us)),
        &changed, err);

    return changed_one(rc, changed, AK_CHANGED_MEANWHILE, err);
}

int image_move(struct ak_tx *tx, const char *id, const char *from, const char *to,
               struct ak_error *err)
{
    int64_t changed = 0;
    int rc =
        ak_sql_exec(tx, &sql_image_move,
                    AK_ARGS(ak_v_text(id), ak_v_text(from), ak_v_text(to), ak_v_int(ak_now_us())),
                    &changed, err);

    return changed_one(rc, changed, AK_CHANGED_MEANWHILE, err);
}

int image_hold(struct ak_tx *tx, const char *id, bool held, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_image_hold, AK_ARGS(ak_v_text(id), ak_v_int(held)), NULL, err);
}

int image_list_load(struct ak_tx *tx, struct ak_arena *arena, const struct image_who *who,
                    const char *member_status, bool community, const struct ak_query *query,
                    struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_image_list,
                       AK_ARGS(ak_v_int(who->admin), ak_v_text(who->project_id),
                               ak_v_text(member_status), ak_v_int(community)),
                       query, &image_fields, arena, ret_list, err);
}

int image_owner_count(struct ak_tx *tx, const char *owner, int64_t *ret_n, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_image_owner_count, AK_ARGS(ak_v_text(owner)), ret_n, err);
}

int image_owner_bytes(struct ak_tx *tx, const char *owner, int64_t *ret_bytes, struct ak_error *err)
{
    return ak_sql_int(tx, &sql_image_owner_bytes, AK_ARGS(ak_v_text(owner)), ret_bytes, err);
}

int image_public_id(struct ak_tx *tx, const char *name, char ret_id[AK_UUID_TEXT],
                    struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    int rc = ak_sql_query(tx, &sql_image_public_named, AK_ARGS(ak_v_text(name)), &rows, err);

    if (rc < 0 || (rc = ak_rows_next(rows, err)) < 0) {
        return rc;
    }
    if (rc == 0) {
        return ak_fail(err, AK_NOT_FOUND);
    }
    ak_str_copy(ret_id, AK_UUID_TEXT, ak_rows_text(rows, 0));
    return 0;
}

int image_upload_begin(struct ak_tx *tx, const struct image_row *image, const char *upload_id,
                       int64_t size, struct ak_error *err)
{
    int64_t changed = 0;
    int rc =
        ak_sql_exec(tx, &sql_image_upload_begin,
                    AK_ARGS(ak_v_text(image->id), ak_v_text(image->owner), ak_v_text(upload_id),
                            ak_v_int(size > 0 ? size : 0), ak_v_int(ak_now_us())),
                    &changed, err);

    return changed_one(rc, changed, AK_CHANGED_MEANWHILE, err);
}

int image_upload_seen(struct ak_tx *tx, const char *id, const char *upload_id, int64_t received,
                      bool *ret_alive, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(
        tx, &sql_image_upload_seen,
        AK_ARGS(ak_v_text(id), ak_v_text(upload_id), ak_v_int(ak_now_us()), ak_v_int(received)),
        &changed, err);

    *ret_alive = changed == 1;
    return rc;
}

int image_upload_done(struct ak_tx *tx, const struct image_row *found, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_image_upload_done,
                         AK_ARGS(ak_v_text(found->id), ak_v_text(found->upload_id),
                                 ak_v_int(found->size), ak_v_int(found->virtual_size),
                                 ak_v_text(found->checksum), ak_v_text(found->os_hash_value),
                                 ak_v_int(ak_now_us())),
                         &changed, err);

    return rc == 0 && changed != 1 ? ak_fail(err, AK_IMAGE_GONE, found->id) : rc;
}

int image_upload_failed(struct ak_tx *tx, const char *id, const char *upload_id, const char *status,
                        bool *ret_was_saving, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(
        tx, &sql_image_upload_failed,
        AK_ARGS(ak_v_text(id), ak_v_text(upload_id), ak_v_text(status), ak_v_int(ak_now_us())), &n,
        err);

    *ret_was_saving = n > 0;
    return rc;
}

int image_stale_load(struct ak_tx *tx, struct ak_arena *arena, int64_t before_us,
                     struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_image_stale, AK_ARGS(ak_v_int(before_us)), &image_fields, arena,
                           0, ret_list, err);
}

int image_deleted_load(struct ak_tx *tx, struct ak_arena *arena, struct ak_list *ret_list,
                       struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_image_deleted, AK_NO_ARGS, &image_fields, arena, 0, ret_list,
                           err);
}

int image_owner_load(struct ak_tx *tx, struct ak_arena *arena, const char *owner,
                     struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_image_of_owner, AK_ARGS(ak_v_text(owner)), &image_fields, arena,
                           0, ret_list, err);
}

int image_purge(struct ak_tx *tx, const char *id, struct ak_error *err)
{
    int rc =
        ak_sql_exec(tx, &sql_image_member_remove, AK_ARGS(ak_v_text(id), ak_v_text("")), NULL, err);

    return rc == 0 ? ak_sql_exec(tx, &sql_image_purge, AK_ARGS(ak_v_text(id)), NULL, err) : rc;
}

int image_member_add(struct ak_tx *tx, const char *image_id, const char *member_id,
                     struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_image_member_add,
                         AK_ARGS(ak_v_text(image_id), ak_v_text(member_id), ak_v_int(ak_now_us())),
                         &changed, err);

    return rc == 0 && changed != 1 ? ak_fail(err, AK_ALREADY_EXISTS, "Image member", member_id)
                                   : rc;
}

int image_member_load(struct ak_tx *tx, struct ak_arena *arena, const char *image_id,
                      const char *member_id, struct ak_list *ret_list, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_image_member_list,
                           AK_ARGS(ak_v_text(image_id), ak_v_text(member_id ? member_id : "")),
                           &image_member_fields, arena, 0, ret_list, err);
}

int image_member_set(struct ak_tx *tx, const char *image_id, const char *member_id,
                     const char *status, struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_image_member_set,
                         AK_ARGS(ak_v_text(image_id), ak_v_text(member_id), ak_v_text(status),
                                 ak_v_int(ak_now_us())),
                         &changed, err);

    return rc == 0 && changed != 1 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", member_id)
                                   : rc;
}

int image_member_remove(struct ak_tx *tx, const char *image_id, const char *member_id,
                        struct ak_error *err)
{
    int64_t changed = 0;
    int rc = ak_sql_exec(tx, &sql_image_member_remove,
                         AK_ARGS(ak_v_text(image_id), ak_v_text(member_id)), &changed, err);

    return rc == 0 && changed != 1 ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Image member", member_id)
                                   : rc;
}
