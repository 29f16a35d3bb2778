/* SPDX-License-Identifier: Apache-2.0 */
/* A contract's customer as a whole: its images for the inventory, and their removal, protected ones
 * too. */
#include "image/image_internal.h"

#include <dirent.h>
#include <errno.h>

static int list_own(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                    struct ak_list *ret_list, struct ak_error *err)
{
    const struct image_who who = {.project_id = project_id, .admin = true};
    struct ak_query query = {0};
    struct ak_value owner = ak_v_text(project_id);
    int rc = ak_query_filter(&query, arena, "owner", AK_EQ, &owner, 1, err);

    return rc < 0 ? rc : image_list_load(tx, arena, &who, "accepted", true, &query, ret_list, err);
}

int image_tenant_export(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        struct ak_json *w, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = list_own(tx, arena, project_id, &list, err);

    ak_json_key(w, "images");
    ak_json_array(w);
    for (size_t i = 0; i < list.n && rc == 0; i++) {
        image_render((struct image_row *)list.items + i, arena, w);
    }
    ak_json_array_end(w);
    return rc;
}

int image_tenant_remove(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                        const char *request_id, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = list_own(tx, arena, project_id, &list, err);

    for (size_t i = 0; i < list.n && rc == 0; i++) {
        const struct image_row *image = (const struct image_row *)list.items + i;

        rc = image_move(tx, image->id, image->status, IMAGE_DELETED, err);
        rc = rc < 0 ? rc
                    : ak_job_add(tx, &image_delete_kind, image->id, image->owner, request_id,
                                 "system", NULL, 0, NULL, err);
    }
    return rc;
}

int image_tenant_left(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                      const char *const **ret_ids, size_t *ret_n, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = image_owner_load(tx, arena, project_id, &list, err);
    const struct image_row *rows = list.items;

    if (rc < 0) {
        return rc;
    }
    const char **ids = ak_arena_array(arena, const char *, list.n + 1);

    for (size_t i = 0; i < list.n; i++) {
        ids[i] = rows[i].id;
    }
    *ret_ids = ids;
    *ret_n = list.n;
    return 0;
}

int image_tenant_remove_again(struct ak_tx *tx, const char *id, const char *project_id,
                              const char *request_id, struct ak_error *err)
{
    return ak_job_add(tx, &image_delete_kind, id, project_id, request_id, "system", NULL, 0, NULL,
                      err);
}

int image_files_held(const struct ak_config *config, const char *id, bool *ret_held,
                     struct ak_error *err)
{
    const char *dir = ak_config_str(config, "image_dir");
    DIR *d = opendir(dir);
    struct dirent *entry = NULL;

    *ret_held = false;
    if (!d) {
        return errno == ENOENT ? 0 : ak_fail_errno(err, errno, "open %s", dir);
    }
    while (!*ret_held && (entry = readdir(d))) {
        *ret_held = ak_starts_with(entry->d_name, id);
    }
    (void)closedir(d);
    return 0;
}
