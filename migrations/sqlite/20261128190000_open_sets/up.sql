-- A new channel or event type needs no migration: the domain guards what is written, and what is read
-- is parsed. These checks have no names, and nothing that is stored changes, so the text of the tables
-- is changed in place (sqlite.org/lang_altertable.html, section 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'type TEXT NOT NULL CHECK (
        type = ''case.created'' OR type = ''case.updated'' OR type = ''case.escalated'' OR
        type = ''case.assigned'' OR type = ''case.cancelled'' OR type = ''case.overdue''
    ),',
    'type TEXT NOT NULL,'
) WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL CHECK (channel = ''EMAIL'' OR channel = ''SMS'' OR channel = ''WEBHOOK''),',
    'channel TEXT NOT NULL,'
) WHERE type = 'table' AND name = 'notifications';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL PRIMARY KEY CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),',
    'channel TEXT NOT NULL PRIMARY KEY,'
) WHERE type = 'table' AND name = 'channels';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),',
    'channel TEXT NOT NULL,'
) WHERE type = 'table' AND name = 'suppressed_addresses';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel TEXT NOT NULL CHECK (channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')),',
    'channel TEXT NOT NULL,'
) WHERE type = 'table' AND name = 'refusals';
PRAGMA writable_schema = RESET;

-- Fails, and undoes the changes, if a check is left or a table was damaged.
-- compatible_from: as before, since only a temporary table is dropped.
CREATE TEMP TABLE findings (finding TEXT NOT NULL);
CREATE TEMP TRIGGER findings_are_failures BEFORE INSERT ON findings BEGIN
    SELECT RAISE(ABORT, NEW.finding);
END;
INSERT INTO findings SELECT 'the table ' || name || ' still lists channels or event types'
FROM sqlite_schema
WHERE name IN ('events', 'notifications', 'channels', 'suppressed_addresses', 'refusals')
    AND (sql LIKE '%''WEBHOOK''%' OR sql LIKE '%''case.created''%');
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
