-- Since which migration a program works on the tables, for those that take something away from the programs
-- before them. A migration that does so adds a row, and its down.sql deletes it:
--   INSERT INTO schema_compatibility (version, compatible_from) VALUES ('<its own version>', '<the oldest>');
-- A program whose newest migration is older than any compatible_from does not start.
CREATE TABLE schema_compatibility (
    version text PRIMARY KEY,
    compatible_from text NOT NULL
);
