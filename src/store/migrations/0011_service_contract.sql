-- SPDX-License-Identifier: Apache-2.0
-- Customers, their contracts, and what a contract leaves behind. Nothing here is ever deleted: a
-- closed contract, its codes and its deletion record stay as proof.

-- Numbers that are handed out once: customers, contracts of a year.
CREATE TABLE service_counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE service_customer (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,     -- C00001; part of every service code
  name TEXT NOT NULL,
  name_kana TEXT,
  name_en TEXT,
  sector TEXT NOT NULL,
  country TEXT NOT NULL,           -- ISO 3166-1 alpha-2
  code_serial BIGINT NOT NULL,     -- of the last service code
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);

CREATE TABLE service_contract (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,     -- K-2026-0001
  customer_id TEXT NOT NULL REFERENCES service_customer (id),
  title TEXT NOT NULL,
  class_name TEXT NOT NULL,
  class_version BIGINT NOT NULL,
  state TEXT NOT NULL,             -- draft active terminating closed
  starts_us BIGINT NOT NULL,       -- 00:00 Asia/Tokyo of the first day
  ends_us BIGINT NOT NULL,         -- 00:00 Asia/Tokyo of the day on which it is over; 0: no end
  governing_law TEXT NOT NULL,
  language TEXT NOT NULL,          -- ja en: of mails when a contact says nothing
  network_cidr TEXT NOT NULL,      -- of the network made at the activation
  quotas TEXT NOT NULL,            -- JSON object
  notes TEXT NOT NULL,
  project_id TEXT,                 -- from the activation on
  domain_id TEXT,
  master_user_id TEXT,
  master_user_name TEXT NOT NULL,
  activated_us BIGINT NOT NULL,
  legal_hold BIGINT NOT NULL,
  hold_reason TEXT,
  hold_us BIGINT NOT NULL,
  cancelled_us BIGINT NOT NULL,
  cancelled_by TEXT,               -- customer operator
  cancel_reason TEXT,
  ended_us BIGINT NOT NULL,        -- when the end was carried out
  delete_at_us BIGINT NOT NULL,    -- 0: by the operator, or not terminating
  deleting_us BIGINT NOT NULL,     -- when the deletion began; 0: not yet
  closed_us BIGINT NOT NULL,
  record_id TEXT,                  -- of the deletion record
  version BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX service_contract_by_project ON service_contract (project_id);
CREATE INDEX service_contract_by_customer ON service_contract (customer_id, created_us);
CREATE INDEX service_contract_ending ON service_contract (state) WHERE state = 'terminating';

CREATE TABLE service_item (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  quantity BIGINT NOT NULL,
  UNIQUE (contract_id, code)
);

CREATE TABLE service_contact (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  kind TEXT NOT NULL,              -- business technical security emergency
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT,
  language TEXT NOT NULL
);
CREATE INDEX service_contact_by_contract ON service_contact (contract_id, position);

-- Who agreed to which text. The newest row counts.
CREATE TABLE service_consent (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  project_id TEXT NOT NULL,
  terms_version TEXT NOT NULL,
  terms_hash TEXT NOT NULL,        -- SHA-256 over both languages
  terms_ja TEXT NOT NULL,          -- as they were shown
  terms_en TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  source TEXT,
  at_us BIGINT NOT NULL
);
CREATE INDEX service_consent_by_contract ON service_consent (contract_id, at_us);

-- A service code is never used again: its row stays when the server is gone.
CREATE TABLE service_code (
  id TEXT PRIMARY KEY,             -- the code itself
  project_id TEXT NOT NULL,
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  customer_id TEXT NOT NULL REFERENCES service_customer (id),
  serial BIGINT NOT NULL,
  item TEXT NOT NULL,
  server_id TEXT NOT NULL UNIQUE,
  server_name TEXT NOT NULL,
  issued_us BIGINT NOT NULL,
  retired_us BIGINT NOT NULL,      -- 0: its server lives
  UNIQUE (customer_id, serial)
);
CREATE INDEX service_code_by_project ON service_code (project_id, issued_us);

CREATE TABLE service_export (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  project_id TEXT NOT NULL,
  state TEXT NOT NULL,             -- queued running ready failed expired
  with_disks BIGINT NOT NULL,
  size BIGINT NOT NULL,            -- bytes of the file
  sha256 TEXT,
  error TEXT,
  created_by TEXT,
  created_us BIGINT NOT NULL,
  ready_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX service_export_by_project ON service_export (project_id, created_us);

-- What the deletion of a contract has done: a row for each object, written before it is removed.
CREATE TABLE service_removal (
  id TEXT PRIMARY KEY,
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  stage TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  name TEXT NOT NULL,
  method TEXT NOT NULL,
  size BIGINT NOT NULL,            -- bytes made unreadable, where there were any
  at_us BIGINT NOT NULL,
  UNIQUE (contract_id, object_type, object_id)
);

CREATE TABLE service_stage (
  contract_id TEXT NOT NULL REFERENCES service_contract (id),
  stage TEXT NOT NULL,
  started_us BIGINT NOT NULL,
  done_us BIGINT NOT NULL,
  PRIMARY KEY (contract_id, stage)
);

CREATE TABLE service_record (
  id TEXT PRIMARY KEY,             -- not to be guessed: who has it may read the record
  contract_id TEXT NOT NULL UNIQUE REFERENCES service_contract (id),
  contract_number TEXT NOT NULL,
  customer_name TEXT NOT NULL,
  document TEXT NOT NULL,          -- canonical JSON with its signature
  sha256 TEXT NOT NULL,
  created_us BIGINT NOT NULL
);
