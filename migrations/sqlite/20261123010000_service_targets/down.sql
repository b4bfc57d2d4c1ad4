DROP INDEX cases_next_target_at;
ALTER TABLE cases DROP COLUMN next_target_at;
ALTER TABLE cases DROP COLUMN resolution_alert;
ALTER TABLE cases DROP COLUMN first_response_alert;
