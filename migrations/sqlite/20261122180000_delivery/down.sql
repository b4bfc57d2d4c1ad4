DROP INDEX notifications_in_flight;
DROP INDEX notifications_finished_at;
DROP INDEX notifications_address;
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications (due_at)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
DROP TABLE delivery_attempts;
DROP TABLE webhook_endpoints;
DROP TABLE suppressed_addresses;
DROP TABLE channels;
