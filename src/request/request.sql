-- SPDX-License-Identifier: Apache-2.0
-- Requests. Every change of one is a compare-and-set by its version.

-- name: request_by_id
-- scope: project
SELECT * FROM request WHERE project_id = $1 AND id = $2;

-- name: request_by_id_any
-- scope: cloud: operators and the worker serve every customer's requests
SELECT * FROM request WHERE id = $1;

-- name: request_list
-- scope: project
SELECT * FROM request WHERE project_id = $1 {filter} {page};

-- name: request_list_any
-- scope: cloud: the operators' inbox
SELECT * FROM request WHERE id IS NOT NULL {filter} {page};

-- name: request_number_next
-- scope: cloud: requests of all customers share one order a year
INSERT INTO request_year (year, last) VALUES ($1, 1)
ON CONFLICT (year) DO UPDATE SET last = request_year.last + 1 RETURNING last;

-- name: request_insert
-- scope: project
INSERT INTO request (id, number, project_id, customer_name, kind, title, state, fields, created_by_id, created_by,
                     created_kind, created_role, approvals_needed, business, due_us, waiting_us, overdue, attempt, begun,
                     created_us, updated_us, ended_us, version, title_en, names, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, 0, $16, $16, 0, 1, $17, $18, 1);

-- name: request_save
-- scope: cloud: by the version of a row that was loaded under its scope
UPDATE request SET state = $3, assignee_id = $4, assignee = $5, assignee_role = $6, due_us = $7, waiting_us = $8,
       overdue = $9, result = $10, error = $11, object_type = $12, object_id = $13, secret = $14, attempt = $15,
       begun = $16, updated_us = $17, ended_us = $18, title = $19, title_en = $20, fields = $21, names = $22,
       revision = $23, version = version + 1
 WHERE id = $1 AND version = $2;

-- name: request_approval_insert
-- scope: project
INSERT INTO request_decision (id, request_id, project_id, user_id, user_name, user_role, decision, comment, revision, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: request_approval_list
-- scope: project
SELECT * FROM request_decision WHERE project_id = $1 AND request_id = $2 ORDER BY created_us, id;

-- name: request_message_insert
-- scope: project
INSERT INTO request_message (id, request_id, project_id, author_id, author_name, author_kind, author_role, text, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: request_message_list
-- scope: project
SELECT * FROM request_message WHERE project_id = $1 AND request_id = $2 ORDER BY created_us, id;

-- name: request_message_count
-- scope: project
SELECT count(*) AS n FROM request_message WHERE project_id = $1 AND request_id = $2;

-- name: request_step_insert
-- scope: project
INSERT INTO request_step (id, request_id, project_id, event, state, actor_id, actor_name, actor_kind, actor_role, form, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: request_step_list
-- scope: project
SELECT * FROM request_step WHERE project_id = $1 AND request_id = $2 ORDER BY created_us, id;

-- name: request_attachment_insert
-- scope: project
INSERT INTO request_attachment (id, request_id, project_id, name, media_type, size, sha256, author_name, author_kind,
                                author_role, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: request_attachment_list
-- scope: project
SELECT * FROM request_attachment WHERE project_id = $1 AND request_id = $2 ORDER BY created_us, id;

-- name: request_attachment_count
-- scope: project
SELECT count(*) AS n FROM request_attachment WHERE project_id = $1 AND request_id = $2;

-- name: request_attachment_size
-- scope: project
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS n FROM request_attachment WHERE project_id = $1;

-- name: request_attachment_by_id
-- scope: project
SELECT * FROM request_attachment WHERE project_id = $1 AND request_id = $2 AND id = $3;

-- name: request_attachment_known
-- scope: cloud: the sweep asks whether a file belongs to anything
SELECT count(*) AS n FROM request_attachment WHERE id = $1;

-- name: request_attachment_of_project
-- scope: project
SELECT * FROM request_attachment WHERE project_id = $1 ORDER BY id;

-- name: request_attachment_forget
-- scope: project
DELETE FROM request_attachment WHERE project_id = $1;

-- name: request_message_forget
-- scope: project
DELETE FROM request_message WHERE project_id = $1;

-- name: request_attachment_projects
-- scope: cloud: the sweep looks for customers that are gone
SELECT DISTINCT project_id FROM request_attachment;

-- name: request_message_projects
-- scope: cloud: the sweep looks for customers that are gone
SELECT DISTINCT project_id FROM request_message;

-- name: request_open_count
-- scope: project
SELECT count(*) AS n FROM request
 WHERE project_id = $1 AND state IN ('submitted', 'in_review', 'waiting_customer', 'approved', 'running', 'failed');

-- name: request_moved_before
-- scope: project
SELECT created_us FROM request_step
 WHERE project_id = $1 AND actor_kind = 'customer' AND created_us > $2 AND created_us <= $3
 ORDER BY created_us DESC LIMIT 1 OFFSET $4;

-- name: request_secrets_forget
-- scope: cloud: one-time passwords nobody has fetched
UPDATE request SET secret = NULL WHERE secret IS NOT NULL AND ended_us > 0 AND ended_us < $1;

-- name: request_running
-- scope: cloud: the worker watches what runs for every customer
SELECT * FROM request WHERE state = 'running' ORDER BY updated_us LIMIT 1000;

-- name: request_overdue
-- scope: cloud: the worker watches every customer's clocks
SELECT * FROM request
 WHERE overdue = 0 AND due_us <= $1 AND state IN ('submitted', 'in_review', 'approved', 'running', 'failed')
 ORDER BY due_us LIMIT 1000;

-- name: request_needs
-- scope: project
SELECT 'request' AS kind, id, number || ' ' || title AS title_ja, number || ' ' || title AS title_en, due_us
  FROM request WHERE project_id = $1 AND state = 'waiting_customer' ORDER BY due_us, id LIMIT 50
