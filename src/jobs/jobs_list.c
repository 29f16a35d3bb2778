/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs for people: who waits for what, and how far it is. */
#include "jobs/jobs_internal.h"

#include "jobs/jobs_sql.h"
#include "store/query.h"

#define AT(member) offsetof(struct ak_job_row, member)

static const struct ak_field rows[] = {
    {"id", AK_STR, AT(id), AK_FILTER | AK_SORT, .doc = "id of the job"},
    {"number", AK_INT, AT(number), AK_HIDDEN | AK_SORT},
    {"kind", AK_STR, AT(kind), AK_FILTER, .doc = "what it does"},
    {"object_id", AK_STR, AT(object_id), AK_FILTER, .doc = "what it works on"},
    {"project_id", AK_STR, AT(project_id), AK_FILTER, .doc = "whose object that is"},
    {"request_id", AK_STR, AT(request_id), AK_FILTER, .doc = "of the call that asked for it"},
    {"actor_id", AK_STR, AT(actor_id), AK_FILTER, .doc = "who made that call"},
    {"state", AK_STR, AT(state), AK_FILTER, .doc = "queued running undoing done failed"},
    {"step", AK_INT, AT(step), 0, .doc = "steps done"},
    {"attempts", AK_INT, AT(attempts), 0, .doc = "tries of the present step"},
    {"error", AK_STR, AT(error), AK_HIDDEN, .doc = "why it failed, in the reader's language"},
    {"run_at", AK_TIME, AT(run_at_us), 0, .column = "run_at_us", .doc = "not before"},
    {"created_at", AK_TIME, AT(created_us), AK_SORT, .column = "created_us", .doc = "asked for"},
    {"updated_at", AK_TIME, AT(updated_us), AK_SORT, .column = "updated_us", .doc = "last moved"},
};
const struct ak_fields ak_job_fields = AK_FIELDS("job", struct ak_job_row, rows);

int ak_job_list(struct ak_tx *tx, struct ak_arena *arena, const struct ak_query *query,
                struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query q = *query;

    if (q.n_sorts == 0) {
        ak_query_sort_key(&q, "number", true);
    }
    return ak_sql_list(tx, &sql_job_list, AK_NO_ARGS, &q, &ak_job_fields, arena, ret_list, err);
}
