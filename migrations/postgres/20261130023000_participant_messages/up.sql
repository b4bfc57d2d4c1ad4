-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- The participant whom a notification is for; null for the customer, staff and endpoints. Programs of
-- earlier releases do not know the templates for participants, so they claim none of these
-- notifications.
ALTER TABLE notifications ADD COLUMN person_id uuid;
