-- Lists of the cases of one client or project.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_client_or_project_name) and migrate again.
CREATE INDEX CONCURRENTLY cases_client_or_project_name ON cases (lower(client_or_project_name COLLATE "C"))
    WHERE client_or_project_name IS NOT NULL;
