ALTER TABLE cases
    DROP COLUMN replies_since,
    DROP COLUMN replies_counted,
    DROP COLUMN first_response_ended_at;
