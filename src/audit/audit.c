/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events. The envelope holds the whole event in canonical JSON, its number included, so that
 * its hash stands for the row; the columns beside it are for looking up only. The number comes from
 * one row that each adding transaction updates, hence no gaps: a rolled back transaction takes its
 * number back. */
#include "audit/audit.h"

#include "audit/audit_sql.h"

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
