-- SPDX-License-Identifier: Apache-2.0
-- Statements of second factors, passkeys, receipts, sessions, and the users a customer manages. All
-- are 'cloud' as in identity.sql: users are nobody's project; the services say who sees what.

-- Sessions -----------------------------------------------------------------------------------

-- Tokens made from one login are one session.
-- name: session_list
-- scope: cloud: the caller's own
SELECT * FROM (
  SELECT session_id AS id, MIN(issued_us) AS issued_us, MAX(expires_us) AS expires_us,
         MAX(source) AS source, MAX(listener) AS listener, MAX(user_agent) AS user_agent,
         MIN(methods) AS methods, MAX(CASE WHEN session_id = $3 THEN 1 ELSE 0 END) AS is_current
    FROM identity_token
   WHERE user_id = $1 AND expires_us > $2 AND session_id IS NOT NULL
   GROUP BY session_id) s
 WHERE 1 = 1 {filter} {page}

-- name: session_delete
-- scope: cloud: the caller's own
DELETE FROM identity_token WHERE user_id = $1 AND session_id = $2

-- name: session_delete_others
-- scope: cloud: the caller's own
DELETE FROM identity_token WHERE user_id = $1 AND (session_id IS NULL OR session_id <> $2)
