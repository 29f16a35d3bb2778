-- SPDX-License-Identifier: Apache-2.0
-- Requests (申請) of customers, who decided on them, what was said and sent, and every step of the way.

CREATE TABLE request (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,     -- R-2026-00001
  project_id TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  kind TEXT NOT NULL,              -- row of src/request/request_kinds.c
  title TEXT NOT NULL,
  state TEXT NOT NULL,             -- submitted in_review waiting_customer approved running done refused withdrawn failed
  fields TEXT NOT NULL,            -- JSON object, checked by the kind's form
  created_by_id TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_kind TEXT NOT NULL,      -- customer operator
  created_role TEXT NOT NULL,
  assignee_id TEXT,
  assignee TEXT,
  assignee_role TEXT,
  approvals_needed BIGINT NOT NULL,
  business BIGINT NOT NULL,        -- 1: the clock runs in business hours only
  due_us BIGINT NOT NULL,
  waiting_us BIGINT NOT NULL,      -- since when the customer is asked; 0: is not
  overdue BIGINT NOT NULL,
  result TEXT,
  error TEXT,                      -- JSON of the failure: slug, text_ja, text_en
  object_type TEXT,                -- what the request made or changes
  object_id TEXT,
  secret TEXT,                     -- a one-time password until the applicant has fetched it
  attempt BIGINT NOT NULL,         -- how often it was run
  begun BIGINT NOT NULL,           -- the attempt whose work has begun
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  ended_us BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX request_by_project ON request (project_id, created_us);
CREATE INDEX request_by_state ON request (state, created_us);
CREATE INDEX request_open_by_due ON request (due_us)
  WHERE overdue = 0 AND state IN ('submitted', 'in_review', 'approved', 'running', 'failed');
CREATE INDEX request_by_assignee ON request (assignee_id, created_us);

CREATE TABLE request_year (
  year BIGINT PRIMARY KEY,
  last BIGINT NOT NULL             -- number given last
);

CREATE TABLE request_approval (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  user_role TEXT NOT NULL,
  decision TEXT NOT NULL,          -- approved refused
  comment TEXT,
  created_us BIGINT NOT NULL,
  UNIQUE (request_id, user_id)
);
CREATE INDEX request_approval_by_project ON request_approval (project_id, request_id);

CREATE TABLE request_message (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  author_kind TEXT NOT NULL,       -- customer operator
  author_role TEXT NOT NULL,
  text TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX request_message_by_request ON request_message (request_id, created_us);
CREATE INDEX request_message_by_project ON request_message (project_id, created_us);

-- Every step a request went, for the customer to see.
CREATE TABLE request_step (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  event TEXT NOT NULL,             -- the verb
  state TEXT NOT NULL,             -- after it
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_kind TEXT NOT NULL,        -- customer operator system
  actor_role TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX request_step_by_request ON request_step (request_id, created_us);
CREATE INDEX request_step_by_project ON request_step (project_id, created_us);

CREATE TABLE request_attachment (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,        -- by content
  size BIGINT NOT NULL,            -- bytes
  sha256 TEXT NOT NULL,
  author_name TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_role TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX request_attachment_by_request ON request_attachment (request_id, created_us);
CREATE INDEX request_attachment_by_project ON request_attachment (project_id, created_us);
