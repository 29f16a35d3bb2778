-- SPDX-License-Identifier: Apache-2.0
-- Contacts by their address: who writes to the provider.

-- name: contact_by_email
-- scope: cloud: a mail names its sender, not a customer
SELECT k.id AS contract_id, k.project_id AS project_id, c.name AS name, c.language AS language
FROM service_contact c JOIN service_contract k ON k.id = c.contract_id
WHERE LOWER(c.email) = $1 AND k.state IN ('active', 'terminating')
ORDER BY k.number, c.position LIMIT 1;
