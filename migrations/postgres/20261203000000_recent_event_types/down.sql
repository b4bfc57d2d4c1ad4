ALTER TABLE events DROP COLUMN recent_type;
