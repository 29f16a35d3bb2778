/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_AUDIT_H
#define AK_AUDIT_H
/* Audit events: written in the transaction of the change, append-only, numbered without gaps. Each
 * row's envelope is canonical JSON (RFC 8785); a later issue makes the rows leaves of a Merkle log.
 */
#include "store/store.h"

struct ak_audit_event {
    const char *action;     /* "compute.server.create": from the route's or job's table */
    const char *outcome;    /* "success", "refused", "failed" */
    const char *reason;     /* error slug, or NULL */
    const char *request_id; /* or job id */
    const char *actor_id;   /* user id; NULL = nobody known; "system" for jobs and reconcilers */
    const char *actor_name;
    const char *project_id;  /* of the object (whose customer sees the event); may be NULL */
    const char *object_type; /* "server" */
    const char *object_id;
    const char *source;      /* client address, or NULL */
    const char *listener;    /* "customer", "management", "worker" */
    const char *detail_json; /* JSON object text without secrets, or NULL */
};

/* On whose side somebody acts who comes by this listener: "customer", "operator" or "system" (by
 * none of the two, or NULL: never taken for the customer, who is shown where its own people were).
 * The one rule of all logs of events. */
const char *ak_audit_side(const char *listener);

/* Appends the event; '*ret_seq' may be NULL. AK_STORE and the like. */
int ak_audit_add(struct ak_tx *tx, const struct ak_audit_event *event, int64_t *ret_seq,
                 struct ak_error *err);

/* Reading, newest first. NULL and 0 mean: not asked for. */
struct ak_audit_query {
    const char *project_id, *object_id, *actor_id, *action;
    const char *text;       /* anywhere in the envelope, small and capital letters alike */
    int64_t from_us, to_us; /* from on, until before */
    int64_t before_seq;     /* the page after the event with this number */
    int64_t limit;          /* at least 1 */
};
struct ak_audit_row {
    int64_t seq, time_us;
    const char *envelope; /* canonical JSON */
};
/* '*ret_list' holds struct ak_audit_row in the arena. */
int ak_audit_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_audit_query *query,
                  struct ak_list *ret_list, struct ak_error *err);

#endif
