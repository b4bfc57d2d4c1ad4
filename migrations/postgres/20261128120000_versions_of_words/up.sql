-- Which version of the program made the words of a case: the rows there are, and those that a server of
-- the version before adds, wait to be made anew.
ALTER TABLE case_search ADD COLUMN version integer NOT NULL DEFAULT 1;
