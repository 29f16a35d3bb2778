-- SPDX-License-Identifier: Apache-2.0
-- Access: areas, privileges, break-glass, reviews.

-- name: area_list
-- scope: cloud: areas are the provider's
SELECT id, slug, name_ja, name_en, cidrs, created_us, updated_us FROM access_area WHERE 1 = 1 {filter} {page}

-- name: area_by_id
-- scope: cloud: areas are the provider's
SELECT id, slug, name_ja, name_en, cidrs, created_us, updated_us FROM access_area WHERE id = $1

-- name: area_by_slug
-- scope: cloud: areas are the provider's
SELECT id, slug, name_ja, name_en, cidrs, created_us, updated_us FROM access_area WHERE slug = $1

-- name: area_insert
-- scope: cloud: areas are the provider's
INSERT INTO access_area (id, slug, name_ja, name_en, cidrs, created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $6)

-- name: area_update
-- scope: cloud: areas are the provider's
UPDATE access_area SET name_ja = $2, name_en = $3, cidrs = $4, updated_us = $5 WHERE id = $1

-- name: area_delete
-- scope: cloud: areas are the provider's
DELETE FROM access_area WHERE id = $1

-- name: tie_list
-- scope: project
SELECT t.purpose, a.slug, a.name_ja, a.name_en, a.cidrs
  FROM access_project_area t JOIN access_area a ON a.id = t.area_id
 WHERE t.project_id = $1 ORDER BY t.purpose, a.slug

-- name: tie_clear
-- scope: project
DELETE FROM access_project_area WHERE project_id = $1 AND purpose = $2

-- name: tie_insert
-- scope: project
INSERT INTO access_project_area (project_id, purpose, area_id) VALUES ($1, $2, $3)
ON CONFLICT (project_id, purpose, area_id) DO NOTHING

-- name: privilege_list
-- scope: cloud: the provider's people look at all
SELECT id, user_id, user_name, project_id, role, reason, ticket, hours, state, requested_by, requested_by_name,
       requested_us, decided_by, decided_by_name, decided_us, comment, starts_us, expires_us,
       (SELECT COUNT(*) FROM identity_timed_role t WHERE t.id = access_privilege.id) AS held
  FROM access_privilege WHERE 1 = 1 {filter} {page}

-- name: privilege_by_id
-- scope: cloud: the provider's people look at all
SELECT id, user_id, user_name, project_id, role, reason, ticket, hours, state, requested_by, requested_by_name,
       requested_us, decided_by, decided_by_name, decided_us, comment, starts_us, expires_us,
       (SELECT COUNT(*) FROM identity_timed_role t WHERE t.id = access_privilege.id) AS held
  FROM access_privilege WHERE id = $1

-- name: privilege_insert
-- scope: project
INSERT INTO access_privilege (id, user_id, user_name, project_id, role, reason, ticket, hours, state, requested_by,
       requested_by_name, requested_us, decided_us, starts_us, expires_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0)

-- name: privilege_move
-- scope: cloud: by its id, from the state that was looked at
UPDATE access_privilege SET state = $3, decided_by = $4, decided_by_name = $5, decided_us = $6, comment = $7,
       starts_us = $8, expires_us = $9
 WHERE id = $1 AND state = $2

-- name: glass_list
-- scope: cloud: filtered to the caller's project by the handler; the provider's people look at all
SELECT id, project_id, server_id, user_id, user_name, reason, ticket, hours, state, requested_us, approvals,
       by_consent, starts_us, expires_us
  FROM access_break_glass WHERE 1 = 1 {filter} {page}

-- name: glass_by_id
-- scope: cloud: the service compares the project
SELECT id, project_id, server_id, user_id, user_name, reason, ticket, hours, state, requested_us, approvals,
       by_consent, starts_us, expires_us
  FROM access_break_glass WHERE id = $1

-- name: glass_insert
-- scope: project
INSERT INTO access_break_glass (id, project_id, server_id, user_id, user_name, reason, ticket, hours, state,
       requested_us, approvals, by_consent, starts_us, expires_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0)

-- name: glass_move
-- scope: cloud: by its id, from the state that was looked at
UPDATE access_break_glass SET state = $4, approvals = $5, by_consent = $6, starts_us = $7, expires_us = $8
 WHERE id = $1 AND state = $2 AND approvals = $3

-- name: glass_in_force
-- scope: project
SELECT count(*) AS n FROM access_break_glass
 WHERE user_id = $1 AND project_id = $2 AND (server_id IS NULL OR server_id = $3) AND state = 'approved'
   AND starts_us <= $4 AND expires_us > $4

-- name: glass_any
-- scope: cloud: whether the caller has leave for anything now; each object is checked later
SELECT count(*) AS n FROM access_break_glass
 WHERE user_id = $1 AND state = 'approved' AND starts_us <= $2 AND expires_us > $2

-- name: account_closed
-- scope: cloud: projects of a user, other than the caller's own, that the caller has no leave for
SELECT count(*) AS n FROM identity_project_role r
 WHERE r.user_id = $2 AND r.project_id <> $3
   AND NOT EXISTS (SELECT 1 FROM access_break_glass g
                    WHERE g.user_id = $1 AND g.project_id = r.project_id AND g.server_id IS NULL
                      AND g.state = 'approved' AND g.starts_us <= $4 AND g.expires_us > $4)

-- name: decision_list
-- scope: cloud: of a break-glass that the caller may see
SELECT id, break_glass_id, user_id, user_name, party, decision, comment, decided_us
  FROM access_break_glass_decision WHERE break_glass_id = $1 ORDER BY decided_us, id

-- name: decision_insert
-- scope: cloud: of a break-glass that the caller may decide on
INSERT INTO access_break_glass_decision (id, break_glass_id, user_id, user_name, party, decision, comment, decided_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: review_list
-- scope: cloud: reviews are the provider's
SELECT r.id, r.title, r.state, r.due_us, r.created_us, r.closed_us, r.closed_by_name,
       (SELECT count(*) FROM access_review_item i WHERE i.review_id = r.id AND i.decision IS NULL) AS undecided
  FROM access_review r WHERE 1 = 1 {filter} {page}

-- name: review_list_of_project
-- scope: project
SELECT r.id, r.title, r.state, r.due_us, r.created_us, r.closed_us, r.closed_by_name,
       (SELECT count(*) FROM access_review_item i
         WHERE i.review_id = r.id AND i.project_id = $1 AND i.decision IS NULL) AS undecided
  FROM access_review r
 WHERE EXISTS (SELECT 1 FROM access_review_item i WHERE i.review_id = r.id AND i.project_id = $1) {filter} {page}

-- name: review_by_id
-- scope: cloud: reviews are the provider's
SELECT r.id, r.title, r.state, r.due_us, r.created_us, r.closed_us, r.closed_by_name,
       (SELECT count(*) FROM access_review_item i WHERE i.review_id = r.id AND i.decision IS NULL) AS undecided
  FROM access_review r WHERE r.id = $1

-- name: review_insert
-- scope: cloud: reviews are the provider's
INSERT INTO access_review (id, title, state, due_us, created_us, closed_us) VALUES ($1, $2, 'open', $3, $4, 0)

-- name: review_close
-- scope: cloud: reviews are the provider's
UPDATE access_review SET state = 'closed', closed_us = $2, closed_by_name = $3 WHERE id = $1 AND state = 'open'

-- name: review_newest
-- scope: cloud: reviews are the provider's
SELECT COALESCE(MAX(created_us), 0) AS created_us FROM access_review

-- name: item_list
-- scope: cloud: reviews are the provider's
SELECT id, review_id, user_id, user_name, project_id, project_name, role_id, role, decision, decided_by,
       decided_by_name, decided_us, applied_us
  FROM access_review_item WHERE review_id = $1 ORDER BY user_name, role, id

-- name: item_list_of_project
-- scope: project
SELECT id, review_id, user_id, user_name, project_id, project_name, role_id, role, decision, decided_by,
       decided_by_name, decided_us, applied_us
  FROM access_review_item WHERE review_id = $1 AND project_id = $2 ORDER BY user_name, role, id

-- name: item_by_id
-- scope: cloud: reviews are the provider's
SELECT id, review_id, user_id, user_name, project_id, project_name, role_id, role, decision, decided_by,
       decided_by_name, decided_us, applied_us
  FROM access_review_item WHERE review_id = $1 AND id = $2

-- name: item_insert
-- scope: project
INSERT INTO access_review_item (id, review_id, user_id, user_name, project_id, project_name, role_id, role,
       decided_us, applied_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)

-- name: item_decide
-- scope: cloud: by its id in an open review
UPDATE access_review_item SET decision = $2, decided_by = $3, decided_by_name = $4, decided_us = $5 WHERE id = $1

-- name: item_applied
-- scope: cloud: by its id in an open review
UPDATE access_review_item SET applied_us = $2 WHERE id = $1
