DROP TRIGGER webhook_endpoints_changed;
ALTER TABLE webhook_endpoints DROP COLUMN older_secrets;
ALTER TABLE webhook_endpoints DROP COLUMN includes_internal;
ALTER TABLE webhook_endpoints DROP COLUMN event_subtypes;
CREATE TRIGGER webhook_endpoints_changed
AFTER UPDATE OF event_types, disabled_at ON webhook_endpoints
BEGIN
    UPDATE directory SET version = version + 1;
END;
