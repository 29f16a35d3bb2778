-- SPDX-License-Identifier: Apache-2.0
-- Compute: flavors, keypairs, servers, instance actions, hosts, quotas, console tokens.

CREATE TABLE compute_flavor (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  ram_mib BIGINT NOT NULL,
  vcpus BIGINT NOT NULL,
  disk_gib BIGINT NOT NULL,
  ephemeral_gib BIGINT NOT NULL,
  swap_mib BIGINT NOT NULL,
  rxtx_factor TEXT NOT NULL,       -- decimal, only shown
  is_public BIGINT NOT NULL,
  disabled BIGINT NOT NULL,
  created_us BIGINT NOT NULL
);

CREATE TABLE compute_flavor_spec (
  flavor_id TEXT NOT NULL REFERENCES compute_flavor (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (flavor_id, name)
);

CREATE TABLE compute_flavor_access (
  flavor_id TEXT NOT NULL REFERENCES compute_flavor (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  PRIMARY KEY (flavor_id, project_id)
);

CREATE TABLE compute_keypair (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,          -- the "id" Nova shows
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  public_key TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  UNIQUE (user_id, name)
);

-- A server keeps what it was made of, so that a deleted flavor, image or key does not touch it.
-- A deleted server stays as a row with deleted_us.
CREATE TABLE compute_server (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  hostname TEXT NOT NULL,
  description TEXT,
  image_id TEXT NOT NULL,
  firmware TEXT NOT NULL,          -- bios, uefi
  flavor_id TEXT NOT NULL,
  ram_mib BIGINT NOT NULL,
  vcpus BIGINT NOT NULL,
  disk_gib BIGINT NOT NULL,
  key_name TEXT,
  key_data TEXT,
  user_data TEXT,                  -- base64 as given
  admin_pass TEXT,                 -- only until the config drive is written
  metadata TEXT NOT NULL,          -- JSON object of strings
  tags TEXT NOT NULL,              -- JSON array of strings, sorted
  config_drive BIGINT NOT NULL,
  disk_config TEXT NOT NULL,       -- AUTO, MANUAL
  zone TEXT NOT NULL,
  access_ip_v4 TEXT,
  access_ip_v6 TEXT,
  vm_state TEXT NOT NULL,
  task_state TEXT,
  power_state BIGINT NOT NULL,
  locked BIGINT NOT NULL,
  host TEXT,
  reservation_id TEXT NOT NULL,
  launch_index BIGINT NOT NULL,
  fault_code BIGINT NOT NULL,
  fault_message TEXT,
  fault_details TEXT,              -- for the operator only
  fault_us BIGINT NOT NULL,
  launched_us BIGINT NOT NULL,
  terminated_us BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  deleted_us BIGINT NOT NULL,      -- 0 = lives
  version BIGINT NOT NULL
);
CREATE INDEX compute_server_by_project ON compute_server (project_id, deleted_us, created_us, id);
CREATE INDEX compute_server_by_host ON compute_server (host, deleted_us);
CREATE INDEX compute_server_live ON compute_server (created_us, id) WHERE deleted_us = 0;

CREATE TABLE compute_action (
  id TEXT PRIMARY KEY,
  server_id TEXT NOT NULL REFERENCES compute_server (id),
  project_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  user_id TEXT,
  action TEXT NOT NULL,
  message TEXT,
  start_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX compute_action_by_server ON compute_action (server_id, start_us);

CREATE TABLE compute_action_event (
  action_id TEXT NOT NULL REFERENCES compute_action (id),
  event TEXT NOT NULL,
  start_us BIGINT NOT NULL,
  finish_us BIGINT NOT NULL,       -- 0 = under way
  result TEXT,                     -- Success, Error
  details TEXT,                    -- for the operator only
  PRIMARY KEY (action_id, event)
);

CREATE TABLE compute_host (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,          -- the "id" Nova shows below 2.53
  name TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  virt TEXT NOT NULL,
  arch TEXT NOT NULL,
  cpu_model TEXT NOT NULL,
  hypervisor_version BIGINT NOT NULL,
  ram_mib BIGINT NOT NULL,
  ram_free_mib BIGINT NOT NULL,
  vcpus BIGINT NOT NULL,
  disk_gib BIGINT NOT NULL,
  disk_free_gib BIGINT NOT NULL,
  zone TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  disabled_reason TEXT,
  boot_id TEXT NOT NULL,           -- of the host's kernel: tells a reboot
  created_us BIGINT NOT NULL,
  seen_us BIGINT NOT NULL,
  version BIGINT NOT NULL
);

-- Why a host was refused for a server, kept for the operator.
CREATE TABLE compute_refusal (
  server_id TEXT NOT NULL REFERENCES compute_server (id),
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  time_us BIGINT NOT NULL,
  PRIMARY KEY (server_id, host)
);

CREATE TABLE compute_quota (
  project_id TEXT NOT NULL,
  resource TEXT NOT NULL,
  hard_limit BIGINT NOT NULL,      -- -1 = none
  PRIMARY KEY (project_id, resource)
);

-- What a project's servers hold. Changed in the transaction that makes or deletes them; the row
-- is also the lock under which a quota is checked.
CREATE TABLE compute_usage (
  project_id TEXT PRIMARY KEY,
  instances BIGINT NOT NULL,
  cores BIGINT NOT NULL,
  ram_mib BIGINT NOT NULL,
  disk_gib BIGINT NOT NULL
);

CREATE TABLE compute_console_token (
  token_hash TEXT PRIMARY KEY,     -- SHA-256 of the token; the token itself is nowhere
  server_id TEXT NOT NULL REFERENCES compute_server (id),
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  expires_us BIGINT NOT NULL,
  used_us BIGINT NOT NULL          -- 0 = not yet
);
CREATE INDEX compute_console_token_by_time ON compute_console_token (expires_us);

-- Engine objects with our tag that the database does not know; reported once, never deleted.
CREATE TABLE compute_orphan (
  kind TEXT NOT NULL,              -- domain, file
  name TEXT NOT NULL,
  action TEXT NOT NULL,            -- what was done: suspended, quarantined
  found_us BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);
