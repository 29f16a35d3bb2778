/* SPDX-License-Identifier: Apache-2.0 */
/* What the head of a request tells: query, language, source address, own address for links. And
 * the small calls that handlers make on a request. */
#include "http/http_internal.h"

#include <arpa/inet.h>
#include <ctype.h>

#define QUERY_MAX 64

const char *ak_listener_name(enum ak_listener listener)
{
    return listener == AK_MANAGEMENT ? "management" : "customer";
}

const char *ak_request_header(const struct ak_request *req, const char *name)
{
    return MHD_lookup_connection_value(req->connection->mhd, MHD_HEADER_KIND, name);
}

const char *ak_request_query(const struct ak_request *req, const char *name)
{
    for (size_t i = 0; i < req->query.n; i++) {
        if (strcmp(req->query.pairs[i].key, name) == 0) {
            return req->query.pairs[i].value;
        }
    }
    return NULL;
}

int64_t ak_request_body_size(const struct ak_request *req)
{
    return req->connection->body_size;
}

/* Headers and query arguments are counted while they are walked. */
struct walk {
    struct ak_connection *c;
    size_t bytes, n;
    bool bad;
};

static enum MHD_Result count_header(void *data, enum MHD_ValueKind kind, const char *key,
                                    size_t key_size, const char *value, size_t value_size)
{
    struct walk *walk = data;

    (void)kind;
    walk->bytes += key_size + value_size;
    walk->n++;
    walk->bad = walk->bad || strlen(key) != key_size || (value && strlen(value) != value_size);
    return MHD_YES;
}

static const char *decoded(struct walk *walk, const char *text, size_t size)
{
    char *copy = ak_arena_strndup(walk->c->req.arena, text ? text : "", text ? size : 0);

    if (strlen(copy) != (text ? size : 0) || !ak_url_decode(copy) ||
        !ak_utf8_valid(copy, strlen(copy))) {
        walk->bad = true;
    }
    return copy;
}

static enum MHD_Result take_argument(void *data, enum MHD_ValueKind kind, const char *key,
                                     size_t key_size, const char *value, size_t value_size)
{
    struct walk *walk = data;
    struct ak_map *query = &walk->c->req.query;

    (void)kind;
    if (query->n == QUERY_MAX) {
        walk->bad = true;
        return MHD_NO;
    }
    query->pairs[query->n].key = decoded(walk, key, key_size);
    query->pairs[query->n].value = decoded(walk, value, value_size);
    query->n++;
    return MHD_YES;
}

/* 'ja' when it is preferred over 'en' (RFC 9110 12.5.4; only these two count). */
static enum ak_lang language(const char *header)
{
    double best[2] = {-1, -1};

    for (const char *p = header; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        const char *q = NULL;
        double weight = 1;
        int lang = -1;

        p += strspn(p, " \t");
        lang = strncasecmp(p, "ja", 2) == 0   ? AK_LANG_JA
               : strncasecmp(p, "en", 2) == 0 ? AK_LANG_EN
                                              : -1;
        if (lang < 0 || isalpha((unsigned char)p[2])) {
            continue;
        }
        q = p + strcspn(p, ";,");
        if (*q == ';' && sscanf(q, "; q=%lf", &weight) != 1) {
            weight = 0;
        }
        best[lang] = weight > best[lang] ? weight : best[lang];
    }
    return best[AK_LANG_JA] > best[AK_LANG_EN] && best[AK_LANG_JA] > 0 ? AK_LANG_JA : AK_LANG_EN;
}

/* nginx overwrites X-Forwarded-For by the peer's address; anything else is not believed. */
static const char *source_of(struct ak_request *req)
{
    const char *header = ak_request_header(req, "X-Forwarded-For");
    unsigned char binary[16];

    if (header &&
        (inet_pton(AF_INET, header, binary) == 1 || inet_pton(AF_INET6, header, binary) == 1)) {
        return ak_arena_strdup(req->arena, header);
    }
    return "local";
}

static const char *base_url_of(struct ak_request *req)
{
    const char *set = "", *host = ak_request_header(req, "Host"), *proto = NULL;

    if (req->config) {
        set = ak_config_str(req->config,
                            req->listener == AK_MANAGEMENT ? "management_url" : "customer_url");
    }
    if (set[0]) {
        return set;
    }
    if (!host || host[0] == '\0' || strlen(host) > 255 ||
        host[strspn(host,
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]")]) {
        host = "localhost";
    }
    proto = ak_request_header(req, "X-Forwarded-Proto");
    return ak_arena_printf(req->arena, "%s://%s", ak_streq(proto, "http") ? "http" : "https", host);
}

static int64_t content_length(const struct ak_request *req, bool *ret_bad)
{
    const char *header = ak_request_header(req, "Content-Length");
    int64_t size = 0;

    if (ak_request_header(req, "Transfer-Encoding")) {
        return -1;
    }
    if (header && !ak_parse_int(header, 0, INT64_MAX, &size)) {
        *ret_bad = true;
    }
    return size;
}

int ak_request_head(struct ak_connection *c, const char *url, const char *method,
                    struct ak_error *err)
{
    struct ak_request *req = &c->req;
    struct walk walk = {.c = c};

    req->path = ak_arena_strdup(req->arena, url);
    req->method = ak_arena_strdup(req->arena, method);
    req->query.pairs = ak_arena_array(req->arena, struct ak_pair, QUERY_MAX);
    req->source = source_of(req);
    req->lang = language(ak_request_header(req, "Accept-Language"));
    req->base_url = base_url_of(req);
    c->body_size = content_length(req, &walk.bad);
    (void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, count_header, &walk);
    if (walk.bytes > AK_HEADERS_MAX || walk.n > 100) {
        return ak_fail(err, AK_HEADERS_TOO_LARGE);
    }
    if (walk.bad) {
        return ak_fail(err, AK_BAD_REQUEST, "a header is malformed");
    }
    (void)MHD_get_connection_values_n(c->mhd, MHD_GET_ARGUMENT_KIND, take_argument, &walk);
    if (walk.bad) {
        return ak_fail(err, AK_BAD_REQUEST,
                       "the query is not valid percent-encoded UTF-8, or has too many parameters");
    }
    return 0;
}

struct ak_fields_mode ak_request_mode(const struct ak_request *req)
{
    struct ak_fields_mode mode = {.accept = req->route ? req->route->accept : 0,
                                  .microversion = req->microversion,
                                  .lenient = req->legacy,
                                  .admin = req->admin};
    const char **only = NULL;
    size_t n = 0;

    if (!req->domain || req->domain->dialect != AK_DIALECT_NEUTRON ||
        !ak_request_query(req, "fields")) {
        return mode;
    }
    only = ak_arena_array(req->arena, const char *, req->query.n + 1);
    for (size_t i = 0; i < req->query.n; i++) {
        if (strcmp(req->query.pairs[i].key, "fields") == 0) {
            only[n++] = req->query.pairs[i].value;
        }
    }
    mode.only = only;
    return mode;
}

int ak_request_begin(struct ak_request *req, struct ak_tx **ret_tx, struct ak_error *err)
{
    return ak_tx_write(req->store, ret_tx, err);
}

char ak_request_query_write(const struct ak_request *req, const char *const *without,
                            struct ak_buf *out)
{
    char separator = '?';

    for (size_t i = 0; i < req->query.n; i++) {
        const struct ak_pair *pair = &req->query.pairs[i];
        bool left_out = false;

        for (const char *const *name = without; name && *name; name++) {
            left_out = left_out || ak_streq(pair->key, *name);
        }
        if (!left_out) {
            ak_buf_char(out, separator);
            ak_buf_url(out, pair->key);
            ak_buf_char(out, '=');
            ak_buf_url(out, pair->value ? pair->value : "");
            separator = '&';
        }
    }
    return separator;
}

int ak_request_retry(ak_attempt_fn *attempt, void *data, struct ak_error *err)
{
    enum { TRIES = 5 };
    int rc = 0;

    for (int try = 0; try < TRIES; try++) {
        ak_error_clear(err);
        rc = attempt(data, err);
        if (rc != -AK_CHANGED_MEANWHILE && rc != -AK_STORE_BUSY) {
            break;
        }
    }
    return rc;
}

int ak_request_enter(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                     struct ak_error *err)
{
    const struct ak_server_hooks *hooks = &req->connection->server->options.hooks;

    return hooks->enter ? hooks->enter(req, tx, project_id, err) : 0;
}

int ak_request_commit(struct ak_request *req, struct ak_tx *tx, const char *object_type,
                      const char *object_id, const char *project_id, const char *detail_json,
                      struct ak_error *err)
{
    return ak_request_commit_as(req, tx, req->route->audit, object_type, object_id, project_id,
                                detail_json, err);
}

int ak_request_commit_as(struct ak_request *req, struct ak_tx *tx, const char *action,
                         const char *object_type, const char *object_id, const char *project_id,
                         const char *detail_json, struct ak_error *err)
{
    const struct ak_principal *who = req->principal;
    struct ak_audit_event event = {
        .action = action,
        .outcome = "success",
        .request_id = req->id,
        .actor_id = who ? who->user_id : NULL,
        .actor_name = who ? who->user_name : NULL,
        .project_id = project_id,
        .object_type = object_type,
        .object_id = object_id,
        .source = req->source,
        .listener = ak_listener_name(req->listener),
        .detail_json = detail_json,
    };
    int rc = 0;

    if (!event.action) {
        return ak_fail_detail(err, AK_INTERNAL, "route %s %s commits but has no audit action",
                              req->route->method, req->route->path);
    }
    rc = ak_audit_add(tx, &event, NULL, err);
    if (rc == 0) {
        rc = ak_tx_commit(tx, err);
    }
    req->connection->committed = rc == 0;
    return rc;
}
