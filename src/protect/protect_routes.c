/* SPDX-License-Identifier: Apache-2.0 */
/* The routes and settings of metrics and event logs: tables only. Where both listeners have a path,
 * the management listener's row comes first. */
#include "protect/protect_internal.h"

#define SPEC "https://www.iso.org/standard/43757.html" /* ISO/IEC 27017: CLD.12.4.5 */
#define MGMT AK_ROUTE_MANAGEMENT

static const struct ak_route protect_routes[] = {
    {"GET", "/v1/servers/{server_id}/metrics", protect_metrics_handler,
     .policy = "protect:metrics:show_any", .flags = MGMT, .spec = SPEC,
     .summary = "processor, memory, disk and network of a server over time (from, to, step)"},
    {"GET", "/v1/servers/{server_id}/metrics", protect_metrics_handler,
     .policy = "protect:metrics:show", .spec = SPEC,
     .summary = "processor, memory, disk and network of a server over time (from, to, step)"},
    {"GET", "/v1/servers/{server_id}/events", protect_events_handler,
     .policy = "protect:event:list_any", .flags = MGMT, .spec = SPEC,
     .summary = "what happened to a server, and who did it, newest first"},
    {"GET", "/v1/servers/{server_id}/events", protect_events_handler,
     .policy = "protect:event:list", .spec = SPEC,
     .summary = "what happened to a server, and who did it, newest first"},
};

static const struct ak_setting protect_settings[] = {
    {"metrics_interval", AK_SETTING_INT, "s", 1, 3600, "60", NULL,
     "Time between two samplings of the guests' counters."},
    {"metrics_file", AK_SETTING_STR, "path", 1, 255, "/var/lib/akashi/metrics.db", NULL,
     "SQLite file of the metrics of servers, written by the worker, read by the api."},
};

const struct ak_domain protect_domain = {
    .name = "protect",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = protect_routes,
    .n_routes = AK_N(protect_routes),
    .schedules = protect_schedules,
    .settings = protect_settings,
    .n_settings = AK_N(protect_settings),
};
