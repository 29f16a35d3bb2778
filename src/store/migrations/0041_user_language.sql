-- SPDX-License-Identifier: Apache-2.0
-- Of mails to a user: ja en; NULL: as the contract of its customer says.
ALTER TABLE identity_user ADD COLUMN language TEXT;
-- A domain keeps up with its contract from now on; those whose contract was changed before do so here.
UPDATE identity_domain SET customer_language =
  (SELECT MIN(c.language) FROM service_contract c WHERE c.domain_id = identity_domain.id)
 WHERE customer_language IS NOT NULL
   AND EXISTS (SELECT 1 FROM service_contract c WHERE c.domain_id = identity_domain.id);
