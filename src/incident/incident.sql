-- SPDX-License-Identifier: Apache-2.0
-- Incidents. A customer sees an incident through its row in incident_customer, once that is posted.

-- name: incident_next
-- scope: cloud: one sequence a year for all
INSERT INTO incident_year (year, last) VALUES ($1, 1)
ON CONFLICT (year) DO UPDATE SET last = incident_year.last + 1 RETURNING last;

-- name: incident_add
-- scope: project
INSERT INTO incident
  (id, number, title, public_title, severity, cause, state, channel, project_id, reporter_id,
   reporter_name, reporter_email, assignee_id, assignee_name, confirmed_us, notify_due_us,
   notified_us, overdue_us, resolved_us, closed_us, report, entries, created_us, updated_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0,
        $13, $13, 1);

-- name: incident_save
-- scope: cloud: by id and version of a row that was loaded under its scope
UPDATE incident SET title = $3, public_title = $4, severity = $5, cause = $6, state = $7,
  assignee_id = $8, assignee_name = $9, confirmed_us = $10, notify_due_us = $11, notified_us = $12,
  overdue_us = $13, resolved_us = $14, closed_us = $15, report = $16, entries = $17,
  updated_us = $18, told_us = $19, update_due_us = $20, update_overdue_us = $21, report_due_us = $22,
  report_overdue_us = $23, version = version + 1
WHERE id = $1 AND version = $2;

-- name: incident_list
-- scope: cloud: the provider's staff sees every incident
SELECT id, number, title, public_title, severity, cause, state, channel, project_id, reporter_id,
  reporter_name, reporter_email, assignee_id, assignee_name, confirmed_us, notify_due_us,
  notified_us, overdue_us, resolved_us, closed_us, report, entries, created_us, updated_us, version,
  told_us, update_due_us, update_overdue_us, report_due_us, report_overdue_us, 0 AS mine, CASE WHEN overdue_us > 0 THEN 1 ELSE 0 END AS overdue
FROM incident WHERE 1 = 1 {filter} {page};

-- name: incident_list_own
-- scope: project
SELECT * FROM (
  SELECT i.id, i.number,
    CASE WHEN c.reporter = 1 THEN i.title ELSE COALESCE(i.public_title, i.number) END AS title,
    i.public_title, i.severity, i.cause, i.state, i.channel, c.project_id AS project_id,
    NULL AS reporter_id,
    CASE WHEN c.reporter = 1 THEN i.reporter_name ELSE '' END
      AS reporter_name,
    NULL AS reporter_email, NULL AS assignee_id, NULL AS assignee_name, i.confirmed_us,
    c.notify_due_us, c.notified_us, i.overdue_us, i.resolved_us, i.closed_us, i.report, i.entries,
    i.created_us, i.updated_us, i.version, i.told_us, i.update_due_us, i.update_overdue_us,
    i.report_due_us, i.report_overdue_us, c.reporter AS mine,
    CASE WHEN i.overdue_us > 0 THEN 1 ELSE 0 END AS overdue
  FROM incident_customer c JOIN incident i ON i.id = c.incident_id
  WHERE c.project_id = $1 AND c.posted_us > 0) AS seen
WHERE 1 = 1 {filter} {page};

-- name: incident_count_open
-- scope: project
SELECT COUNT(*) FROM incident_customer c JOIN incident i ON i.id = c.incident_id
WHERE c.project_id = $1 AND c.posted_us > 0 AND i.state <> 'closed';

-- name: incident_overdue
-- scope: cloud: the clocks of all incidents
SELECT id, number, title, public_title, severity, cause, state, channel, project_id, reporter_id,
  reporter_name, reporter_email, assignee_id, assignee_name, confirmed_us, notify_due_us,
  notified_us, overdue_us, resolved_us, closed_us, report, entries, created_us, updated_us, version,
  told_us, update_due_us, update_overdue_us, report_due_us, report_overdue_us
FROM incident WHERE (notify_due_us > 0 AND notify_due_us <= $1 AND overdue_us = 0)
  OR (update_due_us > 0 AND update_due_us <= $1 AND update_overdue_us = 0)
  OR (report_due_us > 0 AND report_due_us <= $1 AND report_overdue_us = 0)
ORDER BY id LIMIT 1000;

-- name: incident_entry_add
-- scope: project
INSERT INTO incident_entry
  (incident_id, number, at_us, kind, visibility, project_id, text, author_id, author_name,
   author_kind)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: incident_entries
-- scope: cloud: the provider's staff sees the whole timeline
SELECT number, at_us, kind, visibility, project_id, text, author_id, author_name, author_kind
FROM incident_entry WHERE incident_id = $1 ORDER BY number;

-- name: incident_entries_own
-- scope: project
SELECT number, at_us, kind, visibility, project_id, text, NULL AS author_id, author_name,
  author_kind
FROM incident_entry
WHERE incident_id = $1 AND visibility = 'customer' AND (project_id = $2 OR project_id IS NULL)
ORDER BY number;

-- name: incident_customers
-- scope: cloud: the provider's staff sees who is touched
SELECT project_id, reporter, affected, posted_us, notify_due_us, notified_us
FROM incident_customer WHERE incident_id = $1 ORDER BY project_id;

-- name: incident_customer_put
-- scope: project
INSERT INTO incident_customer
  (incident_id, project_id, reporter, affected, posted_us, notify_due_us, notified_us)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (incident_id, project_id) DO UPDATE SET reporter = excluded.reporter,
  affected = excluded.affected, posted_us = excluded.posted_us,
  notify_due_us = excluded.notify_due_us, notified_us = excluded.notified_us;

-- name: incident_customers_clear
-- scope: cloud: what staff named before is named anew
UPDATE incident_customer SET affected = 0 WHERE incident_id = $1;

-- name: incident_servers
-- scope: cloud: the provider's staff sees every affected server
SELECT project_id, server_id, server_name, host FROM incident_server WHERE incident_id = $1
ORDER BY project_id, server_name, server_id;

-- name: incident_servers_own
-- scope: project
SELECT project_id, server_id, server_name, NULL AS host FROM incident_server
WHERE incident_id = $1 AND project_id = $2 ORDER BY server_name, server_id;

-- name: incident_server_put
-- scope: project
INSERT INTO incident_server (incident_id, project_id, server_id, server_name, host)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (incident_id, server_id) DO NOTHING;

-- name: incident_servers_clear
-- scope: cloud: what staff named before is named anew
DELETE FROM incident_server WHERE incident_id = $1;

-- name: incident_mail
-- scope: cloud: which mails were taken is the provider's business
SELECT incident_id FROM incident_mail WHERE message_id = $1;

-- name: incident_mail_add
-- scope: cloud: which mails were taken is the provider's business
INSERT INTO incident_mail (message_id, incident_id, sender, received_us, answered)
VALUES ($1, $2, $3, $4, $5);

-- name: incident_answers
-- scope: cloud: which mails were taken is the provider's business
SELECT COUNT(*) FROM incident_mail WHERE sender = $1 AND received_us > $2 AND answered = 1;

-- name: incident_number
-- scope: cloud: of a mail that was taken
SELECT number FROM incident WHERE id = $1;

-- name: incident_file_add
-- scope: project
INSERT INTO incident_file
  (id, incident_id, project_id, visibility, entry, name, media_type, size, sha256, author_name,
   author_kind, created_us, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: incident_files
-- scope: cloud: the provider's staff sees every file
SELECT id, project_id, visibility, entry, name, media_type, size, sha256, author_name, author_kind,
  created_us, NULL AS data
FROM incident_file WHERE incident_id = $1 ORDER BY entry, created_us, id;

-- name: incident_files_own
-- scope: project
SELECT id, project_id, visibility, entry, name, media_type, size, sha256, author_name, author_kind,
  created_us, NULL AS data
FROM incident_file
WHERE incident_id = $1 AND visibility = 'customer' AND (project_id = $2 OR project_id IS NULL)
ORDER BY entry, created_us, id;

-- name: incident_file
-- scope: cloud: the provider's staff sees every file
SELECT id, project_id, visibility, entry, name, media_type, size, sha256, author_name, author_kind,
  created_us, data
FROM incident_file WHERE incident_id = $1 AND id = $2;

-- name: incident_file_own
-- scope: project
SELECT id, project_id, visibility, entry, name, media_type, size, sha256, author_name, author_kind,
  created_us, data
FROM incident_file
WHERE incident_id = $1 AND id = $2 AND visibility = 'customer' AND (project_id = $3 OR project_id IS NULL);

-- name: incident_files_count
-- scope: cloud: also the provider's own, whose project_id is NULL
SELECT COUNT(*) FROM incident_file WHERE incident_id = $1 AND COALESCE(project_id, '') = $2;

-- name: incident_files_size
-- scope: cloud: also the provider's own, whose project_id is NULL
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM incident_file
WHERE incident_id = $1 AND COALESCE(project_id, '') = $2;

-- name: incident_files_room
-- scope: project
SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM incident_file WHERE project_id = $1;

-- name: incident_file_projects
-- scope: cloud: the sweep looks for customers that are gone
SELECT DISTINCT project_id FROM incident_file WHERE project_id IS NOT NULL;

-- name: incident_files_forget
-- scope: project
DELETE FROM incident_file WHERE project_id = $1;

-- name: incident_written_before
-- scope: project
SELECT at_us FROM incident_entry
WHERE project_id = $1 AND author_kind = 'customer' AND at_us > $2 AND at_us <= $3
ORDER BY at_us DESC LIMIT 1 OFFSET $4;

-- name: incident_count_reported
-- scope: cloud: also of nobody known, whose project_id is NULL
SELECT COUNT(*) FROM incident
WHERE COALESCE(project_id, '') = $1 AND channel <> 'operator' AND state <> 'closed';
