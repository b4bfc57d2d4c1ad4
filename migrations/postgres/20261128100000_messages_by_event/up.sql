-- Messages are looked up by their event for the details of a case, the order of deliveries and
-- erasure. The unique index serves none of these: it leaves out the messages that bring codes.
--
-- Made while cases go on being opened, so not in a transaction. If it is broken off, an invalid index
-- stays behind: drop it (DROP INDEX notifications_event) and migrate again.
CREATE INDEX CONCURRENTLY notifications_event ON notifications (event_id);
