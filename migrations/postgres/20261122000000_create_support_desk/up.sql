-- Enumerations are text with a check: a new value is one short constraint away, and what a person
-- reads in psql is what the API says.

CREATE TABLE staff (
    id text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('AGENT', 'SUPERVISOR', 'ADMIN')),
    department text,
    phone text,
    created_at timestamptz NOT NULL,
    deactivated_at timestamptz
);

CREATE UNIQUE INDEX staff_email ON staff (lower(email));

CREATE TABLE staff_tokens (
    id uuid PRIMARY KEY,
    staff_id text NOT NULL REFERENCES staff (id),
    name text,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);

CREATE UNIQUE INDEX staff_tokens_hash ON staff_tokens (hash);
CREATE INDEX staff_tokens_staff_id ON staff_tokens (staff_id);

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    number_prefix text NOT NULL,
    number_year integer NOT NULL,
    number_sequence bigint NOT NULL CHECK (number_sequence > 0),
    version bigint NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN (
        'OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'ON_HOLD', 'RESOLVED', 'CLOSED', 'CANCELLED'
    )),
    status_rank integer NOT NULL GENERATED ALWAYS AS (
        CASE status
            WHEN 'OPEN' THEN 0 WHEN 'IN_PROGRESS' THEN 1 WHEN 'WAITING_ON_CUSTOMER' THEN 2
            WHEN 'ON_HOLD' THEN 3 WHEN 'RESOLVED' THEN 4 WHEN 'CLOSED' THEN 5 ELSE 6
        END
    ) STORED,
    status_since timestamptz NOT NULL,
    urgency text NOT NULL CHECK (urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    urgency_rank integer NOT NULL GENERATED ALWAYS AS (
        CASE urgency WHEN 'LOW' THEN 0 WHEN 'MEDIUM' THEN 1 WHEN 'HIGH' THEN 2 ELSE 3 END
    ) STORED,
    issue_type text NOT NULL CHECK (issue_type IN ('TECHNICAL', 'BILLING', 'GENERAL')),
    escalation_level integer NOT NULL CHECK (escalation_level BETWEEN 0 AND 3),
    customer_escalated_at timestamptz,
    priority_score integer NOT NULL CHECK (priority_score BETWEEN 0 AND 100),
    assigned_to text REFERENCES staff (id),
    assigned_at timestamptz,
    department text,
    created_at timestamptz NOT NULL,
    last_activity timestamptz NOT NULL,
    last_updated timestamptz NOT NULL,
    first_response timestamptz,
    first_response_due timestamptz NOT NULL,
    estimated_resolution timestamptz NOT NULL,
    -- Milliseconds.
    paused bigint NOT NULL CHECK (paused >= 0),
    customer_name text NOT NULL,
    customer_email text NOT NULL,
    customer_organization text,
    customer_phone text,
    customer_type text NOT NULL CHECK (customer_type IN ('FREE', 'BUSINESS', 'ENTERPRISE')),
    client_or_project_name text,
    subject text NOT NULL,
    message text NOT NULL,
    CONSTRAINT cases_number UNIQUE (number_year, number_sequence, number_prefix),
    CHECK ((assigned_to IS NULL) = (assigned_at IS NULL))
);

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
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases (id),
    sequence bigint NOT NULL CHECK (sequence > 0),
    type text NOT NULL CHECK (type IN (
        'case.created', 'case.updated', 'case.escalated', 'case.assigned', 'case.cancelled'
    )),
    "timestamp" timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('CUSTOMER', 'STAFF', 'SYSTEM')),
    actor_id text,
    actor_name text,
    visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'INTERNAL')),
    changes text NOT NULL,
    snapshot text NOT NULL,
    UNIQUE (case_id, sequence),
    CHECK ((actor_kind = 'STAFF') = (actor_id IS NOT NULL AND actor_name IS NOT NULL))
);

CREATE TABLE updates (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    sequence bigint NOT NULL,
    position integer NOT NULL CHECK (position >= 0),
    "timestamp" timestamptz NOT NULL,
    author_kind text NOT NULL CHECK (author_kind IN ('CUSTOMER', 'STAFF', 'SYSTEM')),
    author_id text,
    author_name text,
    visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'INTERNAL')),
    message text NOT NULL,
    UNIQUE (case_id, sequence, position),
    FOREIGN KEY (case_id, sequence) REFERENCES events (case_id, sequence),
    CHECK ((author_kind = 'STAFF') = (author_id IS NOT NULL AND author_name IS NOT NULL))
);

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    update_id uuid NOT NULL REFERENCES updates (id),
    position integer NOT NULL CHECK (position >= 0),
    filename text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    UNIQUE (update_id, position)
);

CREATE TABLE escalations (
    case_id uuid NOT NULL,
    sequence bigint NOT NULL,
    reason text NOT NULL,
    level integer NOT NULL CHECK (level BETWEEN 0 AND 3),
    previous_urgency text NOT NULL
        CHECK (previous_urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    new_urgency text NOT NULL CHECK (new_urgency IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    PRIMARY KEY (case_id, sequence),
    FOREIGN KEY (case_id, sequence) REFERENCES events (case_id, sequence)
);

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL REFERENCES events (id),
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'SMS', 'WEBHOOK')),
    template text NOT NULL,
    address text NOT NULL,
    status text NOT NULL CHECK (
        status IN ('PENDING', 'IN_FLIGHT', 'SENT', 'DELIVERED', 'DEAD', 'CANCELLED')
    ),
    attempts integer NOT NULL CHECK (attempts >= 0),
    -- When to try (again); while an attempt is under way, when its claim runs out.
    due_at timestamptz NOT NULL,
    -- Counts the claims: a completion has to name the latest.
    claim bigint NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (event_id, channel, template, address)
);

CREATE INDEX notifications_due ON notifications (due_at)
    WHERE status IN ('PENDING', 'IN_FLIGHT');

-- Where each year's case numbers go on. Drawn from in blocks, so that the row is touched once for
-- many cases, and without the right to create a sequence when the year turns.
CREATE TABLE case_number_blocks (
    year integer PRIMARY KEY,
    next_sequence bigint NOT NULL CHECK (next_sequence > 0)
);
