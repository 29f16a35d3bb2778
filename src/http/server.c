/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets and libmicrohttpd: two unix sockets, one thread a connection, and the life of a request
 * from its first byte to its last. What is answered is decided in dispatch.c. */
#include "http/http_internal.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define POOL_SIZE  ((size_t)64 << 10) /* of a connection: headers, and chunks of half of it */
#define STACK_SIZE ((size_t)1 << 20)
#define BACKLOG    1024

const struct ak_setting ak_http_settings[] = {
    {"customer_url", AK_SETTING_STR, "URL", 0, 255, "", NULL,
     "Base of links on the customer listener, as https://cloud.example:8443; empty: as the client "
     "called it."},
    {"management_url", AK_SETTING_STR, "URL", 0, 255, "", NULL,
     "Base of links on the management listener; empty: as the client called it."},
};
const size_t ak_http_settings_n = AK_N(ak_http_settings);

static void count(struct ak_server *server, int change)
{
    AK_LOCK(&server->mutex);

    server->in_flight += (size_t)change;
    if (server->in_flight == 0) {
        (void)pthread_cond_broadcast(&server->idle);
    }
}

static struct ak_connection *connection_new(struct ak_listening *listening,
                                            struct MHD_Connection *mhd)
{
    struct ak_connection *c = ak_new(struct ak_connection);
    struct ak_server *server = listening->server;
    char uuid[AK_UUID_TEXT];

    c->server = server;
    c->mhd = mhd;
    c->started_us = ak_monotonic_us();
    c->req.arena = ak_arena_new();
    c->req.listener = listening->listener;
    c->req.store = server->options.store;
    c->req.config = server->options.config;
    c->req.domains = server->options.domains;
    c->req.connection = c;
    ak_uuid_new(uuid);
    c->req.id = ak_arena_printf(c->req.arena, "req-%s", uuid);
    ak_reply_init(&c->reply);
    ak_buf_init(&c->body, (size_t)AK_BODY_DEFAULT);
    ak_log_context(c->req.id);
    count(server, 1);
    return c;
}

static void connection_free(struct ak_connection *c)
{
    struct ak_server *server = c->server;

    ak_log_context(NULL);
    ak_stream_free(c->stream);
    ak_reply_done(&c->reply);
    ak_buf_done(&c->body);
    json_decref(c->req.json);
    ak_arena_free(c->req.arena);
    free(c);
    count(server, -1);
}

static void completed(void *data, struct MHD_Connection *mhd, void **context,
                      enum MHD_RequestTerminationCode cause)
{
    struct ak_connection *c = *context;

    (void)data;
    (void)mhd;
    if (!c) {
        return;
    }
    if (c->stream && !c->answered) {
        int rc =
            ak_stream_end(c, cause == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED ? AK_REQUEST_TIMEOUT
                                                                             : AK_BAD_REQUEST);

        if (rc < 0) { /* nobody hears the answer, but a refused change is recorded */
            ak_dispatch_end(c, rc);
        }
    }
    *context = NULL;
    connection_free(c);
}

static void upgraded(void *data, struct MHD_Connection *mhd, void *context, const char *early,
                     size_t early_len, MHD_socket socket, struct MHD_UpgradeResponseHandle *handle)
{
    struct ak_connection *c = context;

    (void)mhd;
    ak_relay_start(&((struct ak_server *)data)->relays, AK_TAKE(c->reply.upgrade), socket, handle,
                   early, early_len);
}

static struct MHD_Response *response_of(struct ak_connection *c)
{
    struct ak_reply *reply = &c->reply;
    size_t len = 0;
    char *bytes = NULL;

    if (reply->upgrade) {
        return MHD_create_response_for_upgrade(upgraded, c->server);
    }
    if (reply->file_fd >= 0) {
        struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(
            (uint64_t)reply->file_size, reply->file_fd, (uint64_t)reply->file_offset);

        if (response) {
            reply->file_fd = -1;
        }
        return response;
    }
    bytes = ak_buf_steal(&reply->body, &len);
    return MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result answer(struct ak_connection *c)
{
    struct ak_reply *reply = &c->reply;
    bool bare = reply->upgrade || (reply->file_fd < 0 && reply->body.len == 0);
    struct MHD_Response *response = response_of(c);
    enum MHD_Result result = MHD_NO;

    c->answered = true;
    if (!response) {
        ak_log(AK_ERR, "no response could be made for %s %s", c->req.method, c->req.path);
        return MHD_NO;
    }
    if (!bare) {
        (void)MHD_add_response_header(response, "Content-Type", reply->content_type);
    }
    for (size_t i = 0; i < reply->n_headers; i++) {
        (void)MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    }
    result = MHD_queue_response(c->mhd, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Answers while the body is still coming. */
static enum MHD_Result refuse_early(struct ak_connection *c, int rc)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info) {
        ak_linger(&c->server->lingers, info->connect_fd);
    }
    ak_dispatch_end(c, rc);
    return answer(c);
}

/* A body small enough to read and drop, so that the connection lives on. */
static bool worth_discarding(const struct ak_connection *c)
{
    return c->body_size >= 0 && c->body_size <= AK_DISCARD_MAX;
}

static enum MHD_Result on_head(struct ak_connection *c, const char *url, const char *method)
{
    int rc = ak_request_head(c, url, method, &c->err);

    if (rc < 0) { /* the error is told in the dialect of the path all the same */
        (void)ak_router_find(c->server->router, c->req.arena, c->req.path, c->req.listener,
                             &c->match, NULL);
    }
    rc = rc < 0 ? rc : ak_dispatch_head(c, &c->err);
    if (rc == 0 && !(c->req.route->flags & AK_ROUTE_STREAM_IN)) {
        c->body.max =
            (size_t)(c->req.route->body_max > 0 ? c->req.route->body_max : AK_BODY_DEFAULT);
        return MHD_YES;
    }
    if (rc == 0 && !ak_stream_start(c)) {
        return MHD_YES;
    }
    if (rc == 0) {
        rc = ak_stream_end(c, AK_OK);
    }
    if (rc < 0 && !worth_discarding(c)) {
        return refuse_early(c, rc);
    }
    c->refused = rc < 0;
    return MHD_YES;
}

static enum MHD_Result on_data(struct ak_connection *c, const char *bytes, size_t size)
{
    c->received += (int64_t)size;
    if (c->stream && !c->refused) {
        int64_t began = ak_monotonic_us();

        ak_stream_push(c, bytes, size);
        if (ak_monotonic_us() - began > AK_SEC) { /* our pause is not the client's */
            (void)MHD_set_connection_option(c->mhd, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
            (void)MHD_set_connection_option(c->mhd, MHD_CONNECTION_OPTION_TIMEOUT,
                                            AK_IDLE_TIMEOUT_S);
        }
        return MHD_YES;
    }
    if (c->refused) {
        return c->received <= 16 * AK_DISCARD_MAX ? MHD_YES : MHD_NO;
    }
    if (ak_monotonic_us() - c->started_us > AK_BODY_TIME_US) {
        ak_log(AK_INFO, "%s %s: the body drips too slowly", c->req.method, c->req.path);
        return MHD_NO;
    }
    ak_buf_add(&c->body, bytes, size);
    if (!ak_buf_ok(&c->body)) {
        (void)ak_fail(&c->err, AK_TOO_LARGE, AK_NUM((int64_t)c->body.max));
        c->refused = true;
    }
    return MHD_YES;
}

static enum MHD_Result on_end(struct ak_connection *c)
{
    int rc = 0;

    if (c->refused) {
        ak_dispatch_end(c, -(int)c->err.code);
        return answer(c);
    }
    rc = c->stream ? ak_stream_end(c, AK_OK) : ak_dispatch_run(c, &c->err);
    ak_dispatch_end(c, rc);
    return answer(c);
}

static enum MHD_Result on_access(void *data, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *bytes,
                                 size_t *size, void **context)
{
    struct ak_connection *c = *context;
    enum MHD_Result result = MHD_YES;

    (void)version;
    if (!c) {
        c = connection_new(data, mhd);
        *context = c;
        return on_head(c, url, method);
    }
    if (*size == 0) {
        return on_end(c);
    }
    result = on_data(c, bytes, *size);
    *size = 0;
    return result;
}

/* Keeps the path and the query as they came: decoding is ours, with checks. */
static size_t no_unescape(void *data, struct MHD_Connection *mhd, char *s)
{
    (void)data;
    (void)mhd;
    return strlen(s);
}

static void mhd_log(void *data, const char *fmt, va_list ap)
{
    char text[512];

    (void)data;
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    text[strcspn(text, "\n")] = '\0';
    ak_log(AK_DEBUG, "libmicrohttpd: %s", text);
}

/* Another process that answers there keeps its socket; a dead one's is replaced. */
static int make_socket(const char *path, int *ret_fd, struct ak_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    AK_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof(address.sun_path)) {
        return ak_fail(err, AK_CONFIG, "the path of a socket is longer than 107 bytes");
    }
    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    if (fd < 0) {
        return ak_fail_errno(err, errno, "socket");
    }
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        AK_AUTO_STR text = ak_xasprintf("another process listens on %.180s", path);

        return ak_fail(err, AK_CONFIG, text);
    }
    (void)unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0660) < 0 ||
        listen(fd, BACKLOG) < 0) {
        return ak_fail_errno(err, errno, "listening on %s", path);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int start_listener(struct ak_server *server, enum ak_listener listener, const char *path,
                          struct ak_error *err)
{
    struct ak_listening *l = &server->listening[listener == AK_MANAGEMENT];
    AK_AUTO_FD fd = -1;
    int rc = make_socket(path, &fd, err);

    if (rc < 0) {
        return rc;
    }
    l->server = server;
    l->listener = listener;
    l->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ITC | MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_access, l, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)server->options.max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, AK_IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        POOL_SIZE, MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL, MHD_OPTION_END);
    if (!l->daemon) {
        return ak_fail_detail(err, AK_INTERNAL, "libmicrohttpd does not start on %s", path);
    }
    fd = -1;
    l->path = ak_xstrdup(path);
    return 0;
}

int ak_server_start(const struct ak_server_options *options, struct ak_server **ret_server,
                    struct ak_error *err)
{
    AK_AUTO(ak_server) server = ak_new(struct ak_server);
    int rc = 0;

    server->options = *options;
    server->router = ak_router_new(options->domains);
    server->refusals = ak_refusals_new();
    (void)pthread_mutex_init(&server->mutex, NULL);
    ak_cond_init(&server->idle);
    (void)pthread_mutex_init(&server->relays.mutex, NULL);
    (void)pthread_cond_init(&server->relays.none, NULL);
    (void)pthread_mutex_init(&server->lingers.mutex, NULL);
    (void)pthread_cond_init(&server->lingers.none, NULL);
    if (options->customer_socket) {
        rc = start_listener(server, AK_CUSTOMER, options->customer_socket, err);
    }
    if (rc == 0 && options->management_socket) {
        rc = start_listener(server, AK_MANAGEMENT, options->management_socket, err);
    }
    if (rc < 0) {
        return rc;
    }
    *ret_server = AK_TAKE(server);
    return 0;
}

static void wait_idle(struct ak_server *server)
{
    int64_t until = ak_monotonic_us() + 10 * AK_SEC;
    AK_LOCK(&server->mutex);
    while (server->in_flight > 0 && ak_cond_wait_until(&server->idle, &server->mutex, until)) {
    }
}

void ak_server_stop(struct ak_server *server)
{
    if (server->stopped) {
        return;
    }
    server->stopped = true;
    for (size_t i = 0; i < AK_N(server->listening); i++) {
        if (server->listening[i].daemon) {
            MHD_socket fd = MHD_quiesce_daemon(server->listening[i].daemon);

            (void)unlink(server->listening[i].path);
            if (fd != MHD_INVALID_SOCKET) {
                (void)close(fd);
            }
        }
    }
    wait_idle(server);
    ak_relays_stop(&server->relays);
    ak_lingers_stop(&server->lingers);
    for (size_t i = 0; i < AK_N(server->listening); i++) {
        if (server->listening[i].daemon) {
            MHD_stop_daemon(server->listening[i].daemon);
            server->listening[i].daemon = NULL;
        }
    }
}

void ak_server_free(struct ak_server *server)
{
    if (!server) {
        return;
    }
    ak_server_stop(server);
    for (size_t i = 0; i < AK_N(server->listening); i++) {
        free(server->listening[i].path);
    }
    ak_router_free(server->router);
    ak_refusals_free(server->refusals);
    (void)pthread_mutex_destroy(&server->mutex);
    (void)pthread_cond_destroy(&server->idle);
    (void)pthread_mutex_destroy(&server->relays.mutex);
    (void)pthread_cond_destroy(&server->relays.none);
    (void)pthread_mutex_destroy(&server->lingers.mutex);
    (void)pthread_cond_destroy(&server->lingers.none);
    free(server);
}
