-- SPDX-License-Identifier: Apache-2.0
-- What placement and quotas sum up at each server's creation, so that its cost does not grow with what is there.

-- Ports of a project, changed in the transaction that makes or deletes them.
CREATE TABLE network_usage (
  project_id TEXT PRIMARY KEY,
  ports BIGINT NOT NULL
);
INSERT INTO network_usage (project_id, ports) SELECT project_id, COUNT(*) FROM network_port GROUP BY project_id;

-- What the servers of a host hold is read from here alone.
CREATE INDEX compute_server_holds ON compute_server (host, ram_mib, vcpus, disk_gib) WHERE deleted_us = 0 AND host IS NOT NULL;
