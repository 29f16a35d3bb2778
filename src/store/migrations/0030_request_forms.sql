-- SPDX-License-Identifier: Apache-2.0
-- Requests: titles in both languages, the names of what a form names, and forms that are corrected. Approvals count
-- for the form they were given for.

ALTER TABLE request ADD COLUMN title_en TEXT;     -- NULL: as 'title', which is Japanese or the applicant's own
ALTER TABLE request ADD COLUMN names TEXT;        -- JSON object: field -> the name of what it names, as it was then
ALTER TABLE request ADD COLUMN revision BIGINT NOT NULL DEFAULT 1; -- of the form
ALTER TABLE request_step ADD COLUMN form TEXT;    -- the form that a correction replaced, JSON object

CREATE TABLE request_decision (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  user_role TEXT NOT NULL,
  decision TEXT NOT NULL,          -- approved refused
  comment TEXT,
  revision BIGINT NOT NULL,        -- of the form that was decided on
  created_us BIGINT NOT NULL,
  UNIQUE (request_id, revision, user_id)
);
INSERT INTO request_decision (id, request_id, project_id, user_id, user_name, user_role, decision, comment, revision, created_us)
SELECT id, request_id, project_id, user_id, user_name, user_role, decision, comment, 1, created_us FROM request_approval;
DROP TABLE request_approval;
CREATE INDEX request_decision_by_project ON request_decision (project_id, request_id);
