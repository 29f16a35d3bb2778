/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as the clients of each API know them. One error, six dialects; the text is in the language
 * of the request, the slug goes in a header so that no foreign field enters OpenStack's bodies. */
#include "http/http_internal.h"

const char *ak_status_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } rows[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Request Entity Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {507, "Insufficient Storage"},
    };

    for (size_t i = 0; i < AK_N(rows); i++) {
        if (rows[i].status == status) {
            return rows[i].phrase;
        }
    }
    return "Error";
}

/* Nova's key of a fault by status, for errors whose row names a type of another API. */
static const char *nova_fault(const struct ak_error_info *info)
{
    if (info->fault[0] >= 'a' && info->fault[0] <= 'z') {
        return info->fault;
    }
    switch (info->status) {
    case 400:
        return "badRequest";
    case 403:
        return "forbidden";
    case 404:
        return "itemNotFound";
    case 409:
        return "conflictingRequest";
    case 413:
    case 429:
        return "overLimit";
    case 503:
        return "serviceUnavailable";
    default:
        return "computeFault";
    }
}

/* Neutron's type: the row's when it is one (upper camel case), else the general one. */
static const char *neutron_type(const struct ak_error_info *info)
{
    if (info->fault[0] >= 'A' && info->fault[0] <= 'Z') {
        return info->fault;
    }
    switch (info->status) {
    case 400:
        return "HTTPBadRequest";
    case 403:
        return "PolicyNotAuthorized";
    case 404:
        return "HTTPNotFound";
    case 409:
        return "HTTPConflict";
    default:
        return info->status >= 500 ? "HTTPInternalServerError" : "HTTPClientError";
    }
}

static void keystone(struct ak_json *w, const struct ak_error_info *info, const char *text)
{
    ak_json_key(w, "error");
    ak_json_object(w);
    ak_json_kint(w, "code", info->status);
    ak_json_kstr(w, "message", text);
    ak_json_kstr(w, "title", ak_status_phrase(info->status));
    ak_json_object_end(w);
}

static void nova(struct ak_json *w, const struct ak_error_info *info, const char *text)
{
    ak_json_key(w, nova_fault(info));
    ak_json_object(w);
    ak_json_kint(w, "code", info->status);
    ak_json_kstr(w, "message", text);
    ak_json_object_end(w);
}

static void glance(struct ak_json *w, const struct ak_error_info *info, const char *text)
{
    AK_AUTO_STR code = ak_xasprintf("%d %s", info->status, ak_status_phrase(info->status));

    ak_json_kstr(w, "message", text);
    ak_json_kstr(w, "code", code);
    ak_json_kstr(w, "title", ak_status_phrase(info->status));
}

static void neutron(struct ak_json *w, const struct ak_error_info *info, const char *text)
{
    ak_json_key(w, "NeutronError");
    ak_json_object(w);
    ak_json_kstr(w, "type", neutron_type(info));
    ak_json_kstr(w, "message", text);
    ak_json_kstr(w, "detail", "");
    ak_json_object_end(w);
}

static void own(struct ak_json *w, const struct ak_connection *c, const struct ak_error_info *info,
                const char *text)
{
    AK_AUTO_STR type = ak_xasprintf("urn:akashi:error:%s", info->slug);

    ak_json_kstr(w, "type", type);
    ak_json_kstr(w, "title", ak_status_phrase(info->status));
    ak_json_kint(w, "status", info->status);
    ak_json_kstr(w, "detail", text);
    ak_json_kstr(w, "slug", info->slug);
    ak_json_key(w, "params");
    ak_json_array(w);
    for (size_t i = 0; i < AK_ERROR_PARAMS && c->err.params[i][0]; i++) {
        ak_json_str(w, c->err.params[i]);
    }
    ak_json_array_end(w);
    ak_json_kstr(w, "request_id", c->req.id);
}

/* Before any service's own errors comes the token middleware, which speaks Keystone's dialect. */
static enum ak_dialect dialect_of(const struct ak_connection *c)
{
    enum ak_dialect dialect = c->match.domain ? c->match.domain->dialect : AK_DIALECT_OWN;

    return dialect != AK_DIALECT_OWN && c->err.code == AK_UNAUTHORIZED ? AK_DIALECT_KEYSTONE
                                                                       : dialect;
}

static void add_headers(struct ak_connection *c, const struct ak_error_info *info)
{
    struct ak_request *req = &c->req;

    ak_reply_header(&c->reply, req, "X-Akashi-Error", info->slug);
    ak_reply_header(&c->reply, req, "Content-Language", req->lang == AK_LANG_JA ? "ja" : "en");
    if (info->status == 401) {
        ak_reply_header(&c->reply, req, "WWW-Authenticate",
                        ak_arena_printf(req->arena, "Keystone uri=\"%s/identity\"", req->base_url));
    } else if (info->status == 405) {
        AK_AUTO_BUF allow;

        ak_buf_init(&allow, 128);
        ak_router_allow(&c->match, req->listener, &allow);
        ak_reply_header(&c->reply, req, "Allow", ak_arena_strdup(req->arena, allow.data));
    } else if (info->status == 429 || info->status == 503) {
        ak_reply_header(&c->reply, req, "Retry-After",
                        info->status == 503 || !c->err.params[0][0] ? "1" : c->err.params[0]);
    }
}

void ak_error_reply(struct ak_connection *c)
{
    const struct ak_error_info *info = ak_error_info(c->err.code);
    char text[2048];
    struct ak_json *w = &c->reply.json;

    ak_reply_done(&c->reply);
    ak_reply_init(&c->reply);
    ak_error_text(&c->err, c->req.lang, text, sizeof(text));
    c->reply.status = info->status;
    ak_json_object(w);
    switch (dialect_of(c)) {
    case AK_DIALECT_KEYSTONE:
        keystone(w, info, text);
        break;
    case AK_DIALECT_NOVA:
    case AK_DIALECT_CINDER:
        nova(w, info, text);
        break;
    case AK_DIALECT_GLANCE:
        glance(w, info, text);
        break;
    case AK_DIALECT_NEUTRON:
        neutron(w, info, text);
        break;
    case AK_DIALECT_OWN:
        own(w, c, info, text);
        c->reply.content_type = "application/problem+json";
        break;
    }
    ak_json_object_end(w);
    add_headers(c, info);
}
