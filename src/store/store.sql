-- SPDX-License-Identifier: Apache-2.0
-- The store's own bookkeeping.

-- name: migration_table
-- scope: cloud: what was applied to the database
CREATE TABLE IF NOT EXISTS migration (
  number BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  applied_us BIGINT NOT NULL
);

-- name: migration_last
-- scope: cloud: what was applied to the database
SELECT COALESCE(MAX(number), 0) FROM migration;

-- name: migration_list
-- scope: cloud: what was applied to the database
SELECT number, name, sha256 FROM migration ORDER BY number;

-- name: migration_add
-- scope: cloud: what was applied to the database
INSERT INTO migration (number, name, sha256, applied_us) VALUES ($1, $2, $3, $4);
