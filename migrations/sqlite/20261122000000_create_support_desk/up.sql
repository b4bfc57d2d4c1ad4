-- Timestamps and durations are whole milliseconds: integers sort by value, RFC 3339 texts of
-- different length would not. Ids are the 16 bytes of a UUID, in their order of creation.

CREATE TABLE staff (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('AGENT', 'SUPERVISOR', 'ADMIN')),
    department TEXT,
    phone TEXT,
    created_at INTEGER NOT NULL,
    deactivated_at INTEGER
) STRICT;

CREATE TABLE staff_tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    staff_id TEXT NOT NULL REFERENCES staff (id),
    name TEXT,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE INDEX staff_tokens_staff_id ON staff_tokens (staff_id);

CREATE TABLE cases (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    number_prefix TEXT NOT NULL,
    number_year INTEGER NOT NULL,
    number_sequence INTEGER NOT NULL CHECK (number_sequence > 0),
    version INTEGER NOT NULL CHECK (version > 0),
    status TEXT NOT NULL CHECK (status IN (
        'OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'ON_HOLD', 'RESOLVED', 'CLOSED', 'CANCELLED'
    )),
    status_rank INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE status
            WHEN 'OPEN' THEN 0 WHEN 'IN_PROGRESS' THEN 1 WHEN 'WAITING_ON_CUSTOMER' THEN 2
            WHEN 'ON_HOLD' THEN 3 WHEN 'RESOLVED' THEN 4 WHEN 'CLOSED' THEN 5 ELSE 6
        END
    ) VIRTUAL,
    status_since INTEGER NOT NULL,
    urgency TEXT NOT NULL CHECK (urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    urgency_rank INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE urgency WHEN 'LOW' THEN 0 WHEN 'MEDIUM' THEN 1 WHEN 'HIGH' THEN 2 ELSE 3 END
    ) VIRTUAL,
    issue_type TEXT NOT NULL CHECK (issue_type IN ('TECHNICAL', 'BILLING', 'GENERAL')),
    escalation_level INTEGER NOT NULL CHECK (escalation_level BETWEEN 0 AND 3),
    customer_escalated_at INTEGER,
    priority_score INTEGER NOT NULL CHECK (priority_score BETWEEN 0 AND 100),
    assigned_to TEXT REFERENCES staff (id),
    assigned_at INTEGER,
    department TEXT,
    created_at INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    first_response INTEGER,
    first_response_due INTEGER NOT NULL,
    estimated_resolution INTEGER NOT NULL,
    paused INTEGER NOT NULL CHECK (paused >= 0),
    customer_name TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    customer_organization TEXT,
    customer_phone TEXT,
    customer_type TEXT NOT NULL CHECK (customer_type IN ('FREE', 'BUSINESS', 'ENTERPRISE')),
    client_or_project_name TEXT,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    UNIQUE (number_year, number_sequence, number_prefix),
    CHECK ((assigned_to IS NULL) = (assigned_at IS NULL))
) STRICT;

-- One for each order a list can have; ties are broken by number, so that pages never overlap.
CREATE INDEX cases_created_at
    ON cases (created_at, number_year, number_sequence, number_prefix);
CREATE INDEX cases_last_activity
    ON cases (last_activity, number_year, number_sequence, number_prefix);
CREATE INDEX cases_urgency
    ON cases (urgency_rank, number_year, number_sequence, number_prefix);
CREATE INDEX cases_priority_score
    ON cases (priority_score, number_year, number_sequence, number_prefix);
CREATE INDEX cases_estimated_resolution
    ON cases (estimated_resolution, number_year, number_sequence, number_prefix);
CREATE INDEX cases_status
    ON cases (status_rank, number_year, number_sequence, number_prefix);
CREATE INDEX cases_assigned_to ON cases (assigned_to) WHERE assigned_to IS NOT NULL;

CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    case_id BLOB NOT NULL REFERENCES cases (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    type TEXT NOT NULL CHECK (type IN (
        'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled'
    )),
    timestamp INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('CUSTOMER', 'STAFF', 'SYSTEM')),
    actor_id TEXT,
    actor_name TEXT,
    visibility TEXT NOT NULL CHECK (visibility IN ('PUBLIC', 'INTERNAL')),
    changes TEXT NOT NULL CHECK (json_valid(changes)),
    snapshot TEXT NOT NULL,
    UNIQUE (case_id, sequence),
    CHECK ((actor_kind = 'STAFF') = (actor_id IS NOT NULL AND actor_name IS NOT NULL))
) STRICT;

CREATE TABLE updates (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    case_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    timestamp INTEGER NOT NULL,
    author_kind TEXT NOT NULL CHECK (author_kind IN ('CUSTOMER', 'STAFF', 'SYSTEM')),
    author_id TEXT,
    author_name TEXT,
    visibility TEXT NOT NULL CHECK (visibility IN ('PUBLIC', 'INTERNAL')),
    message TEXT NOT NULL,
    UNIQUE (case_id, sequence, position),
    FOREIGN KEY (case_id, sequence) REFERENCES events (case_id, sequence),
    CHECK ((author_kind = 'STAFF') = (author_id IS NOT NULL AND author_name IS NOT NULL))
) STRICT;

CREATE TABLE attachments (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    update_id BLOB NOT NULL REFERENCES updates (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (update_id, position)
) STRICT;

CREATE TABLE escalations (
    case_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    reason TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),
    previous_urgency TEXT NOT NULL
        CHECK (previous_urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    new_urgency TEXT NOT NULL CHECK (new_urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    PRIMARY KEY (case_id, sequence),
    FOREIGN KEY (case_id, sequence) REFERENCES events (case_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    event_id BLOB NOT NULL REFERENCES events (id),
    channel TEXT NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    template TEXT NOT NULL,
    address TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('PENDING', 'IN_FLIGHT', 'SENT', 'DELIVERED', 'DEAD', 'CANCELLED')
    ),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    -- When to try (again); while an attempt is under way, when its claim runs out.
    due_at INTEGER NOT NULL,
    -- Counts the claims: a completion has to name the latest.
    claim INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (event_id, channel, template, address)
) STRICT;

CREATE INDEX notifications_due ON notifications (due_at)
    WHERE status IN ('PENDING', 'IN_FLIGHT');
