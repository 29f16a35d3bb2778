/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_HTTP_H
#define AK_HTTP_H
/* HTTP: libmicrohttpd on unix sockets behind nginx, route tables, and the one dispatcher.
 *
 * Order of a request: limits -> route -> microversion -> authentication -> policy -> body ->
 * handler -> audit -> answer. A handler cannot forget: a route with an audit verb whose handler
 * succeeds without ak_request_commit() is answered 500 and logged as our bug. A connection has a
 * thread of its own, so handlers may block (database, password hash, streaming); engines are not
 * theirs to call. */
#include "audit/audit.h"
#include "jobs/jobs.h"
#include "store/query.h"

enum ak_listener { AK_CUSTOMER = 1, AK_MANAGEMENT = 2 }; /* told by the socket, never by a header */
const char *ak_listener_name(enum ak_listener listener);

/* How errors look in a domain. */
enum ak_dialect {
    AK_DIALECT_OWN,      /* RFC 9457 application/problem+json */
    AK_DIALECT_KEYSTONE, /* {"error":{"code","message","title"}} */
    AK_DIALECT_NOVA,     /* {"itemNotFound":{"code","message"}} */
    AK_DIALECT_GLANCE,   /* {"message","code","title"} */
    AK_DIALECT_NEUTRON,  /* {"NeutronError":{"type","message","detail"}} */
    AK_DIALECT_CINDER    /* as Nova */
};

/* Roles as a set. Those from 'admin' on are the provider's staff: they count in the project 'admin'
 * and on the management listener only. */
enum ak_role {
    AK_ROLE_READER = 1,
    AK_ROLE_MEMBER = 2,
    AK_ROLE_MANAGER = 4,
    AK_ROLE_ADMIN = 8,       /* the installation's own account */
    AK_ROLE_OPERATOR = 16,   /* runs hosts, customers, changes, incidents */
    AK_ROLE_PRIVILEGED = 32, /* privileged administrator: an operator who may also grant */
    AK_ROLE_OFFICER = 64,    /* security officer */
    AK_ROLE_AUDITOR = 128,   /* reads */
    AK_ROLE_ANALYST = 256,   /* SOC analyst: reads */
    AK_ROLE_STAFF = AK_ROLE_ADMIN | AK_ROLE_OPERATOR | AK_ROLE_PRIVILEGED | AK_ROLE_OFFICER |
                    AK_ROLE_AUDITOR | AK_ROLE_ANALYST
};

/* Who calls. Filled by the authenticator; strings live in the request's arena. */
struct ak_principal {
    const char *user_id, *user_name, *user_domain_id;
    const char *project_id, *project_name; /* NULL when unscoped or domain-scoped */
    const char *domain_id;                 /* scope domain, or NULL */
    unsigned roles;                        /* set of enum ak_role, implied ones included */
    const char *class_name;                /* service class of the project, or NULL */
    int64_t class_bits;                    /* what it withholds: identity_verb_mode() */
    const char *token_hash;                /* key of the token's row */
    int64_t token_expires_us;
    const char *sources;   /* JSON array of CIDRs the project is served to; NULL = any */
    unsigned restrictions; /* the authenticator's: why the caller may not do much yet; 0: none */
};

struct ak_request;
struct ak_reply;
struct ak_relay;
typedef int ak_handler_fn(struct ak_request *req, struct ak_reply *reply, struct ak_error *err);

enum ak_route_flags {
    AK_ROUTE_PUBLIC = 1 << 0,        /* no token needed (principal may be NULL) */
    AK_ROUTE_MANAGEMENT = 1 << 1,    /* exists on the management listener only */
    AK_ROUTE_STREAM_IN = 1 << 2,     /* body is read by the handler: ak_request_read() */
    AK_ROUTE_WEBSOCKET = 1 << 3,     /* handler calls ak_reply_websocket() */
    AK_ROUTE_ANY_TYPE = 1 << 4,      /* Content-Type is not checked */
    AK_ROUTE_OPTIONAL_BODY = 1 << 5, /* an empty body, or null in the envelope, is all right:
                                        req->body is NULL then */
    AK_ROUTE_MORE_MEMBERS = 1 << 6   /* others may stand beside the envelope (req->json) */
};

struct ak_route {
    const char *method; /* "GET"; HEAD is served by GET unless it has a row */
    const char *path;   /* below the domain's root: "/v2.1/servers/{server_id}" */
    ak_handler_fn *handler;
    const char *policy; /* row of the policy table: "compute:server:create" */
    const char *audit;  /* audit action of a change: "compute.server.create"; NULL for reads */
    const struct ak_fields *body;  /* fields of the body, or NULL (handler takes req->json) */
    const char *envelope;          /* the body's single outer member: "server"; NULL = none, or the
                                      action */
    unsigned accept;               /* AK_CREATE or AK_UPDATE, when 'body' is set */
    const struct ak_fields *reply; /* for the schema and the tests; NULL when free-form */
    const char *reply_envelope;    /* "server" or "servers" (list) */
    const char *action; /* Nova actions, POST …/action: the body's single member: "os-start" */
    int since, until;   /* minor microversions, 0 = all */
    unsigned flags;
    int64_t body_max;    /* bytes; 0 = 64 KiB */
    const char *spec;    /* link to the specification of this call */
    const char *summary; /* one phrase */
};

/* A domain: everything the daemon must know of it. Listed in src/daemon/domains.c. */
struct ak_domain {
    const char *name; /* "compute" */
    const char *root; /* "/compute" */
    enum ak_dialect dialect;
    const char
        *service_type; /* catalog and OpenStack-API-Version: "compute"; NULL = not in the catalog */
    const char *service_name;  /* catalog name: "nova" */
    const char *endpoint_path; /* what the catalog adds to the listener's base: "/compute/v2.1" */
    int microversion_max;      /* minor of 2.x; 0 = no microversions */
    /* What begins with 'path' is served at 'old_path', too, as clients from before microversions
     * expect it: the oldest version whatever the headers say, unknown members ignored. NULL = none
     */
    struct {
        const char *path, *old_path; /* "/v2.1", "/v2" */
    } legacy;
    const struct ak_route *routes;
    size_t n_routes;
    const struct ak_job_kind *const *jobs;      /* NULL-terminated, or NULL */
    const struct ak_schedule *const *schedules; /* NULL-terminated, or NULL */
    const struct ak_setting *settings;
    size_t n_settings;
};

/* Request. Everything lives in 'arena', which ends with the answer. */
struct ak_request {
    struct ak_arena *arena;
    const struct ak_domain *domain;
    const struct ak_route *route;
    enum ak_listener listener;
    enum ak_lang lang;
    const char *method, *path; /* path without the query, still encoded, root included */
    const char *id;            /* "req-<uuid>" */
    const char *source;        /* client address from nginx */
    const char *base_url;  /* "https://host:port" for links, from the listener's setting or Host */
    const char *params[6]; /* decoded path parameters in order of the pattern */
    struct ak_map query;   /* decoded, in order, repeated keys kept */
    json_t *json;          /* whole body, NULL when none or streamed */
    void *body;            /* struct filled by route->body */
    const struct ak_principal *principal; /* NULL on public routes without a token */
    bool admin;                           /* the policy calls this caller an administrator here */
    int microversion;                     /* minor, ≥ 1 in microversioned domains */
    bool legacy;                          /* came by the domain's legacy path */
    struct ak_store *store;
    const struct ak_config *config;
    const struct ak_domain *const *domains; /* of the server, NULL-terminated: the catalog */
    struct ak_connection *connection;       /* private */
};

const char *ak_request_header(const struct ak_request *req, const char *name);
/* The first value of a query parameter, NULL when absent. */
const char *ak_request_query(const struct ak_request *req, const char *name);
/* Streams the body: 1..size bytes, 0 at the end, negative on error (AK_REQUEST_TIMEOUT,
 * AK_BAD_REQUEST). Blocks. */
int64_t ak_request_read(struct ak_request *req, void *buf, size_t size, struct ak_error *err);
/* Streams the whole body into 'out', whose maximum is the limit. AK_TOO_LARGE and the above. */
int ak_request_read_all(struct ak_request *req, struct ak_buf *out, struct ak_error *err);
/* Content-Length, -1 when unknown (chunked). */
int64_t ak_request_body_size(const struct ak_request *req);
/* The request's own query but for the members in 'without' (NULL-terminated, or NULL), for links to
 * other pages of a list: "?a=1&b=2", percent-encoded, or nothing. Returns what goes before one more
 * member: '?' or '&'. */
char ak_request_query_write(const struct ak_request *req, const char *const *without,
                            struct ak_buf *out);
/* What the field tables need to know of this request. */
struct ak_fields_mode ak_request_mode(const struct ak_request *req);

/* Starts the write transaction of a change / commits it with its audit event (the route's 'audit').
 * 'detail_json' may be NULL. A handler that fails with AK_STORE_BUSY before its commit is run again
 * by the dispatcher (not when it streams), so what it does before must bear repeating. */
int ak_request_begin(struct ak_request *req, struct ak_tx **ret_tx, struct ak_error *err);
int ak_request_commit(struct ak_request *req, struct ak_tx *tx, const char *object_type,
                      const char *object_id, const char *project_id, const char *detail_json,
                      struct ak_error *err);

/* For handlers that have read a streamed body, which the dispatcher does not run again: runs
 * 'attempt', a transaction of its own, five times at most, as long as another was in its way
 * (AK_STORE_BUSY, AK_CHANGED_MEANWHILE). */
typedef int ak_attempt_fn(void *data, struct ak_error *err);
int ak_request_retry(ak_attempt_fn *attempt, void *data, struct ak_error *err);

/* For handlers that would let the caller act as one of a customer's people: asks the server's hook
 * 'enter'. AK_OPERATOR_BLIND. */
int ak_request_enter(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                     struct ak_error *err);

/* As above under another action than the route's, for a request that ends elsewhere than asked. */
int ak_request_commit_as(struct ak_request *req, struct ak_tx *tx, const char *action,
                         const char *object_type, const char *object_id, const char *project_id,
                         const char *detail_json, struct ak_error *err);

/* Parses the list parameters every list shares: limit, marker, sort_key(s), sort_dir(s), and
 * filters by the table (AK_FILTER rows; repeated key = IN). 'style' is the peer's spelling. Unknown
 * parameters: AK_QUERY_UNKNOWN (Neutron, own), or ignored where the peer ignores them.
 * 'also_known' (NULL-terminated, may be NULL) are the handler's own. 'ret_query' is zeroed by the
 * caller. 'limit' is at most 'max_limit', which is also the default.
 * AK_QUERY_UNKNOWN, AK_FIELD_VALUE, AK_FIELD_RANGE, AK_BAD_REQUEST. */
enum ak_list_style { AK_LIST_NOVA, AK_LIST_GLANCE, AK_LIST_NEUTRON, AK_LIST_KEYSTONE, AK_LIST_OWN };
int ak_request_list(struct ak_request *req, const struct ak_fields *fields,
                    enum ak_list_style style, int64_t max_limit, const char *const *also_known,
                    struct ak_query *ret_query, struct ak_error *err);

/* A page of an own list (page.c): after ak_request_list(), begin asks for one row more than the
 * page holds and opens the transaction to read in. write cuts the list to the page and writes
 * "envelope" and, when there is more, "next" (the "id" of the last row, or the first member where
 * rows have no id) into the object of the caller; each row by 'write_row', or by 'fields' when that
 * is NULL. reply is the whole answer by the fields; it yields 0. */
typedef int ak_page_row_fn(struct ak_request *req, struct ak_json *w, const void *row, void *data,
                           struct ak_error *err);
int ak_page_begin(struct ak_request *req, struct ak_query *query, struct ak_tx **ret_tx,
                  struct ak_error *err);
int ak_page_write(struct ak_request *req, struct ak_json *w, const char *envelope,
                  const struct ak_fields *fields, const struct ak_query *query,
                  const struct ak_list *list, ak_page_row_fn *write_row, void *data,
                  struct ak_error *err);
int ak_page_reply(struct ak_request *req, struct ak_reply *reply, const char *envelope,
                  const struct ak_fields *fields, const struct ak_query *query,
                  const struct ak_list *list);

/* Reply: status, headers, and a body of JSON (the usual), a file range, or nothing. */
struct ak_reply {
    int status;               /* default 200 */
    struct ak_buf body;       /* at most 16 MiB */
    struct ak_json json;      /* writes to 'body' */
    const char *content_type; /* default application/json */
    struct {
        const char *name, *value;
    } headers[16];
    size_t n_headers;
    int file_fd; /* ≥ 0: the body is this file, closed after; sent by sendfile where possible */
    int64_t file_offset, file_size;
    struct ak_relay *upgrade; /* set by ak_reply_websocket() */
};
void ak_reply_header(struct ak_reply *reply, struct ak_request *req, const char *name,
                     const char *value);
void ak_reply_file(struct ak_reply *reply, int fd, int64_t offset, int64_t size,
                   const char *content_type);
/* A file name without folders, control characters and what systems trip over; "file" when nothing
 * is left. In the arena, at most 199 bytes. */
const char *ak_file_name(struct ak_arena *arena, const char *given);
/* The media type of a file that begins with 'head': by content, never by what its sender says. */
const char *ak_file_type(const void *head, size_t size);
/* The headers with which a file of somebody's is given out: it is saved, never shown or run. */
void ak_reply_download(struct ak_reply *reply, struct ak_request *req, const char *name);
/* One object of a field table: {"envelope": {…}}; 'envelope' NULL = bare. */
void ak_reply_object(struct ak_reply *reply, struct ak_request *req, const char *envelope,
                     const struct ak_fields *fields, const void *obj);
/* A list: {"envelope": [{…}, …]} */
void ak_reply_list(struct ak_reply *reply, struct ak_request *req, const char *envelope,
                   const struct ak_fields *fields, const struct ak_list *list);
/* What allows a relay: asked every other second, on the relay's thread; may block. Once 'still'
 * answers false the relay ends with the code 1008. 'data' is given to 'free' at the end. */
struct ak_relay_watch {
    bool (*still)(void *data);
    void (*free)(void *data);
    void *data;
};
/* Answers a WebSocket handshake (RFC 6455, subprotocol "binary" when offered) and relays frames to
 * and from the stream socket 'fd' (owned from now on) until either side closes, 'idle_ms' passes or
 * 'watch' (may be NULL; is taken, also on failure) says so. */
int ak_reply_websocket(struct ak_request *req, struct ak_reply *reply, int fd, int64_t idle_ms,
                       const struct ak_relay_watch *watch, struct ak_error *err);

/* The server. */
struct ak_server_hooks {
    /* Resolves a token to a principal in the request's arena. AK_UNAUTHORIZED. */
    int (*authenticate)(struct ak_request *req, const char *token,
                        const struct ak_principal **ret_principal, struct ak_error *err);
    /* Decides a policy row. 0, or AK_FORBIDDEN; sets '*ret_admin'. */
    int (*authorise)(struct ak_request *req, const char *policy, bool *ret_admin,
                     struct ak_error *err);
    /* Decides whether the caller, one of the provider's people, may act in the name of the people
     * of a customer's project: 0, or AK_OPERATOR_BLIND. NULL: always. */
    int (*enter)(struct ak_request *req, struct ak_tx *tx, const char *project_id,
                 struct ak_error *err);
};
struct ak_server_options {
    const struct ak_domain *const *domains; /* NULL-terminated */
    struct ak_server_hooks hooks;
    struct ak_store *store;
    const struct ak_config *config;
    const char *customer_socket, *management_socket; /* unix socket paths; NULL = not opened */
    int max_connections;
};
struct ak_server;
int ak_server_start(const struct ak_server_options *options, struct ak_server **ret_server,
                    struct ak_error *err);
void ak_server_stop(struct ak_server *server); /* lets requests end, at most 10 s */
void ak_server_free(struct ak_server *server);
AK_DEFINE_AUTO(ak_server)

/* Everything of a route table as JSON: methods, paths, policies, audit verbs, schemas (akashid
 * --dump-routes), and the OpenAPI 3.1 document of the same. */
void ak_routes_dump(const struct ak_domain *const *domains, struct ak_json *w);
void ak_routes_openapi(const struct ak_domain *const *domains, struct ak_json *w);

extern const struct ak_setting ak_http_settings[];
extern const size_t ak_http_settings_n;

#endif
