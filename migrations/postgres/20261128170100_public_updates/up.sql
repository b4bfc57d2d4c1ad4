-- What customers read of a conversation, however much staff write among themselves.
-- Made while updates go on being written. If it is broken off, an invalid index stays behind: drop it (DROP
-- INDEX updates_public) and migrate again.
CREATE INDEX CONCURRENTLY updates_public ON updates (case_id, sequence, position)
    WHERE visibility = 'PUBLIC';
