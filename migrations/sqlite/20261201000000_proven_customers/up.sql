-- Columns without a check, because adding a check reads the whole table.

-- Programs of earlier releases leave these columns as they are when they change a case.

-- Time at which the customer's address was proven.
ALTER TABLE cases ADD COLUMN customer_proven_at INTEGER;

-- VERIFIED or CLAIMED; null means CLAIMED.
ALTER TABLE cases ADD COLUMN entitlement TEXT;

-- Customer type that was claimed, if another one applies.
ALTER TABLE cases ADD COLUMN claimed_customer_type TEXT;

-- Service targets of the customer's contract by urgency as JSON, null without any.
ALTER TABLE cases ADD COLUMN sla_targets TEXT;

-- Generation of the proofs in which the address was proven. Those of them that came to the address by
-- e-mail stay valid in the following generation.
ALTER TABLE cases ADD COLUMN proof_generation INTEGER;
