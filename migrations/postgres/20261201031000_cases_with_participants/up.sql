-- Cases in whose participants an address is searched. The addresses of those who left or were removed
-- are in no other index.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_with_participants) and migrate again.
CREATE INDEX CONCURRENTLY cases_with_participants ON cases (id) WHERE participants IS NOT NULL;
