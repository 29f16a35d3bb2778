-- SPDX-License-Identifier: Apache-2.0
-- How far an export kit is: disks that are in it, of how many.
ALTER TABLE service_export ADD COLUMN disks_done BIGINT NOT NULL DEFAULT 0;
ALTER TABLE service_export ADD COLUMN disks_total BIGINT NOT NULL DEFAULT 0;
