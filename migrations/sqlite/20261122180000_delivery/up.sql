-- Whether a channel takes messages.
CREATE TABLE channels (
    channel TEXT NOT NULL PRIMARY KEY CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    stopped_at INTEGER,
    reason TEXT,
    -- When the next message may show whether it works again.
    probe_due_at INTEGER,
    CHECK ((stopped_at IS NULL) = (reason IS NULL)),
    CHECK ((stopped_at IS NULL) = (probe_due_at IS NULL))
) STRICT;
INSERT INTO channels (channel) VALUES ('EMAIL'), ('SMS'), ('WEBHOOK');

-- Addresses that want no messages any more, in lower case.
CREATE TABLE suppressed_addresses (
    channel TEXT NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (channel, address)
) STRICT;

-- Endpoints of other systems.
CREATE TABLE webhook_endpoints (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    url TEXT NOT NULL,
    description TEXT,
    -- The events it wants, with commas between; all where it is empty.
    event_types TEXT NOT NULL,
    secret BLOB NOT NULL CHECK (length(secret) = 32),
    previous_secret BLOB CHECK (length(previous_secret) = 32),
    previous_secret_until INTEGER,
    disabled_at INTEGER,
    disabled_reason TEXT,
    created_at INTEGER NOT NULL,
    -- Since when it has only failed.
    failing_since INTEGER,
    CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
) STRICT;

CREATE TABLE delivery_attempts (
    notification_id BLOB NOT NULL REFERENCES notifications (id),
    claim INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('SENT', 'FAILED', 'DEFERRED', 'DEAD', 'CANCELLED')),
    reason TEXT,
    PRIMARY KEY (notification_id, claim)
) STRICT, WITHOUT ROWID;

-- Each channel is claimed from by itself, and messages for an address that gets no more now are
-- passed over without a look at the table.
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications (channel, due_at, id, address)
    WHERE status IN ('PENDING', 'IN_FLIGHT');

-- How many messages went to an address lately, and how many in all.
CREATE INDEX notifications_address ON notifications (lower(address), finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX notifications_finished_at ON notifications (finished_at)
    WHERE finished_at IS NOT NULL;
-- How many are on their way to an address.
CREATE INDEX notifications_in_flight ON notifications (lower(address)) WHERE status = 'IN_FLIGHT';
