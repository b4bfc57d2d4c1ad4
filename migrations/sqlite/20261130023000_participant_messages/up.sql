-- The participant whom a notification is for; null for the customer, staff and endpoints. Programs of
-- earlier releases do not know the templates for participants, so they claim none of these
-- notifications.
ALTER TABLE notifications ADD COLUMN person_id BLOB;
