-- SPDX-License-Identifier: Apache-2.0
-- Identity: who may come in, and as what. Rights are never copied into a token: they are read from
-- the assignments at each use, so that removing one acts at once.

CREATE TABLE identity_domain (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_us BIGINT NOT NULL
);

CREATE TABLE identity_project (
  id TEXT PRIMARY KEY,
  domain_id TEXT NOT NULL REFERENCES identity_domain (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  tags TEXT NOT NULL,              -- JSON array of strings
  cloud_admin BIGINT NOT NULL,     -- 1: role admin here is the cloud administrator
  created_us BIGINT NOT NULL,
  UNIQUE (domain_id, name)
);

CREATE TABLE identity_user (
  id TEXT PRIMARY KEY,
  domain_id TEXT NOT NULL REFERENCES identity_domain (id),
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  email TEXT,
  enabled BIGINT NOT NULL,
  default_project_id TEXT REFERENCES identity_project (id) ON DELETE SET NULL,
  options TEXT NOT NULL,           -- JSON object
  password_hash TEXT,              -- Argon2id PHC string; NULL: no password, no login by password
  password_changed_us BIGINT NOT NULL,
  password_expires_us BIGINT NOT NULL,  -- 0: never
  failures BIGINT NOT NULL,        -- wrong passwords since the last right one
  failed_us BIGINT NOT NULL,       -- time of the last of them
  created_us BIGINT NOT NULL,
  UNIQUE (domain_id, name)
);
CREATE INDEX identity_user_by_default_project ON identity_user (default_project_id);

-- Earlier passwords, for the rule that the last ones are not used again.
CREATE TABLE identity_password (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
CREATE INDEX identity_password_by_user ON identity_password (user_id, created_us);

CREATE TABLE identity_role (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  bit BIGINT NOT NULL,             -- enum ak_role of the four that policies know; 0: a name only
  created_us BIGINT NOT NULL
);

CREATE TABLE identity_project_role (
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES identity_project (id) ON DELETE CASCADE,
  role_id TEXT NOT NULL REFERENCES identity_role (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, project_id, role_id)
);
CREATE INDEX identity_project_role_by_project ON identity_project_role (project_id);
CREATE INDEX identity_project_role_by_role ON identity_project_role (role_id);

CREATE TABLE identity_domain_role (
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  domain_id TEXT NOT NULL REFERENCES identity_domain (id) ON DELETE CASCADE,
  role_id TEXT NOT NULL REFERENCES identity_role (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, domain_id, role_id)
);
CREATE INDEX identity_domain_role_by_domain ON identity_domain_role (domain_id);
CREATE INDEX identity_domain_role_by_role ON identity_domain_role (role_id);

CREATE TABLE identity_app_credential (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES identity_project (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT,
  secret_hash TEXT NOT NULL,       -- Argon2id PHC string
  expires_us BIGINT NOT NULL,      -- 0: never
  unrestricted BIGINT NOT NULL,    -- 1: may make and remove other credentials
  created_us BIGINT NOT NULL,
  UNIQUE (user_id, name)
);
CREATE INDEX identity_app_credential_by_project ON identity_app_credential (project_id);

CREATE TABLE identity_app_credential_role (
  app_credential_id TEXT NOT NULL REFERENCES identity_app_credential (id) ON DELETE CASCADE,
  role_id TEXT NOT NULL REFERENCES identity_role (id) ON DELETE CASCADE,
  PRIMARY KEY (app_credential_id, role_id)
);
CREATE INDEX identity_app_credential_role_by_role ON identity_app_credential_role (role_id);

-- A token is 32 random bytes known to its owner; here is their SHA-256 only.
CREATE TABLE identity_token (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  project_id TEXT REFERENCES identity_project (id) ON DELETE CASCADE,
  domain_id TEXT REFERENCES identity_domain (id) ON DELETE CASCADE,
  app_credential_id TEXT REFERENCES identity_app_credential (id) ON DELETE CASCADE,
  methods TEXT NOT NULL,           -- JSON array of strings
  audit_ids TEXT NOT NULL,         -- JSON array: this token's, then its first ancestor's
  issued_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX identity_token_by_user ON identity_token (user_id);
CREATE INDEX identity_token_by_project ON identity_token (project_id);
CREATE INDEX identity_token_by_domain ON identity_token (domain_id);
CREATE INDEX identity_token_by_app_credential ON identity_token (app_credential_id);
CREATE INDEX identity_token_by_expiry ON identity_token (expires_us);
