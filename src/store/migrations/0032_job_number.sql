-- SPDX-License-Identifier: Apache-2.0
-- Jobs are listed newest first, and there are many.
CREATE INDEX job_by_number ON job (number);
