-- What is held back, by whom it is for.
-- Made while messages go on being written. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX notifications_held_back) and migrate again.
CREATE INDEX CONCURRENTLY notifications_held_back ON notifications (channel, address)
    WHERE held_back_at IS NOT NULL AND status = 'PENDING';
