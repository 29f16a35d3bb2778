/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of service_label.sql, one function each, and the row they load. */
#include "service/service_label_internal.h"

#include "service/service_label_sql.h"

#define AT(member) offsetof(struct service_label_row, member)

static const char *const classifications[] = {"public", "internal", "confidential", "secret", NULL};

static const struct ak_field label_rows[] = {
    {"id", AK_STR, AT(id), AK_HIDDEN},
    {"project_id", AK_STR, AT(project_id), AK_FILTER | AK_ADMIN_ONLY, .doc = "whose it is"},
    {"resource_type", AK_STR, AT(resource_type), AK_FILTER | AK_SORT,
     .doc = "server, image, network, subnet, port, router, security_group, keypair"},
    {"resource_id", AK_STR, AT(resource_id), AK_FILTER,
     .doc = "id of the resource; name of a key pair"},
    {"classification", AK_STR, AT(classification),
     AK_CREATE | AK_UPDATE | AK_NULLABLE | AK_FILTER | AK_SORT, .choices = classifications,
     .doc = "public, internal, confidential, secret"},
    {"labels", AK_MAP, AT(labels), AK_CREATE | AK_UPDATE, .max = 64,
     .doc = "free labels: names of at most 64 characters, values of at most 255"},
    {"updated_at", AK_TIME, AT(updated_us), AK_SORT, .column = "updated_us",
     .doc = "of the last change"},
    {"updated_by", AK_STR, AT(updated_by), 0, .doc = "user who made it"},
};
const struct ak_fields service_label_fields =
    AK_FIELDS_GIVEN("label", struct service_label_row, label_rows);

const char *service_label_quote(struct ak_arena *arena, const char *s)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, 8192);
    w = ak_json_on(&text);
    ak_json_str(&w, s);
    return ak_arena_strdup(arena, text.data);
}

static const char *map_text(struct ak_arena *arena, const struct ak_map *map)
{
    AK_AUTO_BUF text;
    struct ak_json w;

    ak_buf_init(&text, (size_t)256 * 1024);
    w = ak_json_on(&text);
    ak_json_object(&w);
    for (size_t i = 0; i < map->n; i++) {
        ak_json_kstr(&w, map->pairs[i].key, map->pairs[i].value);
    }
    ak_json_object_end(&w);
    return ak_arena_strdup(arena, text.data);
}

int service_label_store_get(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                            const char *type, const char *id, struct service_label_row *ret,
                            struct ak_error *err)
{
    return ak_sql_load(tx, &sql_label_get,
                       AK_ARGS(ak_v_text(project_id), ak_v_text(type), ak_v_text(id)),
                       &service_label_fields, arena, ret, err);
}

int service_label_store_put(struct ak_tx *tx, struct ak_arena *arena,
                            const struct service_label_row *row, struct ak_error *err)
{
    char id[AK_UUID_TEXT];

    ak_uuid_new(id);
    return ak_sql_exec(tx, &sql_label_put,
                       AK_ARGS(ak_v_text(id), ak_v_text(row->project_id),
                               ak_v_text(row->resource_type), ak_v_text(row->resource_id),
                               ak_v_text(row->classification),
                               ak_v_text(map_text(arena, &row->labels)), ak_v_int(row->updated_us),
                               ak_v_text(row->updated_by)),
                       NULL, err);
}

int service_label_store_delete(struct ak_tx *tx, const char *project_id, const char *type,
                               const char *id, int64_t *ret_n, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_label_delete,
                       AK_ARGS(ak_v_text(project_id), ak_v_text(type), ak_v_text(id)), ret_n, err);
}

int service_label_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const struct ak_query *query, struct ak_list *ret,
                             struct ak_error *err)
{
    return project_id ? ak_sql_list(tx, &sql_label_list, AK_ARGS(ak_v_text(project_id)), query,
                                    &service_label_fields, arena, ret, err)
                      : ak_sql_list(tx, &sql_label_list_all, AK_NO_ARGS, query,
                                    &service_label_fields, arena, ret, err);
}

int service_label_store_next(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_label_sweep_next, AK_ARGS(ak_v_text(id)), &service_label_fields,
                           arena, 0, ret, err);
}

int service_labels_clear(struct ak_tx *tx, const char *project_id, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_label_clear, AK_ARGS(ak_v_text(project_id)), NULL, err);
}
