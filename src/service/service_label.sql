-- SPDX-License-Identifier: Apache-2.0
-- Statements of labels.

-- name: label_get
-- scope: project
SELECT id, project_id, resource_type, resource_id, classification, labels, updated_us, updated_by
  FROM service_label WHERE project_id = $1 AND resource_type = $2 AND resource_id = $3

-- name: label_put
-- scope: project
INSERT INTO service_label (id, project_id, resource_type, resource_id, classification, labels, updated_us, updated_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (project_id, resource_type, resource_id) DO UPDATE
   SET classification = excluded.classification, labels = excluded.labels, updated_us = excluded.updated_us,
       updated_by = excluded.updated_by

-- name: label_delete
-- scope: project
DELETE FROM service_label WHERE project_id = $1 AND resource_type = $2 AND resource_id = $3

-- name: label_list
-- scope: project
SELECT id, project_id, resource_type, resource_id, classification, labels, updated_us, updated_by
  FROM service_label WHERE project_id = $1 {filter} {page}

-- name: label_list_all
-- scope: cloud: the provider's staff, on the management listener
SELECT id, project_id, resource_type, resource_id, classification, labels, updated_us, updated_by
  FROM service_label WHERE 1 = 1 {filter} {page}

-- name: label_sweep_next
-- scope: cloud: labels of what is gone go too
SELECT id, project_id, resource_type, resource_id, classification, labels, updated_us, updated_by
  FROM service_label WHERE id > $1 ORDER BY id LIMIT 200

-- name: label_clear
-- scope: project
DELETE FROM service_label WHERE project_id = $1
