-- Whether a channel takes messages: seen by every dispatcher.
CREATE TABLE channels (
    channel text PRIMARY KEY CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    stopped_at timestamptz,
    reason text,
    -- When the next message may show whether it works again.
    probe_due_at timestamptz,
    CHECK ((stopped_at IS NULL) = (reason IS NULL)),
    CHECK ((stopped_at IS NULL) = (probe_due_at IS NULL))
);
INSERT INTO channels (channel) VALUES ('EMAIL'), ('SMS'), ('WEBHOOK');

-- Addresses that want no messages any more, in lower case.
CREATE TABLE suppressed_addresses (
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    address text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (channel, address)
);

-- Endpoints of other systems.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text,
    -- The events it wants, with commas between; all where it is empty.
    event_types text NOT NULL,
    secret bytea NOT NULL CHECK (length(secret) = 32),
    previous_secret bytea CHECK (length(previous_secret) = 32),
    previous_secret_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    created_at timestamptz NOT NULL,
    -- Since when it has only failed.
    failing_since timestamptz,
    CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CREATE TABLE delivery_attempts (
    notification_id uuid NOT NULL REFERENCES notifications (id),
    claim bigint NOT NULL,
    started_at timestamptz NOT NULL,
    took_ms bigint NOT NULL CHECK (took_ms >= 0),
    outcome text NOT NULL CHECK (outcome IN ('SENT', 'FAILED', 'DEFERRED', 'DEAD', 'CANCELLED')),
    reason text,
    PRIMARY KEY (notification_id, claim)
);

-- Each channel is claimed from by itself.
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications (channel, due_at, id)
    WHERE status IN ('PENDING', 'IN_FLIGHT');

-- How many messages went to an address lately, and how many in all.
CREATE INDEX notifications_address ON notifications (lower(address), finished_at)
    WHERE finished_at IS NOT NULL;
CREATE INDEX notifications_finished_at ON notifications (finished_at)
    WHERE finished_at IS NOT NULL;
-- How many are on their way to an address.
CREATE INDEX notifications_in_flight ON notifications (lower(address)) WHERE status = 'IN_FLIGHT';
