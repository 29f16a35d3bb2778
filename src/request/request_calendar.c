/* SPDX-License-Identifier: Apache-2.0 */
/* Business hours of Japan. Asia/Tokyo has been UTC+9 without summer time since 1951, so days are
 * plain arithmetic; the holidays are data (holidays.def). Pure. */
#include "request/request_internal.h"

#define TOKYO  (9 * AK_HOUR)
#define OPENS  (9 * AK_HOUR)
#define CLOSES (18 * AK_HOUR)

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
#define ERA_DAYS(y, m, d)                                                                          \
    (365 * (int64_t)(y) + (y) / 4 - (y) / 100 + (y) / 400 + (153 * (m) + 2) / 5 + (d)-1 - 719468)
#define DAYS(y, m, d) ((m) > 2 ? ERA_DAYS(y, (m)-3, d) : ERA_DAYS((y)-1, (m) + 9, d))

static const int64_t holidays[] = {
#define HOLIDAY(year, month, day, name) DAYS(year, month, day),
#include "request/holidays.def"
#undef HOLIDAY
};

int64_t request_calendar_day(int64_t us)
{
    return (us + TOKYO) / AK_DAY;
}

bool request_calendar_is_business_day(int64_t day)
{
    int64_t weekday = (day + 4) % 7; /* 1970-01-01 was a Thursday; 0 = Sunday */
    if (weekday == 0 || weekday == 6) {
        return false;
    }
    for (size_t i = 0; i < AK_N(holidays); i++) {
        if (holidays[i] == day) {
            return false;
        }
    }
    return true;
}

bool request_calendar_parse(const char *date, int64_t *ret_day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char part[5];
    int64_t y = 0, m = 0, d = 0;
    if (strlen(date) != 10 || date[4] != '-' || date[7] != '-') {
        return false;
    }
    ak_str_copy(part, 5, date);
    bool good = ak_parse_int(part, 1900, 9999, &y);
    ak_str_copy(part, 3, date + 5);
    good = good && ak_parse_int(part, 1, 12, &m);
    good = good && ak_parse_int(date + 8, 1, 31, &d);
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (!good || d > lengths[m - 1] + (m == 2 && leap)) {
        return false;
    }
    *ret_day = DAYS(y, m, d);
    return true;
}

int64_t request_calendar_add(int64_t from_us, int64_t us, bool business)
{
    if (!business) {
        return from_us + us;
    }
    int64_t day = request_calendar_day(from_us);
    int64_t at = from_us + TOKYO - day * AK_DAY; /* time of day */
    for (;; day++, at = 0) {
        if (!request_calendar_is_business_day(day)) {
            continue;
        }
        at = at < OPENS ? OPENS : at;
        if (at < CLOSES && us <= CLOSES - at) {
            return day * AK_DAY - TOKYO + at + us;
        }
        us -= at < CLOSES ? CLOSES - at : 0;
    }
}

int64_t request_calendar_between(int64_t from_us, int64_t to_us, bool business)
{
    if (to_us <= from_us) {
        return 0;
    }
    if (!business) {
        return to_us - from_us;
    }
    int64_t sum = 0;
    for (int64_t day = request_calendar_day(from_us); day <= request_calendar_day(to_us); day++) {
        int64_t opens = day * AK_DAY - TOKYO + OPENS, closes = day * AK_DAY - TOKYO + CLOSES;
        int64_t from = from_us > opens ? from_us : opens, to = to_us < closes ? to_us : closes;
        if (request_calendar_is_business_day(day) && to > from) {
            sum += to - from;
        }
    }
    return sum;
}
