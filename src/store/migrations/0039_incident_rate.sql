-- SPDX-License-Identifier: Apache-2.0
-- What a customer wrote lately is counted at each report.
CREATE INDEX incident_entry_by_project ON incident_entry (project_id, at_us);
