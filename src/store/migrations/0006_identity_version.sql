-- SPDX-License-Identifier: Apache-2.0
-- Counts the changes that can take a right away, so that what a process remembers of a token is
-- known to be true still: see src/identity/identity_cache.c.

CREATE TABLE identity_version (
  id BIGINT PRIMARY KEY,
  version BIGINT NOT NULL
);
INSERT INTO identity_version (id, version) VALUES (1, 1);
