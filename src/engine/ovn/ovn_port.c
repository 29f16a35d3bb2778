/* SPDX-License-Identifier: Apache-2.0 */
/* Ports: a Logical_Switch_Port each, with the addresses the guest may use (port_security), its DHCP
 * options, its names in the network's DNS row, and its membership in port groups: the group that
 * drops by default (every filtered guest port) and the security groups. */
#include "engine/ovn/ovn_internal.h"

#include <strings.h>

#define LSP "Logical_Switch_Port"

struct texts {          /* what the columns are made of */
    struct ak_buf main; /* "mac ip ip": addresses the engine delivers to */
    struct ak_buf security;
    struct ak_buf ips; /* "ip ip" for DNS */
};

static void texts_done(struct texts *t)
{
    ak_buf_done(&t->main);
    ak_buf_done(&t->security);
    ak_buf_done(&t->ips);
}

static void texts_init(struct texts *t, const struct ak_fabric_port *port)
{
    bool any = port->n_addresses > 0;
    ak_buf_init(&t->main, 8192);
    ak_buf_init(&t->security, 65536);
    ak_buf_init(&t->ips, 8192);
    ak_buf_str(&t->main, port->mac);
    for (size_t i = 0; i < port->n_addresses; i++) {
        ak_buf_printf(&t->main, " %s", port->addresses[i].ip);
        ak_buf_printf(&t->ips, "%s%s", i ? " " : "", port->addresses[i].ip);
    }
    ak_buf_str(&t->security, t->main.data);
    for (size_t i = 0; i < port->n_pairs; i++) {
        if (port->pairs[i].mac == NULL || strcasecmp(port->pairs[i].mac, port->mac) == 0) {
            ak_buf_printf(&t->security, " %s", port->pairs[i].ip);
            any = true;
        }
    }
    if (!any) {
        /* A MAC alone would allow any address: such a port may not speak IP but for DHCP. */
        ak_buf_str(&t->security, " 0.0.0.0");
    }
}

static json_t *addresses_of(const struct ak_fabric_port *port, const struct texts *t)
{
    json_t *items = json_array();
    (void)json_array_append_new(items, json_string(t->main.data));
    for (size_t i = 0; i < port->n_pairs; i++) {
        const char *mac = port->pairs[i].mac;
        if (mac && strcasecmp(mac, port->mac) != 0) {
            (void)json_array_append_new(items, json_string(mac));
        }
    }
    if (!port->port_security) {
        (void)json_array_append_new(items, json_string("unknown"));
    }
    return ovsdb_set(items);
}

static json_t *security_of(const struct ak_fabric_port *port, const struct texts *t)
{
    json_t *items = json_array();
    if (!port->port_security) {
        return ovsdb_set(items);
    }
    (void)json_array_append_new(items, json_string(t->security.data));
    for (size_t i = 0; i < port->n_pairs; i++) {
        const struct ak_fabric_pair *pair = &port->pairs[i];
        if (pair->mac && strcasecmp(pair->mac, port->mac) != 0) {
            AK_AUTO_STR text = ak_xasprintf("%s %s", pair->mac, pair->ip);
            (void)json_array_append_new(items, json_string(text));
        }
    }
    return ovsdb_set(items);
}

/* The first subnet of the port with addresses of this version, NULL when there is none. */
static const char *subnet_of(const struct ak_fabric_port *port, int version)
{
    for (size_t i = 0; i < port->n_addresses; i++) {
        struct ak_ip ip;
        if (ak_ip_parse(port->addresses[i].ip, &ip) && ip.version == version) {
            return port->addresses[i].subnet_id;
        }
    }
    return NULL;
}

static json_t *dhcp_of(struct plan *plan, const char *subnet_id)
{
    json_t *items = json_array();
    const char *uuid = subnet_id ? ovsdb_find(plan->db, "DHCP_Options", subnet_id) : NULL;
    const json_t *tags = plan_column(plan, "DHCP_Options", uuid, "external_ids");
    if (uuid && ak_streq(ovsdb_map_get(tags, "akashi-dhcp"), "yes")) {
        (void)json_array_append_new(items, ovsdb_uuid(uuid));
    }
    return ovsdb_set(items);
}

/* "name name.domain" of the guest, lower case; NULL when it has none. Freed by the caller. */
static char *dns_names(struct plan *plan, const struct ak_fabric_port *port)
{
    const char *subnet = subnet_of(port, 4) ? subnet_of(port, 4) : subnet_of(port, 6);
    const char *ls = ovsdb_find(plan->db, "Logical_Switch", port->network_id);
    const char *options = subnet ? ovsdb_find(plan->db, "DHCP_Options", subnet) : NULL;
    const char *domain =
        ovsdb_map_get(plan_column(plan, "DHCP_Options", options, "external_ids"), "akashi-domain");
    if (port->hostname == NULL || port->hostname[0] == '\0' || port->n_addresses == 0 ||
        ovsdb_map_get(plan_column(plan, "Logical_Switch", ls, "external_ids"), "akashi-physical")) {
        return NULL; /* no names on provider networks, which customers share */
    }
    char *names = domain ? ak_xasprintf("%s %s.%s", port->hostname, port->hostname, domain)
                         : ak_xstrdup(port->hostname);
    for (char *c = names; *c; c++) {
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    }
    return names;
}

/* --- DNS -------------------------------------------------------------------------------------- */

static json_t *dns_row_of(struct plan *plan, const char *network_id)
{
    const char *uuid = ovsdb_find(plan->db, "DNS", network_id);
    if (uuid) {
        return ovsdb_uuid(uuid);
    }
    json_t *tags = ovn_tags(plan->ovn, network_id);
    ovsdb_map_add(tags, "akashi-network", network_id);
    return plan_row(plan, "DNS", network_id, json_pack("{s:o}", "external_ids", tags));
}

static void dns_mutate(struct plan *plan, const json_t *row, const char *mutator, json_t *value)
{
    (void)json_array_append_new(plan->ops,
                                json_pack("{s:s, s:s, s:[[s, s, O]], s:[[s, s, o]]}", "op",
                                          "mutate", "table", "DNS", "where", "_uuid", "==", row,
                                          "mutations", "records", mutator, value));
}

/* Removes the names (separated by blanks) whose record still says 'ips'. */
static void dns_forget(struct plan *plan, const char *network_id, const char *names,
                       const char *ips)
{
    const char *uuid = ovsdb_find(plan->db, "DNS", network_id);
    const json_t *records = plan_column(plan, "DNS", uuid, "records");
    AK_AUTO_STR copy = ak_xstrdup(names);
    char *rest = NULL;
    if (uuid == NULL) {
        return;
    }
    json_t *row = ovsdb_uuid(uuid);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        if (ak_streq(ovsdb_map_get(records, name), ips)) {
            dns_mutate(plan, row, "delete", ovsdb_set_of((const char *const[]){name, NULL}));
        }
    }
    json_decref(row);
}

static void dns_remember(struct plan *plan, const char *network_id, const char *names,
                         const char *ips)
{
    const char *uuid = ovsdb_find(plan->db, "DNS", network_id);
    const json_t *records = plan_column(plan, "DNS", uuid, "records");
    const char *ls = ovsdb_find(plan->db, "Logical_Switch", network_id);
    json_t *row = dns_row_of(plan, network_id), *parent = ovsdb_uuid(ls);
    AK_AUTO_STR copy = ak_xstrdup(names);
    char *rest = NULL;
    plan_link(plan, "Logical_Switch", parent, "dns_records", row);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        const char *present = ovsdb_map_get(records, name);
        if (present && strcmp(present, ips) == 0) {
            continue;
        }
        if (present) {
            dns_mutate(plan, row, "delete", ovsdb_set_of((const char *const[]){name, NULL}));
        }
        dns_mutate(plan, row, "insert", ovsdb_map(name, ips, NULL));
    }
    json_decref(row);
    json_decref(parent);
}

/* Names of the port as it stands in the engine, when they differ from what is wanted. */
static void dns_follow(struct plan *plan, const char *lsp, const char *network_id,
                       const char *names, const char *ips)
{
    const json_t *tags = plan_column(plan, LSP, lsp, "external_ids");
    const char *old_names = ovsdb_map_get(tags, "akashi-names");
    const char *old_ips = ovsdb_map_get(tags, "akashi-ips");
    if (old_names && (!ak_streq(old_names, names) || !ak_streq(old_ips, ips))) {
        dns_forget(plan, network_id, old_names, old_ips);
    }
    if (names) {
        dns_remember(plan, network_id, names, ips);
    }
}

/* --- port groups ------------------------------------------------------------------------------ */

static bool wants_group(const struct plan *plan, const struct ak_fabric_port *port,
                        const char *name)
{
    char wanted[OVN_GROUP_NAME];
    if (!port->port_security || !ak_streq(port->kind, "guest")) {
        return false;
    }
    if (strcmp(name, plan->ovn->guests_group) == 0) {
        return true;
    }
    for (size_t i = 0; port->security_groups && port->security_groups[i]; i++) {
        if (strcmp(ovn_group_name(wanted, port->security_groups[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

void ovn_leave_groups(struct plan *plan, const json_t *lsp)
{
    const char *uuid = NULL, *lsp_uuid = ovsdb_uuid_text(lsp);
    json_t *row = NULL;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, "Port_Group"), uuid, row)
    {
        if (lsp_uuid && ovn_is_ours(plan->ovn, row)) {
            plan_unlink(plan, "Port_Group", uuid, "ports", lsp_uuid);
        }
    }
}

static void follow_groups(struct plan *plan, const struct ak_fabric_port *port, const json_t *lsp)
{
    const char *uuid = NULL, *lsp_uuid = ovsdb_uuid_text(lsp);
    json_t *row = NULL, *group = NULL;
    json_object_foreach((json_t *)(uintptr_t)ovsdb_rows(plan->db, "Port_Group"), uuid, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        if (lsp_uuid && name && ovn_is_ours(plan->ovn, row) && !wants_group(plan, port, name)) {
            plan_unlink(plan, "Port_Group", uuid, "ports", lsp_uuid);
        }
    }
    if (!port->port_security || !ak_streq(port->kind, "guest")) {
        return;
    }
    group = ovn_guests_ensure(plan);
    plan_link(plan, "Port_Group", group, "ports", lsp);
    json_decref(group);
    for (size_t i = 0; port->security_groups && port->security_groups[i]; i++) {
        group = ovn_group_ensure(plan, port->security_groups[i]);
        plan_link(plan, "Port_Group", group, "ports", lsp);
        json_decref(group);
    }
}

/* --- apply, remove ---------------------------------------------------------------------------- */

static json_t *port_columns(struct plan *plan, const struct ak_fabric_port *port,
                            const struct texts *t, const char *names)
{
    const char *subnet4 = subnet_of(port, 4), *subnet6 = subnet_of(port, 6);
    json_t *tags = ovn_tags(plan->ovn, port->id);
    ovsdb_map_add(tags, "akashi-network", port->network_id);
    ovsdb_map_add(tags, "akashi-kind", port->kind);
    ovsdb_map_add(tags, "akashi-subnet4", subnet4);
    ovsdb_map_add(tags, "akashi-subnet6", subnet6);
    ovsdb_map_add(tags, "akashi-names", names);
    ovsdb_map_add(tags, "akashi-ips", names ? t->ips.data : NULL);
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "name", port->id, "type", "",
                     "enabled", port->enabled, "addresses", addresses_of(port, t), "port_security",
                     security_of(port, t), "dhcpv4_options", dhcp_of(plan, subnet4),
                     "dhcpv6_options", dhcp_of(plan, subnet6), "external_ids", tags);
}

int ovn_port_apply(struct ak_fabric *f, const struct ak_fabric_port *port, struct ak_error *err)
{
    struct plan plan;
    struct texts t;
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *ls = ovsdb_find(plan.db, "Logical_Switch", port->network_id);
    if (ls == NULL) {
        return plan_end(&plan, ak_fail(err, AK_ENGINE_NO_OBJECT, "network engine", "network"), err);
    }
    texts_init(&t, port);
    AK_AUTO_STR names = dns_names(&plan, port);
    dns_follow(&plan, ovsdb_find(plan.db, LSP, port->id), port->network_id, names, t.ips.data);
    json_t *lsp = plan_row(&plan, LSP, port->id, port_columns(&plan, port, &t, names));
    json_t *parent = ovsdb_uuid(ls);
    plan_link(&plan, "Logical_Switch", parent, "ports", lsp);
    follow_groups(&plan, port, lsp);
    json_decref(parent);
    json_decref(lsp);
    texts_done(&t);
    return plan_end(&plan, 0, err);
}

int ovn_port_remove(struct ak_fabric *f, const char *id, const char *network_id,
                    struct ak_error *err)
{
    struct plan plan;
    int rc = plan_begin(&plan, ovn_of(f), err);
    if (rc < 0) {
        return rc;
    }
    const char *lsp = ovsdb_find(plan.db, LSP, id);
    const char *network =
        ovsdb_map_get(plan_column(&plan, LSP, lsp, "external_ids"), "akashi-network");
    network_id = network ? network : network_id;
    const char *ls = network_id ? ovsdb_find(plan.db, "Logical_Switch", network_id) : NULL;
    if (lsp && ls) {
        dns_follow(&plan, lsp, network_id, NULL, NULL);
        plan_unlink(&plan, "Logical_Switch", ls, "ports", lsp);
    }
    return plan_end(&plan, 0, err);
}

/* --- state ------------------------------------------------------------------------------------ */

/* Under the replica's lock. */
static bool is_up(struct ovn *ovn, const char *id, bool *ret_absent)
{
    const char *uuid = ovsdb_find(ovn->db, LSP, id);
    const json_t *row = uuid ? ovsdb_row(ovn->db, LSP, uuid) : NULL;
    *ret_absent = row == NULL;
    return json_is_true(ovsdb_set_at(json_object_get(row, "up"), 0));
}

int ovn_port_is_up(struct ak_fabric *f, const char *id, bool *ret_up, struct ak_error *err)
{
    struct ovn *ovn = ovn_of(f);
    bool absent = false, up = false;
    int rc = ovsdb_read_begin(ovn->db, 3000, err);
    if (rc < 0) {
        return rc;
    }
    up = is_up(ovn, id, &absent);
    ovsdb_read_end(ovn->db);
    if (absent) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, "network engine", "port");
    }
    *ret_up = up;
    return 0;
}

int ovn_port_wait_up(struct ak_fabric *f, const char *id, int64_t timeout_ms, struct ak_error *err)
{
    struct ovn *ovn = ovn_of(f);
    int64_t deadline = ak_monotonic_us() + timeout_ms * AK_MS;
    bool absent = false, up = false;
    int rc = ovsdb_read_begin(ovn->db, timeout_ms, err);
    if (rc < 0) {
        return rc;
    }
    up = is_up(ovn, id, &absent);
    while (!up && !absent && ovsdb_wait(ovn->db, deadline)) {
        up = is_up(ovn, id, &absent);
    }
    ovsdb_read_end(ovn->db);
    if (absent) {
        return ak_fail(err, AK_ENGINE_NO_OBJECT, "network engine", "port");
    }
    return up ? 0 : ak_fail(err, AK_ENGINE_TIMEOUT, "network engine");
}
