-- How cases and updates came in. The domain guards what is written, so a new way needs no migration. An
-- update without a source has the usual one of its author.
ALTER TABLE cases ADD COLUMN source text NOT NULL DEFAULT 'API';
ALTER TABLE updates ADD COLUMN source text;
