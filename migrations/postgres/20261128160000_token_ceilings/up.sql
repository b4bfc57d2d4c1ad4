-- A token that a member makes for themselves gives no more than what it was made with, and ends with it.
-- Older tokens have no ceiling. An older program deletes a token alone: its children go with it.
ALTER TABLE staff_tokens
    ADD COLUMN role_ceiling text CHECK (role_ceiling IN ('AGENT', 'SUPERVISOR', 'ADMIN')),
    ADD COLUMN parent_id uuid CONSTRAINT staff_tokens_parent_id_fkey
        REFERENCES staff_tokens (id) ON DELETE CASCADE,
    ADD COLUMN made_by text,
    -- The secret before the last rotation, for as long as it is still good.
    ADD COLUMN superseded_hash bytea CHECK (length(superseded_hash) = 32),
    ADD COLUMN superseded_until timestamptz;

CREATE INDEX staff_tokens_parent_id ON staff_tokens (parent_id) WHERE parent_id IS NOT NULL;
CREATE UNIQUE INDEX staff_tokens_superseded_hash ON staff_tokens (superseded_hash)
    WHERE superseded_hash IS NOT NULL;

-- Tokens that were revoked, so that it can be told later that they were there.
CREATE TABLE removed_tokens (
    id uuid PRIMARY KEY,
    staff_id text NOT NULL REFERENCES staff (id),
    name text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    role_ceiling text,
    parent_id uuid,
    made_by text,
    removed_at timestamptz NOT NULL
);

CREATE INDEX removed_tokens_staff_id ON removed_tokens (staff_id, removed_at);
