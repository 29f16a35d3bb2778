-- SPDX-License-Identifier: Apache-2.0
-- Incidents: what happened, whom it touches, what was said to whom and when.

-- The number of the last incident of a year; the row's lock keeps the numbers without gaps.
CREATE TABLE incident_year (
  year BIGINT PRIMARY KEY,         -- of the calendar in Asia/Tokyo
  last BIGINT NOT NULL
);

CREATE TABLE incident (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,     -- I-2026-0001
  title TEXT NOT NULL,             -- as reported
  public_title TEXT,               -- what customers who did not report it see; NULL = the number
  severity TEXT NOT NULL,          -- low medium high critical
  cause TEXT NOT NULL,             -- provider customer external unknown
  state TEXT NOT NULL,             -- received triage confirmed mitigated resolved closed
  channel TEXT NOT NULL,           -- form mail operator
  project_id TEXT,                 -- of the customer who reported it; NULL = the provider, or nobody known
  reporter_id TEXT,
  reporter_name TEXT NOT NULL,
  reporter_email TEXT,
  assignee_id TEXT,
  assignee_name TEXT,
  confirmed_us BIGINT NOT NULL,    -- times: 0 = not yet
  notify_due_us BIGINT NOT NULL,   -- the first of its customers' that is still to be kept
  notified_us BIGINT NOT NULL,
  overdue_us BIGINT NOT NULL,      -- when the alert went out
  resolved_us BIGINT NOT NULL,
  closed_us BIGINT NOT NULL,
  report TEXT,                     -- closure report, JSON
  entries BIGINT NOT NULL,         -- number of the last entry of its timeline
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX incident_by_time ON incident (created_us, id);
CREATE INDEX incident_due ON incident (notify_due_us) WHERE notify_due_us > 0 AND overdue_us = 0;

-- Who sees it: the customer who reported it from the start, those it touches once it is posted.
CREATE TABLE incident_customer (
  incident_id TEXT NOT NULL REFERENCES incident (id),
  project_id TEXT NOT NULL,
  reporter BIGINT NOT NULL,
  affected BIGINT NOT NULL,
  posted_us BIGINT NOT NULL,       -- 0 = this customer does not see it yet
  notify_due_us BIGINT NOT NULL,   -- 0 = not confirmed
  notified_us BIGINT NOT NULL,
  PRIMARY KEY (incident_id, project_id)
);
CREATE INDEX incident_customer_by_project ON incident_customer (project_id, incident_id);

-- The affected servers, as they were when they were named.
CREATE TABLE incident_server (
  incident_id TEXT NOT NULL REFERENCES incident (id),
  project_id TEXT NOT NULL,
  server_id TEXT NOT NULL,
  server_name TEXT NOT NULL,
  host TEXT,
  PRIMARY KEY (incident_id, server_id)
);
CREATE INDEX incident_server_by_project ON incident_server (project_id, incident_id);

-- The timeline: appended, never changed.
CREATE TABLE incident_entry (
  incident_id TEXT NOT NULL REFERENCES incident (id),
  number BIGINT NOT NULL,          -- 1, 2, 3 … within the incident
  at_us BIGINT NOT NULL,
  kind TEXT NOT NULL,              -- report message update state notice overdue closure
  visibility TEXT NOT NULL,        -- customer internal
  project_id TEXT,                 -- the one customer who sees it; NULL = all who see the incident
  text TEXT NOT NULL,
  author_id TEXT,
  author_name TEXT NOT NULL,
  author_kind TEXT NOT NULL,       -- customer operator system outside
  PRIMARY KEY (incident_id, number)
);

-- Mails taken in; the same message is taken once.
CREATE TABLE incident_mail (
  message_id TEXT PRIMARY KEY,     -- Message-ID, or sha256:… of a message without one
  incident_id TEXT NOT NULL REFERENCES incident (id),
  sender TEXT NOT NULL,
  received_us BIGINT NOT NULL,
  answered BIGINT NOT NULL         -- an acknowledgement was sent
);
