-- Lists of the cases of the people of an organization, by the domains of participants' addresses.
-- Made while cases go on being changed. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX case_participant_addresses_domain) and migrate again.
CREATE INDEX CONCURRENTLY case_participant_addresses_domain
    ON case_participant_addresses (split_part(address, '@', 2), case_id);
