-- What the messages of an endpoint have beside the headers of every message: NAME:VALUE, each in a line.
ALTER TABLE webhook_endpoints ADD COLUMN headers text NOT NULL DEFAULT '';
