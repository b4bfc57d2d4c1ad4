-- Files whose content is stored, or about to be: written down before the content is, so that none is
-- kept that nobody knows of. Size and hash are known once it is complete.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    uploaded_by text,
    filename text NOT NULL,
    content_type text NOT NULL,
    created_at timestamptz NOT NULL,
    size bigint CHECK (size >= 0),
    hash bytea CHECK (length(hash) = 32),
    CHECK ((size IS NULL) = (hash IS NULL))
);

CREATE INDEX uploads_created_at ON uploads (created_at, id);
