ALTER TABLE cases
    DROP COLUMN next_target_at,
    DROP COLUMN resolution_alert,
    DROP COLUMN first_response_alert;
