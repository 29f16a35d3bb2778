/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_ROUTER_H
#define AK_HTTP_ROUTER_H
/* Private to src/http: the route tables of all domains compiled into one tree of path segments.
 * Immutable once built; any thread may match. */
#include "http/http.h"

struct ak_router;
struct ak_router_node;

struct ak_router *ak_router_new(const struct ak_domain *const *domains);
void ak_router_free(struct ak_router *router);
AK_DEFINE_AUTO(ak_router)

struct ak_match {
    const struct ak_domain *domain; /* set on failure too (by the longest root), for the dialect;
                                       may be NULL */
    const struct ak_router_node *node;
    bool legacy; /* by the domain's legacy path */
    const char *params[6];
    size_t n_params;
};

/* Finds the place of a path (still encoded, without query; one trailing slash is ignored).
 * Literal segments win over parameters. AK_NOT_FOUND, AK_BAD_REQUEST (bad percent-encoding or
 * UTF-8). Parameters are decoded into the arena. */
int ak_router_find(const struct ak_router *router, struct ak_arena *arena, const char *path,
                   enum ak_listener listener, struct ak_match *ret_match, struct ak_error *err);

/* Picks the row at a place. 'action' NULL: the first row that fits all else (which may be one of
 * several actions: see its 'action'). HEAD falls back to GET. AK_METHOD_NOT_ALLOWED;
 * AK_NOT_FOUND when the microversion has no such row; AK_ACTION_UNKNOWN. */
int ak_router_pick(const struct ak_match *match, enum ak_listener listener, const char *method,
                   int microversion, const char *action, const struct ak_route **ret_route,
                   struct ak_error *err);

/* The methods served at a place, for the Allow header: "GET, HEAD, POST". */
void ak_router_allow(const struct ak_match *match, enum ak_listener listener, struct ak_buf *out);

#endif
