/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of documents: versions, what a file may be, publication, and the guides that come with
 * the program.
 *
 *   draft ──publish──▶ published ──next version, withdraw──▶ superseded
 *     └──delete (gone)
 */
#include "notice/notice_document.h"

#include <strings.h>

static const struct notice_reader staff = {NULL, NULL};

int notice_document_create(struct ak_tx *tx, struct ak_arena *arena, const char *user_name,
                           struct notice_document_row *row, struct ak_error *err)
{
    char id[AK_UUID_TEXT];
    int rc = 0;

    ak_uuid_new(id);
    row->id = ak_arena_strdup(arena, id);
    row->created_by = user_name;
    rc = notice_document_store_insert(tx, arena, row, err);
    return rc < 0 ? rc : notice_document_store_load(tx, arena, &staff, row->id, row, err);
}

static bool is_html(const char *text, size_t size)
{
    static const char *const starts[] = {"<!doctype", "<html", "<?xml", "<svg",
                                         "<script",   "<head", "<body"};
    size_t at = 0;

    while (at < size && strchr(" \t\r\n", text[at]) && text[at]) {
        at++;
    }
    for (size_t i = 0; i < AK_N(starts); i++) {
        size_t len = strlen(starts[i]);

        if (size - at >= len && strncasecmp(text + at, starts[i], len) == 0) {
            return true;
        }
    }
    return false;
}

const char *notice_document_type(const void *bytes, size_t size, const char *claimed)
{
    const char *text = bytes;

    if (size >= 5 && memcmp(text, "%PDF-", 5) == 0) {
        return "application/pdf";
    }
    if (size == 0 || !ak_utf8_valid(text, size)) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x20 && !strchr("\t\r\n", text[i])) {
            return NULL;
        }
    }
    return claimed && ak_starts_with(claimed, "text/markdown") && !is_html(text, size)
               ? "text/markdown"
               : "text/plain";
}

static int load_draft(struct ak_tx *tx, struct ak_arena *arena, const char *id, const char *verb,
                      struct notice_document_row *ret, struct ak_error *err)
{
    int rc = notice_document_store_load(tx, arena, &staff, id, ret, err);

    return rc == 0 && !ak_streq(ret->state, "draft")
               ? ak_fail(err, AK_DOCUMENT_STATE, ret->slug, ret->state, verb)
               : rc;
}

int notice_document_file(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                         const char *language, const char *claimed, const void *bytes, size_t size,
                         struct ak_error *err)
{
    struct notice_document_row row = {0};
    struct notice_file_row file = {.language = language, .size = (int64_t)size};
    char hash[AK_SHA256_TEXT];
    AK_AUTO_STR data = NULL;
    int rc = 0;

    file.media_type = notice_document_type(bytes, size, claimed);
    if (!file.media_type) {
        return ak_fail(err, AK_DOCUMENT_TYPE);
    }
    ak_sha256_hex(bytes, size, hash);
    data = ak_base64(bytes, size, false);
    file.hash = hash;
    file.data = data;
    rc = load_draft(tx, arena, id, "upload", &row, err);
    rc = rc < 0 ? rc : notice_file_store_set(tx, id, &file, err);
    return rc < 0 || !ak_streq(language, "ja")
               ? rc
               : notice_document_store_describe(tx, id, file.media_type, hash, err);
}

static bool is_for(const struct notice_document_row *row, const char *class_name)
{
    const char *const *classes = row->classes.items;

    for (size_t i = 0; i < row->classes.n; i++) {
        if (ak_streq(classes[i], class_name)) {
            return true;
        }
    }
    return row->classes.n == 0;
}

/* A version that is to be acknowledged is told to whom it is for. */
static int tell(struct ak_tx *tx, struct ak_arena *arena, const struct notice_document_row *row,
                struct ak_error *err)
{
    const char *version = ak_arena_printf(arena, "%" PRId64, row->version);
    const char *key = ak_arena_printf(arena, "document:%s", row->id);
    const char *const ja[] = {row->title_ja, version, NULL};
    const char *const en[] = {row->title_en, version, NULL};
    const struct notice_recipient_row *to = NULL;
    struct ak_list list = {0};
    int rc = row->needs_ack ? notice_customers(tx, arena, NULL, &list, err) : 0;

    to = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (is_for(row, to[i].class_name)) {
            rc = notice_mail_contract(tx, arena, to[i].contract_id, "document_published", key,
                                      "document", row->id, ja, en, err);
        }
    }
    return rc;
}

int notice_document_waiting(struct ak_tx *tx, struct ak_arena *arena,
                            const struct notice_document_row *row, const struct ak_list *acks,
                            struct ak_list *ret, struct ak_error *err)
{
    const struct notice_document_ack_row *ack = acks->items;
    struct notice_recipient_row *to = NULL;
    bool wanted = row->needs_ack && ak_streq(row->state, "published");
    int rc = wanted ? notice_customers(tx, arena, NULL, ret, err) : 0;
    size_t kept = 0;

    to = ret->items;
    for (size_t i = 0; rc == 0 && i < ret->n; i++) {
        bool waits = is_for(row, to[i].class_name);

        for (size_t k = 0; waits && k < acks->n; k++) {
            waits = !ak_streq(ack[k].project_id, to[i].project_id);
        }
        if (waits) {
            to[kept++] = to[i];
        }
    }
    ret->n = kept;
    return rc;
}

int notice_document_publish(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                            struct ak_error *err)
{
    struct notice_document_row row = {0};
    struct ak_list files = {0};
    bool done = false;
    int rc = load_draft(tx, arena, id, "publish", &row, err);

    rc = rc < 0 ? rc : notice_file_store_list(tx, arena, id, &files, err);
    if (rc == 0 && files.n < 2) {
        rc = ak_fail(err, AK_DOCUMENT_INCOMPLETE, row.slug);
    }
    rc = rc < 0 ? rc : notice_document_store_publish(tx, &row, &done, err);
    if (rc == 0 && !done) {
        return ak_fail(err, AK_CHANGED_MEANWHILE);
    }
    return rc == 0 ? tell(tx, arena, &row, err) : rc;
}

int notice_document_withdraw(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                             struct ak_error *err)
{
    struct notice_document_row row = {0};
    bool done = false;
    int rc = notice_document_store_load(tx, arena, &staff, id, &row, err);

    rc = rc < 0 ? rc : notice_document_store_withdraw(tx, id, &done, err);
    return rc == 0 && !done ? ak_fail(err, AK_DOCUMENT_STATE, row.slug, row.state, "withdraw") : rc;
}

int notice_document_delete(struct ak_tx *tx, struct ak_arena *arena, const char *id,
                           struct ak_error *err)
{
    struct notice_document_row row = {0};
    bool done = false;
    int rc = load_draft(tx, arena, id, "delete", &row, err);

    rc = rc < 0 ? rc : notice_document_store_delete(tx, id, &done, err);
    return rc == 0 && !done ? ak_fail(err, AK_CHANGED_MEANWHILE) : rc;
}

/* --- The guides that come with the program ---------------------------------------------------- */

struct guide {
    char *kind, *slug, *title_ja, *title_en; /* of a line of INDEX */
    char *ja, *en;                           /* the files */
    size_t ja_size, en_size;
};

static char *word(char **rest)
{
    char *text = *rest, *end = strchr(text, '|');

    if (end) {
        *end = '\0';
    }
    *rest = end ? end + 1 : text + strlen(text);
    text += strspn(text, " \t");
    for (size_t n = strlen(text); n > 0 && strchr(" \t\r", text[n - 1]); n--) {
        text[n - 1] = '\0';
    }
    return text;
}

/* Whether the version published now holds just these files. */
static int is_published(struct ak_tx *tx, struct ak_arena *arena, const struct guide *guide,
                        bool *ret_is, struct ak_error *err)
{
    struct notice_document_row row = {0};
    struct ak_list files = {0};
    const struct notice_file_row *file = NULL;
    char ja[AK_SHA256_TEXT], en[AK_SHA256_TEXT];
    int rc = notice_document_store_published(tx, arena, guide->slug, &row, err);

    *ret_is = false;
    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        return 0;
    }
    rc = rc < 0 ? rc : notice_file_store_list(tx, arena, row.id, &files, err);
    ak_sha256_hex(guide->ja, guide->ja_size, ja);
    ak_sha256_hex(guide->en, guide->en_size, en);
    file = files.items; /* en before ja */
    *ret_is = rc == 0 && files.n == 2 && ak_streq(file[0].hash, en) && ak_streq(file[1].hash, ja);
    return rc;
}

static int put_guide(struct ak_store *store, const struct guide *guide, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct notice_document_row row = {.slug = guide->slug,
                                      .kind = guide->kind,
                                      .title_ja = guide->title_ja,
                                      .title_en = guide->title_en};
    struct ak_audit_event event = {.action = "notice.document.publish",
                                   .outcome = "success",
                                   .actor_id = "system",
                                   .object_type = "document",
                                   .listener = "cli"};
    bool there = false;
    int rc = ak_tx_write(store, &tx, err);

    rc = rc < 0 ? rc : is_published(tx, arena, guide, &there, err);
    if (rc < 0 || there) {
        return rc;
    }
    rc = notice_document_create(tx, arena, "akashi", &row, err);
    rc = rc < 0 ? rc
                : notice_document_file(tx, arena, row.id, "ja", "text/markdown", guide->ja,
                                       guide->ja_size, err);
    rc = rc < 0 ? rc
                : notice_document_file(tx, arena, row.id, "en", "text/markdown", guide->en,
                                       guide->en_size, err);
    rc = rc < 0 ? rc : notice_document_publish(tx, arena, row.id, err);
    event.object_id = row.id;
    rc = rc < 0 ? rc : ak_audit_add(tx, &event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static int load_line(struct ak_store *store, const char *dir, char *line, struct ak_error *err)
{
    struct guide guide = {0};
    AK_AUTO_STR ja_path = NULL;
    AK_AUTO_STR en_path = NULL;
    int rc = 0;

    guide.kind = word(&line);
    guide.slug = word(&line);
    guide.title_ja = word(&line);
    guide.title_en = word(&line);
    if (!*guide.title_en || strchr(guide.slug, '/')) {
        return ak_fail(err, AK_CONFIG,
                       "a line of the guides' INDEX is: kind | slug | title_ja | "
                       "title_en");
    }
    ja_path = ak_xasprintf("%s/%s.ja.md", dir, guide.slug);
    en_path = ak_xasprintf("%s/%s.en.md", dir, guide.slug);
    rc = ak_file_read(ja_path, NOTICE_FILE_MAX, &guide.ja, &guide.ja_size, err);
    rc = rc < 0 ? rc : ak_file_read(en_path, NOTICE_FILE_MAX, &guide.en, &guide.en_size, err);
    rc = rc < 0 ? rc : put_guide(store, &guide, err);
    free(guide.ja);
    free(guide.en);
    return rc;
}

int notice_guides_load(struct ak_store *store, const char *dir, struct ak_error *err)
{
    AK_AUTO_STR path = ak_xasprintf("%s/INDEX", dir);
    AK_AUTO_STR text = NULL;
    char *line = NULL, *rest = NULL;
    int rc = ak_file_read(path, 65536, &text, NULL, err);

    if (rc == -AK_NOT_FOUND) {
        ak_error_clear(err);
        ak_log(AK_INFO, "there are no guides in %s", dir);
        return 0;
    }
    for (line = rc < 0 ? NULL : strtok_r(text, "\n", &rest); rc == 0 && line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] != '#') {
            rc = load_line(store, dir, line, err);
        }
    }
    return rc;
}
