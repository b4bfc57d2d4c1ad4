DROP TABLE participant_codes;
ALTER TABLE cases DROP COLUMN participant_generations;
