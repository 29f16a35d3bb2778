/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events. The envelope holds the whole event in canonical JSON, its number included, so that
 * its hash stands for the row; the columns beside it are for looking up only. The number comes from
 * one row that each adding transaction updates, hence no gaps: a rolled back transaction takes its
 * number back. */
#include "audit/audit.h"

#include "audit/audit_sql.h"
#include "store/query.h"

#define ENVELOPE_MAX ((size_t)64 * 1024)

static void put(json_t *envelope, const char *key, const char *value)
{
    (void)json_object_set_new(envelope, key, value ? json_string(value) : json_null());
}

static json_t *envelope_of(const struct ak_audit_event *e, int64_t seq, int64_t time_us)
{
    char time[AK_TIME_TEXT];
    json_t *j = json_object();

    (void)json_object_set_new(j, "version", json_integer(1));
    (void)json_object_set_new(j, "seq", json_integer(seq));
    put(j, "time", ak_time_text(time, time_us, AK_TIME_Z_US));
    put(j, "action", e->action);
    put(j, "outcome", e->outcome);
    put(j, "reason", e->reason);
    put(j, "request_id", e->request_id);
    put(j, "actor_id", e->actor_id);
    put(j, "actor_name", e->actor_name);
    put(j, "project_id", e->project_id);
    put(j, "object_type", e->object_type);
    put(j, "object_id", e->object_id);
    put(j, "source", e->source);
    put(j, "listener", e->listener);
    return j;
}

static int render(const struct ak_audit_event *e, int64_t seq, int64_t time_us, struct ak_buf *out,
                  struct ak_error *err)
{
    AK_AUTO_JSON envelope = envelope_of(e, seq, time_us);
    json_t *detail = NULL;
    int rc = 0;

    if (e->detail_json) {
        rc = ak_json_parse(e->detail_json, strlen(e->detail_json), &detail, err);
        if (rc != 0) {
            return ak_fail_detail(err, AK_INTERNAL, "audit detail of %s is not JSON", e->action);
        }
    }
    (void)json_object_set_new(envelope, "detail", detail ? detail : json_null());
    rc = ak_json_canonical(envelope, out, err);
    if (rc == 0 && !ak_buf_ok(out)) {
        rc = ak_fail_detail(err, AK_INTERNAL, "audit event of %s is too long", e->action);
    }
    return rc;
}

int ak_audit_add(struct ak_tx *tx, const struct ak_audit_event *event, int64_t *ret_seq,
                 struct ak_error *err)
{
    AK_AUTO_BUF envelope;
    int64_t seq = 0, now = ak_now_us();
    int rc = ak_sql_int(tx, &sql_audit_next, AK_NO_ARGS, &seq, err);

    ak_buf_init(&envelope, ENVELOPE_MAX);
    if (rc == 0) {
        rc = render(event, seq, now, &envelope, err);
    }
    if (rc == 0) {
        rc = ak_sql_exec(tx, &sql_audit_add,
                         AK_ARGS(ak_v_int(seq), ak_v_int(now), ak_v_text(event->action),
                                 ak_v_text(event->outcome), ak_v_text(event->actor_id),
                                 ak_v_text(event->project_id), ak_v_text(event->object_type),
                                 ak_v_text(event->object_id), ak_v_text(envelope.data)),
                         NULL, err);
    }
    if (rc == 0 && ret_seq) {
        *ret_seq = seq;
    }
    return rc;
}

static const struct ak_field audit_rows[] = {
    {"seq", AK_INT, offsetof(struct ak_audit_row, seq), 0},
    {"time_us", AK_INT, offsetof(struct ak_audit_row, time_us), 0},
    {"envelope", AK_STR, offsetof(struct ak_audit_row, envelope), 0, .max = ENVELOPE_MAX},
};
static const struct ak_fields audit_fields =
    AK_FIELDS("audit_event", struct ak_audit_row, audit_rows);

int ak_audit_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_audit_query *query,
                  struct ak_list *ret_list, struct ak_error *err)
{
    const struct {
        const char *column;
        enum ak_op op;
        struct ak_value value;
        bool asked;
    } filters[] = {
        {"project_id", AK_EQ, ak_v_text(query->project_id), query->project_id},
        {"object_id", AK_EQ, ak_v_text(query->object_id), query->object_id},
        {"actor_id", AK_EQ, ak_v_text(query->actor_id), query->actor_id},
        {"action", AK_STARTS, ak_v_text(query->action), query->action},
        {"envelope", AK_CONTAINS, ak_v_text(query->text), query->text},
        {"time_us", AK_GE, ak_v_int(query->from_us), query->from_us > 0},
        {"time_us", AK_LT, ak_v_int(query->to_us), query->to_us > 0},
        {"seq", AK_LT, ak_v_int(query->before_seq), query->before_seq > 0},
    };
    struct ak_query q = {.id_column = "seq", .limit = query->limit};
    int rc = 0;

    for (size_t i = 0; i < AK_N(filters) && rc == 0; i++) {
        if (filters[i].asked) {
            rc = ak_query_filter(&q, arena, filters[i].column, filters[i].op, &filters[i].value, 1,
                                 err);
        }
    }
    ak_query_sort_key(&q, "seq", true);
    return rc < 0 ? rc
                  : ak_sql_list(tx, &sql_audit_list, AK_NO_ARGS, &q, &audit_fields, arena, ret_list,
                                err);
}

const char *ak_audit_side(const char *listener)
{
    return ak_streq(listener, "customer")     ? "customer"
           : ak_streq(listener, "management") ? "operator"
                                              : "system";
}
