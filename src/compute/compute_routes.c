/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of Nova's API that are here, one row each, and the domain itself; with the two
 * discovery documents. Nothing is decided here: policies are in identity/policy.def. */
#include "compute_handlers.h"

/* ---- Versions -------------------------------------------------------------------------------- */

#define MEDIA(version)                                                                             \
    "[{\"base\":\"application/json\","                                                             \
    "\"type\":\"application/vnd.openstack.compute+json;version=" version "\"}]"

/* 'legacy': v2.0, which has no microversions. */
static void add_version(struct ak_request *req, struct ak_json *w, bool legacy, bool full)
{
    const char *max = ak_arena_printf(req->arena, "2.%d", COMPUTE_MICROVERSION_MAX);
    ak_json_object(w);
    ak_json_kstr(w, "id", legacy ? "v2.0" : "v2.1");
    ak_json_kstr(w, "status", legacy ? "SUPPORTED" : "CURRENT");
    ak_json_kstr(w, "version", legacy ? "" : max);
    ak_json_kstr(w, "min_version", legacy ? "" : "2.1");
    ak_json_kstr(w, "updated", legacy ? "2011-01-21T11:33:21Z" : "2013-07-23T11:33:21Z");
    ak_json_key(w, "links");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "rel", "self");
    ak_json_kstr(w, "href", legacy ? compute_bookmark(req, "v2/") : compute_link(req, ""));
    ak_json_object_end(w);
    if (full) {
        ak_json_object(w);
        ak_json_kstr(w, "rel", "describedby");
        ak_json_kstr(w, "type", "text/html");
        ak_json_kstr(w, "href", "http://docs.openstack.org/");
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    if (full) {
        ak_json_kraw(w, "media-types", legacy ? MEDIA("2") : MEDIA("2.1"));
    }
    ak_json_object_end(w);
}

int compute_versions(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "versions");
    ak_json_array(&reply->json);
    add_version(req, &reply->json, true, false); /* Nova's order: the oldest first */
    add_version(req, &reply->json, false, false);
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int compute_version(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "version");
    add_version(req, &reply->json, req->legacy, true);
    ak_json_object_end(&reply->json);
    return 0;
}

/* ---- Routes ---------------------------------------------------------------------------------- */

#define S       "/v2.1/servers"
#define ONE     "/v2.1/servers/{server_id}"
#define F       "/v2.1/flavors"
#define DOC(at) .spec = COMPUTE_SPEC at
/* A read; a change with its audit verb; an action of a server without and with a body. */
#define READ(at, run, may, doc, text)                                                              \
    {                                                                                              \
        "GET", at, run, .policy = may, DOC(doc), .summary = text                                   \
    }
#define CHANGE(how, at, run, may, verb, doc, text)                                                 \
    {                                                                                              \
        how, at, run, .policy = may, .audit = verb, DOC(doc), .summary = text                      \
    }
/* As CHANGE, for operators: not there on the customer listener. */
#define OPERATE(how, at, run, may, verb, doc, text)                                                \
    {                                                                                              \
        how, at, run, .policy = may, .audit = verb, .flags = AK_ROUTE_MANAGEMENT, DOC(doc),        \
                      .summary = text                                                              \
    }
#define ACT(name, run, verb, text)                                                                 \
    {                                                                                              \
        "POST", ONE "/action", run, .policy = "compute:server:operate", .audit = verb,             \
                                    .action = name, DOC("#servers-run-an-action-servers-action"),  \
                                    .summary = text                                                \
    }

static const struct ak_route routes[] = {
    {"GET", "", compute_versions, .policy = "compute:version:show", .flags = AK_ROUTE_PUBLIC,
     DOC("#api-versions"), .summary = "Versions of the API"},
    {"GET", "/v2.1", compute_version, .policy = "compute:version:show", .flags = AK_ROUTE_PUBLIC,
     DOC("#api-versions"), .summary = "The version of the API"},

    /* Flavors */
    READ(F, compute_flavors, "compute:flavor:list", "#list-flavors", "List flavors"),
    READ(F "/detail", compute_flavors_detail, "compute:flavor:list", "#list-flavors-with-details",
         "List flavors with details"),
    {"GET", F "/{flavor_id}", compute_flavor_show, .policy = "compute:flavor:list",
     .reply = &compute_flavor_view, .reply_envelope = "flavor", DOC("#show-flavor-details"),
     .summary = "Show a flavor"},
    {"POST", F, compute_flavor_create, .policy = "compute:flavor:manage",
     .audit = "compute.flavor.create", .body = &compute_flavor_body, .envelope = "flavor",
     .accept = AK_CREATE, .reply = &compute_flavor_view, .reply_envelope = "flavor",
     DOC("#create-flavor"), .summary = "Create a flavor", .flags = AK_ROUTE_MANAGEMENT},
    OPERATE("DELETE", F "/{flavor_id}", compute_flavor_remove, "compute:flavor:manage",
            "compute.flavor.delete", "#delete-flavor", "Delete a flavor"),
    READ(F "/{flavor_id}/os-extra_specs", compute_flavor_specs_show, "compute:flavor:list",
         "#list-extra-specs-for-a-flavor", "List the extra specs of a flavor"),
    OPERATE("POST", F "/{flavor_id}/os-extra_specs", compute_flavor_specs_create,
            "compute:flavor:manage", "compute.flavor.update", "#create-extra-specs-for-a-flavor",
            "Set extra specs of a flavor"),
    READ(F "/{flavor_id}/os-extra_specs/{key}", compute_flavor_spec_show, "compute:flavor:list",
         "#show-an-extra-spec-for-a-flavor", "Show an extra spec of a flavor"),
    OPERATE("PUT", F "/{flavor_id}/os-extra_specs/{key}", compute_flavor_spec_update,
            "compute:flavor:manage", "compute.flavor.update", "#update-an-extra-spec-for-a-flavor",
            "Set an extra spec of a flavor"),
    OPERATE("DELETE", F "/{flavor_id}/os-extra_specs/{key}", compute_flavor_spec_remove,
            "compute:flavor:manage", "compute.flavor.update", "#delete-an-extra-spec-for-a-flavor",
            "Remove an extra spec of a flavor"),
    READ(F "/{flavor_id}/os-flavor-access", compute_flavor_access_show, "compute:flavor:manage",
         "#list-flavor-access-information-for-given-flavor", "List who may use a flavor"),
    {"POST", F "/{flavor_id}/action", compute_flavor_access_add, .policy = "compute:flavor:manage",
     .audit = "compute.flavor.update", .action = "addTenantAccess", .body = &compute_access_body,
     .accept = AK_CREATE, DOC("#add-flavor-access-to-tenant-addtenantaccess-action"),
     .summary = "Let a project use a flavor", .flags = AK_ROUTE_MANAGEMENT},
    {"POST", F "/{flavor_id}/action", compute_flavor_access_remove,
     .policy = "compute:flavor:manage", .audit = "compute.flavor.update",
     .action = "removeTenantAccess", .body = &compute_access_body, .accept = AK_CREATE,
     DOC("#remove-flavor-access-from-tenant-removetenantaccess-action"),
     .summary = "Let a project no longer use a flavor", .flags = AK_ROUTE_MANAGEMENT},

    /* Key pairs */
    READ("/v2.1/os-keypairs", compute_keypairs, "compute:keypair:list", "#list-keypairs",
         "List key pairs"),
    READ("/v2.1/os-keypairs/{keypair_name}", compute_keypair_show, "compute:keypair:list",
         "#show-keypair-details", "Show a key pair"),
    {"POST", "/v2.1/os-keypairs", compute_keypair_create, .policy = "compute:keypair:manage",
     .audit = "compute.keypair.create", .body = &compute_keypair_body, .envelope = "keypair",
     .accept = AK_CREATE, DOC("#import-or-create-keypair"),
     .summary = "Import a public key, or make a pair"},
    CHANGE("DELETE", "/v2.1/os-keypairs/{keypair_name}", compute_keypair_remove,
           "compute:keypair:manage", "compute.keypair.delete", "#delete-keypair",
           "Delete a key pair"),

    /* Servers */
    READ(S, compute_servers, "compute:server:list", "#list-servers", "List servers"),
    {"GET", S "/detail", compute_servers_detail, .policy = "compute:server:list",
     .reply = &compute_server_view, .reply_envelope = "servers", DOC("#list-servers-detailed"),
     .summary = "List servers with details"},
    {"POST", S, compute_server_post, .policy = "compute:server:create",
     .audit = "compute.server.create", .body = &compute_server_create_body, .envelope = "server",
     .accept = AK_CREATE, .body_max = 512 * 1024, DOC("#create-server"),
     .summary = "Create servers"},
    {"GET", ONE, compute_server_show, .policy = "compute:server:list",
     .reply = &compute_server_view, .reply_envelope = "server", DOC("#show-server-details"),
     .summary = "Show a server"},
    {"PUT", ONE, compute_server_put, .policy = "compute:server:update",
     .audit = "compute.server.update", .body = &compute_server_update_body, .envelope = "server",
     .accept = AK_UPDATE, .reply = &compute_server_changed, .reply_envelope = "server",
     DOC("#update-server"), .summary = "Change a server"},
    CHANGE("DELETE", ONE, compute_server_delete_one, "compute:server:delete",
           "compute.server.delete", "#delete-server", "Delete a server"),

    /* What hangs below a server */
    READ(ONE "/ips", compute_server_ips, "compute:server:list", "#list-ips", "List addresses"),
    READ(ONE "/ips/{network_label}", compute_server_ips_network, "compute:server:list",
         "#show-ip-details", "List addresses in a network"),
    READ(ONE "/os-interface", compute_server_interfaces, "compute:server:list",
         "#list-port-interfaces", "List interfaces"),
    READ(ONE "/os-security-groups", compute_server_groups, "compute:server:list",
         "#list-security-groups-by-server", "List security groups of a server"),
    READ(ONE "/os-volume_attachments", compute_server_volumes, "compute:server:list",
         "#list-volume-attachments-for-an-instance", "List volumes of a server"),
    READ(ONE "/metadata", compute_metadata_list, "compute:server:list", "#list-all-metadata",
         "List metadata"),
    CHANGE("POST", ONE "/metadata", compute_metadata_update, "compute:server:update",
           "compute.server.update", "#create-or-update-metadata-items", "Add metadata items"),
    CHANGE("PUT", ONE "/metadata", compute_metadata_replace, "compute:server:update",
           "compute.server.update", "#replace-metadata-items", "Replace the metadata"),
    READ(ONE "/metadata/{key}", compute_metadata_show, "compute:server:list",
         "#show-metadata-item-details", "Show a metadata item"),
    CHANGE("PUT", ONE "/metadata/{key}", compute_metadata_set, "compute:server:update",
           "compute.server.update", "#create-or-update-metadata-item", "Set a metadata item"),
    CHANGE("DELETE", ONE "/metadata/{key}", compute_metadata_remove, "compute:server:update",
           "compute.server.update", "#delete-metadata-item", "Remove a metadata item"),
    {"GET", ONE "/tags", compute_tags_list, .policy = "compute:server:list", .since = 26,
     DOC("#list-tags"), .summary = "List tags"},
    {"PUT", ONE "/tags", compute_tags_replace, .policy = "compute:server:update",
     .audit = "compute.server.update", .since = 26, DOC("#replace-tags"),
     .summary = "Replace the tags"},
    {"DELETE", ONE "/tags", compute_tags_clear, .policy = "compute:server:update",
     .audit = "compute.server.update", .since = 26, DOC("#delete-all-tags"),
     .summary = "Remove all tags"},
    {"GET", ONE "/tags/{tag}", compute_tag_show, .policy = "compute:server:list", .since = 26,
     DOC("#check-tag-existence"), .summary = "Whether a tag is there"},
    {"PUT", ONE "/tags/{tag}", compute_tag_add, .policy = "compute:server:update",
     .audit = "compute.server.update", .since = 26,
     .flags = AK_ROUTE_OPTIONAL_BODY | AK_ROUTE_ANY_TYPE, DOC("#add-a-single-tag"),
     .summary = "Add a tag"},
    {"DELETE", ONE "/tags/{tag}", compute_tag_remove, .policy = "compute:server:update",
     .audit = "compute.server.update", .since = 26, DOC("#delete-a-single-tag"),
     .summary = "Remove a tag"},

    /* Actions */
    ACT("os-start", compute_do_start, "compute.server.start", "Start a server"),
    ACT("os-stop", compute_do_stop, "compute.server.stop", "Stop a server"),
    {"POST", ONE "/action", compute_do_reboot, .policy = "compute:server:operate",
     .audit = "compute.server.reboot", .action = "reboot", .body = &compute_reboot_body,
     .accept = AK_CREATE, DOC("#reboot-server-reboot-action"), .summary = "Reboot a server"},
    ACT("pause", compute_do_pause, "compute.server.pause", "Pause a server"),
    ACT("unpause", compute_do_unpause, "compute.server.unpause", "Let a paused server go on"),
    ACT("suspend", compute_do_suspend, "compute.server.suspend", "Suspend a server"),
    ACT("resume", compute_do_resume, "compute.server.resume", "Resume a suspended server"),
    ACT("lock", compute_do_lock, "compute.server.lock", "Lock a server against changes"),
    ACT("unlock", compute_do_unlock, "compute.server.unlock", "Unlock a server"),
    {"POST", ONE "/action", compute_do_rebuild, .policy = "compute:server:rebuild",
     .audit = "compute.server.rebuild", .action = "rebuild", .body = &compute_server_rebuild_body,
     .accept = AK_CREATE, .body_max = 512 * 1024, .reply = &compute_server_changed,
     .reply_envelope = "server", DOC("#rebuild-server-rebuild-action"),
     .summary = "Make a server anew from an image"},
    {"POST", ONE "/action", compute_do_force_delete, .policy = "compute:server:delete",
     .audit = "compute.server.delete", .action = "forceDelete",
     DOC("#force-delete-server-forcedelete-action"), .summary = "Delete a server"},
    {"POST", ONE "/action", compute_do_reset, .policy = "compute:server:reset",
     .audit = "compute.server.reset", .action = "os-resetState", .body = &compute_reset_body,
     .accept = AK_CREATE, DOC("#reset-server-state-os-resetstate-action"),
     .summary = "Set the state of a server by hand", .flags = AK_ROUTE_MANAGEMENT},
    {"POST", ONE "/action", compute_do_add_group, .policy = "compute:server:firewall",
     .audit = "compute.server.update", .action = "addSecurityGroup", .body = &compute_group_body,
     .accept = AK_CREATE, DOC("#add-security-group-to-a-server-addsecuritygroup-action"),
     .summary = "Add a security group to the ports of a server"},
    {"POST", ONE "/action", compute_do_remove_group, .policy = "compute:server:firewall",
     .audit = "compute.server.update", .action = "removeSecurityGroup", .body = &compute_group_body,
     .accept = AK_CREATE, DOC("#remove-security-group-from-a-server-removesecuritygroup-action"),
     .summary = "Remove a security group from the ports of a server"},
    {"POST", ONE "/action", compute_do_console_output, .policy = "compute:console:output",
     .action = "os-getConsoleOutput", .body = &compute_console_output_body, .accept = AK_CREATE,
     .flags = AK_ROUTE_OPTIONAL_BODY, DOC("#show-console-output-os-getconsoleoutput-action"),
     .summary = "Read the console log"},
    {"POST", ONE "/action", compute_do_vnc_console, .policy = "compute:console:create",
     .audit = "compute.console.create", .action = "os-getVNCConsole",
     .body = &compute_vnc_console_body, .accept = AK_CREATE, .until = 5,
     DOC("#get-vnc-console-os-getvncconsole-action-deprecated"), .summary = "Open the console"},
    {"POST", ONE "/remote-consoles", compute_remote_console, .policy = "compute:console:create",
     .audit = "compute.console.create", .body = &compute_remote_console_body,
     .envelope = "remote_console", .accept = AK_CREATE, .since = 6, DOC("#create-remote-console"),
     .summary = "Open the console"},
    {"GET", "/console", compute_console_connect, .policy = "compute:console:connect",
     .audit = "compute.console.connect", .flags = AK_ROUTE_PUBLIC | AK_ROUTE_WEBSOCKET,
     DOC("#create-remote-console"), .summary = "The screen, keyboard and mouse as a WebSocket"},
    READ(ONE "/os-instance-actions", compute_actions, "compute:server:list",
         "#list-actions-for-server", "List what was done to a server"),
    READ(ONE "/os-instance-actions/{request_id}", compute_action_show, "compute:server:list",
         "#show-server-action-details", "Show an action and its steps"),

    /* Security groups as before Neutron; new clients ask there */
    READ("/v2.1/os-security-groups", compute_groups, "compute:group:list", "#list-security-groups",
         "List security groups"),
    READ("/v2.1/os-security-groups/{group_id}", compute_group_show, "compute:group:list",
         "#show-security-group-details", "Show a security group"),
    {"POST", "/v2.1/os-security-groups", compute_group_create, .policy = "compute:group:manage",
     .audit = "compute.group.create", .body = &compute_old_group_body, .envelope = "security_group",
     .accept = AK_CREATE, DOC("#create-security-group"), .summary = "Create a security group"},
    {"PUT", "/v2.1/os-security-groups/{group_id}", compute_group_update,
     .policy = "compute:group:manage", .audit = "compute.group.update",
     .body = &compute_old_group_body, .envelope = "security_group", .accept = AK_UPDATE,
     DOC("#update-security-group"), .summary = "Change a security group"},
    CHANGE("DELETE", "/v2.1/os-security-groups/{group_id}", compute_group_remove,
           "compute:group:manage", "compute.group.delete", "#delete-security-group",
           "Delete a security group"),

    /* Quotas */
    READ("/v2.1/limits", compute_limits, "compute:quota:show", "#show-rate-and-absolute-limits",
         "Show limits and usage"),
    READ("/v2.1/os-quota-sets/{project_id}", compute_quota_show, "compute:quota:show",
         "#show-a-quota", "Show quotas of a project"),
    READ("/v2.1/os-quota-sets/{project_id}/detail", compute_quota_detail, "compute:quota:show",
         "#show-the-detail-of-quota", "Show quotas and usage of a project"),
    READ("/v2.1/os-quota-sets/{project_id}/defaults", compute_quota_defaults, "compute:quota:show",
         "#list-default-quotas-for-tenant", "Show default quotas"),
    OPERATE("PUT", "/v2.1/os-quota-sets/{project_id}", compute_quota_update, "compute:quota:update",
            "compute.quota.update", "#update-quotas", "Change quotas of a project"),
    OPERATE("DELETE", "/v2.1/os-quota-sets/{project_id}", compute_quota_remove,
            "compute:quota:update", "compute.quota.delete", "#revert-quotas-to-defaults",
            "Give a project the default quotas again"),
    READ("/v2.1/os-quota-class-sets/{class}", compute_quota_class, "compute:quota:show",
         "#show-the-quota-for-quota-class", "Show default quotas"),

    /* Hosts */
    READ("/v2.1/os-availability-zone", compute_zones, "compute:zone:list",
         "#get-availability-zone-information", "List availability zones"),
    READ("/v2.1/os-availability-zone/detail", compute_zones_detail, "compute:zone:detail",
         "#get-detailed-availability-zone-information", "List availability zones with hosts"),
    READ("/v2.1/extensions", compute_extensions, "compute:zone:list", "#list-extensions",
         "List extensions"),
    READ("/v2.1/extensions/{alias}", compute_extension_show, "compute:zone:list",
         "#show-extension-details", "Show an extension"),
    READ("/v2.1/os-hypervisors", compute_hypervisors, "compute:host:list", "#list-hypervisors",
         "List hypervisors"),
    READ("/v2.1/os-hypervisors/detail", compute_hypervisors_detail, "compute:host:list",
         "#list-hypervisors-details", "List hypervisors with details"),
    READ("/v2.1/os-hypervisors/statistics", compute_hypervisor_statistics, "compute:host:list",
         "#show-hypervisor-statistics-deprecated", "Sums over all hypervisors"),
    READ("/v2.1/os-hypervisors/{hypervisor_id}", compute_hypervisor_show, "compute:host:list",
         "#show-hypervisor-details", "Show a hypervisor"),
    READ("/v2.1/os-services", compute_services, "compute:host:list", "#list-compute-services",
         "List compute services"),
    {"PUT", "/v2.1/os-services/enable", compute_service_enable, .policy = "compute:host:update",
     .audit = "compute.host.enable", .body = &compute_service_body, .accept = AK_UPDATE,
     DOC("#enable-scheduling-for-a-compute-service"), .summary = "Let a host take new servers",
     .flags = AK_ROUTE_MANAGEMENT},
    {"PUT", "/v2.1/os-services/disable", compute_service_disable, .policy = "compute:host:update",
     .audit = "compute.host.disable", .body = &compute_service_body, .accept = AK_UPDATE,
     DOC("#disable-scheduling-for-a-compute-service"), .summary = "Let a host take no new servers",
     .flags = AK_ROUTE_MANAGEMENT},
    {"PUT", "/v2.1/os-services/disable-log-reason", compute_service_disable_reason,
     .policy = "compute:host:update", .audit = "compute.host.disable",
     .body = &compute_service_body, .accept = AK_UPDATE,
     DOC("#disable-scheduling-for-a-compute-service-and-log-disabled-reason"),
     .summary = "Let a host take no new servers, and say why", .flags = AK_ROUTE_MANAGEMENT},
};

const struct ak_domain compute_domain = {
    .name = "compute",
    .root = "/compute",
    .dialect = AK_DIALECT_NOVA,
    .service_type = "compute",
    .service_name = "nova",
    .endpoint_path = "/compute/v2.1",
    .microversion_max = COMPUTE_MICROVERSION_MAX,
    .legacy = {"/v2.1", "/v2"},
    .routes = routes,
    .n_routes = AK_N(routes),
    .jobs = compute_jobs,
    .schedules = compute_schedules,
    .settings = compute_settings,
    .n_settings = COMPUTE_SETTINGS,
};
