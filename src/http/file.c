/* SPDX-License-Identifier: Apache-2.0 */
/* Files that people send us and fetch again: their names and types are ours, since a sender's are
 * not to be trusted, and a browser only ever saves them. */
#include "http/http.h"

/* ---- Names and types ------------------------------------------------------------------------- */

/* Marks that turn the direction of text around, by which "exe.pdf" shows as "fdp.exe". */
static bool is_direction_mark(const unsigned char *c)
{
    return c[0] == 0xe2 &&
           ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xaa && c[2] <= 0xae))) ||
            (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

const char *ak_file_name(struct ak_arena *arena, const char *given)
{
    char out[200];
    char *clean = ak_arena_strdup(arena, given ? given : "");
    size_t n = 0;

    for (char *c = clean; *c; c++) { /* what comes before is a folder of the sender's */
        clean = *c == '/' || *c == '\\' ? c + 1 : clean;
    }
    while (*clean == '.' || *clean == ' ') {
        clean++;
    }
    const char *from = clean;
    char *to = ak_arena_alloc(arena, strlen(from) + 1);
    for (; *from; from++) {
        if (is_direction_mark((const unsigned char *)from)) {
            from += 2;
        } else if ((unsigned char)*from >= ' ' && *from != 127) {
            to[n++] = strchr("<>:\"|?*", *from) ? '_' : *from;
        }
    }
    while (n > 0 && (to[n - 1] == ' ' || to[n - 1] == '.')) {
        n--;
    }
    to[n] = '\0';
    ak_str_copy(out, sizeof(out), n > 0 ? to : "file");
    return ak_arena_strdup(arena, out);
}

static bool is_text(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (head[i] < ' ' && head[i] != '\t' && head[i] != '\n' && head[i] != '\r' &&
            head[i] != '\f') {
            return false;
        }
    }
    size_t whole = ak_utf8_cut((const char *)head, size);
    return size > 0 && ak_utf8_valid((const char *)head, whole);
}

const char *ak_file_type(const void *head, size_t size)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *type;
    } types[] = {
        {"%PDF-", 5, "application/pdf"},
        {"\x89PNG\r\n\x1a\n", 8, "image/png"},
        {"\xff\xd8\xff", 3, "image/jpeg"},
        {"GIF8", 4, "image/gif"},
        {"PK\x03\x04", 4, "application/zip"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "application/x-ole-storage"},
        {"\x1f\x8b", 2, "application/gzip"},
    };

    for (size_t i = 0; i < AK_N(types); i++) {
        if (size >= types[i].size && memcmp(head, types[i].magic, types[i].size) == 0) {
            return types[i].type;
        }
    }
    return is_text(head, size) ? "text/plain; charset=utf-8" : "application/octet-stream";
}

/* ---- In and out ------------------------------------------------------------------------------ */

int ak_request_read_all(struct ak_request *req, struct ak_buf *out, struct ak_error *err)
{
    char block[65536];
    int64_t n = 0;

    while ((n = ak_request_read(req, block, sizeof(block), err)) > 0) {
        ak_buf_add(out, block, (size_t)n);
        if (!ak_buf_ok(out)) {
            return ak_fail(err, AK_TOO_LARGE, AK_NUM((int64_t)out->max));
        }
    }
    return n < 0 ? (int)n : 0;
}

/* RFC 8187: what is no letter, digit or -._ is percent-encoded. */
static const char *disposition(struct ak_arena *arena, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    AK_AUTO_BUF text = {0};

    ak_buf_init(&text, 1024);
    ak_buf_str(&text, "attachment; filename*=UTF-8''");
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        if (strchr(plain, *c)) {
            ak_buf_char(&text, (char)*c);
        } else {
            ak_buf_printf(&text, "%%%02X", *c);
        }
    }
    return ak_arena_strdup(arena, text.data);
}

void ak_reply_download(struct ak_reply *reply, struct ak_request *req, const char *name)
{
    ak_reply_header(reply, req, "Content-Disposition", disposition(req->arena, name));
    ak_reply_header(reply, req, "Content-Security-Policy", "default-src 'none'; sandbox");
}
