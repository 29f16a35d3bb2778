-- SPDX-License-Identifier: Apache-2.0
-- Images. An image belongs to the project 'owner'; others see it by its visibility.

-- name: image_visible
-- scope: project owner
SELECT * FROM image
WHERE id = $1 AND status <> 'deleted' AND ($2 = 1 OR owner = $3 OR visibility IN ('public', 'community')
  OR (visibility = 'shared' AND EXISTS
    (SELECT 1 FROM image_member m WHERE m.image_id = image.id AND m.member_id = $3)));

-- name: image_list
-- scope: project owner
SELECT * FROM image
WHERE status <> 'deleted' AND ($1 = 1 OR owner = $2 OR visibility = 'public'
  OR (visibility = 'community' AND $4 = 1)
  OR (visibility = 'shared' AND EXISTS
    (SELECT 1 FROM image_member m WHERE m.image_id = image.id AND m.member_id = $2
      AND ($3 = 'all' OR m.status = $3)))){filter}{page};

-- name: image_any
-- scope: cloud: the worker prepares and removes files of whatever image its job names
SELECT * FROM image WHERE id = $1;

-- name: image_public_named
-- scope: cloud: the operator's import looks for its own earlier run
SELECT id FROM image WHERE name = $1 AND visibility = 'public' AND status = 'active' ORDER BY created_us LIMIT 1;

-- name: image_add
-- scope: project owner
INSERT INTO image (id, name, owner, status, visibility, disk_format, container_format, min_disk, min_ram,
  protected, os_hidden, tags, properties, upload_size, upload_seen_us, version, created_us, updated_us)
VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 1, $13, $13);

-- name: image_update
-- scope: cloud: by id and version of a row just read under its own scope
UPDATE image SET name = $3, owner = $4, visibility = $5, disk_format = $6, container_format = $7, min_disk = $8,
  min_ram = $9, protected = $10, os_hidden = $11, tags = $12, properties = $13, updated_us = $14,
  version = version + 1
WHERE id = $1 AND version = $2 AND status <> 'deleted';

-- name: image_move
-- scope: cloud: by id and state of a row just read under its own scope
UPDATE image SET status = $3, updated_us = $4, version = version + 1 WHERE id = $1 AND status = $2;

-- name: image_hold
-- scope: cloud: by id of a row just read under its own scope
UPDATE image SET held = $2 WHERE id = $1;

-- name: image_upload_begin
-- scope: project owner
UPDATE image SET status = 'saving', upload_id = $3, upload_size = $4, upload_seen_us = $5, updated_us = $5,
  version = version + 1
WHERE id = $1 AND owner = $2 AND status = 'queued';

-- name: image_upload_seen
-- scope: cloud: by the secret id of the upload
UPDATE image SET upload_seen_us = $3, upload_size = CASE WHEN upload_size < $4 THEN $4 ELSE upload_size END
WHERE id = $1 AND upload_id = $2 AND status = 'saving';

-- name: image_upload_done
-- scope: cloud: by the secret id of the upload
UPDATE image SET status = 'active', upload_id = NULL, upload_size = 0, size = $3, virtual_size = $4, checksum = $5,
  os_hash_value = $6, updated_us = $7, version = version + 1
WHERE id = $1 AND upload_id = $2 AND status = 'saving';

-- name: image_upload_failed
-- scope: cloud: by the secret id of the upload
UPDATE image SET status = $3, upload_id = NULL, upload_size = 0, updated_us = $4, version = version + 1
WHERE id = $1 AND upload_id = $2 AND status = 'saving';

-- name: image_stale
-- scope: cloud: uploads whose process died, of whatever customer
SELECT * FROM image WHERE status = 'saving' AND upload_seen_us < $1 ORDER BY id LIMIT 1000;

-- name: image_deleted
-- scope: cloud: files of deleted images, of whatever customer
SELECT * FROM image WHERE status = 'deleted' ORDER BY id LIMIT 1000;

-- name: image_of_owner
-- scope: project owner
SELECT * FROM image WHERE owner = $1 ORDER BY id;

-- name: image_purge
-- scope: cloud: rows of deleted images whose files are gone
DELETE FROM image WHERE id = $1 AND status = 'deleted';

-- name: image_owner_count
-- scope: project owner
SELECT COUNT(*) FROM image WHERE owner = $1 AND status <> 'deleted';

-- name: image_owner_bytes
-- scope: project owner
SELECT COALESCE(SUM(CASE WHEN status = 'saving' THEN upload_size ELSE COALESCE(size, 0) END), 0)
FROM image WHERE owner = $1 AND status <> 'deleted';

-- name: image_member_add
-- scope: cloud: members of an image just read under its owner's scope
INSERT INTO image_member (image_id, member_id, status, created_us, updated_us) VALUES ($1, $2, 'pending', $3, $3)
ON CONFLICT DO NOTHING;

-- name: image_member_list
-- scope: cloud: members of an image just read under its owner's scope; $2 '' = all, else that member only
SELECT * FROM image_member WHERE image_id = $1 AND ($2 = '' OR member_id = $2) ORDER BY created_us, member_id;

-- name: image_member_set
-- scope: cloud: members of an image just read under its own scope
UPDATE image_member SET status = $3, updated_us = $4 WHERE image_id = $1 AND member_id = $2;

-- name: image_member_remove
-- scope: cloud: members of an image just read under its owner's scope; $2 '' = all
DELETE FROM image_member WHERE image_id = $1 AND ($2 = '' OR member_id = $2);
