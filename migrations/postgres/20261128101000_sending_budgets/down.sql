ALTER TABLE notifications DROP COLUMN admitted_at, DROP COLUMN held_back_at, DROP COLUMN digest;
DROP TABLE budget_uses;
