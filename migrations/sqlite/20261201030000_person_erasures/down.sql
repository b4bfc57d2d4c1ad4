DROP INDEX cases_with_participants;
DROP TABLE case_former_addresses;
DROP TABLE person_erasures;
