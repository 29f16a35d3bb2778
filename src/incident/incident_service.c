/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of incidents: numbers, the table of states, who is touched, the timeline. No SQL, no
 * JSON; the clock of the notification is in incident_notify.c. */
#include "incident/incident_internal.h"

#include <assert.h>

#include "service/service.h"

#define JST_US (9 * AK_HOUR)

static const struct {
    const char *name;
    unsigned next; /* states that may follow, as bits */
} states[] = {
    [INCIDENT_RECEIVED] = {"received",
                           1 << INCIDENT_TRIAGE | 1 << INCIDENT_CONFIRMED | 1 << INCIDENT_CLOSED},
    [INCIDENT_TRIAGE] = {"triage", 1 << INCIDENT_CONFIRMED | 1 << INCIDENT_CLOSED},
    [INCIDENT_CONFIRMED] = {"confirmed", 1 << INCIDENT_MITIGATED | 1 << INCIDENT_RESOLVED},
    [INCIDENT_MITIGATED] = {"mitigated", 1 << INCIDENT_CONFIRMED | 1 << INCIDENT_RESOLVED},
    [INCIDENT_RESOLVED] = {"resolved", 1 << INCIDENT_CONFIRMED | 1 << INCIDENT_CLOSED},
    [INCIDENT_CLOSED] = {"closed", 0},
};
static_assert(AK_N(states) == INCIDENT_STATES, "a row for each state");

const char *incident_state_name(enum incident_state state)
{
    return states[state].name;
}

int incident_state_parse(const char *name)
{
    for (int i = 0; i < INCIDENT_STATES; i++) {
        if (ak_streq(states[i].name, name)) {
            return i;
        }
    }
    return -1;
}

bool incident_state_allows(enum incident_state from, enum incident_state to)
{
    return (states[from].next & 1U << to) != 0;
}

/* ---- Timeline -------------------------------------------------------------------------------- */

int incident_say(struct ak_tx *tx, struct incident *incident, const char *kind,
                 const char *visibility, const char *project_id, const char *text,
                 const struct incident_who *who, struct ak_error *err)
{
    const struct incident_entry entry = {
        .number = ++incident->entries,
        .at_us = ak_now_us(),
        .kind = kind,
        .visibility = visibility,
        .project_id = project_id,
        .text = text ? text : "",
        .author_id = who->user_id,
        .author_name = who->user_name ? who->user_name : "",
        .author_kind = who->kind,
    };

    if (who->staff && ak_streq(visibility, "customer")) {
        int rc = service_template_check(entry.text, err);

        if (rc < 0) {
            return rc;
        }
    }
    if (who->staff && incident->confirmed_us > 0 && !project_id &&
        ak_streq(visibility, "customer")) {
        incident->told_us = entry.at_us; /* the clock of the next word begins anew */
        incident->update_overdue_us = 0;
    }
    return incident_store_entry(tx, incident->id, &entry, err);
}

int incident_may_write(const struct incident *incident, const struct incident_who *who,
                       struct ak_error *err)
{
    bool closed = ak_streq(incident->state, "closed");
    bool full = !who->staff && incident->entries >= INCIDENT_ENTRIES_MAX;

    return closed || full ? ak_fail(err, AK_INCIDENT_STATE, incident->number,
                                    closed ? "closed" : "full", "written to")
                          : 0;
}

int incident_step(struct ak_tx *tx, struct incident *incident, enum incident_state to,
                  const char *text, const struct incident_who *who, struct ak_error *err)
{
    int from = incident_state_parse(incident->state);

    if (from < 0 || !incident_state_allows((enum incident_state)from, to)) {
        return ak_fail(err, AK_INCIDENT_STATE, incident->number, incident->state,
                       incident_state_name(to));
    }
    incident->state = incident_state_name(to);
    if (to == INCIDENT_RESOLVED) {
        incident->resolved_us = ak_now_us();
    } else if (to == INCIDENT_CLOSED) {
        incident->closed_us = ak_now_us();
        incident->notify_due_us = 0;
        incident->update_due_us = 0;
        incident->report_due_us = 0;
    } else {
        incident->resolved_us = 0;
        incident->report_overdue_us = 0;
    }
    return incident_say(tx, incident, incident->state, "customer", NULL, text, who, err);
}

/* ---- Opening --------------------------------------------------------------------------------- */

int incident_may_open(struct ak_tx *tx, const struct ak_config *config, const char *project_id,
                      struct ak_error *err)
{
    int64_t most = -1, n = 0;
    int rc = incident_store_reported(tx, project_id, &n, err);

    if (rc == 0 && project_id) {
        rc = identity_project_limit(tx, project_id, "open_incidents", -1, &most, err);
        most = most < 0 ? ak_config_int(config, "incident_open_max") : most;
    } else {
        most = INCIDENT_STRANGERS;
    }
    return rc == 0 && n >= most ? ak_fail(err, AK_INCIDENT_TOO_MANY, AK_NUM(n)) : rc;
}

int incident_rate_check(struct ak_tx *tx, const struct ak_config *config,
                        const struct incident_who *who, struct ak_error *err)
{
    return who->staff ? 0
                      : incident_store_rate_check(tx, who->project_id,
                                                  ak_config_int(config, "incident_hour_max"), err);
}

static int64_t year_of(int64_t now_us)
{
    char text[AK_TIME_TEXT];
    int64_t year = 0;

    (void)ak_time_text(text, now_us + JST_US, AK_TIME_Z);
    text[4] = '\0';
    (void)ak_parse_int(text, 0, 9999, &year);
    return year;
}

int incident_open(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                  const char *text, const struct incident_who *who, struct ak_error *err)
{
    const struct incident_customer reporter = {
        .project_id = incident->project_id, .reporter = true, .posted_us = ak_now_us()};
    char *id = ak_arena_alloc(arena, AK_UUID_TEXT);
    int64_t n = 0, year = year_of(ak_now_us());
    int rc = incident_store_next(tx, year, &n, err);

    if (rc < 0) {
        return rc;
    }
    ak_uuid_new(id);
    incident->id = id;
    incident->number = ak_arena_printf(arena, "I-%04d-%04lld", (int)year, (long long)n);
    incident->state = incident_state_name(INCIDENT_RECEIVED);
    incident->severity = incident->severity ? incident->severity : "medium";
    incident->cause = incident->cause ? incident->cause : "unknown";
    incident->created_us = ak_now_us();
    incident->updated_us = incident->created_us;
    incident->version = 1;
    rc = incident_store_add(tx, incident, err);
    if (rc == 0 && incident->project_id) {
        rc = incident_store_put_customer(tx, incident->id, &reporter, err);
    }
    /* What a customer wrote is for that customer and the provider; others never read it. */
    return rc == 0 ? incident_say(tx, incident, "reported",
                                  incident->project_id ? "customer" : "internal",
                                  incident->project_id, text, who, err)
                   : rc;
}

/* ---- Whom it touches ------------------------------------------------------------------------- */

struct naming {
    struct ak_tx *tx;
    struct ak_arena *arena;
    struct incident *incident;
    struct ak_list customers; /* rows there are, and new ones */
    size_t room;
};

static struct incident_customer *customer_of(struct naming *n, const char *project_id)
{
    struct incident_customer *rows = n->customers.items;

    for (size_t i = 0; i < n->customers.n; i++) {
        if (ak_streq(rows[i].project_id, project_id)) {
            return &rows[i];
        }
    }
    if (n->customers.n == n->room) {
        size_t room = n->room * 2 + 16;
        struct incident_customer *more = ak_arena_array(n->arena, struct incident_customer, room);

        if (n->customers.n > 0) {
            memcpy(more, rows, n->customers.n * sizeof(*rows));
        }
        n->customers.items = more;
        n->room = room;
        rows = more;
    }
    rows[n->customers.n].project_id = project_id;
    return &rows[n->customers.n++];
}

static int name_server(struct naming *n, const struct compute_server_brief *server,
                       struct ak_error *err)
{
    const struct incident_server row = {.server_id = server->id,
                                        .server_name = server->name,
                                        .project_id = server->project_id,
                                        .host = server->host};

    customer_of(n, server->project_id)->affected = true;
    return incident_store_put_server(n->tx, n->incident->id, &row, err);
}

static int name_servers(struct naming *n, const struct ak_list *ids, const char *project_id,
                        struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < ids->n; i++) {
        struct compute_server_brief server = {0};

        rc = compute_server_brief_load(n->tx, n->arena, ((const char *const *)ids->items)[i],
                                       project_id, &server, err);
        if (rc == -AK_SERVER_NOT_FOUND) {
            rc = ak_fail(err, AK_FIELD_VALUE, "servers", "there is no such server");
        }
        rc = rc == 0 ? name_server(n, &server, err) : rc;
    }
    return rc;
}

static int name_hosts(struct naming *n, const struct ak_list *hosts, struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < hosts->n; i++) {
        const char *host = ((const char *const *)hosts->items)[i];
        struct ak_list servers = {0};
        bool known = false;

        rc = compute_host_known(n->tx, host, &known, err);
        if (rc == 0 && !known) {
            rc = ak_fail(err, AK_HOST_UNKNOWN, host);
        }
        rc = rc == 0 ? compute_server_brief_list(n->tx, n->arena, NULL, host, &servers, err) : rc;
        for (size_t k = 0; rc == 0 && k < servers.n; k++) {
            rc = name_server(n, (const struct compute_server_brief *)servers.items + k, err);
        }
    }
    return rc;
}

static int name_projects(struct naming *n, const struct ak_list *projects, struct ak_error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < projects->n; i++) {
        struct identity_project project = {0};

        rc = identity_project_load(n->tx, n->arena, ((const char *const *)projects->items)[i],
                                   &project, err);
        if (rc == -AK_OBJECT_NOT_FOUND) {
            rc = ak_fail(err, AK_FIELD_VALUE, "project_ids", "there is no such customer");
        }
        if (rc == 0) {
            customer_of(n, project.id)->affected = true;
        }
    }
    return rc;
}

int incident_set_affected(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                          struct incident *incident, const struct incident_report_body *named,
                          const struct incident_who *who, struct ak_error *err)
{
    struct naming n = {.tx = tx, .arena = arena, .incident = incident};
    int rc = incident_store_clear(tx, incident->id, err);

    rc = rc == 0 ? incident_store_customers(tx, arena, incident->id, &n.customers, err) : rc;
    n.room = n.customers.n;
    rc = rc == 0 ? name_servers(&n, &named->servers, who->staff ? NULL : who->project_id, err) : rc;
    if (rc == 0 && who->staff) {
        rc = name_hosts(&n, &named->hosts, err);
        rc = rc == 0 ? name_projects(&n, &named->projects, err) : rc;
    }
    for (size_t i = 0; rc == 0 && i < n.customers.n; i++) {
        rc = incident_store_put_customer(
            tx, incident->id, (const struct incident_customer *)n.customers.items + i, err);
    }
    return rc == 0 ? incident_reckon(tx, arena, config, incident, err) : rc;
}

/* ---- Steps with rules of their own ----------------------------------------------------------- */

int incident_confirm(struct ak_tx *tx, struct ak_arena *arena, const struct ak_config *config,
                     struct incident *incident, const struct incident_step_body *body,
                     const struct incident_who *who, struct ak_error *err)
{
    int rc = incident_step(tx, incident, INCIDENT_CONFIRMED, body->text, who, err);

    if (rc < 0) {
        return rc;
    }
    incident->severity = body->severity ? body->severity : incident->severity;
    incident->cause = body->cause ? body->cause : incident->cause;
    if (incident->confirmed_us == 0) { /* confirmed again: the clock goes on */
        incident->confirmed_us = ak_now_us();
    }
    return incident_reckon(tx, arena, config, incident, err);
}

/* Nothing that a template left open is sent to customers. */
static int check_report(const struct incident_report *report, struct ak_error *err)
{
    const char *const texts[] = {report->root_cause,  report->impact,        report->response,
                                 report->prevention,  report->root_cause_en, report->impact_en,
                                 report->response_en, report->prevention_en};
    int rc = 0;

    for (size_t i = 0; i < AK_N(texts) && rc == 0; i++) {
        rc = service_template_check(texts[i], err);
    }
    return rc;
}

int incident_close(struct ak_tx *tx, struct ak_arena *arena, struct incident *incident,
                   const struct incident_close_body *body, const struct incident_who *who,
                   struct ak_error *err)
{
    if (incident->confirmed_us > 0 && !body->report) {
        return ak_fail(err, AK_FIELD_MISSING, "report");
    }
    if (body->report) {
        int rc = check_report(body->report, err);

        if (rc < 0) {
            return rc;
        }
    }
    if (body->report) {
        AK_AUTO_BUF text;
        struct ak_json w = ak_json_on(&text);
        const struct ak_fields_mode mode = {.admin = true};

        ak_buf_init(&text, (size_t)1 << 20);
        ak_fields_render_object(&incident_report_fields, body->report, &mode, &w);
        incident->report_json = ak_arena_strdup(arena, text.data);
        incident->report = body->report;
    }
    return incident_step(tx, incident, INCIDENT_CLOSED, body->text, who, err);
}
