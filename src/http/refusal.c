/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events of refused requests. A flood of the same refusal from one source is one event a
 * second, the next of which tells how many were left out: so that nobody can fill the disk by
 * knocking. */
#include "http/http_internal.h"

#define SLOTS 1024

struct slot {
    uint64_t key; /* 0 = free */
    int64_t written_us;
    int64_t left_out;
};

struct ak_refusals {
    pthread_mutex_t mutex;
    struct slot slots[SLOTS]; /* guarded by 'mutex'; a new key replaces the old one of its slot */
};

struct ak_refusals *ak_refusals_new(void)
{
    struct ak_refusals *refusals = ak_new(struct ak_refusals);

    (void)pthread_mutex_init(&refusals->mutex, NULL);
    return refusals;
}

void ak_refusals_free(struct ak_refusals *refusals)
{
    if (refusals) {
        (void)pthread_mutex_destroy(&refusals->mutex);
        free(refusals);
    }
}

static uint64_t mix(uint64_t hash, const char *s)
{
    for (; s && *s; s++) {
        hash = (hash ^ (unsigned char)*s) * 1099511628211U; /* FNV-1a */
    }
    return (hash ^ 0xff) * 1099511628211U;
}

/* False when the same was written within the last second. */
static bool due(struct ak_refusals *refusals, uint64_t key, int64_t *ret_left_out)
{
    struct slot *slot = &refusals->slots[key % SLOTS];
    int64_t now = ak_monotonic_us();
    AK_LOCK(&refusals->mutex);

    if (slot->key == key && now - slot->written_us < AK_SEC) {
        slot->left_out++;
        return false;
    }
    *ret_left_out = slot->key == key ? slot->left_out : 0;
    *slot = (struct slot){key, now, 0};
    return true;
}

static int write_event(struct ak_connection *c, const struct ak_audit_event *event,
                       struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(c->server->options.store, &tx, err);

    rc = rc < 0 ? rc : ak_audit_add(tx, event, NULL, err);
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

static const char *detail_of(struct ak_connection *c, int status, int64_t left_out)
{
    AK_AUTO_BUF buf;
    struct ak_json w = ak_json_on(&buf);

    ak_buf_init(&buf, 8192);
    ak_json_object(&w);
    ak_json_kstr(&w, "method", c->req.method);
    ak_json_kstr(&w, "path",
                 ak_arena_strndup(c->req.arena, c->req.path,
                                  ak_utf8_cut(c->req.path, strnlen(c->req.path, 512))));
    ak_json_kint(&w, "status", status);
    if (left_out > 0) {
        ak_json_kint(&w, "repeated", left_out);
    }
    ak_json_object_end(&w);
    return ak_arena_strdup(c->req.arena, buf.data);
}

void ak_refusal_audit(struct ak_connection *c)
{
    const struct ak_error_info *info = ak_error_info(c->err.code);
    const struct ak_principal *who = c->req.principal;
    struct ak_error err = {0};
    struct ak_audit_event event = {
        .action = c->req.route && c->req.route->audit ? c->req.route->audit : "http.access",
        .outcome = info->status < 500 ? "refused" : "failed",
        .reason = info->slug,
        .request_id = c->req.id,
        .actor_id = who ? who->user_id : NULL,
        .actor_name = who ? who->user_name : NULL,
        .project_id = who ? who->project_id : NULL,
        .source = c->req.source,
        .listener = ak_listener_name(c->req.listener),
    };
    int64_t left_out = 0;
    uint64_t key =
        mix(mix(mix(mix(14695981039346656037U, event.source), event.action), event.reason),
            event.actor_id);

    if (!c->server->options.store || !due(c->server->refusals, key, &left_out)) {
        return;
    }
    event.detail_json = detail_of(c, info->status, left_out);
    if (write_event(c, &event, &err) < 0) {
        ak_log_error(&err, "a refusal could not be recorded");
    }
}
