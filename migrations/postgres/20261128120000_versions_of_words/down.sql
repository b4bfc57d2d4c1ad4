ALTER TABLE case_search DROP COLUMN version;
