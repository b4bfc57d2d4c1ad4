-- How often the customer replied lately.
ALTER TABLE cases ADD COLUMN replies_since INTEGER;
ALTER TABLE cases ADD COLUMN replies_counted INTEGER CHECK (replies_counted > 0);
-- When the wait for a first answer ended without one.
ALTER TABLE cases ADD COLUMN first_response_ended_at INTEGER;

-- What customers read of a conversation, however much staff write among themselves.
CREATE INDEX updates_public ON updates (case_id, sequence, position) WHERE visibility = 'PUBLIC';
