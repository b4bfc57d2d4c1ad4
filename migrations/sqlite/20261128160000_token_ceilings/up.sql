-- A token that a member makes for themselves gives no more than what it was made with, and ends with it.
-- Older tokens have no ceiling. An older program deletes a token alone: its children go with it.
ALTER TABLE staff_tokens ADD COLUMN role_ceiling TEXT
    CHECK (role_ceiling IN ('AGENT', 'SUPERVISOR', 'ADMIN'));
ALTER TABLE staff_tokens ADD COLUMN parent_id BLOB REFERENCES staff_tokens (id) ON DELETE CASCADE;
ALTER TABLE staff_tokens ADD COLUMN made_by TEXT;

-- The secret before the last rotation, for as long as it is still good.
ALTER TABLE staff_tokens ADD COLUMN superseded_hash BLOB CHECK (length(superseded_hash) = 32);
ALTER TABLE staff_tokens ADD COLUMN superseded_until INTEGER;

CREATE INDEX staff_tokens_parent_id ON staff_tokens (parent_id) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX staff_tokens_superseded_hash ON staff_tokens (superseded_hash)
    WHERE superseded_hash IS NOT NULL;

-- Tokens that were revoked, so that it can be told later that they were there.
CREATE TABLE removed_tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    staff_id TEXT NOT NULL REFERENCES staff (id),
    name TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    role_ceiling TEXT,
    parent_id BLOB,
    made_by TEXT,
    removed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX removed_tokens_staff_id ON removed_tokens (staff_id, removed_at);
