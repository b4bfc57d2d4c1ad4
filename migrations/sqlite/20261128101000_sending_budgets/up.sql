-- How much was sent of what anybody can cause without a login, by budget (the SHA-256 of its name, so
-- that no address stands here) and minute.
CREATE TABLE budget_uses (
    budget BLOB NOT NULL CHECK (length(budget) = 32),
    -- Minutes since 1970.
    minute INTEGER NOT NULL,
    used INTEGER NOT NULL CHECK (used > 0),
    PRIMARY KEY (budget, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX budget_uses_minute ON budget_uses (minute);

-- When the budgets let the message go: it is asked once, however often it is attempted.
ALTER TABLE notifications ADD COLUMN admitted_at INTEGER;
-- Since when they have not.
ALTER TABLE notifications ADD COLUMN held_back_at INTEGER;
-- What it is rendered from if it tells of the messages that were held back beside it.
ALTER TABLE notifications ADD COLUMN digest TEXT;

CREATE INDEX notifications_held_back ON notifications (channel, address)
    WHERE held_back_at IS NOT NULL AND status = 'PENDING';
