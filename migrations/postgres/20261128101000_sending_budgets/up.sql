-- How much was sent of what anybody can cause without a login, by budget (the SHA-256 of its name, so
-- that no address stands here) and minute.
CREATE TABLE budget_uses (
    budget bytea NOT NULL CHECK (length(budget) = 32),
    -- Minutes since 1970.
    minute bigint NOT NULL,
    used integer NOT NULL CHECK (used > 0),
    PRIMARY KEY (budget, minute)
);
CREATE INDEX budget_uses_minute ON budget_uses (minute);

ALTER TABLE notifications
    -- When the budgets let the message go: it is asked once, however often it is attempted.
    ADD COLUMN admitted_at timestamptz,
    -- Since when they have not.
    ADD COLUMN held_back_at timestamptz,
    -- What it is rendered from if it tells of the messages that were held back beside it.
    ADD COLUMN digest text;
