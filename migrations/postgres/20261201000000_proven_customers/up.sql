-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Programs of earlier releases leave these columns as they are when they change a case.

-- Time at which the customer's address was proven.
ALTER TABLE cases ADD COLUMN customer_proven_at timestamptz;

-- VERIFIED or CLAIMED; null means CLAIMED.
ALTER TABLE cases ADD COLUMN entitlement text;

-- Customer type that was claimed, if another one applies.
ALTER TABLE cases ADD COLUMN claimed_customer_type text;

-- Service targets of the customer's contract by urgency as JSON, null without any.
ALTER TABLE cases ADD COLUMN sla_targets text;

-- Generation of the proofs in which the address was proven. Those of them that came to the address by
-- e-mail stay valid in the following generation.
ALTER TABLE cases ADD COLUMN proof_generation integer;
