ALTER TABLE notifications DROP COLUMN person_id;
