ALTER TABLE events DROP COLUMN request_id;
ALTER TABLE events DROP COLUMN address;
ALTER TABLE events DROP COLUMN credential;
