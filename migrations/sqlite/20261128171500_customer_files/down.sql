ALTER TABLE cases DROP COLUMN customer_file_bytes;
