-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Participants of a case as JSON, null without any. Programs of earlier releases leave the column as it
-- is when they change a case.
ALTER TABLE cases ADD COLUMN participants text;

-- The person of the case who made an event or wrote an update; null for staff and the system. What was
-- written by an earlier program has none, and is by the customer if its kind says so. A participant has
-- the kind CUSTOMER, which earlier programs read, and an id other than that of the customer.
ALTER TABLE events ADD COLUMN person_id uuid;
ALTER TABLE updates
    ADD COLUMN person_id uuid,
    -- Name that a participant had when they wrote.
    ADD COLUMN person_name text;
