-- SPDX-License-Identifier: Apache-2.0
-- Where servers may run by their project's service class: the zone and country of a host, and what a project may use.

ALTER TABLE compute_host ADD COLUMN placement_zone TEXT NOT NULL DEFAULT 'general';
ALTER TABLE compute_host ADD COLUMN country TEXT NOT NULL DEFAULT 'JP';

-- Without a row: zone general, any country.
CREATE TABLE compute_project_placement (
  project_id TEXT PRIMARY KEY,
  zones TEXT NOT NULL,             -- JSON array of strings
  countries TEXT NOT NULL,         -- JSON array of strings
  dedicated BIGINT NOT NULL        -- 1: no other project's server on its hosts
);
