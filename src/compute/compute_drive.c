/* SPDX-License-Identifier: Apache-2.0 */
/* The config drive: what cloud-init (or any OpenStack-aware guest) reads at boot. Files as Nova
 * writes them: openstack/<version>/{meta_data,network_data,vendor_data}.json and user_data.
 * Spec: https://docs.openstack.org/nova/latest/user/metadata.html */
#include "compute_internal.h"

#include <arpa/inet.h>

/* Versions of the format by date; each has the same files here. */
static const char *const versions[] = {"latest", "2012-08-10", "2015-10-15", "2018-08-27"};

#define DRIVE_JSON_MAX (256 * 1024)

static void add_keys(struct ak_json *w, const struct compute_server *server)
{
    ak_json_key(w, "public_keys");
    ak_json_object(w);
    ak_json_kstr(w, server->key_name, server->key_data);
    ak_json_object_end(w);
    ak_json_key(w, "keys");
    ak_json_array(w);
    ak_json_object(w);
    ak_json_kstr(w, "name", server->key_name);
    ak_json_kstr(w, "type", ak_starts_with(server->key_data, "-----BEGIN") ? "x509" : "ssh");
    ak_json_kstr(w, "data", server->key_data);
    ak_json_object_end(w);
    ak_json_array_end(w);
}

const char *compute_drive_meta_data(struct ak_arena *arena, const struct compute_server *server)
{
    unsigned char seed[512];
    ak_random(seed, sizeof(seed));
    AK_AUTO_STR seed_text = ak_base64(seed, sizeof(seed), false);
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, DRIVE_JSON_MAX);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    ak_json_kstr(&w, "uuid", server->id);
    ak_json_kstr(&w, "name", server->name);
    ak_json_kstr(&w, "hostname", server->hostname);
    ak_json_kstr(&w, "project_id", server->project_id);
    ak_json_kstr(&w, "availability_zone", server->zone);
    ak_json_kint(&w, "launch_index", server->launch_index);
    if (server->key_name && server->key_data) {
        add_keys(&w, server);
    }
    if (server->admin_pass) {
        ak_json_kstr(&w, "admin_pass", server->admin_pass);
    }
    if (server->metadata.n > 0) {
        ak_json_key(&w, "meta");
        ak_json_object(&w);
        for (size_t i = 0; i < server->metadata.n; i++) {
            ak_json_kstr(&w, server->metadata.pairs[i].key, server->metadata.pairs[i].value);
        }
        ak_json_object_end(&w);
    }
    ak_json_key(&w, "devices");
    ak_json_array(&w);
    ak_json_array_end(&w);
    ak_json_kstr(&w, "random_seed", seed_text);
    ak_json_object_end(&w);
    const char *text = ak_arena_strndup(arena, buf.data, buf.len);
    ak_wipe(buf.data, buf.len);
    return text;
}

/* "255.255.255.0" or "ffff:ffff::" of "10.0.0.0/24". */
static const char *netmask_of(struct ak_arena *arena, const char *cidr)
{
    const char *slash = strchr(cidr, '/');
    int64_t bits = 0;
    bool v6 = strchr(cidr, ':') != NULL;
    if (!slash || !ak_parse_int(slash + 1, 0, v6 ? 128 : 32, &bits)) {
        return NULL;
    }
    unsigned char mask[16] = {0};
    for (int64_t i = 0; i < bits; i++) {
        mask[i / 8] = (unsigned char)(mask[i / 8] | 0x80 >> (i % 8));
    }
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(v6 ? AF_INET6 : AF_INET, mask, text, sizeof(text))
               ? ak_arena_strdup(arena, text)
               : NULL;
}

static void add_static(struct ak_json *w, struct ak_arena *arena,
                       const struct network_server_address *address)
{
    bool v6 = address->version == 6;
    ak_json_kstr(w, "type", v6 ? "ipv6" : "ipv4");
    ak_json_kstr(w, "ip_address", address->ip);
    ak_json_kstr(w, "netmask", netmask_of(arena, address->cidr));
    ak_json_key(w, "routes");
    ak_json_array(w);
    if (address->gateway_ip) {
        ak_json_object(w);
        ak_json_kstr(w, "network", v6 ? "::" : "0.0.0.0");
        ak_json_kstr(w, "netmask", v6 ? "::" : "0.0.0.0");
        ak_json_kstr(w, "gateway", address->gateway_ip);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
    ak_json_key(w, "services");
    ak_json_array(w);
    for (size_t i = 0; address->dns && address->dns[i]; i++) {
        ak_json_object(w);
        ak_json_kstr(w, "type", "dns");
        ak_json_kstr(w, "address", address->dns[i]);
        ak_json_object_end(w);
    }
    ak_json_array_end(w);
}

static void add_networks(struct ak_json *w, struct ak_arena *arena,
                         const struct network_server_port *ports, size_t n)
{
    int number = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < ports[i].n_addresses; a++) {
            const struct network_server_address *address = &ports[i].addresses[a];
            ak_json_object(w);
            ak_json_kstr(w, "id", ak_arena_printf(arena, "network%d", number++));
            ak_json_kstr(w, "link", ak_arena_printf(arena, "tap%.11s", ports[i].id));
            ak_json_kstr(w, "network_id", ports[i].network_id);
            if (address->dhcp_off) {
                add_static(w, arena, address);
            } else {
                ak_json_kstr(w, "type", address->version == 6 ? "ipv6_dhcp" : "ipv4_dhcp");
            }
            ak_json_object_end(w);
        }
    }
}

/* Name servers of subnets without DHCP, each once. */
static void add_services(struct ak_json *w, const struct network_server_port *ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < ports[i].n_addresses; a++) {
            const struct network_server_address *address = &ports[i].addresses[a];
            for (size_t d = 0; address->dhcp_off && address->dns && address->dns[d]; d++) {
                ak_json_object(w);
                ak_json_kstr(w, "type", "dns");
                ak_json_kstr(w, "address", address->dns[d]);
                ak_json_object_end(w);
            }
        }
    }
}

const char *compute_drive_network_data(struct ak_arena *arena,
                                       const struct network_server_port *ports, size_t n_ports)
{
    AK_AUTO_BUF buf;
    ak_buf_init(&buf, DRIVE_JSON_MAX);
    struct ak_json w = ak_json_on(&buf);
    ak_json_object(&w);
    ak_json_key(&w, "links");
    ak_json_array(&w);
    for (size_t i = 0; i < n_ports; i++) {
        ak_json_object(&w);
        ak_json_kstr(&w, "id", ak_arena_printf(arena, "tap%.11s", ports[i].id));
        ak_json_kstr(&w, "vif_id", ports[i].id);
        ak_json_kstr(&w, "type", "ovs");
        ak_json_kint(&w, "mtu", ports[i].mtu);
        ak_json_kstr(&w, "ethernet_mac_address", ports[i].mac);
        ak_json_object_end(&w);
    }
    ak_json_array_end(&w);
    ak_json_key(&w, "networks");
    ak_json_array(&w);
    add_networks(&w, arena, ports, n_ports);
    ak_json_array_end(&w);
    ak_json_key(&w, "services");
    ak_json_array(&w);
    add_services(&w, ports, n_ports);
    ak_json_array_end(&w);
    ak_json_object_end(&w);
    return ak_arena_strndup(arena, buf.data, buf.len);
}

int compute_drive_make(struct ak_arena *arena, const struct compute_server *server,
                       const struct network_server_port *ports, size_t n_ports, void **ret_iso,
                       size_t *ret_size, struct ak_error *err)
{
    const char *meta = compute_drive_meta_data(arena, server);
    const char *network = compute_drive_network_data(arena, ports, n_ports);
    size_t user_size = 0;
    unsigned char *user =
        server->user_data
            ? ak_base64_decode(server->user_data, strlen(server->user_data), &user_size)
            : NULL;
    struct ak_drive_file files[AK_N(versions) * 4];
    size_t n = 0;
    for (size_t i = 0; i < AK_N(versions); i++) {
        const char *dir = versions[i];
        files[n++] = (struct ak_drive_file){
            ak_arena_printf(arena, "openstack/%s/meta_data.json", dir), meta, strlen(meta)};
        files[n++] =
            (struct ak_drive_file){ak_arena_printf(arena, "openstack/%s/network_data.json", dir),
                                   network, strlen(network)};
        files[n++] = (struct ak_drive_file){
            ak_arena_printf(arena, "openstack/%s/vendor_data.json", dir), "{}", 2};
        if (user) {
            files[n++] = (struct ak_drive_file){
                ak_arena_printf(arena, "openstack/%s/user_data", dir), user, user_size};
        }
    }
    int rc = ak_config_drive_make(files, n, ret_iso, ret_size, err);
    free(user);
    return rc;
}
