/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_CALLS_H
#define AK_CALLS_H
/* Calls that may hang, run on a limited number of threads, each waited for only so long. A call
 * that outlives its time keeps its thread until it returns; what it works on is counted, so that
 * nothing is pulled from under it. Private to src/engine. */
#include "base/base.h"

struct ak_call;
typedef int ak_call_fn(struct ak_call *call, struct ak_error *err);

/* Embedded first in the caller's own struct, which holds arguments and results. */
struct ak_call {
    ak_call_fn *run;
    void (*free)(struct ak_call *call); /* frees the whole; called by the last who needs it */
    /* The rest is calls.c's. */
    struct ak_call *next;
    int refs; /* guarded by the pool's lock, as the rest */
    enum { AK_CALL_WAITING, AK_CALL_RUNNING, AK_CALL_DONE } state;
    bool abandoned;
    int rc;
    struct ak_error err;
};

struct ak_calls;
/* 'what' names the engine in errors; it is not copied. */
struct ak_calls *ak_calls_new(int limit, const char *what);
/* Waits up to 2 s for calls under way; those that hang free the pool when they return. */
void ak_calls_free(struct ak_calls *calls);
AK_DEFINE_AUTO(ak_calls)
/* Runs call->run on a thread and waits. Returns what it returned, or AK_ENGINE_TIMEOUT after
 * 'timeout_ms', or AK_ENGINE_UNAVAILABLE when no thread came free in that time, at once when all
 * threads hang. Afterwards the caller reads the results (not after TIMEOUT and UNAVAILABLE) and
 * must call ak_call_done(). */
int ak_calls_run(struct ak_calls *calls, struct ak_call *call, int64_t timeout_ms,
                 struct ak_error *err);
void ak_call_done(struct ak_calls *calls, struct ak_call *call);

#endif
