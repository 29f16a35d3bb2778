-- SPDX-License-Identifier: Apache-2.0
-- What 'akashi status' shows.

-- name: status_jobs
-- scope: cloud: for the operator of the host
SELECT state, count(*) AS n, min(created_us) AS oldest_us FROM job
 WHERE state IN ('queued', 'running', 'undoing') GROUP BY state ORDER BY state;

-- name: status_failed_jobs
-- scope: cloud: for the operator of the host
SELECT count(*) AS n FROM job WHERE state = 'failed' AND updated_us >= $1;

-- name: status_audit
-- scope: cloud: for the operator of the host
SELECT seq FROM audit_head WHERE id = 1;
