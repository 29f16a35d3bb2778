/* SPDX-License-Identifier: Apache-2.0 */
/* The domain 'service': routes of classes and labels. Contracts have a domain of their own below
 * the same root (service_contract_routes.c). */
#include "service/service_class_internal.h"

/* ISO/IEC 27017:2015, by clause. */
#define SPEC(clause) "https://www.iso.org/standard/43757.html#" clause

static const struct ak_route routes[] = {
    {"GET", "/v1/classes", service_class_list_handler, .policy = "service:class:list",
     .spec = SPEC("CLD.6.3.1"), .summary = "list the service classes"},
    {"GET", "/v1/classes/{class_name}", service_class_show_handler, .policy = "service:class:show",
     .spec = SPEC("CLD.6.3.1"), .summary = "show a service class"},
    {"GET", "/v1/hosts", service_host_list_handler, .policy = "service:host:list",
     .reply = &service_host_fields, .reply_envelope = "hosts", .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("6.1.3"), .summary = "list in which zone and country hosts are"},
    {"PATCH", "/v1/hosts/{host_name}", service_host_update_handler, .policy = "service:host:update",
     .audit = "service.host.update", .body = &service_host_fields, .envelope = "host",
     .accept = AK_UPDATE, .reply = &service_host_fields, .reply_envelope = "host",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("6.1.3"),
     .summary = "say in which zone and country a host is"},
};

const struct ak_domain service_domain = {
    .name = "service",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .service_type = "service",
    .service_name = "akashi",
    .endpoint_path = "/service/v1",
    .routes = routes,
    .n_routes = AK_N(routes),
    .settings = service_class_settings,
    .n_settings = SERVICE_CLASS_SETTINGS,
};
