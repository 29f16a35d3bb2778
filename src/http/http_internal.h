/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_INTERNAL_H
#define AK_HTTP_INTERNAL_H
/* Private to src/http: one request on its way through server.c (sockets), dispatch.c (the order of
 * things) and reply.c. */
#include <microhttpd.h>

#include "http/http.h"
#include "http/router.h"

#define AK_BODY_DEFAULT   ((int64_t)64 << 10)
#define AK_REPLY_MAX      ((size_t)16 << 20)
#define AK_HEADERS_MAX    ((size_t)32 << 10)
#define AK_DISCARD_MAX    ((int64_t)1 << 20) /* bytes of a refused body we read to keep the line */
#define AK_BODY_TIME_US   (60 * AK_SEC)      /* for a whole buffered body */
#define AK_IDLE_TIMEOUT_S 60U                /* without a byte on a connection */

struct ak_stream;
struct ak_refusals;

struct ak_relays {
    pthread_mutex_t mutex;
    pthread_cond_t none;
    struct ak_relay *first; /* list of running relays, guarded by 'mutex' */
    size_t n;
};

struct ak_lingers {
    pthread_mutex_t mutex;
    pthread_cond_t none;
    size_t n; /* guarded by 'mutex', as the next */
    bool stopping;
};

struct ak_listening {
    struct ak_server *server;
    enum ak_listener listener;
    char *path;
    struct MHD_Daemon *daemon;
};

struct ak_server {
    struct ak_server_options options;
    struct ak_router *router;
    struct ak_refusals *refusals;
    struct ak_listening listening[2];
    struct ak_relays relays;
    struct ak_lingers lingers;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    size_t in_flight; /* requests being served, guarded by 'mutex' */
    bool stopped;
};

/* One request. 'req.connection' points back here. */
struct ak_connection {
    struct ak_server *server;
    struct MHD_Connection *mhd;
    struct ak_request req;
    struct ak_reply reply;
    struct ak_error err;
    struct ak_match match;
    struct ak_stream *stream; /* of a route that reads its body itself */
    struct ak_buf body;
    int64_t body_size; /* Content-Length, -1 = chunked */
    int64_t received;
    int64_t started_us;
    bool refused;   /* 'err' is the answer */
    bool committed; /* ak_request_commit() succeeded */
    bool answered;
};

/* request.c: fills what the head of the request tells. AK_HEADERS_TOO_LARGE, AK_BAD_REQUEST. */
int ak_request_head(struct ak_connection *c, const char *url, const char *method,
                    struct ak_error *err);

/* version.c: the microversion asked for. AK_BAD_REQUEST, AK_NOT_ACCEPTABLE. */
int ak_microversion_pick(const struct ak_domain *domain, const char *header, const char *legacy,
                         int *ret_minor, struct ak_error *err);
void ak_microversion_echo(struct ak_connection *c);

/* dispatch.c: in order: head (route, version, authentication, policy), run (body, handler), end
 * (audit of a refusal, error body, common headers). */
int ak_dispatch_head(struct ak_connection *c, struct ak_error *err);
int ak_dispatch_run(struct ak_connection *c, struct ak_error *err);
void ak_dispatch_end(struct ak_connection *c, int rc);

/* error_reply.c: turns c->err into the reply, in the dialect of the domain. */
void ak_error_reply(struct ak_connection *c);
const char *ak_status_phrase(int status);

/* reply.c */
void ak_reply_init(struct ak_reply *reply);
void ak_reply_done(struct ak_reply *reply);

/* stream.c: the handler of a streamed body runs on a thread of its own and takes the bytes from
 * the connection's thread, chunk by chunk, without a copy in between. */
/* Starts the handler; returns when it asks for the body (false) or has ended (true). */
bool ak_stream_start(struct ak_connection *c);
/* Hands over a chunk; returns when it was taken or the handler ended. */
void ak_stream_push(struct ak_connection *c, const char *bytes, size_t size);
/* Ends the body: 'cause' AK_OK = complete, else what ak_request_read() fails with. Waits for the
 * handler and returns its result. */
int ak_stream_end(struct ak_connection *c, enum ak_error_code cause);
void ak_stream_free(struct ak_stream *stream);

/* refusal.c: audit events of refusals, at most one a second of a kind. */
struct ak_refusals *ak_refusals_new(void);
void ak_refusals_free(struct ak_refusals *refusals);
void ak_refusal_audit(struct ak_connection *c);

/* linger.c: reads and drops what still comes on a connection that is answered early, for at most
 * 10 s, on a thread of its own. */
void ak_linger(struct ak_lingers *lingers, int socket);
void ak_lingers_stop(struct ak_lingers *lingers); /* ends all and waits for them */

/* websocket.c */
struct ak_relay;
void ak_relay_start(struct ak_relays *relays, struct ak_relay *relay, int socket,
                    struct MHD_UpgradeResponseHandle *handle, const char *early, size_t early_len);
void ak_relay_discard(struct ak_relay *relay); /* an upgrade that never came to be */
void ak_relays_stop(struct ak_relays *relays); /* ends all and waits for them */

#endif
