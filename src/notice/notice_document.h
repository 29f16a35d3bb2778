/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTICE_DOCUMENT_H
#define NOTICE_DOCUMENT_H
/* Documents, private to src/notice: rows, rules, statements, handlers. */
#include "notice/notice_internal.h"

enum { NOTICE_FILE_MAX = 4 << 20 };

struct notice_document_row {
    const char *id, *slug, *kind, *title_ja, *title_en, *state, *area, *media_type, *hash;
    const char *created_by, *acknowledged_name;
    bool needs_ack;
    int64_t version, created_us, published_us, superseded_us, acknowledged_us;
    struct ak_list classes; /* of const char *; none: for all */
    struct ak_given given;
};
extern const struct ak_fields notice_document_fields;

struct notice_file_row {
    const char *language, *media_type, *hash, *data; /* data: base64 */
    int64_t size;
};
extern const struct ak_fields notice_file_fields;

struct notice_document_ack_row {
    const char *project_id, *user_id, *user_name;
    int64_t at_us;
};
extern const struct ak_fields notice_document_ack_fields;

/* Whose documents: project NULL = the provider's people, who see all of them. */
struct notice_reader {
    const char *project_id, *class_name;
};

/* Rules; in the transaction given. */
int notice_document_create(struct ak_tx *tx, struct ak_arena *arena, const char *user_name,
                           struct notice_document_row *row, struct ak_error *err);
/* Puts the file of one language into a draft. The type follows from the content: PDF, or text in
 * UTF-8, which is Markdown when 'claimed' says so; HTML is kept as plain text. AK_DOCUMENT_STATE,
 * AK_DOCUMENT_TYPE. */
int notice_document_file(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         const char *language, const char *claimed, const void *bytes, size_t size,
                         struct ak_error *err);
/* Publishes a draft that has both files, in place of the version before, and mails who is to
 * acknowledge it. */
int notice_document_publish(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct ak_error *err);
/* Whom a published version waits for: structs notice_recipient_row of contracts whose customers are
 * to acknowledge it and are not among 'acks' (structs notice_document_ack_row). */
int notice_document_waiting(struct ak_tx *tx, struct ak_arena *arena,
                            const struct notice_document_row *row, const struct ak_list *acks,
                            struct ak_list *ret, struct ak_error *err);
/* Takes a published version back. */
int notice_document_withdraw(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct ak_error *err);
int notice_document_delete(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct ak_error *err);
/* The type of a content, NULL when it is none of ours. */
const char *notice_document_type(const void *bytes, size_t size, const char *claimed);

/* Statements. AK_OBJECT_NOT_FOUND. */
int notice_document_store_insert(struct ak_tx *tx, struct ak_arena *arena,
                                 struct notice_document_row *row, struct ak_error *err);
int notice_document_store_load(struct ak_tx *tx, struct ak_arena *arena,
                               const struct notice_reader *reader, const char *id,
                               struct notice_document_row *ret, struct ak_error *err);
int notice_document_store_list(struct ak_tx *tx, struct ak_arena *arena,
                               const struct notice_reader *reader, const struct ak_query *query,
                               struct ak_list *ret, struct ak_error *err);
/* AK_NOT_FOUND. */
int notice_document_store_published(struct ak_tx *tx, struct ak_arena *arena, const char *slug,
                                    struct notice_document_row *ret, struct ak_error *err);
int notice_document_store_publish(struct ak_tx *tx, const struct notice_document_row *row,
                                  bool *ret_done, struct ak_error *err);
int notice_document_store_withdraw(struct ak_tx *tx, const char *id, bool *ret_done,
                                   struct ak_error *err);
int notice_document_store_delete(struct ak_tx *tx, const char *id, bool *ret_done,
                                 struct ak_error *err);
int notice_document_store_describe(struct ak_tx *tx, const char *id, const char *media_type,
                                   const char *hash, struct ak_error *err);
int notice_document_store_acknowledge(struct ak_tx *tx, const char *id,
                                      const struct ak_principal *who, struct ak_error *err);
int notice_document_store_acks(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                               struct ak_list *ret, struct ak_error *err);
int notice_file_store_set(struct ak_tx *tx, const char *document_id,
                          const struct notice_file_row *row, struct ak_error *err);
int notice_file_store_list(struct ak_tx *tx, struct ak_arena *arena, const char *document_id,
                           struct ak_list *ret, struct ak_error *err);
int notice_file_store_load(struct ak_tx *tx, struct ak_arena *arena, const char *document_id,
                           const char *language, struct notice_file_row *ret, struct ak_error *err);

ak_handler_fn notice_document_list_handler, notice_document_show_handler,
    notice_document_create_handler, notice_document_content_handler, notice_document_upload_handler,
    notice_document_publish_handler, notice_document_withdraw_handler,
    notice_document_delete_handler, notice_document_acknowledge_handler;

#endif
