-- Who wrote the message that a case begins with.
ALTER TABLE cases ADD COLUMN first_message_by TEXT NOT NULL DEFAULT 'CUSTOMER'
    CHECK (first_message_by IN ('CUSTOMER', 'STAFF'));
