/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: what the head of a request holds. Line 1 is the path, line 2 a microversion header,
 * the rest the query of a list, read in all five spellings. */
#include "http/http_internal.h"
#include "json/fields_test_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ak_route routes[] = {
    {"GET", "/", NULL},
    {"GET", "/v2.1/servers/detail", NULL},
    {"GET", "/v2.1/servers/{id}", NULL},
    {"POST", "/v2.1/servers/{id}/action", NULL, .action = "os-start"},
    {"GET", "/v2.1/servers/{id}/tags/{tag}/{more}", NULL, .since = 5},
};
static const struct ak_domain compute = {.name = "compute",
                                         .root = "/compute",
                                         .service_type = "compute",
                                         .microversion_max = 60,
                                         .routes = routes,
                                         .n_routes = AK_N(routes)};
static const struct ak_domain *const domains[] = {&compute, NULL};

static void find(struct ak_arena *arena, const char *path, const char *version)
{
    AK_AUTO(ak_router) router = ak_router_new(domains);
    const struct ak_route *route = NULL;
    struct ak_match match;
    int minor = 0;

    if (ak_microversion_pick(&compute, version, version, &minor, NULL) == 0 &&
        (minor < 1 || minor > 60)) {
        abort();
    }
    if (ak_router_find(router, arena, path, AK_CUSTOMER, &match, NULL) == 0) {
        (void)ak_router_pick(&match, AK_CUSTOMER, "HEAD", minor, NULL, &route, NULL);
        for (size_t i = 0; i < match.n_params; i++) {
            if (!ak_utf8_valid(match.params[i], strlen(match.params[i]))) {
                abort();
            }
        }
    }
}

static void list(struct ak_arena *arena, char *text)
{
    struct ak_pair pairs[32];
    struct ak_request req = {.arena = arena, .query = {.pairs = pairs}};
    char *save = NULL;

    for (char *p = strtok_r(text, "&", &save); p && req.query.n < AK_N(pairs);
         p = strtok_r(NULL, "&", &save)) {
        char *value = strchr(p, '=');

        if (value) {
            *value++ = '\0';
        }
        if (ak_url_decode(p) && (!value || ak_url_decode(value))) {
            pairs[req.query.n++] = (struct ak_pair){p, value ? value : ""};
        }
    }
    for (int style = AK_LIST_NOVA; style <= AK_LIST_OWN; style++) {
        struct ak_query query = {0};

        if (ak_request_list(&req, &car_fields, (enum ak_list_style)style, 1000, NULL, &query,
                            NULL) == 0 &&
            (query.limit < 0 || query.limit > 1000 || query.n_filters > AK_QUERY_FILTERS)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    char *text = ak_arena_strndup(arena, (const char *)data, size), *save = NULL;
    char *path = strtok_r(text, "\n", &save), *version = strtok_r(NULL, "\n", &save);

    if (path && version) {
        find(arena, path, version);
        list(arena, save ? save : version);
    }
    return 0;
}
