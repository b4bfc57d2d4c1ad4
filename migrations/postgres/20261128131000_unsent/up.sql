-- How long the oldest message of a channel has waited since it was written down, however often the
-- time at which it is due has been moved.
-- Made while messages go on being written. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX notifications_unsent) and migrate again.
CREATE INDEX CONCURRENTLY notifications_unsent ON notifications (channel, created_at)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
