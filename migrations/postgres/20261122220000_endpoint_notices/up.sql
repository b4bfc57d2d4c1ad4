-- What staff are told of an endpoint that was disabled belongs to the event whose message showed it.
-- Several endpoints may be disabled by messages of one event.
ALTER TABLE notifications
    ADD COLUMN endpoint_id uuid,
    -- What the message is rendered from, where that is not the event's snapshot.
    ADD COLUMN notice text,
    ADD CHECK ((endpoint_id IS NULL) = (notice IS NULL)),
    DROP CONSTRAINT notifications_event_id_channel_template_address_key;
CREATE UNIQUE INDEX notifications_message ON notifications (
    event_id, channel, template, address,
    coalesce(endpoint_id, '00000000-0000-0000-0000-000000000000')
);

-- A claim looks at what is due by the index alone.
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications (channel, due_at, id) INCLUDE (address, event_id)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
