-- Finer kinds of events that it wants beside the types, with commas between.
ALTER TABLE webhook_endpoints ADD COLUMN event_subtypes TEXT NOT NULL DEFAULT '';
-- Whether it hears of what is for staff only.
ALTER TABLE webhook_endpoints ADD COLUMN includes_internal INTEGER NOT NULL DEFAULT 1
    CHECK (includes_internal = 0 OR includes_internal = 1);
-- The secrets before the previous one that still sign: 32 octets each, and 8 of the milliseconds since
-- 1970 until when.
ALTER TABLE webhook_endpoints ADD COLUMN older_secrets BLOB NOT NULL DEFAULT x''
    CHECK (length(older_secrets) % 40 = 0);

DROP TRIGGER webhook_endpoints_changed;
CREATE TRIGGER webhook_endpoints_changed
AFTER UPDATE OF event_types, event_subtypes, includes_internal, disabled_at ON webhook_endpoints
BEGIN
    UPDATE directory SET version = version + 1;
END;
