/* SPDX-License-Identifier: Apache-2.0 */
/* The domain 'contract': customers, contracts, service codes, export kits, deletion records, and
 * who one is. Its root is the domain service's. */
#include "service/service_contract_internal.h"

#define SPEC(clause)      "https://www.iso.org/standard/43757.html#" clause
#define LIST(table, name) .reply = &(table), .reply_envelope = (name)

/* clang-format off */ /* a route a row */
static const struct ak_route routes[] = {
    {"GET", "/v1/me", service_me_handler, .policy = "service:me:show",
     .spec = SPEC("9.2.1"), .summary = "who one is and what one may"},
    {"GET", "/v1/overview", service_overview_handler, .policy = "service:own:show",
     .spec = SPEC("CLD.12.4.5"), .summary = "what runs and what needs somebody"},
    /* Customers */
    {"GET", "/v1/customers", service_customer_list_handler, .policy = "service:customer:list",
     LIST(service_customer_fields, "customers"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("6.1.1"), .summary = "list customers"},
    {"POST", "/v1/customers", service_customer_create_handler, .policy = "service:customer:manage",
     .audit = "service.customer.create", .body = &service_customer_fields, .envelope = "customer",
     .accept = AK_CREATE, LIST(service_customer_fields, "customer"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("6.1.1"), .summary = "enter a customer"},
    {"GET", "/v1/customers/{customer_id}", service_customer_show_handler,
     .policy = "service:customer:list", LIST(service_customer_fields, "customer"),
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("6.1.1"), .summary = "show a customer"},
    {"PATCH", "/v1/customers/{customer_id}", service_customer_update_handler,
     .policy = "service:customer:manage", .audit = "service.customer.update",
     .body = &service_customer_fields, .envelope = "customer", .accept = AK_UPDATE,
     LIST(service_customer_fields, "customer"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("6.1.1"), .summary = "change a customer"},
    /* Contracts, by staff */
    {"GET", "/v1/contracts", service_contract_list_handler, .policy = "service:contract:list",
     LIST(service_contract_fields, "contracts"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("CLD.6.3.1"), .summary = "list contracts"},
    {"POST", "/v1/contracts", service_contract_create_handler,
     .policy = "service:contract:manage", .audit = "service.contract.create",
     .body = &service_contract_fields, .envelope = "contract", .accept = AK_CREATE,
     LIST(service_contract_fields, "contract"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("CLD.6.3.1"), .summary = "draft a contract"},
    {"GET", "/v1/contracts/{contract_id}", service_contract_show_handler,
     .policy = "service:contract:list", LIST(service_contract_fields, "contract"),
     .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("CLD.6.3.1"), .summary = "show a contract"},
    {"PATCH", "/v1/contracts/{contract_id}", service_contract_update_handler,
     .policy = "service:contract:manage", .audit = "service.contract.update",
     .body = &service_contract_fields, .envelope = "contract", .accept = AK_UPDATE,
     LIST(service_contract_fields, "contract"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("CLD.6.3.1"), .summary = "change a contract"},
    {"POST", "/v1/contracts/{contract_id}/activate", service_contract_activate_handler,
     .policy = "service:contract:manage", .audit = "service.contract.activate",
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY, .spec = SPEC("9.2.1"),
     .summary = "activate a contract: its place, master user, limits and network; the one-time "
                "password is in this answer only"},
    {"POST", "/v1/contracts/{contract_id}/cancel", service_contract_cancel_handler,
     .policy = "service:contract:manage", .audit = "service.contract.cancel",
     .body = &service_cancel_body, .envelope = "cancel", .accept = AK_CREATE,
     LIST(service_contract_fields, "contract"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("CLD.8.1.5"), .summary = "cancel a contract for a day"},
    {"POST", "/v1/contracts/{contract_id}/hold", service_contract_hold_handler,
     .policy = "service:contract:hold", .audit = "service.contract.hold",
     .body = &service_reason_body, .envelope = "hold", .accept = AK_CREATE,
     LIST(service_contract_fields, "contract"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("16.1.7"), .summary = "legal hold: nothing is deleted"},
    {"POST", "/v1/contracts/{contract_id}/release", service_contract_release_handler,
     .policy = "service:contract:hold", .audit = "service.contract.release",
     .body = &service_reason_body, .envelope = "release", .accept = AK_CREATE,
     LIST(service_contract_fields, "contract"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("16.1.7"), .summary = "end a legal hold"},
    {"POST", "/v1/contracts/{contract_id}/delete-now", service_contract_delete_now_handler,
     .policy = "service:contract:delete", .audit = "service.contract.delete",
     .flags = AK_ROUTE_MANAGEMENT | AK_ROUTE_OPTIONAL_BODY,
     LIST(service_contract_fields, "contract"), .spec = SPEC("CLD.8.1.5"),
     .summary = "delete all that an ended contract left, where the class leaves it to the operator"},
    {"GET", "/v1/codes", service_code_list_handler, .policy = "service:contract:list",
     LIST(service_code_fields, "codes"), .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("8.1.1"),
     .summary = "list service codes"},
    {"GET", "/v1/codes/{code}", service_code_show_handler, .policy = "service:contract:list",
     LIST(service_code_fields, "code"), .flags = AK_ROUTE_MANAGEMENT, .spec = SPEC("8.1.1"),
     .summary = "whose a service code is"},
    {"GET", "/v1/deletion-records", service_record_list_handler, .policy = "service:contract:list",
     LIST(service_record_fields, "deletion_records"), .flags = AK_ROUTE_MANAGEMENT,
     .spec = SPEC("CLD.8.1.5"), .summary = "list deletion records"},
    {"GET", "/v1/deletion-records/{record_id}", service_record_show_handler,
     .policy = "service:record:show", .flags = AK_ROUTE_PUBLIC, .spec = SPEC("CLD.8.1.5"),
     .summary = "a deletion record as it was signed"},
    /* The customer's own */
    {"GET", "/v1/contract", service_own_contract_handler, .policy = "service:own:show",
     LIST(service_contract_fields, "contract"), .spec = SPEC("CLD.6.3.1"),
     .summary = "show the own contract"},
    {"GET", "/v1/contract/terms", service_own_terms_handler, .policy = "service:own:show",
     .spec = SPEC("18.1.1"), .summary = "the terms in both languages"},
    {"POST", "/v1/contract/consent", service_own_consent_handler, .policy = "service:own:decide",
     .audit = "service.contract.consent", .body = &service_consent_body, .envelope = "consent",
     .accept = AK_CREATE, LIST(service_contract_fields, "contract"), .spec = SPEC("18.1.1"),
     .summary = "agree to the terms"},
    {"POST", "/v1/contract/cancel", service_own_cancel_handler, .policy = "service:own:decide",
     .audit = "service.contract.cancel", .body = &service_cancel_body, .envelope = "cancel",
     .accept = AK_CREATE, LIST(service_contract_fields, "contract"), .spec = SPEC("CLD.8.1.5"),
     .summary = "cancel the own contract for a day"},
    {"GET", "/v1/contract/codes", service_own_codes_handler, .policy = "service:own:show",
     LIST(service_code_fields, "codes"), .spec = SPEC("8.1.1"),
     .summary = "service codes of the own servers"},
    {"GET", "/v1/contract/export", service_export_list_handler, .policy = "service:own:show",
     LIST(service_export_fields, "exports"), .spec = SPEC("CLD.8.1.5"),
     .summary = "list export kits"},
    {"POST", "/v1/contract/export", service_export_create_handler, .policy = "service:own:export",
     .audit = "service.export.create", .body = &service_export_fields, .envelope = "export",
     .accept = AK_CREATE, LIST(service_export_fields, "export"), .spec = SPEC("CLD.8.1.5"),
     .summary = "have an export kit made"},
    {"GET", "/v1/contract/export/{export_id}/content", service_export_content_handler,
     .policy = "service:own:show", .spec = SPEC("CLD.8.1.5"), .summary = "fetch an export kit"},
};

static const struct ak_setting settings[] = {
    {"export_dir", AK_SETTING_STR, "path", 1, 200, "/var/lib/akashi/exports", NULL,
     "Directory of customers' export kits."},
    {"export_max", AK_SETTING_INT, "GiB", 1, 100000, "200", NULL,
     "Largest export kit; with disks beyond it, none is made."},
    {"record_key", AK_SETTING_STR, "path", 1, 200, "/var/lib/akashi/record.key", NULL,
     "Secret key (Ed25519) that signs deletion records; made at the first use. Keep a copy."},
};
/* clang-format on */

const struct ak_domain service_contract_domain = {
    .name = "contract",
    .root = "/service",
    .dialect = AK_DIALECT_OWN,
    .routes = routes,
    .n_routes = AK_N(routes),
    .jobs = service_contract_jobs,
    .schedules = service_contract_schedules,
    .settings = settings,
    .n_settings = AK_N(settings),
};

void service_contract_start(void)
{
    compute_server_made = service_code_issue;
}
