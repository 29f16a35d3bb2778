/* SPDX-License-Identifier: Apache-2.0 */
/* What compute calls: ports of servers in the transaction of their creation, for lists, and the
 * steps that bring them to the fabric and out again. On the way out the fabric lets go first, so
 * that a killed worker leaves no port that only the fabric knows. */
#include "network/network.h"

#include <regex.h>
#include <unistd.h>

#include "network/network_internal.h"
#include "network/network_sql.h"

#define CHUNK 48 /* ids in one statement */

static struct ak_fabric *fabric_of(const struct ak_job_run *run)
{
    return ((const struct ak_engines *)run->engines)->fabric;
}

int network_project_networks(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                             const char *const **ret_ids, struct ak_error *err)
{
    struct ak_list list = {0};
    int rc = ak_sql_load_all(tx, &sql_network_of_project, AK_ARGS(ak_v_text(project_id)),
                             &network_network_fields, arena, 0, &list, err);
    if (rc < 0) {
        return rc;
    }
    const char **ids = ak_arena_array(arena, const char *, list.n + 1);
    for (size_t i = 0; i < list.n; i++) {
        ids[i] = ((const struct network_network *)list.items)[i].id;
    }
    *ret_ids = ids;
    return 0;
}

/* --- in the transaction of server create ------------------------------------------------------ */

/* One group of the project, by id or by its only name. */
static int find_group(const struct network_call *call, const char *name,
                      struct network_group *ret_group, struct ak_error *err)
{
    struct ak_list list = {0};
    if (strcmp(name, "default") == 0) {
        return network_default_group(call, call->project_id, ret_group, err);
    }
    if (ak_uuid_valid(name) && network_load_for(call, NETWORK_GROUP, name, ret_group, err) == 0) {
        return 0;
    }
    ak_error_clear(err);
    int rc = network_group_by_name(call->tx, call->arena, call->project_id, name, &list, err);
    if (rc == 0 && list.n != 1) {
        rc = list.n == 0 ? ak_fail(err, AK_GROUP_NOT_FOUND, name)
                         : ak_fail(err, AK_NETWORK_AMBIGUOUS, "security group", name);
    }
    if (rc == 0) {
        *ret_group = *(const struct network_group *)list.items;
    }
    return rc;
}

static int groups_json(const struct network_call *call, const char *const *groups,
                       const char **ret_json, struct ak_error *err)
{
    const char *json = "[]";
    for (size_t i = 0; groups && groups[i]; i++) {
        struct network_group group = {0};
        int rc = find_group(call, groups[i], &group, err);
        if (rc < 0) {
            return rc;
        }
        json = network_list_with(call->arena, json, group.id, true);
    }
    if (groups == NULL || groups[0] == NULL) {
        struct network_group group = {0};
        int rc = network_default_group(call, call->project_id, &group, err);
        if (rc < 0) {
            return rc;
        }
        json = network_list_with(call->arena, json, group.id, true);
    }
    *ret_json = json;
    return 0;
}

/* A port that exists already becomes the server's. */
static int bind_port(const struct network_call *call, const struct network_nic_request *nic,
                     const char *server_id, const char *hostname, int64_t position,
                     struct ak_error *err)
{
    struct network_port port = {0};
    int rc = network_load_own(call, NETWORK_PORT, nic->port_id, &port, err);
    if (rc == 0 && port.device_id[0]) {
        return ak_fail(err, AK_PORT_IN_USE, port.id, port.device_id);
    }
    if (rc == 0 && ak_starts_with(port.mac_address, NETWORK_MAC_ROUTER)) {
        return ak_fail(err, AK_MAC_OF_ROUTERS, port.mac_address);
    }
    port.device_id = server_id;
    port.device_owner = NETWORK_OWNER_SERVER;
    port.hostname = hostname;
    port.made_by_server = false;
    port.position = position;
    return rc < 0 ? rc : network_update(call->tx, NETWORK_PORT, &port, err);
}

static int make_port(const struct network_call *call, const struct network_nic_request *nic,
                     const char *server_id, const char *hostname, int64_t position,
                     const char *groups, struct ak_error *err)
{
    struct network_network network = {0};
    struct network_port port = {.network_id = nic->network_id,
                                .device_id = server_id,
                                .device_owner = NETWORK_OWNER_SERVER,
                                .hostname = hostname,
                                .made_by_server = true,
                                .position = position};
    struct ak_fields_mode mode = {.accept = AK_CREATE};
    int rc = network_load_for(call, NETWORK_NETWORK, nic->network_id, &network, err);
    if (rc < 0) {
        return rc;
    }
    /* Through the field table, so that what is given counts as given. */
    AK_AUTO_JSON body = json_pack("{s:s}", "network_id", network.id);
    if (nic->fixed_ip) {
        (void)json_object_set_new(body, "fixed_ips",
                                  json_pack("[{s:s}]", "ip_address", nic->fixed_ip));
    }
    if (network.port_security_enabled) {
        AK_AUTO_JSON list = json_loads(groups, 0, NULL);
        (void)json_object_set(body, "security_groups", list);
    }
    struct network_port made;
    rc = ak_fields_parse(&network_port_fields, body, &mode, call->arena, &made, err);
    made.device_id = port.device_id;
    made.device_owner = port.device_owner;
    made.hostname = port.hostname;
    made.made_by_server = true;
    made.position = position;
    return rc < 0 ? rc : network_port_create(call, &made, err);
}

int network_server_ports_create(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *hostname,
                                const struct network_nic_request *nics, size_t n_nics,
                                const char *const *groups, struct ak_error *err)
{
    struct network_call call = {
        .tx = tx, .arena = arena, .project_id = project_id, .no_jobs = true};
    const char *json = "[]";
    int rc = groups_json(&call, groups, &json, err);
    for (size_t i = 0; i < n_nics && rc == 0; i++) {
        rc = nics[i].port_id
                 ? bind_port(&call, &nics[i], server_id, hostname, (int64_t)i, err)
                 : make_port(&call, &nics[i], server_id, hostname, (int64_t)i, json, err);
    }
    return rc;
}

/* --- for lists -------------------------------------------------------------------------------- */

/* Rows seen while a list is made, so that each is read once. */
struct cache {
    struct ak_tx *tx;
    struct ak_arena *arena;
    struct network_group *groups[256];
    size_t n_groups;
};

static int cached_group(struct cache *c, const char *id, const struct network_group **ret,
                        struct ak_error *err)
{
    for (size_t i = 0; i < c->n_groups; i++) {
        if (strcmp(c->groups[i]->id, id) == 0) {
            *ret = c->groups[i];
            return 0;
        }
    }
    struct network_group *group = ak_arena_new0(c->arena, struct network_group);
    int rc = ak_sql_load(c->tx, &sql_group_name, AK_ARGS(ak_v_text(id)), &network_group_fields,
                         c->arena, group, err);
    if (rc == 0 && c->n_groups < AK_N(c->groups)) {
        c->groups[c->n_groups++] = group;
    }
    *ret = group;
    return rc;
}

static void fill_addresses(struct ak_arena *arena, const struct network_port *port,
                           struct network_server_port *ret)
{
    AK_AUTO_JSON list = json_loads(port->fixed_ips, 0, NULL);
    size_t n = json_array_size(list);
    ret->addresses = ak_arena_array(arena, struct network_server_address, n + 1);
    ret->n_addresses = n;
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        const char *ip = json_string_value(json_object_get(item, "ip_address"));
        const char *subnet_id = json_string_value(json_object_get(item, "subnet_id"));
        ret->addresses[i] =
            (struct network_server_address){.ip = ak_arena_strdup(arena, ip),
                                            .subnet_id = ak_arena_strdup(arena, subnet_id),
                                            .version = strchr(ip, ':') ? 6 : 4};
    }
}

int network_server_ports_subnets(struct ak_tx *tx, struct ak_arena *arena,
                                 struct network_server_port *ports, size_t n, struct ak_error *err)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < ports[i].n_addresses; a++) {
            struct network_server_address *address = &ports[i].addresses[a];
            struct network_subnet subnet = {0};
            int rc = network_load(tx, arena, NETWORK_SUBNET, address->subnet_id, &subnet, err);
            if (rc < 0) {
                return rc;
            }
            address->cidr = subnet.cidr;
            address->gateway_ip = subnet.gateway_ip;
            address->dns = network_strings(arena, subnet.dns_nameservers);
            address->dhcp_off = !subnet.enable_dhcp;
        }
    }
    return 0;
}

static int fill_groups(struct cache *c, const struct network_port *port,
                       struct network_server_port *ret, struct ak_error *err)
{
    const char *const *ids = network_strings(c->arena, port->security_groups);
    size_t n = 0;
    while (ids[n]) {
        n++;
    }
    const char **names = ak_arena_array(c->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct network_group *group = NULL;
        int rc = cached_group(c, ids[i], &group, err);
        if (rc < 0) {
            return rc;
        }
        names[i] = group->name;
    }
    ret->group_ids = ids;
    ret->group_names = names;
    return 0;
}

static int fill_port(struct cache *c, const struct network_port *port,
                     struct network_server_port *ret, struct ak_error *err)
{
    *ret = (struct network_server_port){.id = port->id,
                                        .server_id = port->device_id,
                                        .network_id = port->network_id,
                                        .network_name = port->network_name,
                                        .mac = port->mac_address,
                                        .status = port->status,
                                        .mtu = (int)port->mtu,
                                        .made_by_server = port->made_by_server};
    fill_addresses(c->arena, port, ret);
    return fill_groups(c, port, ret, err);
}

/* Ports of at most CHUNK servers: with the members that fill_port() reads. */
static int load_chunk(struct ak_tx *tx, struct ak_arena *arena, const char *const *ids, size_t n,
                      struct ak_list *ret_list, struct ak_error *err)
{
    struct ak_query query = {0};
    struct ak_value values[CHUNK];
    if (n == 1) { /* nearly always; no statement needs to be composed */
        return ak_sql_load_all(tx, &sql_port_of_server, AK_ARGS(ak_v_text(ids[0])),
                               &network_port_fields, arena, 0, ret_list, err);
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = ak_v_text(ids[i]);
    }
    int rc = ak_query_filter(&query, arena, "p.device_id", AK_IN, values, n, err);
    return rc < 0 ? rc
                  : ak_sql_list(tx, &sql_port_of_servers, AK_NO_ARGS, &query, &network_port_fields,
                                arena, ret_list, err);
}

int network_server_ports_load(struct ak_tx *tx, struct ak_arena *arena,
                              const char *const *server_ids, size_t n,
                              struct network_server_port **ret_ports, size_t *ret_n,
                              struct ak_error *err)
{
    struct cache *c = ak_arena_new0(arena, struct cache);
    struct ak_list *chunks = ak_arena_array(arena, struct ak_list, n / CHUNK + 1);
    size_t total = 0, at = 0, n_chunks = 0;
    int rc = 0;
    c->tx = tx;
    c->arena = arena;
    for (size_t i = 0; i < n && rc == 0; i += CHUNK) {
        rc = load_chunk(tx, arena, server_ids + i, n - i < CHUNK ? n - i : CHUNK, &chunks[n_chunks],
                        err);
        total += chunks[n_chunks++].n;
    }
    struct network_server_port *ports =
        ak_arena_array(arena, struct network_server_port, total + 1);
    /* In the order of 'server_ids', each server's interfaces together. */
    for (size_t s = 0; s < n && rc == 0; s++) {
        const struct ak_list *chunk = &chunks[s / CHUNK];
        for (size_t i = 0; i < chunk->n && rc == 0; i++) {
            const struct network_port *port = (const struct network_port *)chunk->items + i;
            if (strcmp(port->device_id, server_ids[s]) == 0) {
                rc = fill_port(c, port, &ports[at++], err);
            }
        }
    }
    if (rc == 0) {
        *ret_ports = ports;
        *ret_n = at;
    }
    return rc;
}

int network_servers_by_address(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                               const char *ip_regex, int version, const char *const **ret_ids,
                               struct ak_error *err)
{
    AK_AUTO(ak_rows) rows = NULL;
    regex_t regex;
    size_t n = 0, room = 64;
    const char **ids = ak_arena_array(arena, const char *, room + 1);
    if (!ak_regex_modest(ip_regex) || regcomp(&regex, ip_regex, REG_EXTENDED | REG_NOSUB) != 0) {
        return ak_fail(err, AK_BAD_REQUEST,
                       "the address filter is no regular expression, or too costly");
    }
    int more = 0, rc = ak_sql_query(tx, &sql_address_servers,
                                    AK_ARGS(ak_v_text(project_id ? project_id : ""),
                                            ak_v_int(project_id == NULL), ak_v_int(version)),
                                    &rows, err);
    while (rc == 0 && (more = ak_rows_next(rows, err)) == 1) {
        const char *id = ak_rows_text(rows, 0), *ip = ak_rows_text(rows, 1);
        if (regexec(&regex, ip, 0, NULL, 0) != 0 || (n > 0 && strcmp(ids[n - 1], id) == 0)) {
            continue;
        }
        if (n == room) {
            const char **bigger = ak_arena_array(arena, const char *, 2 * room + 1);
            memcpy(bigger, ids, n * sizeof(*ids));
            ids = bigger;
            room *= 2;
        }
        ids[n++] = ak_arena_strdup(arena, id);
    }
    regfree(&regex);
    *ret_ids = ids;
    return rc < 0 ? rc : more;
}

/* --- steps of compute's jobs ------------------------------------------------------------------ */

static int load_ports(struct ak_job_run *run, const char *server_id, struct ak_list *ret_list,
                      struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_read(run->store, &tx, err);
    return rc < 0 ? rc : network_ports_of_server(tx, run->arena, server_id, ret_list, err);
}

static const struct network_port *port_at(const struct ak_list *ports, size_t i)
{
    return (const struct network_port *)ports->items + i;
}

int network_server_ports_apply(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    struct ak_list ports = {0};
    const char *network = NULL, *groups = NULL;
    int rc = load_ports(run, server_id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        const struct network_port *port = port_at(&ports, i);
        if (!ak_streq(network, port->network_id)) {
            rc = network_fabric_network(run, port->network_id, false, err);
            network = port->network_id;
        }
        const char *const *ids = network_strings(run->arena, port->security_groups);
        for (size_t g = 0; ids[g] && rc == 0 && !ak_streq(groups, port->security_groups); g++) {
            rc = network_fabric_group(run, ids[g], err);
        }
        groups = port->security_groups;
        rc = rc < 0 ? rc : network_fabric_port(run, port->id, port->network_id, err);
    }
    return rc;
}

static int set_active(struct ak_job_run *run, const struct ak_list *ports, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    char host[256] = "";
    (void)gethostname(host, sizeof(host) - 1);
    int rc = ak_tx_write(run->store, &tx, err);
    for (size_t i = 0; i < ports->n && rc == 0; i++) {
        rc = network_set_port_status(tx, port_at(ports, i)->id,
                                     port_at(ports, i)->admin_state_up ? "ACTIVE" : "DOWN", host,
                                     err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

/* An engine that came back without the port gets it again. */
static int wait_up(struct ak_job_run *run, const struct network_port *port, int64_t timeout_ms,
                   struct ak_error *err)
{
    struct ak_fabric *fabric = fabric_of(run);
    int rc = fabric->ops->port_wait_up(fabric, port->id, timeout_ms, err);
    if (rc == -AK_ENGINE_NO_OBJECT) {
        ak_error_clear(err);
        rc = network_fabric_port(run, port->id, port->network_id, err);
        rc = rc < 0 ? rc : fabric->ops->port_wait_up(fabric, port->id, timeout_ms, err);
    }
    return rc;
}

int network_server_ports_wait_up(struct ak_job_run *run, const char *server_id, int64_t timeout_ms,
                                 struct ak_error *err)
{
    int64_t deadline = ak_monotonic_us() + timeout_ms * AK_MS;
    struct ak_list ports = {0};
    int rc = load_ports(run, server_id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        int64_t left_ms = (deadline - ak_monotonic_us()) / AK_MS;
        if (port_at(&ports, i)->admin_state_up) {
            rc = wait_up(run, port_at(&ports, i), left_ms > 1 ? left_ms : 1, err);
        }
    }
    return rc < 0 || ports.n == 0 ? rc : set_active(run, &ports, err);
}

/* The rows: ports made by the server go, others are free again. */
static int let_go(struct ak_job_run *run, const struct ak_list *ports, struct ak_error *err)
{
    AK_AUTO(ak_tx) tx = NULL;
    int rc = ak_tx_write(run->store, &tx, err);
    struct network_call call = {.tx = tx, .arena = run->arena, .admin = true, .no_jobs = true};
    for (size_t i = 0; i < ports->n && rc == 0; i++) {
        struct network_port port = *port_at(ports, i);
        if (port.made_by_server) {
            rc = network_port_drop(&call, &port, err);
            continue;
        }
        port.device_id = "";
        port.device_owner = "";
        port.hostname = NULL;
        port.host_id = "";
        port.status = "DOWN";
        port.position = 0;
        rc = network_update(tx, NETWORK_PORT, &port, err);
    }
    return rc < 0 ? rc : ak_tx_commit(tx, err);
}

int network_server_ports_remove(struct ak_job_run *run, const char *server_id, struct ak_error *err)
{
    struct ak_list ports = {0};
    int rc = load_ports(run, server_id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        if (port_at(&ports, i)->made_by_server) {
            rc = fabric_of(run)->ops->port_remove(fabric_of(run), port_at(&ports, i)->id,
                                                  port_at(&ports, i)->network_id, err);
        }
    }
    rc = rc < 0 || ports.n == 0 ? rc : let_go(run, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        if (!port_at(&ports, i)->made_by_server) {
            rc = network_fabric_port(run, port_at(&ports, i)->id, port_at(&ports, i)->network_id,
                                     err);
        }
    }
    return rc;
}

int network_server_group_change(struct ak_tx *tx, struct ak_arena *arena, const char *project_id,
                                const char *server_id, const char *group_name, bool add,
                                struct ak_error *err)
{
    struct network_call call = {.tx = tx, .arena = arena, .project_id = project_id};
    struct network_group group = {0};
    struct ak_list ports = {0};
    int rc = find_group(&call, group_name, &group, err);
    bool has = add;
    rc = rc < 0 ? rc : network_ports_of_server(tx, arena, server_id, &ports, err);
    for (size_t i = 0; i < ports.n && rc == 0; i++) {
        struct network_port port = *port_at(&ports, i);
        if (add && !port.port_security_enabled) {
            continue;
        }
        has = has || (port.security_groups && strstr(port.security_groups, group.id));
        port.security_groups = network_list_with(arena, port.security_groups, group.id, add);
        rc = network_update(tx, NETWORK_PORT, &port, err);
        rc = rc < 0
                 ? rc
                 : network_job(&call, NETWORK_PORT, port.id, port.project_id, port.network_id, err);
    }
    return rc == 0 && !has
               ? ak_fail(err, AK_OBJECT_NOT_FOUND, "Security group of the server", group_name)
               : rc;
}
