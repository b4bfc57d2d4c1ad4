-- Cases whose service targets are in danger or missed.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_alerts) and migrate again.
CREATE INDEX CONCURRENTLY cases_alerts ON cases (status_rank)
    WHERE first_response_alert IS NOT NULL OR resolution_alert IS NOT NULL;
