-- What has a last moment, by it.
-- Made while messages go on being written. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX notifications_expiring) and migrate again.
CREATE INDEX CONCURRENTLY notifications_expiring ON notifications (expires_at)
    WHERE expires_at IS NOT NULL AND status = 'PENDING';
