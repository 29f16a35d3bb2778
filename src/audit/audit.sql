-- SPDX-License-Identifier: Apache-2.0
-- Audit events: appended, never changed.

-- name: audit_next
-- scope: cloud: one sequence for all
UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq;

-- name: audit_add
-- scope: project
INSERT INTO audit_event
  (seq, time_us, action, outcome, actor_id, project_id, object_type, object_id, envelope)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: audit_list
-- scope: cloud: filtered by what the query says; the caller's scope is its caller's business
SELECT seq, time_us, envelope FROM audit_event WHERE 1 = 1 {filter} {page}
