-- SPDX-License-Identifier: Apache-2.0
-- Notices (maintenance, changes, changes of the service, information), whom they concern, the
-- calendar feed; and documents with their versions. Nothing that was published is ever deleted.

-- Numbers by year: N-2026-0001.
CREATE TABLE notice_counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE notice (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,              -- maintenance change service_change information
  emergency BIGINT NOT NULL,
  title_ja TEXT NOT NULL,
  title_en TEXT NOT NULL,
  body_ja TEXT NOT NULL,
  body_en TEXT NOT NULL,
  impact TEXT NOT NULL,            -- none degraded interruption stop
  state TEXT NOT NULL,             -- draft published running done cancelled
  starts_us BIGINT NOT NULL,       -- 0: no time
  ends_us BIGINT NOT NULL,
  hosts TEXT NOT NULL,             -- JSON array of names: whoever has a server there
  classes TEXT NOT NULL,           -- JSON array of class names: whoever has a contract of it
  project_ids TEXT NOT NULL,       -- JSON array
  everyone BIGINT NOT NULL,        -- all contracts
  needs_ack BIGINT NOT NULL,
  lead_ok BIGINT NOT NULL,         -- published as early as every contract demands
  follow_up_of TEXT REFERENCES notice (id), -- the emergency this one reports about
  report_due_us BIGINT NOT NULL,   -- of an emergency: when the later notice must be there; 0: none
  reported_by TEXT,                -- id of the later notice
  reason TEXT,                     -- of the cancellation
  created_by TEXT NOT NULL,
  published_by TEXT,
  published_us BIGINT NOT NULL,
  finished_us BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX notice_open ON notice (state) WHERE state IN ('published', 'running');
CREATE INDEX notice_by_time ON notice (created_us, id);

CREATE TABLE notice_recipient (
  notice_id TEXT NOT NULL REFERENCES notice (id),
  project_id TEXT NOT NULL,
  contract_id TEXT,                -- NULL: a project without a contract
  customer_name TEXT NOT NULL,
  class_name TEXT,
  needs_ack BIGINT NOT NULL,       -- as the notice or the class of the contract wants it
  added_us BIGINT NOT NULL,
  acknowledged_us BIGINT NOT NULL, -- the first acknowledgement
  acknowledged_by TEXT,
  acknowledged_name TEXT,
  PRIMARY KEY (notice_id, project_id)
);
CREATE INDEX notice_recipient_by_project ON notice_recipient (project_id, notice_id);

CREATE TABLE notice_server (
  notice_id TEXT NOT NULL REFERENCES notice (id),
  server_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  host TEXT NOT NULL,
  added_us BIGINT NOT NULL,
  PRIMARY KEY (notice_id, server_id)
);

-- The calendar feed of a user in a project; the address is the secret, of which we keep a hash.
CREATE TABLE notice_feed (
  user_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_us BIGINT NOT NULL,
  PRIMARY KEY (user_id, project_id)
);

CREATE TABLE notice_document (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL,
  version BIGINT NOT NULL,         -- 1, 2, 3 … of the slug
  kind TEXT NOT NULL,              -- terms manual guide sla white_paper form
  title_ja TEXT NOT NULL,
  title_en TEXT NOT NULL,
  state TEXT NOT NULL,             -- draft published superseded
  needs_ack BIGINT NOT NULL,
  area TEXT,                       -- slug of the area it can be read from only
  classes TEXT NOT NULL,           -- JSON array; empty: for all
  media_type TEXT,                 -- of the Japanese file
  hash TEXT,                       -- SHA-256 of the Japanese file
  created_by TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  published_us BIGINT NOT NULL,
  superseded_us BIGINT NOT NULL,
  UNIQUE (slug, version)
);
CREATE INDEX notice_document_by_state ON notice_document (state, slug);

CREATE TABLE notice_document_file (
  document_id TEXT NOT NULL REFERENCES notice_document (id) ON DELETE CASCADE,
  language TEXT NOT NULL,          -- ja en
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  hash TEXT NOT NULL,              -- SHA-256
  data TEXT NOT NULL,              -- base64
  PRIMARY KEY (document_id, language)
);

CREATE TABLE notice_document_ack (
  document_id TEXT NOT NULL REFERENCES notice_document (id),
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (document_id, project_id)
);
