-- Whether somebody has the message sent again by itself: then the other side is asked anew whether
-- the address still wants no messages.
ALTER TABLE notifications ADD COLUMN is_asked_again boolean NOT NULL DEFAULT false;
