ALTER TABLE updates
    DROP COLUMN via_name,
    DROP COLUMN via_id;
-- A machine stays as an agent who has left.
ALTER TABLE staff
    DROP CONSTRAINT staff_service,
    DROP COLUMN service_deactivated_at,
    DROP COLUMN service;
