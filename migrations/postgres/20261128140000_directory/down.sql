DROP TRIGGER webhook_endpoints_directory ON webhook_endpoints;
DROP TRIGGER staff_tokens_directory ON staff_tokens;
DROP TRIGGER staff_directory ON staff;
DROP FUNCTION count_directory_change();
DROP FUNCTION directory_version();
DROP TABLE directory;
