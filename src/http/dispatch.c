/* SPDX-License-Identifier: Apache-2.0 */
/* The one dispatcher. It does, for every route and in this order, what no handler may forget:
 * route, microversion, authentication, policy, content type, body, handler, the check that a change
 * was recorded, the audit of a refusal, the error in the dialect of the domain, common headers. */
#include "http/http_internal.h"

#include <unistd.h>

#define BUSY_TRIES 5

static bool has_body_method(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static int check_size(struct ak_connection *c, struct ak_error *err)
{
    const struct ak_route *route = c->req.route;
    int64_t max = route->body_max;

    if (max == 0 && (route->flags & AK_ROUTE_STREAM_IN)) {
        return 0;
    }
    max = max > 0 ? max : AK_BODY_DEFAULT;
    return c->body_size > max ? ak_fail(err, AK_TOO_LARGE, AK_NUM(max)) : 0;
}

static int check_type(const struct ak_connection *c, struct ak_error *err)
{
    const char *type = ak_request_header(&c->req, "Content-Type");
    size_t len = 0;

    if ((c->req.route->flags & (AK_ROUTE_ANY_TYPE | AK_ROUTE_STREAM_IN)) || c->body_size == 0 ||
        !type || !has_body_method(c->req.method)) {
        return 0;
    }
    len = strcspn(type, "; \t");
    if (len == strlen("application/json") && strncasecmp(type, "application/json", len) == 0) {
        return 0;
    }
    return ak_fail(err, AK_UNSUPPORTED_MEDIA_TYPE, type, "application/json");
}

static int authenticate(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    const char *token = ak_request_header(req, "X-Auth-Token");
    bool public = req->route->flags & AK_ROUTE_PUBLIC;
    int rc = 0;

    if (!token || token[0] == '\0') {
        return public ? 0 : ak_fail(err, AK_UNAUTHORIZED);
    }
    rc = c->server->options.hooks.authenticate(req, token, &req->principal, err);
    if (rc < 0) {
        req->principal = NULL;
    }
    return rc == -AK_UNAUTHORIZED && public ? 0 : rc;
}

static int authorise(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;

    return req->route->policy
               ? c->server->options.hooks.authorise(req, req->route->policy, &req->admin, err)
               : 0;
}

/* Microversion and row. Discovery (public rows) answers whatever version is asked for. */
static int choose(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    struct ak_error bad = {0};
    int version = 0, rc = 0;

    if (req->legacy) {
        req->microversion = 1;
    } else if (req->domain->microversion_max > 0) {
        version = ak_microversion_pick(req->domain, ak_request_header(req, "OpenStack-API-Version"),
                                       ak_request_header(req, "X-OpenStack-Nova-API-Version"),
                                       &req->microversion, &bad);
    }
    rc = ak_router_pick(&c->match, req->listener, req->method, version < 0 ? 0 : req->microversion,
                        NULL, &req->route, err);
    if (rc == 0 && version < 0 && !(req->route->flags & AK_ROUTE_PUBLIC)) {
        *err = bad;
        return version;
    }
    return rc;
}

int ak_dispatch_head(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    int rc =
        ak_router_find(c->server->router, req->arena, req->path, req->listener, &c->match, err);

    req->domain = c->match.domain;
    req->legacy = c->match.legacy;
    memcpy(req->params, c->match.params, sizeof(req->params));
    rc = rc < 0 ? rc : choose(c, err);
    rc = rc < 0 ? rc : authenticate(c, err);
    if (rc == 0 && !req->route->action) {
        rc = authorise(c, err);
    }
    rc = rc < 0 ? rc : check_size(c, err);
    return rc < 0 ? rc : check_type(c, err);
}

/* Chooses the row of an action by the single member of the body, then asks its policy. */
static int pick_action(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    int rc = 0;

    if (json_object_size(req->json) != 1) {
        return ak_fail(err, AK_BAD_REQUEST, "the body must hold exactly one action");
    }
    rc = ak_router_pick(&c->match, req->listener, req->method, req->microversion,
                        json_object_iter_key(json_object_iter(req->json)), &req->route, err);
    return rc < 0 ? rc : authorise(c, err);
}

/* The part of the body that the field table describes; NULL in '*ret' = nothing to parse. */
static int open_envelope(struct ak_connection *c, const json_t **ret, struct ak_error *err)
{
    const struct ak_route *route = c->req.route;
    const char *envelope = route->envelope ? route->envelope : route->action;
    const json_t *inner = c->req.json;

    if (envelope) {
        if (!json_is_object(c->req.json)) {
            return ak_fail(err, AK_BAD_REQUEST, "the body must be a JSON object");
        }
        inner = json_object_get(c->req.json, envelope);
        if (!inner) {
            return ak_fail(err, AK_FIELD_MISSING, envelope);
        }
        if (json_object_size(c->req.json) > 1 && !route->body->allow_unknown &&
            !(route->flags & AK_ROUTE_MORE_MEMBERS)) {
            return ak_fail(err, AK_BAD_REQUEST, "the body holds more than its one member");
        }
    }
    *ret = json_is_null(inner) && (route->flags & AK_ROUTE_OPTIONAL_BODY) ? NULL : inner;
    return 0;
}

static int fill_body(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    struct ak_fields_mode mode = ak_request_mode(req);
    const json_t *inner = NULL;
    int rc = 0;

    if (!req->route->body) {
        return 0;
    }
    if (!req->json) {
        return (req->route->flags & AK_ROUTE_OPTIONAL_BODY)
                   ? 0
                   : ak_fail(err, AK_BAD_JSON, "it is empty");
    }
    rc = open_envelope(c, &inner, err);
    if (rc < 0 || !inner) {
        return rc;
    }
    mode.only = NULL;
    req->body = ak_arena_alloc(req->arena, req->route->body->size);
    return ak_fields_parse(req->route->body, inner, &mode, req->arena, req->body, err);
}

static int read_body(struct ak_connection *c, struct ak_error *err)
{
    struct ak_request *req = &c->req;
    int rc = 0;

    if (c->body.len > 0 && has_body_method(req->method)) {
        rc = ak_json_parse(c->body.data, c->body.len, &req->json, err);
    }
    if (rc == 0 && req->route->action) {
        rc = pick_action(c, err);
    }
    return rc < 0 ? rc : fill_body(c, err);
}

/* Runs the handler; a busy database is tried again, since nothing was committed. */
static int handle(struct ak_connection *c, struct ak_error *err)
{
    bool once = c->req.route->flags & (AK_ROUTE_STREAM_IN | AK_ROUTE_WEBSOCKET);
    int rc = 0;

    for (int try = 0; try < BUSY_TRIES; try++) {
        if (try > 0) {
            unsigned char jitter = 0;

            ak_random(&jitter, 1);
            (void)usleep((1000U << try) + 20U * jitter);
            ak_reply_done(&c->reply);
            ak_reply_init(&c->reply);
        }
        ak_error_clear(err);
        rc = c->req.route->handler(&c->req, &c->reply, err);
        if (rc != -AK_STORE_BUSY || c->committed || once) {
            break;
        }
    }
    return rc;
}

int ak_dispatch_run(struct ak_connection *c, struct ak_error *err)
{
    const struct ak_route *route = NULL;
    int rc = 0;

    if (!(c->req.route->flags & AK_ROUTE_STREAM_IN)) {
        rc = read_body(c, err);
    }
    rc = rc < 0 ? rc : handle(c, err);
    route = c->req.route;
    if (rc == 0 && !ak_buf_ok(&c->reply.body)) {
        return ak_fail_detail(err, AK_INTERNAL, "the reply of %s %s is larger than 16 MiB",
                              route->method, route->path);
    }
    if (rc == 0 && route->audit && !c->committed) {
        return ak_fail_detail(err, AK_INTERNAL, "%s %s succeeded without recording its change",
                              route->method, route->path);
    }
    return rc;
}

static bool must_audit(const struct ak_connection *c, int status)
{
    return status == 401 || status == 403 || (status >= 400 && c->req.route && c->req.route->audit);
}

/* Names the row, not the path, so that tests can tell which rows were ever served. */
static void log_served(const struct ak_connection *c)
{
    const struct ak_route *route = c->req.route;

    if (route) {
        ak_log(AK_DEBUG, "served %s %s%s%s%s %d in %lld us", route->method, c->match.domain->root,
               route->path, route->action ? "#" : "", route->action ? route->action : "",
               c->reply.status, (long long)(ak_monotonic_us() - c->started_us));
    }
}

void ak_dispatch_end(struct ak_connection *c, int rc)
{
    struct ak_request *req = &c->req;

    if (rc < 0) {
        if (c->err.code != (enum ak_error_code) - rc) {
            (void)ak_fail_detail(&c->err, AK_INTERNAL, "error %d came without its description", rc);
        }
        ak_log_error(&c->err, "%s %s from %s", req->method, req->path, req->source);
        if (must_audit(c, ak_error_info(c->err.code)->status)) {
            ak_refusal_audit(c);
        }
        ak_error_reply(c);
    }
    ak_microversion_echo(c);
    ak_reply_header(&c->reply, req, "X-Openstack-Request-Id", req->id);
    if (req->domain && req->domain->dialect == AK_DIALECT_NOVA) {
        ak_reply_header(&c->reply, req, "X-Compute-Request-Id", req->id); /* the older name */
    }
    if (!c->reply.upgrade) {
        ak_reply_header(&c->reply, req, "Cache-Control", "no-store");
    }
    log_served(c);
}
