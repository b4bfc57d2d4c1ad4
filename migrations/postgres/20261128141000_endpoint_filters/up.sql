ALTER TABLE webhook_endpoints
    -- Finer kinds of events that it wants beside the types, with commas between.
    ADD COLUMN event_subtypes text NOT NULL DEFAULT '',
    -- Whether it hears of what is for staff only.
    ADD COLUMN includes_internal boolean NOT NULL DEFAULT true,
    -- The secrets before the previous one that still sign: 32 octets each, and 8 of the milliseconds
    -- since 1970 until when.
    ADD COLUMN older_secrets bytea NOT NULL DEFAULT '' CHECK (length(older_secrets) % 40 = 0);

DROP TRIGGER webhook_endpoints_directory ON webhook_endpoints;
CREATE CONSTRAINT TRIGGER webhook_endpoints_directory
    AFTER INSERT OR DELETE
        OR UPDATE OF event_types, event_subtypes, includes_internal, disabled_at
    ON webhook_endpoints
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_directory_change();
