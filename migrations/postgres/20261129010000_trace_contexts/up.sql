-- The span that made a change, in the form of the headers traceparent and tracestate. Deliveries of
-- webhooks continue its trace. The state comes from the caller, and goes when the case is erased.
--
-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';
ALTER TABLE events ADD COLUMN traceparent text, ADD COLUMN tracestate text;
