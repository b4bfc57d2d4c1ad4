DROP INDEX updates_public;
ALTER TABLE cases DROP COLUMN first_response_ended_at;
ALTER TABLE cases DROP COLUMN replies_counted;
ALTER TABLE cases DROP COLUMN replies_since;
