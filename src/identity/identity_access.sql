-- SPDX-License-Identifier: Apache-2.0
-- From where a project is served, roles for a limited time, and who holds which role.

-- name: sources_of_project
-- scope: cloud: asked by the project's id, which is the object itself
SELECT sources, sources_changed_us FROM identity_project WHERE id = $1

-- name: sources_set
-- scope: cloud: asked by the project's id, which is the object itself
UPDATE identity_project SET sources = $2, sources_changed_us = $3 WHERE id = $1

-- name: timed_role_insert
-- scope: project
INSERT INTO identity_timed_role (id, user_id, project_id, role_id, starts_us, expires_us)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: timed_role_delete
-- scope: cloud: by the grant's id, whose state was checked
DELETE FROM identity_timed_role WHERE id = $1

-- name: timed_role_clear
-- scope: project
DELETE FROM identity_timed_role WHERE project_id = $1

-- name: timed_role_clear_user
-- scope: project
DELETE FROM identity_timed_role WHERE project_id = $1 AND user_id = $2

-- name: timed_role_purge
-- scope: cloud: what is over, of all projects
DELETE FROM identity_timed_role WHERE expires_us <= $1

-- name: role_holders
-- scope: cloud: for a review of all rights
SELECT u.id AS user_id, u.name AS user_name, p.id AS project_id, p.name AS project_name,
       r.id AS role_id, r.name AS role
  FROM identity_project_role a
  JOIN identity_project p ON p.id = a.project_id
  JOIN identity_user u ON u.id = a.user_id
  JOIN identity_role r ON r.id = a.role_id
 ORDER BY p.cloud_admin DESC, p.name, u.name, r.name

-- name: user_entrust
-- scope: cloud: asked by the user's id, which is the object itself
UPDATE identity_user SET entrusted_us = $2, entrusted_by = $3 WHERE id = $1

-- name: user_independent
-- scope: cloud: asked by the user's id, which is the object itself
SELECT count(*) AS n FROM identity_user
 WHERE id = $1 AND entrusted_us <= $3 AND (entrusted_by IS NULL OR entrusted_by <> $2)

-- The bits of a user's roles now, each once; $4 = 1: in the provider's own project, whichever it is.
-- name: user_role_bits
-- scope: cloud: asked by the user's id, which is the object itself
SELECT CAST(COALESCE(SUM(b.bit), 0) AS BIGINT) AS bits
  FROM (SELECT DISTINCT r.bit
          FROM (SELECT user_id, project_id, role_id FROM identity_project_role WHERE user_id = $1
                UNION
                SELECT user_id, project_id, role_id FROM identity_timed_role
                 WHERE user_id = $1 AND starts_us <= $3 AND expires_us > $3) a
          JOIN identity_role r ON r.id = a.role_id
          JOIN identity_project p ON p.id = a.project_id
          JOIN identity_domain pd ON pd.id = p.domain_id
          JOIN identity_user u ON u.id = a.user_id
          JOIN identity_domain ud ON ud.id = u.domain_id
         WHERE (a.project_id = $2 OR (p.cloud_admin = 1 AND $4 = 1))
           AND p.enabled = 1 AND pd.enabled = 1 AND u.enabled = 1 AND ud.enabled = 1) AS b

-- name: project_verb_bits
-- scope: project
SELECT CAST(COALESCE(SUM(bits), 0) AS BIGINT) AS bits FROM identity_project_verb WHERE project_id = $1
