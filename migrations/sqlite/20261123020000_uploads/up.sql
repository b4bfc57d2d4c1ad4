-- Files whose content is stored, or about to be: written down before the content is, so that none is
-- kept that nobody knows of. Size and hash are known once it is complete.
CREATE TABLE uploads (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    uploaded_by TEXT,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    size INTEGER CHECK (size >= 0),
    hash BLOB CHECK (length(hash) = 32),
    CHECK ((size IS NULL) = (hash IS NULL))
) STRICT;

CREATE INDEX uploads_created_at ON uploads (created_at, id);
