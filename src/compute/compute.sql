-- SPDX-License-Identifier: Apache-2.0
-- Flavors, keypairs, quotas, hosts, console tokens.

-- name: flavor_by_id
-- scope: project
SELECT * FROM compute_flavor
 WHERE id = $2 AND (is_public = 1 OR id IN (SELECT flavor_id FROM compute_flavor_access WHERE project_id = $1));

-- name: flavor_by_id_any
-- scope: cloud: administrators see every flavor
SELECT * FROM compute_flavor WHERE id = $1;

-- name: flavor_list
-- scope: project
SELECT * FROM compute_flavor
 WHERE (is_public = 1 OR id IN (SELECT flavor_id FROM compute_flavor_access WHERE project_id = $1)) {filter} {page};

-- name: flavor_list_any
-- scope: cloud: administrators see every flavor
SELECT * FROM compute_flavor WHERE id IS NOT NULL {filter} {page};

-- name: flavor_insert
-- scope: cloud: flavors belong to the provider
INSERT INTO compute_flavor (id, name, ram_mib, vcpus, disk_gib, ephemeral_gib, swap_mib, rxtx_factor, is_public, disabled,
                            created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10);

-- name: flavor_insert_missing
-- scope: cloud: default flavors of a new installation
INSERT INTO compute_flavor (id, name, ram_mib, vcpus, disk_gib, ephemeral_gib, swap_mib, rxtx_factor, is_public, disabled,
                            created_us)
VALUES ($1, $2, $3, $4, $5, 0, 0, '1.0', 1, 0, $6)
ON CONFLICT DO NOTHING;

-- name: flavor_delete
-- scope: cloud: flavors belong to the provider
DELETE FROM compute_flavor WHERE id = $1;

-- name: flavor_specs
-- scope: cloud: read after the flavor was found under the caller's scope
SELECT name, value FROM compute_flavor_spec WHERE flavor_id = $1 ORDER BY name;

-- name: flavor_spec_set
-- scope: cloud: flavors belong to the provider
INSERT INTO compute_flavor_spec (flavor_id, name, value) VALUES ($1, $2, $3)
ON CONFLICT (flavor_id, name) DO UPDATE SET value = excluded.value;

-- name: flavor_spec_delete
-- scope: cloud: flavors belong to the provider
DELETE FROM compute_flavor_spec WHERE flavor_id = $1 AND name = $2;

-- name: flavor_access_list
-- scope: cloud: administrators only
SELECT project_id FROM compute_flavor_access WHERE flavor_id = $1 ORDER BY project_id;

-- name: flavor_access_add
-- scope: project
INSERT INTO compute_flavor_access (flavor_id, project_id) VALUES ($1, $2);

-- name: flavor_access_remove
-- scope: project
DELETE FROM compute_flavor_access WHERE flavor_id = $1 AND project_id = $2;

-- name: keypair_number
-- scope: cloud: one count for all users
SELECT COALESCE(MAX(number), 0) + 1 AS n FROM compute_keypair;

-- name: keypair_insert
-- scope: project user_id
INSERT INTO compute_keypair (id, number, user_id, name, type, fingerprint, public_key, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: keypair_by_name
-- scope: project user_id
SELECT * FROM compute_keypair WHERE user_id = $1 AND name = $2;

-- name: keypair_named
-- scope: cloud: labels of key pairs ask whether they are there still
SELECT count(*) AS n FROM compute_keypair WHERE name = $1 AND (CAST($2 AS TEXT) IS NULL OR user_id = CAST($2 AS TEXT));

-- name: keypair_list
-- scope: project user_id
SELECT * FROM compute_keypair WHERE user_id = $1 ORDER BY name;

-- name: keypair_count
-- scope: project user_id
SELECT count(*) AS n FROM compute_keypair WHERE user_id = $1;

-- name: keypair_delete
-- scope: project user_id
DELETE FROM compute_keypair WHERE user_id = $1 AND name = $2;

-- name: quota_list
-- scope: project
SELECT resource, hard_limit FROM compute_quota WHERE project_id = $1;

-- name: quota_set
-- scope: project
INSERT INTO compute_quota (project_id, resource, hard_limit) VALUES ($1, $2, $3)
ON CONFLICT (project_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit;

-- name: quota_reset
-- scope: project
DELETE FROM compute_quota WHERE project_id = $1;

-- name: usage_of
-- scope: project
SELECT instances, cores, ram_mib, disk_gib FROM compute_usage WHERE project_id = $1;

-- name: usage_add
-- scope: project
INSERT INTO compute_usage (project_id, instances, cores, ram_mib, disk_gib) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (project_id) DO UPDATE
   SET instances = compute_usage.instances + excluded.instances, cores = compute_usage.cores + excluded.cores,
       ram_mib = compute_usage.ram_mib + excluded.ram_mib, disk_gib = compute_usage.disk_gib + excluded.disk_gib;

-- name: usage_repair
-- scope: cloud: the reconciler recounts every project
UPDATE compute_usage SET
       instances = (SELECT count(*) FROM compute_server s
                     WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0),
       cores = (SELECT COALESCE(SUM(s.vcpus), 0) FROM compute_server s
                 WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0),
       ram_mib = (SELECT COALESCE(SUM(s.ram_mib), 0) FROM compute_server s
                   WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0),
       disk_gib = (SELECT COALESCE(SUM(s.disk_gib), 0) FROM compute_server s
                    WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0)
 WHERE instances <> (SELECT count(*) FROM compute_server s
                      WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0)
    OR cores <> (SELECT COALESCE(SUM(s.vcpus), 0) FROM compute_server s
                  WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0)
    OR ram_mib <> (SELECT COALESCE(SUM(s.ram_mib), 0) FROM compute_server s
                    WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0)
    OR disk_gib <> (SELECT COALESCE(SUM(s.disk_gib), 0) FROM compute_server s
                     WHERE s.project_id = compute_usage.project_id AND s.deleted_us = 0);

-- name: host_list
-- scope: cloud: hosts belong to the provider; placement and administrators read them
SELECT h.*, COALESCE(u.servers, 0) AS servers, COALESCE(u.used_ram_mib, 0) AS used_ram_mib,
       COALESCE(u.used_vcpus, 0) AS used_vcpus, COALESCE(u.used_disk_gib, 0) AS used_disk_gib
  FROM compute_host h
  LEFT JOIN (SELECT host, count(*) AS servers, SUM(ram_mib) AS used_ram_mib, SUM(vcpus) AS used_vcpus,
                    SUM(disk_gib) AS used_disk_gib
               FROM compute_server WHERE deleted_us = 0 AND host IS NOT NULL GROUP BY host) u ON u.host = h.name
 ORDER BY h.number;

-- name: host_servers
-- scope: cloud: whom work on a host concerns
SELECT id, project_id, name, host FROM compute_server WHERE host = $1 AND deleted_us = 0 ORDER BY project_id, name, id;

-- name: host_known
-- scope: cloud: hosts belong to the provider
SELECT count(*) AS n FROM compute_host WHERE name = $1;

-- name: host_boot_id
-- scope: cloud: hosts belong to the provider
SELECT boot_id FROM compute_host WHERE name = $1;

-- name: host_number
-- scope: cloud: hosts belong to the provider
SELECT COALESCE(MAX(number), 0) + 1 AS n FROM compute_host;

-- name: host_seen
-- scope: cloud: hosts belong to the provider
INSERT INTO compute_host (id, number, name, type, virt, arch, cpu_model, hypervisor_version, ram_mib, ram_free_mib, vcpus,
                          disk_gib, disk_free_gib, zone, enabled, disabled_reason, boot_id, created_us, seen_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, NULL, $15, $16, $16, 1)
ON CONFLICT (name) DO UPDATE
   SET type = excluded.type, virt = excluded.virt, arch = excluded.arch, cpu_model = excluded.cpu_model,
       hypervisor_version = excluded.hypervisor_version, ram_mib = excluded.ram_mib,
       ram_free_mib = excluded.ram_free_mib, vcpus = excluded.vcpus, disk_gib = excluded.disk_gib,
       disk_free_gib = excluded.disk_free_gib, zone = excluded.zone, boot_id = excluded.boot_id,
       seen_us = excluded.seen_us, version = compute_host.version + 1;

-- name: host_lock
-- scope: cloud: hosts belong to the provider
UPDATE compute_host SET version = version + 1 WHERE name = $1;

-- name: host_enable
-- scope: cloud: hosts belong to the provider
UPDATE compute_host SET enabled = $2, disabled_reason = $3, version = version + 1 WHERE name = $1;

-- name: host_place
-- scope: cloud: hosts belong to the provider
UPDATE compute_host SET placement_zone = $2, country = $3, version = version + 1 WHERE name = $1;

-- name: host_others
-- scope: cloud: placement must know who else is on a host
SELECT s.host, count(*) AS others, CAST(SUM(COALESCE(p.dedicated, 0)) AS BIGINT) AS dedicated
  FROM compute_server s LEFT JOIN compute_project_placement p ON p.project_id = s.project_id
 WHERE s.deleted_us = 0 AND s.host IS NOT NULL AND s.project_id <> $1 GROUP BY s.host;

-- name: project_placement_get
-- scope: project
SELECT zones, countries, dedicated FROM compute_project_placement WHERE project_id = $1;

-- name: project_placement_set
-- scope: project
INSERT INTO compute_project_placement (project_id, zones, countries, dedicated) VALUES ($1, $2, $3, $4)
ON CONFLICT (project_id) DO UPDATE
   SET zones = excluded.zones, countries = excluded.countries, dedicated = excluded.dedicated;

-- name: project_placement_clear
-- scope: project
DELETE FROM compute_project_placement WHERE project_id = $1;

-- name: refusal_add
-- scope: cloud: kept for the operator
INSERT INTO compute_refusal (server_id, host, reason, time_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (server_id, host) DO UPDATE SET reason = excluded.reason, time_us = excluded.time_us;

-- name: orphan_add
-- scope: cloud: engine objects nobody owns
INSERT INTO compute_orphan (kind, name, action, found_us) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, name) DO NOTHING;

-- name: console_token_insert
-- scope: project
INSERT INTO compute_console_token (token_hash, server_id, project_id, user_id, expires_us, auth_hash, used_us)
VALUES ($1, $2, $3, $4, $5, $6, 0);

-- name: console_token_load
-- scope: cloud: the token itself is the right
SELECT server_id, project_id, auth_hash FROM compute_console_token
 WHERE token_hash = $1 AND used_us = 0 AND expires_us > $2;

-- name: console_token_use
-- scope: cloud: the token itself is the right; single use by compare-and-set
UPDATE compute_console_token SET used_us = $2 WHERE token_hash = $1 AND used_us = 0 AND expires_us > $2;

-- name: console_token_expire
-- scope: cloud: tokens long past their time, of anybody
DELETE FROM compute_console_token WHERE expires_us < $1;
