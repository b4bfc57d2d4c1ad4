-- Refusals that may be about one recipient or about every message of the channel: those of one kind
-- since the channel accepted a message last. Two recipients, one of them of this desk, show that it
-- is the channel.
CREATE TABLE refusals (
    notification_id uuid PRIMARY KEY REFERENCES notifications (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    kind text NOT NULL,
    is_ours boolean NOT NULL,
    depends_on_recipient boolean NOT NULL,
    -- Whether it turned out to be the channel.
    is_of_channel boolean NOT NULL DEFAULT false,
    -- Whether the message was made due again since, its attempt not counted.
    is_undone boolean NOT NULL DEFAULT false
);
CREATE INDEX refusals_channel ON refusals (channel);
