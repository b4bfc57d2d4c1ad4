ALTER TABLE cases DROP COLUMN first_message_by;
