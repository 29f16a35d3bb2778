-- SPDX-License-Identifier: Apache-2.0
-- Statements of the network domain. In lists, $1 is the caller's project and $2 is 1 for the
-- administrator, who sees all.

-- Networks -----------------------------------------------------------------------------------

-- name: network_list
-- scope: project
SELECT n.* FROM network_network n
 WHERE (n.project_id = $1 OR n.is_external = 1 OR n.is_shared = 1 OR CAST($2 AS BIGINT) = 1)
{filter} {page}

-- name: network_all
-- scope: cloud: the reconciler compares everything with the fabric
SELECT n.* FROM network_network n ORDER BY n.id

-- name: network_by_id
-- scope: cloud: jobs, and services after they have checked the caller's right
SELECT n.* FROM network_network n WHERE n.id = $1

-- name: network_external_default
-- scope: cloud: the provider network is everybody's way out
SELECT n.* FROM network_network n WHERE n.is_external = 1 ORDER BY n.is_default DESC, n.id

-- name: network_of_project
-- scope: project
SELECT n.id FROM network_network n WHERE n.project_id = $1 AND n.is_external = 0 ORDER BY n.created_us, n.id

-- name: network_insert
-- scope: project
INSERT INTO network_network (id, project_id, name, description, admin_state_up, mtu, is_shared,
    is_external, is_default, port_security_enabled, network_type, physical_network, segmentation_id,
    tunnel_key, vlan_key, subnets, tags, revision_number, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $18)

-- name: network_update
-- scope: cloud: the service has loaded the row under the caller's scope
UPDATE network_network SET name = $2, description = $3, admin_state_up = $4, mtu = $5, is_shared = $6,
    is_external = $7, is_default = $8, port_security_enabled = $9, subnets = $10, tags = $11,
    revision_number = revision_number + 1, updated_us = $12
 WHERE id = $1

-- name: network_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_network WHERE id = $1

-- name: tunnel_key_free
-- scope: cloud: keys are unique in the installation
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM network_tunnel_key WHERE tunnel_key = $1) THEN CAST($1 AS BIGINT)
       ELSE (SELECT k.tunnel_key + 1 FROM network_tunnel_key k
              WHERE k.tunnel_key >= $1 AND k.tunnel_key < $2
                AND NOT EXISTS (SELECT 1 FROM network_tunnel_key m WHERE m.tunnel_key = k.tunnel_key + 1)
              ORDER BY k.tunnel_key LIMIT 1) END AS tunnel_key

-- name: tunnel_key_insert
-- scope: cloud: keys are unique in the installation
INSERT INTO network_tunnel_key (tunnel_key, network_id) VALUES ($1, $2)

-- name: tunnel_key_release
-- scope: cloud: the job that removed the network from the fabric
DELETE FROM network_tunnel_key
 WHERE network_id = $1 AND NOT EXISTS (SELECT 1 FROM network_network WHERE id = $1)

-- Subnets ------------------------------------------------------------------------------------

-- name: subnet_list
-- scope: project
SELECT s.* FROM network_subnet s
 WHERE (s.project_id = $1 OR CAST($2 AS BIGINT) = 1
        OR EXISTS (SELECT 1 FROM network_network n WHERE n.id = s.network_id AND n.is_shared = 1))
{filter} {page}

-- name: subnet_all
-- scope: cloud: the reconciler compares everything with the fabric
SELECT s.* FROM network_subnet s ORDER BY s.network_id, s.id

-- name: subnet_by_id
-- scope: cloud: jobs, and services after they have checked the caller's right
SELECT s.* FROM network_subnet s WHERE s.id = $1

-- name: subnet_by_network
-- scope: cloud: the caller has a right to the network
SELECT s.* FROM network_subnet s WHERE s.network_id = $1 ORDER BY s.created_us, s.id

-- name: subnet_insert
-- scope: project
INSERT INTO network_subnet (id, project_id, network_id, name, description, ip_version, cidr, gateway_ip,
    enable_dhcp, ipv6_ra_mode, ipv6_address_mode, allocation_pools, dns_nameservers, host_routes,
    next_offset, tags, revision_number, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, 1, $16, $16)

-- name: subnet_update
-- scope: cloud: the service has loaded the row under the caller's scope
UPDATE network_subnet SET name = $2, description = $3, gateway_ip = $4, enable_dhcp = $5,
    allocation_pools = $6, dns_nameservers = $7, host_routes = $8, tags = $9,
    revision_number = revision_number + 1, updated_us = $10
 WHERE id = $1

-- name: subnet_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_subnet WHERE id = $1

-- name: subnet_in_use
-- scope: cloud: addresses of any kind of port keep a subnet
SELECT COUNT(*) AS n FROM network_address WHERE subnet_id = $1

-- Addresses ----------------------------------------------------------------------------------

-- name: address_free
-- scope: cloud: addresses are unique in their subnet, whoever has them
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM network_address WHERE subnet_id = $1 AND ip_offset = $2)
            THEN CAST($2 AS BIGINT)
       ELSE (SELECT a.ip_offset + 1 FROM network_address a
              WHERE a.subnet_id = $1 AND a.ip_offset >= $2 AND a.ip_offset < $3
                AND NOT EXISTS (SELECT 1 FROM network_address b
                                 WHERE b.subnet_id = a.subnet_id AND b.ip_offset = a.ip_offset + 1)
              ORDER BY a.ip_offset LIMIT 1) END AS ip_offset

-- name: address_move_on
-- scope: cloud: part of taking an address
UPDATE network_subnet SET next_offset = $2 WHERE id = $1

-- name: address_taken
-- scope: cloud: addresses are unique in their network, whoever has them
SELECT COUNT(*) AS n FROM network_address WHERE network_id = $1 AND ip = $2

-- name: address_insert
-- scope: project
INSERT INTO network_address (network_id, ip, port_id, subnet_id, project_id, ip_version, ip_offset, position)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: address_delete_by_port
-- scope: cloud: the service has loaded the port under the caller's scope
DELETE FROM network_address WHERE port_id = $1

-- name: mac_taken
-- scope: cloud: MAC addresses are unique in their network, whoever has them
SELECT COUNT(*) AS n FROM network_port WHERE network_id = $1 AND mac_address = $2

-- name: address_servers
-- scope: project
SELECT p.device_id, a.ip FROM network_address a JOIN network_port p ON p.id = a.port_id
 WHERE (a.project_id = $1 OR CAST($2 AS BIGINT) = 1) AND (a.ip_version = $3 OR CAST($3 AS BIGINT) = 0)
   AND p.device_owner = 'compute:nova'
 ORDER BY p.device_id

-- Ports --------------------------------------------------------------------------------------

-- name: port_list
-- scope: project
SELECT p.* FROM network_port p WHERE (p.project_id = $1 OR CAST($2 AS BIGINT) = 1)
{filter} {page}

-- Limited to ports with an address that equals $3, when not NULL, in the subnet $4, when not NULL.
-- name: port_list_by_address
-- scope: project
SELECT p.* FROM network_port p WHERE (p.project_id = $1 OR CAST($2 AS BIGINT) = 1)
   AND EXISTS (SELECT 1 FROM network_address a WHERE a.port_id = p.id
                  AND (CAST($3 AS TEXT) IS NULL OR a.ip = $3)
                  AND (CAST($4 AS TEXT) IS NULL OR a.subnet_id = $4))
{filter} {page}

-- name: port_all
-- scope: cloud: the reconciler compares everything with the fabric
SELECT p.* FROM network_port p ORDER BY p.network_id, p.id

-- name: port_by_id
-- scope: cloud: jobs, and services after they have checked the caller's right
SELECT p.* FROM network_port p WHERE p.id = $1

-- Customers write device_id as they like; the owner is what only the cloud may say.
-- name: port_of_device_server
-- scope: cloud: the caller owns the server
SELECT p.* FROM network_port p WHERE p.device_id = $1 AND p.device_owner = 'compute:nova' ORDER BY p.position, p.id

-- name: port_of_device_router
-- scope: cloud: the caller owns the router
SELECT p.* FROM network_port p
 WHERE p.device_id = $1 AND p.device_owner IN ('network:router_interface', 'network:router_gateway')
 ORDER BY p.position, p.id

-- name: port_by_network
-- scope: cloud: a job brings all of a network's ports to the fabric
SELECT p.* FROM network_port p WHERE p.network_id = $1 ORDER BY p.id

-- name: port_of_server
-- scope: cloud: compute asks for a server it has loaded under the caller's scope
SELECT p.id, p.device_id, p.network_id, p.mac_address, p.status, p.made_by_server, p.fixed_ips, p.security_groups,
    n.name AS network_name, n.mtu
  FROM network_port p JOIN network_network n ON n.id = p.network_id
 WHERE p.device_id = $1 AND p.device_owner = 'compute:nova' ORDER BY p.position, p.id

-- name: port_of_servers
-- scope: cloud: compute asks for servers it has loaded under the caller's scope
SELECT p.id, p.device_id, p.network_id, p.mac_address, p.status, p.made_by_server, p.fixed_ips, p.security_groups,
    n.name AS network_name, n.mtu
  FROM network_port p JOIN network_network n ON n.id = p.network_id
 WHERE p.device_owner = 'compute:nova' {filter} ORDER BY p.device_id, p.position, p.id

-- name: port_of_network
-- scope: cloud: whether anything is on a network, whoever has it
SELECT COUNT(*) AS n FROM network_port WHERE network_id = $1

-- name: port_of_group
-- scope: cloud: whether anything uses a group
SELECT COUNT(*) AS n FROM network_port_group WHERE group_id = $1

-- name: port_insert
-- scope: project
INSERT INTO network_port (id, project_id, network_id, name, description, mac_address, admin_state_up,
    status, device_id, device_owner, port_security_enabled, fixed_ips, security_groups,
    allowed_address_pairs, host_id, vnic_type, profile, hostname, made_by_server, position, tags,
    revision_number, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    1, $22, $22)

-- name: port_update
-- scope: cloud: the service has loaded the row under the caller's scope
UPDATE network_port SET name = $2, description = $3, mac_address = $4, admin_state_up = $5, status = $6,
    device_id = $7, device_owner = $8, port_security_enabled = $9, fixed_ips = $10, security_groups = $11,
    allowed_address_pairs = $12, host_id = $13, vnic_type = $14, profile = $15, hostname = $16,
    made_by_server = $17, position = $18, tags = $19, revision_number = revision_number + 1,
    updated_us = $20
 WHERE id = $1

-- name: port_set_status
-- scope: cloud: the fabric's word
UPDATE network_port SET status = $2, updated_us = $3, host_id = $4, revision_number = revision_number + 1
 WHERE id = $1 AND (status <> $2 OR host_id <> $4)

-- name: port_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_port WHERE id = $1

-- name: port_group_insert
-- scope: cloud: part of writing a port
INSERT INTO network_port_group (port_id, group_id) VALUES ($1, $2)

-- name: port_group_delete
-- scope: cloud: part of writing a port
DELETE FROM network_port_group WHERE port_id = $1

-- Security groups ----------------------------------------------------------------------------

-- name: group_list
-- scope: project
SELECT g.* FROM network_group g WHERE (g.project_id = $1 OR CAST($2 AS BIGINT) = 1)
{filter} {page}

-- name: group_all
-- scope: cloud: the reconciler compares everything with the fabric
SELECT g.* FROM network_group g ORDER BY g.id

-- name: group_by_id
-- scope: cloud: jobs, and services after they have checked the caller's right
SELECT g.* FROM network_group g WHERE g.id = $1

-- name: group_name
-- scope: cloud: lists of servers that were loaded under the caller's scope
SELECT g.id, g.name FROM network_group g WHERE g.id = $1

-- name: group_by_name
-- scope: project
SELECT g.* FROM network_group g WHERE g.project_id = $1 AND g.name = $2 ORDER BY g.id

-- name: group_default
-- scope: project default_key
SELECT g.* FROM network_group g WHERE g.default_key = $1

-- name: group_insert
-- scope: project
INSERT INTO network_group (id, project_id, name, description, stateful, default_key, tags,
    revision_number, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)

-- name: group_update
-- scope: cloud: the service has loaded the row under the caller's scope
UPDATE network_group SET name = $2, description = $3, tags = $4, revision_number = revision_number + 1,
    updated_us = $5
 WHERE id = $1

-- name: group_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_group WHERE id = $1

-- name: rule_list
-- scope: project
SELECT r.* FROM network_rule r WHERE (r.project_id = $1 OR CAST($2 AS BIGINT) = 1)
{filter} {page}

-- name: rule_by_id
-- scope: cloud: services after they have checked the caller's right
SELECT r.* FROM network_rule r WHERE r.id = $1

-- name: rule_by_group
-- scope: cloud: the group was loaded under the caller's scope, or by a job
SELECT r.* FROM network_rule r WHERE r.security_group_id = $1 ORDER BY r.created_us, r.id

-- name: rule_remote
-- scope: cloud: whether rules of other groups name a group
SELECT COUNT(*) AS n FROM network_rule WHERE remote_group_id = $1 AND security_group_id <> $1

-- name: rule_insert
-- scope: project
INSERT INTO network_rule (id, project_id, security_group_id, description, direction, ethertype, protocol,
    port_range_min, port_range_max, remote_ip_prefix, remote_group_id, same_key, revision_number,
    created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $13)

-- name: rule_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_rule WHERE id = $1

-- name: group_touch
-- scope: cloud: a rule of the group has changed
UPDATE network_group SET revision_number = revision_number + 1, updated_us = $2 WHERE id = $1

-- Routers ------------------------------------------------------------------------------------

-- name: router_list
-- scope: project
SELECT r.* FROM network_router r WHERE (r.project_id = $1 OR CAST($2 AS BIGINT) = 1)
{filter} {page}

-- name: router_all
-- scope: cloud: the reconciler compares everything with the fabric
SELECT r.* FROM network_router r ORDER BY r.id

-- name: router_by_id
-- scope: cloud: jobs, and services after they have checked the caller's right
SELECT r.* FROM network_router r WHERE r.id = $1

-- name: router_insert
-- scope: project
INSERT INTO network_router (id, project_id, name, description, admin_state_up, external_network_id,
    gateway_port_id, enable_snat, external_gateway_info, routes, tags, revision_number, created_us,
    updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12)

-- name: router_update
-- scope: cloud: the service has loaded the row under the caller's scope
UPDATE network_router SET name = $2, description = $3, admin_state_up = $4, external_network_id = $5,
    gateway_port_id = $6, enable_snat = $7, external_gateway_info = $8, routes = $9, tags = $10,
    revision_number = revision_number + 1, updated_us = $11
 WHERE id = $1

-- name: router_delete
-- scope: cloud: the service has loaded the row under the caller's scope
DELETE FROM network_router WHERE id = $1

-- name: router_of_subnet
-- scope: cloud: whether a router has a leg in a subnet
SELECT COUNT(*) AS n FROM network_port p JOIN network_address a ON a.port_id = p.id
 WHERE a.subnet_id = $1 AND p.device_owner = 'network:router_interface'

-- Quotas -------------------------------------------------------------------------------------

-- name: quota_of_project
-- scope: project
SELECT resource, amount FROM network_quota WHERE project_id = $1

-- name: quota_list
-- scope: cloud: the operator's list of all that differ from the defaults
SELECT project_id, resource, amount FROM network_quota ORDER BY project_id, resource

-- name: quota_set
-- scope: project
INSERT INTO network_quota (project_id, resource, amount) VALUES ($1, $2, $3)
ON CONFLICT (project_id, resource) DO UPDATE SET amount = excluded.amount

-- name: quota_delete
-- scope: project
DELETE FROM network_quota WHERE project_id = $1

-- name: count_network
-- scope: project
SELECT COUNT(*) AS n FROM network_network WHERE project_id = $1

-- name: count_subnet
-- scope: project
SELECT COUNT(*) AS n FROM network_subnet WHERE project_id = $1

-- name: count_port
-- scope: project
SELECT COALESCE(SUM(ports), 0) AS n FROM network_usage WHERE project_id = $1

-- name: usage_port_made
-- scope: project
INSERT INTO network_usage (project_id, ports) VALUES ($1, 1)
ON CONFLICT (project_id) DO UPDATE SET ports = network_usage.ports + 1

-- name: usage_port_gone
-- scope: cloud: the service has loaded the port under the caller's scope
UPDATE network_usage SET ports = ports - 1 WHERE project_id = (SELECT p.project_id FROM network_port p WHERE p.id = $1)

-- name: usage_delete
-- scope: project
DELETE FROM network_usage WHERE project_id = $1

-- name: count_router
-- scope: project
SELECT COUNT(*) AS n FROM network_router WHERE project_id = $1

-- name: count_group
-- scope: project
SELECT COUNT(*) AS n FROM network_group WHERE project_id = $1

-- name: count_rule
-- scope: project
SELECT COUNT(*) AS n FROM network_rule WHERE project_id = $1

-- name: network_count
-- scope: project
SELECT COUNT(*) FROM network_network WHERE id = $1 AND project_id = $2

-- name: subnet_count
-- scope: project
SELECT COUNT(*) FROM network_subnet WHERE id = $1 AND project_id = $2

-- name: port_count
-- scope: project
SELECT COUNT(*) FROM network_port WHERE id = $1 AND project_id = $2

-- name: router_count
-- scope: project
SELECT COUNT(*) FROM network_router WHERE id = $1 AND project_id = $2

-- name: security_group_count
-- scope: project
SELECT COUNT(*) FROM network_group WHERE id = $1 AND project_id = $2
