/* SPDX-License-Identifier: Apache-2.0 */
/* After an answer that came before the end of the body: libmicrohttpd closes the connection at
 * once, and a peer that is still writing would get an error instead of the answer. So a duplicate
 * of the socket is kept, and what still comes is read and dropped until the peer is done, for a
 * while. */
#include "http/http_internal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_MAX_US (10 * AK_SEC)
#define AT_ONCE       64

struct lingering {
    struct ak_lingers *lingers;
    int fd;
};

static bool stopping(struct ak_lingers *lingers)
{
    AK_LOCK(&lingers->mutex);

    return lingers->stopping;
}

static void *run(void *data)
{
    struct lingering *l = data;
    struct ak_lingers *lingers = l->lingers;
    int64_t until = ak_monotonic_us() + LINGER_MAX_US;
    char bytes[16384];

    while (ak_monotonic_us() < until && !stopping(lingers)) {
        struct pollfd p = {.fd = l->fd, .events = POLLIN};
        int ready = poll(&p, 1, 200);

        if (ready < 0 || (ready > 0 && recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)) {
            break;
        }
    }
    (void)close(l->fd);
    free(l);
    AK_LOCK(&lingers->mutex);
    lingers->n--;
    (void)pthread_cond_broadcast(&lingers->none);
    return NULL;
}

static bool enter(struct ak_lingers *lingers)
{
    AK_LOCK(&lingers->mutex);

    if (lingers->stopping || lingers->n == AT_ONCE) {
        return false;
    }
    lingers->n++;
    return true;
}

void ak_linger(struct ak_lingers *lingers, int socket)
{
    struct lingering *l = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    int rc = 0;

    if (!enter(lingers)) {
        return;
    }
    l = ak_new(struct lingering);
    l->lingers = lingers;
    l->fd = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attributes, (size_t)256 << 10);
    rc = l->fd < 0 ? -1 : pthread_create(&thread, &attributes, run, l);
    (void)pthread_attr_destroy(&attributes);
    if (rc != 0) {
        if (l->fd >= 0) {
            (void)close(l->fd);
        }
        free(l);
        AK_LOCK(&lingers->mutex);
        lingers->n--;
    }
}

void ak_lingers_stop(struct ak_lingers *lingers)
{
    AK_LOCK(&lingers->mutex);

    lingers->stopping = true;
    while (lingers->n > 0) {
        (void)pthread_cond_wait(&lingers->none, &lingers->mutex);
    }
}
