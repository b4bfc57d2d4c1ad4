-- Tables of a realistic size, so that a plan that is good only for small tables is found.
INSERT INTO staff (id, name, email, role, created_at)
SELECT 'agent-' || n, 'Agent ' || n, 'agent-' || n || '@desk.example', 'AGENT', now()
FROM generate_series(1, 500) AS n;

INSERT INTO staff_tokens (id, staff_id, hash, created_at)
SELECT gen_random_uuid(), 'agent-' || (1 + n % 500), sha256(n::text::bytea), now()
FROM generate_series(1, 5000) AS n;

INSERT INTO cases (id, number_prefix, number_year, number_sequence, version, status, status_since,
    urgency, issue_type, escalation_level, priority_score, assigned_to, assigned_at, created_at,
    last_activity, last_updated, first_response_due, estimated_resolution, paused, customer_name,
    customer_email, customer_organization, customer_phone, customer_type, subject, message,
    next_target_at)
SELECT gen_random_uuid(), 'CW', 2026, n, 4,
    CASE WHEN n % 20 = 0 THEN 'OPEN' ELSE 'CLOSED' END, now() - n * interval '1 minute', 'MEDIUM',
    'GENERAL', 0, n % 100, 'agent-' || (1 + n % 500), now(), now() - n * interval '1 minute',
    now() - n * interval '1 minute', now(), now(), now(), 0, 'Customer ' || n,
    'customer-' || n || '@firm-' || n % 900 || '.example', 'Firm ' || n % 900,
    '+4930' || (1000000 + n), 'FREE', 'Subject ' || n, repeat('words of a message ', 20),
    CASE WHEN n % 20 = 0 THEN now() END
FROM generate_series(1, 20000) AS n;

INSERT INTO case_search (case_id, number_prefix, number_year, number_sequence, words)
SELECT id, number_prefix, number_year, number_sequence,
    array_to_tsvector(ARRAY['words', 'of', 'message', 'subject', lower(customer_email)])
FROM cases;

INSERT INTO case_participant_addresses (case_id, address)
SELECT id, 'colleague-' || n || '@firm-' || number_sequence % 900 || '.example'
FROM cases, generate_series(1, 2) AS n;

INSERT INTO case_former_addresses (case_id, address)
SELECT id, 'former-' || number_sequence || '@firm-' || number_sequence % 900 || '.example' FROM cases;

INSERT INTO person_erasures (id, requested_by, state, addresses, cases, entries, quotes, begun, failures,
    due_at, claim, key, digest, created_at)
SELECT id, 'jane', CASE number_sequence % 900 WHEN 0 THEN 'SECOND_PASS' ELSE 'DONE' END, '', 1, 2, 3, '', 0,
    now() + number_sequence * interval '1 minute', 1, sha256(uuid_send(id)), sha256(''), now()
FROM cases;

INSERT INTO access_codes (case_id, notification_id, created_at, tries, is_redeemed, counted_since,
    counted)
SELECT id, gen_random_uuid(), now(), 0, false, now(), 1 FROM cases;

INSERT INTO participant_codes (case_id, person_id, notification_id, created_at, tries, is_redeemed,
    counted_since, counted)
SELECT id, gen_random_uuid(), gen_random_uuid(), now(), 0, false, now(), 1 FROM cases;

INSERT INTO idempotency_keys (key, digest, case_id, version, answer, changed_at, expires_at)
SELECT sha256(uuid_send(id)), sha256(''), id, 1, '{}', now(), now() + number_sequence * interval '1 minute'
FROM cases;

INSERT INTO events (id, case_id, sequence, type, timestamp, actor_kind, visibility, changes, snapshot)
SELECT gen_random_uuid(), id, n, CASE n WHEN 1 THEN 'case.created' ELSE 'case.updated' END,
    created_at + n * interval '1 minute', 'CUSTOMER', 'PUBLIC', '[]', repeat('snapshot ', 20)
FROM cases, generate_series(1, 4) AS n;

INSERT INTO event_places (position, event_id)
SELECT row_number() OVER (ORDER BY timestamp), id FROM events;

INSERT INTO updates (id, case_id, sequence, position, timestamp, author_kind, visibility, message)
SELECT gen_random_uuid(), case_id, sequence, 0, timestamp, 'CUSTOMER', 'PUBLIC', 'words'
FROM events WHERE sequence > 1;

INSERT INTO attachments (id, update_id, position, filename, content_type, size, hash)
SELECT gen_random_uuid(), id, 0, 'a.txt', 'text/plain', 1, sha256('') FROM updates WHERE sequence = 2;

INSERT INTO uploads (id, uploaded_by, filename, content_type, created_at, size, hash)
SELECT id, NULL, filename, content_type, now(), size, hash FROM attachments;

INSERT INTO escalations (case_id, sequence, reason, level, previous_urgency, new_urgency)
SELECT case_id, sequence, 'reason', 1, 'MEDIUM', 'HIGH' FROM events WHERE sequence = 3;

INSERT INTO notifications (id, event_id, channel, template, address, status, attempts, due_at, claim,
    created_at, finished_at)
SELECT gen_random_uuid(), events.id, channel, 'case-updated-customer',
    'customer-' || number_sequence || '@firm.example',
    CASE WHEN number_sequence % 50 = 0 THEN 'PENDING' WHEN number_sequence % 50 = 1 THEN 'DEAD'
        ELSE 'SENT' END,
    1, timestamp, 1, timestamp, CASE WHEN number_sequence % 50 <> 0 THEN timestamp END
FROM events JOIN cases ON cases.id = case_id, (VALUES ('EMAIL'), ('WEBHOOK')) AS channel (channel);

INSERT INTO delivery_attempts (notification_id, claim, started_at, took_ms, outcome)
SELECT id, 1, created_at, 1, 'SENT' FROM notifications;

INSERT INTO suppressed_addresses (channel, address, reason, created_at)
SELECT 'SMS', '+4930' || n, '21610', now() FROM generate_series(1000000, 1005000) AS n;

INSERT INTO tags (id, name, folded, created_at)
SELECT md5('tag ' || n)::uuid, 'Tag ' || n, 'tag ' || n, now() FROM generate_series(1, 5000) AS n;

INSERT INTO tag_names (folded, tag_id)
SELECT folded, id FROM tags;

INSERT INTO case_tags (tag_id, case_id)
SELECT md5('tag ' || 1 + (number_sequence + n) % 5000)::uuid, id
FROM cases, generate_series(1, 3) AS n;

INSERT INTO erased_suppressions (mac, created_at)
SELECT md5(n::text), now() FROM generate_series(1, 5000) AS n;

INSERT INTO budget_uses (budget, minute, used)
SELECT sha256((n / 30)::text::bytea), n, 1 FROM generate_series(1, 30000) AS n;

INSERT INTO webhook_endpoints (id, url, event_types, secret, created_at)
SELECT gen_random_uuid(), 'https://receiver.example/' || n, '', sha256(''), now()
FROM generate_series(1, 20) AS n;

INSERT INTO audit_entries (id, position, at, actor_kind, actor_id, credential, action, subject, fields, hash)
SELECT gen_random_uuid(), n, now(), 'STAFF', 'staff-' || n % 100, 'tok_' || n % 300, 'staff.changed',
    'staff-' || n % 500, 'name', sha256(n::text::bytea)
FROM generate_series(1, 20000) AS n;

INSERT INTO audit_values (entry_id, salt, details, case_id)
SELECT id, sha256(''), '{"address":"203.0.113.9"}', CASE WHEN position % 10 = 0 THEN gen_random_uuid() END
FROM audit_entries;

INSERT INTO organizations (id, version, name, domains, customer_type, search_text, created_at)
SELECT gen_random_uuid(), 1, 'Firm ' || n, 'firm-' || n || '.example', 'BUSINESS', 'firm ' || n, now()
FROM generate_series(1, 10000) AS n;

INSERT INTO organization_domains (domain, organization_id) SELECT domains, id FROM organizations;

INSERT INTO contacts (id, version, emails, name, organization_id, is_organization_set, search_text, created_at)
SELECT gen_random_uuid(), 1, 'person-' || n || '@firm-' || n % 10000 || '.example', 'Person ' || n,
    NULL, false, 'person ' || n, now()
FROM generate_series(1, 30000) AS n;

UPDATE contacts SET organization_id = organizations.id, is_organization_set = true
FROM organization_domains JOIN organizations ON organizations.id = organization_id
WHERE organization_domains.domain = split_part(emails, '@', 2)
    AND right(emails, 9) = '1.example';

INSERT INTO contact_emails (address, contact_id, domain)
SELECT emails, id, split_part(emails, '@', 2) FROM contacts;

VACUUM ANALYZE;
