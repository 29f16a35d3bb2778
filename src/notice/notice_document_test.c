/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, on both databases: what a file may be, versions, who sees and acknowledges them. */
#include "notice/notice_document.h"

#include <stdio.h>

#include "notice/notice_testing.h"

extern const struct ak_sql *const notice_document_sql_all[]; /* generated */

#define HEAD "/service/v1/documents"

/* A draft with both files; 'more' are members. Its path. */
static void draft(struct fixture *f, const char *slug, const char *more, char path[128])
{
    AK_AUTO_STR body = ak_xasprintf("{\"document\":{\"slug\":\"%s\",\"kind\":\"terms\","
                                    "\"title_ja\":\"規約\",\"title_en\":\"Terms\"%s}}",
                                    slug, more);
    const struct http_answer *a = notice_test_ask(f, "POST", HEAD, body);

    assert_int_equal(a->status, 201);
    (void)snprintf(path, 128, HEAD "/%s", http_answer_text(a, "document/id"));
}

static int put(struct fixture *f, const char *path, const char *lang, const char *type,
               const char *bytes)
{
    char full[192];

    (void)snprintf(full, sizeof(full), "%s/content?lang=%s", path, lang);
    return http_testing_send_bytes(f->t, AK_MANAGEMENT, "PUT", full, f->admin, NULL, type, bytes,
                                   strlen(bytes))
        ->status;
}

static int act(struct fixture *f, const char *path, const char *verb)
{
    char full[192];

    (void)snprintf(full, sizeof(full), "%s/%s", path, verb);
    return notice_test_ask(f, "POST", full, NULL)->status;
}

static void publish(struct fixture *f, const char *slug, const char *more, char path[128])
{
    draft(f, slug, more, path);
    assert_int_equal(put(f, path, "ja", "text/markdown", "# 規約"), 200);
    assert_int_equal(put(f, path, "en", "text/markdown", "# Terms"), 200);
    assert_int_equal(act(f, path, "publish"), 200);
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;

    assert_ok(ak_sql_prepare_all(f->t->store, notice_document_sql_all, &f->err), &f->err);
}

static void types_follow_the_content(void **state)
{
    static const struct {
        const char *bytes, *claimed, *type;
    } rows[] = {
        {"%PDF-1.7 x", "text/plain", "application/pdf"},
        {"# x", "text/markdown", "text/markdown"},
        {"# x", "text/html", "text/plain"},
        {"  <!DOCTYPE html><script>", "text/markdown", "text/plain"},
        {"<svg onload=x>", "text/markdown", "text/plain"},
        {"\x89PNG", "application/pdf", NULL},
        {"a\x01", "text/plain", NULL},
        {"", "text/plain", NULL},
    };

    (void)state;
    for (size_t i = 0; i < AK_N(rows); i++) {
        const char *type =
            notice_document_type(rows[i].bytes, strlen(rows[i].bytes), rows[i].claimed);

        assert_true(ak_streq(type, rows[i].type));
    }
}

static void new_version_takes_the_place_of_the_one_before(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char first[128], second[128];

    publish(f, "terms", "", first);
    draft(f, "terms", "", second);
    assert_int_equal(act(f, second, "publish"), 409); /* no files yet */
    a = notice_test_customer(f, f->user, "GET", HEAD, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "documents")), 1);
    assert_int_equal(json_integer_value(http_answer_at(a, "documents/0/version")), 1);
    assert_int_equal(put(f, second, "ja", "text/plain", "x"), 200);
    assert_int_equal(put(f, second, "en", "text/plain", "x"), 200);
    assert_int_equal(act(f, second, "publish"), 200);
    assert_int_equal(notice_test_customer(f, f->user, "GET", first, NULL)->status, 404);
    assert_string_equal(http_answer_text(notice_test_ask(f, "GET", first, NULL), "document/state"),
                        "superseded");
    assert_int_equal(put(f, second, "ja", "text/plain", "y"), 409); /* what is published stays */
    assert_int_equal(notice_test_ask(f, "DELETE", second, NULL)->status, 409);
    assert_int_equal(act(f, second, "withdraw"), 200);
    assert_int_equal(notice_test_customer(f, f->user, "GET", second, NULL)->status, 404);
}

static void documents_are_for_their_classes(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    AK_AUTO(ak_tx) tx = NULL;
    char path[128], full[192];

    publish(f, "for-tic", ",\"classes\":[\"tic\"],\"needs_ack\":true", path);
    assert_int_equal(notice_test_customer(f, f->user, "GET", path, NULL)->status, 404);
    assert_ok(ak_tx_write(f->t->store, &tx, &f->err), &f->err);
    assert_ok(service_class_apply(tx, f->alpha, "tic", 1, &f->err), &f->err);
    assert_ok(service_class_apply(tx, f->beta, "zep-c1", 1, &f->err), &f->err);
    assert_ok(ak_tx_commit(tx, &f->err), &f->err);
    ak_tx_free(AK_TAKE(tx));
    assert_int_equal(notice_test_customer(f, f->user, "GET", path, NULL)->status, 200);
    assert_int_equal(notice_test_customer(f, f->other, "GET", path, NULL)->status, 404);
    (void)snprintf(full, sizeof(full), "%s/acknowledge", path);
    assert_int_equal(notice_test_customer(f, f->other, "POST", full, NULL)->status, 404);
    a = notice_test_customer(f, f->user, "POST", full, NULL);
    assert_string_equal(http_answer_text(a, "document/acknowledged_name"), "alpha");
    a = notice_test_ask(f, "GET", path, NULL);
    assert_int_equal(json_array_size(http_answer_at(a, "document/acknowledgements")), 1);
}

static void content_is_never_active(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128], full[192], value[256];

    draft(f, "x", "", path);
    assert_int_equal(put(f, path, "ja", "text/html", "<html><script>alert(1)</script>"), 200);
    assert_int_equal(put(f, path, "en", "application/pdf", "%PDF-1.7 x"), 200);
    assert_int_equal(put(f, path, "en", "application/pdf", "\xff\xfe"), 400);
    assert_int_equal(put(f, path, "fr", "application/pdf", "%PDF-1.7 x"), 400);
    assert_int_equal(act(f, path, "publish"), 200);
    (void)snprintf(full, sizeof(full), "%s/content?lang=ja", path);
    a = notice_test_customer(f, f->user, "GET", full, NULL);
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "<html><script>alert(1)</script>");
    assert_true(http_answer_header(a, "Content-Type", value, sizeof(value)));
    assert_string_equal(value, "text/plain; charset=utf-8");
    assert_true(http_answer_header(a, "Repr-Digest", value, sizeof(value)));
    (void)snprintf(full, sizeof(full), "%s/content?lang=en", path);
    a = notice_test_customer(f, f->user, "GET", full, NULL);
    assert_true(http_answer_header(a, "Content-Disposition", value, sizeof(value)));
    assert_true(ak_starts_with(value, "attachment;"));
}

static void area_is_asked(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;
    char path[128], full[192];

    publish(f, "inside", ",\"area\":\"office\"", path);
    (void)snprintf(full, sizeof(full), "%s/content", path);
    a = notice_test_customer(f, f->user, "GET", full, NULL);
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(a->body, "document-area"));
    assert_int_equal(notice_test_ask(f, "GET", full, NULL)->status, 200);
}

static void guides_are_published_once(void **state)
{
    struct fixture *f = *state;
    const struct http_answer *a = NULL;

    for (int i = 0; i < 2; i++) {
        assert_ok(notice_guides_load(f->t->store, AK_GUIDES, &f->err), &f->err);
    }
    a = notice_test_customer(f, f->user, "GET", HEAD "?kind=guide", NULL);
    assert_in_range(json_array_size(http_answer_at(a, "documents")), 4, 20);
    assert_int_equal(notice_test_count(f, "SELECT count(*) FROM notice_document WHERE version > 1"),
                     0);
    assert_ok(notice_guides_load(f->t->store, "/nowhere", &f->err), &f->err);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_statement_prepares),
        cmocka_unit_test(types_follow_the_content),
        TEST(new_version_takes_the_place_of_the_one_before),
        TEST(documents_are_for_their_classes),
        TEST(content_is_never_active),
        TEST(area_is_asked),
        TEST(guides_are_published_once),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
