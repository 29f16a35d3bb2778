/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers: the metrics of a server and its event log. Customers see their own servers, staff on
 * the management listener every server; neither sees anything of what a guest holds. */
#include "protect/protect_internal.h"

#include <stdio.h>

static bool is_staff(const struct ak_request *req)
{
    return req->listener == AK_MANAGEMENT && (req->principal->roles & AK_ROLE_STAFF);
}

static int load_server(struct ak_request *req, struct ak_tx *tx, struct compute_server_brief *ret,
                       struct ak_error *err)
{
    const char *project = is_staff(req)                ? NULL
                          : req->principal->project_id ? req->principal->project_id
                                                       : "-";

    return compute_server_brief_load(tx, req->arena, req->params[0], project, ret, err);
}

/* ---- Metrics --------------------------------------------------------------------------------- */

/* Seconds since 1970, or an ISO 8601 time. */
static int take_time(struct ak_request *req, const char *name, int64_t *ret_s, struct ak_error *err)
{
    const char *text = ak_request_query(req, name);
    int64_t us = 0;

    if (!text || ak_parse_int(text, 1, (int64_t)1 << 40, ret_s)) {
        return 0;
    }
    if (!ak_time_parse(text, &us) || us <= 0) {
        return ak_fail(err, AK_FIELD_VALUE, name,
                       "it must be a time by ISO 8601 or in seconds since 1970");
    }
    *ret_s = us / AK_SEC;
    return 0;
}

static int take_range(struct ak_request *req, struct protect_range *range, struct ak_error *err)
{
    static const char *const known[] = {"from", "to", "step"};
    const char *step = ak_request_query(req, "step");
    int rc = 0;

    for (size_t i = 0; i < req->query.n; i++) {
        const char *key = req->query.pairs[i].key;

        if (!ak_streq(key, known[0]) && !ak_streq(key, known[1]) && !ak_streq(key, known[2])) {
            return ak_fail(err, AK_QUERY_UNKNOWN, key);
        }
    }
    rc = take_time(req, "from", &range->from_s, err);
    rc = rc == 0 ? take_time(req, "to", &range->to_s, err) : rc;
    if (rc == 0 && step && !ak_parse_int(step, 1, INT32_MAX, &range->step_s)) {
        rc = ak_fail(err, AK_FIELD_TYPE, "step", "integer");
    }
    return rc == 0 ? protect_range_choose(ak_now_us() / AK_SEC, range, err) : rc;
}

static double cpu_percent(const struct protect_point *p)
{
    double percent = p->vcpu_us > 0 ? (double)p->cpu_ns / 10.0 / (double)p->vcpu_us : 0.0;

    return percent > 100.0 ? 100.0 : percent;
}

static double per_second(int64_t n, const struct protect_point *p)
{
    return p->span_us > 0 ? (double)n * AK_SEC / (double)p->span_us : 0.0;
}

static double memory_mib(const struct protect_point *p)
{
    return per_second(p->memory_kib_s, p) / 1024.0;
}

static double disk_read(const struct protect_point *p)
{
    return per_second(p->disk_read, p);
}

static double disk_write(const struct protect_point *p)
{
    return per_second(p->disk_write, p);
}

static double net_in(const struct protect_point *p)
{
    return per_second(p->net_in, p);
}

static double net_out(const struct protect_point *p)
{
    return per_second(p->net_out, p);
}

static const struct {
    const char *name, *unit;
    double (*value)(const struct protect_point *point);
} series[] = {
    {"cpu_percent", "%", cpu_percent},     {"memory_mib", "MiB", memory_mib},
    {"disk_read_bytes", "B/s", disk_read}, {"disk_write_bytes", "B/s", disk_write},
    {"net_in_bytes", "B/s", net_in},       {"net_out_bytes", "B/s", net_out},
};

static void render(const struct compute_server_brief *server, const struct protect_range *range,
                   const struct protect_point *points, size_t n, struct ak_json *w)
{
    ak_json_object(w);
    ak_json_key(w, "metrics");
    ak_json_object(w);
    ak_json_kstr(w, "server_id", server->id);
    ak_json_ktime(w, "from_at", range->from_s * AK_SEC, AK_TIME_Z);
    ak_json_ktime(w, "to_at", range->to_s * AK_SEC, AK_TIME_Z);
    ak_json_kint(w, "step", range->step_s);
    ak_json_key(w, "series");
    ak_json_array(w);
    for (size_t s = 0; s < AK_N(series); s++) {
        ak_json_object(w);
        ak_json_kstr(w, "name", series[s].name);
        ak_json_kstr(w, "unit", series[s].unit);
        ak_json_key(w, "points");
        ak_json_array(w);
        for (size_t i = 0; i < n; i++) {
            char value[32];

            ak_json_array(w);
            ak_json_int(w, points[i].at_s);
            (void)snprintf(value, sizeof(value), "%.2f", series[s].value(&points[i]));
            ak_json_raw(w, value);
            ak_json_array_end(w);
        }
        ak_json_array_end(w);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    ak_json_object_end(w);
}

int protect_metrics_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    AK_AUTO(protect_file) file = NULL;
    struct compute_server_brief server = {0};
    struct protect_range range = {0};
    struct protect_point *points = NULL;
    size_t n = 0;
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc == 0 ? load_server(req, tx, &server, err) : rc;
    rc = rc == 0 ? take_range(req, &range, err) : rc;
    if (rc < 0) {
        return rc;
    }
    ak_tx_free(AK_TAKE(tx)); /* the other file may keep us waiting */
    rc = protect_file_open(ak_config_str(req->config, "metrics_file"), false, &file, err);
    if (rc == -AK_NOT_FOUND) { /* nothing was sampled yet */
        ak_error_clear(err);
        rc = 0;
    }
    if (rc == 0 && file) {
        rc = protect_file_read(file, req->arena, server.id, range.resolution_s, range.step_s,
                               range.from_s, range.to_s, &points, &n, err);
    }
    if (rc == 0) {
        render(&server, &range, points, n, &reply->json);
    }
    return rc;
}

int protect_usage_csv(const struct ak_config *config, const char *server_id,
                      const struct protect_span *span, const char *head, struct ak_buf *out,
                      int64_t *io_lines, struct ak_error *err)
{
    AK_AUTO(protect_file) file = NULL;
    AK_AUTO(ak_arena) arena = ak_arena_new();
    struct protect_point *points = NULL;
    size_t n = 0;
    int rc = protect_file_open(ak_config_str(config, "metrics_file"), false, &file, err);

    if (rc == -AK_NOT_FOUND) { /* nothing was sampled yet */
        ak_error_clear(err);
        return 0;
    }
    if (rc == 0) { /* hours are kept longest, and each step is a multiple of them */
        rc = protect_file_read(file, arena, server_id, protect_resolutions[2].step_s, span->step_s,
                               span->from_s, span->to_s, &points, &n, err);
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        char at[AK_TIME_TEXT];

        ak_buf_printf(out, "%s%s", head, ak_time_text(at, points[i].at_s * AK_SEC, AK_TIME_Z));
        for (size_t s = 0; s < AK_N(series); s++) {
            ak_buf_printf(out, ",%.2f", series[s].value(&points[i]));
        }
        ak_buf_str(out, "\r\n");
        ++*io_lines;
    }
    return rc;
}

/* ---- Event log ------------------------------------------------------------------------------- */

static const char *member(const json_t *envelope, const char *name)
{
    return json_string_value(json_object_get(envelope, name));
}

/* A customer learns where its own people came from, not where operators sit. */
static void render_event(const json_t *envelope, bool staff, struct ak_json *w)
{
    static const char *const same[] = {"action",    "outcome",  "actor_name", "object_type",
                                       "object_id", "listener", "reason",     "request_id"};
    const char *kind = ak_audit_side(member(envelope, "listener"));
    json_t *detail = json_object_get(envelope, "detail");
    char *text = json_is_object(detail) && (staff || ak_streq(kind, "system"))
                     ? json_dumps(detail, JSON_COMPACT)
                     : NULL;

    ak_json_object(w);
    ak_json_kint(w, "seq", json_integer_value(json_object_get(envelope, "seq")));
    ak_json_kstr(w, "time_at", member(envelope, "time"));
    for (size_t i = 0; i < AK_N(same); i++) {
        ak_json_kstr(w, same[i], member(envelope, same[i]));
    }
    ak_json_kstr(w, "actor_kind", kind);
    ak_json_kstr(w, "source",
                 staff || ak_streq(kind, "customer") ? member(envelope, "source") : NULL);
    ak_json_kraw(w, "detail", text);
    ak_json_object_end(w);
    free(text);
}

static int take_page(struct ak_request *req, struct ak_audit_query *query, struct ak_error *err)
{
    query->limit = 100;
    for (size_t i = 0; i < req->query.n; i++) {
        const char *key = req->query.pairs[i].key, *value = req->query.pairs[i].value;

        if (ak_streq(key, "limit")) {
            if (!ak_parse_int(value, 1, INT64_MAX, &query->limit)) {
                return ak_fail(err, AK_FIELD_VALUE, key, "it must be an integer of at least 1");
            }
            query->limit = query->limit < 100 ? query->limit : 100;
        } else if (ak_streq(key, "marker")) {
            if (!ak_parse_int(value, 1, INT64_MAX, &query->before_seq)) {
                return ak_fail(err, AK_MARKER_NOT_FOUND, value);
            }
        } else if (ak_streq(key, "action")) {
            query->action = value;
        } else {
            return ak_fail(err, AK_QUERY_UNKNOWN, key);
        }
    }
    return 0;
}

int protect_events_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct compute_server_brief server = {0};
    struct ak_audit_query query = {0};
    struct ak_list list = {0};
    const struct ak_audit_row *rows = NULL;
    size_t limit = 0;
    int rc = take_page(req, &query, err);

    limit = (size_t)query.limit++;
    rc = rc == 0 ? ak_tx_read(req->store, &tx, err) : rc;
    rc = rc == 0 ? load_server(req, tx, &server, err) : rc;
    query.project_id = server.project_id;
    query.object_id = server.id;
    rc = rc == 0 ? ak_audit_list(tx, req->arena, &query, &list, err) : rc;
    if (rc < 0) {
        return rc;
    }
    rows = list.items;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "events");
    ak_json_array(&reply->json);
    for (size_t i = 0; rc == 0 && i < list.n && i < limit; i++) {
        AK_AUTO_JSON envelope = NULL;

        rc = ak_json_parse(rows[i].envelope, strlen(rows[i].envelope), &envelope, err);
        if (rc == 0) {
            render_event(envelope, is_staff(req), &reply->json);
        }
    }
    ak_json_array_end(&reply->json);
    if (list.n > limit) {
        ak_json_kstr(&reply->json, "next",
                     ak_arena_printf(req->arena, "%lld", (long long)rows[limit - 1].seq));
    }
    ak_json_object_end(&reply->json);
    return rc;
}
