DROP INDEX cases_source;
