-- SPDX-License-Identifier: Apache-2.0
-- What of a deleted contract could not go yet, and why: a base that disks of another project still use. When it goes, a supplement to the
-- deletion record says so.
ALTER TABLE service_removal ADD COLUMN kept TEXT;

CREATE TABLE service_supplement (
  contract_id TEXT PRIMARY KEY REFERENCES service_contract (id),
  record_id TEXT NOT NULL UNIQUE REFERENCES service_record (id),
  document TEXT NOT NULL,          -- canonical JSON with its signature; of all that went after the record
  created_us BIGINT NOT NULL
);
