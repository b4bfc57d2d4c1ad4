DROP TRIGGER webhook_endpoints_changed;
DROP TRIGGER webhook_endpoints_removed;
DROP TRIGGER webhook_endpoints_added;
DROP TRIGGER staff_tokens_removed;
DROP TRIGGER staff_removed;
DROP TRIGGER staff_changed;
DROP TABLE directory;
