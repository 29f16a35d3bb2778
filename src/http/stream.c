/* SPDX-License-Identifier: Apache-2.0 */
/* Streamed bodies. libmicrohttpd pushes bytes by a callback, handlers pull them by
 * ak_request_read(): so the handler runs on a thread of its own, and the connection's thread copies
 * what comes straight into the handler's buffer. It wakes the handler when that is full, since a
 * switch of threads per chunk would cost more than the bytes, and waits while the handler is busy:
 * memory is constant, and a slow disk slows the client down. Only one of the two threads runs the
 * request's arena at a time. */
#include "http/http_internal.h"

/* A slow client's bytes are handed over after this time at the latest. */
#define PARTIAL_US AK_SEC

struct ak_stream {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* guarded by 'mutex' */
    char *target; /* the handler's buffer while it waits, else NULL */
    size_t size;  /* of the buffer */
    size_t len;   /* bytes in it */
    bool ended;   /* no more will come */
    bool done;    /* the handler returned 'rc' */
    enum ak_error_code cause;
    int64_t total, max; /* bytes; 'max' 0 = no limit */
    int rc;
};

static void *run(void *data)
{
    struct ak_connection *c = data;
    struct ak_stream *s = c->stream;
    int rc = 0;

    ak_log_context(c->req.id);
    rc = ak_dispatch_run(c, &c->err);
    ak_log_context(NULL);
    AK_LOCK(&s->mutex);
    s->rc = rc;
    s->done = true;
    (void)pthread_cond_broadcast(&s->changed);
    return NULL;
}

/* Waits for the handler's buffer to have room, or for the handler to be done. */
static void wait_for_room(struct ak_stream *s)
{
    while (!s->done && (!s->target || s->len == s->size)) {
        (void)pthread_cond_wait(&s->changed, &s->mutex);
    }
}

bool ak_stream_start(struct ak_connection *c)
{
    struct ak_stream *s = ak_new(struct ak_stream);
    int rc = 0;

    (void)pthread_mutex_init(&s->mutex, NULL);
    ak_cond_init(&s->changed);
    s->max = c->req.route->body_max;
    c->stream = s;
    rc = pthread_create(&s->thread, NULL, run, c);
    if (rc != 0) {
        s->done = true;
        s->rc =
            ak_fail_detail(&c->err, AK_INTERNAL, "no thread for a streamed body: %s", strerror(rc));
        s->thread = pthread_self();
        return true;
    }
    AK_LOCK(&s->mutex);
    wait_for_room(s);
    return s->done;
}

void ak_stream_push(struct ak_connection *c, const char *bytes, size_t size)
{
    struct ak_stream *s = c->stream;
    AK_LOCK(&s->mutex);

    s->total += (int64_t)size;
    if (s->max > 0 && s->total > s->max) {
        s->cause = AK_TOO_LARGE;
        s->ended = true;
        (void)pthread_cond_broadcast(&s->changed);
    }
    while (size > 0 && !s->ended) {
        size_t n = 0;

        wait_for_room(s);
        if (s->done) {
            break;
        }
        n = s->size - s->len < size ? s->size - s->len : size;
        memcpy(s->target + s->len, bytes, n);
        s->len += n;
        bytes += n;
        size -= n;
        if (s->len == s->size) {
            (void)pthread_cond_broadcast(&s->changed);
        }
    }
}

int ak_stream_end(struct ak_connection *c, enum ak_error_code cause)
{
    struct ak_stream *s = c->stream;

    (void)pthread_mutex_lock(&s->mutex);
    if (!s->ended) {
        s->ended = true;
        s->cause = cause;
    }
    (void)pthread_cond_broadcast(&s->changed);
    while (!s->done) {
        (void)pthread_cond_wait(&s->changed, &s->mutex);
    }
    (void)pthread_mutex_unlock(&s->mutex);
    if (!pthread_equal(s->thread, pthread_self())) {
        (void)pthread_join(s->thread, NULL);
        s->thread = pthread_self();
    }
    return s->rc;
}

void ak_stream_free(struct ak_stream *stream)
{
    if (stream) {
        (void)pthread_mutex_destroy(&stream->mutex);
        (void)pthread_cond_destroy(&stream->changed);
        free(stream);
    }
}

static int64_t fail_cause(const struct ak_stream *s, struct ak_error *err)
{
    switch (s->cause) {
    case AK_TOO_LARGE:
        return ak_fail(err, AK_TOO_LARGE, AK_NUM(s->max));
    case AK_REQUEST_TIMEOUT:
        return ak_fail(err, AK_REQUEST_TIMEOUT);
    default:
        return ak_fail(err, AK_BAD_REQUEST, "the body ended early");
    }
}

int64_t ak_request_read(struct ak_request *req, void *buf, size_t size, struct ak_error *err)
{
    struct ak_stream *s = req->connection->stream;
    int64_t until = ak_monotonic_us() + PARTIAL_US;
    bool late = false;
    size_t n = 0;

    if (!s) {
        return ak_fail_detail(err, AK_INTERNAL,
                              "ak_request_read() on a route that does not stream");
    }
    AK_LOCK(&s->mutex);
    s->target = buf;
    s->size = size;
    s->len = 0;
    (void)pthread_cond_broadcast(&s->changed);
    while (s->len < s->size && !s->ended && !(late && s->len > 0)) {
        if (late) { /* nothing came yet: the first bytes of the next second do */
            until = ak_monotonic_us() + PARTIAL_US;
        }
        late = !ak_cond_wait_until(&s->changed, &s->mutex, until);
    }
    n = s->len;
    s->target = NULL;
    if (n == 0 && s->cause != AK_OK) {
        return fail_cause(s, err);
    }
    return (int64_t)n;
}
