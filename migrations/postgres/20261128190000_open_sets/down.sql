DO $$
BEGIN
    IF EXISTS (SELECT FROM events WHERE type NOT IN ('case.created', 'case.updated',
            'case.escalated', 'case.assigned', 'case.cancelled', 'case.overdue'))
        OR EXISTS (SELECT FROM notifications WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
        OR EXISTS (SELECT FROM channels WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
        OR EXISTS (SELECT FROM suppressed_addresses WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
        OR EXISTS (SELECT FROM refusals WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
    THEN
        RAISE EXCEPTION 'the earlier version cannot read this database: it has event types or '
            'channels that are new';
    END IF;
END
$$;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE events DROP CONSTRAINT IF EXISTS events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN (
    'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled', 'case.overdue'
)) NOT VALID;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE notifications DROP CONSTRAINT IF EXISTS notifications_channel_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_channel_check
    CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')) NOT VALID;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE channels DROP CONSTRAINT IF EXISTS channels_channel_check;
ALTER TABLE channels ADD CONSTRAINT channels_channel_check
    CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')) NOT VALID;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE suppressed_addresses DROP CONSTRAINT IF EXISTS suppressed_addresses_channel_check;
ALTER TABLE suppressed_addresses ADD CONSTRAINT suppressed_addresses_channel_check
    CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')) NOT VALID;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE refusals DROP CONSTRAINT IF EXISTS refusals_channel_check;
ALTER TABLE refusals ADD CONSTRAINT refusals_channel_check
    CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')) NOT VALID;
COMMIT;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
ALTER TABLE notifications VALIDATE CONSTRAINT notifications_channel_check;
ALTER TABLE channels VALIDATE CONSTRAINT channels_channel_check;
ALTER TABLE suppressed_addresses VALIDATE CONSTRAINT suppressed_addresses_channel_check;
ALTER TABLE refusals VALIDATE CONSTRAINT refusals_channel_check;
