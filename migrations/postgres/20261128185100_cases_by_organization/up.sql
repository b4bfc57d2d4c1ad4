-- Lists of the cases of one organization.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_customer_organization) and migrate again.
CREATE INDEX CONCURRENTLY cases_customer_organization ON cases (lower(customer_organization COLLATE "C"))
    WHERE customer_organization IS NOT NULL;
