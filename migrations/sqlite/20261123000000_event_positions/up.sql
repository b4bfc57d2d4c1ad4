-- The place of an event among those of all cases. One connection writes, so that places are given in
-- the order in which events become visible; no event is ever deleted, so that none is given twice.
-- SQLite needs another table for another key.
CREATE TABLE new_events (
    position INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    case_id BLOB NOT NULL REFERENCES cases (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    type TEXT NOT NULL CHECK (
        type = 'case.created' OR type = 'case.updated' OR type = 'case.escalated' OR
        type = 'case.assigned' OR type = 'case.cancelled' OR type = 'case.overdue'
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
INSERT INTO new_events (
    position, id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name, visibility,
    changes, snapshot
)
SELECT rowid, id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name, visibility,
    changes, snapshot
FROM events ORDER BY rowid;
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
