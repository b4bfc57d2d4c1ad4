-- What staff are told of an endpoint that was disabled belongs to the event whose message showed it.
-- Several endpoints may be disabled by messages of one event, so that the messages are unique in
-- another way than before, for which SQLite needs another table.
CREATE TABLE new_notifications (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    event_id BLOB NOT NULL REFERENCES events (id),
    channel TEXT NOT NULL CHECK (channel = 'EMAIL' OR channel = 'SMS' OR channel = 'WEBHOOK'),
    template TEXT NOT NULL,
    address TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status = 'PENDING' OR status = 'IN_FLIGHT' OR status = 'SENT' OR
        status = 'DELIVERED' OR status = 'DEAD' OR status = 'CANCELLED'
    ),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    -- When to try (again); while an attempt is under way, when its claim runs out.
    due_at INTEGER NOT NULL,
    -- Counts the claims: a completion has to name the latest.
    claim INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    endpoint_id BLOB CHECK (length(endpoint_id) = 16),
    -- What the message is rendered from, where that is not the event's snapshot.
    notice TEXT,
    CHECK ((endpoint_id IS NULL) = (notice IS NULL))
) STRICT;
INSERT INTO new_notifications (
    id, event_id, channel, template, address, status, attempts, due_at, claim, last_error, created_at,
    finished_at
)
SELECT id, event_id, channel, template, address, status, attempts, due_at, claim, last_error, created_at,
    finished_at
FROM notifications;
DROP TABLE notifications;
ALTER TABLE new_notifications RENAME TO notifications;
CREATE UNIQUE INDEX notifications_message ON notifications (
    event_id, channel, template, address, coalesce(endpoint_id, x'')
);
CREATE INDEX notifications_due ON notifications (channel, due_at, id, address)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
CREATE INDEX notifications_address ON notifications (lower(address), finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX notifications_finished_at ON notifications (finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX notifications_in_flight ON notifications (lower(address)) WHERE status = 'IN_FLIGHT';
