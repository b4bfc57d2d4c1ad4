-- The code that a case has last got by which its customer shows that the case is theirs, and how many
-- it got lately. The code itself is made from the id of the message that brings it.
CREATE TABLE access_codes (
    case_id BLOB NOT NULL PRIMARY KEY REFERENCES cases (id),
    notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    is_redeemed INTEGER NOT NULL CHECK (is_redeemed IN (0, 1)),
    -- The codes since the first that counts.
    counted_since INTEGER NOT NULL,
    counted INTEGER NOT NULL CHECK (counted > 0)
) STRICT;

-- Messages with codes belong to an event, and there may be several.
DROP INDEX notifications_message;
CREATE UNIQUE INDEX notifications_message ON notifications (
    event_id, channel, template, address, coalesce(endpoint_id, x'')
) WHERE template <> 'case-access-customer';
