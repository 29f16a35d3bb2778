-- SPDX-License-Identifier: Apache-2.0
-- Servers and instance actions. Every change of a server is a compare-and-set by its version.

-- name: server_by_id
-- scope: project
SELECT id, project_id, user_id, name, hostname, description, image_id, firmware, flavor_id, ram_mib, vcpus, disk_gib,
       key_name, user_data, metadata, tags, config_drive, disk_config, zone, access_ip_v4, access_ip_v6, vm_state,
       task_state, power_state, locked, host, reservation_id, launch_index, fault_code, fault_message, fault_details,
       fault_us, launched_us, terminated_us, created_us, updated_us, deleted_us, version
  FROM compute_server WHERE project_id = $1 AND id = $2;

-- name: server_by_id_any
-- scope: cloud: jobs and administrators work on any project's servers
SELECT * FROM compute_server WHERE id = $1;

-- name: server_of_image_elsewhere
-- scope: cloud: whether disks of other projects are made from an image that is going
SELECT COUNT(*) FROM compute_server WHERE image_id = $1 AND project_id <> $2 AND deleted_us = 0;

-- name: server_list
-- scope: project
SELECT id, project_id, user_id, name, hostname, description, image_id, firmware, flavor_id, ram_mib, vcpus, disk_gib,
       key_name, metadata, tags, config_drive, disk_config, zone, access_ip_v4, access_ip_v6, vm_state, task_state,
       power_state, locked, host, reservation_id, launch_index, fault_code, fault_message, fault_details, fault_us,
       launched_us, terminated_us, created_us, updated_us, deleted_us, version
  FROM compute_server WHERE project_id = $1 {filter} {page};

-- name: server_list_any
-- scope: cloud: all_tenants of administrators
SELECT id, project_id, user_id, name, hostname, description, image_id, firmware, flavor_id, ram_mib, vcpus, disk_gib,
       key_name, metadata, tags, config_drive, disk_config, zone, access_ip_v4, access_ip_v6, vm_state, task_state,
       power_state, locked, host, reservation_id, launch_index, fault_code, fault_message, fault_details, fault_us,
       launched_us, terminated_us, created_us, updated_us, deleted_us, version
  FROM compute_server WHERE id IS NOT NULL {filter} {page};

-- name: server_inventory
-- scope: cloud: the reconciler compares all servers with the engines
SELECT id, project_id, name, vm_state, task_state, power_state, host, created_us, updated_us, deleted_us, version
  FROM compute_server WHERE deleted_us = 0;

-- name: server_insert
-- scope: project
INSERT INTO compute_server (id, project_id, user_id, name, hostname, description, image_id, firmware, flavor_id, ram_mib,
                            vcpus, disk_gib, key_name, key_data, user_data, admin_pass, metadata, tags, config_drive,
                            disk_config, zone, access_ip_v4, access_ip_v6, vm_state, task_state, power_state, locked, host,
                            reservation_id, launch_index, fault_code, fault_us, launched_us, terminated_us, created_us,
                            updated_us, deleted_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
        0, 0, NULL, $26, $27, 0, 0, 0, 0, $28, $28, 0, 1);

-- name: server_move
-- scope: cloud: by the version of a row that was loaded under its scope
UPDATE compute_server SET vm_state = $3, task_state = $4, power_state = $5, updated_us = $6, version = version + 1
 WHERE id = $1 AND version = $2;

-- name: server_save
-- scope: project
UPDATE compute_server SET name = $4, description = $5, metadata = $6, tags = $7, disk_config = $8, access_ip_v4 = $9,
       access_ip_v6 = $10, locked = $11, image_id = $12, firmware = $13, admin_pass = $14, updated_us = $15,
       version = version + 1
 WHERE project_id = $1 AND id = $2 AND version = $3;

-- name: server_set_host
-- scope: cloud: by the job of the server
UPDATE compute_server SET host = $2, version = version + 1 WHERE id = $1;

-- name: server_set_flavor
-- scope: cloud: a resize of a server that was loaded under its scope, and its job
UPDATE compute_server SET flavor_id = $2, ram_mib = $3, vcpus = $4, disk_gib = $5, version = version + 1 WHERE id = $1;

-- name: server_set_launched
-- scope: cloud: by the job of the server
UPDATE compute_server SET launched_us = $2, version = version + 1 WHERE id = $1;

-- name: server_set_fault
-- scope: cloud: by the job of the server
UPDATE compute_server SET fault_code = $2, fault_message = $3, fault_details = $4, fault_us = $5, version = version + 1
 WHERE id = $1;

-- name: server_forget_password
-- scope: cloud: by the job of the server
UPDATE compute_server SET admin_pass = NULL WHERE id = $1;

-- name: server_set_deleted
-- scope: cloud: by the job of the server
UPDATE compute_server SET deleted_us = $2, terminated_us = $2, version = version + 1
 WHERE id = $1 AND deleted_us = 0;

-- name: action_insert
-- scope: project
INSERT INTO compute_action (id, server_id, project_id, request_id, user_id, action, message, start_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7);

-- name: action_list
-- scope: cloud: read after the server was found under the caller's scope
SELECT * FROM compute_action WHERE server_id = $1 ORDER BY start_us DESC, id LIMIT 1000;

-- name: action_by_request
-- scope: cloud: read after the server was found under the caller's scope
SELECT * FROM compute_action WHERE server_id = $1 AND request_id = $2 ORDER BY start_us, id LIMIT 1;

-- name: action_touch
-- scope: cloud: by the job of the server
UPDATE compute_action SET updated_us = $2, message = COALESCE($3, message) WHERE id = $1;

-- name: event_list
-- scope: cloud: read after the server was found under the caller's scope
SELECT event, start_us, finish_us, result, details FROM compute_action_event WHERE action_id = $1 ORDER BY start_us DESC, event;

-- name: event_close
-- scope: cloud: by the job of the server
UPDATE compute_action_event SET finish_us = $2, result = $3, details = $4 WHERE action_id = $1 AND finish_us = 0 AND event <> $5;

-- name: event_open
-- scope: cloud: by the job of the server
INSERT INTO compute_action_event (action_id, event, start_us, finish_us, result, details) VALUES ($1, $2, $3, 0, NULL, NULL)
ON CONFLICT (action_id, event) DO UPDATE SET finish_us = 0, result = NULL, details = NULL;
