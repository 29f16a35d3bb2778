-- SPDX-License-Identifier: Apache-2.0
-- The queue of mails. States are spelled as in mail.h.

-- name: mail_number
-- scope: cloud: mails to all share one order
UPDATE mail_head SET number = number + 1 WHERE id = 1 RETURNING number;

-- name: mail_insert
-- scope: cloud: written by domains in the transaction of a change they have checked
INSERT INTO mail (id, mail_key, number, recipient, language, template, subject, body, project_id, object_type,
                  object_id, state, attempts, resends, next_try_us, give_up_us, lease_owner, lease_until_us, error,
                  created_us, sent_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, 0, NULL, 0, $14, $13, 0)
ON CONFLICT (mail_key) DO NOTHING;

-- name: mail_known
-- scope: cloud: asked by key
SELECT count(*) AS n FROM mail WHERE mail_key = $1;

-- name: mail_by_id
-- scope: cloud: staff read the queue
SELECT id, mail_key, number, recipient, language, template, subject, body, project_id, object_type, object_id, state,
       attempts, resends, next_try_us, give_up_us, error, created_us, sent_us
  FROM mail WHERE id = $1;

-- name: mail_list
-- scope: cloud: staff read the queue
SELECT id, mail_key, number, recipient, language, template, subject, project_id, object_type, object_id, state,
       attempts, resends, next_try_us, give_up_us, error, created_us, sent_us
  FROM mail WHERE 1 = 1 {filter} {page};

-- name: mail_counts
-- scope: cloud: staff see what became of the mails about an object
SELECT project_id, CAST(COUNT(*) AS BIGINT) AS mails,
       CAST(SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS BIGINT) AS sent,
       CAST(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS BIGINT) AS failed
  FROM mail WHERE object_id = $1 AND project_id IS NOT NULL GROUP BY project_id;

-- name: mail_resend
-- scope: cloud: staff send again
UPDATE mail SET state = 'queued', attempts = 0, resends = resends + 1, next_try_us = $2, give_up_us = 0, error = NULL
 WHERE id = $1 AND state IN ('sent', 'failed');

-- name: mail_due
-- scope: cloud: the sender serves all
SELECT count(*) AS n FROM (SELECT 1 AS one FROM mail WHERE state = 'queued' AND next_try_us <= $1 LIMIT 1) AS due;

-- Whoever waited longest: mails that are tried again and again hold up no other.
-- name: mail_claim
-- scope: cloud: the sender serves all
UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_owner = $1, lease_until_us = $2
 WHERE id = (SELECT m.id FROM mail m
              WHERE m.state = 'queued' AND m.next_try_us <= $3
                AND NOT EXISTS (SELECT 1 FROM mail earlier
                                 WHERE earlier.recipient = m.recipient AND earlier.number < m.number
                                   AND earlier.state IN ('queued', 'sending'))
              ORDER BY m.next_try_us, m.number LIMIT 1)
   AND state = 'queued'
RETURNING id, mail_key, number, recipient, language, template, subject, body, project_id, object_type, object_id,
          state, attempts, resends, next_try_us, give_up_us, error, created_us, sent_us;

-- name: mail_sent
-- scope: cloud: by the sender that holds the lease
UPDATE mail SET state = 'sent', sent_us = $3, error = NULL, lease_owner = NULL, lease_until_us = 0
 WHERE id = $1 AND state = 'sending' AND lease_owner = $2;

-- name: mail_not_sent
-- scope: cloud: by the sender that holds the lease
UPDATE mail SET state = $3, error = $4, next_try_us = $5, give_up_us = $6, attempts = $7, lease_owner = NULL,
       lease_until_us = 0
 WHERE id = $1 AND state = 'sending' AND lease_owner = $2;

-- name: mail_lease_owners
-- scope: cloud: to find mails of dead processes of this host
SELECT DISTINCT lease_owner FROM mail WHERE state = 'sending' AND lease_owner IS NOT NULL;

-- name: mail_release_owner
-- scope: cloud: mails of a dead process
UPDATE mail SET state = 'queued', lease_owner = NULL, lease_until_us = 0 WHERE lease_owner = $1 AND state = 'sending';

-- name: mail_release_expired
-- scope: cloud: mails of a process of which nothing is heard
UPDATE mail SET state = 'queued', lease_owner = NULL, lease_until_us = 0 WHERE state = 'sending' AND lease_until_us < $1 AND lease_owner = $2;
