-- The code that a case has last got by which its customer shows that the case is theirs, and how many
-- it got lately. The code itself is made from the id of the message that brings it.
CREATE TABLE access_codes (
    case_id uuid PRIMARY KEY REFERENCES cases (id),
    notification_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    tries integer NOT NULL CHECK (tries >= 0),
    is_redeemed boolean NOT NULL,
    -- The codes since the first that counts.
    counted_since timestamptz NOT NULL,
    counted integer NOT NULL CHECK (counted > 0)
);

-- Messages with codes belong to an event, and there may be several.
DROP INDEX notifications_message;
CREATE UNIQUE INDEX notifications_message ON notifications (
    event_id, channel, template, address,
    coalesce(endpoint_id, '00000000-0000-0000-0000-000000000000')
) WHERE template <> 'case-access-customer';
