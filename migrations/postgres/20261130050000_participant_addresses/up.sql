-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Addresses of the participants of each case who have neither left nor been removed, in ASCII and lower
-- case. Programs of earlier releases do not change participants, so they need not write here.
CREATE TABLE case_participant_addresses (
    case_id uuid NOT NULL REFERENCES cases (id),
    address text NOT NULL,
    PRIMARY KEY (case_id, address)
);

CREATE INDEX case_participant_addresses_address ON case_participant_addresses (address, case_id);
