/* SPDX-License-Identifier: Apache-2.0 */
/* What was done, and what is being done: audit events and jobs, of the caller's project, or of all
 * for the provider's people. An operator's action on a customer's object is that customer's event:
 * it is seen by the customer because the event bears the object's project. */
#include "access/access_internal.h"

#define PAGE_MAX 1000

/* The member of an envelope, NULL when it is null. */
static const char *text_of(const json_t *envelope, const char *key)
{
    return json_string_value(json_object_get(envelope, key));
}

static const char *actor_kind(const json_t *envelope)
{
    return ak_audit_side(text_of(envelope, "listener"));
}

static void write_event(struct ak_json *w, const struct ak_audit_row *row, const json_t *envelope)
{
    static const char *const same[] = {"action",     "outcome",    "reason",      "actor_id",
                                       "actor_name", "project_id", "object_type", "object_id",
                                       "listener",   "request_id", "source"};

    ak_json_object(w);
    ak_json_kint(w, "seq", row->seq);
    ak_json_ktime(w, "time_at", row->time_us, AK_TIME_Z);
    for (size_t i = 0; i < AK_N(same); i++) {
        ak_json_kstr(w, same[i], text_of(envelope, same[i]));
    }
    ak_json_kstr(w, "actor_kind", actor_kind(envelope));
    ak_json_object_end(w);
}

static int number_query(const struct ak_request *req, const char *name, int64_t min, int64_t max,
                        int64_t *ret, struct ak_error *err)
{
    const char *text = ak_request_query(req, name);

    return text && !ak_parse_int(text, min, max, ret)
               ? ak_fail(err, AK_FIELD_RANGE, name, AK_NUM(min), AK_NUM(max))
               : 0;
}

static int time_query(const struct ak_request *req, const char *name, int64_t *ret,
                      struct ak_error *err)
{
    const char *text = ak_request_query(req, name);

    return text && !ak_time_parse(text, ret)
               ? ak_fail(err, AK_FIELD_VALUE, name, "it must be an ISO 8601 time")
               : 0;
}

static int event_query(const struct ak_request *req, struct ak_audit_query *ret,
                       struct ak_error *err)
{
    static const char *const known[] = {"limit", "marker", "object_id",  "actor_id", "action",
                                        "from",  "to",     "project_id", "q"};
    int rc = 0;

    for (size_t i = 0; i < req->query.n; i++) {
        size_t k = 0;

        while (k < AK_N(known) && strcmp(known[k], req->query.pairs[i].key) != 0) {
            k++;
        }
        if (k == AK_N(known)) {
            return ak_fail(err, AK_QUERY_UNKNOWN, req->query.pairs[i].key);
        }
    }
    *ret = (struct ak_audit_query){.project_id = access_scope(req),
                                   .object_id = ak_request_query(req, "object_id"),
                                   .actor_id = ak_request_query(req, "actor_id"),
                                   .action = ak_request_query(req, "action"),
                                   .text = ak_request_query(req, "q"),
                                   .limit = 100};
    if (req->admin) {
        ret->project_id = ak_request_query(req, "project_id");
    }
    rc = number_query(req, "limit", 1, PAGE_MAX, &ret->limit, err);
    rc = rc < 0 ? rc : number_query(req, "marker", 1, INT64_MAX, &ret->before_seq, err);
    rc = rc < 0 ? rc : time_query(req, "from", &ret->from_us, err);
    return rc < 0 ? rc : time_query(req, "to", &ret->to_us, err);
}

/* Takes out what a customer is not shown: it learns where its own people came from, not where
 * operators sit. */
static void hide(json_t *envelope)
{
    if (strcmp(actor_kind(envelope), "customer") != 0) {
        (void)json_object_set_new(envelope, "source", json_null());
        (void)json_object_set_new(envelope, "detail", json_null());
    }
}

/* Whether the text is in what is left: a search that also found what is hidden would tell it,
 * letter by letter. */
static bool contains(const json_t *envelope, const char *text)
{
    AK_AUTO_STR shown = text ? json_dumps(envelope, JSON_COMPACT) : NULL;

    return !text || (shown && strcasestr(shown, text));
}

struct event_page {
    struct ak_json *w;
    int64_t room, last_seq;
    bool more; /* there is at least one that has no room */
};

/* The next events of the query that the caller sees; '*ret_n' = how many were looked at. */
static int write_some(struct ak_request *req, struct ak_tx *tx, struct ak_audit_query *query,
                      struct event_page *page, size_t *ret_n, struct ak_error *err)
{
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct ak_list list = {0};
    int rc = ak_audit_list(tx, arena, query, &list, err);
    const struct ak_audit_row *rows = list.items;

    for (size_t i = 0; i < list.n && rc == 0 && !page->more; i++) {
        AK_AUTO_JSON envelope = NULL;

        rc = ak_json_parse(rows[i].envelope, strlen(rows[i].envelope), &envelope, err);
        query->before_seq = rows[i].seq;
        if (rc == 0 && !req->admin) {
            hide(envelope);
        }
        if (rc < 0 || (!req->admin && !contains(envelope, query->text))) {
            continue;
        }
        page->more = page->room == 0;
        if (!page->more) {
            write_event(page->w, &rows[i], envelope);
            page->last_seq = rows[i].seq;
            page->room--;
        }
    }
    *ret_n = list.n;
    return rc;
}

int access_event_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_json *w = &reply->json;
    struct ak_audit_query query = {0};
    struct event_page page = {.w = w};
    size_t n = 0;
    AK_AUTO(ak_tx) tx = NULL;
    int rc = event_query(req, &query, err);

    rc = rc < 0 ? rc : ak_tx_read(req->store, &tx, err);
    if (rc < 0) {
        return rc;
    }
    page.room = query.limit;
    query.limit++;
    ak_json_object(w);
    ak_json_key(w, "events");
    ak_json_array(w);
    do {
        rc = write_some(req, tx, &query, &page, &n, err);
        query.limit = n == (size_t)query.limit ? PAGE_MAX : 0;
    } while (rc == 0 && !page.more && query.limit > 0);
    ak_json_array_end(w);
    if (page.more) {
        ak_json_kstr(w, "next", ak_arena_printf(req->arena, "%" PRId64, page.last_seq));
    }
    ak_json_object_end(w);
    return rc;
}

/* ---- Jobs ------------------------------------------------------------------------------------ */

static const struct ak_job_kind *kind_named(const struct ak_request *req, const char *name)
{
    for (size_t d = 0; req->domains[d]; d++) {
        const struct ak_job_kind *const *kinds = req->domains[d]->jobs;

        for (size_t k = 0; kinds && kinds[k]; k++) {
            if (strcmp(kinds[k]->name, name) == 0) {
                return kinds[k];
            }
        }
    }
    return NULL;
}

static int write_job(struct ak_request *req, struct ak_json *w, const void *row, void *data,
                     struct ak_error *err)
{
    const struct ak_job_row *job = row;
    const struct ak_job_kind *kind = kind_named(req, job->kind);
    struct ak_fields_mode mode = ak_request_mode(req);
    size_t step = (size_t)job->step;
    const char *detail = NULL;

    (void)data;
    (void)err;
    ak_json_object(w);
    ak_fields_render(&ak_job_fields, job, &mode, w);
    ak_json_kstr(w, "error", ak_job_error_text(req->arena, job->error, req->lang, &detail));
    if (req->admin) {
        ak_json_kstr(w, "error_detail", detail);
    }
    ak_json_kint(w, "steps", kind ? (int64_t)kind->n_steps : 0);
    ak_json_kstr(w, "step_name", kind && step < kind->n_steps ? kind->steps[step].name : NULL);
    ak_json_kstr(w, "object_type", kind ? kind->object : NULL);
    ak_json_object_end(w);
    return 0;
}

int access_job_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_list list = {0};
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_request_list(req, &ak_job_fields, AK_LIST_OWN, PAGE_MAX, NULL, &query, err);

    rc = rc < 0 ? rc : access_filter_scope(req, &query, "project_id", err);
    rc = rc < 0 ? rc : ak_page_begin(req, &query, &tx, err);
    rc = rc < 0 ? rc : ak_job_list(tx, req->arena, &query, &list, err);
    if (rc < 0) {
        return rc;
    }
    ak_json_object(&reply->json);
    rc = ak_page_write(req, &reply->json, "jobs", &ak_job_fields, &query, &list, write_job, NULL,
                       err);
    ak_json_object_end(&reply->json);
    return rc;
}
