-- SPDX-License-Identifier: Apache-2.0
-- A customer's notices, newest first, are read from an index: a page costs the same after years of notices.
ALTER TABLE notice_recipient ADD COLUMN created_us BIGINT NOT NULL DEFAULT 0; -- the notice's own
UPDATE notice_recipient SET created_us = (SELECT n.created_us FROM notice n WHERE n.id = notice_recipient.notice_id);
CREATE INDEX notice_recipient_by_time ON notice_recipient (project_id, created_us, notice_id);
