-- How many bytes of files the customer has sent to the case. What was sent before is not counted.
ALTER TABLE cases ADD COLUMN customer_file_bytes INTEGER NOT NULL DEFAULT 0 CHECK (customer_file_bytes >= 0);
