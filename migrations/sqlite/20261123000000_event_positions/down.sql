CREATE TABLE old_events (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    case_id BLOB NOT NULL REFERENCES cases (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    type TEXT NOT NULL CHECK (
        type = 'case.created' OR type = 'case.updated' OR type = 'case.escalated' OR
        type = 'case.assigned' OR type = 'case.cancelled'
    ),
    timestamp INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (
        actor_kind = 'CUSTOMER' OR actor_kind = 'STAFF' OR actor_kind = 'SYSTEM'
    ),
    actor_id TEXT,
    actor_name TEXT,
    visibility TEXT NOT NULL CHECK (visibility IN ('PUBLIC', 'INTERNAL')),
    changes TEXT NOT NULL CHECK (json_valid(changes)),
    snapshot TEXT NOT NULL,
    UNIQUE (case_id, sequence),
    CHECK ((actor_kind = 'STAFF') = (actor_id IS NOT NULL AND actor_name IS NOT NULL))
) STRICT;
INSERT INTO old_events (
    id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name, visibility, changes,
    snapshot
)
-- A version without a type of its own for them calls them updates.
SELECT id, case_id, sequence, CASE type WHEN 'case.overdue' THEN 'case.updated' ELSE type END,
    timestamp, actor_kind, actor_id, actor_name, visibility, changes, snapshot
FROM events ORDER BY position;
DROP TABLE events;
ALTER TABLE old_events RENAME TO events;
