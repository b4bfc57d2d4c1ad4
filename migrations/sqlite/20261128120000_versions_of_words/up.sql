-- Which version of the program made the words of a case: the rows there are wait to be made anew.
ALTER TABLE case_search ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- Those that wait, the newest last.
CREATE INDEX case_search_old ON case_search (id) WHERE version < 2;
