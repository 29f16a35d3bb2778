/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the image domain, asked over HTTP as clients do; run once on SQLite and once on
 * PostgreSQL. Tokens are the names of projects: alpha, beta, and admin on the management side. */
#include "image/image_internal.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/http_testing.h"
#include "identity/identity.h"
#include "image/image_sql.h"
#include "store/store_testing.h"
#include "base/test.h"

#define QEMU_IMG  "/usr/bin/qemu-img"
#define PATCH_V21 "application/openstack-images-v2.1-json-patch"
#define PATCH_V20 "application/openstack-images-v2.0-json-patch"
#define OCTETS    "application/octet-stream"

struct fixture {
    struct http_testing *http;
    char dir[64];
    const struct http_answer *a; /* the last answer */
};

static int authenticate(struct ak_request *req, const char *token,
                        const struct ak_principal **ret_principal, struct ak_error *err)
{
    struct ak_principal *p = ak_arena_new0(req->arena, struct ak_principal);

    if (!ak_streq(token, "alpha") && !ak_streq(token, "beta") && !ak_streq(token, "admin")) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    p->user_id = p->project_id = ak_arena_strdup(req->arena, token);
    p->user_name = p->project_name = p->user_id;
    *ret_principal = p;
    return 0;
}

static int authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err)
{
    (void)policy;
    (void)err;
    *ret_admin = req->principal && ak_streq(req->principal->project_id, "admin");
    return 0;
}

static int set_up(void **state)
{
    static const struct ak_domain *const domains[] = {&image_domain, NULL};
    struct ak_server_hooks hooks = {authenticate, authorise};
    struct fixture *f = ak_new(struct fixture);
    struct ak_error err = {0};

    f->http = http_testing_start(domains, hooks, store_testing_open());
    ak_str_copy(f->dir, sizeof(f->dir), "/tmp/akashi-image-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_ok(ak_config_set(f->http->config, "image_dir", f->dir, &err), &err);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_testing_close(http_testing_stop(f->http));
    (void)nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static int ask(struct fixture *f, const char *who, const char *method, const char *path,
               const char *body)
{
    f->a = http_testing_ask(f->http, AK_CUSTOMER, method, path, who, body);
    return f->a->status;
}

static int send_bytes(struct fixture *f, const char *who, const char *method, const char *path,
                      const char *type, const void *bytes, size_t size)
{
    f->a =
        http_testing_send_bytes(f->http, AK_CUSTOMER, method, path, who, NULL, type, bytes, size);
    return f->a->status;
}

static int patch(struct fixture *f, const char *who, const char *path, const char *type,
                 const char *body)
{
    return send_bytes(f, who, "PATCH", path, type, body, strlen(body));
}

static const char *text(const struct fixture *f, const char *path)
{
    return http_answer_text(f->a, path);
}

/* Creates an image of 'who'; "/image/v2/images/<id>" into 'path'. */
static void create(struct fixture *f, const char *who, const char *body, char path[80])
{
    assert_int_equal(ask(f, who, "POST", "/image/v2/images", body), 201);
    (void)snprintf(path, 80, "/image/v2/images/%s", text(f, "id"));
}

static void create_raw(struct fixture *f, const char *who, char path[80])
{
    create(f, who, "{\"name\":\"x\",\"disk_format\":\"raw\",\"container_format\":\"bare\"}", path);
}

static const char *in(char out[120], const char *path, const char *rest)
{
    (void)snprintf(out, 120, "%s%s", path, rest);
    return out;
}

static int upload(struct fixture *f, const char *who, const char *path, const void *bytes,
                  size_t size)
{
    char file[120];

    return send_bytes(f, who, "PUT", in(file, path, "/file"), OCTETS, bytes, size);
}

static const char *status_of(struct fixture *f, const char *who, const char *path)
{
    assert_int_equal(ask(f, who, "GET", path, NULL), 200);
    return text(f, "status");
}

/* Number of files in the folder of images. */
static int counted;
static int count_one(const char *path, const struct stat *st, int type)
{
    (void)path;
    (void)st;
    counted += type == FTW_F;
    return 0;
}
static int files(const struct fixture *f)
{
    counted = 0;
    assert_int_equal(ftw(f->dir, count_one, 4), 0);
    return counted;
}

static void discovery_needs_no_token(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, NULL, "GET", "/image/versions", NULL), 200);
    assert_string_equal(text(f, "versions/0/status"), "CURRENT");
    assert_non_null(strstr(text(f, "versions/0/links/0/href"), "/image/v2/"));
    assert_int_equal(ask(f, NULL, "GET", "/image/", NULL), 300);
    assert_int_equal(ask(f, NULL, "GET", "/image", NULL), 300);
    assert_int_equal(ask(f, NULL, "GET", "/image/v2/images", NULL), 401);
}

static void a_new_image_is_queued_and_shows_every_base_member(void **state)
{
    static const char *const members[] = {
        "checksum",   "container_format", "created_at", "disk_format",   "file",      "id",
        "min_disk",   "min_ram",          "name",       "os_hash_algo",  "os_hidden", "owner",
        "protected",  "schema",           "self",       "size",          "status",    "tags",
        "updated_at", "virtual_size",     "visibility", "os_hash_value", "os_distro"};
    struct fixture *f = *state;
    char path[80];

    create(f, "alpha",
           "{\"name\":\"n\",\"os_distro\":\"debian\",\"tags\":[\"a\",\"b\",\"a\"],\"min_disk\":3,"
           "\"kernel_id\":null}",
           path);
    assert_int_equal(ask(f, "alpha", "GET", path, NULL), 200);
    for (size_t i = 0; i < AK_N(members); i++) {
        assert_non_null(json_object_get(f->a->json, members[i]));
    }
    assert_int_equal(json_object_size(f->a->json), AK_N(members));
    assert_string_equal(text(f, "status"), "queued");
    assert_string_equal(text(f, "visibility"), "shared");
    assert_string_equal(text(f, "owner"), "alpha");
    assert_true(json_is_null(http_answer_at(f->a, "size")));
    assert_int_equal(json_array_size(http_answer_at(f->a, "tags")), 2);
    assert_int_equal(json_integer_value(http_answer_at(f->a, "min_disk")), 3);
}

static void a_bad_create_is_refused_by_name(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"disk_format\":\"wrong\"}", 400},
        {"{\"container_format\":\"wrong\"}", 400},
        {"{\"name\":7}", 400},
        {"{\"status\":\"active\"}", 403},
        {"{\"size\":1}", 403},
        {"{\"os_glance_x\":\"1\"}", 403},
        {"{\"prop\":7}", 400},
        {"{\"visibility\":\"public\"}", 403},
        {"{\"owner\":\"beta\"}", 403},
        {"{\"min_disk\":-1}", 400},
        {"{\"tags\":[\"\"]}", 400},
        {"{\"id\":\"no-uuid\"}", 400},
        {"[]", 400},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        assert_int_equal(ask(f, "alpha", "POST", "/image/v2/images", cases[i].body),
                         cases[i].status);
        assert_non_null(text(f, "message"));
    }
}

static void an_own_id_is_taken_once(void **state)
{
    static const char body[] = "{\"id\":\"6A84A99C-C6AB-4A37-9E04-4A5A1E7E1E1E\"}";
    struct fixture *f = *state;

    assert_int_equal(ask(f, "alpha", "POST", "/image/v2/images", body), 201);
    assert_string_equal(text(f, "id"), "6a84a99c-c6ab-4a37-9e04-4a5a1e7e1e1e");
    assert_int_equal(ask(f, "beta", "POST", "/image/v2/images", body), 409);
}

static void an_upload_becomes_active_and_comes_back_unchanged(void **state)
{
    struct fixture *f = *state;
    size_t size = 3 * 1024 * 1024 + 7;
    char *bytes = ak_xcalloc(1, size), path[80], file[120], header[64];

    memset(bytes, 'x', size);
    create_raw(f, "alpha", path);
    assert_int_equal(ask(f, "alpha", "GET", in(file, path, "/file"), NULL), 204);
    assert_int_equal(upload(f, "alpha", path, bytes, size), 204);
    assert_string_equal(status_of(f, "alpha", path), "active");
    assert_int_equal(json_integer_value(http_answer_at(f->a, "size")), size);
    assert_string_equal(text(f, "checksum"), "4d9b871b19b8e4072f366813f38c054d");
    assert_string_equal(text(f, "os_hash_algo"), "sha512");
    assert_int_equal(strlen(text(f, "os_hash_value")), 128);
    assert_int_equal(ask(f, "alpha", "GET", file, NULL), 200);
    assert_true(http_answer_header(f->a, "Content-MD5", header, sizeof(header)));
    assert_string_equal(header, "4d9b871b19b8e4072f366813f38c054d");
    assert_int_equal(strlen(f->a->body), size);
    assert_int_equal(upload(f, "alpha", path, bytes, size), 409);
    assert_int_equal(files(f), 1);
    free(bytes);
}

static void a_range_of_the_file_is_served(void **state)
{
    static const struct {
        const char *range;
        int status;
        const char *body;
    } cases[] = {
        {"Range: bytes=2-4\r\n", 206, "cde"},        {"Range: bytes=8-\r\n", 206, "ij"},
        {"Range: bytes=-3\r\n", 206, "hij"},         {"Range: bytes=8-100\r\n", 206, "ij"},
        {"Range: bytes=10-\r\n", 416, NULL},         {"Range: bytes=x\r\n", 200, "abcdefghij"},
        {"Range: lines=1-2\r\n", 200, "abcdefghij"},
    };
    struct fixture *f = *state;
    char path[80], file[120];

    create_raw(f, "alpha", path);
    assert_int_equal(upload(f, "alpha", path, "abcdefghij", 10), 204);
    for (size_t i = 0; i < AK_N(cases); i++) {
        f->a = http_testing_send(f->http, AK_CUSTOMER, "GET", in(file, path, "/file"), "alpha",
                                 cases[i].range, NULL);
        assert_int_equal(f->a->status, cases[i].status);
        if (cases[i].body) {
            assert_string_equal(f->a->body, cases[i].body);
        }
    }
}

static void an_upload_needs_formats_type_and_owner(void **state)
{
    struct fixture *f = *state;
    char path[80], file[120];

    create(f, "alpha", "{}", path);
    assert_int_equal(upload(f, "alpha", path, "x", 1), 400);
    create_raw(f, "alpha", path);
    assert_int_equal(send_bytes(f, "alpha", "PUT", in(file, path, "/file"), "text/plain", "x", 1),
                     415);
    assert_int_equal(upload(f, "beta", path, "x", 1), 404);
    assert_int_equal(upload(f, "alpha", path, "", 0), 400);
    assert_string_equal(status_of(f, "alpha", path), "killed");
    assert_int_equal(files(f), 0);
}

/* Runs qemu-img and uploads what it made as 'disk_format'. */
static int upload_made(struct fixture *f, const char *disk_format, const char *const *argv,
                       char path[80])
{
    AK_AUTO_STR file = ak_xasprintf("%s/made", f->dir);
    AK_AUTO_STR body =
        ak_xasprintf("{\"disk_format\":\"%s\",\"container_format\":\"bare\"}", disk_format);
    AK_AUTO_STR bytes = NULL;
    struct ak_error err = {0};
    size_t size = 0;

    assert_ok(ak_run(argv, NULL, NULL, &err), &err);
    assert_ok(ak_file_read(file, (size_t)64 << 20, &bytes, &size, &err), &err);
    assert_int_equal(unlink(file), 0);
    create(f, "alpha", body, path);
    return upload(f, "alpha", path, bytes, size);
}

static void hostile_and_mislabelled_content_is_refused(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR file = ak_xasprintf("%s/made", f->dir);
    const char *const good[] = {QEMU_IMG, "create", "-q", "-f", "qcow2", file, "1G", NULL};
    const char *const backed[] = {QEMU_IMG,      "create", "-q",  "-u", "-f", "qcow2", "-b",
                                  "/etc/shadow", "-F",     "raw", file, "1G", NULL};
    const char *const huge[] = {QEMU_IMG, "create", "-q", "-f", "qcow2", file, "1T", NULL};
    char path[80];

    assert_int_equal(upload_made(f, "qcow2", good, path), 204);
    assert_string_equal(status_of(f, "alpha", path), "active");
    assert_int_equal(json_integer_value(http_answer_at(f->a, "virtual_size")), 1 << 30);
    assert_int_equal(upload_made(f, "qcow2", backed, path), 400);
    assert_non_null(strstr(text(f, "message"), "backing file"));
    assert_string_equal(status_of(f, "alpha", path), "killed");
    assert_int_equal(upload_made(f, "qcow2", huge, path), 413);
    assert_int_equal(upload_made(f, "raw", good, path), 400);
    assert_non_null(strstr(text(f, "message"), "content is qcow2"));
    create(f, "alpha", "{\"disk_format\":\"qcow2\",\"container_format\":\"bare\"}", path);
    assert_int_equal(upload(f, "alpha", path, "not a qcow2", 11), 400);
    assert_int_equal(files(f), 1);
}

static void an_upload_beyond_the_quota_is_refused_before_it_is_stored(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};
    char path[80], line[120];

    assert_ok(ak_config_set(f->http->config, "image_quota", "1", &err), &err);
    create_raw(f, "alpha", path);
    (void)snprintf(line, sizeof(line), "Content-Type: %s\r\nContent-Length: 1073741825\r\n",
                   OCTETS);
    f->a = http_testing_send(f->http, AK_CUSTOMER, "PUT", in((char[120]){0}, path, "/file"),
                             "alpha", line, NULL);
    assert_int_equal(f->a->status, 413);
    assert_string_equal(status_of(f, "alpha", path), "queued");
    assert_int_equal(upload(f, "alpha", path, "x", 1), 204);
}

static void uploads_of_unknown_size_fill_the_quota_as_they_come(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO(ak_tx) tx = NULL;
    struct image_row image = {0};
    struct ak_error err = {0};
    const int64_t quota = INT64_C(1) << 30, some = INT64_C(600) << 20;
    int64_t max = 0;
    bool alive = false;
    char path[80];

    assert_ok(ak_config_set(f->http->config, "image_quota", "1", &err), &err);
    create_raw(f, "alpha", path);
    assert_ok(ak_tx_write(f->http->store, &tx, &err), &err);
    assert_ok(image_load_any(tx, arena, strrchr(path, '/') + 1, &image, &err), &err);
    assert_ok(image_upload_begin(tx, &image, "u", -1, &err), &err);
    assert_ok(image_upload_seen(tx, image.id, "u", some, &alive, &err), &err);
    assert_true(alive);
    assert_ok(image_allowance(tx, f->http->config, "alpha", -1, &max, &err), &err);
    assert_int_equal(max, quota - some);
    assert_ok(image_upload_seen(tx, image.id, "u", quota, &alive, &err), &err);
    assert_ok(image_allowance(tx, f->http->config, "alpha", 0, &max, &err), &err);
    assert_fails(image_allowance(tx, f->http->config, "alpha", -1, &max, &err), AK_IMAGE_QUOTA);
    assert_ok(image_upload_seen(tx, image.id, "u", quota + 1, &alive, &err), &err);
    assert_fails(image_allowance(tx, f->http->config, "alpha", 0, &max, &err), AK_IMAGE_QUOTA);
}

static void an_image_has_so_many_members(void **state)
{
    struct fixture *f = *state;
    char path[80], members[120], body[40];

    create(f, "alpha", "{}", path);
    (void)in(members, path, "/members");
    for (int i = 0; i <= 128; i++) {
        (void)snprintf(body, sizeof(body), "{\"member\":\"p%d\"}", i);
        assert_int_equal(ask(f, "alpha", "POST", members, body), i < 128 ? 200 : 413);
    }
}

static void only_those_who_may_see_an_image(void **state)
{
    static const struct {
        const char *visibility;
        int others; /* status of GET for another project */
        size_t listed;
    } cases[] = {
        {"private", 404, 0}, {"shared", 404, 0}, {"community", 200, 0}, {"public", 200, 1}};
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        char path[80], body[64];

        (void)snprintf(body, sizeof(body), "{\"visibility\":\"%s\"}", cases[i].visibility);
        create(f, "admin", body, path);
        assert_int_equal(ask(f, "beta", "GET", path, NULL), cases[i].others);
        assert_int_equal(ask(f, "beta", "DELETE", path, NULL), cases[i].others == 200 ? 403 : 404);
        assert_int_equal(patch(f, "beta", path, PATCH_V21, "[]"),
                         cases[i].others == 200 ? 403 : 404);
        assert_int_equal(ask(f, "beta", "GET", "/image/v2/images", NULL), 200);
        assert_int_equal(json_array_size(http_answer_at(f->a, "images")), cases[i].listed);
    }
    assert_int_equal(ask(f, "beta", "GET", "/image/v2/images?visibility=community", NULL), 200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "images")), 1);
    assert_int_equal(ask(f, "admin", "GET", "/image/v2/images", NULL), 200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "images")), 4);
}

static void a_patch_changes_members_and_properties(void **state)
{
    struct fixture *f = *state;
    char path[80];

    create(f, "alpha", "{\"name\":\"old\",\"gone\":\"1\",\"a/b\":\"c\"}", path);
    assert_int_equal(patch(f, "alpha", path, PATCH_V21,
                           "[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"new\"},"
                           "{\"op\":\"add\",\"path\":\"/colour\",\"value\":\"青\"},"
                           "{\"op\":\"remove\",\"path\":\"/gone\"},"
                           "{\"op\":\"replace\",\"path\":\"/a~1b\",\"value\":\"d\"},"
                           "{\"op\":\"replace\",\"path\":\"/tags\",\"value\":[\"t\"]},"
                           "{\"op\":\"replace\",\"path\":\"/protected\",\"value\":true}]"),
                     200);
    assert_string_equal(text(f, "name"), "new");
    assert_int_equal(ask(f, "alpha", "GET", path, NULL), 200);
    assert_string_equal(text(f, "name"), "new");
    assert_string_equal(text(f, "colour"), "青");
    assert_null(http_answer_at(f->a, "gone"));
    assert_string_equal(json_string_value(json_object_get(f->a->json, "a/b")), "d");
    assert_string_equal(text(f, "tags/0"), "t");
    assert_int_equal(
        patch(f, "alpha", path, PATCH_V20, "[{\"replace\":\"/name\",\"value\":\"v20\"}]"), 200);
    assert_string_equal(text(f, "name"), "v20");
    assert_int_equal(ask(f, "alpha", "DELETE", path, NULL), 403); /* protected */
}

static void a_bad_patch_changes_nothing(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{}", 400},
        {"[7]", 400},
        {"[{\"op\":\"move\",\"path\":\"/name\",\"value\":\"x\"}]", 400},
        {"[{\"op\":\"replace\",\"path\":\"name\",\"value\":\"x\"}]", 400},
        {"[{\"op\":\"replace\",\"path\":\"/a/b\",\"value\":\"x\"}]", 400},
        {"[{\"op\":\"replace\",\"path\":\"/name\"}]", 400},
        {"[{\"op\":\"replace\",\"path\":\"/name\",\"value\":5}]", 400},
        {"[{\"op\":\"replace\",\"path\":\"/missing\",\"value\":\"x\"}]", 409},
        {"[{\"op\":\"remove\",\"path\":\"/missing\"}]", 409},
        {"[{\"op\":\"remove\",\"path\":\"/name\"}]", 403},
        {"[{\"op\":\"replace\",\"path\":\"/id\",\"value\":\"x\"}]", 403},
        {"[{\"op\":\"add\",\"path\":\"/status\",\"value\":\"active\"}]", 403},
        {"[{\"op\":\"add\",\"path\":\"/os_glance_x\",\"value\":\"1\"}]", 403},
        {"[{\"op\":\"replace\",\"path\":\"/visibility\",\"value\":\"public\"}]", 403},
        {"[{\"op\":\"replace\",\"path\":\"/owner\",\"value\":\"beta\"}]", 403},
        {"[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"y\"},{\"op\":\"remove\",\"path\":\"/"
         "q\"}]",
         409},
    };
    struct fixture *f = *state;
    char path[80];

    create_raw(f, "alpha", path);
    for (size_t i = 0; i < AK_N(cases); i++) {
        assert_int_equal(patch(f, "alpha", path, PATCH_V21, cases[i].body), cases[i].status);
    }
    assert_int_equal(patch(f, "alpha", path, "application/json", "[]"), 415);
    assert_int_equal(upload(f, "alpha", path, "x", 1), 204);
    assert_int_equal(patch(f, "alpha", path, PATCH_V21,
                           "[{\"op\":\"replace\",\"path\":\"/disk_format\",\"value\":\"iso\"}]"),
                     403);
    assert_int_equal(ask(f, "alpha", "GET", path, NULL), 200);
    assert_string_equal(text(f, "name"), "x");
}

static void tags_are_added_once_and_removed(void **state)
{
    struct fixture *f = *state;
    char path[80], tag[120];

    create(f, "alpha", "{}", path);
    assert_int_equal(ask(f, "alpha", "PUT", in(tag, path, "/tags/%E9%9D%92"), NULL), 204);
    assert_int_equal(ask(f, "alpha", "PUT", tag, NULL), 204);
    assert_int_equal(ask(f, "alpha", "GET", path, NULL), 200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "tags")), 1);
    assert_string_equal(text(f, "tags/0"), "青");
    assert_int_equal(ask(f, "alpha", "DELETE", tag, NULL), 204);
    assert_int_equal(ask(f, "alpha", "DELETE", tag, NULL), 404);
}

static void lists_are_filtered_sorted_and_paged(void **state)
{
    static const struct {
        const char *query;
        const char *names;
    } cases[] = {
        {"name=b", "b"},
        {"name=in:a,c&sort=name:asc", "ac"},
        {"tag=t1&sort=name:asc", "ab"},
        {"tag=t1&tag=t2", "b"},
        {"os_distro=debian", "a"},
        {"os_distro=deb", ""},
        {"version=12", "b"},
        {"disk_format=raw", "a"},
        {"status=active", "a"},
        {"size_min=2&size_max=5", "a"},
        {"size=3", "a"},
        {"size_min=4", ""},
        {"protected=true", "c"},
        {"os_hidden=true", "h"},
        {"owner=alpha&sort_key=name&sort_dir=desc", "cba"},
        {"visibility=private", ""},
        {"created_at=gt:2000-01-01T00:00:00Z&sort=name", "cba"},
        {"limit=2&sort=name:asc", "ab"},
    };
    static const char *const bodies[] = {
        ("{\"name\":\"a\",\"tags\":[\"t1\"],\"os_distro\":\"debian\",\"disk_format\":\"raw\","
         "\"container_format\":\"bare\"}"),
        "{\"name\":\"b\",\"tags\":[\"t1\",\"t2\"],\"version\":\"12\"}",
        "{\"name\":\"c\",\"protected\":true}",
        "{\"name\":\"h\",\"os_hidden\":true}",
    };
    struct fixture *f = *state;
    char path[80], next[200];

    for (size_t i = 0; i < AK_N(bodies); i++) {
        create(f, "alpha", bodies[i], path);
        if (i == 0) {
            assert_int_equal(upload(f, "alpha", path, "abc", 3), 204);
        }
    }
    for (size_t i = 0; i < AK_N(cases); i++) {
        char url[160], names[16] = "";
        size_t n = 0;

        (void)snprintf(url, sizeof(url), "/image/v2/images?%s", cases[i].query);
        assert_int_equal(ask(f, "alpha", "GET", url, NULL), 200);
        for (; n < json_array_size(http_answer_at(f->a, "images")); n++) {
            char at[24];

            (void)snprintf(at, sizeof(at), "images/%zu/name", n);
            names[n] = text(f, at)[0];
        }
        assert_string_equal(names, cases[i].names);
    }
    assert_string_equal(text(f, "schema"), "/v2/schemas/images");
    assert_string_equal(text(f, "first"), "/v2/images?limit=2&sort=name%3Aasc");
    (void)snprintf(next, sizeof(next), "/image%s", text(f, "next"));
    assert_int_equal(ask(f, "alpha", "GET", next, NULL), 200);
    assert_string_equal(text(f, "images/0/name"), "c");
    assert_null(text(f, "next"));
    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/images?sort=nonsense", NULL), 400);
    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/images?visibility=x", NULL), 400);
    assert_int_equal(ask(f, "alpha", "GET",
                         "/image/v2/images?marker=6a84a99c-c6ab-4a37-9e04-4a5a1e7e1e1e", NULL),
                     400);
}

static void a_shared_image_is_listed_once_accepted(void **state)
{
    struct fixture *f = *state;
    char path[80], members[120], beta[120];

    create(f, "alpha", "{}", path);
    (void)in(members, path, "/members");
    (void)in(beta, path, "/members/beta");
    assert_int_equal(ask(f, "beta", "GET", members, NULL), 404);
    assert_int_equal(ask(f, "alpha", "POST", members, "{\"member\":\"beta\"}"), 200);
    assert_string_equal(text(f, "status"), "pending");
    assert_string_equal(text(f, "schema"), "/v2/schemas/member");
    assert_int_equal(ask(f, "alpha", "POST", members, "{\"member\":\"beta\"}"), 409);
    assert_int_equal(ask(f, "beta", "GET", path, NULL), 200);
    assert_int_equal(ask(f, "beta", "GET", "/image/v2/images", NULL), 200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "images")), 0);
    assert_int_equal(
        ask(f, "beta", "GET", "/image/v2/images?visibility=shared&member_status=pending", NULL),
        200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "images")), 1);
    assert_int_equal(ask(f, "alpha", "PUT", beta, "{\"status\":\"accepted\"}"), 403);
    assert_int_equal(ask(f, "beta", "PUT", beta, "{\"status\":\"maybe\"}"), 400);
    assert_int_equal(ask(f, "beta", "PUT", beta, "{\"status\":\"accepted\"}"), 200);
    assert_int_equal(ask(f, "beta", "GET", "/image/v2/images", NULL), 200);
    assert_int_equal(json_array_size(http_answer_at(f->a, "images")), 1);
    assert_int_equal(ask(f, "beta", "POST", members, "{\"member\":\"gamma\"}"), 403);
    assert_int_equal(ask(f, "beta", "DELETE", beta, NULL), 403);
    assert_int_equal(ask(f, "alpha", "GET", members, NULL), 200);
    assert_string_equal(text(f, "members/0/member_id"), "beta");
    assert_int_equal(ask(f, "alpha", "DELETE", beta, NULL), 204);
    assert_int_equal(ask(f, "beta", "GET", path, NULL), 404);
}

static void a_deactivated_image_is_not_downloaded(void **state)
{
    struct fixture *f = *state;
    char path[80], action[120], undo[120], file[120];

    create_raw(f, "alpha", path);
    (void)in(file, path, "/file");
    assert_int_equal(ask(f, "admin", "POST", in(action, path, "/actions/deactivate"), NULL), 403);
    assert_int_equal(upload(f, "alpha", path, "x", 1), 204);
    assert_int_equal(ask(f, "beta", "POST", action, NULL), 404);
    assert_int_equal(ask(f, "alpha", "POST", action, NULL), 204);
    assert_int_equal(ask(f, "alpha", "POST", in(undo, path, "/actions/reactivate"), NULL), 204);
    assert_int_equal(ask(f, "admin", "POST", action, NULL), 204);
    assert_string_equal(status_of(f, "alpha", path), "deactivated");
    assert_int_equal(ask(f, "alpha", "GET", file, NULL), 403);
    assert_int_equal(ask(f, "alpha", "POST", undo, NULL), 403); /* the provider's word stands */
    assert_int_equal(ask(f, "admin", "POST", undo, NULL), 204);
    assert_int_equal(ask(f, "alpha", "GET", file, NULL), 200);
}

static void schemas_are_served(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/schemas/image", NULL), 200);
    assert_string_equal(text(f, "name"), "image");
    assert_string_equal(text(f, "properties/id/type"), "string");
    assert_string_equal(text(f, "properties/size/type/1"), "integer");
    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/schemas/images", NULL), 200);
    assert_string_equal(text(f, "name"), "images");
    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/schemas/nothing", NULL), 404);
    assert_int_equal(ask(f, "alpha", "GET", "/image/v2/info/import", NULL), 200);
}

/* A run of the worker's part, outside of the worker. */
static struct ak_job_run run_of(struct fixture *f, struct ak_arena *arena,
                                struct ak_engines *engines, const char *id)
{
    return (struct ak_job_run){.object_id = id,
                               .arena = arena,
                               .store = f->http->store,
                               .engines = engines,
                               .config = f->http->config};
}

static void a_deleted_image_loses_file_base_and_row(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_error err = {0};
    struct ak_engines engines = {0};
    char path[80];
    const char *id = path + strlen("/image/v2/images/");
    struct ak_job_run run = run_of(f, arena, &engines, id);
    struct image_row image;

    assert_ok(ak_simulated_pool_open(NULL, &engines.pool, &err), &err);
    create_raw(f, "alpha", path);
    assert_fails(image_base_ensure(&run, id, &err), AK_IMAGE_STATE);
    assert_int_equal(upload(f, "alpha", path, "abc", 3), 204);
    assert_ok(image_base_ensure(&run, id, &err), &err);
    assert_ok(image_base_ensure(&run, id, &err), &err);
    assert_ok(engines.pool->ops->overlay_create(engines.pool, "v1", id, 1 << 20, &err), &err);
    assert_int_equal(ask(f, "alpha", "DELETE", path, NULL), 204);
    assert_int_equal(ask(f, "alpha", "GET", path, NULL), 404);
    assert_int_equal(ask(f, "alpha", "DELETE", path, NULL), 404);
    assert_fails(image_base_ensure(&run, id, &err), AK_IMAGE_STATE);
    assert_ok(image_delete_kind.steps[0].run(&run, &err), &err);
    assert_int_equal(files(f), 0);
    { /* a server still runs on the base */
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_read(f->http->store, &tx, &err), &err);
        assert_ok(image_load_any(tx, arena, id, &image, &err), &err);
        assert_string_equal(image.status, "deleted");
    }
    assert_ok(engines.pool->ops->volume_remove(engines.pool, "v1", &err), &err);
    assert_ok(image_schedules[0]->run(&run, &err), &err);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_read(f->http->store, &tx, &err), &err);
        assert_fails(image_load_any(tx, arena, id, &image, &err), AK_OBJECT_NOT_FOUND);
    }
    engines.pool->ops->free(engines.pool);
}

static void an_upload_whose_process_died_is_taken_back(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_error err = {0};
    struct ak_job_run run = run_of(f, arena, NULL, NULL);
    struct image_row image;
    char path[80];
    const char *part;

    create_raw(f, "alpha", path);
    {
        AK_AUTO(ak_tx) tx = NULL;

        assert_ok(ak_tx_write(f->http->store, &tx, &err), &err);
        assert_ok(image_load_any(tx, arena, path + strlen("/image/v2/images/"), &image, &err),
                  &err);
        assert_ok(image_upload_begin(tx, &image, "u1", 5, &err), &err);
        assert_ok(ak_tx_commit(tx, &err), &err);
    }
    part = image_part_path(f->http->config, arena, image.id, "u1");
    assert_ok(ak_file_write(part, "x", 1, 0600, &err), &err);
    assert_ok(image_schedules[1]->run(&run, &err), &err);
    assert_string_equal(status_of(f, "alpha", path), "saving"); /* it may live yet */
    ak_time_shift(10 * AK_MIN);
    assert_ok(image_schedules[1]->run(&run, &err), &err);
    ak_time_shift(0);
    assert_string_equal(status_of(f, "alpha", path), "queued");
    assert_int_equal(files(f), 0);
    assert_int_equal(upload(f, "alpha", path, "x", 1), 204);
}

static void a_part_that_belongs_to_no_upload_is_swept(void **state)
{
    struct fixture *f = *state;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    AK_AUTO_STR orphan = ak_xasprintf("%s/6a84a99c-c6ab-4a37-9e04-4a5a1e7e1e1e.part-u1", f->dir);
    AK_AUTO_STR other = ak_xasprintf("%s/not-ours", f->dir);
    struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct ak_job_run run = run_of(f, arena, NULL, NULL);
    struct ak_error err = {0};

    assert_ok(ak_file_write(orphan, "x", 1, 0600, &err), &err);
    assert_ok(ak_file_write(other, "x", 1, 0600, &err), &err);
    assert_ok(image_schedules[0]->run(&run, &err), &err);
    assert_int_equal(files(f), 2); /* too young to tell */
    assert_int_equal(utimensat(AT_FDCWD, orphan, long_ago, 0), 0);
    assert_ok(image_schedules[0]->run(&run, &err), &err);
    assert_int_equal(files(f), 1);
}

/* A stream that fails after some bytes. */
static int64_t broken_read(void *data, void *buf, size_t size, struct ak_error *err)
{
    int *left = data;

    if (--*left < 0) {
        return ak_fail(err, AK_BAD_REQUEST, "the body ended early");
    }
    memset(buf, 'y', size);
    return (int64_t)size;
}

static void a_stream_that_breaks_off_or_is_too_long_leaves_no_file(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR path = ak_xasprintf("%s/copy", f->dir);
    int left = 20;
    struct image_copy copy = {.read = broken_read, .data = &left, .max = (int64_t)1 << 40};
    struct image_digest digest;
    struct ak_error err = {0};

    assert_fails(image_copy_run(&copy, path, &digest, &err), AK_BAD_REQUEST);
    left = 20;
    copy.max = 1000;
    assert_fails(image_copy_run(&copy, path, &digest, &err), AK_IMAGE_TOO_LARGE);
    assert_int_equal(files(f), 0);
    copy.max = (int64_t)1 << 40;
    assert_fails(image_copy_run(&copy, "/dev/full/x", &digest, &err), AK_IO);
}

static void an_operators_import_is_done_once_per_name(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR file = ak_xasprintf("%s.src", f->dir);
    struct ak_error err = {0};
    char id[AK_UUID_TEXT], again[AK_UUID_TEXT], path[80];

    assert_ok(identity_bootstrap(f->http->store, "a-Long-enough-passw0rd", &err), &err);
    assert_ok(ak_file_write(file, "a raw disk", 10, 0600, &err), &err);
    assert_ok(image_file_import(f->http->store, f->http->config, file, "disk", "raw", id, &err),
              &err);
    assert_ok(image_file_import(f->http->store, f->http->config, file, "disk", "raw", again, &err),
              &err);
    assert_string_equal(id, again);
    (void)snprintf(path, sizeof(path), "/image/v2/images/%s", id);
    assert_string_equal(status_of(f, "beta", path), "active");
    assert_string_equal(text(f, "visibility"), "public");
    assert_fails(
        image_file_import(f->http->store, f->http->config, file, "other", "qcow2", id, &err),
        AK_IMAGE_FORMAT);
    assert_int_equal(files(f), 1);
    assert_int_equal(unlink(file), 0);
}

static void every_statement_prepares(void **state)
{
    struct fixture *f = *state;
    struct ak_error err = {0};

    assert_ok(ak_sql_prepare_all(f->http->store, image_sql_all, &err), &err);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(discovery_needs_no_token),
        T(a_new_image_is_queued_and_shows_every_base_member),
        T(a_bad_create_is_refused_by_name),
        T(an_own_id_is_taken_once),
        T(an_upload_becomes_active_and_comes_back_unchanged),
        T(a_range_of_the_file_is_served),
        T(an_upload_needs_formats_type_and_owner),
        T(hostile_and_mislabelled_content_is_refused),
        T(an_upload_beyond_the_quota_is_refused_before_it_is_stored),
        T(uploads_of_unknown_size_fill_the_quota_as_they_come),
        T(an_image_has_so_many_members),
        T(only_those_who_may_see_an_image),
        T(a_patch_changes_members_and_properties),
        T(a_bad_patch_changes_nothing),
        T(tags_are_added_once_and_removed),
        T(lists_are_filtered_sorted_and_paged),
        T(a_shared_image_is_listed_once_accepted),
        T(a_deactivated_image_is_not_downloaded),
        T(schemas_are_served),
        T(a_deleted_image_loses_file_base_and_row),
        T(an_upload_whose_process_died_is_taken_back),
        T(a_part_that_belongs_to_no_upload_is_swept),
        T(a_stream_that_breaks_off_or_is_too_long_leaves_no_file),
        T(an_operators_import_is_done_once_per_name),
        T(every_statement_prepares),
    };

    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
