-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Erasures of persons.
CREATE TABLE person_erasures (
    id uuid PRIMARY KEY,
    -- The contact that the person was, if there was one. It is removed by the erasure.
    contact_id uuid,
    requested_by text NOT NULL,
    state text NOT NULL CHECK (state IN ('RUNNING', 'SECOND_PASS', 'DONE', 'FAILED')),
    -- The addresses of the person in ASCII and lower case, with commas between; empty once finished.
    addresses text NOT NULL,
    cases bigint NOT NULL,
    entries bigint NOT NULL,
    quotes bigint NOT NULL,
    -- The numbers of cases whose erasure was begun and may be incomplete, with commas between.
    begun text NOT NULL,
    failures integer NOT NULL,
    -- The time from which a worker may claim it.
    due_at timestamptz NOT NULL,
    claim bigint NOT NULL,
    -- The idempotency key of the request, and the digest of the request and the key as it was sent.
    key bytea,
    digest bytea,
    created_at timestamptz NOT NULL
);

CREATE INDEX person_erasures_due_at ON person_erasures (due_at)
    WHERE state IN ('RUNNING', 'SECOND_PASS');
CREATE UNIQUE INDEX person_erasures_key ON person_erasures (key) WHERE key IS NOT NULL;

-- Addresses that the customers of cases had before a correction, in ASCII and lower case. Programs of
-- earlier releases correct no addresses.
CREATE TABLE case_former_addresses (
    case_id uuid NOT NULL REFERENCES cases (id),
    address text NOT NULL,
    PRIMARY KEY (case_id, address)
);

CREATE INDEX case_former_addresses_address ON case_former_addresses (address, case_id);
