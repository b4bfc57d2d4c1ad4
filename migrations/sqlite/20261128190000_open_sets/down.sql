CREATE TEMP TABLE findings (finding TEXT NOT NULL);
CREATE TEMP TRIGGER findings_are_failures BEFORE INSERT ON findings BEGIN
    SELECT RAISE(ABORT, NEW.finding);
END;
INSERT INTO findings
SELECT 'the earlier version cannot read this database: it has event types or channels that are new'
WHERE EXISTS (SELECT 1 FROM events WHERE type NOT IN (
        'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled',
        'case.overdue'
    ))
    OR EXISTS (SELECT 1 FROM notifications WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
    OR EXISTS (SELECT 1 FROM channels WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
    OR EXISTS (SELECT 1 FROM suppressed_addresses WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'))
    OR EXISTS (SELECT 1 FROM refusals WHERE channel NOT IN ('EMAIL', 'SMS', 'WEBHOOK'));
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'type TEXT NOT NULL,',
    'type TEXT NOT NULL CHECK (
        type = ''case.created'' OR type = ''case.updated'' OR type = ''case.escalated'' OR
        type = ''case.assigned'' OR type = ''case.cancelled'' OR type = ''case.overdue''
    ),'
) WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL,',
    'channel TEXT NOT NULL CHECK (channel = ''EMAIL'' OR channel = ''SMS'' OR channel = ''WEBHOOK''),'
) WHERE type = 'table' AND name = 'notifications';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL PRIMARY KEY,',
    'channel TEXT NOT NULL PRIMARY KEY CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),'
) WHERE type = 'table' AND name = 'channels';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL,',
    'channel TEXT NOT NULL CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),'
) WHERE type = 'table' AND name = 'suppressed_addresses';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL,',
    'channel TEXT NOT NULL CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),'
) WHERE type = 'table' AND name = 'refusals';
PRAGMA writable_schema = RESET;
INSERT INTO findings
SELECT integrity_check FROM pragma_integrity_check('events') WHERE integrity_check <> 'ok';
INSERT INTO findings
SELECT integrity_check FROM pragma_integrity_check('notifications') WHERE integrity_check <> 'ok';
INSERT INTO findings
SELECT integrity_check FROM pragma_integrity_check('channels') WHERE integrity_check <> 'ok';
INSERT INTO findings
SELECT integrity_check FROM pragma_integrity_check('suppressed_addresses') WHERE integrity_check <> 'ok';
INSERT INTO findings
SELECT integrity_check FROM pragma_integrity_check('refusals') WHERE integrity_check <> 'ok';
DROP TABLE findings;
