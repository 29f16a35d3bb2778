/* SPDX-License-Identifier: Apache-2.0 */
/* Disclosures that are made, not written: the use of servers from the metrics, and events from the
 * audit log, as a CSV file that is attached to the request with its SHA-256. The file is made
 * before the transaction that attaches it, since a year of a customer takes its time; what a
 * process that died leaves behind is swept (request_jobs.c). */
#include "request/request_run.h"

#include <unistd.h>

#include "compute/compute.h"
#include "protect/protect.h"

#define CSV_MAX   ((size_t)64 << 20)
#define PAGE      500
#define TOKYO     (9 * AK_HOUR)
#define FINE_DAYS 31 /* longer periods of usage are told by the day */

struct period {
    int64_t from_us, to_us; /* from 00:00 of the first day until 24:00 of the last, Asia/Tokyo */
};

static const char *text_of(const struct request_work *work, const char *field)
{
    return json_string_value(json_object_get(work->fields, field));
}

static struct period period_of(const struct request_work *work)
{
    int64_t from = 0, to = 0;
    (void)request_calendar_parse(text_of(work, "from"), &from);
    (void)request_calendar_parse(text_of(work, "to"), &to);
    return (struct period){from * AK_DAY - TOKYO, (to + 1) * AK_DAY - TOKYO};
}

void request_csv_cell(struct ak_buf *out, const char *text, bool last)
{
    ak_buf_csv(out, text);
    ak_buf_str(out, last ? "\r\n" : ",");
}

/* Writes the file; its row comes with the work. */
static int keep_file(struct request_work *work, const char *what, const struct ak_buf *out,
                     int64_t lines, struct ak_error *err)
{
    struct request_attachment *file = ak_arena_alloc(work->arena, sizeof(*file));
    char id[AK_UUID_TEXT], hash[AK_SHA256_TEXT];
    if (!ak_buf_ok(out)) {
        return ak_fail(err, AK_REQUEST_DISCLOSURE, AK_NUM((int64_t)CSV_MAX >> 20));
    }
    ak_uuid_new(id);
    ak_sha256_hex(out->data, out->len, hash);
    *file = (struct request_attachment){
        .id = ak_arena_strdup(work->arena, id),
        .name = ak_arena_printf(work->arena, "%s-%s.csv", work->request->number, what),
        .media_type = "text/plain; charset=utf-8",
        .sha256 = ak_arena_strdup(work->arena, hash),
        .author_name = "akashi",
        .author_kind = "system",
        .author_role = "system",
        .size = (int64_t)out->len,
        .created_us = ak_now_us()};
    int rc = ak_dir_make(ak_config_str(work->config, "request_dir"), 0700, err);
    rc = rc < 0 ? rc
                : ak_file_write(request_attachment_path(work->config, work->arena, file->id),
                                out->data, out->len, 0600, err);
    if (rc == 0) {
        work->file = file;
        work->request->result = ak_arena_printf(work->arena, "%s (%" PRId64 "), SHA-256 %s",
                                                file->name, lines, file->sha256);
    }
    return rc;
}

/* ---- The use of servers ---------------------------------------------------------------------- */

int request_prepare_usage(struct request_work *work, struct ak_error *err)
{
    const struct period period = period_of(work);
    const char *only = text_of(work, "server");
    struct compute_tenant_server *servers = NULL;
    size_t n = 0;
    int64_t lines = 0, step_s = period.to_us - period.from_us > FINE_DAYS * AK_DAY ? 86400 : 3600;
    AK_AUTO_BUF out = {0};
    ak_buf_init(&out, CSV_MAX);
    ak_buf_str(&out, "server_id,server_name,begin_at,cpu_percent,memory_mib,disk_read_bytes_s,"
                     "disk_write_bytes_s,net_in_bytes_s,net_out_bytes_s\r\n");
    int rc = compute_project_servers(work->tx, work->arena, work->request->project_id, true,
                                     &servers, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct protect_span span = {period.from_us / AK_SEC, period.to_us / AK_SEC, step_s};
        AK_AUTO_BUF head = {0};
        if (only && !ak_streq(only, servers[i].id)) {
            continue;
        }
        ak_buf_init(&head, 4096);
        request_csv_cell(&head, servers[i].id, false);
        request_csv_cell(&head, servers[i].name, false);
        rc = protect_usage_csv(work->config, servers[i].id, &span, head.data, &out, &lines, err);
    }
    return rc < 0 ? rc : keep_file(work, "usage", &out, lines, err);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static const char *member(const json_t *envelope, const char *name)
{
    return json_string_value(json_object_get(envelope, name));
}

static const char *side_of(const json_t *envelope)
{
    return ak_audit_side(member(envelope, "listener"));
}

/* Whether the event belongs to the log that was asked for. */
static bool belongs(const char *log, const json_t *envelope)
{
    if (ak_streq(log, "server")) {
        return ak_streq(member(envelope, "object_type"), "server");
    }
    if (ak_streq(log, "operator")) {
        return ak_streq(side_of(envelope), "operator");
    }
    const char *action = member(envelope, "action");
    return action && strncmp(action, "identity.token.", strlen("identity.token.")) == 0;
}

/* Operators by the setting request_operator_names; where they sit is nobody's business. */
static void write_event(const struct request_work *work, const json_t *envelope, struct ak_buf *out)
{
    static const char *const columns[] = {"time",        "action",    "outcome",   "reason",
                                          "object_type", "object_id", "request_id"};
    const char *side = side_of(envelope);
    bool own = ak_streq(side, "customer"),
         named = own || ak_streq(ak_config_str(work->config, "request_operator_names"), "name");
    ak_buf_printf(out, "%" PRId64 ",",
                  (int64_t)json_integer_value(json_object_get(envelope, "seq")));
    for (size_t i = 0; i < AK_N(columns); i++) {
        request_csv_cell(out, member(envelope, columns[i]), false);
    }
    request_csv_cell(out, side, false);
    request_csv_cell(out, named ? member(envelope, "actor_name") : NULL, false);
    request_csv_cell(out, own ? member(envelope, "source") : NULL, true);
}

static int write_page(const struct request_work *work, struct ak_audit_query *query,
                      struct ak_buf *out, int64_t *io_lines, size_t *ret_n, struct ak_error *err)
{
    struct ak_list list = {0};
    AK_AUTO(ak_arena) arena = ak_arena_new();
    int rc = ak_audit_list(work->tx, arena, query, &list, err);
    const struct ak_audit_row *rows = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        AK_AUTO_JSON envelope = NULL;
        rc = ak_json_parse(rows[i].envelope, strlen(rows[i].envelope), &envelope, err);
        if (rc == 0 && belongs(text_of(work, "log"), envelope)) {
            write_event(work, envelope, out);
            ++*io_lines;
        }
        query->before_seq = rows[i].seq;
    }
    *ret_n = list.n;
    return rc;
}

int request_prepare_log(struct request_work *work, struct ak_error *err)
{
    const struct period period = period_of(work);
    struct ak_audit_query query = {.project_id = work->request->project_id,
                                   .object_id = text_of(work, "server"),
                                   .from_us = period.from_us,
                                   .to_us = period.to_us,
                                   .limit = PAGE};
    int64_t lines = 0;
    size_t n = PAGE;
    int rc = 0;
    AK_AUTO_BUF out = {0};
    ak_buf_init(&out, CSV_MAX);
    ak_buf_str(&out, "seq,time_at,action,outcome,reason,object_type,object_id,request_id,"
                     "actor_kind,actor_name,source\r\n");
    while (rc == 0 && n == PAGE && ak_buf_ok(&out)) {
        rc = write_page(work, &query, &out, &lines, &n, err);
    }
    return rc < 0 ? rc : keep_file(work, text_of(work, "log"), &out, lines, err);
}

/* ---- The work -------------------------------------------------------------------------------- */

int request_run_disclosure(struct request_work *work, struct ak_error *err)
{
    int rc = request_attachment_add(work->tx, work->request, work->file, err);
    if (rc == 0) {
        work->request->object_type = "attachment";
        work->request->object_id = work->file->id;
        work->done = true;
    }
    return rc;
}
