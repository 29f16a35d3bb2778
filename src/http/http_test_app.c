/* SPDX-License-Identifier: Apache-2.0 */
/* The application and the client of http_test.c. */
#include "http/http_test_app.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int test_busy_left;
int64_t test_streamed;

struct thing {
    const char *id, *name;
    int64_t size;
};

static const struct ak_field thing_rows[] = {
    {"id", AK_STR, offsetof(struct thing, id), 0},
    {"name", AK_STR, offsetof(struct thing, name), AK_CREATE | AK_REQUIRED, .min = 1},
    {"size", AK_INT, offsetof(struct thing, size), AK_CREATE, .min = 1, .max = 10},
};
static const struct ak_fields thing_fields = AK_FIELDS("thing", struct thing, thing_rows);

static int create(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct thing *thing = req->body;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    thing->id = "t1";
    rc = rc < 0 ? rc
                : ak_request_commit(req, tx, "thing", thing->id, req->principal->project_id, NULL,
                                    err);
    reply->status = 202;
    ak_reply_object(reply, req, "thing", &thing_fields, thing);
    return rc;
}

static int show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct thing thing = {.id = req->params[0], .name = ak_request_query(req, "name")};

    (void)err;
    ak_reply_object(reply, req, "thing", &thing_fields, &thing);
    return 0;
}

static int whoami(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;

    (void)err;
    ak_json_object(w);
    ak_json_kstr(w, "source", req->source);
    ak_json_kstr(w, "base_url", req->base_url);
    ak_json_kstr(w, "user", req->principal ? req->principal->user_id : NULL);
    ak_json_kint(w, "version", req->microversion);
    ak_json_object_end(w);
    return 0;
}

static int started(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_begin(req, &tx, err);

    reply->status = 202;
    return rc < 0 ? rc : ak_request_commit(req, tx, "thing", req->params[0], NULL, NULL, err);
}

static int renamed(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    ak_reply_object(reply, req, NULL, &thing_fields, req->body);
    return started(req, reply, err);
}

static int forgets(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)req;
    (void)reply;
    (void)err;
    return 0;
}

static int busy(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    if (test_busy_left-- > 0) {
        ak_json_str(&reply->json, "of a failed attempt");
        return ak_fail(err, AK_STORE_BUSY);
    }
    return whoami(req, reply, err);
}

static int missing(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)reply;
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Thing", req->params[0]);
}

static int upload(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    char bytes[10000];
    int64_t n = 0, total = 0;

    while ((n = ak_request_read(req, bytes, sizeof(bytes), err)) > 0) {
        for (int64_t i = 0; i < n; i++) {
            if (bytes[i] != (char)((total + i) % 251)) {
                return ak_fail(err, AK_BAD_REQUEST, "a byte is wrong");
            }
        }
        total += n;
    }
    test_streamed = n < 0 ? n : total;
    reply->status = 204;
    return (int)n;
}

static int stop_early(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    char bytes[1000];
    int64_t n = ak_request_read(req, bytes, sizeof(bytes), err);

    (void)reply;
    return n < 0 ? (int)n : ak_fail(err, AK_NO_SPACE);
}

static int refuse(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)reply;
    return ak_fail(err, AK_CONFLICT, ak_arena_printf(req->arena, "%s is not queued", "Image"));
}

static int download(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    (void)req;
    (void)err;
    if (fd < 0 || ftruncate(fd, 3000000) < 0 || pwrite(fd, "hello", 5, 100) != 5) {
        abort();
    }
    ak_reply_file(reply, fd, 100, 2000000, "application/octet-stream");
    return 0;
}

static void *echo(void *data)
{
    int fd = *(int *)data;
    char bytes[4096];
    ssize_t n = 0;

    free(data);
    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        if (memchr(bytes, '!', (size_t)n) || send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n) {
            break;
        }
    }
    (void)close(fd);
    return NULL;
}

static int console(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    int pair[2], *end = ak_new(int);
    pthread_t thread;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        abort();
    }
    *end = pair[1];
    if (pthread_create(&thread, NULL, echo, end) != 0 || pthread_detach(thread) != 0) {
        abort();
    }
    return ak_reply_websocket(req, reply, pair[0], 60000, NULL, err);
}

static const struct ak_route compute_routes[] = {
    {"GET", "/", whoami, .flags = AK_ROUTE_PUBLIC},
    {"POST", "/v2.1/things", create, .policy = "compute:thing:create",
     .audit = "compute.thing.create", .body = &thing_fields, .envelope = "thing",
     .accept = AK_CREATE, .reply = &thing_fields, .reply_envelope = "thing"},
    {"GET", "/v2.1/things/{id}", show, .policy = "compute:thing:show"},
    {"DELETE", "/v2.1/things/{id}", missing, .policy = "compute:thing:delete",
     .audit = "compute.thing.delete"},
    {"POST", "/v2.1/things/{id}/action", started, .action = "os-start", .policy = "p:start",
     .audit = "compute.thing.start"},
    {"POST", "/v2.1/things/{id}/action", renamed, .action = "rename", .policy = "p:rename",
     .audit = "compute.thing.rename", .body = &thing_fields, .accept = AK_CREATE},
    {"POST", "/v2.1/things/{id}/action", started, .action = "os-forbidden", .policy = "p:forbidden",
     .audit = "compute.thing.forbidden"},
    {"GET", "/v2.1/new", whoami, .policy = "p:new", .since = 5},
    {"GET", "/v2.1/forbidden", whoami, .policy = "p:forbidden"},
    {"POST", "/v2.1/forgets", forgets, .policy = "p:forgets", .audit = "compute.thing.forget"},
    {"GET", "/v2.1/busy", busy, .policy = "p:busy"},
    {"GET", "/v2.1/hosts", whoami, .policy = "p:hosts", .flags = AK_ROUTE_MANAGEMENT},
};
static const struct ak_route image_routes[] = {
    {"PUT", "/v2/images/{id}/file", upload, .policy = "p:upload", .flags = AK_ROUTE_STREAM_IN},
    {"PUT", "/v2/limited", upload, .policy = "p:upload", .flags = AK_ROUTE_STREAM_IN,
     .body_max = 1000000},
    {"PUT", "/v2/refuse", refuse, .policy = "p:upload", .flags = AK_ROUTE_STREAM_IN},
    {"PUT", "/v2/stop", stop_early, .policy = "p:upload", .flags = AK_ROUTE_STREAM_IN},
    {"GET", "/v2/images/{id}/file", download, .policy = "p:download"},
    {"GET", "/v2/console", console, .flags = AK_ROUTE_PUBLIC | AK_ROUTE_WEBSOCKET},
    {"GET", "/v2/missing/{id}", missing, .policy = "p:missing"},
};
static const struct ak_route missing_routes[] = {
    {"GET", "/missing/{id}", missing, .policy = "p:missing"},
};
static const struct ak_domain compute = {.name = "compute",
                                         .root = "/compute",
                                         .dialect = AK_DIALECT_NOVA,
                                         .service_type = "compute",
                                         .microversion_max = 10,
                                         .routes = compute_routes,
                                         .n_routes = AK_N(compute_routes)};
static const struct ak_domain image = {.name = "image",
                                       .root = "/image",
                                       .dialect = AK_DIALECT_GLANCE,
                                       .routes = image_routes,
                                       .n_routes = AK_N(image_routes)};
static const struct ak_domain network = {.name = "network",
                                         .root = "/network",
                                         .dialect = AK_DIALECT_NEUTRON,
                                         .routes = missing_routes,
                                         .n_routes = AK_N(missing_routes)};
static const struct ak_domain identity = {.name = "identity",
                                          .root = "/identity",
                                          .dialect = AK_DIALECT_KEYSTONE,
                                          .routes = missing_routes,
                                          .n_routes = AK_N(missing_routes)};
static const struct ak_domain own = {
    .name = "own", .root = "/service", .routes = missing_routes, .n_routes = AK_N(missing_routes)};
const struct ak_domain *const test_domains[] = {&compute, &image, &network, &identity, &own, NULL};

static int authenticate(struct ak_request *req, const char *token,
                        const struct ak_principal **ret_principal, struct ak_error *err)
{
    static const struct ak_principal member = {
        .user_id = "u1", .user_name = "member", .project_id = "p1"};

    (void)req;
    if (strcmp(token, "good") != 0) {
        return ak_fail(err, AK_UNAUTHORIZED);
    }
    *ret_principal = &member;
    return 0;
}

static int authorise(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err)
{
    (void)req;
    *ret_admin = false;
    return ak_ends_with(policy, ":forbidden") ? ak_fail(err, AK_FORBIDDEN, policy) : 0;
}

const struct ak_server_hooks test_hooks = {authenticate, authorise};

int test_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        abort();
    }
    return fd;
}

void test_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return; /* the server may refuse before it has all */
        }
        bytes += n;
        len -= (size_t)n;
    }
}

void test_receive(int fd, struct test_answer *ret_answer)
{
    struct ak_buf buf;
    char bytes[65536], *gap = NULL;
    ssize_t n = 0;

    memset(ret_answer, 0, sizeof(*ret_answer));
    ak_buf_init(&buf, 64 << 20);
    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        ak_buf_add(&buf, bytes, (size_t)n);
    }
    (void)close(fd);
    gap = strstr(buf.data, "\r\n\r\n");
    if (gap && sscanf(buf.data, "HTTP/1.1 %d", &ret_answer->status) == 1) {
        size_t head = (size_t)(gap - buf.data) + 4;

        ret_answer->head = ak_xstrndup(buf.data, head);
        ret_answer->body_len = buf.len - head;
        ret_answer->body = ak_xcalloc(1, buf.len - head + 1);
        memcpy(ret_answer->body, buf.data + head, buf.len - head);
    }
    ak_buf_done(&buf);
}

void test_answer_done(struct test_answer *answer)
{
    free(answer->head);
    free(answer->body);
    memset(answer, 0, sizeof(*answer));
}

const char *test_header(const struct test_answer *answer, const char *name)
{
    static char value[512];
    AK_AUTO_STR key = ak_xasprintf("\r\n%s: ", name);
    const char *at = answer->head ? strcasestr(answer->head, key) : NULL;

    if (!at) {
        return NULL;
    }
    at += strlen(key);
    (void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}
