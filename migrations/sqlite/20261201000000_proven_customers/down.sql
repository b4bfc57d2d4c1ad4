ALTER TABLE cases DROP COLUMN proof_generation;
ALTER TABLE cases DROP COLUMN sla_targets;
ALTER TABLE cases DROP COLUMN claimed_customer_type;
ALTER TABLE cases DROP COLUMN entitlement;
ALTER TABLE cases DROP COLUMN customer_proven_at;
