-- How cases and updates came in. The domain guards what is written, so a new way needs no migration. An
-- update without a source has the usual one of its author.
ALTER TABLE cases ADD COLUMN source TEXT NOT NULL DEFAULT 'API';
ALTER TABLE updates ADD COLUMN source TEXT;

-- Cases that came in another way than most.
CREATE INDEX cases_source ON cases (source) WHERE source <> 'API';
