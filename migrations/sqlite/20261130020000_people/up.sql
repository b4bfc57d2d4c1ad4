-- Columns without a check, except for the first, because adding a check reads the whole table.

-- Participants of a case as JSON, null without any. Programs of earlier releases leave the column as it
-- is when they change a case.
ALTER TABLE cases ADD COLUMN participants TEXT CHECK (json_valid(participants));

-- The person of the case who made an event or wrote an update; null for staff and the system. What was
-- written by an earlier program has none, and is by the customer if its kind says so. A participant has
-- the kind CUSTOMER, which earlier programs read, and an id other than that of the customer.
ALTER TABLE events ADD COLUMN person_id BLOB;
ALTER TABLE updates ADD COLUMN person_id BLOB;

-- Name that a participant had when they wrote.
ALTER TABLE updates ADD COLUMN person_name TEXT;
