-- Refusals that may be about one recipient or about every message of the channel: those of one kind
-- since the channel accepted a message last. Two recipients, one of them of this desk, show that it
-- is the channel.
CREATE TABLE refusals (
    notification_id BLOB NOT NULL PRIMARY KEY REFERENCES notifications (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    kind TEXT NOT NULL,
    is_ours INTEGER NOT NULL CHECK (is_ours IN (0, 1)),
    depends_on_recipient INTEGER NOT NULL CHECK (depends_on_recipient IN (0, 1)),
    -- Whether it turned out to be the channel.
    is_of_channel INTEGER NOT NULL DEFAULT 0 CHECK (is_of_channel IN (0, 1)),
    -- Whether the message was made due again since, its attempt not counted.
    is_undone INTEGER NOT NULL DEFAULT 0 CHECK (is_undone IN (0, 1))
) STRICT;
CREATE INDEX refusals_channel ON refusals (channel);
