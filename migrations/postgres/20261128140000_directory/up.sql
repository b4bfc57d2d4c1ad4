-- Counts the changes of everything that decides who is told of a change of a case and who may make it.
-- A commit names the version by which it was planned, and is refused where that has moved.
CREATE TABLE directory (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL
);
INSERT INTO directory (version) VALUES (1);

-- Returns the version, which stays until the transaction ends: whoever changes the directory waits for
-- the commits that were planned before. The lock comes first, and the query after it sees what was
-- committed meanwhile, whatever the calling statement sees.
CREATE FUNCTION directory_version() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(6148914691236517);
    SELECT version INTO STRICT found FROM directory;
    RETURN found;
END
$$;

CREATE FUNCTION count_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6148914691236517);
    UPDATE directory SET version = version + 1;
    RETURN NULL;
END
$$;

-- Deferred, so that commits of cases wait for no more than the end of the transaction.
CREATE CONSTRAINT TRIGGER staff_directory AFTER UPDATE OR DELETE ON staff
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_directory_change();
CREATE CONSTRAINT TRIGGER staff_tokens_directory AFTER DELETE ON staff_tokens
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_directory_change();
CREATE CONSTRAINT TRIGGER webhook_endpoints_directory
    AFTER INSERT OR DELETE OR UPDATE OF event_types, disabled_at ON webhook_endpoints
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_directory_change();
