-- When a token was last used, noted once a minute.
ALTER TABLE staff_tokens ADD COLUMN last_used_at INTEGER;

-- Who has left may come back, and gets new tokens then.
DELETE FROM staff_tokens
WHERE staff_id IN (SELECT id FROM staff WHERE deactivated_at IS NOT NULL);
