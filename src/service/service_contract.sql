-- SPDX-License-Identifier: Apache-2.0
-- Customers and contracts. Customers' own calls bind the project; staff see all.

-- name: counter_next
-- scope: cloud: numbers are unique in the installation
INSERT INTO service_counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = service_counter.value + 1
RETURNING value

-- name: customer_insert
-- scope: cloud: operator
INSERT INTO service_customer (id, number, name, name_kana, name_en, sector, country, code_serial,
                              created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8)

-- name: customer_update
-- scope: cloud: operator
UPDATE service_customer SET name = $2, name_kana = $3, name_en = $4, sector = $5, country = $6,
       updated_us = $7
 WHERE id = $1

-- name: customer_load
-- scope: cloud: operator
SELECT * FROM service_customer WHERE id = $1

-- name: customer_list
-- scope: cloud: operator
SELECT * FROM service_customer WHERE 1 = 1 {filter} {page}

-- name: customer_serial
-- scope: cloud: the row's counter of service codes
UPDATE service_customer SET code_serial = code_serial + 1 WHERE id = $1 RETURNING code_serial

-- name: contract_insert
-- scope: cloud: operator
INSERT INTO service_contract (id, number, customer_id, title, class_name, class_version, state,
                              starts_us, ends_us, governing_law, language, network_cidr, quotas,
                              notes, master_user_name, activated_us, legal_hold, hold_us,
                              cancelled_us, ended_us, delete_at_us, deleting_us, closed_us, version,
                              created_us, updated_us)
VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10, $11, $12, $13, $14, 0, 0, 0, 0, 0, 0, 0, 0,
        1, $15, $15)

-- name: contract_update
-- scope: cloud: operator; compare-and-set
UPDATE service_contract
   SET title = $3, class_name = $4, class_version = $5, state = $6, starts_us = $7, ends_us = $8,
       governing_law = $9, language = $10, network_cidr = $11, quotas = $12, notes = $13,
       master_user_name = $14, project_id = $15, domain_id = $16, master_user_id = $17,
       activated_us = $18, legal_hold = $19, hold_reason = $20, hold_us = $21, cancelled_us = $22,
       cancelled_by = $23, cancel_reason = $24, ended_us = $25, delete_at_us = $26,
       deleting_us = $27, closed_us = $28, record_id = $29, updated_us = $30, version = version + 1
 WHERE id = $1 AND version = $2

-- name: contract_load
-- scope: cloud: operator, and jobs
SELECT c.*, k.name AS customer_name, k.name_en AS customer_name_en, k.number AS customer_number,
       k.sector AS sector
  FROM service_contract c JOIN service_customer k ON k.id = c.customer_id
 WHERE c.id = $1

-- name: contract_by_project
-- scope: project
SELECT c.*, k.name AS customer_name, k.name_en AS customer_name_en, k.number AS customer_number,
       k.sector AS sector
  FROM service_contract c JOIN service_customer k ON k.id = c.customer_id
 WHERE c.project_id = $1

-- name: contract_list
-- scope: cloud: operator
SELECT * FROM (
  SELECT c.*, k.name AS customer_name, k.name_en AS customer_name_en, k.number AS customer_number,
         k.sector AS sector
    FROM service_contract c JOIN service_customer k ON k.id = c.customer_id) x
 WHERE 1 = 1 {filter} {page}

-- name: contract_due
-- scope: cloud: the schedule; what is to end, and what is to be deleted
SELECT c.*, k.name AS customer_name, k.name_en AS customer_name_en, k.number AS customer_number,
       k.sector AS sector
  FROM service_contract c JOIN service_customer k ON k.id = c.customer_id
 WHERE c.state = 'terminating' AND c.deleting_us = 0
   AND ((c.ended_us = 0 AND c.ends_us <= $1)
        OR (c.ended_us > 0 AND c.delete_at_us > 0 AND c.delete_at_us <= $1 AND c.legal_hold = 0))
 ORDER BY c.ends_us

-- name: contract_expired
-- scope: cloud: the schedule; active contracts whose last day is over
SELECT c.*, k.name AS customer_name, k.name_en AS customer_name_en, k.number AS customer_number,
       k.sector AS sector
  FROM service_contract c JOIN service_customer k ON k.id = c.customer_id
 WHERE c.state = 'active' AND c.ends_us > 0 AND c.ends_us <= $1
 ORDER BY c.ends_us

-- name: item_insert
-- scope: cloud: of a contract that was loaded
INSERT INTO service_item (id, contract_id, position, code, title, quantity)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: item_clear
-- scope: cloud: of a contract that was loaded
DELETE FROM service_item WHERE contract_id = $1

-- name: item_list
-- scope: cloud: of a contract that was loaded
SELECT id, code, title, quantity FROM service_item WHERE contract_id = $1 ORDER BY position

-- name: contact_insert
-- scope: cloud: of a contract that was loaded
INSERT INTO service_contact (id, contract_id, position, kind, name, email, phone, language)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: contact_clear
-- scope: cloud: of a contract that was loaded
DELETE FROM service_contact WHERE contract_id = $1

-- name: contact_list
-- scope: cloud: of a contract that was loaded
SELECT id, kind, name, email, phone, language FROM service_contact
 WHERE contract_id = $1 AND ($2 = '' OR kind = $2) ORDER BY position

-- name: consent_insert
-- scope: project
INSERT INTO service_consent (id, contract_id, project_id, terms_version, terms_hash, terms_ja,
                             terms_en, user_id, user_name, source, at_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: consent_newest
-- scope: cloud: of a contract that was loaded
SELECT terms_version, terms_hash, terms_ja, terms_en, user_id, user_name, source, at_us FROM service_consent
 WHERE contract_id = $1 ORDER BY at_us DESC, id LIMIT 1

-- name: change_insert
-- scope: project
INSERT INTO service_change (id, contract_id, project_id, changes, at_us) VALUES ($1, $2, $3, $4, $5)

-- name: change_list
-- scope: project
SELECT * FROM service_change WHERE project_id = $1 {filter} {page}

-- name: change_of_contract
-- scope: cloud: operator
SELECT * FROM service_change WHERE contract_id = $1 {filter} {page}

-- Service codes ------------------------------------------------------------------------------

-- name: code_insert
-- scope: project
INSERT INTO service_code (id, project_id, contract_id, customer_id, serial, item, server_id,
                          server_name, issued_us, retired_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)

-- name: code_list
-- scope: project
SELECT * FROM service_code WHERE project_id = $1 {filter} {page}

-- name: code_list_any
-- scope: cloud: operator
SELECT * FROM service_code WHERE 1 = 1 {filter} {page}

-- name: code_load
-- scope: cloud: operator, by the code
SELECT d.*, k.number AS customer_number, k.name AS customer_name, c.number AS contract_number
  FROM service_code d
  JOIN service_customer k ON k.id = d.customer_id
  JOIN service_contract c ON c.id = d.contract_id
 WHERE d.id = $1

-- name: code_update
-- scope: project
UPDATE service_code SET server_name = $3, retired_us = $4 WHERE project_id = $1 AND server_id = $2

-- name: code_projects
-- scope: cloud: the schedule looks after the codes of every contract
SELECT project_id AS id FROM service_contract
 WHERE project_id IS NOT NULL AND state <> 'closed' ORDER BY project_id

-- Export kits --------------------------------------------------------------------------------

-- name: export_insert
-- scope: project
INSERT INTO service_export (id, contract_id, project_id, state, with_disks, size, created_by,
                            created_us, ready_us, expires_us)
VALUES ($1, $2, $3, 'queued', $4, 0, $5, $6, 0, $7)

-- name: export_list
-- scope: project
SELECT * FROM service_export WHERE project_id = $1 {filter} {page}

-- name: export_load
-- scope: project
SELECT * FROM service_export WHERE project_id = $1 AND id = $2

-- name: export_load_any
-- scope: cloud: the job of the kit
SELECT * FROM service_export WHERE id = $1

-- name: export_open
-- scope: project
SELECT COUNT(*) FROM service_export WHERE project_id = $1 AND state IN ('queued', 'running', 'ready')

-- name: export_state
-- scope: cloud: the job of the kit
UPDATE service_export SET state = $2, size = $3, sha256 = $4, error = $5, ready_us = $6, disks_done = $7,
       disks_total = $8
 WHERE id = $1

-- name: export_expired
-- scope: cloud: the schedule
SELECT * FROM service_export WHERE state IN ('ready', 'failed') AND expires_us <= $1

-- name: export_of_contract
-- scope: cloud: the deletion of the contract
SELECT * FROM service_export WHERE contract_id = $1 AND state <> 'expired'

-- Deletion -----------------------------------------------------------------------------------

-- name: removal_add
-- scope: cloud: the deletion of the contract
INSERT INTO service_removal (id, contract_id, stage, object_type, object_id, name, method, size,
                             at_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
ON CONFLICT DO NOTHING

-- name: removal_done
-- scope: cloud: the deletion of the contract
UPDATE service_removal SET at_us = $3
 WHERE contract_id = $1 AND (stage = $2 OR $2 = 'verify') AND at_us = 0 AND kept IS NULL

-- name: removal_kept
-- scope: cloud: the deletion of the contract; a reason, or null when it can go
UPDATE service_removal SET kept = $4
 WHERE contract_id = $1 AND object_type = $2 AND object_id = $3 AND at_us = 0

-- name: removal_gone
-- scope: cloud: what was kept when its contract was deleted, and has gone since
UPDATE service_removal SET at_us = $2 WHERE contract_id = $1 AND kept IS NOT NULL AND at_us = 0

-- name: removal_waiting
-- scope: cloud: the schedule; what closed contracts left for a while
SELECT r.* FROM service_removal r JOIN service_contract c ON c.id = r.contract_id
 WHERE r.kept IS NOT NULL AND r.at_us = 0 AND c.state = 'closed' ORDER BY r.contract_id

-- name: supplement_insert
-- scope: cloud: of a contract that was deleted
INSERT INTO service_supplement (contract_id, record_id, document, created_us)
VALUES ($1, $2, $3, $4)

-- name: supplement_load
-- scope: cloud: by the id of the record, which nobody guesses
SELECT contract_id, record_id AS id, document, created_us FROM service_supplement WHERE record_id = $1

-- name: removal_list
-- scope: cloud: the deletion of the contract
SELECT * FROM service_removal
 WHERE contract_id = $1 ORDER BY object_type, object_id

-- name: stage_begin
-- scope: cloud: the deletion of the contract
INSERT INTO service_stage (contract_id, stage, started_us, done_us) VALUES ($1, $2, $3, 0)
ON CONFLICT DO NOTHING

-- name: stage_done
-- scope: cloud: the deletion of the contract
UPDATE service_stage SET done_us = $3 WHERE contract_id = $1 AND stage = $2 AND done_us = 0

-- name: stage_list
-- scope: cloud: the deletion of the contract
SELECT stage AS id, started_us, done_us FROM service_stage
 WHERE contract_id = $1 ORDER BY started_us, stage

-- name: record_insert
-- scope: cloud: the deletion of the contract
INSERT INTO service_record (id, contract_id, contract_number, customer_name, document, sha256,
                            created_us)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING

-- name: record_load
-- scope: cloud: who knows its id may read it
SELECT * FROM service_record WHERE id = $1

-- name: record_of_contract
-- scope: cloud: of a contract that was loaded
SELECT service_record.*,
       COALESCE((SELECT s.created_us FROM service_supplement s WHERE s.record_id = service_record.id),
                0) AS supplement_us,
       (SELECT count(*) FROM service_removal r
         WHERE r.contract_id = service_record.contract_id AND r.kept IS NOT NULL AND r.at_us = 0) AS kept
  FROM service_record WHERE contract_id = $1

-- name: record_list
-- scope: cloud: staff
SELECT id, contract_id, contract_number, customer_name, sha256, created_us,
       COALESCE((SELECT s.created_us FROM service_supplement s WHERE s.record_id = service_record.id),
                0) AS supplement_us,
       (SELECT count(*) FROM service_removal r
         WHERE r.contract_id = service_record.contract_id AND r.kept IS NOT NULL AND r.at_us = 0) AS kept
  FROM service_record
 WHERE 1 = 1 {filter} {page}

-- name: fact_get
-- scope: cloud: facts of the installation
SELECT value AS id FROM fact WHERE name = $1

-- name: fact_set
-- scope: cloud: facts of the installation
INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
