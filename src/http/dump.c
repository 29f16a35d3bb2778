/* SPDX-License-Identifier: Apache-2.0 */
/* The route tables as documents: a dump with everything (akashid --dump-routes), from which
 * manuals, policy lists and tests are made, and OpenAPI 3.1. */
#include "http/http_internal.h"

static void dump_flags(const struct ak_route *route, struct ak_json *w)
{
    static const char *const names[] = {"public",   "management",    "stream-in",   "websocket",
                                        "any-type", "optional-body", "more-members"};

    ak_json_key(w, "flags");
    ak_json_array(w);
    for (size_t i = 0; i < AK_N(names); i++) {
        if (route->flags >> i & 1) {
            ak_json_str(w, names[i]);
        }
    }
    ak_json_array_end(w);
}

static void dump_schema(const char *key, const struct ak_fields *fields, unsigned accept,
                        struct ak_json *w)
{
    if (fields) {
        ak_json_key(w, key);
        ak_fields_schema(fields, accept, w);
    }
}

static void dump_route(const struct ak_domain *domain, const struct ak_route *route,
                       struct ak_json *w)
{
    AK_AUTO_STR path = ak_xasprintf("%s%s", domain->root, route->path);

    ak_json_object(w);
    ak_json_kstr(w, "domain", domain->name);
    ak_json_kstr(w, "method", route->method);
    ak_json_kstr(w, "path", path);
    ak_json_kstr(w, "action", route->action);
    ak_json_kstr(w, "policy", route->policy);
    ak_json_kstr(w, "audit", route->audit);
    ak_json_kstr(w, "envelope", route->envelope);
    ak_json_kstr(w, "reply_envelope", route->reply_envelope);
    ak_json_kint(w, "since", route->since);
    ak_json_kint(w, "until", route->until);
    ak_json_kint(w, "body_max", route->body_max > 0 ? route->body_max : AK_BODY_DEFAULT);
    ak_json_kstr(w, "summary", route->summary);
    ak_json_kstr(w, "spec", route->spec);
    dump_flags(route, w);
    dump_schema("body", route->body, route->accept ? route->accept : AK_CREATE, w);
    dump_schema("reply", route->reply, 0, w);
    ak_json_object_end(w);
}

void ak_routes_dump(const struct ak_domain *const *domains, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_key(w, "routes");
    ak_json_array(w);
    for (size_t d = 0; domains[d]; d++) {
        for (size_t r = 0; r < domains[d]->n_routes; r++) {
            dump_route(domains[d], &domains[d]->routes[r], w);
        }
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
}

/* {envelope: schema}, [schema] under a plural envelope. */
static void enveloped(const char *envelope, const struct ak_fields *fields, unsigned accept,
                      struct ak_json *w)
{
    size_t len = envelope ? strlen(envelope) : 0;
    bool list =
        accept == 0 && len > 0 && envelope[len - 1] == 's' && !ak_streq(envelope, fields->name);

    if (envelope) {
        ak_json_object(w);
        ak_json_kstr(w, "type", "object");
        ak_json_key(w, "properties");
        ak_json_object(w);
        ak_json_key(w, envelope);
    }
    if (list) {
        ak_json_object(w);
        ak_json_kstr(w, "type", "array");
        ak_json_key(w, "items");
    }
    ak_fields_schema(fields, accept, w);
    if (list) {
        ak_json_object_end(w);
    }
    if (envelope) {
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
}

static bool same_operation(const struct ak_route *a, const struct ak_route *b)
{
    return strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0;
}

static void open_content(const char *type, struct ak_json *w)
{
    ak_json_key(w, "content");
    ak_json_object(w);
    ak_json_key(w, type);
    ak_json_object(w);
    ak_json_key(w, "schema");
}

static void close_content(struct ak_json *w)
{
    ak_json_object_end(w);
    ak_json_object_end(w);
}

/* All rows of one method and path (actions, microversions) are one operation. */
static void request_body(const struct ak_domain *domain, const struct ak_route *route,
                         struct ak_json *w)
{
    bool any = false;

    for (size_t i = 0; i < domain->n_routes; i++) {
        any = any || (domain->routes[i].body && same_operation(&domain->routes[i], route));
    }
    if (!any) {
        return;
    }
    ak_json_key(w, "requestBody");
    ak_json_object(w);
    open_content("application/json", w);
    ak_json_object(w);
    ak_json_key(w, "anyOf");
    ak_json_array(w);
    for (size_t i = 0; i < domain->n_routes; i++) {
        const struct ak_route *r = &domain->routes[i];

        if (r->body && same_operation(r, route)) {
            enveloped(r->envelope ? r->envelope : r->action, r->body,
                      r->accept ? r->accept : AK_CREATE, w);
        }
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    close_content(w);
    ak_json_object_end(w);
}

static void parameters(const struct ak_route *route, struct ak_json *w)
{
    ak_json_key(w, "parameters");
    ak_json_array(w);
    for (const char *p = strchr(route->path, '{'); p; p = strchr(p + 1, '{')) {
        AK_AUTO_STR name = ak_xstrndup(p + 1, strcspn(p + 1, "}"));

        ak_json_object(w);
        ak_json_kstr(w, "name", name);
        ak_json_kstr(w, "in", "path");
        ak_json_kbool(w, "required", true);
        ak_json_kraw(w, "schema", "{\"type\":\"string\"}");
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
}

static void operation(const struct ak_domain *domain, const struct ak_route *route,
                      struct ak_json *w)
{
    AK_AUTO_STR method = ak_xstrdup(route->method);

    for (char *p = method; *p; p++) {
        *p = (char)(*p | 0x20);
    }
    ak_json_key(w, method);
    ak_json_object(w);
    ak_json_kstr(w, "summary", route->summary);
    ak_json_key(w, "tags");
    ak_json_array(w);
    ak_json_str(w, domain->name);
    ak_json_array_end(w);
    if (route->spec) {
        ak_json_key(w, "externalDocs");
        ak_json_object(w);
        ak_json_kstr(w, "url", route->spec);
        ak_json_object_end(w);
    }
    parameters(route, w);
    request_body(domain, route, w);
    ak_json_kraw(w, "security", (route->flags & AK_ROUTE_PUBLIC) ? "[]" : "[{\"token\":[]}]");
    ak_json_key(w, "responses");
    ak_json_object(w);
    ak_json_key(w, "default");
    ak_json_object(w);
    ak_json_kstr(w, "description", "The answer, or an error in the dialect of the API.");
    if (route->reply) {
        open_content("application/json", w);
        enveloped(route->reply_envelope, route->reply, 0, w);
        close_content(w);
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
    ak_json_object_end(w);
}

static bool seen_before(const struct ak_domain *domain, size_t at, bool whole_path)
{
    for (size_t i = 0; i < at; i++) {
        if (whole_path ? strcmp(domain->routes[i].path, domain->routes[at].path) == 0
                       : same_operation(&domain->routes[i], &domain->routes[at])) {
            return true;
        }
    }
    return false;
}

static void path_item(const struct ak_domain *domain, size_t at, struct ak_json *w)
{
    AK_AUTO_STR path = ak_xasprintf("%s%s", domain->root, domain->routes[at].path);

    ak_json_key(w, path[0] ? path : "/");
    ak_json_object(w);
    for (size_t i = at; i < domain->n_routes; i++) {
        if (strcmp(domain->routes[i].path, domain->routes[at].path) == 0 &&
            !seen_before(domain, i, false)) {
            operation(domain, &domain->routes[i], w);
        }
    }
    ak_json_object_end(w);
}

void ak_routes_openapi(const struct ak_domain *const *domains, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_kstr(w, "openapi", "3.1.0");
    ak_json_key(w, "info");
    ak_json_object(w);
    ak_json_kstr(w, "title", "akashi");
    ak_json_kstr(w, "version", "2026.11");
    ak_json_object_end(w);
    ak_json_kraw(w, "components",
                 "{\"securitySchemes\":{\"token\":{\"type\":\"apiKey\",\"in\":\"header\","
                 "\"name\":\"X-Auth-Token\"}}}");
    ak_json_key(w, "paths");
    ak_json_object(w);
    for (size_t d = 0; domains[d]; d++) {
        for (size_t r = 0; r < domains[d]->n_routes; r++) {
            if (!seen_before(domains[d], r, true)) {
                path_item(domains[d], r, w);
            }
        }
    }
    ak_json_object_end(w);
    ak_json_object_end(w);
}
