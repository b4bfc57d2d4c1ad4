-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Generations of the proofs of the participants of a case as JSON, null as long as all are in the
-- first. They are apart from the participants, because a change of a case overwrites those.
ALTER TABLE cases ADD COLUMN participant_generations text;

-- The code that a participant has last got, and how many they got lately. Those of customers are in
-- access_codes, where programs of earlier releases expect one row for each case.
CREATE TABLE participant_codes (
    case_id uuid NOT NULL REFERENCES cases (id),
    person_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    tries integer NOT NULL CHECK (tries >= 0),
    is_redeemed boolean NOT NULL,
    -- The codes since the first that counts.
    counted_since timestamptz NOT NULL,
    counted integer NOT NULL CHECK (counted > 0),
    PRIMARY KEY (case_id, person_id)
);
