-- SPDX-License-Identifier: Apache-2.0
-- Images and who may use the shared ones.

CREATE TABLE image (
  id TEXT PRIMARY KEY,
  name TEXT,
  owner TEXT NOT NULL,             -- project
  status TEXT NOT NULL,            -- queued saving active deactivated killed deleted
  visibility TEXT NOT NULL,        -- public private shared community
  disk_format TEXT,
  container_format TEXT,
  size BIGINT,                     -- bytes of the file; NULL until it is there
  virtual_size BIGINT,             -- bytes of the disk
  checksum TEXT,                   -- MD5
  os_hash_value TEXT,              -- SHA-512
  min_disk BIGINT NOT NULL,        -- GiB
  min_ram BIGINT NOT NULL,         -- MiB
  protected BIGINT NOT NULL,
  os_hidden BIGINT NOT NULL,
  tags TEXT NOT NULL,              -- JSON array of strings
  properties TEXT NOT NULL,        -- JSON object of strings
  upload_id TEXT,                  -- of the upload while saving
  upload_size BIGINT NOT NULL,     -- bytes it announced, for the quota
  upload_seen_us BIGINT NOT NULL,  -- when it last gave a sign of life
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE INDEX image_by_owner ON image (owner, created_us);
CREATE INDEX image_by_visibility ON image (visibility, created_us);
CREATE INDEX image_unsettled ON image (status) WHERE status IN ('saving', 'deleted');

CREATE TABLE image_member (
  image_id TEXT NOT NULL REFERENCES image (id),
  member_id TEXT NOT NULL,         -- project
  status TEXT NOT NULL,            -- pending accepted rejected
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL,
  PRIMARY KEY (image_id, member_id)
);
CREATE INDEX image_member_by_member ON image_member (member_id);
