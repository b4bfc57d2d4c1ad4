DROP TABLE removed_tokens;
DROP INDEX staff_tokens_superseded_hash;
DROP INDEX staff_tokens_parent_id;
-- Without its ceiling a token would give more than it was made to give.
DELETE FROM staff_tokens WHERE role_ceiling IS NOT NULL;
ALTER TABLE staff_tokens DROP COLUMN superseded_until;
ALTER TABLE staff_tokens DROP COLUMN superseded_hash;
ALTER TABLE staff_tokens DROP COLUMN made_by;
ALTER TABLE staff_tokens DROP COLUMN parent_id;
ALTER TABLE staff_tokens DROP COLUMN role_ceiling;
