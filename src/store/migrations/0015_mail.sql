-- SPDX-License-Identifier: Apache-2.0
-- The queue of mails. What was sent stays as a record: subject and body are the text as it left.

CREATE TABLE mail (
  id TEXT PRIMARY KEY,
  mail_key TEXT NOT NULL UNIQUE,   -- a mail of a key is queued once for ever
  number BIGINT NOT NULL,          -- order of insertion (mail_head)
  recipient TEXT NOT NULL,         -- an address, or 'operators'
  language TEXT NOT NULL,          -- ja en
  template TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  project_id TEXT,                 -- of the customer it is about
  object_type TEXT,
  object_id TEXT,
  state TEXT NOT NULL,             -- queued sending sent failed
  attempts BIGINT NOT NULL,        -- since it was queued or resent
  resends BIGINT NOT NULL,         -- how often an operator sent it again
  next_try_us BIGINT NOT NULL,
  give_up_us BIGINT NOT NULL,      -- 0 until the first refusal
  lease_owner TEXT,
  lease_until_us BIGINT NOT NULL,
  error TEXT,                      -- of the last attempt that failed
  created_us BIGINT NOT NULL,
  sent_us BIGINT NOT NULL          -- 0 = not yet
);
CREATE INDEX mail_open ON mail (number) WHERE state IN ('queued', 'sending');
CREATE INDEX mail_open_by_recipient ON mail (recipient, number) WHERE state IN ('queued', 'sending');
CREATE INDEX mail_by_state ON mail (state, number);
CREATE INDEX mail_by_object ON mail (object_id, number);
CREATE INDEX mail_by_project ON mail (project_id, number);

-- The one row whose update hands out the order.
CREATE TABLE mail_head (
  id BIGINT PRIMARY KEY,
  number BIGINT NOT NULL
);
INSERT INTO mail_head (id, number) VALUES (1, 0);
