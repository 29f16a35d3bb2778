-- SPDX-License-Identifier: Apache-2.0
-- Facts of the installation.

-- name: fact_get
-- scope: cloud: facts of the installation
SELECT value FROM fact WHERE name = $1;

-- name: fact_set_once
-- scope: cloud: facts of the installation
INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING;
