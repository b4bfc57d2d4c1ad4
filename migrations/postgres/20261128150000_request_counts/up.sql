-- How many requests of each quota somebody made in a minute, by each server: what servers tell each
-- other of their limits. Worth nothing after a crash, thus unlogged. Who it was is a pseudonym.
CREATE UNLOGGED TABLE request_counts (
    minute timestamptz NOT NULL,
    server uuid NOT NULL,
    quota text NOT NULL,
    who bytea NOT NULL CHECK (octet_length(who) = 16),
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, server, quota, who)
);
