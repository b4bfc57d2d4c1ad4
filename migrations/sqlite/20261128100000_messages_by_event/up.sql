-- Messages are looked up by their event for the details of a case, the order of deliveries and
-- erasure. The unique index serves none of these: it leaves out the messages that bring codes.
CREATE INDEX notifications_event ON notifications (event_id);
