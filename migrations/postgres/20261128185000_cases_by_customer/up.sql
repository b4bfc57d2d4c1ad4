-- Lists of the cases of one customer. Small letters of ASCII alone: the program knows the others.
-- Made while cases go on being opened. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX cases_customer_email) and migrate again.
CREATE INDEX CONCURRENTLY cases_customer_email ON cases (lower(customer_email COLLATE "C"));
