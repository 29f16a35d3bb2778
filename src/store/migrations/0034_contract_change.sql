-- SPDX-License-Identifier: Apache-2.0
-- What was changed in a contract that runs: for both sides to see.
CREATE TABLE service_change (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  project_id TEXT NOT NULL,
  changes TEXT NOT NULL,           -- JSON: member: {from, to}
  at_us BIGINT NOT NULL
);
CREATE INDEX service_change_by_project ON service_change (project_id, at_us);
