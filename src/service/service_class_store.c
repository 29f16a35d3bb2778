/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of service_class.sql, one function each, and the row they load. */
#include "service/service_class_internal.h"

#include "service/service_class_sql.h"

#define AT(member) offsetof(struct service_class_row, member)

static const struct ak_field row_fields[] = {
    {"id", AK_STR, AT(id), AK_HIDDEN, .doc = "name:version"},
    {"name", AK_STR, AT(name), AK_FILTER | AK_SORT, .doc = "slug of the class"},
    {"version", AK_INT, AT(version), AK_SORT, .doc = "a changed file is a new version"},
    {"hash", AK_STR, AT(hash), 0, .doc = "SHA-256 of the class as canonical JSON"},
    {"offered", AK_BOOL, AT(offered), AK_FILTER, .doc = "whether new contracts may have it"},
    {"loaded_at", AK_TIME, AT(loaded_us), AK_SORT, .column = "loaded_us",
     .doc = "when it was first loaded"},
    {"content", AK_JSON, AT(content), AK_HIDDEN, .max = 256 * 1024, .doc = "the class itself"},
};
const struct ak_fields service_class_row_fields =
    AK_FIELDS("class", struct service_class_row, row_fields);

int service_class_store_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                             struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_list(tx, &sql_class_list, AK_NO_ARGS, query, &service_class_row_fields, arena,
                       ret, err);
}

int service_class_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *name,
                             int64_t version, struct service_class_row *ret, struct ak_error *err)
{
    int rc = version == 0 ? ak_sql_load(tx, &sql_class_newest, AK_ARGS(ak_v_text(name)),
                                        &service_class_row_fields, arena, ret, err)
                          : ak_sql_load(tx, &sql_class_by_version,
                                        AK_ARGS(ak_v_text(name), ak_v_int(version)),
                                        &service_class_row_fields, arena, ret, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Service class", name) : rc;
}

int service_class_store_insert(struct ak_tx *tx, const struct service_class_row *row,
                               bool *ret_inserted, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_class_insert,
                         AK_ARGS(ak_v_text(row->id), ak_v_text(row->name), ak_v_int(row->version),
                                 ak_v_text(row->hash), ak_v_text(row->content),
                                 ak_v_int(row->loaded_us)),
                         &n, err);

    *ret_inserted = n > 0;
    return rc;
}

int service_class_store_offer(struct ak_tx *tx, const char *name, int64_t version,
                              struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_class_offer, AK_ARGS(ak_v_text(name), ak_v_int(version)), NULL,
                       err);
}
