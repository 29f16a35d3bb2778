-- SPDX-License-Identifier: Apache-2.0
-- A page of these is read in its order, without sorting all there is (tests/api/test_sorting.py).
CREATE INDEX compute_server_by_name ON compute_server (project_id, deleted_us, name, id);
CREATE INDEX request_by_time ON request (created_us, id);
CREATE INDEX mail_by_number ON mail (number);
