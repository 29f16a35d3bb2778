/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded queue of vm_events.h: a ring under a mutex, emptied by one thread. */
#include "engine/vm_events.h"

#define RING 1024

struct ak_vm_events {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    pthread_t thread;
    bool running, stopping;
    void (*changed)(const char *uuid, enum ak_vm_state state, void *data);
    void *data;
    struct {
        char uuid[AK_UUID_TEXT];
        enum ak_vm_state state;
    } ring[RING];
    size_t head, n; /* oldest, number waiting */
};

struct ak_vm_events *ak_vm_events_new(void)
{
    struct ak_vm_events *events = ak_new(struct ak_vm_events);

    (void)pthread_mutex_init(&events->lock, NULL);
    (void)pthread_cond_init(&events->wake, NULL);
    return events;
}

void ak_vm_events_free(struct ak_vm_events *events)
{
    bool running = false;

    if (!events) {
        return;
    }
    (void)pthread_mutex_lock(&events->lock);
    events->stopping = true;
    running = events->running;
    (void)pthread_cond_signal(&events->wake);
    (void)pthread_mutex_unlock(&events->lock);
    if (running) {
        (void)pthread_join(events->thread, NULL);
    }
    (void)pthread_cond_destroy(&events->wake);
    (void)pthread_mutex_destroy(&events->lock);
    free(events);
}

static void *deliver(void *arg)
{
    struct ak_vm_events *events = arg;

    (void)pthread_mutex_lock(&events->lock);
    while (!events->stopping) {
        char uuid[AK_UUID_TEXT];
        enum ak_vm_state state = AK_VM_ABSENT;
        void (*changed)(const char *, enum ak_vm_state, void *) = events->changed;
        void *data = events->data;

        if (events->n == 0) {
            (void)pthread_cond_wait(&events->wake, &events->lock);
            continue;
        }
        memcpy(uuid, events->ring[events->head].uuid, sizeof(uuid));
        state = events->ring[events->head].state;
        events->head = (events->head + 1) % RING;
        events->n--;
        (void)pthread_mutex_unlock(&events->lock);
        if (changed) {
            changed(uuid, state, data);
        }
        (void)pthread_mutex_lock(&events->lock);
    }
    (void)pthread_mutex_unlock(&events->lock);
    return NULL;
}

void ak_vm_events_watch(struct ak_vm_events *events,
                        void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                        void *data)
{
    AK_LOCK(&events->lock);
    events->changed = changed;
    events->data = data;
    if (!events->running) {
        events->running = pthread_create(&events->thread, NULL, deliver, events) == 0;
        if (!events->running) {
            ak_log(AK_ERR, "no thread for engine events: changes are seen by reconciling only");
        }
    }
}

void ak_vm_events_push(struct ak_vm_events *events, const char *uuid, enum ak_vm_state state)
{
    size_t i = 0;

    AK_LOCK(&events->lock);
    if (!events->running) {
        return;
    }
    if (events->n == RING) {
        events->head = (events->head + 1) % RING;
        events->n--;
    }
    i = (events->head + events->n++) % RING;
    ak_str_copy(events->ring[i].uuid, sizeof(events->ring[i].uuid), uuid);
    events->ring[i].state = state;
    (void)pthread_cond_signal(&events->wake);
}
