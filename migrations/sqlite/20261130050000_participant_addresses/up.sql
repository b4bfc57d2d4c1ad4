-- Addresses of the participants of each case who have neither left nor been removed, in ASCII and lower
-- case. Programs of earlier releases do not change participants, so they need not write here.
CREATE TABLE case_participant_addresses (
    case_id BLOB NOT NULL REFERENCES cases (id),
    address TEXT NOT NULL,
    PRIMARY KEY (case_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX case_participant_addresses_address ON case_participant_addresses (address, case_id);

-- The addresses that were stored before. A domain outside ASCII stays as it was given: lists search for
-- each form.
INSERT OR IGNORE INTO case_participant_addresses (case_id, address)
SELECT cases.id, lower(json_extract(participant.value, '$.email'))
FROM cases, json_each(cases.participants) AS participant
WHERE cases.participants IS NOT NULL
    AND json_extract(participant.value, '$.state') NOT IN ('LEFT', 'REMOVED');
