/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts as administrators see them: hypervisors, compute services, zones; and the list of
 * extensions, which old clients still ask for.
 * Spec: https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors */
#include "compute_handlers.h"

static int load_hosts(struct ak_request *req, struct ak_list *ret_hosts, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(req->store, &tx, err);
    return rc == 0 ? compute_host_list(tx, req->arena, ret_hosts, err) : rc;
}

static const char *state_of(const struct compute_host *host)
{
    return compute_host_is_up(host, ak_now_us()) ? "up" : "down";
}

static const char *status_of(const struct compute_host *host)
{
    return host->enabled ? "enabled" : "disabled";
}

/* ---- Hypervisors ----------------------------------------------------------------------------- */

static void add_brief(struct ak_json *w, const struct compute_host *host)
{
    ak_json_kint(w, "id", host->number);
    ak_json_kstr(w, "hypervisor_hostname", host->name);
    ak_json_kstr(w, "state", state_of(host));
    ak_json_kstr(w, "status", status_of(host));
}

static void add_detail(struct ak_json *w, const struct compute_host *host)
{
    AK_AUTO_BUF cpu;
    ak_buf_init(&cpu, 4096);
    struct ak_json c = ak_json_on(&cpu);
    ak_json_object(&c);
    ak_json_kstr(&c, "arch", host->arch);
    ak_json_kstr(&c, "model", host->cpu_model);
    ak_json_object_end(&c);
    add_brief(w, host);
    ak_json_kstr(w, "cpu_info", cpu.data); /* a text below 2.28 */
    ak_json_kint(w, "current_workload", 0);
    ak_json_kint(w, "disk_available_least", host->disk_free_gib);
    ak_json_kstr(w, "host_ip", "127.0.0.1");
    ak_json_kint(w, "free_disk_gb", host->disk_gib - host->used_disk_gib);
    ak_json_kint(w, "free_ram_mb", host->ram_mib - host->used_ram_mib);
    ak_json_kstr(w, "hypervisor_type", host->type);
    ak_json_kint(w, "hypervisor_version", host->hypervisor_version);
    ak_json_kint(w, "local_gb", host->disk_gib);
    ak_json_kint(w, "local_gb_used", host->used_disk_gib);
    ak_json_kint(w, "memory_mb", host->ram_mib);
    ak_json_kint(w, "memory_mb_used", host->used_ram_mib);
    ak_json_kint(w, "running_vms", host->servers);
    ak_json_key(w, "service");
    ak_json_object(w);
    ak_json_kstr(w, "host", host->name);
    ak_json_kint(w, "id", host->number);
    ak_json_kstr(w, "disabled_reason", host->disabled_reason);
    ak_json_object_end(w);
    ak_json_kint(w, "vcpus", host->vcpus);
    ak_json_kint(w, "vcpus_used", host->used_vcpus);
}

static int reply_hypervisors(struct ak_request *req, struct ak_reply *reply,
                             void (*add)(struct ak_json *, const struct compute_host *),
                             struct ak_error *err)
{
    struct ak_list hosts;
    int rc = load_hosts(req, &hosts, err);
    if (rc != 0) {
        return rc;
    }
    const struct compute_host *rows = hosts.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "hypervisors");
    ak_json_array(w);
    for (size_t i = 0; i < hosts.n; i++) {
        ak_json_object(w);
        add(w, &rows[i]);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_hypervisors(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return reply_hypervisors(req, reply, add_brief, err);
}

int compute_hypervisors_detail(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return reply_hypervisors(req, reply, add_detail, err);
}

int compute_hypervisor_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    struct ak_list hosts;
    int rc = load_hosts(req, &hosts, err);
    const struct compute_host *rows = rc == 0 ? hosts.items : NULL;
    for (size_t i = 0; rc == 0 && i < hosts.n; i++) {
        if (ak_streq(ak_arena_printf(req->arena, "%" PRId64, rows[i].number), req->params[0])) {
            ak_json_object(&reply->json);
            ak_json_key(&reply->json, "hypervisor");
            ak_json_object(&reply->json);
            add_detail(&reply->json, &rows[i]);
            ak_json_object_end(&reply->json);
            ak_json_object_end(&reply->json);
            return 0;
        }
    }
    return rc == 0 ? ak_fail(err, AK_COMPUTE_HOST_NOT_FOUND, req->params[0]) : rc;
}

int compute_hypervisor_statistics(struct ak_request *req, struct ak_reply *reply,
                                  struct ak_error *err)
{
    struct ak_list hosts;
    int rc = load_hosts(req, &hosts, err);
    if (rc != 0) {
        return rc;
    }
    const struct compute_host *rows = hosts.items;
    struct compute_host sum = {0};
    for (size_t i = 0; i < hosts.n; i++) {
        sum.disk_gib += rows[i].disk_gib;
        sum.disk_free_gib += rows[i].disk_free_gib;
        sum.used_disk_gib += rows[i].used_disk_gib;
        sum.ram_mib += rows[i].ram_mib;
        sum.used_ram_mib += rows[i].used_ram_mib;
        sum.vcpus += rows[i].vcpus;
        sum.used_vcpus += rows[i].used_vcpus;
        sum.servers += rows[i].servers;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "hypervisor_statistics");
    ak_json_object(w);
    ak_json_kint(w, "count", (int64_t)hosts.n);
    ak_json_kint(w, "current_workload", 0);
    ak_json_kint(w, "disk_available_least", sum.disk_free_gib);
    ak_json_kint(w, "free_disk_gb", sum.disk_gib - sum.used_disk_gib);
    ak_json_kint(w, "free_ram_mb", sum.ram_mib - sum.used_ram_mib);
    ak_json_kint(w, "local_gb", sum.disk_gib);
    ak_json_kint(w, "local_gb_used", sum.used_disk_gib);
    ak_json_kint(w, "memory_mb", sum.ram_mib);
    ak_json_kint(w, "memory_mb_used", sum.used_ram_mib);
    ak_json_kint(w, "running_vms", sum.servers);
    ak_json_kint(w, "vcpus", sum.vcpus);
    ak_json_kint(w, "vcpus_used", sum.used_vcpus);
    ak_json_object_end(w);
    ak_json_object_end(w);
    return 0;
}

/* ---- Services -------------------------------------------------------------------------------- */

int compute_services(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    const char *host = ak_request_query(req, "host"), *binary = ak_request_query(req, "binary");
    struct ak_list hosts;
    int rc = load_hosts(req, &hosts, err);
    if (rc != 0) {
        return rc;
    }
    const struct compute_host *rows = hosts.items;
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "services");
    ak_json_array(w);
    for (size_t i = 0; i < hosts.n; i++) {
        if ((host && !ak_streq(host, rows[i].name)) ||
            (binary && !ak_streq(binary, "nova-compute"))) {
            continue;
        }
        ak_json_object(w);
        ak_json_kint(w, "id", rows[i].number);
        ak_json_kstr(w, "binary", "nova-compute");
        ak_json_kstr(w, "host", rows[i].name);
        ak_json_kstr(w, "zone", rows[i].zone);
        ak_json_kstr(w, "status", status_of(&rows[i]));
        ak_json_kstr(w, "state", state_of(&rows[i]));
        ak_json_ktime(w, "updated_at", rows[i].seen_us, AK_TIME_NAIVE_US);
        ak_json_kstr(w, "disabled_reason", rows[i].disabled_reason);
        if (req->microversion >= 11) {
            ak_json_kbool(w, "forced_down", false);
        }
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

static int set_enabled(struct ak_request *req, struct ak_reply *reply, bool enabled,
                       bool with_reason, struct ak_error *err)
{
    const struct compute_service_body *body = req->body;
    const char *reason = with_reason ? body->disabled_reason : NULL;
    AK_AUTO(ak_tx) tx = NULL;
    if (with_reason && !reason) {
        return ak_fail(err, AK_FIELD_MISSING, "disabled_reason");
    }
    if (!ak_streq(body->binary, "nova-compute")) {
        return ak_fail(err, AK_COMPUTE_HOST_NOT_FOUND, body->host);
    }
    int rc = ak_request_begin(req, &tx, err);
    rc = rc == 0 ? compute_host_enable(tx, body->host, enabled, reason, err) : rc;
    rc = rc == 0 ? ak_request_commit(req, tx, "host", body->host, NULL, NULL, err) : rc;
    if (rc == 0) {
        struct ak_json *w = &reply->json;
        ak_json_object(w);
        ak_json_key(w, "service");
        ak_json_object(w);
        ak_json_kstr(w, "host", body->host);
        ak_json_kstr(w, "binary", body->binary);
        ak_json_kstr(w, "status", enabled ? "enabled" : "disabled");
        if (with_reason) {
            ak_json_kstr(w, "disabled_reason", reason);
        }
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    return rc;
}

int compute_service_enable(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return set_enabled(req, reply, true, false, err);
}

int compute_service_disable(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return set_enabled(req, reply, false, false, err);
}

int compute_service_disable_reason(struct ak_request *req, struct ak_reply *reply,
                                   struct ak_error *err)
{
    return set_enabled(req, reply, false, true, err);
}

/* ---- Zones ----------------------------------------------------------------------------------- */

static bool zone_available(const struct ak_list *hosts, const char *zone)
{
    const struct compute_host *rows = hosts->items;
    for (size_t i = 0; i < hosts->n; i++) {
        if (ak_streq(rows[i].zone, zone) && rows[i].enabled) {
            return true;
        }
    }
    return false;
}

static void add_hosts_of(struct ak_json *w, const struct ak_list *hosts, const char *zone)
{
    const struct compute_host *rows = hosts->items;
    ak_json_object(w);
    for (size_t i = 0; i < hosts->n; i++) {
        if (!ak_streq(rows[i].zone, zone)) {
            continue;
        }
        ak_json_key(w, rows[i].name);
        ak_json_object(w);
        ak_json_key(w, "nova-compute");
        ak_json_object(w);
        ak_json_kbool(w, "active", rows[i].enabled);
        ak_json_kbool(w, "available", compute_host_is_up(&rows[i], ak_now_us()));
        ak_json_ktime(w, "updated_at", rows[i].seen_us, AK_TIME_NAIVE_US);
        ak_json_object_end(w);
        ak_json_object_end(w);
    }
    ak_json_object_end(w);
}

static int reply_zones(struct ak_request *req, struct ak_reply *reply, bool detail,
                       struct ak_error *err)
{
    const char *zone = ak_config_str(req->config, "compute_zone");
    struct ak_list hosts;
    int rc = load_hosts(req, &hosts, err);
    if (rc != 0) {
        return rc;
    }
    struct ak_json *w = &reply->json;
    ak_json_object(w);
    ak_json_key(w, "availabilityZoneInfo");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "zoneName", zone);
    ak_json_key(w, "zoneState");
    ak_json_object(w);
    ak_json_kbool(w, "available", zone_available(&hosts, zone));
    ak_json_object_end(w);
    ak_json_key(w, "hosts");
    if (detail) {
        add_hosts_of(w, &hosts, zone);
    } else {
        ak_json_null(w);
    }
    ak_json_object_end(w);
    ak_json_array_end(w);
    ak_json_object_end(w);
    return 0;
}

int compute_zones(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return reply_zones(req, reply, false, err);
}

int compute_zones_detail(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    return reply_zones(req, reply, true, err);
}

/* ---- Extensions ------------------------------------------------------------------------------ */

/* Aliases of the parts of Nova's API that are here. */
static const struct {
    const char *alias, *name;
} extensions[] = {
    {"OS-DCF", "DiskConfig"},
    {"OS-EXT-AZ", "ExtendedAvailabilityZone"},
    {"OS-EXT-IPS", "ExtendedIps"},
    {"OS-EXT-IPS-MAC", "ExtendedIpsMac"},
    {"OS-EXT-SRV-ATTR", "ExtendedServerAttributes"},
    {"OS-EXT-STS", "ExtendedStatus"},
    {"OS-FLV-DISABLED", "FlavorDisabled"},
    {"OS-FLV-EXT-DATA", "FlavorExtraData"},
    {"OS-SRV-USG", "ServerUsage"},
    {"os-admin-actions", "AdminActions"},
    {"os-attach-interfaces", "AttachInterfaces"},
    {"os-availability-zone", "AvailabilityZone"},
    {"os-config-drive", "ConfigDrive"},
    {"os-console-output", "ConsoleOutput"},
    {"os-consoles", "Consoles"},
    {"os-create-server-ext", "Createserverext"},
    {"os-extended-volumes", "ExtendedVolumes"},
    {"os-flavor-access", "FlavorAccess"},
    {"os-flavor-extra-specs", "FlavorExtraSpecs"},
    {"os-flavor-manage", "FlavorManage"},
    {"os-hypervisors", "Hypervisors"},
    {"os-instance-actions", "InstanceActions"},
    {"os-keypairs", "Keypairs"},
    {"os-multiple-create", "MultipleCreate"},
    {"os-quota-class-sets", "QuotaClasses"},
    {"os-quota-sets", "Quotas"},
    {"os-security-groups", "SecurityGroups"},
    {"os-server-start-stop", "ServerStartStop"},
    {"os-services", "Services"},
    {"os-used-limits", "UsedLimits"},
    {"os-user-data", "UserData"},
};

static void add_extension(struct ak_json *w, size_t i)
{
    ak_json_object(w);
    ak_json_kstr(w, "alias", extensions[i].alias);
    ak_json_kstr(w, "name", extensions[i].name);
    ak_json_kstr(w, "description", "");
    ak_json_kraw(w, "links", "[]");
    ak_json_kstr(w, "namespace",
                 "http://docs.openstack.org/compute/ext/fake_xml"); /* Nova's own filler */
    ak_json_kstr(w, "updated", "2014-12-03T00:00:00Z");
    ak_json_object_end(w);
}

int compute_extensions(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    (void)req;
    (void)err;
    ak_json_object(&reply->json);
    ak_json_key(&reply->json, "extensions");
    ak_json_array(&reply->json);
    for (size_t i = 0; i < AK_N(extensions); i++) {
        add_extension(&reply->json, i);
    }
    ak_json_array_end(&reply->json);
    ak_json_object_end(&reply->json);
    return 0;
}

int compute_extension_show(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    for (size_t i = 0; i < AK_N(extensions); i++) {
        if (ak_streq(extensions[i].alias, req->params[0])) {
            ak_json_object(&reply->json);
            ak_json_key(&reply->json, "extension");
            add_extension(&reply->json, i);
            ak_json_object_end(&reply->json);
            return 0;
        }
    }
    return ak_fail(err, AK_OBJECT_NOT_FOUND, "Extension", req->params[0]);
}
