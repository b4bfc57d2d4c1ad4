-- How often the proofs of ownership of a case were made void. Changes of the case leave it alone.
ALTER TABLE cases
    ADD COLUMN access_generation integer NOT NULL DEFAULT 0 CHECK (access_generation >= 0);
