/* SPDX-License-Identifier: Apache-2.0 */
/* One function a statement of notice_document.sql, and the field tables of its rows. */
#include "notice/notice_document.h"

#include "notice/notice_document_sql.h"

#define AT(member) offsetof(struct notice_document_row, member)
#define FL(member) offsetof(struct notice_file_row, member)
#define AC(member) offsetof(struct notice_document_ack_row, member)
#define SEEK       (AK_FILTER | AK_SORT)

static const char *const kinds[] = {"terms", "manual", "guide", "sla", "form", "white_paper", NULL};

static const struct ak_field document_rows[] = {
    {"id", AK_UUID, AT(id), SEEK, .doc = "id of this version of the document"},
    {"slug", AK_STR, AT(slug), AK_CREATE | AK_REQUIRED | SEEK, .min = 1, .max = 64,
     .pattern = "[a-z0-9][a-z0-9-]*", .doc = "what all versions have in common"},
    {"version", AK_INT, AT(version), AK_SORT, .doc = "1, 2, 3 … of the slug"},
    {"kind", AK_STR, AT(kind), AK_CREATE | AK_REQUIRED | SEEK, .choices = kinds,
     .doc = "what kind of document it is"},
    {"title_ja", AK_STR, AT(title_ja), AK_CREATE | AK_REQUIRED | AK_SORT, .min = 1,
     .doc = "title in Japanese"},
    {"title_en", AK_STR, AT(title_en), AK_CREATE | AK_REQUIRED | AK_SORT, .min = 1,
     .doc = "title in English"},
    {"state", AK_STR, AT(state), SEEK, .doc = "draft, published or superseded"},
    {"needs_ack", AK_BOOL, AT(needs_ack), AK_CREATE | AK_FILTER,
     .doc = "customers are to acknowledge it"},
    {"area", AK_STR, AT(area), AK_CREATE | AK_NULLABLE | AK_FILTER, .min = 1, .max = 64,
     .doc = "slug of the area it is read from only"},
    {"classes", AK_LIST, AT(classes), AK_CREATE, .doc = "classes it is for; none: for all"},
    {"media_type", AK_STR, AT(media_type), 0, .doc = "of the Japanese file"},
    {"hash", AK_STR, AT(hash), 0, .doc = "SHA-256 of the Japanese file"},
    {"created_by", AK_STR, AT(created_by), 0, .doc = "who made it; for staff"},
    {"created_at", AK_TIME, AT(created_us), AK_SORT, "created_us", .doc = "when it was made"},
    {"published_at", AK_TIME, AT(published_us), AK_SORT, "published_us",
     .doc = "when it was published"},
    {"superseded_at", AK_TIME, AT(superseded_us), 0, "superseded_us",
     .doc = "when a newer version took its place"},
    {"acknowledged_at", AK_TIME, AT(acknowledged_us), 0, "acknowledged_us",
     .doc = "when somebody of this project acknowledged it"},
    {"acknowledged_name", AK_STR, AT(acknowledged_name), 0, .doc = "who did"},
};
const struct ak_fields notice_document_fields =
    AK_FIELDS_GIVEN("document", struct notice_document_row, document_rows);

static const struct ak_field file_rows[] = {
    {"language", AK_STR, FL(language), 0, .doc = "ja or en"},
    {"media_type", AK_STR, FL(media_type), 0, .doc = "type, by its content"},
    {"size", AK_INT, FL(size), 0, .doc = "bytes"},
    {"hash", AK_STR, FL(hash), 0, .doc = "SHA-256"},
    {"data", AK_STR, FL(data), AK_HIDDEN},
};
const struct ak_fields notice_file_fields = AK_FIELDS("file", struct notice_file_row, file_rows);

static const struct ak_field ack_rows[] = {
    {"project_id", AK_STR, AC(project_id), 0, .doc = "project of the customer"},
    {"user_id", AK_STR, AC(user_id), AK_HIDDEN},
    {"user_name", AK_STR, AC(user_name), 0, .doc = "who acknowledged it"},
    {"at", AK_TIME, AC(at_us), 0, "at_us", .doc = "when"},
};
const struct ak_fields notice_document_ack_fields =
    AK_FIELDS("acknowledgement", struct notice_document_ack_row, ack_rows);

static const char *class_pattern(struct ak_arena *arena, const struct notice_reader *reader)
{
    return ak_arena_printf(arena, "%%\"%s\"%%", reader->class_name ? reader->class_name : "");
}

int notice_document_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                 struct notice_document_row *row, struct ak_error *err)
{
    int rc =
        ak_sql_int(tx, &sql_document_version, AK_ARGS(ak_v_text(row->slug)), &row->version, err);

    rc = rc < 0 ? rc
                : ak_sql_exec(tx, &sql_document_insert,
                              AK_ARGS(ak_v_text(row->id), ak_v_text(row->slug),
                                      ak_v_int(row->version), ak_v_text(row->kind),
                                      ak_v_text(row->title_ja), ak_v_text(row->title_en),
                                      ak_v_int(row->needs_ack), ak_v_text(row->area),
                                      ak_v_text(notice_array_text(arena, &row->classes)),
                                      ak_v_text(row->created_by), ak_v_int(ak_now_us())),
                              NULL, err);
    return rc == -AK_STORE_DUPLICATE ? ak_fail(err, AK_CHANGED_MEANWHILE) : rc;
}

int notice_document_store_load(struct ak_tx *tx, struct ak_arena *arena,
                               const struct notice_reader *reader, const char *id,
                               struct notice_document_row *ret, struct ak_error *err)
{
    int rc = reader->project_id
                 ? ak_sql_load(tx, &sql_document_of_project,
                               AK_ARGS(ak_v_text(reader->project_id),
                                       ak_v_text(class_pattern(arena, reader)), ak_v_text(id)),
                               &notice_document_fields, arena, ret, err)
                 : ak_sql_load(tx, &sql_document_by_id, AK_ARGS(ak_v_text(id)),
                               &notice_document_fields, arena, ret, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Document", id) : rc;
}

int notice_document_store_list(struct ak_tx *tx, struct ak_arena *arena,
                               const struct notice_reader *reader, const struct ak_query *query,
                               struct ak_list *ret, struct ak_error *err)
{
    struct ak_query own = *query;

    if (own.n_sorts == 0) {
        ak_query_sort(&own, "slug", false);
        ak_query_sort(&own, "version", true);
    }
    return reader->project_id ? ak_sql_list(tx, &sql_document_list_of_project,
                                            AK_ARGS(ak_v_text(reader->project_id),
                                                    ak_v_text(class_pattern(arena, reader))),
                                            &own, &notice_document_fields, arena, ret, err)
                              : ak_sql_list(tx, &sql_document_list, AK_NO_ARGS, &own,
                                            &notice_document_fields, arena, ret, err);
}

int notice_document_store_published(struct ak_tx *tx, struct ak_arena *arena, const char *slug,
                                    struct notice_document_row *ret, struct ak_error *err)
{
    return ak_sql_load(tx, &sql_document_published, AK_ARGS(ak_v_text(slug)),
                       &notice_document_fields, arena, ret, err);
}

int notice_document_store_publish(struct ak_tx *tx, const struct notice_document_row *row,
                                  bool *ret_done, struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_document_supersede,
                         AK_ARGS(ak_v_text(row->slug), ak_v_int(ak_now_us())), NULL, err);

    rc = rc < 0 ? rc
                : ak_sql_exec(tx, &sql_document_publish,
                              AK_ARGS(ak_v_text(row->id), ak_v_int(ak_now_us())), &n, err);
    *ret_done = rc == 0 && n > 0;
    return rc;
}

int notice_document_store_withdraw(struct ak_tx *tx, const char *id, bool *ret_done,
                                   struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_document_withdraw, AK_ARGS(ak_v_text(id), ak_v_int(ak_now_us())),
                         &n, err);

    *ret_done = rc == 0 && n > 0;
    return rc;
}

int notice_document_store_delete(struct ak_tx *tx, const char *id, bool *ret_done,
                                 struct ak_error *err)
{
    int64_t n = 0;
    int rc = ak_sql_exec(tx, &sql_document_delete, AK_ARGS(ak_v_text(id)), &n, err);

    *ret_done = rc == 0 && n > 0;
    return rc;
}

int notice_document_store_describe(struct ak_tx *tx, const char *id, const char *media_type,
                                   const char *hash, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_document_describe,
                       AK_ARGS(ak_v_text(id), ak_v_text(media_type), ak_v_text(hash)), NULL, err);
}

int notice_document_store_acknowledge(struct ak_tx *tx, const char *id,
                                      const struct ak_principal *who, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_document_ack_add,
                       AK_ARGS(ak_v_text(id), ak_v_text(who->project_id), ak_v_text(who->user_id),
                               ak_v_text(who->user_name), ak_v_int(ak_now_us())),
                       NULL, err);
}

int notice_document_store_acks(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_document_ack_list, AK_ARGS(ak_v_text(id)),
                           &notice_document_ack_fields, arena, 100000, ret, err);
}

int notice_file_store_set(struct ak_tx *tx, const char *document_id,
                          const struct notice_file_row *row, struct ak_error *err)
{
    return ak_sql_exec(tx, &sql_file_set,
                       AK_ARGS(ak_v_text(document_id), ak_v_text(row->language),
                               ak_v_text(row->media_type), ak_v_int(row->size),
                               ak_v_text(row->hash), ak_v_text(row->data)),
                       NULL, err);
}

int notice_file_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *document_id,
                           struct ak_list *ret, struct ak_error *err)
{
    return ak_sql_load_all(tx, &sql_file_list, AK_ARGS(ak_v_text(document_id)), &notice_file_fields,
                           arena, 0, ret, err);
}

int notice_file_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *document_id,
                           const char *language, struct notice_file_row *ret, struct ak_error *err)
{
    int rc = ak_sql_load(tx, &sql_file_data, AK_ARGS(ak_v_text(document_id), ak_v_text(language)),
                         &notice_file_fields, arena, ret, err);

    return rc == -AK_NOT_FOUND ? ak_fail(err, AK_OBJECT_NOT_FOUND, "File", language) : rc;
}
