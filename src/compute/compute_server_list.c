/* SPDX-License-Identifier: Apache-2.0 */
/* GET /servers and /servers/detail: Nova's filters. Equality goes to the database by the query
 * table (compute_rows.c); a status becomes the states it stands for; what no database does alike on
 * both engines (regular expressions, addresses, tags) is matched here, page by page, so that a page
 * is full whenever there is enough to fill it. */
#include "compute_handlers.h"

#include <regex.h>

static const char *const own_filters[] = {"name",          "status",      "ip",        "ip6",
                                          "changes-since", "all_tenants", "tenant_id", "project_id",
                                          "deleted",       "tags",        "tags-any",  "not-tags",
                                          "not-tags-any",  "image",       "flavor",    NULL};

struct filter {
    struct ak_request *req;
    const char *project_id; /* NULL = all */
    struct ak_query query;
    bool none;  /* nothing can match */
    bool match; /* rows must pass matches() */
    regex_t name;
    bool has_name;
    const char *const *ids; /* sorted; servers with a wanted address */
    size_t n_ids;
    bool has_ids;
    bool has_status;
    unsigned status[COMPUTE_VM_STATES];
};

static int add_text(struct filter *f, const char *column, const char *value, struct ak_error *err)
{
    struct ak_value v = ak_v_text(value);
    return ak_query_filter(&f->query, f->req->arena, column, AK_EQ, &v, 1, err);
}

static bool flag_of(struct ak_request *req, const char *name, bool *ret_valid)
{
    const char *text = ak_request_query(req, name);
    bool on = false;
    *ret_valid = true;
    if (text) {
        *ret_valid = text[0] == '\0' || ak_parse_bool(text, &on);
        on = text[0] == '\0' ? true : on;
    }
    return on;
}

/* Whose servers: the project's; for administrators that ask, another's or everybody's. */
static int take_scope(struct filter *f, struct ak_error *err)
{
    struct ak_request *req = f->req;
    bool valid;
    bool all = flag_of(req, "all_tenants", &valid);
    if (!valid) {
        return ak_fail(err, AK_FIELD_VALUE, "all_tenants", "it must be a boolean");
    }
    f->project_id = req->principal->project_id;
    if (all && !req->admin) {
        return ak_fail(err, AK_FORBIDDEN, "os_compute_api:servers:detail:get_all_tenants");
    }
    if (all) {
        const char *named = ak_request_query(req, "project_id");
        f->project_id = named ? named : ak_request_query(req, "tenant_id");
    }
    return 0;
}

/* Living servers, unless changes-since or (administrators) deleted says otherwise. */
static int take_times(struct filter *f, struct ak_error *err)
{
    const char *since = ak_request_query(f->req, "changes-since");
    bool valid;
    bool deleted = f->req->admin && flag_of(f->req, "deleted", &valid);
    struct ak_value value = ak_v_int(0);
    if (since) {
        int64_t time_us;
        if (!ak_time_parse(since, &time_us)) {
            return ak_fail(err, AK_FIELD_VALUE, "changes-since", "it is not a date and time");
        }
        value = ak_v_int(time_us);
        return ak_query_filter(&f->query, f->req->arena, "updated_us", AK_GE, &value, 1, err);
    }
    return ak_query_filter(&f->query, f->req->arena, "deleted_us", deleted ? AK_NE : AK_EQ, &value,
                           1, err);
}

/* Several statuses are alternatives. The states go to the database, the tasks are matched here. */
static int take_status(struct filter *f, struct ak_error *err)
{
    const struct ak_map *q = &f->req->query;
    bool given = false;
    for (size_t i = 0; i < q->n; i++) {
        unsigned tasks[COMPUTE_VM_STATES];
        if (!ak_streq(q->pairs[i].key, "status")) {
            continue;
        }
        given = true;
        if (compute_status_parse(q->pairs[i].value, tasks)) {
            f->has_status = true;
            for (size_t vm = 0; vm < COMPUTE_VM_STATES; vm++) {
                f->status[vm] |= tasks[vm];
            }
        }
    }
    if (!given) {
        return 0;
    }
    if (f->has_status && f->status[COMPUTE_DELETED] && !f->req->admin) {
        return ak_fail(err, AK_FORBIDDEN, "listing deleted servers");
    }
    f->none = !f->has_status; /* an unknown status: nothing has it */
    struct ak_value states[COMPUTE_VM_STATES];
    size_t n = 0;
    for (size_t vm = 0; vm < COMPUTE_VM_STATES; vm++) {
        if (f->status[vm]) {
            states[n++] = ak_v_text(compute_vm_state_name((enum compute_vm_state)vm));
        }
    }
    f->match = true;
    return ak_query_filter(&f->query, f->req->arena, "vm_state", AK_IN, states, n, err);
}

static int take_name(struct filter *f, struct ak_error *err)
{
    const char *name = ak_request_query(f->req, "name");
    if (!name || !name[0]) {
        return 0;
    }
    if (name[strcspn(name, "^$.*+?()[]{}|\\")] == '\0') {
        struct ak_value value = ak_v_text(name);
        return ak_query_filter(&f->query, f->req->arena, "name", AK_CONTAINS, &value, 1, err);
    }
    if (!ak_regex_modest(name) ||
        regcomp(&f->name, name, REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0) {
        return ak_fail(err, AK_FIELD_VALUE, "name", "it is no regular expression, or too costly");
    }
    f->has_name = f->match = true;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int take_address(struct filter *f, struct ak_tx *tx, const char *name, int version,
                        struct ak_error *err)
{
    const char *regex = ak_request_query(f->req, name);
    if (!regex || !regex[0] || f->none) {
        return 0;
    }
    const char *const *found = NULL;
    int rc =
        network_servers_by_address(tx, f->req->arena, f->project_id, regex, version, &found, err);
    if (rc != 0) {
        return rc;
    }
    size_t n = 0;
    while (found[n]) {
        n++;
    }
    const char **ids = ak_arena_array(f->req->arena, const char *, n + 1);
    memcpy(ids, found, n * sizeof(*ids));
    if (n > 0) {
        qsort(ids, n, sizeof(*ids), by_text);
    }
    f->ids = ids;
    f->n_ids = n;
    f->has_ids = f->match = true;
    f->none = n == 0;
    return 0;
}

/* Clients give flavor and image as an id or as a link that ends with it. */
static int take_reference(struct filter *f, const char *name, const char *column,
                          struct ak_error *err)
{
    const char *text = ak_request_query(f->req, name);
    if (!text) {
        return 0;
    }
    const char *slash = strrchr(text, '/');
    return add_text(f, column, slash ? slash + 1 : text, err);
}

static bool has_tag(const struct ak_list *tags, const char *tag)
{
    const char *const *items = tags->items;
    for (size_t i = 0; i < tags->n; i++) {
        if (ak_streq(items[i], tag)) {
            return true;
        }
    }
    return false;
}

/* How many of a comma list the server has, and how many there are. */
static void count_tags(struct ak_arena *arena, const struct ak_list *tags, const char *list,
                       size_t *ret_have, size_t *ret_of)
{
    char *save = NULL;
    *ret_have = *ret_of = 0;
    for (char *tag = strtok_r(ak_arena_strdup(arena, list), ",", &save); tag;
         tag = strtok_r(NULL, ",", &save)) {
        *ret_have += has_tag(tags, tag);
        ++*ret_of;
    }
}

static bool tags_match(const struct filter *f, const struct compute_server *server)
{
    static const struct {
        const char *name;
        bool any, negated;
    } rules[] = {{"tags", false, false},
                 {"tags-any", true, false},
                 {"not-tags", false, true},
                 {"not-tags-any", true, true}};
    for (size_t i = 0; f->req->microversion >= 26 && i < AK_N(rules); i++) {
        const char *list = ak_request_query(f->req, rules[i].name);
        size_t have, of;
        if (!list || !list[0]) {
            continue;
        }
        count_tags(f->req->arena, &server->tags, list, &have, &of);
        bool holds = rules[i].any ? have > 0 : have == of;
        if (holds == rules[i].negated) {
            return false;
        }
    }
    return true;
}

static bool matches(const struct filter *f, const struct compute_server *server)
{
    if (f->has_status && (f->status[server->vm] & (1U << server->task)) == 0) {
        return false;
    }
    if (f->has_name && regexec(&f->name, server->name, 0, NULL, 0) != 0) {
        return false;
    }
    if (f->has_ids && !bsearch(&server->id, f->ids, f->n_ids, sizeof(*f->ids), by_text)) {
        return false;
    }
    return tags_match(f, server);
}

static int read_filters(struct filter *f, struct ak_tx *tx, struct ak_error *err)
{
    struct ak_request *req = f->req;
    int rc = ak_request_list(req, req->admin ? &compute_server_query_admin : &compute_server_query,
                             AK_LIST_NOVA, COMPUTE_MAX_LIMIT, own_filters, &f->query, err);
    rc = rc == 0 ? take_scope(f, err) : rc;
    rc = rc == 0 ? take_times(f, err) : rc;
    rc = rc == 0 ? take_status(f, err) : rc;
    rc = rc == 0 ? take_name(f, err) : rc;
    rc = rc == 0 ? take_reference(f, "image", "image_id", err) : rc;
    rc = rc == 0 ? take_reference(f, "flavor", "flavor_id", err) : rc;
    rc = rc == 0 ? take_address(f, tx, "ip", 4, err) : rc;
    rc =
        rc == 0 && (req->admin || req->microversion >= 5) ? take_address(f, tx, "ip6", 6, err) : rc;
    for (size_t i = 0; req->microversion >= 26 && i < req->query.n; i++) {
        f->match = f->match || strstr(req->query.pairs[i].key, "tags") != NULL;
    }
    if (f->query.n_sorts == 0) {
        ak_query_sort_key(&f->query, "created_us", true);
    }
    return rc;
}

/* Fills a page of 'want' servers, and one more when there is one. */
static int fill_page(struct filter *f, struct ak_tx *tx, int64_t want, struct ak_list *ret_list,
                     struct ak_error *err)
{
    struct ak_arena *arena = f->req->arena;
    struct compute_server *page = ak_arena_array(arena, struct compute_server, (size_t)want + 1);
    size_t n = 0;
    f->query.limit = f->match ? COMPUTE_MAX_LIMIT : want + 1;
    for (;;) {
        struct ak_list rows;
        int rc = compute_server_list(tx, arena, f->project_id, &f->query, &rows, err);
        if (rc != 0) {
            return rc;
        }
        const struct compute_server *found = rows.items;
        for (size_t i = 0; i < rows.n && n <= (size_t)want; i++) {
            if (!f->match || matches(f, &found[i])) {
                page[n++] = found[i];
            }
        }
        if (n > (size_t)want || (int64_t)rows.n < f->query.limit || !f->match) {
            break;
        }
        f->query.marker = found[rows.n - 1].id;
    }
    *ret_list = (struct ak_list){.n = n, .items = page};
    return 0;
}

int compute_servers_list(struct ak_request *req, struct ak_reply *reply, bool detail,
                         struct ak_error *err)
{
    struct filter f = {.req = req};
    struct ak_list servers = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    rc = rc == 0 ? read_filters(&f, tx, err) : rc;
    int64_t want = f.query.limit;
    if (rc == 0 && !f.none) {
        rc = fill_page(&f, tx, want, &servers, err);
    }
    if (f.has_name) {
        regfree(&f.name);
    }
    if (rc != 0) {
        return rc;
    }
    bool more = (int64_t)servers.n > want;
    servers.n = more ? (size_t)want : servers.n;
    return compute_servers_reply(req, tx, reply, &servers, detail, more, err);
}
