DROP INDEX notifications_held_back;
ALTER TABLE notifications DROP COLUMN digest;
ALTER TABLE notifications DROP COLUMN held_back_at;
ALTER TABLE notifications DROP COLUMN admitted_at;
DROP TABLE budget_uses;
