-- SPDX-License-Identifier: Apache-2.0
-- Access: from where, until when, and by whose leave. Times are microseconds, 0 = not yet.

-- From which addresses the customer listener serves a project: JSON array of CIDRs; NULL = any.
ALTER TABLE identity_project ADD COLUMN sources TEXT;
ALTER TABLE identity_project ADD COLUMN sources_changed_us BIGINT NOT NULL DEFAULT 0;

-- A role for a limited time. In force from starts_us until before expires_us, no second longer.
CREATE TABLE identity_timed_role (
  id TEXT PRIMARY KEY,             -- of the grant that gave it
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES identity_project (id) ON DELETE CASCADE,
  role_id TEXT NOT NULL REFERENCES identity_role (id) ON DELETE CASCADE,
  starts_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX identity_timed_role_by_user ON identity_timed_role (user_id, project_id);
CREATE INDEX identity_timed_role_by_project ON identity_timed_role (project_id);
CREATE INDEX identity_timed_role_by_role ON identity_timed_role (role_id);

-- An area is a set of addresses with a name: the work room, the closed network.
CREATE TABLE access_area (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name_ja TEXT NOT NULL,
  name_en TEXT NOT NULL,
  cidrs TEXT NOT NULL,             -- JSON array; empty: nobody is inside
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);

-- What a project may do inside of an area only; no row for a purpose: from anywhere.
CREATE TABLE access_project_area (
  project_id TEXT NOT NULL REFERENCES identity_project (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,           -- console metrics guides
  area_id TEXT NOT NULL REFERENCES access_area (id),
  PRIMARY KEY (project_id, purpose, area_id)
);
CREATE INDEX access_project_area_by_area ON access_project_area (area_id);

-- A privilege that was asked for, and what became of it. Never deleted.
CREATE TABLE access_privilege (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  project_id TEXT NOT NULL,
  role TEXT NOT NULL,
  reason TEXT NOT NULL,
  ticket TEXT NOT NULL,
  hours BIGINT NOT NULL,
  state TEXT NOT NULL,             -- requested approved refused revoked
  requested_by TEXT NOT NULL,
  requested_by_name TEXT NOT NULL,
  requested_us BIGINT NOT NULL,
  decided_by TEXT,
  decided_by_name TEXT,
  decided_us BIGINT NOT NULL,
  comment TEXT,
  starts_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX access_privilege_by_user ON access_privilege (user_id, requested_us);

-- Break-glass: an operator's leave to see what is a customer's, by the customer's consent or by two
-- approvers. Never deleted.
CREATE TABLE access_break_glass (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  server_id TEXT,                  -- NULL: all of the project
  user_id TEXT NOT NULL,           -- who asks
  user_name TEXT NOT NULL,
  reason TEXT NOT NULL,
  ticket TEXT NOT NULL,
  hours BIGINT NOT NULL,
  state TEXT NOT NULL,             -- requested approved refused revoked
  requested_us BIGINT NOT NULL,
  approvals BIGINT NOT NULL,       -- by the provider's people so far
  by_consent BIGINT NOT NULL,      -- 1: the customer consented
  starts_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX access_break_glass_by_project ON access_break_glass (project_id, requested_us);
CREATE INDEX access_break_glass_by_user ON access_break_glass (user_id, expires_us);

CREATE TABLE access_break_glass_decision (
  id TEXT PRIMARY KEY,
  break_glass_id TEXT NOT NULL REFERENCES access_break_glass (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  party TEXT NOT NULL,             -- customer provider
  decision TEXT NOT NULL,          -- approve refuse revoke
  comment TEXT NOT NULL,
  decided_us BIGINT NOT NULL,
  UNIQUE (break_glass_id, user_id, decision)
);

-- Reviews: who holds what, looked at by somebody else, on a date.
CREATE TABLE access_review (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  state TEXT NOT NULL,             -- open closed
  due_us BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  closed_us BIGINT NOT NULL,
  closed_by_name TEXT
);

CREATE TABLE access_review_item (
  id TEXT PRIMARY KEY,
  review_id TEXT NOT NULL REFERENCES access_review (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  project_id TEXT NOT NULL,
  project_name TEXT NOT NULL,
  role_id TEXT NOT NULL,
  role TEXT NOT NULL,
  decision TEXT,                   -- keep remove
  decided_by TEXT,
  decided_by_name TEXT,
  decided_us BIGINT NOT NULL,
  applied_us BIGINT NOT NULL,      -- when a removal was done
  UNIQUE (review_id, user_id, project_id, role_id)
);
CREATE INDEX access_review_item_by_review ON access_review_item (review_id, id);
