-- Who wrote the message that a case begins with.
ALTER TABLE cases
    ADD COLUMN first_message_by text NOT NULL DEFAULT 'CUSTOMER',
    ADD CONSTRAINT cases_first_message_by CHECK (first_message_by IN ('CUSTOMER', 'STAFF')) NOT VALID;
