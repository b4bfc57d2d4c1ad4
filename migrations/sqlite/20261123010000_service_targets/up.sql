-- What staff were told of each service target.
ALTER TABLE cases ADD COLUMN first_response_alert TEXT
    CHECK (first_response_alert = 'WARNING' OR first_response_alert = 'BREACH');
ALTER TABLE cases ADD COLUMN resolution_alert TEXT
    CHECK (resolution_alert = 'WARNING' OR resolution_alert = 'BREACH');
-- When something is next to be done with the case by itself.
ALTER TABLE cases ADD COLUMN next_target_at INTEGER;

-- The cases there are are looked at at once. What was late already is no news.
UPDATE cases SET
    next_target_at = last_activity,
    first_response_alert = CASE
        WHEN first_response IS NULL AND first_response_due < unixepoch('subsec') * 1000 THEN 'BREACH'
    END,
    resolution_alert = CASE
        WHEN estimated_resolution < CASE
            WHEN status IN ('OPEN', 'IN_PROGRESS') THEN unixepoch('subsec') * 1000 ELSE status_since
        END THEN 'BREACH'
    END
WHERE status NOT IN ('CLOSED', 'CANCELLED');

CREATE INDEX cases_next_target_at ON cases (next_target_at, id) WHERE next_target_at IS NOT NULL;
