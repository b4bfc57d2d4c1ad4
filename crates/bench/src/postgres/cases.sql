-- {cases} cases, as a support team would have them after three busy years, the newest just opened.
-- Old cases are closed, except for a few. Most cases share a few urgencies, departments, agents and
-- words. All random values are seeded.
SELECT setseed(0.42);

INSERT INTO staff (id, name, email, role, department, created_at)
SELECT 'agent-' || n, 'Agent ' || n, 'agent-' || n || '@localhost', 'AGENT', NULL, now() - interval '3 years'
FROM generate_series(1, 200) AS n
ON CONFLICT DO NOTHING;

-- Words: the first occur in most texts, the last in few.
CREATE TEMPORARY TABLE vocabulary AS
SELECT n, (ARRAY['ab','cor','del','eni','fur','gol','hap','ith','jor','kel','lum','mor'])[1 + n % 12]
    || (ARRAY['a','e','i','o','u'])[1 + n / 12 % 5]
    || (ARRAY['ber','din','gost','lan','mir','nath','pol','rist','san','tev'])[1 + n / 60 % 10]
    || CASE WHEN n >= 600 THEN (n / 600)::text ELSE '' END AS word
FROM generate_series(0, 19999) AS n;
CREATE UNIQUE INDEX ON vocabulary (n);

CREATE TEMPORARY TABLE passages AS
SELECT passage, string_agg(word, ' ') AS text, array_agg(DISTINCT word) AS words
FROM (
    SELECT passage, floor(20000 * power(random(), 3))::int AS n
    FROM generate_series(0, 4999) AS passage, generate_series(1, 30)
) AS picked JOIN vocabulary USING (n)
GROUP BY passage;
CREATE UNIQUE INDEX ON passages (passage);

-- IDs as the API writes them: a prefix and 26 digits in base 32.
CREATE FUNCTION pg_temp.id_text(prefix text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        1 + substring(bits FROM 1 + 5 * place FOR 5)::bit(5)::int, 1), '' ORDER BY place)
    FROM generate_series(0, 25) AS place,
        (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) AS bits
$$;

CREATE FUNCTION pg_temp.time_text(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

CREATE TEMPORARY TABLE drawn AS
SELECT *, extract(year FROM created_at)::int AS year,
    row_number() OVER (PARTITION BY extract(year FROM created_at) ORDER BY n) AS sequence
FROM (
    SELECT n, gen_random_uuid() AS id,
        date_trunc('milliseconds', now() - interval '3 years' * (({cases} - n) / {cases}::float8)) AS created_at,
        ({cases} - n) / {cases}::float8 AS age,
        random() AS a, random() AS b, random() AS c, random() AS d, random() AS e, random() AS f,
        random() AS g, random() AS h
    FROM generate_series(1, {cases}) AS n
) AS n;

CREATE TEMPORARY TABLE made AS
SELECT drawn.*,
    CASE
        WHEN age < 0.03 THEN CASE WHEN a < 0.35 THEN 'OPEN' WHEN a < 0.65 THEN 'IN_PROGRESS'
            WHEN a < 0.80 THEN 'WAITING_ON_CUSTOMER' WHEN a < 0.85 THEN 'ON_HOLD'
            WHEN a < 0.98 THEN 'RESOLVED' ELSE 'CANCELLED' END
        WHEN a < 0.003 THEN 'ON_HOLD' WHEN a < 0.006 THEN 'OPEN' WHEN a < 0.02 THEN 'RESOLVED'
        WHEN a < 0.09 THEN 'CANCELLED' ELSE 'CLOSED' END AS status,
    CASE WHEN b < 0.30 THEN 'LOW' WHEN b < 0.80 THEN 'MEDIUM' WHEN b < 0.97 THEN 'HIGH'
        ELSE 'CRITICAL' END AS urgency,
    CASE WHEN c < 0.70 THEN 'FREE' WHEN c < 0.95 THEN 'BUSINESS' ELSE 'ENTERPRISE' END AS customer_type,
    CASE WHEN d < 0.55 THEN 'TECHNICAL' WHEN d < 0.80 THEN 'BILLING' ELSE 'GENERAL' END AS issue_type,
    CASE WHEN e < CASE WHEN age < 0.03 THEN 0.3 ELSE 0.03 END THEN NULL
        ELSE 'agent-' || (1 + floor(200 * power(f, 2)))::int END AS assigned_to,
    CASE WHEN g < 0.15 THEN NULL ELSE (ARRAY['Technical Support', 'Billing', 'Onboarding', 'Sales',
        'Security', 'Legal', 'Partners', 'Archive'])[1 + floor(8 * power(h, 2))::int] END AS department,
    subject.text AS subject_text, subject.words AS subject_words,
    message.text || ' ' || more.text AS message, message.words || more.words AS message_words,
    2 + floor(3 * d)::int AS version,
    least(now(), date_trunc('milliseconds', created_at + interval '1 hour' * e)) AS answered_at,
    least(now(), date_trunc('milliseconds', created_at + interval '1 hour' + interval '14 days' * h))
        AS last_activity,
    'Customer' || floor(random() * 50000)::int AS customer,
    'Company' || floor(4000 * power(random(), 2))::int AS organization
FROM drawn
JOIN passages AS subject ON subject.passage = n % 5000
JOIN passages AS message ON message.passage = floor(a * 5000)::int
JOIN passages AS more ON more.passage = floor(f * 5000)::int;

-- Unassigned cases have no reply yet. The last event of a case is its last activity.
UPDATE made SET version = 1 WHERE status = 'OPEN' AND assigned_to IS NULL;
UPDATE made SET last_activity = CASE version WHEN 1 THEN created_at ELSE answered_at END
WHERE version < 3;

DROP INDEX case_search_words;

INSERT INTO cases (id, number_prefix, number_year, number_sequence, version, status, status_since,
    urgency, issue_type, escalation_level, priority_score, assigned_to, assigned_at, department,
    created_at, last_activity, last_updated, first_response, first_response_due,
    estimated_resolution, paused, customer_name, customer_email, customer_organization,
    customer_type, client_or_project_name, subject, message, next_target_at)
SELECT id, 'CW', year, sequence, version, status, last_activity, urgency, issue_type, 0,
    floor(20 * b + 30 * c + 50 * random())::int, assigned_to,
    CASE WHEN assigned_to IS NOT NULL THEN answered_at END, department, created_at,
    last_activity, last_activity, CASE WHEN version > 1 THEN answered_at END,
    created_at + interval '1 hour', created_at + interval '1 day' * (1 + 4 * b), 0,
    customer || ' Doe', lower(customer) || '@' || lower(organization) || '.example', organization,
    customer_type, NULL, left(subject_text, 60), message, NULL
FROM made ORDER BY n;

INSERT INTO case_search (case_id, number_prefix, number_year, number_sequence, words, version)
SELECT id, 'CW', year, sequence, array_to_tsvector(message_words || subject_words
    || ARRAY['cw' || year || lpad(sequence::text, greatest(3, length(sequence::text)), '0'),
             '#cw' || year || lpad(sequence::text, greatest(3, length(sequence::text)), '0'),
             lower(customer), '@' || lower(customer), lower(organization), '@' || lower(organization)]
    || ARRAY(SELECT '!' || word FROM unnest(subject_words) AS word)), 2
FROM made ORDER BY n;

-- Events: opened by the customer, answered and taken on by staff, then updated by both.
CREATE TEMPORARY TABLE happened AS
SELECT gen_random_uuid() AS event_id, gen_random_uuid() AS update_id, gen_random_uuid() AS file_id,
    made.id, made.n, step, passages.text,
    CASE WHEN step = 1 THEN 'case.created' WHEN step = 2 AND assigned_to IS NOT NULL THEN 'case.assigned'
        ELSE 'case.updated' END AS type,
    CASE step WHEN 1 THEN created_at WHEN 2 THEN answered_at ELSE last_activity END AS at,
    CASE WHEN step = 1 OR step = 4 THEN 'CUSTOMER' ELSE 'STAFF' END AS actor_kind,
    CASE WHEN step IN (2, 3, 5) THEN coalesce(assigned_to, 'agent-1') END AS actor_id,
    (made.n + step) % 10 = 0 AND step = 3 AS has_file
FROM made CROSS JOIN LATERAL generate_series(1, version) AS step
JOIN passages ON passages.passage = (made.n * 7 + step * 13) % 5000;

INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, actor_id, actor_name, visibility,
    changes, snapshot)
SELECT event_id, happened.id, step, type, at, actor_kind, actor_id,
    replace(actor_id, 'agent-', 'Agent '), 'PUBLIC', changes::text,
    json_build_object(
        'type', type, 'timestamp', pg_temp.time_text(at),
        'data', json_build_object(
            'case', json_build_object(
                'caseNumber', 'CW-' || number_year || '-'
                    || lpad(number_sequence::text, greatest(3, length(number_sequence::text)), '0'),
                'version', step,
                'customerInfo', json_build_object('name', customer_name, 'email', customer_email,
                    'organization', customer_organization, 'phone', NULL, 'customerType', customer_type),
                'caseDetails', json_build_object('subject', subject, 'message', message,
                    'clientOrProjectName', NULL, 'issueType', issue_type, 'urgency', urgency,
                    'status', CASE WHEN step = 1 THEN 'OPEN' ELSE status END,
                    'priorityScore', priority_score, 'escalationLevel', 0),
                'assignment', json_build_object(
                    'assignedTo', CASE WHEN step > 1 THEN assigned_to END,
                    'assigneeName', CASE WHEN step > 1 THEN replace(assigned_to, 'agent-', 'Agent ') END,
                    'assignedAt', CASE WHEN step > 1 THEN pg_temp.time_text(assigned_at) END,
                    'department', CASE WHEN step > 1 THEN department END),
                'timeline', json_build_object('createdAt', pg_temp.time_text(created_at),
                    'firstResponse', CASE WHEN step > 1 THEN pg_temp.time_text(first_response) END,
                    'firstResponseDue', pg_temp.time_text(first_response_due),
                    'lastActivity', pg_temp.time_text(at),
                    'estimatedResolution', pg_temp.time_text(estimated_resolution))),
            'event', json_build_object(
                'id', pg_temp.id_text('evt_', event_id), 'sequence', step,
                'actor', actor, 'isInternal', false, 'changes', changes,
                'updates', CASE WHEN step = 1 THEN '[]'::json ELSE json_build_array(json_build_object(
                    'id', pg_temp.id_text('upd_', update_id), 'timestamp', pg_temp.time_text(at),
                    'message', text, 'isInternal', false, 'author', actor, 'attachments', files)) END,
                'escalation', NULL, 'overdue', NULL)))::text
FROM happened JOIN cases ON cases.id = happened.id
CROSS JOIN LATERAL (SELECT json_build_object('kind', actor_kind, 'id', actor_id,
    'name', coalesce(replace(actor_id, 'agent-', 'Agent '), customer_name)) AS actor) AS actor
CROSS JOIN LATERAL (SELECT CASE WHEN step <> 2 OR assigned_to IS NULL THEN '[]'::json
    ELSE json_build_array(json_build_object('field', 'assignedTo', 'from', NULL, 'to', assigned_to))
    END AS changes) AS changes
CROSS JOIN LATERAL (SELECT CASE WHEN NOT has_file THEN '[]'::json
    ELSE json_build_array(json_build_object('id', pg_temp.id_text('att_', file_id),
        'filename', 'screenshot.png', 'contentType', 'image/png', 'size', 120000,
        'hash', encode(sha256(file_id::text::bytea), 'hex'))) END AS files) AS files
ORDER BY n, step;

INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, author_id, author_name,
    visibility, message)
SELECT update_id, id, step, 0, at, actor_kind, actor_id, replace(actor_id, 'agent-', 'Agent '), 'PUBLIC',
    text
FROM happened WHERE step > 1 ORDER BY n, step;

INSERT INTO attachments (id, update_id, position, filename, content_type, size, hash)
SELECT file_id, update_id, 0, 'screenshot.png', 'image/png', 120000, sha256(file_id::text::bytea)
FROM happened WHERE has_file;

-- Two notifications per event, all sent. Some of the newest wait for an hour, as if a mail server
-- were down.
INSERT INTO notifications (id, event_id, channel, template, address, status, attempts, due_at, claim,
    created_at, finished_at)
SELECT gen_random_uuid(), event_id, 'EMAIL', 'case-' || CASE step WHEN 1 THEN CASE kind
            WHEN 'customer' THEN 'received' ELSE 'assigned' END
        WHEN 2 THEN 'assigned' ELSE 'updated' END || '-' || kind,
    CASE kind WHEN 'customer' THEN customer_email ELSE coalesce(assigned_to, 'support') || '@localhost' END,
    CASE WHEN waits THEN 'PENDING' ELSE 'SENT' END, CASE WHEN waits THEN 0 ELSE 1 END,
    CASE WHEN waits THEN now() + interval '1 hour' ELSE at END, CASE WHEN waits THEN 0 ELSE 1 END, at,
    CASE WHEN NOT waits THEN at + interval '1 second' END
FROM happened JOIN cases ON cases.id = happened.id, (VALUES ('customer'), ('staff')) AS kinds (kind),
    LATERAL (SELECT n > {cases} * 0.999 AS waits) AS waits;

INSERT INTO event_places (position, event_id)
SELECT (SELECT coalesce(max(position), 0) FROM event_places)
    + row_number() OVER (ORDER BY at, step, event_id), event_id
FROM happened;

CREATE INDEX case_search_words ON case_search USING gin (words);

INSERT INTO case_number_blocks (year, next_sequence)
SELECT number_year, max(number_sequence) + 1 FROM cases GROUP BY number_year
ON CONFLICT (year) DO UPDATE SET next_sequence = excluded.next_sequence;

VACUUM (ANALYZE) cases;
VACUUM (ANALYZE) case_search;
VACUUM (ANALYZE) events;
VACUUM (ANALYZE) updates;
VACUUM (ANALYZE) notifications;
VACUUM (ANALYZE) attachments;
VACUUM (ANALYZE) event_places;
