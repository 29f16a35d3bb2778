/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments: streamed to a file of their own, hashed on the way, named and typed by us. The file
 * has its name before the row tells of it; what is left by a process that died is swept
 * (request_jobs.c). Nothing of it is ever shown by a browser: it is downloaded. */
#include "request/request_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)64 << 10)

const char *request_attachment_path(const struct ak_config *config, struct ak_arena *arena,
                                    const char *id)
{
    return ak_arena_printf(arena, "%s/%s", ak_config_str(config, "request_dir"), id);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

struct upload {
    struct ak_request *req;
    struct request_actor who;
    struct request_attachment file;
    const char *path, *part;
    unsigned char *block;
    EVP_MD_CTX *hash;
};

static int write_all(int fd, const unsigned char *data, size_t size, struct ak_error *err)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR) {
            return ak_fail_errno(err, errno, "write an attachment");
        }
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int copy(struct upload *u, int fd, struct ak_error *err)
{
    for (;;) {
        int64_t n = ak_request_read(u->req, u->block, BLOCK, err);
        if (n <= 0) {
            return (int)n;
        }
        if (u->file.size == 0) {
            u->file.media_type = ak_file_type(u->block, (size_t)n);
        }
        u->file.size += n;
        if (u->file.size > REQUEST_ATTACHMENT_MAX) {
            return ak_fail(err, AK_TOO_LARGE, AK_NUM(REQUEST_ATTACHMENT_MAX));
        }
        if (EVP_DigestUpdate(u->hash, u->block, (size_t)n) != 1) {
            return ak_fail_detail(err, AK_INTERNAL, "SHA-256 failed");
        }
        int rc = write_all(fd, u->block, (size_t)n, err);
        if (rc < 0) {
            return rc;
        }
    }
}

static int receive_into(struct upload *u, struct ak_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned size = 0;
    AK_AUTO_FD fd = open(u->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return ak_fail_errno(err, errno, "create %s", u->part);
    }
    if (EVP_DigestInit_ex(u->hash, EVP_sha256(), NULL) != 1) {
        return ak_fail_detail(err, AK_INTERNAL, "SHA-256 failed");
    }
    int rc = copy(u, fd, err);
    if (rc == 0 && u->file.size == 0) {
        rc = ak_fail(err, AK_REQUEST_EMPTY);
    }
    if (rc == 0 && fsync(fd) != 0) {
        rc = ak_fail_errno(err, errno, "fsync %s", u->part);
    }
    if (rc == 0 && EVP_DigestFinal_ex(u->hash, digest, &size) == 1) {
        ak_hex(hex, digest, size);
        u->file.sha256 = ak_arena_strdup(u->req->arena, hex);
    }
    if (rc == 0 && rename(u->part, u->path) != 0) {
        rc = ak_fail_errno(err, errno, "rename %s", u->part);
    }
    return rc < 0 ? rc : ak_fsync_dir_of(u->path, err);
}

/* Whether a file would be taken now, before its bytes are. */
static int check(struct upload *u, struct ak_error *err)
{
    struct request_row request = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(u->req->store, &tx, err);
    rc = rc < 0 ? rc : request_load_for(u->req, tx, &request, err);
    rc = rc < 0 ? rc : request_may_act(&u->who, "request:attachment:create", err);
    return rc < 0 ? rc : request_attach_check(tx, u->req->config, &request, err);
}

/* The version of the request is the lock under which its attachments are counted. */
static int record(void *data, struct ak_error *err)
{
    struct upload *u = data;
    struct request_row request = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(u->req, &tx, err);
    rc = rc < 0 ? rc : request_load_for(u->req, tx, &request, err);
    rc = rc < 0 ? rc : request_save(tx, &request, err);
    rc = rc < 0 ? rc : request_attach_check(tx, u->req->config, &request, err);
    rc = rc < 0 ? rc : request_attachment_add(tx, &request, &u->file, err);
    if (rc == 0) {
        const char *detail = ak_arena_printf(
            u->req->arena, "{\"attachment\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRId64 "}",
            u->file.id, u->file.sha256, u->file.size);
        rc = ak_request_commit(u->req, tx, "request", request.id, request.project_id, detail, err);
    }
    return rc;
}

static int receive(struct upload *u, struct ak_error *err)
{
    int rc = ak_dir_make(ak_config_str(u->req->config, "request_dir"), 0700, err);
    u->block = ak_xcalloc(1, BLOCK);
    u->hash = EVP_MD_CTX_new();
    if (rc == 0 && !u->hash) {
        rc = ak_fail_detail(err, AK_INTERNAL, "no memory for SHA-256");
    }
    rc = rc < 0 ? rc : receive_into(u, err);
    EVP_MD_CTX_free(u->hash);
    free(u->block);
    rc = rc < 0 ? rc : ak_request_retry(record, u, err);
    if (rc < 0) {
        (void)unlink(u->part);
        (void)unlink(u->path);
    }
    return rc;
}

int request_attach_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct upload u = {.req = req, .who = request_actor_of(req)};
    char id[AK_UUID_TEXT];
    ak_uuid_new(id);
    u.path = request_attachment_path(req->config, req->arena, id);
    u.part = ak_arena_printf(req->arena, "%s.part", u.path);
    u.file =
        (struct request_attachment){.id = ak_arena_strdup(req->arena, id),
                                    .name = ak_file_name(req->arena, ak_request_query(req, "name")),
                                    .author_name = u.who.name,
                                    .author_kind = u.who.kind,
                                    .author_role = u.who.role,
                                    .created_us = ak_now_us()};
    int rc = check(&u, err);
    rc = rc < 0 ? rc : receive(&u, err);
    if (rc == 0) {
        reply->status = 201;
        ak_reply_object(reply, req, "attachment", &request_attachment_fields, &u.file);
    }
    return rc;
}

/* ---- Sending --------------------------------------------------------------------------------- */

int request_attachment_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct request_row request = {0};
    struct request_attachment file = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc < 0 ? rc : request_load_for(req, tx, &request, err);
    rc =
        rc < 0 ? rc : request_attachment_load(tx, req->arena, &request, req->params[1], &file, err);
    if (rc < 0) {
        return rc;
    }
    const char *path = request_attachment_path(req->config, req->arena, file.id);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return ak_fail_detail(err, AK_IO, "open %s: %m", path);
    }
    ak_reply_download(reply, req, file.name);
    ak_reply_file(reply, fd, 0, file.size, file.media_type);
    return 0;
}
