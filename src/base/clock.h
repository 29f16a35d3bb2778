/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_CLOCK_H
#define AK_CLOCK_H
/* Time: microseconds since 1970-01-01 UTC in int64_t ('_us'); text is ISO 8601 in UTC. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AK_MS   ((int64_t)1000)
#define AK_SEC  ((int64_t)1000000)
#define AK_MIN  (60 * AK_SEC)
#define AK_HOUR (60 * AK_MIN)
#define AK_DAY  (24 * AK_HOUR)

#define AK_TIME_TEXT 32 /* room for any of the texts below */

/* Wall clock. Tests may move it by ak_time_shift(). */
int64_t ak_now_us(void);
void ak_time_shift(int64_t offset_us);
/* Tests of a running stack: from now on ak_now_us() adds the offset (int64_t, microseconds, in the
 * machine's order) that the file holds, read at each call, so that all processes that follow the
 * file move together. False when the file cannot be mapped. */
bool ak_time_follow(const char *path);
/* Monotonic clock, for durations only. */
int64_t ak_monotonic_us(void);

enum ak_time_format {
    AK_TIME_Z,       /* 2026-11-22T12:00:00Z              Nova, Glance */
    AK_TIME_Z_US,    /* 2026-11-22T12:00:00.000000Z       Keystone */
    AK_TIME_NAIVE_US /* 2026-11-22T12:00:00.000000        Nova's deltas, Cinder */
};
const char *ak_time_text(char out[AK_TIME_TEXT], int64_t time_us, enum ak_time_format format);
/* Parses ISO 8601 date-times (with or without fraction, Z or ±hh:mm or no zone = UTC; a bare date).
 * False for what is no such text, and for days that the calendar lacks. */
bool ak_time_parse(const char *text, int64_t *ret_time_us);

#endif
