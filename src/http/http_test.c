/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of the server on real sockets, with ordinary and hostile clients. */
#include "http/http.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "http/http_test_app.h"
#include "store/store_testing.h"

struct fixture {
    struct ak_store *store;
    struct ak_server *server;
    char customer[64], management[64];
    struct test_answer answer;
    struct ak_error err;
};

static int set_up(void **state)
{
    struct fixture *f = ak_new(struct fixture);
    struct ak_server_options options = {
        .domains = test_domains, .hooks = test_hooks, .max_connections = 32};

    f->store = store_testing_open();
    (void)snprintf(f->customer, sizeof(f->customer), "/tmp/ak-http-%d-c", (int)getpid());
    (void)snprintf(f->management, sizeof(f->management), "/tmp/ak-http-%d-m", (int)getpid());
    options.store = f->store;
    options.customer_socket = f->customer;
    options.management_socket = f->management;
    test_busy_left = 0;
    test_streamed = -1;
    assert_ok(ak_server_start(&options, &f->server, &f->err), &f->err);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ak_server_free(f->server);
    store_testing_close(f->store);
    test_answer_done(&f->answer);
    free(f);
    return 0;
}

static int ask_on(struct fixture *f, const char *socket, const char *bytes, size_t len)
{
    int fd = test_connect(socket);

    test_answer_done(&f->answer);
    test_send(fd, bytes, len);
    test_receive(fd, &f->answer);
    return f->answer.status;
}

/* Sends bytes that are no request, then nothing more: the server must hang up, answered or not. */
static void throw_at(struct fixture *f, const char *bytes, size_t len)
{
    int fd = test_connect(f->customer);

    test_answer_done(&f->answer);
    test_send(fd, bytes, len);
    (void)shutdown(fd, SHUT_WR);
    test_receive(fd, &f->answer);
}

/* Sends "METHOD path" with headers (each ended by \r\n) and a body; returns the status. */
static int ask(struct fixture *f, const char *line, const char *headers, const char *body)
{
    AK_AUTO_BUF raw;

    ak_buf_init(&raw, 4 << 20);
    ak_buf_printf(&raw, "%s HTTP/1.1\r\nHost: cloud:8443\r\nConnection: close\r\n%s", line,
                  headers);
    if (body) {
        ak_buf_printf(&raw, "Content-Length: %zu\r\n", strlen(body));
    }
    ak_buf_printf(&raw, "\r\n%s", body ? body : "");
    return ask_on(f, f->customer, raw.data, raw.len);
}

#define GOOD "X-Auth-Token: good\r\n"
#define JSON GOOD "Content-Type: application/json\r\n"

static int64_t audited(struct fixture *f, const char *where)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO_STR text = ak_xasprintf("SELECT count(*) AS n FROM audit_event WHERE %s", where);
    struct ak_sql sql = {"count", text, 0, "cloud: test"};
    int64_t n = 0;

    assert_ok(ak_tx_read(f->store, &tx, &f->err), &f->err);
    assert_ok(ak_sql_int(tx, &sql, AK_NO_ARGS, &n, &f->err), &f->err);
    return n;
}

static void a_change_is_parsed_done_recorded_and_answered(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        ask(f, "POST /compute/v2.1/things", JSON, "{\"thing\":{\"name\":\"n\",\"size\":3}}"), 202);
    assert_string_equal(f->answer.body, "{\"thing\":{\"id\":\"t1\",\"name\":\"n\",\"size\":3}}");
    assert_int_equal(strncmp(test_header(&f->answer, "X-Openstack-Request-Id"), "req-", 4), 0);
    assert_string_equal(test_header(&f->answer, "OpenStack-API-Version"), "compute 2.1");
    assert_string_equal(test_header(&f->answer, "Content-Type"), "application/json");
    assert_int_equal(audited(f, "action = 'compute.thing.create' AND outcome = 'success' AND "
                                "object_id = 't1' AND actor_id = 'u1' AND project_id = 'p1'"),
                     1);
}

static void each_dialect_has_its_own_shape_of_errors(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "DELETE /compute/v2.1/things/9", GOOD, NULL), 404);
    assert_string_equal(f->answer.body, "{\"itemNotFound\":{\"code\":404,\"message\":\"Thing 9 "
                                        "could not be found.\"}}");
    assert_int_equal(ask(f, "GET /image/v2/missing/9", GOOD, NULL), 404);
    assert_string_equal(f->answer.body, "{\"message\":\"Thing 9 could not be found.\",\"code\":"
                                        "\"404 Not Found\",\"title\":\"Not Found\"}");
    assert_int_equal(ask(f, "GET /network/missing/9", GOOD, NULL), 404);
    assert_string_equal(f->answer.body,
                        "{\"NeutronError\":{\"type\":\"HTTPNotFound\",\"message\":\"Thing 9 could "
                        "not be found.\",\"detail\":\"\"}}");
    assert_int_equal(ask(f, "GET /identity/missing/9", GOOD, NULL), 404);
    assert_string_equal(f->answer.body,
                        "{\"error\":{\"code\":404,\"message\":\"Thing 9 could not be found.\","
                        "\"title\":\"Not Found\"}}");
    assert_int_equal(ask(f, "GET /service/missing/9", GOOD, NULL), 404);
    assert_string_equal(test_header(&f->answer, "Content-Type"), "application/problem+json");
    assert_non_null(strstr(f->answer.body, "\"slug\":\"object-not-found\",\"params\":[\"Thing\","
                                           "\"9\"],\"request_id\":\"req-"));
}

static void errors_speak_the_language_of_the_request(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        ask(f, "GET /service/missing/9", GOOD "Accept-Language: fr, ja;q=0.8, en;q=0.5\r\n", NULL),
        404);
    assert_non_null(strstr(f->answer.body, "見つかりません"));
    assert_string_equal(test_header(&f->answer, "Content-Language"), "ja");
    assert_int_equal(
        ask(f, "GET /service/missing/9", GOOD "Accept-Language: ja;q=0.2, en\r\n", NULL), 404);
    assert_non_null(strstr(f->answer.body, "could not be found"));
}

static void without_a_token_nothing_but_public_routes_answers(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /compute/", "", NULL), 200);
    assert_int_equal(ask(f, "GET /compute/", "X-Auth-Token: stale\r\n", NULL), 200);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1", "", NULL), 401);
    assert_string_equal(test_header(&f->answer, "WWW-Authenticate"),
                        "Keystone uri=\"https://cloud:8443/identity\"");
    assert_non_null(strstr(f->answer.body, "{\"error\":{\"code\":401"));
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1", "X-Auth-Token: bad\r\n", NULL), 401);
}

static void policy_is_asked_before_the_handler(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /compute/v2.1/forbidden", GOOD, NULL), 403);
    assert_non_null(strstr(f->answer.body, "{\"forbidden\":{\"code\":403"));
    assert_int_equal(audited(f, "outcome = 'refused' AND actor_id = 'u1'"), 1);
}

static void paths_and_methods_unknown_are_404_and_405(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /nowhere", "", NULL), 404);
    assert_string_equal(test_header(&f->answer, "Content-Type"), "application/problem+json");
    assert_int_equal(ask(f, "GET /compute/v2.1/none", GOOD, NULL), 404);
    assert_int_equal(ask(f, "PATCH /compute/v2.1/things", JSON, "{}"), 405);
    assert_string_equal(test_header(&f->answer, "Allow"), "POST");
    assert_int_equal(ask(f, "HEAD /compute/v2.1/things/1", GOOD, NULL), 200);
    assert_int_equal(f->answer.body_len, 0);
    assert_non_null(test_header(&f->answer, "Content-Length"));
}

static void microversions_choose_and_are_echoed(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /compute/v2.1/new", GOOD, NULL), 404);
    assert_int_equal(
        ask(f, "GET /compute/v2.1/new", GOOD "OpenStack-API-Version: compute 2.6\r\n", NULL), 200);
    assert_string_equal(test_header(&f->answer, "X-OpenStack-Nova-API-Version"), "2.6");
    assert_non_null(strstr(test_header(&f->answer, "Vary"), "OpenStack-API-Version"));
    assert_int_equal(
        ask(f, "GET /compute/v2.1/new", GOOD "X-OpenStack-Nova-API-Version: 2.11\r\n", NULL), 406);
    assert_non_null(strstr(f->answer.body, "Version 2.11 is not supported by the API. Minimum is "
                                           "2.1 and maximum is 2.10."));
    assert_int_equal(ask(f, "GET /compute/", "OpenStack-API-Version: compute 9.9\r\n", NULL), 200);
    assert_int_equal(
        ask(f, "GET /compute/v2.1/new", GOOD "OpenStack-API-Version: compute x\r\n", NULL), 400);
}

static void actions_are_chosen_by_the_member_of_the_body(void **state)
{
    static const char line[] = "POST /compute/v2.1/things/7/action";
    struct fixture *f = *state;

    assert_int_equal(ask(f, line, JSON, "{\"os-start\":null}"), 202);
    assert_int_equal(audited(f, "action = 'compute.thing.start' AND object_id = '7'"), 1);
    assert_int_equal(ask(f, line, JSON, "{\"rename\":{\"name\":\"x\"}}"), 202);
    assert_non_null(strstr(f->answer.body, "\"name\":\"x\""));
    assert_int_equal(ask(f, line, JSON, "{\"rename\":{}}"), 400);
    assert_int_equal(ask(f, line, JSON, "{\"rename\":null}"), 400);
    assert_int_equal(ask(f, line, JSON, "{\"os-fly\":null}"), 400);
    assert_non_null(strstr(f->answer.body, "There is no such action: os-fly."));
    assert_int_equal(ask(f, line, JSON, "{\"os-start\":null,\"rename\":null}"), 400);
    assert_int_equal(ask(f, line, JSON, "[]"), 400);
    assert_int_equal(ask(f, line, JSON, ""), 400);
    assert_int_equal(ask(f, line, JSON, "{\"os-forbidden\":null}"), 403);
}

static void bad_bodies_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *body;
        const char *text;
    } cases[] = {
        {"", "empty"},
        {"{", "not valid JSON"},
        {"{\"thing\":{\"name\":\"\xff\"}}", "not valid JSON"},
        {"{\"thing\":{\"name\":\"a\",\"name\":\"b\"}}", "not valid JSON"},
        {"[]", "must be a JSON object"},
        {"{\"other\":{}}", "'thing' is a required property"},
        {"{\"thing\":{\"name\":\"a\"},\"more\":1}", "more than its one member"},
        {"{\"thing\":{\"name\":5}}", "must be of type string"},
        {"{\"thing\":{\"name\":\"a\",\"x\":1}}", "'x' was unexpected"},
        {"{\"thing\":{\"name\":\"a\",\"size\":11}}", "must be between 1 and 10"},
        {"{\"thing\":null}", "must be of type object"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < AK_N(cases); i++) {
        int status = ask(f, "POST /compute/v2.1/things", JSON, cases[i].body);

        if (status != 400 || !strstr(f->answer.body, cases[i].text)) {
            fail_msg("%s: %d %s", cases[i].body, status, f->answer.body);
        }
        assert_non_null(test_header(&f->answer, "X-Openstack-Request-Id"));
    }
    assert_int_equal(ask(f, "POST /compute/v2.1/things", GOOD "Content-Type: text/xml\r\n", "<a/>"),
                     415);
    assert_true(audited(f, "outcome = 'refused'") > 0);
}

static void deep_nesting_is_refused(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR deep = ak_xcalloc(1, 60001);

    memset(deep, '[', 60000);
    assert_int_equal(ask(f, "POST /compute/v2.1/things", JSON, deep), 400);
    assert_non_null(strstr(f->answer.body, "nested deeper"));
}

static void bodies_over_the_limit_are_refused_before_they_are_read(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR big = ak_xcalloc(1, 70001);

    memset(big, ' ', 70000);
    assert_int_equal(ask(f, "POST /compute/v2.1/things", JSON, big), 413);
    assert_int_equal(
        ask(f, "POST /compute/v2.1/things", JSON "Content-Length: 99999999999\r\n", NULL), 413);
    assert_int_equal(ask(f, "POST /compute/v2.1/things",
                         JSON "Content-Length: 99999999999999999999999\r\n", NULL),
                     413);
}

static void chunked_bodies_are_counted(void **state)
{
    static const char head[] = "POST /compute/v2.1/things HTTP/1.1\r\nHost: a\r\n"
                               "Connection: close\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n";
    struct fixture *f = *state;
    AK_AUTO_BUF raw;

    ak_buf_init(&raw, 1 << 20);
    ak_buf_printf(&raw, "%s2\r\n{\"\r\n6\r\nthing\"\r\n13\r\n:{\"name\":\"chunky\"}}\r\n0\r\n\r\n",
                  head);
    assert_int_equal(ask_on(f, f->customer, raw.data, raw.len), 202);
    ak_buf_reset(&raw);
    ak_buf_str(&raw, head);
    for (int i = 0; i < 20; i++) {
        ak_buf_printf(&raw, "1000\r\n%04096d\r\n", 0);
    }
    ak_buf_str(&raw, "0\r\n\r\n");
    assert_int_equal(ask_on(f, f->customer, raw.data, raw.len), 413);
}

static void hostile_heads_are_refused_and_the_server_lives(void **state)
{
    struct fixture *f = *state;
    AK_AUTO_STR million = ak_xcalloc(1, 1000001);
    AK_AUTO_STR line = NULL;
    AK_AUTO_STR path = NULL;

    memset(million, 'a', 1000000);
    line = ak_xasprintf("X-Long: %s\r\n", million);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1", line, NULL), 431);
    path = ak_xasprintf("GET /%s", million);
    assert_in_range(ask(f, path, "", NULL), 400, 499);
    million[40000] = '\0';
    free(line);
    line = ak_xasprintf(GOOD "X-Long: %s\r\n", million);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1", line, NULL), 431);
    assert_non_null(test_header(&f->answer, "X-Openstack-Request-Id"));
    assert_int_equal(ask(f, "GET /compute/v2.1/things/%zz", GOOD, NULL), 400);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/%00", GOOD, NULL), 400);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1?name=%ff", GOOD, NULL), 400);
    throw_at(f, "\0\0\0\0\r\n\r\n", 8);
    throw_at(f, "GET\r\n\r\n", 7);
    throw_at(f, "GET / HTTP/9.9\r\n\r\n", 18);
    assert_int_equal(ask(f, "GET /compute/v2.1/things/1?name=a%20b%2Bc+d&x", GOOD, NULL), 200);
    assert_string_equal(f->answer.body,
                        "{\"thing\":{\"id\":\"1\",\"name\":\"a b+c d\",\"size\":0}}");
}

static void a_truncated_body_changes_nothing(void **state)
{
    struct fixture *f = *state;
    int fd = test_connect(f->customer);
    static const char raw[] = "POST /compute/v2.1/things HTTP/1.1\r\nHost: a\r\n" JSON
                              "Content-Length: 100\r\n\r\n{\"thing\":";

    test_send(fd, raw, strlen(raw));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    test_answer_done(&f->answer);
    test_receive(fd, &f->answer);
    assert_int_equal(f->answer.status, 0);
    assert_int_equal(audited(f, "outcome = 'success'"), 0);
    assert_int_equal(ask(f, "GET /compute/", "", NULL), 200);
}

static void connections_are_kept_for_further_requests(void **state)
{
    struct fixture *f = *state;
    static const char raw[] =
        "GET /compute/ HTTP/1.1\r\nHost: a\r\n\r\n"
        "POST /compute/v2.1/none HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        "GET /compute/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    const char *p = NULL;
    int n = 0;

    assert_int_equal(ask_on(f, f->customer, raw, strlen(raw)), 200);
    for (p = f->answer.body; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++) {
        n++;
    }
    assert_int_equal(n, 2);
    assert_non_null(strstr(f->answer.body, "HTTP/1.1 404"));
}

static void a_handler_that_records_nothing_is_our_bug(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "POST /compute/v2.1/forgets", JSON, "{}"), 500);
    assert_non_null(strstr(f->answer.body, "computeFault"));
}

static void a_busy_database_is_tried_again(void **state)
{
    struct fixture *f = *state;

    test_busy_left = 3;
    assert_int_equal(ask(f, "GET /compute/v2.1/busy", GOOD, NULL), 200);
    assert_int_equal(f->answer.body[0], '{');
    test_busy_left = 100;
    assert_int_equal(ask(f, "GET /compute/v2.1/busy", GOOD, NULL), 503);
    assert_string_equal(test_header(&f->answer, "Retry-After"), "1");
}

static void operator_routes_exist_on_the_management_socket_only(void **state)
{
    static const char raw[] =
        "GET /compute/v2.1/hosts HTTP/1.1\r\nHost: a\r\n" GOOD "Connection: close\r\n\r\n";
    struct fixture *f = *state;

    assert_int_equal(ask_on(f, f->customer, raw, strlen(raw)), 404);
    assert_int_equal(ask_on(f, f->management, raw, strlen(raw)), 200);
}

static void the_source_is_what_nginx_wrote_and_nothing_else(void **state)
{
    struct fixture *f = *state;

    (void)ask(f, "GET /compute/", "X-Forwarded-For: 192.0.2.7\r\n", NULL);
    assert_non_null(strstr(f->answer.body, "\"source\":\"192.0.2.7\""));
    (void)ask(f, "GET /compute/", "X-Forwarded-For: <script>\r\nHost: evil/\"\r\n", NULL);
    assert_non_null(strstr(f->answer.body, "\"source\":\"local\""));
}

static void a_flood_of_refusals_is_one_event_a_second(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 50; i++) {
        assert_int_equal(ask(f, "GET /compute/v2.1/things/1", "X-Auth-Token: bad\r\n", NULL), 401);
    }
    assert_in_range(audited(f, "action = 'http.access' AND outcome = 'refused'"), 1, 5);
}

/* Sends a streamed upload of 'size' bytes, of which 'sent' really come. */
static int upload(struct fixture *f, const char *path, int64_t size, int64_t sent)
{
    int fd = test_connect(f->customer);
    AK_AUTO_STR head = ak_xasprintf("PUT %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" GOOD
                                    "Content-Type: application/octet-stream\r\n"
                                    "Content-Length: %lld\r\n\r\n",
                                    path, (long long)size);
    char bytes[50200];

    test_send(fd, head, strlen(head));
    for (int64_t at = 0; at < sent;) {
        size_t n = sent - at < (int64_t)sizeof(bytes) ? (size_t)(sent - at) : sizeof(bytes);

        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)((at + (int64_t)i) % 251);
        }
        test_send(fd, bytes, n);
        at += (int64_t)n;
    }
    (void)shutdown(fd, SHUT_WR);
    test_answer_done(&f->answer);
    test_receive(fd, &f->answer);
    return f->answer.status;
}

static void uploads_are_streamed_whole_and_in_order(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(upload(f, "/image/v2/images/1/file", 20000000, 20000000), 204);
    assert_int_equal(test_streamed, 20000000);
    assert_int_equal(upload(f, "/image/v2/images/1/file", 0, 0), 204);
    assert_int_equal(test_streamed, 0);
    assert_int_equal(upload(f, "/image/v2/images/1/file", 1, 1), 204);
    assert_int_equal(test_streamed, 1);
}

static void a_truncated_upload_fails_in_the_handler(void **state)
{
    struct fixture *f = *state;

    (void)upload(f, "/image/v2/images/1/file", 20000000, 5000000);
    assert_int_equal(ask(f, "GET /compute/", "", NULL), 200);
    ak_server_stop(f->server);
    assert_int_equal(test_streamed, -(int)AK_BAD_REQUEST);
}

static void uploads_refused_early_are_not_read(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(upload(f, "/image/v2/refuse", 1000000000000, 0), 409);
    assert_int_equal(upload(f, "/image/v2/refuse", 1000, 1000), 409);
    assert_int_equal(upload(f, "/image/v2/limited", 1000001, 1000001), 413);
    assert_int_equal(upload(f, "/image/v2/stop", 5000000, 5000000), 507);
    assert_non_null(strstr(f->answer.body, "storage is full"));
}

static void files_are_sent_by_range(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /image/v2/images/1/file", GOOD, NULL), 200);
    assert_int_equal(f->answer.body_len, 2000000);
    assert_memory_equal(f->answer.body, "hello", 6);
    assert_string_equal(test_header(&f->answer, "Content-Type"), "application/octet-stream");
}

#define HANDSHAKE                                                                                  \
    "GET /image/v2/console HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, "  \
    "Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"      \
    "Sec-WebSocket-Protocol: binary, base64\r\n\r\n"

static size_t receive_some(int fd, char *out, size_t wanted)
{
    size_t have = 0;

    while (have < wanted) {
        ssize_t n = recv(fd, out + have, wanted - have, 0);

        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    return have;
}

/* Reads the answer's head byte by byte. */
static void receive_head(int fd, char *out, size_t size)
{
    size_t n = 0;

    while (n + 1 < size && recv(fd, out + n, 1, 0) == 1) {
        out[++n] = '\0';
        if (n >= 4 && memcmp(out + n - 4, "\r\n\r\n", 4) == 0) {
            return;
        }
    }
    fail_msg("no head: %s", out);
}

static void a_websocket_relays_pings_and_closes(void **state)
{
    struct fixture *f = *state;
    int fd = test_connect(f->customer);
    char head[2000], bytes[64];

    test_send(fd, HANDSHAKE, strlen(HANDSHAKE));
    receive_head(fd, head, sizeof(head));
    assert_non_null(strstr(head, "HTTP/1.1 101"));
    assert_non_null(strstr(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_non_null(strstr(head, "Sec-WebSocket-Protocol: binary\r\n"));
    test_send(fd, "\x82\x85\0\0\0\0hello\x89\x82\0\0\0\0ok", 19);
    assert_int_equal(receive_some(fd, bytes, 11), 11);
    assert_true(memmem(bytes, 11, "\x82\x05hello", 7) != NULL);
    assert_true(memmem(bytes, 11, "\x8a\x02ok", 4) != NULL);
    test_send(fd, "\x88\x82\0\0\0\0\x03\xe8", 8);
    assert_int_equal(receive_some(fd, bytes, 64), 4);
    assert_memory_equal(bytes, "\x88\x02\x03\xe8", 4);
    (void)close(fd);
}

static void a_websocket_ends_when_the_display_or_the_protocol_does(void **state)
{
    static const struct {
        const char *frame;
        size_t size;
        const char *close;
    } cases[] = {
        {"\x82\x81\0\0\0\0!", 7, "\x88\x02\x03\xe8"},
        {"\x81\x81\0\0\0\0x", 7, "\x88\x02\x03\xeb"},
        {"\x82\x01x", 3, "\x88\x02\x03\xea"},
    };
    struct fixture *f = *state;
    char head[2000], bytes[64];

    for (size_t i = 0; i < AK_N(cases); i++) {
        int fd = test_connect(f->customer);

        test_send(fd, HANDSHAKE, strlen(HANDSHAKE));
        receive_head(fd, head, sizeof(head));
        test_send(fd, cases[i].frame, cases[i].size);
        assert_int_equal(receive_some(fd, bytes, 64), 4);
        assert_memory_equal(bytes, cases[i].close, 4);
        (void)close(fd);
    }
}

static void a_handshake_that_is_none_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ask(f, "GET /image/v2/console", "", NULL), 400);
    assert_int_equal(
        ask(f, "GET /image/v2/console", "Upgrade: websocket\r\nSec-WebSocket-Key: short\r\n", NULL),
        400);
}

static void open_consoles_end_when_the_server_stops(void **state)
{
    struct fixture *f = *state;
    int fd = test_connect(f->customer);
    char head[2000];

    test_send(fd, HANDSHAKE, strlen(HANDSHAKE));
    receive_head(fd, head, sizeof(head));
    ak_server_stop(f->server);
    assert_int_equal(receive_some(fd, head, 1), 0);
    (void)close(fd);
    assert_int_equal(access(f->customer, F_OK), -1);
}

static void a_socket_that_another_process_serves_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct ak_server_options options = {.domains = test_domains,
                                        .hooks = test_hooks,
                                        .customer_socket = f->customer,
                                        .max_connections = 4};
    struct ak_server *second = NULL;

    assert_fails(ak_server_start(&options, &second, &f->err), AK_CONFIG);
    assert_int_equal(ask(f, "GET /compute/", "", NULL), 200);
}

static void *hammer(void *data)
{
    struct fixture *f = data;

    for (int i = 0; i < 30; i++) {
        static const char raw[] =
            "POST /compute/v2.1/things HTTP/1.1\r\nHost: a\r\nConnection: "
            "close\r\n" JSON "Content-Length: 22\r\n\r\n{\"thing\":{\"name\":\"n\"}}";
        struct test_answer answer;
        int fd = test_connect(f->customer);

        test_send(fd, raw, strlen(raw));
        test_receive(fd, &answer);
        if (answer.status != 202) {
            abort();
        }
        test_answer_done(&answer);
    }
    return NULL;
}

static void many_clients_at_once_are_all_served(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[8];

    for (size_t i = 0; i < AK_N(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, f), 0);
    }
    for (size_t i = 0; i < AK_N(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(audited(f, "outcome = 'success'"), 240);
}

static void documents_of_the_routes_are_json(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        AK_AUTO_BUF buf;
        AK_AUTO_JSON json = NULL;
        struct ak_json w = ak_json_on(&buf);

        ak_buf_init(&buf, 1 << 20);
        (i == 0 ? ak_routes_dump : ak_routes_openapi)(test_domains, &w);
        assert_true(ak_buf_ok(&buf));
        assert_ok(ak_json_parse(buf.data, buf.len, &json, &f->err), &f->err);
        assert_int_equal(json_object_size(json_object_get(json, i == 0 ? "routes" : "paths")) > 5,
                         i == 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_change_is_parsed_done_recorded_and_answered),
        TEST(each_dialect_has_its_own_shape_of_errors),
        TEST(errors_speak_the_language_of_the_request),
        TEST(without_a_token_nothing_but_public_routes_answers),
        TEST(policy_is_asked_before_the_handler),
        TEST(paths_and_methods_unknown_are_404_and_405),
        TEST(microversions_choose_and_are_echoed),
        TEST(actions_are_chosen_by_the_member_of_the_body),
        TEST(bad_bodies_are_refused_with_a_reason),
        TEST(deep_nesting_is_refused),
        TEST(bodies_over_the_limit_are_refused_before_they_are_read),
        TEST(chunked_bodies_are_counted),
        TEST(hostile_heads_are_refused_and_the_server_lives),
        TEST(a_truncated_body_changes_nothing),
        TEST(connections_are_kept_for_further_requests),
        TEST(a_handler_that_records_nothing_is_our_bug),
        TEST(a_busy_database_is_tried_again),
        TEST(operator_routes_exist_on_the_management_socket_only),
        TEST(the_source_is_what_nginx_wrote_and_nothing_else),
        TEST(a_flood_of_refusals_is_one_event_a_second),
        TEST(uploads_are_streamed_whole_and_in_order),
        TEST(a_truncated_upload_fails_in_the_handler),
        TEST(uploads_refused_early_are_not_read),
        TEST(files_are_sent_by_range),
        TEST(a_websocket_relays_pings_and_closes),
        TEST(a_websocket_ends_when_the_display_or_the_protocol_does),
        TEST(a_handshake_that_is_none_is_refused),
        TEST(open_consoles_end_when_the_server_stops),
        TEST(a_socket_that_another_process_serves_is_left_alone),
        TEST(many_clients_at_once_are_all_served),
        TEST(documents_of_the_routes_are_json),
    };

    ak_log_init("test", AK_ERR);
    if (!store_testing_start(argc, argv)) {
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
