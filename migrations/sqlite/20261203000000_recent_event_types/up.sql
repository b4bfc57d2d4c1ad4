-- Type of an event that programs of the release before do not know. They read the one in the column
-- type, which they know. Null for all other events.
ALTER TABLE events ADD COLUMN recent_type TEXT;
