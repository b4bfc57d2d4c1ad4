-- Lists of the cases of the people of an organization, by the domains of their addresses. Small letters of
-- ASCII alone: the program knows the others.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_customer_domain) and migrate again.
CREATE INDEX CONCURRENTLY cases_customer_domain
    ON cases (lower(split_part(customer_email, '@', 2) COLLATE "C"));
