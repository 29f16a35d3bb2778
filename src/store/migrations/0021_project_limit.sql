-- SPDX-License-Identifier: Apache-2.0
-- What a project may have besides machines and networks, which count their own: written by src/service from contract and class, read by
-- the domain that counts. No row: the installation's own limit.
CREATE TABLE identity_project_limit (
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,              -- images image_gib users open_requests open_incidents
  value BIGINT NOT NULL,           -- -1: no limit
  PRIMARY KEY (project_id, name)
);
