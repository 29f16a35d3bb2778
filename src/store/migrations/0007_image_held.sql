-- SPDX-License-Identifier: Apache-2.0
-- An image that the provider deactivated is not reactivated by its owner.
ALTER TABLE image ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
