DROP TRIGGER webhook_endpoints_directory ON webhook_endpoints;
ALTER TABLE webhook_endpoints
    DROP COLUMN older_secrets,
    DROP COLUMN includes_internal,
    DROP COLUMN event_subtypes;
CREATE CONSTRAINT TRIGGER webhook_endpoints_directory
    AFTER INSERT OR DELETE OR UPDATE OF event_types, disabled_at ON webhook_endpoints
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_directory_change();
