-- SPDX-License-Identifier: Apache-2.0
-- What the mechanisms own: audit events and jobs. One dialect: TEXT and BIGINT only; times are
-- microseconds since 1970 UTC; booleans are 0 or 1; ids are UUID text.

CREATE TABLE audit_event (
  seq BIGINT PRIMARY KEY,          -- 1, 2, 3 … without gaps
  time_us BIGINT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  actor_id TEXT,
  project_id TEXT,
  object_type TEXT,
  object_id TEXT,
  envelope TEXT NOT NULL           -- canonical JSON of the whole event, RFC 8785
);
CREATE INDEX audit_event_by_project ON audit_event (project_id, seq);
CREATE INDEX audit_event_by_object ON audit_event (object_id, seq);

-- The one row whose update hands out sequence numbers; the row lock keeps them without gaps.
CREATE TABLE audit_head (
  id BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL
);
INSERT INTO audit_head (id, seq) VALUES (1, 0);

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,          -- order of insertion (job_head)
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  project_id TEXT,
  request_id TEXT,
  actor_id TEXT,
  args TEXT NOT NULL,              -- JSON object
  state TEXT NOT NULL,             -- queued running undoing done failed
  step BIGINT NOT NULL,            -- index of the next step to run (or undo)
  attempts BIGINT NOT NULL,        -- of that step
  run_at_us BIGINT NOT NULL,
  deadline_us BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until_us BIGINT NOT NULL,
  error TEXT,                      -- JSON of the failure: slug, params, detail
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX job_open ON job (number) WHERE state IN ('queued', 'running', 'undoing');
CREATE INDEX job_open_by_object ON job (object_id, number) WHERE state IN ('queued', 'running', 'undoing');
CREATE INDEX job_by_object ON job (object_id, number);

CREATE TABLE job_head (
  id BIGINT PRIMARY KEY,
  number BIGINT NOT NULL
);
INSERT INTO job_head (id, number) VALUES (1, 0);

-- Periodic work: who runs it next and when it last ran.
CREATE TABLE schedule (
  name TEXT PRIMARY KEY,
  last_start_us BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until_us BIGINT NOT NULL
);

-- Facts of the installation (its id, versions); one row each.
CREATE TABLE fact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
