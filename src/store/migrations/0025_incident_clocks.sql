-- SPDX-License-Identifier: Apache-2.0
-- What a class promises after the first word on an incident: the next word within some minutes, the report within some days.
ALTER TABLE incident ADD COLUMN told_us BIGINT NOT NULL DEFAULT 0;           -- when customers were last told something
ALTER TABLE incident ADD COLUMN update_due_us BIGINT NOT NULL DEFAULT 0;     -- times: 0 = none
ALTER TABLE incident ADD COLUMN update_overdue_us BIGINT NOT NULL DEFAULT 0; -- when the alert went out
ALTER TABLE incident ADD COLUMN report_due_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN report_overdue_us BIGINT NOT NULL DEFAULT 0;
CREATE INDEX incident_update_due ON incident (update_due_us) WHERE update_due_us > 0 AND update_overdue_us = 0;
CREATE INDEX incident_report_due ON incident (report_due_us) WHERE report_due_us > 0 AND report_overdue_us = 0;
