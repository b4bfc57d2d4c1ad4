-- Members that are machines. To programs of earlier releases such a member is an agent who has left: they
-- accept none of its tokens and assign nothing to it. The check keeps them from bringing it back, which
-- would give it the rights of an agent.

-- Scopes of a machine and the members for whom it acts, as JSON. Null for people.
ALTER TABLE staff ADD COLUMN service TEXT CHECK (
    service IS NULL
    OR (json_valid(service) AND role = 'AGENT' AND deactivated_at IS NOT NULL)
);

-- Time at which a machine was deactivated.
ALTER TABLE staff ADD COLUMN service_deactivated_at INTEGER;

-- The machine that wrote an update, for itself or on behalf of the author. Null if a person wrote it.
ALTER TABLE updates ADD COLUMN via_id TEXT;
ALTER TABLE updates ADD COLUMN via_name TEXT;
