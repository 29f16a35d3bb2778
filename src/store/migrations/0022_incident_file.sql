-- SPDX-License-Identifier: Apache-2.0
-- Files that came with mails about incidents, or were attached by customers and operators. They lie in the database, so that a
-- mail is taken with its files or not at all.
CREATE TABLE incident_file (
  id TEXT PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incident (id),
  project_id TEXT,                 -- the one customer who sees it; NULL = all who see the incident
  visibility TEXT NOT NULL,        -- customer internal
  entry BIGINT NOT NULL,           -- number of the entry of the timeline that it came with
  name TEXT NOT NULL,              -- without what is dangerous
  media_type TEXT NOT NULL,        -- by content
  size BIGINT NOT NULL,            -- bytes
  sha256 TEXT NOT NULL,
  author_name TEXT NOT NULL,
  author_kind TEXT NOT NULL,       -- customer operator outside
  created_us BIGINT NOT NULL,
  data TEXT NOT NULL               -- base64
);
CREATE INDEX incident_file_by_incident ON incident_file (incident_id, entry);
CREATE INDEX incident_file_by_project ON incident_file (project_id);
