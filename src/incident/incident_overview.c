/* SPDX-License-Identifier: Apache-2.0 */
/* The incidents' part of a customer's overview: how many are open, and those that are going on. */
#include "incident/incident_internal.h"
#include "service/service.h"

#define SHOWN_MAX 5

static int add_part(struct service_overview *overview, struct ak_error *err)
{
    const struct incident_who who = {.project_id = overview->project_id};
    const struct ak_value states[] = {ak_v_text("confirmed"), ak_v_text("mitigated")};
    struct ak_query query = {.limit = SHOWN_MAX};
    struct ak_list list = {0};
    const struct incident *rows = NULL;
    int64_t n = 0;
    int rc = incident_count_open(overview->tx, overview->project_id, &n, err);

    ak_json_kint(overview->counts, "open_incidents", n);
    ak_query_sort(&query, "created_us", true);
    rc = rc == 0 && n > 0
             ? ak_query_filter(&query, overview->arena, "state", AK_IN, states, AK_N(states), err)
             : rc;
    if (rc == 0 && n > 0) {
        rc = incident_store_list(overview->tx, overview->arena, &who, &query, &list, err);
    }
    rows = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        const char *title =
            ak_arena_printf(overview->arena, "%s %s", rows[i].number, rows[i].title);

        service_need(overview, "incident", rows[i].id, title, title, 0);
    }
    return rc;
}

void incident_start(void)
{
    service_overview_add(add_part);
}
