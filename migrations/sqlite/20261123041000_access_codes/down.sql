DELETE FROM delivery_attempts WHERE notification_id IN (
    SELECT id FROM notifications WHERE template = 'case-access-customer'
);
DELETE FROM notifications WHERE template = 'case-access-customer';
DROP INDEX notifications_message;
CREATE UNIQUE INDEX notifications_message ON notifications (
    event_id, channel, template, address, coalesce(endpoint_id, x'')
);
DROP TABLE access_codes;
