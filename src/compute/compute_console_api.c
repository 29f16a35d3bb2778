/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles: the log of the serial port, and the screen. The screen is a WebSocket that the portal's
 * noVNC page opens with a single-use token; the api process relays it to the guest's display, a
 * unix socket that nothing else reaches. Spec:
 * https://docs.openstack.org/api-ref/compute/#server-consoles */
#include "compute_handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "access/access.h"

#define OUTPUT_MAX ((size_t)100 * 1024) /* as much of the log as Nova answers */

/* ---- Log ------------------------------------------------------------------------------------- */

int compute_do_console_output(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_console_output_body *body = req->body;
    int64_t lines = body && (body->given.set & ~body->given.null) ? body->length : -1;
    struct compute_server server;
    {
        AK_AUTO(ak_tx) tx = NULL;
        int rc = ak_tx_read(req->store, &tx, err);
        rc = rc == 0 ? compute_request_server(req, tx, &server, err) : rc;
        rc = rc == 0 ? access_content_check(req, tx, server.project_id, server.id, err) : rc;
        if (rc != 0) {
            return rc;
        }
    }
    if (!server.host) {
        return ak_fail(err, AK_CONSOLE_NOT_READY);
    }
    AK_AUTO_BUF text;
    ak_buf_init(&text, OUTPUT_MAX + 1);
    int rc = compute_log_tail(compute_console_log_path(req->config, req->arena, server.id), lines,
                              OUTPUT_MAX, &text, err);
    if (rc == 0) {
        ak_json_object(&reply->json);
        ak_json_kstr(&reply->json, "output", text.data);
        ak_json_object_end(&reply->json);
    }
    return rc;
}

/* ---- Token ----------------------------------------------------------------------------------- */

/* The page is the portal's, on the customer listener, whichever listener was asked; that of the
 * provider's people is on theirs, where they come in. */
static const char *portal_url(const struct ak_request *req)
{
    const char *url = ak_config_str(req->config, "customer_url");
    bool here = req->listener == AK_CUSTOMER || (req->principal->roles & AK_ROLE_STAFF);
    return here || !url[0] ? req->base_url : url;
}

/* Makes a token for the server of the request; '*ret_url' is the page that uses it. */
static int make_url(struct ak_request *req, const char *type, const char **ret_url,
                    struct ak_error *err)
{
    struct compute_caller who = compute_caller_of(req);
    char token[COMPUTE_CONSOLE_TOKEN];
    struct compute_server server;
    AK_AUTO(ak_tx) tx = NULL;
    if (!ak_streq(type, "novnc")) {
        return ak_fail(err, AK_CONSOLE_TYPE, type);
    }
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_request_server(req, tx, &server, err) : rc;
    rc = rc == 0 ? access_content_check(req, tx, server.project_id, server.id, err) : rc;
    if (rc == 0 && (server.vm == COMPUTE_BUILDING || server.vm == COMPUTE_STOPPED ||
                    server.vm == COMPUTE_ERROR || !server.host)) {
        rc = ak_fail(err, AK_CONSOLE_NOT_READY);
    }
    rc = rc == 0
             ? compute_console_token_make(tx, &who, req->principal->token_hash, &server, token, err)
             : rc;
    rc = rc == 0 ? ak_request_commit(req, tx, "server", server.id, server.project_id, NULL, err)
                 : rc;
    if (rc == 0) {
        *ret_url = ak_arena_printf(req->arena, "%s/console?token=%s", portal_url(req), token);
    }
    ak_wipe(token, sizeof(token));
    return rc;
}

int compute_do_vnc_console(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_console_body *body = req->body;
    const char *url = NULL;
    int rc = make_url(req, body->type, &url, err);
    if (rc == 0) {
        struct ak_json *w = &reply->json;
        ak_json_object(w);
        ak_json_key(w, "console");
        ak_json_object(w);
        ak_json_kstr(w, "type", body->type);
        ak_json_kstr(w, "url", url);
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

int compute_remote_console(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const struct compute_console_body *body = req->body;
    const char *url = NULL;
    if (!ak_streq(body->protocol, "vnc")) {
        return ak_fail(err, AK_CONSOLE_TYPE, body->type);
    }
    int rc = make_url(req, body->type, &url, err);
    if (rc == 0) {
        struct ak_json *w = &reply->json;
        ak_json_object(w);
        ak_json_key(w, "remote_console");
        ak_json_object(w);
        ak_json_kstr(w, "protocol", body->protocol);
        ak_json_kstr(w, "type", body->type);
        ak_json_kstr(w, "url", url);
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

/* ---- Relay ----------------------------------------------------------------------------------- */

static int connect_display(const char *path, int *ret_fd, struct ak_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return ak_fail_detail(err, AK_INTERNAL, "path of a display is too long: %s", path);
    }
    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int saved = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        ak_log(AK_INFO, "display %s: %s", path, strerror(saved));
        return ak_fail(err, AK_CONSOLE_NOT_READY);
    }
    *ret_fd = fd;
    return 0;
}

int compute_console_connect(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *token = ak_request_query(req, "token");
    struct compute_console console = {0};
    struct ak_relay_watch watch = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int fd = -1;
    if (!token) {
        return ak_fail(err, AK_CONSOLE_TOKEN);
    }
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? compute_console_token_load(tx, req->arena, token, &console, err) : rc;
    ak_tx_free(AK_TAKE(tx));
    rc = rc == 0 ? compute_console_check(req, &console, err) : rc;
    rc = rc == 0 ? compute_console_watch(req, &console, &watch, err) : rc;
    rc = rc == 0 ? ak_request_begin(req, &tx, err) : rc;
    rc = rc == 0 ? compute_console_token_use(tx, token, err) : rc;
    rc = rc == 0 ? ak_request_commit(req, tx, "server", console.server_id, console.project_id, NULL,
                                     err)
                 : rc;
    rc = rc == 0 ? connect_display(
                       compute_console_socket_path(req->config, req->arena, console.server_id), &fd,
                       err)
                 : rc;
    if (rc != 0) {
        if (watch.free) {
            watch.free(watch.data);
        }
        return rc;
    }
    return ak_reply_websocket(req, reply, fd, ak_config_int(req->config, "console_idle") * 1000,
                              &watch, err);
}
