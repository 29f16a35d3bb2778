-- SPDX-License-Identifier: Apache-2.0
-- Notices, their recipients, the calendar feed. States are spelled as in notice_service.c.

-- name: notice_number
-- scope: cloud: notices of a year share one order
INSERT INTO notice_counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = notice_counter.value + 1 RETURNING value;

-- name: notice_insert
-- scope: cloud: written by operators
INSERT INTO notice (id, number, kind, emergency, title_ja, title_en, body_ja, body_en, impact, state, starts_us, ends_us,
                    hosts, classes, project_ids, everyone, needs_ack, lead_ok, follow_up_of, report_due_us, reported_by,
                    reason, created_by, published_by, published_us, finished_us, version, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10, $11, $12, $13, $14, $15, $16, 0, $17, 0, NULL, NULL, $18, NULL,
        0, 0, 1, $19, $19);

-- name: notice_update
-- scope: cloud: by operators; compare-and-set
UPDATE notice SET kind = $3, emergency = $4, title_ja = $5, title_en = $6, body_ja = $7, body_en = $8, impact = $9,
       starts_us = $10, ends_us = $11, hosts = $12, classes = $13, project_ids = $14, everyone = $15, needs_ack = $16,
       follow_up_of = $17, lead_ok = $18, version = version + 1, updated_us = $19
 WHERE id = $1 AND version = $2;

-- name: notice_move
-- scope: cloud: by operators; compare-and-set
UPDATE notice SET state = $3, lead_ok = $4, report_due_us = $5, published_by = $6, published_us = $7, finished_us = $8,
       reason = $9, version = version + 1, updated_us = $10
 WHERE id = $1 AND version = $2;

-- name: notice_reported
-- scope: cloud: by operators; the later notice of an emergency
UPDATE notice SET reported_by = $2 WHERE id = $1 AND reported_by IS NULL;

-- name: notice_by_id
-- scope: cloud: staff
SELECT * FROM notice WHERE id = $1;

-- name: notice_list
-- scope: cloud: staff
SELECT * FROM notice WHERE 1 = 1 {filter} {page};

-- name: notice_open
-- scope: cloud: the schedule looks for those who are concerned since
SELECT * FROM notice WHERE state IN ('published', 'running') AND (ends_us = 0 OR ends_us > $1) ORDER BY created_us, id;

-- name: notice_of_project
-- scope: project
SELECT n.*, r.acknowledged_us, r.acknowledged_name, r.needs_ack AS wanted_ack
  FROM notice n JOIN notice_recipient r ON r.notice_id = n.id WHERE r.project_id = $1 AND n.id = $2;

-- name: notice_list_of_project
-- scope: project
SELECT * FROM (SELECT r.notice_id AS id, r.created_us, n.number, n.kind, n.emergency, n.title_ja, n.title_en, n.body_ja,
                      n.body_en, n.impact, n.state, n.starts_us, n.ends_us, n.hosts, n.classes, n.project_ids, n.everyone,
                      n.needs_ack, n.lead_ok, n.follow_up_of, n.report_due_us, n.reported_by, n.reason, n.created_by,
                      n.published_by, n.published_us, n.finished_us, n.version, n.updated_us, r.acknowledged_us,
                      r.acknowledged_name, r.needs_ack AS wanted_ack
                 FROM notice_recipient r JOIN notice n ON n.id = r.notice_id WHERE r.project_id = $1) x
 WHERE 1 = 1 {filter} {page};

-- name: recipient_add
-- scope: project
INSERT INTO notice_recipient (notice_id, project_id, contract_id, customer_name, class_name, needs_ack, added_us,
                              acknowledged_us, acknowledged_by, acknowledged_name, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL, NULL, (SELECT n.created_us FROM notice n WHERE n.id = $1)) ON CONFLICT (notice_id, project_id) DO NOTHING;

-- name: recipient_list
-- scope: cloud: staff see whom a notice concerns
SELECT * FROM notice_recipient WHERE notice_id = $1 ORDER BY customer_name, project_id;

-- name: recipient_acknowledge
-- scope: project
UPDATE notice_recipient SET acknowledged_us = $3, acknowledged_by = $4, acknowledged_name = $5
 WHERE notice_id = $1 AND project_id = $2 AND acknowledged_us = 0;

-- name: server_add
-- scope: project
INSERT INTO notice_server (notice_id, server_id, project_id, name, host, added_us) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (notice_id, server_id) DO NOTHING;

-- name: server_list
-- scope: cloud: staff see whom a notice concerns
SELECT server_id, project_id, name, host FROM notice_server WHERE notice_id = $1 ORDER BY project_id, name, server_id;

-- name: server_list_of_project
-- scope: project
SELECT server_id, project_id, name, host FROM notice_server WHERE notice_id = $1 AND project_id = $2
 ORDER BY name, server_id;

-- name: feed_set
-- scope: project
INSERT INTO notice_feed (user_id, project_id, token_hash, created_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, project_id) DO UPDATE SET token_hash = excluded.token_hash, created_us = excluded.created_us;

-- name: feed_get
-- scope: project
SELECT user_id, project_id, created_us FROM notice_feed WHERE user_id = $1 AND project_id = $2;

-- name: feed_remove
-- scope: project
DELETE FROM notice_feed WHERE user_id = $1 AND project_id = $2;

-- name: feed_by_token
-- scope: cloud: the secret of the address says whose it is
SELECT user_id, project_id, created_us FROM notice_feed WHERE token_hash = $1;

-- name: feed_notices
-- scope: project
SELECT n.*, r.acknowledged_us, r.acknowledged_name, r.needs_ack AS wanted_ack
  FROM notice n JOIN notice_recipient r ON r.notice_id = n.id
 WHERE r.project_id = $1 AND n.starts_us > $2 AND n.state <> 'draft' ORDER BY n.starts_us, n.id LIMIT 500;

-- name: notice_overdue
-- scope: cloud: operators are reminded of what they owe
SELECT * FROM notice WHERE report_due_us > 0 AND report_due_us <= $1 AND reported_by IS NULL ORDER BY number;

-- name: notice_over
-- scope: cloud: what only informs ends by itself
SELECT * FROM notice
 WHERE state = 'published'
   AND ((kind = 'information' AND ends_us > 0 AND ends_us <= $1)
     OR (kind = 'information' AND ends_us = 0 AND published_us <= $2 AND starts_us <= $2)
     OR (kind = 'service_change' AND ends_us > 0 AND ends_us <= $1)
     OR (kind = 'service_change' AND ends_us = 0 AND starts_us <= $1))
 ORDER BY created_us, id LIMIT 1000;

-- name: notice_soon
-- scope: cloud: the schedule reminds whom work concerns
SELECT * FROM notice
 WHERE state = 'published' AND kind IN ('maintenance', 'change') AND starts_us > $1 AND starts_us <= $2
   AND published_us < starts_us - $3
 ORDER BY starts_us, id;

-- name: notice_unread
-- scope: project
SELECT COUNT(*) FROM notice_recipient r JOIN notice n ON n.id = r.notice_id
 WHERE r.project_id = $1 AND r.acknowledged_us = 0 AND n.state IN ('published', 'running');

-- name: notice_needs
-- scope: project
SELECT 'notice' AS kind, n.id, n.number || ' ' || n.title_ja AS title_ja,
       n.number || ' ' || n.title_en AS title_en, n.starts_us AS due_us
  FROM notice_recipient r JOIN notice n ON n.id = r.notice_id
 WHERE r.project_id = $1 AND r.needs_ack = 1 AND r.acknowledged_us = 0
   AND n.state IN ('published', 'running')
 ORDER BY n.starts_us, n.id LIMIT 50;
