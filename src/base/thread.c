/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that makes conditions with a deadline, so that all of them wait by the monotonic
 * clock (pthread's default is the wall clock). */
#include "thread.h"

#include <errno.h>
#include <time.h>

#include "clock.h"

void ak_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &attr);
    (void)pthread_condattr_destroy(&attr);
}

bool ak_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t deadline_us)
{
    struct timespec until = {.tv_sec = deadline_us / AK_SEC,
                             .tv_nsec = deadline_us % AK_SEC * 1000};

    return pthread_cond_timedwait(cond, mutex, &until) != ETIMEDOUT;
}
