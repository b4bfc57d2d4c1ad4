-- What was answered to requests that are to take effect once, written in the commit of their change.
CREATE TABLE idempotency_keys (
    -- The SHA-256 of the operation, the caller and the key.
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    -- The SHA-256 of what was asked for.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    case_id BLOB NOT NULL REFERENCES cases (id),
    version INTEGER NOT NULL CHECK (version > 0),
    answer TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_case_id ON idempotency_keys (case_id);
