/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and ISO 8601 of clock.h. */
#include "clock.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t shift_us;
static const _Atomic int64_t *followed_us; /* set once at start, before any thread */

int64_t ak_now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * AK_SEC + ts.tv_nsec / 1000 + shift_us +
           (followed_us ? *followed_us : 0);
}

void ak_time_shift(int64_t offset_us)
{
    shift_us = offset_us;
}

bool ak_time_follow(const char *path)
{
    struct stat st;
    void *map = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(*followed_us)) {
        map = mmap(NULL, sizeof(*followed_us), PROT_READ, MAP_SHARED, fd, 0);
    }
    (void)close(fd);
    if (map == MAP_FAILED) {
        return false;
    }
    followed_us = map;
    return true;
}

int64_t ak_monotonic_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * AK_SEC + ts.tv_nsec / 1000;
}

const char *ak_time_text(char out[AK_TIME_TEXT], int64_t time_us, enum ak_time_format format)
{
    time_t seconds = (time_t)(time_us / AK_SEC);
    int us = (int)(time_us % AK_SEC);
    struct tm tm;
    size_t n = 0;

    if (us < 0) {
        us += (int)AK_SEC;
        seconds--;
    }
    if (!gmtime_r(&seconds, &tm)) {
        memset(&tm, 0, sizeof(tm));
    }
    n = strftime(out, AK_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    if (format != AK_TIME_Z) {
        n += (size_t)snprintf(out + n, AK_TIME_TEXT - n, ".%06d", us);
    }
    if (format != AK_TIME_NAIVE_US && n + 1 < AK_TIME_TEXT) {
        out[n++] = 'Z';
        out[n] = '\0';
    }
    return out;
}

/* Reads exactly 'n' digits; -1 otherwise. */
static int digits(const char **s, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)(*s)[i])) {
            return -1;
        }
        value = value * 10 + ((*s)[i] - '0');
    }
    *s += n;
    return value;
}

static bool parse_clock(const char **s, struct tm *tm, int64_t *us)
{
    if ((tm->tm_hour = digits(s, 2)) < 0 || *(*s)++ != ':' || (tm->tm_min = digits(s, 2)) < 0) {
        return false;
    }
    if (**s == ':') {
        (*s)++;
        if ((tm->tm_sec = digits(s, 2)) < 0) {
            return false;
        }
    }
    if (**s == '.' || **s == ',') {
        int64_t unit = AK_SEC / 10;

        (*s)++;
        if (!isdigit((unsigned char)**s)) {
            return false;
        }
        for (; isdigit((unsigned char)**s); (*s)++, unit /= 10) {
            *us += unit * (**s - '0');
        }
    }
    return tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool parse_zone(const char *s, int64_t *offset_s)
{
    int sign = *s == '-' ? -1 : 1;
    int hours = 0, minutes = 0;

    if (*s == '\0' || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0) {
        return true;
    }
    /* '+' may arrive as a blank from a query string */
    if (*s != '+' && *s != '-' && *s != ' ') {
        return false;
    }
    s++;
    if ((hours = digits(&s, 2)) < 0) {
        return false;
    }
    if (*s == ':') {
        s++;
    }
    if (*s && (minutes = digits(&s, 2)) < 0) {
        return false;
    }
    *offset_s = (int64_t)sign * (hours * 3600 + minutes * 60);
    return *s == '\0' && hours <= 23 && minutes <= 59;
}

bool ak_time_parse(const char *text, int64_t *ret_time_us)
{
    const char *s = text;
    struct tm tm = {0};
    int64_t us = 0, offset_s = 0;
    int year = digits(&s, 4), month = 0;

    if (year < 1 || *s++ != '-' || (month = digits(&s, 2)) < 1 || month > 12 || *s++ != '-' ||
        (tm.tm_mday = digits(&s, 2)) < 1 || tm.tm_mday > days_of(year, month)) {
        return false;
    }
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if (*s == 'T' || *s == 't' || *s == ' ') {
        s++;
        if (!parse_clock(&s, &tm, &us)) {
            return false;
        }
    }
    if (!parse_zone(s, &offset_s)) {
        return false;
    }
    *ret_time_us = ((int64_t)timegm(&tm) - offset_s) * AK_SEC + us;
    return true;
}
