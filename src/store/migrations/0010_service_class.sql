-- SPDX-License-Identifier: Apache-2.0
-- Service classes: every version that was ever loaded, and what the class of a project withholds from its customer.

CREATE TABLE service_class (
  id TEXT PRIMARY KEY,             -- name:version
  name TEXT NOT NULL,
  version BIGINT NOT NULL,         -- 1, 2, …: a changed file is a new version
  hash TEXT NOT NULL,              -- SHA-256 of 'content'
  content TEXT NOT NULL,           -- the class as canonical JSON
  offered BIGINT NOT NULL,         -- 1: the newest version, and its file is there
  loaded_us BIGINT NOT NULL,
  UNIQUE (name, version)
);

-- Without rows a project's customer may do everything that roles allow.
CREATE TABLE identity_project_verb (
  project_id TEXT NOT NULL REFERENCES identity_project (id) ON DELETE CASCADE,
  verb TEXT NOT NULL,
  mode TEXT NOT NULL,              -- self, request, none
  bits BIGINT NOT NULL,            -- mode as 0, 1, 2 times 4 to the power of the verb's row in verbs.def
  class_name TEXT NOT NULL,
  PRIMARY KEY (project_id, verb)
);
