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

-- Lock-out by user and address -----------------------------------------------------------------

-- name: source_load
-- scope: cloud: login
SELECT failures, failed_us, succeeded_us FROM identity_source WHERE user_id = $1 AND source = $2

-- After a lock has ended, counting begins anew.
-- name: source_failed
-- scope: cloud: login
INSERT INTO identity_source (user_id, source, failures, failed_us, succeeded_us)
VALUES ($1, $2, 1, $3, 0)
ON CONFLICT (user_id, source) DO UPDATE SET failed_us = excluded.failed_us,
  failures = CASE WHEN identity_source.failures >= $5 AND identity_source.failed_us < $4 THEN 1
                  ELSE identity_source.failures + 1 END

-- name: source_succeeded
-- scope: cloud: login
INSERT INTO identity_source (user_id, source, failures, failed_us, succeeded_us)
VALUES ($1, $2, 0, 0, $3)
ON CONFLICT (user_id, source) DO UPDATE SET failures = 0, succeeded_us = excluded.succeeded_us

-- name: source_forget
-- scope: cloud: a new password: whoever was locked out may try again
UPDATE identity_source SET failures = 0 WHERE user_id = $1

-- name: source_purge
-- scope: cloud: housekeeping
DELETE FROM identity_source WHERE failed_us < $1 AND succeeded_us < $2

-- Second factors -----------------------------------------------------------------------------

-- name: factors_of_user
-- scope: cloud: login, and the user's own
SELECT (SELECT COUNT(*) FROM identity_totp WHERE user_id = $1 AND confirmed_us > 0) AS totp,
       (SELECT COUNT(*) FROM identity_passkey WHERE user_id = $1) AS passkeys,
       (SELECT COUNT(*) FROM identity_recovery_code WHERE user_id = $1) AS recovery_codes

-- name: totp_by_user
-- scope: cloud: login, and the user's own
SELECT user_id, secret, pending, pending_us, confirmed_us, last_step
  FROM identity_totp WHERE user_id = $1

-- name: totp_start
-- scope: cloud: the user's own
INSERT INTO identity_totp (user_id, secret, pending, pending_us, confirmed_us, last_step)
VALUES ($1, NULL, $2, $3, 0, 0)
ON CONFLICT (user_id) DO UPDATE SET pending = excluded.pending, pending_us = excluded.pending_us

-- name: totp_confirm
-- scope: cloud: the user's own
UPDATE identity_totp SET secret = pending, pending = NULL, confirmed_us = $3, last_step = $4
 WHERE user_id = $1 AND pending = $2

-- The step only ever grows, so that a code is used once, whoever comes first.
-- name: totp_use
-- scope: cloud: login
UPDATE identity_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2 AND confirmed_us > 0

-- name: totp_delete
-- scope: cloud: the user's own, or a reset
DELETE FROM identity_totp WHERE user_id = $1

-- name: recovery_insert
-- scope: cloud: the user's own
INSERT INTO identity_recovery_code (user_id, hash) VALUES ($1, $2)

-- name: recovery_find
-- scope: cloud: login
SELECT COUNT(*) FROM identity_recovery_code WHERE user_id = $1 AND hash = $2

-- name: recovery_use
-- scope: cloud: login
DELETE FROM identity_recovery_code WHERE user_id = $1 AND hash = $2

-- name: recovery_delete_all
-- scope: cloud: the user's own, or a reset
DELETE FROM identity_recovery_code WHERE user_id = $1

-- Receipts -----------------------------------------------------------------------------------

-- name: receipt_insert
-- scope: cloud: login
INSERT INTO identity_receipt (hash, user_id, methods, issued_us, expires_us)
VALUES ($1, $2, $3, $4, $5)

-- name: receipt_by_hash
-- scope: cloud: login
SELECT hash, user_id, methods, issued_us, expires_us FROM identity_receipt WHERE hash = $1

-- name: receipt_delete
-- scope: cloud: login: it is used once
DELETE FROM identity_receipt WHERE hash = $1

-- name: receipt_purge
-- scope: cloud: housekeeping
DELETE FROM identity_receipt WHERE expires_us <= $1

-- Users of a customer ------------------------------------------------------------------------

-- name: customer_user_count
-- scope: cloud: of a domain that was loaded with its project
SELECT COUNT(*) FROM identity_user WHERE domain_id = $1

-- 'elsewhere' counts the user's roles outside of the project.
-- name: customer_user_list
-- scope: project
SELECT * FROM (
  SELECT u.id, u.domain_id, u.name, u.email, u.enabled, u.created_us, u.last_login_us, u.must_change,
         CASE WHEN MAX(r.bit) >= 4 THEN 'manager' WHEN MAX(r.bit) >= 2 THEN 'member'
              ELSE 'reader' END AS role,
         (SELECT COUNT(*) FROM identity_totp f WHERE f.user_id = u.id AND f.confirmed_us > 0)
           AS totp,
         (SELECT COUNT(*) FROM identity_passkey k WHERE k.user_id = u.id) AS passkeys,
         (SELECT COUNT(*) FROM identity_project_role o
           WHERE o.user_id = u.id AND o.project_id <> $1)
         + (SELECT COUNT(*) FROM identity_domain_role d WHERE d.user_id = u.id) AS elsewhere
    FROM identity_project_role a
    JOIN identity_role r ON r.id = a.role_id
    JOIN identity_user u ON u.id = a.user_id
   WHERE a.project_id = $1 AND r.bit > 0
   GROUP BY u.id, u.domain_id, u.name, u.email, u.enabled, u.created_us, u.last_login_us,
            u.must_change) x
 WHERE 1 = 1 {filter} {page}

-- name: customer_user_roles_delete
-- scope: project
DELETE FROM identity_project_role WHERE user_id = $1 AND project_id = $2

-- Passkeys -----------------------------------------------------------------------------------

-- name: passkey_list
-- scope: cloud: the user's own
SELECT id, user_id, credential_id, public_key, algorithm, rp_id, name, sign_count, created_us, used_us
  FROM identity_passkey WHERE user_id = $1 {filter} {page}

-- name: passkey_by_credential
-- scope: cloud: login
SELECT id, user_id, credential_id, public_key, algorithm, rp_id, name, sign_count, created_us, used_us
  FROM identity_passkey WHERE credential_id = $1

-- name: passkey_insert
-- scope: cloud: the user's own
INSERT INTO identity_passkey (id, user_id, credential_id, public_key, algorithm, rp_id, name,
                              sign_count, created_us, used_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)

-- A counter that does not grow means that there are two of the same key; 0 means that the
-- authenticator does not count.
-- name: passkey_use
-- scope: cloud: login
UPDATE identity_passkey SET sign_count = $2, used_us = $3
 WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))

-- name: passkey_rename
-- scope: cloud: the user's own
UPDATE identity_passkey SET name = $3 WHERE user_id = $1 AND id = $2

-- name: passkey_by_id
-- scope: cloud: the user's own
SELECT id, user_id, credential_id, public_key, algorithm, rp_id, name, sign_count, created_us, used_us
  FROM identity_passkey WHERE user_id = $1 AND id = $2

-- name: passkey_delete
-- scope: cloud: the user's own
DELETE FROM identity_passkey WHERE user_id = $1 AND id = $2

-- name: passkey_delete_all
-- scope: cloud: a reset
DELETE FROM identity_passkey WHERE user_id = $1

-- name: challenge_use
-- scope: cloud: a challenge is used once
INSERT INTO identity_challenge (hash, expires_us) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: challenge_purge
-- scope: cloud: housekeeping
DELETE FROM identity_challenge WHERE expires_us <= $1
