/* SPDX-License-Identifier: Apache-2.0 */
/* The file of an image: upload and download, both streamed.
 *
 * An upload is a row in state saving with a secret id of its own, and a file <id>.part-<upload id>.
 * It gives a sign of life now and then; when its process dies, image_jobs.c takes both back. The
 * content is inspected before anybody can use it; only then the file gets its name, and the image
 * becomes active in the transaction of the audit event. */
#include "image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/access.h"

struct upload {
    struct ak_request *req;
    struct image_row image;
    const char *part;
    int64_t announced; /* Content-Length, -1 = unknown */
    int64_t received;
};

static int check_type(const struct ak_request *req, struct ak_error *err)
{
    const char *type = ak_request_header(req, "Content-Type");

    if (type && ak_starts_with(type, "application/octet-stream")) {
        return 0;
    }
    return ak_fail(err, AK_UNSUPPORTED_MEDIA_TYPE, type ? type : "", "application/octet-stream");
}

/* queued -> saving, in a transaction of its own. */
static int begin(struct upload *u, int64_t *ret_max, struct ak_error *err)
{
    struct ak_request *req = u->req;
    struct image_who who = image_who_of(req);
    struct image_row *image = &u->image;
    char upload_id[AK_UUID_TEXT];
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(req->store, &tx, err);

    if (rc == 0) {
        rc = image_load_own(tx, req->arena, req->params[0], &who, "image:image:upload", image, err);
    }
    if (rc == 0 && !ak_streq(image->status, IMAGE_QUEUED)) {
        rc = ak_fail(err, AK_IMAGE_STATE, image->id, image->status, IMAGE_QUEUED);
    }
    if (rc == 0 && (!image->disk_format || !image->container_format)) {
        rc = ak_fail(err, AK_IMAGE_FORMAT_UNSET);
    }
    if (rc == 0) {
        rc = image_allowance(tx, req->config, image->owner, u->announced, ret_max, err);
    }
    ak_uuid_new(upload_id);
    image->upload_id = ak_arena_strdup(req->arena, upload_id);
    if (rc == 0) {
        rc = image_upload_begin(tx, image, upload_id, u->announced, err);
    }
    return rc == 0 ? ak_tx_commit(tx, err) : rc;
}

static int64_t read_body(void *data, void *buf, size_t size, struct ak_error *err)
{
    struct upload *u = data;
    int64_t got = ak_request_read(u->req, buf, size, err);

    u->received += got > 0 ? got : 0;
    return got;
}

/* Asked now and then. Uploads that did not announce their size fill the quota as they come, so that
 * several at once do not each get what is left. */
static int still_wanted(void *data, struct ak_error *err)
{
    struct upload *u = data;
    struct ak_error own = {0};
    AK_AUTO(ak_tx) tx = NULL;
    bool alive = true;
    int64_t max = 0;
    int rc = ak_tx_write(u->req->store, &tx, &own);

    rc = rc == 0 ? image_upload_seen(tx, u->image.id, u->image.upload_id, u->received, &alive, &own)
                 : rc;
    rc = rc == 0 && u->announced < 0
             ? image_allowance(tx, u->req->config, u->image.owner, 0, &max, &own)
             : rc;
    if (rc == -AK_IMAGE_QUOTA) {
        *err = own;
        return rc;
    }
    rc = rc == 0 ? ak_tx_commit(tx, &own) : rc;
    /* a busy database is no reason to break off */
    return rc < 0 || alive ? 0 : ak_fail(err, AK_IMAGE_GONE, u->image.id);
}

static int receive(struct upload *u, int64_t max, struct ak_error *err)
{
    struct ak_request *req = u->req;
    struct image_copy copy = {.read = read_body, .alive = still_wanted, .data = u, .max = max};
    struct image_digest digest;
    int rc = image_copy_run(&copy, u->part, &digest, err);

    if (rc == 0) {
        u->image.size = digest.size;
        u->image.checksum = ak_arena_strdup(req->arena, digest.md5);
        u->image.os_hash_value = ak_arena_strdup(req->arena, digest.sha512);
        rc = image_content_check(req->config, u->part, &u->image, err);
    }
    return rc;
}

/* The file gets its name, then the row tells of it. */
static int finish(struct upload *u, struct ak_error *err)
{
    struct ak_request *req = u->req;
    const char *path = image_path(req->config, req->arena, u->image.id);
    AK_AUTO(ak_tx) tx = NULL;
    int64_t max;
    int rc = 0;

    if (rename(u->part, path) != 0) { /* the image was deleted, and its files with it */
        return errno == ENOENT ? ak_fail(err, AK_IMAGE_GONE, u->image.id)
                               : ak_fail_errno(err, errno, "rename %s", u->part);
    }
    rc = ak_fsync_dir_of(path, err);
    if (rc == 0) {
        rc = ak_request_begin(req, &tx, err);
    }
    if (rc == 0) {
        rc = image_upload_done(tx, &u->image, err);
    }
    if (rc == 0 && u->announced < 0) { /* nobody could know its size before */
        rc = image_allowance(tx, req->config, u->image.owner, 0, &max, err);
    }
    return rc == 0 ? ak_request_commit(req, tx, "image", u->image.id, u->image.owner, NULL, err)
                   : rc;
}

/* Content that no second attempt would make acceptable kills the image. */
static bool hostile(int rc)
{
    return rc == -AK_IMAGE_EXTERNAL || rc == -AK_IMAGE_ENCRYPTED || rc == -AK_IMAGE_CORRUPT ||
           rc == -AK_IMAGE_FORMAT || rc == -AK_IMAGE_VIRTUAL_SIZE;
}

/* Takes the file of a finished upload away, unless the row tells of it: a commit whose answer was
 * lost may have happened. 'was_saving' = it did not, and the row is held by 'tx'. */
static int remove_unless_active(struct upload *u, struct ak_tx *tx, bool was_saving,
                                struct ak_error *err)
{
    struct image_row row = {0};
    int rc = was_saving ? 0 : image_load_any(tx, u->req->arena, u->image.id, &row, err);

    if (was_saving || rc == -AK_OBJECT_NOT_FOUND ||
        (rc == 0 && ak_streq(row.status, IMAGE_DELETED))) {
        (void)unlink(image_path(u->req->config, u->req->arena, u->image.id));
        ak_error_clear(err);
        rc = 0;
    }
    return rc;
}

static void give_back(struct upload *u, int why)
{
    struct ak_error err = {0};
    AK_AUTO(ak_tx) tx = NULL;
    bool was_saving = false;
    int rc = ak_tx_write(u->req->store, &tx, &err);

    (void)unlink(u->part);
    if (rc == 0) {
        rc = image_upload_failed(tx, u->image.id, u->image.upload_id,
                                 hostile(why) ? IMAGE_KILLED : IMAGE_QUEUED, &was_saving, &err);
    }
    rc = rc == 0 ? remove_unless_active(u, tx, was_saving, &err) : rc;
    if (rc == 0) {
        rc = ak_tx_commit(tx, &err);
    }
    if (rc < 0) {
        ak_log_error(&err, "image %s stays in state saving until its upload is missed",
                     u->image.id);
    }
}

int image_upload_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct upload u = {.req = req, .announced = ak_request_body_size(req)};
    int64_t max = 0;
    int rc = check_type(req, err);

    if (rc == 0) {
        rc = begin(&u, &max, err);
    }
    if (rc < 0) {
        return rc;
    }
    u.part = image_part_path(req->config, req->arena, u.image.id, u.image.upload_id);
    rc = receive(&u, max, err);
    if (rc == 0) {
        rc = finish(&u, err);
    }
    if (rc < 0) {
        give_back(&u, rc);
        return rc;
    }
    reply->status = 204;
    return 0;
}

/* "bytes=a-b", "bytes=a-", "bytes=-n" of 'size' bytes; anything else is no range (RFC 9110 14.2).
 * AK_IMAGE_RANGE when it lies outside. */
static int read_range(const char *text, int64_t size, int64_t *ret_from, int64_t *ret_to,
                      struct ak_error *err)
{
    char first[24] = "", last[24] = "";
    int64_t from = 0, to = size - 1;
    const char *dash;

    if (!text || !ak_starts_with(text, "bytes=") || strchr(text, ',')) {
        return 0;
    }
    text += strlen("bytes=");
    dash = strchr(text, '-');
    if (!dash || dash - text >= (int)sizeof(first) || strlen(dash + 1) >= sizeof(last)) {
        return 0;
    }
    memcpy(first, text, (size_t)(dash - text));
    ak_str_copy(last, sizeof(last), dash + 1);
    if ((first[0] && !ak_parse_int(first, 0, INT64_MAX, &from)) ||
        (last[0] && !ak_parse_int(last, 0, INT64_MAX, &to)) || (!first[0] && !last[0])) {
        return 0;
    }
    if (!first[0]) { /* the last n bytes */
        from = to < size ? size - to : 0;
        to = size - 1;
    }
    if (from >= size || from > to) {
        return ak_fail(err, AK_IMAGE_RANGE, AK_NUM(size));
    }
    *ret_from = from;
    *ret_to = to < size ? to : size - 1;
    return 1;
}

static int send_file(struct ak_request *req, struct ak_reply *reply, const struct image_row *image,
                     struct ak_error *err)
{
    const char *path = image_path(req->config, req->arena, image->id);
    AK_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int64_t from = 0, to = image->size - 1;
    struct stat st;
    int rc;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return ak_fail_detail(err, AK_IO, "open %s: %m", path);
    }
    if (st.st_size != image->size) {
        return ak_fail_detail(err, AK_IO, "%s has %" PRId64 " bytes, not %" PRId64, path,
                              (int64_t)st.st_size, image->size);
    }
    rc = read_range(ak_request_header(req, "Range"), image->size, &from, &to, err);
    if (rc < 0) {
        return rc;
    }
    if (rc == 1) {
        reply->status = 206;
        ak_reply_header(reply, req, "Content-Range",
                        ak_arena_printf(req->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, from,
                                        to, image->size));
    } else {
        ak_reply_header(reply, req, "Content-MD5", image->checksum);
    }
    ak_reply_header(reply, req, "Accept-Ranges", "bytes");
    ak_reply_file(reply, fd, from, to - from + 1, "application/octet-stream");
    fd = -1; /* the reply's now */
    return 0;
}

int image_download_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct image_who who = image_who_of(req);
    struct image_row image;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);

    if (rc == 0) {
        rc = image_load(tx, req->arena, req->params[0], &who, &image, err);
    }
    if (rc == 0 && who.admin && !ak_streq(image.visibility, "public")) {
        rc = access_content_check(req, tx, image.owner, NULL, err);
    }
    if (rc < 0) {
        return rc;
    }
    if (ak_streq(image.status, IMAGE_DEACTIVATED) && !who.admin) {
        return ak_fail(err, AK_IMAGE_DEACTIVATED_FILE, image.id);
    }
    if (image.size == 0) {
        reply->status = 204; /* no content yet */
        return 0;
    }
    return send_file(req, reply, &image, err);
}
