-- Who did what. Entries are added in the commit of the act and chained by hashes; what they say in values
-- and free text stands beside them, so that it can be erased while the chain still holds.
CREATE TABLE audit_entries (
    position INTEGER NOT NULL PRIMARY KEY CHECK (position > 0),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('STAFF', 'COMMAND_LINE', 'SYSTEM', 'UNKNOWN')),
    actor_id TEXT,
    credential TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    owner TEXT,
    fields TEXT NOT NULL,
    values_mac BLOB CHECK (length(values_mac) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_entries_actor ON audit_entries (actor_id, position);
CREATE INDEX audit_entries_credential ON audit_entries (credential, position);
CREATE INDEX audit_entries_action ON audit_entries (action, position);
CREATE INDEX audit_entries_subject ON audit_entries (subject, position);
CREATE INDEX audit_entries_owner ON audit_entries (owner, position) WHERE owner IS NOT NULL;

CREATE TABLE audit_values (
    entry_id BLOB NOT NULL PRIMARY KEY CHECK (length(entry_id) = 16),
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    details TEXT NOT NULL,
    case_id BLOB
) STRICT;

CREATE INDEX audit_values_case_id ON audit_values (case_id) WHERE case_id IS NOT NULL;

-- Where the part of the chain ends that retention cut off.
CREATE TABLE audit_base (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

INSERT INTO audit_base (id, position, hash) VALUES (1, 0, zeroblob(32));

CREATE TRIGGER audit_entries_are_not_changed BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'audit entries are only added');
END;

CREATE TRIGGER audit_values_are_only_erased BEFORE UPDATE ON audit_values
BEGIN
    SELECT RAISE(ABORT, 'audit values are added and erased, and never changed');
END;

CREATE TRIGGER audit_entries_are_cut_at_the_beginning BEFORE DELETE ON audit_entries
WHEN OLD.position > (SELECT position FROM audit_base)
BEGIN
    SELECT RAISE(ABORT, 'audit entries are only cut off up to the base');
END;
