-- A new channel or event type needs no migration: the domain guards what is written, and what is read
-- is parsed.
--
-- Each table is changed in a transaction of its own, since claims and commits lock these tables in
-- different orders. A table that stays locked for 5 s fails the migration, which can be run again,
-- instead of holding up every request behind it.
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE events DROP CONSTRAINT IF EXISTS events_type_check;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE notifications DROP CONSTRAINT IF EXISTS notifications_channel_check;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE channels DROP CONSTRAINT IF EXISTS channels_channel_check;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE suppressed_addresses DROP CONSTRAINT IF EXISTS suppressed_addresses_channel_check;
COMMIT;
BEGIN;
SET LOCAL lock_timeout = '5s';
ALTER TABLE refusals DROP CONSTRAINT IF EXISTS refusals_channel_check;
COMMIT;
