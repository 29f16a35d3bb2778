-- SPDX-License-Identifier: Apache-2.0
-- Statements of service classes. A class is the provider's and the same for all of its customers.

-- name: class_list
-- scope: cloud: classes are public to whoever logs in
SELECT c.id, c.name, c.version, c.hash, c.content, c.offered, c.loaded_us FROM service_class c
 WHERE c.version = (SELECT MAX(m.version) FROM service_class m WHERE m.name = c.name) {filter} {page}

-- name: class_by_version
-- scope: cloud: classes are public to whoever logs in
SELECT id, name, version, hash, content, offered, loaded_us FROM service_class
 WHERE name = $1 AND version = $2

-- name: class_newest
-- scope: cloud: classes are public to whoever logs in
SELECT id, name, version, hash, content, offered, loaded_us FROM service_class
 WHERE name = $1 ORDER BY version DESC LIMIT 1

-- name: class_insert
-- scope: cloud: two processes may load the same file at once
INSERT INTO service_class (id, name, version, hash, content, offered, loaded_us)
VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING

-- name: class_offer
-- scope: cloud: one version of a class, or none (0), is offered
UPDATE service_class SET offered = CASE WHEN version = $2 THEN 1 ELSE 0 END WHERE name = $1
