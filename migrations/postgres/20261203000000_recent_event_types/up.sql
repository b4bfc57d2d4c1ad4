-- Type of an event that programs of the release before do not know. They read the one in the column
-- type, which they know. Null for all other events.
--
-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';
ALTER TABLE events ADD COLUMN recent_type text;
