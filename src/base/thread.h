/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_THREAD_H
#define AK_THREAD_H
/* Locks held until the end of a scope, and waiting with a deadline. Deadlines are of the monotonic
 * clock: one that is set while somebody waits neither ends the wait nor prolongs it. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* pthread_mutex_t held until scope end: AK_LOCK(&m); */
static inline void ak_unlock_(pthread_mutex_t **m)
{
    (void)pthread_mutex_unlock(*m);
}
#define AK_LOCK_2(m, line)                                                                         \
    __attribute__((cleanup(ak_unlock_), unused)) pthread_mutex_t *ak_lock_##line = (m);            \
    (void)pthread_mutex_lock(ak_lock_##line)
#define AK_LOCK_1(m, line) AK_LOCK_2(m, line)
#define AK_LOCK(m)         AK_LOCK_1(m, __LINE__)

/* A condition for ak_cond_wait_until(); the plain pthread calls work on it, too. */
void ak_cond_init(pthread_cond_t *cond);
/* Waits until woken (true; also without cause, as ever) or until ak_monotonic_us() reaches
 * 'deadline_us' (false). The mutex is held by the caller. */
bool ak_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_us);

#endif
