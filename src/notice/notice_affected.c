/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a notice concerns: the customers with servers on its hosts, those of its classes and of its
 * projects, or all; and how early each of their contracts wants to know. */
#include "notice/notice_internal.h"

#include "compute/compute.h"
#include "identity/identity.h"

struct builder {
    struct ak_tx *tx;
    struct ak_arena *arena;
    struct notice_affected *out;
    size_t cap_recipients, cap_servers;
    struct ak_error *err;
};

static bool known(const struct notice_affected *out, const char *project_id)
{
    for (size_t i = 0; i < out->n_recipients; i++) {
        if (ak_streq(out->recipients[i].project_id, project_id)) {
            return true;
        }
    }
    return false;
}

static void add_recipient(struct builder *b, const struct notice_recipient_row *row)
{
    struct notice_affected *out = b->out;

    if (out->n_recipients == b->cap_recipients) {
        size_t cap = b->cap_recipients ? b->cap_recipients * 2 : 16;
        struct notice_recipient_row *grown =
            ak_arena_array(b->arena, struct notice_recipient_row, cap);

        if (out->n_recipients) {
            memcpy(grown, out->recipients, out->n_recipients * sizeof(*grown));
        }
        out->recipients = grown;
        b->cap_recipients = cap;
    }
    out->recipients[out->n_recipients++] = *row;
}

static void add_server(struct builder *b, const struct notice_server_row *row)
{
    struct notice_affected *out = b->out;

    if (out->n_servers == b->cap_servers) {
        size_t cap = b->cap_servers ? b->cap_servers * 2 : 16;
        struct notice_server_row *grown = ak_arena_array(b->arena, struct notice_server_row, cap);

        if (out->n_servers) {
            memcpy(grown, out->servers, out->n_servers * sizeof(*grown));
        }
        out->servers = grown;
        b->cap_servers = cap;
    }
    out->servers[out->n_servers++] = *row;
}

static bool is_served(const struct service_contract *contract)
{
    return contract->project_id &&
           (ak_streq(contract->state, "active") || ak_streq(contract->state, "terminating"));
}

static struct notice_recipient_row recipient_of(const struct service_contract *contract)
{
    return (struct notice_recipient_row){
        .project_id = contract->project_id,
        .contract_id = contract->id,
        .contract_number = contract->number,
        .customer_name = contract->customer_name,
        .class_name = contract->class_name,
        .class_version = contract->class_version,
    };
}

int notice_customers(struct ak_tx *tx, struct ak_arena *arena, const char *class_name,
                     struct ak_list *ret, struct ak_error *err)
{
    struct service_contract *contracts = NULL;
    struct notice_recipient_row *rows = NULL;
    size_t n = 0, kept = 0;
    int rc = service_contract_all(tx, arena, &contracts, &n, err);

    rows = ak_arena_array(arena, struct notice_recipient_row, n + 1);
    for (size_t i = n; rc == 0 && i-- > 0;) { /* the oldest first */
        if (is_served(&contracts[i]) &&
            (!class_name || ak_streq(contracts[i].class_name, class_name))) {
            rows[kept++] = recipient_of(&contracts[i]);
        }
    }
    *ret = (struct ak_list){kept, rows};
    return rc;
}

/* A project by its contract, or by its name when it has none (the provider's own, test projects).
 */
static int add_project(struct builder *b, const char *project_id)
{
    struct notice_recipient_row row = {0};
    struct identity_project project = {0};
    struct service_contract contract = {0};
    int rc = 0;

    if (known(b->out, project_id)) {
        return 0;
    }
    rc = service_contract_by_project(b->tx, b->arena, project_id, &contract, b->err);
    if (rc == 0 && is_served(&contract)) {
        row = recipient_of(&contract);
    } else if (rc == 0 || rc == -AK_OBJECT_NOT_FOUND) {
        ak_error_clear(b->err);
        rc = identity_project_load(b->tx, b->arena, project_id, &project, b->err);
        row.project_id = project_id;
        row.customer_name = rc == 0 ? project.name : NULL;
    }
    if (rc == 0) {
        add_recipient(b, &row);
    }
    return rc;
}

static int add_class(struct builder *b, const char *class_name)
{
    struct ak_list list = {0};
    const struct notice_recipient_row *row = NULL;
    int rc = notice_customers(b->tx, b->arena, class_name, &list, b->err);

    row = list.items;
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        if (!known(b->out, row[i].project_id)) {
            add_recipient(b, &row[i]);
        }
    }
    return rc;
}

static int add_host(struct builder *b, const char *host)
{
    struct compute_host_server *servers = NULL;
    size_t n = 0;
    int rc = compute_host_servers(b->tx, b->arena, host, &servers, &n, b->err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct notice_server_row row = {servers[i].id, servers[i].project_id, servers[i].name,
                                        servers[i].host};

        add_server(b, &row);
        rc = add_project(b, servers[i].project_id);
    }
    return rc;
}

int notice_affected_compute(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                            struct notice_affected *ret, struct ak_error *err)
{
    struct builder b = {.tx = tx, .arena = arena, .out = ret, .err = err};
    const char *const *hosts = row->hosts.items;
    const char *const *classes = row->classes.items;
    const char *const *projects = row->project_ids.items;
    int rc = 0;

    *ret = (struct notice_affected){0};
    for (size_t i = 0; rc == 0 && i < row->hosts.n; i++) {
        rc = add_host(&b, hosts[i]);
    }
    for (size_t i = 0; rc == 0 && i < row->classes.n; i++) {
        rc = add_class(&b, classes[i]);
    }
    for (size_t i = 0; rc == 0 && i < row->project_ids.n; i++) {
        rc = add_project(&b, projects[i]);
    }
    if (rc == 0 && row->everyone) {
        rc = add_class(&b, NULL);
    }
    return rc;
}

/* What one contract's class says. A class promises lead times of maintenance, which a change of the
 * machinery is to the customer, and of changes of the service. */
static int demand_of(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                     struct notice_recipient_row *to, struct notice_demand *ret,
                     struct ak_error *err)
{
    const char *section =
        ak_streq(row->kind, "service_change") ? "notices.change" : "notices.maintenance";
    AK_AUTO_STR lead = ak_xasprintf("%s.lead_hours", section);
    AK_AUTO_STR ack = ak_xasprintf("%s.needs_ack", section);
    const char *wants = NULL, *allowed = NULL;
    int64_t hours = 0, report = 0, earliest = 0;
    int rc = service_class_int(tx, to->class_name, to->class_version, lead, &hours, err);

    rc = rc < 0
             ? rc
             : service_class_json(tx, arena, to->class_name, to->class_version, ack, &wants, err);
    rc = rc < 0 ? rc
                : service_class_json(tx, arena, to->class_name, to->class_version,
                                     "notices.emergency.allowed", &allowed, err);
    rc = rc < 0 ? rc
                : service_class_int(tx, to->class_name, to->class_version,
                                    "notices.emergency.report_hours", &report, err);
    if (rc < 0) {
        return rc;
    }
    earliest = ak_now_us() + hours * AK_HOUR;
    if (earliest > ret->earliest_us) {
        ret->earliest_us = earliest;
        ret->contract = to->contract_number;
        ret->customer = to->customer_name;
    }
    if (!ak_streq(allowed, "true")) {
        ret->no_emergency = to->contract_number;
    }
    if (ret->report_hours == 0 || report < ret->report_hours) {
        ret->report_hours = report;
    }
    to->needs_ack = to->needs_ack || ak_streq(wants, "true");
    return 0;
}

int notice_affected_demand(struct ak_tx *tx, struct ak_arena *arena, const struct notice_row *row,
                           struct notice_affected *affected, struct notice_demand *ret,
                           struct ak_error *err)
{
    int rc = 0;

    *ret = (struct notice_demand){.earliest_us = ak_now_us()};
    for (size_t i = 0; rc == 0 && i < affected->n_recipients; i++) {
        struct notice_recipient_row *to = &affected->recipients[i];

        to->needs_ack = row->needs_ack;
        if (to->contract_id && !ak_streq(row->kind, "information")) {
            rc = demand_of(tx, arena, row, to, ret, err);
        }
    }
    return rc;
}
