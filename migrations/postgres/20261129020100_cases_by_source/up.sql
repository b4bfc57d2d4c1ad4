-- Cases that came in another way than most.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_source) and migrate again.
CREATE INDEX CONCURRENTLY cases_source ON cases (source) WHERE source <> 'API';
