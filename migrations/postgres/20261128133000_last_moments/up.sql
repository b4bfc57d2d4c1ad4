-- The last moment at which a message is worth sending, such as that of a code.
ALTER TABLE notifications ADD COLUMN expires_at timestamptz;
CREATE INDEX notifications_expiring ON notifications (expires_at)
    WHERE expires_at IS NOT NULL AND status = 'PENDING';
