-- The departments that there are, to find them in any case of letters.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_department) and migrate again.
CREATE INDEX CONCURRENTLY cases_department ON cases (department) WHERE department IS NOT NULL;
