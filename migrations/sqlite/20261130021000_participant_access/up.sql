-- Generations of the proofs of the participants of a case as JSON, null as long as all are in the
-- first. They are apart from the participants, because a change of a case overwrites those.
ALTER TABLE cases ADD COLUMN participant_generations TEXT;

-- The code that a participant has last got, and how many they got lately. Those of customers are in
-- access_codes, where programs of earlier releases expect one row for each case.
CREATE TABLE participant_codes (
    case_id BLOB NOT NULL REFERENCES cases (id),
    person_id BLOB NOT NULL CHECK (length(person_id) = 16),
    notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    is_redeemed INTEGER NOT NULL CHECK (is_redeemed IN (0, 1)),
    -- The codes since the first that counts.
    counted_since INTEGER NOT NULL,
    counted INTEGER NOT NULL CHECK (counted > 0),
    PRIMARY KEY (case_id, person_id)
) STRICT;
