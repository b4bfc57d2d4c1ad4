-- By what and from where a change of a case was asked for: events are the record of who changed it. The
-- address is personal data, and goes when the case is erased.
ALTER TABLE events ADD COLUMN credential TEXT;
ALTER TABLE events ADD COLUMN address TEXT;
ALTER TABLE events ADD COLUMN request_id TEXT;
