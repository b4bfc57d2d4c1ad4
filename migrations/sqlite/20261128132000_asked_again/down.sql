ALTER TABLE notifications DROP COLUMN is_asked_again;
