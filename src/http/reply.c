/* SPDX-License-Identifier: Apache-2.0 */
/* What handlers do to their reply. It is sent by server.c. */
#include "http/http_internal.h"

#include <unistd.h>

void ak_reply_init(struct ak_reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    reply->status = 200;
    reply->file_fd = -1;
    ak_buf_init(&reply->body, AK_REPLY_MAX);
    reply->json = ak_json_on(&reply->body);
    reply->content_type = "application/json";
}

void ak_reply_done(struct ak_reply *reply)
{
    ak_buf_done(&reply->body);
    if (reply->file_fd >= 0) {
        (void)close(reply->file_fd);
        reply->file_fd = -1;
    }
    ak_relay_discard(AK_TAKE(reply->upgrade));
}

void ak_reply_header(struct ak_reply *reply, struct ak_request *req, const char *name,
                     const char *value)
{
    size_t i = 0;

    while (i < reply->n_headers && strcasecmp(reply->headers[i].name, name) != 0) {
        i++;
    }
    if (i == AK_N(reply->headers)) {
        ak_log(AK_ERR, "no room for header %s of %s %s", name, req->method, req->path);
        return;
    }
    if (value[strcspn(value, "\r\n")] != '\0') {
        ak_log(AK_ERR, "header %s of %s %s would hold a line break", name, req->method, req->path);
        return;
    }
    reply->headers[i].name = name;
    reply->headers[i].value = ak_arena_strdup(req->arena, value);
    reply->n_headers += i == reply->n_headers;
}

void ak_reply_file(struct ak_reply *reply, int fd, int64_t offset, int64_t size,
                   const char *content_type)
{
    if (reply->file_fd >= 0) {
        (void)close(reply->file_fd);
    }
    reply->file_fd = fd;
    reply->file_offset = offset;
    reply->file_size = size;
    reply->content_type = content_type;
}

void ak_reply_object(struct ak_reply *reply, struct ak_request *req, const char *envelope,
                     const struct ak_fields *fields, const void *obj)
{
    struct ak_fields_mode mode = ak_request_mode(req);

    if (envelope) {
        ak_json_object(&reply->json);
        ak_json_key(&reply->json, envelope);
    }
    ak_fields_render_object(fields, obj, &mode, &reply->json);
    if (envelope) {
        ak_json_object_end(&reply->json);
    }
}

void ak_reply_list(struct ak_reply *reply, struct ak_request *req, const char *envelope,
                   const struct ak_fields *fields, const struct ak_list *list)
{
    struct ak_fields_mode mode = ak_request_mode(req);

    ak_json_object(&reply->json);
    ak_json_key(&reply->json, envelope);
    ak_json_array(&reply->json);
    for (size_t i = 0; i < list->n; i++) {
        ak_fields_render_object(fields, (const char *)list->items + i * fields->size, &mode,
                                &reply->json);
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
}
