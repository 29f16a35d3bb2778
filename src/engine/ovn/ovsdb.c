/* SPDX-License-Identifier: Apache-2.0 */
/* OVSDB client. The reader thread owns the connection: it connects, asks for a monitor of all
 * tables, keeps the replica, answers echo, hands replies to the callers waiting for them, and
 * starts over after a loss. The server sends a transaction's effects before its reply, so a caller
 * sees its own writes in the replica. Threads meet at 'lock'; sending has a lock of its own so that
 * a slow server does not stop readers of the replica. */
#include "engine/ovn/ovsdb.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/ovn/ovsdb_frame.h"

#define MESSAGE_MAX  ((size_t)256 << 20) /* a whole dump of a large northbound database */
#define SEND_TIMEOUT 10                  /* s */
#define RECONNECT_MS 500
#define MONITOR_ID   "akashi"
#define ENGINE       "network engine"

struct call { /* a request waiting for its reply */
    int64_t id;
    json_t *reply; /* the whole message */
    bool lost;     /* the connection ended first */
    struct call *next;
};

struct ovsdb {
    char *path, *database;
    const struct ovsdb_table *tables;
    size_t n_tables;
    pthread_t reader;
    int wake_fd; /* eventfd: stop */

    pthread_mutex_t lock;   /* guards what follows */
    pthread_cond_t changed; /* replica, connection or a reply has changed */
    bool stop, synced;
    json_t *replica; /* table → uuid → row */
    json_t *index;   /* table → key → uuid */
    struct call *calls;
    int64_t next_id, writes;

    pthread_mutex_t send_lock; /* guards 'fd' and the order of bytes; taken after 'lock' never */
    int fd;                    /* -1 = not connected */
};

/* --- sending ---------------------------------------------------------------------------------- */

static int send_message(struct ovsdb *db, const json_t *message, struct ak_error *err)
{
    AK_AUTO_STR text = json_dumps(message, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0, sent = 0;
    AK_LOCK(&db->send_lock);
    if (text == NULL) {
        return ak_fail_detail(err, AK_INTERNAL, "OVSDB message cannot be written as JSON");
    }
    while (sent < len) {
        ssize_t n = db->fd < 0 ? -1 : send(db->fd, text + sent, len - sent, MSG_NOSIGNAL);
        if (n < 0 && db->fd >= 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (db->fd >= 0) {
                (void)shutdown(db->fd, SHUT_RDWR); /* the reader starts over */
            }
            return ak_fail(err, AK_ENGINE_UNAVAILABLE, ENGINE);
        }
        sent += (size_t)n;
    }
    return 0;
}

static void drop_connection(struct ovsdb *db)
{
    AK_LOCK(&db->send_lock);
    if (db->fd >= 0) {
        (void)shutdown(db->fd, SHUT_RDWR);
    }
}

/* --- the replica ------------------------------------------------------------------------------ */

static const struct ovsdb_table *table_of(struct ovsdb *db, const char *name)
{
    for (size_t i = 0; i < db->n_tables; i++) {
        if (strcmp(db->tables[i].name, name) == 0) {
            return &db->tables[i];
        }
    }
    return NULL;
}

static const char *key_of(const struct ovsdb_table *table, const json_t *row)
{
    return table->named ? json_string_value(json_object_get(row, "name"))
                        : ovsdb_map_get(json_object_get(row, "external_ids"), "akashi-id");
}

static void replica_reset(struct ovsdb *db)
{
    json_decref(db->replica);
    json_decref(db->index);
    db->replica = json_object();
    db->index = json_object();
    for (size_t i = 0; i < db->n_tables; i++) {
        (void)json_object_set_new(db->replica, db->tables[i].name, json_object());
        (void)json_object_set_new(db->index, db->tables[i].name, json_object());
    }
}

static void replica_put(struct ovsdb *db, const struct ovsdb_table *table, const char *uuid,
                        json_t *row)
{
    json_t *rows = json_object_get(db->replica, table->name);
    json_t *index = json_object_get(db->index, table->name);
    const json_t *old = json_object_get(rows, uuid);
    const char *old_key = old ? key_of(table, old) : NULL;
    if (old_key && ak_streq(json_string_value(json_object_get(index, old_key)), uuid)) {
        (void)json_object_del(index, old_key);
    }
    if (row == NULL) {
        (void)json_object_del(rows, uuid);
        return;
    }
    const char *key = key_of(table, row);
    if (key) {
        (void)json_object_set_new(index, key, json_string(uuid));
    }
    (void)json_object_set(rows, uuid, row);
}

/* Takes in a <table-updates> object (RFC 7047, 4.1.6). */
static void replica_update(struct ovsdb *db, json_t *updates)
{
    const char *name = NULL, *uuid = NULL;
    json_t *rows = NULL, *update = NULL;
    json_object_foreach(updates, name, rows)
    {
        const struct ovsdb_table *table = table_of(db, name);
        if (table == NULL) {
            continue;
        }
        json_object_foreach(rows, uuid, update)
        {
            replica_put(db, table, uuid, json_object_get(update, "new"));
        }
    }
}

static json_t *monitor_request(const struct ovsdb *db)
{
    json_t *tables = json_object();
    for (size_t i = 0; i < db->n_tables; i++) {
        json_t *columns = json_array();
        for (const char *const *c = db->tables[i].columns; *c; c++) {
            (void)json_array_append_new(columns, json_string(*c));
        }
        (void)json_object_set_new(tables, db->tables[i].name,
                                  json_pack("[{s:o}]", "columns", columns));
    }
    return json_pack("{s:s, s:[s, s, o], s:s}", "method", "monitor", "params", db->database,
                     MONITOR_ID, tables, "id", "monitor");
}

/* --- receiving -------------------------------------------------------------------------------- */

/* Hands the message over to whoever waits for it; '*message' is NULL then, since a JSON tree
 * belongs to one thread at a time. */
static int receive_reply(struct ovsdb *db, json_t **message, struct ak_error *err)
{
    const json_t *id = json_object_get(*message, "id");
    AK_LOCK(&db->lock);
    if (json_is_string(id)) {
        json_t *initial = json_object_get(*message, "result");
        if (!json_is_object(initial)) {
            return ak_fail_detail(err, AK_ENGINE, "OVSDB refuses the monitor");
        }
        replica_update(db, initial);
        db->synced = true;
    }
    for (struct call *call = db->calls; call && *message; call = call->next) {
        if (json_is_integer(id) && json_integer_value(id) == call->id && call->reply == NULL) {
            call->reply = AK_TAKE(*message);
        }
    }
    (void)pthread_cond_broadcast(&db->changed);
    return 0;
}

static int receive(struct ovsdb *db, json_t **message, struct ak_error *err)
{
    const char *method = json_string_value(json_object_get(*message, "method"));
    json_t *params = json_object_get(*message, "params");
    if (method == NULL) {
        return receive_reply(db, message, err);
    }
    if (strcmp(method, "echo") == 0) {
        json_t *id = json_object_get(*message, "id");
        json_t *reply = json_pack("{s:O, s:n, s:O}", "result", params ? params : json_null(),
                                  "error", "id", id ? id : json_null());
        int rc = reply ? send_message(db, reply, err) : 0;
        json_decref(reply);
        return rc;
    }
    if (strcmp(method, "update") == 0) {
        AK_LOCK(&db->lock);
        replica_update(db, json_array_get(params, 1));
        (void)pthread_cond_broadcast(&db->changed);
    }
    return 0;
}

static int receive_bytes(struct ovsdb *db, struct ovsdb_frame *frame, const char *bytes, size_t len,
                         struct ak_error *err)
{
    size_t message_len = 0;
    int more = 0, rc = ovsdb_frame_add(frame, bytes, len, err);
    if (rc < 0) {
        return rc;
    }
    while ((more = ovsdb_frame_next(frame, &message_len, err)) == 1) {
        json_error_t at;
        json_t *message = json_loadb(frame->buf.data, message_len, JSON_REJECT_DUPLICATES, &at);
        ovsdb_frame_drop(frame, message_len);
        if (message == NULL) {
            return ak_fail_detail(err, AK_ENGINE, "OVSDB sends bad JSON: %s", at.text);
        }
        rc = receive(db, &message, err);
        json_decref(message);
        if (rc < 0) {
            return rc;
        }
    }
    return more;
}

/* Reads until the connection ends or the client is freed. */
static int read_loop(struct ovsdb *db, struct ovsdb_frame *frame, struct ak_error *err)
{
    char bytes[65536];
    for (;;) {
        struct pollfd fds[2] = {{.fd = db->fd, .events = POLLIN},
                                {.fd = db->wake_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return ak_fail_errno(err, errno, "poll");
        }
        if (fds[1].revents) {
            return 0;
        }
        if (fds[0].revents == 0) {
            continue;
        }
        ssize_t n = recv(db->fd, bytes, sizeof(bytes), 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return ak_fail(err, AK_ENGINE_UNAVAILABLE, ENGINE);
        }
        int rc = receive_bytes(db, frame, bytes, (size_t)n, err);
        if (rc < 0) {
            return rc;
        }
    }
}

/* --- the reader thread ------------------------------------------------------------------------ */

static int connect_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval timeout = {.tv_sec = SEND_TIMEOUT};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
                    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* The connection has ended: nobody waits in vain. */
static void connection_lost(struct ovsdb *db)
{
    (void)pthread_mutex_lock(&db->send_lock);
    if (db->fd >= 0) {
        (void)close(db->fd);
        db->fd = -1;
    }
    (void)pthread_mutex_unlock(&db->send_lock);
    AK_LOCK(&db->lock);
    db->synced = false;
    for (struct call *call = db->calls; call; call = call->next) {
        call->lost = true;
    }
    (void)pthread_cond_broadcast(&db->changed);
}

static void session(struct ovsdb *db, int fd)
{
    struct ak_error err = {0};
    struct ovsdb_frame frame;
    json_t *monitor = monitor_request(db);
    int rc = 0;
    ovsdb_frame_init(&frame, MESSAGE_MAX);
    (void)pthread_mutex_lock(&db->lock);
    replica_reset(db);
    (void)pthread_mutex_unlock(&db->lock);
    (void)pthread_mutex_lock(&db->send_lock);
    db->fd = fd;
    (void)pthread_mutex_unlock(&db->send_lock);
    rc = send_message(db, monitor, &err);
    if (rc == 0) {
        rc = read_loop(db, &frame, &err);
    }
    if (rc < 0) {
        ak_log_error(&err, "connection to OVSDB %s ended", db->path);
    }
    connection_lost(db);
    ovsdb_frame_done(&frame);
    json_decref(monitor);
}

static void *reader_main(void *data)
{
    struct ovsdb *db = data;
    bool told = false;
    for (;;) {
        struct pollfd wake = {.fd = db->wake_fd, .events = POLLIN};
        int fd = connect_socket(db->path);
        if (fd >= 0) {
            told = false;
            session(db, fd);
        } else if (!told) {
            ak_log(AK_WARNING, "OVSDB %s cannot be reached, retrying: %s", db->path,
                   strerror(errno));
            told = true;
        }
        if (poll(&wake, 1, RECONNECT_MS) > 0) {
            return NULL;
        }
    }
}

/* --- opening, reading, writing ---------------------------------------------------------------- */

int ovsdb_open(const char *remote, const char *database, const struct ovsdb_table *tables,
               size_t n_tables, struct ovsdb **ret_db, struct ak_error *err)
{
    struct ovsdb *db = NULL;
    if (!ak_starts_with(remote, "unix:") || strlen(remote) - 5 >= 108) {
        return ak_fail(err, AK_CONFIG, "the OVN northbound address must be unix:/path");
    }
    db = ak_new(struct ovsdb);
    db->path = ak_xstrdup(remote + 5);
    db->database = ak_xstrdup(database);
    db->tables = tables;
    db->n_tables = n_tables;
    db->fd = -1;
    db->wake_fd = eventfd(0, EFD_CLOEXEC);
    (void)pthread_mutex_init(&db->lock, NULL);
    (void)pthread_mutex_init(&db->send_lock, NULL);
    ak_cond_init(&db->changed);
    replica_reset(db);
    if (db->wake_fd < 0 || pthread_create(&db->reader, NULL, reader_main, db) != 0) {
        db->stop = true; /* no thread to join */
        ovsdb_free(db);
        return ak_fail_detail(err, AK_INTERNAL, "no thread for OVSDB");
    }
    *ret_db = db;
    return 0;
}

void ovsdb_free(struct ovsdb *db)
{
    uint64_t one = 1;
    if (db == NULL) {
        return;
    }
    if (!db->stop) {
        if (write(db->wake_fd, &one, sizeof(one)) < 0) {
            ak_log(AK_ERR, "OVSDB reader cannot be woken: %s", strerror(errno));
        }
        (void)pthread_join(db->reader, NULL);
    }
    if (db->wake_fd >= 0) {
        (void)close(db->wake_fd);
    }
    json_decref(db->replica);
    json_decref(db->index);
    (void)pthread_cond_destroy(&db->changed);
    (void)pthread_mutex_destroy(&db->lock);
    (void)pthread_mutex_destroy(&db->send_lock);
    free(db->path);
    free(db->database);
    free(db);
}

int ovsdb_read_begin(struct ovsdb *db, int64_t timeout_ms, struct ak_error *err)
{
    int64_t until = ak_monotonic_us() + timeout_ms * AK_MS;
    (void)pthread_mutex_lock(&db->lock);
    while (!db->synced) {
        if (!ak_cond_wait_until(&db->changed, &db->lock, until)) {
            (void)pthread_mutex_unlock(&db->lock);
            return ak_fail(err, AK_ENGINE_UNAVAILABLE, ENGINE);
        }
    }
    return 0;
}

void ovsdb_read_end(struct ovsdb *db)
{
    (void)pthread_mutex_unlock(&db->lock);
}

const json_t *ovsdb_rows(struct ovsdb *db, const char *table)
{
    return json_object_get(db->replica, table);
}

const json_t *ovsdb_row(struct ovsdb *db, const char *table, const char *uuid)
{
    return json_object_get(ovsdb_rows(db, table), uuid);
}

const char *ovsdb_find(struct ovsdb *db, const char *table, const char *key)
{
    return json_string_value(json_object_get(json_object_get(db->index, table), key));
}

bool ovsdb_wait(struct ovsdb *db, int64_t deadline_us)
{
    return ak_cond_wait_until(&db->changed, &db->lock, deadline_us) && db->synced;
}

int64_t ovsdb_writes(struct ovsdb *db)
{
    AK_LOCK(&db->lock);
    return db->writes;
}

/* Maps an error of a result to ours. */
static int fail_result(const json_t *result, struct ak_error *err)
{
    const char *error = json_string_value(json_object_get(result, "error"));
    const char *details = json_string_value(json_object_get(result, "details"));
    int rc = 0;
    if (ak_streq(error, "timed out") || ak_streq(error, "not leader") ||
        ak_streq(error, "not owner") || ak_streq(error, "aborted")) {
        rc = ak_fail(err, AK_ENGINE_UNAVAILABLE, ENGINE);
    } else if (ak_streq(error, "resources exhausted") || ak_streq(error, "I/O error")) {
        rc = ak_fail(err, AK_NO_SPACE);
    } else {
        rc = ak_fail(err, AK_ENGINE, ENGINE);
    }
    ak_error_prefix(err, "OVSDB: %s: %s", error ? error : "error", details ? details : "");
    return rc;
}

static int check_reply(const json_t *reply, struct ak_error *err)
{
    const json_t *error = json_object_get(reply, "error");
    const json_t *results = json_object_get(reply, "result");
    if (error && !json_is_null(error)) {
        return fail_result(json_is_object(error) ? error : reply, err);
    }
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        if (json_object_get(result, "error")) {
            return fail_result(result, err);
        }
    }
    if (!json_is_array(results)) {
        return ak_fail_detail(err, AK_ENGINE, "OVSDB answers a transaction without a result");
    }
    return 0;
}

/* Sends the request and waits for the reply in 'call', which is in the list. */
static int wait_reply(struct ovsdb *db, struct call *call, const json_t *request,
                      int64_t timeout_ms, struct ak_error *err)
{
    int64_t until = ak_monotonic_us() + timeout_ms * AK_MS;
    int rc = send_message(db, request, err);
    (void)pthread_mutex_lock(&db->lock);
    while (rc < 0 && !call->lost && ak_cond_wait_until(&db->changed, &db->lock, until)) {
        /* the reader is about to notice the loss: whoever tries again then waits for it */
    }
    while (rc == 0 && call->reply == NULL) {
        if (call->lost) {
            rc = ak_fail(err, AK_ENGINE_UNAVAILABLE, ENGINE);
        } else if (!ak_cond_wait_until(&db->changed, &db->lock, until)) {
            rc = ak_fail(err, AK_ENGINE_TIMEOUT, ENGINE);
        }
    }
    for (struct call **p = &db->calls; *p; p = &(*p)->next) {
        if (*p == call) {
            *p = call->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&db->lock);
    return rc;
}

int ovsdb_transact(struct ovsdb *db, json_t *ops, int64_t timeout_ms, json_t **ret_result,
                   struct ak_error *err)
{
    struct call call = {0};
    json_t *request = NULL;
    int rc = 0;
    (void)pthread_mutex_lock(&db->lock);
    call.id = ++db->next_id;
    call.next = db->calls;
    call.lost = !db->synced;
    db->calls = &call;
    (void)pthread_mutex_unlock(&db->lock);
    (void)json_array_insert_new(ops, 0, json_string(db->database));
    request = json_pack("{s:s, s:o, s:I}", "method", "transact", "params", ops, "id",
                        (json_int_t)call.id);
    rc = wait_reply(db, &call, request, timeout_ms, err);
    if (rc == -AK_ENGINE_TIMEOUT) {
        drop_connection(db); /* a server that hangs is better met anew */
    }
    if (rc == 0) {
        rc = check_reply(call.reply, err);
    }
    if (rc == 0) {
        AK_LOCK(&db->lock);
        db->writes++;
    }
    if (rc == 0 && ret_result) {
        *ret_result = json_incref(json_object_get(call.reply, "result"));
    }
    json_decref(call.reply);
    json_decref(request);
    return rc;
}
