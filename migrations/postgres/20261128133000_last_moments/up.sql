-- The last moment at which a message is worth sending, such as that of a code.
ALTER TABLE notifications ADD COLUMN expires_at timestamptz;
