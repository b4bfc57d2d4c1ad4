ALTER TABLE cases DROP COLUMN access_generation;
