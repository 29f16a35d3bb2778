-- SPDX-License-Identifier: Apache-2.0
-- When, and by whom, an account was last made, given a role of the provider's people, a password, or
-- relieved of its factors by somebody else. By: NULL where the host's root or nobody known did it.
ALTER TABLE identity_user ADD COLUMN entrusted_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity_user ADD COLUMN entrusted_by TEXT;
UPDATE identity_user SET entrusted_us = created_us;
