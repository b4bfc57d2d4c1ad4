DROP INDEX notifications_expiring;
ALTER TABLE notifications DROP COLUMN expires_at;
