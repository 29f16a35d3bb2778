/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_VM_EVENTS_H
#define AK_VM_EVENTS_H
/* The way of state changes from an engine's own threads to the one watcher: a bounded queue and a
 * thread that calls the watcher, so that engine callbacks only copy and return. Private to
 * src/engine. */
#include "engine/hypervisor.h"

struct ak_vm_events;
struct ak_vm_events *ak_vm_events_new(void);
void ak_vm_events_free(struct ak_vm_events *events); /* waits for a call under way */
AK_DEFINE_AUTO(ak_vm_events)
/* Sets or replaces the watcher; starts the thread at the first call. */
void ak_vm_events_watch(struct ak_vm_events *events,
                        void (*changed)(const char *uuid, enum ak_vm_state state, void *data),
                        void *data);
/* Queues a change; never blocks. When 1024 wait, the oldest is dropped: the reconciler sees what
 * the watcher missed. */
void ak_vm_events_push(struct ak_vm_events *events, const char *uuid, enum ak_vm_state state);

#endif
