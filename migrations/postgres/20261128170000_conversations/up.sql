-- How often the customer replied lately, and when the wait for a first answer ended without one.
ALTER TABLE cases
    ADD COLUMN replies_since timestamptz,
    ADD COLUMN replies_counted integer CHECK (replies_counted > 0),
    ADD COLUMN first_response_ended_at timestamptz,
    ADD CONSTRAINT cases_replies CHECK ((replies_since IS NULL) = (replies_counted IS NULL)) NOT VALID;
