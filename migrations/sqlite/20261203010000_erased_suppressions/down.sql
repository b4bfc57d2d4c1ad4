DROP TABLE erased_suppressions;
