-- SPDX-License-Identifier: Apache-2.0
-- How people prove who they are: one-time passwords, second factors, passkeys; and where they are logged in.

-- must_change 1: the password is a one-time one. mfa_exempt 1: staff without a second factor, for automation.
-- last_login_us 0: never.
ALTER TABLE identity_user ADD COLUMN must_change BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_user ADD COLUMN mfa_exempt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_user ADD COLUMN last_login_us BIGINT NOT NULL DEFAULT 0;
UPDATE identity_user SET mfa_exempt = 1 WHERE domain_id = 'default' AND name = 'admin';

-- Where a token is used: those made from one login are one session.
ALTER TABLE identity_token ADD COLUMN session_id TEXT;
ALTER TABLE identity_token ADD COLUMN source TEXT;
ALTER TABLE identity_token ADD COLUMN listener TEXT;
ALTER TABLE identity_token ADD COLUMN user_agent TEXT;
CREATE INDEX identity_token_by_session ON identity_token (user_id, session_id);

-- Secrets are AES-256-GCM under the installation's key, bound to the user's id.
CREATE TABLE identity_totp (
  user_id TEXT PRIMARY KEY REFERENCES identity_user (id) ON DELETE CASCADE,
  secret TEXT,                     -- sealed; NULL: never confirmed
  pending TEXT,                    -- sealed; being enrolled
  pending_us BIGINT NOT NULL,
  confirmed_us BIGINT NOT NULL,    -- 0: not a factor yet
  last_step BIGINT NOT NULL        -- the last 30 s step whose code was used: none is used twice
);

CREATE TABLE identity_recovery_code (
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,              -- SHA-256 of 79 random bits
  PRIMARY KEY (user_id, hash)
);

CREATE TABLE identity_passkey (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  credential_id TEXT NOT NULL UNIQUE,  -- base64url
  public_key TEXT NOT NULL,            -- base64url, as libfido2 has it
  algorithm BIGINT NOT NULL,           -- COSE: -7, -8, -257
  rp_id TEXT NOT NULL,
  name TEXT NOT NULL,
  sign_count BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  used_us BIGINT NOT NULL,             -- 0: never
  UNIQUE (user_id, name)
);

-- Challenges that were used: none is used twice. What they are for is in themselves, under the installation's key.
CREATE TABLE identity_challenge (
  hash TEXT PRIMARY KEY,
  expires_us BIGINT NOT NULL
);
CREATE INDEX identity_challenge_by_expiry ON identity_challenge (expires_us);

-- Keystone's auth receipts: the first factor was given, another is missing.
CREATE TABLE identity_receipt (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  methods TEXT NOT NULL,           -- JSON array of strings
  issued_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX identity_receipt_by_user ON identity_receipt (user_id);
CREATE INDEX identity_receipt_by_expiry ON identity_receipt (expires_us);
