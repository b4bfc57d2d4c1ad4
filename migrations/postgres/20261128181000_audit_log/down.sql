DROP TABLE audit_entries;
DROP FUNCTION audit_entries_only_grow();
DROP TABLE audit_values;
DROP FUNCTION audit_values_are_only_erased();
DROP TABLE audit_base;
