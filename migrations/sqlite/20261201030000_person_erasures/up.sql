-- Erasures of persons.
CREATE TABLE person_erasures (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- The contact that the person was, if there was one. It is removed by the erasure.
    contact_id BLOB,
    requested_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('RUNNING', 'SECOND_PASS', 'DONE', 'FAILED')),
    -- The addresses of the person in ASCII and lower case, with commas between; empty once finished.
    addresses TEXT NOT NULL,
    cases INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    quotes INTEGER NOT NULL,
    -- The numbers of cases whose erasure was begun and may be incomplete, with commas between.
    begun TEXT NOT NULL,
    failures INTEGER NOT NULL,
    -- The time from which a worker may claim it.
    due_at INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    -- The idempotency key of the request, and the digest of the request and the key as it was sent.
    key BLOB,
    digest BLOB,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX person_erasures_due_at ON person_erasures (due_at)
    WHERE state IN ('RUNNING', 'SECOND_PASS');
CREATE UNIQUE INDEX person_erasures_key ON person_erasures (key) WHERE key IS NOT NULL;

-- Addresses that the customers of cases had before a correction, in ASCII and lower case. Programs of
-- earlier releases correct no addresses.
CREATE TABLE case_former_addresses (
    case_id BLOB NOT NULL REFERENCES cases (id),
    address TEXT NOT NULL,
    PRIMARY KEY (case_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX case_former_addresses_address ON case_former_addresses (address, case_id);

-- Cases in whose participants an address is searched. The addresses of those who left or were removed
-- are in no other index.
CREATE INDEX cases_with_participants ON cases (id) WHERE participants IS NOT NULL;
