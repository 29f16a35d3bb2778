/* SPDX-License-Identifier: Apache-2.0 */
/* Server and client for the tests of domains. See http_testing.h. */
#include "http/http_testing.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "# http_testing: %s\n", what);
        abort();
    }
}

struct http_testing *http_testing_start(const struct ak_domain *const *domains,
                                        struct ak_server_hooks hooks, struct ak_store *store)
{
    struct http_testing *t = ak_new(struct http_testing);
    struct ak_server_options options = {.domains = domains,
                                        .hooks = hooks,
                                        .store = store,
                                        .max_connections = 32,
                                        .customer_socket = t->socket[AK_CUSTOMER],
                                        .management_socket = t->socket[AK_MANAGEMENT]};
    struct ak_error err = {0};

    t->store = store;
    t->answer = ak_new(struct http_answer);
    t->config = ak_config_new();
    ak_config_add_settings(t->config, ak_http_settings, ak_http_settings_n);
    for (size_t i = 0; domains[i]; i++) {
        ak_config_add_settings(t->config, domains[i]->settings, domains[i]->n_settings);
    }
    options.config = t->config;
    (void)snprintf(t->socket[AK_CUSTOMER], sizeof(t->socket[0]), "/tmp/ak-testing-%d-c",
                   (int)getpid());
    (void)snprintf(t->socket[AK_MANAGEMENT], sizeof(t->socket[0]), "/tmp/ak-testing-%d-m",
                   (int)getpid());
    must(ak_server_start(&options, &t->server, &err) == 0, err.detail);
    return t;
}

static void answer_done(struct http_answer *answer)
{
    free(answer->head);
    free(answer->body);
    json_decref(answer->json);
    *answer = (struct http_answer){0};
}

struct ak_store *http_testing_stop(struct http_testing *t)
{
    struct ak_store *store = t->store;

    ak_server_free(t->server);
    ak_config_free(t->config);
    answer_done(t->answer);
    free(t->answer);
    free(t);
    return store;
}

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, path);
    return fd;
}

static void exchange(int fd, const struct ak_buf *request, struct ak_buf *reply)
{
    char bytes[65536];
    ssize_t n = 0;

    for (size_t sent = 0; sent < request->len; sent += (size_t)n) {
        n = send(fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            break; /* refused before all was sent: the answer is there */
        }
        must(n > 0, "send");
    }
    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        ak_buf_add(reply, bytes, (size_t)n);
    }
}

const struct http_answer *http_testing_send(struct http_testing *t, enum ak_listener listener,
                                            const char *method, const char *path, const char *token,
                                            const char *headers, const char *body)
{
    return http_testing_send_bytes(t, listener, method, path, token, headers, "application/json",
                                   body, body ? strlen(body) : 0);
}

const struct http_answer *http_testing_send_bytes(struct http_testing *t, enum ak_listener listener,
                                                  const char *method, const char *path,
                                                  const char *token, const char *headers,
                                                  const char *content_type, const void *bytes,
                                                  size_t size)
{
    AK_AUTO_FD fd = dial(t->socket[listener]);
    AK_AUTO_BUF request;
    AK_AUTO_BUF reply;
    const char *end = NULL;

    answer_done(t->answer);
    ak_buf_init(&request, (size_t)64 << 20);
    ak_buf_init(&reply, (size_t)64 << 20);
    ak_buf_printf(&request, "%s %s HTTP/1.1\r\nHost: cloud.test\r\nConnection: close\r\n", method,
                  path);
    if (token) {
        ak_buf_printf(&request, "X-Auth-Token: %s\r\n", token);
    }
    if (bytes) {
        ak_buf_printf(&request, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, size);
    }
    ak_buf_printf(&request, "%s\r\n", headers ? headers : "");
    ak_buf_add(&request, bytes ? bytes : "", size);
    exchange(fd, &request, &reply);
    end = strstr(reply.data, "\r\n\r\n");
    must(end && sscanf(reply.data, "HTTP/1.1 %d", &t->answer->status) == 1, "no HTTP answer");
    t->answer->head = ak_xstrndup(reply.data, (size_t)(end + 2 - reply.data));
    t->answer->body = ak_xstrdup(end + 4);
    t->answer->json = json_loads(t->answer->body, 0, NULL);
    return t->answer;
}

const json_t *http_answer_at(const struct http_answer *answer, const char *path)
{
    AK_AUTO_STR copy = ak_xstrdup(path);
    const json_t *at = answer->json;
    char *save = NULL;
    int64_t index = 0;

    for (char *part = strtok_r(copy, "/", &save); part && at; part = strtok_r(NULL, "/", &save)) {
        if (json_is_array(at)) {
            at = ak_parse_int(part, 0, 1000000, &index) ? json_array_get(at, (size_t)index) : NULL;
        } else {
            at = json_object_get(at, part);
        }
    }
    return at;
}

const char *http_answer_text(const struct http_answer *answer, const char *path)
{
    return json_string_value(http_answer_at(answer, path));
}

bool http_answer_header(const struct http_answer *answer, const char *name, char *out, size_t size)
{
    AK_AUTO_STR start = ak_xasprintf("\r\n%s: ", name);
    const char *at = strcasestr(answer->head, start);
    size_t len = 0;

    if (!at) {
        return false;
    }
    at += strlen(start);
    len = strcspn(at, "\r");
    ak_str_copy(out, len + 1 < size ? len + 1 : size, at);
    return true;
}
