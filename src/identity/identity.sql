-- SPDX-License-Identifier: Apache-2.0
-- Statements of identity. Nothing here belongs to one customer's project: identity is what decides
-- who may enter a project, so every scope is 'cloud' with its reason, and the routes' policies and
-- identity_*_service.c say who sees what.

-- Tokens -------------------------------------------------------------------------------------

-- The hot path: who calls, and with what rights now. A row means a valid token: nothing expired,
-- nothing disabled. The bits of the roles are added up, and 65536 for each role, so that one that is a
-- name only counts as a role too.
-- name: token_principal
-- scope: cloud: finds out the project of the caller
SELECT t.hash, t.user_id, u.name AS user_name, u.domain_id AS user_domain_id, t.project_id,
       p.name AS project_name, t.domain_id, t.expires_us, t.app_credential_id,
       COALESCE(p.cloud_admin, 0) AS cloud_admin, p.sources,
       (SELECT CAST(SUM(b.bit) AS BIGINT) FROM
          (SELECT DISTINCT r.bit FROM identity_timed_role g JOIN identity_role r ON r.id = g.role_id
            WHERE g.user_id = t.user_id AND g.project_id = t.project_id AND g.starts_us <= $2
              AND g.expires_us > $2) AS b) AS timed_bits,
       (SELECT MIN(CASE WHEN g.starts_us > $2 THEN g.starts_us ELSE g.expires_us END)
          FROM identity_timed_role g
         WHERE g.user_id = t.user_id AND g.project_id = t.project_id
           AND g.expires_us > $2) AS timed_change_us,
       t.session_id, t.proved_us, u.must_change, u.mfa_exempt,
       (SELECT COUNT(*) FROM identity_totp f WHERE f.user_id = t.user_id AND f.confirmed_us > 0)
         AS totp,
       (SELECT COUNT(*) FROM identity_passkey k WHERE k.user_id = t.user_id) AS passkeys,
       (SELECT COUNT(*) FROM identity_project_role a
          JOIN identity_role r ON r.id = a.role_id
          JOIN identity_project sp ON sp.id = a.project_id
         WHERE a.user_id = t.user_id AND sp.cloud_admin = 1 AND r.bit >= 8)
       + (SELECT COUNT(*) FROM identity_timed_role g
            JOIN identity_role r ON r.id = g.role_id
            JOIN identity_project sp ON sp.id = g.project_id
           WHERE g.user_id = t.user_id AND sp.cloud_admin = 1 AND r.bit >= 8
             AND g.expires_us > $2) AS staff,
       (SELECT CAST(SUM(r.bit + 65536) AS BIGINT) FROM identity_project_role a
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.user_id = t.user_id AND a.project_id = t.project_id) AS project_bits,
       (SELECT CAST(SUM(r.bit + 65536) AS BIGINT) FROM identity_domain_role a
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.user_id = t.user_id AND a.domain_id = t.domain_id) AS domain_bits,
       (SELECT CAST(SUM(r.bit + 65536) AS BIGINT) FROM identity_app_credential_role a
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.app_credential_id = t.app_credential_id) AS app_credential_bits,
       (SELECT MAX(v.class_name) FROM identity_project_verb v WHERE v.project_id = t.project_id)
         AS class_name,
       (SELECT CAST(SUM(v.bits) AS BIGINT) FROM identity_project_verb v
         WHERE v.project_id = t.project_id) AS class_bits
  FROM identity_token t
  JOIN identity_user u ON u.id = t.user_id
  JOIN identity_domain ud ON ud.id = u.domain_id
  LEFT JOIN identity_project p ON p.id = t.project_id
  LEFT JOIN identity_domain pd ON pd.id = p.domain_id
  LEFT JOIN identity_domain sd ON sd.id = t.domain_id
 WHERE t.hash = $1 AND t.expires_us > $2 AND u.enabled = 1 AND ud.enabled = 1
   AND (t.project_id IS NULL OR (p.enabled = 1 AND pd.enabled = 1))
   AND (t.domain_id IS NULL OR sd.enabled = 1)

-- name: project_verb_consent
-- scope: project
UPDATE identity_project_verb SET mode = $3, bits = $4
 WHERE project_id = $1 AND verb = $2 AND mode = $5

-- name: project_verb_delete
-- scope: project
DELETE FROM identity_project_verb WHERE project_id = $1

-- name: project_verb_insert
-- scope: project
INSERT INTO identity_project_verb (project_id, verb, mode, bits, class_name)
VALUES ($1, $2, $3, $4, $5)

-- name: project_limit_get
-- scope: project
SELECT value FROM identity_project_limit WHERE project_id = $1 AND name = $2

-- name: project_limit_set
-- scope: project
INSERT INTO identity_project_limit (project_id, name, value) VALUES ($1, $2, $3)
ON CONFLICT (project_id, name) DO UPDATE SET value = EXCLUDED.value

-- name: project_limit_clear
-- scope: project
DELETE FROM identity_project_limit WHERE project_id = $1

-- name: version_get
-- scope: cloud: whether what is remembered of tokens is still true
SELECT version FROM identity_version WHERE id = 1

-- name: version_bump
-- scope: cloud: something that tokens depend on has changed
UPDATE identity_version SET version = version + 1 WHERE id = 1

-- name: token_by_hash
-- scope: cloud: the holder of a token asks about it
SELECT t.hash, t.user_id, t.project_id, t.domain_id, t.app_credential_id, t.methods, t.audit_ids,
       t.issued_us, t.expires_us, u.name AS user_name, u.domain_id AS user_domain_id,
       ud.name AS user_domain_name, u.password_expires_us, p.name AS project_name,
       p.domain_id AS project_domain_id, pd.name AS project_domain_name, sd.name AS domain_name,
       ac.name AS app_credential_name, ac.unrestricted AS app_credential_unrestricted, t.proved_us,
       (SELECT CAST(SUM(r.bit + 65536) AS BIGINT) FROM identity_project_role a
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.user_id = t.user_id AND a.project_id = t.project_id) AS project_bits,
       (SELECT CAST(SUM(r.bit + 65536) AS BIGINT) FROM identity_domain_role a
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.user_id = t.user_id AND a.domain_id = t.domain_id) AS domain_bits
  FROM identity_token t
  JOIN identity_user u ON u.id = t.user_id
  JOIN identity_domain ud ON ud.id = u.domain_id
  LEFT JOIN identity_project p ON p.id = t.project_id
  LEFT JOIN identity_domain pd ON pd.id = p.domain_id
  LEFT JOIN identity_domain sd ON sd.id = t.domain_id
  LEFT JOIN identity_app_credential ac ON ac.id = t.app_credential_id
 WHERE t.hash = $1

-- name: token_insert
-- scope: cloud: login
INSERT INTO identity_token (hash, user_id, project_id, domain_id, app_credential_id, methods,
                            audit_ids, issued_us, expires_us, session_id, source, listener,
                            user_agent, proved_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: token_delete
-- scope: cloud: logout
DELETE FROM identity_token WHERE hash = $1

-- name: token_delete_by_user
-- scope: cloud: a user was disabled or has a new password
DELETE FROM identity_token WHERE user_id = $1

-- name: token_delete_by_project
-- scope: cloud: a project was disabled
DELETE FROM identity_token WHERE project_id = $1

-- name: token_delete_by_domain
-- scope: cloud: a domain was disabled
DELETE FROM identity_token
 WHERE domain_id = $1
    OR user_id IN (SELECT id FROM identity_user WHERE domain_id = $1)
    OR project_id IN (SELECT id FROM identity_project WHERE domain_id = $1)

-- name: token_delete_by_grant
-- scope: cloud: a role was taken from a user on a project or domain
DELETE FROM identity_token WHERE user_id = $1 AND (project_id = $2 OR domain_id = $2)

-- name: token_purge
-- scope: cloud: housekeeping
DELETE FROM identity_token WHERE expires_us <= $1

-- Domains ------------------------------------------------------------------------------------

-- name: domain_list
-- scope: cloud: domains are the operator's
SELECT id, name, description, enabled, '{}' AS options FROM identity_domain WHERE 1 = 1 {filter} {page}

-- name: domain_by_id
-- scope: cloud: domains are the operator's
SELECT id, name, description, enabled, '{}' AS options FROM identity_domain WHERE id = $1

-- name: domain_by_name
-- scope: cloud: login by domain name
SELECT id, name, description, enabled, '{}' AS options FROM identity_domain WHERE name = $1

-- name: domain_list_of_user
-- scope: cloud: the domains a user has a role on
SELECT id, name, description, enabled, '{}' AS options FROM identity_domain
 WHERE id IN (SELECT domain_id FROM identity_domain_role WHERE user_id = $1) {filter} {page}

-- name: domain_insert
-- scope: cloud: operator
INSERT INTO identity_domain (id, name, description, enabled, created_us)
VALUES ($1, $2, $3, $4, $5)

-- name: domain_update
-- scope: cloud: operator
UPDATE identity_domain SET name = $2, description = $3, enabled = $4 WHERE id = $1

-- name: domain_delete
-- scope: cloud: operator
DELETE FROM identity_domain WHERE id = $1

-- name: domain_members
-- scope: cloud: a domain with users or projects is not deleted
SELECT (SELECT COUNT(*) FROM identity_user WHERE domain_id = $1)
     + (SELECT COUNT(*) FROM identity_project WHERE domain_id = $1)

-- name: domain_set_customer
-- scope: cloud: a contract is activated, or changed
UPDATE identity_domain SET customer_language = $2 WHERE id = $1

-- Projects of customers: of the domain, by id, and those the user has to do with.
-- name: customers_of
-- scope: cloud: whether what an administrator changes is a customer's
SELECT p.id AS project_id, d.name AS number, d.customer_language AS language
  FROM identity_project p JOIN identity_domain d ON d.id = p.domain_id
 WHERE d.customer_language IS NOT NULL
   AND (p.domain_id = $1 OR p.id = $2
        OR EXISTS (SELECT 1 FROM identity_user u WHERE u.id = $3 AND u.domain_id = p.domain_id)
        OR EXISTS (SELECT 1 FROM identity_project_role a WHERE a.user_id = $3 AND a.project_id = p.id))
 ORDER BY p.id

-- name: customer_managers
-- scope: project
SELECT DISTINCT u.id, u.email, u.language
  FROM identity_project_role a
  JOIN identity_role r ON r.id = a.role_id
  JOIN identity_user u ON u.id = a.user_id
 WHERE a.project_id = $1 AND r.bit = 4 AND u.enabled = 1 AND u.email IS NOT NULL
 ORDER BY u.id

-- Projects -----------------------------------------------------------------------------------

-- name: project_list
-- scope: cloud: projects are the operator's
SELECT * FROM (
  SELECT id, domain_id, domain_id AS parent_id, name, description, enabled, tags,
         0 AS is_domain, cloud_admin, '{}' AS options
    FROM identity_project) p
 WHERE 1 = 1 {filter} {page}

-- name: project_by_id
-- scope: cloud: the service decides who sees it
SELECT id, domain_id, domain_id AS parent_id, name, description, enabled, tags, 0 AS is_domain,
       cloud_admin, '{}' AS options
  FROM identity_project WHERE id = $1

-- name: project_by_name
-- scope: cloud: login by project name
SELECT id, domain_id, domain_id AS parent_id, name, description, enabled, tags, 0 AS is_domain,
       cloud_admin, '{}' AS options
  FROM identity_project WHERE domain_id = $1 AND name = $2

-- name: project_list_of_user
-- scope: cloud: the projects a user has a role in
SELECT * FROM (
  SELECT id, domain_id, domain_id AS parent_id, name, description, enabled, tags,
         0 AS is_domain, cloud_admin, '{}' AS options
    FROM identity_project
   WHERE id IN (SELECT project_id FROM identity_project_role WHERE user_id = $1)) p
 WHERE 1 = 1 {filter} {page}

-- name: project_insert
-- scope: cloud: operator
INSERT INTO identity_project (id, domain_id, name, description, enabled, tags, cloud_admin,
                              created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: project_update
-- scope: cloud: operator
UPDATE identity_project SET name = $2, description = $3, enabled = $4, tags = $5 WHERE id = $1

-- name: project_delete
-- scope: cloud: operator
DELETE FROM identity_project WHERE id = $1

-- Users --------------------------------------------------------------------------------------

-- name: user_list
-- scope: cloud: users are the operator's
SELECT id, domain_id, name, description, email, enabled, default_project_id, options,
       password_expires_us
  FROM identity_user WHERE 1 = 1 {filter} {page}

-- name: user_by_id
-- scope: cloud: login, and the service decides who sees it
SELECT id, domain_id, name, description, email, enabled, default_project_id, options,
       password_expires_us, password_hash, password_changed_us, failures, failed_us, must_change, language,
       (SELECT d.enabled FROM identity_domain d WHERE d.id = domain_id) AS domain_enabled
  FROM identity_user WHERE id = $1

-- name: user_by_name
-- scope: cloud: login by name
SELECT id, domain_id, name, description, email, enabled, default_project_id, options,
       password_expires_us, password_hash, password_changed_us, failures, failed_us, must_change, language,
       (SELECT d.enabled FROM identity_domain d WHERE d.id = domain_id) AS domain_enabled
  FROM identity_user WHERE domain_id = $1 AND name = $2

-- name: user_by_domain_name
-- scope: cloud: login by name and domain name
SELECT u.id, u.domain_id, u.name, u.description, u.email, u.enabled, u.default_project_id,
       u.options, u.password_expires_us, u.password_hash, u.password_changed_us, u.failures,
       u.failed_us, u.must_change, u.language, d.enabled AS domain_enabled
  FROM identity_user u JOIN identity_domain d ON d.id = u.domain_id
 WHERE d.name = $1 AND u.name = $2

-- name: user_insert
-- scope: cloud: operator
INSERT INTO identity_user (id, domain_id, name, description, email, enabled, default_project_id,
                           options, password_hash, password_changed_us, password_expires_us,
                           failures, failed_us, created_us, entrusted_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $10, $10)

-- name: user_update
-- scope: cloud: operator
UPDATE identity_user SET name = $2, description = $3, email = $4, enabled = $5,
       default_project_id = $6, options = $7
 WHERE id = $1

-- name: user_set_password
-- scope: cloud: the user or the operator
UPDATE identity_user SET password_hash = $2, password_changed_us = $3, password_expires_us = $4,
       must_change = $5, failures = 0, failed_us = 0
 WHERE id = $1

-- name: user_count_failure
-- scope: cloud: lock-out; after a pause as long as a lock, counting begins anew
UPDATE identity_user
   SET failures = CASE WHEN failed_us < $3 THEN 1 ELSE failures + 1 END, failed_us = $2
 WHERE id = $1

-- name: user_logged_in
-- scope: cloud: login
UPDATE identity_user SET last_login_us = $2 WHERE id = $1

-- name: user_set_language
-- scope: cloud: the user itself
UPDATE identity_user SET language = $2 WHERE id = $1

-- name: user_exempt
-- scope: cloud: bootstrap and the operator's command
UPDATE identity_user SET mfa_exempt = $2 WHERE id = $1

-- name: user_delete
-- scope: cloud: operator
DELETE FROM identity_user WHERE id = $1

-- name: user_is_cloud_admin
-- scope: cloud: such users enter by the management listener only
SELECT (SELECT COUNT(*) FROM identity_project_role a
          JOIN identity_project p ON p.id = a.project_id
          JOIN identity_role r ON r.id = a.role_id
         WHERE a.user_id = $1 AND p.cloud_admin = 1 AND r.bit >= 8)
     + (SELECT COUNT(*) FROM identity_timed_role g
          JOIN identity_project p ON p.id = g.project_id
          JOIN identity_role r ON r.id = g.role_id
         WHERE g.user_id = $1 AND p.cloud_admin = 1 AND r.bit >= 8 AND g.expires_us > $2)

-- name: password_list
-- scope: cloud: the rule about earlier passwords
SELECT hash FROM identity_password WHERE user_id = $1 ORDER BY created_us DESC, id DESC LIMIT $2

-- name: password_insert
-- scope: cloud: the rule about earlier passwords
INSERT INTO identity_password (id, user_id, hash, created_us) VALUES ($1, $2, $3, $4)

-- name: password_trim
-- scope: cloud: older ones than the rule needs
DELETE FROM identity_password
 WHERE user_id = $1
   AND id NOT IN (SELECT id FROM identity_password WHERE user_id = $1
                   ORDER BY created_us DESC, id DESC LIMIT $2)

-- Roles and assignments ----------------------------------------------------------------------

-- name: role_list
-- scope: cloud: roles are the same for all
SELECT id, name, description, bit, '{}' AS options FROM identity_role WHERE 1 = 1 {filter} {page}

-- name: role_all
-- scope: cloud: roles are the same for all
SELECT id, name, description, bit, '{}' AS options FROM identity_role ORDER BY name

-- name: role_by_id
-- scope: cloud: roles are the same for all
SELECT id, name, description, bit, '{}' AS options FROM identity_role WHERE id = $1

-- name: role_by_name
-- scope: cloud: roles are the same for all
SELECT id, name, description, bit, '{}' AS options FROM identity_role WHERE name = $1

-- name: role_insert
-- scope: cloud: operator
INSERT INTO identity_role (id, name, description, bit, created_us) VALUES ($1, $2, $3, $4, $5)

-- name: role_update
-- scope: cloud: operator
UPDATE identity_role SET name = $2, description = $3 WHERE id = $1

-- name: role_delete
-- scope: cloud: operator
DELETE FROM identity_role WHERE id = $1

-- name: project_role_ids
-- scope: cloud: the roles of one user in one project
SELECT r.id, r.name, r.description, r.bit, '{}' AS options FROM identity_project_role a
  JOIN identity_role r ON r.id = a.role_id
 WHERE a.user_id = $1 AND a.project_id = $2 ORDER BY r.name

-- name: domain_role_ids
-- scope: cloud: the roles of one user on one domain
SELECT r.id, r.name, r.description, r.bit, '{}' AS options FROM identity_domain_role a
  JOIN identity_role r ON r.id = a.role_id
 WHERE a.user_id = $1 AND a.domain_id = $2 ORDER BY r.name

-- name: project_role_count
-- scope: cloud: whether a user named by a request is one of the customer
SELECT count(*) AS n FROM identity_project_role WHERE project_id = $1 AND user_id = $2

-- name: project_manager_count
-- scope: cloud: managers of a customer, that one ($3 = 1) or the others
SELECT count(*) AS n FROM identity_project_role a JOIN identity_role r ON r.id = a.role_id
  JOIN identity_user u ON u.id = a.user_id
 WHERE a.project_id = $1 AND r.name = 'manager' AND u.enabled = 1
   AND (($3 = 1 AND a.user_id = $2) OR ($3 = 0 AND a.user_id <> $2))

-- name: project_role_elsewhere
-- scope: cloud: whether a user of a customer has other projects
SELECT count(*) AS n FROM identity_project_role WHERE project_id <> $1 AND user_id = $2

-- name: project_role_forget
-- scope: cloud: a user leaves a customer
DELETE FROM identity_project_role WHERE project_id = $1 AND user_id = $2

-- name: project_role_insert
-- scope: cloud: operator
INSERT INTO identity_project_role (user_id, project_id, role_id) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING

-- name: project_role_delete
-- scope: cloud: operator
DELETE FROM identity_project_role WHERE user_id = $1 AND project_id = $2 AND role_id = $3

-- name: domain_role_insert
-- scope: cloud: operator
INSERT INTO identity_domain_role (user_id, domain_id, role_id) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING

-- name: domain_role_delete
-- scope: cloud: operator
DELETE FROM identity_domain_role WHERE user_id = $1 AND domain_id = $2 AND role_id = $3

-- name: assignment_list
-- scope: cloud: assignments are the operator's; callers see their own
SELECT * FROM (
  SELECT a.user_id || ' ' || a.project_id || ' ' || a.role_id AS id, a.user_id, a.project_id,
         NULL AS domain_id, a.role_id, u.name AS user_name, u.domain_id AS user_domain_id,
         ud.name AS user_domain_name, p.name AS scope_name, p.domain_id AS scope_domain_id,
         pd.name AS scope_domain_name, r.name AS role_name, r.bit AS role_bit
    FROM identity_project_role a
    JOIN identity_user u ON u.id = a.user_id
    JOIN identity_domain ud ON ud.id = u.domain_id
    JOIN identity_project p ON p.id = a.project_id
    JOIN identity_domain pd ON pd.id = p.domain_id
    JOIN identity_role r ON r.id = a.role_id
  UNION ALL
  SELECT a.user_id || ' ' || a.domain_id || ' ' || a.role_id AS id, a.user_id, NULL AS project_id,
         a.domain_id, a.role_id, u.name AS user_name, u.domain_id AS user_domain_id,
         ud.name AS user_domain_name, sd.name AS scope_name, NULL AS scope_domain_id,
         NULL AS scope_domain_name, r.name AS role_name, r.bit AS role_bit
    FROM identity_domain_role a
    JOIN identity_user u ON u.id = a.user_id
    JOIN identity_domain ud ON ud.id = u.domain_id
    JOIN identity_domain sd ON sd.id = a.domain_id
    JOIN identity_role r ON r.id = a.role_id) x
 WHERE 1 = 1 {filter} {page}

-- Application credentials --------------------------------------------------------------------

-- name: app_credential_list
-- scope: cloud: the credentials of one user, whatever the project
SELECT id, user_id, project_id, name, description, expires_us, unrestricted
  FROM identity_app_credential WHERE user_id = $1 {filter} {page}

-- name: app_credential_by_id
-- scope: cloud: login by credential
SELECT id, user_id, project_id, name, description, expires_us, unrestricted, secret_hash
  FROM identity_app_credential WHERE id = $1

-- name: app_credential_by_name
-- scope: cloud: login by credential
SELECT id, user_id, project_id, name, description, expires_us, unrestricted, secret_hash
  FROM identity_app_credential WHERE user_id = $1 AND name = $2

-- name: app_credential_insert
-- scope: cloud: the user's own
INSERT INTO identity_app_credential (id, user_id, project_id, name, description, secret_hash,
                                     expires_us, unrestricted, created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: app_credential_delete
-- scope: cloud: the user's own
DELETE FROM identity_app_credential WHERE user_id = $1 AND id = $2

-- name: app_credential_role_insert
-- scope: cloud: the user's own
INSERT INTO identity_app_credential_role (app_credential_id, role_id) VALUES ($1, $2)
ON CONFLICT DO NOTHING

-- name: app_credential_roles
-- scope: cloud: the user's own
SELECT r.id, r.name, r.description, r.bit, '{}' AS options FROM identity_app_credential_role a
  JOIN identity_role r ON r.id = a.role_id
 WHERE a.app_credential_id = $1 ORDER BY r.name
