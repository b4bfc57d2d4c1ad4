-- Suppressed addresses of erased persons, as keyed hashes. Programs of the release before neither read
-- nor write them.
CREATE TABLE erased_suppressions (
    mac text NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL
);
