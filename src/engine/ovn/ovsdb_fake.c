/* SPDX-License-Identifier: Apache-2.0 */
/* The fake OVSDB server of the unit tests: one connection at a time, on a thread of its own. It
 * also asks for an echo first, which a client must answer. */
#include "engine/ovn/ovsdb_fake.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/ovn/ovsdb_frame.h"

struct ovsdb_fake {
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    int listen_fd, fd;
    bool stop;
    const char *refuse;
    json_t *initial, *recorded;
    char *path;
};

static void say(int fd, json_t *message)
{
    AK_AUTO_STR text = json_dumps(message, JSON_COMPACT);
    ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)n;
    json_decref(message);
}

static json_t *initial_of(const struct ovsdb_fake *fake)
{
    json_t *updates = json_object(), *rows = NULL, *row = NULL;
    const char *table = NULL, *uuid = NULL;
    json_object_foreach(fake->initial, table, rows)
    {
        json_t *changes = json_object();
        json_object_foreach(rows, uuid, row)
        {
            (void)json_object_set_new(changes, uuid, json_pack("{s:O}", "new", row));
        }
        (void)json_object_set_new(updates, table, changes);
    }
    return updates;
}

static json_t *result_of(struct ovsdb_fake *fake, json_t *params)
{
    json_t *results = json_array(), *ops = json_array();
    AK_LOCK(&fake->lock);
    for (size_t i = 1; i < json_array_size(params); i++) {
        (void)json_array_append(ops, json_array_get(params, i));
        (void)json_array_append_new(results, json_object());
    }
    (void)json_array_append_new(fake->recorded, ops);
    if (fake->refuse) {
        (void)json_array_append_new(
            results, json_pack("{s:s, s:s}", "error", fake->refuse, "details", "as told"));
    }
    return results;
}

static void answer(struct ovsdb_fake *fake, int fd, const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));
    json_t *id = json_object_get(message, "id"), *result = NULL;
    if (ak_streq(method, "monitor")) {
        say(fd, json_pack("{s:s, s:[s], s:s}", "method", "echo", "params", "x", "id", "echo"));
        result = initial_of(fake);
    } else if (ak_streq(method, "transact")) {
        result = result_of(fake, json_object_get(message, "params"));
    }
    if (result) {
        say(fd, json_pack("{s:O, s:o, s:n}", "id", id, "result", result, "error"));
    }
}

static void serve(struct ovsdb_fake *fake, int fd)
{
    struct ovsdb_frame frame;
    char bytes[4096];
    ssize_t n = 0;
    ovsdb_frame_init(&frame, 1 << 20);
    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        size_t len = 0;
        (void)ovsdb_frame_add(&frame, bytes, (size_t)n, NULL);
        while (ovsdb_frame_next(&frame, &len, NULL) == 1) {
            json_t *message = json_loadb(frame.buf.data, len, 0, NULL);
            answer(fake, fd, message);
            json_decref(message);
            ovsdb_frame_drop(&frame, len);
        }
    }
    ovsdb_frame_done(&frame);
}

static void *fake_main(void *data)
{
    struct ovsdb_fake *fake = data;
    for (;;) {
        int fd = accept(fake->listen_fd, NULL, NULL);
        (void)pthread_mutex_lock(&fake->lock);
        fake->fd = fd;
        bool stop = fake->stop;
        (void)pthread_mutex_unlock(&fake->lock);
        if (fd >= 0 && !stop) {
            serve(fake, fd);
        }
        (void)pthread_mutex_lock(&fake->lock);
        fake->fd = -1;
        stop = fake->stop;
        (void)pthread_mutex_unlock(&fake->lock);
        if (fd >= 0) {
            (void)close(fd);
        }
        if (stop) {
            return NULL;
        }
    }
}

struct ovsdb_fake *ovsdb_fake_start(const char *path, json_t *initial)
{
    struct ovsdb_fake *fake = ak_new(struct ovsdb_fake);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ak_str_copy(address.sun_path, sizeof(address.sun_path), path);
    (void)unlink(path);
    fake->fd = -1;
    fake->path = ak_xstrdup(path);
    fake->initial = initial;
    fake->recorded = json_array();
    fake->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)pthread_mutex_init(&fake->lock, NULL);
    if (bind(fake->listen_fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fake->listen_fd, 4) < 0 ||
        pthread_create(&fake->thread, NULL, fake_main, fake) != 0) {
        abort();
    }
    return fake;
}

void ovsdb_fake_hang_up(struct ovsdb_fake *fake)
{
    AK_LOCK(&fake->lock);
    if (fake->fd >= 0) {
        (void)shutdown(fake->fd, SHUT_RDWR);
    }
}

void ovsdb_fake_refuse(struct ovsdb_fake *fake, const char *error)
{
    AK_LOCK(&fake->lock);
    fake->refuse = error;
}

json_t *ovsdb_fake_stop(struct ovsdb_fake *fake)
{
    (void)pthread_mutex_lock(&fake->lock);
    fake->stop = true;
    (void)pthread_mutex_unlock(&fake->lock);
    ovsdb_fake_hang_up(fake);
    (void)shutdown(fake->listen_fd, SHUT_RDWR);
    (void)pthread_join(fake->thread, NULL);
    (void)close(fake->listen_fd);
    (void)unlink(fake->path);
    json_t *recorded = fake->recorded;
    json_decref(fake->initial);
    (void)pthread_mutex_destroy(&fake->lock);
    free(fake->path);
    free(fake);
    return recorded;
}
