ALTER TABLE staff_tokens DROP COLUMN last_used_at;
