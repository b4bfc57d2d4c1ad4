ALTER TABLE updates DROP COLUMN person_name;
ALTER TABLE updates DROP COLUMN person_id;
ALTER TABLE events DROP COLUMN person_id;
ALTER TABLE cases DROP COLUMN participants;
