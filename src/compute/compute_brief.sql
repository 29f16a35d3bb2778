-- SPDX-License-Identifier: Apache-2.0
-- What other domains may know of servers; see compute.h.

-- name: server_brief
-- scope: cloud: the caller states the project, or is the provider's own business
SELECT id, name, project_id, host, vm_state, vcpus, ram_mib, deleted_us FROM compute_server
WHERE id = $1 AND ($2 = '' OR project_id = $2);

-- name: server_briefs
-- scope: cloud: the caller states the project, or is the provider's own business
SELECT id, name, project_id, host, vm_state, vcpus, ram_mib, deleted_us FROM compute_server
WHERE deleted_us = 0 AND ($1 = '' OR project_id = $1) AND ($2 = '' OR host = $2)
ORDER BY project_id, name, id;
