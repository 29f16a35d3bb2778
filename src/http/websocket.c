/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket relay: between a client (noVNC) and a stream socket (a guest's display). The handshake
 * is an ordinary reply; after it the relay has both sockets and a thread of its own. Bytes wait in
 * one bounded buffer a direction, and nothing is read while its buffer is not empty: back-pressure
 * reaches either end. */
#include "http/http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/frame.h"

#define CHUNK         ((size_t)32 << 10)
#define PENDING_MAX   ((size_t)256 << 10)
#define PING_EVERY_US (25 * AK_SEC)
#define SILENT_MAX_US (90 * AK_SEC) /* without even a pong: the client is gone */
#define WATCH_US      (2 * AK_SEC)
#define ACCEPT_GUID   "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct ak_relay {
    struct ak_relays *relays; /* NULL until started */
    struct ak_relay *next, **back;
    struct MHD_UpgradeResponseHandle *handle;
    int socket, stream; /* the client's; ours */
    int64_t idle_us;
    char id[48];
    struct ak_frames frames;
    struct ak_buf to_client, to_stream;
    bool ending; /* send what is in 'to_client', then close */
    int64_t heard_us, data_us, pinged_us, watched_us;
    struct ak_relay_watch watch;
};

static void relay_free(struct ak_relay *r)
{
    if (r) {
        ak_buf_done(&r->to_client);
        ak_buf_done(&r->to_stream);
        if (r->stream >= 0) {
            (void)close(r->stream);
        }
        if (r->watch.free) {
            r->watch.free(r->watch.data);
        }
        free(r);
    }
}

void ak_relay_discard(struct ak_relay *relay)
{
    relay_free(relay);
}

static void end(struct ak_relay *r, int code)
{
    if (!r->ending) {
        ak_frame_close(&r->to_client, code);
        r->ending = true;
    }
}

static void from_client(struct ak_relay *r, const unsigned char *bytes, size_t size)
{
    int code = 0;

    r->heard_us = ak_monotonic_us();
    code = ak_frames_feed(&r->frames, bytes, size, &r->to_stream, &r->to_client);
    if (code != 0) {
        end(r, code);
    } else if (r->frames.closed) {
        r->ending = true; /* the answering close frame is in 'to_client' */
    }
}

/* Reads once; false when the peer is gone. */
static bool read_client(struct ak_relay *r)
{
    unsigned char bytes[CHUNK];
    ssize_t n = recv(r->socket, bytes, sizeof(bytes), 0);

    if (n > 0) {
        from_client(r, bytes, (size_t)n);
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void read_stream(struct ak_relay *r)
{
    unsigned char bytes[CHUNK];
    ssize_t n = recv(r->stream, bytes, sizeof(bytes), 0);

    if (n > 0) {
        ak_frame_write(&r->to_client, AK_WS_BINARY, bytes, (size_t)n);
        r->data_us = ak_monotonic_us();
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        end(r, 1000);
    }
}

static bool flush_to(int fd, struct ak_buf *buf)
{
    ssize_t n = buf->len == 0 ? 0 : send(fd, buf->data, buf->len, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n > 0) {
        ak_buf_consume(buf, (size_t)n);
    }
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* Pings, and ends what is silent or idle. False = give up at once. */
static bool tend(struct ak_relay *r)
{
    int64_t now = ak_monotonic_us();

    if (now - r->heard_us > SILENT_MAX_US) {
        return false;
    }
    if (r->watch.still && !r->ending && now - r->watched_us > WATCH_US) {
        r->watched_us = now;
        if (!r->watch.still(r->watch.data)) {
            ak_buf_consume(&r->to_stream, r->to_stream.len); /* not one more key */
            end(r, 1008);
        }
    }
    if (r->idle_us > 0 && now - r->data_us > r->idle_us) {
        end(r, 1001);
    }
    if (!r->ending && now - r->pinged_us > PING_EVERY_US) {
        ak_frame_write(&r->to_client, AK_WS_PING, NULL, 0);
        r->pinged_us = now;
    }
    return true;
}

static void relay(struct ak_relay *r)
{
    int64_t ending_us = 0;

    while (!r->ending || r->to_client.len > 0) {
        struct pollfd fds[2] = {{.fd = r->socket}, {.fd = r->stream}};

        fds[0].events = (short)((r->to_stream.len == 0 && !r->ending ? POLLIN : 0) |
                                (r->to_client.len > 0 ? POLLOUT : 0));
        fds[1].events =
            (short)((r->to_client.len == 0 ? POLLIN : 0) | (r->to_stream.len > 0 ? POLLOUT : 0));
        if (r->ending || fds[1].events == 0) {
            fds[1].fd = -1; /* its POLLHUP would wake us without end */
        }
        if (poll(fds, 2, 1000) < 0 && errno != EINTR) {
            break;
        }
        if ((fds[0].revents & (POLLERR | POLLNVAL)) || !tend(r)) {
            break;
        }
        if ((fds[0].revents & (POLLIN | POLLHUP)) && !r->ending && !read_client(r)) {
            break;
        }
        if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
            read_stream(r);
        }
        if (r->to_stream.len > 0) {
            r->data_us = ak_monotonic_us();
            if (!flush_to(r->stream, &r->to_stream)) {
                end(r, 1011);
            }
        }
        if (!flush_to(r->socket, &r->to_client) || !ak_buf_ok(&r->to_client)) {
            break;
        }
        ending_us = r->ending && ending_us == 0 ? ak_monotonic_us() : ending_us;
        if (ending_us > 0 && ak_monotonic_us() - ending_us > 2 * AK_SEC) {
            break;
        }
    }
    (void)flush_to(r->stream, &r->to_stream);
}

static void *run(void *data)
{
    struct ak_relay *r = data;
    struct ak_relays *relays = r->relays;

    ak_log_context(r->id);
    relay(r);
    ak_log(AK_DEBUG, "relay ends");
    (void)pthread_mutex_lock(&relays->mutex);
    *r->back = r->next;
    if (r->next) {
        r->next->back = r->back;
    }
    (void)shutdown(r->socket, SHUT_RDWR);
    (void)MHD_upgrade_action(r->handle, MHD_UPGRADE_ACTION_CLOSE);
    relays->n--;
    if (relays->n == 0) {
        (void)pthread_cond_broadcast(&relays->none);
    }
    (void)pthread_mutex_unlock(&relays->mutex);
    relay_free(r);
    return NULL;
}

void ak_relay_start(struct ak_relays *relays, struct ak_relay *relay, int socket,
                    struct MHD_UpgradeResponseHandle *handle, const char *early, size_t early_len)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int rc = 0;

    relay->relays = relays;
    relay->socket = socket;
    relay->handle = handle;
    relay->heard_us = relay->data_us = relay->pinged_us = relay->watched_us = ak_monotonic_us();
    (void)fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    from_client(relay, (const unsigned char *)early, early_len);
    (void)pthread_mutex_lock(&relays->mutex);
    relay->next = relays->first;
    relay->back = &relays->first;
    if (relay->next) {
        relay->next->back = &relay->next;
    }
    relays->first = relay;
    relays->n++;
    (void)pthread_mutex_unlock(&relays->mutex);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&thread, &attributes, run, relay);
    (void)pthread_attr_destroy(&attributes);
    if (rc != 0) {
        ak_log(AK_ERR, "no thread for a console: %s", strerror(rc));
        relay->ending = true;
        (void)run(relay);
    }
}

void ak_relays_stop(struct ak_relays *relays)
{
    (void)pthread_mutex_lock(&relays->mutex);
    for (struct ak_relay *r = relays->first; r; r = r->next) {
        (void)shutdown(r->socket, SHUT_RDWR);
    }
    while (relays->n > 0) {
        (void)pthread_cond_wait(&relays->none, &relays->mutex);
    }
    (void)pthread_mutex_unlock(&relays->mutex);
}

/* True when the comma list 'header' holds 'token'. */
static bool has_token(const char *header, const char *token)
{
    size_t len = strlen(token);

    for (const char *p = header; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        p += strspn(p, " \t");
        if (strncasecmp(p, token, len) == 0 && strchr(", \t", p[len])) {
            return true;
        }
    }
    return false;
}

static char *accept_of(struct ak_arena *arena, const char *key)
{
    char *text = ak_arena_printf(arena, "%s%s", key, ACCEPT_GUID);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    AK_AUTO_STR encoded = NULL;

    if (EVP_Digest(text, strlen(text), digest, &size, EVP_sha1(), NULL) != 1) {
        abort();
    }
    encoded = ak_base64(digest, size, false);
    return ak_arena_strdup(arena, encoded);
}

static bool key_ok(const char *key)
{
    size_t size = 0;
    unsigned char *nonce = key ? ak_base64_decode(key, strlen(key), &size) : NULL;
    bool ok = nonce && size == 16;

    free(nonce);
    return ok;
}

int ak_reply_websocket(struct ak_request *req, struct ak_reply *reply, int fd, int64_t idle_ms,
                       const struct ak_relay_watch *watch, struct ak_error *err)
{
    const char *key = ak_request_header(req, "Sec-WebSocket-Key");
    struct ak_relay *r = ak_new(struct ak_relay);

    ak_buf_init(&r->to_client, PENDING_MAX);
    ak_buf_init(&r->to_stream, PENDING_MAX);
    r->stream = fd;
    r->socket = -1;
    r->idle_us = idle_ms * AK_MS;
    r->watch = watch ? *watch : (struct ak_relay_watch){0};
    ak_str_copy(r->id, sizeof(r->id), req->id);
    if (!ak_streq(req->method, "GET") ||
        !has_token(ak_request_header(req, "Upgrade"), "websocket") ||
        !has_token(ak_request_header(req, "Connection"), "upgrade") || !key_ok(key) ||
        !ak_streq(ak_request_header(req, "Sec-WebSocket-Version"), "13")) {
        relay_free(r);
        return ak_fail(err, AK_BAD_REQUEST,
                       "a WebSocket handshake (RFC 6455, version 13) is needed");
    }
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    reply->status = 101;
    reply->upgrade = r;
    ak_reply_header(reply, req, "Upgrade", "websocket");
    ak_reply_header(reply, req, "Sec-WebSocket-Accept", accept_of(req->arena, key));
    if (has_token(ak_request_header(req, "Sec-WebSocket-Protocol"), "binary")) {
        ak_reply_header(reply, req, "Sec-WebSocket-Protocol", "binary");
    }
    return 0;
}
