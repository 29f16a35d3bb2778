/* SPDX-License-Identifier: Apache-2.0 */
/* GET and PATCH /service/v1/hosts: in which zone and country the hosts are, which decides whose
 * servers they may take. The rows are compute's. */
#include "service/service_class_internal.h"

#include "compute/compute.h"

#define AT(member) offsetof(struct service_host, member)

static const struct ak_field host_rows[] = {
    {"name", AK_STR, AT(name), 0, .doc = "of the host"},
    {"zone", AK_STR, AT(zone), AK_CREATE | AK_UPDATE, .min = 1, .max = 32,
     .doc = "general, municipal, private, dedicated"},
    {"country", AK_STR, AT(country), AK_CREATE | AK_UPDATE, .min = 2, .max = 2,
     .doc = "ISO 3166-1, capital letters"},
    {"servers", AK_INT, AT(servers), 0, .doc = "servers that are on it"},
    {"enabled", AK_BOOL, AT(enabled), 0, .doc = "whether it takes new servers"},
    {"disabled_reason", AK_STR, AT(disabled_reason), 0, .doc = "why it does not"},
};
const struct ak_fields service_host_fields =
    AK_FIELDS_GIVEN("host", struct service_host, host_rows);

static struct service_host shown(const struct compute_host_place *host)
{
    return (struct service_host){.name = host->name,
                                 .zone = host->placement_zone,
                                 .country = host->country,
                                 .servers = host->servers,
                                 .enabled = host->enabled,
                                 .disabled_reason = host->disabled_reason};
}

int service_host_list_handler(struct ak_request *req, struct ak_reply *reply, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    struct ak_list hosts = {0}, list = {0};
    int rc = ak_tx_read(req->store, &tx, err);

    rc = rc < 0 ? rc : compute_host_places(tx, req->arena, &hosts, err);
    if (rc == 0) {
        const struct compute_host_place *rows = hosts.items;
        struct service_host *items = ak_arena_array(req->arena, struct service_host, hosts.n + 1);

        for (size_t i = 0; i < hosts.n; i++) {
            items[i] = shown(&rows[i]);
        }
        list = (struct ak_list){.n = hosts.n, .items = items};
        ak_reply_list(reply, req, "hosts", &service_host_fields, &list);
    }
    return rc;
}

int service_host_update_handler(struct ak_request *req, struct ak_reply *reply,
                                struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    const struct service_host *change = req->body;
    struct compute_host_place host = {0};
    struct service_host item;
    const char *detail;
    int rc = ak_request_begin(req, &tx, err);

    rc = rc < 0 ? rc
                : compute_host_place(tx, req->arena, req->params[0], change->zone, change->country,
                                     &host, err);
    if (rc < 0) {
        return rc;
    }
    item = shown(&host);
    detail = ak_arena_printf(req->arena, "{\"country\":\"%s\",\"zone\":\"%s\"}", item.country,
                             item.zone);
    rc = ak_request_commit(req, tx, "host", item.name, NULL, detail, err);
    if (rc == 0) {
        ak_reply_object(reply, req, "host", &service_host_fields, &item);
    }
    return rc;
}
