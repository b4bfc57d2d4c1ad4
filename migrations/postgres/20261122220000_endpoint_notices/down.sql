DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications (channel, due_at, id)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
DELETE FROM delivery_attempts
WHERE notification_id IN (SELECT id FROM notifications WHERE notice IS NOT NULL);
DELETE FROM notifications WHERE notice IS NOT NULL;
DROP INDEX notifications_message;
ALTER TABLE notifications
    DROP COLUMN notice,
    DROP COLUMN endpoint_id,
    ADD UNIQUE (event_id, channel, template, address);
