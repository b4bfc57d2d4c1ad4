DROP INDEX cases_source;
ALTER TABLE updates DROP COLUMN source;
ALTER TABLE cases DROP COLUMN source;
