DROP TABLE event_places;
DROP TABLE unplaced_events;
-- A version without a type of its own for them calls them updates.
UPDATE events SET type = 'case.updated' WHERE type = 'case.overdue';
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN (
    'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled'
));
