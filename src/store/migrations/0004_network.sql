-- SPDX-License-Identifier: Apache-2.0
-- Network: what customers' networks shall be; the fabric follows by jobs and by the reconciler.
-- Columns said to be JSON are rendered as they are. Lists that repeat what another table holds
-- (subnets of a network; addresses and groups of a port) are written together with it and save a
-- join in every list.

CREATE TABLE network_network (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  admin_state_up BIGINT NOT NULL,
  mtu BIGINT NOT NULL,
  is_shared BIGINT NOT NULL,
  is_external BIGINT NOT NULL,     -- routers may have their gateway here
  is_default BIGINT NOT NULL,
  port_security_enabled BIGINT NOT NULL,
  network_type TEXT NOT NULL,      -- geneve, vlan, flat
  physical_network TEXT,           -- of vlan and flat
  segmentation_id TEXT,            -- JSON number shown to the operator: tunnel key or VLAN id
  tunnel_key BIGINT NOT NULL UNIQUE,
  vlan_key TEXT UNIQUE,            -- physical network and VLAN id, NULL for geneve
  subnets TEXT NOT NULL,           -- JSON list of ids
  tags TEXT NOT NULL,              -- JSON list of strings
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX network_network_by_project ON network_network (project_id, id);

-- Tunnel keys in use: a row outlives its network until the fabric has let go of it.
CREATE TABLE network_tunnel_key (
  tunnel_key BIGINT PRIMARY KEY,
  network_id TEXT NOT NULL UNIQUE
);

CREATE TABLE network_subnet (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  network_id TEXT NOT NULL REFERENCES network_network (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  ip_version BIGINT NOT NULL,
  cidr TEXT NOT NULL,
  gateway_ip TEXT,
  enable_dhcp BIGINT NOT NULL,
  ipv6_ra_mode TEXT,
  ipv6_address_mode TEXT,
  allocation_pools TEXT NOT NULL,  -- JSON list of {start, end}
  dns_nameservers TEXT NOT NULL,   -- JSON list of addresses
  host_routes TEXT NOT NULL,       -- JSON list of {destination, nexthop}
  next_offset BIGINT NOT NULL,     -- where the search for a free address goes on
  tags TEXT NOT NULL,
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX network_subnet_by_network ON network_subnet (network_id, id);
CREATE INDEX network_subnet_by_project ON network_subnet (project_id, id);

CREATE TABLE network_router (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  admin_state_up BIGINT NOT NULL,
  external_network_id TEXT REFERENCES network_network (id),
  gateway_port_id TEXT,
  enable_snat BIGINT NOT NULL,
  external_gateway_info TEXT,      -- JSON object, NULL = no gateway
  routes TEXT NOT NULL,            -- JSON list, always [] as yet
  tags TEXT NOT NULL,
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX network_router_by_project ON network_router (project_id, id);

CREATE TABLE network_port (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,        -- '' for gateway ports, which belong to the cloud
  network_id TEXT NOT NULL REFERENCES network_network (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  mac_address TEXT NOT NULL,
  admin_state_up BIGINT NOT NULL,
  status TEXT NOT NULL,            -- ACTIVE, DOWN
  device_id TEXT NOT NULL,         -- server or router
  device_owner TEXT NOT NULL,
  port_security_enabled BIGINT NOT NULL,
  fixed_ips TEXT NOT NULL,         -- JSON list of {subnet_id, ip_address}
  security_groups TEXT NOT NULL,   -- JSON list of ids
  allowed_address_pairs TEXT NOT NULL, -- JSON list of {ip_address, mac_address}
  host_id TEXT NOT NULL,
  vnic_type TEXT NOT NULL,
  profile TEXT NOT NULL,           -- JSON object
  hostname TEXT,                   -- name of the server, for DNS
  made_by_server BIGINT NOT NULL,
  position BIGINT NOT NULL,        -- of the interface in its server
  tags TEXT NOT NULL,
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  UNIQUE (network_id, mac_address)
);
CREATE INDEX network_port_by_project ON network_port (project_id, id);
CREATE INDEX network_port_by_device ON network_port (device_id, position);

CREATE TABLE network_address (
  network_id TEXT NOT NULL,
  ip TEXT NOT NULL,
  port_id TEXT NOT NULL REFERENCES network_port (id) ON DELETE CASCADE,
  subnet_id TEXT NOT NULL REFERENCES network_subnet (id),
  project_id TEXT NOT NULL,
  ip_version BIGINT NOT NULL,
  ip_offset BIGINT NOT NULL,       -- from the first address of the subnet
  position BIGINT NOT NULL,
  PRIMARY KEY (network_id, ip)
);
CREATE UNIQUE INDEX network_address_by_subnet ON network_address (subnet_id, ip_offset);
CREATE INDEX network_address_by_port ON network_address (port_id, position);
CREATE INDEX network_address_by_ip ON network_address (ip);

CREATE TABLE network_group (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  stateful BIGINT NOT NULL,
  default_key TEXT UNIQUE,         -- the project whose default group this is, else NULL
  tags TEXT NOT NULL,
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX network_group_by_project ON network_group (project_id, name);

CREATE TABLE network_rule (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  security_group_id TEXT NOT NULL REFERENCES network_group (id) ON DELETE CASCADE,
  description TEXT NOT NULL,
  direction TEXT NOT NULL,
  ethertype TEXT NOT NULL,
  protocol TEXT,
  port_range_min TEXT,             -- JSON numbers
  port_range_max TEXT,
  remote_ip_prefix TEXT,
  remote_group_id TEXT REFERENCES network_group (id),
  same_key TEXT NOT NULL,          -- what makes two rules the same
  revision_number BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  UNIQUE (security_group_id, same_key)
);
CREATE INDEX network_rule_by_project ON network_rule (project_id, id);
CREATE INDEX network_rule_by_remote ON network_rule (remote_group_id);

CREATE TABLE network_port_group (
  port_id TEXT NOT NULL REFERENCES network_port (id) ON DELETE CASCADE,
  group_id TEXT NOT NULL REFERENCES network_group (id),
  PRIMARY KEY (port_id, group_id)
);
CREATE INDEX network_port_group_by_group ON network_port_group (group_id);

-- Limits of a project that differ from the settings' defaults.
CREATE TABLE network_quota (
  project_id TEXT NOT NULL,
  resource TEXT NOT NULL,
  amount BIGINT NOT NULL,          -- -1 = no limit
  PRIMARY KEY (project_id, resource)
);
