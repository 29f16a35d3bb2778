-- SPDX-License-Identifier: Apache-2.0
-- Documents: versions, their files, who acknowledged what. A version is draft, published or superseded.

-- name: document_version
-- scope: cloud: documents are the provider's
SELECT COALESCE(MAX(version), 0) + 1 AS n FROM notice_document WHERE slug = $1;

-- name: document_insert
-- scope: cloud: written by operators
INSERT INTO notice_document (id, slug, version, kind, title_ja, title_en, state, needs_ack, area, classes, media_type, hash,
                             created_by, created_us, published_us, superseded_us)
VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, NULL, NULL, $10, $11, 0, 0);

-- name: document_by_id
-- scope: cloud: staff
SELECT * FROM notice_document WHERE id = $1;

-- name: document_list
-- scope: cloud: staff
SELECT * FROM notice_document WHERE 1 = 1 {filter} {page};

-- name: document_of_project
-- scope: project
SELECT * FROM (SELECT d.*, a.at_us AS acknowledged_us, a.user_name AS acknowledged_name
                 FROM notice_document d
                 LEFT JOIN notice_document_ack a ON a.document_id = d.id AND a.project_id = $1
                WHERE d.state = 'published' AND (d.classes = '[]' OR d.classes LIKE $2)) x
 WHERE id = $3;

-- name: document_list_of_project
-- scope: project
SELECT * FROM (SELECT d.*, a.at_us AS acknowledged_us, a.user_name AS acknowledged_name
                 FROM notice_document d
                 LEFT JOIN notice_document_ack a ON a.document_id = d.id AND a.project_id = $1
                WHERE d.state = 'published' AND (d.classes = '[]' OR d.classes LIKE $2)) x
 WHERE 1 = 1 {filter} {page};

-- name: document_published
-- scope: cloud: the version of a slug that is published now
SELECT * FROM notice_document WHERE slug = $1 AND state = 'published';

-- name: document_supersede
-- scope: cloud: by operators, when the next version is published
UPDATE notice_document SET state = 'superseded', superseded_us = $2 WHERE slug = $1 AND state = 'published';

-- name: document_publish
-- scope: cloud: by operators; compare-and-set
UPDATE notice_document SET state = 'published', published_us = $2 WHERE id = $1 AND state = 'draft';

-- name: document_withdraw
-- scope: cloud: by operators; compare-and-set
UPDATE notice_document SET state = 'superseded', superseded_us = $2 WHERE id = $1 AND state = 'published';

-- name: document_delete
-- scope: cloud: by operators; only what nobody has read
DELETE FROM notice_document WHERE id = $1 AND state = 'draft';

-- name: document_describe
-- scope: cloud: by operators; of a draft
UPDATE notice_document SET media_type = $2, hash = $3 WHERE id = $1 AND state = 'draft';

-- name: file_set
-- scope: cloud: by operators; of a draft
INSERT INTO notice_document_file (document_id, language, media_type, size, hash, data) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (document_id, language) DO UPDATE
   SET media_type = excluded.media_type, size = excluded.size, hash = excluded.hash, data = excluded.data;

-- name: file_list
-- scope: cloud: of a document that the caller may see
SELECT language, media_type, size, hash FROM notice_document_file WHERE document_id = $1 ORDER BY language;

-- name: file_data
-- scope: cloud: of a document that the caller may see
SELECT language, media_type, size, hash, data FROM notice_document_file WHERE document_id = $1 AND language = $2;

-- name: document_ack_add
-- scope: project
INSERT INTO notice_document_ack (document_id, project_id, user_id, user_name, at_us) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (document_id, project_id) DO NOTHING;

-- name: document_ack_list
-- scope: cloud: staff see who acknowledged
SELECT project_id, user_id, user_name, at_us FROM notice_document_ack WHERE document_id = $1 ORDER BY at_us, project_id;
