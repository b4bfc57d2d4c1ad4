-- Events wait here, from the commit that makes them, until one server at a time gives each its place
-- among those of all cases. Without an index: it is emptied many times a second.
CREATE TABLE unplaced_events (
    event_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The place of an event among those of all cases. Places are given after the events' commits, so that
-- whoever has seen a place has missed none before it. A table of its own, since a large row would be
-- written once more to hold its place.
CREATE TABLE event_places (
    position bigint PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE REFERENCES events (id)
);

INSERT INTO unplaced_events (event_id) SELECT id FROM events;

-- A new type. Checked for new rows at once, and for those there are without keeping others out.
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN (
    'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled', 'case.overdue'
)) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
