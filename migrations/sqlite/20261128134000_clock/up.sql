-- The latest time that a server of this file has seen, to half a minute: a clock that is behind it
-- was set back.
CREATE TABLE clock (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seen_at INTEGER NOT NULL
) STRICT;
