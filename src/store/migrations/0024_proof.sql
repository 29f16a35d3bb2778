-- SPDX-License-Identifier: Apache-2.0
-- Proof of person: whose the people of a domain are, when a session's owner last proved who he is, what an open
-- console hangs on, and failed logins by user and address.

-- Of a customer's domain: the language of its contract. NULL: the domain is no customer's.
ALTER TABLE identity_domain ADD COLUMN customer_language TEXT;
UPDATE identity_domain SET customer_language =
  (SELECT MIN(c.language) FROM service_contract c WHERE c.domain_id = identity_domain.id);

-- When a password, passcode or passkey was last given; tokens made from a token inherit it.
ALTER TABLE identity_token ADD COLUMN proved_us BIGINT NOT NULL DEFAULT 0;

-- By whose token (its SHA-256) a console was asked for. What ends the one ends the other.
ALTER TABLE compute_console_token ADD COLUMN auth_hash TEXT;

-- Where a user came from, or somebody in his name.
CREATE TABLE identity_source (
  user_id TEXT NOT NULL REFERENCES identity_user (id) ON DELETE CASCADE,
  source TEXT NOT NULL,            -- address; of IPv6 the first 64 bits
  failures BIGINT NOT NULL,        -- in a row
  failed_us BIGINT NOT NULL,
  succeeded_us BIGINT NOT NULL,    -- last login; 0: never
  PRIMARY KEY (user_id, source)
);
CREATE INDEX identity_source_by_time ON identity_source (failed_us);
