/* SPDX-License-Identifier: Apache-2.0 */
/* Which points a question about metrics is answered with: times, step, and the resolution that is
 * still kept for them. Pure. */
#include "protect/protect_internal.h"

#define GOOD_POINTS 360

const struct protect_resolution protect_resolutions[3] = {
    {60, 7 * 86400},
    {600, 90 * 86400},
    {3600, 730 * 86400},
};

/* The finest resolution kept at 'from' that divides the step; else the finest kept, and the step
 * grows to it. */
static void choose_resolution(int64_t now_s, struct protect_range *range)
{
    const struct protect_resolution *r = protect_resolutions;
    size_t i = 0;

    while (i + 1 < AK_N(protect_resolutions) && range->from_s < now_s - r[i].kept_s) {
        i++;
    }
    range->step_s = (range->step_s + r[i].step_s - 1) / r[i].step_s * r[i].step_s;
    while (i + 1 < AK_N(protect_resolutions) && range->step_s % r[i + 1].step_s == 0) {
        i++; /* coarser rows, the same answer */
    }
    range->resolution_s = r[i].step_s;
}

int protect_range_choose(int64_t now_s, struct protect_range *range, struct ak_error *err)
{
    static const int64_t steps[] = {60, 300, 600, 1800, 3600, 10800, 21600, 86400};
    size_t i = 0;

    range->to_s = range->to_s ? range->to_s : now_s;
    range->from_s = range->from_s ? range->from_s : range->to_s - 3600;
    if (range->from_s < 0 || range->from_s >= range->to_s) {
        return ak_fail(err, AK_FIELD_VALUE, "from", "it must be before 'to'");
    }
    if (range->to_s - range->from_s > protect_resolutions[2].kept_s + 86400) {
        return ak_fail(err, AK_FIELD_VALUE, "from", "it must be at most two years before 'to'");
    }
    if (range->step_s == 0) {
        while (i + 1 < AK_N(steps) && (range->to_s - range->from_s) / steps[i] > GOOD_POINTS) {
            i++;
        }
        range->step_s = steps[i];
    } else if (range->step_s < 60 || range->step_s > 86400 * 31) {
        return ak_fail(err, AK_FIELD_RANGE, "step", "60", AK_NUM(86400 * 31));
    }
    choose_resolution(now_s, range);
    range->from_s -= range->from_s % range->step_s;
    range->to_s += (range->step_s - range->to_s % range->step_s) % range->step_s;
    if ((range->to_s - range->from_s) / range->step_s > PROTECT_POINTS_MAX) {
        return ak_fail(err, AK_FIELD_RANGE, "step",
                       AK_NUM((range->to_s - range->from_s) / PROTECT_POINTS_MAX + 1),
                       AK_NUM(86400 * 31));
    }
    return 0;
}
