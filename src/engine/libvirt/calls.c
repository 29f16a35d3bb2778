/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of calls.h: threads are made when needed, up to the limit, and kept. One condition wakes
 * threads, another waiters; both are few. */
#include "engine/libvirt/calls.h"

struct ak_calls {
    pthread_mutex_t lock; /* guards all below and the calls' states */
    pthread_cond_t work;  /* a call waits, or stopping */
    pthread_cond_t done;  /* a call is done, or a thread has ended */
    const char *what;
    int limit, threads, idle, hanging;
    int waiting;             /* calls that no thread has taken */
    bool stopping, orphaned; /* orphaned: the last thread frees */
    struct ak_call *first, **last;
};

struct ak_calls *ak_calls_new(int limit, const char *what)
{
    struct ak_calls *calls = ak_new(struct ak_calls);

    (void)pthread_mutex_init(&calls->lock, NULL);
    (void)pthread_cond_init(&calls->work, NULL);
    ak_cond_init(&calls->done);
    calls->what = what;
    calls->limit = limit;
    calls->last = &calls->first;
    return calls;
}

static void dispose(struct ak_calls *calls)
{
    (void)pthread_cond_destroy(&calls->work);
    (void)pthread_cond_destroy(&calls->done);
    (void)pthread_mutex_destroy(&calls->lock);
    free(calls);
}

/* Drops a reference; with the lock held. */
static void unref(struct ak_call *call)
{
    if (--call->refs == 0) {
        call->free(call);
    }
}

static struct ak_call *take(struct ak_calls *calls)
{
    struct ak_call *call = calls->first;

    calls->waiting--;
    calls->first = call->next;
    if (!calls->first) {
        calls->last = &calls->first;
    }
    return call;
}

static void *work(void *arg)
{
    struct ak_calls *calls = arg;
    bool orphaned = false;

    (void)pthread_mutex_lock(&calls->lock);
    while (!calls->stopping) {
        struct ak_call *call = NULL;

        if (!calls->first) {
            calls->idle++;
            (void)pthread_cond_wait(&calls->work, &calls->lock);
            calls->idle--;
            continue;
        }
        call = take(calls);
        call->state = AK_CALL_RUNNING;
        (void)pthread_mutex_unlock(&calls->lock);
        call->rc = call->run(call, &call->err);
        (void)pthread_mutex_lock(&calls->lock);
        call->state = AK_CALL_DONE;
        calls->hanging -= call->abandoned;
        unref(call);
        (void)pthread_cond_broadcast(&calls->done);
    }
    calls->threads--;
    orphaned = calls->orphaned && calls->threads == 0;
    (void)pthread_cond_broadcast(&calls->done);
    (void)pthread_mutex_unlock(&calls->lock);
    if (orphaned) {
        dispose(calls);
    }
    return NULL;
}

/* A thread more, when those that are idle have each a call to take and the limit allows; with the
 * lock held. (An idle thread counts as idle until it runs, even when it was woken for another.) */
static void grow(struct ak_calls *calls)
{
    pthread_attr_t attr;
    pthread_t thread;

    if (calls->idle >= calls->waiting || calls->threads >= calls->limit) {
        return;
    }
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, (size_t)512 << 10);
    if (pthread_create(&thread, &attr, work, calls) == 0) {
        calls->threads++;
    }
    (void)pthread_attr_destroy(&attr);
}

/* Takes a waiting call out of the queue. */
static void withdraw(struct ak_calls *calls, struct ak_call *call)
{
    struct ak_call **p = &calls->first;

    calls->waiting--;
    while (*p != call) {
        p = &(*p)->next;
    }
    *p = call->next;
    if (!*p) {
        calls->last = p;
    }
    call->refs--; /* the thread's, which none will drop; the caller's remains */
}

int ak_calls_run(struct ak_calls *calls, struct ak_call *call, int64_t timeout_ms,
                 struct ak_error *err)
{
    int64_t until = ak_monotonic_us() + timeout_ms * AK_MS;
    AK_LOCK(&calls->lock);

    call->refs = 1;
    if (calls->hanging >= calls->limit || calls->stopping) {
        return ak_fail(err, AK_ENGINE_UNAVAILABLE, calls->what);
    }
    call->refs++;
    call->state = AK_CALL_WAITING;
    call->next = NULL;
    *calls->last = call;
    calls->last = &call->next;
    calls->waiting++;
    grow(calls);
    (void)pthread_cond_signal(&calls->work);
    while (call->state != AK_CALL_DONE) {
        if (!ak_cond_wait_until(&calls->done, &calls->lock, until)) {
            break;
        }
    }
    if (call->state == AK_CALL_WAITING) {
        withdraw(calls, call);
        return ak_fail(err, AK_ENGINE_UNAVAILABLE, calls->what);
    }
    if (call->state == AK_CALL_RUNNING) {
        call->abandoned = true;
        calls->hanging++;
        return ak_fail(err, AK_ENGINE_TIMEOUT, calls->what);
    }
    if (err) {
        *err = call->err;
    }
    return call->rc;
}

void ak_call_done(struct ak_calls *calls, struct ak_call *call)
{
    AK_LOCK(&calls->lock);
    unref(call);
}

void ak_calls_free(struct ak_calls *calls)
{
    int64_t until = ak_monotonic_us() + 2 * AK_SEC;
    bool left = false;

    if (!calls) {
        return;
    }
    (void)pthread_mutex_lock(&calls->lock);
    calls->stopping = true;
    (void)pthread_cond_broadcast(&calls->work);
    while (calls->threads > 0 && ak_cond_wait_until(&calls->done, &calls->lock, until)) {
    }
    left = calls->threads > 0;
    calls->orphaned = left;
    (void)pthread_mutex_unlock(&calls->lock);
    if (!left) {
        dispose(calls);
    }
}
