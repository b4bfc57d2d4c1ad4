DROP INDEX case_search_old;
ALTER TABLE case_search DROP COLUMN version;
