/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of documents. Customers see what is published for their class, and read it from where
 * they may; staff see every version and who acknowledged it. A file is never served as something a
 * browser would run. */
#include "notice/notice_document.h"

#include "access/access.h"

static struct notice_reader reader_of(const struct ak_request *req)
{
    return notice_is_staff(req)
               ? (struct notice_reader){NULL, NULL}
               : (struct notice_reader){req->principal->project_id, req->principal->class_name};
}

/* 'whole': with the files, and for staff who acknowledged it. */
static int write_document(struct ak_request *req, struct ak_tx *tx, struct ak_json *w,
                          const struct notice_document_row *document, bool whole,
                          struct ak_error *err)
{
    struct ak_fields_mode mode = ak_request_mode(req);
    struct notice_document_row row = *document;
    struct ak_list files = {0}, acks = {0}, waiting = {0};
    const struct notice_recipient_row *to = NULL;
    const struct notice_file_row *file = NULL;
    const struct notice_document_ack_row *ack = NULL;
    bool for_staff = notice_is_staff(req);
    int rc = 0;

    row.created_by = for_staff ? row.created_by : NULL;
    rc = whole ? notice_file_store_list(tx, req->arena, row.id, &files, err) : 0;
    rc = rc < 0 || !whole || !for_staff
             ? rc
             : notice_document_store_acks(tx, req->arena, row.id, &acks, err);
    ak_json_object(w);
    ak_fields_render(&notice_document_fields, &row, &mode, w);
    if (whole) {
        ak_json_key(w, "files");
        ak_json_array(w);
        for (file = files.items; file && file < (struct notice_file_row *)files.items + files.n;
             file++) {
            ak_fields_render_object(&notice_file_fields, file, &mode, w);
        }
        ak_json_array_end(w);
    }
    if (whole && for_staff) {
        ak_json_key(w, "acknowledgements");
        ak_json_array(w);
        ack = acks.items;
        for (size_t i = 0; i < acks.n; i++) {
            ak_fields_render_object(&notice_document_ack_fields, &ack[i], &mode, w);
        }
        ak_json_array_end(w);
        rc = rc < 0 ? rc : notice_document_waiting(tx, req->arena, &row, &acks, &waiting, err);
        to = waiting.items;
        ak_json_key(w, "waiting");
        ak_json_array(w);
        for (size_t i = 0; rc == 0 && i < waiting.n; i++) {
            ak_json_object(w);
            ak_json_kstr(w, "project_id", to[i].project_id);
            ak_json_kstr(w, "customer_name", to[i].customer_name);
            ak_json_kstr(w, "contract_number", to[i].contract_number);
            ak_json_object_end(w);
        }
        ak_json_array_end(w);
    }
    ak_json_object_end(w);
    return rc;
}

static int reply_document(struct ak_request *req, struct ak_tx *tx, struct ak_reply *reply,
                          const char *id, struct ak_error *err)
{
    struct notice_reader reader = reader_of(req);
    struct notice_document_row row = {0};
    int rc = notice_document_store_load(tx, req->arena, &reader, id, &row, err);

    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, "document");
        rc = write_document(req, tx, &reply->json, &row, true, err);
        ak_json_object_end(&reply->json);
    }
    return rc;
}

static int write_row(struct ak_request *req, struct ak_json *w, const void *row, void *tx,
                     struct ak_error *err)
{
    return write_document(req, tx, w, row, false, err);
}

int notice_document_list_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_query query = {0};
    struct ak_list list = {0};
    struct notice_reader reader = reader_of(req);
    int rc =
        ak_request_list(req, &notice_document_fields, AK_LIST_OWN, NOTICE_PAGE, NULL, &query, err);

    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : notice_document_store_list(tx, req->arena, &reader, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "documents", &notice_document_fields, &query, &list,
                       write_row, tx, err);
    ak_json_object_end(&reply->json);
    return rc;
}

int notice_document_show_handler(struct ak_request *req, struct ak_reply *reply,
                                 struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    return rc < 0 ? rc : reply_document(req, tx, reply, req->params[0], err);
}

int notice_document_create_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_document_row row = *(const struct notice_document_row *)req->body;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : notice_document_create(tx, req->arena, req->principal->user_name, &row, err);
    rc = rc < 0 ? rc : reply_document(req, tx, reply, row.id, err);
    reply->status = 201;
    return rc < 0 ? rc : ak_request_commit(req, tx, "document", row.id, NULL, NULL, err);
}

static int language_of(struct ak_request *req, const char **ret, struct ak_error *err)
{
    const char *lang = ak_request_query(req, "lang");

    *ret = lang ? lang : (req->lang == AK_LANG_EN ? "en" : "ja");
    return ak_streq(*ret, "ja") || ak_streq(*ret, "en")
               ? 0
               : ak_fail(err, AK_FIELD_VALUE, "lang", "it is ja or en");
}

int notice_document_upload_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_BUF bytes;
    const char *language = NULL;
    int rc = language_of(req, &language, err);

    ak_buf_init(&bytes, NOTICE_FILE_MAX);
    rc = rc < 0 ? rc : ak_request_read_all(req, &bytes, err);
    rc = rc < 0 ? rc : ak_request_begin(req, &tx, err);
    rc = rc < 0 ? rc
                : notice_document_file(tx, req->arena, req->params[0], language,
                                       ak_request_header(req, "Content-Type"), bytes.data,
                                       bytes.len, err);
    rc = rc < 0 ? rc : reply_document(req, tx, reply, req->params[0], err);
    return rc < 0 ? rc : ak_request_commit(req, tx, "document", req->params[0], NULL, NULL, err);
}

/* From where a customer reads: inside of the document's own area, and where the project is tied to
 * areas for guides, inside of one of those. */
static int check_place(struct ak_request *req, struct ak_tx *tx,
                       const struct notice_document_row *row, struct ak_error *err)
{
    const char *const *inside = NULL;
    const char *project_id = req->principal->project_id;
    bool guide = ak_streq(row->kind, "guide") || ak_streq(row->kind, "manual");
    int rc = guide ? access_area_check(req, tx, project_id, "guides", err) : 0;

    if (rc < 0 || !row->area) {
        return rc;
    }
    rc = access_areas_inside(tx, req->arena, project_id, req->source, &inside, err);
    for (size_t i = 0; rc == 0 && inside && inside[i]; i++) {
        if (ak_streq(inside[i], row->area)) {
            return 0;
        }
    }
    return rc < 0 ? rc : ak_fail(err, AK_DOCUMENT_AREA, row->area);
}

static void content_headers(struct ak_request *req, struct ak_reply *reply,
                            const struct notice_document_row *row,
                            const struct notice_file_row *file)
{
    bool pdf = ak_streq(file->media_type, "application/pdf");
    unsigned char digest[32] = {0};
    AK_AUTO_STR coded = NULL;

    for (size_t i = 0; i < sizeof(digest) && strlen(file->hash) == 64; i++) {
        char pair[3] = {file->hash[2 * i], file->hash[2 * i + 1], '\0'};

        digest[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    coded = ak_base64(digest, sizeof(digest), false);
    /* Text is text: a browser shows it and runs nothing (nginx adds nosniff); a PDF is saved. */
    reply->content_type = pdf ? "application/pdf" : "text/plain; charset=utf-8";
    ak_reply_header(reply, req, "Content-Security-Policy", "default-src 'none'; sandbox");
    ak_reply_header(reply, req, "Content-Language", file->language);
    ak_reply_header(reply, req, "Repr-Digest", ak_arena_printf(req->arena, "sha-256=:%s:", coded));
    ak_reply_header(reply, req, "X-Content-SHA256", file->hash);
    ak_reply_header(reply, req, "ETag", ak_arena_printf(req->arena, "\"%s\"", file->hash));
    ak_reply_header(
        reply, req, "Content-Disposition",
        ak_arena_printf(req->arena, "%s; filename=\"%s-v%" PRId64 "-%s.%s\"",
                        pdf ? "attachment" : "inline", row->slug, row->version, file->language,
                        pdf ? "pdf"
                            : (ak_streq(file->media_type, "text/markdown") ? "md" : "txt")));
}

int notice_document_content_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_reader reader = reader_of(req);
    struct notice_document_row row = {0};
    struct notice_file_row file = {0};
    const char *language = NULL;
    unsigned char *bytes = NULL;
    size_t size = 0;
    int rc = language_of(req, &language, err);

    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc
                : notice_document_store_load(tx, req->arena, &reader, req->params[0], &row, err);
    rc = rc < 0 || !reader.project_id ? rc : check_place(req, tx, &row, err);
    rc = rc < 0 ? rc : notice_file_store_load(tx, req->arena, row.id, language, &file, err);
    if (rc < 0) {
        return rc;
    }
    bytes = ak_base64_decode(file.data, strlen(file.data), &size);
    if (!bytes) {
        return ak_fail_detail(err, AK_INTERNAL, "the file of document %s is damaged", row.id);
    }
    ak_buf_add(&reply->body, bytes, size);
    free(bytes);
    content_headers(req, reply, &row, &file);
    return 0;
}

typedef int verb_fn(struct ak_tx *tx, struct ak_arena *arena, const char *id, struct ak_error *err);

static int change(struct ak_request *req, struct ak_reply *reply, verb_fn *verb, bool gone,
                  struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc : verb(tx, req->arena, req->params[0], err);
    rc = rc < 0 || gone ? rc : reply_document(req, tx, reply, req->params[0], err);
    reply->status = gone ? 204 : 200;
    return rc < 0 ? rc : ak_request_commit(req, tx, "document", req->params[0], NULL, NULL, err);
}

int notice_document_publish_handler(struct ak_request *req, struct ak_reply *reply,
                                    struct ak_error *err)
{
    return change(req, reply, notice_document_publish, false, err);
}

int notice_document_withdraw_handler(struct ak_request *req, struct ak_reply *reply,
                                     struct ak_error *err)
{
    return change(req, reply, notice_document_withdraw, false, err);
}

int notice_document_delete_handler(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    return change(req, reply, notice_document_delete, true, err);
}

int notice_document_acknowledge_handler(struct ak_request *req, struct ak_reply *reply,
                                        struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_reader reader = {req->principal->project_id, req->principal->class_name};
    struct notice_document_row row = {0};
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc
                : notice_document_store_load(tx, req->arena, &reader, req->params[0], &row, err);
    rc = rc < 0 || req->listener == AK_MANAGEMENT ? rc : check_place(req, tx, &row, err);
    rc = rc < 0 ? rc : notice_document_store_acknowledge(tx, row.id, req->principal, err);
    rc = rc < 0 ? rc : reply_document(req, tx, reply, row.id, err);
    return rc < 0 ? rc
                  : ak_request_commit(req, tx, "document", row.id, req->principal->project_id, NULL,
                                      err);
}
