-- SPDX-License-Identifier: Apache-2.0
-- Labels and classification that customers give to their resources, of whatever kind.

CREATE TABLE service_label (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  classification TEXT,             -- public, internal, confidential, secret; NULL: not said
  labels TEXT NOT NULL,            -- JSON object of strings
  updated_us BIGINT NOT NULL,
  updated_by TEXT NOT NULL,        -- name of the user
  UNIQUE (project_id, resource_type, resource_id)
);
CREATE INDEX service_label_by_type ON service_label (resource_type, resource_id);
