-- Whether somebody has the message sent again by itself: then the other side is asked anew whether
-- the address still wants no messages.
ALTER TABLE notifications ADD COLUMN is_asked_again INTEGER NOT NULL DEFAULT 0
    CHECK (is_asked_again IN (0, 1));
