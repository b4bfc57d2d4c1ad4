-- Cases as a desk that has been busy for three years has them: {cases} of them, the newest just
-- opened. What is old is closed, but for a few; a few urgencies, departments, agents and words make
-- up most of them. Nothing is random that is not seeded.
SELECT setseed(0.42);

INSERT INTO staff (id, name, email, role, department, created_at)
SELECT 'agent-' || n, 'Agent ' || n, 'agent-' || n || '@localhost', 'AGENT', NULL, now() - interval '3 years'
FROM generate_series(1, 200) AS n
ON CONFLICT DO NOTHING;

-- Words: the first are in most texts, the last in few.
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
    'Customer' || floor(random() * 50000)::int AS customer,
    'Company' || floor(4000 * power(random(), 2))::int AS organization
FROM drawn
JOIN passages AS subject ON subject.passage = n % 5000
JOIN passages AS message ON message.passage = floor(a * 5000)::int
JOIN passages AS more ON more.passage = floor(f * 5000)::int;

DROP INDEX case_search_words;

INSERT INTO cases (id, number_prefix, number_year, number_sequence, version, status, status_since,
    urgency, issue_type, escalation_level, priority_score, assigned_to, assigned_at, department,
    created_at, last_activity, last_updated, first_response, first_response_due,
    estimated_resolution, paused, customer_name, customer_email, customer_organization,
    customer_type, client_or_project_name, subject, message, next_target_at)
SELECT id, 'CW', year, sequence, 1, status, created_at, urgency, issue_type, 0,
    floor(20 * b + 30 * c + 50 * random())::int, assigned_to,
    CASE WHEN assigned_to IS NOT NULL THEN created_at END, department, created_at,
    least(now(), created_at + interval '14 days' * random()),
    created_at, NULL, created_at + interval '1 hour', created_at + interval '1 day' * (1 + 4 * b), 0,
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

INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, visibility, changes, snapshot)
SELECT gen_random_uuid(), id, 1, 'case.created', created_at, 'CUSTOMER', 'PUBLIC', '{}', '{}'
FROM made ORDER BY n;

INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, visibility, message)
SELECT gen_random_uuid(), id, 1, 0, created_at, 'SYSTEM', 'PUBLIC', subject_text
FROM made ORDER BY n;

CREATE INDEX case_search_words ON case_search USING gin (words);

INSERT INTO case_number_blocks (year, next_sequence)
SELECT number_year, max(number_sequence) + 1 FROM cases GROUP BY number_year
ON CONFLICT (year) DO UPDATE SET next_sequence = excluded.next_sequence;

VACUUM (ANALYZE) cases;
VACUUM (ANALYZE) case_search;
VACUUM (ANALYZE) events;
VACUUM (ANALYZE) updates;
