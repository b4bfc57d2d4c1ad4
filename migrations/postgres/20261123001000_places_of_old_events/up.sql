-- What happened so far gets its places here, all at once, and not when somebody first reads.
WITH taken AS (DELETE FROM unplaced_events RETURNING event_id)
INSERT INTO event_places (position, event_id)
SELECT (SELECT coalesce(max(position), 0) FROM event_places)
    + row_number() OVER (ORDER BY events.timestamp, events.sequence, events.id), events.id
FROM taken JOIN events ON events.id = taken.event_id;
