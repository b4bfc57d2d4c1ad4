-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Members that are machines. To programs of earlier releases such a member is an agent who has left: they
-- accept none of its tokens and assign nothing to it. The check keeps them from bringing it back, which
-- would give it the rights of an agent.
ALTER TABLE staff
    -- Scopes of a machine and the members for whom it acts, as JSON. Null for people.
    ADD COLUMN service text,
    -- Time at which a machine was deactivated.
    ADD COLUMN service_deactivated_at timestamptz,
    ADD CONSTRAINT staff_service CHECK (
        service IS NULL OR (role = 'AGENT' AND deactivated_at IS NOT NULL)
    ) NOT VALID;

-- The machine that wrote an update, for itself or on behalf of the author. Null if a person wrote it.
ALTER TABLE updates
    ADD COLUMN via_id text,
    ADD COLUMN via_name text;
