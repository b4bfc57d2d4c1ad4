-- Counts the changes of everything that decides who is told of a change of a case and who may make it.
-- A commit names the version by which it was planned, and is refused where that has moved.
CREATE TABLE directory (
    is_only INTEGER NOT NULL PRIMARY KEY CHECK (is_only = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO directory (is_only, version) VALUES (1, 1);

CREATE TRIGGER staff_changed AFTER UPDATE ON staff
BEGIN
    UPDATE directory SET version = version + 1;
END;
CREATE TRIGGER staff_removed AFTER DELETE ON staff
BEGIN
    UPDATE directory SET version = version + 1;
END;
CREATE TRIGGER staff_tokens_removed AFTER DELETE ON staff_tokens
BEGIN
    UPDATE directory SET version = version + 1;
END;
CREATE TRIGGER webhook_endpoints_added AFTER INSERT ON webhook_endpoints
BEGIN
    UPDATE directory SET version = version + 1;
END;
CREATE TRIGGER webhook_endpoints_removed AFTER DELETE ON webhook_endpoints
BEGIN
    UPDATE directory SET version = version + 1;
END;
CREATE TRIGGER webhook_endpoints_changed
AFTER UPDATE OF event_types, disabled_at ON webhook_endpoints
BEGIN
    UPDATE directory SET version = version + 1;
END;
