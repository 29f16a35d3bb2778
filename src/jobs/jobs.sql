-- SPDX-License-Identifier: Apache-2.0
-- Jobs and schedules. States are spelled as in ak_job_state_name().

-- name: job_number
-- scope: cloud: jobs of all customers share one order
UPDATE job_head SET number = number + 1 WHERE id = 1 RETURNING number;

-- name: job_insert
-- scope: cloud: written by domains in the transaction of a change they have checked
INSERT INTO job (id, number, kind, object_id, project_id, request_id, actor_id, args, state, step, attempts,
                 run_at_us, deadline_us, lease_owner, lease_until_us, error, version, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, 0, $9, $10, NULL, 0, NULL, 1, $11, $11);

-- name: job_pending
-- scope: cloud: asked by object id
SELECT count(*) AS n FROM job WHERE object_id = $1 AND state IN ('queued', 'running', 'undoing');

-- name: job_due
-- scope: cloud: the worker serves all customers
SELECT count(*) AS n FROM (SELECT 1 AS one FROM job
 WHERE state IN ('queued', 'running', 'undoing') AND run_at_us <= $1 AND lease_until_us <= $1 LIMIT 64) AS due;

-- name: job_claim
-- scope: cloud: the worker serves all customers
UPDATE job SET state = CASE state WHEN 'queued' THEN 'running' ELSE state END,
       lease_owner = $1, lease_until_us = $2, version = version + 1, updated_us = $3
 WHERE id = (SELECT j.id FROM job j
              WHERE j.state IN ('queued', 'running', 'undoing') AND j.run_at_us <= $3 AND j.lease_until_us <= $3
                AND NOT EXISTS (SELECT 1 FROM job earlier
                                 WHERE earlier.object_id = j.object_id AND earlier.number < j.number
                                   AND earlier.state IN ('queued', 'running', 'undoing'))
              ORDER BY j.number LIMIT 1)
   AND state IN ('queued', 'running', 'undoing') AND lease_until_us <= $3
RETURNING id, kind, object_id, project_id, request_id, actor_id, args, state, step, attempts, deadline_us, error, version;

-- name: job_move
-- scope: cloud: compare-and-set by the worker that holds the lease
UPDATE job SET state = $3, step = $4, attempts = $5, run_at_us = $6, lease_owner = $7, lease_until_us = $8, error = $9,
       version = version + 1, updated_us = $10
 WHERE id = $1 AND version = $2;

-- name: job_renew
-- scope: cloud: the worker's own lease
UPDATE job SET lease_until_us = $3
 WHERE id = $1 AND lease_owner = $2 AND state IN ('running', 'undoing');

-- name: job_lease_owners
-- scope: cloud: to find leases of dead processes of this host
SELECT DISTINCT lease_owner FROM job WHERE state IN ('queued', 'running', 'undoing') AND lease_owner IS NOT NULL;

-- name: job_release_owner
-- scope: cloud: leases of a dead process
UPDATE job SET lease_until_us = 0 WHERE lease_owner = $1 AND state IN ('queued', 'running', 'undoing');

-- name: job_purge
-- scope: cloud: finished work of all customers, oldest first; what was done stays in the audit events
DELETE FROM job WHERE id IN (SELECT oldest.id FROM (SELECT id, state, updated_us FROM job ORDER BY number LIMIT 1000) AS oldest
                              WHERE oldest.state IN ('done', 'failed') AND oldest.updated_us < $1);

-- name: schedule_insert
-- scope: cloud: periodic work of the installation
INSERT INTO schedule (name, last_start_us, lease_owner, lease_until_us) VALUES ($1, 0, NULL, 0) ON CONFLICT (name) DO NOTHING;

-- name: schedule_last
-- scope: cloud: periodic work of the installation
SELECT last_start_us FROM schedule WHERE name = $1;

-- name: schedule_claim
-- scope: cloud: one worker at a time
UPDATE schedule SET last_start_us = $2, lease_owner = $3, lease_until_us = $4
 WHERE name = $1 AND (last_start_us <= $5 OR last_start_us > $2) AND lease_until_us <= $2;

-- name: schedule_renew
-- scope: cloud: the worker's own lease
UPDATE schedule SET lease_until_us = $3 WHERE name = $1 AND lease_owner = $2;

-- name: schedule_release
-- scope: cloud: after the run
UPDATE schedule SET lease_owner = NULL, lease_until_us = 0 WHERE name = $1 AND lease_owner = $2;

-- name: job_list
-- scope: cloud: filtered by what the query says; the caller's scope is its caller's business
SELECT id, number, kind, object_id, project_id, request_id, actor_id, state, step, attempts, run_at_us, error,
       created_us, updated_us
  FROM job WHERE 1 = 1 {filter} {page}
