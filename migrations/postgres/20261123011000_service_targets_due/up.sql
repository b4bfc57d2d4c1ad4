-- The cases there are are looked at at once. What was late already is no news.
UPDATE cases SET
    next_target_at = now(),
    first_response_alert = CASE
        WHEN first_response IS NULL AND first_response_due < now() THEN 'BREACH'
    END,
    resolution_alert = CASE
        WHEN estimated_resolution < CASE
            WHEN status IN ('OPEN', 'IN_PROGRESS') THEN now() ELSE status_since
        END THEN 'BREACH'
    END
WHERE status NOT IN ('CLOSED', 'CANCELLED');

CREATE INDEX cases_next_target_at ON cases (next_target_at, id) WHERE next_target_at IS NOT NULL;
