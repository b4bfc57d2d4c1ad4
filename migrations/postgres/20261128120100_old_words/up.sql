-- Those that wait, the newest last.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX case_search_old) and migrate again.
CREATE INDEX CONCURRENTLY case_search_old ON case_search (case_id) WHERE version < 2;
