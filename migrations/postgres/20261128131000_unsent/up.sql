-- How long the oldest message of a channel has waited since it was written down, however often the
-- time at which it is due has been moved.
CREATE INDEX notifications_unsent ON notifications (channel, created_at)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
