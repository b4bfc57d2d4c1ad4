DROP TABLE removed_tokens;
-- Without its ceiling a token would give more than it was made to give.
DELETE FROM staff_tokens WHERE role_ceiling IS NOT NULL;
ALTER TABLE staff_tokens
    DROP COLUMN superseded_until,
    DROP COLUMN superseded_hash,
    DROP COLUMN made_by,
    DROP COLUMN parent_id,
    DROP COLUMN role_ceiling;
