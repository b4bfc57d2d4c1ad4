-- Who did what. Entries are added in the commit of the act; a sealer numbers them and chains them by hashes.
-- What they say in values and free text stands beside them, so that it can be erased while the chain
-- still holds.
CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    position bigint UNIQUE CHECK (position > 0),
    at timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('STAFF', 'COMMAND_LINE', 'SYSTEM', 'UNKNOWN')),
    actor_id text,
    credential text,
    request_id text,
    action text NOT NULL,
    subject text,
    owner text,
    fields text NOT NULL,
    values_mac bytea CHECK (length(values_mac) = 32),
    hash bytea CHECK (length(hash) = 32),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((position IS NULL) = (hash IS NULL))
);

CREATE INDEX audit_entries_unsealed ON audit_entries (id) WHERE position IS NULL;
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, position);
CREATE INDEX audit_entries_credential ON audit_entries (credential, position);
CREATE INDEX audit_entries_action ON audit_entries (action, position);
CREATE INDEX audit_entries_subject ON audit_entries (subject, position);
CREATE INDEX audit_entries_owner ON audit_entries (owner, position) WHERE owner IS NOT NULL;

CREATE TABLE audit_values (
    entry_id uuid PRIMARY KEY,
    salt bytea NOT NULL CHECK (length(salt) = 32),
    details text NOT NULL,
    case_id uuid
);

CREATE INDEX audit_values_case_id ON audit_values (case_id) WHERE case_id IS NOT NULL;

-- Where the part of the chain ends that retention cut off.
CREATE TABLE audit_base (
    id integer PRIMARY KEY CHECK (id = 1),
    position bigint NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);

INSERT INTO audit_base (id, position, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION audit_entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.position IS NOT NULL
            OR (NEW.id, NEW.at, NEW.actor_kind, NEW.action, NEW.fields)
                IS DISTINCT FROM (OLD.id, OLD.at, OLD.actor_kind, OLD.action, OLD.fields)
            OR (NEW.actor_id, NEW.credential, NEW.request_id, NEW.subject, NEW.owner, NEW.values_mac)
                IS DISTINCT FROM
                (OLD.actor_id, OLD.credential, OLD.request_id, OLD.subject, OLD.owner, OLD.values_mac)
        THEN
            RAISE EXCEPTION 'audit entries are only added';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'audit entries are only cut off up to the base';
    END IF;
    IF OLD.position IS NULL OR OLD.position > (SELECT position FROM audit_base) THEN
        RAISE EXCEPTION 'audit entries are only cut off up to the base';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_only_grow();

CREATE TRIGGER audit_entries_are_not_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_grow();

CREATE FUNCTION audit_values_are_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit values are added and erased, and never changed';
END
$$;

CREATE TRIGGER audit_values_are_only_erased BEFORE UPDATE ON audit_values
    FOR EACH ROW EXECUTE FUNCTION audit_values_are_only_erased();
