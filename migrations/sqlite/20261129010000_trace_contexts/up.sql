-- The span that made a change, in the form of the headers traceparent and tracestate. Deliveries of
-- webhooks continue its trace. The state comes from the caller, and goes when the case is erased.
ALTER TABLE events ADD COLUMN traceparent TEXT;
ALTER TABLE events ADD COLUMN tracestate TEXT;
