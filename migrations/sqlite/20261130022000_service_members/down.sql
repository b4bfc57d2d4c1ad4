ALTER TABLE updates DROP COLUMN via_name;
ALTER TABLE updates DROP COLUMN via_id;
-- A machine stays as an agent who has left.
ALTER TABLE staff DROP COLUMN service_deactivated_at;
ALTER TABLE staff DROP COLUMN service;
