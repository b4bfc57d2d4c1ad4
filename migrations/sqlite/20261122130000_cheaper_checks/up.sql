-- For an IN with three values or more, SQLite fills a table of its own with them each time it checks a
-- row: ten times for a new case, a fifth of the writing thread's time. A chain of comparisons says the
-- same. Nothing that is stored changes, so the text of the tables may be changed in place
-- (sqlite.org/lang_altertable.html, section 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'status IN (
        ''OPEN'', ''IN_PROGRESS'', ''WAITING_ON_CUSTOMER'', ''ON_HOLD'', ''RESOLVED'', ''CLOSED'', ''CANCELLED''
    )',
    'status = ''OPEN'' OR status = ''IN_PROGRESS'' OR status = ''WAITING_ON_CUSTOMER'' OR
        status = ''ON_HOLD'' OR status = ''RESOLVED'' OR status = ''CLOSED'' OR
        status = ''CANCELLED'''
) WHERE type = 'table' AND name = 'cases';
UPDATE sqlite_schema SET sql = replace(sql,
    'urgency IN (''LOW'', ''MEDIUM'', ''HIGH'', ''CRITICAL'')',
    'urgency = ''LOW'' OR urgency = ''MEDIUM'' OR urgency = ''HIGH'' OR urgency = ''CRITICAL'''
) WHERE type = 'table' AND name = 'cases';
UPDATE sqlite_schema SET sql = replace(sql,
    'issue_type IN (''TECHNICAL'', ''BILLING'', ''GENERAL'')',
    'issue_type = ''TECHNICAL'' OR issue_type = ''BILLING'' OR issue_type = ''GENERAL'''
) WHERE type = 'table' AND name = 'cases';
UPDATE sqlite_schema SET sql = replace(sql,
    'customer_type IN (''FREE'', ''BUSINESS'', ''ENTERPRISE'')',
    'customer_type = ''FREE'' OR customer_type = ''BUSINESS'' OR customer_type = ''ENTERPRISE'''
) WHERE type = 'table' AND name = 'cases';
UPDATE sqlite_schema SET sql = replace(sql,
    'type IN (
        ''case.created'', ''case.updated'', ''case.escalated'', ''case.assigned'', ''case.cancelled''
    )',
    'type = ''case.created'' OR type = ''case.updated'' OR type = ''case.escalated'' OR
        type = ''case.assigned'' OR type = ''case.cancelled'''
) WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql,
    'actor_kind IN (''CUSTOMER'', ''STAFF'', ''SYSTEM'')',
    'actor_kind = ''CUSTOMER'' OR actor_kind = ''STAFF'' OR actor_kind = ''SYSTEM'''
) WHERE type = 'table' AND name = 'events';
UPDATE sqlite_schema SET sql = replace(sql,
    'author_kind IN (''CUSTOMER'', ''STAFF'', ''SYSTEM'')',
    'author_kind = ''CUSTOMER'' OR author_kind = ''STAFF'' OR author_kind = ''SYSTEM'''
) WHERE type = 'table' AND name = 'updates';
UPDATE sqlite_schema SET sql = replace(sql,
    'channel IN (''EMAIL'', ''SMS'', ''WEBHOOK'')',
    'channel = ''EMAIL'' OR channel = ''SMS'' OR channel = ''WEBHOOK'''
) WHERE type = 'table' AND name = 'notifications';
UPDATE sqlite_schema SET sql = replace(sql,
    'status IN (''PENDING'', ''IN_FLIGHT'', ''SENT'', ''DELIVERED'', ''DEAD'', ''CANCELLED'')',
    'status = ''PENDING'' OR status = ''IN_FLIGHT'' OR status = ''SENT'' OR
        status = ''DELIVERED'' OR status = ''DEAD'' OR status = ''CANCELLED'''
) WHERE type = 'table' AND name = 'notifications';
PRAGMA writable_schema = RESET;
