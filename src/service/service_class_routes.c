/* SPDX-License-Identifier: Apache-2.0 */
/* The domain 'service': routes of classes and labels. Contracts have a domain of their own below
 * the same root (service_contract_routes.c). */
#include "service/service_class_internal.h"
#include "service/service_label_internal.h"

/* ISO/IEC 27017:2015, by clause. */
#define SPEC(clause) "https://www.iso.org/standard/43757.html#" clause

static const struct ak_route routes[] = {
    {"GET", "/v1/classes", service_class_list_handler, .policy = "service:class:list",
     .spec = SPEC("CLD.6.3.1"), .summary = "list the service classes"},
    {"GET", "/v1/classes/{class_name}", service_class_show_handler, .policy = "service:class:show",
     .spec = SPEC("CLD.6.3.1"), .summary = "show a service class"},
    {"GET", "/v1/templates", service_template_list_handler, .policy = "service:template:list",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("16.1.2"),
     .summary = "list the texts that notices, words about incidents and closing reports begin with "
                "(use)"},
    {"GET", "/v1/hosts", service_host_list_handler, .policy = "service:host:list",
     .reply = &service_host_fields, .reply_envelope = "hosts", .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("6.1.3"), .summary = "list in which zone and country hosts are"},
    {"PATCH", "/v1/hosts/{host_name}", service_host_update_handler, .policy = "service:host:update",
     .audit = "service.host.update", .body = &service_host_fields, .envelope = "host",
     .accept = AK_UPDATE, .reply = &service_host_fields, .reply_envelope = "host",
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("6.1.3"),
     .summary = "say in which zone and country a host is"},
    {"GET", "/v1/labels", service_label_list_handler, .policy = "service:label:list",
     .reply = &service_label_fields, .reply_envelope = "labels", .spec = SPEC("8.2.2"),
     .summary = "find labelled resources, by key and value too"},
    {"GET", "/v1/labels/{resource_type}/{resource_id}", service_label_show_handler,
     .policy = "service:label:show", .reply = &service_label_fields, .reply_envelope = "label",
     .spec = SPEC("8.2.2"), .summary = "show the labels and the classification of a resource"},
    {"PUT", "/v1/labels/{resource_type}/{resource_id}", service_label_put_handler,
     .policy = "service:label:update", .audit = "service.label.update",
     .body = &service_label_fields, .envelope = "label", .accept = AK_UPDATE,
     .reply = &service_label_fields, .reply_envelope = "label", .spec = SPEC("8.2.2"),
     .summary = "label and classify a resource, in place of what was said"},
    {"DELETE", "/v1/labels/{resource_type}/{resource_id}", service_label_delete_handler,
     .policy = "service:label:delete", .audit = "service.label.delete", .spec = SPEC("8.2.2"),
     .summary = "remove labels and classification of a resource"},
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
    .schedules = service_label_schedules,
    .settings = service_class_settings,
    .n_settings = SERVICE_CLASS_SETTINGS,
};
