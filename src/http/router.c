/* SPDX-License-Identifier: Apache-2.0 */
/* The route tables compiled into one tree: a node for each path segment, its literal children
 * sorted for bisection, at most one child for a parameter. Built once at start; the dispatcher
 * asks it where a path is, and which row serves the method, microversion and action there. */
#include "http/router.h"

#define SEGMENTS_MAX 16
#define PARAMS_MAX   6

struct row {
    const struct ak_route *route;
    const struct ak_domain *domain;
};

struct ak_router_node {
    char *segment;
    struct ak_router_node **children; /* literal, sorted by segment */
    size_t n_children;
    struct ak_router_node *param;
    struct row *rows;
    size_t n_rows;
    bool legacy;
};

struct ak_router {
    struct ak_router_node *top;
    const struct ak_domain *const *domains;
};

static void node_free(struct ak_router_node *node)
{
    if (!node) {
        return;
    }
    for (size_t i = 0; i < node->n_children; i++) {
        node_free(node->children[i]);
    }
    node_free(node->param);
    free(node->children);
    free(node->rows);
    free(node->segment);
    free(node);
}

void ak_router_free(struct ak_router *router)
{
    if (router) {
        node_free(router->top);
        free(router);
    }
}

/* Splits a path at its slashes; empty segments are kept but for the first and one at the end.
 * Returns the number of segments, SEGMENTS_MAX + 1 when there are more. */
static size_t split(char *path, char *segments[SEGMENTS_MAX])
{
    size_t n = 0;
    char *p = path;

    while (*p == '/' && p[1] != '\0') {
        char *end = strchr(++p, '/');

        if (n == SEGMENTS_MAX) {
            return SEGMENTS_MAX + 1;
        }
        segments[n++] = p;
        if (!end) {
            break;
        }
        p = end;
    }
    for (size_t i = 0; i < n; i++) {
        segments[i][strcspn(segments[i], "/")] = '\0';
    }
    return n;
}

static int by_segment(const void *key, const void *member)
{
    const struct ak_router_node *const *node = member;

    return strcmp(key, (*node)->segment);
}

static struct ak_router_node *literal_child(const struct ak_router_node *node, const char *segment)
{
    struct ak_router_node **found = node->n_children == 0
                                        ? NULL
                                        : bsearch(segment, node->children, node->n_children,
                                                  sizeof(struct ak_router_node *), by_segment);

    return found ? *found : NULL;
}

static struct ak_router_node *child_for(struct ak_router_node *node, const char *segment)
{
    struct ak_router_node *child = NULL;
    size_t at = 0;

    if (segment[0] == '{') {
        node->param = node->param ? node->param : ak_new(struct ak_router_node);
        return node->param;
    }
    child = literal_child(node, segment);
    if (child) {
        return child;
    }
    child = ak_new(struct ak_router_node);
    child->segment = ak_xstrdup(segment);
    node->children =
        ak_xrealloc(node->children, (node->n_children + 1) * sizeof(struct ak_router_node *));
    while (at < node->n_children && strcmp(node->children[at]->segment, segment) < 0) {
        at++;
    }
    memmove(node->children + at + 1, node->children + at,
            (node->n_children - at) * sizeof(struct ak_router_node *));
    node->children[at] = child;
    node->n_children++;
    return child;
}

static void add_path(struct ak_router_node *top, const struct ak_domain *domain,
                     const struct ak_route *route, char *path, bool legacy)
{
    char *segments[SEGMENTS_MAX];
    size_t n = split(path, segments);
    struct ak_router_node *node = top;

    if (n > SEGMENTS_MAX) {
        ak_log(AK_ERR, "route %s%s has too many segments", domain->root, route->path);
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        node = child_for(node, segments[i]);
    }
    node->rows = ak_xrealloc(node->rows, (node->n_rows + 1) * sizeof(struct row));
    node->rows[node->n_rows++] = (struct row){route, domain};
    node->legacy = legacy;
}

static void add_route(struct ak_router_node *top, const struct ak_domain *domain,
                      const struct ak_route *route)
{
    AK_AUTO_STR path = ak_xasprintf("%s%s", domain->root, route->path);
    size_t len = domain->legacy.path ? strlen(domain->legacy.path) : 0;

    add_path(top, domain, route, path, false);
    if (len > 0 && strncmp(route->path, domain->legacy.path, len) == 0 &&
        (route->path[len] == '\0' || route->path[len] == '/')) {
        AK_AUTO_STR old =
            ak_xasprintf("%s%s%s", domain->root, domain->legacy.old_path, route->path + len);
        add_path(top, domain, route, old, true);
    }
}

struct ak_router *ak_router_new(const struct ak_domain *const *domains)
{
    struct ak_router *router = ak_new(struct ak_router);

    router->top = ak_new(struct ak_router_node);
    router->domains = domains;
    for (size_t d = 0; domains[d]; d++) {
        for (size_t r = 0; r < domains[d]->n_routes; r++) {
            add_route(router->top, domains[d], &domains[d]->routes[r]);
        }
    }
    return router;
}

static bool visible(const struct ak_route *route, enum ak_listener listener)
{
    return listener == AK_MANAGEMENT || !(route->flags & AK_ROUTE_MANAGEMENT);
}

static bool any_visible(const struct ak_router_node *node, enum ak_listener listener)
{
    for (size_t i = 0; i < node->n_rows; i++) {
        if (visible(node->rows[i].route, listener)) {
            return true;
        }
    }
    return false;
}

/* Depth is bounded by SEGMENTS_MAX. Literal first, then the parameter. */
static const struct ak_router_node *walk(const struct ak_router_node *node, char *const *segments,
                                         size_t n, enum ak_listener listener,
                                         struct ak_match *match)
{
    const struct ak_router_node *found = NULL, *child = NULL;

    if (n == 0) {
        return any_visible(node, listener) ? node : NULL;
    }
    child = literal_child(node, segments[0]);
    found = child ? walk(child, segments + 1, n - 1, listener, match) : NULL;
    if (!found && node->param && segments[0][0] != '\0' && match->n_params < PARAMS_MAX) {
        match->params[match->n_params++] = segments[0];
        found = walk(node->param, segments + 1, n - 1, listener, match);
        if (!found) {
            match->params[--match->n_params] = NULL;
        }
    }
    return found;
}

static const struct ak_domain *domain_of(const struct ak_router *router, const char *path)
{
    const struct ak_domain *best = NULL;

    for (size_t i = 0; router->domains[i]; i++) {
        size_t len = strlen(router->domains[i]->root);

        if (strncmp(path, router->domains[i]->root, len) == 0 &&
            (path[len] == '\0' || path[len] == '/') && (!best || len > strlen(best->root))) {
            best = router->domains[i];
        }
    }
    return best;
}

int ak_router_find(const struct ak_router *router, struct ak_arena *arena, const char *path,
                   enum ak_listener listener, struct ak_match *ret_match, struct ak_error *err)
{
    char *segments[SEGMENTS_MAX];
    size_t n = 0;

    *ret_match = (struct ak_match){.domain = domain_of(router, path)};
    n = split(ak_arena_strdup(arena, path), segments);
    if (path[0] != '/' || n > SEGMENTS_MAX) {
        return ak_fail(err, AK_NOT_FOUND);
    }
    for (size_t i = 0; i < n; i++) {
        if (!ak_url_decode(segments[i]) || !ak_utf8_valid(segments[i], strlen(segments[i]))) {
            return ak_fail(err, AK_BAD_REQUEST, "the path is not valid percent-encoded UTF-8");
        }
    }
    ret_match->node = walk(router->top, segments, n, listener, ret_match);
    if (!ret_match->node || (ret_match->node->param && ak_ends_with(path, "/"))) {
        return ak_fail(err, AK_NOT_FOUND); /* /images/ asks for the image with an empty id */
    }
    ret_match->domain = ret_match->node->rows[0].domain;
    ret_match->legacy = ret_match->node->legacy;
    return 0;
}

static bool has_method(const struct ak_router_node *node, const char *method,
                       enum ak_listener listener)
{
    for (size_t i = 0; i < node->n_rows; i++) {
        if (visible(node->rows[i].route, listener) &&
            strcmp(node->rows[i].route->method, method) == 0) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct ak_route *route, const char *method, int microversion)
{
    return strcmp(route->method, method) == 0 &&
           (microversion == 0 || ((route->since == 0 || microversion >= route->since) &&
                                  (route->until == 0 || microversion <= route->until)));
}

int ak_router_pick(const struct ak_match *match, enum ak_listener listener, const char *method,
                   int microversion, const char *action, const struct ak_route **ret_route,
                   struct ak_error *err)
{
    const struct ak_router_node *node = match->node;
    bool in_version = false;

    if (strcmp(method, "HEAD") == 0 && !has_method(node, "HEAD", listener)) {
        method = "GET";
    }
    if (!has_method(node, method, listener)) {
        return ak_fail(err, AK_METHOD_NOT_ALLOWED, method);
    }
    for (size_t i = 0; i < node->n_rows; i++) {
        const struct ak_route *route = node->rows[i].route;

        if (!visible(route, listener) || !fits(route, method, microversion)) {
            continue;
        }
        in_version = true;
        if (!action || ak_streq(route->action, action)) {
            *ret_route = route;
            return 0;
        }
    }
    return in_version ? ak_fail(err, AK_ACTION_UNKNOWN, action) : ak_fail(err, AK_NOT_FOUND);
}

void ak_router_allow(const struct ak_match *match, enum ak_listener listener, struct ak_buf *out)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; match->node && i < AK_N(methods); i++) {
        if (has_method(match->node, methods[i], listener) ||
            (i == 1 && has_method(match->node, "GET", listener))) {
            ak_buf_printf(out, "%s%s", out->len > 0 ? ", " : "", methods[i]);
        }
    }
}
