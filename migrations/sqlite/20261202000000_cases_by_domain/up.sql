-- Lists of the cases of the people of an organization, by the domains of addresses. Small letters of ASCII
-- alone: the program knows the others.
CREATE INDEX cases_customer_domain
    ON cases (lower(substr(customer_email, instr(customer_email, '@') + 1)));
CREATE INDEX case_participant_addresses_domain
    ON case_participant_addresses (substr(address, instr(address, '@') + 1), case_id);
